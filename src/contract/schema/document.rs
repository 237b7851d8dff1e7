//! The documents of schemas: their texts, and what one of them refers to.
//!
//! Knows: `$ref` and the `x-source` annotation. Must not know: how a body is validated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use crate::contract::span::VERSIONS;

/// Schemas by their `$id`.
pub(in crate::contract) type Documents = BTreeMap<String, Document>;

/// One schema.
pub(in crate::contract) struct Document {
    /// The name of its file.
    pub(in crate::contract) file: String,
    text: String,
    value: OnceLock<Value>,
}

impl Document {
    /// One that was read already.
    pub(in crate::contract) fn read(file: &str, value: Value) -> Self {
        Self { file: file.to_owned(), text: String::new(), value: OnceLock::from(value) }
    }

    /// One whose text is known to be right: it is read when it is first looked into.
    pub(in crate::contract) fn known(file: &str, text: &str) -> Self {
        Self { file: file.to_owned(), text: text.to_owned(), value: OnceLock::new() }
    }

    pub(in crate::contract) fn value(&self) -> &Value {
        self.value.get_or_init(|| serde_json::from_str(&self.text).unwrap_or_default())
    }

    pub(super) fn gives_versions(&self) -> bool {
        match self.value.get() {
            Some(value) => gives_versions(value),
            None => self.text.contains(VERSIONS),
        }
    }
}

fn gives_versions(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            members.contains_key(VERSIONS) || members.values().any(gives_versions)
        }
        Value::Array(parts) => parts.iter().any(gives_versions),
        _ => false,
    }
}

/// A schema, and those that it refers to.
pub(super) fn referred(documents: &Documents, schema: &str) -> BTreeSet<String> {
    walk(documents, schema).1
}

pub(super) fn requirements(documents: &Documents, schema: &str) -> BTreeSet<String> {
    walk(documents, schema).0
}

/// The requirements of a schema and of those that it refers to, and which schemas these are.
fn walk(documents: &Documents, schema: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut found, mut seen, mut open) =
        (BTreeSet::new(), BTreeSet::new(), vec![schema.to_owned()]);
    while let Some(id) = open.pop() {
        if let Some(document) = documents.get(&id).filter(|_| seen.insert(id.clone())) {
            collect(document.value(), &mut found, &mut open);
        }
    }
    (found, seen)
}

/// The requirement of a subschema. Not by `Value::pointer`: it makes new texts of its tokens each
/// time.
pub(in crate::contract) fn source(schema: &Value) -> Option<&str> {
    schema.get("x-source")?.get("requirement")?.as_str()
}

fn collect(value: &Value, found: &mut BTreeSet<String>, open: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(source(value).map(str::to_owned));
            let base = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.split('#').next())
                .filter(|base| !base.is_empty());
            open.extend(base.map(str::to_owned));
            members.values().for_each(|member| collect(member, found, open));
        }
        Value::Array(list) => list.iter().for_each(|part| collect(part, found, open)),
        _ => {}
    }
}

pub(super) fn remember(schema: &Value, found: &mut String) {
    if let Some(requirement) = source(schema) {
        requirement.clone_into(found);
    }
}
