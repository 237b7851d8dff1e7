//! How long locks live, and what each look does to them: where they live as long as they say, and
//! where a fault has it otherwise.
//!
//! Knows: the page's sentence on expiry. Must not know HTTP.

use jiff::Timestamp;

use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::later_by_seconds;
use super::state::State;

/// An appliance that clears expired locks in rounds does so once in so many seconds.
const ROUND: i64 = 20;

/// How long a lock lives that is made for so many seconds.
pub(crate) fn granted(state: &State, timeout: i64) -> i64 {
    if state.has(Fault::LocksLiveHalf) {
        timeout / 2
    } else if state.has(Fault::LocksLiveDouble) {
        timeout.saturating_mul(2)
    } else if state.has(Fault::LocksLiveHalfAMinuteAtMost) {
        timeout.min(30)
    } else if state.has(Fault::LocksLiveTheDefault) {
        1200
    } else {
        timeout
    }
}

/// The moment by which a lock must have ended to be gone now.
pub(crate) fn cleared(state: &State, now: Timestamp) -> Timestamp {
    if state.varies(Variant::LocksClearedInRounds) {
        later_by_seconds(now, -now.as_second().rem_euclid(ROUND))
    } else {
        now
    }
}

/// What a look at the list does to the locks.
pub(crate) fn list_looked_at(state: &mut State, now: Timestamp) {
    let (prolonged, growing) =
        (state.has(Fault::LocksProlongedByTheList), state.has(Fault::LocksGrowAtEachLook));
    for lock in &mut state.locks {
        lock.looked += 1;
        if prolonged {
            lock.lives = now
                .as_second()
                .saturating_sub(lock.created.as_second())
                .saturating_add(lock.timeout);
        }
        if growing {
            lock.lives = lock.lives.saturating_add(10);
        }
    }
}

/// What a look at a single lock does to it.
pub(crate) fn lock_looked_at(state: &mut State, id: &str) {
    if state.has(Fault::LockProlongedByReading) {
        for lock in state.locks.iter_mut().filter(|lock| lock.id == id) {
            lock.lives = lock.lives.saturating_add(lock.timeout);
        }
    }
}

/// The seconds that a lock shows.
pub(crate) fn shown(state: &State, timeout: i64, looked: i64) -> i64 {
    // Others than the first look.
    let again = looked.saturating_sub(1).max(0);
    if state.has(Fault::LockSecondsGrow) || state.has(Fault::LocksGrowAtEachLook) {
        timeout.saturating_add(again.saturating_mul(10))
    } else if state.has(Fault::LockSecondsDrop) && again > 0 {
        timeout / 10
    } else {
        timeout
    }
}

/// The time of creation that a lock shows.
pub(crate) fn dated(state: &State, created: Timestamp, looked: i64) -> Timestamp {
    if state.has(Fault::LockCreatedDrifts) {
        later_by_seconds(created, -90 * looked.saturating_sub(1).max(0))
    } else {
        created
    }
}
