//! What a schema file may say: keywords, conditions, and the source of each rule.
//!
//! Knows: the keywords of our schemas, and the register. Must not know: how a body is validated.

use serde_json::{Map, Value};

use super::super::span::{Span, VERSIONS};
use super::Loader;
use crate::pointer::escape;

/// Keywords that our schemas may use; each is known to the validator, to the coverage walk, and to
/// the reader of a finding.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "x-source",
    VERSIONS,
    "type",
    "required",
    "properties",
    "items",
    "allOf",
    "if",
    "then",
    "else",
    "not",
    "const",
    "enum",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "additionalProperties",
];

/// Those that can be broken, and so need a requirement.
const CAN_FAIL: &[&str] = &[
    "type",
    "required",
    "const",
    "enum",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
];

impl Loader {
    pub(super) fn check_schema(
        &mut self,
        file: &str,
        schema: &Value,
        pointer: &str,
        sourced: bool,
    ) {
        let Some(members) = schema.as_object() else {
            self.problem(file, format!("a schema must be an object at `{pointer}`"));
            return;
        };
        if let Some(unknown) = members.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
            self.problem(
                file,
                format!(
                    "unknown keyword `{unknown}` at `{pointer}`; accepted are {}",
                    KEYWORDS.join(", ")
                ),
            );
        }
        if let Some(source) = members.get("x-source") {
            self.check_source(file, source, pointer);
        }
        if let Some(versions) = members.get(VERSIONS) {
            self.check_versions(file, members, versions, pointer);
        }
        for keyword in ["then", "else"]
            .into_iter()
            .filter(|keyword| members.contains_key(*keyword) && !members.contains_key("if"))
        {
            self.problem(
                file,
                format!("`{keyword}` at `{pointer}` has no `if` beside it, so it never applies"),
            );
        }
        if let Some(part) = members.get("if") {
            self.check_condition(file, part, &format!("{pointer}/if"));
        }
        if let Some(part) = members.get("not") {
            self.check_unsourced(file, part, &format!("{pointer}/not"));
        }
        let sourced = sourced || members.contains_key("x-source");
        let condition = pointer.ends_with("/if") || pointer.ends_with("/not");
        if let Some(keyword) = members
            .keys()
            .find(|key| CAN_FAIL.contains(&key.as_str()))
            .filter(|_| !sourced && !condition)
        {
            self.problem(
                file,
                format!("the rule `{keyword}` at `{pointer}` has no x-source, on itself or above"),
            );
        }
        for keyword in ["properties", "$defs"] {
            for (name, part) in
                members.get(keyword).and_then(Value::as_object).into_iter().flatten()
            {
                self.check_schema(
                    file,
                    part,
                    &format!("{pointer}/{keyword}/{name}"),
                    sourced && keyword == "properties",
                );
            }
        }
        for keyword in ["items", "if", "then", "else", "not", "additionalProperties"] {
            if let Some(part) = members.get(keyword) {
                self.check_schema(file, part, &format!("{pointer}/{keyword}"), sourced);
            }
        }
        for (index, part) in
            members.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            self.check_schema(file, part, &format!("{pointer}/allOf/{index}"), sourced);
        }
    }

    /// The walk that counts what a body reached decides a condition by itself. What it doesn't know
    /// would count as met.
    fn check_condition(&mut self, file: &str, condition: &Value, pointer: &str) {
        for (keyword, part) in condition.as_object().into_iter().flatten() {
            let at = format!("{pointer}/{keyword}");
            match keyword.as_str() {
                "required" | "description" => {}
                "type" | "const" => {
                    if keyword == "const" && part.is_number() {
                        self.problem(
                            file,
                            format!(
                                "the condition `{at}` is a number, which can be written in \
                                    several ways; use `type`"
                            ),
                        );
                    }
                }
                "not" => self.check_condition(file, part, &at),
                "properties" => {
                    for (name, rule) in part.as_object().into_iter().flatten() {
                        if rule.as_object().is_none_or(|rule| {
                            rule.len() != 1 || rule.get("const").is_none_or(Value::is_number)
                        }) {
                            self.problem(
                                file,
                                format!(
                                    "the condition `{at}/{name}` may only be a `const` that \
                                        isn't a number: coverage supports nothing else"
                                ),
                            );
                        }
                    }
                }
                _ => self.problem(
                    file,
                    format!(
                        "coverage doesn't support the keyword `{keyword}` at `{pointer}`; a \
                            condition may have required, properties with const, const, type and \
                            not"
                    ),
                ),
            }
        }
    }

    /// A rule that mustn't hold exercises nothing, so that a source in it would never be counted.
    fn check_unsourced(&mut self, file: &str, part: &Value, pointer: &str) {
        match part {
            Value::Object(members) => {
                for (name, inner) in members {
                    if name == "x-source" || name == "$ref" {
                        self.problem(
                            file,
                            format!(
                                "`{name}` at `{pointer}` is below `not`, where nothing counts as \
                                    exercised; put the source beside the `not`"
                            ),
                        );
                    }
                    self.check_unsourced(file, inner, &format!("{pointer}/{}", escape(name)));
                }
            }
            Value::Array(parts) => parts.iter().enumerate().for_each(|(index, inner)| {
                self.check_unsourced(file, inner, &format!("{pointer}/{index}"));
            }),
            _ => {}
        }
    }

    /// Values that came or went with a version stand among those that may come, with the
    /// requirement that lists them.
    fn check_versions(
        &mut self,
        file: &str,
        members: &Map<String, Value>,
        versions: &Value,
        pointer: &str,
    ) {
        if !members.contains_key("enum") || !members.contains_key("x-source") {
            self.problem(
                file,
                format!("`{VERSIONS}` at `{pointer}` needs `enum` and `x-source` beside it"),
            );
        }
        let listed = members.get("enum").and_then(Value::as_array);
        for (value, span) in versions.as_object().into_iter().flatten() {
            if !listed.is_some_and(|listed| listed.iter().any(|one| one.as_str() == Some(value))) {
                self.problem(
                    file,
                    format!("`{VERSIONS}` at `{pointer}` names `{value}`, which `enum` hasn't"),
                );
            }
            if Span::of_value(span).is_none_or(|span| span.is_empty()) {
                self.problem(
                    file,
                    format!(
                        "`{VERSIONS}` at `{pointer}` gives `{value}` no `since` and `until` that \
                        are versions such as 4.1.0, the first below the second"
                    ),
                );
            }
        }
        if versions.as_object().is_none_or(Map::is_empty) {
            self.problem(
                file,
                format!(
                    "`{VERSIONS}` at `{pointer}` must be an object of values, such as {{\"a\": \
                    {{\"since\": \"2.6.0\"}}}}"
                ),
            );
        }
    }

    fn check_source(&mut self, file: &str, source: &Value, pointer: &str) {
        let text = |name: &str| source.get(name).and_then(Value::as_str);
        let Some(id) = text("requirement") else {
            self.problem(file, format!("x-source at `{pointer}` names no requirement"));
            return;
        };
        let Some((_, requirement)) = self.requirements.get(id).cloned() else {
            self.problem(
                file,
                format!("x-source at `{pointer}` names the unregistered requirement `{id}`"),
            );
            return;
        };
        let same = text("basis") == Some(requirement.basis.word())
            && text("place") == Some(requirement.place.as_str())
            && text("erratum") == requirement.erratum.as_deref();
        if !same {
            let what = format!(
                "x-source at `{pointer}` differs from the register of `{id}`: basis {}, place \
                \"{}\", erratum {:?}",
                requirement.basis.word(),
                requirement.place,
                requirement.erratum
            );
            self.problem(file, what);
        }
        if requirement.excluded.is_some() {
            self.problem(
                file,
                format!("the requirement `{id}` is excluded, but a rule at `{pointer}` checks it"),
            );
        }
    }
}
