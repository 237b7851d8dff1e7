//! Request tables: the schema that they amount to, how a wrong one is refused, and a new operation
//! that is described by one.
//!
//! Knows: operation files, and mistakes in them. Must not know: any answer.

use std::collections::BTreeMap;
use std::path::Path;

use lxca_conform::catalogue::{Case, Catalogue, Exploration, Level, generate, lint};
use lxca_conform::contract::{self, request_schema};
use lxca_conform::files::{self, FileSet};
use serde_json::{Value, json};

use super::{loaded, schema_file};

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
