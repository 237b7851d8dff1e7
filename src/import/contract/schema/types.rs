//! JSON types, as the pages, samples and our statements call them.
//!
//! Knows: words for types, and values. Must not know: schemas, requirements.

use serde_json::{Value, json};

use crate::import::draft::Attribute;

/// The JSON types of a stated type; none where it can't be told.
pub(in crate::import::contract) fn kinds(row: &Attribute) -> Vec<&'static str> {
    row.kind.as_ref().map(|kind| kinds_of(&kind.value)).unwrap_or_default()
}

pub(super) fn kinds_of(kind: &str) -> Vec<&'static str> {
    kind.split(" or ")
        .map(|kind| {
            let kind = kind.trim().to_ascii_lowercase();
            match kind.split(' ').next().unwrap_or_default() {
                "string" | "strings" => "string",
                "integer" | "long" => "integer",
                "double" | "float" | "number" => "number",
                "boolean" => "boolean",
                "object" => "object",
                "array" | "an" | "list" | "a" => "array",
                _ => "",
            }
        })
        .filter(|kind| !kind.is_empty())
        .collect()
}

pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

pub(super) fn fits(seen: &str, types: &[&str]) -> bool {
    types.is_empty() || types.contains(&seen) || (seen == "integer" && types.contains(&"number"))
}

/// A listed value in the type of its row.
pub(in crate::import::contract) fn typed(value: &str, types: &[&str]) -> Value {
    if types.contains(&"string") || types.contains(&"array") || types.is_empty() {
        return json!(value);
    }
    if let Ok(number) = value.parse::<i64>()
        && (types.contains(&"integer") || types.contains(&"number"))
    {
        return json!(number);
    }
    if let Ok(number) = value.parse::<f64>()
        && types.contains(&"number")
        && number.is_finite()
    {
        return json!(number);
    }
    match value.to_ascii_lowercase().as_str() {
        "true" if types.contains(&"boolean") => json!(true),
        "false" if types.contains(&"boolean") => json!(false),
        _ => json!(value),
    }
}

pub(super) fn words(types: &[&str]) -> String {
    let one = |kind: &&str| match *kind {
        "array" => "a list",
        "object" => "an object",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "null" => "null",
        _ => "a text",
    };
    types.iter().map(one).collect::<Vec<_>>().join(" or ")
}
