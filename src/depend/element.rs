//! What a client fetched in the unchanged run: operations, and the members and lists of their
//! answers, each once however many rows there are.
//!
//! Knows: requests with their answers, and the operations of the contract. Must not know: what is
//! changed, or what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract::{Contract, operation_of};

use super::form::Form;
use super::tree::Node;
use super::walk::{Walk, pointers, rows_below};

/// One request of the client, and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// Upper case.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it was sent.
    pub body: String,
    /// Status of the answer.
    pub status: u16,
    /// The answer, where it is a text.
    pub answer: String,
    /// Whether what was served doesn't have it.
    pub unknown: bool,
}

/// Which operation a request is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Path template of the contract; outside of it, the path with `{id}` for what looks like one.
    pub path: String,
    /// Upper case.
    pub method: String,
    /// Its id in the contract.
    pub id: Option<String>,
}

impl Key {
    /// The operation of a request line.
    #[must_use]
    pub fn of(contract: &Contract, method: &str, target: &str) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        let bare: String = path
            .split('/')
            .map(|part| part.split(';').next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("/");
        let trimmed = bare.trim_end_matches('/');
        let known = operation_of(contract, method, trimmed)
            .and_then(|operation| contract.operations.get(operation));
        match known {
            Some(operation) => Self {
                path: operation.path.clone(),
                method: method.to_owned(),
                id: Some(operation.id.clone()),
            },
            None => Self { path: outline(&bare), method: method.to_owned(), id: None },
        }
    }
}

/// A path with a place-holder for each part that looks like an id.
fn outline(path: &str) -> String {
    let is_id = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let hex = part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        (digits > 0 && digits == part.len()) || (hex && part.len() >= 16)
    };
    path.split('/')
        .map(|part| if is_id(part) { "{id}" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// An operation that was called.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// Which.
    pub key: Key,
    /// How often.
    pub calls: u64,
    /// Parameters of the query.
    pub query: BTreeSet<String>,
    /// Headers, in lower case.
    pub headers: BTreeSet<String>,
    /// Members of the body, as pointers with `*` for rows.
    pub body: BTreeSet<String>,
    /// Statuses of the answers.
    pub statuses: BTreeSet<u16>,
    /// How many members the answers had, each place once.
    pub members: usize,
    /// Whether an answer had a list.
    pub lists: bool,
    /// The number of the element that is the whole answer.
    pub whole: usize,
    /// The first answer with each text, as JSON.
    pub answers: Vec<Value>,
}

impl std::ops::Deref for Fetched {
    type Target = Key;

    fn deref(&self) -> &Key {
        &self.key
    }
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text, a number, a flag, or null.
    Scalar,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A member of an answer, a row, or the whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// The number of its operation.
    pub operation: usize,
    /// A pointer with `*` for every row; empty for the whole answer.
    pub path: String,
    /// What it is.
    pub shape: Shape,
    /// Whether a row of it is a list or an object, or itself has members.
    pub holds: bool,
    /// For each `*` of the path, the longest list.
    pub rows: Vec<usize>,
    /// The most rows that it has itself, where it is a list.
    pub length: usize,
    /// The values that were met, each once, in order; the documented ones behind them.
    pub values: Vec<Value>,
    /// How many of the values were met.
    pub met: usize,
    /// How often it was met.
    pub times: usize,
    /// Whether it was also met as something else, such as null.
    pub mixed: bool,
}

/// So many values make a list of words; a longer one is of free texts.
const MOST_WORDS: usize = 8;
/// So many documented values are tried.
const MOST_LISTED: usize = 12;

impl Element {
    /// Whether it is a member, and no row and no whole answer.
    #[must_use]
    pub fn is_member(&self) -> bool {
        !self.path.is_empty() && !self.is_row()
    }

    /// Whether it is a row of a list.
    #[must_use]
    pub fn is_row(&self) -> bool {
        self.path.ends_with("/*")
    }

    /// Whether it holds no other member.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.is_member() && !self.holds
    }

    /// Whether it stands below another.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.operation == other.operation
            && self.path.len() > other.path.len()
            && self.path.starts_with(&other.path)
            && self.path.as_bytes()[other.path.len()] == b'/'
    }

    /// How its values are spelt.
    #[must_use]
    pub fn form(&self) -> Form {
        Form::of_all(&self.values[..self.met])
    }

    /// Whether a client may look at its value to tell what else to read: a flag, or one of a few
    /// words that differ from row to row.
    #[must_use]
    pub fn may_guard(&self) -> bool {
        self.shape == Shape::Scalar
            && self.has_words()
            && (self.met > 1 || self.form() == Form::Flag)
    }

    /// Whether it can have one of a few values only: a documented list says so, or values that come
    /// back row after row.
    #[must_use]
    pub fn has_words(&self) -> bool {
        let words = matches!(self.form(), Form::Word | Form::Flag);
        self.values.len() > self.met
            || (words
                && self.met <= MOST_WORDS
                && (self.met < self.times || self.form() == Form::Flag))
    }
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// In the order of their first call.
    pub operations: Vec<Fetched>,
    /// By operation, in the order of the text.
    pub elements: Vec<Element>,
    /// Requests for what isn't served.
    pub unknown: Vec<String>,
    /// Parts of requests: what stands in paths, queries and bodies.
    asked: BTreeSet<String>,
}

impl Seen {
    /// What these calls fetched.
    #[must_use]
    pub fn of(contract: &Contract, calls: &[Call]) -> Self {
        let mut seen = Self::default();
        let mut by_key: BTreeMap<Key, Vec<&Call>> = BTreeMap::new();
        let mut order: Vec<Key> = Vec::new();
        for call in calls {
            seen.note_request(call);
            if call.unknown {
                let path = call.target.split('?').next().unwrap_or_default();
                seen.unknown.push(format!("{} {path}", call.method));
                continue;
            }
            let key = Key::of(contract, &call.method, &call.target);
            if !by_key.contains_key(&key) {
                order.push(key.clone());
            }
            by_key.entry(key).or_default().push(call);
        }
        for key in order {
            let calls = by_key.remove(&key).unwrap_or_default();
            seen.add(contract, key, &calls);
        }
        super::vocabulary::borrow(contract, &mut seen.elements);
        seen
    }

    fn note_request(&mut self, call: &Call) {
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        self.asked.extend(path.split(['/', ',']).map(str::to_owned));
        self.asked.extend(
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, v)| v.to_owned()),
        );
        if let Ok(body) = serde_json::from_str::<Value>(&call.body) {
            self.note_values(&body);
        }
    }

    fn note_values(&mut self, body: &Value) {
        match body {
            Value::Array(rows) => rows.iter().for_each(|row| self.note_values(row)),
            Value::Object(members) => members.values().for_each(|one| self.note_values(one)),
            Value::String(text) => drop(self.asked.insert(text.clone())),
            other => drop(self.asked.insert(other.to_string())),
        }
    }

    /// Whether a value also stands in a request.
    #[must_use]
    pub fn is_asked_for(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.asked.contains(text),
            other => self.asked.contains(&other.to_string()),
        }
    }

    fn add(&mut self, contract: &Contract, key: Key, calls: &[&Call]) {
        let number = self.operations.len();
        let whole = self.elements.len();
        let mut walk = Walk::of(number);
        let mut fetched = Fetched {
            key,
            calls: calls.len() as u64,
            query: BTreeSet::new(),
            headers: BTreeSet::new(),
            body: BTreeSet::new(),
            statuses: BTreeSet::new(),
            members: 0,
            lists: false,
            whole,
            answers: Vec::new(),
        };
        walk.meet("", Shape::Object, &[]);
        for call in calls {
            let query = call.target.split_once('?').map_or("", |(_, query)| query);
            let names = query.split('&').filter_map(|pair| pair.split('=').next());
            fetched.query.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
            fetched.headers.extend(call.headers.iter().map(|(name, _)| name.clone()));
            fetched.statuses.insert(call.status);
            if let Ok(body) = serde_json::from_str(&call.body) {
                pointers(&body, "", &mut fetched.body);
            }
            if let Some((_, node, _)) = Node::read(&call.answer) {
                walk.node(&node, "", &mut Vec::new());
                if let Ok(answer) = serde_json::from_str(&call.answer)
                    && fetched.answers.last() != Some(&answer)
                {
                    fetched.answers.push(answer);
                }
            }
        }
        let mut elements = walk.found;
        for element in &mut elements {
            // A flag has two values, whichever was met.
            if let (Form::Flag, [Value::Bool(flag)]) = (element.form(), element.values.as_slice()) {
                element.values.push(Value::Bool(!flag));
            }
        }
        if let Some(id) = fetched.key.id.as_deref() {
            for element in elements.iter_mut().filter(|one| one.shape == Shape::Scalar) {
                element.listed(contract, id, &fetched.statuses);
            }
        }
        fetched.members = elements.iter().filter(|one| one.is_member()).count();
        fetched.lists = elements.iter().any(|one| one.shape == Shape::List);
        self.operations.push(fetched);
        self.elements.extend(elements);
    }

    /// The rows in which an element is, for one `*` of its path.
    #[must_use]
    pub fn rows_with(&self, element: usize, star: usize) -> BTreeSet<usize> {
        let element = &self.elements[element];
        let path: Vec<String> =
            element.path.split('/').skip(1).map(crate::pointer::unescape).collect();
        let mut found = BTreeSet::new();
        for answer in &self.operations[element.operation].answers {
            rows_below(answer, &path, star, None, &mut found);
        }
        found
    }

    /// The numbers of the elements that are such.
    pub fn which(&self, is: impl Fn(&Element) -> bool) -> Vec<usize> {
        (0..self.elements.len()).filter(|number| is(&self.elements[*number])).collect()
    }
}

impl Element {
    fn listed(&mut self, contract: &Contract, operation: &str, statuses: &BTreeSet<u16>) {
        let mut listed = Vec::new();
        for status in statuses {
            listed.extend(contract.listed_values(operation, *status, &self.path));
        }
        for value in listed.into_iter().take(MOST_LISTED) {
            let scalar = !value.is_null() && !value.is_array() && !value.is_object();
            if scalar && !self.values.contains(&value) {
                self.values.push(value);
            }
        }
    }
}
