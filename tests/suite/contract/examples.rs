//! The documented examples: each satisfies its schema or an erratum says why, and a second
//! validator agrees on them and on a thousand bodies that are drawn.
//!
//! Knows: `tests/fixtures/documented`, and `boon`. Must not know: how a schema is compiled.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lxca_conform::contract::Contract;
use lxca_conform::moment::{self, Form};
use serde_json::Value;

use crate::support::bodies::Bodies;

use super::{START, contract};

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
