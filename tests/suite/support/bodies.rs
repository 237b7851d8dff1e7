//! Bodies for the tests of the contract: drawn from a schema, then spoilt at random, the same ones
//! in every run.
//!
//! Knows: the keywords that our schemas use. Must not know: whether a body is right; that is what
//! the validators are asked.

use std::collections::BTreeSet;

use lxca_conform::contract::Schemas;
use serde_json::{Map, Value, json};

/// A small generator of numbers (xorshift64*): the same seed gives the same bodies on every
/// machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.next() >> 33) % (bound.max(1) as u64)).expect("a small number")
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

pub(crate) const GOOD_TIMES: &[&str] = &[
    "2022-09-09T01:46:08Z",
    "2019-05-02T19:28:14.000Z",
    "2024-02-29T23:59:59+02:00",
    "2000-01-01T00:00:00-08:00",
];
pub(crate) const BAD_TIMES: &[&str] = &[
    "2022-09-09 01:46:08",
    "2022-13-09T01:46:08Z",
    "2023-02-29T01:46:08Z",
    "2022-09-09T01:46:08",
    "2022-09-09T01:46:08+0000",
    "20220909",
    "Fri Sep 9 2022",
    "1662688000",
];

const DEEPEST: usize = 8;

/// A subschema, and the document that its references start from.
type Part<'a> = (&'a Value, &'a Value);

/// Draws bodies from schemas.
pub(crate) struct Bodies<'a> {
    schemas: &'a Schemas,
    random: Random,
}

impl<'a> Bodies<'a> {
    pub(crate) fn new(schemas: &'a Schemas, seed: u64) -> Self {
        Self { schemas, random: Random::new(seed) }
    }

    /// A body that mostly satisfies the schema.
    pub(crate) fn likely(&mut self, id: &str) -> Value {
        let schema = self.document(id);
        self.value(&[(schema, schema)], 0)
    }

    /// That body with up to three things spoilt.
    pub(crate) fn spoilt(&mut self, id: &str) -> Value {
        let mut body = self.likely(id);
        for _ in 0..=self.random.below(3) {
            self.spoil(&mut body);
        }
        body
    }

    fn document(&self, id: &str) -> &'a Value {
        self.schemas.document(id).unwrap_or_else(|| panic!("{id} is no schema of the contract"))
    }

    fn value(&mut self, schemas: &[Part<'a>], depth: usize) -> Value {
        let mut parts = Vec::new();
        for (root, schema) in schemas {
            self.flatten(root, schema, &mut parts, 0);
        }
        if let Some(constant) = parts.iter().find_map(|(_, part)| part.get("const")) {
            return constant.clone();
        }
        if let Some(words) =
            parts.iter().find_map(|(_, part)| part.get("enum").and_then(Value::as_array))
        {
            return self.random.pick(words).clone();
        }
        let kinds = kinds(&parts);
        match *self.random.pick(&kinds) {
            "object" => self.object(&parts, depth),
            "array" => self.array(&parts, depth),
            "string" => self.text(&parts),
            "integer" => json!(self.random.below(4000)),
            "number" => {
                json!(f64::from(u16::try_from(self.random.below(1000)).unwrap_or(0)) / 10.0)
            }
            "boolean" => json!(self.random.chance(50)),
            "null" => Value::Null,
            _ => json!(["free", self.random.below(10)]),
        }
    }

    /// The schema and what it demands of the same value. Of a condition, one branch, as the dice
    /// fall: the bodies needn't be right.
    fn flatten(
        &mut self,
        root: &'a Value,
        schema: &'a Value,
        parts: &mut Vec<Part<'a>>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        parts.push((root, schema));
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let (base, pointer) = reference.split_once('#').unwrap_or((reference, ""));
            let root = if base.is_empty() { root } else { self.document(base) };
            let target =
                root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"));
            self.flatten(root, target, parts, depth + 1);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.flatten(root, part, parts, depth + 1);
        }
        let branch = if self.random.chance(50) { "then" } else { "else" };
        if let Some(part) = schema.get(branch) {
            self.flatten(root, part, parts, depth + 1);
        }
    }

    fn object(&mut self, parts: &[Part<'a>], depth: usize) -> Value {
        let mut members = Map::new();
        if depth > DEEPEST {
            return Value::Object(members);
        }
        let described: BTreeSet<&str> = parts
            .iter()
            .filter_map(|(_, part)| part.get("properties").and_then(Value::as_object))
            .flat_map(|properties| properties.keys().map(String::as_str))
            .collect();
        for name in described {
            let required = parts.iter().any(|(_, part)| {
                part.get("required")
                    .and_then(Value::as_array)
                    .is_some_and(|list| list.iter().any(|one| one == name))
            });
            if self.random.chance(if required { 98 } else { 60 }) {
                let below: Vec<Part<'a>> = parts
                    .iter()
                    .filter_map(|(root, part)| Some((*root, part.get("properties")?.get(name)?)))
                    .collect();
                members.insert(name.to_owned(), self.value(&below, depth + 1));
            }
        }
        Value::Object(members)
    }

    fn array(&mut self, parts: &[Part<'a>], depth: usize) -> Value {
        let rows = if depth > DEEPEST { 0 } else { self.random.below(4) };
        let below: Vec<Part<'a>> =
            parts.iter().filter_map(|(root, part)| Some((*root, part.get("items")?))).collect();
        Value::Array(
            (0..rows)
                .map(
                    |_| if below.is_empty() { json!("row") } else { self.value(&below, depth + 1) },
                )
                .collect(),
        )
    }

    fn text(&mut self, parts: &[Part<'a>]) -> Value {
        let has = |keyword: &str, value: &str| {
            parts.iter().any(|(_, part)| part.get(keyword).is_some_and(|found| found == value))
        };
        if has("format", "iso-8601") {
            return json!(self.random.pick(GOOD_TIMES));
        }
        if parts.iter().any(|(_, part)| part.get("maxLength") == Some(&json!(0))) {
            return json!("");
        }
        if has("pattern", "^[0-9]") {
            return json!(format!("{}.{}.0", self.random.below(9), self.random.below(9)));
        }
        if parts.iter().any(|(_, part)| part.get("pattern").is_some()) {
            const LETTERS: &[u8] =
                b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
            return json!(
                (0..32).map(|_| char::from(*self.random.pick(LETTERS))).collect::<String>()
            );
        }
        json!(self.random.pick(&["a text", "17", "ü – ≠", "with \"quotes\" and \\"]))
    }

    /// Spoils one place of the body.
    fn spoil(&mut self, body: &mut Value) {
        let mut places = Vec::new();
        pointers(body, String::new(), &mut places);
        let place =
            if self.random.chance(20) { String::new() } else { self.random.pick(&places).clone() };
        let swap = self.another();
        let time = json!(self.random.pick(BAD_TIMES));
        let number = self
            .random
            .pick(&[json!(-1), json!(1.5), json!(2.0), json!(u64::MAX), json!(1e20)])
            .clone();
        let choice = self.random.below(9);
        let dice = self.random.below(64);
        let value = body.pointer_mut(&place).expect("a place of the body");
        match choice {
            0 | 1 => *value = swap,
            2 => *value = json!("ZZ"),
            3 => *value = time,
            4 => *value = number,
            5 => match value {
                Value::Object(members) => drop(members.insert("extra".to_owned(), swap)),
                Value::Array(rows) => rows.push(swap),
                Value::String(text) => text.push('\n'),
                other => *other = Value::Null,
            },
            6 | 7 => match value {
                Value::Object(members) if !members.is_empty() => {
                    let name = members.keys().nth(dice % members.len()).cloned().expect("a member");
                    members.remove(&name);
                }
                Value::Array(rows) if !rows.is_empty() => drop(rows.remove(dice % rows.len())),
                other => *other = json!(""),
            },
            _ => match value {
                Value::Object(members) => members.clear(),
                Value::Array(rows) => rows.clear(),
                Value::String(text) => *text = text.to_lowercase(),
                other => *other = json!({}),
            },
        }
    }

    fn another(&mut self) -> Value {
        self.random
            .pick(&[
                Value::Null,
                json!(true),
                json!(0),
                json!(""),
                json!("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4"),
                json!([]),
                json!({}),
                json!([{}]),
                json!({ "text": "" }),
                json!("success"),
                json!("failed"),
            ])
            .clone()
    }
}

/// The types that every part accepts; `free` when none names any.
fn kinds<'a>(parts: &[Part<'a>]) -> Vec<&'a str> {
    let mut found: Option<Vec<&str>> = None;
    for names in parts.iter().filter_map(|(_, part)| part.get("type")) {
        let names: Vec<&str> = match names {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        found = Some(match found {
            // Where the branches of a condition exclude each other, the first one wins.
            Some(before) if before.iter().any(|name| names.contains(name)) => {
                before.into_iter().filter(|name| names.contains(name)).collect()
            }
            Some(before) => before,
            None => names,
        });
    }
    found.unwrap_or_else(|| vec!["free"])
}

/// Every place of a body, the whole last.
pub(crate) fn pointers(value: &Value, here: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            pointers(
                member,
                format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")),
                found,
            );
        }),
        Value::Array(rows) => rows
            .iter()
            .enumerate()
            .for_each(|(index, row)| pointers(row, format!("{here}/{index}"), found)),
        _ => {}
    }
    found.push(here);
}
