//! The first screen: conclusion, what failed, where the report is.
//!
//! Knows: the report. Gives text with or without colour. Must not know: whether a terminal is
//! there.

use std::fmt::Write as _;

use crate::contract::Severity;
use crate::judge::Verdict;

use super::claim::no_claim;
use super::groups::{Group, groups};
use super::model::{Conclusion, Report};
use super::recorded::seen_in;
use super::words::{proof_line, since_line, wrapped};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Paint {
    /// The text in that colour.
    #[must_use]
    pub(crate) fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// Causes that the first screen tells in full, and notes: the first pair that fits.
const ROOM: &[(usize, usize)] = &[(3, 3), (2, 3), (2, 1), (1, 1), (0, 1)];
const MOST_SCREEN: usize = 39;
/// Causes that it tells in a line, and reasons why cases couldn't be judged.
const MOST_LINES: usize = 6;
const MOST_REASONS: usize = 3;
/// Columns of a screen, and lines of one value.
const COLUMNS: usize = 80;
const MOST_FOLDS: usize = 2;

/// The first screen: 24 lines when all is well, 40 at most.
#[must_use]
pub fn summary(report: &Report, folder: &str, paint: Paint) -> String {
    let mut text = String::new();
    for (causes, notes) in ROOM {
        text = screen(report, folder, paint, *causes, *notes);
        if text.lines().count() <= MOST_SCREEN {
            break;
        }
    }
    text
}

fn screen(
    report: &Report,
    folder: &str,
    paint: Paint,
    most_causes: usize,
    most_notes: usize,
) -> String {
    let mut text = String::new();
    let colour = match report.conclusion {
        Conclusion::Conformant => "1;32",
        Conclusion::Nonconformant => "1;31",
        Conclusion::Incomplete => "1;33",
    };
    let word = report.conclusion.word().to_uppercase();
    let headline = folded(&format!("{word}: {}", report.because), 0, 3);
    let _ = writeln!(text, "{}", headline.replacen(&word, &paint.wrap(colour, &word), 1));
    head(&mut text, report, paint, most_notes);
    let all = groups(report);
    let worth: Vec<_> = all.iter().filter(|group| group.severity > Severity::Observation).collect();
    for group in worth.iter().take(most_causes) {
        let _ = writeln!(text, "\n{}", title(group, paint));
        if let Some(requirement) =
            report.requirements.iter().find(|requirement| requirement.id == group.requirement)
        {
            let _ = writeln!(
                text,
                "  {}",
                folded(
                    &format!("{} ({})", requirement.statement, requirement.place),
                    2,
                    MOST_FOLDS
                )
            );
        }
        let place =
            if group.place.is_empty() { String::new() } else { format!(" at {}", group.place) };
        row(&mut text, "expected", &group.expected, MOST_FOLDS);
        row(&mut text, "actual", &format!("{}{place}", group.actual_text()), MOST_FOLDS);
        let more = if group.cases.len() > 1 {
            format!(" and {} more", group.cases.len() - 1)
        } else {
            String::new()
        };
        row(
            &mut text,
            "case",
            &format!("{}{more}", group.cases.first().map_or("", String::as_str)),
            1,
        );
        if let Some(place) = seen_in(report, group) {
            row(&mut text, "entry", place, 1);
        }
    }
    if worth.len() > most_causes {
        text.push('\n');
    }
    for group in worth.iter().skip(most_causes).take(MOST_LINES) {
        let _ = writeln!(text, "{}", title(group, paint));
    }
    let left = worth.len().saturating_sub(most_causes + MOST_LINES);
    if left > 0 {
        let _ = writeln!(
            text,
            "and {left} more {} in the report",
            if left == 1 { "cause" } else { "causes" }
        );
    }
    unresolved(&mut text, report, paint);
    if !folder.is_empty() {
        let _ = writeln!(text, "\nreport: {folder}");
    }
    text
}

fn head(text: &mut String, report: &Report, paint: Paint, most_notes: usize) {
    let target = &report.target;
    let build = target.build.as_deref().map(|build| format!(", build {build}")).unwrap_or_default();
    row(
        text,
        "target",
        &format!(
            "{} ({}{build}) at {}",
            target.name,
            target.version.as_deref().unwrap_or("unknown version"),
            target.url
        ),
        MOST_FOLDS,
    );
    if let Some(why) = no_claim(report) {
        row(text, "claim", &format!("none: {why}"), MOST_FOLDS);
    }
    for note in report.notes.iter().take(most_notes) {
        let told = folded(note, 13, MOST_FOLDS);
        let _ = writeln!(text, "  {}       {told}", paint.wrap("1;33", "note"));
    }
    if report.notes.len() > most_notes {
        row(
            text,
            "",
            &format!("and {} more notes in the report", report.notes.len() - most_notes),
            1,
        );
    }
    let cases = &report.summary.cases;
    row(
        text,
        "cases",
        &format!(
            "{} pass, {} fail, {} unresolved, {} unsupported, {} untested",
            cases.pass, cases.fail, cases.unresolved, cases.unsupported, cases.untested
        ),
        1,
    );
    let findings = &report.summary.findings;
    row(
        text,
        "findings",
        &counted(&[
            (findings.violation, "violation"),
            (findings.deviation, "deviation"),
            (findings.observation, "observation"),
        ]),
        1,
    );
    let requirements = &report.summary.requirements;
    let told = format!(
        "{} of {} requirements exercised, {} broken, {} excluded with a reason",
        requirements.exercised, requirements.total, requirements.broken, requirements.excluded
    );
    row(text, "documents", &told, MOST_FOLDS);
    if let Some(since) = &report.baseline {
        row(
            text,
            "since",
            &format!(
                "{} new, {} fixed, {} still there since {}",
                since.new.len(),
                since.fixed.len(),
                since.still,
                since_line(since)
            ),
            MOST_FOLDS,
        );
    }
    if let Some(proof) = &report.proof {
        row(text, "proof", &proof_line(proof), MOST_FOLDS);
    }
}

/// Cases that couldn't be judged: a line per reason.
fn unresolved(text: &mut String, report: &Report, paint: Paint) {
    let mut reasons: Vec<(&str, &str, usize)> = Vec::new();
    for case in report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved) {
        let reason = case.reason.as_deref().unwrap_or("no reason recorded");
        match reasons.iter_mut().find(|(known, _, _)| *known == reason) {
            Some((_, _, count)) => *count += 1,
            None => reasons.push((reason, &case.id, 1)),
        }
    }
    if reasons.is_empty() || report.ended_early.is_some() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.wrap("1;33", "unresolved"));
    for (reason, first, count) in reasons.iter().take(MOST_REASONS) {
        let more = if *count > 1 { format!(" and {} more", count - 1) } else { String::new() };
        let _ = writeln!(
            text,
            "  {}\n    {}",
            folded(&format!("{first}{more}"), 2, 1),
            folded(reason, 4, MOST_FOLDS)
        );
    }
    if reasons.len() > MOST_REASONS {
        let _ = writeln!(text, "  and {} more reasons in the report", reasons.len() - MOST_REASONS);
    }
}

fn title(group: &Group, paint: Paint) -> String {
    let code = if group.severity == Severity::Violation { "1;31" } else { "1;33" };
    let times = if group.count > 1 { format!(" ×{}", group.count) } else { String::new() };
    format!(
        "{} {}{times}",
        paint.wrap(code, group.severity.word()),
        paint.wrap("1", &group.requirement)
    )
}

fn row(text: &mut String, name: &str, value: &str, most: usize) {
    let _ = writeln!(text, "  {name:<10} {}", folded(value, 13, most));
}

/// A text in at most `most` lines of a screen, all but the first indented, without what steers a
/// terminal. A word that is longer than a line stays whole.
fn folded(value: &str, indent: usize, most: usize) -> String {
    let mut lines = wrapped(value, COLUMNS - indent);
    if lines.len() > most {
        lines.truncate(most);
        if let Some(line) = lines.last_mut() {
            line.push_str(" …");
        }
    }
    // A text without spaces has no end of its own.
    let cut = |line: &String| {
        if line.chars().count() > MOST_COLUMNS {
            format!("{}…", line.chars().take(MOST_COLUMNS).collect::<String>())
        } else {
            line.clone()
        }
    };
    lines.iter().map(cut).collect::<Vec<_>>().join(&format!("\n{}", " ".repeat(indent)))
}

/// Columns of a line that holds one long word.
const MOST_COLUMNS: usize = 150;

fn counted(parts: &[(u64, &str)]) -> String {
    parts
        .iter()
        .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::model::{Proof, Since};
    use super::super::sample::{conformant, many, nonconformant};
    use super::*;

    #[test]
    fn all_is_well_on_a_screen_of_24_lines_and_80_columns() {
        let mut report = conformant();
        report.notes = vec![
            "A note that is long enough to be folded, because it tells how many \
            reads were tried a second time after the connection broke."
                .to_owned();
            5
        ];
        report.baseline = Some(Since {
            target: "staging".to_owned(),
            version: None,
            started: "2025-01-01T00:00:00Z".to_owned(),
            new: Vec::new(),
            fixed: Vec::new(),
            still: 0,
        });
        report.proof = Some(Proof {
            checks: 206,
            proved: 206,
            faults: 115,
            caught: 115,
            variants: 20,
            accused: 0,
        });
        let text = summary(&report, "reports/runs/20250101T000000Z-staging", Paint::Plain);
        assert!(
            text.lines().count() <= 23 && text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(
            text.starts_with("CONFORMANT: ")
                && text.contains("and 2 more notes")
                && text.contains("206 of 206 checks"),
            "{text}"
        );
    }

    #[test]
    fn whatever_comes_it_stays_on_a_screen_of_40_lines() {
        for report in [nonconformant(), many(1), many(1000)] {
            let text = summary(&report, "out", Paint::Plain);
            assert!(text.lines().count() <= 40, "{} lines:\n{text}", text.lines().count());
            assert!(text.lines().all(|line| line.chars().count() <= MOST_COLUMNS + 20), "{text}");
            assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
        }
        assert!(
            summary(&nonconformant(), "", Paint::Colour)
                .starts_with("\u{1b}[1;31mNONCONFORMANT\u{1b}[0m: ")
        );
    }

    #[test]
    fn texts_are_folded_at_spaces() {
        assert_eq!(folded("a b", 0, 1), "a b");
        let text = "word ".repeat(40);
        assert_eq!(folded(&text, 2, 2).lines().count(), 2);
        assert!(folded(&text, 2, 2).ends_with(" …"));
        assert_eq!(folded("", 0, 1), "");
    }
}
