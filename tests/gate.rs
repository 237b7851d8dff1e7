//! The gate over the double: what an upgrade may change, and what it may not.
//!
//! Knows: records of runs against the double in this process, and the binary. Must not know: how a change is found.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::disallowed_methods, clippy::too_many_lines, clippy::print_stdout, reason = "a test may stop at once and read files")]

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeSet;
use std::path::Path;

use command::{Served, json, lxca, read, report, text};
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{self, Catalogue, Effect};
use lxca_conform::conduct::{Setup, conduct_rounds};
use lxca_conform::contract::{self, Contract, Severity};
use lxca_conform::double::{Fault, Options, Variant};
use lxca_conform::files;
use lxca_conform::gate::{self, Answer, Bench, Change, Gate, Policy, Run, Source};
use lxca_conform::plan::Scope;
use lxca_conform::record::{Footer, Record, Row};
use lxca_conform::report::{Report, WaiverFate, rejudge};
use lxca_conform::store::TargetKind;
use lxca_conform::waiver::{self, Waivers};

struct Lab {
    contract: Contract,
    catalogue: Catalogue,
    runtime: tokio::runtime::Runtime,
}

fn lab() -> Lab {
    Lab {
        contract: contract::load(&files::embedded_contract()).expect("the contract loads"),
        catalogue: catalogue::load(&files::embedded_catalogue()).expect("the catalogue loads"),
        runtime: tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime"),
    }
}

/// What is asked of the double, and of which one.
#[derive(Clone)]
struct Asked {
    options: Options,
    allow: Effect,
    filters: Vec<String>,
    rounds: u32,
}

fn version(version: &str) -> Asked {
    Asked { options: Options { version: version.to_owned(), ..Options::default() }, allow: Effect::Destroy, filters: Vec::new(), rounds: 1 }
}

impl Asked {
    fn fault(mut self, name: &str) -> Self {
        self.options.faults.insert(name.parse().expect("a fault"));
        self
    }

    fn variant(mut self, name: &str) -> Self {
        self.options.variants.insert(name.parse().expect("a variant"));
        self
    }
}

impl Lab {
    fn run(&self, asked: &Asked) -> (Run, Report) {
        self.run_with(&self.contract, &self.catalogue, asked)
    }

    fn run_with(&self, contract: &Contract, catalogue: &Catalogue, asked: &Asked) -> (Run, Report) {
        let outcome = self.runtime.block_on(async {
            let (double, target) = builtin::start(asked.options.clone()).await;
            let pace = DoubleTime(double.clock().clone());
            let scope = Scope { allow: asked.allow, filters: asked.filters.clone(), strict: false, facts: target.facts.clone(), bad_logins: u32::MAX };
            let setup = Setup { contract, catalogue, target: &target, kind: TargetKind::Double, scope, out: None, pace: &pace, clock: &RealTime, observer: &|_| {}, stop: None };
            conduct_rounds(setup, asked.rounds).await.expect("a run against the double comes to its end")
        });
        let mut rows = outcome.rows.into_iter();
        let Some(Row::Header(header)) = rows.next() else { panic!("no header") };
        let rows: Vec<Row> = rows.collect();
        let finished = outcome.report.finished.as_ref().expect("it came to its end").parse().expect("a time");
        let footer = Footer { finished, rows: 0, exchanges: 0, ended_early: outcome.ended_early, digest: String::new() };
        let digest = format!("sha256:{}", asked.options.version);
        let record = Record { header: *header, rows, footer: Some(footer), flaws: Vec::new(), digest };
        (Run { from: asked.options.version.clone(), source: Source::Record(Box::new(record)) }, outcome.report)
    }

    fn gate(&self, baseline: &Run, candidate: &Run) -> Gate {
        self.gate_with(baseline, candidate, "upgrade", &Waivers::default())
    }

    fn gate_with(&self, baseline: &Run, candidate: &Run, policy: &str, waivers: &Waivers) -> Gate {
        let policy = Policy::built_in(policy).expect("a built-in policy");
        let bench = Bench { contract: &self.contract, catalogue: &self.catalogue, waivers, policy: &policy, today: today() };
        // The record stands for itself; nothing here is changed by the gate.
        gate::gate(&bench, baseline, std::slice::from_ref(candidate))
    }
}

fn today() -> jiff::civil::Date {
    "2030-06-15".parse().unwrap()
}

fn filled(drafts: &[String]) -> String {
    drafts.join("\n").replace("\"\" ", "\"known since May\" ")
}

fn changes(gate: &Gate) -> BTreeSet<Change> {
    gate.candidates[0].cases.iter().map(|case| case.change).collect()
}

#[test]
fn an_upgrade_that_changes_nothing_is_a_yes() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (after, _) = lab.run(&version("4.2.0"));
    let gate = lab.gate(&before, &after);
    assert_eq!((gate.answer, gate.exit), (Answer::Yes, 0), "{}", gate.because);
    assert!(changes(&gate).is_subset(&BTreeSet::from([Change::Unchanged, Change::NotCompared])), "{:?}", changes(&gate));
    let candidate = &gate.candidates[0];
    assert!(candidate.drift.is_empty(), "{:#?}", candidate.drift);
    assert!(candidate.findings.is_empty(), "{:#?}", candidate.findings);
    assert!(candidate.cases.iter().filter(|case| case.change == Change::Unchanged).count() > 100);
    // The gate of a run with itself says the same.
    let same = lab.gate(&before, &before);
    assert_eq!((same.exit, same.candidates[0].drift.len(), same.candidates[0].findings.len()), (0, 0, 0));
}

#[test]
fn each_fault_of_the_candidate_is_a_no_that_names_a_broken_requirement_and_waivers_lift_it() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let mut wrong = Vec::new();
    let (mut lifted, mut open) = (0, Vec::new());
    for fault in Fault::ALL {
        let (after, report) = lab.run(&version("4.2.0").fault(fault.name()));
        let accused: BTreeSet<&str> =
            report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity > Severity::Observation).map(|finding| finding.requirement.as_str()).collect();
        let gate = lab.gate(&before, &after);
        let first = &gate.candidates[0].reasons[0];
        if gate.exit != 1 || gate.answer != Answer::No || !first.requirement.as_deref().is_some_and(|id| accused.contains(id)) {
            wrong.push(format!("{}: {} {}", fault.name(), gate.exit, gate.because));
        }
        let both = lab.gate(&after, &after);
        let still = both.candidates[0].findings.iter().any(|finding| finding.change == Change::StillFailing);
        if both.exit != 0 || !still {
            wrong.push(format!("{} on both: {} {}", fault.name(), both.exit, both.because));
        }
        let waivers = waiver::load("drafts", &filled(&gate.candidates[0].drafts)).unwrap_or_else(|problems| panic!("{}: {problems:?}", fault.name()));
        let waived = lab.gate_with(&before, &after, "upgrade", &waivers);
        let fates: BTreeSet<&str> = waived.waivers.iter().map(|waiver| waiver.state.word()).collect();
        if fates != BTreeSet::from([WaiverFate::InForce.word()]) || !matches!(waived.exit, 0 | 3) {
            wrong.push(format!("{} waived: {} {} {fates:?}", fault.name(), waived.exit, waived.because));
        }
        if waived.exit == 0 {
            lifted += 1;
        } else {
            open.push(format!("{}: {}", fault.name(), waived.because));
        }
        let expired = waiver::load("drafts", &filled(&gate.candidates[0].drafts).replace("expires     = 2030", "expires     = 2029")).unwrap();
        let expired = lab.gate_with(&before, &after, "upgrade", &expired);
        if expired.exit != 6 {
            wrong.push(format!("{} with expired waivers: {} {}", fault.name(), expired.exit, expired.because));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("lifted {lifted}, still open {open:#?}");
    assert!(lifted > Fault::ALL.len() / 2, "only {lifted} are lifted; still open are {open:#?}");
}

#[test]
fn a_variant_of_the_candidate_breaks_no_stated_promise() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let mut wrong = Vec::new();
    for variant in Variant::ALL {
        let (after, _) = lab.run(&version("4.2.0").variant(variant.name()));
        let gate = lab.gate_with(&before, &after, "regression", &Waivers::default());
        let stated = gate.candidates[0].findings.iter().any(|finding| finding.severity == Severity::Violation);
        if gate.exit == 1 || stated {
            wrong.push(format!("{}: {}", variant.name(), gate.because));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
