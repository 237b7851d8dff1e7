//! What an error says besides its status: a description, texts and no keys, and nothing of what was
//! refused.
//!
//! Knows: the rows of errors, and the members of the successes that they stand for. Must not know:
//! which case asked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::appliance::Errors;
use crate::contract::{Contract, Operation, shown};
use crate::exchange::media_type;
use crate::pointer::escape;

use super::charset::{self, Text};
use super::description::{in_body, in_text, readable};
use super::semantics::{Context, Difference, Outcome, places};

pub(super) fn judge(context: &Context<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let Some(promise) = context.row.message_requirement.as_ref().filter(|_| context.row.error)
    else {
        return outcomes;
    };
    if let Some(differences) = description(context) {
        let described = differences.is_empty();
        outcomes.push(Outcome { requirement: promise.clone(), differences });
        if let Some(words) = context.contract.text_of_errors().filter(|_| described) {
            outcomes.extend(
                texts(context)
                    .map(|differences| Outcome { requirement: words.to_owned(), differences }),
            );
        }
    }
    outcomes.extend(leak(context));
    outcomes
}

/// The promise of every error row: something in the body tells a person what is wrong. `None` where
/// this build can't read the body.
fn description(context: &Context<'_>) -> Option<Vec<Difference>> {
    let got = context.got;
    let described = match context.body {
        Some(body) => in_body(body),
        None => match charset::text_of(got) {
            Text::Is(text) => {
                in_text(&text, &got.header("content-type").map(media_type).unwrap_or_default())
            }
            Text::Binary => false,
            Text::Unread(_) => return None,
        },
    };
    if described {
        return Some(Vec::new());
    }
    if got.body.truncated {
        return None;
    }
    let actual = if got.body.bytes == 0 {
        "no body".to_owned()
    } else {
        format!("{} bytes without a text that describes anything", got.body.bytes)
    };
    Some(vec![Difference {
        pointer: String::new(),
        expected: "a descriptive error message in the body".to_owned(),
        actual,
    }])
}

/// The texts of the messages that a body carries, each with its place.
pub(super) fn message_texts<'a>(errors: &Errors, body: &'a Value) -> Vec<(String, &'a str)> {
    errors
        .texts
        .iter()
        .flat_map(|at| places(body, at))
        .filter_map(|(pointer, text)| Some((pointer, text.as_str()?)))
        .collect()
}

/// Texts that are keys, placeholders or blank.
pub(super) fn wordless(errors: &Errors, body: &Value) -> Vec<Difference> {
    let empty = message_texts(errors, body).into_iter().filter(|(_, text)| !readable(text));
    empty
        .map(|(pointer, text)| Difference {
            pointer,
            expected: "a text that a person can read, not a key or a placeholder".to_owned(),
            actual: shown(&Value::from(text)),
        })
        .collect()
}

fn texts(context: &Context<'_>) -> Option<Vec<Difference>> {
    let (body, errors) = (context.body?, &context.contract.appliance.errors);
    (!message_texts(errors, body).is_empty()).then(|| wordless(errors, body))
}

/// What the refused request asked for stands in the refusal: then it was refused in name only.
fn leak(context: &Context<'_>) -> Option<Outcome> {
    let requirement = refused_to(context)?;
    let names = Names::of(context.contract, context.operation);
    let mut found = Vec::new();
    look(context.body?, &mut String::new(), &names, &mut found);
    let (pointer, members) = found.into_iter().next()?;
    let difference = Difference {
        pointer,
        expected: "nothing of what was refused".to_owned(),
        actual: format!("an object with {members}"),
    };
    Some(Outcome { requirement, differences: vec![difference] })
}

/// The requirement that keeps strangers out.
fn refused_to(context: &Context<'_>) -> Option<String> {
    let auth = format!("{}/auth", context.operation.id);
    match context.row.status {
        401 if context.contract.requirements.contains_key(&auth) => Some(auth),
        401 | 403 => Some(context.row.requirement.clone()),
        _ => None,
    }
}

/// How many members that only the rows of a success have make an object a row: an error may have
/// some of their names by chance.
const OF_A_ROW: usize = 4;

/// Members that a success of the operation has and an error hasn't.
struct Names<'a> {
    /// Those of the reply itself.
    own: BTreeSet<&'a str>,
    /// Those of the rows, which schemas that several operations share describe.
    shared: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn of(contract: &'a Contract, operation: &'a Operation) -> Self {
        let (mut own, mut shared) = (BTreeSet::new(), BTreeSet::new());
        let replies = operation.responses.iter().filter(|row| row.status < 300);
        let mut seen: BTreeSet<&str> = replies.filter_map(|row| row.schema.as_deref()).collect();
        let mut referred = BTreeSet::new();
        for document in seen.iter().filter_map(|id| contract.schemas.document(id)) {
            properties(document, &mut own, &mut referred);
        }
        while let Some(id) = referred.pop_first() {
            if let Some(document) = contract.schemas.document(id).filter(|_| seen.insert(id)) {
                properties(document, &mut shared, &mut referred);
            }
        }
        for reading in &operation.readings {
            own.extend(reading.key.iter().chain(&reading.value).map(String::as_str));
        }
        let of_errors = &contract.appliance.errors.members;
        for names in [&mut own, &mut shared] {
            names.retain(|name| !of_errors.iter().any(|known| known == name));
        }
        Self { own, shared }
    }
}

/// The members that a schema describes, and the other documents that it refers to.
fn properties<'a>(
    schema: &'a Value,
    names: &mut BTreeSet<&'a str>,
    referred: &mut BTreeSet<&'a str>,
) {
    match schema {
        Value::Object(members) => {
            let described = members.get("properties").and_then(Value::as_object);
            names.extend(described.into_iter().flat_map(|all| all.keys()).map(String::as_str));
            let reference = members.get("$ref").and_then(Value::as_str);
            referred.extend(
                reference
                    .map(|to| to.split_once('#').map_or(to, |(document, _)| document))
                    .filter(|document| !document.is_empty()),
            );
            members.values().for_each(|part| properties(part, names, referred));
        }
        Value::Array(parts) => parts.iter().for_each(|part| properties(part, names, referred)),
        _ => {}
    }
}

/// Objects with two members of a success, or with one and the id of a thing, and rows.
fn look(value: &Value, pointer: &mut String, names: &Names<'_>, found: &mut Vec<(String, String)>) {
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            let identified = members.get("id").and_then(Value::as_str).is_some_and(is_id);
            let present =
                || members.iter().filter(|(_, member)| !member.is_null()).map(|(name, _)| &**name);
            let mut told: Vec<&str> = present().filter(|name| names.own.contains(name)).collect();
            let of_a_row: Vec<&str> =
                present().filter(|name| names.shared.contains(name)).collect();
            let is_row = of_a_row.len() >= OF_A_ROW;
            if is_row || told.len() + usize::from(identified) > 1 && !told.is_empty() {
                if is_row {
                    told = of_a_row;
                }
                found.push((pointer.clone(), told.join(", ")));
                return;
            }
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&escape(name));
                look(member, pointer, names, found);
                pointer.truncate(length);
            }
        }
        Value::Array(rows) => {
            for (index, row) in rows.iter().enumerate() {
                let _ = write!(pointer, "/{index}");
                look(row, pointer, names, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Whether a text is the id of a thing and not that of a message, which is short.
fn is_id(text: &str) -> bool {
    text.len() >= 16
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && text.contains(|c: char| c.is_ascii_digit())
}
