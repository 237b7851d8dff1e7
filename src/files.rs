//! Where contract and catalogue texts come from: embedded in the binary, or a folder that the
//! operator names.
//!
//! Knows: paths and bytes. The only door to `rust-embed` and to reading whole folders. Must not
//! know what the files mean.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rust_embed::RustEmbed;

use crate::decode;
use crate::problem::Problem;
pub use crate::texts::{FileSet, digest, hex};

#[derive(RustEmbed)]
#[folder = "schemas/"]
struct EmbeddedContract;

#[derive(RustEmbed)]
#[folder = "cases/"]
struct EmbeddedCatalogue;

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

/// The contract that was built into this binary.
#[must_use]
pub fn embedded_contract() -> FileSet {
    built_in_contract().clone()
}

/// The same, read once.
#[must_use]
pub fn built_in_contract() -> &'static FileSet {
    static FILES: OnceLock<FileSet> = OnceLock::new();
    FILES.get_or_init(embedded::<EmbeddedContract>)
}

/// An operation file of that contract as JSON, converted when this binary was built.
#[must_use]
pub fn converted_operation(name: &str) -> Option<&'static str> {
    let at = OPERATIONS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    OPERATIONS.get(at).map(|(_, json)| *json)
}

/// The catalogue that was built into this binary.
#[must_use]
pub fn embedded_catalogue() -> FileSet {
    embedded::<EmbeddedCatalogue>()
}

fn embedded<E: RustEmbed>() -> FileSet {
    E::iter()
        .filter_map(|path| {
            E::get(&path)
                .map(|file| (path.to_string(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect()
}

/// The largest file that an operator may name where one text is read whole, in bytes.
const MOST_TEXT: u64 = 64 * 1024 * 1024;

/// The bytes of one file that an operator names: a regular one, or a pipe.
#[expect(
    clippy::disallowed_methods,
    reason = "the one door to a single file that an operator names"
)]
pub fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    if std::fs::metadata(path)?.is_dir() {
        return Err(std::io::Error::other("it is a folder; expected a file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_TEXT {
        return Err(std::io::Error::other(format!(
            "the file is larger than {} MiB",
            MOST_TEXT / 1024 / 1024
        )));
    }
    Ok(bytes)
}

/// A word that changes when a file is written; none where there is no file.
#[must_use]
pub fn written(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    Some(format!("{:?} {}", about.modified().ok(), about.len()))
}

/// The text of one file that an operator names, in UTF-8 or in UTF-16 as a Windows shell writes it.
pub fn text(path: &Path) -> std::io::Result<String> {
    decoded(&bytes(path)?)
}

/// The text of a file that a run or a recorder wrote. Such a file can be large, but not endless.
#[expect(clippy::disallowed_methods, reason = "the one door to a single file of a run")]
pub fn long_text(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let most = most_of(&std::fs::metadata(path)?);
    std::fs::File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(std::io::Error::other(format!(
            "it isn't a regular file, and gives more than {} MiB",
            most / 1024 / 1024
        )));
    }
    decoded(&bytes)
}

/// How much is read of what may have no end: a regular file has one.
#[must_use]
pub fn most_of(about: &std::fs::Metadata) -> u64 {
    const MOST_OF_A_STREAM: u64 = 256 * 1024 * 1024;
    if about.is_file() { u64::MAX } else { MOST_OF_A_STREAM }
}

fn decoded(bytes: &[u8]) -> std::io::Result<String> {
    decode::text(bytes).ok_or_else(|| {
        let what = "the file isn't text in UTF-8, or in UTF-16 with a byte order mark";
        std::io::Error::new(std::io::ErrorKind::InvalidData, what)
    })
}

/// The pages below a folder, or the one file: their names and texts. A folder gives its `.txt`,
/// `.html`, `.htm`, `.md` and `.json` files, in the order of their names.
pub fn pages(path: &Path) -> std::io::Result<Vec<(std::path::PathBuf, String)>> {
    let mut found = Vec::new();
    if path.is_dir() {
        page_files(path, &mut found, &mut Vec::new())?;
        found.sort();
    } else {
        found.push(path.to_owned());
    }
    found.into_iter().map(|path| page(&path).map(|text| (path, text))).collect()
}

/// A page is read as far as it is UTF-8; what isn't is replaced, for saved pages come in all forms.
fn page(path: &Path) -> std::io::Result<String> {
    let bytes = bytes(path)?;
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the one door to folders of saved pages")]
fn page_files(
    folder: &Path,
    found: &mut Vec<std::path::PathBuf>,
    above: &mut Vec<std::path::PathBuf>,
) -> std::io::Result<()> {
    const DEEPEST: usize = 16;
    // A link may lead back to a folder that is being read.
    let here = resolved(folder);
    if above.len() > DEEPEST || above.contains(&here) {
        return Ok(());
    }
    above.push(here);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            page_files(&path, found, above)?;
        } else if ["txt", "html", "htm", "md", "json"]
            .iter()
            .any(|extension| crate::texts::is(&path.to_string_lossy(), extension))
        {
            found.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// Whether this process was started so that the end of its terminal is none of its own; also where
/// nobody can tell.
#[must_use]
pub fn hangups_are_ignored() -> bool {
    let status = text(Path::new("/proc/self/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is that of the first signal.
    ignored.is_none_or(|mask| mask.trim().ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']))
}

/// A path by which a file is known however it was named; as it was named where it isn't there.
#[must_use]
pub fn resolved(path: &Path) -> std::path::PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// What lies below a folder where reports of runs are kept.
#[derive(Debug, Default)]
pub struct Kept {
    /// Files that are reports, or are called so.
    pub reports: Vec<std::path::PathBuf>,
    /// Folders with a record and no report.
    pub only_records: Vec<std::path::PathBuf>,
    /// Folders and files that couldn't be read, with the reason.
    pub unreadable: Vec<(std::path::PathBuf, std::io::Error)>,
}

/// Searches a folder, and those in it, for reports of runs: files called `report.json`, and other
/// `.json` files that begin like one. Links to folders aren't followed, for they may lead round in
/// circles, and the copies for strangers that lie beside a report aren't looked at.
#[must_use]
pub fn kept(folder: &Path) -> Kept {
    let mut kept = Kept::default();
    search(folder, &mut kept, 0);
    kept
}

#[expect(clippy::disallowed_methods, reason = "the one door to folders of kept reports")]
fn search(folder: &Path, kept: &mut Kept, depth: usize) {
    const DEEPEST: usize = 32;
    let listed = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<std::io::Result<Vec<std::fs::DirEntry>>>);
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => {
            kept.unreadable.push((folder.to_path_buf(), error));
            return;
        }
    };
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let has = |name: &str| entries.iter().any(|entry| entry.file_name() == *name);
    let (report, record) = (has("report.json"), has("transcript.jsonl"));
    if record && !report {
        kept.only_records.push(folder.to_path_buf());
    }
    for entry in entries {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder {
            if depth < DEEPEST && !(report && entry.file_name() == "share") {
                search(&path, kept, depth + 1);
            }
        } else if entry.file_name() == "report.json"
            || (crate::texts::is(&path.to_string_lossy(), "json") && begins_like_a_report(&path))
        {
            kept.reports.push(path);
        }
    }
}

/// Whether the beginning of a file names the format of a report.
#[expect(clippy::disallowed_methods, reason = "the one door to folders of kept reports")]
fn begins_like_a_report(path: &Path) -> bool {
    use std::io::Read as _;
    const MOST: u64 = 1024;
    let mut start = Vec::new();
    path.is_file()
        && std::fs::File::open(path)
            .and_then(|file| file.take(MOST).read_to_end(&mut start))
            .is_ok_and(|_| String::from_utf8_lossy(&start).contains("\"lxca-conform/report/"))
}

/// Every `.toml` and `.json` file below `folder`.
pub fn folder(folder: &Path) -> Result<FileSet, Vec<Problem>> {
    let mut found = FileSet::new();
    let mut problems = Vec::new();
    walk(folder, folder, &mut Vec::new(), &mut found, &mut problems);
    if problems.is_empty() && found.is_empty() {
        problems.push(
            Problem::new(
                folder.display().to_string(),
                "the folder contains no .toml or .json \
                file",
            )
            .fix("name the folder that contains them"),
        );
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The files of a folder whose names end so, in the order of their names; folders in it are left
/// alone.
#[expect(clippy::disallowed_methods, reason = "the one door to listing folders")]
pub fn of_folder(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|one| one == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one door to reading folders of the contract and the catalogue"
)]
fn walk(
    root: &Path,
    folder: &Path,
    above: &mut Vec<std::path::PathBuf>,
    found: &mut FileSet,
    problems: &mut Vec<Problem>,
) {
    // A link may lead back to a folder that is being read.
    let here = resolved(folder);
    if above.contains(&here) {
        return;
    }
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            problems.push(Problem::new(
                folder.display().to_string(),
                format!("the folder can't be read: {error}"),
            ));
            return;
        }
    };
    above.push(here);
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, above, found, problems);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "toml" || extension == "json")
        {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    found.insert(name, text);
                }
                Err(error) => problems.push(Problem::new(
                    path.display().to_string(),
                    format!("the file can't be read: {error}"),
                )),
            }
        }
    }
    above.pop();
}
