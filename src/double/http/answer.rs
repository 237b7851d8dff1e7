//! An answer before it is put into bytes: status, JSON, and which documented body it is.
//!
//! Knows what an answer holds. Must not know why it was given, or how it becomes bytes.

use std::time::Duration;

use serde_json::Value;

use super::errors::{Problem, Shape};
use super::request::Wire;

/// Which body an answer carries; faults and variants choose by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
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
pub(crate) enum Body {
    None,
    Json(Value),
    Text(String),
    /// JSON as it is kept, which is read only where somebody wants to change it.
    Kept(String),
    /// JSON as it is written, which no value can say.
    Written(String),
    /// Bytes, with a media type that says how to read them.
    Bytes(Vec<u8>),
}

/// A change to the header lines of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderEdit {
    pub(crate) name: String,
    /// Only lines whose value begins so go.
    pub(crate) begins: String,
    /// What comes instead, if anything.
    pub(crate) value: Option<String>,
}

impl HeaderEdit {
    /// Makes the change.
    pub(crate) fn apply(&self, headers: &mut Vec<(String, String)>) {
        headers.retain(|(name, value)| {
            !(name.eq_ignore_ascii_case(&self.name) && value.starts_with(&self.begins))
        });
        headers.extend(self.value.iter().map(|value| (self.name.clone(), value.clone())));
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) kind: Kind,
    /// Extra header lines.
    pub(crate) headers: Vec<(String, String)>,
    /// A media type other than the usual one.
    pub(crate) media_type: Option<String>,
    /// Changes to the header lines, made when all of them are there.
    pub(crate) header_edits: Vec<HeaderEdit>,
    /// Whether the body is to break off in the middle (within its stated length).
    pub(crate) broken_off: bool,
    pub(crate) wire: Wire,
    /// How long it is held back.
    pub(crate) delay: Duration,
}

impl Answer {
    pub(crate) fn new(status: u16, kind: Kind, body: Body) -> Self {
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

    pub(crate) fn json(status: u16, kind: Kind, value: Value) -> Self {
        Self::new(status, kind, Body::Json(value))
    }

    pub(crate) fn empty(status: u16, kind: Kind) -> Self {
        Self::new(status, kind, Body::None)
    }

    /// An error body of this shape.
    pub(crate) fn refusal(status: u16, problem: &Problem, shape: Shape) -> Self {
        let kind = match (status, shape) {
            (401, _) => Kind::Unauthorized,
            (403, _) => Kind::Forbidden,
            (400, Shape::Singular) => Kind::TransferRefused,
            _ => Kind::Other,
        };
        Self::json(status, kind, problem.body(shape))
    }

    pub(crate) fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Gives it another status. None of 204, 205 and 304 has a body, whatever it is made from.
    pub(crate) fn set_status(&mut self, status: u16) {
        self.status = status;
        if matches!(status, 204 | 205 | 304) {
            self.body = Body::None;
        }
    }

    /// The body, if it is JSON.
    pub(crate) fn value(&mut self) -> Option<&mut Value> {
        if let Body::Kept(text) = &self.body {
            self.body = Body::Json(serde_json::from_str(text).unwrap_or_default());
        }
        match &mut self.body {
            Body::Json(value) => Some(value),
            Body::Kept(_) | Body::None | Body::Text(_) | Body::Written(_) | Body::Bytes(_) => None,
        }
    }
}
