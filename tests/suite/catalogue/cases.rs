//! What the cases ask: what they claim, what they can do, and what they leave behind.
//!
//! Knows: `cases/` and the contract. Must not know: what any appliance answers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lxca_conform::address::{Address, RequestUrl};
use lxca_conform::catalogue::{Case, Effect, SESSION, Step, lint};
use lxca_conform::contract::{self, Basis, Contract};
use lxca_conform::exchange::Outgoing;
use lxca_conform::files;
use lxca_conform::judge::{claims, orphans};
use lxca_conform::plan::{self, Facts};
use lxca_conform::transport::Guard;

use crate::support::built_in::loaded;

const SEEDS: [&str; 2] = ["sftp-locks.list", "backup.transfer"];

fn steps(case: &Case) -> impl Iterator<Item = &Step> {
    case.steps.iter().chain(&case.cleanup)
}

/// Where it goes.
fn url(request: &Outgoing) -> RequestUrl {
    Address::parse("https://192.0.2.10")
        .expect("an address")
        .with(&request.target)
        .unwrap_or_else(|why| panic!("{why}"))
}

/// The request of a step, with something in place of every fact and every captured value.
fn request(contract: &Contract, case: &Case, step: &Step) -> Outgoing {
    let captured = steps(case).flat_map(|step| &step.capture).map(|capture| capture.fact.clone());
    let facts: Facts = captured
        .chain(contract.facts().map(str::to_owned))
        .map(|fact| (fact, "17".to_owned()))
        .collect();
    let (request, unknown) = plan::request(contract, step, &facts);
    assert!(unknown.is_empty(), "{}: nothing gives {unknown:?}", case.id);
    request
}

#[test]
fn the_embedded_catalogue_is_the_folder() {
    let folder = files::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"))
        .expect("the folder is readable");
    assert_eq!(files::digest(&folder), files::digest(&files::embedded_catalogue()));
}

#[test]
fn the_catalogue_fits_the_contract() {
    let (contract, catalogue) = loaded();
    let problems: Vec<String> = lint(contract, catalogue).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_requirement_is_left_without_a_check_or_a_reason() {
    let (contract, catalogue) = loaded();
    assert_eq!(orphans(contract, catalogue), Vec::<String>::new());
    for requirement in contract.requirements.values() {
        assert!(
            requirement.excluded.as_ref().is_none_or(|reason| reason.trim().len() > 10),
            "{} is excluded without a reason that says something",
            requirement.id
        );
    }
}

#[test]
fn a_requirement_that_nothing_reaches_is_an_orphan() {
    let mut files = files::embedded_contract();
    let register = files.get_mut("managementServer/data/put.operation.toml").expect("the register");
    register.push_str(
        "\n[[requirement]]\nid = \"backup.transfer/forgotten\"\nbasis = \
        \"stated\"\nstatement = \"Something.\"\nplace = \"Somewhere\"\n",
    );
    let contract = contract::load(&files).expect("still a contract");
    let (_, catalogue) = loaded();
    assert_eq!(orphans(&contract, catalogue), ["backup.transfer/forgotten"]);
}

#[test]
fn every_stated_requirement_of_the_seeds_that_isnt_excluded_is_claimed_by_a_case() {
    const OF_REFUSALS: &[&str] =
        &["backup.transfer/body/jobId/empty", "backup.transfer/error/result"];
    let (contract, catalogue) = loaded();
    let claimed: BTreeSet<String> =
        catalogue.cases.iter().flat_map(|case| claims(contract, case)).collect();
    let stated = contract.requirements.values().filter(|requirement| {
        SEEDS.contains(&requirement.operation())
            && requirement.basis == Basis::Stated
            && requirement.excluded.is_none()
            && requirement.when_it_comes.is_none()
    });
    let (stated, unclaimed): (Vec<&str>, Vec<&str>) =
        stated.map(|requirement| requirement.id.as_str()).partition(|id| claimed.contains(*id));
    assert!(stated.len() > 40, "only {} stated requirements are claimed", stated.len());
    // Which of two right statuses comes is the appliance's affair, so a row of its own may be
    // claimed by none, and the body of a refusal is judged with whatever refusal comes; see
    // `claims`.
    let rest: Vec<&&str> = unclaimed
        .iter()
        .filter(|id| !id.contains("/status/") && !OF_REFUSALS.contains(id))
        .collect();
    assert!(rest.is_empty(), "{rest:?}");
}

#[test]
fn the_seed_operations_have_at_least_45_cases() {
    let (_, catalogue) = loaded();
    let count =
        |operation: &str| catalogue.cases.iter().filter(|case| case.operation == operation).count();
    let (list, transfer) = (count(SEEDS[0]), count(SEEDS[1]));
    assert!(list + transfer >= 45, "{list} on {} and {transfer} on {}", SEEDS[0], SEEDS[1]);
    assert!(list >= 8 && transfer >= 20, "{list} and {transfer}");
}

#[test]
fn every_documented_status_of_the_seeds_that_can_be_provoked_is_expected_by_a_case() {
    let (contract, catalogue) = loaded();
    for operation in SEEDS.map(|id| &contract.operations[id]) {
        for row in operation
            .responses
            .iter()
            .filter(|row| contract.requirements[&row.requirement].excluded.is_none())
        {
            let expected = catalogue.cases.iter().flat_map(|case| &case.steps).any(|step| {
                step.operation == operation.id
                    && step.expect.status.contains(&row.status)
                    && step.expect.body.as_ref().is_none_or(|name| *name == row.name)
            });
            assert!(expected, "no case expects {} {} ({})", operation.id, row.status, row.name);
        }
    }
}

#[test]
fn ids_and_aliases_are_unique_claims_in_kebab_case() {
    let (_, catalogue) = loaded();
    let mut seen = BTreeMap::new();
    for case in &catalogue.cases {
        for id in std::iter::once(&case.id).chain(&case.aliases) {
            if let Some(other) = seen.insert(id.clone(), format!("{}:{}", case.file, case.line)) {
                panic!("{id} is in {other} and in {}:{}", case.file, case.line);
            }
            let (operation, claim) = id.split_once("::").expect("operation::claim");
            assert_eq!(operation, case.operation);
            assert!(
                claim.contains('-')
                    && claim.bytes().all(|byte| byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || byte == b'-'),
                "{id}"
            );
        }
        assert!(catalogue.find(&case.id).is_some_and(|found| found.line == case.line));
    }
    let mut titles = BTreeSet::new();
    for case in &catalogue.cases {
        assert!(
            case.title.split_whitespace().count() >= 4 && !case.title.ends_with('.'),
            "{}: the title is a sentence without a stop: {}",
            case.id,
            case.title
        );
        assert!(
            titles.insert((&case.operation, &case.title)),
            "{} has the title of another case",
            case.id
        );
    }
}

#[test]
fn every_case_that_isnt_read_says_what_it_can_do() {
    let (_, catalogue) = loaded();
    let changing: Vec<&Case> =
        catalogue.cases.iter().filter(|case| case.effect > Effect::Read).collect();
    assert!(changing.len() > 20, "only {} cases change anything", changing.len());
    for case in changing {
        assert!(
            case.impact.as_ref().is_some_and(|impact| impact.trim().len() > 10),
            "{}: {:?}",
            case.id,
            case.impact
        );
    }
}

#[test]
fn a_case_that_leaves_something_behind_cleans_it_up() {
    let (contract, catalogue) = loaded();
    for case in &catalogue.cases {
        // What may be made, and by which step.
        let makes = case.steps.iter().find(|step| {
            step.operation == "sftp-locks.create"
                && step.expect.status.iter().any(|status| *status < 300)
                && request(contract, case, step).method == "POST"
        });
        if let Some(step) = makes {
            let undone = steps(case).any(|other| other.operation == "sftp-locks.delete")
                || case.steps.iter().any(|step| step.poll.is_some());
            assert!(undone, "{}: nothing deletes the lock of step `{}`", case.id, step.name);
        }
    }
}

#[test]
fn no_case_claims_less_effect_than_its_requests_need() {
    let (contract, catalogue) = loaded();
    let mut refused = 0;
    let nothing = Guard::new(Effect::Read, contract.known(), contract.appliance.clone());
    for case in &catalogue.cases {
        let guard = Guard::new(case.effect, contract.known(), contract.appliance.clone());
        for step in steps(case).filter(|step| step.request.own.is_none()) {
            let request = request(contract, case, step);
            guard.check(&case.id, &request, &url(&request)).unwrap_or_else(|reason| {
                panic!("{} step `{}` would be stopped on its way out: {reason}", case.id, step.name)
            });
            if request.method != "GET" {
                // Accepted, and told what later steps take for the id of a lock or of a job.
                guard.note(&case.id, &request, url(&request).path(), 200, || {
                    Some(serde_json::json!({ "id": "17", "jobId": "17" }))
                });
            }
            if case.effect > Effect::Read
                && nothing.check(&case.id, &request, &url(&request)).is_err()
            {
                refused += 1;
            }
        }
    }
    assert!(
        refused > 20,
        "the guard let {refused} changing requests only be told apart from reads"
    );
}

#[test]
fn a_case_that_moves_pushes_or_deletes_is_called_destroy() {
    let (contract, catalogue) = loaded();
    for case in &catalogue.cases {
        for step in case.steps.iter().filter(|step| step.request.own.is_none()) {
            let request = request(contract, case, step);
            let body = request.body.unwrap_or_default();
            let sends_away = request.method == "PUT"
                && request.target.starts_with("/managementServer/data")
                && (body.contains("\"move\"") || body.contains("\"push\""));
            if sends_away || request.method == "DELETE" {
                assert_eq!(
                    case.effect,
                    Effect::Destroy,
                    "{} step `{}`: {} {} {body}",
                    case.id,
                    step.name,
                    request.method,
                    request.target
                );
            } else if !["GET", "HEAD"].contains(&request.method.as_str()) {
                assert!(
                    case.effect >= Effect::Write,
                    "{} step `{}`: {} {}",
                    case.id,
                    step.name,
                    request.method,
                    request.target
                );
            }
        }
    }
}

#[test]
fn the_path_that_restarts_a_server_is_in_no_case() {
    let (contract, catalogue) = loaded();
    let mut looked = 0;
    for case in &catalogue.cases {
        for step in steps(case) {
            let request = request(contract, case, step);
            let all = format!("{}\n{:?}\n{:?}", request.target, request.headers, request.body)
                .to_lowercase();
            assert!(
                !all.contains("quiesce") && !all.contains("%71"),
                "{} step `{}`: {all}",
                case.id,
                step.name
            );
            looked += 1;
        }
    }
    assert!(looked > 60, "only {looked} requests");
    assert!(!contract.operations.values().any(|operation| operation.path.contains("quiesce")));
    for (name, text) in files::embedded_catalogue() {
        let asks = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .any(|line| line.contains("quiesce"));
        assert!(!asks, "{name}");
    }
}

#[test]
fn no_case_needs_what_another_case_leaves_behind() {
    let (contract, catalogue) = loaded();
    for case in &catalogue.cases {
        for need in &case.needs {
            assert!(
                contract.facts().any(|fact| fact == need) || need == SESSION,
                "{} needs {need}, which no operator and no list gives",
                case.id
            );
        }
    }
}
