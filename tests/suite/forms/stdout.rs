//! What a run prints: JSON for programs, a screen for people, failures as they come, and the
//! summary of a CI step.
//!
//! Knows: the command line and its output. Must not know: the library behind it.

use std::fs;

use serde_json::json as value;
use tempfile::TempDir;

use crate::support::command::{Served, answer, binary, json, lxca, read, text};

#[test]
fn a_run_in_json_prints_its_report_and_nothing_else() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&[
        "run",
        "--format",
        "json",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(folder.path()),
    ]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert_eq!(answer.stdout, read(&folder.path().join("report.json")));
    let again = lxca(&["judge", text(folder.path()), "--format", "json"]);
    assert_eq!((again.exit, &json(&again.stdout)["target"]["kind"]), (0, &value!("replay")));
    let quiet = lxca(&["judge", text(folder.path()), "--quiet"]);
    assert_eq!(quiet.stdout.lines().count(), 1);
    assert!(quiet.stdout.starts_with("conformant: "), "{}", quiet.stdout);
}

#[test]
fn a_good_run_fits_a_screen_of_24_lines_and_80_columns() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&["run", "--out", text(folder.path())]);
    assert!(answer.stdout.lines().count() <= 24, "{}", answer.stdout);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
}

#[test]
fn failures_are_told_as_they_come_one_line_a_cause() {
    let served = Served::start(&["--fault", "lock-component-unknown", "--fault", "lock-id-short"]);
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = [
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--filter",
        "sftp-locks.*",
        "--filter",
        "tasks.*",
        "--out",
        text(folder.path()),
    ];
    let told = lxca(&arguments);
    assert_eq!(told.exit, 1, "{told:?}");
    let lines: Vec<&str> = told.stderr.lines().collect();
    assert!(!lines.is_empty() && lines.len() <= 13, "{}", told.stderr);
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("fail       sftp-locks.") && line.contains(": expected ")),
        "{}",
        told.stderr
    );
    assert!(told.stdout.lines().count() <= 40, "{}", told.stdout);
    let quiet = lxca(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!((quiet.exit, quiet.stderr.as_str()), (1, ""), "{quiet:?}");
}

#[test]
fn the_summary_of_a_ci_step_gets_the_markdown() {
    let folder = TempDir::new().expect("a temporary folder");
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a written file");
    let out = folder.path().join("out");
    let told = answer(binary().env("GITHUB_STEP_SUMMARY", &summary).args([
        "run",
        "--quiet",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(&out),
    ]));
    assert_eq!((told.exit, told.stderr.as_str()), (0, ""), "{told:?}");
    assert_eq!(read(&summary), format!("before\n{}", read(&out.join("report.md"))));
    let told = answer(binary().env("GITHUB_STEP_SUMMARY", &summary).args([
        "judge",
        "--quiet",
        text(&out),
    ]));
    assert_eq!(told.exit, 0);
    assert_eq!(read(&summary).matches("# ✓ CONFORMANT").count(), 2, "a judgement adds its own");
    // A file that can't be written changes no verdict.
    let told = answer(
        binary().env("GITHUB_STEP_SUMMARY", folder.path().join("no/such/folder.md")).args([
            "judge",
            "--quiet",
            text(&out),
        ]),
    );
    assert_eq!(told.exit, 0);
    assert!(
        told.stderr.contains("GITHUB_STEP_SUMMARY") && told.stderr.contains("folder.md"),
        "{}",
        told.stderr
    );
}
