//! `coverage`: what is documented and called, what the contract has of it, and what a run
//! exercised.
//!
//! Knows: the binary, and the built-in contract. Must not know: how coverage is counted.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::path::Path;

use serde_json::Value;

use crate::support::built_in;
use crate::support::command::{json, lxca, read, text};
use lxca_conform::contract::route_key;

/// What `coverage --format json` prints, which is as its schema says.
fn counted(args: &[&str]) -> Value {
    let answer = lxca(&[&["coverage", "--format", "json"], args].concat());
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let found = json(&answer.stdout);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/coverage.schema.json");
    let wrong: Vec<String> = jsonschema::validator_for(&json(&read(&path)))
        .expect("a schema that compiles")
        .iter_errors(&found)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    found
}

#[test]
fn every_operation_of_the_contract_is_counted_and_what_is_next_is_not_among_them() {
    let found = counted(&[]);
    let contract = built_in::contract();
    let rows = found["operations"].as_array().expect("rows");
    let own = rows.iter().filter(|row| row["in_contract"] == true).count();
    assert_eq!(own, contract.operations.len());
    assert_eq!(found["totals"]["in_contract"], contract.operations.len());
    assert!(found["totals"].get("exercised").is_none(), "there is no run");
    let next = found["next"].as_array().expect("a list");
    assert_eq!(next.len() + own, rows.len());
    let callers: Vec<u64> = next.iter().filter_map(|one| one["callers"].as_u64()).collect();
    assert!(callers.is_sorted_by(|one, other| one >= other), "the most called first");
}

#[test]
fn an_operation_has_the_same_name_in_the_list_of_pages_and_in_the_contract() {
    let contract = built_in::contract();
    for known in &contract.documented.operations {
        let key = route_key(&known.method, &known.path);
        let own = contract
            .operations
            .values()
            .find(|operation| route_key(&operation.method, &operation.path) == key);
        if let (Some(own), Some(name)) = (own, &known.name) {
            assert_eq!(&own.id, name, "{key}");
        }
    }
}

#[test]
fn a_run_shows_what_it_exercised() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    let run = lxca(&["run", "--quiet", "--filter", "sftp-locks.list::*", "--out", out]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    let of_folder = counted(&[out]);
    let exercised = |id: &str| {
        let rows = of_folder["operations"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["name"] == id).expect("a row");
        row["exercised"].as_u64().expect("a count")
    };
    assert!(exercised("sftp-locks.list") > 0);
    assert_eq!(exercised("backup.transfer"), 0);

    let report = folder.path().join("report.json");
    let told = json(&read(&report));
    assert_eq!(told["coverage"]["exercised"], of_folder["totals"]["exercised"]);
    let idle = told["coverage"]["not_exercised"].as_array().expect("a list");
    assert!(idle.iter().any(|id| id == "backup.transfer"), "{idle:?}");
    assert_eq!(counted(&[text(&report)])["totals"], of_folder["totals"]);

    let page = read(&folder.path().join("report.html"));
    assert!(page.contains("id=\"operations\""), "the report has the section");
}

#[test]
fn the_text_fits_a_screen_and_all_has_the_rest() {
    let answer = lxca(&["coverage"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert!(answer.stdout.lines().count() <= 24, "{}", answer.stdout);
    let first = answer.stdout.lines().next().expect("a line");
    assert!(first.ends_with("operations are known"), "{first}");
    let all = lxca(&["coverage", "--all"]).stdout;
    assert!(all.contains("every operation:") && all.contains("\nclients:"), "{all}");
    assert_eq!(lxca(&["coverage", "no-such-run"]).exit, 2);
}
