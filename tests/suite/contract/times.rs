//! The format of times: which forms break what the page states, which our choice, and which
//! nothing.
//!
//! Knows: good and bad times, and what a second reader takes for RFC 3339. Must not know: how a
//! time is read.

use lxca_conform::contract::{Contract, Severity};
use serde_json::{Value, json};

use crate::support::bodies::{BAD_TIMES, GOOD_TIMES};

use super::{LOCKS, changed, contract, found, locks};

/// What a time breaks that is the only doubtful thing of a lock.
fn broken_by(contract: &Contract, time: &Value) -> Vec<(String, Severity)> {
    let body = changed(&locks(), &[("/0/creationTimestamp", Some(time.clone()))]);
    let found = found(contract, LOCKS, &body);
    assert!(
        found.iter().all(|(_, pointer)| pointer == "/0/creationTimestamp"),
        "{time}: {found:?}"
    );
    found
        .into_iter()
        .map(|(id, _)| (contract.severity(&id), id))
        .map(|(severity, id)| (id, severity))
        .collect()
}

const STATED: (&str, Severity) = ("sftp-locks.list/body/creationTimestamp", Severity::Violation);
const CHOSEN: (&str, Severity) =
    ("sftp-locks.list/body/creationTimestamp/form", Severity::Deviation);

#[test]
fn a_time_as_rfc_3339_or_the_w3c_note_has_it_breaks_nothing() {
    let contract = contract();
    let more = [
        "2022",
        "2022-09",
        "2022-09-09",
        "2022-09-09T01:46Z",
        "2022-09-09T01:46+02:00",
        "2022-09-09t01:46:08z",
        "2022-09-09T01:46:08-00:00",
        "2016-12-31T23:59:60Z",
    ];
    for time in GOOD_TIMES.iter().chain(&more) {
        assert_eq!(broken_by(contract, &json!(time)), Vec::new(), "{time}");
    }
}

#[test]
fn another_form_of_iso_8601_is_a_deviation_from_our_choice() {
    let contract = contract();
    for time in [
        "20220909T014608Z",
        "2022-252T01:46:08Z",
        "2022-W36-5T01:46:08Z",
        "2022-09-09T24:00:00Z",
        "2022-09-09T01:46:08,5Z",
        "2022-09-09T01:46:08+02",
        "2022-09-09T01:46:08+0000",
        "2022-09-09T01:46:08",
    ] {
        assert_eq!(broken_by(contract, &json!(time)), [(CHOSEN.0.to_owned(), CHOSEN.1)], "{time}");
    }
}

#[test]
fn what_is_no_time_in_iso_8601_breaks_what_the_page_states() {
    let contract = contract();
    for time in [
        json!(""),
        json!("2022-09-09 01:46:08Z"),
        json!("2022-13-09T01:46:08Z"),
        json!("2022-02-30T01:46:08Z"),
        json!("1662687968000"),
        json!(1_662_687_968_000_u64),
        json!(null),
        json!("Fri Sep 9 2022"),
    ] {
        assert_eq!(broken_by(contract, &time), [(STATED.0.to_owned(), STATED.1)], "{time}");
    }
}

#[test]
fn what_a_second_reader_takes_for_rfc_3339_breaks_nothing() {
    let contract = contract();
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler
        .add_resource("mem:///time", json!({ "type": "string", "format": "date-time" }))
        .expect("a schema");
    let index = compiler.compile("mem:///time", &mut schemas).expect("a schema that compiles");
    let more = [
        "2022-09-09T01:46:08.5-11:30",
        "1999-12-31T23:59:60Z",
        "0001-01-01T00:00:00z",
        "2022-09-09T01:46Z",
        "2022-09-09T24:00:00Z",
    ];
    let mut taken = 0;
    for time in GOOD_TIMES.iter().chain(BAD_TIMES).chain(&more) {
        if schemas.validate(&json!(time), index).is_ok() {
            taken += 1;
            assert_eq!(broken_by(contract, &json!(time)), Vec::new(), "{time}");
        }
    }
    assert!(taken >= GOOD_TIMES.len() + 3, "the second reader takes only {taken}");
}
