//! Words that a member may have though no answer and no page says so of it: those that the contract
//! or another answer has for members of the same name.
//!
//! Knows: elements, and the lists of values of the contract. Must not know: what is changed, or
//! what comes of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::Contract;

use super::element::{Element, Shape};
use super::form::Form;

/// So many words are borrowed.
const MOST: usize = 8;

/// Gives elements without a list of their own the words of others of the same name that have all of
/// theirs: `health` with `Normal` alone those of a `health` with `Normal` and `Critical`.
pub(super) fn borrow(contract: &Contract, elements: &mut [Element]) {
    let mut lists: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    for id in contract.schemas.ids() {
        if let Some(schema) = contract.schemas.document(id) {
            listed(schema, &mut lists);
        }
    }
    for element in elements.iter().filter(|one| one.shape == Shape::Scalar && one.has_words()) {
        lists.entry(name(&element.path)).or_default().push(element.values.clone());
    }
    let has_none = |one: &Element| {
        one.shape == Shape::Scalar
            && one.form() == Form::Word
            && one.values.len() == one.met
            && (one.has_words() || one.met == 1)
    };
    for element in elements.iter_mut().filter(|one| has_none(one)) {
        let own = element.values.clone();
        for list in lists.get(&name(&element.path)).into_iter().flatten() {
            if own.iter().all(|value| list.contains(value)) {
                for value in list.iter().filter(|value| value.is_string()) {
                    if element.values.len() < element.met + MOST && !element.values.contains(value)
                    {
                        element.values.push(value.clone());
                    }
                }
            }
        }
    }
}

/// The last name of a path.
fn name(path: &str) -> String {
    path.rsplit('/').find(|token| *token != "*").unwrap_or_default().to_lowercase()
}

/// The lists of values in a schema, by the name of the member that has them.
fn listed(schema: &Value, found: &mut BTreeMap<String, Vec<Vec<Value>>>) {
    match schema {
        Value::Object(keywords) => {
            let members = keywords.get("properties").and_then(Value::as_object);
            for (name, member) in members.into_iter().flatten() {
                if let Some(Value::Array(values)) = member.get("enum") {
                    found.entry(name.to_lowercase()).or_default().push(values.clone());
                }
            }
            keywords.values().for_each(|inner| listed(inner, found));
        }
        Value::Array(parts) => parts.iter().for_each(|inner| listed(inner, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::element::{Call, Seen};

    #[test]
    fn words_of_the_same_name_are_borrowed_where_they_fit() {
        let contract =
            crate::contract::load(&crate::files::embedded_contract()).expect("the contract");
        let call = |target: &str, answer: serde_json::Value| Call {
            method: "GET".to_owned(),
            target: target.to_owned(),
            status: 200,
            answer: answer.to_string(),
            ..Call::default()
        };
        let rows = json!([{ "mood": "calm" }, { "mood": "cross" }, { "mood": "calm" }]);
        let seen = Seen::of(
            &contract,
            &[
                call("/one", json!({ "mood": "calm", "other": "calm" })),
                call("/two", rows),
                call("/three", json!({ "mood": "glad" })),
            ],
        );
        let values = |path: &str, operation: usize| {
            let numbers = seen.which(|one| one.path == path && one.operation == operation);
            seen.elements[numbers[0]].values.clone()
        };
        assert_eq!(values("/mood", 0), [json!("calm"), json!("cross")]);
        assert_eq!(values("/other", 0), [json!("calm")]);
        assert_eq!(values("/mood", 2), [json!("glad")]);
    }
}
