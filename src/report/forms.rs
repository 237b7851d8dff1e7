//! The forms of a report, once: the command line, the writer of a run's folder and the page of the
//! docs read this table. A new form is a row here and the function that draws it.
//!
//! Knows: names, files, and which function draws what. Must not know: files on a disk, terminals.

use std::fmt::Write as _;

use crate::record::Record;

use super::model::Report;
use super::places::Places;
use super::{annotations, har, html, json, junit, junit_of_asked, markdown, sarif};

/// From what a form is drawn.
#[derive(Debug, Clone, Copy)]
pub enum Draw {
    /// The report alone.
    Report(fn(&Report) -> String),
    /// The report, and where its rules and cases stand in the files.
    Placed(fn(&Report, &Places) -> String),
    /// The record.
    Record(fn(&Record) -> String),
}

/// One form of a report.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its file in the folder of a run, if it has one.
    pub file: Option<&'static str>,
    /// Whether each run writes it; the others are written when they are asked for.
    pub always: bool,
    /// What the help says.
    pub help: &'static str,
    /// Whom it is for, in the docs.
    pub audience: &'static str,
    /// What it holds, in the docs.
    pub holds: &'static str,
    /// How it is drawn.
    pub draw: Draw,
}

/// Every form, in the order in which files are named.
pub const FORMS: &[Form] = &[
    Form {
        name: "json",
        file: Some("report.json"),
        always: true,
        help: "The canonical form",
        audience: "programs",
        holds: "the canonical report; the others are rendered from it",
        draw: Draw::Report(json),
    },
    Form {
        name: "html",
        file: Some("report.html"),
        always: true,
        help: "One file for a browser",
        audience: "people",
        holds: "one file that loads nothing from elsewhere",
        draw: Draw::Report(html),
    },
    Form {
        name: "markdown",
        file: Some("report.md"),
        always: true,
        help: "For the summary of a CI job",
        audience: "a pull request, a job summary",
        holds: "what failed and what isn't covered, without passed cases; at most 60 KiB",
        draw: Draw::Report(markdown),
    },
    Form {
        name: "junit",
        file: Some("junit.xml"),
        always: true,
        help: "For the test list of a CI job",
        audience: "a CI server",
        holds: "one test case per case",
        draw: Draw::Report(junit),
    },
    Form {
        name: "sarif",
        file: Some("report.sarif"),
        always: false,
        help: "SARIF 2.1.0: each cause at the file and line of its rule",
        audience: "code scanning",
        holds: "each cause at the file and line of its rule; only on request",
        draw: Draw::Placed(sarif),
    },
    Form {
        name: "har",
        file: Some("exchanges.har"),
        always: false,
        help: "HAR 1.2: the redacted exchanges of a record",
        audience: "developer tools of a browser",
        holds: "every exchange of the record, redacted; only on request",
        draw: Draw::Record(har),
    },
    Form {
        name: "github",
        file: None,
        always: false,
        help: "Annotations of a GitHub job",
        audience: "a GitHub job",
        holds: "annotations, read from the output of the job; only on request",
        draw: Draw::Placed(annotations),
    },
];

/// The form of that name.
#[must_use]
pub fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.name == name)
}

/// The files that each run writes besides its record, with how they are drawn.
pub fn files() -> impl Iterator<Item = (&'static str, fn(&Report) -> String)> {
    FORMS.iter().filter(|form| form.always).filter_map(|form| match form.draw {
        Draw::Report(draw) => Some((form.file?, draw)),
        Draw::Placed(_) | Draw::Record(_) => None,
    })
}

/// What a list of tests has of cases that weren't asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Untested {
    /// They are skipped tests.
    #[default]
    Skip,
    /// They aren't in it.
    Omit,
}

/// The same files, with cases that weren't asked as the list of tests shall have them.
pub fn files_as(untested: Untested) -> impl Iterator<Item = (&'static str, fn(&Report) -> String)> {
    files().map(move |(name, draw)| {
        let is_list = form("junit").and_then(|form| form.file) == Some(name);
        (name, if is_list { junit_as(untested) } else { draw })
    })
}

/// How `JUnit` is drawn.
#[must_use]
pub fn junit_as(untested: Untested) -> fn(&Report) -> String {
    match untested {
        Untested::Skip => junit,
        Untested::Omit => junit_of_asked,
    }
}

/// The rows of the docs, as Markdown.
#[must_use]
pub fn forms_table() -> String {
    let mut text =
        "| file | `--format` | for | |\n|---|---|---|---|\n| `transcript.jsonl` | | judging \
        again | the record: every request and every answer, redacted |\n"
            .to_owned();
    for form in FORMS {
        let file = form.file.map_or_else(String::new, |file| format!("`{file}`"));
        let Form { name, audience, holds, .. } = form;
        let _ = writeln!(text, "| {file} | `{name}` | {audience} | {holds} |");
    }
    text
}
