//! No secret of a run is ever kept or shown, in whatever form the peer sends it back; and what is
//! shared names nobody.
//!
//! Knows: a server that echoes everything it isn't supposed to, and every byte that the binary
//! leaves behind. Must not know: the redactor. That a secret can't be printed by accident is held
//! by the compiler: `secrecy::SecretString` shows `[REDACTED]`, and the types that hold one beside
//! other things (`Credentials`, `Settings`, the session) have no `Debug` at all.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod kept;
mod ordinary;
mod shared;

use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
