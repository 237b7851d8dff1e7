//! Reads a document of the state and judges it: every problem with its line and column.
//!
//! Knows which values a double can begin with. Must not know how it begins with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde_json::value::RawValue;

use super::super::misbehave::fault::Fault;
use super::super::site::element::{self, Element};
use super::super::site::store::{self, Site};
use super::jobs::MOST_JOBS;
use super::locks::MOST_LOCKS;
use super::snapshot::{FORMAT, JobState, Snapshot, job_number};
use super::things::{self, INTERNAL};

/// The greatest number of a job.
const MOST_NUMBER: u64 = 999_999_999_999;
/// How many problems are told at once.
const MOST_TOLD: usize = 20;
/// How many are looked for: to find a place costs as much as to read the document.
const MOST_FOUND: usize = 100;

/// Why a document is no state that a double could begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(problems))]
pub struct StateError {
    /// In the order of the document's parts; never empty.
    pub problems: Vec<StateProblem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateProblem {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for StateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

fn lines(problems: &[StateProblem]) -> String {
    let mut lines: Vec<String> =
        problems.iter().take(MOST_TOLD).map(|problem| format!("  {problem}")).collect();
    if problems.len() > MOST_TOLD {
        let least = if problems.len() < MOST_FOUND { "" } else { "at least " };
        lines.push(format!("  and {least}{} more", problems.len() - MOST_TOLD));
    }
    lines.join("\n")
}

/// A step of the way to a value.
#[derive(Debug, Clone, Copy)]
enum Step {
    Member(&'static str),
    Entry(usize),
}
use Step::{Entry, Member};

impl FromStr for Snapshot {
    type Err = StateError;

    fn from_str(text: &str) -> Result<Self, StateError> {
        // An array would be read as the members in their order, which nobody means.
        if !text.trim_start().starts_with('{') {
            let message = "the document is not a JSON object".to_owned();
            return Err(StateError {
                problems: vec![StateProblem { line: 1, column: 1, message }],
            });
        }
        let snapshot: Self = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let message = unquoted(message.strip_suffix(&place).unwrap_or(&message));
            StateError {
                problems: vec![StateProblem {
                    line: error.line(),
                    column: error.column().max(1),
                    message,
                }],
            }
        })?;
        let mut found = Found { text, problems: Vec::new() };
        found.appliance(&snapshot);
        found.accounts(&snapshot);
        found.locks(&snapshot);
        found.backups(&snapshot);
        found.jobs(&snapshot);
        found.site(&snapshot);
        if found.problems.is_empty() {
            Ok(snapshot)
        } else {
            Err(StateError { problems: found.problems })
        }
    }
}

/// The reader's words without the value that it found: a state has passwords.
fn unquoted(message: &str) -> String {
    let quoting = ["invalid type: ", "invalid value: ", "unknown variant "]
        .iter()
        .any(|start| message.starts_with(start));
    // `string "…"`, `floating point `1.5``: the kind is told, what it holds isn't.
    let kind = message.split(['`', '"', ',']).next().unwrap_or_default().trim_end();
    match message.rsplit_once(", expected ") {
        Some((_, expected)) if quoting => format!("{kind}, expected {expected}"),
        None if quoting => kind.to_owned(),
        // A point in time quotes what it isn't.
        _ => match (message.split_once('"'), message.rsplit_once('"')) {
            (Some((before, _)), Some((_, after))) => format!("{before}…{after}"),
            _ => message.to_owned(),
        },
    }
}

struct Found<'a> {
    text: &'a str,
    problems: Vec<StateProblem>,
}

impl Found<'_> {
    fn add(&mut self, way: &[Step], message: impl Into<String>) {
        if self.problems.len() >= MOST_FOUND {
            return;
        }
        let before = &self.text[..offset(self.text, way).unwrap_or(0)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.problems.push(StateProblem { line, column, message: message.into() });
    }

    fn appliance(&mut self, snapshot: &Snapshot) {
        if snapshot.format.is_some_and(|format| format != FORMAT) {
            self.add(&[Member("format")], format!("the only form that is known is {FORMAT}"));
        }
        if snapshot.version.as_deref().is_some_and(|version| !plain(version, 40)) {
            self.add(
                &[Member("version")],
                "a version is 1 to 40 letters, digits, dots and hyphens, such as 4.1.0",
            );
        }
        if snapshot.uuid.as_deref().is_some_and(|uuid| !plain(uuid, 40)) {
            self.add(&[Member("uuid")], "a uuid is 1 to 40 letters, digits and hyphens");
        }
        let mut seen = BTreeSet::new();
        for (place, share) in snapshot.shares.iter().flatten().enumerate() {
            let way = [Member("shares"), Entry(place)];
            if !share.starts_with('/') || share.len() < 2 || share.chars().any(char::is_control) {
                self.add(
                    &way,
                    "a share is the path where it is mounted, such as /mnt/backup_share",
                );
            } else if !seen.insert(share) {
                self.add(&way, "the share is in the list twice");
            }
        }
    }

    fn accounts(&mut self, snapshot: &Snapshot) {
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (place, account) in snapshot.accounts.iter().flatten().enumerate() {
            let at = |member| [Member("accounts"), Entry(place), Member(member)];
            let name = &account.name;
            if name.is_empty()
                || name.len() > 64
                || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@-".contains(&byte))
            {
                self.add(&at("name"), "a name is 1 to 64 letters, digits and any of . _ @ -");
            } else if !names.insert(name) {
                self.add(&at("name"), "another account has this name");
            }
            if account.password.as_deref().is_some_and(str::is_empty) {
                self.add(
                    &at("password"),
                    "a password can't be empty; leave it out for the usual one",
                );
            }
            if account.id.as_deref().is_some_and(|id| !plain(id, 40)) {
                self.add(&at("id"), "an id is 1 to 40 letters, digits and hyphens");
            } else if account.id.as_ref().is_some_and(|id| !ids.insert(id)) {
                self.add(&at("id"), "another account has this id");
            }
        }
    }

    fn locks(&mut self, snapshot: &Snapshot) {
        let rows = snapshot.locks.as_deref().unwrap_or_default();
        if rows.len() > MOST_LOCKS {
            self.add(&[Member("locks")], format!("there can be {MOST_LOCKS} locks at most"));
            return;
        }
        let mut ids = BTreeSet::new();
        for (place, lock) in rows.iter().enumerate() {
            let at = |member| [Member("locks"), Entry(place), Member(member)];
            if things::component(&lock.component).is_none() {
                self.add(
                    &at("component"),
                    format!("a component is one of {}", things::COMPONENTS.join(", ")),
                );
            }
            if lock.expiration_time_out <= 0 {
                self.add(&at("expirationTimeOut"), "the number of seconds must be positive");
            }
            if let Some(id) = &lock.id {
                if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    self.add(
                        &at("id"),
                        "an id is 32 letters and digits; leave it out, and the double makes one",
                    );
                } else if !ids.insert(id) {
                    self.add(&at("id"), "another lock has this id");
                }
            }
        }
    }

    fn backups(&mut self, snapshot: &Snapshot) {
        let usual = things::MOUNT_POINTS.map(str::to_owned);
        let shares = snapshot.shares.as_deref().unwrap_or(&usual);
        let mut uuids = BTreeSet::new();
        for (place, backup) in snapshot.backups.iter().flatten().enumerate() {
            let at = |member| [Member("backups"), Entry(place), Member(member)];
            if !plain(&backup.uuid, 40) {
                self.add(&at("uuid"), "a uuid is 1 to 40 letters, digits and hyphens");
            } else if !uuids.insert(backup.uuid.to_ascii_lowercase()) {
                self.add(&at("uuid"), "another backup has this uuid");
            }
            if backup.locations.is_empty() {
                self.add(
                    &at("locations"),
                    "a backup lies somewhere: `internal`, or the path of a share",
                );
            }
            for (nth, location) in backup.locations.iter().enumerate() {
                let way = [Member("backups"), Entry(place), Member("locations"), Entry(nth)];
                if location != INTERNAL && !shares.contains(location) {
                    let known: Vec<&str> = std::iter::once(INTERNAL)
                        .chain(shares.iter().map(String::as_str))
                        .collect();
                    self.add(&way, format!("the location is none of {}", known.join(", ")));
                } else if backup.locations[..nth].contains(location) {
                    self.add(&way, "the location is in the list twice");
                }
            }
        }
    }

    fn jobs(&mut self, snapshot: &Snapshot) {
        let rows = snapshot.jobs.as_deref().unwrap_or_default();
        if rows.len() > MOST_JOBS {
            self.add(&[Member("jobs")], format!("there can be {MOST_JOBS} jobs at most"));
        }
        let mut ids = BTreeSet::new();
        for (place, job) in rows.iter().enumerate() {
            let at = |member| [Member("jobs"), Entry(place), Member(member)];
            if !plain(&job.id, 40) || job_number(&job.id) > MOST_NUMBER {
                self.add(&at("id"), "an id is 1 to 40 letters, digits and hyphens, such as \"17\"");
            } else if !ids.insert(&job.id) {
                self.add(&at("id"), "another job has this id");
            }
            if job.duration_ms.is_some_and(|duration| duration < 0) {
                self.add(&at("durationMs"), "a duration can't be negative");
            }
            if !(0..=100).contains(&job.percentage) {
                self.add(&at("percentage"), "a percentage is from 0 to 100");
            }
            match (job.status, job.start_time, job.end_time) {
                (JobState::Running, _, Some(_)) => {
                    self.add(&at("endTime"), "a job that is running hasn't ended");
                }
                (_, Some(start), Some(end)) if end < start => {
                    self.add(&at("endTime"), "a job can't end before it starts");
                }
                _ => {}
            }
            for (nth, name) in job.faults.iter().enumerate() {
                if let Err(error) = name.parse::<Fault>() {
                    self.add(
                        &[Member("jobs"), Entry(place), Member("faults"), Entry(nth)],
                        error.to_string(),
                    );
                }
            }
        }
        let last = rows.iter().map(|job| job_number(&job.id)).max().unwrap_or_default();
        if snapshot.next_job.is_some_and(|next| next <= last || next > MOST_NUMBER) {
            self.add(
                &[Member("nextJob")],
                "the number of the next job must be greater than that of each job",
            );
        }
    }
}

impl Found<'_> {
    fn site(&mut self, snapshot: &Snapshot) {
        let given = snapshot.site.iter().flatten();
        // What links may lead to: what is given, and what isn't replaced.
        let mut site = Site::default();
        let mut known = Vec::new();
        for (name, elements) in given {
            let Some((name, key)) = store::named(name) else {
                let names: Vec<&str> = store::names().collect();
                let message = format!(
                    "the site has no collection `{}`; it has {}",
                    name.chars().take(40).collect::<String>(),
                    names.join(", ")
                );
                self.add(&[Member("site")], message);
                continue;
            };
            site.replace(name, elements);
            known.push((name, key, elements));
        }
        for (name, key, elements) in known {
            let mut keys = BTreeSet::new();
            for (place, value) in elements.iter().enumerate() {
                let way = [Member("site"), Member(name), Entry(place)];
                let Some(element) = Element::of(value) else {
                    self.add(&way, "an element is an object, with plain names of members");
                    continue;
                };
                if !key.is_empty() {
                    let at = [Member("site"), Member(name), Entry(place), Member(key)];
                    match value[key].as_str() {
                        Some(text) if !plain(&text.replace('_', "-"), 64) => self.add(
                            &at,
                            format!("`{key}` is 1 to 64 letters, digits, dots, hyphens and _"),
                        ),
                        Some(text) if !keys.insert(text.to_ascii_lowercase()) => {
                            self.add(&at, format!("another element has this `{key}`"));
                        }
                        Some(_) => {}
                        None => self.add(&at, format!("an element has a string `{key}`")),
                    }
                }
                for link in element.links().iter().filter(|link| !site.knows(link)) {
                    self.add(
                        &way,
                        format!(
                            "`{}` leads to no element: {}/{}",
                            element::LINK,
                            link.collection,
                            link.key
                        ),
                    );
                }
            }
        }
        if snapshot
            .site
            .as_ref()
            .and_then(|site| site.get("cabinetView"))
            .is_some_and(|view| view.len() != 1)
        {
            self.add(&[Member("site"), Member("cabinetView")], "there is exactly one view");
        }
    }
}

/// Letters, digits, dots and hyphens: what goes into a header, a path and a cookie as it is.
fn plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

/// Where a value begins; where something on the way to it does, if it isn't there.
fn offset(text: &str, way: &[Step]) -> Option<usize> {
    let mut raw: &RawValue = serde_json::from_str(text).ok()?;
    for step in way {
        let next: Option<&RawValue> = match step {
            Member(name) => serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get())
                .ok()?
                .get(*name)
                .copied(),
            Entry(place) => {
                serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok()?.get(*place).copied()
            }
        };
        let Some(next) = next else { break };
        raw = next;
    }
    raw.get().as_ptr().addr().checked_sub(text.as_ptr().addr())
}

#[cfg(test)]
mod tests;
