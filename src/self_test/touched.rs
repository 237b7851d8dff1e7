//! Which cases a fault can show in: those that had an answer of its operation.
//!
//! Knows: the exchanges of the run against the right double, and where a fault shows. Must not
//! know: what a run makes of a fault.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Case, Catalogue, Effect};
use crate::contract::{Contract, Operation, operation_of};
use crate::exchange::{Exchange, Purpose};

use super::faults::{FaultEntry, Play};
use super::play::only;

/// Who had answers of which operation; operations by method and path.
#[derive(Debug, Default)]
pub(super) struct Touched<'a> {
    cases: BTreeMap<String, BTreeSet<&'a str>>,
    /// Those that the run asked of itself, between cases.
    between: BTreeSet<String>,
    /// Those that it asked before any case: everything hangs on them.
    before: BTreeSet<String>,
}

/// Method and path; what a placeholder is called differs from reader to reader.
fn place(method: &str, path: &str) -> String {
    let steps = path.split('/').map(|step| if step.starts_with('{') { "{}" } else { step });
    format!("{method} {}", steps.collect::<Vec<_>>().join("/"))
}

impl<'a> Touched<'a> {
    pub(super) fn of(contract: &Contract, exchanges: &[&'a Exchange]) -> Self {
        let mut touched = Self::default();
        for exchange in exchanges {
            let (method, target) = (&exchange.sent.method, &exchange.sent.target);
            let found = operation_of(contract, method, target);
            let Some(operation) = found.and_then(|id| contract.operations.get(id)) else {
                continue;
            };
            let place = place(&operation.method, &operation.path);
            if !exchange.case.is_empty() {
                touched.cases.entry(place).or_default().insert(&exchange.case);
            } else if exchange.purpose == Purpose::Discover {
                touched.between.insert(place);
            } else {
                touched.before.insert(place);
            }
        }
        touched
    }

    /// Whether a case had an answer of an operation.
    pub(super) fn by(&self, operation: &Operation, case: &Case) -> bool {
        let cases = self.cases.get(&place(&operation.method, &operation.path));
        cases.is_some_and(|cases| cases.contains(case.id.as_str()))
    }

    /// The cases that a fault can show in, if they are fewer than all. A change of replies shows
    /// where they are read, and so does what else a fault of a GET does: the table of faults is
    /// held against that.
    pub(super) fn narrowed(&self, catalogue: &Catalogue, fault: &FaultEntry) -> Option<Catalogue> {
        let (method, path) = fault.place.split_once(' ')?;
        match fault.play {
            Play::Edits(_) => {}
            Play::Code(_) if method == "GET" => {}
            Play::Code(_) | Play::Wire(_) => return None,
        }
        let place = place(method, path);
        if self.before.contains(&place) {
            return None;
        }
        let asked = self.cases.get(&place).filter(|cases| !cases.is_empty())?;
        // What the run looks at between two cases tells it facts, and what a change did.
        let between = self.between.contains(&place);
        let meant = |case: &Case| {
            asked.contains(case.id.as_str())
                || (between
                    && (case.effect > Effect::Read
                        || !case.needs.is_empty()
                        || case.watches().is_some()))
        };
        Some(only(catalogue, meant)).filter(|fewer| fewer.cases.len() < catalogue.cases.len())
    }
}
