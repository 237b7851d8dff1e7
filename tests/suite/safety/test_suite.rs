//! The catalogue as a test suite against an appliance: what it doesn't run, and its one session.
//!
//! Knows: the target `conformance`, and how `cargo` builds it. Must not know: its inside.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::command::{Served, answer, text};
use crate::support::wire::Recorder;

use super::{BASIC, Named, SESSION, changing};

/// The suite as its own runner would start it.
fn suite() -> Command {
    static SUITE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    let path = SUITE.get_or_init(|| {
        let here = std::env::current_exe().expect("this program");
        // target/PROFILE/deps/suite-…
        let folder = here.ancestors().nth(3).expect("the target folder");
        let profile = here.ancestors().nth(2).and_then(Path::file_name);
        let mut build = Command::new(env!("CARGO"));
        build
            .args([
                "test",
                "--offline",
                "--test",
                "conformance",
                "--no-run",
                "--message-format=json",
                "--target-dir",
                text(folder),
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.is_some_and(|name| name == "release") {
            build.arg("--release");
        }
        // What cargo tells a test of its package would make build scripts run again, and with them
        // this package be built anew: now, and by whoever builds next.
        for (name, _) in std::env::vars_os() {
            let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "OUT_DIR"];
            if name.to_str().is_some_and(|name| told.iter().any(|part| name.starts_with(part))) {
                build.env_remove(name);
            }
        }
        let output = build.output().expect("cargo starts");
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|message| {
                message["target"]["name"] == "conformance" && message["executable"].is_string()
            });
        PathBuf::from(
            found.unwrap_or_else(|| {
                panic!("the suite isn't built: {}", String::from_utf8_lossy(&output.stderr))
            })["executable"]
                .as_str()
                .expect("a path"),
        )
    });
    let mut command = Command::new(path);
    command
        .env_remove("NEXTEST")
        .env_remove("LXCA_TARGET")
        .env("LXCA_PASSWORD", "PASSW0RD")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

#[test]
fn the_suite_lists_what_an_appliance_isnt_asked_as_ignored_and_runs_it_on_no_demand() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    let list = answer(suite().env("LXCA_TARGET", &target.file).args(["--list", "--ignored"]));
    assert_eq!(list.exit, 0, "{list:?}");
    assert!(
        list.stdout.contains("backup.transfer::copies-to-internal: test")
            && list.stdout.contains("sftp-locks.create::creates-a-lock: test"),
        "{}",
        list.stdout
    );
    assert!(!list.stdout.contains("tasks.list::lists-jobs"), "{}", list.stdout);
    assert_eq!(recorder.connections(), 0, "a list was made with the help of the appliance");
    for option in ["--include-ignored", "--ignored"] {
        let run = answer(suite().env("LXCA_TARGET", &target.file).arg(option));
        assert!(run.stdout.contains("left out: needs --allow"), "{run:?}");
        assert_eq!(changing(&recorder), Vec::<String>::new(), "{option}");
    }
    let run = answer(suite().env("LXCA_TARGET", &target.file));
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(recorder.seen().len() > 10);
    assert_eq!(changing(&recorder), Vec::<String>::new());
}

#[test]
fn the_suite_opens_one_session_at_an_appliance_and_closes_it() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, SESSION);
    let run = answer(suite().env("LXCA_TARGET", &target.file).args(["--test-threads", "8"]));
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(changing(&recorder), ["POST /sessions", "DELETE /sessions"]);
}

#[test]
fn the_suite_refuses_an_appliance_under_a_runner_with_a_process_per_trial() {
    let recorder = Recorder::answering(|_| Vec::new());
    let target = Named::new(&recorder.url, BASIC);
    for arguments in [&[][..], &["--exact", "tasks.list::lists-jobs"], &["--include-ignored"]] {
        let run =
            answer(suite().env("LXCA_TARGET", &target.file).env("NEXTEST", "1").args(arguments));
        assert_eq!(run.exit, 2, "{run:?}");
        assert!(
            run.stderr.contains("process per trial") && run.stderr.contains("lxca-conform run"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(recorder.connections(), 0);
}
