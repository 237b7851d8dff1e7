//! `report.md`: the summary of a CI step, a screen or two whatever the input.
//!
//! Knows: the report. Must not know: files, terminals, CI systems.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::judge::Verdict;

use super::groups::{Group, groups};
use super::markup::{block, code, text};
use super::model::{Case, Report};
use super::recorded::seen_in;
use super::register::{Firm, firmness};
use super::waive::drafts_in;
use super::words::{
    all_waived, claim_line, conclusion_mark, counted, counted_as, fails, made_with, not_exercised,
    others, proof_line, reasons, requirement, rerun, scope_line, severity_mark, short, since_line,
    with_verdict,
};

/// Causes that are shown in full.
const MOST_CAUSES: usize = 12;

/// Rows of a table.
const MOST_ROWS: usize = 20;

/// Names in a cell.
const MOST_NAMES: usize = 8;

/// Notes above the tables, and lines of news.
const MOST_NOTES: usize = 8;

/// Characters of one value in a table.
const MOST_CELL: usize = 120;

/// Bytes of the sections. With what stands around them the whole stays under 60 KiB, which fits a
/// comment and a step summary.
const ROOM_OF_CAUSES: usize = 30_000;

const ROOM: usize = 4_000;

/// The summary in Markdown: at most about 300 lines and 60 KiB, whatever the input.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    let all = groups(report);
    let (grave, other): (Vec<&Group>, Vec<&Group>) =
        all.iter().partition(|group| fails(report, group));
    causes(&mut out, report, &grave);
    acceptable(&mut out, report);
    news(&mut out, report);
    unresolved(&mut out, report);
    uncovered(&mut out, report);
    operations(&mut out, report);
    waivers(&mut out, report);
    lesser(&mut out, report, &other);
    firm(&mut out, report);
    foot(&mut out, report);
    out
}

/// Draws one after the other as long as there is room, and says how many are missing.
fn listed<T>(
    out: &mut String,
    all: &[T],
    most: usize,
    room: usize,
    word: &str,
    draw: impl Fn(&mut String, usize, &T),
) {
    let mut shown = 0;
    let end = out.len() + room;
    for (index, one) in all.iter().enumerate().take(most) {
        let before = out.len();
        draw(out, index, one);
        if out.len() > end {
            out.truncate(before);
            break;
        }
        shown += 1;
    }
    more(out, all.len(), shown, word);
}

fn head(out: &mut String, report: &Report) {
    let mark = conclusion_mark(report.conclusion);
    let word = report.conclusion.word().to_uppercase();
    let _ = writeln!(out, "# {mark} {word}: {}\n", text(&report.because));
    let _ = writeln!(out, "**{}**\n", text(&claim_line(report)));
    listed(out, &report.notes, MOST_NOTES, ROOM, "note", |out, _, note| {
        let _ = writeln!(out, "> ⚠ {}  ", text(note));
    });
    if !report.notes.is_empty() {
        out.push('\n');
    }
    let target = &report.target;
    let version = target.version.as_deref().unwrap_or("unknown version");
    let finished = report.finished.as_deref().unwrap_or("not finished");
    let _ = writeln!(out, "| | |\n|---|---|");
    let _ = writeln!(
        out,
        "| Target | {} ({}), {} |",
        code(&target.name),
        code(version),
        code(&target.url)
    );
    let _ = writeln!(out, "| Certificate | {} |", text(&target.tls));
    let _ = writeln!(out, "| Scope | {} |", text(&scope_line(report)));
    let _ = writeln!(out, "| Run | {} to {} |", text(&report.started), text(finished));
    let _ = writeln!(out, "| With | {} |", text(&made_with(report)));
    if let Some(since) = &report.baseline {
        let _ = writeln!(
            out,
            "| Since {} | {} new, {} fixed, {} still there |",
            text(&since_line(since)),
            since.new.len(),
            since.fixed.len(),
            since.still
        );
    }
    if let Some(proof) = &report.proof {
        let _ = writeln!(out, "| Proof | {} |", text(&proof_line(proof)));
    }
    let cases = &report.summary.cases;
    let _ = writeln!(out, "\n| cases | pass | fail | unresolved | unsupported | untested |");
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} |\n",
        report.cases.len(),
        cases.pass,
        cases.fail,
        cases.unresolved,
        cases.unsupported,
        cases.untested
    );
    let (findings, known) = (&report.summary.findings, &report.summary.requirements);
    let _ = writeln!(
        out,
        "Findings: {}, {}, {}. Requirements: {} of {} exercised, {} broken, {} excluded with a \
        reason. {} sent.\n",
        counted(findings.violation, "violation"),
        counted(findings.deviation, "deviation"),
        counted(findings.observation, "observation"),
        known.exercised,
        known.total,
        known.broken,
        known.excluded,
        counted(report.summary.requests, "request")
    );
}

fn causes(out: &mut String, report: &Report, grave: &[&Group]) {
    if grave.is_empty() {
        return;
    }
    let _ = writeln!(out, "## What is wrong: {}\n", counted(grave.len() as u64, "cause"));
    listed(out, grave, MOST_CAUSES, ROOM_OF_CAUSES, "cause", |out, index, group| {
        let known = requirement(report, &group.requirement);
        let statement = known.map_or(group.requirement.as_str(), |known| known.statement.as_str());
        let times = if group.count > 1 { format!(" ×{}", group.count) } else { String::new() };
        let mark = severity_mark(group.severity);
        let _ = writeln!(out, "### {}. {mark} {}{times}\n", index + 1, text(statement));
        let place = known.map_or_else(String::new, |known| {
            format!(" ({}; {})", known.basis.word(), text(&known.place))
        });
        let _ = writeln!(out, "- {}: {}{place}", group.severity.word(), code(&group.requirement));
        let _ = writeln!(out, "- expected: {}", code(&group.expected));
        let _ = writeln!(out, "- actual: {}{}", code(&group.actual_text()), at(&group.place));
        if let Some(first) = group.cases.first() {
            let waived = if all_waived(report, group) { ", waived" } else { "" };
            let _ = writeln!(out, "- case: {}{}{waived}", code(first), others(group.cases.len()));
            if let Some(place) = seen_in(report, group) {
                let _ = writeln!(out, "- entry: {}", code(place));
            }
            let _ = writeln!(out, "- run again: {}", code(&rerun(report, first)));
        }
        out.push('\n');
    });
}

/// A waiver for each new failure, to fill in and paste.
fn acceptable(out: &mut String, report: &Report) {
    const MOST_DRAFTS: usize = 2;
    let drafts = drafts_in(report);
    if drafts.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<details><summary>To accept a failure for a limited time, fill in and paste into the \
            waiver file</summary>\n"
    );
    for draft in drafts.iter().take(MOST_DRAFTS) {
        let _ = writeln!(out, "{}", block("toml", draft));
    }
    more(out, drafts.len(), MOST_DRAFTS, "waiver");
    let _ = writeln!(out, "</details>\n");
}

fn news(out: &mut String, report: &Report) {
    let Some(since) = &report.baseline else { return };
    for (word, lines) in [("New", &since.new), ("Fixed", &since.fixed)] {
        if !lines.is_empty() {
            let _ =
                writeln!(out, "## {word} since {}: {}\n", text(&since_line(since)), lines.len());
            listed(out, lines, MOST_NOTES, ROOM, "line", |out, _, line| {
                let _ = writeln!(out, "- {}", code(line));
            });
            out.push('\n');
        }
    }
}

fn unresolved(out: &mut String, report: &Report) {
    let mut by_reason: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in with_verdict(report, &[Verdict::Unresolved]) {
        let why = case.reason.as_deref().unwrap_or("no reason recorded");
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, cases)) => cases.push(case),
            None => by_reason.push((why, vec![case])),
        }
    }
    if by_reason.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "## Couldn't be judged: {}\n",
        counted(report.summary.cases.unresolved, "case")
    );
    let _ = writeln!(out, "| case | why |\n|---|---|");
    listed(out, &by_reason, MOST_ROWS, ROOM, "reason", |out, _, (why, cases)| {
        let _ = writeln!(
            out,
            "| {}{} | {} |",
            cases.first().map_or_else(String::new, |case| code(&case.id)),
            others(cases.len()),
            text(why)
        );
    });
    out.push('\n');
}

fn uncovered(out: &mut String, report: &Report) {
    let (stated, other) = not_exercised(report);
    let left_out: Vec<_> = reasons(report).into_iter().collect();
    if stated.is_empty() && other.is_empty() && left_out.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Not covered\n");
    if !stated.is_empty() {
        let _ = writeln!(
            out,
            "{} that the documents state {} never exercised:\n",
            counted(stated.len() as u64, "requirement"),
            if stated.len() == 1 { "was" } else { "were" }
        );
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for known in &stated {
            let why = known.reason.as_deref().unwrap_or("no reason recorded");
            by_reason.entry(why).or_default().push(code(&known.id));
        }
        let by_reason: Vec<_> = by_reason.into_iter().collect();
        let _ = writeln!(out, "| why | count | which |\n|---|---|---|");
        listed(out, &by_reason, MOST_ROWS, ROOM, "reason", |out, _, (why, ids)| {
            let first =
                ids.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(" ");
            let cut = ids.len().saturating_sub(MOST_NAMES);
            let rest = if cut > 0 { format!(" and {cut} more") } else { String::new() };
            let _ = writeln!(out, "| {} | {} | {first}{rest} |", text(why), ids.len());
        });
        out.push('\n');
    }
    if !other.is_empty() {
        let _ = writeln!(
            out,
            "Nor {} that only an example, a neighbouring page or a choice of ours supports.\n",
            counted(other.len() as u64, "requirement")
        );
    }
    if !left_out.is_empty() {
        let _ = writeln!(out, "| cases that didn't run | count |\n|---|---|");
        listed(out, &left_out, MOST_ROWS, ROOM, "reason", |out, _, ((verdict, reason), cases)| {
            let _ = writeln!(out, "| {}: {} | {} |", verdict.word(), text(reason), cases.len());
        });
        out.push('\n');
    }
}

/// Which operations of the API the contract has, and what it lacks.
fn operations(out: &mut String, report: &Report) {
    let Some(coverage) = &report.coverage else { return };
    let totals = &coverage.totals;
    let _ = writeln!(
        out,
        "## Operations: {} in the contract, {} of them exercised\n",
        totals.in_contract,
        totals.exercised.unwrap_or_default()
    );
    let _ = writeln!(
        out,
        "The contract has {} of {} that a page documents and {} of {} that public clients call.\n",
        totals.documented_in_contract, totals.documented, totals.called_in_contract, totals.called
    );
    let idle: Vec<String> =
        coverage.not_exercised.iter().take(MOST_ROWS).map(|id| code(id)).collect();
    if !idle.is_empty() {
        let more = coverage.not_exercised.len() - idle.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "Not exercised: {}{more}.\n", idle.join(", "));
    }
    if coverage.next.is_empty() {
        return;
    }
    let _ = writeln!(out, "| to import next | clients | once its page is saved |\n|---|---|---|");
    for one in &coverage.next {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            code(&format!("{} {}", one.method, one.path)),
            one.callers,
            code(&one.command)
        );
    }
    out.push('\n');
}

/// How firm the rules of each operation are, the softest first.
fn firm(out: &mut String, report: &Report) {
    let mut rows = firmness(report);
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(_, firm, _)| std::cmp::Reverse(firm.all() - firm.stated));
    let _ = writeln!(out, "## How firm the rules are\n");
    let _ = writeln!(
        out,
        "What a page states fails a run when it is broken. What only an example, a neighbouring \
        page or a choice of ours says fails it with `--strict` only; where a page contradicts \
        itself, nothing does.\n"
    );
    let _ = writeln!(
        out,
        "| operation | rules | exercised | stated | example | neighbour | inferred | conflict \
        |\n|---|---|---|---|---|---|---|---|"
    );
    listed(out, &rows, MOST_ROWS, ROOM, "operation", |out, _, (operation, firm, exercised)| {
        let Firm { stated, example, neighbour, inferred, conflict } = firm;
        let _ = writeln!(
            out,
            "| {} | {} | {exercised} | {stated} | {example} | {neighbour} | {inferred} | \
            {conflict} |",
            code(operation),
            firm.all()
        );
    });
    out.push('\n');
}

fn waivers(out: &mut String, report: &Report) {
    if report.waivers.is_empty() {
        return;
    }
    let _ =
        writeln!(out, "## Known failures: {}\n", counted(report.waivers.len() as u64, "waiver"));
    let _ = writeln!(
        out,
        "| state | case, requirement | reason | owner | expires | ticket | covers \
        |\n|---|---|---|---|---|---|---|"
    );
    listed(out, &report.waivers, MOST_ROWS, ROOM, "waiver", |out, _, waiver| {
        let further =
            [("at", &waiver.pointer), ("versions", &waiver.versions), ("value", &waiver.actual)];
        let further: String = further
            .into_iter()
            .filter_map(|(name, value)| {
                value.as_ref().map(|value| format!(" {name} {}", code(&short(value, MOST_CELL))))
            })
            .collect();
        let cell = |value: &str| text(&short(value, MOST_CELL));
        let _ = writeln!(
            out,
            "| {} | {} {}{further} | {} | {} | {} | {} | {} |",
            waiver.state.word(),
            code(&waiver.case),
            code(&waiver.requirement),
            cell(&waiver.reason),
            cell(&waiver.owner),
            cell(&waiver.expires),
            cell(&waiver.ticket),
            counted(waiver.covers, "finding")
        );
    });
    out.push('\n');
}

fn lesser(out: &mut String, report: &Report, other: &[&Group]) {
    if other.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Not failures, but worth knowing: {}\n", other.len());
    let _ = writeln!(out, "| | requirement | expected | actual | count |\n|---|---|---|---|---|");
    listed(out, other, MOST_ROWS, ROOM, "cause", |out, _, group| {
        let told = requirement(report, &group.requirement)
            .map_or_else(String::new, |known| format!("{} ", text(&known.statement)));
        let _ = writeln!(
            out,
            "| {} {} | {told}{} | {} | {}{} | {} |",
            severity_mark(group.severity),
            group.severity.word(),
            code(&group.requirement),
            code(&short(&group.expected, MOST_CELL)),
            code(&short(&group.actual_text(), MOST_CELL)),
            at(&group.place),
            group.count
        );
    });
    out.push('\n');
}

fn foot(out: &mut String, report: &Report) {
    let errata = counted_as(report.errata.len() as u64, "erratum", "errata");
    let _ = writeln!(
        out,
        "{errata} of the documents, the evidence and every passed case are in `report.html`; \
            `report.json` has everything. `lxca-conform explain ID` explains an id."
    );
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" at {}", code(place)) }
}

/// The line below a list that was cut.
fn more(out: &mut String, all: usize, most: usize, word: &str) {
    if all > most {
        let (count, ending) = (all - most, if all - most == 1 { "" } else { "s" });
        let _ = writeln!(out, "\n… and {count} more {word}{ending}.");
    }
}

#[cfg(test)]
mod tests;
