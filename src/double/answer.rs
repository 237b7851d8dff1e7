//! An answer before it is put into bytes: status, JSON, and which documented body it is.
//!
//! Knows what an answer holds. Must not know why it was given, or how it becomes bytes.

use std::time::Duration;

use serde_json::Value;

use super::errors::{Problem, Shape};
use super::request::Wire;

/// Which body an answer carries; faults and variants choose by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    LockList,
    Lock,
    LockCreated,
    CreateLockRefused,
    LockDeleted,
    NoLocks,
    BackupList,
    BackupDeleted,
    TransferStarted,
    TransferCancelled,
    TransferRefused,
    Tasks,
    OneTask,
    TasksCancelled,
    TasksCancelRefused,
    Appliance,
    SessionOpened,
    LoginRefused,
    SessionClosed,
    Unauthorized,
    Forbidden,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Json(Value),
    Text(String),
    /// JSON as it is written, which no value can say.
    Written(String),
    /// Bytes, with a media type that says how to read them.
    Bytes(Vec<u8>),
}

/// A change to the header lines of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeaderEdit {
    pub(super) name: String,
    /// Only lines whose value begins so go.
    pub(super) begins: String,
    /// What comes instead, if anything.
    pub(super) value: Option<String>,
}

impl HeaderEdit {
    /// Makes the change.
    pub(super) fn apply(&self, headers: &mut Vec<(String, String)>) {
        headers.retain(|(name, value)| {
            !(name.eq_ignore_ascii_case(&self.name) && value.starts_with(&self.begins))
        });
        headers.extend(self.value.iter().map(|value| (self.name.clone(), value.clone())));
    }
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Body,
    pub(super) kind: Kind,
    /// Extra header lines.
    pub(super) headers: Vec<(String, String)>,
    /// A media type other than the usual one.
    pub(super) media_type: Option<String>,
    /// Changes to the header lines, made when all of them are there.
    pub(super) header_edits: Vec<HeaderEdit>,
    /// Whether the body is to break off in the middle (within its stated length).
    pub(super) broken_off: bool,
    pub(super) wire: Wire,
    /// How long it is held back.
    pub(super) delay: Duration,
}

impl Answer {
    pub(super) fn new(status: u16, kind: Kind, body: Body) -> Self {
        Self {
            status,
            body,
            kind,
            headers: Vec::new(),
            media_type: None,
            header_edits: Vec::new(),
            broken_off: false,
            wire: Wire::Normal,
            delay: Duration::ZERO,
        }
    }

    pub(super) fn json(status: u16, kind: Kind, value: Value) -> Self {
        Self::new(status, kind, Body::Json(value))
    }

    pub(super) fn empty(status: u16, kind: Kind) -> Self {
        Self::new(status, kind, Body::None)
    }

    /// An error body of this shape.
    pub(super) fn refusal(status: u16, problem: &Problem, shape: Shape) -> Self {
        let kind = match (status, shape) {
            (401, _) => Kind::Unauthorized,
            (403, _) => Kind::Forbidden,
            (400, Shape::Singular) => Kind::TransferRefused,
            _ => Kind::Other,
        };
        Self::json(status, kind, problem.body(shape))
    }

    pub(super) fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body, if it is JSON.
    pub(super) fn value(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(value) => Some(value),
            Body::None | Body::Text(_) | Body::Written(_) | Body::Bytes(_) => None,
        }
    }
}
