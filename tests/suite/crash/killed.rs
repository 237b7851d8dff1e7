//! A run that is killed, and records that are cut or spoilt: what is left is read, and never
//! conformant.
//!
//! Knows: the binary and its record. Must not know: how a row is written.

use std::fs;

use lxca_conform::report::{Conclusion, rejudge};
use lxca_conform::store;
use tempfile::TempDir;

use crate::support::built_in;

use super::{Served, check_interrupted, finished, killed, lxca, record, text, watch};

#[test]
fn a_run_that_is_killed_anywhere_leaves_a_record_that_is_read_up_to_its_last_whole_row_and_is_never_conformant()
 {
    let points = if std::env::var_os("LXCA_SLOW_TESTS").is_some() { 50 } else { 12 };
    let served = Served::start();
    // Changes that take next to no time, so that so many runs can be had.
    let selection = [
        "--allow",
        "write",
        "--filter",
        "sftp-locks.create::*",
        "--filter",
        "sftp-locks.list::lists-*",
        "--filter",
        "sftp-locks.get::*",
        "--filter",
        "tasks.list::lists-jobs",
    ];
    let folder = TempDir::new().expect("a temporary folder");
    let output = served.run(folder.path(), &selection).wait_with_output().expect("its end");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let length = record(folder.path()).len();
    let mut landed = 0;
    for point in 0..points {
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = served.run(folder.path(), &selection);
        let path = folder.path().join("transcript.jsonl");
        let bytes = length * point / points;
        let _ = watch(&mut child, folder.path(), |_| {
            fs::metadata(&path).is_ok_and(|file| file.len() >= bytes as u64)
        });
        killed(child);
        if record(folder.path()).contains("\"row\":\"footer\"") {
            continue;
        }
        landed += 1;
        check_interrupted(folder.path());
    }
    println!("{landed} of {points} kills landed before the end");
    assert!(landed * 3 >= points * 2, "only {landed} of {points} kills landed before the end");
}

#[test]
fn a_record_that_is_cut_at_any_byte_is_read_up_to_there_and_is_never_conformant() {
    let (contract, catalogue) = (built_in::contract(), built_in::written());
    let bytes = fs::read(finished().0.path().join("transcript.jsonl")).expect("the record");
    let header = bytes.iter().position(|byte| *byte == b'\n').expect("a first row") + 1;
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("cut.jsonl");
    let last = bytes.len() - 1;
    let step = (last / 60).max(1);
    for end in (0..last).step_by(step).chain([header - 1, header, header + 1, last - 1]) {
        fs::write(&path, &bytes[..end]).expect("a written record");
        match store::read(&path) {
            Err(error) => assert!(end < header - 1, "cut at {end} of {last}: {error}"),
            Ok(record) => {
                assert!(record.footer.is_none(), "cut at {end}");
                let report = rejudge(contract, catalogue, &record);
                assert_eq!(report.conclusion, Conclusion::Incomplete, "cut at {end}");
                assert!(report.because.contains("interrupted"), "cut at {end}: {}", report.because);
            }
        }
    }
}

#[test]
fn a_record_with_rubbish_in_its_middle_is_no_record_and_its_line_is_named() {
    let text_of = record(finished().0.path());
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("torn.jsonl");
    let mut rows: Vec<&str> = text_of.lines().collect();
    let torn = &rows[3][..rows[3].len() / 2];
    rows[3] = torn;
    fs::write(&path, rows.join("\n") + "\n").expect("a written record");
    let judged = lxca(&["judge", text(&path)]);
    assert_eq!(judged.exit, 2, "{judged:?}");
    assert!(judged.stderr.contains("torn.jsonl:4"), "{}", judged.stderr);
}

#[test]
fn a_record_that_lost_rows_is_judged_and_the_loss_is_named() {
    let text_of = record(finished().0.path());
    let rows: Vec<&str> = text_of.lines().collect();
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("shorter.jsonl");
    let middle = rows.len() / 2;
    let kept: Vec<&str> = rows
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != middle)
        .map(|(_, row)| *row)
        .collect();
    fs::write(&path, kept.join("\n") + "\n").expect("a written record");
    let judged = lxca(&["judge", text(&path), "--out", text(&folder.path().join("out"))]);
    let report =
        fs::read_to_string(folder.path().join("out").join("report.json")).expect("report.json");
    assert!(report.contains("the footer's digest differs"), "{judged:?}");
}
