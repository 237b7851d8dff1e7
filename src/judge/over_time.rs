//! What is judged over time: by several looks of a case, or once the appliance's clock is known.
//!
//! Knows: the checks over time that an operation file declares, and what a case claims by them.
//! Must not know: how each is done.

use crate::catalogue::{Case, Step};
use crate::contract::{Contract, Kind, Lifetime, Operation, RowShape};

/// The rules on the rows of one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    /// The operation that lists them.
    pub(super) list: &'a Operation,
    /// How one is known.
    pub(super) row: &'a RowShape,
    /// When they come and go.
    pub(super) lifetime: &'a Lifetime,
    /// The operation that makes one.
    pub(super) maker: Option<&'a Operation>,
    /// The operation that takes one away.
    pub(super) remover: Option<&'a Operation>,
    /// No row is listed whose time is over.
    pub(super) expiry: Option<&'a str>,
    /// A row was made in the past.
    pub(super) past: Option<&'a str>,
    /// A row lives as long as it was made for.
    pub(super) life: Option<&'a str>,
    /// What a row says of its own time stays, or counts down.
    pub(super) steady: Option<&'a str>,
}

/// The rules of every list that has some.
pub(super) fn rules(contract: &Contract) -> impl Iterator<Item = Rules<'_>> {
    contract.operations.values().filter_map(|list| {
        let of = |kind: &Kind| {
            list.semantics
                .iter()
                .find(|check| check.kind == *kind)
                .map(|check| check.requirement.as_str())
        };
        let lifetime = list.lifetime.as_ref()?;
        Some(Rules {
            list,
            row: list.row_shape.as_ref()?,
            lifetime,
            maker: contract.operations.get(&lifetime.made_by),
            remover: contract.operations.get(&lifetime.deleted_by),
            expiry: of(&Kind::Expires),
            past: of(&Kind::NotAfterNow),
            life: of(&Kind::Lives),
            steady: of(&Kind::Steady),
        })
    })
}

impl<'a> Rules<'a> {
    /// What a case claims by what it sees over time.
    fn claimed(self, case: &Case) -> impl Iterator<Item = &'a str> {
        let lists = case.steps.iter().any(|step| self.looks(step));
        // One look alone can't tell whether the seconds count down, and so when a row is over.
        let looks_again =
            case.steps.windows(2).any(|pair| pair.iter().all(|step| self.looks(step)));
        let waits = lists
            && case.steps.iter().any(|step| step.operation == self.list.id && !step.wait.is_zero());
        let makes = case
            .steps
            .iter()
            .any(|step| step.operation == self.lifetime.made_by && step.request.method.is_none());
        [
            self.expiry.filter(|_| looks_again),
            self.past.filter(|_| lists),
            self.life.filter(|_| waits && makes),
            self.steady.filter(|_| waits),
        ]
        .into_iter()
        .flatten()
    }

    fn looks(self, step: &Step) -> bool {
        step.operation == self.list.id
            && step.request.method.is_none()
            && step.expect.observe.is_none()
            && step.expect.status.contains(&200)
    }
}

/// What a case claims by what it sees over time.
pub(super) fn claimed<'a>(contract: &'a Contract, case: &'a Case) -> impl Iterator<Item = &'a str> {
    rules(contract).flat_map(|rules| rules.claimed(case))
}
