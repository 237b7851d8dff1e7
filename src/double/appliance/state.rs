//! Everything that the double remembers between two requests, and what time alone does to it.
//!
//! Knows the parts and how they begin. Must not know paths, bodies or a clock: the time is always
//! given.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::site::store::Site;
use super::options::Options;
use super::things::{Backup, Job, Lag, Lock, Session, Trap, User};

/// The state of one double.
#[derive(Debug, Clone)]
pub struct State {
    pub(crate) options: Options,
    /// The appliance's own.
    pub(crate) uuid: String,
    pub(crate) users: Vec<User>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) most_sessions: usize,
    pub(crate) locks: Vec<Lock>,
    /// How many locks more the next list has.
    pub(crate) crowd: u64,
    /// What it manages.
    pub(crate) site: Site,
    /// The profiles whose compliance a user has called valid.
    pub(crate) validated: BTreeSet<String>,
    /// When it last looked for devices, and until when it does.
    pub(crate) looked: Timestamp,
    pub(crate) looks_until: Timestamp,
    pub(crate) shares: Vec<String>,
    pub(crate) backups: Vec<Backup>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) next_job: u64,
    /// The number of the first job that was asked for.
    pub(crate) first_job: u64,
    /// What lists are behind by.
    pub(crate) lag: Lag,
    pub(crate) wire_played: BTreeSet<Fault>,
    /// How many requests came.
    pub(crate) heard: u64,
    /// What the last refusal left for the next request.
    pub(crate) trap: Option<Trap>,
    /// How many calls each script has seen.
    pub(crate) script_calls: Vec<u64>,
    /// Whether a privileged user has shown credentials; some faults forget whose they were.
    pub(crate) supervisor_was_here: bool,
    pub(crate) served: BTreeMap<(&'static str, &'static str), u64>,
    pub(crate) ids_made: u64,
    /// The ids of locks that were not made here, in lower case.
    pub(crate) given_ids: BTreeSet<String>,
}

impl State {
    /// How it was set up.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many sessions are open.
    #[must_use]
    pub fn sessions_open(&self) -> usize {
        self.sessions.len()
    }

    /// The largest number of sessions that were ever open at once.
    #[must_use]
    pub fn max_sessions_seen(&self) -> usize {
        self.most_sessions
    }

    /// How many logins of this user were refused since the last one that wasn't.
    #[must_use]
    pub fn failed_logins(&self, user: &str) -> u32 {
        self.users.iter().find(|u| *u.name == *user).map_or(0, |u| u.failed)
    }

    /// How many logins of this user were ever refused.
    #[must_use]
    pub fn failed_logins_ever(&self, user: &str) -> u32 {
        self.users.iter().find(|u| *u.name == *user).map_or(0, |u| u.failed_ever)
    }

    /// How many requests came for this method and path template, for example `("DELETE",
    /// "/tasks/{job_list}")`.
    #[must_use]
    pub fn served(&self, method: &str, template: &str) -> u64 {
        self.served
            .iter()
            .filter(|((m, t), _)| *m == method && *t == template)
            .map(|(_, n)| n)
            .sum()
    }

    /// How many requests came, by method and path template.
    pub(crate) fn requests(&self) -> impl Iterator<Item = ((&'static str, &'static str), u64)> {
        self.served.iter().map(|(place, count)| (*place, *count))
    }

    /// How many requests came that weren't GET, logins and logouts not counted.
    #[must_use]
    pub fn writes_served(&self) -> u64 {
        let is_write = |m: &str, t: &str| m != "GET" && !t.starts_with("/sessions");
        self.served.iter().filter(|((m, t), _)| is_write(m, t)).map(|(_, n)| n).sum()
    }

    /// How many SFTP locks are held, at the time of the last request.
    #[must_use]
    pub fn locks_held(&self) -> usize {
        self.locks.len()
    }

    /// Where a backup lies, at the time of the last request: `internal` and mount points.
    #[must_use]
    pub fn backup_locations(&self, uuid: &str) -> Option<&[String]> {
        self.backups.iter().find(|b| *b.uuid == *uuid).map(|b| b.locations.as_slice())
    }

    /// The backup of this uuid; letters may be in either case.
    pub(crate) fn backup(&self, uuid: &str) -> Option<&Backup> {
        self.backups.iter().find(|backup| {
            if self.varies(Variant::UuidCaseSensitive) {
                *backup.uuid == *uuid
            } else {
                backup.uuid.eq_ignore_ascii_case(uuid)
            }
        })
    }

    /// How many jobs were started.
    #[must_use]
    pub fn jobs_started(&self) -> u64 {
        self.next_job.saturating_sub(self.first_job)
    }

    /// Takes away a backup that nobody has named, where a fault says so.
    pub(super) fn lose_another_backup(&mut self, named: &str) {
        if let Some(last) = self.backups.iter().rposition(|backup| *backup.uuid != *named) {
            self.backups.remove(last);
        }
    }

    /// Takes away the copies of backups that nobody has named from a place, where a fault says so.
    /// Whatever lies there alone stays.
    pub(super) fn clear_place_of_others(&mut self, named: &str, place: &str) {
        let others = self.backups.iter_mut().filter(|backup| *backup.uuid != *named);
        for backup in others.filter(|backup| backup.locations.len() > 1) {
            backup.locations.retain(|known| known != place);
        }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.options.faults.contains(&fault)
    }

    pub(crate) fn varies(&self, variant: Variant) -> bool {
        self.options.variants.contains(&variant)
    }

    pub(crate) fn count(&mut self, method: &str, template: &'static str) {
        const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS"];
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or("OTHER");
        *self.served.entry((method, template)).or_default() += 1;
    }

    /// A new id of 32 letters and digits. Ids are a function of their number, so that runs can be
    /// compared.
    pub(crate) fn new_id(&mut self) -> String {
        loop {
            self.ids_made += 1;
            let id = format!("{:016x}{:016x}", mix(self.ids_made * 2), mix(self.ids_made * 2 + 1));
            // A lock that was given from outside may have it already; sessions never are.
            if self.given_ids.is_empty() || !self.given_ids.contains(&id.to_ascii_lowercase()) {
                return id;
            }
        }
    }
}

/// Spreads a number over 64 bits (splitmix64).
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x0005_f7b0_1c3a_5511);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_leave_nothing_behind_that_grows_with_their_number() {
        let mut bench = super::super::super::testing::Bench::new();
        let mut round = |nth: usize| {
            bench.get("/aicc/service/sftp/locks");
            bench.get(&format!("/unknown/{nth}"));
            bench.send(&format!("M{nth}"), "/tasks", "");
            bench.login("USERID", "PASSW0RD");
            bench.login(&format!("nobody-{nth}"), "x");
            bench.send(
                "POST",
                "/aicc/service/sftp/locks",
                r#"{"component": "UP", "expirationTimeOut": 1}"#,
            );
            bench.start("copy", super::super::super::testing::SHARED, "internal");
            bench.wait(4000);
            if nth % 1200 == 1199 { format!("{:?}", bench.state).len() } else { 0 }
        };
        let sizes: Vec<usize> = (0..2400).map(&mut round).filter(|size| *size > 0).collect();
        // A thousand ended jobs are remembered; after that only numbers get longer.
        assert!(sizes[0] > 1000 && sizes[1] < sizes[0] + sizes[0] / 20, "{sizes:?}");
    }

    #[test]
    fn ids_are_32_letters_and_digits_and_all_differ() {
        let mut state = State::new(Options::default(), jiff::Timestamp::UNIX_EPOCH);
        let ids: BTreeSet<String> = (0..500).map(|_| state.new_id()).collect();
        assert_eq!(ids.len(), 500);
        for id in ids {
            assert_eq!(id.len(), 32);
            assert!(
                id.chars().any(|c| c.is_ascii_digit())
                    && id.chars().any(|c| c.is_ascii_alphabetic())
            );
        }
    }
}
