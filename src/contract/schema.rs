//! JSON Schemas of documented bodies, compiled once, and their errors traced back to requirements.
//!
//! Knows: JSON Schema 2020-12 and the `x-source` annotation. The only door to `jsonschema`. Must
//! not know: HTTP, cases, verdicts.

mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use jsonschema::{PatternOptions, Registry, Validator, error::ValidationErrorKind};
use serde_json::Value;

use crate::moment;
use crate::pointer::{escape, unescape};
use crate::problem::Problem;

use super::coverage::Shape;
use super::span::VERSIONS;

pub(super) use document::{Document, Documents, source};
use document::{referred, remember, requirements};

/// The format of a text that is a date, or a date and a time, in ISO 8601.
const ISO_8601: &str = "iso-8601";
/// The format of such a text as in RFC 3339 or the W3C note. What isn't ISO 8601 at all is left to
/// the other one, so that it is reported once.
const PROFILE: &str = "iso-8601-profile";

/// So many differences from one rule are kept of one body; the rest is counted. A body of a few MiB
/// can hold millions.
pub const MOST_ALIKE: usize = 1000;
/// What follows the number of further places.
pub(crate) const MORE_PLACES: &str = "more places like these";
/// The most values of a body in which all differences are looked for; above, only the first.
pub const MOST_VALUES: usize = 100_000;

/// All schemas, by `$id`.
pub struct Schemas {
    documents: Documents,
    linked: Linked,
}

/// What is known of documents once their references to one another resolve.
pub(super) struct Linked {
    /// Each is built when a body is first held against it: a run needs few of them, and all
    /// together take most of the time and memory of a start.
    validators: BTreeMap<String, OnceLock<Option<Validator>>>,
    /// Each is collected when it is first asked for, for the same reason.
    requirements: BTreeMap<String, OnceLock<BTreeSet<String>>>,
    /// Each is made when a body is first walked along it.
    shapes: BTreeMap<String, OnceLock<Shape>>,
    /// Whether any of them gives versions to values.
    dated: bool,
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.documents.keys()).finish()
    }
}

/// One rule that a body broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The requirement whose rule it is.
    pub requirement: String,
    /// JSON pointer into the body; for an absent member, where it should be.
    pub pointer: String,
    /// What the rule asks for.
    pub expected: String,
    /// What was there.
    pub actual: String,
    /// How many further places of its requirement it represents, if any.
    pub more: Option<u64>,
    /// Whether the rule lists all values that are right.
    pub closed: bool,
}

fn violation(requirement: String, error: &jsonschema::ValidationError<'_>) -> Violation {
    let mut pointer = error.instance_path().as_str().to_owned();
    let (expected, actual) = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            pointer.push('/');
            pointer.push_str(&escape(name));
            (format!("a member `{name}`"), "absent".to_owned())
        }
        kind => (expectation(kind), shown(error.instance())),
    };
    let closed = matches!(error.kind(), ValidationErrorKind::Enum { .. });
    Violation { requirement, pointer, expected, actual, more: None, closed }
}

impl Linked {
    /// Of documents that were loaded together before, such as those that are built in.
    pub(super) fn known(documents: &Documents) -> Self {
        Self {
            validators: documents.keys().map(|id| (id.clone(), OnceLock::new())).collect(),
            requirements: documents.keys().map(|id| (id.clone(), OnceLock::new())).collect(),
            shapes: documents.keys().map(|id| (id.clone(), OnceLock::new())).collect(),
            dated: documents.values().any(Document::gives_versions),
        }
    }

    /// Resolves the references between the documents; each must carry an `$id`.
    pub(super) fn new(documents: &Documents) -> Result<Self, Vec<Problem>> {
        let mut registry = Registry::new();
        for (id, document) in documents {
            registry = match registry.add(id.as_str(), document.value()) {
                Ok(registry) => registry,
                Err(error) => {
                    return Err(vec![Problem::new(
                        &document.file,
                        format!("the schema can't be registered: {error}"),
                    )]);
                }
            };
        }
        if let Err(error) = registry.prepare() {
            return Err(vec![Problem::new(
                "schemas",
                format!("a reference between schemas doesn't resolve: {error}"),
            )]);
        }
        Ok(Self::known(documents))
    }

    /// Compiles those that aren't known to compile, and says what is wrong with those that don't;
    /// `is_known` is asked about the name of a file.
    pub(super) fn problems(
        &self,
        documents: &Documents,
        is_known: impl Fn(&str) -> bool,
    ) -> Vec<Problem> {
        let new: BTreeSet<&str> = documents
            .iter()
            .filter(|(_, document)| !is_known(&document.file))
            .map(|(id, _)| id.as_str())
            .collect();
        let mut problems = Vec::new();
        for (id, kept) in &self.validators {
            if new.is_empty() || referred(documents, id).iter().all(|id| !new.contains(id.as_str()))
            {
                continue;
            }
            match build(documents, id) {
                Ok(validator) => {
                    kept.get_or_init(|| Some(validator));
                }
                Err(what) => problems.push(Problem::new(
                    documents.get(id).map_or(id, |document| &document.file),
                    format!("the schema doesn't compile: {what}"),
                )),
            }
        }
        problems
    }
}

impl Schemas {
    /// Documents whose references resolve.
    pub(super) fn new(documents: Documents, linked: Linked) -> Self {
        Self { documents, linked }
    }

    /// What is wrong with schemas that don't compile.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        self.linked.problems(&self.documents, |_| false)
    }

    /// The validator of a schema; none of one that doesn't exist or compile, which `load` refuses.
    fn validator(&self, id: &str) -> Option<&Validator> {
        self.linked.validators.get(id)?.get_or_init(|| build(&self.documents, id).ok()).as_ref()
    }

    /// A schema as a walk along a body needs it.
    pub(super) fn shape(&self, id: &str) -> Option<&Shape> {
        Some(self.linked.shapes.get(id)?.get_or_init(|| Shape::of(self, id)))
    }

    /// The ids of all schemas.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(String::as_str)
    }

    /// Whether any of them gives versions to values.
    pub(super) fn gives_versions(&self) -> bool {
        self.linked.dated
    }

    /// A schema as written.
    #[must_use]
    pub fn document(&self, id: &str) -> Option<&Value> {
        self.documents.get(id).map(Document::value)
    }

    /// Every requirement whose rule stands in a schema or in one that it refers to.
    pub fn requirements(&self, id: &str) -> impl Iterator<Item = &String> {
        let kept = self.linked.requirements.get(id);
        kept.map(|kept| kept.get_or_init(|| requirements(&self.documents, id)))
            .into_iter()
            .flatten()
    }

    /// Every rule that `body` breaks, each at its place. An unknown id is a bug of the caller and
    /// breaks nothing; `load` refuses one.
    #[must_use]
    pub fn violations(&self, id: &str, body: &Value) -> Vec<Violation> {
        let Some(validator) = self.validator(id) else { return Vec::new() };
        // Most bodies are right, and that is told in half the time that a list of errors takes.
        if validator.is_valid(body) {
            return Vec::new();
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut violations: Vec<Violation> = Vec::new();
        for error in validator.iter_errors(body) {
            let requirement = self.source_of(id, error.evaluation_path().as_str());
            let count = counts.entry(requirement.clone()).or_default();
            *count += 1;
            if *count <= MOST_ALIKE {
                violations.push(violation(requirement, &error));
            }
        }
        let flooded = counts.into_iter().filter(|(_, count)| *count > MOST_ALIKE);
        violations.extend(flooded.map(|(requirement, count)| Violation {
            requirement,
            pointer: String::new(),
            expected: "the same as above".to_owned(),
            actual: format!("{} {MORE_PLACES}", count - MOST_ALIKE),
            more: Some((count - MOST_ALIKE) as u64),
            closed: false,
        }));
        violations
    }

    /// The first rule that `body` breaks: the validator holds every error at once, which a body of
    /// millions of values turns into gigabytes.
    #[must_use]
    pub fn first_violation(&self, id: &str, body: &Value) -> Option<Violation> {
        let error = self.validator(id)?.validate(body).err()?;
        Some(violation(self.source_of(id, error.evaluation_path().as_str()), &error))
    }

    /// Whether `body` satisfies the schema.
    #[must_use]
    pub fn satisfied(&self, id: &str, body: &Value) -> bool {
        self.validator(id).is_some_and(|validator| validator.is_valid(body))
    }

    /// The subschema that a `$ref` names, and the document it stands in.
    pub(super) fn resolve<'a>(
        &'a self,
        document: &'a Value,
        reference: &str,
    ) -> Option<(&'a Value, &'a Value)> {
        let (base, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if base.is_empty() { document } else { self.documents.get(base)?.value() };
        Some((document, document.pointer(pointer)?))
    }

    /// The requirement of the nearest `x-source` on the way that the evaluation took.
    fn source_of(&self, id: &str, path: &str) -> String {
        let mut found = String::new();
        let Some(mut document) = self.document(id) else { return found };
        let mut here = document;
        let mut tokens = path.split('/').skip(1).map(unescape);
        // The validator was built on a bare reference to the document.
        let first = tokens.next();
        let mut pending = first.filter(|token| token != "$ref");
        remember(here, &mut found);
        while let Some(token) = pending.take().or_else(|| tokens.next()) {
            if token == "$ref" {
                let Some((next_document, next)) = here
                    .get("$ref")
                    .and_then(Value::as_str)
                    .and_then(|reference| self.resolve(document, reference))
                else {
                    break;
                };
                (document, here) = (next_document, next);
            } else {
                let next = match here {
                    Value::Array(list) => {
                        token.parse::<usize>().ok().and_then(|index| list.get(index))
                    }
                    other => other.get(token.as_str()),
                };
                let Some(next) = next else { break };
                here = next;
            }
            remember(here, &mut found);
        }
        found
    }
}

/// The validator of one document; what is wrong with it otherwise.
fn build(documents: &Documents, id: &str) -> Result<Validator, String> {
    // Those that it refers to and no others: a registry of all would cost more than the validator.
    let referred = referred(documents, id);
    let places: BTreeMap<&str, usize> = referred.iter().map(String::as_str).zip(0..).collect();
    let mut registry = Registry::new();
    for (id, place) in &places {
        let Some(document) = documents.get(*id) else { continue };
        let rules = rules(document.value(), &places);
        registry = registry.add(address(*place), rules).map_err(|error| error.to_string())?;
    }
    let registry = registry.prepare().map_err(|error| error.to_string())?;
    jsonschema::draft202012::options()
        .with_registry(&registry)
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format(ISO_8601, |text: &str| moment::read(text).is_some())
        .with_format(PROFILE, |text: &str| {
            moment::read(text).is_none_or(|(form, _)| form == moment::Form::Profile)
        })
        .with_pattern_options(PatternOptions::regex())
        .build(&serde_json::json!({ "$ref": places.get(id).copied().map(address) }))
        .map_err(|error| format!("{error} at `{}`", error.instance_path()))
}

/// The address of a document for the validator, which writes an address of its own for each of its
/// nodes where the scheme is another one. Nobody reads those.
fn address(place: usize) -> String {
    format!("json-schema:///{place}")
}

/// The rules of a schema. A validator would keep a copy of every annotation for each place that
/// refers to it, which takes more memory than what checks; who needs one reads the document.
fn rules(schema: &Value, places: &BTreeMap<&str, usize>) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    let below = |schema: &Value| rules(schema, places);
    let checking = keywords.iter().filter(|(keyword, _)| {
        !["$schema", "$id", "title", "description", "x-source", VERSIONS]
            .contains(&keyword.as_str())
    });
    let written = checking.map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("$ref", Value::String(reference)) => {
                let (base, pointer) = reference.split_once('#').unwrap_or((reference, ""));
                places.get(base).map_or_else(
                    || value.clone(),
                    |place| format!("{}#{pointer}", address(*place)).into(),
                )
            }
            ("properties" | "$defs", Value::Object(schemas)) => {
                schemas.iter().map(|(name, schema)| (name.clone(), below(schema))).collect()
            }
            ("allOf", Value::Array(schemas)) => schemas.iter().map(below).collect(),
            ("items" | "additionalProperties" | "if" | "then" | "else" | "not", schema) => {
                below(schema)
            }
            (_, value) => value.clone(),
        };
        (keyword.clone(), value)
    });
    written.collect()
}

fn expectation(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind } => match kind {
            jsonschema::error::TypeKind::Single(one) => format!("type {one}"),
            jsonschema::error::TypeKind::Multiple(many) => format!(
                "type {}",
                many.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
            ),
        },
        ValidationErrorKind::Enum { options } => {
            let words = options.as_array().map(|options| {
                options
                    .iter()
                    .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
            });
            format!("one of {}", words.unwrap_or_default().join(", "))
        }
        ValidationErrorKind::Constant { expected_value } => format!("the value {expected_value}"),
        ValidationErrorKind::Pattern { pattern } => format!("a text that matches {pattern}"),
        ValidationErrorKind::Format { format } if format == ISO_8601 => {
            "a date, or a date and a time, in ISO 8601".to_owned()
        }
        ValidationErrorKind::Format { format } if format == PROFILE => {
            "a time as RFC 3339 or the W3C note writes it".to_owned()
        }
        ValidationErrorKind::Format { format } => format!("the format {format}"),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::MinLength { limit } => format!("at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit: 0 } => "an empty text".to_owned(),
        ValidationErrorKind::MaxLength { limit } => format!("at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("at least {limit} rows"),
        other => format!("the keyword `{}` to hold", other.keyword()),
    }
}

/// A value as evidence: JSON text, cut to what a person reads.
#[must_use]
pub(crate) fn shown(value: &Value) -> String {
    cut(&value.to_string())
}

/// A text as evidence, cut to what a person reads.
#[must_use]
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 160;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST).collect();
    format!("{kept}… ({} bytes)", text.len())
}
