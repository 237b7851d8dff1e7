//! A run that is killed, interrupted, or out of room: the record stays readable, nothing is green,
//! and what was left behind is named and swept.
//!
//! Knows: the binary, its files, and the double in a process of its own. Must not know: how a row
//! is written.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod interrupted;
mod killed;
mod out_of_room;
mod swept;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Holds a lock of 121 seconds for three seconds at least, and polls meanwhile.
const HOLDS: &str = "sftp-locks.list::keeps-a-live-lock-as-it-was";
const LOCKS: &str = "/aicc/service/sftp/locks";

/// The binary, without anything of the environment of the tests that could change its answer.
fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lxca-conform"));
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
        .env("LXCA_PASSWORD", "PASSW0RD")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

#[derive(Debug)]
struct Answer {
    exit: i32,
    stdout: String,
    stderr: String,
}

fn answered(output: Output) -> Answer {
    Answer {
        exit: output.status.code().expect("an exit code, not a signal"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

fn lxca(arguments: &[&str]) -> Answer {
    answered(binary().args(arguments).output().expect("the binary starts"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// The double in a process of its own, which dies with its test.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start() -> Self {
        let mut child = binary().arg("serve").spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        Self { child, url: line.trim().to_owned() }
    }

    /// The locks that it holds, asked over a socket.
    fn locks(&self) -> Vec<Value> {
        let mut stream =
            TcpStream::connect(self.url.trim_start_matches("http://")).expect("the double listens");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a bound");
        // USERID and its password, as anybody may know them.
        let request = format!(
            "GET {LOCKS} HTTP/1.1\r\nhost: double\r\nauthorization: Basic \
            VVNFUklEOlBBU1NXMFJE\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a reply");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        if head.contains(" 204 ") {
            return Vec::new();
        }
        serde_json::from_str::<Value>(body)
            .unwrap_or_else(|error| panic!("{error}: {reply}"))
            .as_array()
            .expect("a list")
            .clone()
    }

    /// Whether the lock of the case that holds one is there.
    fn held(&self) -> bool {
        self.locks()
            .iter()
            .any(|lock| lock["component"] == "RC" && lock["expirationTimeOut"] == 121)
    }

    fn run(&self, out: &Path, more: &[&str]) -> Child {
        start_run(&self.url, out, more)
    }
}

fn start_run(url: &str, out: &Path, more: &[&str]) -> Child {
    binary()
        .args(["run", "--url", url, "--user", "USERID", "--out", text(out)])
        .args(more)
        .spawn()
        .expect("the binary starts")
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn record(folder: &Path) -> String {
    fs::read(folder.join("transcript.jsonl"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// Looks at the growing record until it is as wished; false when the run ended before.
fn watch(child: &mut Child, folder: &Path, wish: impl Fn(&str) -> bool) -> bool {
    let start = Instant::now();
    loop {
        if wish(&record(folder)) {
            return true;
        }
        if child.try_wait().expect("its state").is_some() {
            return false;
        }
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "the record doesn't become as wished: {}",
            record(folder)
        );
        thread::yield_now();
    }
}

fn killed(mut child: Child) {
    child.kill().expect("it can be killed");
    child.wait().expect("its end");
}

fn whole(text: &str) -> Vec<Value> {
    let rows = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    rows.map(|line| {
        serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("a whole row that can't be read: {error}: {line}"))
    })
    .collect()
}

/// Whether the record has an exchange of this case and step, whole.
fn has(text: &str, case: &str, step: &str) -> bool {
    let (case, step) = (format!("\"case\":\"{case}\""), format!("\"step\":\"{step}\""));
    text.split_inclusive('\n').any(|row| {
        row.ends_with('\n')
            && row.contains("\"row\":\"exchange\"")
            && row.contains(&case)
            && row.contains(&step)
    })
}

/// What must hold for whatever a run left that didn't complete.
fn check_interrupted(folder: &Path) {
    let before = record(folder);
    let again = TempDir::new().expect("a temporary folder");
    let judged =
        lxca(&["judge", text(&folder.join("transcript.jsonl")), "--out", text(again.path())]);
    assert!(!judged.stderr.contains("panicked"), "{judged:?}");
    let rows = whole(&before);
    if rows.is_empty() {
        // Killed before its first row: there is no record, and that is said.
        assert_eq!(judged.exit, 2, "{judged:?}");
        return;
    }
    assert_eq!(judged.exit, 3, "{judged:?}");
    assert!(
        judged.stdout.starts_with("INCOMPLETE: ") && judged.stdout.contains("interrupted"),
        "{}",
        judged.stdout
    );
    let report: Value = serde_json::from_str(
        &fs::read_to_string(again.path().join("report.json")).expect("report.json"),
    )
    .expect("JSON");
    assert_eq!(
        (&report["conclusion"], &report["finished"], &report["claim"]),
        (&"incomplete".into(), &Value::Null, &false.into())
    );
    let exchanges = rows.iter().filter(|row| row["row"] == "exchange").count();
    assert_eq!(
        report["summary"]["requests"].as_u64(),
        u64::try_from(exchanges).ok(),
        "not every whole row was read"
    );
    if !before.ends_with('\n') {
        assert!(report["notes"].to_string().contains("is truncated"), "{}", report["notes"]);
    }
    for name in ["report.json", "report.html", "report.md", "junit.xml"] {
        assert!(!folder.join(name).exists(), "a killed run left {name}");
    }
}

/// The record of a run that came to its end, and where it was made: one for several tests. Nobody
/// listens there any more.
fn finished() -> &'static (TempDir, String) {
    static RUN: OnceLock<(TempDir, String)> = OnceLock::new();
    RUN.get_or_init(|| {
        let served = Served::start();
        let folder = TempDir::new().expect("a temporary folder");
        let output = served
            .run(folder.path(), &["--allow", "write", "--filter", HOLDS])
            .wait_with_output()
            .expect("its end");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        (folder, served.url.clone())
    })
}
