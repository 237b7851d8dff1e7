//! The cases that are derived: how many, in which order, beside which written ones, and that none
//! claims less effect than it has.
//!
//! Knows: the catalogue with its generated cases. Must not know: any answer.

use std::collections::{BTreeMap, BTreeSet};

use lxca_conform::address::{Address, RequestUrl};
use lxca_conform::catalogue::{Case, Catalogue, Effect, Exploration, Level, generate, lint};
use lxca_conform::contract::request_requirements;
use lxca_conform::exchange::Outgoing;
use lxca_conform::judge::{claims, orphans, statements};
use lxca_conform::transport::Guard;

use super::{loaded, request};

const SEEDS: [&str; 2] = ["sftp-locks.list", "backup.transfer"];

#[test]
fn the_seed_operations_have_at_least_250_generated_cases_in_the_core_that_repeat_no_written_one() {
    let (contract, catalogue) = loaded();
    let written = catalogue.cases.len();
    let core = catalogue.with_generated(contract, Level::Core);
    let of = |operation: &str| {
        core.cases.iter().filter(|case| case.generated && case.operation == operation).count()
    };
    let counts = SEEDS.map(of);
    assert!(counts.iter().sum::<usize>() >= 250, "{counts:?}");
    assert!(counts.iter().all(|count| *count > 10), "{counts:?}");
    assert_eq!(
        core.cases.iter().filter(|case| !case.generated).count(),
        written,
        "no written case is lost"
    );
    // Nothing is sent twice.
    let mut sent: BTreeMap<String, &str> = BTreeMap::new();
    for case in core.cases.iter().filter(|case| case.generated) {
        let request = format!(
            "{} {:?}",
            case.operation,
            case.steps.iter().map(|step| (&step.request, &step.expect.status)).collect::<Vec<_>>()
        );
        if let Some(other) = sent.insert(request, &case.id) {
            panic!("{} sends what {other} sends", case.id);
        }
    }
}

#[test]
fn the_same_contract_gives_the_same_cases_in_the_same_order() {
    let (contract, _) = loaded();
    let (again, _) = loaded();
    let all = generate(contract);
    assert_eq!(format!("{all:?}"), format!("{:?}", generate(again)));
    let ids: BTreeSet<&String> = all.iter().map(|case| &case.id).collect();
    assert_eq!(ids.len(), all.len(), "an id is given twice");
    for id in [
        "generated/copy/uuid/missing",
        "generated/move/action/null",
        "generated/push/destination/missing",
        "generated/cancel/accepted",
        "generated/copy/body/breaks-off",
    ] {
        assert!(ids.contains(&format!("backup.transfer::{id}")), "{id}");
    }
}

#[test]
fn levels_hold_each_other_and_the_identity_of_the_catalogue_changes_with_them() {
    let (contract, _) = loaded();
    let at = |level| loaded().1.with_generated(contract, level);
    let [none, core, all] = [Level::None, Level::Core, Level::All].map(at);
    let ids = |catalogue: &Catalogue| {
        catalogue.cases.iter().map(|case| case.id.clone()).collect::<BTreeSet<_>>()
    };
    assert!(ids(&none).is_subset(&ids(&core)) && ids(&core).is_subset(&ids(&all)));
    assert!(none.cases.len() < core.cases.len() && core.cases.len() < all.cases.len());
    assert_eq!(none.digest, loaded().1.digest);
    assert_eq!(BTreeSet::from([&none.digest, &core.digest, &all.digest]).len(), 3);
    assert_eq!(core.digest, at(Level::Core).digest);
    // The cases of one operation stay together, those of files first.
    let mut seen: Vec<(&str, bool)> =
        all.cases.iter().map(|case| (case.operation.as_str(), case.generated)).collect();
    seen.dedup();
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "{seen:?}");
}

#[test]
fn contract_and_generated_cases_fit_each_other() {
    let (contract, catalogue) = loaded();
    let all = catalogue.with_generated(contract, Level::All);
    let problems: Vec<String> = lint(contract, &all).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let only = Catalogue::only_generated(contract, Level::All);
    let problems: Vec<String> = lint(contract, &only).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // A generated case alone never makes a requirement look as if a written one reached it, nor
    // does the schema of a request.
    assert_eq!(orphans(contract, &loaded().1), Vec::<String>::new());
}

#[test]
fn a_repeated_case_gives_way_to_the_one_that_somebody_wrote() {
    let (contract, catalogue) = loaded();
    let repeated = catalogue.repeated(contract);
    let by: BTreeMap<&str, &str> =
        repeated.iter().map(|one| (one.generated.as_str(), one.by.as_str())).collect();
    for (generated, written) in [
        (
            "backup.transfer::generated/copy/uuid/missing",
            "backup.transfer::refuses-copy-without-uuid",
        ),
        (
            "backup.transfer::generated/copy/action/upper-case",
            "backup.transfer::refuses-an-action-in-upper-case",
        ),
        ("backup.transfer::generated/cancel/accepted", "backup.transfer::cancels-a-push"),
        (
            "backup.transfer::generated/copy/accepted/internal-backup-uuid",
            "backup.transfer::copies-to-internal",
        ),
        (
            "sftp-locks.list::generated/list/credentials/missing",
            "sftp-locks.list::refuses-missing-credentials",
        ),
    ] {
        assert_eq!(by.get(generated), Some(&written), "{by:#?}");
    }
    let all = catalogue.with_generated(contract, Level::All);
    for one in &repeated {
        assert!(all.find(&one.generated).is_none(), "{} is still there", one.generated);
        assert!(all.find(&one.by).is_some_and(|case| !case.generated));
    }
}

/// Where it goes.
fn url(request: &Outgoing) -> RequestUrl {
    Address::parse("https://192.0.2.10")
        .expect("an address")
        .with(&request.target)
        .unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn no_generated_or_drawn_case_claims_less_effect_than_its_requests_need() {
    let (contract, _) = loaded();
    let catalogue = Catalogue::only_generated(contract, Level::All)
        .explored(contract, Exploration { count: 60, seed: 11 });
    let mut stopped = 0;
    let nothing = Guard::new(Effect::Read, contract.known(), contract.appliance.clone());
    for case in &catalogue.cases {
        let guard = Guard::new(case.effect, contract.known(), contract.appliance.clone());
        for step in case.steps.iter().chain(&case.cleanup) {
            let request = request(contract, case, step);
            guard
                .check(&case.id, &request, &url(&request))
                .unwrap_or_else(|reason| panic!("{} step `{}`: {reason}", case.id, step.name));
            if request.method != "GET" {
                guard.note(&case.id, &request, url(&request).path(), 200, || {
                    Some(serde_json::json!({ "id": "17", "jobId": "17" }))
                });
            }
            stopped += usize::from(nothing.check(&case.id, &request, &url(&request)).is_err());
            assert!(!format!("{request:?}").to_lowercase().contains("quiesce"), "{}", case.id);
            assert!(!step.request.auth.is_bad_login(), "{} would count as a failed login", case.id);
        }
        assert!(
            case.effect == Effect::Read
                || case.impact.as_ref().is_some_and(|impact| impact.len() > 15),
            "{}: {:?}",
            case.id,
            case.impact
        );
    }
    assert!(stopped > 500, "only {stopped} requests change anything");
}

#[test]
fn a_request_without_an_operation_counts_as_the_worst_that_an_appliance_could_take_it_for() {
    let (contract, _) = loaded();
    let all = generate(contract);
    for id in [
        "generated/copy/operation/missing",
        "generated/copy/operation/null",
        "generated/copy/action/is-cancel",
        "generated/copy/destination/is-192-0-2-1",
        "generated/move/uuid/missing",
    ] {
        let case = all
            .iter()
            .find(|case| case.id == format!("backup.transfer::{id}"))
            .unwrap_or_else(|| panic!("{id}"));
        assert_eq!(case.effect, Effect::Destroy, "{id}");
    }
    assert_eq!(
        all.iter()
            .find(|case| case.id.ends_with("generated/copy/uuid/missing"))
            .map(|case| case.effect),
        Some(Effect::Write)
    );
}

#[test]
fn an_observation_names_no_backup_and_claims_nothing() {
    let (contract, _) = loaded();
    let all = generate(contract);
    let observed: Vec<&Case> = all.iter().filter(|case| case.is_observation()).collect();
    assert!(observed.len() > 100, "{}", observed.len());
    for case in observed {
        assert!(claims(contract, case).is_empty(), "{}", case.id);
        assert!(
            !case
                .needs
                .iter()
                .any(|need| need.starts_with("backup.uuid") || need.starts_with("backup.local")),
            "{} could move {:?}",
            case.id,
            case.needs
        );
        assert!(!case.expects_refusal());
    }
}

#[test]
fn every_statement_about_requests_is_tried_from_both_sides_or_has_only_one() {
    let (contract, catalogue) = loaded();
    let all = catalogue.with_generated(contract, Level::Core);
    let found = statements(contract, &all);
    let untried: Vec<&str> =
        found.iter().filter(|one| !one.tried()).map(|one| one.requirement).collect();
    assert_eq!(untried, Vec::<&str>::new());
    let named: BTreeSet<String> = request_requirements(contract);
    let counted: BTreeSet<String> = found.iter().map(|one| one.requirement.to_owned()).collect();
    assert!(named.is_subset(&counted), "{:?}", named.difference(&counted));
    // What has two sides isn't excused.
    for one in found.iter().filter(|one| one.one_sided.is_some()) {
        assert!(
            one.accepted.is_empty() || one.refused.is_empty(),
            "{} is tried from both sides, so its `one-sided` is wrong",
            one.requirement
        );
    }
    let both = found.iter().filter(|one| one.one_sided.is_none()).count();
    assert!(both >= 40, "only {both} statements have two sides");
}

#[test]
fn a_statement_that_no_case_tries_from_its_other_side_is_seen() {
    let (contract, mut catalogue) = loaded();
    catalogue.cases.retain(|case| {
        !case.steps.iter().any(|step| step.expect.status.iter().any(|status| *status >= 400))
    });
    let untried: Vec<String> = statements(contract, &catalogue)
        .iter()
        .filter(|one| !one.tried())
        .map(|one| one.requirement.to_owned())
        .collect();
    assert!(untried.contains(&"backup.transfer/request/uuid/required".to_owned()), "{untried:?}");
    catalogue.cases.clear();
    assert!(statements(contract, &catalogue).iter().all(|one| !one.tried()));
}
