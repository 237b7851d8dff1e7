//! How a double begins, and what time alone does to it.
//!
//! Knows what each part begins with, and that some of it ends. Must not know requests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::super::misbehave::script::Script;
use super::super::misbehave::variant::Variant;
use super::super::site::store::Site;
use super::super::terms::clock::later;
use super::jobs;
use super::locks;
use super::options::Options;
use super::sessions;
use super::state::State;
use super::things::{self, Lag};
use super::users;

impl State {
    /// A double as it is when it starts.
    #[must_use]
    pub fn new(options: Options, now: Timestamp) -> Self {
        let now = options.shown_time(now);
        let mut state = Self {
            script_calls: vec![0; options.scripts.len()],
            site: Site::default(),
            crowd: if options.variants.contains(&Variant::FiftyThousandLocks) { 50_000 } else { 0 },
            uuid: "3a6c0e58-71d9-4f2b-9e84-05b7c1d82fa6".to_owned(),
            users: things::accounts_at_start(),
            sessions: Vec::new(),
            most_sessions: 0,
            locks: Vec::new(),
            validated: BTreeSet::new(),
            looked: later(now, SignedDuration::from_hours(-1)),
            looks_until: now,
            shares: things::MOUNT_POINTS.map(str::to_owned).into(),
            backups: things::backups_at_start(&options),
            jobs: Vec::new(),
            next_job: 17,
            first_job: 17,
            lag: Lag::default(),
            wire_played: BTreeSet::new(),
            heard: 0,
            trap: None,
            supervisor_was_here: false,
            served: BTreeMap::new(),
            ids_made: 0,
            given_ids: BTreeSet::new(),
            options,
        };
        // What a fault needs to be seen at all is there from the start, on whichever call the fault
        // comes.
        let standing = state.options.faults.clone();
        state.options.faults.extend(state.options.scripts.iter().filter_map(Script::fault));
        locks::at_start(&mut state, now);
        jobs::at_start(&mut state, now);
        state.options.faults = standing;
        state
    }

    /// What time alone does: locks and sessions expire, jobs come to their end.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        locks::expire(self, now);
        sessions::expire(self, now);
        users::expire(self, now);
        jobs::settle(self, now);
    }
}
