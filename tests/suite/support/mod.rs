//! What several topics use: the binary as a person runs it, servers of our own, runs in process.
//!
//! Knows: its parts. Must not know: which test uses them.

pub(crate) mod bodies;
pub(crate) mod command;
pub(crate) mod hostile_server;
pub(crate) mod lab;
pub(crate) mod wire;
