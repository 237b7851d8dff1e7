//! Saved pages: what is read from them, what becomes of it, and what is refused.
//!
//! Knows: small pages in `tests/fixtures/import`, the seeds and the pages of the shared folder
//! where it is there. Must not know: how a page is read.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test stops where something is not as it has to be"
)]

mod command_line;
mod contracts;
mod pages;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lxca_conform::contract::Contract;
use lxca_conform::import::{Attribute, Draft, read};
use serde_json::Value;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(name: &str) -> Draft {
    read(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Each name, type and value of a draft with its place.
fn spots(rows: &[Attribute], found: &mut Vec<(String, u32, u32)>) {
    for row in rows {
        for spot in row.name.iter().chain(&row.kind).chain(row.values.known().into_iter().flatten())
        {
            found.push((spot.value.clone(), spot.at.line, spot.at.column));
        }
        spots(row.rows(), found);
    }
}

/// The members that a schema, or what it refers to, describes.
fn members(contract: &Contract, schema: &Value, found: &mut BTreeSet<String>, depth: usize) {
    if depth > 12 {
        return;
    }
    match schema {
        Value::Object(parts) => {
            if let Some(reference) = parts.get("$ref").and_then(Value::as_str)
                && !reference.starts_with('#')
                && let Some(other) = contract.schemas.document(reference.split('#').next().unwrap())
            {
                members(contract, other, found, depth + 1);
            }
            if let Some(properties) = parts.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            parts.values().for_each(|part| members(contract, part, found, depth + 1));
        }
        Value::Array(parts) => {
            for part in parts {
                members(contract, part, found, depth + 1);
            }
        }
        _ => {}
    }
}
