//! The catalogue as data: what it asks, what it would send, and how it is refused when it is wrong.
//!
//! Knows: `cases/`, the contract, and the broken case files of the fixtures. Must not know: what
//! any appliance answers.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::built_in::loaded;
use lxca_conform::address::{Address, RequestUrl};
use lxca_conform::catalogue::{self, Case, Effect, SESSION, Step, lint};
use lxca_conform::contract::{self, Basis, Contract};
use lxca_conform::exchange::Outgoing;
use lxca_conform::files::{self, FileSet};
use lxca_conform::judge::{claims, orphans};
use lxca_conform::plan::{self, Facts};
use lxca_conform::problem::Problem;
use lxca_conform::transport::Guard;

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

// ---- refusals

fn broken() -> Vec<Problem> {
    let folder =
        files::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/broken"))
            .expect("the fixtures");
    assert!(folder.len() >= 4, "{:?}", folder.keys());
    catalogue::load(&folder).expect_err("broken case files")
}

/// File, line, column, and words that the message must have.
type Expected = (&'static str, Option<(usize, usize)>, &'static [&'static str]);

#[test]
fn every_mistake_of_every_broken_file_is_shown_at_once_with_its_place_and_what_is_accepted() {
    const EXPECTED: &[Expected] = &[
        (
            "aicc/service/sftp/locks/get.toml",
            Some((6, 1)),
            &[
                "unknown field `effct`",
                "`effect`",
                "`impact`",
                "`request`",
                "`expect`",
                "`step`",
                "`cleanup`",
            ],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((13, 11)),
            &["`raed`", "`read`", "`write`", "`destroy`"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((17, 1)),
            &["case `sends-nothing`", "either `request` and `expect`, or `[[case.step]]`"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((22, 1)),
            &["step `wait`", "`every = \"2\"`", "500ms, 2s or 10m"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((22, 1)),
            &["step `wait`", "`budget = \"soon\"`"],
        ),
        (
            "managementServer/data/put.toml",
            Some((3, 1)),
            &["unknown key `cases`", "`operation`", "`[[case]]`"],
        ),
        (
            "managementServer/data/put.toml",
            Some((9, 13)),
            &["unknown field `jsn`", "`json`", "`raw`", "`content-type`"],
        ),
        ("managementServer/data/put.toml", Some((16, 23)), &["invalid type", "u16"]),
        ("managementServer/data/put.toml", Some((18, 1)), &["missing field `id`"]),
        ("tasks/get.toml", Some((5, 33)), &["string", "expected `\"`"]),
        (
            "sessions/post.toml",
            None,
            &["`operation`", "missing", "operation = \"backup.transfer\""],
        ),
    ];
    let problems = broken();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for (file, at, words) in EXPECTED {
        let hit = problems.iter().zip(&shown).any(|(problem, text)| {
            problem.file == *file
                && problem.at == *at
                && words.iter().all(|word| text.contains(word))
        });
        assert!(hit, "no problem at {file} {at:?} with {words:?} among\n{}", shown.join("\n"));
    }
    assert_eq!(problems.len(), EXPECTED.len(), "{}", shown.join("\n"));
    let mut files: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    files.dedup();
    assert_eq!(files.len(), 4, "the problems of one file stand together: {files:?}");
}

#[test]
fn a_catalogue_that_doesnt_fit_the_contract_is_refused_with_every_reason() {
    let (contract, _) = loaded();
    let text = r#"operation = "backup.transfer"
[[case]]
id = "Not_Kebab"
title = "An id that is no claim"
effect = "write"
needs = ["backup.colour"]
request = { json = '{ "uuid": "{{backup.uuid}}" }' }
expect = { status = [200] }

[[case]]
id = "moves-quietly"
title = "A move that is called a write"
effect = "write"
impact = "none"
request = { json = '{ "action": "start", "operation": "move" ' }
expect = { status = [418], requirement = "backup.transfer/no-such-thing" }

[[case]]
id = "moves-quietly"
title = "The same id again, and it can't fail"
effect = "destroy"
impact = "none"
request = { auth = "unprivileged" }
expect = { status = [] }

[[case]]
id = "goes-astray"
title = "An operation that nobody knows"
effect = "read"
[[case.step]]
name = "a"
operation = "backup.fetch"
expect = { status = [200] }
[[case.cleanup]]
name = "b"
when = "c"
expect = { status = [200], body = "start" }
"#;
    let catalogue = catalogue::load(&FileSet::from([(
        "managementServer/data/post.toml".to_owned(),
        text.to_owned(),
    )]))
    .expect("well-formed case files");
    let problems = lint(contract, &catalogue);
    let shown = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for (line, words) in [
        (2, "kebab-case"),
        (2, "needs an `impact`"),
        (2, "unknown fact `backup.colour`"),
        (2, "uses {{backup.uuid}}"),
        (2, "belong in managementServer/data/put.toml"),
        (2, "say which with body"),
        (10, "has the effect destroy"),
        (10, "isn't valid JSON"),
        (10, "unregistered requirement `backup.transfer/no-such-thing`"),
        (10, "doesn't document"),
        (18, "is already used by the case at managementServer/data/post.toml:10"),
        (18, "expects no status"),
        (18, "account = \"unprivileged\""),
        (26, "unknown operation `backup.fetch`; known are"),
        (26, "waits for the unknown step `c`"),
    ] {
        let prefix = format!("managementServer/data/post.toml:{line}:1: ");
        assert!(
            shown.lines().any(|problem| problem.starts_with(&prefix) && problem.contains(words)),
            "no problem at line {line} with `{words}` among\n{shown}"
        );
    }
}

#[test]
fn a_step_for_several_rows_is_a_bounded_read_of_what_was_captured() {
    let (contract, _) = loaded();
    let problems = |capture: &str, step: &str| {
        let text = format!(
            r#"operation = "fans.get"
[[case]]
id = "asks-for-several"
title = "Several fans, one after the other"
effect = "read"
[[case.step]]
name = "list"
operation = "fans.list"
expect = {{ status = [200], body = "list" }}
[[case.step.capture]]
fact = "one"
list = "/fanList"
take = "/uuid"
{capture}
[[case.step]]
name = "get"
request = {{ path = {{ uuid = "{{{{one}}}}" }} }}
expect = {{ status = [200], body = "whole" }}
{step}
"#
        );
        let file = "fans/{uuid}/get.toml".to_owned();
        let catalogue =
            catalogue::load(&FileSet::from([(file, text)])).expect("a well-formed case file");
        let problems = lint(contract, &catalogue);
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let spread = |most: &str| format!("most = {most}\nspread = \"/type\"");
    assert_eq!(problems(&spread("8"), "each = \"one\""), "");
    for (capture, step, words) in [
        (spread("9"), "each = \"one\"", "needs `most` of 1 to 8"),
        ("spread = \"/type\"".to_owned(), "each = \"one\"", "needs `most` of 1 to 8"),
        (spread("8"), "each = \"other\"", "which no earlier step captures with `spread`"),
        ("most = 8".to_owned(), "each = \"one\"", "which no earlier step captures with `spread`"),
        (spread("8"), "each = \"one\"\ngrace = \"2s\"", "must be a GET of the claim"),
    ] {
        let shown = problems(&capture, step);
        assert!(shown.contains(words), "{capture}, {step}: {shown}");
    }
}
