//! What a job does for the devices of the site: a power action, an update, a request to manage.
//!
//! Knows what such a job is for, how long it takes and what it is called. Must not know how it is
//! asked for, what it changes, or the whole state.

use jiff::SignedDuration;

use super::super::terms::names::Name;

/// The kinds of errands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes the power state of a server.
    Power,
    /// Restarts a management controller.
    Controller,
    /// Reads the inventory of a device anew.
    Inventory,
    /// Updates the firmware of devices.
    Update,
    /// Changes what the repository of updates holds.
    Repository,
    /// Collects the service data of a device.
    Collect,
    /// Takes devices under management.
    Manage,
    /// Takes devices out of management.
    Unmanage,
    /// Assigns policies to devices, and compares these with them.
    Assign,
    /// Looks for devices at addresses.
    Discover,
}

/// A job for devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    pub(crate) kind: Kind,
    /// The devices, by uuid or by address, or the packages.
    pub(crate) targets: Vec<Target>,
    /// What is done, where the kind leaves it open: a power state, an action.
    pub(crate) detail: String,
}

/// One device of an errand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// In which list of devices a request has it, if it has one.
    pub(crate) list: Name,
    pub(crate) id: Name,
    pub(crate) parts: Vec<Part>,
}

/// A component of a device, and the package that it is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) component: Name,
    pub(crate) package: Option<Name>,
}

impl Errand {
    /// An errand to one device.
    pub(crate) fn to(kind: Kind, id: &str, detail: &str) -> Self {
        Self::to_all(kind, &[id], detail)
    }

    /// An errand to several devices.
    pub(crate) fn to_all(kind: Kind, ids: &[&str], detail: &str) -> Self {
        let target = |id: &&str| Target { list: "".into(), id: (*id).into(), parts: Vec::new() };
        Self { kind, targets: ids.iter().map(target).collect(), detail: detail.to_owned() }
    }

    /// The first device; empty if there is none.
    pub(crate) fn first(&self) -> &str {
        self.targets.first().map_or("", |target| &target.id)
    }

    pub(crate) fn lasts(&self) -> SignedDuration {
        SignedDuration::from_millis(match self.kind {
            Kind::Update | Kind::Manage | Kind::Unmanage => 4000,
            Kind::Power | Kind::Repository | Kind::Collect => 2000,
            Kind::Controller | Kind::Inventory | Kind::Discover | Kind::Assign => 1500,
        })
    }

    pub(crate) fn title(&self) -> String {
        let whom = self.targets.iter().map(|target| &*target.id).collect::<Vec<_>>().join(", ");
        let detail = &self.detail;
        match self.kind {
            Kind::Power => format!("Change the power state of {whom}: {detail}"),
            Kind::Controller => format!("Restart the management controller of {whom}"),
            Kind::Inventory => format!("Refresh the inventory of {whom}"),
            Kind::Update => format!("Update the firmware of {whom}: {detail}"),
            Kind::Repository => format!("Change the repository of updates: {detail} {whom}"),
            Kind::Collect => format!("Collect the service data of {whom}"),
            Kind::Manage => format!("Manage job for {whom}"),
            Kind::Unmanage => format!("Unmanage job for {whom}"),
            Kind::Assign => format!("Assign a compliance policy to {whom}"),
            Kind::Discover => format!("Discover devices at {whom}"),
        }
    }
}
