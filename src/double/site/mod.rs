//! The site that the appliance manages: its chassis, servers, switches and all that is read of
//! them, as data.
//!
//! `reads.toml` says which path gives what of which collection; `data/` has a collection per file.
//! Knows elements and how requests choose from them. Must not know HTTP, accounts, or what changes
//! an element.

pub(crate) mod choice;
pub(crate) mod csv;
pub(crate) mod element;
pub(crate) mod size;
pub(crate) mod store;
pub(crate) mod table;
