//! The gate as a person runs it: exit codes, files, and a baseline.
//!
//! Knows: the command line, its files, and a record that is read. Must not know: how a change is
//! found.

use std::path::Path;

use crate::support::command::{Served, json, lxca, read, report, text};
use crate::support::lab::lab;

fn record(folder: &Path, version: &str, more: &[&str]) {
    let served = Served::start(&[&["--version", version], more].concat());
    let answer = lxca(&[
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--generated",
        "none",
        "--out",
        text(folder),
        "--quiet",
    ]);
    assert!(answer.exit == 0 || answer.exit == 1, "{answer:?}");
}

#[test]
fn the_command_answers_with_its_exit_code_and_writes_four_files() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    record(&at("before"), "4.1.0", &[]);
    record(&at("after"), "4.2.0", &[]);
    record(&at("wrong"), "4.2.0", &["--fault", "lock-component-unknown"]);
    let gate = |more: &[&str]| lxca(&[&["gate", "--baseline", text(&at("before"))], more].concat());
    let yes = gate(&["--candidate", text(&at("after")), "--out", text(&at("gate"))]);
    assert_eq!(yes.exit, 0, "{yes:?}");
    assert!(yes.stdout.starts_with("YES: "), "{}", yes.stdout);
    let schema =
        json(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/gate.schema.json")));
    let written = json(&read(&at("gate").join("gate.json")));
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&written)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    for file in ["gate.html", "gate.md", "gate-junit.xml"] {
        assert!(!read(&at("gate").join(file)).is_empty());
    }
    let no = gate(&["--candidate", text(&at("wrong")), "--format", "json"]);
    assert_eq!(no.exit, 1, "{no:?}");
    let told = json(&no.stdout);
    assert_eq!(
        (told["answer"].as_str(), told["candidates"][0]["reasons"][0]["requirement"].as_str()),
        (Some("no"), Some("sftp-locks.list/body/component"))
    );
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&told));
    // The draft that the gate prints, filled in, is what lifts it; past its day it doesn't.
    let draft = told["candidates"][0]["drafts"][0].as_str().unwrap().replace("\"\" ", "\"x\" ");
    std::fs::write(at("w.toml"), &draft).unwrap();
    assert_eq!(lxca(&["waivers", "lint", text(&at("w.toml"))]).exit, 0);
    assert_eq!(
        gate(&["--candidate", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit,
        0
    );
    assert_eq!(
        lxca(&[
            "judge",
            text(&at("wrong")),
            "--waivers",
            text(&at("w.toml")),
            "--out",
            text(&at("judged"))
        ])
        .exit,
        0
    );
    let judged = report(&at("judged"));
    let case =
        judged["cases"].as_array().unwrap().iter().find(|case| case["verdict"] == "fail").unwrap();
    assert_eq!(
        (
            case["disposition"].as_str(),
            judged["conclusion"].as_str(),
            judged["waivers"][0]["state"].as_str()
        ),
        (Some("known-failure"), Some("nonconformant"), Some("in-force"))
    );
    let expires = draft.lines().find(|line| line.starts_with("expires")).unwrap();
    std::fs::write(at("w.toml"), draft.replace(expires, "expires = 2020-01-01")).unwrap();
    assert_eq!(
        gate(&["--candidate", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit,
        6
    );
    assert_eq!(lxca(&["judge", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit, 6);
    assert_eq!(lxca(&["waivers", "stale", text(&at("w.toml")), text(&at("wrong"))]).exit, 6);
    // Input that can't be read is a mistake of the operator, and nothing is told about the
    // appliance.
    std::fs::write(at("p.toml"), "[profiles.x]\nregression = \"perhaps\"\n").unwrap();
    for arguments in [
        vec!["--candidate", "nowhere"],
        vec!["--candidate", text(&at("after")), "--policy", text(&at("p.toml"))],
        vec!["--candidate", text(&at("after")), "--profile", "lax"],
    ] {
        // The files of the last answer don't stand for the one that isn't given.
        for file in crate::gate::FILES {
            std::fs::write(at("gate").join(file), "the last answer").unwrap();
        }
        let answer = gate(&[arguments.as_slice(), &["--out", text(&at("gate"))]].concat());
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        let left = std::fs::read_dir(at("gate")).unwrap().count();
        assert_eq!(left, 0, "{arguments:?}");
    }
}

#[test]
fn a_baseline_tells_what_changed_and_a_shape_is_satisfied_by_what_was_seen() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    record(&at("before"), "4.1.0", &[]);
    record(&at("wrong"), "4.2.0", &["--fault", "lock-component-unknown"]);
    let judged = lxca(&[
        "judge",
        text(&at("wrong")),
        "--baseline",
        text(&at("before")),
        "--out",
        text(&at("judged")),
    ]);
    assert_eq!(judged.exit, 1);
    assert!(judged.stdout.contains("5 new, 0 fixed, 0 still there"), "{}", judged.stdout);
    let since = &report(&at("judged"))["baseline"];
    assert_eq!(
        (since["version"].as_str(), since["new"][0].as_str()),
        (
            Some("4.1.0"),
            Some("sftp-locks.list::lists-locks sftp-locks.list/body/component /*/component")
        )
    );
    let shape = lxca(&["shape", text(&at("before"))]);
    assert_eq!(shape.exit, 0, "{shape:?}");
    let schema = json(&shape.stdout);
    let record = lxca_conform::store::read(&at("before")).unwrap();
    let contract = lab().contract;
    let mut seen = 0;
    for exchange in record.exchanges() {
        let Some(got) = &exchange.got else { continue };
        let Some(operation) = lxca_conform::contract::operation_of(
            &contract,
            &exchange.sent.method,
            &exchange.sent.target,
        ) else {
            continue;
        };
        let Ok(body) = got.json() else { continue };
        let mut one = schema["$defs"][format!("{operation}/{}", got.status)].clone();
        one["$schema"] = schema["$schema"].clone();
        assert!(
            jsonschema::validator_for(&one).unwrap().is_valid(&body),
            "{operation} {}: {body}",
            got.status
        );
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn what_is_no_record_is_named_with_what_to_do() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    let recording =
        r#"{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[]}}"#;
    std::fs::write(at("a.har"), recording).unwrap();
    std::fs::write(at("a.json"), recording).unwrap();
    std::fs::write(at("transcript.jsonl.gz"), [0x1f, 0x8b, 8, 0, 10]).unwrap();
    for (name, says) in [
        ("a.har", "judge it with `lxca-conform judge"),
        ("a.json", "judge it with `lxca-conform judge"),
        ("transcript.jsonl.gz", "decompress it with gunzip"),
    ] {
        let file = at(name);
        for command in [vec!["report", "--format", "markdown"], vec!["matrix"]] {
            if command[0] == "matrix" && name == "a.json" {
                continue;
            }
            let answer = lxca(&[command.as_slice(), &[text(&file)]].concat());
            assert_eq!(answer.exit, 2, "{answer:?}");
            assert!(answer.stderr.contains(says), "{command:?} {name}: {}", answer.stderr);
        }
    }
}

#[test]
fn a_report_without_its_record_is_not_said_to_be_judged_again() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    let locks = ["--filter", "sftp-locks.list::lists-locks", "--out"];
    let ran = lxca(&[&["run", "--quiet"][..], &locks, &[text(&at("run"))]].concat());
    assert_eq!(ran.exit, 0, "{ran:?}");
    std::fs::create_dir(at("only")).unwrap();
    std::fs::copy(at("run").join("report.json"), at("only").join("report.json")).unwrap();
    let answer = lxca(&["gate", "--baseline", text(&at("run")), "--candidate", text(&at("only"))]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let line = |what: &str| answer.stdout.lines().find(|line| line.contains(what)).unwrap();
    assert!(line("  baseline ").contains("judged again: conformant"), "{}", answer.stdout);
    assert!(line("  candidate ").contains("as reported: conformant"), "{}", answer.stdout);
}
