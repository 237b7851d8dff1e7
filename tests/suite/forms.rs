//! What the command line makes of a report: forms for people and programs, several reports as one,
//! and one cause as one line.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod causes;
mod drawn;
mod merged;
mod stdout;

use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::command::{lxca, text};

/// A run against the double without faults: one for all tests.
fn whole() -> &'static TempDir {
    static RUN: OnceLock<TempDir> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        assert_eq!(lxca(&["run", "--quiet", "--out", text(folder.path())]).exit, 0);
        folder
    })
}
