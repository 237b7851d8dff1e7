//! Generated cases against the double: all pass, no variant is accused, and each fault on the side
//! of the request is caught by them alone.
//!
//! Knows: the double and its faults. Must not know: how a case is derived.

use std::collections::{BTreeMap, BTreeSet};

use lxca_conform::catalogue::{Case, Catalogue, Level};
use lxca_conform::contract::{Severity, request_requirements};
use lxca_conform::double::{Fault, LISTING, Options, Variant};
use lxca_conform::judge::Verdict;
use lxca_conform::report::{Conclusion, rejudge};
use lxca_conform::self_test::{FaultEntry, FaultTable};

use crate::support::lab::{Asked, record, version};

use super::{accused, loaded, run, run_as};

#[test]
fn every_case_that_can_be_derived_passes_against_the_double() {
    let (contract, catalogue) = loaded();
    let all = catalogue.with_generated(contract, Level::All);
    let outcome = run_as(contract, &all, &Asked { filters: Vec::new(), ..version("4.1.0") });
    let wrong: Vec<_> = outcome
        .report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Pass)
        .map(|case| (&case.id, case.verdict, &case.reason, &case.findings))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(outcome.report.conclusion, Conclusion::Conformant, "{}", outcome.report.because);
    assert!(
        !outcome.report.notes.iter().any(|note| note.contains("Left over")),
        "{:?}",
        outcome.report.notes
    );
    assert_eq!(accused(&outcome.report), BTreeMap::new());
    let generated = outcome.report.cases.iter().filter(|case| case.generated).count();
    assert!(generated > 500, "{generated}");
    // A record is judged again with the very catalogue that it was made with.
    let record = record(&outcome);
    assert_eq!(record.header.catalogue.generated, Level::All);
    let again = loaded().1.like(contract, &record.header.catalogue);
    assert_eq!(again.digest, record.header.catalogue.digest);
    let judged = rejudge(contract, &again, &record);
    assert_eq!(
        (&judged.summary, judged.conclusion),
        (&outcome.report.summary, outcome.report.conclusion)
    );
}

#[test]
fn generated_cases_alone_pass_against_the_double() {
    let (contract, _) = loaded();
    let report =
        run(contract, &Catalogue::only_generated(contract, Level::Core), Options::default()).report;
    let wrong: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Pass)
        .map(|case| (&case.id, case.verdict, &case.reason))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_observation_keeps_what_came_and_passes_only_where_something_was_checked() {
    let (contract, _) = loaded();
    let only = Catalogue::only_generated(contract, Level::Core);
    let report = run(contract, &only, Options::default()).report;
    let observed: Vec<_> = report
        .cases
        .iter()
        .filter(|case| only.find(&case.id).is_some_and(Case::is_observation))
        .collect();
    assert!(observed.len() > 50);
    for case in &observed {
        let kept: Vec<_> =
            case.findings.iter().filter(|finding| finding.check == "observed").collect();
        assert_eq!((kept.len(), kept[0].severity), (1, Severity::Observation), "{}", case.id);
        assert!(
            kept[0].actual.starts_with("status ") && kept[0].expected.starts_with("nothing: "),
            "{:?}",
            kept[0]
        );
    }
    // Where the appliance answers with what no page lists, nothing is checked, and nothing is
    // green.
    let report = run(contract, &only, faulty("refusal-422")).report;
    let blind: Vec<_> = report
        .cases
        .iter()
        .filter(|case| {
            only.find(&case.id).is_some_and(Case::is_observation)
                && case.findings.iter().any(|finding| finding.actual == "status 422")
        })
        .collect();
    assert!(blind.len() > 20, "{}", blind.len());
    for case in blind {
        assert_eq!(case.verdict, Verdict::Untested, "{}", case.id);
        assert!(
            case.reason.as_ref().is_some_and(|reason| reason
                .starts_with("observed only: status 422, which the page doesn't list")),
            "{:?}",
            case.reason
        );
    }
    // A documented answer is held against its documents, as always.
    let report = run(contract, &only, faulty("refusal-empty-body")).report;
    let caught = report
        .cases
        .iter()
        .filter(|case| {
            only.find(&case.id).is_some_and(Case::is_observation) && case.verdict == Verdict::Fail
        })
        .count();
    assert!(caught > 20, "{caught}");
}

fn faults() -> FaultTable {
    FaultTable::built_in().expect("the table of faults loads")
}

/// A double with one fault.
fn faulty(name: &str) -> Options {
    faults().options(&[name]).expect("a fault")
}

/// One variant of so many is played here; `self-test` plays all of them, in a release build.
const SAMPLED: usize = 8;

#[test]
fn no_variant_is_accused_by_a_generated_case() {
    let (contract, _) = loaded();
    let only = Catalogue::only_generated(contract, Level::Core);
    let mut wrong = Vec::new();
    for variant in Variant::ALL.iter().step_by(SAMPLED) {
        let report = run(
            contract,
            &only,
            Options { variants: BTreeSet::from([*variant]), ..Options::default() },
        )
        .report;
        let violations: Vec<_> = report
            .cases
            .iter()
            .filter(|case| {
                case.findings.iter().any(|finding| finding.severity == Severity::Violation)
            })
            .map(|case| (&case.id, &case.findings))
            .collect();
        let unresolved: Vec<_> = report
            .cases
            .iter()
            .filter(|case| case.verdict == Verdict::Unresolved)
            .map(|case| (&case.id, &case.reason))
            .collect();
        if !violations.is_empty() || !unresolved.is_empty() {
            wrong.push(format!("{}: {violations:?} {unresolved:?}", variant.name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_fault_on_the_request_side_is_caught_by_generated_cases_alone() {
    let (contract, _) = loaded();
    let named = request_requirements(contract);
    let only = Catalogue::only_generated(contract, Level::Core);
    let table = faults();
    let (mut asked, mut missed) = (0, Vec::new());
    // Who is listened to shows only while there is something to cancel, which a case of one request
    // hasn't. What a refusal spoils shows at the next right request, and which wrong attribute led
    // to a copy only where each is asked for itself.
    let under_way = [
        Fault::StrangerYetCancelsPush,
        Fault::ForbiddenYetCancelsPush,
        Fault::StrangerYetCancelsJob,
        Fault::ForbiddenYetCancelsJob,
        Fault::RefusalSpoilsNextLock,
        Fault::RefusedActionYetCopied,
    ];
    let under_way = under_way.map(Fault::name);
    let meant = |fault: &&FaultEntry| {
        LISTING.contains(&fault.place.as_str()) && !under_way.contains(&&*fault.name)
    };
    for fault in table.entries().iter().filter(meant) {
        let wanted: BTreeSet<&String> =
            fault.breaks.iter().filter(|id| named.contains(*id)).collect();
        if wanted.is_empty() {
            continue;
        }
        asked += 1;
        // Those of the operations that it breaks nearly always catch it.
        let mut few = only.clone();
        few.cases.retain(|case| {
            wanted.iter().any(|id| id.split('/').next() == Some(case.operation.as_str()))
        });
        let mut accused = accused(&run(contract, &few, faulty(&fault.name)).report);
        if few.cases.is_empty() || wanted.iter().any(|id| !accused.contains_key(*id)) {
            accused = self::accused(&run(contract, &only, faulty(&fault.name)).report);
        }
        let rest: Vec<_> = wanted.iter().filter(|id| !accused.contains_key(**id)).collect();
        if !rest.is_empty() {
            missed.push(format!(
                "{}: not at {rest:?}, but at {:?}",
                fault.name,
                accused.keys().collect::<Vec<_>>()
            ));
        }
    }
    // These refuse what is right, which the written cases may see at what a right request does.
    for (fault, requirement) in [
        (Fault::CancelNeedsUuid, "backup.transfer/push/cancel-needs-no-more"),
        (Fault::CopyRefused, "backup.transfer/request/operation/values"),
        (Fault::MoveRefused, "backup.transfer/request/operation/values"),
        (Fault::PushRefused, "backup.transfer/push/operation/values"),
    ] {
        asked += 1;
        let accused = accused(
            &run(
                contract,
                &only,
                Options { faults: BTreeSet::from([fault]), ..Options::default() },
            )
            .report,
        );
        if !accused.contains_key(requirement) {
            missed.push(format!(
                "{}: not at {requirement}, but at {:?}",
                fault.name(),
                accused.keys().collect::<Vec<_>>()
            ));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    assert!(asked >= 20, "only {asked} faults are on the request side");
}
