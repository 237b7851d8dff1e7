//! What leaves the process, as seen at the socket: nothing that wasn't allowed, nothing that the
//! plan didn't name.
//!
//! Knows: the binary, and the library where a run must not wait for real jobs. Must not know: the
//! guard or the plan from inside.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod allowed;
mod peers;
mod plan;
mod target_files;
mod test_suite;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::support::command::{Answer, lxca, text};
use crate::support::wire::{Recorder, Seen};

/// A target file in a folder of its own.
struct Named {
    folder: TempDir,
    file: PathBuf,
}

impl Named {
    fn new(url: &str, more: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("target.toml");
        fs::write(&file, format!("name = \"lab\"\nurl = \"{url}\"\n{more}")).expect("a file");
        Self { folder, file }
    }

    fn run(&self, more: &[&str]) -> Answer {
        lxca(&[&["run", "--target", text(&self.file), "--out", text(&self.out())], more].concat())
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }
}

const BASIC: &str = "[auth]\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n";
const SESSION: &str =
    "[auth]\nmethod = \"session\"\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n";

/// Everything that isn't a read.
fn changing(recorder: &Recorder) -> Vec<String> {
    recorder.seen().iter().filter(|seen| seen.method != "GET").map(Seen::line).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}
