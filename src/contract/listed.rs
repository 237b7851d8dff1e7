//! The values that a schema lists for one place of an answer.
//!
//! Knows: the keywords that lead from a schema to that of a member or a row. Must not know:
//! answers.

use serde_json::Value;

use super::Contract;
use super::schema::Schemas;

/// References that lead from one to the next; more are a circle.
const MOST_STEPS: usize = 64;

impl Contract {
    /// The values that the documents list for a place of the answers of an operation: a pointer
    /// with `*` for every row. Empty where they list none.
    #[must_use]
    pub fn listed_values(&self, operation: &str, status: u16, place: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let Some(operation) = self.operations.get(operation) else { return found };
        for id in operation.rows(status).filter_map(|row| row.schema.as_deref()) {
            let Some(document) = self.schemas.document(id) else { continue };
            let mut here = vec![(document, document)];
            for token in place.split('/').skip(1) {
                let token = crate::pointer::unescape(token);
                here = whole(&self.schemas, here);
                here = here
                    .into_iter()
                    .filter_map(|(document, schema)| {
                        let next = if token == "*" {
                            schema.get("items")
                        } else {
                            schema.get("properties").and_then(|all| all.get(&token))
                        };
                        next.map(|next| (document, next))
                    })
                    .collect();
            }
            for (_, schema) in whole(&self.schemas, here) {
                for value in schema.get("enum").and_then(Value::as_array).into_iter().flatten() {
                    if !found.contains(value) {
                        found.push(value.clone());
                    }
                }
            }
        }
        found
    }
}

/// A schema, and the document in which it stands.
type Place<'a> = (&'a Value, &'a Value);

/// The schemas, and those that they refer to or consist of.
fn whole<'a>(schemas: &'a Schemas, mut from: Vec<Place<'a>>) -> Vec<Place<'a>> {
    let mut found = Vec::new();
    while let Some((document, schema)) = from.pop() {
        if found.len() >= MOST_STEPS {
            break;
        }
        found.push((document, schema));
        let reference = schema.get("$ref").and_then(Value::as_str);
        from.extend(reference.and_then(|reference| schemas.resolve(document, reference)));
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = schema.get(key).and_then(Value::as_array).into_iter().flatten();
            from.extend(parts.map(|part| (document, part)));
        }
        for key in ["then", "else"] {
            from.extend(schema.get(key).map(|part| (document, part)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn listed_values_are_found_through_references() {
        let contract = crate::contract::built_in();
        let listed = contract.listed_values("sftp-locks.list", 200, "/*/component");
        assert!(listed.len() > 1 && listed.iter().all(serde_json::Value::is_string), "{listed:?}");
        assert!(contract.listed_values("sftp-locks.list", 200, "/*/id").is_empty());
        assert!(contract.listed_values("sftp-locks.list", 200, "/nowhere/*/x").is_empty());
        assert!(contract.listed_values("no.operation", 200, "/x").is_empty());
    }
}
