//! `judge` and `report` over a record: whole, cut, or none.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

use std::fs;

use tempfile::TempDir;

use crate::support::command::{report, text};

use super::{built_in_folder, lxca};

#[test]
fn a_record_judged_again_gives_the_same_cases_and_the_same_exit_code() {
    let folder = TempDir::new().expect("a temporary folder");
    for source in [built_in_folder().join("transcript.jsonl"), built_in_folder().to_path_buf()] {
        let answer = lxca(&["judge", text(&source), "--out", text(folder.path())]);
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
        assert!(answer.stdout.starts_with("CONFORMANT: "), "{}", answer.stdout);
        let (before, after) = (report(built_in_folder()), report(folder.path()));
        assert_eq!(before["cases"], after["cases"]);
        assert_eq!(before["requirements"], after["requirements"]);
        assert_eq!((&after["target"]["kind"], &after["claim"]), (&"replay".into(), &false.into()));
    }
}

#[test]
fn a_cut_record_ends_with_3_and_with_0_when_incomplete_is_allowed() {
    let folder = TempDir::new().expect("a temporary folder");
    let record =
        fs::read_to_string(built_in_folder().join("transcript.jsonl")).expect("the record");
    let kept: Vec<&str> = record.lines().take(40).collect();
    let path = folder.path().join("cut.jsonl");
    fs::write(&path, kept.join("\n") + "\n").expect("a written record");
    let answer = lxca(&["judge", text(&path)]);
    assert_eq!(answer.exit, 3, "{answer:?}");
    assert!(answer.stdout.starts_with("INCOMPLETE: "), "{}", answer.stdout);
    let allowed = lxca(&["judge", text(&path), "--allow-incomplete"]);
    assert_eq!(allowed.exit, 0, "{allowed:?}");
    assert!(
        allowed.stdout.starts_with("INCOMPLETE: "),
        "the report still says so: {}",
        allowed.stdout
    );
}

#[test]
fn what_is_no_record_ends_with_2_and_its_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("rubbish.jsonl");
    fs::write(&path, "rubbish\n").expect("a written file");
    for command in [&["judge", text(&path)][..], &["report", text(&path), "--format", "json"]] {
        let answer = lxca(command);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        assert!(answer.stderr.contains("rubbish.jsonl:1"), "{}", answer.stderr);
    }
    assert_eq!(lxca(&["judge", "no-such-file.jsonl"]).exit, 2);
}

#[test]
fn report_draws_every_form_as_the_run_wrote_it() {
    for (form, name) in [
        ("html", "report.html"),
        ("markdown", "report.md"),
        ("junit", "junit.xml"),
        ("json", "report.json"),
    ] {
        let written = fs::read_to_string(built_in_folder().join(name)).expect("a file of the run");
        let drawn = lxca(&["report", text(built_in_folder()), "--format", form]);
        assert_eq!((drawn.exit, drawn.stderr.as_str()), (0, ""), "{form}");
        assert!(drawn.stdout == written, "`report --format {form}` differs from {name}");
        let replayed =
            lxca(&["report", text(&built_in_folder().join("transcript.jsonl")), "--format", form]);
        assert_eq!(replayed.exit, 0, "{form} of the record: {replayed:?}");
        assert!(replayed.stdout.len() > 500, "{form} of the record");
    }
    assert_eq!(lxca(&["report", text(built_in_folder()), "--format", "pdf"]).exit, 2);
}
