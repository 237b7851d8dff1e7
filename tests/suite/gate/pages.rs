//! The pages on the gate: their examples and their tables are true.
//!
//! Knows: `docs/` and what the gate says of itself. Must not know: how a change is found.

use std::path::Path;

use lxca_conform::gate::{self, Policy};
use lxca_conform::waiver;

use crate::support::command::{json, read};
use crate::support::lab::lab;

/// The TOML of a page, block by block.
fn blocks(page: &str) -> Vec<String> {
    let text = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page));
    text.split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

fn valid(schema: &str, toml: &str) {
    let schema = json(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema)));
    // A day of TOML is a text in the data that the schemas describe.
    let data: toml::Table = toml
        .lines()
        .map(|line| {
            if line.starts_with("created") || line.starts_with("expires") {
                quoted(line)
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
        .parse()
        .unwrap();
    let data = serde_json::to_value(&data).unwrap();
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&data)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

fn quoted(line: &str) -> String {
    let (key, value) = line.split_once('=').unwrap();
    format!("{key}= \"{}\"", value.split('#').next().unwrap().trim())
}

#[test]
fn the_examples_and_the_tables_of_the_pages_are_true() {
    let waivers = &blocks("waivers.md")[0];
    let read_back =
        waiver::load("waivers.md", waivers).unwrap_or_else(|problems| panic!("{problems:?}"));
    let lab = lab();
    assert!(
        waiver::lint(&read_back, &lab.contract, &lab.catalogue, "2026-04-01".parse().unwrap())
            .is_empty()
    );
    valid("waivers.schema.json", waivers);
    let policy = &blocks("upgrade-gate.md")[0];
    assert_eq!(
        gate::load_policy("p.toml", policy, None)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .name,
        "ours"
    );
    valid("policy.schema.json", policy);
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/upgrade-gate.md"));
    let mut rules = 0;
    for (column, name) in gate::policy_names().iter().enumerate() {
        let policy = Policy::built_in(name).unwrap();
        for (rule, action) in &policy.rules {
            let row = page
                .lines()
                .find(|line| line.starts_with(&format!("| `{rule}`")))
                .unwrap_or_else(|| panic!("no row for {rule}"));
            assert_eq!(
                row.split('|').nth(column + 2).unwrap().trim(),
                action.word(),
                "{rule} of {name}"
            );
            rules += 1;
        }
    }
    assert!(rules > 40);
}
