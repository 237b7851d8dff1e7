//! A history for a page or a job's summary.
//!
//! Knows: what was found. Must not know: files.

use std::fmt::Write as _;

use crate::report::{code, text};

use super::model::{Change, Found, Section, Track, mark, word};
use super::text::counts;

/// Runs of a table; the newest stand in it.
const MOST_RUNS: usize = 20;
/// Rows of a table.
const MOST_ROWS: usize = 200;

/// What was found, in Markdown.
#[must_use]
pub fn markdown(found: &Found<'_>) -> String {
    let mut out = String::from("## History of requirements\n");
    if let Some(query) = &found.query {
        let _ = writeln!(out, "\nQuery: {}", code(query));
    }
    for section in &found.sections {
        table(&mut out, found, section);
    }
    if found.sections.is_empty() {
        out.push_str("\nNothing found.\n");
    }
    if let Some(caveat) = found.caveat() {
        let _ = writeln!(out, "\n{}", text(&caveat));
    }
    out
}

fn table(out: &mut String, found: &Found<'_>, section: &Section<'_>) {
    let skipped = section.runs.len().saturating_sub(MOST_RUNS);
    let runs: Vec<_> =
        section.runs[skipped..].iter().map(|run| &found.history.runs[*run]).collect();
    let _ = writeln!(out, "\n### {}\n\n{}.", text(&section.appliance.name), counts(section));
    let asked = found.query.is_some();
    let rows: Vec<&Track> =
        section.tracks.iter().filter(|track| asked || track.change != Change::Same).collect();
    if rows.is_empty() {
        return;
    }
    let heads: Vec<String> = runs.iter().map(|run| text(run.version())).collect();
    let times: Vec<String> = runs.iter().map(|run| run.time()).collect();
    let ends: Vec<&str> = runs.iter().map(|run| run.conclusion.word()).collect();
    let _ = writeln!(
        out,
        "\n| requirement | change | {} |\n|---|---|{}\n| *run of* | | {} |\n| *conclusion* | | {} |",
        heads.join(" | "),
        "---|".repeat(heads.len()),
        times.join(" | "),
        ends.join(" | ")
    );
    for track in rows.iter().take(MOST_ROWS) {
        let states: Vec<String> = track.states[skipped..]
            .iter()
            .map(|state| format!("{} {}", mark(*state), word(*state)))
            .collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            code(&found.history.requirements[track.requirement].id),
            track.change.spoken(),
            states.join(" | ")
        );
    }
    if rows.len() > MOST_ROWS {
        let _ = writeln!(out, "\n… and {} more.", rows.len() - MOST_ROWS);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::history;
    use super::*;

    #[test]
    fn each_row_has_a_cell_per_run() {
        let history = history();
        let page = markdown(&history.find(None));
        assert!(
            page.contains("| `rows/id` | newly broken | ✓ held | ✗ broken | ✗ broken |"),
            "{page}"
        );
        let widths: std::collections::BTreeSet<usize> = page
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| line.matches('|').count())
            .collect();
        assert_eq!(widths.len(), 1, "{page}");
    }
}
