//! The files of the contract: their names, their keywords, their sources, and how a contract with
//! mistakes is refused.
//!
//! Knows: `schemas/`, and mistakes that are put into it. Must not know: bodies.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use lxca_conform::contract;
use lxca_conform::files::{self, FileSet};
use serde_json::Value;

use super::contract;

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
