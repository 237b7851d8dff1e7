//! What a run left behind: the lists of locks and backups before and after it.
//!
//! Knows: the exchanges that list them. Must not know: which case made what.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::{AFTER, BEFORE};

/// Every lock and every place of a backup that is there after the run and wasn't before, and the other way round.
#[must_use]
pub fn left_overs(contract: &Contract, exchanges: &[&Exchange]) -> Vec<String> {
    let answer = |step: String| exchanges.iter().rev().find(|exchange| exchange.case.is_empty() && exchange.step == step).and_then(|exchange| exchange.got.as_ref()).filter(|got| got.status < 300);
    let list = |when: &str, what: &str| -> Option<BTreeSet<String>> {
        let got = answer(format!("{when}-{what}"))?;
        if got.body.bytes == 0 {
            return Some(BTreeSet::new());
        }
        let body = got.json().ok()?;
        Some(if what == "locks" { locks(&body) } else { places(contract, &body) })
    };
    let mut found = Vec::new();
    for (what, noun) in [("locks", "lock"), ("backups", "backup")] {
        let (Some(before), Some(after)) = (list(BEFORE, what), list(AFTER, what)) else { continue };
        found.extend(after.difference(&before).map(|new| format!("{noun} {new} is new")));
        found.extend(before.difference(&after).map(|gone| format!("{noun} {gone} is gone")));
    }
    found
}

fn locks(body: &Value) -> BTreeSet<String> {
    let rows = match body {
        Value::Array(rows) => Some(rows),
        Value::Object(members) => members.values().find_map(Value::as_array),
        _ => None,
    };
    rows.into_iter().flatten().filter_map(|row| row.get("id").and_then(Value::as_str).map(str::to_owned)).collect()
}

fn places(contract: &Contract, body: &Value) -> BTreeSet<String> {
    let readings = contract.operations.get("backup.list").map(|operation| operation.readings.as_slice()).unwrap_or_default();
    let rows = readings.iter().flat_map(|reading| reading.rows(body));
    rows.flat_map(|(uuid, places)| match places {
        Some(places) => places.into_iter().map(|place| format!("{uuid} at {place}")).collect::<Vec<_>>(),
        None => vec![uuid],
    })
    .collect()
}
