//! Drafts the row of a fault: the smallest edit that breaks a requirement, as far as the schemas
//! tell which one that is.
//!
//! Knows: rules of schemas and rows of answers. Must not know: what a run makes of the fault.

use std::fmt::Write as _;

use serde_json::Value;

use crate::contract::{Contract, Operation};
use crate::double::Script;

use super::faults::FaultTable;

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The register has no such requirement.
    #[error(
        "draft a fault for `{0}`: no such requirement; `lxca-conform explain OPERATION` lists \
            those of an operation"
    )]
    Unknown(String),
    /// Nobody checks it.
    #[error(
        "draft a fault for `{0}`: it is excluded from checking, so no fault could be caught at \
            it; `lxca-conform explain {0}` says why"
    )]
    Excluded(String),
}

/// How deep rules of schemas are followed.
const DEEPEST: usize = 24;

/// The row of a fault that breaks a requirement, for a person to read and to complete.
pub fn draft(
    contract: &Contract,
    table: &FaultTable,
    requirement: &str,
) -> Result<String, DraftError> {
    let Some(registered) = contract.requirements.get(requirement) else {
        return Err(DraftError::Unknown(requirement.to_owned()));
    };
    if registered.excluded.is_some() {
        return Err(DraftError::Excluded(requirement.to_owned()));
    }
    let operation = requirement.split('/').next().and_then(|id| contract.operations.get(id));
    let mut text = String::new();
    if let Some(operation) = operation {
        let file = operation.file.replace(".operation.toml", ".faults.toml");
        let _ = writeln!(text, "# A row for {file}, beside the operation file.");
    }
    if let Some(faults) = table.broken().get(requirement) {
        let _ = writeln!(text, "# There is one already: {}.", faults.join(", "));
    }
    let (edit, found) = edit(contract, operation, requirement);
    if !found {
        let _ = writeln!(
            text,
            "# No schema and no answer says how this is broken, so that `edit` is a guess. What \
            can't be\n# said as an edit takes code in src/double/."
        );
    }
    let name: String = requirement
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let _ = writeln!(text, "[[fault]]");
    let _ = writeln!(text, "name    = {}", quoted(&format!("{name}-broken")));
    let summary = format!("Broken: {}", registered.statement);
    let _ = writeln!(text, "summary = {}", quoted(&summary));
    let _ = writeln!(text, "edit    = {}", quoted(&edit));
    let _ = writeln!(text, "breaks  = [{}]", quoted(requirement));
    Ok(text)
}

/// The edit, and whether the contract says that it breaks the requirement.
fn edit(contract: &Contract, operation: Option<&Operation>, requirement: &str) -> (String, bool) {
    let place = operation.map_or_else(|| "*".to_owned(), place);
    let answers = || {
        let operations = operation.into_iter().chain(
            // What no single operation registers is shared: any answer that has the rule will do.
            contract.operations.values().filter(|_| operation.is_none()),
        );
        operations.flat_map(|operation| &operation.responses)
    };
    for row in answers() {
        if row.requirement == requirement {
            let other = if row.status < 400 { 202 } else { 422 };
            return (format!("{place} {}: status {other}", row.status), true);
        }
        let Some(schema) = row.schema.as_deref() else { continue };
        if let Some(edit) = broken(contract, schema, requirement) {
            return (format!("{place} {}: {edit}", row.status), true);
        }
    }
    if requirement.ends_with("/media-type") {
        return (format!("{place} 2xx: type \"text/html; charset=UTF-8\""), true);
    }
    (format!("{place} 2xx: body"), false)
}

/// How scripts call an operation: by its name where the double knows it, else by method and path.
fn place(operation: &Operation) -> String {
    let named = format!("{}: body", operation.id).parse::<Script>().is_ok();
    if named { operation.id.clone() } else { format!("{} {}", operation.method, operation.path) }
}

/// The edit that breaks a rule of a schema.
fn broken(contract: &Contract, schema: &str, requirement: &str) -> Option<String> {
    let root = contract.schemas.document(schema)?;
    walk(contract, schema, root, "", requirement, 0)
}

fn walk(
    contract: &Contract,
    schema: &str,
    rule: &Value,
    path: &str,
    requirement: &str,
    depth: usize,
) -> Option<String> {
    if depth > DEEPEST {
        return None;
    }
    if rule.pointer("/x-source/requirement").and_then(Value::as_str) == Some(requirement)
        && let Some(edit) = breaking(rule, path)
    {
        return Some(edit);
    }
    let go = |schema: &str, rule: &Value, path: &str| {
        walk(contract, schema, rule, path, requirement, depth + 1)
    };
    if let Some(reference) = rule.get("$ref").and_then(Value::as_str) {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let target = if file.is_empty() { schema } else { file };
        let found = contract
            .schemas
            .document(target)
            .and_then(|document| document.pointer(pointer))
            .and_then(|rule| go(target, rule, path));
        if found.is_some() {
            return found;
        }
    }
    for keyword in ["then", "else"] {
        if let Some(edit) = rule.get(keyword).and_then(|rule| go(schema, rule, path)) {
            return Some(edit);
        }
    }
    if let Some(rules) = rule.get("allOf").and_then(Value::as_array)
        && let Some(edit) = rules.iter().find_map(|rule| go(schema, rule, path))
    {
        return Some(edit);
    }
    if let Some(items) = rule.get("items")
        && let Some(edit) = go(schema, items, &format!("{path}/*"))
    {
        return Some(edit);
    }
    let members = rule.get("properties").and_then(Value::as_object)?;
    members.iter().find_map(|(name, rule)| {
        let name = name.replace('~', "~0").replace('/', "~1");
        go(schema, rule, &format!("{path}/{name}"))
    })
}

/// The smallest change to a value at the path that breaks the keywords of one rule.
fn breaking(rule: &Value, path: &str) -> Option<String> {
    let whole = if path.is_empty() { "/" } else { path };
    if let Some(member) = rule.pointer("/required/0").and_then(Value::as_str) {
        return Some(format!("drop {path}/{member}"));
    }
    let has = |names: &[&str]| names.iter().any(|name| rule.get(name).is_some());
    if has(&["enum", "const"]) {
        return Some(format!("set {whole} \"XX\""));
    }
    if has(&["minimum", "maximum"]) {
        return Some(format!("set {whole} -1"));
    }
    if has(&["pattern", "format", "minLength", "maxLength"]) {
        return Some(format!("set {whole} \"\""));
    }
    if let Some(types) = rule.get("type") {
        let allowed = |name: &str| match types {
            Value::Array(types) => types.iter().any(|one| one == name),
            one => one == name || (one == "number" && name == "integer"),
        };
        let number = !allowed("integer") && !allowed("number");
        return Some(if number { format!("set {whole} 17") } else { format!("as {whole} string") });
    }
    rule.get("minItems").map(|_| format!("set {whole} []"))
}
