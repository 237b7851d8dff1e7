//! Waivers: known failures that somebody answers for, each with a last day.
//!
//! Knows: the file, what a waiver names, and what it may not be. Pure: the day is given. The door
//! to `toml` for waivers. Must not know: runs, reports, clocks.

mod draft;

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use semver::{Version, VersionReq};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::catalogue::{Case, Catalogue, generate};
use crate::contract::Contract;
use crate::judge::Finding;
use crate::problem::{Problem, unknown_key};
use crate::reader::{self, Reader, offset};

pub use draft::{Draft, draft};

/// How long a drafted waiver holds, in days.
pub const DAYS: i64 = 90;
const KEYS: &[&str] = &[
    "case",
    "requirement",
    "pointer",
    "versions",
    "actual",
    "reason",
    "ticket",
    "owner",
    "created",
    "expires",
];
const GLOB: &[char] = &['*', '?', '[', '{'];

/// One known failure.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Full id of a case, or a glob on it.
    pub case: String,
    /// The requirement that is known to be broken; absent is too broad.
    pub requirement: Option<String>,
    /// JSON pointer with `*` for any index; absent is any place.
    pub pointer: Option<String>,
    /// Product versions it is meant for, as written.
    pub versions: Option<String>,
    /// The one wrong value it is meant for.
    pub actual: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where it is followed up.
    pub ticket: String,
    /// Who answers for it.
    pub owner: String,
    /// The day it was made.
    pub created: Date,
    /// The last day it holds.
    pub expires: Date,
    /// The line it starts at.
    pub line: usize,
    range: Option<VersionReq>,
    glob: Option<GlobMatcher>,
}

/// A waiver file that was read.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    /// Its rows, in order.
    pub list: Vec<Waiver>,
    /// What it was read from.
    pub file: String,
}

impl Waiver {
    /// Whether it names that case, by its id or by one that it had before.
    #[must_use]
    pub fn names(&self, case: &Case) -> bool {
        let is = |id: &str| self.glob.as_ref().map_or(self.case == id, |glob| glob.is_match(id));
        is(&case.id) || case.aliases.iter().any(|alias| is(alias))
    }

    /// Whether a finding of a case that it names is the one it is about; a waiver without
    /// requirement is about all.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        let value = |wanted: &String| {
            *wanted == finding.actual
                || serde_json::to_string(wanted).is_ok_and(|quoted| quoted == finding.actual)
        };
        self.requirement.as_ref().is_none_or(|requirement| {
            *requirement == finding.requirement
                || (requirement.contains(GLOB) && globbed(requirement, &finding.requirement))
        }) && self.pointer.as_ref().is_none_or(|pointer| matches(pointer, &finding.pointer))
            && self.actual.as_ref().is_none_or(value)
    }

    /// Whether it is about one of these requirements; one that names no requirement is about all
    /// of the cases that it names.
    #[must_use]
    pub fn touches<'c>(
        &self,
        requirements: &[String],
        cases: impl IntoIterator<Item = &'c Case>,
    ) -> bool {
        match &self.requirement {
            Some(wanted) => requirements
                .iter()
                .any(|id| id == wanted || (wanted.contains(GLOB) && globbed(wanted, id))),
            None => cases.into_iter().any(|case| self.names(case)),
        }
    }

    /// Whether it is meant for that product version; a range never holds for a version that isn't
    /// known.
    #[must_use]
    pub fn is_meant_for(&self, version: Option<&Version>) -> bool {
        self.range
            .as_ref()
            .is_none_or(|range| version.is_some_and(|version| range.matches(version)))
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires < today
    }

    /// Why it may hide more than one known failure, if so.
    #[must_use]
    pub fn too_broad(&self) -> Option<&'static str> {
        match &self.requirement {
            None => return Some("it names no requirement"),
            Some(requirement) if requirement.contains(GLOB) => {
                return Some("its requirement is a glob; name one requirement");
            }
            Some(_) => {}
        }
        let operation =
            self.case.split_once("::").map_or(self.case.as_str(), |(operation, _)| operation);
        operation.contains(GLOB).then_some(
            "its case may match several operations; name the operation, as in \
                backup.transfer::refuses-*",
        )
    }

    /// Why it can't match anything in this catalogue and contract, if so.
    #[must_use]
    pub fn matches_nothing(&self, contract: &Contract, catalogue: &Catalogue) -> Option<String> {
        // A generated case that isn't in this catalogue exists all the same.
        if !catalogue.cases.iter().any(|case| self.names(case))
            && !generate(contract).iter().any(|case| self.names(case))
        {
            return Some(format!("no case `{}`; `lxca-conform list` shows all cases", self.case));
        }
        let requirement = self
            .requirement
            .as_ref()
            .filter(|id| !contract.requirements.contains_key(*id) && !id.contains(GLOB))?;
        Some(format!(
            "no requirement `{requirement}`; `lxca-conform explain OPERATION` shows those of an \
                operation"
        ))
    }
}

fn globbed(glob: &str, id: &str) -> bool {
    Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(id))
}

/// Whether a place is one of those that a pattern names: `*` stands for one index.
fn matches(pattern: &str, pointer: &str) -> bool {
    let index = |token: &str| !token.is_empty() && token.chars().all(|c| c.is_ascii_digit());
    let (mut wanted, mut found) = (pattern.split('/'), pointer.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some("*"), Some(found)) if index(found) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
}

/// Reads a waiver file; gives back either every waiver or every problem.
pub fn load(file: &str, text: &str) -> Result<Waivers, Vec<Problem>> {
    reader::read(file, text, |reader, document| {
        let mut list = Vec::new();
        for (key, value) in document {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("waiver", DeValue::Array(rows)) => {
                    list.extend(rows.iter().filter_map(|entry| row(reader, entry)));
                }
                (other, _) => reader.say_with(
                    key.span().start,
                    format!("{}, or one of the wrong type", unknown_key(other)),
                    "a waiver file contains only [[waiver]] tables",
                ),
            }
        }
        Waivers { list, file: file.to_owned() }
    })
}

fn row(reader: &mut Reader<'_>, row: &Spanned<DeValue<'_>>) -> Option<Waiver> {
    let at = row.span().start;
    let DeValue::Table(table) = row.get_ref() else {
        reader.say_with(at, "a waiver must be a table", "write it as [[waiver]]");
        return None;
    };
    let before = reader.problems();
    reader.keys(table, "", KEYS);
    let case = reader.must(
        table,
        at,
        "case",
        "give the full id of a case, or a glob on ids of one operation",
    );
    let requirement = reader.any_text(table, "requirement");
    let pointer = reader.any_text(table, "pointer");
    if let Some(pointer) =
        pointer.as_ref().filter(|pointer| !pointer.is_empty() && !pointer.starts_with('/'))
    {
        reader.say_with(
            offset(table, "pointer"),
            format!("`{pointer}` isn't a JSON pointer"),
            "write \
            it as /*/component; `*` stands for any index, and an empty string for the whole \
            answer",
        );
    }
    let versions = reader.any_text(table, "versions");
    let range = versions.as_ref().and_then(|text| match VersionReq::parse(text) {
        Ok(range) => Some(range),
        Err(error) => {
            reader.say_with(
                offset(table, "versions"),
                format!("`{text}` isn't a version range: {error}"),
                "write it as \">=4.1, <4.3\"",
            );
            None
        }
    });
    let glob =
        case.as_ref().filter(|case| case.contains(GLOB)).and_then(|case| match Glob::new(case) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(error) => {
                reader.say_with(
                    offset(table, "case"),
                    format!("`{case}` isn't a glob: {error}"),
                    "write it as backup.transfer::refuses-*",
                );
                None
            }
        });
    let actual = actual(reader, table);
    let reason = reader.must(table, at, "reason", "say why the failure is accepted");
    let ticket = reader.must(table, at, "ticket", "say where it is tracked");
    let owner = reader.must(table, at, "owner", "say who is responsible for it");
    let created = day(reader, table, at, "created");
    let expires = day(reader, table, at, "expires");
    if reader.problems() > before {
        return None;
    }
    let line = reader.line(at);
    Some(Waiver {
        case: case?,
        requirement,
        pointer,
        versions,
        actual,
        reason: reason?,
        ticket: ticket?,
        owner: owner?,
        created: created?,
        expires: expires?,
        line,
        range,
        glob,
    })
}

fn day(reader: &mut Reader<'_>, table: &DeTable<'_>, at: usize, key: &str) -> Option<Date> {
    if reader.is_missing(table, at, key, "give a date, such as 2026-03-31") {
        return None;
    }
    let value = table.get(key)?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(moment) => moment.to_string(),
        _ => String::new(),
    };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    if day.is_none() {
        reader.say_with(
            value.span().start,
            format!("`{key}` isn't a date"),
            "write it as 2026-03-31, with or without quotes",
        );
    }
    day
}

/// The wrong value as a finding shows it: a text, a number, or yes and no.
fn actual(reader: &mut Reader<'_>, table: &DeTable<'_>) -> Option<String> {
    match table.get("actual")?.get_ref() {
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => reader.any_text(table, "actual"),
    }
}

/// What `waivers lint` has against the rows of a file that could be read.
#[must_use]
pub fn lint(
    waivers: &Waivers,
    contract: &Contract,
    catalogue: &Catalogue,
    today: Date,
) -> Vec<Problem> {
    let mut found = Vec::new();
    for (index, waiver) in waivers.list.iter().enumerate() {
        let mut say = |what: String, fix: &str| {
            let mut problem = Problem::new(&waivers.file, what).fix(fix);
            problem.at = Some((waiver.line, 1));
            found.push(problem);
        };
        if let Some(why) = waiver.too_broad() {
            say(
                format!("the waiver for `{}` is too broad: {why}", waiver.case),
                "a waiver names one known failure",
            );
        }
        if let Some(why) = waiver.matches_nothing(contract, catalogue) {
            say(format!("the waiver matches nothing: {why}"), "correct or remove it");
        }
        if waiver.is_expired(today) {
            say(
                format!("the waiver for `{}` expired on {}", waiver.case, waiver.expires),
                "follow up the ticket, then renew or remove the waiver",
            );
        }
        if waiver.expires < waiver.created {
            say(
                format!(
                    "the waiver expires on {}, before it was created on {}",
                    waiver.expires, waiver.created
                ),
                "correct the dates",
            );
        }
        if waiver.created > today {
            say(
                format!("the waiver was created on {}, and today is {today}", waiver.created),
                "correct the date",
            );
        }
        let same = |other: &&Waiver| {
            (&other.case, &other.requirement, &other.pointer, &other.actual, &other.versions)
                == (
                    &waiver.case,
                    &waiver.requirement,
                    &waiver.pointer,
                    &waiver.actual,
                    &waiver.versions,
                )
        };
        if let Some(first) = waivers.list[..index].iter().find(same) {
            say(
                format!("the waiver duplicates the one on line {}", first.line),
                "remove one of them",
            );
        }
    }
    found
}

/// A TOML text in one line.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string().replace('\n', "\\n")
}

#[cfg(test)]
mod tests;
