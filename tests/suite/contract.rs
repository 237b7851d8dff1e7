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

mod choices;
mod examples;
mod exercised;
mod files;
mod findings;
mod times;

use lxca_conform::contract::Contract;
use serde_json::{Value, json};

use crate::support::built_in;

const LOCKS: &str = "lxca:///aicc/service/sftp/locks/get.200.json";
const START: &str = "lxca:///managementServer/data/put.200.start.json";

fn contract() -> &'static Contract {
    built_in::contract()
}

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
