//! The forms of a fleet: JSON, Markdown and HTML.
//!
//! Knows: what is in each form, and its order. Must not know: where it is written.

use std::fmt::Write as _;

use askama::Template;

use crate::report::{State, code, text};

use super::{Fate, Fleet, Row};

/// Rows of a table in Markdown and HTML; JSON has all.
const MOST_ROWS: usize = 400;
/// Columns of the table of requirements; JSON has all.
const MOST_COLUMNS: usize = 60;

/// The fleet for programs.
#[must_use]
pub fn json(fleet: &Fleet) -> String {
    // A fleet is made of texts, numbers and lists; nothing in it can fail to be written as JSON.
    let mut text = serde_json::to_string_pretty(fleet).unwrap_or_default();
    text.push('\n');
    text
}

/// The fleet for a ticket, or the page of a CI job.
#[must_use]
pub fn markdown(fleet: &Fleet) -> String {
    let mut page = String::new();
    let _ =
        writeln!(page, "# {}: {}\n", fleet.conclusion.word().to_uppercase(), text(&fleet.because));
    if let Some(shard) = fleet.shard {
        let _ = writeln!(page, "This is shard {shard} of the fleet.\n");
    }
    page.push_str("| appliance | version | result | cases | findings | why |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    for one in fleet.appliances.iter().take(MOST_ROWS) {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} pass, {} fail, {} unresolved | {} violations, {} deviations | {} |",
            text(&one.name),
            text(one.version()),
            one.fate.word(),
            one.cases.pass,
            one.cases.fail,
            one.cases.unresolved,
            one.findings.violation,
            one.findings.deviation,
            text(&one.because),
        );
    }
    more(&mut page, fleet.appliances.len(), "appliances");
    if !fleet.outliers.is_empty() {
        page.push_str("\n## Outliers\n\n");
        for one in fleet.outliers.iter().take(MOST_ROWS) {
            let _ = writeln!(page, "- {}: {}", code(&one.requirement), text(&one.sentence()));
        }
        more(&mut page, fleet.outliers.len(), "outliers");
    }
    if !fleet.requirements.is_empty() {
        page.push_str("\n## Broken requirements\n\n| requirement | broken by | held by | |\n");
        page.push_str("|---|---|---|---|\n");
        for row in fleet.requirements.iter().take(MOST_ROWS) {
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                code(&row.id),
                row.broken,
                row.held,
                text(&row.statement)
            );
        }
        more(&mut page, fleet.requirements.len(), "requirements");
    }
    page
}

fn more(page: &mut String, all: usize, what: &str) {
    if all > MOST_ROWS {
        let _ = writeln!(page, "\nand {} more {what}; fleet.json has all", all - MOST_ROWS);
    }
}

#[derive(Template)]
#[template(path = "fleet.html")]
struct Page<'a> {
    fleet: &'a Fleet,
    rows: &'a [Row],
    columns: usize,
}

/// The fleet for people, as one HTML file.
#[must_use]
pub fn html(fleet: &Fleet) -> String {
    let page = Page {
        fleet,
        rows: &fleet.requirements[..fleet.requirements.len().min(MOST_ROWS)],
        columns: fleet.appliances.len().min(MOST_COLUMNS),
    };
    // Rendering into a string fails only where a value's own way of writing itself does.
    page.render().unwrap_or_default()
}

fn tone(fate: Fate) -> &'static str {
    match fate {
        Fate::Nonconformant => "fail",
        Fate::Conformant => "held",
        Fate::Unreachable | Fate::Failed | Fate::Interrupted | Fate::Incomplete | Fate::Waivers => {
            "cant-tell"
        }
    }
}

fn mark(state: Option<State>) -> &'static str {
    match state {
        Some(State::Held) => "✓ held",
        Some(State::Broken) => "✗ broken",
        Some(State::NotExercised) => "· not exercised",
        Some(State::Excluded) => "· excluded",
        None => "· no report",
    }
}

fn state_tone(state: Option<State>) -> &'static str {
    match state {
        Some(State::Held) => "held",
        Some(State::Broken) => "broken",
        Some(State::NotExercised | State::Excluded) | None => "none",
    }
}
