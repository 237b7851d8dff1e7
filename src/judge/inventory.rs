//! What a run left behind: the lists of locks and backups before and after it.
//!
//! Knows: the exchanges that list them. Must not know: which case made what.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::{AFTER, BEFORE};

/// Every lock and every place of a backup that is there after the run and wasn't before, and the other way round.
#[must_use]
pub fn left_overs(contract: &Contract, exchanges: &[&Exchange]) -> Vec<String> {
    let list = |when: &str, what: &str| -> Option<BTreeMap<String, String>> {
        let step = format!("{when}-{what}");
        let mut lists = exchanges.iter().filter(|exchange| exchange.case.is_empty() && exchange.step == step);
        // A run of several rounds lists before and after each of them.
        let got = if when == BEFORE { lists.next() } else { lists.next_back() }.and_then(|exchange| exchange.got.as_ref()).filter(|got| got.status < 300)?;
        if got.body.bytes == 0 {
            return Some(BTreeMap::new());
        }
        let body = got.json().ok()?;
        Some(if what == "locks" { locks(&body) } else { places(contract, &body) })
    };
    let mut found = Vec::new();
    for (what, noun) in [("locks", "lock"), ("backups", "backup")] {
        let (Some(before), Some(after)) = (list(BEFORE, what), list(AFTER, what)) else { continue };
        let mut new: Vec<(&String, &String)> = after.iter().filter(|(id, _)| !before.contains_key(*id)).collect();
        for (id, like) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
            // A lock that was deleted and taken again has another id, and does the same.
            match new.iter().position(|(_, other)| *other == like) {
                Some(place) => {
                    new.remove(place);
                }
                None => found.push(format!("{noun} {id} is gone")),
            }
        }
        found.extend(new.into_iter().map(|(id, _)| format!("{noun} {id} is new")));
    }
    found
}

/// Locks by their ids, with what tells them apart otherwise.
pub(super) fn locks(body: &Value) -> BTreeMap<String, String> {
    let rows = match body {
        Value::Array(rows) => Some(rows),
        Value::Object(members) => members.values().find_map(Value::as_array),
        _ => None,
    };
    let like = |row: &Value| ["component", "expirationTimeOut"].iter().map(|name| row.get(name).map_or_else(String::new, Value::to_string)).collect::<Vec<_>>().join(" ");
    rows.into_iter().flatten().filter_map(|row| Some((row.get("id").and_then(Value::as_str)?.to_owned(), like(row)))).collect()
}

/// Places of backups; each is only itself.
pub(super) fn places(contract: &Contract, body: &Value) -> BTreeMap<String, String> {
    let readings = contract.operations.get("backup.list").map(|operation| operation.readings.as_slice()).unwrap_or_default();
    let rows = readings.iter().filter(|reading| reading.name == "backup.locations").flat_map(|reading| reading.rows(body));
    rows.flat_map(|(uuid, places)| match places {
        Some(places) => places.into_iter().map(|place| format!("{uuid} at {place}")).collect::<Vec<_>>(),
        None => vec![uuid],
    })
    .map(|place| (place.clone(), place))
    .collect()
}
