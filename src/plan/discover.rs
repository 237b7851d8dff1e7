//! Facts that the appliance tells, where the operator doesn't give them.
//!
//! Knows: what an appliance file declares of lists and facts. Must not know: who asks for them.

use serde_json::Value;

use crate::appliance::{Discover, Places};
use crate::contract::{Contract, Listed, Operation, Reading, Words};
use crate::exchange::DISCOVER;
use crate::redact::MARK;
use crate::rows;

use super::{Facts, Plan};

/// The lists that a plan has to ask for, for the facts that it lacks.
pub fn discoveries<'c>(
    contract: &'c Contract,
    plan: &Plan<'_>,
) -> impl Iterator<Item = (&'c Discover, &'c Operation)> {
    let needed: Vec<&'c Discover> = contract
        .appliance
        .discover
        .iter()
        .filter(|discover| discover.facts().any(|fact| plan.discover.contains(fact)))
        .collect();
    needed
        .into_iter()
        .filter_map(|discover| Some((discover, contract.operations.get(&discover.operation)?)))
}

/// How the question for facts of this number is named in plans and records.
#[must_use]
pub fn discovery_step(number: usize) -> String {
    if number == 0 { DISCOVER.to_owned() } else { format!("{DISCOVER}-{}", number + 1) }
}

/// Facts that one list of the appliance tells, on top of those that are known; without a body, what
/// follows from an answer that didn't come. See `docs/case-format.md`, "Facts".
#[must_use]
pub fn discovered(
    contract: &Contract,
    discover: &Discover,
    mut facts: Facts,
    body: Option<&Value>,
) -> Facts {
    let Some(operation) = contract.operations.get(&discover.operation) else { return facts };
    let given: Vec<String> = facts.keys().cloned().collect();
    if let Some(fact) = &discover.first {
        let id = operation.row_shape.as_ref().zip(body).and_then(|(shape, body)| {
            rows::lists(body, &shape.list, &shape.known_by())?
                .iter()
                .flat_map(|list| list.rows)
                .find_map(|row| row.get(&shape.id)?.as_str().map(str::to_owned))
        });
        if let Some(id) = id {
            facts.entry(fact.clone()).or_insert(id);
        }
    }
    if let Some(places) = &discover.places
        && let Some(reading) =
            operation.readings.iter().find(|reading| reading.name == places.reading)
    {
        facts = by_place(places, reading, facts, body);
    }
    // Nothing can be asked with what holds a secret of the run.
    facts.retain(|fact, value| !value.contains(MARK) || given.contains(fact));
    facts
}

fn by_place(of: &Places, reading: &Reading, mut facts: Facts, body: Option<&Value>) -> Facts {
    let reads = body.and_then(|body| reading.read(body)).unwrap_or_default();
    let told: Vec<(&Listed, &[Words])> = reads
        .listed
        .iter()
        .filter_map(|listed| Some((listed, listed.values.as_deref()?)))
        .collect();
    // A share is a mount point. Any other word may be another name of the appliance itself, which
    // only the word of the reading is for sure.
    let share = told
        .iter()
        .flat_map(|(_, places)| *places)
        .filter(|place| !reading.is_here(place))
        .find_map(|place| reading.mount_point(place));
    if let Some(share) = share {
        facts.entry(of.place.clone()).or_insert_with(|| share.to_owned());
    }
    let on_share = facts.get(&of.place).cloned();
    let is_remote = |places: &[Words]| {
        !places.is_empty()
            && places
                .iter()
                .all(|place| reading.mount_point(place).is_some() && !reading.is_here(place))
    };
    if let Some((remote, _)) = told.iter().find(|(_, places)| is_remote(places)) {
        facts.entry(of.remote.clone()).or_insert_with(|| remote.key.clone());
    }
    if let Some((kept, _)) = told.iter().find(|(listed, _)| {
        listed.values.iter().flatten().any(|value| reading.is_here(value))
            && on_share.as_ref().is_none_or(|share| !listed.has(share))
    }) {
        facts.entry(of.local.clone()).or_insert_with(|| kept.key.clone());
    }
    if !told.is_empty() {
        return facts;
    }
    // Where no row says where it lies, any backup stands for both; the cases then judge only what
    // can be seen.
    if let Some(first) = reads.listed.first() {
        facts.entry(of.remote.clone()).or_insert_with(|| first.key.clone());
    }
    if let Some(uuid) = facts.get(&of.remote).cloned() {
        facts.entry(of.local.clone()).or_insert(uuid);
    }
    facts
}
