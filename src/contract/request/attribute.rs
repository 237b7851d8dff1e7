//! One row of a request table: an attribute with its type, its values and its rules.
//!
//! Knows: what the table says of one attribute. Must not know: the other rows, how a request is
//! made of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use strum::IntoStaticStr;

use crate::terms::Effect;

/// One row of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Whether it has to be there.
    pub presence: Presence,
    /// For `required-if`: the attributes and the values of which one makes it required.
    #[serde(rename = "if", default)]
    pub condition: BTreeMap<String, Vec<Value>>,
    /// Its JSON type; none where the page has none.
    #[serde(rename = "type")]
    pub kind: Option<Type>,
    /// The type of the items of an array.
    pub items: Option<Type>,
    /// The documented values. A text with `{{fact}}` stands for a value of the target.
    #[serde(default)]
    pub values: Vec<Value>,
    /// Values that are surely wrong, besides those that are derived.
    #[serde(default)]
    pub outside: Vec<Value>,
    /// Which of the values that stand for facts are spoilt into near misses: no other value of the
    /// target can be almost the same.
    #[serde(default)]
    pub exact: Vec<String>,
    /// Whether a value in other letters means the same, or may do.
    #[serde(default)]
    pub either_case: bool,
    /// The requirement that each rule is bound to.
    #[serde(default)]
    pub rules: Rules,
    /// The statuses of a refusal.
    #[serde(default = "bad_request")]
    pub status: Vec<u16>,
    /// What an appliance may do that has to guess, because the attribute is missing or wrong.
    pub guess: Option<Guess>,
}

fn bad_request() -> Vec<u16> {
    vec![400]
}

/// Whether an attribute has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Always.
    Required,
    /// Never.
    Optional,
    /// When a condition holds.
    RequiredIf,
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Type {
    /// Text.
    String,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl Type {
    /// The word of JSON Schema.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The requirements of an attribute's rules; a rule without one isn't asked for, only observed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// A request without it is refused.
    pub required: Option<String>,
    /// One of another type is refused.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// A value that isn't documented is refused.
    pub values: Option<String>,
    /// The documented values are accepted, where a statement says so apart from `values`.
    pub accepted: Option<String>,
}

impl Rules {
    /// The requirements that are named.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        [&self.required, &self.kind, &self.values, &self.accepted].into_iter().flatten()
    }
}

/// What an appliance may do that has to guess.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guess {
    /// The worst effect.
    pub effect: Effect,
    /// The same in words.
    pub impact: String,
}
