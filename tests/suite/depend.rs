//! What `depend` learns of clients whose dependencies are known: all of them, and no other.
//!
//! Knows: planted clients, as functions in this process and as commands. Must not know: how the
//! experiments are planned.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test may stop at once and read files"
)]

mod client;
mod command;
mod in_process;
mod planted;
mod rows_and_values;
