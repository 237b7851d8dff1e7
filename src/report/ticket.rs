//! Texts to hand on: the ticket on one cause, and the list of what is wrong with the pages.
//!
//! Knows: the report, and Markdown that is safe to paste. Must not know: which form offers them.

use std::fmt::Write as _;

use super::claim::no_claim;
use super::groups::Group;
use super::markup::{block, long_text, span};
use super::model::{Evidence, Report};
use super::recorded::seen_in;
use super::words::{
    answer_text, counted_as, made_with, marked_lines, one_line, others, request_text, requirement,
    rerun,
};

/// The errata as Markdown, to hand them to whoever mends the pages.
pub(super) fn errata_markdown(report: &Report) -> String {
    let mut out = String::from(
        "# Documentation defects\n\n| id | where | what it says | what was chosen | owner \
        |\n|---|---|---|---|---|\n",
    );
    for erratum in &report.errata {
        let cell = |whole: &str| long_text(whole);
        let _ = writeln!(
            out,
            "| {} | {}: {} | {} | {} | {} |",
            cell(&erratum.id),
            cell(&erratum.document),
            cell(&erratum.place),
            cell(&erratum.says),
            cell(&erratum.chosen),
            cell(&erratum.owner)
        );
    }
    let _ = writeln!(out, "\nFrom {}.", made_with(report));
    out
}

/// The text of a ticket about one cause: everything that its reader needs, and nothing that could
/// become markup.
pub(super) fn ticket(report: &Report, group: &Group, evidence: Option<&Evidence>) -> String {
    let mut out = String::new();
    let known = requirement(report, &group.requirement);
    let statement = known.map_or(group.requirement.as_str(), |known| known.statement.as_str());
    let place = known.map_or_else(String::new, |known| format!(" ({})", one_line(&known.place)));
    let _ = writeln!(out, "## {}\n", one_line(statement));
    if let Some(why) = no_claim(report) {
        let _ = writeln!(out, "Not evidence about a product: {why}.\n");
    }
    let version = report.target.version.as_deref().unwrap_or("unknown version");
    let _ = writeln!(out, "- Product: {} {}", span(&report.target.name), span(version));
    let _ = writeln!(out, "- Requirement: {}{place}", span(&group.requirement));
    let _ = writeln!(
        out,
        "- Kind: {}, found by the check {}",
        group.severity.word(),
        span(&group.check)
    );
    if !group.place.is_empty() {
        let _ = writeln!(out, "- Place in the answer: {}", span(&group.place));
    }
    let _ = writeln!(out, "- Expected: {}", span(&group.expected));
    let _ = writeln!(out, "- Actual: {}", span(&group.actual_text()));
    let first = group.cases.first().map_or("", String::as_str);
    let _ = writeln!(
        out,
        "- Found: {} in case {}{}",
        counted_as(group.count as u64, "time", "times"),
        span(first),
        others(group.cases.len())
    );
    if let Some(place) = seen_in(report, group) {
        let _ = writeln!(out, "- Entry: {}", span(place));
    }
    let _ = writeln!(out, "- Run again: {}", span(&rerun(report, first)));
    if let Some(evidence) = evidence {
        let _ = writeln!(out, "\nRequest:\n\n{}", block("http", &request_text(evidence)));
        let _ =
            writeln!(out, "Answer:\n\n{}", block("http", &marked_answer(evidence, &group.place)));
        let _ = writeln!(out, "To send it again:\n\n{}", block("sh", &evidence.curl));
    }
    let _ = writeln!(out, "\n{}, run of {}.", made_with(report), one_line(&report.started));
    out
}

/// The answer with an arrow at each wrong value of one place.
fn marked_answer(evidence: &Evidence, place: &str) -> String {
    let lines: Vec<usize> = marked_lines(evidence, place);
    let mark = |(index, line): (usize, &str)| {
        if lines.contains(&index) { format!("{line}   <-- here") } else { line.to_owned() }
    };
    answer_text(evidence, true).lines().enumerate().map(mark).collect::<Vec<_>>().join("\n")
}
