//! What can be wrong or odd about one attribute, and what the table says of it.
//!
//! Knows: a row of a table. Must not know: the rest of the request, beyond the form that it is a
//! part of.

mod texts;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::Effect;
use crate::contract::{Attribute, Operation, Presence, Type};

use super::parts::{Parts, Values};
use super::{Derived, Draft, Level, Maker, Outcome};

/// What stands in the place of a right value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::catalogue) enum Change {
    /// Nothing: the attribute isn't there.
    Remove,
    /// A text.
    Text(String),
    /// JSON that is no text.
    Json(String),
}

impl Change {
    pub(in crate::catalogue) fn of(value: &Value) -> Self {
        value
            .as_str()
            .map_or_else(|| Self::Json(value.to_string()), |text| Self::Text(text.to_owned()))
    }

    /// As a JSON value; none where nothing is there.
    pub(in crate::catalogue) fn json(&self) -> Option<String> {
        match self {
            Self::Remove => None,
            Self::Text(text) => Some(Value::from(text.as_str()).to_string()),
            Self::Json(text) => Some(text.clone()),
        }
    }
}

/// One change of one attribute.
#[derive(Debug, Clone)]
pub(in crate::catalogue) struct Mutation {
    /// Last part of the id.
    pub(in crate::catalogue) id: String,
    /// After `A copy`.
    pub(in crate::catalogue) what: String,
    pub(in crate::catalogue) change: Change,
    /// The right request that is changed, where it isn't that of the form.
    pub(in crate::catalogue) right: Option<BTreeMap<String, Value>>,
    pub(in crate::catalogue) outcome: Outcome,
    pub(in crate::catalogue) level: Level,
    pub(in crate::catalogue) worse: Option<(Effect, String)>,
}

/// A case per change of each attribute of each form.
pub(super) fn cases(maker: &Maker<'_>, derived: &mut Vec<Derived>) {
    for parts in Parts::of(maker.operation) {
        for attribute in &parts.table.attribute {
            for mutation in mutations(maker.operation, &parts, attribute) {
                let Mutation { id, what, change, right, outcome, level, worse } = mutation;
                let mut values = match (&right, &outcome) {
                    (Some(right), _) => parts.with(right),
                    (None, Outcome::Refused { .. }) => parts.values(),
                    (None, Outcome::Observed { .. }) => parts.harmless(),
                };
                set(&parts, &mut values, &attribute.name, change);
                let request = parts.request(&values);
                derived.push(maker.single(Draft {
                    parts: &parts,
                    id: format!("{}/{id}", attribute.name),
                    what,
                    request,
                    outcome,
                    level,
                    worse,
                }));
            }
        }
    }
}

/// Puts a value into its place, which is that of its row where it wasn't there.
pub(in crate::catalogue) fn set(
    parts: &Parts<'_>,
    values: &mut Values,
    name: &str,
    change: Change,
) {
    if let Some((_, value)) = values.iter_mut().find(|(other, _)| other == name) {
        *value = change;
        return;
    }
    values.push((name.to_owned(), change));
    values.sort_by_key(|(name, _)| {
        parts.table.attribute.iter().position(|attribute| attribute.name == *name)
    });
}

/// The changes of one attribute, the plain ones first.
pub(in crate::catalogue) fn mutations(
    operation: &Operation,
    parts: &Parts<'_>,
    attribute: &Attribute,
) -> Vec<Mutation> {
    let list = List { operation, parts, attribute, found: Vec::new(), seen: BTreeSet::new() };
    list.all()
}

struct List<'a> {
    operation: &'a Operation,
    parts: &'a Parts<'a>,
    attribute: &'a Attribute,
    found: Vec<Mutation>,
    seen: BTreeSet<Change>,
}

impl List<'_> {
    fn all(mut self) -> Vec<Mutation> {
        let name = &self.attribute.name;
        let Some(right) = self.parts.form.is.get(name).cloned() else {
            self.superfluous();
            return self.found;
        };
        // What the form sends is right, and so is each documented value.
        self.seen.insert(Change::of(&right));
        self.seen.extend(self.attribute.values.iter().map(Change::of));
        if let Some(requirement) = self.attribute.rules.required.clone() {
            self.push(
                "missing",
                format!("without {name}"),
                Change::Remove,
                self.refused(requirement),
                Level::Core,
            );
        }
        if self.parts.in_body() {
            self.types(&right);
        }
        if matches!(self.attribute.kind, None | Some(Type::String))
            && let Some(text) = right.as_str()
        {
            self.texts(text);
        }
        self.found
    }

    /// An attribute that this form has no need of.
    fn superfluous(&mut self) {
        if self.attribute.presence != Presence::RequiredIf || !self.parts.in_body() {
            return;
        }
        let value = self.parts.table.form.iter().find_map(|form| {
            form.observed.get(&self.attribute.name).or_else(|| form.is.get(&self.attribute.name))
        });
        if let Some(value) = value.cloned() {
            let what = format!("with a superfluous {}", self.attribute.name);
            self.push(
                "superfluous",
                what,
                Change::of(&value),
                self.observed(
                    "the page requires it under a condition that isn't met here, and nowhere \
                        forbids it",
                ),
                Level::Core,
            );
        }
    }

    fn types(&mut self, right: &Value) {
        let name = self.attribute.name.clone();
        let typed = |list: &Self| match &list.attribute.rules.kind {
            Some(requirement) => list.refused(requirement.clone()),
            // Where words are listed, what is no text is none of them.
            None => match list.attribute.rules.values.as_ref().filter(|_| list.is_closed()) {
                Some(requirement) => list.refused(requirement.clone()),
                None => list.observed("the page gives it no type"),
            },
        };
        // What is only observed must do no harm, also inside a list.
        let inside = if matches!(typed(self), Outcome::Refused { .. }) {
            right
        } else {
            self.parts.form.observed.get(&name).unwrap_or(right)
        };
        let quoted = inside.to_string();
        let mut others: Vec<(&str, String, String, Level)> =
            vec![("null", "null".to_owned(), "null".to_owned(), Level::Core)];
        let mut add = |id: &'static str, words: &str, json: String, level| {
            others.push((id, words.to_owned(), json, level));
        };
        let kind = self.attribute.kind.unwrap_or(Type::String);
        if kind != Type::Integer && kind != Type::Number {
            add("number", "a number", "17".to_owned(), Level::Core);
            add("zero", "zero", "0".to_owned(), Level::Core);
            add("one", "a one", "1".to_owned(), Level::All);
        }
        if kind != Type::Number {
            add(
                "fraction",
                "a fractional number",
                "5.5".to_owned(),
                if kind == Type::Integer { Level::Core } else { Level::All },
            );
        }
        if kind != Type::Boolean {
            add("true", "true", "true".to_owned(), Level::Core);
            add("false", "false", "false".to_owned(), Level::All);
        }
        if kind != Type::Array {
            add("list", "a list that contains the valid value", format!("[{quoted}]"), Level::Core);
            add("empty-list", "an empty list", "[]".to_owned(), Level::All);
        }
        if kind != Type::Object {
            add(
                "object",
                "an object that contains the valid value",
                format!("{{ \"value\": {quoted} }}"),
                Level::Core,
            );
            add("empty-object", "an empty object", "{}".to_owned(), Level::All);
        }
        if kind == Type::Array && self.attribute.items == Some(Type::String) {
            add("list-of-numbers", "a list of numbers", "[17]".to_owned(), Level::Core);
        }
        if kind != Type::String {
            // Not a number in quotes: an appliance may read that as the number, and would be no
            // more than lenient.
            add("text", "a word", "\"lxca-conform\"".to_owned(), Level::Core);
            add("empty-text", "an empty text", "\"\"".to_owned(), Level::Core);
        }
        for (id, words, json, level) in others {
            let change =
                serde_json::from_str(&json).map_or(Change::Json(json), |value| Change::of(&value));
            self.push(id, format!("with {words} as {name}"), change, typed(self), level);
        }
    }

    fn refused(&self, requirement: String) -> Outcome {
        Outcome::Refused { requirement, status: self.attribute.status.clone() }
    }

    fn observed(&self, why: &str) -> Outcome {
        let rules = &self.attribute.rules;
        let requirement = rules
            .values
            .as_ref()
            .or(rules.kind.as_ref())
            .or(rules.required.as_ref())
            .or(self.operation.request.open.body.as_ref());
        Outcome::Observed {
            requirement: requirement.cloned().unwrap_or_default(),
            why: why.to_owned(),
        }
    }

    /// False where the same was there already.
    fn push(
        &mut self,
        id: &str,
        what: String,
        change: Change,
        outcome: Outcome,
        level: Level,
    ) -> bool {
        self.push_of(None, id, what, change, outcome, level)
    }

    fn push_of(
        &mut self,
        right: Option<&BTreeMap<String, Value>>,
        id: &str,
        what: String,
        change: Change,
        outcome: Outcome,
        level: Level,
    ) -> bool {
        let nowhere =
            matches!(&outcome, Outcome::Observed { requirement, .. } if requirement.is_empty());
        if nowhere
            || self.found.iter().any(|other| other.id == id)
            || !self.seen.insert(change.clone())
        {
            return false;
        }
        let worse = self.attribute.guess.as_ref().map(|guess| (guess.effect, guess.impact.clone()));
        self.found.push(Mutation {
            id: id.to_owned(),
            what,
            change,
            right: right.cloned(),
            outcome,
            level,
            worse,
        });
        true
    }
}

/// A value as a part of an id.
pub(in crate::catalogue) fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.join("-").chars().take(48).collect()
}
