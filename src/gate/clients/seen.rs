//! What bodies show at a place: each instance of it, in which row, with which value.
//!
//! Knows: JSON values, and which members tell rows apart. Must not know: profiles, what a change
//! means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::profile::JsonType;

/// One instance of a place.
pub(super) struct Instance<'v> {
    /// The ids of the rows that lead to it; empty where one of them has none.
    pub(super) row: String,
    /// What is there; none where it isn't there, though what it belongs to is.
    pub(super) value: Option<&'v Value>,
}

/// Each instance of a place in a body: a pointer with `*` for every row, or an index for one.
pub(super) fn instances<'v>(body: &'v Value, pointer: &str, ids: &[String]) -> Vec<Instance<'v>> {
    let tokens: Vec<String> = pointer.split('/').skip(1).map(crate::pointer::unescape).collect();
    let mut found = Vec::new();
    walk(body, &tokens, Some(String::new()), ids, &mut found);
    found
}

fn walk<'v>(
    value: &'v Value,
    tokens: &[String],
    row: Option<String>,
    ids: &[String],
    found: &mut Vec<Instance<'v>>,
) {
    let Some((token, rest)) = tokens.split_first() else {
        found.push(Instance { row: row.unwrap_or_default(), value: Some(value) });
        return;
    };
    match value {
        Value::Array(rows) if token == "*" => {
            for one in rows {
                let row = row.as_ref().and_then(|row| Some(format!("{row}/{}", id_of(one, ids)?)));
                walk(one, rest, row, ids, found);
            }
        }
        Value::Array(rows) => match token.parse::<usize>().ok().map(|index| rows.get(index)) {
            Some(Some(one)) => walk(one, rest, row.map(|row| format!("{row}/{token}")), ids, found),
            // A list that is shorter hasn't that row.
            _ => found.push(Instance { row: row.unwrap_or_default(), value: None }),
        },
        Value::Object(members) => match members.get(token) {
            Some(member) => walk(member, rest, row, ids, found),
            None => found.push(Instance { row: row.unwrap_or_default(), value: None }),
        },
        _ => found.push(Instance { row: row.unwrap_or_default(), value: None }),
    }
}

/// What a row is known by.
pub(super) fn id_of(row: &Value, ids: &[String]) -> Option<String> {
    ids.iter().find_map(|name| match row.get(name)? {
        Value::String(text) if !text.is_empty() => Some(format!("{name}={text}")),
        Value::Number(number) => Some(format!("{name}={number}")),
        _ => None,
    })
}

/// What a side shows at a place.
#[derive(Default)]
pub(super) struct Seen {
    /// Instances, and how many of them have a value.
    pub(super) all: usize,
    pub(super) present: usize,
    /// Whether it is there, by row.
    pub(super) rows: BTreeMap<String, bool>,
    pub(super) types: BTreeSet<JsonType>,
    /// Scalars by their JSON text, with how often.
    pub(super) values: BTreeMap<String, usize>,
    /// The same by row.
    pub(super) by_row: BTreeMap<String, String>,
    /// Members of objects.
    pub(super) members: BTreeSet<String>,
    /// Lengths of lists.
    pub(super) lengths: Vec<usize>,
    /// The ids of each list, in order.
    pub(super) orders: Vec<Vec<String>>,
    /// How many digits time stamps have behind the seconds.
    pub(super) precisions: BTreeSet<usize>,
}

impl Seen {
    pub(super) fn of<'v>(
        bodies: impl IntoIterator<Item = &'v Value>,
        pointer: &str,
        ids: &[String],
    ) -> Self {
        let mut seen = Self::default();
        for body in bodies {
            for instance in instances(body, pointer, ids) {
                seen.add(&instance, ids);
            }
        }
        seen
    }

    fn add(&mut self, instance: &Instance<'_>, ids: &[String]) {
        self.all += 1;
        let Some(value) = instance.value else {
            if !instance.row.is_empty() {
                self.rows.entry(instance.row.clone()).or_insert(false);
            }
            return;
        };
        self.present += 1;
        if !instance.row.is_empty() {
            self.rows.insert(instance.row.clone(), true);
        }
        self.types.insert(JsonType::of(value));
        match value {
            Value::Object(members) => self.members.extend(members.keys().cloned()),
            Value::Array(rows) => {
                self.lengths.push(rows.len());
                self.orders.push(
                    rows.iter()
                        .map(|row| id_of(row, ids).unwrap_or_else(|| row.to_string()))
                        .collect(),
                );
            }
            Value::Null => {}
            scalar => {
                let text = scalar.to_string();
                *self.values.entry(text.clone()).or_default() += 1;
                if !instance.row.is_empty() {
                    self.by_row.insert(instance.row.clone(), text);
                }
                self.precisions.extend(scalar.as_str().and_then(precision));
            }
        }
    }

    /// Whether its texts are from a few words that repeat.
    pub(super) fn is_closed(&self) -> bool {
        let all: usize = self.values.values().sum();
        let words = self.values.keys().all(|text| {
            text.len() <= 42 && text.starts_with('"') && !text.contains([':', '/', '@'])
        });
        words && !self.values.is_empty() && all >= 4 && all >= 2 * self.values.len()
    }
}

/// How many digits a time stamp has behind its seconds.
fn precision(text: &str) -> Option<usize> {
    if !text.contains(['T', 't']) || text.parse::<jiff::Timestamp>().is_err() {
        return None;
    }
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    Some(fraction.chars().take_while(char::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_place_has_an_instance_for_each_row_that_leads_to_it() {
        let ids = ["uuid".to_owned()];
        let body = json!({ "list": [{ "uuid": "a", "x": 1 }, { "uuid": "b" }, { "x": null }] });
        let seen = Seen::of([&body], "/list/*/x", &ids);
        assert_eq!((seen.all, seen.present), (3, 2));
        assert!(seen.rows["/uuid=a"]);
        assert!(!seen.rows["/uuid=b"]);
        assert_eq!(seen.types, BTreeSet::from([JsonType::Integer, JsonType::Null]));
        assert_eq!(Seen::of([&body], "/list/1/uuid", &ids).values.len(), 1);
        let short = Seen::of([&body], "/list/7/uuid", &ids);
        assert_eq!((short.all, short.present), (1, 0));
        assert_eq!(Seen::of([&json!({ "list": [] })], "/list/*/x", &ids).all, 0);
        assert_eq!(Seen::of([&json!([])], "", &ids).lengths, [0]);
    }

    #[test]
    fn time_stamps_tell_their_precision() {
        assert_eq!(precision("2026-11-30T02:00:00Z"), Some(0));
        assert_eq!(precision("2026-11-30T02:00:00.123+00:00"), Some(3));
        assert_eq!(precision("1.5"), None);
    }
}
