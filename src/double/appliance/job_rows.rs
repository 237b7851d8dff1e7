//! What a job does, in a document of the state: the words for it, and the way there and back.
//!
//! Knows the words. Must not know the whole state, or when a job runs.

use serde::{Deserialize, Serialize};

use super::errand::{Errand, Kind, Part, Target};
use super::things::Work;

/// The word for what a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobWork {
    Copy,
    Move,
    Push,
    Power,
    Controller,
    Inventory,
    Update,
    Repository,
    Collect,
    Manage,
    Unmanage,
    Assign,
    Discover,
    Nothing,
}

/// A device of a job, where its uuid alone doesn't say all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TargetRow {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) list: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) components: Vec<PartRow>,
}

/// A component of such a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PartRow {
    pub(crate) component: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixid: Option<String>,
}

/// What a row says of the work of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkRow {
    pub(crate) operation: JobWork,
    pub(crate) uuid: String,
    pub(crate) destination: String,
    pub(crate) targets: Vec<TargetRow>,
}

impl WorkRow {
    /// The work of a job in a row.
    pub(crate) fn of(work: &Work) -> Self {
        let (operation, uuid, destination) = match work {
            Work::Copy { uuid, destination } => (JobWork::Copy, &**uuid, &**destination),
            Work::Move { uuid, destination } => (JobWork::Move, &**uuid, &**destination),
            Work::Push { uuid, destination } => (JobWork::Push, &**uuid, &**destination),
            Work::Errand(errand) => (word(errand.kind), errand.first(), &*errand.detail),
            Work::Idle => (JobWork::Nothing, "", ""),
        };
        let plain = |errand: &Errand| *errand == Errand::to(errand.kind, uuid, destination);
        let targets = match work {
            Work::Errand(errand) if !plain(errand) => errand.targets.iter().map(row).collect(),
            _ => Vec::new(),
        };
        Self { operation, uuid: uuid.to_owned(), destination: destination.to_owned(), targets }
    }

    /// The work of a job from a row.
    pub(crate) fn work(self) -> Work {
        let Self { operation, uuid, destination, targets } = self;
        let kind = match operation {
            JobWork::Copy => return Work::Copy { uuid: uuid.into(), destination },
            JobWork::Move => return Work::Move { uuid: uuid.into(), destination },
            JobWork::Push => return Work::Push { uuid: uuid.into(), destination },
            JobWork::Nothing => return Work::Idle,
            JobWork::Power => Kind::Power,
            JobWork::Controller => Kind::Controller,
            JobWork::Inventory => Kind::Inventory,
            JobWork::Update => Kind::Update,
            JobWork::Repository => Kind::Repository,
            JobWork::Collect => Kind::Collect,
            JobWork::Manage => Kind::Manage,
            JobWork::Unmanage => Kind::Unmanage,
            JobWork::Assign => Kind::Assign,
            JobWork::Discover => Kind::Discover,
        };
        if targets.is_empty() {
            return Work::Errand(Errand::to(kind, &uuid, &destination));
        }
        let targets = targets.into_iter().map(target).collect();
        Work::Errand(Errand { kind, targets, detail: destination })
    }
}

fn word(kind: Kind) -> JobWork {
    match kind {
        Kind::Power => JobWork::Power,
        Kind::Controller => JobWork::Controller,
        Kind::Inventory => JobWork::Inventory,
        Kind::Update => JobWork::Update,
        Kind::Repository => JobWork::Repository,
        Kind::Collect => JobWork::Collect,
        Kind::Manage => JobWork::Manage,
        Kind::Unmanage => JobWork::Unmanage,
        Kind::Assign => JobWork::Assign,
        Kind::Discover => JobWork::Discover,
    }
}

fn row(target: &Target) -> TargetRow {
    let part = |part: &Part| PartRow {
        component: part.component.to_string(),
        fixid: part.package.as_ref().map(ToString::to_string),
    };
    TargetRow {
        id: target.id.to_string(),
        list: target.list.to_string(),
        components: target.parts.iter().map(part).collect(),
    }
}

fn target(row: TargetRow) -> Target {
    let part =
        |row: PartRow| Part { component: row.component.into(), package: row.fixid.map(Into::into) };
    Target {
        id: row.id.into(),
        list: row.list.into(),
        parts: row.components.into_iter().map(part).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_work_goes_into_a_row_and_comes_back() {
        let part = Part { component: "UEFI".into(), package: Some("fix".into()) };
        let one = Target { list: "ServerList".into(), id: "A".into(), parts: vec![part] };
        let errand = |kind| Work::Errand(Errand::to(kind, "A", "x"));
        for work in [
            Work::Copy { uuid: "A".into(), destination: "internal".into() },
            Work::Push { uuid: "A".into(), destination: "192.0.2.1".into() },
            Work::Idle,
            errand(Kind::Power),
            errand(Kind::Discover),
            errand(Kind::Unmanage),
            errand(Kind::Assign),
            Work::Errand(Errand::to_all(Kind::Manage, &["192.0.2.1", "192.0.2.2"], "")),
            Work::Errand(Errand { kind: Kind::Update, targets: vec![one], detail: "apply".into() }),
        ] {
            assert_eq!(WorkRow::of(&work).work(), work);
        }
        assert!(WorkRow::of(&errand(Kind::Power)).targets.is_empty());
    }
}
