//! What one client needs of the API: per operation the request members it sends, and the members,
//! types and values of the answers that it relies on, each with how that is known.
//!
//! Knows: the format of `profile.toml`. Pure. Must not know: how a profile is learned, exchanges,
//! verdicts, files.

mod diff;
mod explain;
mod lint;
mod merge;
mod read;
mod words;
mod write;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub use diff::{Dependency, Difference, diff};
pub use explain::{headline, html, json, markdown, text};
pub use lint::{documented, lint};
pub use merge::merge;
pub use read::read;
pub use words::{Change, Compare, From, Grade, JsonType, Known, Level, Unfinished};
pub use write::write;

/// The version of the format that is written and read.
pub const FORMAT: u64 = 1;

/// A profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Whose it is, and how it was learned.
    pub client: Client,
    /// What it calls, each method and path once.
    #[serde(rename = "operation")]
    pub operations: Vec<Operation>,
}

/// A client, and how its needs were learned.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Its test command, word by word, without secrets.
    pub command: Vec<String>,
    /// When it was learned.
    pub learned: Option<Timestamp>,
    /// Name and version of the tool that learned it.
    pub by: Option<String>,
    /// What served the answers.
    pub from: Option<From>,
    /// Digest of what was served, where it was a file.
    pub source: Option<String>,
    /// Appliance version that was served, where it is known.
    pub version: Option<String>,
    /// How often the command was run.
    pub runs: Option<u64>,
    /// What told whether a change broke it.
    pub compare: Option<Compare>,
    /// Whether everything was tried that was to be tried.
    pub complete: bool,
    /// Why it isn't complete.
    pub why: Option<Unfinished>,
    /// Digest of the contract that named the operations.
    pub contract: Option<String>,
    /// The clients of which it was merged, by name.
    pub merged: Vec<String>,
}

impl Client {
    /// A client of which nothing is known but its name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            command: Vec::new(),
            learned: None,
            by: None,
            from: None,
            source: None,
            version: None,
            runs: None,
            compare: None,
            complete: true,
            why: None,
            contract: None,
            merged: Vec::new(),
        }
    }
}

/// What a client sends to one method and path, and what it needs of the answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Operation {
    /// Its id in the contract; none where the contract doesn't know it.
    pub id: Option<String>,
    /// Upper case.
    pub method: String,
    /// With `{placeholders}`.
    pub path: String,
    /// Requests in the unchanged run.
    pub calls: Option<u64>,
    /// How much the client needs it.
    pub grade: Grade,
    /// How that is known.
    pub known: Known,
    /// Parameters of the query that it sends.
    pub query: Vec<String>,
    /// Headers that it sends, of those that the contract knows.
    pub headers: Vec<String>,
    /// Members of the body that it sends, as pointers with `*` for rows.
    pub body: Vec<String>,
    /// Statuses that it was given.
    pub status: Vec<u16>,
    /// Whether another status of success breaks it.
    pub needs_status: bool,
    /// Whether a refused call breaks it.
    pub needs_answer: bool,
    /// Changes to the whole answer that were tried and don't break it.
    pub tolerates: Vec<Change>,
    /// Changes to the whole answer that break it.
    pub breaks: Vec<Change>,
    /// How many members its answers had.
    pub members: Option<u64>,
    /// What a person has to say about it.
    pub note: Option<String>,
    /// What it needs of the answers, each place once.
    #[serde(rename = "member")]
    pub needs: Vec<Member>,
}

impl Operation {
    /// A call of which nothing is known but that it is made.
    #[must_use]
    pub fn at(method: &str, path: &str, known: Known) -> Self {
        Self {
            id: None,
            method: method.to_owned(),
            path: path.to_owned(),
            calls: None,
            grade: Grade::Mandatory,
            known,
            query: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            status: Vec::new(),
            needs_status: false,
            needs_answer: true,
            tolerates: Vec::new(),
            breaks: Vec::new(),
            members: None,
            note: None,
            needs: Vec::new(),
        }
    }

    /// What people call it: its id, or method and path.
    #[must_use]
    pub fn name(&self) -> String {
        self.id.clone().unwrap_or_else(|| format!("{} {}", self.method, self.path))
    }
}

/// One place of an answer, and what a client needs there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Member {
    /// A pointer with `*` for every row; a number where one row matters.
    pub path: String,
    /// How much the client needs it.
    pub grade: Grade,
    /// How that is known.
    pub known: Known,
    /// Whether no page documents it, and the row is meant all the same.
    pub undocumented: bool,
    /// Whether the client breaks where it is gone.
    pub needed: bool,
    /// The type that it must have, where another breaks the client.
    #[serde(rename = "type")]
    pub kind: Option<JsonType>,
    /// Values relied on: texts, numbers and booleans.
    pub values: Vec<Value>,
    /// Changes that were tried and break it.
    pub breaks: Vec<Change>,
    /// Changes that were tried and don't.
    pub tolerates: Vec<Change>,
    /// How many experiments speak for the row.
    pub runs: Option<u64>,
    /// What a person has to say about it.
    pub note: Option<String>,
}

impl Member {
    /// A place of which nothing is known but that it was there.
    #[must_use]
    pub fn at(path: &str, known: Known) -> Self {
        Self {
            path: path.to_owned(),
            grade: Grade::Mandatory,
            known,
            undocumented: false,
            needed: false,
            kind: None,
            values: Vec::new(),
            breaks: Vec::new(),
            tolerates: Vec::new(),
            runs: None,
            note: None,
        }
    }

    /// Whether any change of it breaks the client.
    #[must_use]
    pub fn matters(&self) -> bool {
        self.needed || self.kind.is_some() || !self.values.is_empty() || !self.breaks.is_empty()
    }
}

impl Profile {
    /// The call of a method and path.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations.iter().find(|one| one.method == method && one.path == path)
    }

    /// Puts operations, members and words into the order in which files have them, each once.
    pub fn sort(&mut self) {
        fn set<T: Ord>(list: &mut Vec<T>) {
            list.sort();
            list.dedup();
        }
        self.operations.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        for operation in &mut self.operations {
            set(&mut operation.query);
            set(&mut operation.headers);
            set(&mut operation.body);
            set(&mut operation.status);
            set(&mut operation.tolerates);
            set(&mut operation.breaks);
            operation.needs.sort_by(|a, b| a.path.cmp(&b.path));
            for member in &mut operation.needs {
                member.values.sort_by_key(Value::to_string);
                member.values.dedup();
                set(&mut member.breaks);
                set(&mut member.tolerates);
            }
        }
    }
}
