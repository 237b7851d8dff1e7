//! The cases that follow from request tables, and those that are drawn from them.
//!
//! Knows: the library, the double, and what each fault is made to break. Must not know: how a case
//! is derived.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::built_in;
use crate::support::lab;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::lab::{Asked, record, version};
use lxca_conform::address::{Address, RequestUrl};
use lxca_conform::catalogue::{
    self, Case, Catalogue, Effect, Exploration, Level, generate, lint, written,
};
use lxca_conform::conduct::Outcome;
use lxca_conform::contract::{self, Contract, Severity, request_requirements, request_schema};
use lxca_conform::double::{Fault, LISTING, Options, Variant};
use lxca_conform::exchange::Outgoing;
use lxca_conform::files::{self, FileSet};
use lxca_conform::judge::{Verdict, claims, orphans, statements};
use lxca_conform::plan::{self, Facts};
use lxca_conform::report::{Conclusion, Report, rejudge};
use lxca_conform::self_test::{FaultEntry, FaultTable};
use lxca_conform::store::{Record, Row};
use lxca_conform::transport::Guard;
use serde_json::{Value, json};

const SEEDS: [&str; 2] = ["sftp-locks.list", "backup.transfer"];

fn loaded() -> (&'static Contract, Catalogue) {
    (built_in::contract(), built_in::written().clone())
}

fn run(contract: &Contract, catalogue: &Catalogue, options: Options) -> Outcome {
    run_as(contract, catalogue, &Asked { options, ..version("4.1.0") })
}

fn run_as(contract: &Contract, catalogue: &Catalogue, asked: &Asked) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(lab::conducted(contract, catalogue, asked))
}

/// The requirements with a finding above observation.
fn accused(report: &Report) -> BTreeMap<String, Severity> {
    let findings = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity > Severity::Observation);
    findings.map(|finding| (finding.requirement.clone(), finding.severity)).collect()
}

// ---- what is derived

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

/// The request of a step, with something in place of every fact.
fn request(contract: &Contract, case: &Case, step: &lxca_conform::catalogue::Step) -> Outgoing {
    let captured = case
        .steps
        .iter()
        .chain(&case.cleanup)
        .flat_map(|step| &step.capture)
        .map(|capture| capture.fact.clone());
    let facts: Facts =
        captured.chain(case.needs.iter().cloned()).map(|fact| (fact, "17".to_owned())).collect();
    let (request, unknown) = plan::request(contract, step, &facts);
    assert!(unknown.is_empty(), "{}: nothing gives {unknown:?}", case.id);
    request
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

// ---- request tables and request schemas

fn schema_file(name: &str) -> Value {
    serde_json::from_str(&files::embedded_contract()[name]).expect("JSON")
}

#[test]
fn the_schema_of_a_request_is_what_its_tables_amount_to() {
    let (contract, _) = loaded();
    let mut compared = 0;
    for operation in contract.operations.values() {
        let Some(body) = &operation.request.body else { continue };
        let file = body.schema.trim_start_matches("lxca:///");
        let file = &file.replace("%7B", "{").replace("%7D", "}");
        assert_eq!(
            request_schema(contract, operation),
            Some(schema_file(file)),
            "{file}: `lxca-conform lint --request-schema {}` prints it",
            operation.id
        );
        compared += 1;
    }
    assert!(compared >= 3, "{compared}");
}

#[test]
fn a_schema_of_a_request_that_says_something_else_is_a_problem_with_its_place() {
    let (_, catalogue) = loaded();
    for (place, spoil) in [
        ("$defs/copy-or-move/properties/action/allOf/0/enum", json!(["start", "stop"])),
        ("$defs/copy-or-move/properties/uuid/type", json!("integer")),
        ("$defs/push/allOf", json!([])),
        ("properties/operation/allOf/0/enum", json!(["copy", "move"])),
    ] {
        let mut files = files::embedded_contract();
        let mut schema = schema_file("managementServer/data/put.request.json");
        *schema.pointer_mut(&format!("/{place}")).unwrap_or_else(|| panic!("{place}")) = spoil;
        files.insert("managementServer/data/put.request.json".to_owned(), schema.to_string());
        let contract = contract::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let problems = lint(&contract, &catalogue)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n");
        let first = place.split("/allOf").next().unwrap_or_default();
        assert!(
            problems.contains("managementServer/data/put.request.json") && problems.contains(first),
            "{place}:\n{problems}"
        );
        assert!(problems.contains("lint --request-schema backup.transfer"), "{problems}");
    }
}

#[test]
fn a_request_table_that_makes_no_sense_is_refused_with_every_reason() {
    let mut files = files::embedded_contract();
    let register = files.get_mut("managementServer/data/put.operation.toml").expect("the register");
    for (from, to) in [
        (
            "if       = { action = [\"start\"] }\ntype     = \"string\"\nvalues   = \
            [\"{{push.destination}}\"]",
            "type     = \"string\"\nvalues   = [\"{{push.destination}}\"]",
        ),
        ("exact    = [\"{{backup.share}}\"]", "exact    = [\"{{push.destination}}\"]"),
        (
            "values = \"backup.transfer/request/action/values\"",
            "values = \"backup.transfer/request/action/colours\"",
        ),
        ("when = { operation = [\"push\"] }", "when = { operations = [\"push\"] }"),
        ("replies         = [\"cancel\"]", "replies         = [\"cancelled\"]"),
        (
            "is              = { action = \"cancel\", operation = \"push\" }",
            "is              = { operation = \"push\" }",
        ),
        (
            "required = \"backup.transfer/push/uuid/required\"",
            "required = \"backup.transfer/push/operation/required\"",
        ),
    ] {
        assert!(register.contains(from), "{from}");
        *register = register.replacen(from, to, 1);
    }
    let problems = contract::load(&files)
        .expect_err("a broken contract")
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    for words in [
        "`destination`: `required-if` and `if` need each other",
        "`destination`: `exact` names {{push.destination}}, which isn't one of its values",
        "unregistered requirement `backup.transfer/request/action/colours`",
        "it has no row `operations`",
        "names the reply `cancelled`",
        "the form `cancel` lacks `action`",
        "names `backup.transfer/push/operation/required`, which the register excludes",
    ] {
        assert!(problems.contains(words), "no `{words}` in\n{problems}");
    }
}

#[test]
fn a_course_that_cant_be_read_is_a_problem() {
    let mut files = files::embedded_contract();
    let register = files.get_mut("managementServer/data/put.operation.toml").expect("the register");
    *register = register.replacen(
        "name      = \"follow\"\noperation = \"tasks.get\"",
        "name      = \"follow\"\noperations = \"tasks.get\"",
        1,
    );
    let contract = contract::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let problems =
        lint(&contract, &loaded().1).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(
        problems.contains("steps of form `copy`:") && problems.contains("operations"),
        "{problems}"
    );
}

#[test]
fn the_documented_examples_of_requests_satisfy_the_schema() {
    let (contract, _) = loaded();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documented");
    let mut looked = 0;
    for name in ["copy", "move", "push", "cancel"] {
        let text = std::fs::read_to_string(
            folder.join(format!("put-managementserver-data.request-{name}.json")),
        )
        .expect("the example");
        let example: Value = serde_json::from_str(&text).expect("JSON");
        let found = contract
            .schemas
            .violations("lxca:///managementServer/data/put.request.json", &example["value"]);
        assert!(found.is_empty(), "{name}: {found:?}");
        looked += 1;
    }
    assert_eq!(looked, 4);
}

/// An operation that nobody has seen before, in data only.
fn with_a_new_operation() -> FileSet {
    let mut files = files::embedded_contract();
    let operation = r#"
id       = "users.rename"
method   = "PUT"
path     = "/users/names"
title    = "Rename a user"
document = "put-managementserver-data"
effect   = "write"

[[response]]
status      = 200
name        = "renamed"
content     = "empty"
requirement = "users.rename/status/200"

[[response]]
status      = 400
name        = "error-400"
content     = "unspecified"
requirement = "users.rename/status/400"

[body]
schema    = "put.request.json"
empty     = "users.rename/status/400"
malformed = "users.rename/status/400"
kind      = "users.rename/status/400"

[[request]]
name = "name"

[[request.attribute]]
name     = "colour"
presence = "optional"
type     = "string"
values   = ["red", "green"]
rules    = { type = "users.rename/colour/type", values = "users.rename/colour/values" }

[[request.attribute]]
name     = "shade"
presence = "required-if"
if       = { colour = ["green"] }
type     = "integer"
rules    = { required = "users.rename/shade", type = "users.rename/shade" }

[[request.form]]
name     = "plain"
title    = "a plain name"
is       = { colour = "red" }
replies  = ["renamed"]
accepted = "users.rename/colour/values"
effect   = "write"
impact   = "a name"
step     = [{ name = "rename", request = { json = "{{request}}" }, expect = { status = [200], requirement = "users.rename/colour/values" } }]

[[request.form]]
name     = "green"
title    = "a green name"
is       = { colour = "green", shade = 3 }
replies  = ["renamed"]
effect   = "write"
impact   = "a name"
"#;
    let requirement = |id: &str| {
        format!(
            "\n[[requirement]]\nid = \"users.rename/{id}\"\nbasis = \"stated\"\nstatement = \
            \"Something.\"\nplace = \"Request body\"\n"
        )
    };
    let registered: String = ["status/200", "status/400", "colour/type", "colour/values", "shade"]
        .into_iter()
        .map(requirement)
        .collect();
    files.insert("users/names/put.operation.toml".to_owned(), format!("{operation}{registered}"));
    files.insert(
        "users/names/put.request.json".to_owned(),
        r#"{"$id":"lxca:///users/names/put.request.json"}"#.to_owned(),
    );
    let contract = contract::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let schema = request_schema(&contract, &contract.operations["users.rename"]).expect("a schema");
    files.insert("users/names/put.request.json".to_owned(), schema.to_string());
    files
}

#[test]
fn a_new_operation_file_with_a_request_table_gives_its_cases_without_a_line_of_rust() {
    let contract =
        contract::load(&with_a_new_operation()).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let all = generate(&contract);
    let mine: BTreeMap<&str, &Case> = all
        .iter()
        .filter(|case| case.operation == "users.rename")
        .map(|case| (case.id.split_once("generated/").expect("generated").1, case))
        .collect();
    for (id, requirement, status) in [
        ("plain/accepted", "users.rename/colour/values", 200),
        ("plain/colour/null", "users.rename/colour/type", 400),
        ("plain/colour/upper-case", "users.rename/colour/values", 400),
        ("plain/colour/is-green", "", 0),
        ("plain/colour/missing", "", 0),
        ("green/shade/missing", "users.rename/shade", 400),
        ("green/shade/fraction", "users.rename/shade", 400),
        ("plain/body/breaks-off", "users.rename/status/400", 400),
    ] {
        let found = mine.get(id).and_then(|case| case.steps.last()).map(|step| {
            (step.expect.requirement.clone().unwrap_or_default(), step.expect.status.clone())
        });
        let wanted = (status > 0).then(|| (requirement.to_owned(), vec![status]));
        assert_eq!(found, wanted, "{id}; there are {:?}", mine.keys());
    }
    // Green needs a shade: both sides of the condition.
    assert!(
        mine["green/shade/missing"].expects_refusal() && !mine["plain/accepted"].expects_refusal()
    );
    let catalogue = loaded().1.with_generated(&contract, Level::All);
    let problems: Vec<String> =
        lint(&contract, &catalogue).iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let drawn = Catalogue::only_generated(&contract, Level::None)
        .explored(&contract, Exploration { count: 5, seed: 1 });
    assert!(drawn.cases.iter().any(|case| case.operation == "users.rename"));
}

// ---- against the double

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

// ---- drawn at random

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

// ---- as a person runs it

fn lxca(args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(args)
        .output()
        .expect("the binary starts");
    (
        output.status.code(),
        String::from_utf8(output.stdout).expect("UTF-8"),
        String::from_utf8(output.stderr).expect("UTF-8"),
    )
}

#[test]
fn the_plan_of_one_seed_is_the_same_each_time_and_the_run_tells_its_seed() {
    let plan = |seed: &str| {
        lxca(&[
            "plan",
            "--generated",
            "none",
            "--explore",
            "20",
            "--seed",
            seed,
            "--format",
            "json",
        ])
    };
    assert_eq!(plan("42"), plan("42"));
    assert_ne!(plan("42").1, plan("43").1);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    // Without a seed one is taken, and told so that the same requests can be had again.
    let (exit, text, _) = lxca(&[
        "run",
        "--generated",
        "none",
        "--explore",
        "3",
        "--filter",
        "*::explored/*",
        "--out",
        out,
    ]);
    assert_eq!(exit, Some(0), "{text}");
    let seed = text
        .split("--seed ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no seed in {text}"));
    let report: Value = serde_json::from_str(
        &std::fs::read_to_string(folder.path().join("report.json")).expect("a report"),
    )
    .expect("JSON");
    assert_eq!(
        report["catalogue"]["exploration"],
        json!({ "count": 3, "seed": seed.parse::<u64>().expect("a number") })
    );
    let (exit, judged, _) = lxca(&["judge", out, "--format", "json"]);
    let judged: Value = serde_json::from_str(&judged).expect("JSON");
    assert_eq!(
        (exit, &judged["summary"], &judged["catalogue"]),
        (Some(0), &report["summary"], &report["catalogue"])
    );
}

#[test]
fn levels_are_chosen_and_a_record_is_judged_with_its_own() {
    let count = |level: &str| {
        let (exit, text, _) = lxca(&["list", "--generated", level, "--format", "json"]);
        assert_eq!(exit, Some(0));
        let rows: Value = serde_json::from_str(&text).expect("JSON");
        let rows = rows.as_array().expect("an array").clone();
        assert!(rows.iter().all(|row| !row["requirements"].as_array().expect("a list").is_empty()));
        rows.iter().filter(|row| row["generated"] == true).count()
    };
    let counts = ["none", "core", "all"].map(count);
    assert!(counts[0] == 0 && counts[1] >= 250 && counts[2] > counts[1], "{counts:?}");
    let (_, default, _) = lxca(&["list"]);
    assert_eq!(default, lxca(&["list", "--generated", "core"]).1, "core is the default");
    assert!(default.contains("backup.transfer::generated/move/uuid/null  (generated)"));

    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    for (level, generated) in [("none", Value::Null), ("all", json!("all"))] {
        assert_eq!(
            lxca(&[
                "run",
                "--generated",
                level,
                "--filter",
                "sftp-locks.list::*",
                "--out",
                out,
                "--quiet"
            ])
            .0,
            Some(0)
        );
        let report: Value = serde_json::from_str(
            &std::fs::read_to_string(folder.path().join("report.json")).expect("a report"),
        )
        .expect("JSON");
        assert_eq!(report["catalogue"]["generated"], generated);
        let judged: Value =
            serde_json::from_str(&lxca(&["judge", out, "--format", "json"]).1).expect("JSON");
        assert_eq!(
            (&judged["catalogue"], &judged["summary"]),
            (&report["catalogue"], &report["summary"])
        );
        assert!(
            !judged["notes"].to_string().contains("another contract or catalogue"),
            "{}",
            judged["notes"]
        );
    }
}

#[test]
fn statements_and_request_schemas_can_be_looked_at_and_a_seed_alone_is_a_mistake() {
    let (exit, text, _) = lxca(&["list", "--statements"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("tried   backup.transfer/request/uuid/required") && !text.contains("UNTRIED"),
        "{text}"
    );
    let (exit, text, _) = lxca(&["lint"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("generated cases repeat a hand-written one")
            && text.contains("generated/copy/uuid/missing = refuses-copy-without-uuid"),
        "{text}"
    );
    let (exit, text, _) = lxca(&["lint", "--request-schema", "tasks.cancel"]);
    assert_eq!(
        (exit, serde_json::from_str::<Value>(&text).ok()),
        (Some(0), Some(schema_file("tasks/put.request.json")))
    );
    assert_eq!(lxca(&["lint", "--request-schema", "tasks.list"]).0, Some(2));
    assert_eq!(lxca(&["plan", "--seed", "1"]).0, Some(2));
    assert_eq!(lxca(&["run", "--write-case", "x"]).0, Some(2));
    let (exit, text, _) = lxca(&["explain", "backup.transfer::generated/copy/label/xml"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("expects nothing: the page doesn't say which Content-Type a body needs"),
        "{text}"
    );
}
