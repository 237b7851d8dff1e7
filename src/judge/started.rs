//! What a case may have started and doesn't follow, and whether a list of jobs shows that it ended.
//!
//! Knows: what an accepted reply names, and how a job is known in a list. Must not know: how long
//! anybody waits.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::Watched;

use super::effects::{Items, read, text};

/// A reply names a job in its first members; what lies deeper than this isn't looked at.
const DEEPEST: usize = 3;

/// The accepted requests of a case that may have started something, each as what its reply names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Started(Vec<BTreeSet<String>>);

impl Started {
    /// Adds an accepted request by its reply. One that never came names nothing.
    pub(super) fn add(&mut self, exchange: &Exchange) {
        let mut named = BTreeSet::new();
        if let Some(body) = exchange.got.as_ref().and_then(|got| got.json().ok()) {
            name(&body, DEEPEST, &mut named);
        }
        self.0.push(named);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether each reply names something, so that it's worth asking for the list of jobs.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.0.iter().all(|named| !named.is_empty())
    }

    /// Whether a list of jobs shows that all of it has ended: each reply names a job that is
    /// listed, and no such job is under way. A list that doesn't show a job tells nothing of it.
    #[must_use]
    pub fn has_ended(&self, contract: &Contract, listed: Watched<'_>, answer: &Exchange) -> bool {
        read(contract, listed, answer).is_some_and(|jobs| self.is_over(&jobs))
    }

    fn is_over(&self, jobs: &Items) -> bool {
        let over = |named: &BTreeSet<String>| {
            let mut shown = named.iter().filter_map(|name| jobs.get(name)).peekable();
            shown.peek().is_some() && shown.all(|job| job.ended)
        };
        !self.is_empty() && self.0.iter().all(over)
    }
}

/// Whatever could be the id of a job.
fn name(value: &Value, depth: usize, named: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if depth > 0 => {
            for value in members.values() {
                name(value, depth - 1, named);
            }
        }
        Value::Array(items) if depth > 0 => {
            for value in items {
                name(value, depth - 1, named);
            }
        }
        _ => named.extend(text(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::effects::Item;
    use super::*;

    fn started(replies: &[Value]) -> Started {
        let names = replies.iter().map(|reply| {
            let mut named = BTreeSet::new();
            name(reply, DEEPEST, &mut named);
            named
        });
        Started(names.collect())
    }

    fn jobs(rows: &[(&str, bool)]) -> Items {
        rows.iter().map(|(id, ended)| ((*id).to_owned(), Item { ended: *ended })).collect()
    }

    #[test]
    fn what_is_listed_and_has_ended_is_over() {
        let one = started(&[json!({"jobId": "59", "result": "success"})]);
        assert!(one.is_over(&jobs(&[("58", false), ("59", true)])));
        assert!(!one.is_over(&jobs(&[("58", true), ("59", false)])), "it is under way");
        let deep = started(&[json!({"response": {"jobs": [{"jobUID": 7}]}})]);
        assert!(!deep.is_over(&jobs(&[("7", true)])), "too deep to be looked at");
        let number = started(&[json!({"response": {"jobUID": 7}})]);
        assert!(number.is_over(&jobs(&[("7", true)])));
    }

    #[test]
    fn what_no_list_shows_is_never_over() {
        let one = started(&[json!({"jobId": "59"})]);
        assert!(!one.is_over(&jobs(&[])));
        assert!(!one.is_over(&jobs(&[("58", true)])));
        assert!(one.is_named() && !started(&[json!({"jobId": "59"}), json!({})]).is_named());
        assert!(!started(&[json!({})]).is_over(&jobs(&[("58", true)])), "a reply that names none");
        assert!(!started(&[]).is_over(&jobs(&[("58", true)])), "nothing is known of it");
        let two = started(&[json!({"jobId": "59"}), json!({"jobId": "60"})]);
        assert!(!two.is_over(&jobs(&[("59", true)])), "the second isn't listed yet");
        assert!(two.is_over(&jobs(&[("59", true), ("60", true)])));
    }
}
