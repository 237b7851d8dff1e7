//! What a step expects of an answer beyond its schema.
//!
//! Knows: the shape, as case files write it. Must not know: how it is held against an answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the schema can't say about an answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// Accepted statuses.
    pub status: Vec<u16>,
    /// The documented body that is meant, where several share a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Why no status is right or wrong here: no page says. The answer is recorded, and a documented
    /// answer is judged against its documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observe: Option<String>,
    /// The requirement that the status answers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The requirement that the number alone answers to: what is broken where a refusal, or an
    /// acceptance, came as it should, but with another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What certain other statuses break.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<Instead>,
    /// Requirements that hold when this holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Pointers that must exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub present: Vec<String>,
    /// Pointers that must not exist; `*` stands for each item of a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// The answer is a file whose name ends so, or a header names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Pointers and the values they must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub equals: BTreeMap<String, Value>,
    /// Pointers and the values they must not have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub differs: BTreeMap<String, Value>,
    /// Rows that a list must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<Where>,
    /// Rows that a list must not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Where>,
    /// Values that are read by declared candidates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Read>,
    /// Answers of earlier steps that say the same as this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees: Option<Box<Agrees>>,
    /// What rows of this answer have to do with rows of an earlier one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relates: Vec<Relation>,
}

/// What rows of this answer have to do with rows of an earlier one, of whatever operation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relation {
    /// The earlier step.
    pub with: String,
    /// What holds between them.
    pub holds: Holds,
    /// The rows of this answer: a JSON pointer in which `*` stands for each item of a list.
    #[serde(default)]
    pub own: String,
    /// Members of those rows of this answer that alone count, by their names.
    #[serde(rename = "where", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Value>,
    /// The rows of the earlier answer, likewise.
    #[serde(default)]
    pub theirs: String,
    /// What names a row, as a pointer below it.
    pub key: String,
    /// The same for the earlier answer, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_key: Option<String>,
    /// So many rows of the earlier answer count, from the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// The members that are compared, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<String>,
    /// Beside them: numbers that may be less than there, and not more. A second more may come from
    /// rounding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_more: Vec<String>,
    /// The members that this answer has wherever the earlier one has them, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// The requirement that this answers to; without it, that of the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

/// What holds between the rows of two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// What names a row of this answer names one of the earlier answer too.
    Within,
    /// What names a row of the earlier answer names one of this answer too.
    Covers,
    /// Rows of the same name have the same values.
    Same,
    /// What a row of the earlier answer has, the row of the same name has in this answer too.
    Has,
}

/// Readings of the same thing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agrees {
    /// The earlier steps, in their order.
    pub with: Vec<String>,
    /// What a row breaks that is missing between two answers that have it; without it,
    /// `requirement`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// What another value breaks between two answers that say the same; without it, that of the
    /// step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

/// What a status that isn't expected breaks, where it isn't what the step is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// The statuses.
    pub status: Vec<u16>,
    /// The requirement that they break.
    pub requirement: String,
}

/// A row of a list, by its members.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// JSON pointer to the array.
    #[serde(rename = "in", default)]
    pub list: String,
    /// Further arrays that may have the row: which one does depends on what kind of thing it is.
    #[serde(rename = "or-in", default, skip_serializing_if = "Vec::is_empty")]
    pub or_in: Vec<String>,
    /// Members and their values.
    #[serde(rename = "where")]
    pub members: BTreeMap<String, Value>,
    /// How many such rows there must be at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<usize>,
    /// Members whose number may be that much less: seconds that are counted down.
    #[serde(rename = "less-by", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub less_by: BTreeMap<String, u32>,
    /// The requirement that this answers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

/// A value that is read by the contract's declared candidates.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Read {
    /// For example `backup.locations`.
    pub reading: String,
    /// Which row.
    pub key: String,
    /// Values it must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// Values it must not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
    /// It must have a value, whichever.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any: bool,
    /// It must have no other values than in the answer to this earlier step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_in: Option<String>,
    /// With `as-in`: values that may have come since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub but: Vec<String>,
    /// With `as-in`: not the row of `key`, but every other one that no fact names must have the same
    /// values as there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
    /// The requirement that this answers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

impl Read {
    /// The texts of it that may name facts.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let Self { key, includes, excludes, but, .. } = self;
        std::iter::once(key).chain(includes).chain(excludes).chain(but)
    }
}
