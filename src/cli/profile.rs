//! `profile lint`, `merge`, `explain` and `diff`: the upkeep of what clients depend on.
//!
//! Knows: profile files. Must not know: how a profile is learned, or what a gate makes of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::contract::Contract;
use crate::problem::{Problem, Problems};
use crate::profile::{self, Dependency, Profile};
use crate::report::one_line;
use crate::store;

use super::args::TextOrJson;
use super::args_record::{ExplainForm, ProfileCommand};
use super::{Exit, Failure, Outcome, err, out, sources};

pub(super) fn profile(command: &ProfileCommand) -> Outcome {
    match command {
        ProfileCommand::Lint { files, sources } => {
            let (contract, _) = sources::load(sources)?;
            let profiles = linted(files, &contract)?;
            let mut said = String::new();
            for (file, profile) in files.iter().zip(&profiles) {
                let _ = writeln!(
                    said,
                    "{}: valid; {}",
                    file.display(),
                    one_line(&profile::headline(profile))
                );
            }
            out(&said)
        }
        ProfileCommand::Merge { files, name, out: to } => {
            merge(files, name.as_deref(), to.as_deref())
        }
        ProfileCommand::Explain { file, format } => {
            let profile = one(file)?;
            out(&match format {
                ExplainForm::Text => profile::text(&profile),
                ExplainForm::Markdown => profile::markdown(&profile),
                ExplainForm::Html => profile::html(&profile),
                ExplainForm::Json => format!("{:#}\n", profile::json(&profile)),
            })
        }
        ProfileCommand::Diff { old, new, format } => diff(&one(old)?, &one(new)?, *format),
    }
}

/// The text of a profile.
fn text(file: &Path) -> Result<String, Failure> {
    store::read_text(file).map_err(Failure::usage)
}

fn wrong(what: &str, problems: Vec<Problem>) -> Failure {
    Failure::usage(format!("{what}:\n{}", Problems(problems)))
}

fn one(file: &Path) -> Result<Profile, Failure> {
    let name = file.display().to_string();
    profile::read(&name, &text(file)?)
        .map_err(|problems| wrong(&format!("read the profile {name}"), problems))
}

/// Profiles that the contract knows everything of; what weakens them is said.
pub(super) fn linted(files: &[PathBuf], contract: &Contract) -> Result<Vec<Profile>, Failure> {
    let (mut profiles, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match profile::lint(&file.display().to_string(), &text(file)?, contract) {
            Ok((profile, notes)) => {
                for note in notes {
                    err(&format!("lxca-conform: {note}\n"));
                }
                profiles.push(profile);
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(profiles) } else { Err(wrong("use the profiles", problems)) }
}

fn merge(files: &[PathBuf], name: Option<&str>, to: Option<&Path>) -> Outcome {
    let profiles = files.iter().map(|file| one(file)).collect::<Result<Vec<_>, _>>()?;
    let merged = profile::merge(&profiles, name).map_err(|problems| {
        Failure::usage(format!(
            "merge the profiles: no answer could serve all of these clients; gate on each \
                profile by itself:\n{}",
            problems.join("\n")
        ))
    })?;
    let text = profile::write(&merged);
    match to {
        Some(file) => {
            store::write_file(file, &text).map_err(Failure::unwritten)?;
            out(&format!("{}: {}\n", file.display(), one_line(&profile::headline(&merged))))
        }
        None => out(&text),
    }
}

fn diff(old: &Profile, new: &Profile, format: TextOrJson) -> Outcome {
    let found = profile::diff(old, new);
    if format == TextOrJson::Json {
        let json = serde_json::to_string_pretty(&found).unwrap_or_default();
        out(&format!("{json}\n"))?;
    } else {
        let mut said = String::new();
        let mut list = |what: &str, rows: &[Dependency]| {
            for row in rows {
                let place = if row.place.is_empty() { "(the whole answer)" } else { &row.place };
                let _ = writeln!(
                    said,
                    "{what}  {}  {}  {}",
                    one_line(&row.operation),
                    one_line(place),
                    one_line(&row.what)
                );
            }
        };
        list("newly    ", &found.newly);
        list("no longer", &found.no_longer);
        if said.is_empty() {
            said.push_str("both depend on the same\n");
        }
        out(&said)?;
    }
    Ok(if found.newly.is_empty() { Exit::Conformant } else { Exit::Nonconformant })
}
