//! Which rules a body reached, and which of its members no page names.
//!
//! Knows: the few keywords that our schemas use (see `docs/schema-format.md`). It walks schema and
//! body side by side, so that one wrong member doesn't hide what the rest of the body exercised, as
//! dropped annotations of a failed schema would. Must not know: validity.

mod shape;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;

use super::schema::Schemas;
use super::span::Span;
use crate::pointer::escape;

use shape::Applied;

pub(super) use shape::Shape;

/// What one body reached.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many places of the body each requirement's rules applied to.
    pub reached: BTreeMap<Arc<str>, u64>,
    /// Members that no page names, as pointers.
    pub undocumented: Vec<String>,
    /// Members and values that a page gives to other versions than the appliance's.
    pub foreign: Vec<Foreign>,
}

/// A member or a value that is documented, and for other versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// The requirement that describes it.
    pub requirement: String,
    /// Where it stands.
    pub pointer: String,
    /// The versions that it is documented for.
    pub span: Span,
    /// Whether it is the value; else it is the member.
    pub value: bool,
}

/// Which versions statements are about, and which one the appliance has, as far as that is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Versions<'a> {
    /// By requirement; those that aren't here are about every version.
    pub spans: Option<&'a BTreeMap<String, Span>>,
    /// The appliance's.
    pub version: Option<&'a semver::Version>,
}

impl<'a> Versions<'a> {
    fn beyond(&self, requirement: &str) -> Option<&'a Span> {
        let span = self.spans?.get(requirement)?;
        span.beyond(self.version).filter(|beyond| beyond.is_settled()).map(|_| span)
    }
}

/// The most undocumented members of one body that are distinguished.
const MOST_UNDOCUMENTED: usize = 1000;

/// So many members and values of other versions of one body are told apart.
const MOST_FOREIGN: usize = 1000;

/// Walks `body` along the schema `id`.
#[must_use]
pub fn survey(schemas: &Schemas, id: &str, body: &Value) -> Coverage {
    survey_at(schemas, id, body, Versions::default())
}

/// The same for the answer of an appliance whose version may be known.
#[must_use]
pub fn survey_at(schemas: &Schemas, id: &str, body: &Value, versions: Versions<'_>) -> Coverage {
    let Some(shape) = schemas.shape(id) else { return Coverage::default() };
    let mut walk = Walk {
        shape,
        // Most contracts say nothing of versions, and this is the hot path.
        versions: Some(versions).filter(|versions| {
            versions.version.is_some()
                && (schemas.gives_versions() || versions.spans.is_some_and(|all| !all.is_empty()))
        }),
        reached: vec![0; shape.ids.len()],
        undocumented: Vec::new(),
        foreign: BTreeMap::new(),
    };
    walk.value(shape.root(), body, &Place { above: None, step: Step::Body });
    let counted = shape.ids.iter().zip(walk.reached).filter(|(_, count)| *count > 0);
    Coverage {
        reached: counted.map(|(id, count)| (Arc::clone(id), count)).collect(),
        undocumented: walk.undocumented,
        foreign: walk.foreign.into_values().collect(),
    }
}

struct Walk<'a> {
    shape: &'a Shape,
    versions: Option<Versions<'a>>,
    /// Counts, by the place of the requirement in the shape.
    reached: Vec<u64>,
    undocumented: Vec<String>,
    /// By place, so that a member of another version is told once.
    foreign: BTreeMap<String, Foreign>,
}

/// A subschema and the document that it stands in, the document first.
pub(super) type At<'a> = (&'a Value, &'a Value);

/// Where a value stands. Few places are ever told, so that none is written before.
struct Place<'p> {
    above: Option<&'p Place<'p>>,
    step: Step<'p>,
}

enum Step<'p> {
    Body,
    Member(&'p str),
    Item(usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        let mut pointer = self.above.map(Self::pointer).unwrap_or_default();
        match self.step {
            Step::Body => {}
            Step::Member(name) => {
                pointer.push('/');
                pointer.push_str(&escape(name));
            }
            Step::Item(index) => drop(write!(pointer, "/{index}")),
        }
        pointer
    }
}

impl<'a> Walk<'a> {
    fn value(&mut self, parts: &[u32], value: &Value, place: &Place<'_>) {
        let applied = self.shape.applied(parts, value);
        for source in &*applied.sources {
            self.reached[*source as usize] += 1;
        }
        if let Some(versions) = self.versions {
            self.compare(versions, &applied, value, place);
        }
        match value {
            Value::Object(members) => {
                let mut below = Vec::new();
                for (name, member) in members {
                    below.clear();
                    applied.member(name, &mut below);
                    let place = Place { above: Some(place), step: Step::Member(name) };
                    if !below.is_empty() {
                        self.value(&below, member, &place);
                    } else if !applied.rest.is_empty() {
                        self.value(&applied.rest, member, &place);
                    } else if applied.describes() && self.undocumented.len() < MOST_UNDOCUMENTED {
                        self.undocumented.push(place.pointer());
                    }
                }
            }
            Value::Array(rows) if !applied.items.is_empty() => {
                for (index, row) in rows.iter().enumerate() {
                    let place = Place { above: Some(place), step: Step::Item(index) };
                    self.value(&applied.items, row, &place);
                }
            }
            _ => {}
        }
    }

    /// What of the value is documented for other versions only.
    fn compare(
        &mut self,
        versions: Versions<'a>,
        applied: &Applied<'a>,
        value: &Value,
        place: &Place<'_>,
    ) {
        let (mut own, mut other) = (false, None);
        for part in applied.parts() {
            let Some(source) = part.source else { continue };
            let source: &str = &self.shape.ids[source as usize];
            let beyond = versions.beyond(source);
            // Who has to have a member says so beside it.
            if part.required.is_empty() {
                match beyond {
                    Some(span) => other = other.or(Some((source, span))),
                    None => own = true,
                }
            } else if let Some(span) = beyond {
                for name in part.required.iter().filter(|name| value.get(name).is_some()) {
                    let member = Place { above: Some(place), step: Step::Member(name) };
                    self.note(source, member.pointer(), span, false);
                }
            }
            if let Some(span) = part
                .versions
                .as_ref()
                .and_then(|spans| Span::of_value(spans.get(value.as_str()?)?))
                .filter(|span| span.beyond(versions.version).is_some())
            {
                self.note(source, place.pointer(), &span, true);
            }
        }
        // Where another rule describes it for this version, it is where it belongs.
        if let Some((source, span)) = other.filter(|_| !own) {
            self.note(source, place.pointer(), span, false);
        }
    }

    fn note(&mut self, requirement: &str, pointer: String, span: &Span, value: bool) {
        if self.foreign.len() < MOST_FOREIGN {
            self.foreign.entry(pointer.clone()).or_insert_with(|| Foreign {
                requirement: requirement.to_owned(),
                pointer,
                span: span.clone(),
                value,
            });
        }
    }
}

/// The conditions that our schemas may use: `required`, `properties/*/const`, `const`, `type`,
/// `not`. Loading refuses any other.
pub(super) fn holds(condition: &Value, value: &Value) -> bool {
    let required = condition.get("required").and_then(Value::as_array).into_iter().flatten();
    let present = required
        .filter_map(Value::as_str)
        .all(|name| !value.is_object() || value.get(name).is_some());
    let constants = condition.get("properties").and_then(Value::as_object).into_iter().flatten();
    let equal = constants
        .filter_map(|(name, rule)| Some((value.get(name)?, rule.get("const")?)))
        .all(|(actual, wanted)| actual == wanted);
    let typed = condition.get("type").is_none_or(|names| {
        let name = match value {
            Value::Object(_) => "object",
            Value::Array(_) => "array",
            Value::String(_) => "string",
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
        };
        let is = |wanted: &Value| {
            wanted == name
                || (wanted == "integer"
                    && value.as_f64().is_some_and(|number| number.fract() == 0.0))
        };
        is(names) || names.as_array().is_some_and(|names| names.iter().any(is))
    });
    let same = condition.get("const").is_none_or(|wanted| value == wanted);
    let denied = condition.get("not").is_some_and(|inner| holds(inner, value));
    typed && same && present && equal && !denied
}
