//! The table of faults: what the double can be told to do wrong, and what each fault is made to
//! break.
//!
//! Knows: the files `*.faults.toml` beside the schemas, and that the double plays edits as they are
//! written and the rest by code of its own. Must not know: what an edit does, what a run shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::double::{EditFault, Fault, LISTING, Options, UnknownName};
use crate::files::{self, FileSet};
use crate::problem::Problem;

/// Files of the table end so.
const ENDING: &str = ".faults.toml";

/// A fault, and what it is made to break.
#[derive(Debug, Clone)]
pub struct FaultEntry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// The operation it shows in, as method and path, or `*` for several.
    pub place: String,
    /// The requirements that it must be caught at; none for a fault of the connection.
    pub breaks: Vec<String>,
    /// How the double plays it.
    pub play: Play,
}

/// How the double plays a fault.
#[derive(Debug, Clone)]
pub enum Play {
    /// By the edits of its row.
    Edits(EditFault),
    /// By code.
    Code(Fault),
    /// By code, on the connection.
    Wire(Fault),
}

impl FaultEntry {
    /// Tells a double to be wrong in this respect.
    pub fn play(&self, options: &mut Options) {
        match &self.play {
            Play::Edits(fault) => options.play(fault),
            Play::Code(fault) | Play::Wire(fault) => drop(options.faults.insert(*fault)),
        }
    }

    /// Whether it is about the connection: then nothing is nonconforming, and nothing is green.
    #[must_use]
    pub fn is_wire(&self) -> bool {
        matches!(self.play, Play::Wire(_))
    }
}

/// All faults, in the order in which they are listed.
#[derive(Debug, Clone)]
pub struct FaultTable {
    entries: Vec<FaultEntry>,
    /// Those that no row names, so that nothing need catch them.
    others: Vec<FaultEntry>,
    edits: Vec<EditFault>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    fault: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: toml::Spanned<String>,
    summary: Option<String>,
    edit: Option<toml::Spanned<Lines>>,
    breaks: Vec<String>,
}

/// One line of edits, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lines {
    One(String),
    Several(Vec<String>),
}

impl FaultTable {
    /// The table that is built in.
    pub fn built_in() -> Result<Self, Vec<Problem>> {
        Self::load(&[&files::embedded_contract()])
    }

    /// The table of several folders; a row of a later one replaces that of the same name.
    pub fn load(folders: &[&FileSet]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut entries: Vec<FaultEntry> = Vec::new();
        for folder in folders {
            let mut seen = BTreeSet::new();
            for (file, text) in folder.iter().filter(|(file, _)| file.ends_with(ENDING)) {
                let rows = match toml::from_str::<File>(text) {
                    Ok(read) => read.fault,
                    Err(error) => {
                        problems.push(Problem::from_toml(file, text, &error));
                        continue;
                    }
                };
                for row in rows {
                    let (name, at) = (row.name.get_ref().clone(), row.name.span().start);
                    if !seen.insert(name.clone()) {
                        let what = format!("the fault `{name}` already has a row");
                        let fix = "rename one of the two";
                        problems.push(Problem::new(file, what).at(text, at).fix(fix));
                        continue;
                    }
                    match entry(row, file, text) {
                        Ok(entry) => {
                            match entries.iter_mut().find(|other| other.name == entry.name) {
                                Some(other) => *other = entry,
                                None => entries.push(entry),
                            }
                        }
                        Err(problem) => problems.push(problem),
                    }
                }
            }
        }
        for fault in Fault::ALL {
            if !entries.iter().any(|entry| entry.name == fault.name()) {
                let what = format!("the fault `{fault}` of the double has no row");
                let fix = format!(
                    "add `[[fault]]` with name = \"{fault}\" and what it breaks to the file of {}",
                    fault.place()
                );
                problems.push(Problem::new(format!("*{ENDING}"), what).fix(fix));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let rank = |entry: &FaultEntry| {
            LISTING.iter().position(|place| *place == entry.place).unwrap_or(LISTING.len())
        };
        entries.sort_by_key(rank);
        entries.extend(Fault::WIRE.iter().map(|fault| FaultEntry {
            name: fault.name().to_owned(),
            summary: fault.summary().to_owned(),
            place: fault.place().to_owned(),
            breaks: Vec::new(),
            play: Play::Wire(*fault),
        }));
        let edits = entries
            .iter()
            .filter_map(|entry| match &entry.play {
                Play::Edits(fault) => Some(fault.clone()),
                Play::Code(_) | Play::Wire(_) => None,
            })
            .collect();
        let others = Fault::OF_CHANGES
            .iter()
            .filter(|fault| !entries.iter().any(|entry| entry.name == fault.name()))
            .map(|fault| FaultEntry {
                name: fault.name().to_owned(),
                summary: fault.summary().to_owned(),
                place: fault.place().to_owned(),
                breaks: Vec::new(),
                play: Play::Code(*fault),
            })
            .collect();
        Ok(Self { entries, others, edits })
    }

    /// All faults that can be asked for by name: those of the table, and those of changes that no
    /// row names.
    pub fn known(&self) -> impl Iterator<Item = &FaultEntry> {
        self.entries.iter().chain(&self.others)
    }

    /// All faults; those of the connection are the last.
    #[must_use]
    pub fn entries(&self) -> &[FaultEntry] {
        &self.entries
    }

    /// Those that only change replies, for a script that names one.
    #[must_use]
    pub fn edits(&self) -> &[EditFault] {
        &self.edits
    }

    /// The fault of this name.
    pub fn find(&self, name: &str) -> Result<&FaultEntry, UnknownName> {
        self.known().find(|entry| entry.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.known().map(|entry| entry.name.as_str()).collect();
            UnknownName::new("fault", name, &known)
        })
    }

    /// A double that is wrong in these respects.
    pub fn options(&self, names: &[&str]) -> Result<Options, UnknownName> {
        let mut options = Options::default();
        for name in names {
            self.find(name)?.play(&mut options);
        }
        Ok(options)
    }

    /// Which faults are made to break each requirement.
    #[must_use]
    pub fn broken(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut broken: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in &self.entries {
            for requirement in &entry.breaks {
                broken.entry(requirement).or_default().push(&entry.name);
            }
        }
        broken
    }
}

fn entry(row: Row, file: &str, text: &str) -> Result<FaultEntry, Problem> {
    let (name, at) = (row.name.get_ref().clone(), row.name.span().start);
    let problem = |what: String| Problem::new(file, what).at(text, at);
    if name.is_empty()
        || !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    {
        return Err(problem(format!("`{name}` isn't a valid name for a fault"))
            .fix("use lower-case letters, digits and hyphens, such as `lock-id-short`"));
    }
    if row.breaks.is_empty() {
        return Err(problem(format!("the fault `{name}` breaks nothing"))
            .fix("name in `breaks` a requirement that it must be caught at"));
    }
    let code = Fault::named(&name);
    let (summary, place, play) = match (row.edit, code) {
        (Some(_), Some(_)) => {
            return Err(problem(format!(
                "the fault `{name}` is implemented in code, but its row \
                has edits"
            ))
            .fix("remove `edit`, or rename the fault"));
        }
        (Some(edit), None) => {
            let Some(summary) = row.summary.filter(|summary| !summary.trim().is_empty()) else {
                return Err(problem(format!("the fault `{name}` has no summary"))
                    .fix("add `summary`, one sentence"));
            };
            let lines = match edit.get_ref() {
                Lines::One(line) => std::slice::from_ref(line),
                Lines::Several(lines) => lines,
            };
            if lines.is_empty() {
                return Err(problem(format!("the fault `{name}` edits nothing"))
                    .fix("add a line such as 'sftp-locks.list: drop /*/id' to `edit`"));
            }
            let fault = EditFault::read(&name, &summary, lines).map_err(|error| {
                Problem::new(file, format!("the fault `{name}`: {error}"))
                    .at(text, edit.span().start)
            })?;
            (summary, fault.place().to_owned(), Play::Edits(fault))
        }
        (None, Some(fault)) if Fault::WIRE.contains(&fault) => {
            return Err(problem(format!("the fault `{name}` is a connection fault"))
                .fix("remove its row: it breaks no requirement"));
        }
        (None, Some(fault)) => {
            if row.summary.is_some() {
                return Err(problem(format!("the fault `{name}` has two summaries"))
                    .fix("remove `summary`: the list of faults of the double has it"));
            }
            (fault.summary().to_owned(), fault.place().to_owned(), Play::Code(fault))
        }
        (None, None) => {
            return Err(problem(format!("nothing implements the fault `{name}`"))
                .fix("add `edit`, such as 'sftp-locks.list: drop /*/id'"));
        }
    };
    Ok(FaultEntry { name, summary, place, breaks: row.breaks, play })
}

#[cfg(test)]
mod tests;
