//! The cases that follow from request tables, and those that are drawn from them.
//!
//! Knows: the library, the double, and what each fault is made to break. Must not know: how a case
//! is derived.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod against_the_double;
mod command_line;
mod derived;
mod drawn;
mod tables;

use std::collections::BTreeMap;

use lxca_conform::catalogue::{Case, Catalogue};
use lxca_conform::conduct::Outcome;
use lxca_conform::contract::{Contract, Severity};
use lxca_conform::double::Options;
use lxca_conform::exchange::Outgoing;
use lxca_conform::files;
use lxca_conform::plan::{self, Facts};
use lxca_conform::report::Report;
use serde_json::Value;

use crate::support::built_in;
use crate::support::lab::{self, Asked, version};

fn loaded() -> (&'static Contract, Catalogue) {
    (built_in::contract(), built_in::written().clone())
}

fn run(contract: &Contract, catalogue: &Catalogue, options: Options) -> Outcome {
    run_as(contract, catalogue, &Asked { options, ..version("4.1.0") })
}

fn run_as(contract: &Contract, catalogue: &Catalogue, asked: &Asked) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(lab::conducted(contract, catalogue, asked))
}

/// The requirements with a finding above observation.
fn accused(report: &Report) -> BTreeMap<String, Severity> {
    let findings = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity > Severity::Observation);
    findings.map(|finding| (finding.requirement.clone(), finding.severity)).collect()
}

/// The request of a step, with something in place of every fact.
fn request(contract: &Contract, case: &Case, step: &lxca_conform::catalogue::Step) -> Outgoing {
    let captured = case
        .steps
        .iter()
        .chain(&case.cleanup)
        .flat_map(|step| &step.capture)
        .map(|capture| capture.fact.clone());
    let facts: Facts =
        captured.chain(case.needs.iter().cloned()).map(|fact| (fact, "17".to_owned())).collect();
    let (request, unknown) = plan::request(contract, step, &facts);
    assert!(unknown.is_empty(), "{}: nothing gives {unknown:?}", case.id);
    request
}

fn schema_file(name: &str) -> Value {
    serde_json::from_str(&files::embedded_contract()[name]).expect("JSON")
}
