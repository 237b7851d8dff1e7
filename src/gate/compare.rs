//! What became of every finding, case and requirement between two reports.
//!
//! Knows: two reports that were judged with one contract and catalogue, and what waivers say. Must not know: what a change does to the
//! answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Severity;
use crate::judge::{Finding, Verdict};
use crate::report::{ASKED_OTHERWISE, Case, NOT_THEN, Overlay, Report, State, Waived, pattern, value_class};

use super::model::{CaseChange, Change, FindingChange, RequirementChange};

/// What became of everything.
pub(super) struct Compared {
    pub(super) findings: Vec<FindingChange>,
    pub(super) cases: Vec<CaseChange>,
    pub(super) requirements: Vec<RequirementChange>,
}

/// Findings that are the same, whatever value they show: check, requirement, step, place.
type Key<'a> = (&'a str, &'a str, &'a str, String);

/// Holds one report against the other.
pub(super) fn compare(before: &Report, after: &Report, overlays: &[Overlay<'_>; 2]) -> Compared {
    let earlier: BTreeMap<&str, &Case> = before.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut compared = Compared { findings: Vec::new(), cases: Vec::new(), requirements: Vec::new() };
    for case in &after.cases {
        let pair = Pair { before: earlier.get(case.id.as_str()).copied().filter(|case| was_asked(case)), after: Some(case).filter(|case| was_asked(case)), overlays };
        let findings = pair.findings(&case.id);
        compared.cases.push(pair.case(&case.id, &findings));
        compared.findings.extend(findings);
    }
    compared.findings.sort_by(|one, other| (one.change, std::cmp::Reverse(one.severity), &one.requirement).cmp(&(other.change, std::cmp::Reverse(other.severity), &other.requirement)));
    let states: BTreeMap<&str, State> = before.requirements.iter().map(|known| (known.id.as_str(), known.status)).collect();
    for known in &after.requirements {
        let before = states.get(known.id.as_str()).copied().unwrap_or(State::NotExercised);
        compared.requirements.push(RequirementChange { id: known.id.clone(), change: requirement(&known.id, before, known.status, &compared.findings), before, after: known.status });
    }
    compared
}

/// Whether the record asked what the case asks today.
fn was_asked(case: &Case) -> bool {
    !(case.verdict == Verdict::Untested && case.reason.as_deref().is_some_and(|reason| reason == NOT_THEN || reason == ASKED_OTHERWISE))
}

fn is_judged(case: Option<&Case>) -> bool {
    case.is_some_and(|case| matches!(case.verdict, Verdict::Pass | Verdict::Fail))
}

/// A case before and after; absent where the record didn't ask it.
struct Pair<'a> {
    before: Option<&'a Case>,
    after: Option<&'a Case>,
    overlays: &'a [Overlay<'a>; 2],
}

impl Pair<'_> {
    fn findings(&self, id: &str) -> Vec<FindingChange> {
        let (was, is) = (keyed(self.before), keyed(self.after));
        let keys: BTreeSet<&Key<'_>> = was.keys().chain(is.keys()).collect();
        let mut found = Vec::new();
        for key in keys {
            let (old, new) = (was.get(key).map(Vec::as_slice).unwrap_or_default(), is.get(key).map(Vec::as_slice).unwrap_or_default());
            let Some(one) = new.first().or(old.first()) else { continue };
            let (change, lapsed) = self.change(id, one.severity, old, new);
            found.push(FindingChange {
                change,
                case: id.to_owned(),
                requirement: one.requirement.clone(),
                severity: one.severity,
                check: one.check.clone(),
                place: key.3.clone(),
                expected: one.expected.clone(),
                before: old.first().map(|finding| finding.actual.clone()),
                actual: shown(old, new),
                lapsed,
            });
        }
        found
    }

    /// What became of findings with one key, and whether only a lapsed waiver names them.
    fn change(&self, id: &str, severity: Severity, old: &[&Finding], new: &[&Finding]) -> (Change, bool) {
        if new.is_empty() {
            // A case that ended in another failure may not have come as far as the old one.
            let gone = is_judged(self.after) || severity == Severity::Observation;
            return (if gone { Change::Fixed } else { Change::NotCompared }, false);
        }
        if severity == Severity::Observation {
            return (if old.is_empty() { Change::NewObservation } else { Change::Unchanged }, false);
        }
        let waived = |overlay: &Overlay<'_>, findings: &[&Finding]| findings.iter().map(|finding| overlay.of(id, finding)).min().unwrap_or(Waived::No);
        match waived(&self.overlays[1], new) {
            Waived::Yes => return (Change::Waived, false),
            Waived::Lapsed => return (Change::NoLongerWaived, true),
            Waived::Elsewhere if !old.is_empty() && waived(&self.overlays[0], old) == Waived::Yes => return (Change::NoLongerWaived, false),
            Waived::Elsewhere | Waived::No => {}
        }
        let change = match self.before {
            _ if !old.is_empty() => {
                let classes = |findings: &[&Finding]| findings.iter().map(|finding| value_class(&finding.actual)).collect::<BTreeSet<_>>();
                if classes(new).is_subset(&classes(old)) { Change::StillFailing } else { Change::ChangedEvidence }
            }
            _ if self.after.is_some_and(|case| case.unstable.is_some()) => Change::Unstable,
            None => Change::NewCaseFailure,
            Some(case) => match case.verdict {
                Verdict::Pass | Verdict::Fail => Change::Regression,
                Verdict::Unsupported => Change::NewlyBroken,
                Verdict::Unresolved | Verdict::Untested => Change::UnjudgedBefore,
            },
        };
        (change, false)
    }

    fn case(&self, id: &str, findings: &[FindingChange]) -> CaseChange {
        let grave = findings.iter().filter(|finding| finding.severity > Severity::Observation);
        let worst = grave.clone().map(|finding| finding.change).min();
        let (before, after) = (self.before.map(|case| case.verdict), self.after.map(|case| case.verdict));
        let change = match (before, after) {
            (None, None) => Change::NotCompared,
            (Some(_), None) => Change::RemovedCase,
            _ if self.after.is_some_and(|case| case.unstable.is_some()) => worst.map_or(Change::Unstable, |worst| worst.min(Change::Unstable)),
            (_, Some(Verdict::Pass | Verdict::Fail)) => match worst {
                Some(Change::Fixed | Change::NotCompared) | None if is_judged(self.before) && before != after => Change::Fixed,
                Some(worst) if worst != Change::NotCompared => worst,
                _ if self.before.is_none() => Change::NewCase,
                _ if is_judged(self.before) => Change::Unchanged,
                _ => Change::NewlyExercised,
            },
            (_, Some(after)) => match worst.filter(|worst| *worst < Change::BecameUnresolved) {
                Some(worst) => worst,
                None if is_judged(self.before) => match after {
                    Verdict::Unresolved => Change::BecameUnresolved,
                    Verdict::Unsupported => Change::BecameUnsupported,
                    _ => Change::NotExercised,
                },
                None if before == Some(after) => Change::Unchanged,
                None => Change::NotCompared,
            },
        };
        let reason = self.after.filter(|case| !is_judged(Some(case))).and_then(|case| case.reason.clone());
        CaseChange { id: id.to_owned(), change, before, after, reason }
    }
}

fn keyed(case: Option<&Case>) -> BTreeMap<Key<'_>, Vec<&Finding>> {
    let mut found: BTreeMap<Key<'_>, Vec<&Finding>> = BTreeMap::new();
    // What a clean-up left behind says something about the run, not about the answer to a request.
    for finding in case.into_iter().flat_map(|case| &case.findings).filter(|finding| finding.check != "cleanup") {
        found.entry((&finding.check, &finding.requirement, &finding.step, pattern(&finding.pointer))).or_default().push(finding);
    }
    found
}

/// The value to show: one that wasn't there before, where there is one.
fn shown(old: &[&Finding], new: &[&Finding]) -> Option<String> {
    let known: BTreeSet<String> = old.iter().map(|finding| value_class(&finding.actual)).collect();
    new.iter().find(|finding| !known.contains(&value_class(&finding.actual))).or(new.first()).map(|finding| finding.actual.clone())
}

fn requirement(id: &str, before: State, after: State, findings: &[FindingChange]) -> Change {
    let here = || findings.iter().filter(|finding| finding.requirement == id && finding.severity > Severity::Observation && finding.actual.is_some());
    match (before, after) {
        (_, State::Broken) => here().map(|finding| finding.change).min().unwrap_or(Change::NotCompared),
        (State::Broken, State::Held) => Change::Fixed,
        (State::Held | State::Broken, State::NotExercised) => Change::NotExercised,
        (State::NotExercised, State::Held) => Change::NewlyExercised,
        _ => Change::Unchanged,
    }
}
