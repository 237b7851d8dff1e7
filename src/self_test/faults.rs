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
mod tests {
    use crate::double::{Script, scenes};

    use super::*;

    fn table() -> FaultTable {
        FaultTable::built_in().unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn options(fault: &FaultEntry) -> Options {
        let mut options = Options::default();
        fault.play(&mut options);
        options
    }

    fn refused(text: &str) -> String {
        let file = FileSet::from([("x/get.faults.toml".to_owned(), text.to_owned())]);
        match FaultTable::load(&[&files::embedded_contract(), &file]) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn each_fault_has_one_row_and_the_order_is_that_of_the_operations() {
        let table = table();
        let names: BTreeSet<&str> = table.entries().iter().map(|fault| &*fault.name).collect();
        assert_eq!(names.len(), table.entries().len());
        assert!(names.len() >= 437 && table.edits().len() >= 227);
        let rowless: Vec<&str> = table.others.iter().map(|fault| &*fault.name).collect();
        assert!(rowless.is_empty(), "{rowless:?}");
        let mut places: Vec<&str> =
            table.entries().iter().map(|fault| fault.place.as_str()).collect();
        places.dedup();
        let (listed, others): (Vec<&str>, Vec<&str>) =
            places.into_iter().partition(|place| LISTING.contains(place));
        // The faults of the connection come last, and are about an operation before it.
        assert_eq!(listed.len(), LISTING.len() + 1);
        assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len(), "{others:?}");
        assert_eq!(table.find("lock-id-shrot").unwrap_err().nearest, "lock-id-short");
    }

    /// The faults of what the scenes ask for. The others are played by the cases of their operations.
    fn told(table: &FaultTable) -> Vec<&FaultEntry> {
        let told: Vec<&FaultEntry> = table
            .entries()
            .iter()
            .filter(|fault| !fault.is_wire() && LISTING.contains(&fault.place.as_str()))
            .collect();
        assert!(told.len() >= 430, "the scenes ask for what {} faults are about", told.len());
        told
    }

    #[test]
    fn every_fault_shows_and_shows_nowhere_but_at_its_place_or_after_it() {
        let plain = scenes::play(&Options::default());
        let table = table();
        for fault in told(&table) {
            let (name, home) = (&fault.name, fault.place.as_str());
            let spoilt = scenes::play(&options(fault));
            // These begin with other locks, so that later ids differ too.
            let shifts_ids =
                matches!(fault.play, Play::Code(Fault::LocksThirdRowBad | Fault::LocksKeepExpired));
            let mut shown = false;
            for (before, after) in plain.iter().zip(&spoilt) {
                let mut reached = false;
                for ((place, right), (_, wrong)) in before.iter().zip(after) {
                    reached |= *place == home;
                    // What a change leads to is seen afterwards.
                    let follows = reached && !home.starts_with("GET");
                    if right != wrong {
                        let at_place = *place == home || home == "*" || follows || shifts_ids;
                        assert!(
                            at_place,
                            "{name} shows at {place}: {} {:?} instead of {} {:?}",
                            wrong.status,
                            wrong.json(),
                            right.status,
                            right.json()
                        );
                        shown = true;
                    }
                }
            }
            assert!(shown, "{name} never shows");
        }
    }

    #[test]
    fn no_two_faults_look_the_same() {
        let mut seen: Vec<(String, Vec<scenes::Story>)> = Vec::new();
        let table = table();
        for fault in told(&table) {
            let story = scenes::play(&options(fault));
            let twin = seen.iter().find(|(_, other)| *other == story).map(|(name, _)| name);
            assert_eq!(twin, None, "{}", fault.name);
            seen.push((fault.name.clone(), story));
        }
    }

    #[test]
    fn a_fault_by_script_on_every_call_is_the_fault_by_name() {
        let table = table();
        let mut differing = Vec::new();
        for fault in table.entries().iter().filter(|fault| !fault.is_wire()) {
            let line = format!("*: {}", fault.name);
            match Script::read(&line, table.edits()) {
                Ok(script) => {
                    let scripted = Options { scripts: vec![script], ..Options::default() };
                    if scenes::play(&options(fault)) != scenes::play(&scripted) {
                        differing.push(fault.name.clone());
                    }
                }
                Err(error) => assert!(error.to_string().contains("whole life"), "{error}"),
            }
        }
        assert!(
            differing.is_empty(),
            "what can't be put on single calls is to be one that `is_standing`: {differing:?}"
        );
    }

    #[test]
    fn a_row_of_another_folder_adds_a_fault_or_replaces_one() {
        let text = "[[fault]]\nname = 'hosts-down'\nsummary = 'Down.'\nedit = 'GET /hosts: status \
            500'\nbreaks = ['hosts.list/status/200']\n\n[[fault]]\nname = 'lock-id-short'\nsummary \
            = 'Other.'\nedit = ['locks.list: set /*/id \"1\"']\nbreaks = ['a/b']\n";
        let file = FileSet::from([("hosts/get.faults.toml".to_owned(), text.to_owned())]);
        let both = FaultTable::load(&[&files::embedded_contract(), &file]).expect("it loads");
        assert_eq!(both.entries().len(), table().entries().len() + 1);
        assert_eq!(both.find("hosts-down").expect("a fault").place, "GET /hosts");
        assert_eq!(both.find("lock-id-short").expect("a fault").breaks, ["a/b"]);
        assert_eq!(both.broken().get("hosts.list/status/200"), Some(&vec!["hosts-down"]));
    }

    #[test]
    fn a_wrong_row_is_told_with_its_place() {
        let row = |rest: &str| refused(&format!("[[fault]]\nname = 'new-one'\n{rest}\n"));
        let whole = "summary = 'X.'\nbreaks = ['a/b']\nedit = ";
        for (problem, said) in [
            (
                row(&format!("{whole}'locks.list: drop id'")),
                ":5:8: the fault `new-one`: read the script",
            ),
            (row(&format!("{whole}'locks.list: 503'")), "edits no reply"),
            (row(&format!("{whole}[]")), "edits nothing"),
            (row("breaks = ['a/b']\nedit = 'locks.list: drop /*/id'"), "has no summary"),
            (row("summary = 'X.'\nbreaks = []\nedit = 'locks.list: drop /*/id'"), "breaks nothing"),
            (row("summary = 'X.'\nbreaks = ['a/b']"), ":2:8: nothing implements the fault"),
            (
                refused("[[fault]]\nname = 'job-fails'\nedit = '*: body'\nbreaks = ['a/b']"),
                "in code",
            ),
            (
                refused("[[fault]]\nname = 'job-fails'\nsummary = 'X'\nbreaks = ['a/b']"),
                "two summaries",
            ),
            (refused("[[fault]]\nname = 'wire-cut-short'\nbreaks = ['a/b']"), "a connection fault"),
            (refused("[[fault]]\nname = 'A B'\nbreaks = ['a/b']"), "a valid name for a fault"),
            (
                refused(&"[[fault]]\nname = 'job-fails'\nbreaks = ['a/b']\n".repeat(2)),
                "already has a row",
            ),
        ] {
            assert!(problem.contains(said), "{said}: {problem}");
        }
        let of_changes = "[[fault]]\nname = 'update-does-nothing'\nbreaks = ['a/b']";
        assert_eq!(refused(of_changes), "", "another folder may say what it breaks there");
        let none = FaultTable::load(&[]).expect_err("every fault of the double needs a row");
        assert_eq!(none.len(), Fault::ALL.len());
    }
}
