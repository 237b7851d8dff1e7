//! Statements, members, values and cases that came or went with a version of the product.
//!
//! Knows: the built-in contract, one of whose rules is given versions here, the double in this
//! process, and small recordings. Must not know: how anything is judged.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where something is not as it has to be"
)]

use lxca_conform::contract::{self, Contract, Severity};
use lxca_conform::files;
use lxca_conform::gate;
use lxca_conform::judge::Verdict;
use lxca_conform::problem::Problem;
use lxca_conform::recording;
use lxca_conform::report::{Case, Report, RequirementState, State, rejudge};
use lxca_conform::waiver::Waivers;
use lxca_conform::why::{Beyond, Why};
use serde_json::json;

use crate::support::lab::{Asked, Lab, lab, version};

const OPERATION: &str = "aicc/service/sftp/locks/get.operation.toml";
const SCHEMA: &str = "aicc/service/sftp/locks/get.200.json";
const SECONDS: &str = "sftp-locks.list/body/expirationTimeOut";
const PRESENCE: &str = "sftp-locks.list/body/expirationTimeOut/presence";
const COMPONENT: &str = "sftp-locks.list/body/component";

/// The built-in contract with lines added below the ids of requirements.
fn dated(rows: &[(&str, &str)]) -> Result<Contract, Vec<Problem>> {
    let mut texts = files::embedded_contract();
    let text = texts.get_mut(OPERATION).expect("the operation file");
    for (id, lines) in rows {
        let row = format!("id        = \"{id}\"\n");
        assert!(text.contains(&row), "{id}");
        *text = text.replace(&row, &format!("{row}{lines}\n"));
    }
    contract::load(&texts)
}

/// The built-in contract with versions of the values of `component`.
fn dated_values(versions: &str) -> Result<Contract, Vec<Problem>> {
    let mut texts = files::embedded_contract();
    let text = texts.get_mut(SCHEMA).expect("the schema");
    assert_eq!(text.matches("\"enum\":").count(), 1);
    *text = text.replace("\"enum\":", &format!("\"x-versions\": {versions}, \"enum\":"));
    contract::load(&texts)
}

fn lab_of(contract: Result<Contract, Vec<Problem>>) -> Lab {
    let mut made = lab();
    made.contract = contract.unwrap_or_else(|problems| panic!("{problems:?}"));
    made
}

/// A run of the cases of the list against a double of that version.
fn of(told: &str) -> Asked {
    Asked { filters: vec!["sftp-locks.list::*".to_owned()], ..version(told) }
}

fn state<'a>(report: &'a Report, id: &str) -> &'a RequirementState {
    report.requirements.iter().find(|known| known.id == id).expect("a requirement")
}

fn case<'a>(report: &'a Report, id: &str) -> &'a Case {
    report.cases.iter().find(|case| case.id == id).expect("a case")
}

/// Severity, expected and actual of each finding at a requirement.
fn told(report: &Report, id: &str) -> Vec<(Severity, String, String)> {
    report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.requirement == id)
        .map(|finding| (finding.severity, finding.expected.clone(), finding.actual.clone()))
        .collect()
}

const LATER: &[(&str, &str)] = &[(SECONDS, "since = \"4.2.0\""), (PRESENCE, "since = \"4.2.0\"")];

#[test]
fn what_came_later_is_not_asked_of_an_older_appliance() {
    let missing = of("4.1.0").fault("lock-expiry-missing");
    let (_, report) = lab().run(&missing);
    assert_eq!(state(&report, PRESENCE).status, State::Broken, "without a version it is asked for");

    let lab = lab_of(dated(LATER));
    let (_, report) = lab.run(&missing);
    let known = state(&report, PRESENCE);
    assert_eq!((known.status, known.why), (State::NotExercised, Some(Beyond::TooOld)));
    assert_eq!(known.reason.as_deref(), Some("it came with version 4.2.0, and this is 4.1.0"));
    assert_eq!(known.since.as_deref(), Some("4.2.0"));
    assert!(told(&report, PRESENCE).is_empty(), "{:?}", told(&report, PRESENCE));

    let (_, report) = lab.run(&of("4.2.0").fault("lock-expiry-missing"));
    assert_eq!(state(&report, PRESENCE).status, State::Broken);
}

#[test]
fn what_comes_too_early_is_an_observation_of_its_own_kind() {
    let lab = lab_of(dated(LATER));
    let (_, report) = lab.run(&of("4.1.0"));
    let seen = told(&report, PRESENCE);
    assert!(!seen.is_empty());
    for (severity, expected, actual) in &seen {
        assert_eq!(*severity, Severity::Observation);
        assert_eq!(expected, "the member from version 4.2.0 on");
        assert!(actual.ends_with(", from version 4.1.0"), "{actual}");
    }
    // One member is told once, and isn't called a member that no page names.
    assert!(told(&report, SECONDS).is_empty());
    let drift = report.cases.iter().flat_map(|case| &case.findings);
    assert!(drift.clone().all(|finding| finding.expected != "only members that a page names"));
    assert_eq!(state(&report, PRESENCE).status, State::NotExercised);
    assert_eq!(report.conclusion.word(), "conformant", "{}", report.because);
}

#[test]
fn what_is_gone_is_not_asked_of_a_newer_appliance_and_is_no_loss_for_the_gate() {
    let lab = lab_of(dated(&[(SECONDS, "until = \"4.2.0\""), (PRESENCE, "until = \"4.2.0\"")]));
    let (before, report) = lab.run(&of("4.1.0"));
    assert_eq!(state(&report, PRESENCE).status, State::Held);
    let (_, without) = lab.run(&of("4.2.0").fault("lock-expiry-missing"));
    assert!(told(&without, PRESENCE).is_empty());
    let (after, report) = lab.run(&of("4.2.0"));
    let known = state(&report, PRESENCE);
    assert_eq!((known.status, known.why), (State::NotExercised, Some(Beyond::TooNew)));
    let seen = told(&report, PRESENCE);
    assert!(!seen.is_empty());
    for (severity, expected, _) in &seen {
        assert_eq!(*severity, Severity::Observation);
        assert_eq!(expected, "the member before version 4.2.0");
    }

    let gate = lab.gate_with(&before, &after, "regression", &Waivers::default());
    let text = gate::markdown(&gate);
    assert!(!text.contains("exercised less"), "{text}");

    let (_, older) = lab.run(&of("4.1.0"));
    let table = gate::matrix_markdown(&gate::matrix(&[older, report]), false);
    let row = table.lines().find(|line| line.contains(PRESENCE)).expect("a row");
    assert!(row.contains("(until 4.2.0)"), "{row}");
    assert!(row.ends_with("| ✓ held | ○ not-exercised (too-new) |"), "{row}");
}

#[test]
fn a_rule_that_changed_with_a_version_is_judged_by_the_one_in_force() {
    // Both rules describe the same member: it is where it belongs in either version.
    let mut texts = files::embedded_contract();
    let text = texts.get_mut(OPERATION).expect("the operation file");
    text.push_str(
        "\n[[requirement]]\nid = \"sftp-locks.list/body/expirationTimeOut/text\"\nbasis = \
        \"stated\"\nstatement = \"It was a text.\"\nplace = \"here\"\nuntil = \"4.2.0\"\n",
    );
    *text = text.replace(
        &format!("id        = \"{SECONDS}\"\n"),
        &format!("id        = \"{SECONDS}\"\nsince = \"4.2.0\"\n"),
    );
    let schema = texts.get_mut(SCHEMA).expect("the schema");
    let mut document: serde_json::Value = serde_json::from_str(schema).expect("JSON");
    let member = document
        .pointer_mut("/$defs/lock/properties/expirationTimeOut/allOf")
        .and_then(serde_json::Value::as_array_mut)
        .expect("further rules");
    member.push(json!({
        "x-source": { "requirement": "sftp-locks.list/body/expirationTimeOut/text",
            "basis": "stated", "place": "here" },
        "type": "string"
    }));
    *schema = document.to_string();
    let lab = lab_of(contract::load(&texts));

    let (_, report) = lab.run(&of("4.2.0"));
    assert_eq!(report.summary.findings.violation, 0, "{}", report.because);
    assert_eq!(state(&report, SECONDS).status, State::Held);
    let (_, report) = lab.run(&of("4.1.0"));
    assert_eq!(state(&report, SECONDS).status, State::NotExercised);
    let text = "sftp-locks.list/body/expirationTimeOut/text";
    assert_eq!(state(&report, text).status, State::Broken, "the double sends a number");
    let findings = report.cases.iter().flat_map(|case| &case.findings);
    assert!(findings.clone().all(|finding| !finding.expected.starts_with("the member")));
}

#[test]
fn a_value_that_came_later_is_observed_before_and_never_a_violation() {
    let lab = lab_of(dated_values(r#"{ "UP": { "since": "4.2.0" }, "DS": { "since": "4.2.0" } }"#));
    let (_, report) = lab.run(&of("4.1.0"));
    let seen = told(&report, COMPONENT);
    assert!(!seen.is_empty());
    for (severity, expected, actual) in &seen {
        assert_eq!(*severity, Severity::Observation);
        assert_eq!(expected, "the value from version 4.2.0 on");
        assert!(actual.starts_with('"') && actual.ends_with(", from version 4.1.0"), "{actual}");
    }
    // The list of values itself was exercised, and held.
    assert_eq!(state(&report, COMPONENT).status, State::Held);
    let (_, report) = lab.run(&of("4.2.0"));
    assert!(told(&report, COMPONENT).is_empty());
    let (_, report) = lab.run(&of("4.1.0").fault("lock-component-unknown"));
    assert_eq!(state(&report, COMPONENT).status, State::Broken, "no version has that value");
}

#[test]
fn a_case_about_another_version_is_left_out_with_the_reason() {
    let lab = lab_of(dated(&[("sftp-locks.list/auth", "since = \"4.2.0\"")]));
    let about_auth = |report: &Report| {
        let found = report.cases.iter().find(|case| case.why == Some(Why::TooOld));
        found.map(|case| (case.verdict, case.reason.clone().unwrap_or_default()))
    };
    let (_, report) = lab.run(&of("4.1.0"));
    assert_eq!(
        about_auth(&report),
        Some((Verdict::Unsupported, "needs version 4.2.0, but the appliance has 4.1.0".to_owned()))
    );
    let (_, report) = lab.run(&of("4.2.0"));
    assert_eq!(about_auth(&report), None);

    let mut gone = lab_of(Ok(lab.contract));
    let first = gone.catalogue.cases.iter_mut().find(|case| case.operation == "sftp-locks.list");
    let first = first.expect("a case");
    first.until = Some("4.0.0".parse().expect("a version"));
    let id = first.id.clone();
    let (_, report) = gone.run(&of("4.2.0"));
    assert_eq!(case(&report, &id).verdict, Verdict::Unsupported);
    assert_eq!(
        case(&report, &id).reason.as_deref(),
        Some("it was gone with version 4.0.0, the appliance has 4.2.0")
    );
}

/// A recorded answer of the list, by an appliance that may tell its version.
fn recorded(told: Option<&str>, lock: &serde_json::Value) -> serde_json::Value {
    let label = told.map_or_else(
        || "application/json".to_owned(),
        |told| format!("application/com.lenovo.lxca-v{told}+json; charset=UTF-8"),
    );
    let body = json!([lock]).to_string();
    json!({
        "startedDateTime": "2026-01-02T03:04:06Z", "time": 5,
        "request": { "method": "GET", "url": "https://lxca.example.com/aicc/service/sftp/locks",
            "httpVersion": "HTTP/1.1", "headers": [] },
        "response": { "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1",
            "headers": [{ "name": "Content-Type", "value": label }],
            "content": { "size": body.len(), "mimeType": "", "text": body } },
    })
}

fn judged(lab: &Lab, entries: &[serde_json::Value]) -> Report {
    let har = json!({ "log": { "version": "1.2", "creator": { "name": "t", "version": "1" },
        "entries": entries } });
    let file = recording::read("one.har", &har.to_string()).expect("a recording");
    let record = recording::record(&lab.contract, &lab.catalogue, &[file]);
    rejudge(&lab.contract, &lab.catalogue, &record)
}

#[test]
fn each_recorded_answer_is_judged_by_its_own_version() {
    let lab = lab_of(dated(LATER));
    let lock = json!({ "id": "0123456789abcdef0123456789abcdef", "component": "UP",
        "creationTimestamp": "2026-01-02T03:04:05Z" });
    let report = judged(&lab, &[recorded(Some("4.1.0"), &lock), recorded(Some("4.2.0"), &lock)]);
    let findings: Vec<&str> = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.requirement == PRESENCE)
        .map(|finding| finding.step.as_str())
        .collect();
    let [only] = findings.as_slice() else { panic!("{findings:?}") };
    assert!(only.contains('2'), "the second entry is the newer one: {only}");

    let report = judged(&lab, &[recorded(Some("4.1.0"), &lock)]);
    let known = state(&report, PRESENCE);
    assert_eq!((known.status, known.why), (State::NotExercised, Some(Beyond::TooOld)));
    assert!(!report.because.contains(PRESENCE), "{}", report.because);

    let report = judged(&lab, &[recorded(None, &lock)]);
    let known = state(&report, PRESENCE);
    assert_eq!((known.status, known.why), (State::NotExercised, Some(Beyond::VersionUnknown)));
    assert_eq!(
        known.reason.as_deref(),
        Some("it is about versions since 4.2.0, and nothing tells the version")
    );
    assert!(told(&report, PRESENCE).is_empty());
}

#[test]
fn versions_that_cannot_be_are_refused() {
    let refused = |contract: Result<Contract, Vec<Problem>>, what: &str| {
        let problems = contract.expect_err("it is refused");
        assert!(problems.iter().any(|problem| problem.to_string().contains(what)), "{problems:?}");
    };
    refused(dated(&[(SECONDS, "since = \"4\"")]), "isn't a version such as 4.1.0");
    refused(
        dated(&[(SECONDS, "since = \"4.2.0\"\nuntil = \"4.1.0\"")]),
        "is about no version: since 4.2.0, until 4.1.0",
    );
    refused(dated_values(r#"{ "XX": { "since": "4.2.0" } }"#), "names `XX`, which `enum` hasn't");
    refused(dated_values(r#"{ "UP": { "from": "4.2.0" } }"#), "gives `UP` no `since` and `until`");
    refused(dated_values("{}"), "must be an object of values");
}
