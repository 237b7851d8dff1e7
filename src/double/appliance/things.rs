//! What there is on an appliance: locks, backups, jobs, sessions, accounts, and what a refusal or a
//! late list leaves behind.
//!
//! Knows what each thing holds. Must not know the whole state, a request, or who changes a thing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::misbehave::fault::Fault;
use super::super::misbehave::variant::Variant;
use super::super::terms::clock::{later, later_by_seconds};
use super::super::terms::names::Name;
use super::errand::Errand;
use super::options::Options;

/// The component codes of the page, in its order.
pub(crate) const COMPONENTS: [&str; 20] = [
    "CN", "CP", "CR", "DI", "DM", "DS", "EM", "FC", "JM", "MF", "MI", "NM", "RC", "SE", "SP", "SS",
    "ST", "TS", "UP", "UI",
];

/// The component of this code.
pub(crate) fn component(code: &str) -> Option<&'static str> {
    COMPONENTS.into_iter().find(|known| *known == code)
}

#[derive(Debug, Clone)]
pub(crate) struct Lock {
    pub(crate) id: String,
    pub(crate) component: &'static str,
    pub(crate) created: Timestamp,
    /// Seconds, always positive.
    pub(crate) timeout: i64,
    /// Seconds that it really lives.
    pub(crate) lives: i64,
    /// How many lists had it.
    pub(crate) looked: i64,
    /// Left out of the list by a fault.
    pub(crate) hidden: bool,
}

impl Lock {
    pub(crate) fn new(
        id: String,
        component: &'static str,
        created: Timestamp,
        timeout: i64,
    ) -> Self {
        Self { id, component, created, timeout, lives: timeout, looked: 0, hidden: false }
    }

    pub(crate) fn expires(&self) -> Timestamp {
        later_by_seconds(self.created, self.lives)
    }
}

/// The name of the local repository.
pub(crate) const INTERNAL: &str = "internal";

/// The mount points of the remote shares that every double starts with; the last is that of the
/// page's example.
pub(crate) const MOUNT_POINTS: [&str; 3] =
    ["/mnt/backup_share", "/mnt/second_share", "/mnt/my_remote_share"];

#[derive(Debug, Clone)]
pub(crate) struct Backup {
    pub(crate) uuid: Name,
    pub(crate) date: Name,
    pub(crate) filename: Name,
    pub(crate) locations: Vec<String>,
    /// Whether a copy has changed what it holds.
    pub(crate) altered: bool,
}

impl Backup {
    pub(crate) fn lies_at(&self, location: &str) -> bool {
        self.locations.iter().any(|known| known == location)
    }
}

/// The backups that every double starts with: one only local, one only on a share, one on both.
pub(crate) fn backups_at_start(options: &Options) -> Vec<Backup> {
    if options.variants.contains(&Variant::NoBackups) {
        return Vec::new();
    }
    let backup = |uuid: &str, date: &str, filename: &str, locations: &[&str]| Backup {
        uuid: uuid.into(),
        date: date.into(),
        filename: filename.into(),
        locations: locations.iter().map(|location| (*location).to_owned()).collect(),
        altered: false,
    };
    vec![
        backup(
            "0b7c9f52-6a3e-4d18-9a57-2f1d8c4e6b90",
            "2022-09-01T02:00:00Z",
            "first.zip",
            &[INTERNAL],
        ),
        backup(
            "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278",
            "2022-09-04T02:00:00Z",
            "second.zip",
            &[MOUNT_POINTS[0]],
        ),
        backup(
            "c2d1e8a4-93f7-4b60-8e15-7a6f0d3b5c21",
            "2022-09-08T02:00:00Z",
            "third.zip",
            &[INTERNAL, MOUNT_POINTS[0]],
        ),
    ]
}

/// For how long a job is pending before it runs.
const PENDING: SignedDuration = SignedDuration::from_millis(500);

/// What a job does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    Copy {
        uuid: Name,
        destination: String,
    },
    Move {
        uuid: Name,
        destination: String,
    },
    Push {
        uuid: Name,
        destination: String,
    },
    /// For a device of the site.
    Errand(Errand),
    /// Nothing: the request behind it should have been refused.
    Idle,
}

impl Work {
    pub(crate) fn lasts(&self) -> SignedDuration {
        match self {
            Self::Push { .. } => SignedDuration::from_millis(5000),
            Self::Errand(errand) => errand.lasts(),
            Self::Copy { .. } | Self::Move { .. } | Self::Idle => SignedDuration::from_millis(1500),
        }
    }

    pub(crate) fn title(&self) -> String {
        match self {
            Self::Copy { uuid, destination } => format!("Copy backup {uuid} to {destination}"),
            Self::Move { uuid, destination } => format!("Move backup {uuid} to {destination}"),
            Self::Push { uuid, destination } => format!("Push backup {uuid} to {destination}"),
            Self::Errand(errand) => errand.title(),
            Self::Idle => "Transfer a backup".to_owned(),
        }
    }

    /// Whether both are the same operation on the same backup, wherever to.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Copy { uuid, .. }, Self::Copy { uuid: other, .. })
            | (Self::Move { uuid, .. }, Self::Move { uuid: other, .. })
            | (Self::Push { uuid, .. }, Self::Push { uuid: other, .. }) => uuid == other,
            _ => false,
        }
    }
}

/// How a job ended, if it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Complete,
    Cancelled,
    Failed,
}

#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) work: Work,
    pub(crate) by: Name,
    pub(crate) started: Timestamp,
    pub(crate) lasts: SignedDuration,
    pub(crate) ended: Option<(End, Timestamp)>,
    pub(crate) cancelled_by: Name,
    /// How far it had come when it was cancelled.
    pub(crate) reached: i64,
    /// The faults that were in force when it was started.
    pub(crate) faults: BTreeSet<Fault>,
}

impl Job {
    pub(crate) fn ends(&self) -> Timestamp {
        later(self.started, self.lasts)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.ended.is_none()
    }

    pub(crate) fn is_push(&self) -> bool {
        matches!(self.work, Work::Push { .. })
    }

    /// The status in the words of the clients.
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        match self.ended {
            Some((End::Complete, _)) => "Complete",
            Some((End::Cancelled, _)) => "Cancelled",
            Some((End::Failed, _)) => "Stopped_With_Error",
            None if now < later(self.started, PENDING) => "Pending",
            None => "Running",
        }
    }

    /// How far it is, in percent. A job that failed has come to its end.
    pub(crate) fn percentage(&self, now: Timestamp) -> i64 {
        match self.ended {
            Some((End::Complete | End::Failed, _)) => 100,
            Some((End::Cancelled, _)) => self.reached,
            None if now < later(self.started, PENDING) => 0,
            None => {
                let whole = self.lasts.as_millis().max(1);
                let part = now.duration_since(self.started).as_millis() * 100 / whole;
                i64::try_from(part.clamp(1, 99)).unwrap_or(99)
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) csrf: String,
    pub(crate) user: Name,
    pub(crate) created: Timestamp,
    pub(crate) last_used: Timestamp,
}

/// The account that every double has first.
pub(crate) const FIRST: &str = "USERID";
/// The password of every account that isn't given another one.
pub(crate) const PASSWORD: &str = "PASSW0RD";
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) name: Name,
    pub(crate) password: Name,
    pub(crate) id: Name,
    pub(crate) privileged: bool,
    pub(crate) failed: u32,
    pub(crate) failed_ever: u32,
    pub(crate) locked_until: Option<Timestamp>,
    pub(crate) last_login: Option<Timestamp>,
    pub(crate) logins: u64,
}

/// The accounts that every double has.
pub(crate) fn accounts_at_start() -> Vec<User> {
    let account = |name: &str, id: &str, privileged| User {
        name: name.into(),
        password: PASSWORD.into(),
        id: id.into(),
        privileged,
        failed: 0,
        failed_ever: 0,
        locked_until: None,
        last_login: None,
        logins: 0,
    };
    vec![
        account(FIRST, "5d3c8b1e-40f2-4a67-8c19-b6e0d7a2f351", true),
        account("OPERATOR", "9f17e2a6-c85b-4d03-b7e4-10a9c3f86d2e", false),
    ]
}

/// What is still shown, or not shown yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lag {
    pub(crate) backups: Option<(Timestamp, Vec<Backup>)>,
    pub(crate) created: Vec<(Timestamp, String)>,
    pub(crate) deleted: Vec<(Timestamp, Lock)>,
}

/// What a refusal leaves for the next request to step on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trap {
    /// The next list of locks fails.
    LockList,
    /// The next right start is refused.
    Start,
    /// The next right lock is refused.
    LockCreate,
}
