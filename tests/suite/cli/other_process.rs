//! `serve` and `run` as two processes: the same verdicts as in one, and what a faulty double brings
//! about.
//!
//! Knows: the command line. Must not know: the library behind it.

use std::fs;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Served, answer, binary, json, report, text, verdicts};

use super::{FIVE, built_in_folder, lxca};

/// The double in a process of its own, spoken to over a socket in real time. One test has it all,
/// because the run waits two minutes for jobs.
#[test]
fn the_double_in_another_process_gives_every_case_the_verdict_of_the_built_in_run() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let start = Instant::now();
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--allow",
        "destroy",
        "--concurrency",
        "4",
        "--out",
        text(folder.path()),
    ]));
    println!("the run over the wire took {:?}", start.elapsed());
    let report = report(folder.path());
    let (here, there) = (verdicts(&self::report(built_in_folder())), verdicts(&report));
    let different: Vec<_> = here
        .iter()
        .filter(|(id, verdict)| there.get(*id) != Some(verdict))
        .map(|(id, verdict)| format!("{id}: {verdict} here, {:?} there", there.get(id)))
        .collect();
    assert!(different.is_empty(), "{}\n{answer:?}", different.join("\n"));
    assert_eq!(here.len(), there.len());
    assert_eq!(answer.exit, 0, "{answer:?}");
    // It is recognised, and makes no claim.
    assert_eq!((&report["target"]["kind"], &report["claim"]), (&"double".into(), &false.into()));
    assert!(
        report["target"]["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:"))
    );
    assert_eq!(report["target"]["version"], "4.1.0");
    for name in FIVE {
        let text = fs::read_to_string(folder.path().join(name)).expect("a file of the run");
        assert!(!text.contains("PASSW0RD") && !text.contains("VVNFUklEOlBBU1NXMFJE"), "{name}");
    }
}

#[test]
fn a_read_only_run_sends_nothing_that_changes() {
    let served = Served::start(&[]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--filter",
        "backup.list::*",
        "--filter",
        "tasks.list::*",
        "--filter",
        "backup.transfer::*",
        "--out",
        text(folder.path()),
    ]));
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    let record = fs::read_to_string(folder.path().join("transcript.jsonl")).expect("the record");
    let sent: Vec<Value> =
        record.lines().map(json).filter(|row| row["row"] == "exchange").collect();
    assert!(sent.len() > 3, "{record}");
    for row in &sent {
        assert!(
            ["GET", "HEAD"].contains(&row["sent"]["method"].as_str().unwrap_or_default()),
            "{row}"
        );
    }
    let report = report(folder.path());
    let left = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| case["operation"] == "backup.transfer" && case["effect"] != "read");
    for case in left {
        assert_eq!(case["verdict"], "untested", "{case}");
        assert!(
            case["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("--allow") || reason.contains("--filter")),
            "{case}"
        );
    }
}

#[test]
fn a_faulty_double_in_another_process_ends_with_1_and_names_the_requirement() {
    let served = Served::start(&["--fault", "lock-component-unknown"]);
    let folder = TempDir::new().expect("a temporary folder");
    let answer = answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--allow",
        "write",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 1, "{answer:?}");
    assert!(answer.stdout.contains("sftp-locks.list/body/component"), "{}", answer.stdout);
    let report = report(folder.path());
    let component = report["requirements"]
        .as_array()
        .expect("requirements")
        .iter()
        .find(|requirement| requirement["id"] == "sftp-locks.list/body/component")
        .expect("the requirement");
    assert_eq!(component["status"], "broken", "{component}");
}

#[test]
fn serve_refuses_names_that_it_doesnt_know_and_lists_those_that_it_does() {
    let answer = lxca(&["serve", "--fault", "no-such-fault"]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("no-such-fault"), "{}", answer.stderr);
    for option in ["--list-faults", "--list-variants"] {
        let listed = lxca(&["serve", option, "--format", "json"]);
        assert_eq!((listed.exit, listed.stderr.as_str()), (0, ""));
        let rows = json(&listed.stdout);
        let rows = rows.as_array().expect("a list");
        assert!(rows.len() > 5, "{option}: {}", rows.len());
        assert!(
            rows.iter().all(|row| row["name"].is_string()
                && row["summary"].as_str().is_some_and(|summary| summary.len() > 10)),
            "{option}"
        );
        let text = lxca(&["serve", option]);
        assert_eq!(text.stdout.lines().count(), rows.len());
    }
}
