//! What several topics use: the binary as a person runs it, servers of our own, runs in process.
//!
//! Knows: its parts. Must not know: which test uses them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

pub(crate) mod bodies;
pub(crate) mod built_in;
pub(crate) mod command;
pub(crate) mod hostile_server;
pub(crate) mod lab;
pub(crate) mod raw_server;
pub(crate) mod wire;
