//! The binary as another process: without anything of the environment of the tests, ended with its
//! test.
//!
//! Knows: processes, their output and their files. Must not know: the library behind them.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary that was built beside the tests, or another build of it: what takes minutes is played
/// with that of the release.
pub(crate) fn binary() -> Command {
    let built = || OsString::from(env!("CARGO_BIN_EXE_lxca-conform"));
    let mut command = Command::new(std::env::var_os("LXCA_CONFORM_BINARY").unwrap_or_else(built));
    for variable in [
        "LXCA_PASSWORD",
        "LXCA_TARGET",
        "GITHUB_STEP_SUMMARY",
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "RUST_LOG",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn answer(command: &mut Command) -> Answer {
    let output = command.output().expect("the binary starts");
    Answer {
        exit: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// The binary with the password of the double's accounts.
pub(crate) fn lxca(arguments: &[&str]) -> Answer {
    answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args(arguments))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("not one JSON document: {error}\n{text}"))
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn report(folder: &Path) -> Value {
    json(&read(&folder.join("report.json")))
}

/// Verdict and reason of each case, by its id.
pub(crate) fn verdicts(report: &Value) -> std::collections::BTreeMap<String, String> {
    let rows = report["cases"].as_array().expect("cases");
    rows.iter()
        .map(|case| {
            (
                case["id"].as_str().expect("an id").to_owned(),
                format!("{} {}", case["verdict"], case["reason"]),
            )
        })
        .collect()
}

/// A double in a process of its own.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Served {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = binary().arg("serve").args(arguments).spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        Self { child, url: line.trim().to_owned() }
    }

    /// The address without its scheme.
    pub(crate) fn address(&self) -> String {
        self.url.split("://").last().unwrap_or_default().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that this test started.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status()
        .expect("kill is there");
    assert!(status.success(), "kill -{name}");
}

/// Waits until something holds; panics after half a minute.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
