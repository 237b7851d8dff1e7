//! What a run left behind: the lists of locks and backups before and after it.
//!
//! Knows: the exchanges that list them. Must not know: which case made what.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::{AFTER, BEFORE};
use crate::rows;

/// Every lock and every place of a backup that is there after the run and wasn't before, and the
/// other way round.
#[must_use]
pub fn left_overs(contract: &Contract, exchanges: &[&Exchange]) -> Vec<String> {
    let list = |when: &str, what: &str| -> Option<BTreeMap<String, String>> {
        let step = format!("{when}-{what}");
        let mut lists =
            exchanges.iter().filter(|exchange| exchange.case.is_empty() && exchange.step == step);
        // A run of several rounds lists before and after each of them.
        let got = if when == BEFORE { lists.next() } else { lists.next_back() }
            .and_then(|exchange| exchange.got.as_ref())
            .filter(|got| got.status < 300)?;
        if got.body.bytes == 0 {
            return Some(BTreeMap::new());
        }
        let body = got.json().ok()?;
        if what == "locks" { locks(&body) } else { places(contract, &body) }
    };
    let mut found = Vec::new();
    for (what, noun) in [("locks", "lock"), ("backups", "backup")] {
        let (Some(before), Some(after)) = (list(BEFORE, what), list(AFTER, what)) else { continue };
        let mut new: Vec<(&String, &String)> =
            after.iter().filter(|(id, _)| !before.contains_key(*id)).collect();
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

/// Locks by their ids, with what tells them apart otherwise; seconds that are counted down don't.
pub(super) fn locks(body: &Value) -> Option<BTreeMap<String, String>> {
    let lists =
        rows::lists(body, "", &["id", "component", "creationTimestamp", "expirationTimeOut"])?;
    let like = |row: &Value| row.get("component").map_or_else(String::new, Value::to_string);
    Some(
        lists
            .iter()
            .flat_map(|list| list.rows)
            .filter_map(|row| Some((row.get("id").and_then(Value::as_str)?.to_owned(), like(row))))
            .collect(),
    )
}

/// Places of backups; each is only itself.
pub(super) fn places(contract: &Contract, body: &Value) -> Option<BTreeMap<String, String>> {
    let reading = contract.operations.get("backup.list")?.readings.first()?;
    let listed = reading.read(body)?.listed;
    let each = listed.into_iter().flat_map(|backup| match backup.values {
        Some(places) => {
            places.iter().map(|place| format!("{} at {place}", backup.key)).collect::<Vec<_>>()
        }
        None => vec![backup.key],
    });
    Some(each.map(|place| (place.clone(), place)).collect())
}
