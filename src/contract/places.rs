//! Which places of answers an operation's pages name.
//!
//! Knows: the same few keywords as `coverage`, without a body: either branch of a condition may
//! apply. Must not know: validity, who asks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::coverage::At;
use super::{Contract, Operation};

/// What the pages say of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// They name it; with the values that they list, where they list some.
    Named(BTreeSet<String>),
    /// They are silent about what is there.
    Open,
    /// They name other members there: the deepest place that they name, and the members of it.
    Unknown {
        /// The place.
        below: String,
        /// The members that are named there; `*` for the rows of a list.
        members: BTreeSet<String>,
    },
}

/// So deep may one rule stand in another.
const DEEPEST: usize = 32;

impl Contract {
    /// What the pages of an operation say of a place in its answers: a pointer with `*`, or an
    /// index, for rows.
    #[must_use]
    pub fn place(&self, operation: &Operation, pointer: &str) -> Place {
        let mut here: Vec<At<'_>> = Vec::new();
        let mut described = false;
        for row in &operation.responses {
            if let Some(document) = row.schema.as_deref().and_then(|id| self.schemas.document(id)) {
                described |= row.status < 300;
                self.spread((document, document), &mut here, 0);
            }
        }
        if !described {
            return Place::Open;
        }
        let mut below = String::new();
        for token in pointer.split('/').skip(1) {
            let next = self.step(&here, token);
            if next.is_empty() {
                let members = names(&here);
                return if members.is_empty() {
                    Place::Open
                } else {
                    Place::Unknown { below, members }
                };
            }
            below = format!("{below}/{token}");
            here = next;
        }
        let listed = here.iter().flat_map(|(_, schema)| {
            let list = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
            list.chain(schema.get("const")).map(Value::to_string)
        });
        Place::Named(listed.collect())
    }

    /// The rules one token further.
    fn step<'a>(&'a self, here: &[At<'a>], token: &str) -> Vec<At<'a>> {
        let mut next = Vec::new();
        let is_row =
            token == "*" || (!token.is_empty() && token.bytes().all(|c| c.is_ascii_digit()));
        let name = crate::pointer::unescape(token);
        let mut follow = |find: &dyn Fn(&'a Value) -> Option<&'a Value>| {
            for (document, schema) in here {
                if let Some(found) = find(schema) {
                    self.spread((document, found), &mut next, 0);
                }
            }
        };
        if is_row {
            follow(&|schema| schema.get("items"));
        }
        follow(&|schema| schema.get("properties")?.get(&name));
        if next.is_empty() {
            let mut follow = |find: &dyn Fn(&'a Value) -> Option<&'a Value>| {
                for (document, schema) in here {
                    if let Some(found) = find(schema) {
                        self.spread((document, found), &mut next, 0);
                    }
                }
            };
            follow(&|schema| schema.get("additionalProperties").filter(|rest| rest.is_object()));
        }
        next
    }

    /// A rule with all that may apply to the same value.
    fn spread<'a>(&'a self, at: At<'a>, found: &mut Vec<At<'a>>, depth: usize) {
        let (document, schema) = at;
        if depth > DEEPEST {
            return;
        }
        found.push(at);
        let reference = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) =
            reference.and_then(|reference| self.schemas.resolve(document, reference))
        {
            self.spread(target, found, depth + 1);
        }
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in parts.chain(schema.get("then")).chain(schema.get("else")) {
            self.spread((document, part), found, depth + 1);
        }
    }
}

fn names(here: &[At<'_>]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, schema) in here {
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        names.extend(members.map(|(name, _)| name.clone()));
        if schema.get("items").is_some() {
            names.insert("*".to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_or_the_nearest_names_are_told() {
        let contract = crate::contract::built_in();
        let nodes = &contract.operations["nodes.list"];
        for pointer in ["", "/nodeList", "/nodeList/*", "/nodeList/*/uuid", "/nodeList/2/uuid"] {
            assert!(matches!(contract.place(nodes, pointer), Place::Named(_)), "{pointer}");
        }
        let Place::Unknown { below, members } = contract.place(nodes, "/nodeList/*/uuuid") else {
            panic!("no page names it");
        };
        assert_eq!(below, "/nodeList/*");
        assert!(members.contains("uuid"));
        let locks = &contract.operations["sftp-locks.list"];
        let Place::Named(values) = contract.place(locks, "/*/component") else { panic!("named") };
        assert!(!values.is_empty() && values.iter().all(|value| value.starts_with('"')));
        assert!(matches!(contract.place(nodes, "/nodes"), Place::Unknown { .. }));
    }
}
