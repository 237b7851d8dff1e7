//! The contract as data: its files, its examples, and what its schemas find in a body.
//!
//! Knows: `schemas/`, the documented examples, and `boon` as a second opinion. Must not know:
//! appliances, cases, verdicts.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::struct_field_names,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::support::bodies::{BAD_TIMES, Bodies, GOOD_TIMES, pointers};
use crate::support::built_in;
use lxca_conform::contract::{self, Choice, Contract, Severity, survey};
use lxca_conform::files::{self, FileSet};
use lxca_conform::moment::{self, Form};
use serde_json::{Value, json};

const LOCKS: &str = "lxca:///aicc/service/sftp/locks/get.200.json";
const START: &str = "lxca:///managementServer/data/put.200.start.json";
const CANCEL: &str = "lxca:///managementServer/data/put.200.cancel.json";
const REFUSED: &str = "lxca:///managementServer/data/put.error.json";

fn contract() -> &'static Contract {
    built_in::contract()
}

fn schema_files() -> BTreeMap<String, Value> {
    let all = files::embedded_contract();
    let wanted =
        all.iter().filter(|(name, _)| name.ends_with(".json") && !name.ends_with(".schema.json"));
    wanted
        .map(|(name, text)| {
            (
                name.clone(),
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}")),
            )
        })
        .collect()
}

// ---- the files

#[test]
fn the_embedded_contract_is_the_folder() {
    let folder = files::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"))
        .expect("the folder is readable");
    assert_eq!(files::digest(&folder), files::digest(&files::embedded_contract()));
}

#[test]
fn a_start_that_trusts_the_built_in_contract_reads_the_same() {
    let whole = contract();
    let (quick, _) = lxca_conform::load(files::built_in_contract(), &files::embedded_catalogue());
    let quick = quick.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(quick.digest, whole.digest);
    assert_eq!(quick.operations.len(), whole.operations.len());
    for (id, operation) in &whole.operations {
        assert!(files::converted_operation(&operation.file).is_some(), "{}", operation.file);
        assert_eq!(format!("{:?}", quick.operations[id]), format!("{operation:?}"));
    }
    assert_eq!(format!("{:?}", quick.requirements), format!("{:?}", whole.requirements));
    assert_eq!(format!("{:?}", quick.errata), format!("{:?}", whole.errata));
    for id in whole.schemas.ids() {
        assert_eq!(quick.schemas.document(id), whole.schemas.document(id), "{id}");
        assert!(quick.schemas.requirements(id).eq(whole.schemas.requirements(id)), "{id}");
    }
}

#[test]
fn every_schema_file_is_compiled_under_an_id_that_mirrors_its_path() {
    let contract = contract();
    let ids: BTreeSet<&str> = contract.schemas.ids().collect();
    let files = schema_files();
    assert!(files.len() >= 10, "only {} schemas", files.len());
    assert_eq!(files.len(), ids.len());
    for (name, schema) in &files {
        let id = format!("lxca:///{}", name.replace('{', "%7B").replace('}', "%7D"));
        assert_eq!(schema["$id"], id.as_str(), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(ids.contains(id.as_str()), "{id} isn't compiled");
    }
}

#[test]
fn every_operation_file_mirrors_the_url_and_every_document_is_a_known_page() {
    let contract = contract();
    let documents: BTreeSet<&str> =
        contract.documents.iter().map(|document| document.id.as_str()).collect();
    for operation in contract.operations.values() {
        assert_eq!(
            operation.file,
            format!(
                "{}/{}.operation.toml",
                operation.path.trim_start_matches('/'),
                operation.method.to_lowercase()
            )
        );
        assert!(documents.contains(operation.document.as_str()), "{}", operation.id);
        assert!(!operation.responses.is_empty(), "{} has no documented answer", operation.id);
    }
    for id in ["sftp-locks.list", "backup.transfer"] {
        let document = contract
            .documents
            .iter()
            .find(|document| document.id == contract.operations[id].document)
            .expect("its page");
        assert_eq!(document.role, "seed", "{id}");
        assert!(
            document.sha256.as_ref().is_some_and(|digest| digest.len() == 64),
            "{id}: the text that was read is pinned"
        );
    }
}

/// Every subschema of a document, with its place and the nearest source above it or on it.
fn each_subschema<'a>(
    schema: &'a Value,
    place: &str,
    source: Option<&'a Value>,
    look: &mut dyn FnMut(&str, &'a Value, Option<&'a Value>),
) {
    let source = schema.get("x-source").or(source);
    look(place, schema, source);
    for keyword in ["properties", "$defs"] {
        for (name, part) in schema.get(keyword).and_then(Value::as_object).into_iter().flatten() {
            each_subschema(
                part,
                &format!("{place}/{keyword}/{name}"),
                source.filter(|_| keyword == "properties"),
                look,
            );
        }
    }
    for keyword in ["items", "if", "then", "else", "not", "additionalProperties"] {
        if let Some(part) = schema.get(keyword) {
            each_subschema(part, &format!("{place}/{keyword}"), source, look);
        }
    }
    for (index, part) in
        schema.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        each_subschema(part, &format!("{place}/allOf/{index}"), source, look);
    }
}

#[test]
fn schemas_use_only_the_keywords_that_the_format_names() {
    let format =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema-format.md"))
            .expect("docs/schema-format.md");
    let listed = format
        .split_once("Accepted keywords:")
        .and_then(|(_, rest)| rest.split('`').nth(1))
        .expect("the list of accepted keywords");
    let accepted: BTreeSet<&str> = listed.split_whitespace().collect();
    assert!(
        accepted.contains("x-source") && !accepted.contains("anyOf") && !accepted.contains("oneOf"),
        "{accepted:?}"
    );
    for (file, schema) in &schema_files() {
        each_subschema(schema, "", None, &mut |place, part, _| {
            let members = part.as_object().unwrap_or_else(|| {
                panic!(
                    "{file}{place} is no object: objects stay open, and true or false say nothing"
                )
            });
            let strangers: Vec<&String> =
                members.keys().filter(|key| !accepted.contains(key.as_str())).collect();
            assert!(strangers.is_empty(), "{file}{place} uses {strangers:?}");
        });
    }
}

#[test]
fn every_rule_has_a_source_that_equals_the_register() {
    const CAN_FAIL: &[&str] = &[
        "type",
        "required",
        "const",
        "enum",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "minItems",
    ];
    let contract = contract();
    let errata: BTreeSet<&str> =
        contract.errata.iter().map(|erratum| erratum.id.as_str()).collect();
    let mut sourced = 0;
    for (file, schema) in &schema_files() {
        each_subschema(schema, "", None, &mut |place, part, source| {
            let condition = place.ends_with("/if") || place.contains("/if/");
            if !condition && CAN_FAIL.iter().any(|keyword| part.get(keyword).is_some()) {
                assert!(source.is_some(), "{file}{place} has a rule without a source");
            }
            let Some(own) = part.get("x-source") else { return };
            sourced += 1;
            let keys: BTreeSet<&str> =
                own.as_object().expect("an object").keys().map(String::as_str).collect();
            assert!(
                keys.is_subset(&BTreeSet::from(["requirement", "basis", "place", "erratum"])),
                "{file}{place}: {keys:?}"
            );
            let id = own["requirement"].as_str().unwrap_or_default();
            let requirement = contract
                .requirements
                .get(id)
                .unwrap_or_else(|| panic!("{file}{place}: `{id}` isn't registered"));
            assert_eq!(own["basis"], requirement.basis.word(), "{file}{place}");
            assert_eq!(own["place"], requirement.place.as_str(), "{file}{place}");
            assert_eq!(
                own.get("erratum").and_then(Value::as_str),
                requirement.erratum.as_deref(),
                "{file}{place}"
            );
            assert!(
                requirement.erratum.as_deref().is_none_or(|erratum| errata.contains(erratum)),
                "{file}{place}"
            );
            assert!(
                requirement.excluded.is_none(),
                "{file}{place} checks `{id}`, which the register excludes"
            );
        });
    }
    assert!(sourced > 100, "only {sourced} sources were seen");
}

#[test]
fn every_erratum_is_about_a_known_page_has_an_owner_and_is_numbered_once() {
    let contract = contract();
    let documents: BTreeSet<&str> =
        contract.documents.iter().map(|document| document.id.as_str()).collect();
    let mut seen = BTreeSet::new();
    for erratum in &contract.errata {
        assert!(seen.insert(erratum.id.as_str()), "{} is there twice", erratum.id);
        assert!(
            erratum.id.len() == 4
                && erratum.id.starts_with('E')
                && erratum.id[1..].bytes().all(|byte| byte.is_ascii_digit()),
            "{}",
            erratum.id
        );
        assert!(
            documents.contains(erratum.document.as_str()),
            "{}: {}",
            erratum.id,
            erratum.document
        );
        assert!(
            ["vendor page", "our copy", "both"].contains(&erratum.owner.as_str()),
            "{}: {}",
            erratum.id,
            erratum.owner
        );
        assert!(
            !erratum.says.trim().is_empty() && !erratum.chosen.trim().is_empty(),
            "{}",
            erratum.id
        );
    }
    for requirement in contract.requirements.values() {
        assert!(
            requirement.erratum.as_deref().is_none_or(|erratum| seen.contains(erratum)),
            "{}: {:?}",
            requirement.id,
            requirement.erratum
        );
        assert!(
            !requirement.statement.trim().is_empty() && !requirement.place.trim().is_empty(),
            "{}",
            requirement.id
        );
    }
}

#[test]
fn a_contract_with_several_mistakes_is_refused_with_all_of_them() {
    let name = "aicc/service/sftp/locks/get.200.json";
    let mut files: FileSet = files::embedded_contract();
    let lock = files[name]
        .replace("\"minimum\": 0", "\"exclusiveMinimum\": -1")
        .replace("lxca:///aicc/service/sftp/locks/get.200.json", "lxca:///elsewhere.json")
        .replace("Response body, row component\"", "Somewhere else\"");
    files.insert(name.to_owned(), lock);
    files.insert(
        "broken/get.operation.toml".to_owned(),
        "id = \"x\"\nmehtod = \"GET\"\n".to_owned(),
    );
    files.insert(
        "broken/get.200.json".to_owned(),
        "{ \"$id\": \"lxca:///broken/get.200.json\",\n  \"type\": \"object\", }".to_owned(),
    );
    let problems = contract::load(&files).expect_err("a broken contract");
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let all = shown.join("\n");
    for part in [
        "exclusiveMinimum",
        "`$id` must be `lxca:///aicc/service/sftp/locks/get.200.json`",
        "differs from the register of `sftp-locks.list/body/component",
        "broken/get.operation.toml:2:1: unknown field `mehtod`",
        "broken/get.200.json:2:21",
    ] {
        assert!(all.contains(part), "`{part}` isn't among:\n{all}");
    }
}

#[test]
fn a_condition_that_the_walk_of_exercised_rules_doesnt_know_is_refused_at_its_place() {
    let name = "aicc/service/sftp/locks/get.200.json";
    let known = contract::load(&files::embedded_contract()).expect("the contract as it is");
    assert!(known.schemas.ids().count() > 10);
    for (condition, told) in [
        (r#""if": { "minItems": 1 }, "then": {}"#, "`minItems` at `/if`"),
        (r#""if": { "enum": [[]] }, "then": {}"#, "`enum` at `/if`"),
        (r#""if": { "allOf": [{ "type": "array" }] }, "then": {}"#, "`allOf` at `/if`"),
        (r##""if": { "$ref": "#/$defs/lock" }, "then": {}"##, "`$ref` at `/if`"),
        (r#""if": { "if": {}, "then": {} }, "then": {}"#, "`if` at `/if`"),
        (r#""if": { "not": { "pattern": "x" } }, "then": {}"#, "`pattern` at `/if/not`"),
        (r#""if": { "items": { "const": 1 } }, "then": {}"#, "`items` at `/if`"),
        (
            r#""if": { "properties": { "result": { "enum": ["failed"] } } }, "then": {}"#,
            "`/if/properties/result` may only be a `const`",
        ),
        (
            r#""if": { "properties": { "count": { "const": 1 } } }, "then": {}"#,
            "`/if/properties/count` may only be a `const`",
        ),
        (r#""if": { "const": 1 }, "then": {}"#, "`/if/const` is a number"),
        (r#""then": { "minItems": 1 }"#, "`then` at `` has no `if`"),
        (
            r#""if": { "type": "array" }, "else": { "contains": {} }"#,
            "unknown keyword `contains` at `/else`",
        ),
        (
            r#""allOf": [{ "not": { "if": { "dependentSchemas": {} } } }]"#,
            "unknown keyword `dependentSchemas` at `/allOf/0/not/if`",
        ),
        (
            r##""not": { "items": { "$ref": "#/$defs/lock" } }"##,
            "`$ref` at `/not/items` is below `not`",
        ),
    ] {
        let mut files: FileSet = files::embedded_contract();
        let text = files[name].replacen(
            "\"type\": \"array\",",
            &format!("\"type\": \"array\", {condition},"),
            1,
        );
        assert_ne!(text, files[name]);
        files.insert(name.to_owned(), text);
        let problems = contract::load(&files).expect_err(condition);
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            shown.iter().any(|problem| problem.contains(name) && problem.contains(told)),
            "{condition}: `{told}` isn't among {shown:#?}"
        );
    }
}

#[test]
fn what_is_judged_when_it_comes_says_why_and_is_not_excluded_too() {
    let name = "managementServer/data/put.operation.toml";
    for (more, told) in [("excluded = \"x\"", "and no `excluded`"), ("", "")] {
        let mut files: FileSet = files::embedded_contract();
        let reason = "when-it-comes = \"what makes an appliance warn isn't documented\"";
        let changed = if more.is_empty() {
            "when-it-comes = \" \"".to_owned()
        } else {
            format!("{reason}\n{more}")
        };
        let text = files[name].replacen(reason, &changed, 1);
        assert_ne!(text, files[name]);
        files.insert(name.to_owned(), text);
        let problems = contract::load(&files).expect_err("a requirement that is judged and isn't");
        assert!(
            problems.iter().any(|problem| problem.to_string().contains("warning-message")
                && problem.to_string().contains(told)),
            "{problems:?}"
        );
    }
}

// ---- the documented examples

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    document: String,
    example: String,
    schema: Option<String>,
    satisfies: bool,
    erratum: Option<String>,
    value: Value,
}

fn examples() -> Vec<(String, Example)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documented");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("the examples")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    names.sort();
    let read = |path: &Path| {
        (
            path.file_name().expect("a name").to_string_lossy().into_owned(),
            serde_json::from_str(&fs::read_to_string(path).expect("an example"))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        )
    };
    names.iter().map(|path| read(path)).collect()
}

#[test]
fn each_documented_example_satisfies_its_schema_exactly_as_it_claims_or_an_erratum_says_why() {
    let contract = contract();
    let examples = examples();
    assert!(examples.len() >= 8, "only {} examples", examples.len());
    for (name, example) in &examples {
        assert!(
            contract
                .documents
                .iter()
                .any(|document| document.id == example.document && document.role == "seed"),
            "{name}: {}",
            example.document
        );
        let erratum = example.erratum.as_ref().map(|id| {
            contract
                .errata
                .iter()
                .find(|erratum| erratum.id == *id)
                .unwrap_or_else(|| panic!("{name}: unknown erratum {id}"))
        });
        let Some(schema) = &example.schema else { continue };
        assert!(contract.schemas.document(schema).is_some(), "{name}: unknown schema {schema}");
        let violations = contract.schemas.violations(schema, &example.value);
        assert_eq!(
            contract.schemas.satisfied(schema, &example.value),
            example.satisfies,
            "{name} ({}): {violations:#?}",
            example.example
        );
        assert_eq!(violations.is_empty(), example.satisfies, "{name}: {violations:#?}");
        if !example.satisfies {
            let erratum = erratum.unwrap_or_else(|| {
                panic!("{name} doesn't satisfy its schema and names no erratum")
            });
            for violation in &violations {
                let requirement = &contract.requirements[&violation.requirement];
                assert_eq!(
                    requirement.erratum.as_deref(),
                    Some(erratum.id.as_str()),
                    "{name}: {} isn't what {} is about",
                    violation.requirement,
                    erratum.id
                );
            }
        }
    }
    for document in ["get-aicc-service-sftp-locks", "put-managementserver-data"] {
        assert!(
            examples.iter().any(|(_, example)| example.document == document
                && example.schema.is_some()
                && example.satisfies),
            "no example of {document} satisfies its schema"
        );
    }
}

#[test]
fn each_documented_request_is_one_that_the_catalogue_may_send() {
    for (name, example) in examples().iter().filter(|(_, example)| example.schema.is_none()) {
        let action = example.value["action"].as_str().unwrap_or_default();
        let operation = example.value["operation"].as_str().unwrap_or_default();
        assert!(
            ["start", "cancel"].contains(&action) && ["copy", "move", "push"].contains(&operation),
            "{name}: {}",
            example.value
        );
        assert_eq!(
            action == "start",
            example.value.get("uuid").is_some() && example.value.get("destination").is_some(),
            "{name}: {}",
            example.value
        );
    }
}

// ---- a second opinion

/// As a custom format of boon: what isn't a text satisfies each format.
fn time(value: &Value, wanted: fn(Option<Form>) -> bool) -> Result<(), Box<dyn std::error::Error>> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let form = moment::read(text).map(|(form, _)| form);
    if wanted(form) { Ok(()) } else { Err("another form of time".into()) }
}

struct SecondOpinion {
    schemas: boon::Schemas,
    indexes: BTreeMap<String, boon::SchemaIndex>,
}

impl SecondOpinion {
    fn new(contract: &Contract) -> Self {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler.enable_format_assertions();
        // Two formats of our own, which tests/suite/moment.rs holds against a table and against
        // jiff.
        compiler.register_format(boon::Format {
            name: "iso-8601",
            func: |value| time(value, |form| form.is_some()),
        });
        compiler.register_format(boon::Format {
            name: "iso-8601-profile",
            func: |value| time(value, |form| form.is_none_or(|form| form == Form::Profile)),
        });
        for id in contract.schemas.ids() {
            compiler
                .add_resource(id, contract.schemas.document(id).expect("its document").clone())
                .unwrap_or_else(|error| panic!("boon refuses {id}: {error}"));
        }
        let indexes = contract
            .schemas
            .ids()
            .map(|id| {
                (
                    id.to_owned(),
                    compiler
                        .compile(id, &mut schemas)
                        .unwrap_or_else(|error| panic!("boon doesn't compile {id}: {error:#}")),
                )
            })
            .collect();
        Self { schemas, indexes }
    }

    fn satisfied(&self, id: &str, body: &Value) -> bool {
        self.schemas.validate(body, self.indexes[id]).is_ok()
    }
}

#[test]
fn a_second_validator_agrees_on_every_schema_over_every_documented_example() {
    let contract = contract();
    let second = SecondOpinion::new(contract);
    let mut verdicts = [0, 0];
    for (name, example) in examples() {
        for id in contract.schemas.ids() {
            let ours = contract.schemas.satisfied(id, &example.value);
            assert_eq!(ours, second.satisfied(id, &example.value), "{id} over {name}");
            verdicts[usize::from(ours)] += 1;
        }
    }
    assert!(verdicts.iter().all(|count| *count > 5), "{verdicts:?}");
}

#[test]
fn a_second_validator_agrees_on_a_thousand_generated_bodies() {
    const EACH: u32 = 120;
    const LARGE: usize = 250;
    let contract = contract();
    let second = SecondOpinion::new(contract);
    let mut bodies = Bodies::new(&contract.schemas, 0x5EED_1CA0);
    let mut drawn = 0;
    let mut lopsided = Vec::new();
    for id in contract.schemas.ids() {
        let mut verdicts = [0, 0];
        for round in 0..EACH {
            let body = if round % 3 == 0 { bodies.likely(id) } else { bodies.spoilt(id) };
            let ours = contract.schemas.satisfied(id, &body);
            let violations = contract.schemas.violations(id, &body);
            assert_eq!(
                ours,
                second.satisfied(id, &body),
                "the validators disagree on {id} over {body}\nours: {violations:#?}"
            );
            assert_eq!(
                ours,
                violations.is_empty(),
                "satisfied and violations disagree on {id} over {body}\n{violations:#?}"
            );
            for violation in &violations {
                assert!(
                    contract.requirements.contains_key(&violation.requirement),
                    "{id}: a finding without a registered requirement: {violation:?}\n{body}"
                );
            }
            verdicts[usize::from(ours)] += 1;
            drawn += 1;
        }
        // What only holds parts for others is no body, and of a tree with hundreds of rules hardly
        // a body that is drawn holds all.
        let parts = contract.schemas.document(id).is_some_and(|whole| whole.get("type").is_none());
        let large = contract.schemas.requirements(id).count() > LARGE;
        if (verdicts[0] < EACH / 30 && !parts) || (verdicts[1] < EACH / 30 && !large) {
            lopsided.push(format!("{id}: {} broken, {} satisfied", verdicts[0], verdicts[1]));
        }
    }
    assert!(drawn >= 1000, "only {drawn} bodies");
    assert!(
        lopsided.is_empty(),
        "these show little, because nearly all bodies have one verdict:\n{}",
        lopsided.join("\n")
    );
}

#[test]
fn the_same_seed_draws_the_same_bodies() {
    let contract = contract();
    let draw = |seed| {
        let mut bodies = Bodies::new(&contract.schemas, seed);
        (0..20).map(|_| bodies.spoilt(START)).collect::<Vec<_>>()
    };
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}

// ---- findings

fn id_of(letter: char) -> String {
    std::iter::repeat_n(letter, 32).collect()
}

fn locks() -> Value {
    json!([
        { "id": id_of('a'), "component": "UP", "creationTimestamp": "2022-09-09T01:46:08Z",
            "expirationTimeOut": 1200 },
        { "id": id_of('7'), "component": "CN", "creationTimestamp": "2022-09-09T01:46:12.250+02:00",
            "expirationTimeOut": 0 },
    ])
}

fn message() -> Value {
    json!({ "explanation": "Why.", "id": "FQXHMSE0001I", "recovery": [{ "text": "Do this.",
        "URL": "https://example.org/" }], "text": "What." })
}

fn started() -> Value {
    json!({ "jobId": "17", "result": "warning", "message": [message()] })
}

/// One change to a body: `Some` puts the value there, `None` takes the member away.
type Change = (&'static str, Option<Value>);

fn changed(body: &Value, changes: &[Change]) -> Value {
    let mut body = body.clone();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", ""));
        match (value, body.pointer_mut(parent).expect("the parent")) {
            (Some(value), _) if pointer.is_empty() => body = value.clone(),
            (Some(value), Value::Object(members)) => {
                drop(members.insert(name.to_owned(), value.clone()));
            }
            (Some(value), Value::Array(rows)) => {
                rows[name.parse::<usize>().expect("an index")] = value.clone();
            }
            (None, Value::Object(members)) => {
                drop(members.remove(name).expect("the member is there"));
            }
            (None, Value::Array(rows)) => {
                drop(rows.remove(name.parse::<usize>().expect("an index")));
            }
            (_, other) => panic!("{pointer} leads through {other}"),
        }
    }
    body
}

/// What the schemas find: requirement and place, sorted.
fn found(contract: &Contract, schema: &str, body: &Value) -> Vec<(String, String)> {
    let mut found: Vec<_> = contract
        .schemas
        .violations(schema, body)
        .into_iter()
        .map(|violation| (violation.requirement, violation.pointer))
        .collect();
    found.sort();
    found
}

/// A spoilt body, and the requirement and place that must be named.
type Spoilt = (&'static str, fn() -> Value, Change, &'static str, &'static str);

fn spoilt() -> Vec<Spoilt> {
    fn refused() -> Value {
        json!({ "result": "failed", "message": [message()] })
    }
    fn cancelled() -> Value {
        json!({ "result": "success", "message": [] })
    }
    vec![
        (LOCKS, locks, ("/0/id", None), "sftp-locks.list/body/id/presence", "/0/id"),
        (LOCKS, locks, ("/1/id", Some(json!("short"))), "sftp-locks.list/body/id", "/1/id"),
        (LOCKS, locks, ("/1/id", Some(json!(32))), "sftp-locks.list/body/id", "/1/id"),
        (
            LOCKS,
            locks,
            ("/0/component", None),
            "sftp-locks.list/body/component/presence",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/0/component", Some(json!("ZZ"))),
            "sftp-locks.list/body/component",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/0/component", Some(json!("up"))),
            "sftp-locks.list/body/component",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", None),
            "sftp-locks.list/body/creationTimestamp/presence",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", Some(json!("2022-09-09 01:46:08"))),
            "sftp-locks.list/body/creationTimestamp",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", Some(json!(1_662_688_000))),
            "sftp-locks.list/body/creationTimestamp",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", None),
            "sftp-locks.list/body/expirationTimeOut/presence",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!("1200"))),
            "sftp-locks.list/body/expirationTimeOut",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!(0.5))),
            "sftp-locks.list/body/expirationTimeOut",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!(-1))),
            "sftp-locks.list/body/expirationTimeOut/non-negative",
            "/0/expirationTimeOut",
        ),
        (LOCKS, locks, ("/0", Some(json!("a lock"))), "sftp-locks.list/body", "/0"),
        (LOCKS, locks, ("", Some(json!({ "locks": [] }))), "sftp-locks.list/body/shape", ""),
        (START, started, ("/jobId", None), "backup.transfer/body/jobId/presence", "/jobId"),
        (START, started, ("/jobId", Some(json!(17))), "backup.transfer/body/jobId", "/jobId"),
        (START, started, ("/jobId", Some(json!(""))), "backup.transfer/body/jobId/named", "/jobId"),
        (START, started, ("/result", None), "backup.transfer/body/result/presence", "/result"),
        (
            START,
            started,
            ("/result", Some(json!("failure"))),
            "backup.transfer/body/result",
            "/result",
        ),
        (
            START,
            started,
            ("/result", Some(json!("failed"))),
            "backup.transfer/body/result/success",
            "/result",
        ),
        (START, started, ("/message", None), "backup.transfer/body/message/presence", "/message"),
        (
            START,
            started,
            ("/message", Some(json!("done"))),
            "backup.transfer/body/message",
            "/message",
        ),
        (
            START,
            started,
            ("/message/0", Some(json!(null))),
            "backup.transfer/body/message",
            "/message/0",
        ),
        (
            START,
            started,
            ("/message/0/text", None),
            "backup.transfer/body/message/text/presence",
            "/message/0/text",
        ),
        (
            START,
            started,
            ("/message/0/text", Some(json!(["What."]))),
            "backup.transfer/body/message/text",
            "/message/0/text",
        ),
        (
            START,
            started,
            ("/message/0/id", None),
            "backup.transfer/body/message/id/presence",
            "/message/0/id",
        ),
        (
            START,
            started,
            ("/message/0/explanation", None),
            "backup.transfer/body/message/explanation/presence",
            "/message/0/explanation",
        ),
        (
            START,
            started,
            ("/message/0/recovery", None),
            "backup.transfer/body/message/recovery/presence",
            "/message/0/recovery",
        ),
        (
            START,
            started,
            ("/message/0/recovery", Some(json!("Do this."))),
            "backup.transfer/body/message/recovery",
            "/message/0/recovery",
        ),
        (
            START,
            started,
            ("/message/0/recovery/0/text", None),
            "backup.transfer/body/message/recovery/text/presence",
            "/message/0/recovery/0/text",
        ),
        (
            START,
            started,
            ("/message/0/recovery/0/URL", Some(json!({}))),
            "backup.transfer/body/message/recovery/URL",
            "/message/0/recovery/0/URL",
        ),
        (START, started, ("", Some(json!([]))), "backup.transfer/body", ""),
        (
            CANCEL,
            cancelled,
            ("/jobId", Some(json!("17"))),
            "backup.transfer/body/jobId/only-on-start",
            "/jobId",
        ),
        (CANCEL, cancelled, ("/result", None), "backup.transfer/body/result/presence", "/result"),
        (
            CANCEL,
            cancelled,
            ("/message", None),
            "backup.transfer/body/message/presence",
            "/message",
        ),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("success"))),
            "backup.transfer/error/result",
            "/result",
        ),
        (REFUSED, refused, ("/result", None), "backup.transfer/error/shape", "/result"),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("warning"))),
            "backup.transfer/error/result",
            "/result",
        ),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("failure"))),
            "backup.transfer/error/shape",
            "/result",
        ),
        (
            REFUSED,
            refused,
            ("/jobId", Some(json!("17"))),
            "backup.transfer/body/jobId/empty",
            "/jobId",
        ),
        (
            REFUSED,
            refused,
            ("/message", Some(json!("Refused."))),
            "backup.transfer/error/shape",
            "/message",
        ),
        (
            REFUSED,
            refused,
            ("/message/0/text", None),
            "backup.transfer/error/shape",
            "/message/0/text",
        ),
        (
            REFUSED,
            refused,
            ("/message/0/id", Some(json!(17))),
            "backup.transfer/error/shape",
            "/message/0/id",
        ),
    ]
}

#[test]
fn a_right_body_has_no_finding() {
    let contract = contract();
    for (schema, body, ..) in spoilt() {
        assert_eq!(contract.schemas.violations(schema, &body()), [], "{schema}");
    }
}

#[test]
fn one_spoilt_place_gives_one_finding_with_its_requirement_and_its_place() {
    let contract = contract();
    for (schema, body, change, requirement, pointer) in spoilt() {
        let body = changed(&body(), std::slice::from_ref(&change));
        assert_eq!(
            found(contract, schema, &body),
            [(requirement.to_owned(), pointer.to_owned())],
            "{schema} after {change:?}"
        );
    }
}

#[test]
fn all_findings_of_a_body_are_given_and_not_the_first() {
    let contract = contract();
    let body = changed(
        &locks(),
        &[
            ("/0/id", None),
            ("/0/component", Some(json!("ZZ"))),
            ("/0/expirationTimeOut", Some(json!("1200"))),
            ("/1/id", Some(json!("short"))),
            ("/1/component", None),
            ("/1/creationTimestamp", Some(json!(null))),
            ("/1/expirationTimeOut", Some(json!(-1))),
        ],
    );
    let expected = [
        ("sftp-locks.list/body/component", "/0/component"),
        ("sftp-locks.list/body/component/presence", "/1/component"),
        ("sftp-locks.list/body/creationTimestamp", "/1/creationTimestamp"),
        ("sftp-locks.list/body/expirationTimeOut", "/0/expirationTimeOut"),
        ("sftp-locks.list/body/expirationTimeOut/non-negative", "/1/expirationTimeOut"),
        ("sftp-locks.list/body/id", "/1/id"),
        ("sftp-locks.list/body/id/presence", "/0/id"),
    ];
    assert_eq!(
        found(contract, LOCKS, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );

    let body = changed(
        &started(),
        &[
            ("/jobId", None),
            ("/result", Some(json!("ok"))),
            ("/message/0/text", None),
            ("/message/0/recovery/0/text", Some(json!(1))),
        ],
    );
    let expected = [
        ("backup.transfer/body/jobId/presence", "/jobId"),
        ("backup.transfer/body/message/recovery/text", "/message/0/recovery/0/text"),
        ("backup.transfer/body/message/text/presence", "/message/0/text"),
        ("backup.transfer/body/result", "/result"),
    ];
    assert_eq!(
        found(contract, START, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );
}

#[test]
fn a_list_inside_an_object_breaks_the_shape_and_nothing_else_of_the_schema() {
    // Its rows are held against the schema of a row by the judge, which finds the list;
    // `a_wrong_row_inside_an_envelope…` in detection shows it.
    let contract = contract();
    let body = json!({ "locks": locks() });
    let expected = [("sftp-locks.list/body/shape", "")];
    assert_eq!(
        found(contract, LOCKS, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );
}

#[test]
fn a_finding_shows_what_was_asked_for_and_what_came() {
    let contract = contract();
    let body = changed(&locks(), &[("/0/component", Some(json!("ZZ"))), ("/0/id", None)]);
    let violations = contract.schemas.violations(LOCKS, &body);
    let component = violations
        .iter()
        .find(|violation| violation.pointer == "/0/component")
        .expect("a finding at the component");
    assert!(component.expected.starts_with("one of CN, CP, CR"), "{}", component.expected);
    assert_eq!(component.actual, "\"ZZ\"");
    let id = violations
        .iter()
        .find(|violation| violation.pointer == "/0/id")
        .expect("a finding at the id");
    assert_eq!((id.expected.as_str(), id.actual.as_str()), ("a member `id`", "absent"));
}

// ---- coverage and drift

#[test]
fn one_wrong_leaf_changes_nothing_of_what_the_body_exercised() {
    let contract = contract();
    for (schema, body) in [(LOCKS, locks()), (START, started())] {
        let whole = survey(&contract.schemas, schema, &body);
        assert!(whole.reached.len() > 8, "{schema}: {whole:?}");
        let mut places = Vec::new();
        pointers(&body, String::new(), &mut places);
        let mut leaves = 0;
        for place in places {
            let mut wrong = body.clone();
            let leaf = wrong.pointer_mut(&place).expect("a place");
            if leaf.is_object() || leaf.is_array() {
                continue;
            }
            *leaf = json!(true);
            leaves += 1;
            assert!(
                !contract.schemas.satisfied(schema, &wrong),
                "{schema} accepts a boolean at {place}"
            );
            assert_eq!(
                survey(&contract.schemas, schema, &wrong),
                whole,
                "{schema} with a wrong {place}"
            );
        }
        assert!(leaves >= 7, "{schema}: only {leaves} leaves");
    }
}

#[test]
fn an_absent_member_takes_only_its_own_requirement_out_of_what_was_exercised() {
    let contract = contract();
    let one = json!([locks()[0]]);
    let whole = survey(&contract.schemas, LOCKS, &one).reached;
    let without =
        survey(&contract.schemas, LOCKS, &changed(&one, &[("/0/component", None)])).reached;
    let gone: Vec<&String> = whole.keys().filter(|id| !without.contains_key(*id)).collect();
    assert_eq!(gone, ["sftp-locks.list/body/component"]);
}

#[test]
fn an_empty_list_exercises_nothing_below_it() {
    let contract = contract();
    let reached = survey(&contract.schemas, LOCKS, &json!([])).reached;
    assert_eq!(reached.keys().collect::<Vec<_>>(), ["sftp-locks.list/body/shape"]);
    let reached = survey(
        &contract.schemas,
        START,
        &json!({ "jobId": "17", "result": "success", "message": [] }),
    )
    .reached;
    assert!(
        !reached.keys().any(|id| id.starts_with("backup.transfer/body/message/")
            && !id.ends_with("/message/form")
            && !id.ends_with("/message/presence")),
        "{reached:?}"
    );
}

#[test]
fn what_was_exercised_is_counted_by_places() {
    let contract = contract();
    let reached = survey(&contract.schemas, LOCKS, &locks()).reached;
    assert_eq!(reached["sftp-locks.list/body/component"], 2);
    assert_eq!(reached["sftp-locks.list/body/shape"], 1);
}

#[test]
fn members_that_no_page_names_are_found_where_they_are() {
    let contract = contract();
    assert_eq!(survey(&contract.schemas, LOCKS, &locks()).undocumented, Vec::<String>::new());
    assert_eq!(survey(&contract.schemas, START, &started()).undocumented, Vec::<String>::new());
    let body = changed(&locks(), &[("/1/owner", Some(json!("UP"))), ("/0/a~1b", Some(json!(1)))]);
    assert_eq!(survey(&contract.schemas, LOCKS, &body).undocumented, ["/0/a~01b", "/1/owner"]);
    assert!(contract.schemas.satisfied(LOCKS, &body), "drift isn't a failure");
    let body = changed(
        &started(),
        &[
            ("/status", Some(json!({ "deep": 1 }))),
            ("/message/0/severity", Some(json!("I"))),
            ("/message/0/recovery/0/url", Some(json!("u"))),
        ],
    );
    assert_eq!(
        survey(&contract.schemas, START, &body).undocumented,
        ["/message/0/recovery/0/url", "/message/0/severity", "/status"]
    );
}

// ---- the format of times

/// What a time breaks that is the only doubtful thing of a lock.
fn broken_by(contract: &Contract, time: &Value) -> Vec<(String, Severity)> {
    let body = changed(&locks(), &[("/0/creationTimestamp", Some(time.clone()))]);
    let found = found(contract, LOCKS, &body);
    assert!(
        found.iter().all(|(_, pointer)| pointer == "/0/creationTimestamp"),
        "{time}: {found:?}"
    );
    found
        .into_iter()
        .map(|(id, _)| (contract.severity(&id), id))
        .map(|(severity, id)| (id, severity))
        .collect()
}

const STATED: (&str, Severity) = ("sftp-locks.list/body/creationTimestamp", Severity::Violation);
const CHOSEN: (&str, Severity) =
    ("sftp-locks.list/body/creationTimestamp/form", Severity::Deviation);

#[test]
fn a_time_as_rfc_3339_or_the_w3c_note_has_it_breaks_nothing() {
    let contract = contract();
    let more = [
        "2022",
        "2022-09",
        "2022-09-09",
        "2022-09-09T01:46Z",
        "2022-09-09T01:46+02:00",
        "2022-09-09t01:46:08z",
        "2022-09-09T01:46:08-00:00",
        "2016-12-31T23:59:60Z",
    ];
    for time in GOOD_TIMES.iter().chain(&more) {
        assert_eq!(broken_by(contract, &json!(time)), Vec::new(), "{time}");
    }
}

#[test]
fn another_form_of_iso_8601_is_a_deviation_from_our_choice() {
    let contract = contract();
    for time in [
        "20220909T014608Z",
        "2022-252T01:46:08Z",
        "2022-W36-5T01:46:08Z",
        "2022-09-09T24:00:00Z",
        "2022-09-09T01:46:08,5Z",
        "2022-09-09T01:46:08+02",
        "2022-09-09T01:46:08+0000",
        "2022-09-09T01:46:08",
    ] {
        assert_eq!(broken_by(contract, &json!(time)), [(CHOSEN.0.to_owned(), CHOSEN.1)], "{time}");
    }
}

#[test]
fn what_is_no_time_in_iso_8601_breaks_what_the_page_states() {
    let contract = contract();
    for time in [
        json!(""),
        json!("2022-09-09 01:46:08Z"),
        json!("2022-13-09T01:46:08Z"),
        json!("2022-02-30T01:46:08Z"),
        json!("1662687968000"),
        json!(1_662_687_968_000_u64),
        json!(null),
        json!("Fri Sep 9 2022"),
    ] {
        assert_eq!(broken_by(contract, &time), [(STATED.0.to_owned(), STATED.1)], "{time}");
    }
}

#[test]
fn what_a_second_reader_takes_for_rfc_3339_breaks_nothing() {
    let contract = contract();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler
        .add_resource("mem:///time", json!({ "type": "string", "format": "date-time" }))
        .expect("a schema");
    let index = compiler.compile("mem:///time", &mut schemas).expect("a schema that compiles");
    let more = [
        "2022-09-09T01:46:08.5-11:30",
        "1999-12-31T23:59:60Z",
        "0001-01-01T00:00:00z",
        "2022-09-09T01:46Z",
        "2022-09-09T24:00:00Z",
    ];
    let mut taken = 0;
    for time in GOOD_TIMES.iter().chain(BAD_TIMES).chain(&more) {
        if schemas.validate(&json!(time), index).is_ok() {
            taken += 1;
            assert_eq!(broken_by(contract, &json!(time)), Vec::new(), "{time}");
        }
    }
    assert!(taken >= GOOD_TIMES.len() + 3, "the second reader takes only {taken}");
}

// ---- what we chose accuses nobody

#[test]
fn no_stated_rule_holds_what_an_erratum_calls_our_choice() {
    let contract = contract();
    let narrower: BTreeSet<&str> = contract
        .errata
        .iter()
        .filter(|erratum| erratum.choice == Some(Choice::Narrower))
        .map(|erratum| erratum.id.as_str())
        .collect();
    assert!(narrower.contains("E008") && narrower.len() > 10, "{narrower:?}");
    assert!(contract.errata.iter().all(|erratum| erratum.choice.is_some()));
    for requirement in contract.requirements.values() {
        let chosen =
            requirement.erratum.as_deref().is_some_and(|erratum| narrower.contains(erratum));
        assert!(
            !chosen || contract.severity(&requirement.id) < Severity::Violation,
            "{} is stated, but {:?} is our choice",
            requirement.id,
            requirement.erratum
        );
    }
    // And each of them is held by a rule that isn't stated: a choice that no rule holds would be
    // none.
    let held: BTreeSet<&str> = contract
        .requirements
        .values()
        .filter(|requirement| requirement.excluded.is_none())
        .filter_map(|requirement| requirement.erratum.as_deref())
        .collect();
    let idle: Vec<_> = narrower.difference(&held).collect();
    assert!(idle.is_empty(), "no rule holds {idle:?}");
}

#[test]
fn a_contract_that_states_what_an_erratum_calls_our_choice_doesnt_load() {
    let with = |file: &str, from: &str, to: &str| {
        let mut files = files::embedded_contract();
        let text = files.get_mut(file).expect("a file of the contract");
        assert!(text.contains(from), "{file} has no {from:?}");
        *text = text.replacen(from, to, 1);
        contract::load(&files)
            .expect_err("it mustn't load")
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let told = with("errata.toml", "choice   = \"wider\"", "choice   = \"narrower\"");
    assert!(told.contains("is stated, but erratum E003 says that we chose it"), "{told}");
    let told = with("errata.toml", "choice   = \"narrower\"\n", "");
    assert!(told.contains("erratum E001 has no `choice`"), "{told}");
}
