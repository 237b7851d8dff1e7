//! The faults that nobody wrote: for each rule of a schema in a register with `faults = "drafted"`
//! that no row of a table breaks, one edit at a place where the right double's answers have what
//! the rule is about.
//!
//! Knows: the exchanges of the run against the right double, and the sites of rules in bodies. Must
//! not know: what a run makes of a fault.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::catalogue::{Case, Catalogue, Effect};
use crate::contract::{Contract, Operation, each_site, operation_of};
use crate::double::EditFault;
use crate::exchange::Exchange;
use crate::judge::Reached;
use crate::report::Report;

use super::draft::{Change, changes, place};
use super::faults::{FaultEntry, FaultTable, Play};
use super::touched::Touched;

/// What the names of drafted faults begin with; the requirement comes behind it.
pub const DRAFTED: &str = "drafted/";

/// A fault that was drafted, and how it is seen with the least effort.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// The fault, as if it had a row.
    pub(super) entry: FaultEntry,
    /// Its edit.
    pub(super) edit: String,
    /// The operation whose answers it changes.
    pub(super) operation: &'a Operation,
    /// The cases that exercise the requirement with answers of that operation; the first is the
    /// cheapest.
    pub(super) cases: Vec<&'a Case>,
}

/// A requirement whose fault couldn't be drafted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undrafted {
    /// The requirement.
    pub requirement: String,
    /// Why.
    pub because: String,
}

/// The requirements whose faults are to be drafted: of registers that say so, those that a rule of
/// a schema checks and that no row of the table breaks.
#[must_use]
pub fn to_draft(contract: &Contract, table: &FaultTable) -> Vec<String> {
    let (broken, ruled) = (table.broken(), ruled(contract));
    let wanted = contract.requirements.values().filter(|requirement| {
        requirement.excluded.is_none()
            && contract.drafted_faults.contains(requirement.operation())
            && !broken.contains_key(requirement.id.as_str())
            && ruled.contains(requirement.id.as_str())
    });
    wanted.map(|requirement| requirement.id.clone()).collect()
}

/// A sample of these that stays the same as long as they do: of each register the first, the last,
/// and every one at a multiple of `step`.
#[must_use]
pub fn sample(requirements: &[String], step: usize) -> Vec<String> {
    let register = |id: &String| id.split('/').next().unwrap_or_default().to_owned();
    let mut registers: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for id in requirements {
        registers.entry(register(id)).or_default().push(id);
    }
    let of = |ids: Vec<&String>| -> Vec<String> {
        let last = ids.len() - 1;
        let chosen = ids.iter().enumerate().filter(|(at, _)| *at == last || at % step.max(1) == 0);
        chosen.map(|(_, id)| (*id).clone()).collect()
    };
    registers.into_values().flat_map(of).collect()
}

/// Every requirement that a rule of a schema speaks for.
fn ruled(contract: &Contract) -> BTreeSet<&str> {
    let rows = contract.operations.values().flat_map(|operation| &operation.responses);
    rows.filter_map(|row| row.schema.as_deref())
        .collect::<BTreeSet<&str>>()
        .into_iter()
        .flat_map(|schema| contract.schemas.requirements(schema).map(String::as_str))
        .collect()
}

/// An answer of the right double: which schema it is held against, and who got it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Answered<'a> {
    /// The smallest come first: what they show costs the least.
    bytes: u64,
    operation: &'a str,
    status: u16,
    text: &'a str,
}

/// Where a requirement is broken by a change.
struct Found<'a> {
    operation: &'a Operation,
    edit: String,
    cases: Vec<&'a Case>,
}

/// Why nothing was found for a requirement so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    /// No answer has anything that the rule applies to.
    Unreached,
    /// The rule asks for members, and the answers have none of them.
    Absent,
    /// No change is known that breaks it.
    Unbreakable,
}

impl Lack {
    fn because(self) -> &'static str {
        match self {
            Self::Unreached => "no answer of the double has what it is about",
            Self::Absent => "no answer of the double has the member",
            Self::Unbreakable => "no edit is known that breaks its rule: it takes a row",
        }
    }
}

/// Drafts the faults of these requirements from what the right double answered.
pub(super) fn drafts<'a>(
    contract: &'a Contract,
    catalogue: &'a Catalogue,
    right: &Report,
    exchanges: &[&Exchange],
    touched: &Touched<'_>,
    wanted: &[String],
) -> (Vec<Draft<'a>>, Vec<Undrafted>) {
    let cases: BTreeMap<&str, &'a Case> =
        catalogue.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let reached: BTreeMap<&str, &Reached> =
        right.cases.iter().map(|case| (case.id.as_str(), &case.reached)).collect();
    let mut open: BTreeMap<&str, Lack> =
        wanted.iter().map(|id| (id.as_str(), Lack::Unreached)).collect();
    let mut found: BTreeMap<&str, Found<'a>> = BTreeMap::new();
    for (answered, mut askers) in answers(contract, exchanges, &cases) {
        askers.sort_by_key(|case| (case.effect, case.steps.len(), case.generated));
        let Some(operation) = contract.operations.get(answered.operation) else { continue };
        let Ok(body) = serde_json::from_str::<Value>(answered.text) else { continue };
        let rows = operation.rows(answered.status).filter_map(|row| row.schema.as_deref());
        for schema in rows.collect::<BTreeSet<&str>>() {
            each_site(&contract.schemas, schema, &body, &mut |site| {
                let Some((id, lack)) = open.get_key_value(site.requirement) else { return };
                let (id, lack) = (*id, *lack);
                let by: Vec<&'a Case> = askers
                    .iter()
                    .copied()
                    .filter(|case| {
                        reached.get(case.id.as_str()).is_some_and(|reached| reached.has(id))
                    })
                    .collect();
                if by.is_empty() {
                    return;
                }
                let possible = changes(site.rule, Some(site.value));
                let breaks = |change: &&Change| {
                    // Two rules may meet in one value, and the other one be broken first.
                    let mut body = body.clone();
                    change.make(&mut body, site.pointer);
                    let broken = contract.schemas.violations(schema, &body);
                    broken.iter().any(|broken| broken.requirement == id)
                };
                if let Some(change) = possible.iter().find(breaks) {
                    let (place, status) = (place(operation), answered.status);
                    let edit = format!("{place} {status}: {}", change.edit(site.pattern));
                    open.remove(id);
                    found.insert(id, Found { operation, edit, cases: by });
                } else {
                    let absent = site.rule.get("required").is_some();
                    let now = if absent { Lack::Absent } else { Lack::Unbreakable };
                    // A rule has several parts, most of which only lead to others.
                    open.insert(id, now.max(lack));
                }
            });
        }
    }
    let mut undrafted: Vec<Undrafted> = open
        .into_iter()
        .map(|(id, lack)| Undrafted {
            requirement: id.to_owned(),
            because: lack.because().to_owned(),
        })
        .collect();
    let mut drafts = Vec::new();
    for (id, Found { operation, edit, cases }) in found {
        let mut cases = cases;
        let others = catalogue.cases.iter().filter(|case| {
            touched.by(operation, case)
                && reached.get(case.id.as_str()).is_some_and(|reached| reached.has(id))
        });
        for other in others {
            if !cases.iter().any(|case| case.id == other.id) {
                cases.push(other);
            }
        }
        let statement = contract.requirements.get(id).map_or("", |known| known.statement.as_str());
        let (name, summary) = (format!("{DRAFTED}{id}"), format!("Broken: {statement}"));
        match EditFault::read(&name, &summary, std::slice::from_ref(&edit)) {
            Ok(fault) => drafts.push(Draft {
                entry: FaultEntry {
                    name,
                    summary,
                    place: fault.place().to_owned(),
                    breaks: vec![id.to_owned()],
                    play: Play::Edits(fault),
                },
                edit,
                operation,
                cases,
            }),
            Err(error) => undrafted.push(Undrafted {
                requirement: id.to_owned(),
                because: format!("the double can't play `{edit}`: {error}"),
            }),
        }
    }
    undrafted.sort_by(|one, other| one.requirement.cmp(&other.requirement));
    (drafts, undrafted)
}

/// The different answers, each with the cases that got it.
fn answers<'a, 'e>(
    contract: &'e Contract,
    exchanges: &[&'e Exchange],
    cases: &BTreeMap<&str, &'a Case>,
) -> BTreeMap<Answered<'e>, Vec<&'a Case>> {
    let mut answers: BTreeMap<Answered<'e>, Vec<&'a Case>> = BTreeMap::new();
    for exchange in exchanges {
        let Some(case) = cases.get(exchange.case.as_str()) else { continue };
        let Some(got) = exchange.got.as_ref() else { continue };
        let Some(text) = got.body.text.as_deref() else { continue };
        let Some(operation) = operation_of(contract, &exchange.sent.method, &exchange.sent.target)
        else {
            continue;
        };
        let answered = Answered { bytes: got.body.bytes, operation, status: got.status, text };
        let askers = answers.entry(answered).or_default();
        if !askers.iter().any(|asker| asker.id == case.id) {
            askers.push(case);
        }
    }
    answers
}

/// Whether a case may be played on a double that others are played on, too.
pub(super) fn leaves_no_trace(case: &Case) -> bool {
    case.effect == Effect::Read && case.watches().is_none()
}
