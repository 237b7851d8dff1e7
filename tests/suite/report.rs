//! The record and the report of a run: whole, cut, judged again, and without secrets.
//!
//! Knows: a run against the double in this process, and the files that it leaves. Must not know:
//! how a case is judged.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::support::built_in::loaded;
use base64::Engine as _;
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::{Basis, Severity};
use lxca_conform::double::Options;
use lxca_conform::judge::{Reached, Verdict};
use lxca_conform::plan::Scope;
use lxca_conform::report::{self, Conclusion, Report, State, rejudge};
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::{self, Row, TargetKind};
use serde_json::Value;
use tempfile::TempDir;

const SEEDS: [&str; 2] = ["sftp-locks.list", "backup.transfer"];

/// A run that came to its end, and the folder that it wrote.
struct Run {
    folder: TempDir,
    report: Report,
}

fn run(options: Options) -> Run {
    let (contract, catalogue) = loaded();
    let folder = TempDir::new().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let report = runtime.block_on(async {
        let (double, target) = builtin::start(options).await;
        let pace = DoubleTime(double.clock().clone());
        let scope = Scope {
            allow: Effect::Destroy,
            filters: Vec::new(),
            strict: false,
            facts: target.facts.clone(),
            bad_logins: u32::MAX,
            shard: None,
        };
        let setup = Setup {
            contract,
            catalogue,
            target: &target,
            kind: TargetKind::Double,
            scope,
            out: Some(folder.path().to_path_buf()),
            pace: &pace,
            clock: &RealTime,
            observer: &|_| {},
            stop: None,
        };
        conduct(setup).await.expect("a run against the double comes to its end").report
    });
    Run { folder, report }
}

/// The run against the double without faults: one for all tests.
fn right() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| run(Options::default()))
}

/// A run against a double that is wrong in several respects.
fn wrong() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let mut options = Options::default();
        let table = FaultTable::built_in().expect("the table of faults");
        let third = table.entries().iter().filter(|fault| !fault.is_wire()).step_by(3);
        third.for_each(|fault| fault.play(&mut options));
        run(options)
    })
}

fn validator() -> jsonschema::Validator {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json"),
    )
    .expect("schemas/report.schema.json");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("the schema compiles")
}

fn refused(validator: &jsonschema::Validator, report: &Value) -> Vec<String> {
    validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn read_json(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("report.json")).expect("report.json"))
        .expect("report.json is JSON")
}

fn transcript(run: &Run) -> String {
    fs::read_to_string(run.folder.path().join("transcript.jsonl")).expect("the record")
}

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

// ---- a whole run

/// The files of a run besides its record.
fn report_files() -> impl Iterator<Item = &'static str> {
    lxca_conform::report::files().map(|(name, _)| name)
}

#[test]
fn a_right_double_is_conformant_and_makes_no_claim() {
    let report = &right().report;
    let bad: Vec<_> = report
        .cases
        .iter()
        .filter(|case| case.verdict != Verdict::Pass)
        .map(|case| (&case.id, case.verdict, &case.reason, &case.findings))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(report.conclusion, Conclusion::Conformant, "{}", report.because);
    assert!(!report.claim, "a report on the double is no evidence about a product");
    assert_eq!(report.target.kind, TargetKind::Double);
    assert_eq!(report.summary.findings.violation + report.summary.findings.deviation, 0);
}

#[test]
fn every_stated_requirement_of_the_seeds_is_held_or_excluded_with_a_reason() {
    let report = &right().report;
    let stated: Vec<_> = report
        .requirements
        .iter()
        .filter(|requirement| {
            SEEDS.contains(&requirement.operation.as_str()) && requirement.basis == Basis::Stated
        })
        .collect();
    assert!(stated.len() > 50, "only {} stated requirements", stated.len());
    let open: Vec<_> = stated
        .iter()
        .filter(|requirement| match requirement.status {
            State::Held => requirement.seen == 0,
            State::Excluded => {
                requirement.reason.as_ref().is_none_or(|reason| reason.trim().is_empty())
            }
            // What nobody can bring about is judged when it comes, and says so.
            State::NotExercised => {
                requirement.id != "backup.transfer/body/jobId/empty"
                    && requirement
                        .reason
                        .as_ref()
                        .is_none_or(|reason| !reason.starts_with("judged only if it occurs"))
            }
            State::Broken => true,
        })
        .map(|requirement| (&requirement.id, requirement.status, &requirement.reason))
        .collect();
    assert!(open.is_empty(), "{open:#?}");
}

#[test]
fn the_report_holds_every_case_and_every_requirement_once() {
    let (contract, catalogue) = loaded();
    let report = &right().report;
    assert_eq!(
        report.cases.iter().map(|case| &case.id).collect::<Vec<_>>(),
        catalogue.cases.iter().map(|case| &case.id).collect::<Vec<_>>()
    );
    assert_eq!(
        report.requirements.iter().map(|requirement| &requirement.id).collect::<BTreeSet<_>>(),
        contract.requirements.keys().collect()
    );
    assert_eq!(report.requirements.len(), contract.requirements.len());
    assert_eq!(report.errata, contract.errata);
    assert_eq!(report.contract.digest, contract.digest);
    assert_eq!(report.catalogue.digest, catalogue.digest);
    let counts = &report.summary.cases;
    assert_eq!(
        counts.pass + counts.fail + counts.unresolved + counts.unsupported + counts.untested,
        report.cases.len() as u64
    );
}

#[test]
fn the_reports_of_right_and_of_faulty_runs_satisfy_their_schema() {
    let validator = validator();
    for run in [right(), wrong()] {
        let value = read_json(run.folder.path());
        assert_eq!(refused(&validator, &value), Vec::<String>::new());
        let again =
            serde_json::from_value::<Report>(value.clone()).expect("report.json is read back");
        // How often data reached a requirement in a case isn't in the file, nor what a choice of
        // ours does.
        let mut written = run.report.clone();
        written.cases.iter_mut().for_each(|case| case.reached = Reached::default());
        written.errata.iter_mut().for_each(|erratum| erratum.choice = None);
        assert_eq!(again, written);
        assert_eq!(
            report::json(&again),
            fs::read_to_string(run.folder.path().join("report.json")).expect("report.json")
        );
    }
}

/// What is wrong, and how it gets so.
type Spoilt = (&'static str, fn(&mut Value));

#[test]
fn the_schema_of_reports_refuses_what_isnt_one() {
    let validator = validator();
    let good = read_json(wrong().folder.path());
    let spoil: &[Spoilt] = &[
        ("no conclusion", |report| {
            drop(report.as_object_mut().expect("an object").remove("conclusion"));
        }),
        ("an unknown conclusion", |report| report["conclusion"] = "fine".into()),
        ("another format", |report| report["format"] = "lxca-conform/report/0".into()),
        ("a claim in words", |report| report["claim"] = "no".into()),
        ("a verdict that nobody knows", |report| report["cases"][0]["verdict"] = "passed".into()),
        ("a finding without a place", |report| {
            let case = report["cases"]
                .as_array_mut()
                .expect("cases")
                .iter_mut()
                .find(|case| case["findings"].as_array().is_some_and(|list| !list.is_empty()))
                .expect("a case with a finding");
            case["findings"][0].as_object_mut().expect("a finding").remove("pointer");
        }),
        ("a count below zero", |report| report["summary"]["cases"]["pass"] = (-1).into()),
        ("a time that is none", |report| report["started"] = "yesterday".into()),
        ("a member that the format doesn't have", |report| report["score"] = 97.into()),
        ("a requirement without a status", |report| {
            drop(report["requirements"][0].as_object_mut().expect("an object").remove("status"));
        }),
    ];
    for (what, spoil) in spoil {
        let mut report = good.clone();
        spoil(&mut report);
        assert!(!refused(&validator, &report).is_empty(), "the schema accepts {what}");
    }
}

#[test]
fn a_faulty_double_is_nonconformant_and_every_finding_is_bound_to_the_register() {
    let (contract, catalogue) = loaded();
    let report = &wrong().report;
    assert_eq!(report.conclusion, Conclusion::Nonconformant, "{}", report.because);
    assert!(
        report.summary.cases.fail > 5 && report.summary.findings.violation > 5,
        "{:?}",
        report.summary
    );
    let status: BTreeMap<&str, State> = report
        .requirements
        .iter()
        .map(|requirement| (requirement.id.as_str(), requirement.status))
        .collect();
    for case in &report.cases {
        let known = catalogue.find(&case.id).expect("a case of the catalogue");
        for finding in &case.findings {
            let requirement =
                contract.requirements.get(&finding.requirement).unwrap_or_else(|| {
                    panic!("{}: `{}` isn't registered", case.id, finding.requirement)
                });
            assert!(
                finding.severity <= requirement.basis.severity(),
                "{}: {finding:?} is graver than its basis",
                case.id
            );
            assert!(
                known.steps.iter().chain(&known.cleanup).any(|step| step.name == finding.step),
                "{}: unknown step {}",
                case.id,
                finding.step
            );
            assert!(
                finding.pointer.is_empty() || finding.pointer.starts_with('/'),
                "{}: {}",
                case.id,
                finding.pointer
            );
            if finding.severity == Severity::Violation {
                assert_eq!(
                    status[finding.requirement.as_str()],
                    State::Broken,
                    "{}",
                    finding.requirement
                );
            }
        }
        assert_eq!(
            case.verdict == Verdict::Fail,
            case.findings.iter().any(|finding| finding.severity == Severity::Violation),
            "{}",
            case.id
        );
        if case.verdict == Verdict::Fail {
            assert!(
                report.evidence.iter().any(|evidence| evidence.case == case.id),
                "{} fails without evidence",
                case.id
            );
        }
    }
}

#[test]
fn the_other_forms_tell_the_same_conclusion_and_the_same_cases() {
    for run in [right(), wrong()] {
        let read = |name: &str| {
            fs::read_to_string(run.folder.path().join(name))
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let word = run.report.conclusion.word();
        let (html, markdown, junit) = (read("report.html"), read("report.md"), read("junit.xml"));
        assert_eq!(
            (&html, &markdown, &junit),
            (
                &report::html(&run.report),
                &report::markdown(&run.report),
                &report::junit(&run.report)
            )
        );
        assert!(html.to_lowercase().contains(word) && markdown.to_lowercase().contains(word));
        assert_eq!(junit.matches("<testcase ").count(), run.report.cases.len());
        for case in &run.report.cases {
            assert!(html.contains(&case.id), "report.html doesn't name {}", case.id);
            let claim = case.id.split("::").nth(1).expect("operation::claim");
            assert!(junit.contains(claim), "junit.xml doesn't name {}", case.id);
        }
        // One cause is one line, and the short form is cut; the gravest cause is never among what
        // is cut.
        for group in
            report::groups(&run.report).iter().filter(|group| group.severity == Severity::Violation)
        {
            assert!(
                html.contains(&group.requirement),
                "report.html doesn't name {}, which is broken",
                group.requirement
            );
        }
        if let Some(group) = report::groups(&run.report).first() {
            assert!(
                markdown.contains(&group.requirement),
                "report.md doesn't name {}",
                group.requirement
            );
        }
        assert!(
            ![html, markdown, junit].iter().any(|text| text.contains('\u{1b}')),
            "an escape byte in a file"
        );
    }
}

#[test]
fn no_secret_is_in_any_file_of_a_run() {
    let pairs = ["USERID:PASSW0RD", "OPERATOR:PASSW0RD"]
        .map(|pair| base64::engine::general_purpose::STANDARD.encode(pair));
    let secrets: Vec<String> = pairs
        .into_iter()
        .map(|pair| pair.trim_end_matches('=').to_owned())
        .chain([
            "PASSW0RD".to_owned(),
            base64::engine::general_purpose::STANDARD
                .encode("PASSW0RD")
                .trim_end_matches('=')
                .to_owned(),
        ])
        .collect();
    for run in [right(), wrong()] {
        let names: BTreeSet<String> = fs::read_dir(run.folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(
            names,
            report_files().chain(["transcript.jsonl"]).map(str::to_owned).collect(),
            "the files of a run"
        );
        for name in names {
            let text = fs::read_to_string(run.folder.path().join(&name)).expect("a text");
            assert!(text.len() > 200, "{name} is nearly empty");
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{name} has {secret}");
            }
        }
        let record = transcript(run);
        assert!(record.contains("authorization"), "the record tells that credentials were sent");
    }
}

// ---- the record, judged again

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
