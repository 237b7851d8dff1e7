//! The profile of what was found.
//!
//! Knows: findings, and the words of a profile. Must not know: how they were found, files.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::contract::Contract;
use crate::profile::{
    Change, Client, Compare, From, Grade, JsonType, Known, Member, Operation, Profile, Unfinished,
};

use super::element::{Element, Seen, Shape};
use super::finding::Finding;
use super::form::Form;
use super::learn::Step;

/// What is told of the client, beside what was found.
#[derive(Debug, Clone)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Its command, without secrets.
    pub command: Vec<String>,
    /// When it was learned.
    pub learned: Timestamp,
    /// What served the answers.
    pub from: From,
    /// Digest of what was served, where it was a file.
    pub source: Option<String>,
    /// The version that was served, where it is known.
    pub version: Option<String>,
    /// What told whether a change broke it.
    pub compare: Compare,
    /// How often the command ran.
    pub runs: u64,
    /// Why it isn't complete, if it isn't.
    pub why: Option<Unfinished>,
}

/// The profile.
#[must_use]
pub fn profile(contract: &Contract, seen: &Seen, step: &Step, about: &About) -> Profile {
    let mut client = Client::named(&about.name);
    client.command.clone_from(&about.command);
    client.learned = Some(about.learned);
    client.by = Some(format!("lxca-conform {}", env!("CARGO_PKG_VERSION")));
    client.from = Some(about.from);
    client.source.clone_from(&about.source);
    client.version.clone_from(&about.version);
    client.runs = Some(about.runs);
    client.compare = Some(about.compare);
    client.complete = about.why.is_none();
    client.why = about.why;
    client.contract = Some(contract.digest.clone());
    let operations =
        (0..seen.operations.len()).map(|number| operation(contract, seen, step, number)).collect();
    let mut profile = Profile { client, operations };
    profile.sort();
    profile
}

fn operation(contract: &Contract, seen: &Seen, step: &Step, number: usize) -> Operation {
    let fetched = &seen.operations[number];
    let whole = &step.findings[fetched.whole];
    let known = |finding: &Finding| {
        let tried = !finding.breaks.is_empty() || !finding.tolerates.is_empty();
        if tried { Known::Experiment } else { Known::Recording }
    };
    let mut one = Operation::at(&fetched.method, &fetched.path, known(whole));
    one.id.clone_from(&fetched.id);
    one.calls = Some(fetched.calls);
    one.query = fetched.query.iter().cloned().collect();
    one.headers = fetched.headers.iter().filter(|name| is_known(contract, name)).cloned().collect();
    one.body = fetched.body.iter().cloned().collect();
    one.status = fetched.statuses.iter().copied().collect();
    one.needs_status = whole.breaks.contains(&Change::Status);
    one.needs_answer = !whole.tolerates.contains(&Change::Refused);
    one.tolerates = whole.tolerates.iter().copied().collect();
    one.breaks = whole.breaks.iter().copied().collect();
    one.members = Some(fetched.members as u64);
    let mut mandatory = one.needs_answer || !one.breaks.is_empty();
    for element in seen.which(|one| one.operation == number && !one.path.is_empty()) {
        let finding = &step.findings[element];
        if finding.matters() {
            let rows = members(seen, element, finding, step.runs[element]);
            mandatory |= rows.iter().any(|row| row.grade == Grade::Mandatory);
            one.needs.extend(rows);
        }
    }
    one.grade = if mandatory { Grade::Mandatory } else { Grade::Recommended };
    one
}

/// Whether the contract knows a header of requests.
fn is_known(contract: &Contract, header: &str) -> bool {
    contract.appliance.login.as_ref().is_some_and(|login| {
        let adds = login.adds.values().flat_map(|headers| headers.keys());
        login.headers.keys().chain(adds).any(|name| name.eq_ignore_ascii_case(header))
            || login.token.as_ref().is_some_and(|token| token.is_brought_by(header))
    })
}

/// The rows of an element: one, or one for each row of a list that matters.
fn members(seen: &Seen, number: usize, finding: &Finding, runs: u64) -> Vec<Member> {
    let element = &seen.elements[number];
    let mut paths = vec![String::new()];
    let mut star = 0;
    for token in element.path.split('/').skip(1) {
        let tokens: Vec<String> = match finding.rows.get(&star) {
            Some(rows) if token == "*" => rows.iter().map(ToString::to_string).collect(),
            _ => vec![token.to_owned()],
        };
        star += usize::from(token == "*");
        paths = paths
            .iter()
            .flat_map(|path| tokens.iter().map(move |token| format!("{path}/{token}")))
            .collect();
    }
    let row = |path: String| {
        let mut one = Member::at(&path, Known::Experiment);
        one.needed = finding.is_needed();
        one.grade = grade(finding);
        one.kind = finding.breaks.contains(&Change::Type).then(|| kind(element)).flatten();
        one.values = finding.values.iter().map(|value| element.values[*value].clone()).collect();
        one.breaks = finding.breaks.iter().copied().collect();
        one.tolerates = finding.tolerates.iter().copied().collect();
        one.runs = Some(runs);
        one.note = note(seen, element, finding);
        one
    };
    paths.into_iter().map(row).collect()
}

fn grade(finding: &Finding) -> Grade {
    if finding.is_needed() && !finding.unserved {
        Grade::Mandatory
    } else if !finding.is_needed() && !finding.one_of.is_empty() {
        Grade::Recommended
    } else {
        Grade::IfImplemented
    }
}

fn kind(element: &Element) -> Option<JsonType> {
    match (element.shape, element.form()) {
        (Shape::List, _) => Some(JsonType::Array),
        (Shape::Object, _) => Some(JsonType::Object),
        (Shape::Scalar, Form::Nothing) => None,
        (Shape::Scalar, Form::Flag) => Some(JsonType::Boolean),
        (Shape::Scalar, Form::Number) => Some(JsonType::Number),
        (Shape::Scalar, _) => Some(JsonType::String),
    }
}

/// What the keys of a row can't say.
fn note(seen: &Seen, element: &Element, finding: &Finding) -> Option<String> {
    let mut said = Vec::new();
    if finding.spelt {
        said.push(match element.form() {
            Form::NumberText => "a number in a text".to_owned(),
            Form::Time => "a time in a text".to_owned(),
            _ => "numbers with dots in a text".to_owned(),
        });
    }
    for (guard, value) in &finding.only_where {
        let guard = &seen.elements[*guard];
        let place = if guard.operation == element.operation {
            guard.path.clone()
        } else {
            let operation = &seen.operations[guard.operation];
            format!("{} of {} {}", guard.path, operation.method, operation.path)
        };
        let value = value.map(|value| &guard.values[value]);
        said.push(match value {
            Some(Value::String(text)) => format!("read where {place} is \"{text}\""),
            Some(other) => format!("read where {place} is {other}"),
            None => format!("read where {place} has a value that isn't known"),
        });
    }
    let paths = |of: &BTreeSet<usize>| -> String {
        let paths: Vec<&str> = of.iter().map(|other| seen.elements[*other].path.as_str()).collect();
        paths.join(", ")
    };
    if !finding.same_as.is_empty() {
        said.push(format!("the same values as {}", paths(&finding.same_as)));
    }
    if !finding.one_of.is_empty() {
        said.push(format!("needed where there is no {}", paths(&finding.one_of)));
    }
    (!said.is_empty()).then(|| said.join("; "))
}
