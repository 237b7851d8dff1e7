//! A whole run: its conclusion, its cases and requirements, its schema, its other forms, and no
//! secret.
//!
//! Knows: runs against a right and a faulty double. Must not know: how a case is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use lxca_conform::contract::{Basis, Severity};
use lxca_conform::judge::{Reached, Verdict};
use lxca_conform::report::{self, Conclusion, Report, State};
use lxca_conform::store::TargetKind;
use serde_json::Value;

use crate::support::built_in::loaded;

use super::{refused, report_files, right, transcript, validator, wrong};

const SEEDS: [&str; 2] = ["sftp-locks.list", "backup.transfer"];

fn read_json(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("report.json")).expect("report.json"))
        .expect("report.json is JSON")
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
