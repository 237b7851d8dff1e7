//! Which rules a body reached, and which of its members no page names.
//!
//! Knows: the few keywords that our schemas use (see `docs/schema-format.md`). It walks schema and
//! body side by side, so that one wrong member doesn't hide what the rest of the body exercised, as
//! dropped annotations of a failed schema would. Must not know: validity.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::rc::Rc;

use serde_json::Value;

use super::schema::Schemas;
use super::span::{Span, VERSIONS};
use crate::pointer::escape;

/// What one body reached.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many places of the body each requirement's rules applied to.
    pub reached: BTreeMap<String, u64>,
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

impl Versions<'_> {
    fn beyond(&self, requirement: &str) -> Option<&Span> {
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
    let mut walk = Walk {
        schemas,
        // Most contracts say nothing of versions, and this is the hot path.
        versions: Some(versions).filter(|versions| {
            versions.version.is_some()
                && (schemas.gives_versions() || versions.spans.is_some_and(|all| !all.is_empty()))
        }),
        reached: HashMap::new(),
        unconditional: HashMap::new(),
        undocumented: Vec::new(),
        foreign: BTreeMap::new(),
    };
    if let Some(document) = schemas.document(id) {
        walk.value(&[(document, document)], body, &Place { above: None, step: Step::Body });
    }
    let mut reached: BTreeMap<String, u64> = BTreeMap::new();
    for (requirement, count) in walk.reached.into_values() {
        *reached.entry(requirement.to_owned()).or_default() += count;
    }
    Coverage {
        reached,
        undocumented: walk.undocumented,
        foreign: walk.foreign.into_values().collect(),
    }
}

struct Walk<'a> {
    schemas: &'a Schemas,
    versions: Option<Versions<'a>>,
    /// Requirements with their counts, by where the name stands in memory: the names are long, and
    /// comparing them would take most of the time. One that stands in several places has several
    /// counts.
    reached: HashMap<*const u8, (&'a str, u64)>,
    /// What applies where a schema does, whatever the value is; by the schema. Nothing where that
    /// depends on the value.
    unconditional: HashMap<*const Value, Option<Rc<Applied<'a>>>>,
    undocumented: Vec<String>,
    /// By place, so that a member of another version is told once.
    foreign: BTreeMap<String, Foreign>,
}

/// A subschema and the document that it stands in, the document first.
pub(super) type At<'a> = (&'a Value, &'a Value);

/// All subschemas that apply to one value, and what they say.
struct Applied<'a> {
    all: Vec<At<'a>>,
    /// The requirements that they stand for, each once.
    sources: Vec<&'a str>,
    properties: Vec<At<'a>>,
    /// Those of members without a description of their own.
    rest: Vec<At<'a>>,
    items: Vec<At<'a>>,
}

impl<'a> Applied<'a> {
    fn of(all: Vec<At<'a>>) -> Self {
        let mut sources: Vec<&'a str> = Vec::new();
        for (_, schema) in &all {
            if let Some(source) = source(schema).filter(|source| !sources.contains(source)) {
                sources.push(source);
            }
        }
        let with = |keyword: &str| {
            all.iter()
                .filter_map(|(document, schema)| Some((*document, schema.get(keyword)?)))
                .collect()
        };
        let (properties, rest, items) =
            (with("properties"), with("additionalProperties"), with("items"));
        Self { all, sources, properties, rest, items }
    }
}

/// The requirement of a subschema. Not by `Value::pointer`: it makes new texts of its tokens each
/// time, and this is the hot path.
fn source(schema: &Value) -> Option<&str> {
    schema.get("x-source")?.get("requirement")?.as_str()
}

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
    fn value(&mut self, schemas: &[At<'a>], value: &Value, place: &Place<'_>) {
        let applied = match schemas {
            [one] => self.applied(*one, value),
            several => {
                let parts: Vec<Rc<Applied<'a>>> =
                    several.iter().map(|at| self.applied(*at, value)).collect();
                Rc::new(Applied::of(parts.iter().flat_map(|part| part.all.clone()).collect()))
            }
        };
        for source in &applied.sources {
            self.reached.entry(source.as_ptr()).or_insert((source, 0)).1 += 1;
        }
        if let Some(versions) = self.versions {
            self.compare(versions, &applied.all, value, place);
        }
        match value {
            Value::Object(members) => {
                let mut below = Vec::new();
                for (name, member) in members {
                    below.clear();
                    below.extend(applied.properties.iter().filter_map(|(document, properties)| {
                        Some((*document, properties.get(name)?))
                    }));
                    let place = Place { above: Some(place), step: Step::Member(name) };
                    if !below.is_empty() {
                        self.value(&below, member, &place);
                    } else if !applied.rest.is_empty() {
                        self.value(&applied.rest, member, &place);
                    } else if !applied.properties.is_empty()
                        && self.undocumented.len() < MOST_UNDOCUMENTED
                    {
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
        versions: Versions<'_>,
        applied: &[At<'a>],
        value: &Value,
        place: &Place<'_>,
    ) {
        let (mut own, mut other) = (false, None);
        for (_, schema) in applied {
            let Some(source) = source(schema) else { continue };
            let beyond = versions.beyond(source);
            // Who has to have a member says so beside it.
            let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let mut names = names.filter_map(Value::as_str).peekable();
            if names.peek().is_none() {
                match beyond {
                    Some(span) => other = other.or(Some((source, span))),
                    None => own = true,
                }
            } else if let Some(span) = beyond {
                for name in names.filter(|name| value.get(name).is_some()) {
                    let member = Place { above: Some(place), step: Step::Member(name) };
                    self.note(source, member.pointer(), span, false);
                }
            }
            if let Some(span) = schema
                .get(VERSIONS)
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

    /// What applies where a schema does.
    fn applied(&mut self, at: At<'a>, value: &Value) -> Rc<Applied<'a>> {
        let schema = std::ptr::from_ref(at.1);
        if let Some(Some(known)) = self.unconditional.get(&schema) {
            return Rc::clone(known);
        }
        let mut all = Vec::new();
        let conditional = self.apply(at, value, &mut all, 0);
        let applied = Rc::new(Applied::of(all));
        self.unconditional
            .entry(schema)
            .or_insert_with(|| (!conditional).then(|| Rc::clone(&applied)));
        applied
    }

    /// Adds a schema and every subschema that applies to the same value; whether that depends on
    /// the value.
    fn apply(&self, at: At<'a>, value: &Value, applied: &mut Vec<At<'a>>, depth: usize) -> bool {
        let (document, schema) = at;
        if depth > 32 {
            return false;
        }
        let mut conditional = false;
        applied.push(at);
        if let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.schemas.resolve(document, reference))
        {
            conditional |= self.apply(target, value, applied, depth + 1);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            conditional |= self.apply((document, part), value, applied, depth + 1);
        }
        if let Some(condition) = schema.get("if") {
            conditional = true;
            let branch = if holds(condition, value) { "then" } else { "else" };
            if let Some(part) = schema.get(branch) {
                self.apply((document, part), value, applied, depth + 1);
            }
        }
        conditional
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
