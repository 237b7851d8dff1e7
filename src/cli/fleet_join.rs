//! `report` of several fleets: the shards of one, joined.
//!
//! Knows: where a fleet keeps the reports of its appliances. Must not know: how a fleet is drawn.

use std::path::{Component, Path, PathBuf};

use crate::files;
use crate::fleet::{self, Appliance, Collected, Kept};
use crate::report::{Form, Shards};
use crate::store;
use crate::terms::Shard;

use super::args::{ReportArgs, TextOrJson};
use super::fleet::{exit_of_fleet, show, write};
use super::records::report_of;
use super::{Failure, Outcome, out};

/// The file of a fleet in its folder.
const FLEET: &str = "fleet.json";

/// Whether something that `report` is given is a fleet.
pub(super) fn is_meant(args: &ReportArgs) -> bool {
    args.inputs.iter().any(|path| file(path).is_some())
}

/// The fleet.json that a path means, if it means one.
fn file(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.join(FLEET)).filter(|file| file.is_file());
    }
    path.file_name().is_some_and(|name| name == FLEET).then(|| path.to_path_buf())
}

pub(super) fn report(args: &ReportArgs) -> Outcome {
    let mut parts: Vec<(PathBuf, Kept)> = Vec::new();
    for path in &args.inputs {
        let Some(file) = file(path) else {
            return Err(Failure::usage(format!(
                "join these fleets: {} is none; join reports of one appliance for themselves",
                path.display()
            )));
        };
        let text = store::read_text(&file).map_err(Failure::usage)?;
        let kept = fleet::read(&text)
            .map_err(|why| Failure::usage(format!("read {}: {why}", file.display())))?;
        // A part that is named twice is one part.
        let same = |known: &(PathBuf, Kept)| files::resolved(&known.0) == files::resolved(&file);
        if !parts.iter().any(same) {
            parts.push((file, kept));
        }
    }
    let Some((first, whole)) = parts.first() else {
        return Err(Failure::usage("join the fleets: none is named"));
    };
    for (file, part) in &parts {
        let same = [
            ("contract", part.contract == whole.contract),
            ("catalogue", part.catalogue == whole.catalogue),
            ("number of shards", part.shard.map(Shard::of) == whole.shard.map(Shard::of)),
        ];
        if let Some((what, _)) = same.iter().find(|(_, same)| !same) {
            return Err(Failure::usage(format!(
                "join these fleets, because they aren't parts of one: {} and {} differ in the \
                    {what}",
                first.display(),
                file.display()
            )));
        }
    }
    for (place, (file, part)) in parts.iter().enumerate() {
        for (other, earlier) in &parts[..place] {
            let twice = part.appliances.iter().find(|one| {
                earlier
                    .appliances
                    .iter()
                    .any(|known| known.name == one.name && known.url == one.url)
            });
            if let Some(twice) = twice {
                return Err(Failure::usage(format!(
                    "join these fleets: {} at {} is in {} and in {}, and would count twice; name \
                        one of them",
                    crate::report::one_line(&twice.name),
                    crate::report::one_line(&twice.url),
                    other.display(),
                    file.display()
                )));
            }
        }
    }
    let shards = Shards::among(parts.iter().filter_map(|(_, part)| part.shard));
    let missing = shards.map(|shards| shards.missing()).unwrap_or_default();
    let (contract, catalogue) = (whole.contract.clone(), whole.catalogue.clone());
    let mut collected = Collected::default();
    for (file, part) in &parts {
        let folder = file.parent().unwrap_or(Path::new(""));
        for one in &part.appliances {
            let own = folder.join(&one.folder);
            if one.folder.is_empty() {
                let (name, url, because) = (&one.name, &one.url, one.because.clone());
                let without = Appliance::without_report(name, url, one.fate, one.exit, because);
                collected.take(without, None);
                continue;
            }
            let json = own.join("report.json");
            let report = report_of(&json)?;
            let link = args.out.as_deref().map_or_else(|| own.clone(), |out| from(out, &own));
            let link = link.display().to_string();
            collected.take(Appliance::of(&report, one.fate, one.exit, link), Some(&report));
        }
    }
    let joined = collected.conclude(&contract, &catalogue, None, &missing);
    let exit = exit_of_fleet(&joined, false);
    match (&args.out, args.format.map(|form: &Form| form.name)) {
        (Some(folder), None) => {
            write(folder, &joined)?;
            show(&joined, folder, false, TextOrJson::Text)?;
        }
        (None, Some("json")) => drop(out(&fleet::json(&joined))?),
        (None, Some("html")) => drop(out(&fleet::html(&joined))?),
        (None, Some("markdown")) => drop(out(&fleet::markdown(&joined))?),
        _ => {
            return Err(Failure::usage(
                "render the fleet: give a folder with --out, or one of the forms json, html and \
                    markdown with --format",
            ));
        }
    }
    Ok(exit)
}

/// The way from one folder to another, for a link; the other itself where there is no such way.
fn from(folder: &Path, to: &Path) -> PathBuf {
    let (Ok(folder), Ok(to)) = (std::path::absolute(folder), std::path::absolute(to)) else {
        return to.to_path_buf();
    };
    let (base, goal): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (folder.components().collect(), to.components().collect());
    let common = base.iter().zip(&goal).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n(Component::ParentDir, base.len() - common);
    up.chain(goal[common..].iter().copied()).collect()
}
