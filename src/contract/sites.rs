//! Where in a body each rule of its schema applies.
//!
//! Knows: the same few keywords as `coverage`, and that a rule speaks for the requirement of the
//! nearest `x-source` around it. Must not know: validity, or what anybody does with a place.

use serde_json::Value;

use crate::pointer::escape;

use super::coverage::{At, holds};
use super::schema::{Schemas, source};

/// A rule, and a value that it applies to.
#[derive(Debug)]
pub struct Site<'a> {
    /// The requirement that the rule speaks for.
    pub requirement: &'a str,
    /// The rule.
    pub rule: &'a Value,
    /// The value.
    pub value: &'a Value,
    /// JSON pointer to the value.
    pub pointer: &'a str,
    /// The same with `*` for each index.
    pub pattern: &'a str,
}

/// Hears of each rule of the schema `id` that applies to a value of `body`.
pub fn each_site(schemas: &Schemas, id: &str, body: &Value, hear: &mut dyn FnMut(&Site<'_>)) {
    if let Some(document) = schemas.document(id) {
        let mut walk = Walk { schemas, pointer: String::new(), pattern: String::new(), hear };
        walk.value(&[((document, document), "")], body);
    }
}

struct Walk<'a, 'h> {
    schemas: &'a Schemas,
    pointer: String,
    pattern: String,
    hear: &'h mut dyn FnMut(&Site<'_>),
}

/// A subschema, and the requirement of the nearest `x-source` around it.
type Bound<'a> = (At<'a>, &'a str);

impl<'a> Walk<'a, '_> {
    fn value(&mut self, schemas: &[Bound<'a>], value: &Value) {
        let mut applied = Vec::new();
        for bound in schemas {
            self.apply(*bound, value, &mut applied, 0);
        }
        for ((_, rule), requirement) in &applied {
            if !requirement.is_empty() {
                let Self { pointer, pattern, hear, .. } = self;
                hear(&Site { requirement, rule, value, pointer, pattern });
            }
        }
        let below = |keyword: &str, name: Option<&str>| -> Vec<Bound<'a>> {
            let at = |((document, schema), requirement): &Bound<'a>| {
                let found = schema.get(keyword)?;
                let found = name.map_or(Some(found), |name| found.get(name))?;
                Some(((*document, found), *requirement))
            };
            applied.iter().filter_map(at).collect()
        };
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let mut schemas = below("properties", Some(name));
                    if schemas.is_empty() {
                        schemas = below("additionalProperties", None);
                    }
                    let step = escape(name);
                    self.step(&step, &step, &schemas, member);
                }
            }
            Value::Array(rows) => {
                let schemas = below("items", None);
                for (index, row) in rows.iter().enumerate() {
                    self.step(&index.to_string(), "*", &schemas, row);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, step: &str, alike: &str, schemas: &[Bound<'a>], value: &Value) {
        if schemas.is_empty() {
            return;
        }
        let (pointer, pattern) = (self.pointer.len(), self.pattern.len());
        for (path, step) in [(&mut self.pointer, step), (&mut self.pattern, alike)] {
            path.push('/');
            path.push_str(step);
        }
        self.value(schemas, value);
        self.pointer.truncate(pointer);
        self.pattern.truncate(pattern);
    }

    /// The schema itself and every subschema that applies to the same value.
    fn apply(&self, bound: Bound<'a>, value: &Value, applied: &mut Vec<Bound<'a>>, depth: usize) {
        let ((document, schema), around) = bound;
        if depth > 32 {
            return;
        }
        let requirement = source(schema).unwrap_or(around);
        applied.push((bound.0, requirement));
        if let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.schemas.resolve(document, reference))
        {
            self.apply((target, requirement), value, applied, depth + 1);
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.apply(((document, part), requirement), value, applied, depth + 1);
        }
        if let Some(condition) = schema.get("if") {
            let branch = if holds(condition, value) { "then" } else { "else" };
            if let Some(part) = schema.get(branch) {
                self.apply(((document, part), requirement), value, applied, depth + 1);
            }
        }
    }
}
