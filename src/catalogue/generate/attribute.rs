//! What can be wrong or odd about one attribute, and what the table says of it.
//!
//! Knows: a row of a table. Must not know: the rest of the request, beyond the form that it is a
//! part of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::Effect;
use crate::contract::{Attribute, Form, Operation, Presence, TableKind, Type};

use super::parts::{Parts, Values};
use super::right::combinations;
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

const LONG: usize = 4096;

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

    fn texts(&mut self, right: &str) {
        let name = self.attribute.name.clone();
        let valued = |list: &Self| match &list.attribute.rules.values {
            Some(requirement) => list.refused(requirement.clone()),
            None => list.observed("the page doesn't list the values"),
        };
        self.push(
            "empty",
            format!("with an empty {name}"),
            Change::Text(String::new()),
            valued(self),
            Level::Core,
        );
        for value in self.attribute.outside.clone() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.push(
                &format!("is-{}", slug(&text)),
                format!("with {name} {value}"),
                Change::of(&value),
                valued(self),
                Level::Core,
            );
        }
        self.borrowed();
        let is_path = self.parts.table.kind == TableKind::Path;
        if is_path || self.attribute.rules.values.is_none() {
            // Nothing is said of its values, so that there is nothing to try.
            return;
        }
        if !right.contains("{{") {
            let mut shorter = right.to_owned();
            shorter.pop();
            let closed = self.attribute.values.iter().any(|value| value.as_str() == Some(right));
            self.push(
                "cut-short",
                format!("with {name} \"{shorter}\""),
                Change::Text(shorter),
                valued(self),
                if closed { Level::Core } else { Level::All },
            );
            self.push(
                "with-more",
                format!("with {name} \"{right}x\""),
                Change::Text(format!("{right}x")),
                valued(self),
                Level::Core,
            );
            self.push(
                "twice",
                format!("with {name} \"{right},{right}\""),
                Change::Text(format!("{right},{right}")),
                valued(self),
                Level::All,
            );
            self.push(
                "quoted",
                format!("with quotation marks inside {name}"),
                Change::Text(format!("\"{right}\"")),
                valued(self),
                Level::All,
            );
            // Where the page lists words, a word in other letters isn't listed. Anything else may
            // mean the same in other letters.
            for (id, text) in [
                ("upper-case", right.to_uppercase()),
                ("lower-case", right.to_lowercase()),
                ("capitalised", super::capital(right)),
            ] {
                if closed && text != right {
                    self.push(
                        id,
                        format!("with {name} \"{text}\""),
                        Change::Text(text),
                        valued(self),
                        Level::Core,
                    );
                }
            }
        }
        let harmless =
            self.parts.form.observed.get(&name).and_then(Value::as_str).map(str::to_owned);
        if let Some(text) = harmless
            .as_ref()
            .map(|text| text.to_uppercase())
            .filter(|text| Some(text) != harmless.as_ref())
        {
            self.push(
                "upper-case",
                format!("with {name} in upper case"),
                Change::Text(text),
                self.observed("the page doesn't say whether the value is case-sensitive"),
                Level::Core,
            );
        }
        self.push(
            "very-long",
            format!("with {LONG} characters as {name}"),
            Change::Text("a".repeat(LONG)),
            valued(self),
            Level::Core,
        );
        self.push(
            "non-ascii",
            format!("with a non-ASCII {name}"),
            Change::Text("\u{e4}\u{4e2d}\u{1f512}".to_owned()),
            valued(self),
            Level::Core,
        );
        self.push(
            "wildcard",
            format!("with {name} \"*\""),
            Change::Text("*".to_owned()),
            valued(self),
            Level::All,
        );
        self.blanks("", right, None);
        self.near(right);
    }

    /// With blanks around it, a value is another one.
    fn blanks(&mut self, prefix: &str, text: &str, right: Option<&BTreeMap<String, Value>>) {
        let Some(requirement) = self.attribute.rules.values.clone() else { return };
        let name = self.attribute.name.clone();
        for (id, words, text, level) in [
            ("blank-before", "a leading space in", format!(" {text}"), Level::Core),
            ("blank-after", "a trailing space in", format!("{text} "), Level::Core),
            ("tab-after", "a trailing tab in", format!("{text}\t"), Level::All),
            ("line-end-after", "a trailing newline in", format!("{text}\n"), Level::All),
        ] {
            self.push_of(
                right,
                &format!("{prefix}{id}"),
                format!("with {words} {name}"),
                Change::Text(text),
                self.refused(requirement.clone()),
                level,
            );
        }
    }

    /// What is almost a value of the target, and isn't it.
    fn near(&mut self, own: &str) {
        let Some(requirement) = self.attribute.rules.values.clone() else { return };
        let name = self.attribute.name.clone();
        for value in self.attribute.exact.clone() {
            let Some(right) = self.with(&value) else { continue };
            let fact = value.trim_start_matches("{{").trim_end_matches("}}").trim().to_owned();
            let (prefix, right) = if value == own {
                (String::new(), None)
            } else {
                (format!("{}-", slug(&fact)), Some(right))
            };
            let right = right.as_ref();
            let mut misses = vec![
                ("cut-short", format!("with a truncated {name}"), "cut"),
                ("with-more", format!("with characters appended to the {name}"), "more"),
            ];
            if !self.attribute.either_case {
                misses.push((
                    "other-case",
                    format!("with {name} in another letter case"),
                    "other-case",
                ));
            }
            for (id, what, word) in misses {
                let change = Change::Text(format!("{{{{{fact}|{word}}}}}"));
                self.push_of(
                    right,
                    &format!("{prefix}{id}"),
                    what,
                    change,
                    self.refused(requirement.clone()),
                    Level::Core,
                );
            }
            if right.is_some() {
                self.blanks(&prefix, &value, right);
            }
        }
    }

    /// The right request that has this value, as near to that of the form as the page allows.
    fn with(&self, value: &str) -> Option<BTreeMap<String, Value>> {
        let name = &self.attribute.name;
        let mut right = self.parts.form.is.clone();
        right.insert(name.clone(), Value::from(value));
        let excepted =
            self.parts.table.except.iter().any(|except| {
                except.values.iter().all(|(name, value)| right.get(name) == Some(value))
            });
        if !excepted {
            return Some(right);
        }
        combinations(self.parts)
            .into_iter()
            .find(|values| values.get(name).and_then(Value::as_str) == Some(value))
    }

    /// Whether the page lists all values there are.
    fn is_closed(&self) -> bool {
        let values = &self.attribute.values;
        !values.is_empty()
            && values.iter().all(|value| value.as_str().is_some_and(|text| !text.contains("{{")))
    }

    /// What is right in another table isn't right here.
    fn borrowed(&mut self) {
        let name = self.attribute.name.clone();
        if self.parts.table.when.contains_key(&name) {
            return;
        }
        let Some(requirement) = self.attribute.rules.values.clone() else { return };
        let others: Vec<Form> = self
            .operation
            .request
            .tables
            .iter()
            .filter(|other| {
                other.name != self.parts.table.name && other.kind == self.parts.table.kind
            })
            .flat_map(|other| other.form.clone())
            .collect();
        for form in others {
            let Some(text) = form.is.get(&name).and_then(Value::as_str) else { continue };
            let change = Change::Text(text.to_owned());
            if self.push(
                &format!("is-{}", slug(text)),
                format!("with the {name} of {}", form.title),
                change,
                self.refused(requirement.clone()),
                Level::Core,
            ) && let Some(last) = self.found.last_mut()
            {
                // Taken for the other form, it does what that one does.
                last.worse = Some((form.effect, form.impact.clone()));
            }
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
