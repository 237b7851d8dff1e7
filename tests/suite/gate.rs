//! The gate over the double: what an upgrade may change, and what it may not.
//!
//! Knows: records of runs against the double in this process, and the binary. Must not know: how a
//! change is found.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::print_stdout,
    reason = "a test may stop at once and read files"
)]

mod command_line;
mod forms;
mod judged_again;
mod pages;
mod upgrades;
mod waivers;

use std::collections::BTreeSet;

use lxca_conform::gate::{Change, Gate};

/// What `--out` gets.
const FILES: [&str; 4] = ["gate.json", "gate.html", "gate.md", "gate-junit.xml"];

fn changes(gate: &Gate) -> BTreeSet<Change> {
    gate.candidates[0].cases.iter().map(|case| case.change).collect()
}
