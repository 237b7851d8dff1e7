//! Cases that are drawn at random: the same seed draws the same, and one that fails is made small
//! and becomes a case file.
//!
//! Knows: seeds and the double. Must not know: how a request is drawn.

use std::collections::BTreeSet;

use lxca_conform::catalogue::{self, Case, Catalogue, Exploration, Level, lint, written};
use lxca_conform::contract::Contract;
use lxca_conform::double::{Fault, Options};
use lxca_conform::files::FileSet;
use lxca_conform::judge::Verdict;
use lxca_conform::plan::{self, Facts};
use lxca_conform::report::{Conclusion, rejudge};
use lxca_conform::store::{Record, Row};
use serde_json::Value;

use crate::support::lab::record;

use super::{accused, loaded, run};

fn drawn(contract: &Contract, seed: u64) -> Catalogue {
    Catalogue::only_generated(contract, Level::None)
        .explored(contract, Exploration { count: 80, seed })
}

/// Everything that a catalogue would send, byte for byte.
fn sent(contract: &Contract, catalogue: &Catalogue) -> String {
    let one = |case: &Case| {
        case.steps
            .iter()
            .chain(&case.cleanup)
            .map(|step| format!("{} {:?}", case.id, plan::request(contract, step, &Facts::new()).0))
            .collect::<Vec<_>>()
    };
    catalogue.cases.iter().flat_map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_seed_draws_the_same_requests_byte_for_byte_and_another_one_others() {
    let (contract, _) = loaded();
    assert_eq!(sent(contract, &drawn(contract, 7)), sent(contract, &drawn(contract, 7)));
    assert_ne!(sent(contract, &drawn(contract, 7)), sent(contract, &drawn(contract, 8)));
    assert_eq!(drawn(contract, 7).digest, drawn(contract, 7).digest);
    // Fewer are the first of more.
    let few = Catalogue::only_generated(contract, Level::None)
        .explored(contract, Exploration { count: 10, seed: 7 });
    let more = drawn(contract, 7);
    for case in &few.cases {
        assert_eq!(format!("{:?}", more.find(&case.id)), format!("{:?}", Some(case)));
    }
}

#[test]
fn drawn_requests_are_right_and_wrong_ones_and_all_pass_against_the_double() {
    let (contract, _) = loaded();
    for seed in [1, 2] {
        let catalogue = drawn(contract, seed);
        let (refused, accepted): (Vec<&Case>, Vec<&Case>) =
            catalogue.cases.iter().partition(|case| case.expects_refusal());
        assert!(
            refused.len() > 200 && accepted.len() > 10,
            "{} and {}",
            refused.len(),
            accepted.len()
        );
        let problems = lint(contract, &catalogue);
        assert!(problems.is_empty(), "{problems:?}");
        let outcome = run(contract, &catalogue, Options::default());
        let wrong: Vec<_> = outcome
            .report
            .cases
            .iter()
            .filter(|case| case.verdict != Verdict::Pass)
            .map(|case| (&case.id, case.verdict, &case.reason, &case.findings))
            .collect();
        assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
        assert!(outcome.smallest.is_empty());
        let record = record(&outcome);
        let again = loaded_only(contract, &record);
        assert_eq!(again.digest, catalogue.digest);
        assert_eq!(rejudge(contract, &again, &record).summary, outcome.report.summary);
    }
}

fn loaded_only(contract: &Contract, record: &Record) -> Catalogue {
    Catalogue::only_generated(contract, Level::None).like(contract, &record.header.catalogue)
}

#[test]
fn a_drawn_case_that_fails_is_made_small_and_becomes_a_case_file_that_loads_and_fails_alike() {
    let (contract, _) = loaded();
    let faulty =
        || Options { faults: BTreeSet::from([Fault::UuidNotRequired]), ..Options::default() };
    let outcome = run(contract, &drawn(contract, 3), faulty());
    let smallest = outcome
        .smallest
        .iter()
        .find(|one| {
            one.case.steps[0].expect.requirement.as_deref()
                == Some("backup.transfer/request/uuid/required")
        })
        .expect("a failing case is made small");
    let body: Value =
        serde_json::from_str(smallest.case.steps[0].request.json.as_deref().expect("a body"))
            .expect("JSON");
    // Nothing but the missing attribute is left of it.
    let names: Vec<&str> =
        body.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(names, ["action", "destination", "operation"], "{body}");
    assert_eq!(
        outcome
            .smallest
            .iter()
            .map(|one| &one.case.steps[0].request.json)
            .collect::<BTreeSet<_>>()
            .len(),
        outcome.smallest.len(),
        "each root once"
    );
    assert!(smallest.tries > 0 && smallest.tries <= 20, "{}", smallest.tries);
    assert!(
        outcome.report.notes.iter().any(|note| note.contains(&smallest.of)
            && note.contains("the smallest one that fails alike")),
        "{:?}",
        outcome.report.notes
    );
    // In the same record and report.
    assert!(
        outcome
            .report
            .cases
            .iter()
            .any(|case| case.id == smallest.of && case.verdict == Verdict::Fail && case.generated)
    );
    let mut tried: Vec<&str> = outcome
        .rows
        .iter()
        .filter_map(|row| {
            if let Row::Exchange(exchange) = row { Some(exchange.case.as_str()) } else { None }
        })
        .collect();
    tried.retain(|case| case.starts_with(&format!("{}/smaller-", smallest.of)));
    tried.dedup();
    assert_eq!(tried.len(), usize::try_from(smallest.tries).expect("few"));
    let record = record(&outcome);
    let judged = rejudge(contract, &loaded_only(contract, &record), &record);
    assert_eq!(judged.summary.cases, outcome.report.summary.cases);

    let text = written(&smallest.case, &format!("holds-for-draw-{}", smallest.drawn));
    let catalogue = catalogue::load(&FileSet::from([(
        "managementServer/data/put.toml".to_owned(),
        text.clone(),
    )]))
    .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    let problems = lint(contract, &catalogue);
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    let again = run(contract, &catalogue, faulty()).report;
    assert_eq!(
        accused(&again).keys().collect::<Vec<_>>(),
        ["backup.transfer/request/uuid/required"],
        "{text}"
    );
    assert_eq!(
        run(contract, &catalogue, Options::default()).report.conclusion,
        Conclusion::Conformant,
        "{text}"
    );
}

#[test]
fn of_several_mistakes_the_one_that_let_the_request_pass_is_left() {
    let (contract, _) = loaded();
    let outcome = run(
        contract,
        &drawn(contract, 5),
        Options { faults: BTreeSet::from([Fault::WrongTypesAccepted]), ..Options::default() },
    );
    assert!(!outcome.smallest.is_empty());
    for one in &outcome.smallest {
        let step = &one.case.steps[0];
        assert!(
            step.expect
                .requirement
                .as_deref()
                .is_some_and(|requirement| requirement.ends_with("/type")),
            "{:?} after {} tries: {:?}",
            step.expect.requirement,
            one.tries,
            step.request.json
        );
        assert!(
            step.request
                .json
                .as_ref()
                .is_some_and(|body| body.len() < 150 && !body.contains("\\u")),
            "{:?}",
            step.request.json
        );
    }
}
