//! The observed shape of bodies: per operation and status, what was there, of which type, how
//! often, with which values.
//!
//! Knows: exchanges, and which members the contract declares as volatile. Pure. Judges nothing:
//! shape is what came, not what is documented. Must not know: requirements, verdicts.

mod drift;
mod node;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::contract::Contract;
use crate::contract::operation_of;
use crate::exchange::{Exchange, NoJson};

pub use drift::{Class, Drift, Kind, drift};
use node::Node;

/// Shapes by operation and status.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shapes {
    bodies: BTreeMap<(String, u16), Node>,
}

impl Shapes {
    /// The shapes that exchanges show.
    #[must_use]
    pub fn observe<'a>(
        contract: &Contract,
        exchanges: impl IntoIterator<Item = &'a Exchange>,
    ) -> Self {
        Self::observe_if(contract, exchanges, |_| true)
    }

    /// The shapes that some exchanges show.
    #[must_use]
    pub fn observe_if<'a>(
        contract: &Contract,
        exchanges: impl IntoIterator<Item = &'a Exchange>,
        wanted: impl Fn(&Exchange) -> bool,
    ) -> Self {
        let mut shapes = Self::default();
        for exchange in exchanges.into_iter().filter(|exchange| wanted(exchange)) {
            let Some(got) = &exchange.got else { continue };
            let Some(operation) =
                operation_of(contract, &exchange.sent.method, &exchange.sent.target)
            else {
                continue;
            };
            let volatile = contract
                .operations
                .get(operation)
                .map(|operation| operation.volatile.as_slice())
                .unwrap_or_default();
            let body = got.json();
            // What lies beyond a bound of ours would seem to be missing.
            if matches!(body, Err(NoJson::Bound(_))) {
                continue;
            }
            let node = shapes.bodies.entry((operation.to_owned(), got.status)).or_default();
            match body {
                Ok(body) => node.observe(&body, "", volatile),
                Err(_) => {
                    node.observe_other(if got.body.bytes == 0 { "nothing" } else { "not JSON" });
                }
            }
        }
        shapes
    }

    /// One JSON Schema (2020-12) with a definition per operation and status, each satisfied by
    /// every body that was seen.
    #[must_use]
    pub fn schema(&self, title: &str) -> Value {
        let mut definitions = Map::new();
        for ((operation, status), node) in self.bodies.iter().filter(|(_, node)| node.is_json()) {
            definitions.insert(format!("{operation}/{status}"), node.schema(None));
        }
        let other: Map<String, Value> = self
            .bodies
            .iter()
            .filter(|(_, node)| !node.is_json())
            .map(|((operation, status), node)| {
                (
                    format!("{operation}/{status}"),
                    json!({ "answers": node.seen, "body": node.kinds() }),
                )
            })
            .collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "$comment": "The observed shape, not the documented one. x-seen says how often, in \
                which formats, and with which values.",
            "x-without-json": other,
            "$defs": definitions,
        })
    }
}
