//! After which refusals is looked for what they did all the same, and at which lists.
//!
//! Knows: the refusals of a plan, in their order. Must not know: what the lists show.

use std::time::Duration;

use serde_json::Value;

use crate::catalogue::{Auth, Case};

/// A list in which the effect of a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Watched {
    /// `GET /aicc/service/sftp/locks`.
    Locks,
    /// `GET /tasks`.
    Jobs,
    /// `GET /managementServer/data`.
    Backups,
}

impl Watched {
    /// All of them, in the order in which they are asked for. Locks first: theirs is the page that
    /// states most about a right request. Jobs before backups: a job is listed at once, and what it
    /// does shows later.
    pub const ALL: &'static [Self] = &[Self::Locks, Self::Jobs, Self::Backups];

    /// The word used in records.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Locks => "locks",
            Self::Jobs => "jobs",
            Self::Backups => "backups",
        }
    }

    /// The operation that gives the list.
    #[must_use]
    pub fn operation(self) -> &'static str {
        match self {
            Self::Locks => "sftp-locks.list",
            Self::Jobs => "tasks.list",
            Self::Backups => "backup.list",
        }
    }

    /// How the look of this number is named in plans and records.
    #[must_use]
    pub fn step(self, number: usize) -> String {
        format!("{LOOK}-{number}-{}", self.word())
    }

    /// The list that a look of this name asked for.
    #[must_use]
    pub fn of_step(step: &str) -> Option<Self> {
        let (number, word) = step.strip_prefix(LOOK)?.strip_prefix('-')?.split_once('-')?;
        number.parse::<usize>().ok()?;
        Self::ALL.iter().copied().find(|listed| listed.word() == word)
    }

    /// Where a wrong acceptance of an operation shows.
    fn of_operation(operation: &str) -> &'static [Self] {
        match operation {
            "backup.transfer" => &[Self::Jobs, Self::Backups],
            locks if locks.starts_with("sftp-locks.") => &[Self::Locks],
            // A login that is refused changes nothing that a list shows.
            "session.open" => &[],
            _ => &[Self::Jobs],
        }
    }
}

/// The names of looks begin so.
pub const LOOK: &str = "look";
/// So long the changes before it are left to settle before the first look: lists may be a moment
/// behind.
pub const SETTLED: Duration = Duration::from_secs(3);
/// So long after the last refusal the backups are asked for once more: a copy takes its time.
pub const LATE: Duration = Duration::from_secs(3);
/// After about so many refusals all lists are asked for.
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
pub fn looks(refusals: &[&Case]) -> Vec<&'static [Watched]> {
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
        let shows = Watched::of_operation(&case.operation);
        if shows.is_empty() {
            return shows;
        }
        (all, own) = (all + 1, own + 1);
        if names_a_copy(case) {
            named = Some(*case);
        }
        let next = refusals.get(index + 1);
        let leaves = next.is_none_or(|next| next.operation != case.operation);
        let ends = next.is_none_or(|next| !same(next, case));
        let confused = named.zip(next).is_some_and(|(named, next)| {
            requirement(next) != requirement(named) && names_a_copy(next)
        });
        let stranger = auth(case).is_some_and(|auth| auth != Auth::Default);
        if leaves || (ends && all >= ALL_AFTER) || all >= ALL_AFTER + OWN_AFTER_AT_MOST {
            (all, own, named) = (0, 0, None);
            return Watched::ALL;
        }
        if confused || (ends && (stranger || own >= OWN_AFTER)) || own >= OWN_AFTER_AT_MOST {
            own = 0;
            return if named.take().is_some() { shows } else { without_backups(shows) };
        }
        &[][..]
    });
    looks.collect()
}

fn requirement(case: &Case) -> Option<&str> {
    case.steps.first()?.expect.requirement.as_deref()
}

fn without_backups(lists: &'static [Watched]) -> &'static [Watched] {
    match lists {
        [rest @ .., Watched::Backups] => rest,
        _ => lists,
    }
}

/// Whether a request, were it carried out, would make a known backup appear at a known place, or go
/// from one.
fn names_a_copy(case: &Case) -> bool {
    let body = case
        .steps
        .first()
        .and_then(|step| step.request.json.as_deref())
        .and_then(|text| serde_json::from_str(text).ok());
    let Some(Value::Object(members)) = body else { return false };
    let texts: Vec<&str> = members.values().filter_map(Value::as_str).collect();
    let known = texts
        .iter()
        .filter(|text| text.eq_ignore_ascii_case("internal") || is_placeholder(text))
        .count();
    let word = |wanted: &str| texts.iter().any(|text| text.eq_ignore_ascii_case(wanted));
    !word("push") && (known > 1 || (known == 1 && word("move")))
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
        for listed in Watched::ALL {
            assert_eq!(Watched::of_step(&listed.step(17)), Some(*listed));
        }
        for other in ["look", "look-jobs", "look-1-nodes", "before-locks", "list"] {
            assert_eq!(Watched::of_step(other), None, "{other}");
        }
    }
}
