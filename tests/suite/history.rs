//! `history` over kept reports of runs against doubles.
//!
//! Knows: the binary, its files and its exit codes. Must not know: how a history is gathered.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Answer, Served, json, lxca, read, text};

/// A folder with three runs of one appliance: right, wrong, and right again.
fn kept() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (name, arguments) in [
        // Not in the order of the alphabet.
        ("z-before", &["--quiet", "--version", "4.1.0"][..]),
        ("m-wrong", &["--quiet", "--version", "4.2.0", "--fault", "lock-component-unknown"]),
        ("a-after", &["--quiet", "--version", "4.3.0"]),
    ] {
        let double = Served::start(arguments);
        let out = folder.path().join("runs").join(name);
        let run = lxca(&[
            "run",
            "--url",
            &double.url,
            "--user",
            "USERID",
            "--filter",
            "sftp-locks.list::*",
            "--out",
            text(&out),
            "--quiet",
        ]);
        assert!([0, 1].contains(&run.exit), "{run:?}");
    }
    folder
}

fn history(folder: &Path, more: &[&str]) -> Answer {
    let runs = folder.join("runs");
    lxca(&[&["history", text(&runs)], more].concat())
}

fn asked(folder: &Path, query: &str) -> (i32, Value) {
    let answer = history(folder, &["--format", "json", "--query", query]);
    let found = json(&answer.stdout);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/history.schema.json");
    let schema = jsonschema::validator_for(&json(&read(&schema))).expect("the schema");
    let wrong: Vec<String> = schema
        .iter_errors(&found)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    (answer.exit, found)
}

#[test]
fn queries_find_what_changed_from_run_to_run() {
    let kept = kept();
    let folder = kept.path();
    let (exit, found) = asked(folder, "held then broken then held");
    assert_eq!(exit, 0);
    let rows = found["requirements"].as_array().expect("rows");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["id"], "sftp-locks.list/body/component");
    assert_eq!(rows[0]["change"], "fixed");
    assert_eq!(rows[0]["matched"], serde_json::json!([0, 1, 2]));
    let versions: Vec<&Value> = found["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| &run["target"]["version"])
        .collect();
    assert_eq!(versions, ["4.1.0", "4.2.0", "4.3.0"]);
    // The double was on three ports, and it is one appliance.
    assert_eq!(found["appliances"].as_array().map(Vec::len), Some(1));

    let (exit, found) = asked(folder, "version 4.2 and broken");
    assert_eq!((exit, &found["appliances"][0]["runs"]), (0, &serde_json::json!([1])));
    let (exit, found) = asked(folder, "broken and latest");
    assert_eq!((exit, found["requirements"].as_array().map(Vec::len)), (4, Some(0)));
    let (exit, _) = asked(folder, "requirement backup.* and broken");
    assert_eq!(exit, 4);

    let answer = history(folder, &[]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let table = answer.stdout.split("requirement  ").nth(1).expect("a table");
    let first = table.lines().nth(1).expect("a row");
    assert!(first.contains("sftp-locks.list/body/component  ✓ ✗ ✓  fixed in 3 (4.3.0)"), "{first}");
}

#[test]
fn two_reports_of_one_run_count_once_and_strangers_are_named() {
    let kept = kept();
    let folder = kept.path();
    let runs = folder.join("runs");
    let again = runs.join("judged-again");
    assert_eq!(lxca(&["judge", text(&runs.join("m-wrong")), "--out", text(&again)]).exit, 1);
    fs::copy(runs.join("z-before/report.json"), runs.join("copy.json")).expect("a copy");
    // Of an older build, which doesn't say of which record it is.
    let older = runs.join("a-after/report.json");
    let mut report = json(&read(&older));
    report.as_object_mut().expect("an object").remove("record");
    fs::write(&older, report.to_string()).expect("a file");
    fs::create_dir(runs.join("stranger")).expect("a folder");
    fs::write(runs.join("stranger/report.json"), "{\"stats\": {}}").expect("a file");
    fs::create_dir(runs.join("crashed")).expect("a folder");
    fs::write(runs.join("crashed/transcript.jsonl"), "").expect("a file");
    fs::write(runs.join("other.json"), "{}").expect("a file");
    let answer = history(folder, &["--format", "json"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let found = json(&answer.stdout);
    let rows = found["runs"].as_array().expect("runs");
    assert_eq!(rows.len(), 3, "{rows:#?}");
    assert!(rows.iter().all(|run| run["record"].is_string()), "{rows:#?}");
    let also: Vec<usize> =
        rows.iter().map(|run| run["also"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(also, [1, 1, 0]);
    let skipped: Vec<&str> = answer.stderr.lines().collect();
    assert_eq!(skipped.len(), 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("stranger/report.json: it isn't the report of a run"));
    assert!(answer.stderr.contains("lxca-conform judge "), "{}", answer.stderr);
    assert_eq!(found["skipped"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_page_is_one_file_and_no_report_is_written_over() {
    let kept = kept();
    let folder = kept.path();
    let page = folder.join("history.html");
    let answer = history(folder, &["--query", "broken", "--out", text(&page)]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let html = read(&page);
    assert!(html.starts_with("<!doctype html>") && html.contains("<svg "), "{html}");
    for outside in ["<script", " src=", "url(", "<link", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
    let report = folder.join("runs/a-after/report.json");
    let before = read(&report);
    let answer = history(folder, &["--format", "json", "--out", text(&report)]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert_eq!(read(&report), before);
}

#[test]
fn a_query_that_cant_be_read_is_a_2_with_its_place() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&["history", text(folder.path()), "--query", "held then brokn"]);
    assert_eq!(answer.exit, 2);
    for word in
        ["column 11", "`brokn`", "did you mean `broken`?", "\n            ^\n", "accepted: "]
    {
        assert!(answer.stderr.contains(word), "{word} in {}", answer.stderr);
    }
    // A folder in which there is nothing, and one that isn't there.
    for place in [text(folder.path()), "/nowhere/at/all"] {
        let answer = lxca(&["history", place]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        assert!(answer.stderr.contains(place), "{}", answer.stderr);
    }
}
