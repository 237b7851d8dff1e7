//! What is found in a body that is spoilt in one place: that place with its requirement, and
//! nothing else.
//!
//! Knows: right bodies, and one spoilt place for each rule. Must not know: how a body is walked.

use serde_json::{Value, json};

use super::{Change, LOCKS, START, changed, contract, found, locks, message, started};

const CANCEL: &str = "lxca:///managementServer/data/put.200.cancel.json";
const REFUSED: &str = "lxca:///managementServer/data/put.error.json";

/// A spoilt body, and the requirement and place that must be named.
type Spoilt = (&'static str, fn() -> Value, Change, &'static str, &'static str);

fn spoilt() -> Vec<Spoilt> {
    fn refused() -> Value {
        json!({ "result": "failed", "message": [message()] })
    }
    fn cancelled() -> Value {
        json!({ "result": "success", "message": [] })
    }
    vec![
        (LOCKS, locks, ("/0/id", None), "sftp-locks.list/body/id/presence", "/0/id"),
        (LOCKS, locks, ("/1/id", Some(json!("short"))), "sftp-locks.list/body/id", "/1/id"),
        (LOCKS, locks, ("/1/id", Some(json!(32))), "sftp-locks.list/body/id", "/1/id"),
        (
            LOCKS,
            locks,
            ("/0/component", None),
            "sftp-locks.list/body/component/presence",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/0/component", Some(json!("ZZ"))),
            "sftp-locks.list/body/component",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/0/component", Some(json!("up"))),
            "sftp-locks.list/body/component",
            "/0/component",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", None),
            "sftp-locks.list/body/creationTimestamp/presence",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", Some(json!("2022-09-09 01:46:08"))),
            "sftp-locks.list/body/creationTimestamp",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/1/creationTimestamp", Some(json!(1_662_688_000))),
            "sftp-locks.list/body/creationTimestamp",
            "/1/creationTimestamp",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", None),
            "sftp-locks.list/body/expirationTimeOut/presence",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!("1200"))),
            "sftp-locks.list/body/expirationTimeOut",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!(0.5))),
            "sftp-locks.list/body/expirationTimeOut",
            "/0/expirationTimeOut",
        ),
        (
            LOCKS,
            locks,
            ("/0/expirationTimeOut", Some(json!(-1))),
            "sftp-locks.list/body/expirationTimeOut/non-negative",
            "/0/expirationTimeOut",
        ),
        (LOCKS, locks, ("/0", Some(json!("a lock"))), "sftp-locks.list/body", "/0"),
        (LOCKS, locks, ("", Some(json!({ "locks": [] }))), "sftp-locks.list/body/shape", ""),
        (START, started, ("/jobId", None), "backup.transfer/body/jobId/presence", "/jobId"),
        (START, started, ("/jobId", Some(json!(17))), "backup.transfer/body/jobId", "/jobId"),
        (START, started, ("/jobId", Some(json!(""))), "backup.transfer/body/jobId/named", "/jobId"),
        (START, started, ("/result", None), "backup.transfer/body/result/presence", "/result"),
        (
            START,
            started,
            ("/result", Some(json!("failure"))),
            "backup.transfer/body/result",
            "/result",
        ),
        (
            START,
            started,
            ("/result", Some(json!("failed"))),
            "backup.transfer/body/result/success",
            "/result",
        ),
        (START, started, ("/message", None), "backup.transfer/body/message/presence", "/message"),
        (
            START,
            started,
            ("/message", Some(json!("done"))),
            "backup.transfer/body/message",
            "/message",
        ),
        (
            START,
            started,
            ("/message/0", Some(json!(null))),
            "backup.transfer/body/message",
            "/message/0",
        ),
        (
            START,
            started,
            ("/message/0/text", None),
            "backup.transfer/body/message/text/presence",
            "/message/0/text",
        ),
        (
            START,
            started,
            ("/message/0/text", Some(json!(["What."]))),
            "backup.transfer/body/message/text",
            "/message/0/text",
        ),
        (
            START,
            started,
            ("/message/0/id", None),
            "backup.transfer/body/message/id/presence",
            "/message/0/id",
        ),
        (
            START,
            started,
            ("/message/0/explanation", None),
            "backup.transfer/body/message/explanation/presence",
            "/message/0/explanation",
        ),
        (
            START,
            started,
            ("/message/0/recovery", None),
            "backup.transfer/body/message/recovery/presence",
            "/message/0/recovery",
        ),
        (
            START,
            started,
            ("/message/0/recovery", Some(json!("Do this."))),
            "backup.transfer/body/message/recovery",
            "/message/0/recovery",
        ),
        (
            START,
            started,
            ("/message/0/recovery/0/text", None),
            "backup.transfer/body/message/recovery/text/presence",
            "/message/0/recovery/0/text",
        ),
        (
            START,
            started,
            ("/message/0/recovery/0/URL", Some(json!({}))),
            "backup.transfer/body/message/recovery/URL",
            "/message/0/recovery/0/URL",
        ),
        (START, started, ("", Some(json!([]))), "backup.transfer/body", ""),
        (
            CANCEL,
            cancelled,
            ("/jobId", Some(json!("17"))),
            "backup.transfer/body/jobId/only-on-start",
            "/jobId",
        ),
        (CANCEL, cancelled, ("/result", None), "backup.transfer/body/result/presence", "/result"),
        (
            CANCEL,
            cancelled,
            ("/message", None),
            "backup.transfer/body/message/presence",
            "/message",
        ),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("success"))),
            "backup.transfer/error/result",
            "/result",
        ),
        (REFUSED, refused, ("/result", None), "backup.transfer/error/shape", "/result"),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("warning"))),
            "backup.transfer/error/result",
            "/result",
        ),
        (
            REFUSED,
            refused,
            ("/result", Some(json!("failure"))),
            "backup.transfer/error/shape",
            "/result",
        ),
        (
            REFUSED,
            refused,
            ("/jobId", Some(json!("17"))),
            "backup.transfer/body/jobId/empty",
            "/jobId",
        ),
        (
            REFUSED,
            refused,
            ("/message", Some(json!("Refused."))),
            "backup.transfer/error/shape",
            "/message",
        ),
        (
            REFUSED,
            refused,
            ("/message/0/text", None),
            "backup.transfer/error/shape",
            "/message/0/text",
        ),
        (
            REFUSED,
            refused,
            ("/message/0/id", Some(json!(17))),
            "backup.transfer/error/shape",
            "/message/0/id",
        ),
    ]
}

#[test]
fn a_right_body_has_no_finding() {
    let contract = contract();
    for (schema, body, ..) in spoilt() {
        assert_eq!(contract.schemas.violations(schema, &body()), [], "{schema}");
    }
}

#[test]
fn one_spoilt_place_gives_one_finding_with_its_requirement_and_its_place() {
    let contract = contract();
    for (schema, body, change, requirement, pointer) in spoilt() {
        let body = changed(&body(), std::slice::from_ref(&change));
        assert_eq!(
            found(contract, schema, &body),
            [(requirement.to_owned(), pointer.to_owned())],
            "{schema} after {change:?}"
        );
    }
}

#[test]
fn all_findings_of_a_body_are_given_and_not_the_first() {
    let contract = contract();
    let body = changed(
        &locks(),
        &[
            ("/0/id", None),
            ("/0/component", Some(json!("ZZ"))),
            ("/0/expirationTimeOut", Some(json!("1200"))),
            ("/1/id", Some(json!("short"))),
            ("/1/component", None),
            ("/1/creationTimestamp", Some(json!(null))),
            ("/1/expirationTimeOut", Some(json!(-1))),
        ],
    );
    let expected = [
        ("sftp-locks.list/body/component", "/0/component"),
        ("sftp-locks.list/body/component/presence", "/1/component"),
        ("sftp-locks.list/body/creationTimestamp", "/1/creationTimestamp"),
        ("sftp-locks.list/body/expirationTimeOut", "/0/expirationTimeOut"),
        ("sftp-locks.list/body/expirationTimeOut/non-negative", "/1/expirationTimeOut"),
        ("sftp-locks.list/body/id", "/1/id"),
        ("sftp-locks.list/body/id/presence", "/0/id"),
    ];
    assert_eq!(
        found(contract, LOCKS, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );

    let body = changed(
        &started(),
        &[
            ("/jobId", None),
            ("/result", Some(json!("ok"))),
            ("/message/0/text", None),
            ("/message/0/recovery/0/text", Some(json!(1))),
        ],
    );
    let expected = [
        ("backup.transfer/body/jobId/presence", "/jobId"),
        ("backup.transfer/body/message/recovery/text", "/message/0/recovery/0/text"),
        ("backup.transfer/body/message/text/presence", "/message/0/text"),
        ("backup.transfer/body/result", "/result"),
    ];
    assert_eq!(
        found(contract, START, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );
}

#[test]
fn a_list_inside_an_object_breaks_the_shape_and_nothing_else_of_the_schema() {
    // Its rows are held against the schema of a row by the judge, which finds the list;
    // `a_wrong_row_inside_an_envelope…` in detection shows it.
    let contract = contract();
    let body = json!({ "locks": locks() });
    let expected = [("sftp-locks.list/body/shape", "")];
    assert_eq!(
        found(contract, LOCKS, &body),
        expected.map(|(requirement, pointer)| (requirement.to_owned(), pointer.to_owned()))
    );
}

#[test]
fn a_finding_shows_what_was_asked_for_and_what_came() {
    let contract = contract();
    let body = changed(&locks(), &[("/0/component", Some(json!("ZZ"))), ("/0/id", None)]);
    let violations = contract.schemas.violations(LOCKS, &body);
    let component = violations
        .iter()
        .find(|violation| violation.pointer == "/0/component")
        .expect("a finding at the component");
    assert!(component.expected.starts_with("one of CN, CP, CR"), "{}", component.expected);
    assert_eq!(component.actual, "\"ZZ\"");
    let id = violations
        .iter()
        .find(|violation| violation.pointer == "/0/id")
        .expect("a finding at the id");
    assert_eq!((id.expected.as_str(), id.actual.as_str()), ("a member `id`", "absent"));
}
