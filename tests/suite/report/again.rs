//! The record, judged again: whole, cut anywhere, changed afterwards, or none.
//!
//! Knows: the text of a record. Must not know: how a case is judged.

use std::collections::BTreeSet;
use std::fs;

use lxca_conform::judge::Verdict;
use lxca_conform::report::{Conclusion, Report, rejudge};
use lxca_conform::store::{self, Row, TargetKind};
use tempfile::TempDir;

use crate::support::built_in::loaded;

use super::{refused, report_files, right, transcript, validator, wrong};

fn judged(text: &str) -> Report {
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("transcript.jsonl");
    fs::write(&path, text).expect("a written record");
    let record = store::read(&path).unwrap_or_else(|error| panic!("{error}"));
    let (contract, catalogue) = loaded();
    rejudge(contract, catalogue, &record)
}

fn same_judgement(left: &Report, right: &Report) {
    let text = |value: &Report| {
        (
            serde_json::to_string_pretty(&value.cases).expect("JSON"),
            serde_json::to_string_pretty(&value.requirements).expect("JSON"),
        )
    };
    for (left, right) in left.cases.iter().zip(&right.cases) {
        assert_eq!(left, right);
    }
    let ((left_cases, left_requirements), (right_cases, right_requirements)) =
        (text(left), text(right));
    assert!(left_cases == right_cases, "the cases differ");
    assert!(left_requirements == right_requirements, "the requirements differ");
    assert_eq!(left.summary, right.summary);
    assert_eq!(left.conclusion, right.conclusion);
}

#[test]
fn the_record_judged_again_gives_the_same_cases_and_findings_byte_for_byte() {
    for run in [right(), wrong()] {
        let again = judged(&transcript(run));
        same_judgement(&run.report, &again);
        assert_eq!(again.target.kind, TargetKind::Replay);
        assert!(!again.claim, "a replay is no evidence about a product");
        assert_eq!(
            refused(&validator(), &serde_json::to_value(&again).expect("JSON")),
            Vec::<String>::new()
        );
    }
}

#[test]
fn the_record_has_its_header_first_and_a_footer_that_counts() {
    let record = store::read(right().folder.path()).expect("the record");
    let footer = record.footer.as_ref().expect("a footer");
    assert_eq!(record.flaws, Vec::new());
    assert_eq!(
        footer.rows,
        record.rows.len() as u64 + 1,
        "every row before the footer, the header too"
    );
    assert_eq!(footer.exchanges, record.exchanges().count() as u64);
    assert_eq!(right().report.summary.requests, footer.exchanges);
    let planned: BTreeSet<&str> = record.header.planned.iter().map(String::as_str).collect();
    for row in &record.rows {
        if let Row::Exchange(exchange) = row {
            assert!(
                exchange.case.is_empty() || planned.contains(exchange.case.as_str()),
                "an exchange of {:?}, which wasn't planned",
                exchange.case
            );
        }
    }
}

/// Where the rows end, the footer's end left out.
fn boundaries(text: &str) -> Vec<usize> {
    let mut ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    ends.pop();
    ends
}

/// About `most` of the list, the first and the last among them.
fn sample(list: &[usize], most: usize) -> BTreeSet<usize> {
    (0..most).map(|index| list[index * (list.len() - 1) / (most - 1)]).collect()
}

#[test]
fn a_record_that_was_cut_between_two_rows_is_judged_and_never_conformant() {
    let text = transcript(right());
    let ends = boundaries(&text);
    assert!(ends.len() > 150, "only {} rows", ends.len());
    let validator = validator();
    for end in sample(&ends, 20) {
        let report = judged(&text[..end]);
        assert_eq!(
            report.conclusion,
            Conclusion::Incomplete,
            "cut after {end} bytes: {}",
            report.because
        );
        assert!(report.finished.is_none() && !report.claim);
        assert_eq!(
            report.summary.cases.fail, 0,
            "a right appliance is accused because its record was cut after {end} bytes"
        );
        assert_eq!(
            refused(&validator, &serde_json::to_value(&report).expect("JSON")),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_record_that_was_cut_in_the_middle_of_a_row_is_judged_without_it_and_says_so() {
    let text = transcript(right());
    let ends = boundaries(&text);
    for end in sample(&ends, 20) {
        let row = text[end..].find('\n').expect("the next row");
        let mut middle = end + row / 2;
        while !text.is_char_boundary(middle) {
            middle += 1;
        }
        let report = judged(&text[..middle]);
        assert_eq!(
            report.conclusion,
            Conclusion::Incomplete,
            "cut after {middle} bytes: {}",
            report.because
        );
        assert!(
            report.notes.iter().any(|note| note.contains("is truncated")),
            "{:?}",
            report.notes
        );
        same_judgement(&report, &judged(&text[..end]));
    }
}

#[test]
fn a_cut_record_of_a_faulty_appliance_is_incomplete_or_nonconformant() {
    let text = transcript(wrong());
    let ends = boundaries(&text);
    let conclusions: BTreeSet<&str> =
        sample(&ends, 20).into_iter().map(|end| judged(&text[..end]).conclusion.word()).collect();
    assert_eq!(conclusions, BTreeSet::from(["incomplete", "nonconformant"]));
}

#[test]
fn the_cases_whose_rows_were_all_kept_keep_their_verdict_in_a_cut_record() {
    let text = transcript(right());
    let ends = boundaries(&text);
    let end = ends[ends.len() * 3 / 4];
    let report = judged(&text[..end]);
    let pass = report.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
    let unresolved = report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved).count();
    assert!(pass > 20 && unresolved > 0, "{pass} pass, {unresolved} unresolved");
    for case in report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved) {
        assert!(
            case.reason.as_ref().is_some_and(|reason| !reason.is_empty()),
            "{} doesn't say why",
            case.id
        );
    }
}

#[test]
fn a_record_that_was_changed_afterwards_says_so() {
    let text = transcript(right());
    let changed = text.replacen("\"status\":200", "\"status\":500", 1);
    assert_ne!(text, changed);
    let report = judged(&changed);
    assert!(report.notes.iter().any(|note| note.contains("digest differs")), "{:?}", report.notes);
    assert!(!judged(&text).notes.iter().any(|note| note.contains("digest")));
}

#[test]
fn what_is_no_record_is_refused_with_file_and_line() {
    let folder = TempDir::new().expect("a temporary folder");
    let text = transcript(right());
    let mut rows = text.lines();
    let (header, second) = (rows.next().expect("a header"), rows.next().expect("a second row"));
    let cases = [
        ("empty", String::new(), ":1"),
        ("headless", format!("{second}\n"), ":1"),
        ("prose", "a text\n".to_owned(), ":1"),
        ("cut-header", header[..header.len() / 2].to_owned(), ":1"),
        ("twice", format!("{header}\n{header}\n"), ":2"),
        (
            "another-format",
            header.replacen("lxca-conform/record/1", "lxca-conform/record/9", 1) + "\n",
            ":1",
        ),
        ("rubbish-within", format!("{header}\n{{\n{second}\n"), ":2"),
    ];
    for (name, text, place) in cases {
        let path = folder.path().join(format!("{name}.jsonl"));
        fs::write(&path, text).expect("a written file");
        let error = store::read(&path).expect_err(name).to_string();
        assert!(error.contains(&format!("{name}.jsonl{place}")), "{error}");
    }
}

#[test]
fn a_new_run_takes_away_the_reports_of_the_one_before_it_in_its_folder() {
    let folder = TempDir::new().expect("a temporary folder");
    for name in report_files() {
        fs::write(folder.path().join(name), "old").expect("a written file");
    }
    drop(store::RecordWriter::create(folder.path()).expect("a new record"));
    let left: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["transcript.jsonl"]);
}
