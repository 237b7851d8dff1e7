//! `sweep`: it takes back what a run left behind, and calls nothing clean that isn't known to be.
//!
//! Knows: the binary, and records that end anywhere. Must not know: how what was made is found.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::hostile_server::{Deed, Hostile, json};

use super::{
    HOLDS, Served, check_interrupted, finished, has, killed, lxca, record, text, watch, whole,
};

#[test]
fn a_sweep_after_a_kill_takes_back_the_lock_that_was_left() {
    let served = Served::start();
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = served.run(folder.path(), &["--allow", "write", "--filter", HOLDS]);
    assert!(
        watch(&mut child, folder.path(), |text| has(text, HOLDS, "list")),
        "the run ended before it could be killed"
    );
    killed(child);
    assert!(served.held(), "the kill came too late");
    check_interrupted(folder.path());
    let sweep = folder.path().join("sweep");
    let swept = lxca(&[
        "sweep",
        text(folder.path()),
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--out",
        text(&sweep),
    ]);
    assert_eq!(swept.exit, 0, "{swept:?}");
    assert!(swept.stdout.contains(&format!("{HOLDS}: cleaned up")), "{}", swept.stdout);
    assert!(!served.held(), "the sweep left the lock");
    let rows = whole(&record(&sweep));
    assert_eq!(rows.last().map(|row| row["row"].clone()), Some("footer".into()));
    assert!(
        rows.iter()
            .filter(|row| row["row"] == "exchange" && row["sent"]["method"] != "GET")
            .all(|row| row["purpose"] == "cleanup"),
        "a sweep sends clean-ups and nothing else"
    );
}

#[test]
fn a_sweep_of_a_whole_record_says_that_nothing_is_due() {
    let (folder, url) = finished();
    let out = TempDir::new().expect("a temporary folder");
    let swept = lxca(&[
        "sweep",
        text(folder.path()),
        "--url",
        url,
        "--user",
        "USERID",
        "--out",
        text(&out.path().join("sweep")),
    ]);
    assert_eq!(
        (swept.exit, swept.stdout.as_str()),
        (0, "nothing to do: every clean-up of that run was done\n"),
        "{swept:?}"
    );
    assert!(!out.path().join("sweep").exists(), "a sweep that had nothing to do left a folder");
}

#[test]
fn a_sweep_of_a_record_made_elsewhere_ends_with_2_and_sends_nothing() {
    let server = Hostile::start(|_| Deed::Say(json("{}")));
    let out = TempDir::new().expect("a temporary folder");
    let swept = lxca(&[
        "sweep",
        text(finished().0.path()),
        "--url",
        &server.url,
        "--user",
        "USERID",
        "--out",
        text(&out.path().join("sweep")),
    ]);
    assert_eq!(swept.exit, 2, "{swept:?}");
    assert!(swept.stderr.contains(&finished().1), "{}", swept.stderr);
    assert_eq!(server.connections(), 0);
}

/// The record of the finished run, up to the first row that fits.
fn cut_after(fits: impl Fn(&Value) -> bool) -> (TempDir, PathBuf) {
    let text_of = record(finished().0.path());
    let rows: Vec<&str> = text_of.lines().collect();
    let end = rows
        .iter()
        .position(|row| fits(&serde_json::from_str(row).expect("a row")))
        .expect("a row that fits");
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("transcript.jsonl");
    fs::write(&path, rows[..=end].join("\n") + "\n").expect("a written record");
    (folder, path)
}

#[test]
fn a_sweep_doesnt_call_a_run_clean_that_was_killed_before_it_knew_what_it_had_made() {
    let (_, url) = finished();
    for (what, row) in [
        ("intent", "between the intent and the answer"),
        ("exchange", "between the answer and the look at the list"),
    ] {
        let (folder, path) = cut_after(|found| {
            found["row"] == what && found["case"] == HOLDS && found["step"] == "create"
        });
        let swept = lxca(&[
            "sweep",
            text(&path),
            "--url",
            url,
            "--user",
            "USERID",
            "--out",
            text(&folder.path().join("sweep")),
        ]);
        assert!(
            !swept.stdout.contains("every clean-up of that run was done"),
            "killed {row}: {swept:?}"
        );
        assert!(
            swept.stdout.contains(HOLDS) && swept.stdout.contains("create"),
            "killed {row}: {swept:?}"
        );
        assert_eq!(swept.exit, 3, "killed {row}: {swept:?}");
    }
}
