//! Drafts faults: the smallest edit that breaks a requirement, as far as the schemas tell which one
//! that is.
//!
//! Knows: rules of schemas and rows of answers. Must not know: what a run makes of the fault.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::contract::{Contract, Operation};
use crate::double::Script;
use crate::pointer::escape;

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
pub(super) fn place(operation: &Operation) -> String {
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
        && let Some(change) = changes(rule, None).into_iter().next()
    {
        return Some(change.edit(path));
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
    members.iter().find_map(|(name, rule)| go(schema, rule, &format!("{path}/{}", escape(name))))
}

/// One change to a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// Takes a member away.
    Drop(String),
    /// Puts something else there.
    Set(Value),
    /// Puts the same there as a text.
    Text,
}

impl Change {
    /// The change as an edit of the value at a path, in the words of scripts.
    pub(super) fn edit(&self, path: &str) -> String {
        let quoted = |path: &str| {
            let plain = path.chars().all(|c| !c.is_whitespace() && !matches!(c, '"' | ';'));
            if plain { path.to_owned() } else { Value::from(path).to_string() }
        };
        let whole = quoted(if path.is_empty() { "/" } else { path });
        match self {
            Self::Drop(member) => format!("drop {}", quoted(&format!("{path}/{}", escape(member)))),
            Self::Set(value) => format!("set {whole} {value}"),
            Self::Text => format!("as {whole} string"),
        }
    }

    /// Makes the change in a body, to the value at a pointer.
    pub(super) fn make(&self, body: &mut Value, pointer: &str) {
        let Some(value) = body.pointer_mut(pointer) else { return };
        match self {
            Self::Drop(member) => {
                if let Some(members) = value.as_object_mut() {
                    members.remove(member);
                }
            }
            Self::Set(other) => *value = other.clone(),
            Self::Text => *value = value.to_string().into(),
        }
    }
}

/// Texts, one of which breaks any rule about the form of a text that some text breaks.
fn odd_texts() -> Vec<Change> {
    let texts = [String::new(), "XX".to_owned(), "\u{e9}".to_owned(), " ".to_owned()];
    texts.into_iter().chain([" x".repeat(4096)]).map(|text| Change::Set(text.into())).collect()
}

/// The changes that may break the keywords of one rule, the likeliest first. With the value that
/// the rule applies to, only members that are there are taken away; without one, any that the rule
/// asks for.
pub(super) fn changes(rule: &Value, value: Option<&Value>) -> Vec<Change> {
    let members = rule.get("required").and_then(Value::as_array).into_iter().flatten();
    let there = |name: &&str| value.is_none_or(|value| value.get(*name).is_some());
    if let Some(member) = members.filter_map(Value::as_str).find(there) {
        return vec![Change::Drop(member.to_owned())];
    }
    let has = |names: &[&str]| names.iter().any(|name| rule.get(name).is_some());
    if has(&["enum", "const"]) {
        let other = match value {
            Some(Value::Number(_)) => json!(4_100_017),
            Some(Value::Bool(value)) if rule.get("const").is_some() => json!(!value),
            _ => json!("XX"),
        };
        return vec![Change::Set(other), Change::Set(json!("XX"))];
    }
    if has(&["minimum", "maximum"]) {
        let limit = |name: &str, by: i64| {
            let limit = rule.get(name).and_then(Value::as_i64)?;
            limit.checked_add(by).map(|beyond| Change::Set(beyond.into()))
        };
        let beyond = limit("minimum", -1).into_iter().chain(limit("maximum", 1));
        return std::iter::once(Change::Set(json!(-1))).chain(beyond).collect();
    }
    if has(&["pattern", "format", "minLength", "maxLength"]) {
        return odd_texts();
    }
    if let Some(types) = rule.get("type") {
        let allowed = |name: &str| match types {
            Value::Array(types) => types.iter().any(|one| one == name),
            one => one == name,
        };
        let other = if !allowed("integer") && !allowed("number") {
            Some(Change::Set(json!(17)))
        } else if !allowed("string") {
            Some(Change::Text)
        } else if !allowed("boolean") {
            Some(Change::Set(json!(true)))
        } else if !allowed("null") {
            Some(Change::Set(Value::Null))
        } else if !allowed("array") {
            Some(Change::Set(json!([])))
        } else if allowed("object") {
            None
        } else {
            Some(Change::Set(json!({})))
        };
        return other.into_iter().collect();
    }
    if has(&["minItems"]) { vec![Change::Set(json!([]))] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_breaks_the_first_keyword_that_it_can_and_nothing_that_the_rule_allows() {
        let edit = |rule: Value, value: Option<Value>| {
            changes(&rule, value.as_ref()).first().map(|change| change.edit("/*/a"))
        };
        for (rule, value, wanted) in [
            (json!({ "required": ["b", "c"] }), None, Some("drop /*/a/b")),
            (json!({ "required": ["b", "c"] }), Some(json!({ "c": 1 })), Some("drop /*/a/c")),
            (json!({ "required": ["b"] }), Some(json!({})), None),
            (json!({ "required": ["b c"] }), None, Some("drop \"/*/a/b c\"")),
            (json!({ "enum": ["on", "off"] }), Some(json!("on")), Some("set /*/a \"XX\"")),
            (json!({ "enum": [1, 2] }), Some(json!(1)), Some("set /*/a 4100017")),
            (json!({ "const": true }), Some(json!(true)), Some("set /*/a false")),
            (json!({ "type": "integer", "minimum": 0 }), None, Some("set /*/a -1")),
            (json!({ "type": "string", "format": "iso-8601" }), None, Some("set /*/a \"\"")),
            (json!({ "type": ["string", "null"] }), None, Some("set /*/a 17")),
            (json!({ "type": ["integer", "null"] }), None, Some("as /*/a string")),
            (json!({ "type": ["number", "string"] }), None, Some("set /*/a true")),
            (json!({ "type": ["integer", "string", "boolean"] }), None, Some("set /*/a null")),
            (json!({ "minItems": 1 }), None, Some("set /*/a []")),
            (json!({ "not": {} }), None, None),
        ] {
            assert_eq!(edit(rule.clone(), value).as_deref(), wanted, "{rule}");
        }
    }

    #[test]
    fn a_change_is_made_in_a_body_as_its_edit_says() {
        let mut body = json!([{ "a": 17, "b": true }]);
        for (change, pointer) in [
            (Change::Drop("b".to_owned()), "/0"),
            (Change::Text, "/0/a"),
            (Change::Set(Value::Null), "/1"),
        ] {
            change.make(&mut body, pointer);
        }
        assert_eq!(body, json!([{ "a": "17" }]));
    }
}
