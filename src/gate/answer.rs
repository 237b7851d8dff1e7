//! From changes to an answer with its reasons.
//!
//! Knows: changes, the policy, what the waivers are worth. One cause is one line. Must not know:
//! how changes were found.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Severity;
use crate::report::{Group, Report, Standing, counted_as, drafts_of};
use crate::shape::{Class, Kind};

use super::Bench;
use super::asked::fewer_drawn;
use super::model::{ADDITIVE_DRIFT, BREAKING_DRIFT};
use super::model::{
    Answer, Candidate, CaseChange, Change, FindingChange, Observed, ObservedChange, Reason, Share,
};
use super::policy::Action;
use super::sentence::because;

pub(super) const YES: u8 = 0;
pub(super) const NO: u8 = 1;
pub(super) const CANT_TELL: u8 = 3;
pub(super) const WAIVERS: u8 = 6;

/// Names that a line has room for.
const MOST_NAMES: usize = 3;

/// How grave an exit code is against another.
pub(super) fn weight(exit: u8) -> u8 {
    match exit {
        NO => 3,
        WAIVERS => 2,
        CANT_TELL => 1,
        _ => 0,
    }
}

/// Fills in the answer, its reasons, and a draft of a waiver for each failure that counts.
pub(super) fn give(
    bench: &Bench<'_>,
    found: &mut Candidate,
    before: &Report,
    after: &Report,
    refusals: &[String],
    standing: &Standing,
) {
    if !refusals.is_empty() {
        found.reasons = refusals
            .iter()
            .map(|text| reason(Action::CantTell, "not-comparable", text.clone()))
            .collect();
        found.because = format!("not comparable: {}", refusals.join("; "));
        return;
    }
    let mut reasons = Vec::new();
    let mut drafts = Vec::new();
    for group in grouped(&found.findings) {
        // What no page names stands among the differences of shape, where both shapes are known.
        if matches!(group.change, Change::NewObservation | Change::ChangedObservation)
            && group.first.check == "drift"
            && !found.drift.is_empty()
        {
            continue;
        }
        let Some(rule) = group.change.rule(group.severity) else { continue };
        let action = if group.lapsed { Action::Waivers } else { bench.policy.on(rule) };
        if action > Action::Warn && !group.lapsed {
            drafts.extend(drafts_of(&group.as_cause(), group.values.len() == 1, bench.today));
        }
        reasons.push(Reason {
            action,
            rule: rule.to_owned(),
            text: group.reason_text(after),
            requirement: Some(group.requirement.to_owned()),
            cases: group.cases.iter().map(|id| (*id).to_owned()).collect(),
        });
    }
    reasons.extend(lost(bench, found));
    reasons
        .extend(standing.stale.iter().map(|text| reason(Action::Waivers, "waiver", text.clone())));
    let exercised = after.summary.requirements.exercised;
    if exercised < bench.policy.minimum_exercised {
        let text = format!(
            "the candidate exercised {exercised} requirements, and the policy `{}` asks for {}",
            bench.policy.name, bench.policy.minimum_exercised
        );
        reasons.push(reason(Action::CantTell, "minimum-exercised", text));
    }
    reasons.extend(drifts(bench, found));
    reasons.extend(found.observed.iter().map(|one| otherwise(bench, one)));
    if let Some(why) = after
        .ended_early
        .as_ref()
        .map(|why| format!("ended early: {why}"))
        .or_else(|| after.finished.is_none().then(|| "was interrupted".to_owned()))
    {
        // What it would have shown nobody knows, however well it began.
        reasons.push(reason(
            bench.policy.on("exercised-less"),
            "exercised-less",
            format!("the candidate {why}"),
        ));
    }
    if let Some(text) = fewer_drawn(&before.catalogue, &after.catalogue) {
        reasons.push(reason(bench.policy.on("exercised-less"), "exercised-less", text));
    }
    reasons.extend(
        found.caveats.iter().map(|text| reason(bench.policy.on("caveat"), "caveat", text.clone())),
    );
    reasons.retain(|reason| reason.action > Action::Ignore);
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.action));
    let worst = reasons.first().map_or(Action::Ignore, |reason| reason.action);
    (found.answer, found.exit) = match worst {
        Action::Fail => (Answer::No, NO),
        Action::Waivers => (Answer::No, WAIVERS),
        Action::CantTell => (Answer::CantTell, CANT_TELL),
        Action::Warn | Action::Ignore => (Answer::Yes, YES),
    };
    found.because = because(found, &reasons, worst, &bench.policy.name);
    found.reasons = reasons;
    found.drafts = drafts;
}

fn reason(action: Action, rule: &str, text: String) -> Reason {
    Reason { action, rule: rule.to_owned(), text, requirement: None, cases: Vec::new() }
}

/// What can't be told any more, a line for each kind.
fn lost(bench: &Bench<'_>, found: &Candidate) -> Vec<Reason> {
    let mut lines = Vec::new();
    for change in [
        Change::Unstable,
        Change::BecameUnresolved,
        Change::BecameUnsupported,
        Change::NotExercised,
        Change::RemovedCase,
    ] {
        let cases: Vec<&CaseChange> =
            found.cases.iter().filter(|case| case.change == change).collect();
        let Some(rule) = change.rule(Severity::Violation).filter(|_| !cases.is_empty()) else {
            continue;
        };
        let what = match change {
            Change::Unstable => "gave different verdicts in different rounds",
            Change::BecameUnresolved => "can no longer be judged",
            Change::BecameUnsupported => "are no longer supported",
            Change::NotExercised => "were no longer judged",
            _ => "are only in the baseline",
        };
        let why = cases
            .iter()
            .find_map(|case| case.reason.as_deref())
            .map_or_else(String::new, |why| format!(" ({why})"));
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let text = format!(
            "{} that the baseline judged {what}: {}{why}",
            counted(cases.len(), "case", "cases"),
            some(&ids)
        );
        lines.push(Reason {
            action: bench.policy.on(rule),
            rule: rule.to_owned(),
            text,
            requirement: None,
            cases: ids.into_iter().map(str::to_owned).collect(),
        });
    }
    let with = |change: Change| {
        found
            .requirements
            .iter()
            .filter(|known| known.change == change)
            .map(|known| known.id.as_str())
            .collect::<Vec<_>>()
    };
    let mut ids = with(Change::HiddenByWaiver);
    ids.extend(
        found
            .cases
            .iter()
            .filter(|case| case.change == Change::HiddenByWaiver)
            .map(|case| case.id.as_str()),
    );
    if !ids.is_empty() {
        let text = format!(
            "{} hidden by waived failures: {}",
            counted(ids.len(), "requirement or case", "requirements and cases"),
            some(&ids)
        );
        lines.push(reason(bench.policy.on("hidden-by-waiver"), "hidden-by-waiver", text));
    }
    let ids = with(Change::NotExercised);
    if let Some(first) = ids.first() {
        let text = format!(
            "the candidate exercised less: no data reached {}: {}",
            counted(ids.len(), "requirement", "requirements"),
            some(&ids)
        );
        lines.push(Reason {
            action: bench.policy.on("exercised-less"),
            rule: "exercised-less".to_owned(),
            text,
            requirement: Some((*first).to_owned()),
            cases: Vec::new(),
        });
    }
    lines
}

/// Findings with one cause and one fate.
struct Cause<'a> {
    change: Change,
    requirement: &'a str,
    severity: Severity,
    lapsed: bool,
    first: &'a FindingChange,
    values: BTreeSet<&'a str>,
    cases: Vec<&'a str>,
}

fn grouped(findings: &[FindingChange]) -> Vec<Cause<'_>> {
    let mut found: BTreeMap<(Change, bool, std::cmp::Reverse<Severity>, &str, &str), Cause<'_>> =
        BTreeMap::new();
    for finding in findings {
        let key = (
            finding.change,
            finding.lapsed,
            std::cmp::Reverse(finding.severity),
            finding.requirement.as_str(),
            finding.place.as_str(),
        );
        let group = found.entry(key).or_insert_with(|| Cause {
            change: finding.change,
            requirement: &finding.requirement,
            severity: finding.severity,
            lapsed: finding.lapsed,
            first: finding,
            values: BTreeSet::new(),
            cases: Vec::new(),
        });
        group.values.extend(finding.actual.as_deref());
        if group.cases.last() != Some(&finding.case.as_str()) {
            group.cases.push(&finding.case);
        }
    }
    found.into_values().collect()
}

impl Cause<'_> {
    fn reason_text(&self, report: &Report) -> String {
        let statement = report
            .requirements
            .iter()
            .find(|known| known.id == self.requirement)
            .map_or("", |known| known.statement.as_str());
        let place = if self.first.place.is_empty() {
            String::new()
        } else {
            format!(" at {}", self.first.place)
        };
        let actual = self.first.actual.as_deref().unwrap_or("nothing");
        let others = self.values.len().saturating_sub(1);
        let others = if others > 0 {
            format!(" and {}", counted(others, "other value", "other values"))
        } else {
            String::new()
        };
        let before = match (&self.first.before, self.change) {
            (Some(before), Change::ChangedEvidence | Change::ChangedObservation) => {
                format!(" (before: {before})")
            }
            (_, Change::Spread) => format!(
                ", in {}, before in {}",
                rows(&self.first.rows.after),
                rows(&self.first.rows.before)
            ),
            _ => String::new(),
        };
        let kind = if self.severity == Severity::Violation {
            String::new()
        } else {
            format!(" ({})", self.severity.word())
        };
        format!(
            "{}{kind}: {}: {statement} Expected {}, got {actual}{others}{place}{before}, in {}",
            self.change.spoken(),
            self.requirement,
            self.first.expected,
            some(&self.cases)
        )
    }

    fn as_cause(&self) -> Group {
        Group {
            requirement: self.requirement.to_owned(),
            severity: self.severity,
            check: self.first.check.clone(),
            place: self.first.place.clone(),
            expected: self.first.expected.clone(),
            closed: self.first.closed,
            actual: self.first.actual.clone().unwrap_or_default(),
            others: Vec::new(),
            kinds: self.values.len(),
            count: self.cases.len(),
            cases: self.cases.iter().map(|id| (*id).to_owned()).collect(),
        }
    }
}

/// Differences of shape that the policy doesn't expect, a line for each kind.
fn drifts(bench: &Bench<'_>, found: &Candidate) -> Vec<Reason> {
    let mut kinds: BTreeMap<(Class, Kind), Vec<String>> = BTreeMap::new();
    for drift in found.drift.iter().filter(|drift| !drift.allowed) {
        kinds.entry((drift.class, drift.kind)).or_default().push(drift.address());
    }
    let line = |((class, kind), places): ((Class, Kind), Vec<String>)| {
        let rule = if class == Class::Breaking { BREAKING_DRIFT } else { ADDITIVE_DRIFT };
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        reason(
            bench.policy.on(rule),
            rule,
            format!(
                "drift, {}: {} at {}: {}",
                class.word(),
                kind.word(),
                counted(places.len(), "place", "places"),
                some(&places)
            ),
        )
    };
    kinds.into_iter().map(line).collect()
}

/// What no page decides, and is otherwise now.
fn otherwise(bench: &Bench<'_>, one: &ObservedChange) -> Reason {
    let rule = if one.what == Observed::Time { "changed-time" } else { "changed-observation" };
    let ids: Vec<&str> = one.cases.iter().map(String::as_str).collect();
    let text = format!(
        "observed {}: {}: {}, before {}, in {}",
        one.what.word(),
        one.operation,
        one.after,
        one.before,
        some(&ids)
    );
    Reason {
        action: bench.policy.on(rule),
        rule: rule.to_owned(),
        text,
        requirement: None,
        cases: one.cases.clone(),
    }
}

/// `3 of 5 rows`.
fn rows(share: &Share) -> String {
    share.of.map_or_else(
        || counted_as(share.wrong, "row", "rows"),
        |of| format!("{} of {of} {}", share.wrong.min(of), if of == 1 { "row" } else { "rows" }),
    )
}

pub(super) fn some(ids: &[&str]) -> String {
    let first = ids.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    if ids.len() > MOST_NAMES {
        format!("{first} and {} more", ids.len() - MOST_NAMES)
    } else {
        first
    }
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    counted_as(u64::try_from(count).unwrap_or(u64::MAX), one, many)
}
