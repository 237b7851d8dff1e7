//! Several readings of one thing must say the same: what the answers before and after one say, that
//! one says too.
//!
//! Knows: `agrees` of a step, and what documented answers look like. A row that only one answer has
//! may have come and gone, and a member that no page names may be anything: neither counts. Must
//! not know: how the readings were asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{Agrees, Step};
use crate::contract::{Contract, shown};

use super::answer::{Judged, finding};
use super::status::primary_requirement;

/// An answer that a later step is compared with; an empty body is none.
pub(super) type Reading = (String, Option<Arc<Value>>);

/// The most differences that are reported.
const MOST: usize = 5;

/// What an answer says, by place: a row at `[key]`, a member of it at `[key]/name`.
type Said = BTreeMap<String, Value>;

/// Holds the answer of a step, and those before it, against each other.
pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    agrees: &Agrees,
    before: &[Reading],
    judged: &mut Judged,
) {
    let values = agrees.requirement.clone().unwrap_or_else(|| primary_requirement(contract, step));
    let rows = agrees.rows.clone().unwrap_or_else(|| values.clone());
    let own = (step.name.clone(), judged.body.clone());
    let earlier =
        agrees.with.iter().filter_map(|name| before.iter().find(|(step, _)| step == name));
    let documented = documented(contract, &step.operation);
    let said: Vec<(&str, Said)> = earlier
        .chain(std::iter::once(&own))
        .map(|(name, body)| {
            (name.as_str(), said(&contract.appliance.ids, body.as_deref(), &documented))
        })
        .collect();
    if said.len() <= agrees.with.len() {
        judged.missed.insert(values, "one of the answers to compare with is missing".to_owned());
        return;
    }
    judged.reach(contract, &rows);
    judged.reach(contract, &values);
    let mut told = 0;
    for (place, (name, at)) in said.iter().enumerate() {
        for (path, value, [first, last]) in between(&said, place) {
            let row = path.split('/').next().unwrap_or_default();
            let is_row = row == path;
            if at.get(path) == Some(value)
                || (!is_row && row.starts_with('[') && !at.contains_key(row))
            {
                continue;
            }
            told += 1;
            if told > MOST {
                return;
            }
            let (expected, actual) = match at.get(path) {
                _ if is_row => (
                    format!("the row {path}, which `{first}` and `{last}` show"),
                    format!("`{name}` doesn't show it"),
                ),
                Some(other) => (
                    format!("{path} = {}, as `{first}` and `{last}` say", shown(value)),
                    format!("`{name}` says {}", shown(other)),
                ),
                None => (
                    format!("{path} = {}, as `{first}` and `{last}` say", shown(value)),
                    format!("`{name}` doesn't have it"),
                ),
            };
            judged.findings.push(finding(
                contract,
                "agreement",
                if is_row { &rows } else { &values },
                "",
                &expected,
                &actual,
                step,
            ));
        }
    }
}

/// What an answer before this one and one after it both say, and which they are.
fn between<'a>(
    said: &'a [(&'a str, Said)],
    place: usize,
) -> Vec<(&'a String, &'a Value, [&'a str; 2])> {
    let (before, after) = (&said[..place], &said[(place + 1).min(said.len())..]);
    let mut found: BTreeMap<&String, (&Value, [&str; 2])> = BTreeMap::new();
    for (first, one) in before.iter().rev() {
        for (path, value) in
            one.iter().filter(|(path, _)| !found.contains_key(path)).collect::<Vec<_>>()
        {
            if let Some((last, _)) = after.iter().find(|(_, other)| other.get(path) == Some(value))
            {
                found.insert(path, (value, [first, last]));
            }
        }
    }
    found.into_iter().map(|(path, (value, names))| (path, value, names)).collect()
}

fn said(ids: &[String], body: Option<&Value>, documented: &BTreeSet<String>) -> Said {
    let mut found = Said::new();
    if let Some(body) = body {
        collect(ids, body, "", documented, &mut found);
    }
    found
}

fn collect(
    ids: &[String],
    value: &Value,
    path: &str,
    documented: &BTreeSet<String>,
    found: &mut Said,
) {
    match value {
        // Rows only at the outermost list: what lies below is a value of its row.
        Value::Array(rows) if !path.contains('[') => {
            for row in rows {
                let key = ids.iter().find_map(|key| row.get(key).and_then(Value::as_str));
                let Some(key) = key else { continue };
                let place = format!("[{key}]");
                found.insert(place.clone(), Value::Bool(true));
                collect(ids, row, &place, documented, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| documented.contains(*name)) {
                collect(ids, member, &format!("{path}/{name}"), documented, found);
            }
        }
        other => drop(found.insert(path.to_owned(), other.clone())),
    }
}

/// The names of the members that the documented answers of an operation have.
fn documented(contract: &Contract, operation: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for row in contract
        .operations
        .get(operation)
        .map(|operation| operation.responses.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|row| !row.error)
    {
        if let Some(document) =
            row.schema.as_ref().and_then(|schema| contract.schemas.document(schema))
        {
            properties(document, &mut names);
        }
    }
    names
}

fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            names.extend(
                members
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(serde_json::Map::keys)
                    .cloned(),
            );
            members.values().for_each(|member| properties(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The places at which a middle reading contradicts its neighbours.
    fn contradicted(bodies: &[Value]) -> Vec<(usize, String)> {
        let documented = BTreeSet::from(["id", "component"].map(str::to_owned));
        let said: Vec<(&str, Said)> = bodies
            .iter()
            .map(|body| ("", said(&["id".to_owned()], Some(body), &documented)))
            .collect();
        let at = |place: usize| {
            between(&said, place)
                .into_iter()
                .filter(|(path, value, _)| said[place].1.get(*path) != Some(*value))
                .map(|(path, ..)| path.clone())
                .collect::<Vec<_>>()
        };
        (0..said.len())
            .flat_map(|place| at(place).into_iter().map(move |path| (place, path)))
            .collect()
    }

    #[test]
    fn what_comes_and_goes_or_is_no_documented_member_contradicts_nothing() {
        let row = |id: &str, component: &str, counter: u32| json!({ "id": id, "component": component, "reads": counter });
        let [a, b, c] = [
            json!([row("a", "UP", 1)]),
            json!([row("x", "FC", 1), row("a", "UP", 2)]),
            json!([row("a", "UP", 1), row("y", "FC", 1)]),
        ];
        assert_eq!(contradicted(&[a.clone(), b, c]), []);
        assert_eq!(
            contradicted(&[a.clone(), json!([]), json!([])]),
            [],
            "it may have been deleted"
        );
        assert_eq!(
            contradicted(&[a.clone(), json!([row("a", "FC", 1)]), json!([row("a", "CN", 1)])]),
            [],
            "nothing tells which one is right"
        );
        assert_eq!(
            contradicted(&[a.clone(), json!([row("a", "FC", 1)]), a.clone()]),
            [(1, "[a]/component".to_owned())]
        );
        assert!(contradicted(&[a.clone(), json!([]), a]).contains(&(1, "[a]".to_owned())));
    }

    #[test]
    fn a_reading_at_the_edge_is_seen_when_it_comes_again() {
        let (full, short) = (json!([{ "id": "a" }, { "id": "b" }]), json!([{ "id": "a" }]));
        let found = contradicted(&[short.clone(), full.clone(), short, full]);
        assert!(found.contains(&(2, "[b]".to_owned())), "{found:?}");
    }
}
