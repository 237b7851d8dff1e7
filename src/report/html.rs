//! `report.html`: one file for people, readable without network and without scripts.
//!
//! Knows: the report, and in which order a reader needs it; the look is in `templates/`. Must not
//! know: files, terminals.

mod rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use askama::Template;
use base64::Engine as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::contract::{Erratum, Severity};
use crate::judge::Verdict;
use crate::record::TargetKind;

use super::cause::{Capped, Cause, Drawer, MOST_TEXT, Trouble};
use super::claim::no_claim;
use super::groups::{Group, groups};
use super::model::{Case, Conclusion, Report};
use super::register::{Section, firm_line, register};
use super::ticket::errata_markdown;
use super::waive::drafts_in;
use super::words::{
    all_waived, claim_line, conclusion_mark, counted, digest, fails, hidden, not_exercised,
    proof_line, scope_line, short, since_line,
};

use rows::{
    ByOperation, LeftOut, Row, Time, Unreached, Waiver, cases_by_operation, left_out, rows, times,
    unreached, waiver,
};

/// How much of a report a page takes.
struct Limits {
    /// Rows of any list but those of the cases and the requirements.
    list: usize,
    /// Exchanges.
    exchanges: usize,
    /// Bytes of the rows of cases.
    case_bytes: usize,
}

const GENEROUS: Limits = Limits { list: 200, exchanges: 60, case_bytes: 6_200_000 };
/// For a report whose texts are all markup, which takes six times its bytes when it is spelt out.
const TIGHT: Limits = Limits { list: 40, exchanges: 10, case_bytes: 2_000_000 };
/// A page that a browser opens at once.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Lists up to this length are open from the start.
const OPEN_ROWS: usize = 8;
const MOST_NOTES: usize = 20;
/// Characters of one value in a row of a table.
const MOST_ROW_TEXT: usize = 300;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The report as one HTML file.
#[must_use]
pub fn html(report: &Report) -> String {
    let page = draw(report, &GENEROUS);
    if page.len() < MOST_BYTES { page } else { draw(report, &TIGHT) }
}

fn draw(report: &Report, limits: &Limits) -> String {
    match Page::new(report, limits).render() {
        Ok(page) => without_dead_links(visible(page)),
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The report could not be rendered: \
                {error}."
        ),
    }
}

/// Spells out what would steer a display: control characters and marks of direction.
pub(crate) fn visible(page: String) -> String {
    let is_hidden = |c: char| !matches!(c, ' '..='~' | '\n' | '\t') && hidden(c);
    if !page.contains(is_hidden) {
        return page;
    }
    let mut out = String::with_capacity(page.len());
    let mut rest = page.as_str();
    // Nearly all of a page is shown as it is, so that it is copied in long pieces.
    while let Some(at) = rest.find(is_hidden) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let mut chars = after.chars();
        if let Some(c) = chars.next().filter(|_| !after.starts_with("\r\n")) {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}

/// A link to a row that was cut off is no link.
fn without_dead_links(page: String) -> String {
    const LINK: &str = "<a href=\"#";
    let ids: BTreeSet<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let leads_to = |part: &str| part.split_once('"').is_none_or(|(id, _)| ids.contains(id));
    if page.split(LINK).skip(1).all(leads_to) {
        return page;
    }
    let mut out = String::with_capacity(page.len());
    let mut parts = page.split(LINK);
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if leads_to(part) {
            out.push_str(LINK);
            out.push_str(part);
        } else if let Some((_, rest)) = part.split_once('"') {
            out.push_str("<a");
            out.push_str(rest);
        }
    }
    out
}

/// What a policy names an inline style or script by.
fn hash_of(text: &str) -> String {
    format!(
        "sha256-{}",
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
    )
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    style: String,
    style_hash: String,
    script: String,
    script_hash: String,
    mark: &'static str,
    because: String,
    claim: String,
    next: String,
    notes: Capped<String>,
    verdicts: Vec<Part>,
    coverage: Vec<Part>,
    percent: u64,
    checkable: u64,
    since: Option<News<'a>>,
    proof: Option<String>,
    scope: String,
    findings: String,
    requests: String,
    documents: String,
    kind: &'static str,
    version: &'a str,
    build: Option<&'a str>,
    uuid: Option<String>,
    contract: String,
    catalogue: String,
    causes: Capped<Cause<'a>>,
    drafts: Capped<String>,
    unresolved: Capped<Trouble<'a>>,
    unreached: Vec<Unreached<'a>>,
    stated_unreached: usize,
    left_out: Vec<LeftOut<'a>>,
    waived: Capped<Cause<'a>>,
    waivers: Capped<Waiver<'a>>,
    deviations: Capped<Cause<'a>>,
    drift: Capped<Cause<'a>>,
    observations: Capped<Cause<'a>>,
    errata: Capped<&'a Erratum>,
    errata_markdown: String,
    errata_json: String,
    errata_link: String,
    times: Capped<Time<'a>>,
    troubled: Capped<Row<'a>>,
    passed: Vec<ByOperation<'a, Row<'a>>>,
    not_run: Vec<ByOperation<'a, Row<'a>>>,
    register: Vec<Section<'a>>,
    firm: String,
}

/// A part of a bar and its entry in the legend.
struct Part {
    word: &'static str,
    label: &'static str,
    mark: &'static str,
    count: u64,
    at: u64,
    width: u64,
}

/// Parts of one whole, side by side in a thousand.
fn parts(of: &[(&'static str, &'static str, &'static str, u64)]) -> Vec<Part> {
    let all: u64 = of.iter().map(|(_, _, _, count)| count).sum::<u64>().max(1);
    let mut before = 0;
    let draw = |(word, label, mark, count): &(&'static str, &'static str, &'static str, u64)| {
        let at = before * 1000 / all;
        before += count;
        Part {
            word,
            label,
            mark,
            count: *count,
            at,
            width: if *count == 0 { 0 } else { (before * 1000 / all - at).max(4) },
        }
    };
    of.iter().map(draw).collect()
}

struct News<'a> {
    about: String,
    fresh: Capped<&'a String>,
    gone: Capped<&'a String>,
    still: u64,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report, limits: &Limits) -> Self {
        let (style, script) = (STYLE.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
        let mut drawer = Drawer::new(report, limits.list, limits.exchanges);
        let (failing, other): (Vec<Group>, Vec<Group>) =
            groups(report).into_iter().partition(|group| fails(report, group));
        let (waived, failing): (Vec<Group>, Vec<Group>) =
            failing.into_iter().partition(|group| all_waived(report, group));
        let (deviations, other): (Vec<Group>, Vec<Group>) =
            other.into_iter().partition(|group| group.severity == Severity::Deviation);
        let (drift, observations): (Vec<Group>, Vec<Group>) =
            other.into_iter().partition(|group| group.check == "drift");
        let causes = drawer.causes(failing);
        let unresolved = drawer.unresolved();
        let waived = drawer.causes(waived);
        let deviations = drawer.causes(deviations);
        let drift = drawer.causes(drift);
        let observations = drawer.causes(observations);
        let mut troubled: Vec<&Case> = report
            .cases
            .iter()
            .filter(|case| matches!(case.verdict, Verdict::Fail | Verdict::Unresolved))
            .collect();
        troubled.sort_by_key(|case| case.verdict);
        let mut room = limits.case_bytes;
        let troubled = rows(troubled, &mut room);
        let not_run = cases_by_operation(
            report,
            &[Verdict::Unsupported, Verdict::Untested],
            "that didn't run",
            &mut room,
        );
        let passed = cases_by_operation(report, &[Verdict::Pass], "that passed", &mut room);
        let (verdicts, known) = (&report.summary.cases, &report.summary.requirements);
        let checkable = known.total - known.excluded.min(known.total);
        let errata = errata_markdown(report);
        let errata_json = serde_json::to_string_pretty(&report.errata).unwrap_or_default();
        Self {
            style_hash: hash_of(&style),
            script_hash: hash_of(&script),
            style,
            script,
            mark: conclusion_mark(report.conclusion),
            because: short(&report.because, MOST_TEXT),
            claim: claim(report),
            next: next(report, causes.len(), waived.len()),
            notes: Capped::new(report.notes.iter().map(|note| short(note, MOST_TEXT)), MOST_NOTES),
            verdicts: parts(&[
                ("fail", "fail", "✗", verdicts.fail),
                ("unresolved", "unresolved", "?", verdicts.unresolved),
                ("pass", "pass", "✓", verdicts.pass),
                ("unsupported", "unsupported", "–", verdicts.unsupported),
                ("untested", "untested", "○", verdicts.untested),
            ]),
            coverage: parts(&[
                ("broken", "broken", "✗", known.broken),
                ("held", "held", "✓", known.exercised - known.broken.min(known.exercised)),
                ("not-exercised", "not exercised", "○", checkable - known.exercised.min(checkable)),
                ("excluded", "excluded with a reason", "–", known.excluded),
            ]),
            percent: known.exercised * 100 / checkable.max(1),
            checkable,
            since: report.baseline.as_ref().map(|since| News {
                about: since_line(since),
                fresh: Capped::new(&since.new, limits.list),
                gone: Capped::new(&since.fixed, limits.list),
                still: since.still,
            }),
            proof: report.proof.as_ref().map(proof_line),
            scope: scope_line(report),
            findings: [
                counted(report.summary.findings.violation, "violation"),
                counted(report.summary.findings.deviation, "deviation"),
                counted(report.summary.findings.observation, "observation"),
            ]
            .join(", "),
            requests: counted(report.summary.requests, "request"),
            documents: counted(report.contract.documents.len() as u64, "document"),
            kind: match report.target.kind {
                TargetKind::Double => "the built-in double",
                TargetKind::Live => "live",
                TargetKind::Replay => "an old record",
                TargetKind::Recording => "a recording",
            },
            version: report.target.version.as_deref().unwrap_or("version not reported"),
            build: report.target.build.as_deref(),
            uuid: report.target.uuid.as_deref().map(masked),
            contract: digest(&report.contract.digest),
            catalogue: digest(&report.catalogue.digest),
            causes,
            drafts: Capped::new(drafts_in(report), limits.list),
            unresolved,
            unreached: unreached(report, limits),
            stated_unreached: not_exercised(report).0.len(),
            left_out: left_out(report, limits),
            waived,
            waivers: Capped::new(report.waivers.iter().map(waiver), limits.list),
            deviations,
            drift,
            observations,
            errata: Capped::new(&report.errata, limits.list),
            errata_json: utf8_percent_encode(&errata_json, NON_ALPHANUMERIC).to_string(),
            errata_link: utf8_percent_encode(&errata, NON_ALPHANUMERIC).to_string(),
            errata_markdown: errata,
            times: Capped::new(times(&report.timings), limits.list),
            troubled,
            passed,
            not_run,
            register: register(report),
            firm: firm_line(report),
            report,
        }
    }
}

/// Enough of an identity to tell two appliances apart, and no more.
fn masked(uuid: &str) -> String {
    let start: String = uuid.chars().take(8).collect();
    format!("{start}…")
}

fn claim(report: &Report) -> String {
    match no_claim(report) {
        None => claim_line(report),
        Some(why) => format!("None: {why}."),
    }
}

/// What a reader should do, in a sentence.
fn next(report: &Report, causes: usize, waived: usize) -> String {
    let unreached = not_exercised(report).0.len();
    match report.conclusion {
        Conclusion::Nonconformant if causes == 0 && waived > 0 => {
            "Every failure is covered by a waiver: check that the reasons still apply.".to_owned()
        }
        Conclusion::Nonconformant if causes == 1 => {
            "Look at the cause below. It has a text for a ticket, and a command to run it again."
                .to_owned()
        }
        Conclusion::Nonconformant => {
            format!(
                "Look at the {} below. Each has a text for a ticket, and a command to run it \
                    again.",
                counted(causes as u64, "cause")
            )
        }
        Conclusion::Incomplete => {
            "This run can't tell: see what couldn't be judged and what wasn't covered.".to_owned()
        }
        Conclusion::Conformant if report.summary.findings.deviation > 0 => {
            let deviations = report.summary.findings.deviation;
            format!(
                "Look at the {} below: {} against a rule that an example, another page or our \
                own reading gives. With --strict {} fail the run.",
                counted(deviations, "deviation"),
                if deviations == 1 { "it is" } else { "each is" },
                if deviations == 1 { "it would" } else { "they would" }
            )
        }
        Conclusion::Conformant if unreached > 0 => {
            format!(
                "Nothing to do in this scope. {} that the documents state {} not covered \
                by it.",
                counted(unreached as u64, "requirement"),
                if unreached == 1 { "is" } else { "are" }
            )
        }
        Conclusion::Conformant => "Nothing to do in this scope.".to_owned(),
    }
}

#[cfg(test)]
mod tests;
