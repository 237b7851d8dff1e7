//! The state as a document: what a double can begin with, and what it tells of itself at the path
//! of its own.
//!
//! Knows the form, and the way from the state to it and back. Must not know what a value may be
//! beyond its type; no password, session id or CSRF token is ever written.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::http::operations;
use super::super::http::request::{Reply, Wire};
use super::super::misbehave::fault::Fault;
use super::super::terms::clock::later;
use super::job_rows::{JobWork, TargetRow, WorkRow};
use super::options::Options;
use super::state::State;
use super::things::{Backup, COMPONENTS, End, FIRST, Job, Lock, PASSWORD, User, component};

/// Where the present state is, beside the appliance's own paths.
pub(crate) const PATH: &str = "/_double/state";
/// The one version of the form.
pub(crate) const FORMAT: u64 = 1;

/// What a double begins with. What is left out is as in every double.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    pub(crate) format: Option<u64>,
    pub(crate) version: Option<String>,
    pub(crate) uuid: Option<String>,
    pub(crate) accounts: Option<Vec<AccountRow>>,
    pub(crate) shares: Option<Vec<String>>,
    pub(crate) locks: Option<Vec<LockRow>>,
    pub(crate) backups: Option<Vec<BackupRow>>,
    pub(crate) jobs: Option<Vec<JobRow>>,
    pub(crate) next_job: Option<u64>,
    /// The collections that are not the built-in ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site: Option<BTreeMap<String, Vec<Value>>>,
    /// Told, and not taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) observed: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Supervisor,
    Operator,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountRow {
    pub(crate) name: String,
    pub(crate) role: Role,
    /// Read, never written.
    #[serde(skip_serializing)]
    pub(crate) password: Option<String>,
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) failed_logins: u32,
    pub(crate) locked_until: Option<Timestamp>,
    #[serde(default)]
    pub(crate) login_count: u64,
    pub(crate) last_login: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LockRow {
    pub(crate) id: Option<String>,
    pub(crate) component: String,
    pub(crate) creation_timestamp: Option<Timestamp>,
    pub(crate) expiration_time_out: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BackupRow {
    pub(crate) uuid: String,
    pub(crate) backup_date: Option<String>,
    pub(crate) filename: Option<String>,
    pub(crate) locations: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum JobState {
    Running,
    Complete,
    Cancelled,
    #[serde(rename = "Stopped_With_Error")]
    Failed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JobRow {
    pub(crate) id: String,
    pub(crate) operation: JobWork,
    #[serde(default)]
    pub(crate) uuid: String,
    #[serde(default)]
    pub(crate) destination: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<TargetRow>,
    pub(crate) created_by: Option<String>,
    pub(crate) status: JobState,
    pub(crate) start_time: Option<Timestamp>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) end_time: Option<Timestamp>,
    /// How far it was when it was cancelled.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) percentage: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) cancelled_by: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) faults: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl Snapshot {
    /// The version that it names.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The state as a document.
    pub(crate) fn of(state: &State) -> Self {
        Self {
            format: Some(FORMAT),
            version: Some(state.options.version.clone()),
            uuid: Some(state.uuid.clone()),
            accounts: Some(state.users.iter().map(account_row).collect()),
            shares: Some(state.shares.clone()),
            locks: Some(state.locks.iter().map(Lock::row).collect()),
            backups: Some(state.backups.iter().map(backup_row).collect()),
            jobs: Some(state.jobs.iter().map(job_row).collect()),
            next_job: Some(state.next_job),
            site: Some(state.site.different()).filter(|site| !site.is_empty()),
            observed: None,
        }
    }
}

impl State {
    /// A double that begins with what a document says, at `now`. The options count, also their
    /// version.
    #[must_use]
    pub fn restored(options: Options, snapshot: Snapshot, now: Timestamp) -> Self {
        let told = options.shown_time(now);
        let mut state = Self::new(options, now);
        let now = told;
        if let Some(uuid) = snapshot.uuid {
            state.uuid = uuid;
        }
        if let Some(accounts) = snapshot.accounts {
            state.users =
                accounts.into_iter().enumerate().map(|(place, row)| account(row, place)).collect();
        }
        if let Some(shares) = snapshot.shares {
            state.shares = shares;
        }
        if let Some(rows) = snapshot.locks {
            restore(&mut state, rows, now);
        }
        if let Some(rows) = snapshot.backups {
            state.backups = rows.into_iter().map(backup).collect();
        }
        if let Some(rows) = snapshot.jobs {
            let last = rows.iter().map(|row| job_number(&row.id)).max().unwrap_or_default();
            state.jobs = rows.into_iter().map(|row| job(row, now)).collect();
            state.next_job = state.next_job.max(last + 1);
        }
        state.next_job = snapshot.next_job.unwrap_or(state.next_job);
        state.first_job = state.next_job;
        for (collection, elements) in snapshot.site.iter().flatten() {
            state.site.replace(collection, elements);
        }
        if snapshot.site.is_some() {
            state.site.prune();
        }
        state
    }

    /// Name and password of its first privileged account.
    #[must_use]
    pub fn supervisor(&self) -> Option<(&str, &str)> {
        let user = self.users.iter().find(|user| user.privileged)?;
        Some((&user.name, &user.password))
    }

    /// The same double with this many servers in its site.
    #[must_use]
    pub fn with_servers(mut self, servers: usize) -> Self {
        self.site = std::mem::take(&mut self.site).with_servers(servers);
        self
    }
}

fn account_row(user: &User) -> AccountRow {
    AccountRow {
        name: user.name.to_string(),
        role: if user.privileged { Role::Supervisor } else { Role::Operator },
        password: None,
        id: Some(user.id.to_string()),
        failed_logins: user.failed,
        locked_until: user.locked_until,
        login_count: user.logins,
        last_login: user.last_login,
    }
}

fn account(row: AccountRow, place: usize) -> User {
    let id = row.id.unwrap_or_else(|| format!("00000000-0000-4000-9000-{place:012}"));
    User {
        name: row.name.into(),
        password: row.password.map_or_else(|| PASSWORD.into(), Into::into),
        id: id.into(),
        privileged: row.role == Role::Supervisor,
        failed: row.failed_logins,
        failed_ever: row.failed_logins,
        locked_until: row.locked_until,
        last_login: row.last_login,
        logins: row.login_count,
    }
}

fn backup_row(backup: &Backup) -> BackupRow {
    BackupRow {
        uuid: backup.uuid.to_string(),
        backup_date: Some(backup.date.to_string()),
        filename: Some(backup.filename.to_string()),
        locations: backup.locations.clone(),
    }
}

fn backup(row: BackupRow) -> Backup {
    let filename = row.filename.unwrap_or_else(|| format!("{}.zip", row.uuid));
    Backup {
        uuid: row.uuid.into(),
        date: row.backup_date.unwrap_or_else(|| "2022-09-01T02:00:00Z".to_owned()).into(),
        filename: filename.into(),
        altered: false,
        locations: row.locations,
    }
}

fn job_row(job: &Job) -> JobRow {
    let WorkRow { operation, uuid, destination, targets } = WorkRow::of(&job.work);
    JobRow {
        id: job.id.clone(),
        operation,
        uuid,
        destination,
        targets,
        created_by: Some(job.by.to_string()),
        status: match job.ended {
            None => JobState::Running,
            Some((End::Complete, _)) => JobState::Complete,
            Some((End::Cancelled, _)) => JobState::Cancelled,
            Some((End::Failed, _)) => JobState::Failed,
        },
        start_time: Some(job.started),
        duration_ms: i64::try_from(job.lasts.as_millis()).ok(),
        end_time: job.ended.map(|(_, at)| at),
        percentage: job.reached,
        cancelled_by: job.cancelled_by.to_string(),
        faults: job.faults.iter().map(|fault| fault.name().to_owned()).collect(),
    }
}

fn job(row: JobRow, now: Timestamp) -> Job {
    let work = WorkRow {
        operation: row.operation,
        uuid: row.uuid,
        destination: row.destination,
        targets: row.targets,
    };
    let work = work.work();
    let lasts = row.duration_ms.map_or_else(|| work.lasts(), SignedDuration::from_millis);
    // A job that has ended did so long ago, unless the document says when.
    let started = row.start_time.unwrap_or_else(|| {
        if row.status == JobState::Running {
            now
        } else {
            later(now, SignedDuration::from_hours(-1))
        }
    });
    let end = match row.status {
        JobState::Running => None,
        JobState::Complete => Some(End::Complete),
        JobState::Cancelled => Some(End::Cancelled),
        JobState::Failed => Some(End::Failed),
    };
    Job {
        id: row.id,
        work,
        by: row.created_by.unwrap_or_else(|| FIRST.to_owned()).into(),
        started,
        lasts,
        ended: end.map(|end| (end, row.end_time.unwrap_or_else(|| later(started, lasts)))),
        cancelled_by: row.cancelled_by.into(),
        reached: row.percentage,
        faults: row.faults.iter().filter_map(|name| name.parse::<Fault>().ok()).collect(),
    }
}

/// What is told beside the document.
fn observed(state: &State, now: Timestamp) -> Value {
    let mut requests = BTreeMap::new();
    for ((method, template), count) in state.requests() {
        let name = match operations::of(method, template) {
            Some(operation) => operation.name.to_owned(),
            None if template.is_empty() => format!("{method} (a path that isn't played)"),
            None => format!("{method} {template}"),
        };
        requests.insert(name, count);
    }
    let sessions: Vec<Value> = state
        .sessions
        .iter()
        .map(|session| {
            json!({ "user": *session.user, "created": session.created,
                "lastUsed": session.last_used })
        })
        .collect();
    let scripts: Vec<Value> = state
        .options
        .scripts
        .iter()
        .zip(&state.script_calls)
        .filter(|(script, _)| script.of.is_none())
        .map(|(script, calls)| json!({ "script": script.text(), "calls": calls }))
        .collect();
    json!({
        "time": now,
        "sessions": sessions,
        "requests": requests,
        "faults": state.options.fault_names(),
        "variants": state.options.variants.iter().map(|variant| variant.name()).collect::<Vec<_>>(),
        "scripts": scripts,
    })
}

/// `GET /_double/state`
pub(crate) fn reply(state: &mut State, now: Timestamp) -> Reply {
    let now = state.options.shown_time(now);
    state.tidy(now);
    let mut snapshot = Snapshot::of(state);
    snapshot.observed = Some(observed(state, now));
    let mut body = serde_json::to_vec_pretty(&snapshot).unwrap_or_default();
    body.push(b'\n');
    let headers = [
        ("x-lxca-conform-double", "1"),
        ("Content-Type", "application/json"),
        ("Cache-Control", "no-store"),
    ];
    Reply {
        status: 200,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body,
        delay: std::time::Duration::ZERO,
        wire: Wire::Normal,
    }
}

/// The number at the end of a job's id; 0 if there is none.
pub(crate) fn job_number(id: &str) -> u64 {
    let digits = id.len() - id.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    id[id.len() - digits..].parse().unwrap_or_default()
}

/// Takes the locks of a document instead of those that there are; a row without an id or a time
/// gets them now.
fn restore(state: &mut State, rows: Vec<LockRow>, now: Timestamp) {
    state.given_ids =
        rows.iter().filter_map(|row| row.id.as_ref().map(|id| id.to_ascii_lowercase())).collect();
    state.locks.clear();
    for row in rows {
        let id = row.id.unwrap_or_else(|| state.new_id());
        let component = component(&row.component).unwrap_or(COMPONENTS[0]);
        let lock = Lock::new(
            id,
            component,
            row.creation_timestamp.unwrap_or(now),
            row.expiration_time_out,
        );
        state.locks.push(Lock { hidden: row.hidden, ..lock });
    }
}

impl Lock {
    /// The lock in a document of the state.
    fn row(&self) -> LockRow {
        LockRow {
            id: Some(self.id.clone()),
            component: self.component.to_owned(),
            creation_timestamp: Some(self.created),
            expiration_time_out: self.timeout,
            hidden: self.hidden,
        }
    }
}

#[cfg(test)]
mod tests;
