//! After which refusals is looked for what they did all the same, and at which lists.
//!
//! Knows: the refusals of a plan, in their order. Must not know: what the lists show.

use std::time::Duration;

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
    /// All of them, in the order in which they are asked for. Locks first: theirs is the page that states most about a right request. Jobs before
    /// backups: a job is listed at once, and what it does shows later.
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
            _ => &[Self::Jobs],
        }
    }
}

/// The names of looks begin so.
pub const LOOK: &str = "look";
/// So long the changes before it are left to settle before the first look: lists may be a moment behind.
pub const SETTLED: Duration = Duration::from_secs(3);
/// So long after the last refusal the backups are asked for once more: a copy takes its time.
pub const LATE: Duration = Duration::from_secs(3);
/// After so many refusals all lists are asked for, and after so many those in which they show.
const MOST_UNTIL_ALL: usize = 12;
const MOST_UNTIL_OWN: usize = 8;

/// For each refusal, the lists that are asked for after it. Refusals of one requirement share a look, so that what is seen is seen of that one.
#[must_use]
pub fn looks(refusals: &[&Case]) -> Vec<&'static [Watched]> {
    let (mut all, mut own) = (0, 0);
    let kind = |case: &Case| {
        let step = case.steps.first()?;
        Some((case.operation.clone(), step.expect.requirement.clone(), step.request.auth))
    };
    let looks = refusals.iter().enumerate().map(|(index, case)| {
        (all, own) = (all + 1, own + 1);
        let next = refusals.get(index + 1);
        let leaves = next.is_none_or(|next| next.operation != case.operation);
        let ends = next.is_none_or(|next| kind(next) != kind(case));
        let stranger = case.steps.first().is_some_and(|step| step.request.auth != Auth::Default);
        if leaves || (ends && (stranger || all >= MOST_UNTIL_ALL)) || all >= MOST_UNTIL_ALL + MOST_UNTIL_OWN {
            (all, own) = (0, 0);
            return Watched::ALL;
        }
        if ends || own >= MOST_UNTIL_OWN {
            own = 0;
            return Watched::of_operation(&case.operation);
        }
        &[][..]
    });
    looks.collect()
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
