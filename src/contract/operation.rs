//! One documented operation: method, path, and a row per documented answer.
//!
//! Knows: the facts of an operation file. Must not know: who sends the request.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::terms::Effect;
use crate::weight::{Known, Undoes, is_read};

use super::reading::Reading;
use super::request::{BodyRules, Credentials, Methods, Open, RequestContract, RequestTable};
use super::requirement::Requirement;
use super::semantic::{Lifetime, RowShape, Semantic};
use super::span::{Span, version};

/// An operation file as written. One without method and path is a shared register of requirements.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationFile {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) document: String,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) auth: Authentication,
    pub(super) since: Option<String>,
    #[serde(default, deserialize_with = "version")]
    pub(super) until: Option<semver::Version>,
    pub(super) effect: Option<Effect>,
    #[serde(default)]
    pub(super) effect_when: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(super) destroys: Vec<String>,
    #[serde(default)]
    pub(super) query_when: BTreeMap<String, Vec<String>>,
    pub(super) undoes: Option<Undoes>,
    #[serde(default)]
    pub(super) response: Vec<ResponseRow>,
    #[serde(default)]
    pub(super) reading: Vec<Reading>,
    pub(super) row: Option<RowShape>,
    pub(super) lifetime: Option<Lifetime>,
    #[serde(default)]
    pub(super) check: Vec<Semantic>,
    pub(super) shows_in: Option<Vec<String>>,
    pub(super) credentials: Option<Credentials>,
    pub(super) methods: Option<Methods>,
    pub(super) body: Option<BodyRules>,
    #[serde(default)]
    pub(super) open: Open,
    #[serde(default)]
    pub(super) request: Vec<RequestTable>,
    #[serde(default)]
    pub(super) volatile: Vec<String>,
    #[serde(default)]
    pub(super) faults: FaultRows,
    #[serde(default)]
    pub(super) requirement: Vec<Requirement>,
}

/// Whether a page asks for credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// User name and password are needed.
    #[default]
    Required,
    /// The page says that none is needed.
    None,
}

/// Where the faults come from that must be caught at the requirements of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FaultRows {
    /// From the rows of the fault tables alone.
    #[default]
    Written,
    /// From these rows, and of each rule of a schema that has none, the self-test drafts one.
    Drafted,
}

/// A documented method on a documented path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// For example `backup.transfer`.
    pub id: String,
    /// What it is for.
    pub title: String,
    /// Key of its document.
    pub document: String,
    /// Upper case.
    pub method: String,
    /// With `{placeholders}`.
    pub path: String,
    /// Whether credentials are needed.
    pub auth: Authentication,
    /// First product version that has it.
    pub since: Option<semver::Version>,
    /// First product version that no longer has it.
    pub until: Option<semver::Version>,
    /// The least effect of any request with this method and path.
    pub effect: Effect,
    /// Members of the body and the values under which it has that effect; any other body destroys.
    /// None means that the body doesn't matter.
    pub effect_when: BTreeMap<String, Vec<String>>,
    /// Words in the other members that lift the effect to `destroy` all the same.
    pub destroys: Vec<String>,
    /// Parameters of the query and the values under which it has that effect; with another value of
    /// one it destroys, though it be a GET.
    pub query_when: BTreeMap<String, Vec<String>>,
    /// What it takes back, as a clean-up.
    pub undoes: Option<Undoes>,
    /// One row per documented answer; several may share a status.
    pub responses: Vec<ResponseRow>,
    /// How values are found whose member no page names.
    pub readings: Vec<Reading>,
    /// The lists in which a wrong acceptance shows; none given means those of jobs.
    pub shows_in: Option<Vec<String>>,
    /// How a row of its list is known.
    pub row_shape: Option<RowShape>,
    /// When the rows of its list come and go.
    pub lifetime: Option<Lifetime>,
    /// What is checked beside its schemas.
    pub semantics: Vec<Semantic>,
    /// Places in the bodies of successes whose values differ from answer to answer, with `*` for
    /// every index: ids, times, counters.
    pub volatile: Vec<String>,
    /// What it takes.
    pub request: RequestContract,
    /// Where it was loaded from.
    pub file: String,
}

impl Operation {
    /// The versions that have it.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { since: self.since.clone(), until: self.until.clone() }
    }

    /// The rows of a status.
    pub fn rows(&self, status: u16) -> impl Iterator<Item = &ResponseRow> {
        self.responses.iter().filter(move |row| row.status == status)
    }

    /// The row that a case means: by name, or the only one of that status.
    #[must_use]
    pub fn row(&self, status: u16, body: Option<&str>) -> Option<&ResponseRow> {
        let named = body.and_then(|name| self.rows(status).find(|row| row.name == name));
        named.or_else(|| {
            let mut rows = self.rows(status);
            match (rows.next(), rows.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        })
    }

    /// What is known of its method and path.
    #[must_use]
    pub fn known(&self) -> Known {
        Known {
            operation: self.id.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            effect: self.effect,
            effect_when: self.effect_when.clone(),
            destroys: self.destroys.clone(),
            query_when: self.query_when.clone(),
            undoes: self.undoes.clone(),
        }
    }

    /// The worst that a request of this operation can do when it is wrongly accepted. A method that
    /// isn't its own is one that nobody knows.
    #[must_use]
    pub fn effect_of(&self, method: &str, body: &str) -> Effect {
        if is_read(method) {
            if is_read(&self.method) { self.effect } else { Effect::Read }
        } else if method == self.method {
            self.known().effect_of(body).max(Effect::Write)
        } else {
            Effect::Destroy
        }
    }

    /// The worst that the query of a request of this operation can do.
    #[must_use]
    pub fn effect_of_query(&self, query: &BTreeMap<String, String>) -> Effect {
        let known = self.known();
        let worst =
            query.iter().map(|(name, value)| known.effect_of_query(&format!("{name}={value}")));
        worst.max().unwrap_or(Effect::Read)
    }
}

/// One documented answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseRow {
    /// HTTP status.
    pub status: u16,
    /// What cases call this body.
    pub name: String,
    /// `$id` of its schema, once loaded; a path in the file.
    pub schema: Option<String>,
    /// What is promised about a body without a schema.
    pub content: Option<Content>,
    /// The requirement that this row states.
    pub requirement: String,
    /// Whether the page promises a descriptive error message in the body.
    #[serde(default)]
    pub error: bool,
    /// The requirement that promises it.
    pub message_requirement: Option<String>,
}

/// What a page promises about a body that has no schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// There is none.
    Empty,
    /// The page is silent.
    Unspecified,
}
