//! What is judged over time, as one table: by several looks of a case, or once the appliance's
//! clock is known.
//!
//! Knows: names and requirements. Must not know: how each is done.

use crate::catalogue::{Case, Step};

pub(super) const LIST: &str = "sftp-locks.list";
pub(super) const LIFETIME: &str = "sftp-locks.list/behaviour/lifetime";
pub(super) const EXPIRY: &str = "sftp-locks.list/behaviour/expiry";
pub(super) const MEANING: &str = "sftp-locks.list/body/creationTimestamp/meaning";
pub(super) const SECONDS: &str = "sftp-locks.list/body/expirationTimeOut/meaning";

/// One check over time, for people.
#[derive(Debug)]
pub struct OverTime {
    /// Its name.
    pub name: &'static str,
    /// The requirement that it checks.
    pub requirement: &'static str,
    claimed: fn(&Case) -> bool,
}

/// All checks over time.
pub const OVER_TIME: &[OverTime] = &[
    OverTime { name: "no-expired-lock", requirement: EXPIRY, claimed: looks_again },
    OverTime { name: "created-in-the-past", requirement: MEANING, claimed: lists },
    OverTime {
        name: "lives-its-seconds",
        requirement: LIFETIME,
        claimed: |case| waits(case) && makes(case),
    },
    OverTime { name: "seconds-stay-or-count-down", requirement: SECONDS, claimed: waits },
];

/// What a case claims by what it sees over time.
pub(super) fn claimed(case: &Case) -> impl Iterator<Item = &'static str> {
    OVER_TIME.iter().filter(|check| (check.claimed)(case)).map(|check| check.requirement)
}

fn lists(case: &Case) -> bool {
    case.steps.iter().any(list)
}

/// Whether it sees a lock again. One look alone can't tell whether the seconds count down, and so
/// when a lock is over.
fn looks_again(case: &Case) -> bool {
    case.steps.windows(2).any(|pair| pair.iter().all(list))
}

fn list(step: &Step) -> bool {
    step.operation == LIST
        && step.request.method.is_none()
        && step.expect.observe.is_none()
        && step.expect.status.contains(&200)
}

/// Whether it looks again after a while.
fn waits(case: &Case) -> bool {
    lists(case) && case.steps.iter().any(|step| step.operation == LIST && !step.wait.is_zero())
}

fn makes(case: &Case) -> bool {
    case.steps
        .iter()
        .any(|step| step.operation == "sftp-locks.create" && step.request.method.is_none())
}
