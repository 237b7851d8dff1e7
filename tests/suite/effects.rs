//! Requests that are refused and carried out all the same, by a front before the double; and other
//! people's doings, which are nobody's fault.
//!
//! Knows: how a run is conducted, and a front that acts beside the answers. Must not know: how the
//! search for the culprit works.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::built_in::loaded_for_a_run as loaded;
use crate::support::lab;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::wire::{Recorder, Seen, ask};
use base64::Engine as _;
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::Severity;
use lxca_conform::double::Options;
use lxca_conform::plan::Scope;
use lxca_conform::report::{Report, rejudge};
use lxca_conform::store::TargetKind;

const DATA: &str = "/managementServer/data";
const LOCKS: &str = "/aicc/service/sftp/locks";
const COPY: &str = r#"{"action":"start","destination":"internal","operation":"copy","uuid":"4edf27ff-08d1-49b5-b7f3-7e8edc4fd278"}"#;
const LOCK: &str = r#"{"component":"UI","expirationTimeOut":30}"#;

fn basic(user: &str) -> String {
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{user}:PASSW0RD"))
    )
}

/// A right request of the supervisor, behind the back of the run.
fn supervisor(upstream: &str, method: &str, target: &str, body: &str) {
    let _ = ask(
        upstream,
        method,
        target,
        &[("authorization", &basic("USERID")), ("content-type", "application/json")],
        body,
    );
}

/// One run through a front that acts before each request is handed on, and the same run judged
/// again.
fn run(filters: &[&str], acts: impl Fn(&str, &Seen, usize) + Send + Sync + 'static) -> Report {
    let (contract, catalogue) = loaded();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (double, mut target) = builtin::start(Options::default()).await;
        let upstream = target.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let heard = AtomicUsize::new(0);
        let recorder = Recorder::between(&target.url, move |seen| {
            acts(&upstream, seen, heard.fetch_add(1, Ordering::SeqCst));
            None
        });
        target.url = recorder.url.clone();
        let pace = DoubleTime(double.clock().clone());
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        let scope = Scope {
            allow: Effect::Destroy,
            filters,
            strict: false,
            facts: target.facts.clone(),
            bad_logins: 0,
            shard: None,
        };
        let setup = Setup {
            contract,
            catalogue,
            target: &target,
            kind: TargetKind::Double,
            scope,
            out: None,
            pace: &pace,
            clock: &RealTime,
            observer: &|_| {},
            stop: None,
        };
        let outcome = conduct(setup).await.expect("a run comes to its end");
        let again = rejudge(contract, catalogue, &lab::record(&outcome));
        let told = |report: &Report| {
            report
                .cases
                .iter()
                .map(|case| (case.id.clone(), case.verdict, case.findings.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&again), told(&outcome.report), "the record is judged otherwise");
        outcome.report
    })
}

/// The requirements that are violated by what a request did.
fn violated(report: &Report) -> BTreeSet<&str> {
    let findings = report.cases.iter().flat_map(|case| &case.findings);
    findings
        .filter(|finding| finding.check == "effect" && finding.severity == Severity::Violation)
        .map(|finding| finding.requirement.as_str())
        .collect()
}

/// The findings above observation.
fn accusations(report: &Report) -> Vec<String> {
    let findings = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity > Severity::Observation);
    findings.map(|finding| format!("{}: {}", finding.requirement, finding.actual)).collect()
}

const TRANSFERS: &[&str] = &["backup.transfer::refuses-*", "backup.transfer::generated/copy/*"];

#[test]
fn a_job_that_a_stranger_starts_though_refused_is_charged_to_the_rule_on_strangers() {
    let report = run(TRANSFERS, |upstream, seen, _| {
        if seen.method == "PUT"
            && seen.target == DATA
            && seen.header("authorization").is_none()
            && seen.header("cookie").is_none()
        {
            supervisor(upstream, "PUT", DATA, COPY);
        }
    });
    assert_eq!(
        violated(&report),
        BTreeSet::from(["backup.transfer/auth"]),
        "{:#?}",
        accusations(&report)
    );
}

#[test]
fn a_job_that_the_second_account_starts_though_refused_is_charged_to_the_rule_on_privileges() {
    let report = run(TRANSFERS, |upstream, seen, _| {
        if seen.method == "PUT"
            && seen.target == DATA
            && seen.header("authorization") == Some(basic("OPERATOR").as_str())
        {
            supervisor(upstream, "PUT", DATA, COPY);
        }
    });
    assert_eq!(
        violated(&report),
        BTreeSet::from(["backup.transfer/status/403"]),
        "{:#?}",
        accusations(&report)
    );
}

#[test]
fn a_job_that_one_wrong_attribute_starts_though_refused_is_charged_to_that_attribute() {
    let report = run(TRANSFERS, |upstream, seen, _| {
        if seen.method == "PUT" && seen.target == DATA && seen.text().contains("rename") {
            supervisor(upstream, "PUT", DATA, COPY);
        }
    });
    assert_eq!(
        violated(&report),
        BTreeSet::from(["backup.transfer/request/operation/values"]),
        "{:#?}",
        accusations(&report)
    );
}

#[test]
fn a_lock_that_a_refused_request_takes_is_charged_to_what_was_wrong_with_it() {
    let report = run(&["sftp-locks.create::*"], |upstream, seen, _| {
        if seen.method == "POST" && seen.target == LOCKS && seen.text().contains("\"five\"") {
            supervisor(upstream, "POST", LOCKS, LOCK);
        }
    });
    // The page next door says it, so that it is a deviation.
    let charged: Vec<_> = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.check == "effect")
        .map(|finding| (finding.requirement.as_str(), finding.severity))
        .collect();
    assert_eq!(
        charged,
        [("sftp-locks.create/request/expirationTimeOut/type", Severity::Deviation)]
    );
}

#[test]
fn what_others_do_once_in_the_middle_of_a_run_is_nobodys_fault() {
    for nth in [60, 121, 200, 251, 300] {
        let report = run(
            &[
                "backup.transfer::refuses-*",
                "backup.transfer::generated/*/*",
                "sftp-locks.create::*",
            ],
            move |upstream, _, heard| {
                if heard == nth {
                    supervisor(upstream, "PUT", DATA, COPY);
                    supervisor(upstream, "POST", LOCKS, LOCK);
                }
            },
        );
        assert_eq!(accusations(&report), Vec::<String>::new(), "at request {nth}");
    }
}

#[test]
fn what_others_do_all_the_time_is_nobodys_fault() {
    for rhythm in [2, 3, 5, 7, 16] {
        let report = run(TRANSFERS, move |upstream, _, heard| {
            if heard % rhythm == 0 {
                supervisor(upstream, "POST", LOCKS, LOCK);
            }
        });
        assert_eq!(accusations(&report), Vec::<String>::new(), "each {rhythm} requests");
    }
}
