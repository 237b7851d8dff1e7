//! Requirements × versions.
//!
//! Knows: the states of requirements in several runs. Must not know: which of them is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use askama::Template;

use crate::report::{Report, RequirementState, State, code, text, visible};
use crate::why::Beyond;

use super::model::{Gate, Side};

/// A table of states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// One per run.
    pub columns: Vec<Column>,
    /// One per requirement, in the order of the ids.
    pub rows: Vec<Row>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The version that it told.
    pub version: String,
    /// The target.
    pub target: String,
    /// When it began.
    pub started: String,
    /// What it amounts to.
    pub conclusion: &'static str,
}

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Id.
    pub id: String,
    /// What an appliance must do.
    pub statement: String,
    /// The versions that it is about, in words, unless it is about each.
    pub versions: Option<String>,
    /// Its state in each run.
    pub states: Vec<State>,
    /// Why it says nothing of the appliance of a run, as a word, for each run.
    pub beyond: Vec<Option<&'static str>>,
}

impl Row {
    /// Its state in each run, and why it says nothing of the appliance there, if so.
    pub fn cells(&self) -> impl Iterator<Item = (&State, Option<&'static str>)> {
        let beyond = self.beyond.iter().copied().chain(std::iter::repeat(None));
        self.states.iter().zip(beyond)
    }

    /// Whether its states differ, or one of them is broken.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.states.contains(&State::Broken)
            || self.states.windows(2).any(|pair| pair[0] != pair[1])
    }
}

impl Matrix {
    /// The table of a gate.
    #[must_use]
    pub fn of(gate: &Gate) -> Self {
        let column = |side: &Side| Column {
            version: side.target.version.clone().unwrap_or_else(|| "unknown".to_owned()),
            target: side.target.name.clone(),
            started: side.started.clone(),
            conclusion: side.conclusion.word(),
        };
        let columns = std::iter::once(column(&gate.baseline))
            .chain(gate.candidates.iter().map(|candidate| column(&candidate.side)))
            .collect();
        let mut rows: BTreeMap<&str, Vec<State>> = BTreeMap::new();
        for (index, candidate) in gate.candidates.iter().enumerate() {
            for known in &candidate.requirements {
                let states = rows.entry(&known.id).or_insert_with(|| vec![known.before]);
                states.resize(index + 1, State::NotExercised);
                states.push(known.after);
            }
        }
        let width = gate.candidates.len() + 1;
        let rows = rows.into_iter().map(|(id, mut states)| {
            states.resize(width, State::NotExercised);
            let beyond = vec![None; states.len()];
            Row { id: id.to_owned(), statement: String::new(), versions: None, states, beyond }
        });
        Self { columns, rows: rows.collect() }
    }
}

/// The table of several reports that were judged with one contract.
#[must_use]
pub fn matrix(reports: &[Report]) -> Matrix {
    let columns = reports.iter().map(|report| Column {
        version: report.target.version.clone().unwrap_or_else(|| "unknown".to_owned()),
        target: report.target.name.clone(),
        started: report.started.clone(),
        conclusion: report.conclusion.word(),
    });
    let find = |report: &'_ Report, id: &str| -> (State, Option<&'static str>) {
        let known = report.requirements.iter().find(|known| known.id == id);
        known.map_or((State::NotExercised, None), |known| {
            (known.status, known.why.map(Beyond::word))
        })
    };
    let rows =
        reports.first().map(|report| report.requirements.as_slice()).unwrap_or_default().iter();
    let rows = rows.map(|known| Row {
        id: known.id.clone(),
        statement: known.statement.clone(),
        versions: versions(known),
        states: reports.iter().map(|report| find(report, &known.id).0).collect(),
        beyond: reports.iter().map(|report| find(report, &known.id).1).collect(),
    });
    Matrix { columns: columns.collect(), rows: rows.collect() }
}

/// The versions that a requirement is about, in words, unless it is about each.
fn versions(known: &RequirementState) -> Option<String> {
    let since = known.since.as_ref().map(|since| format!("since {since}"));
    let until = known.until.as_ref().map(|until| format!("until {until}"));
    let words: Vec<String> = since.into_iter().chain(until).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The table in Markdown; `all` also lists what is the same in every run.
#[must_use]
pub fn markdown(matrix: &Matrix, all: bool) -> String {
    let mut out = String::new();
    let heads: Vec<String> = matrix.columns.iter().map(|column| text(&column.version)).collect();
    let _ = writeln!(
        out,
        "| requirement | {} |\n|---|{}",
        heads.join(" | "),
        "---|".repeat(heads.len())
    );
    let told = |pick: fn(&Column) -> &str| {
        matrix.columns.iter().map(|column| text(pick(column))).collect::<Vec<_>>().join(" | ")
    };
    let _ = writeln!(
        out,
        "| *target* | {} |\n| *run of* | {} |\n| *conclusion* | {} |",
        told(|column| &column.target),
        told(|column| &column.started),
        told(|column| column.conclusion)
    );
    for row in matrix.rows.iter().filter(|row| all || row.is_telling()) {
        let states: Vec<String> = row
            .cells()
            .map(|(state, beyond)| {
                let why = beyond.map_or_else(String::new, |word| format!(" ({word})"));
                format!("{} {}{why}", mark(*state), state.word())
            })
            .collect();
        let versions =
            row.versions.as_ref().map_or_else(String::new, |told| format!(" ({})", text(told)));
        let _ = writeln!(out, "| {}{versions} | {} |", code(&row.id), states.join(" | "));
    }
    if !all {
        let same = matrix.rows.iter().filter(|row| !row.is_telling());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in same {
            *counts.entry(row.states.first().map_or("", |state| state.word())).or_default() += 1;
        }
        let told: Vec<String> =
            counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let _ = writeln!(
            out,
            "\nThe same in every run: {}.",
            if told.is_empty() { "none".to_owned() } else { told.join(", ") }
        );
    }
    out
}

/// The symbol of a state.
pub(super) fn mark(state: State) -> &'static str {
    match state {
        State::Held => "✓",
        State::Broken => "✗",
        State::NotExercised => "○",
        State::Excluded => "–",
    }
}

#[derive(Template)]
#[template(path = "matrix.html")]
struct Page<'a> {
    matrix: &'a Matrix,
    telling: usize,
}

/// The table as one HTML file.
#[must_use]
pub fn html(matrix: &Matrix) -> String {
    let page = Page { matrix, telling: matrix.rows.iter().filter(|row| row.is_telling()).count() };
    match page.render() {
        Ok(page) => visible(page),
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The table could not be rendered: \
                {error}."
        ),
    }
}
