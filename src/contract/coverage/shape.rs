//! A schema as the walk along a body needs it: which parts apply to a value, whose rules they are,
//! and which of them describe its members. It is made once for a schema, and walked with each body.
//!
//! Knows: the few keywords that our schemas use (see `docs/schema-format.md`). Must not know: where
//! a walk stands, what it counts.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::super::schema::{Schemas, source};
use super::super::span::VERSIONS;
use super::{At, holds};

/// References and conditions are followed that deep at one value.
const DEEPEST: usize = 32;

/// All parts of a schema; the first is the schema as a whole.
#[derive(Debug)]
pub(in crate::contract) struct Shape {
    parts: Vec<Part>,
    /// The requirements, in the order of their ids.
    pub(super) ids: Vec<Arc<str>>,
    /// By part, what applies where it does.
    settled: Vec<Settled>,
}

/// A subschema.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Whose rule it is, as a place in `Shape::ids`.
    pub(super) source: Option<u32>,
    /// The members that it asks for.
    pub(super) required: Box<[String]>,
    /// The versions of its values.
    pub(super) versions: Option<Box<Value>>,
    /// What applies with it in any case.
    with: Box<[u32]>,
    condition: Option<Box<Condition>>,
    /// Sorted by name.
    properties: Option<Members>,
    rest: Option<u32>,
    items: Option<u32>,
}

/// The parts that describe members, by their names.
type Members = Box<[(Box<str>, u32)]>;

#[derive(Debug)]
struct Condition {
    holds: Value,
    then: Option<u32>,
    otherwise: Option<u32>,
}

/// What applies where a part does.
#[derive(Debug)]
enum Settled {
    /// Only itself.
    Alone(u32),
    /// These, whatever the value is.
    Always(Box<Joined>),
    /// That depends on the value.
    Depends,
}

/// Several parts, and what they say together.
#[derive(Debug)]
struct Joined {
    all: Vec<u32>,
    sources: Vec<u32>,
    described: Vec<u32>,
    rest: Vec<u32>,
    items: Vec<u32>,
}

/// All parts that apply to one value, and what they say.
pub(super) struct Applied<'s> {
    shape: &'s Shape,
    all: Cow<'s, [u32]>,
    /// The requirements that they stand for, each once.
    pub(super) sources: Cow<'s, [u32]>,
    /// Those that describe members.
    described: Cow<'s, [u32]>,
    /// The parts that describe members without a description of their own.
    pub(super) rest: Cow<'s, [u32]>,
    /// Those that describe rows.
    pub(super) items: Cow<'s, [u32]>,
}

impl<'s> Applied<'s> {
    /// Whether any of them describes members.
    pub(super) fn describes(&self) -> bool {
        !self.described.is_empty()
    }

    /// Adds the parts that describe a member.
    pub(super) fn member(&self, name: &str, parts: &mut Vec<u32>) {
        parts.extend(self.described.iter().filter_map(|part| {
            let properties = self.shape.part(*part).properties.as_ref()?;
            let place = properties.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
            Some(properties[place].1)
        }));
    }

    /// All of them.
    pub(super) fn parts(&self) -> impl Iterator<Item = &'s Part> {
        let shape = self.shape;
        self.all.iter().map(|part| shape.part(*part))
    }
}

impl Shape {
    /// That of a schema; empty where there is none.
    pub(in crate::contract) fn of(schemas: &Schemas, id: &str) -> Self {
        let mut maker =
            Maker { schemas, parts: Vec::new(), known: HashMap::new(), ids: BTreeMap::new() };
        if let Some(document) = schemas.document(id) {
            maker.part((document, document));
        }
        let Maker { mut parts, ids, .. } = maker;
        // From the order in which they were met to that of their names.
        let mut places = vec![0_u32; ids.len()];
        for (place, met) in (0..).zip(ids.values()) {
            places[*met as usize] = place;
        }
        for source in parts.iter_mut().filter_map(|part| part.source.as_mut()) {
            *source = places[*source as usize];
        }
        let ids = ids.into_keys().map(Arc::from).collect();
        let mut shape = Self { parts, ids, settled: Vec::new() };
        shape.settled = (0..).take(shape.parts.len()).map(|part| shape.settle(part)).collect();
        shape
    }

    fn part(&self, place: u32) -> &Part {
        &self.parts[place as usize]
    }

    /// The schema as a whole, if there is one.
    pub(super) fn root(&self) -> &[u32] {
        if self.parts.is_empty() { &[] } else { &[0] }
    }

    /// What applies where these do.
    pub(super) fn applied(&self, parts: &[u32], value: &Value) -> Applied<'_> {
        if let [one] = parts {
            match &self.settled[*one as usize] {
                Settled::Alone(part) => {
                    let all = std::slice::from_ref(part);
                    let part = self.part(*part);
                    return Applied {
                        shape: self,
                        sources: part.source.as_slice().into(),
                        described: part.properties.as_ref().map_or(&[][..], |_| all).into(),
                        rest: part.rest.as_slice().into(),
                        items: part.items.as_slice().into(),
                        all: all.into(),
                    };
                }
                Settled::Always(joined) => {
                    return Applied {
                        shape: self,
                        all: joined.all.as_slice().into(),
                        sources: joined.sources.as_slice().into(),
                        described: joined.described.as_slice().into(),
                        rest: joined.rest.as_slice().into(),
                        items: joined.items.as_slice().into(),
                    };
                }
                Settled::Depends => {}
            }
        }
        let mut all = Vec::new();
        for part in parts {
            match &self.settled[*part as usize] {
                Settled::Alone(part) => all.push(*part),
                Settled::Always(joined) => all.extend_from_slice(&joined.all),
                Settled::Depends => self.gather(*part, Some(value), &mut all, 0),
            }
        }
        let Joined { all, sources, described, rest, items } = self.joined(all);
        Applied {
            shape: self,
            all: all.into(),
            sources: sources.into(),
            described: described.into(),
            rest: rest.into(),
            items: items.into(),
        }
    }

    /// Adds a part and every other that applies to the same value; without a value, those that do
    /// whatever it is.
    fn gather(&self, part: u32, value: Option<&Value>, all: &mut Vec<u32>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        all.push(part);
        for other in &self.part(part).with {
            self.gather(*other, value, all, depth + 1);
        }
        if let (Some(condition), Some(value)) = (&self.part(part).condition, value) {
            let branch =
                if holds(&condition.holds, value) { condition.then } else { condition.otherwise };
            if let Some(branch) = branch {
                self.gather(branch, Some(value), all, depth + 1);
            }
        }
    }

    fn settle(&self, part: u32) -> Settled {
        let mut all = Vec::new();
        self.gather(part, None, &mut all, 0);
        if all.iter().any(|part| self.part(*part).condition.is_some()) {
            Settled::Depends
        } else if let [part] = all[..] {
            Settled::Alone(part)
        } else {
            all.shrink_to_fit();
            Settled::Always(Box::new(self.joined(all)))
        }
    }

    fn joined(&self, all: Vec<u32>) -> Joined {
        let parts = || all.iter().map(|part| (*part, self.part(*part)));
        let mut sources = Vec::new();
        for source in parts().filter_map(|(_, part)| part.source) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        let described = parts().filter(|(_, part)| part.properties.is_some());
        Joined {
            sources,
            described: described.map(|(place, _)| place).collect(),
            rest: parts().filter_map(|(_, part)| part.rest).collect(),
            items: parts().filter_map(|(_, part)| part.items).collect(),
            all,
        }
    }
}

struct Maker<'a> {
    schemas: &'a Schemas,
    parts: Vec<Part>,
    /// Parts by where their schema stands in memory, so that one that refers to itself ends.
    known: HashMap<*const Value, u32>,
    /// Requirements, with the order in which they were met.
    ids: BTreeMap<&'a str, u32>,
}

impl<'a> Maker<'a> {
    fn part(&mut self, at: At<'a>) -> u32 {
        let (document, schema) = at;
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        let place = count(self.parts.len());
        self.parts.push(Part::default());
        self.known.insert(schema, place);
        let source = source(schema).map(|id| {
            let next = count(self.ids.len());
            *self.ids.entry(id).or_insert(next)
        });
        let reference = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.schemas.resolve(document, reference));
        let all_of = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let with: Vec<At<'a>> =
            reference.into_iter().chain(all_of.map(|part| (document, part))).collect();
        let with = with.into_iter().map(|at| self.part(at)).collect();
        let mut below = |keyword: &str| Some(self.part((document, schema.get(keyword)?)));
        let (rest, items) = (below("additionalProperties"), below("items"));
        let condition = schema.get("if").map(|condition| {
            Box::new(Condition {
                holds: condition.clone(),
                then: below("then"),
                otherwise: below("else"),
            })
        });
        let properties = schema.get("properties").map(|properties| {
            let members = properties.as_object().into_iter().flatten();
            let mut members: Members = members
                .map(|(name, member)| (name.as_str().into(), self.part((document, member))))
                .collect();
            members.sort_unstable();
            members
        });
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        self.parts[place as usize] = Part {
            source,
            required: required.filter_map(Value::as_str).map(str::to_owned).collect(),
            versions: schema.get(VERSIONS).cloned().map(Box::new),
            with,
            condition,
            properties,
            rest,
            items,
        };
        place
    }
}

/// A place in a list that has far fewer parts than this can count.
fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
