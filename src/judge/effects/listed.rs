//! The rows of the lists in which an effect shows.
//!
//! Knows: how rows, jobs and places are told apart, by what the appliance file says of a list. Must
//! not know: what was sent before.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::appliance::{List, ListKind};
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::Watched;

use super::super::inventory;

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Item {
    /// Whether it will change no more by itself; only a job under way does.
    pub(in super::super) ended: bool,
}

/// Rows by what tells them apart.
pub(in super::super) type Items = BTreeMap<String, Item>;

/// The rows of a list; none where it didn't come.
pub(in super::super) fn read(
    contract: &Contract,
    listed: Watched<'_>,
    exchange: &Exchange,
) -> Option<Items> {
    let got = exchange.got.as_ref().filter(|got| (200..300).contains(&got.status))?;
    if got.body.bytes == 0 {
        return Some(Items::new());
    }
    let body = got.json().ok()?;
    let still = |id: String| (id, Item { ended: true });
    match listed.kind() {
        ListKind::Rows | ListKind::Places => {
            let shown = inventory::shown(contract, listed.list, &body)?;
            Some(shown.into_keys().map(still).collect())
        }
        ListKind::Jobs => jobs(listed.list, &body),
    }
}

fn jobs(list: &List, body: &Value) -> Option<Items> {
    let id = |row: &Value| list.ids.iter().find_map(|name| row.get(name)).and_then(text);
    let arrays: Vec<&Vec<Value>> = match body {
        Value::Array(rows) => vec![rows],
        Value::Object(members) => members.values().filter_map(Value::as_array).collect(),
        _ => Vec::new(),
    };
    // An envelope may hold other lists before the one that is meant.
    let rows =
        arrays.iter().find(|rows| rows.iter().any(|row| id(row).is_some())).or(arrays.first())?;
    Some(rows.iter().filter_map(|row| Some((id(row)?, Item { ended: ended(list, row) }))).collect())
}

fn ended(list: &List, row: &Value) -> bool {
    let state = list.states.iter().find_map(|pointer| row.pointer(pointer).and_then(Value::as_str));
    state.is_some_and(|state| list.ended.iter().any(|known| known == state))
}

/// What can stand for an id.
pub(in super::super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a request, had it been carried out, would make a row appear at a place, or go from
/// there: it names both.
pub(super) fn places_of(list: &List, body: &str, place: &str, appears: bool) -> bool {
    let Some((key, at)) = place.split_once(" at ") else { return false };
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(body) else { return false };
    let names = |wanted: &str| {
        members
            .values()
            .any(|value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted)))
    };
    names(key)
        && if appears {
            names(at)
        } else {
            list.takes_away.as_deref().is_some_and(names) && !names(at)
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: ListKind) -> List {
        let contract = crate::contract::built_in();
        contract.appliance.list.iter().find(|list| list.kind == kind).unwrap().clone()
    }

    #[test]
    fn jobs_are_found_in_any_envelope_and_told_apart_by_their_ids() {
        let rows = |text: &str| {
            jobs(&list(ListKind::Jobs), &serde_json::from_str(text).unwrap())
                .map(|rows| rows.into_iter().map(|(id, item)| (id, item.ended)).collect::<Vec<_>>())
        };
        assert_eq!(
            rows(r#"[{"jobUID": "7", "status": "Running"}]"#),
            Some(vec![("7".to_owned(), false)])
        );
        assert_eq!(
            rows(
                r#"{"links": [{"href": "/"}], "jobs": [{"id": 7, "status": {"state": "Complete"}}]}"#
            ),
            Some(vec![("7".to_owned(), true)])
        );
        assert_eq!(rows("[]"), Some(Vec::new()));
        assert_eq!(rows("17"), None);
    }

    #[test]
    fn a_place_belongs_to_a_request_that_names_backup_and_place() {
        let list = list(ListKind::Places);
        let places_of =
            |body: &str, place: &str, appears: bool| super::places_of(&list, body, place, appears);
        let copy = r#"{"operation": "Copy", "uuid": "A-1", "destination": "internal"}"#;
        assert!(places_of(copy, "a-1 at internal", true));
        assert!(!places_of(copy, "a-1 at /mnt/share", true));
        assert!(!places_of(copy, "a-2 at internal", true));
        assert!(!places_of(copy, "a-1 at /mnt/share", false), "a copy takes nothing away");
        assert!(places_of(r#"{"operation": "move", "uuid": "a-1"}"#, "a-1 at internal", false));
    }
}
