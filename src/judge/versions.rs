//! What the documents don't say of the version that answered: it is taken out of a judgement, and
//! the reason kept.
//!
//! Knows: the versions that statements are about. Must not know: how a finding came about.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{Contract, Foreign, Severity, shown};
use crate::why::Beyond;

use super::answer::{Judged, finding};
use super::reached::Counts;
use super::verdict::Finding;

/// Why a case says nothing that could only have said what other versions do.
pub(super) const OTHER_VERSIONS: &str = "the documents say what it is about of other versions only";

/// Takes the findings and the counts of statements about other versions out, and says why they
/// weren't exercised. What is only worth knowing stays.
pub(super) fn fit(
    contract: &Contract,
    version: Option<&semver::Version>,
    findings: &mut Vec<Finding>,
    reached: &mut Counts,
    missed: &mut BTreeMap<String, String>,
    beyond: &mut BTreeMap<String, Beyond>,
) {
    if contract.spans.is_empty() {
        return;
    }
    let mut miss = |requirement: &str| {
        let Some((word, reason)) = contract.beyond(requirement, version) else { return false };
        missed.insert(requirement.to_owned(), reason);
        beyond.insert(requirement.to_owned(), word);
        true
    };
    findings.retain(|finding| finding.check == FOREIGN || !miss(&finding.requirement));
    reached.retain(|requirement, _| !miss(requirement));
}

/// The same for one answer.
pub(super) fn fit_answer(
    contract: &Contract,
    version: Option<&semver::Version>,
    judged: &mut Judged,
) {
    let Judged { findings, reached, missed, beyond, .. } = judged;
    fit(contract, version, findings, reached, missed, beyond);
}

/// The check that tells members and values of other versions: they are new to a reader who knows
/// the appliance's version only.
const FOREIGN: &str = "drift";

/// What stands in an answer and is documented for other versions than the one that answered.
pub(super) fn foreign(
    contract: &Contract,
    version: Option<&semver::Version>,
    all: &[Foreign],
    body: &Value,
    step: &Step,
) -> Vec<Finding> {
    let told = version.map_or_else(String::new, |version| format!(", from version {version}"));
    let tell = |one: &Foreign| {
        let value = body.pointer(&one.pointer).map_or_else(String::new, shown);
        let actual = format!("{value}{told}");
        let (requirement, pointer) = (&one.requirement, &one.pointer);
        let seen = finding(contract, FOREIGN, requirement, pointer, &expected(one), &actual, step);
        Finding { severity: Severity::Observation, ..seen }
    };
    all.iter().map(tell).collect()
}

/// What the documents say of it.
fn expected(foreign: &Foreign) -> String {
    let what = if foreign.value { "the value" } else { "the member" };
    match (&foreign.span.since, &foreign.span.until) {
        (Some(since), Some(until)) => {
            format!("{what} from version {since} on, and no longer with {until}")
        }
        (Some(since), None) => format!("{what} from version {since} on"),
        (None, Some(until)) => format!("{what} before version {until}"),
        (None, None) => format!("{what} in every version"),
    }
}
