//! Lists that are a moment behind what changed them, where a variant wants it.
//!
//! Knows what was there before a change, and for how long it is still shown. Must not know what
//! changes it.

use jiff::{SignedDuration, Timestamp};

use super::super::misbehave::variant::Variant;
use super::super::terms::clock::later;
use super::state::State;
use super::things::{Backup, Lock};

/// For how long the list of backups shows what was there before.
const BACKUPS: SignedDuration = SignedDuration::from_millis(2500);
/// For how long the list of locks does.
const LOCKS: SignedDuration = SignedDuration::from_millis(1500);

/// The backups are about to change.
pub(crate) fn backups_change(state: &mut State, now: Timestamp) {
    if state.varies(Variant::BackupsBehindTheirJob) {
        let still =
            state.lag.backups.take().filter(|(until, _)| now < *until).map(|(_, shown)| shown);
        state.lag.backups =
            Some((later(now, BACKUPS), still.unwrap_or_else(|| state.backups.clone())));
    }
}

/// The backups as the list has them.
pub(crate) fn backups(state: &State, now: Timestamp) -> &[Backup] {
    state
        .lag
        .backups
        .as_ref()
        .filter(|(until, _)| now < *until)
        .map_or(&state.backups, |(_, shown)| shown)
}

/// A lock was created.
pub(crate) fn lock_created(state: &mut State, id: &str, now: Timestamp) {
    if state.varies(Variant::LocksBehind) {
        state.lag.created.retain(|(until, _)| now < *until);
        state.lag.created.push((later(now, LOCKS), id.to_owned()));
    }
}

/// A lock is about to be deleted.
pub(crate) fn lock_deleted(state: &mut State, id: &str, now: Timestamp) {
    if state.varies(Variant::LocksBehind) {
        state.lag.deleted.retain(|(until, _)| now < *until);
        state.lag.deleted.extend(
            state
                .locks
                .iter()
                .find(|lock| lock.id == id)
                .map(|lock| (later(now, LOCKS), lock.clone())),
        );
    }
}

/// The locks as the list has them.
pub(crate) fn locks(state: &State, now: Timestamp) -> Vec<Lock> {
    let not_yet =
        |lock: &Lock| state.lag.created.iter().any(|(until, id)| now < *until && *id == lock.id);
    let still = state.lag.deleted.iter().filter(|(until, _)| now < *until).map(|(_, lock)| lock);
    state.locks.iter().filter(|lock| !not_yet(lock)).chain(still).cloned().collect()
}
