//! What stands at the door: addresses that aren't taken, and folders that a run keeps to itself.
//!
//! Knows: the binary, its files, and what reaches a socket. Must not know: how an address is read
//! or a folder is locked.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test stops where something is not as it has to be"
)]

mod addresses;
mod claim;
mod folders;
