//! A history for a terminal: requirement × run, what changed first.
//!
//! Knows: what was found. Must not know: terminals, files.

use std::fmt::Write as _;

use crate::report::{State, counted_as, one_line};

use super::model::{Change, Found, Section, Track, mark};

/// Runs of a table; the newest stand in it.
const MOST_RUNS: usize = 40;
/// Rows of a table.
const MOST_ROWS: usize = 200;
/// Columns of a requirement's id.
const MOST_ID: usize = 72;

/// What was found, as text.
#[must_use]
pub fn text(found: &Found<'_>) -> String {
    let mut out = String::new();
    for section in &found.sections {
        if !out.is_empty() {
            out.push('\n');
        }
        table(&mut out, found, section);
    }
    if found.sections.is_empty() {
        let _ = writeln!(
            out,
            "nothing found in {}",
            counted_as(found.history.runs.len() as u64, "run", "runs")
        );
    }
    if let Some(caveat) = found.caveat() {
        let _ = writeln!(out, "\n{caveat}");
    }
    out
}

fn table(out: &mut String, found: &Found<'_>, section: &Section<'_>) {
    let runs = &section.runs;
    let skipped = runs.len().saturating_sub(MOST_RUNS);
    let _ = writeln!(
        out,
        "{}: {}",
        one_line(&section.appliance.name),
        counted_as(runs.len() as u64, "run", "runs")
    );
    if skipped > 0 {
        let _ = writeln!(out, "  the newest {MOST_RUNS} are shown; --format html shows all");
    }
    let wide = runs.len().to_string().len();
    for (place, run) in runs.iter().enumerate().skip(skipped) {
        let run = &found.history.runs[*run];
        let also = match run.also.len() {
            0 => String::new(),
            more => format!(" (and {more} more of this run)"),
        };
        let _ = writeln!(
            out,
            "  {:>wide$}  {}  {:<10} {:<13}  {}{also}",
            place + 1,
            run.time(),
            one_line(run.version()),
            run.conclusion.word(),
            one_line(&run.from)
        );
    }
    // Without a question, what never changed is only counted.
    let asked = found.query.is_some();
    let rows: Vec<&Track> =
        section.tracks.iter().filter(|track| asked || track.change != Change::Same).collect();
    let id = |track: &Track| clipped(&found.history.requirements[track.requirement].id);
    let widest = rows.iter().take(MOST_ROWS).map(|track| id(track).chars().count()).max();
    let widest = widest.unwrap_or_default().max("requirement".len());
    if !rows.is_empty() {
        let numbers: Vec<String> =
            (skipped..runs.len()).map(|place| format!("{:>wide$}", place + 1)).collect();
        let _ = writeln!(out, "\n  {:<widest$}  {}", "requirement", numbers.join(" "));
    }
    for track in rows.iter().take(MOST_ROWS) {
        let marks: Vec<String> = track.states[skipped..]
            .iter()
            .map(|state| format!("{:>wide$}", mark(*state)))
            .collect();
        let row = format!(
            "  {:<widest$}  {}  {}",
            id(track),
            marks.join(" "),
            told(found, section, track)
        );
        let _ = writeln!(out, "{}", row.trim_end());
    }
    if rows.len() > MOST_ROWS {
        let _ = writeln!(out, "  … and {} more; --format json has all", rows.len() - MOST_ROWS);
    }
    if !rows.is_empty() {
        out.push_str("\n  ✓ held  ✗ broken  ○ not exercised  – excluded\n");
    }
    let _ = writeln!(out, "  {}", counts(section));
}

/// What became of a requirement, and when.
fn told(found: &Found<'_>, section: &Section<'_>, track: &Track) -> String {
    match (track.change, track.changed) {
        (Change::Same, _) => String::new(),
        (change, Some(place)) => format!(
            "{} in {} ({})",
            change.spoken(),
            place + 1,
            one_line(found.history.runs[section.runs[place]].version())
        ),
        (change, None) => change.spoken().to_owned(),
    }
}

/// How many requirements changed how, and in which state those are that didn't.
pub(super) fn counts(section: &Section<'_>) -> String {
    let mut told: Vec<String> = Change::ALL
        .iter()
        .filter(|change| **change != Change::Same)
        .map(|change| (section.count(*change), change.spoken()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let same = |state: State| {
        let is = |track: &&Track| {
            track.change == Change::Same && track.states.first() == Some(&Some(state))
        };
        section.tracks.iter().filter(is).count()
    };
    let same: Vec<String> = [State::Held, State::NotExercised, State::Excluded]
        .into_iter()
        .map(|state| (same(state), state.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !same.is_empty() {
        told.push(format!("the same in every run: {}", same.join(", ")));
    }
    told.join("; ")
}

fn clipped(id: &str) -> String {
    let id = one_line(id);
    if id.chars().count() <= MOST_ID {
        return id;
    }
    let start: String = id.chars().take(MOST_ID - 1).collect();
    format!("{start}…")
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::super::sample::history;
    use super::*;

    #[test]
    fn the_table_has_the_newest_run_last_and_what_changed_first() {
        let history = history();
        let text = text(&history.find(None));
        let wanted = "\
lab: 3 runs
  1  2026-01-01 00:00:00Z  4.1.0      conformant     reports/lab-4.1.0
  2  2026-01-01 02:00:00Z  4.2.0      conformant     reports/lab-4.2.0
  3  2026-01-01 03:00:00Z  4.3.0      conformant     reports/lab-4.3.0

  requirement  1 2 3
  rows/id      ✓ ✗ ✗  newly broken in 2 (4.2.0)
  rows/time    ✗ ✓ ○  fixed in 2 (4.2.0)
  rows/new       ✓ ✓  not judged in each run

  ✓ held  ✗ broken  ○ not exercised  – excluded
  1 newly broken; 1 fixed; 1 not judged in each run; the same in every run: 1 held

stage: 1 run
  1  2026-01-01 01:00:00Z  4.1.0      conformant     reports/stage-4.1.0
  the same in every run: 3 held
";
        assert_eq!(text, wanted);
    }

    #[test]
    fn a_question_is_answered_also_by_what_never_changed() {
        let history = history();
        let query = Query::parse("appliance stage and requirement one/*").unwrap();
        let text = text(&history.find(Some(&query)));
        assert!(text.contains("  one/uuid     ✓\n"), "{text}");
        assert!(!text.contains("lab"), "{text}");
    }
}
