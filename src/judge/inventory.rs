//! What a run left behind: the lists of the inventory before and after it.
//!
//! Knows: the exchanges that list them. Must not know: which case made what.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::appliance::List;
use crate::contract::{Contract, Reading};
use crate::exchange::Exchange;
use crate::plan::{AFTER, BEFORE};
use crate::rows;

/// Every row and every place that is there after the run and wasn't before, and the other way
/// round.
#[must_use]
pub fn left_overs(contract: &Contract, exchanges: &[&Exchange]) -> Vec<String> {
    let seen = |when: &str, list: &List| -> Option<BTreeMap<String, String>> {
        let step = format!("{when}-{}", list.name);
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
        shown(contract, list, &body)
    };
    let mut found = Vec::new();
    for list in contract.appliance.list.iter().filter(|list| list.inventory) {
        let (Some(before), Some(after)) = (seen(BEFORE, list), seen(AFTER, list)) else { continue };
        let noun = &list.row;
        let mut new: Vec<(&String, &String)> =
            after.iter().filter(|(id, _)| !before.contains_key(*id)).collect();
        for (id, like) in before.iter().filter(|(id, _)| !after.contains_key(*id)) {
            // One that was deleted and made again has another id, and does the same.
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

/// The rows of a list by their ids, with what tells them apart otherwise; the places of one, each
/// of which is only itself.
pub(super) fn shown(
    contract: &Contract,
    list: &List,
    body: &Value,
) -> Option<BTreeMap<String, String>> {
    let operation = contract.operations.get(&list.operation)?;
    if let Some(name) = &list.reading {
        let reading = operation.readings.iter().find(|reading| reading.name == *name)?;
        return places(reading, body);
    }
    let shape = operation.row_shape.as_ref()?;
    let lists = rows::lists(body, &shape.list, &shape.known_by())?;
    let like = |row: &Value| {
        let kind = shape.kind.as_ref().and_then(|kind| row.get(kind));
        kind.map_or_else(String::new, Value::to_string)
    };
    let rows = lists.iter().flat_map(|list| list.rows);
    Some(
        rows.filter_map(|row| {
            Some((row.get(&shape.id).and_then(Value::as_str)?.to_owned(), like(row)))
        })
        .collect(),
    )
}

fn places(reading: &Reading, body: &Value) -> Option<BTreeMap<String, String>> {
    let listed = reading.read(body)?.listed;
    let each = listed.into_iter().flat_map(|row| match row.values {
        Some(places) => {
            places.iter().map(|place| format!("{} at {place}", row.key)).collect::<Vec<_>>()
        }
        None => vec![row.key],
    });
    Some(each.map(|place| (place.clone(), place)).collect())
}
