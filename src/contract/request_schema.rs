//! The JSON Schema of a request body, derived from its tables.
//!
//! Knows: tables, registers and the form of our schemas. Must not know: files. Whether the file
//! beside the operation says the same is for `lint` to ask.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Contract;
use super::operation::Operation;
use super::request::{Attribute, Presence, RequestTable, TableKind};

/// The schema that the tables of an operation amount to; none where it documents no body.
#[must_use]
pub fn derived(contract: &Contract, operation: &Operation) -> Option<Value> {
    let body = operation.request.body.as_ref()?;
    let tables: Vec<&RequestTable> = operation.request.of_kind(TableKind::Body).collect();
    let source = |id: &str| source(contract, id);
    let mut all = Vec::new();
    let mut properties = Map::new();
    let deciding: BTreeSet<&String> = tables.iter().flat_map(|table| table.when.keys()).collect();
    for name in &deciding {
        let rows: Vec<&Attribute> =
            tables.iter().filter_map(|table| table.attribute(name)).collect();
        if let Some(id) = rows.iter().find_map(|row| row.rules.required.as_ref()) {
            all.push(json!({ "x-source": source(id), "required": [name] }));
        }
        // Which table is meant is told by the value, so that all documented values of all tables
        // are right ones here.
        let values: Vec<&Value> = rows.iter().flat_map(|row| &row.values).collect();
        if let Some(row) =
            rows.iter().find(|row| row.rules.kind.is_some() || row.rules.values.is_some())
        {
            properties.insert((*name).clone(), property(row, &values, &source));
        }
    }
    let mut definitions = Map::new();
    for table in &tables {
        let reference = json!({ "$ref": format!("#/$defs/{}", table.name) });
        let cases = conditions(&table.when);
        if table.when.is_empty() {
            all.push(reference);
        } else {
            all.extend(
                cases.into_iter().map(|condition| json!({ "if": condition, "then": reference })),
            );
        }
        definitions.insert(table.name.clone(), definition(table, &deciding, &body.empty, &source));
    }
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": body.schema,
        "title": format!("Request of {} {}", operation.method, operation.path),
        "x-source": source(&body.kind),
        "type": "object",
        "allOf": all,
        "properties": properties,
        "$defs": definitions,
    }))
}

/// Where two schemas begin to differ, as a JSON pointer. Titles and descriptions are for people and
/// may differ.
#[must_use]
pub fn difference(wanted: &Value, found: &Value) -> Option<String> {
    match (wanted, found) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one
                .keys()
                .chain(other.keys())
                .filter(|name| !["title", "description"].contains(&name.as_str()))
                .collect();
            names.into_iter().find_map(|name| {
                let below = match (one.get(name), other.get(name)) {
                    (Some(one), Some(other)) => difference(one, other)?,
                    _ => String::new(),
                };
                Some(format!("/{}{below}", crate::pointer::escape(name)))
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).enumerate().find_map(|(index, (one, other))| {
                difference(one, other).map(|below| format!("/{index}{below}"))
            })
        }
        _ => (wanted != found).then(String::new),
    }
}

fn source(contract: &Contract, id: &str) -> Value {
    let Some(requirement) = contract.requirements.get(id) else {
        return json!({ "requirement": id });
    };
    let mut source =
        json!({ "requirement": id, "basis": requirement.basis.word(), "place": requirement.place });
    if let Some(erratum) = &requirement.erratum {
        source["erratum"] = json!(erratum);
    }
    source
}

fn definition(
    table: &RequestTable,
    deciding: &BTreeSet<&String>,
    empty: &str,
    source: &impl Fn(&str) -> Value,
) -> Value {
    let (mut all, mut properties) = (Vec::new(), Map::new());
    for attribute in table.attribute.iter().filter(|attribute| !deciding.contains(&attribute.name))
    {
        if let Some(id) = &attribute.rules.required {
            let rule = json!({ "x-source": source(id), "required": [attribute.name] });
            if attribute.presence == Presence::RequiredIf {
                all.extend(
                    conditions(&attribute.condition)
                        .into_iter()
                        .map(|condition| json!({ "if": condition, "then": rule })),
                );
            } else {
                all.push(rule);
            }
        }
        let values: Vec<&Value> = attribute.values.iter().collect();
        properties.insert(attribute.name.clone(), property(attribute, &values, source));
    }
    let mut definition = json!({ "x-source": source(empty) });
    if !all.is_empty() {
        definition["allOf"] = Value::Array(all);
    }
    if !properties.is_empty() {
        definition["properties"] = Value::Object(properties);
    }
    definition
}

/// The rules on the value of an attribute; empty where nothing is asked for.
fn property(attribute: &Attribute, values: &[&Value], source: &impl Fn(&str) -> Value) -> Value {
    let mut property = Map::new();
    if let (Some(kind), Some(id)) = (attribute.kind, &attribute.rules.kind) {
        property.insert("x-source".to_owned(), source(id));
        property.insert("type".to_owned(), json!(kind.word()));
        if let Some(items) = attribute.items {
            property.insert("items".to_owned(), json!({ "type": items.word() }));
        }
    }
    if let Some(id) = &attribute.rules.values {
        let stands_for_a_fact =
            |value: &&Value| value.as_str().is_some_and(|text| text.contains("{{"));
        let rule = if values.is_empty() || values.iter().any(stands_for_a_fact) {
            // The target's own values can't be listed; an empty text is none of them.
            json!({ "x-source": source(id), "minLength": 1 })
        } else {
            json!({ "x-source": source(id), "enum": values })
        };
        property.insert("allOf".to_owned(), json!([rule]));
    }
    Value::Object(property)
}

/// One condition per combination of values.
fn conditions(wanted: &BTreeMap<String, Vec<Value>>) -> Vec<Value> {
    let mut combined: Vec<Map<String, Value>> = vec![Map::new()];
    for (name, values) in wanted {
        combined = combined
            .into_iter()
            .flat_map(|map| {
                values.iter().map(move |value| {
                    let mut map = map.clone();
                    map.insert(name.clone(), json!({ "const": value }));
                    map
                })
            })
            .collect();
    }
    let names: Vec<&String> = wanted.keys().collect();
    combined
        .into_iter()
        .map(|properties| json!({ "required": names, "properties": properties }))
        .collect()
}
