//! What became of every finding, case and requirement between two reports.
//!
//! Knows: two reports that were judged with one contract and catalogue, and what waivers say. Must
//! not know: what a change does to the answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, Effect};
use crate::contract::{Contract, Severity};
use crate::judge::{Finding, Verdict, claims};
use crate::report::{Case, Overlay, Report, State, Waived, pattern, value_class};
use crate::why::Why;

use super::asked::Omitted;
use super::model::{CaseChange, Change, FindingChange, RequirementChange, Rows, Share};

/// What became of everything.
pub(super) struct Compared {
    pub(super) findings: Vec<FindingChange>,
    pub(super) cases: Vec<CaseChange>,
    pub(super) requirements: Vec<RequirementChange>,
}

/// The check whose findings tell what came where no page says what has to.
const OBSERVED: &str = "observed";

/// Findings that are the same, whatever value they show: check, requirement, step, place.
type Key<'a> = (&'a str, &'a str, &'a str, String);

/// Holds one report against the other.
pub(super) fn compare(
    contract: &Contract,
    catalogue: &Catalogue,
    before: &Report,
    after: &Report,
    overlays: &[Overlay<'_>; 2],
) -> Compared {
    let omitted = [before, after].map(|run| Omitted::by(contract, catalogue, &run.catalogue));
    let earlier: BTreeMap<&str, &Case> =
        before.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut compared =
        Compared { findings: Vec::new(), cases: Vec::new(), requirements: Vec::new() };
    for case in &after.cases {
        let pair = Pair {
            before: earlier.get(case.id.as_str()).copied().filter(|case| was_asked(case)),
            after: Some(case).filter(|case| was_asked(case)),
            omitted: [&omitted[0], &omitted[1]].map(|one| one.reason(&case.id)),
            overlays,
        };
        let findings = pair.findings(&case.id);
        compared.cases.push(pair.case(&case.id, &findings));
        compared.findings.extend(findings);
    }
    // Observations that stay are no change.
    compared.findings.retain(|finding| finding.change != Change::Unchanged);
    compared.findings.sort_by(|one, other| {
        (one.change, std::cmp::Reverse(one.severity), &one.requirement).cmp(&(
            other.change,
            std::cmp::Reverse(other.severity),
            &other.requirement,
        ))
    });
    hide(catalogue, after, &mut compared);
    let hidden = hidden(contract, catalogue, &compared);
    let states: BTreeMap<&str, State> =
        before.requirements.iter().map(|known| (known.id.as_str(), known.status)).collect();
    for known in &after.requirements {
        let before = states.get(known.id.as_str()).copied().unwrap_or(State::NotExercised);
        let change = match requirement(&known.id, before, known.status, &compared.findings) {
            // The documents say that this version has nothing of it.
            Change::NotExercised if known.is_of_other_versions() => Change::NotCompared,
            Change::NotExercised if hidden.contains(&known.id) => Change::HiddenByWaiver,
            change => change,
        };
        compared.requirements.push(RequirementChange {
            id: known.id.clone(),
            change,
            before,
            after: known.status,
        });
    }
    compared
}

/// Cases that found the appliance in a state that a waived failure of a changing case left behind:
/// they were begun, and there was nothing to ask about. What couldn't be judged for any other
/// reason stays a loss.
fn hide(catalogue: &Catalogue, after: &Report, compared: &mut Compared) {
    let operations = |case: &crate::catalogue::Case| {
        case.steps
            .iter()
            .chain(&case.cleanup)
            .map(|step| step.operation.clone())
            .collect::<BTreeSet<_>>()
    };
    let waived: BTreeSet<&str> = compared
        .findings
        .iter()
        .filter(|finding| finding.change == Change::Waived)
        .map(|finding| finding.case.as_str())
        .collect();
    let known = catalogue.by_id();
    let touched: BTreeSet<String> = waived
        .iter()
        .filter_map(|id| known.get(id))
        .filter(|case| case.effect > Effect::Read)
        .flat_map(|case| operations(case))
        .collect();
    let begun: BTreeSet<&str> =
        after.cases.iter().filter(|case| case.requests > 0).map(|case| case.id.as_str()).collect();
    for case in compared
        .cases
        .iter_mut()
        .filter(|case| case.change == Change::NotExercised && begun.contains(case.id.as_str()))
    {
        if known.get(case.id.as_str()).is_some_and(|case| !operations(case).is_disjoint(&touched)) {
            case.change = Change::HiddenByWaiver;
        }
    }
}

/// Requirements that only cases behind a waived failure can reach.
fn hidden(contract: &Contract, catalogue: &Catalogue, compared: &Compared) -> BTreeSet<String> {
    let waived: BTreeSet<&str> = compared
        .findings
        .iter()
        .filter(|finding| finding.change == Change::Waived)
        .map(|finding| finding.case.as_str())
        .collect();
    let known = catalogue.by_id();
    let reached = |wanted: &dyn Fn(&CaseChange) -> bool| -> BTreeSet<String> {
        let cases = compared
            .cases
            .iter()
            .filter(|case| wanted(case))
            .filter_map(|case| known.get(case.id.as_str()));
        cases.flat_map(|case| reachable(contract, case)).collect()
    };
    let behind =
        reached(&|case| waived.contains(case.id.as_str()) || case.change == Change::HiddenByWaiver);
    let lost = reached(&|case| {
        matches!(
            case.change,
            Change::BecameUnresolved
                | Change::BecameUnsupported
                | Change::NotExercised
                | Change::RemovedCase
                | Change::Unstable
        )
    });
    behind.difference(&lost).cloned().collect()
}

/// What a case claims, and what any of the answers that it accepts would reach.
fn reachable(contract: &Contract, case: &crate::catalogue::Case) -> BTreeSet<String> {
    let mut found = claims(contract, case);
    for (step, operation) in
        case.steps.iter().filter_map(|step| Some((step, contract.operations.get(&step.operation)?)))
    {
        for row in step.expect.status.iter().flat_map(|status| operation.rows(*status)) {
            found.insert(row.requirement.clone());
            found.extend(row.message_requirement.clone());
            found.extend(
                row.schema.iter().flat_map(|schema| contract.schemas.requirements(schema)).cloned(),
            );
        }
    }
    found
}

/// Whether the record asked what the case asks today.
fn was_asked(case: &Case) -> bool {
    !(case.verdict == Verdict::Untested && case.why.is_some_and(Why::was_not_asked))
}

fn is_judged(case: Option<&Case>) -> bool {
    case.is_some_and(|case| matches!(case.verdict, Verdict::Pass | Verdict::Fail))
}

/// A case before and after; absent where the record didn't ask it.
struct Pair<'a> {
    before: Option<&'a Case>,
    after: Option<&'a Case>,
    /// Why either run wasn't asked for it, where that was a matter of selection.
    omitted: [Option<String>; 2],
    overlays: &'a [Overlay<'a>; 2],
}

impl Pair<'_> {
    fn findings(&self, id: &str) -> Vec<FindingChange> {
        let (was, is) = (keyed(self.before), keyed(self.after));
        let keys: BTreeSet<&Key<'_>> = was.keys().chain(is.keys()).collect();
        let mut found = Vec::new();
        for key in keys {
            let (old, new) = (
                was.get(key).map(Vec::as_slice).unwrap_or_default(),
                is.get(key).map(Vec::as_slice).unwrap_or_default(),
            );
            let rows = Rows::of(key, old, new, self);
            // A second wrong value isn't hidden by the first: each kind of value has a row of its
            // own.
            let classes = by_class(new);
            let kinds: Vec<&[&Finding]> = if classes.is_empty() {
                vec![&[]]
            } else {
                classes.values().map(Vec::as_slice).collect()
            };
            for new in kinds {
                let Some(one) = new.first().or(old.first()) else { continue };
                let (change, lapsed) = self.change(id, one.severity, old, new, &rows);
                found.push(FindingChange {
                    change,
                    case: id.to_owned(),
                    requirement: one.requirement.clone(),
                    severity: one.severity,
                    check: one.check.clone(),
                    place: key.3.clone(),
                    expected: one.expected.clone(),
                    closed: one.closed,
                    before: old.first().map(|finding| finding.actual.clone()),
                    actual: new.first().map(|finding| finding.actual.clone()),
                    rows: rows.clone(),
                    lapsed,
                });
            }
        }
        found
    }

    /// What became of findings with one key, and whether only a lapsed waiver names them.
    fn change(
        &self,
        id: &str,
        severity: Severity,
        old: &[&Finding],
        new: &[&Finding],
        rows: &Rows,
    ) -> (Change, bool) {
        if new.is_empty() {
            // A case that ended in another failure may not have come as far as the old one.
            let gone = is_judged(self.after) || severity == Severity::Observation;
            return (if gone { Change::Fixed } else { Change::NotCompared }, false);
        }
        if severity == Severity::Observation {
            let change = if old.is_empty() {
                Change::NewObservation
            } else if observed_otherwise(old, new) {
                Change::ChangedObservation
            } else {
                Change::Unchanged
            };
            return (change, false);
        }
        let waived = |overlay: &Overlay<'_>, findings: &[&Finding]| {
            findings.iter().map(|finding| overlay.of(id, finding)).min().unwrap_or(Waived::No)
        };
        match waived(&self.overlays[1], new) {
            Waived::Yes => return (Change::Waived, false),
            Waived::Lapsed => return (Change::NoLongerWaived, true),
            Waived::Elsewhere
                if !old.is_empty() && waived(&self.overlays[0], old) == Waived::Yes =>
            {
                return (Change::NoLongerWaived, false);
            }
            Waived::Elsewhere | Waived::No => {}
        }
        let change = match self.before {
            _ if !old.is_empty() && rows.spread() => Change::Spread,
            _ if !old.is_empty() => {
                let known = by_class(old);
                if by_class(new).keys().all(|class| known.contains_key(class)) {
                    Change::StillFailing
                } else {
                    Change::ChangedEvidence
                }
            }
            _ if self.after.is_some_and(|case| case.unstable.is_some()) => Change::Unstable,
            None if self.omitted[0].is_some() => Change::UnjudgedBefore,
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
        let (before, after) =
            (self.before.map(|case| case.verdict), self.after.map(|case| case.verdict));
        let change = match (before, after) {
            (None, None) => Change::NotCompared,
            (Some(_), None) if !is_judged(self.before) => Change::NotCompared,
            (Some(_), None) if self.omitted[1].is_some() => Change::NotExercised,
            (Some(_), None) => Change::RemovedCase,
            _ if self.after.is_some_and(|case| case.unstable.is_some()) => {
                worst.map_or(Change::Unstable, |worst| worst.min(Change::Unstable))
            }
            (_, Some(Verdict::Pass | Verdict::Fail)) => match worst {
                Some(Change::Fixed | Change::NotCompared) | None
                    if is_judged(self.before) && before != after =>
                {
                    Change::Fixed
                }
                Some(worst) if worst != Change::NotCompared => worst,
                _ if self.before.is_none() && self.omitted[0].is_none() => Change::NewCase,
                _ if is_judged(self.before) => Change::Unchanged,
                _ => Change::NewlyExercised,
            },
            (_, Some(after)) => match worst
                .filter(|worst| *worst < Change::BecameUnresolved || *worst == Change::Waived)
            {
                Some(worst) => worst,
                None if is_judged(self.before) => match after {
                    Verdict::Unresolved => Change::BecameUnresolved,
                    Verdict::Unsupported => Change::BecameUnsupported,
                    _ => Change::NotExercised,
                },
                // Neither run tells anything about it.
                None => Change::NotCompared,
            },
        };
        let reason =
            self.after.filter(|case| !is_judged(Some(case))).and_then(|case| case.reason.clone());
        let reason =
            reason.or_else(|| self.omitted[1].clone().filter(|_| change == Change::NotExercised));
        CaseChange { id: id.to_owned(), change, before, after, reason }
    }
}

impl Rows {
    /// Counts the findings of one key over both runs. How many rows there were is what reached
    /// their requirement in the case.
    fn of(key: &Key<'_>, old: &[&Finding], new: &[&Finding], pair: &Pair<'_>) -> Self {
        let seen = |case: Option<&Case>| case.and_then(|case| case.reached.get(key.1));
        let count = |findings: &[&Finding]| u64::try_from(findings.len()).unwrap_or(u64::MAX);
        Self {
            before: Share { wrong: count(old), of: seen(pair.before) },
            after: Share { wrong: count(new), of: seen(pair.after) },
        }
    }

    /// Whether more is wrong now, and not only because there is more to look at.
    fn spread(&self) -> bool {
        let (Some(had), Some(has)) = (self.before.of, self.after.of) else { return false };
        // A place that is wrong may count more findings than rows; that is all of them.
        let share = |wrong: u64, of: u64| (wrong.min(of), of.max(1));
        let ((was, had), (is, has)) = (share(self.before.wrong, had), share(self.after.wrong, has));
        self.after.wrong > self.before.wrong
            && u128::from(is) * u128::from(had) > u128::from(was) * u128::from(has)
    }
}

/// Whether what was only observed is another thing now. A status says all that there is to say, so
/// that its number counts.
fn observed_otherwise(old: &[&Finding], new: &[&Finding]) -> bool {
    let kinds = |findings: &[&Finding]| -> BTreeSet<String> {
        findings
            .iter()
            .map(|finding| {
                if finding.check == OBSERVED {
                    finding.actual.clone()
                } else {
                    value_class(&finding.actual)
                }
            })
            .collect()
    };
    kinds(old) != kinds(new)
}

fn keyed(case: Option<&Case>) -> BTreeMap<Key<'_>, Vec<&Finding>> {
    let mut found: BTreeMap<Key<'_>, Vec<&Finding>> = BTreeMap::new();
    // What a clean-up left behind says something about the run, not about the answer to a request.
    for finding in case
        .into_iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.check != "cleanup")
    {
        found
            .entry((&finding.check, &finding.requirement, &finding.step, pattern(&finding.pointer)))
            .or_default()
            .push(finding);
    }
    found
}

fn by_class<'a>(findings: &[&'a Finding]) -> BTreeMap<String, Vec<&'a Finding>> {
    let mut classes: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        classes.entry(value_class(&finding.actual)).or_default().push(finding);
    }
    classes
}

fn requirement(id: &str, before: State, after: State, findings: &[FindingChange]) -> Change {
    let here = || {
        findings.iter().filter(|finding| {
            finding.requirement == id
                && finding.severity > Severity::Observation
                && finding.actual.is_some()
        })
    };
    match (before, after) {
        (_, State::Broken) => {
            here().map(|finding| finding.change).min().unwrap_or(Change::NotCompared)
        }
        (State::Broken, State::Held) => Change::Fixed,
        (State::Held | State::Broken, State::NotExercised) => Change::NotExercised,
        (State::NotExercised, State::Held) => Change::NewlyExercised,
        _ => Change::Unchanged,
    }
}
