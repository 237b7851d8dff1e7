//! What can be wrong or odd about an attribute that is a text: other values, and what almost is
//! one.
//!
//! Knows: a row of a table, and the values of the tables beside it. Must not know: values of other
//! types.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::generate::Level;
use crate::catalogue::generate::right::combinations;
use crate::contract::{Form, TableKind};

use super::{Change, List, slug};

const LONG: usize = 4096;

impl List<'_> {
    pub(super) fn texts(&mut self, right: &str) {
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
                ("capitalised", super::super::capital(right)),
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
    pub(super) fn is_closed(&self) -> bool {
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
}
