//! Values that mustn't have changed since an earlier step.
//!
//! Knows: the readings of a step, and the earlier answer. Must not know: which step comes next.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{Read, Step};
use crate::contract::Contract;
use crate::plan::Facts;

use super::answer::{Judged, finding};
use super::looks::filled;
use super::status::primary_requirement;

/// Compares each reading that says `as-in` with the same reading of the earlier answer.
pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    earlier: impl Fn(&str) -> Option<Arc<Value>>,
    judged: &mut Judged,
) {
    for read in &step.expect.reads {
        let Some(before) = &read.as_in else { continue };
        let requirement =
            read.requirement.clone().unwrap_or_else(|| primary_requirement(contract, step));
        let was = earlier(before)
            .map(|body| values(contract, step, read, facts, &body))
            .unwrap_or_default();
        let is = judged
            .body
            .as_ref()
            .map(|body| values(contract, step, read, facts, body))
            .unwrap_or_default();
        if was.is_empty() || is.is_empty() {
            judged
                .missed
                .insert(requirement, format!("no member of the list says its {}", read.reading));
            continue;
        }
        judged.reach(contract, &requirement);
        let told = |values: &BTreeSet<String>| {
            values.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
        };
        if !is.is_subset(&was) {
            judged.findings.push(finding(
                contract,
                "reading",
                &requirement,
                "",
                &format!("{} as in step `{before}`: {}", read.reading, told(&was)),
                &told(&is),
                step,
            ));
        }
    }
}

/// The values of a reading in all rows of its key: a backup may have a row for each place where it
/// lies.
fn values(
    contract: &Contract,
    step: &Step,
    read: &Read,
    facts: &Facts,
    body: &Value,
) -> BTreeSet<String> {
    let readings = contract
        .operations
        .get(&step.operation)
        .map(|operation| operation.readings.as_slice())
        .unwrap_or_default();
    let key = filled(&read.key, facts);
    let reads = readings
        .iter()
        .filter(|reading| reading.name == read.reading)
        .filter_map(|reading| reading.read(body));
    let listed: Vec<_> = reads.filter_map(|reads| reads.of(&key).cloned()).collect();
    listed
        .iter()
        .filter_map(|listed| listed.values.as_ref())
        .flatten()
        .map(ToString::to_string)
        .filter(|value| !value.is_empty())
        .collect()
}
