//! After which refusals is looked for what they did all the same, and at which lists.
//!
//! Knows: the refusals of a plan, in their order. Must not know: what the lists show.

use std::cmp::Ordering;
use std::time::Duration;

use serde_json::Value;

use crate::appliance::{List, ListKind};
use crate::catalogue::{Auth, Case};
use crate::contract::Contract;

/// A list in which the effect of a request shows, as the appliance file declares it. Its number
/// identifies it.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'c> {
    number: usize,
    /// What is declared.
    pub list: &'c List,
}

impl PartialEq for Watched<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Watched<'_> {}

impl PartialOrd for Watched<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Watched<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number)
    }
}

impl<'c> Watched<'c> {
    /// All that this contract has an operation for, in the order in which they are asked for.
    #[must_use]
    pub fn all(contract: &'c Contract) -> Vec<Self> {
        contract
            .appliance
            .list
            .iter()
            .enumerate()
            .filter(|(_, list)| contract.operations.contains_key(&list.operation))
            .map(|(number, list)| Self { number, list })
            .collect()
    }

    /// Those of a kind.
    #[must_use]
    pub fn of_kind(contract: &'c Contract, kind: ListKind) -> Vec<Self> {
        Self::all(contract).into_iter().filter(|listed| listed.kind() == kind).collect()
    }

    /// What its rows are.
    #[must_use]
    pub fn kind(self) -> ListKind {
        self.list.kind
    }

    /// How the look of this number is named in plans and records.
    #[must_use]
    pub fn step(self, number: usize) -> String {
        format!("{LOOK}-{number}-{}", self.list.name)
    }

    /// How the question is named whether what a case started has ended. It is no look: nobody is
    /// accused by what it shows.
    #[must_use]
    pub fn settles(self) -> String {
        format!("settle-{}", self.list.name)
    }

    /// The list that a look of this name asked for.
    #[must_use]
    pub fn of_step(contract: &'c Contract, step: &str) -> Option<Self> {
        let (number, word) = step.strip_prefix(LOOK)?.strip_prefix('-')?.split_once('-')?;
        number.parse::<usize>().ok()?;
        Self::all(contract).into_iter().find(|listed| listed.list.name == word)
    }

    /// Where a wrong acceptance of an operation shows.
    fn of_operation(contract: &'c Contract, all: &[Self], operation: &str) -> Vec<Self> {
        let declared =
            contract.operations.get(operation).and_then(|operation| operation.shows_in.as_ref());
        let shows = |listed: &&Self| match declared {
            Some(names) => names.contains(&listed.list.name),
            None => listed.kind() == ListKind::Jobs,
        };
        all.iter().filter(shows).copied().collect()
    }
}

/// Whether a request of this operation can start something that goes on after its answer: unless
/// its file says that its effect shows elsewhere than among the jobs, it can.
#[must_use]
pub fn may_start_a_job(contract: &Contract, operation: &str) -> bool {
    let declared =
        contract.operations.get(operation).and_then(|operation| operation.shows_in.as_ref());
    let is_of_jobs = |name: &String| {
        let mut lists = contract.appliance.list.iter();
        lists.any(|list| list.name == *name && list.kind == ListKind::Jobs)
    };
    declared.is_none_or(|names| names.iter().any(is_of_jobs))
}

/// The names of looks begin so.
pub const LOOK: &str = "look";
/// So long the changes before it are left to settle before the first look: lists may be a moment
/// behind.
pub const SETTLED: Duration = Duration::from_secs(3);
/// So long after the last refusal the places are asked for once more: a copy takes its time.
pub const LATE: Duration = Duration::from_secs(3);
/// After about this many refusals, all lists are read.
const ALL_AFTER: usize = 30;
/// After at least and at most so many, the lists in which they show. More at a time would spare
/// little: the search for the one that did it halves.
const OWN_AFTER: usize = 10;
const OWN_AFTER_AT_MOST: usize = 20;

/// For each refusal, the lists that are asked for after it.
///
/// Refusals of several requirements may share a look, because whoever did something is sent again
/// until it is found. Strangers have looks of their own: what they bring about nobody else may. And
/// a copy that appeared doesn't appear twice, so that of the requests that name one there are none
/// of two requirements before a look.
#[must_use]
pub fn looks<'c>(contract: &'c Contract, refusals: &[&Case]) -> Vec<Vec<Watched<'c>>> {
    let lists = Watched::all(contract);
    let (mut all, mut own) = (0, 0);
    // The one whose copy would show at the next look at the backups.
    let mut named: Option<&Case> = None;
    let auth = |case: &Case| case.steps.first().map(|step| step.request.auth);
    let same = |one: &Case, other: &Case| {
        one.operation == other.operation
            && requirement(one) == requirement(other)
            && auth(one) == auth(other)
    };
    let looks = refusals.iter().enumerate().map(|(index, case)| {
        let shows = Watched::of_operation(contract, &lists, &case.operation);
        if shows.is_empty() {
            return shows;
        }
        (all, own) = (all + 1, own + 1);
        if names_a_copy(contract, &lists, case) {
            named = Some(*case);
        }
        let next = refusals.get(index + 1);
        let leaves = next.is_none_or(|next| next.operation != case.operation);
        let ends = next.is_none_or(|next| !same(next, case));
        let confused = named.zip(next).is_some_and(|(named, next)| {
            requirement(next) != requirement(named) && names_a_copy(contract, &lists, next)
        });
        let stranger = auth(case).is_some_and(|auth| auth != Auth::Default);
        if leaves || (ends && all >= ALL_AFTER) || all >= ALL_AFTER + OWN_AFTER_AT_MOST {
            (all, own, named) = (0, 0, None);
            return lists.clone();
        }
        if confused || (ends && (stranger || own >= OWN_AFTER)) || own >= OWN_AFTER_AT_MOST {
            own = 0;
            return if named.take().is_some() { shows } else { without_places(shows) };
        }
        Vec::new()
    });
    looks.collect()
}

fn requirement(case: &Case) -> Option<&str> {
    case.steps.first()?.expect.requirement.as_deref()
}

fn without_places(lists: Vec<Watched<'_>>) -> Vec<Watched<'_>> {
    lists.into_iter().filter(|listed| listed.kind() != ListKind::Places).collect()
}

/// Whether a request, were it carried out, would make a known row appear at a known place, or go
/// from one.
fn names_a_copy(contract: &Contract, lists: &[Watched<'_>], case: &Case) -> bool {
    let body = case
        .steps
        .first()
        .and_then(|step| step.request.json.as_deref())
        .and_then(|text| serde_json::from_str(text).ok());
    let Some(Value::Object(members)) = body else { return false };
    let texts: Vec<&str> = members.values().filter_map(Value::as_str).collect();
    let word = |wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_some_and(|wanted| texts.iter().any(|text| text.eq_ignore_ascii_case(wanted)))
    };
    lists.iter().filter(|listed| listed.kind() == ListKind::Places).any(|listed| {
        let here = contract
            .operations
            .get(&listed.list.operation)
            .and_then(|operation| {
                operation
                    .readings
                    .iter()
                    .find(|known| listed.list.reading == Some(known.name.clone()))
            })
            .and_then(|reading| reading.here.as_deref());
        let is_here = |text: &str| here.is_some_and(|here| text.eq_ignore_ascii_case(here));
        let known = texts.iter().filter(|text| is_here(text) || is_placeholder(text)).count();
        !word(&listed.list.sends_away)
            && (known > 1 || (known == 1 && word(&listed.list.takes_away)))
    })
}

/// Whether a text is one placeholder and nothing else, so that it stands for a value that the
/// appliance knows.
fn is_placeholder(text: &str) -> bool {
    text.strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"))
        .is_some_and(|name| !name.contains(['{', '}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_known_by_its_name() {
        let contract = crate::contract::built_in();
        let all = Watched::all(contract);
        assert_eq!(all.len(), 3);
        for listed in all {
            assert_eq!(Watched::of_step(contract, &listed.step(17)), Some(listed));
        }
        for other in ["look", "look-jobs", "look-1-nodes", "before-locks", "list"] {
            assert_eq!(Watched::of_step(contract, other), None, "{other}");
        }
    }
}
