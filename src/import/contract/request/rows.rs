//! The rows of a request table, ready to be written, and a right request that they allow.
//!
//! Knows: attributes, their conditions, and the examples beside them. Must not know: which tables
//! there are, how they are written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::import::contract::Order;
use crate::import::contract::operation::{Written, placed, shown};
use crate::import::contract::register::{Basis, Requirement};
use crate::import::contract::schema::{kinds, typed};
use crate::import::contract::text::part;
use crate::import::draft::{Attribute, Known, Presence};
use crate::import::evidence::Ground;
use crate::import::words::fits_type;

/// One row, ready to be written.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) presence: Presence,
    pub(super) condition: Option<(String, Vec<String>)>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) items: Option<&'static str>,
    pub(super) values: Vec<Value>,
    pub(super) rules: Vec<(&'static str, String)>,
}

pub(super) fn rows_of(
    attributes: &[Attribute],
    topic: &str,
    written: &mut Written,
    order: &Order<'_>,
    refused: bool,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // Where nesting is lost, only the rows before the first that can have others are known to be
    // of the body itself.
    let flat = attributes.iter().any(|row| row.children == Known::Unknown);
    let end = if flat {
        attributes.iter().position(Attribute::may_have_rows).map_or(attributes.len(), |at| at + 1)
    } else {
        attributes.len()
    };
    for attribute in &attributes[..end] {
        let Some(name) = attribute.name() else { continue };
        if rows.iter().any(|row| row.name == name) {
            continue;
        }
        let kinds = if topic == "query" { Vec::new() } else { kinds(attribute) };
        let stated = attribute.presence.as_ref().map_or(Presence::Optional, |it| it.value);
        let condition = attribute
            .condition
            .as_ref()
            .filter(|_| stated == Presence::Conditional)
            .and_then(|condition| condition_of(&condition.value))
            .filter(|(other, _)| attributes.iter().any(|row| row.name() == Some(other)));
        // A condition that can't be read asks for nothing.
        let presence = match (stated, &condition) {
            (Presence::Conditional, None) => Presence::Optional,
            (other, _) => other,
        };
        if stated != presence {
            let words = attribute.condition.as_ref().map_or("", |it| it.value.as_str());
            let why = format!("it is taken as optional, as its condition can't be read: {words}");
            written.unsent.push((format!("request {name}"), why));
        }
        let listed = attribute.values.known().map_or(&[][..], Vec::as_slice);
        let kind = attribute.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let open =
            listed.iter().any(|it| it.value.contains(['{', '<']) || !fits_type(&it.value, kind));
        let counted = attribute.promised != Some(crate::import::Promise::One) || listed.len() == 1;
        let listed_values = listed
            .iter()
            .filter(|it| !it.value.contains(['{', '<']) && fits_type(&it.value, kind))
            .map(|it| it.value.as_str());
        // A value in the name cell is the one to send.
        let once = attributes.iter().filter(|row| row.name() == Some(name)).count() == 1;
        let constant = attribute.evidence.constant.as_deref().filter(|_| listed.is_empty() && once);
        let values: Vec<Value> =
            listed_values.chain(constant).map(|value| typed(value, &kinds)).collect();
        let mut rules = Vec::new();
        let mut rule = |word: &'static str, statement: String, basis: Basis| {
            let id = written.register.add(
                Requirement {
                    id: format!("{}/{topic}/{}/{word}", written.id, part(name)),
                    basis: basis.at_most(attribute.evidence.ground),
                    statement,
                    place: placed(&shown(attribute, section(topic), name), attribute.at, order),
                    erratum: None,
                    excluded: None,
                    one_sided: Some("it says what is refused".to_owned()),
                },
                order.decisions,
            );
            if written.register.asked(&id) {
                rules.push((word, id));
            }
        };
        if refused && presence == Presence::Required {
            rule("required", format!("A request without `{name}` is refused."), Basis::Stated);
        }
        if refused && presence == Presence::Conditional {
            let statement = format!("A request without `{name}` is refused where it is required.");
            rule("required", statement, Basis::Stated);
        }
        if refused && kinds.len() == 1 {
            rule("type", format!("A `{name}` of another type is refused."), Basis::Inferred);
        }
        let whole = attribute.evidence.ground == Ground::Stated && !attribute.evidence.cut;
        if refused && !open && counted && whole && values.len() > 1 {
            rule("values", format!("Another value of `{name}` is refused."), Basis::Inferred);
        }
        let items = (kinds == ["array"]).then(|| items(kind)).flatten();
        rows.push(Row {
            name: name.to_owned(),
            presence,
            condition,
            kinds,
            items,
            values: if items.is_some() || kind.starts_with("Array") { Vec::new() } else { values },
            rules,
        });
    }
    for row in &mut rows {
        if row.kinds == ["array"] {
            row.rules.retain(|(word, _)| *word != "values");
        }
    }
    rows
}

fn section(topic: &str) -> &'static str {
    if topic == "query" { "Query parameters" } else { "Request body" }
}

fn items(kind: &str) -> Option<&'static str> {
    let of = kind.strip_prefix("Array of ")?;
    Some(match of.trim_end_matches('s') {
        "string" => "string",
        "integer" | "long" => "integer",
        "object" => "object",
        "boolean" => "boolean",
        "double" | "number" | "float" => "number",
        _ => return None,
    })
}

/// `if action is “start”`, `when method is PUT or POST`, `if action=refresh`: the attribute and its
/// values.
fn condition_of(words: &str) -> Option<(String, Vec<String>)> {
    let rest = words.strip_prefix("if ").or_else(|| words.strip_prefix("when "))?;
    if rest.contains([',', ';']) || rest.contains(". ") {
        return None;
    }
    let (name, values) = ["is set to", "is", "="].iter().find_map(|verb| {
        if *verb == "=" {
            return rest.split_once('=');
        }
        rest.split_once(&format!(" {verb} "))
    })?;
    if name.contains(' ') || values.contains("not ") || values.contains("specified") {
        return None;
    }
    let values: Vec<String> = values
        .split(" or ")
        .map(|value| value.trim().trim_matches(['“', '”', '"', '\'', '.']).to_owned())
        .collect();
    let plain = values.iter().all(|value| !value.is_empty() && !value.contains(' '));
    plain.then(|| (name.trim().to_owned(), values))
}

/// A right request, from listed values and the examples of the page.
pub(super) fn right(rows: &[Row], shown: &[Value]) -> Option<BTreeMap<String, Value>> {
    let mut right = BTreeMap::new();
    // Twice, as a condition may be about a row further down.
    for _ in 0..2 {
        for row in rows {
            let needed = match row.presence {
                Presence::Required => true,
                Presence::Optional => false,
                Presence::Conditional => row.condition.as_ref().is_some_and(|(name, values)| {
                    right.get(name).is_some_and(|value: &Value| {
                        values.iter().any(|it| value.as_str() == Some(it))
                    })
                }),
            };
            if !needed || right.contains_key(&row.name) {
                continue;
            }
            let listed = row.values.first().cloned();
            let shown = shown.iter().find_map(|example| example.get(&row.name)).cloned();
            let fits = |value: &Value| row.kinds.is_empty() || type_fits(value, &row.kinds);
            let value = listed.or(shown).filter(fits)?;
            right.insert(row.name.clone(), value);
        }
    }
    Some(right)
}

fn type_fits(value: &Value, kinds: &[&str]) -> bool {
    kinds.iter().any(|kind| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    })
}
