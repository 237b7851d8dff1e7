//! Reports to look at: of a run against the double, with what a gate and a self-test add, and of
//! ten thousand cases.
//!
//! Knows: runs and their reports. Must not know: how a page is drawn.

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::plan::Scope;
use lxca_conform::report::{self, Case, Report, Since, WaiverFate, WaiverState};
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;
use lxca_conform::{catalogue, contract, files, judge};

pub(super) const MANY: usize = 10_000;

pub(super) async fn run(faults: &[&str]) -> Report {
    let (contract, catalogue) = (
        contract::load(&files::embedded_contract()).expect("the contract"),
        catalogue::load(&files::embedded_catalogue()).expect("the catalogue"),
    );
    let table = FaultTable::built_in().expect("the table of faults");
    let (double, target) = builtin::start(table.options(faults).expect("faults")).await;
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
        contract: &contract,
        catalogue: &catalogue,
        target: &target,
        kind: TargetKind::Double,
        scope,
        out: None,
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    conduct(setup).await.expect("a run against the double comes to its end").report
}

/// With what a gate and a self-test add, so that every part of the page is seen.
pub(super) fn with_news(mut report: Report) -> Report {
    let failing: Vec<String> = report
        .cases
        .iter()
        .filter(|case| case.verdict == judge::Verdict::Fail)
        .map(|case| case.id.clone())
        .collect();
    report.baseline = Some(Since {
        target: "staging".to_owned(),
        version: Some("4.0.0".to_owned()),
        started: "2026-01-05T08:00:00Z".to_owned(),
        new: failing
            .iter()
            .take(4)
            .map(|id| format!("{id} sftp-locks.list/body/component /*/component"))
            .collect(),
        fixed: vec!["tasks.get::tells-a-job tasks.get/body/status /*/status".to_owned()],
        still: failing.len().saturating_sub(4) as u64,
    });
    report.proof = report.proof.or(Some(report::Proof {
        checks: 248,
        proved: 206,
        faults: 115,
        caught: 115,
        variants: 29,
        accused: 0,
    }));
    let waiver = |case: &str, state| WaiverState {
        case: case.to_owned(),
        requirement: "backup.transfer/body/message".to_owned(),
        pointer: Some("/message".to_owned()),
        versions: Some(">=4.1".to_owned()),
        actual: None,
        reason: "The vendor knows it and mends it with the next release.".to_owned(),
        ticket: "LAB-17".to_owned(),
        owner: "backup team".to_owned(),
        created: "2026-01-05".to_owned(),
        expires: "2026-12-31".to_owned(),
        state,
        covers: 49,
    };
    report.waivers = vec![
        waiver("backup.transfer::refuses-*", WaiverFate::InForce),
        waiver("tasks.get::*", WaiverFate::Expired),
    ];
    report
}

pub(super) fn ten_thousand(mut report: Report) -> Report {
    let pattern: Vec<Case> = report.cases.clone();
    report.cases = (0..MANY)
        .map(|index| {
            let one = &pattern[index % pattern.len()];
            Case { id: format!("{}/{index}", one.id), ..one.clone() }
        })
        .collect();
    let count = |verdict| report.cases.iter().filter(|case| case.verdict == verdict).count() as u64;
    report.summary.cases.pass = count(judge::Verdict::Pass);
    report.summary.cases.fail = count(judge::Verdict::Fail);
    report
}
