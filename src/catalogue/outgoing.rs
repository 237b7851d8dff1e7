//! The request of a step, as it goes out.
//!
//! Knows: steps, operations, and the facts that stand for `{{names}}`. Must not know: who sends it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::contract::Contract;
use crate::exchange::{Outgoing, Purpose};

use super::near;
use super::{Step, StepKind};

/// Facts of the target, by name.
pub type Facts = BTreeMap<String, String>;

/// Characters that a path segment or a query value can't hold as they are.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%')
    .add(b'/')
    .add(b'&')
    .add(b'+')
    .add(b'=')
    .add(b'\'')
    .add(b'\\')
    .add(b'^')
    .add(b'|')
    .add(b'[')
    .add(b']')
    .add(b';');

/// A literal text of a path segment or a query value as it stands on the wire; `{{facts}}` stay as
/// they are.
#[must_use]
pub(crate) fn encoded(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut found = utf8_percent_encode(parts.next().unwrap_or_default(), SEGMENT).to_string();
    for part in parts {
        let (fact, rest) = part.split_once("}}").unwrap_or((part, ""));
        let _ = write!(found, "{{{{{fact}}}}}{}", utf8_percent_encode(rest, SEGMENT));
    }
    found
}

/// The request of a step, with facts filled in; an unknown fact is kept as `{{name}}` and named.
#[must_use]
pub fn request(contract: &Contract, step: &Step, facts: &Facts) -> (Outgoing, Vec<String>) {
    let mut unknown = Vec::new();
    let operation = contract.operations.get(&step.operation);
    let mut target = operation.map(|operation| operation.path.clone()).unwrap_or_default();
    let spec = &step.request;
    for (name, value) in &spec.path {
        let value =
            fill(value, facts, &mut unknown, |text| utf8_percent_encode(text, SEGMENT).to_string());
        target = target.replace(&format!("{{{name}}}"), &value);
    }
    for (index, (name, value)) in spec.query.iter().enumerate() {
        let value =
            fill(value, facts, &mut unknown, |text| utf8_percent_encode(text, SEGMENT).to_string());
        target.push(if index == 0 { '?' } else { '&' });
        target.push_str(name);
        target.push('=');
        target.push_str(&value);
    }
    let mut headers: Vec<(String, String)> =
        vec![("accept".to_owned(), "application/json".to_owned())];
    let body = spec
        .json
        .as_ref()
        .or(spec.raw.as_ref())
        .map(|text| fill(text, facts, &mut unknown, json_escaped));
    if body.is_some() {
        headers.push((
            "content-type".to_owned(),
            spec.content_type.clone().unwrap_or_else(|| "application/json".to_owned()),
        ));
    }
    for (name, value) in &spec.headers {
        let name = name.to_lowercase();
        headers.retain(|(other, _)| *other != name);
        headers.push((name, fill(value, facts, &mut unknown, str::to_owned)));
    }
    let method = spec
        .method
        .clone()
        .or_else(|| operation.map(|operation| operation.method.clone()))
        .unwrap_or_default();
    let purpose = if step.kind == StepKind::Cleanup { Purpose::Cleanup } else { Purpose::Case };
    (Outgoing { method, target, headers, body, auth: spec.auth, purpose }, unknown)
}

/// Replaces `{{fact}}`, and `{{fact|word}}` by a near miss of it; what stands for an unknown fact
/// stays as it is.
pub(crate) fn fill(
    text: &str,
    facts: &Facts,
    unknown: &mut Vec<String>,
    encode: impl Fn(&str) -> String,
) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(end) = rest[start..].find("}}").map(|end| start + end) else { break };
        let placeholder = rest[start + 2..end].trim();
        let (name, miss) = near::parts(placeholder);
        filled.push_str(&rest[..start]);
        let value = facts.get(name).and_then(|value| {
            miss.map_or_else(|| Some(value.clone()), |word| near::miss(value, word))
        });
        if let Some(value) = value {
            filled.push_str(&encode(&value));
        } else {
            unknown.push(placeholder.to_owned());
            filled.push_str(&rest[start..end + 2]);
        }
        rest = &rest[end + 2..];
    }
    filled.push_str(rest);
    filled
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_escaped_for_the_place_they_go_to() {
        let facts = Facts::from([("a".to_owned(), "x\"y".to_owned())]);
        let mut unknown = Vec::new();
        assert_eq!(
            fill(r#"{"k":"{{a}}","m":"{{b}}"}"#, &facts, &mut unknown, json_escaped),
            r#"{"k":"x\"y","m":"{{b}}"}"#
        );
        assert_eq!(unknown, ["b"]);
    }
}
