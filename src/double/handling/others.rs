//! Other people who work on the appliance meanwhile.
//!
//! Knows: what they start and take, and how often. Must not know who else asks for what.

use jiff::Timestamp;

use super::super::appliance::jobs;
use super::super::appliance::locks;
use super::super::appliance::state::State;
use super::super::appliance::things::Work;
use super::super::misbehave::variant::Variant;

/// After so many requests somebody does something.
const RHYTHM: u64 = 41;
/// How long a lock of theirs lives, in seconds.
const LIFE: i64 = 30;

/// What they do before the next request is answered.
pub(crate) fn act(state: &mut State, now: Timestamp) {
    state.heard += 1;
    if !state.heard.is_multiple_of(RHYTHM) {
        return;
    }
    if state.varies(Variant::OthersStartJobs) {
        jobs::start(state, Work::Idle, &"SOMEBODY".into(), now);
    }
    if state.varies(Variant::OthersTakeLocks) {
        locks::take_despite(state, LIFE, now);
    }
}
