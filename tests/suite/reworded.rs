//! Nothing decides by reading a text that the tool wrote: each text of a record and of a report is
//! replaced by `x`, and everything that is decided stays.
//!
//! Knows: which members of both formats are texts for people. Must not know: what they say.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may stop at once and read files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::command::{self, lxca, text};
use crate::support::lab::{Asked, Lab, lab, version};
use lxca_conform::catalogue::Effect;
use lxca_conform::exchange::{Fault, FaultKind, Moment};
use lxca_conform::gate::{Gate, Run, Source};
use lxca_conform::record::{EndedEarly, Record, Row, TargetKind};
use lxca_conform::report::{self, Report, rejudge};
use lxca_conform::waiver::Waivers;
use lxca_conform::why::{EndKind, Flaw, Trust, UNVERIFIED, Why};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Members of a record that are texts of ours, wherever they stand.
const OF_RECORD: &[&str] =
    &["reason", "text", "what", "tls", "message", "unrecognised", "left_over", "error"];
/// Members of a report that are texts of ours. `actual` isn't one: it holds the value that came,
/// and a waiver may name it.
const OF_REPORT: &[&str] = &[
    "because",
    "no_claim",
    "ended_early",
    "notes",
    "tls",
    "reason",
    "title",
    "statement",
    "place",
    "expected",
    "says",
    "chosen",
    "answer",
    "curl",
];

/// Replaces the texts of some members, except in what the appliance said.
fn reword(value: &mut Value, members: &[&str]) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if name == "got" || name == "sent" {
                    continue;
                }
                match value {
                    Value::String(text) if members.contains(&name.as_str()) => {
                        "x".clone_into(text);
                    }
                    Value::Array(list) if members.contains(&name.as_str()) => {
                        list.iter_mut().filter(|one| one.is_string()).for_each(|one| {
                            *one = json!("x");
                        });
                    }
                    _ => reword(value, members),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| reword(one, members)),
        _ => {}
    }
}

fn reworded<T: serde::Serialize + serde::de::DeserializeOwned>(it: &T, members: &[&str]) -> T {
    let mut value = serde_json::to_value(it).expect("it can be written");
    reword(&mut value, members);
    serde_json::from_value(value).expect("it can be read again")
}

fn reworded_record(record: &Record) -> Record {
    Record {
        recording: None,
        header: reworded(&record.header, OF_RECORD),
        rows: record.rows.iter().map(|row| reworded(row, OF_RECORD)).collect(),
        footer: record.footer.as_ref().map(|footer| reworded(footer, OF_RECORD)),
        flaws: record.flaws.clone(),
        digest: record.digest.clone(),
    }
}

/// All that a report decides, without its texts.
fn decided(report: &Report) -> Value {
    let mut report = serde_json::to_value(report).expect("a report can be written");
    reword(&mut report, OF_REPORT);
    // What a job was told to be, and what a clean-up left over, is shown as it was kept.
    for case in report["cases"].as_array_mut().expect("cases") {
        for finding in case["findings"].as_array_mut().expect("findings") {
            finding["actual"] = Value::Null;
        }
    }
    report["evidence"] = Value::Null;
    report
}

fn record_of(run: &Run) -> &Record {
    match &run.source {
        Source::Record(record) => record,
        Source::Report(_) => panic!("a run has its record"),
    }
}

fn run(record: Record) -> Run {
    Run { from: "a run".to_owned(), source: Source::Record(Box::new(record)) }
}

fn copied(record: &Record) -> Record {
    Record {
        recording: None,
        header: record.header.clone(),
        rows: record.rows.clone(),
        footer: record.footer.clone(),
        flaws: record.flaws.clone(),
        digest: record.digest.clone(),
    }
}

fn asked(rounds: u32) -> Asked {
    Asked {
        filters: vec!["sftp-locks.list::*".to_owned(), "backup.list::*".to_owned()],
        allow: Effect::Read,
        rounds,
        ..version("4.1.0")
    }
}

/// The run ends in the middle of its second round, by a bound; what was stopped isn't a verdict.
fn ended_early(record: &Record) -> Record {
    let mut ended = copied(record);
    let second = ended
        .rows
        .iter()
        .position(|row| matches!(row, Row::Round { number: 2, .. }))
        .expect("a second round");
    let what = "the run exceeded its time limit of 5 s";
    ended.rows.truncate(second + 1);
    let stopped = ended.header.planned.iter().map(|case| Row::Stopped {
        case: case.clone(),
        reason: what.to_owned(),
        why: Some(Why::RunEnded),
    });
    ended.rows.extend(stopped.collect::<Vec<_>>());
    ended.footer.as_mut().expect("a footer").ended_early =
        Some(EndedEarly { kind: EndKind::Bound, what: what.to_owned() });
    ended
}

/// The records of a test, each another thing that was once told by a sentence.
fn records(lab: &Lab) -> Vec<(&'static str, Record)> {
    let (plain, _) = lab.run(&asked(1));
    let (wrong, _) = lab.run(&asked(1).fault("lock-component-unknown"));
    let (twice, _) = lab.run(&asked(2));
    let plain = record_of(&plain);
    let live = |trust, tls: &str| {
        let mut record = copied(plain);
        record.header.target.kind = TargetKind::Live;
        (record.header.target.trust, record.header.target.tls) = (Some(trust), tls.to_owned());
        record
    };
    let mut cut = copied(plain);
    cut.rows.truncate(plain.rows.len() / 2);
    (cut.footer, cut.flaws) = (None, vec![Flaw::Cut { row: 40 }]);
    let mut changed = copied(plain);
    changed.flaws = vec![Flaw::Changed];
    let mut another = copied(plain);
    "sha256:another".clone_into(&mut another.header.catalogue.digest);
    another.header.planned.truncate(3);
    vec![
        ("plain", copied(plain)),
        ("wrong", copied(record_of(&wrong))),
        ("twice", copied(record_of(&twice))),
        ("ended", ended_early(record_of(&twice))),
        ("unverified", live(Trust::Unverified, UNVERIFIED)),
        ("verified", live(Trust::Verified, "verified against the system's roots")),
        ("cut", cut),
        ("changed", changed),
        ("another", another),
    ]
}

fn answer(gate: &Gate) -> Value {
    let candidate = &gate.candidates[0];
    let reasons: Vec<Value> = candidate
        .reasons
        .iter()
        .map(|reason| json!([reason.action, reason.rule, reason.requirement, reason.cases]))
        .collect();
    json!([gate.answer, gate.exit, reasons, candidate.counts, candidate.caveats.len()])
}

#[test]
fn no_word_of_a_record_or_a_report_changes_a_verdict_or_the_answer_of_the_gate() {
    let lab = lab();
    let records = records(&lab);
    let judged = |record: &Record| rejudge(&lab.contract, &lab.catalogue, record);
    let as_report = |report: Report| Run {
        from: "a report".to_owned(),
        source: Source::Report(Box::new(report)),
    };
    let gate =
        |one: &Run, other: &Run| answer(&lab.gate_with(one, other, "upgrade", &Waivers::default()));
    let first = &records[0].1;
    let reworded_first = reworded_record(first);
    for (name, record) in &records {
        let other = reworded_record(record);
        let (report, second) = (judged(record), judged(&other));
        assert!(decided(&report) == decided(&second), "{name}");
        assert!(report.cases.iter().all(|case| case.reason.is_some() == case.why.is_some()));
        let as_recorded = gate(&run(copied(first)), &run(copied(record)));
        let again = gate(&run(copied(&reworded_first)), &run(other));
        assert_eq!(as_recorded, again, "{name}");
        let words = reworded(&report, OF_REPORT);
        assert!(words != report && words.because == "x");
        let (one, two) = (as_report(report), as_report(words));
        let baseline = run(copied(first));
        assert_eq!(gate(&baseline, &one), gate(&baseline, &two), "{name}");
    }
    // None of it is for nothing: each of them is decided otherwise than the plain one.
    let said = |name: &str| &records.iter().find(|(known, _)| *known == name).unwrap().1;
    let told = |name: &str| gate(&run(copied(first)), &run(copied(said(name))));
    for name in ["wrong", "ended", "cut", "changed", "another"] {
        assert_ne!(told(name), told("plain"), "{name}");
    }
    assert_ne!(told("unverified"), told("verified"));
    // What the bound stopped in the second round left the verdicts of the first.
    assert_eq!(judged(said("ended")).summary.cases, judged(first).summary.cases);
}

#[test]
fn a_record_of_an_older_build_is_understood_by_its_sentences() {
    let lab = lab();
    for (name, record) in records(&lab) {
        let mut older = copied(&record);
        older.header.target.trust = None;
        for row in &mut older.rows {
            if let Row::Stopped { why, .. } = row {
                *why = None;
            }
        }
        let judged = |record: &Record| decided(&rejudge(&lab.contract, &lab.catalogue, record));
        assert!(judged(&older) == judged(&record), "{name}");
    }
}

/// A folder of its own below the target folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reworded").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A transcript with other words, and the digest that it has then.
fn reworded_file(from: &Path, to: &Path) {
    let mut bytes = Vec::new();
    for line in fs::read_to_string(from).unwrap().lines() {
        let mut row: Value = serde_json::from_str(line).unwrap();
        reword(&mut row, OF_RECORD);
        if row["row"] == "footer" {
            let hex = lxca_conform::texts::hex(&Sha256::digest(&bytes));
            row["digest"] = json!(format!("sha256:{hex}"));
        }
        bytes.extend(serde_json::to_vec(&row).unwrap());
        bytes.push(b'\n');
    }
    fs::write(to, bytes).unwrap();
}

#[test]
fn no_word_changes_an_exit_code() {
    let only = ["--filter", "sftp-locks.list::*", "--allow", "read", "--quiet", "--out"];
    let (plain, other) = (folder("plain"), folder("other"));
    let done = lxca(&[&["run"], only.as_slice(), &[text(&plain)]].concat());
    assert_eq!(done.exit, 0, "{}", done.stderr);
    reworded_file(&plain.join("transcript.jsonl"), &other.join("transcript.jsonl"));
    let mut report: Value =
        serde_json::from_str(&command::read(&plain.join("report.json"))).unwrap();
    reword(&mut report, OF_REPORT);
    fs::write(other.join("report.json"), report.to_string()).unwrap();
    for folder in [&plain, &other] {
        let judged = lxca(&["judge", text(&folder.join("transcript.jsonl")), "--quiet"]);
        assert_eq!(judged.exit, 0, "{}{}", judged.stdout, judged.stderr);
        for candidate in [folder.clone(), folder.join("report.json")] {
            let gate = lxca(&["gate", "--baseline", text(&plain), "--candidate", text(&candidate)]);
            assert_eq!(gate.exit, 0, "{}{}", gate.stdout, gate.stderr);
        }
    }
    // The unreachable target's exit code comes from a word, too: `judge` knows no sentence of it.
    let gone = folder("gone");
    let arguments =
        ["run", "--url", "http://127.0.0.1:9", "--user", "u", "--quiet", "--out", text(&gone)];
    let mut command = command::binary();
    command.args(arguments).env("LXCA_PASSWORD", "secret");
    assert_eq!(command::answer(&mut command).exit, 5);
    let kept: Value = serde_json::from_str(&command::read(&gone.join("report.json"))).unwrap();
    assert_eq!(kept["ended_early_kind"], "unreachable");
}

#[test]
fn no_word_of_a_fault_decides_whether_a_read_is_tried_again() {
    for message in ["before any answer: connection reset", "x", ""] {
        let fault = |kind, moment| Fault { moment, ..Fault::new(kind, message) };
        assert!(fault(FaultKind::Closed, Some(Moment::BeforeAnswer)).is_before_answer());
        assert!(!fault(FaultKind::Closed, Some(Moment::InBody)).is_before_answer());
        assert!(!fault(FaultKind::Closed, None).is_before_answer());
        assert!(!fault(FaultKind::Timeout, Some(Moment::BeforeAnswer)).is_before_answer());
    }
    // A report is read by its words, whatever else stands in it.
    assert!(report::read("{}").is_err());
}
