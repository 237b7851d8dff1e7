//! How a double is set up.
//!
//! Knows the names of what it can do wrong and differently. Must not know what any of it does.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::super::misbehave::edit_fault::EditFault;
use super::super::misbehave::fault::Fault;
use super::super::misbehave::script::Script;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::later_by_seconds;

/// How a double is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The version that the appliance says it has.
    pub version: String,
    /// What it does wrong.
    pub faults: BTreeSet<Fault>,
    /// What it does differently and still right.
    pub variants: BTreeSet<Variant>,
    /// What it does on single calls.
    pub scripts: Vec<Script>,
    /// After how many refused logins in a row a user is locked out for an hour; 0 is never.
    pub lock_out_after: u32,
    /// Whether cookies are marked `Secure` (right behind TLS, wrong without).
    pub secure_cookies: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: "4.1.0".to_owned(),
            faults: BTreeSet::new(),
            variants: BTreeSet::new(),
            scripts: Vec::new(),
            lock_out_after: 20,
            secure_cookies: false,
        }
    }
}

impl Options {
    /// Makes it wrong in one more respect, as a table outside of the double has it.
    pub fn play(&mut self, fault: &EditFault) {
        self.scripts.extend(fault.lines().iter().cloned());
    }

    /// The names of the faults from the first request to the last.
    pub(crate) fn fault_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.faults.iter().map(|fault| fault.name()).collect();
        names.extend(self.scripts.iter().filter_map(|script| script.of.as_deref()));
        names.dedup();
        names
    }

    /// The time as the appliance has it.
    pub(crate) fn shown_time(&self, now: Timestamp) -> Timestamp {
        const DAY: i64 = 24 * 60 * 60;
        if self.variants.contains(&Variant::ClockAhead) {
            later_by_seconds(now, DAY)
        } else if self.variants.contains(&Variant::ClockBehind) {
            later_by_seconds(now, -365 * DAY)
        } else {
            now
        }
    }
}

impl Options {
    /// What the `Date` header says, if there is one.
    pub(crate) fn date(&self, now: Timestamp) -> Option<Timestamp> {
        let varies = |variant| self.variants.contains(&variant);
        if varies(Variant::DateAbsent) {
            None
        } else if varies(Variant::DateStandsStill) {
            Some(Timestamp::UNIX_EPOCH)
        } else if varies(Variant::DateHoursBehind) {
            Some(later_by_seconds(now, -3 * 3600))
        } else if varies(Variant::DateYearsAhead) {
            Some(later_by_seconds(now, 3 * 365 * 86_400))
        } else {
            Some(now)
        }
    }
}
