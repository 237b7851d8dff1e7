//! What is charged to whom: a fault isn't the fault of what comes after it, and is charged to what
//! it shows to be wrong.
//!
//! Knows: single faults and the requirements that they break. Must not know: how the double plays
//! one.

use std::collections::BTreeSet;

use lxca_conform::contract::Severity;
use lxca_conform::report::Report;

use crate::support::lab::lab;

use super::with_faults;

/// What a report accuses as a violation.
fn violations(report: &Report) -> Vec<&str> {
    report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity == Severity::Violation)
        .map(|finding| finding.requirement.as_str())
        .collect()
}

#[test]
fn a_job_that_never_ends_isnt_the_fault_of_the_requests_after_it() {
    let report = &with_faults(&lab(), &["job-never-ends"]);
    assert_eq!(violations(report), Vec::<&str>::new());
    let reasons: Vec<&str> = report
        .cases
        .iter()
        .filter(|case| case.verdict.word() == "unresolved")
        .filter_map(|case| case.reason.as_deref())
        .collect();
    let waiting = "it starts a job, and a job that backup.transfer::copies-to-internal started was \
        still running when last seen";
    assert!(reasons[0].contains("the time budget of 600 s is used up"), "{reasons:?}");
    assert!(
        reasons.len() > 5 && reasons[1..].iter().all(|reason| *reason == waiting),
        "{reasons:?}"
    );
    let job = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .find(|finding| finding.check == "job")
        .expect("a finding on the job");
    assert!(
        job.severity == Severity::Deviation
            && job.expected.ends_with("within 600 s")
            && job.actual.contains("Running"),
        "{job:?}"
    );
}

#[test]
fn a_copy_of_an_accepted_request_is_no_deed_of_the_refused_one_after_it() {
    let report = &with_faults(&lab(), &["wrong-password-accepted"]);
    let found: BTreeSet<&str> = violations(report).into_iter().collect();
    assert_eq!(found, BTreeSet::from(["backup.transfer/auth", "sftp-locks.list/auth"]));
}

#[test]
fn a_wrong_status_is_charged_to_what_it_shows_to_be_wrong() {
    let lab = lab();
    for (fault, only) in [
        // Accepted, and refused, under another number.
        ("start-status-202", "backup.transfer/status/200"),
        ("refusal-422", "backup.transfer/status/400"),
        ("wrong-credentials-403", "sftp-locks.list/status/401"),
        // A success that the page documents for something else.
        ("locks-204-with-locks", "sftp-locks.list/purpose"),
        // The thing itself.
        ("copy-to-share-refused", "backup.transfer/behaviour/copy-to-share"),
        ("move-refused", "backup.transfer/behaviour/move"),
        ("push-uuid-not-required", "backup.transfer/push/uuid/required"),
        ("auth-off-transfer", "backup.transfer/auth"),
    ] {
        let report = &with_faults(&lab, &[fault]);
        let accused: BTreeSet<&str> = violations(report).into_iter().collect();
        assert!(
            accused.iter().all(|id| id.starts_with(only)) && !accused.is_empty(),
            "{fault}: {accused:?}"
        );
    }
}

#[test]
fn a_wrong_row_inside_an_envelope_is_judged_all_the_same() {
    let report = &with_faults(&lab(), &["lock-component-unknown", "locks-enveloped"]);
    let found: BTreeSet<&str> = violations(report).into_iter().collect();
    assert!(found.contains("sftp-locks.list/body/component"), "{found:?}");
}
