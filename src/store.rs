//! The record: `transcript.jsonl`, one row per event, header first, footer last.
//!
//! Knows: how rows become a file and back. The one door to writing files. Must not know: what a row
//! means for a verdict.

mod folder;
mod growing;
mod lines;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::exchange::Exchange;
use crate::files;
use crate::problem::json_flaw;
pub use crate::record::{
    CatalogueId, ContractId, DocumentId, EndedEarly, FORMAT, Footer, Header, Identity,
    IntendedRequest, Record, Row, TargetId, TargetKind, Tool,
};
use crate::texts::hex;
use crate::why::Flaw;

pub use folder::{Hold, beside, fresh, unmake};
pub use growing::GrowingFile;
pub use lines::Lines;

use folder::locked;

/// What can go wrong with files of a run.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file couldn't be written.
    #[error("write {path}: {source}; what was written before is kept")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A record is no longer where it was begun.
    #[error(
        "write {path}: it was moved or removed during the run, and what was recorded with it; run \
            again, and leave the folder alone"
    )]
    Gone {
        /// Which.
        path: PathBuf,
    },
    /// A file couldn't be read.
    #[error("read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another run is at work in the folder.
    #[error("use the folder {}: another run is using it; wait for it to finish, or name another \
        folder with --out", .folder.display())]
    InUse {
        /// Which.
        folder: PathBuf,
    },
    /// Another process has the file.
    #[error(
        "use {path}: another run is writing it; wait for it to finish, or name another file \
        with --out"
    )]
    Held {
        /// Which.
        path: PathBuf,
    },
    /// It isn't a record.
    #[error("read {path}:{line}: {what}; a record begins with a header row of format {FORMAT}")]
    NotARecord {
        /// Which.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// Why.
        what: String,
    },
}

/// Appends rows to a record, each flushed before the next, so that a killed run leaves whole rows.
#[derive(Debug)]
pub struct RecordWriter {
    path: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    rows: u64,
    /// In outline. None where they aren't given back in the end.
    exchanges: Option<Vec<Row>>,
    /// Where each of them begins in the file.
    places: Vec<u64>,
    bytes: u64,
    count: u64,
    notes: Vec<String>,
}

impl RecordWriter {
    /// Holds no exchange in memory, so that a record can go on for days; `close` gives none back.
    #[must_use]
    pub fn without_copies(self) -> Self {
        Self { exchanges: None, ..self }
    }

    /// Creates the folder and an empty record, and takes away reports of an earlier run, so that
    /// none outlives a crash. The folder is this run's as long as the writer or one of its holds
    /// lives; the lock goes with the process, however that ends.
    #[expect(clippy::disallowed_methods, reason = "the one door to writing files")]
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let files = || crate::report::FORMS.iter().filter_map(|form| form.file);
        let path = folder.join(RECORD_FILE);
        let wrap = |source| StoreError::Write { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(wrap)?;
        // What stands in it is another run's until the lock is ours, so that it isn't cut off on
        // opening.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(wrap)?;
        locked(folder, file.try_lock())?;
        file.set_len(0).map_err(wrap)?;
        let shared = files().chain([RECORD_FILE]).map(|name| Path::new("share").join(name));
        for old in files().map(PathBuf::from).chain(shared) {
            match std::fs::remove_file(folder.join(&old)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StoreError::Write { path: folder.join(old), source: error });
                }
                _ => {}
            }
        }
        let out = BufWriter::new(file);
        Ok(Self {
            path,
            out,
            hash: Sha256::new(),
            rows: 0,
            exchanges: Some(Vec::new()),
            places: Vec::new(),
            bytes: 0,
            count: 0,
            notes: Vec::new(),
        })
    }

    /// Appends one row.
    pub fn append(&mut self, row: Row) -> Result<(), StoreError> {
        if let Row::Exchange(exchange) = &row {
            return self.append_exchange(exchange);
        }
        let line = serde_json::to_vec(&row).map_err(|error| self.failed(error.into()))?;
        self.write(line)?;
        if let Row::Note { text } = row {
            self.notes.push(text);
        }
        Ok(())
    }

    /// Appends one exchange: the same line as its row, without a copy of its bodies.
    pub fn append_exchange(&mut self, exchange: &Exchange) -> Result<(), StoreError> {
        let object = serde_json::to_vec(exchange).map_err(|error| self.failed(error.into()))?;
        let mut line = Vec::with_capacity(object.len() + 24);
        line.extend_from_slice(br#"{"row":"exchange","#);
        line.extend_from_slice(object.get(1..).unwrap_or_default());
        let place = self.bytes;
        self.write(line)?;
        self.count += 1;
        if let Some(exchanges) = &mut self.exchanges {
            exchanges.push(Row::Exchange(Box::new(exchange.outline())));
            self.places.push(place);
        }
        Ok(())
    }

    /// The exchanges so far, in outline.
    #[must_use]
    pub fn outlines(&self) -> Vec<&Exchange> {
        self.exchanges.iter().flatten().filter_map(Row::exchange).collect()
    }

    /// Reads some of them back with their bodies and headers, as `close` then gives them; `which`
    /// are places in [`Self::outlines`].
    pub fn recall(&mut self, which: &[usize]) -> Result<(), StoreError> {
        let Some(exchanges) = self.exchanges.as_mut().filter(|_| !which.is_empty()) else {
            return Ok(());
        };
        let wrap = |source| StoreError::Read { path: self.path.clone(), source };
        // Not opened again: some systems let nobody else read a file that is locked.
        let mut file = BufReader::new(self.out.get_ref().try_clone().map_err(wrap)?);
        for index in which {
            let (Some(row), Some(place)) = (exchanges.get_mut(*index), self.places.get(*index))
            else {
                continue;
            };
            let mut line = Vec::new();
            file.seek(SeekFrom::Start(*place)).map_err(wrap)?;
            file.read_until(b'\n', &mut line).map_err(wrap)?;
            let whole: Row = serde_json::from_slice(&line).map_err(|error| wrap(error.into()))?;
            if let Row::Exchange(whole) = whole {
                *row = Row::Exchange(Box::new(whole.in_short()));
            }
        }
        // The next row goes behind the last one again.
        file.into_inner().seek(SeekFrom::End(0)).map_err(wrap)?;
        Ok(())
    }

    fn write(&mut self, mut line: Vec<u8>) -> Result<(), StoreError> {
        line.push(b'\n');
        self.out
            .write_all(&line)
            .and_then(|()| self.out.flush())
            .map_err(|source| self.failed(source))?;
        self.hash.update(&line);
        self.rows += 1;
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::Write { path: self.path.clone(), source }
    }

    /// Keeps the folder for this run beyond the end of its record: its reports are still to be
    /// written.
    pub fn hold(&self) -> Result<Hold, StoreError> {
        self.out.get_ref().try_clone().map(Hold).map_err(|source| self.failed(source))
    }

    /// The notes that were kept so far.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Closes the record; gives back its exchanges, in outline but for those that were recalled.
    pub fn close(
        mut self,
        finished: jiff::Timestamp,
        ended_early: Option<EndedEarly>,
    ) -> Result<(Vec<Row>, Footer), StoreError> {
        let digest = format!("sha256:{}", hex(&self.hash.clone().finalize()));
        let footer =
            Footer { finished, rows: self.rows, exchanges: self.count, ended_early, digest };
        self.append(Row::Footer(footer.clone()))?;
        if !self.is_in_place().map_err(|source| self.failed(source))? {
            return Err(StoreError::Gone { path: self.path });
        }
        Ok((self.exchanges.unwrap_or_default(), footer))
    }

    /// Whether the file still has the name under which it was opened: reports beside a record that
    /// isn't there would stand for nothing.
    fn is_in_place(&self) -> std::io::Result<bool> {
        let named = match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            named => named?,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let open = self.out.get_ref().metadata()?;
            Ok((named.dev(), named.ino()) == (open.dev(), open.ino()))
        }
        #[cfg(not(unix))]
        Ok(named.is_file())
    }
}

/// The record of a run.
const RECORD_FILE: &str = "transcript.jsonl";

/// Reads a record, whole or interrupted. A last row that was cut in the middle is dropped and
/// named.
#[expect(clippy::disallowed_methods, reason = "the one door to reading a record")]
pub fn read(path: &Path) -> Result<Record, StoreError> {
    let path = if path.is_dir() { path.join(RECORD_FILE) } else { path.to_path_buf() };
    let wrap = |source| StoreError::Read { path: path.clone(), source };
    let file = File::open(&path).map_err(wrap)?;
    let most = files::most_of(&file.metadata().map_err(wrap)?);
    let mut reader = BufReader::new(file.take(most));
    let mut hash = Sha256::new();
    let (mut header, mut rows, mut footer, mut footer_digest, mut flaws) =
        (None, Vec::new(), None, None, Vec::new());
    let mut line = Vec::new();
    let mut number = 0_usize;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(wrap)? == 0 {
            break;
        }
        number += 1;
        let whole = line.ends_with(b"\n");
        let not_a_record =
            |what: String| StoreError::NotARecord { path: path.clone(), line: number, what };
        let row: Row = match serde_json::from_slice(&line) {
            Ok(row) => row,
            Err(_) if !whole && header.is_some() => {
                flaws.push(Flaw::Cut { row: number as u64 });
                break;
            }
            Err(error) => {
                return Err(not_a_record(format!("the row can't be read: {}", json_flaw(&error))));
            }
        };
        match (row, &header) {
            (Row::Header(found), None) if found.format == FORMAT => header = Some(*found),
            (Row::Header(found), None) => {
                return Err(not_a_record(format!("the format is `{}`", found.format)));
            }
            (_, None) => return Err(not_a_record("the first row isn't a header".to_owned())),
            (Row::Header(_), Some(_)) => return Err(not_a_record("a second header".to_owned())),
            (Row::Footer(found), Some(_)) => {
                let digest = format!("sha256:{}", hex(&hash.clone().finalize()));
                if digest != found.digest {
                    flaws.push(Flaw::Changed);
                }
                footer = Some(found);
                footer_digest = Some(digest);
            }
            (row, Some(_)) => rows.push(row),
        }
        hash.update(&line);
    }
    let Some(header) = header else {
        return Err(StoreError::NotARecord { path, line: 1, what: "the file is empty".to_owned() });
    };
    let digest = footer_digest.unwrap_or_else(|| format!("sha256:{}", hex(&hash.finalize())));
    Ok(Record { header, rows, footer, flaws, digest, recording: None })
}

/// The digest of the record in a folder, as its footer has it; none where there is no record, or no
/// footer.
#[expect(clippy::disallowed_methods, reason = "the one door to reading a record")]
#[must_use]
pub fn digest_of_record(folder: &Path) -> Option<String> {
    // No footer is longer.
    const MOST: u64 = 64 << 10;
    let mut file = File::open(folder.join(RECORD_FILE)).ok()?;
    let size = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(size.saturating_sub(MOST))).ok()?;
    let mut end = Vec::new();
    file.take(MOST).read_to_end(&mut end).ok()?;
    let line = end.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
    match serde_json::from_slice(line).ok()? {
        Row::Footer(footer) => Some(footer.digest),
        _ => None,
    }
}

/// Whether the first line of a file is a row of a record, whatever its name. A file that can't be
/// read is left to whoever reads it.
#[expect(clippy::disallowed_methods, reason = "the one door to reading a record")]
#[must_use]
pub fn begins_like_a_record(path: &Path) -> bool {
    // No header is longer, and a HAR may be one line.
    const MOST: u64 = 16 << 20;
    let Ok(file) = File::open(path) else { return false };
    let mut line = Vec::new();
    if BufReader::new(file.take(MOST)).read_until(b'\n', &mut line).is_err() {
        return false;
    }
    serde_json::from_slice::<serde_json::Value>(&line).is_ok_and(|row| row.get("row").is_some())
}

/// Writes a file whole or not at all.
#[expect(clippy::disallowed_methods, reason = "the one door to writing files")]
pub fn write_file(path: &Path, text: &str) -> Result<(), StoreError> {
    let wrap = |source| StoreError::Write { path: path.to_path_buf(), source };
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(wrap)?;
    let mut file =
        tempfile::Builder::new().prefix(".writing-").tempfile_in(folder).map_err(wrap)?;
    file.write_all(text.as_bytes()).map_err(wrap)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(wrap)?;
    }
    file.persist(path).map_err(|error| wrap(error.error))?;
    Ok(())
}

/// Reads a text file of an earlier run.
pub fn read_text(path: &Path) -> Result<String, StoreError> {
    files::long_text(path).map_err(|source| StoreError::Read { path: path.to_path_buf(), source })
}

/// Adds to the end of a file that somebody else may write too, such as the summary of a CI step.
pub fn append(path: &Path, text: &str) -> Result<(), StoreError> {
    let wrap = |source| StoreError::Write { path: path.to_path_buf(), source };
    let mut file =
        std::fs::OpenOptions::new().append(true).create(true).open(path).map_err(wrap)?;
    file.write_all(text.as_bytes()).map_err(wrap)
}

/// Takes a file away, if it is there.
#[expect(clippy::disallowed_methods, reason = "the one door to removing files")]
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Write { path: path.to_path_buf(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
