//! The appliance itself: what is on it, and what its operations do.
//!
//! Knows the pages. Must not know how a reply is put on the wire.

pub(crate) mod about;
pub(crate) mod auth;
pub(crate) mod backups;
pub(crate) mod collect;
pub(crate) mod components;
pub(crate) mod discovery;
pub(crate) mod effects;
pub(crate) mod errand;
pub(crate) mod inventory;
pub(crate) mod job_rows;
pub(crate) mod jobs;
pub(crate) mod lag;
pub(crate) mod lenient;
pub(crate) mod licenses;
pub(crate) mod life;
pub(crate) mod lives;
pub(crate) mod locks;
pub(crate) mod log;
pub(crate) mod manage;
pub(crate) mod options;
pub(crate) mod order;
pub(crate) mod policies;
pub(crate) mod power;
pub(crate) mod profiles;
pub(crate) mod repository;
pub(crate) mod sessions;
pub(crate) mod snapshot;
pub(crate) mod snapshot_check;
pub(crate) mod state;
pub(crate) mod tasks;
pub(crate) mod things;
pub(crate) mod transfer;
pub(crate) mod users;
