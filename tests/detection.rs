//! Every fault of the double must be caught, at the requirement it breaks; every harmless variant must accuse nobody.
//!
//! Knows: the whole path in one process. Must not know: how the double plays a fault.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a test or a benchmark may stop at once, read files and print"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{self, Catalogue, Effect};
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::{self, Contract, Severity};
use lxca_conform::double::{Fault, Options, Variant};
use lxca_conform::files;
use lxca_conform::plan::Scope;
use lxca_conform::report::Report;
use lxca_conform::store::TargetKind;

fn loaded() -> (Contract, Catalogue) {
    (contract::load(&files::embedded_contract()).expect("the contract loads"), catalogue::load(&files::embedded_catalogue()).expect("the catalogue loads"))
}

async fn run(contract: &Contract, catalogue: &Catalogue, options: Options) -> Report {
    let (double, target) = builtin::start(options).await;
    let pace = DoubleTime(double.clock().clone());
    let scope = Scope { allow: Effect::Destroy, filters: Vec::new(), strict: false, facts: target.facts.clone(), bad_logins: u32::MAX };
    let setup = Setup { contract, catalogue, target: &target, kind: TargetKind::Double, scope, out: None, pace: &pace, clock: &RealTime, observer: &|_| {}, stop: None };
    conduct(setup).await.expect("a run against the double comes to its end").report
}

/// The requirements with a finding above observation, each with the worst severity.
fn accused(report: &Report) -> BTreeMap<String, Severity> {
    let mut found: BTreeMap<String, Severity> = BTreeMap::new();
    for finding in report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity > Severity::Observation) {
        let worst = found.entry(finding.requirement.clone()).or_insert(finding.severity);
        *worst = (*worst).max(finding.severity);
    }
    found
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

#[test]
fn each_fault_is_caught_by_the_requirements_of_the_snapshot() {
    let (contract, catalogue) = loaded();
    let mut text = String::new();
    let mut survived = BTreeSet::new();
    runtime().block_on(async {
        for fault in Fault::ALL {
            let report = run(&contract, &catalogue, Options { faults: BTreeSet::from([*fault]), ..Options::default() }).await;
            let accused = accused(&report);
            let _ = writeln!(text, "{} ({})", fault.name(), report.conclusion.word());
            for (requirement, severity) in &accused {
                let _ = writeln!(text, "    {:<9} {requirement}", severity.word());
            }
            if accused.is_empty() {
                survived.insert(fault.name());
            }
        }
    });
    assert!(survived.is_empty(), "not caught: {survived:?}");
    insta::assert_snapshot!("faults", text);
}

#[test]
fn no_variant_is_accused() {
    let (contract, catalogue) = loaded();
    let mut wrong = Vec::new();
    runtime().block_on(async {
        for variant in Variant::ALL {
            let report = run(&contract, &catalogue, Options { variants: BTreeSet::from([*variant]), ..Options::default() }).await;
            let accused = accused(&report);
            let violations: Vec<_> = accused.iter().filter(|(_, severity)| **severity == Severity::Violation).collect();
            if !accused.is_empty() {
                println!("{}: {accused:?}", variant.name());
            }
            let unresolved: Vec<_> = report.cases.iter().filter(|case| case.verdict.word() == "unresolved").map(|case| (&case.id, &case.reason)).collect();
            if !unresolved.is_empty() {
                println!("{} unresolved: {} {:?}", variant.name(), unresolved.len(), unresolved[0]);
            }
            if !violations.is_empty() {
                wrong.push(format!("{}: {violations:?}", variant.name()));
            }
        }
    });
    assert!(wrong.is_empty(), "accused: {wrong:#?}");
}
