//! What cases and requirements come to: the conclusion with its reason, and the counts.
//!
//! Knows: verdicts and states. Must not know: how a case was judged.

use std::collections::BTreeSet;

use crate::catalogue::Catalogue;
use crate::contract::{Basis, Contract, Severity};
use crate::judge::{Verdict, claimed_of};
use crate::why::Why;

use super::model::{Case, Conclusion, Report, RequirementState, State, Summary};
use super::recorded;
use super::words::plural;

pub(super) fn conclude(
    contract: &Contract,
    catalogue: &Catalogue,
    cases: &[Case],
    requirements: &[RequirementState],
    strict: bool,
    interrupted: bool,
    ended_early: Option<&str>,
) -> (Conclusion, String) {
    let count = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let failed = count(Verdict::Fail);
    if failed > 0 {
        let grave = cases
            .iter()
            .flat_map(|case| &case.findings)
            .filter(|finding| finding.severity.fails(strict))
            .count();
        return (
            Conclusion::Nonconformant,
            format!(
                "{failed} {} with {grave} {}",
                plural(failed, "case fails", "cases fail"),
                plural(grave, "finding", "findings")
            ),
        );
    }
    if let Some(early) = ended_early {
        return (Conclusion::Incomplete, early.to_owned());
    }
    if interrupted {
        return (Conclusion::Incomplete, INTERRUPTED.to_owned());
    }
    if let Some(grounds) = grounds(contract, catalogue, cases, requirements) {
        return (Conclusion::Incomplete, grounds);
    }
    let passed = match count(Verdict::Pass) {
        1 => "the one judged case passed".to_owned(),
        number => format!("all {number} judged cases passed"),
    };
    // What doesn't fail is said all the same: it is broken.
    let deviations = cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity == Severity::Deviation)
        .count();
    let but = if deviations > 0 {
        format!(
            ", with {deviations} {}",
            plural(
                deviations,
                "deviation, which fails only with --strict",
                "deviations, which fail only with --strict"
            )
        )
    } else {
        String::new()
    };
    (Conclusion::Conformant, format!("{passed}{but}"))
}

const INTERRUPTED: &str = "the run was interrupted";

/// What a report leaves open, whatever failed in it.
pub(super) fn shortfall(
    contract: &Contract,
    catalogue: &Catalogue,
    report: &Report,
) -> Option<String> {
    if report.ended_early.is_some() {
        return report.ended_early.clone();
    }
    if report.finished.is_none() {
        return Some(INTERRUPTED.to_owned());
    }
    let unread = report.recording.as_ref().and_then(recorded::unread);
    let grounds = grounds(contract, catalogue, &report.cases, &report.requirements);
    let all: Vec<String> = grounds.into_iter().chain(unread).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// Those of these requirements that a case claims which was run.
fn claimed<'a>(
    contract: &Contract,
    catalogue: &'a Catalogue,
    cases: &[Case],
    unreached: &[&'a RequirementState],
) -> BTreeSet<&'a str> {
    let open: BTreeSet<&str> = unreached.iter().map(|state| state.id.as_str()).collect();
    if open.is_empty() {
        return BTreeSet::new();
    }
    let known = catalogue.by_id();
    let ran = cases.iter().filter(|case| {
        matches!(case.verdict, Verdict::Pass | Verdict::Unresolved) || case.requests > 0
    });
    claimed_of(contract, ran.filter_map(|case| known.get(case.id.as_str()).copied()), &open)
}

/// Why these cases don't amount to a whole.
fn grounds(
    contract: &Contract,
    catalogue: &Catalogue,
    cases: &[Case],
    requirements: &[RequirementState],
) -> Option<String> {
    let count = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let unresolved = count(Verdict::Unresolved);
    // What a shard doesn't reach another one may; that shows where they are joined.
    let part = cases.iter().any(|case| case.why == Some(Why::OtherShard));
    let mut unreached: Vec<&RequirementState> = requirements
        .iter()
        .filter(|state| {
            !part
                && state.status == State::NotExercised
                && state.basis == Basis::Stated
                && !state.is_of_other_versions()
        })
        .collect();
    let in_scope = claimed(contract, catalogue, cases, &unreached);
    unreached.retain(|state| in_scope.contains(state.id.as_str()));
    let mut grounds = Vec::new();
    if unresolved > 0 {
        grounds.push(format!(
            "{unresolved} {} be judged",
            plural(unresolved, "case couldn't", "cases couldn't")
        ));
    }
    if let Some(first) = unreached.first() {
        let more = if unreached.len() > 1 {
            format!(" and {} more", unreached.len() - 1)
        } else {
            String::new()
        };
        grounds.push(format!(
            "{} in scope {} never exercised: {}{more}",
            plural(unreached.len(), "a stated requirement", "stated requirements"),
            plural(unreached.len(), "was", "were"),
            first.id
        ));
    }
    if count(Verdict::Pass) + count(Verdict::Fail) == 0 && grounds.is_empty() {
        let elsewhere = part && cases.iter().all(|case| case.verdict == Verdict::Untested);
        let why = if elsewhere {
            "this shard has none of the selected cases"
        } else {
            "no case could be run"
        };
        grounds.push(why.to_owned());
    }
    (!grounds.is_empty()).then(|| grounds.join("; "))
}

pub(super) fn summarise(
    cases: &[Case],
    requirements: &[RequirementState],
    requests: u64,
) -> Summary {
    let mut summary = Summary { requests, ..Summary::default() };
    for case in cases {
        let counts = &mut summary.cases;
        match case.verdict {
            Verdict::Pass => counts.pass += 1,
            Verdict::Fail => counts.fail += 1,
            Verdict::Unresolved => counts.unresolved += 1,
            Verdict::Unsupported => counts.unsupported += 1,
            Verdict::Untested => counts.untested += 1,
        }
        for finding in &case.findings {
            match finding.severity {
                Severity::Violation => summary.findings.violation += 1,
                Severity::Deviation => summary.findings.deviation += 1,
                Severity::Observation => summary.findings.observation += 1,
            }
        }
    }
    for requirement in requirements {
        let counts = &mut summary.requirements;
        counts.total += 1;
        match requirement.status {
            State::Held => counts.exercised += 1,
            State::Broken => {
                counts.exercised += 1;
                counts.broken += 1;
            }
            State::NotExercised => {}
            State::Excluded => counts.excluded += 1,
        }
    }
    summary
}
