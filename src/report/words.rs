//! What every form of a report says in the same words: conclusions, claims, commands, counts; and
//! how a text is kept to one line.
//!
//! Knows: the report. Must not know: markup, or which form it is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalogue::Effect;
use crate::contract::{Basis, Severity};
use crate::judge::{Disposition, Verdict};
use crate::pointer::pattern;
use crate::record::TargetKind;
pub(super) use crate::terms::is_hidden as hidden;

use super::claim::no_claim;
use super::groups::Group;
use super::model::{Case, Conclusion, Evidence, Proof, Report, RequirementState, Since, State};

/// Characters of one value.
const MOST_TEXT: usize = 300;
/// Headers of one answer.
const MOST_HEADERS: usize = 20;

/// What an earlier run was, in a few words.
pub(super) fn since_line(since: &Since) -> String {
    format!(
        "the run of {} on {} ({})",
        one_line(&since.started),
        one_line(&since.target),
        one_line(since.version.as_deref().unwrap_or("unknown version"))
    )
}

/// What a self-test showed, in a sentence.
pub(super) fn proof_line(proof: &Proof) -> String {
    let Proof { checks, proved, faults, caught, variants, accused } = proof;
    format!(
        "{proved} of {checks} checks shown to fail when they should; {caught} of {faults} faults \
            caught, {accused} of {variants} harmless variants accused."
    )
}

/// Request line and body.
pub(super) fn request_text(evidence: &Evidence) -> String {
    match &evidence.request_body {
        Some(body) => format!("{}\n\n{}", one_line(&evidence.request), short(body, MOST_BODY)),
        None => one_line(&evidence.request),
    }
}

/// Status and headers, and the body where it is wanted.
pub(super) fn answer_text(evidence: &Evidence, body: bool) -> String {
    let mut out = one_line(&evidence.answer);
    for (name, value) in evidence.headers.iter().take(MOST_HEADERS) {
        let _ = write!(out, "\n{}: {}", one_line(name), one_line(value));
    }
    if let Some(body) = evidence.body.as_ref().filter(|_| body) {
        let _ = write!(out, "\n\n{}", short(body, MOST_BODY));
    }
    out
}

/// The lines of `answer_text`, from 0, at which the wrong values of one place stand.
pub(super) fn marked_lines(evidence: &Evidence, place: &str) -> Vec<usize> {
    // The body stands after the headers and an empty line.
    let head = answer_text(evidence, false).lines().count() + 1;
    let here = |pointer: &str| !place.is_empty() && pattern(pointer) == place;
    evidence
        .marks
        .iter()
        .filter(|mark| here(&mark.pointer))
        .map(|mark| head + mark.line as usize - 1)
        .collect()
}

/// Characters of a body that a person is shown.
pub(super) const MOST_BODY: usize = 4200;

/// What the report may be taken for, in a sentence.
pub(super) fn claim_line(report: &Report) -> String {
    match (no_claim(report), report.target.kind) {
        (None, _) => {
            format!("This is evidence about {}, in the given scope.", one_line(&report.target.name))
        }
        (_, TargetKind::Double) => {
            "Run against the built-in double. This says nothing about any appliance.".to_owned()
        }
        (Some(why), _) => format!("No claim about any product: {why}."),
    }
}

/// What was asked for, in words.
pub(super) fn scope_line(report: &Report) -> String {
    let scope = &report.scope;
    let mut line = format!("effects up to {}", scope.allow.word());
    if scope.strict {
        line.push_str(", deviations fail (strict)");
    }
    if scope.filters.is_empty() {
        line.push_str(", no filter");
    } else {
        let _ = write!(line, ", only {}", one_line(&scope.filters.join(" ")));
    }
    line
}

/// Tool, contract and catalogue in a line.
pub(super) fn made_with(report: &Report) -> String {
    format!(
        "{} {}, contract {}, catalogue {}",
        one_line(&report.tool.name),
        one_line(&report.tool.version),
        digest(&report.contract.digest),
        digest(&report.catalogue.digest)
    )
}

/// The start of a digest.
pub(crate) fn digest(whole: &str) -> String {
    whole.trim_start_matches("sha256:").chars().take(12).collect()
}

/// The command that runs one case again.
pub(super) fn rerun(report: &Report, id: &str) -> String {
    if report.target.kind == TargetKind::Recording {
        // Nobody can send what somebody else sent; but the operation can be asked.
        let operation = report.cases.iter().find(|case| case.id == id);
        return format!(
            "lxca-conform run --filter '{}::*' --url {} --user NAME",
            one_line(operation.map_or(id, |case| &case.operation)).replace('\'', "?"),
            one_line(&report.target.url)
        );
    }
    let effect =
        report.cases.iter().find(|case| case.id == id).map_or(Effect::Read, |case| case.effect);
    let allow = match effect {
        Effect::Read => String::new(),
        effect => format!(" --allow {}", effect.word()),
    };
    let target = if report.target.built_in == Some(true) {
        String::new()
    } else {
        format!(" --url {} --user NAME", one_line(&report.target.url))
    };
    format!("lxca-conform run --filter '{}'{allow}{target}", one_line(id).replace('\'', "?"))
}

/// Whether a cause makes its cases fail.
pub(super) fn fails(report: &Report, group: &Group) -> bool {
    match group.severity {
        Severity::Violation => true,
        Severity::Deviation => report.scope.strict,
        Severity::Observation => false,
    }
}

/// Whether waivers name every case of a cause.
pub(super) fn all_waived(report: &Report, group: &Group) -> bool {
    let waived = |id: &String| {
        report
            .cases
            .iter()
            .any(|case| case.id == *id && case.disposition == Disposition::KnownFailure)
    };
    !group.cases.is_empty() && group.cases.iter().all(waived)
}

/// Requirements that no data reached: the stated ones, then the others.
pub(super) fn not_exercised(report: &Report) -> (Vec<&RequirementState>, Vec<&RequirementState>) {
    report
        .requirements
        .iter()
        .filter(|known| known.status == State::NotExercised)
        .partition(|known| known.basis == Basis::Stated)
}

/// Cases that didn't run, by verdict and reason.
pub(super) fn reasons(report: &Report) -> BTreeMap<(Verdict, &str), Vec<&Case>> {
    let mut found: BTreeMap<(Verdict, &str), Vec<&Case>> = BTreeMap::new();
    for case in with_verdict(report, &[Verdict::Unsupported, Verdict::Untested]) {
        let reason = case.reason.as_deref().unwrap_or("no reason recorded");
        found.entry((case.verdict, reason)).or_default().push(case);
    }
    found
}

/// Cases of some verdicts, in the order of the report.
pub(super) fn with_verdict<'a>(
    report: &'a Report,
    wanted: &[Verdict],
) -> impl Iterator<Item = &'a Case> {
    let wanted = wanted.to_vec();
    report.cases.iter().filter(move |case| wanted.contains(&case.verdict))
}

pub(super) fn requirement<'a>(report: &'a Report, id: &str) -> Option<&'a RequirementState> {
    report.requirements.iter().find(|known| known.id == id)
}

pub(super) fn others(cases: usize) -> String {
    if cases > 1 { format!(" and {} more", cases - 1) } else { String::new() }
}

/// The form of a word for a count.
pub(super) fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// `1 case`, `2 cases`.
pub(super) fn counted(count: u64, word: &str) -> String {
    counted_as(count, word, &format!("{word}s"))
}

/// The count with its noun, for nouns whose plural isn't the singular with an s.
pub(crate) fn counted_as(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The words of a text in lines of at most `width` columns, without what steers a terminal. A word
/// that is longer than a line stays whole.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || hidden(c)).filter(|word| !word.is_empty())
    {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The symbol of a conclusion.
pub(super) fn conclusion_mark(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Conformant => "✓",
        Conclusion::Nonconformant => "✗",
        Conclusion::Incomplete => "?",
    }
}

/// The symbol of a severity.
pub(super) fn severity_mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Violation => "✗",
        Severity::Deviation => "▲",
        Severity::Observation => "•",
    }
}

/// At most `most` characters, with the total count if some are missing.
pub(super) fn short(whole: &str, most: usize) -> String {
    match whole.char_indices().nth(most) {
        None => whole.to_owned(),
        Some((end, _)) => {
            format!("{}… ({} characters in all)", &whole[..end], whole.chars().count())
        }
    }
}

/// One line of bounded length without control characters.
pub(crate) fn one_line(whole: &str) -> String {
    short(&flat(whole), MOST_TEXT)
}

pub(super) fn flat(whole: &str) -> String {
    let flat: String =
        whole.chars().map(|c| if c.is_whitespace() || hidden(c) { ' ' } else { c }).collect();
    flat.trim().to_owned()
}
