//! Several reports as one: shards of a run, the worse of two verdicts, and what isn't merged.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json as value};
use tempfile::TempDir;

use crate::support::command::{Served, lxca, report, text};

use super::whole;

/// Runs with filters, each in a folder of its own.
fn shards(of: &[&str]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (index, filter) in of.iter().enumerate() {
        // A shard alone can be incomplete: what it claims may be exercised in another.
        let exit = lxca(&[
            "run",
            "--quiet",
            "--filter",
            filter,
            "--out",
            text(&folder.path().join(format!("shard-{index}"))),
        ])
        .exit;
        assert!(exit == 0 || exit == 3, "{filter}: {exit}");
    }
    folder
}

fn verdict<'a>(report: &'a Value, id: &str) -> &'a str {
    report["cases"]
        .as_array()
        .and_then(|cases| cases.iter().find(|case| case["id"] == id))
        .and_then(|case| case["verdict"].as_str())
        .unwrap_or("absent")
}

#[test]
fn shards_of_a_run_are_one_report_again() {
    let folder = shards(&["sftp-locks.*", "backup.*", "tasks.*"]);
    let inputs: Vec<String> = (0..3)
        .map(|index| text(&folder.path().join(format!("shard-{index}"))).to_owned())
        .collect();
    let out = folder.path().join("whole");
    let told = lxca(&["report", &inputs[0], &inputs[1], &inputs[2], "--out", text(&out)]);
    assert_eq!((told.exit, told.stderr.as_str()), (0, ""), "{told:?}");
    let (merged, alone) = (report(&out), report(whole().path()));
    assert_eq!(merged["conclusion"], "conformant", "{}", merged["because"]);
    assert_eq!(merged["claim"], false);
    let exercised =
        |report: &Value| report["summary"]["requirements"]["exercised"].as_u64().expect("a number");
    assert!(
        inputs.iter().all(|input| exercised(&report(Path::new(input))) < exercised(&merged)),
        "one of them alone isn't enough"
    );
    let shards: Vec<Value> = inputs.iter().map(|input| report(Path::new(input))).collect();
    for case in alone["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id");
        let ran = shards.iter().any(|shard| verdict(shard, id) == "pass");
        assert_eq!(verdict(&merged, id), if ran { "pass" } else { "untested" }, "{id}");
    }
    let sum = |pointer: &str| {
        shards.iter().filter_map(|shard| shard.pointer(pointer)?.as_u64()).sum::<u64>()
    };
    assert_eq!(merged["summary"]["requests"], sum("/summary/requests"));
    assert_eq!(merged["summary"]["cases"]["pass"], sum("/summary/cases/pass"));
    // Times come from the records, all of them.
    let samples = |report: &Value| {
        report["timings"]
            .as_array()
            .expect("timings")
            .iter()
            .filter_map(|one| one["samples"].as_u64())
            .sum::<u64>()
    };
    assert_eq!(samples(&merged), shards.iter().map(samples).sum::<u64>());
    let note = merged["notes"]
        .as_array()
        .and_then(|notes| {
            notes.iter().find_map(|note| {
                note.as_str().filter(|note| note.starts_with("Merged from 3 sources"))
            })
        })
        .expect("a note");
    assert!(inputs.iter().all(|input| note.contains(input.as_str())), "{note}");
    assert!(
        merged["scope"]["filters"].as_array().is_some_and(|filters| filters.len() == 3),
        "{}",
        merged["scope"]
    );
}

#[test]
fn of_a_case_that_ran_twice_the_worse_verdict_counts() {
    let (good, bad) = (Served::start(&[]), Served::start(&["--fault", "lock-component-unknown"]));
    let folder = TempDir::new().expect("a temporary folder");
    let (first, second, out) =
        (folder.path().join("first"), folder.path().join("second"), folder.path().join("out"));
    for (served, place, code) in [(&good, &first, 0), (&bad, &second, 1)] {
        assert_eq!(
            lxca(&[
                "run",
                "--quiet",
                "--url",
                &served.url,
                "--user",
                "USERID",
                "--filter",
                "sftp-locks.list::lists-locks",
                "--out",
                text(place)
            ])
            .exit,
            code
        );
    }
    for (one, other) in [(&first, &second), (&second, &first)] {
        assert_eq!(lxca(&["report", text(one), text(other), "--out", text(&out)]).exit, 0);
        let merged = report(&out);
        assert_eq!(
            (verdict(&merged, "sftp-locks.list::lists-locks"), &merged["conclusion"]),
            ("fail", &value!("nonconformant"))
        );
        assert!(
            merged["evidence"].as_array().is_some_and(|evidence| evidence
                .iter()
                .any(|one| one["body"].as_str().is_some_and(|body| body.contains("XX")))),
            "the evidence is that of the worse one"
        );
        let broken = merged["requirements"]
            .as_array()
            .expect("requirements")
            .iter()
            .find(|known| known["id"] == "sftp-locks.list/body/component")
            .expect("a requirement");
        assert_eq!(broken["status"], "broken");
        assert!(
            merged["notes"].as_array().is_some_and(|notes| notes.iter().any(|note| note
                .as_str()
                .is_some_and(|note| note.starts_with("1 case ran in more than one")))),
            "{}",
            merged["notes"]
        );
    }
}

#[test]
fn reports_of_different_things_are_not_merged_and_the_difference_is_named() {
    let folder = TempDir::new().expect("a temporary folder");
    let good = report(whole().path());
    let spoilt: [(&str, &str, Value); 6] = [
        ("contract", "/contract/digest", value!("sha256:other")),
        ("catalogue", "/catalogue/digest", value!("sha256:other")),
        ("tool", "/tool/version", value!("9.9.9")),
        ("target", "/target/uuid", value!("another")),
        ("product version", "/target/version", value!("9.9.9")),
        ("--allow", "/scope/allow", value!("read")),
    ];
    for (what, pointer, other) in spoilt {
        let mut report = good.clone();
        *report.pointer_mut(pointer).expect("a member") = other.clone();
        let path = folder.path().join("other.json");
        fs::write(&path, report.to_string()).expect("a written file");
        let out = folder.path().join("out");
        let told = lxca(&["report", text(whole().path()), text(&path), "--out", text(&out)]);
        assert_eq!((told.exit, told.stdout.as_str()), (2, ""), "{what}: {told:?}");
        let line = told
            .stderr
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{what}: ")))
            .unwrap_or_else(|| panic!("{what} isn't named in {}", told.stderr));
        assert!(
            line.contains(other.as_str().expect("a text")) && line.contains("other.json"),
            "{line}"
        );
        assert!(!out.exists(), "nothing is written");
    }
}
