//! Every fault of the double must be caught, at the requirement that it is made to break; every harmless variant must accuse nobody.
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
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::{self, Catalogue, Effect, Level};
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::contract::{self, Basis, Contract, Severity};
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

/// One run for each of a list, two at a time, each against a double of its own; the reports in the order of the list.
fn runs(contract: &Contract, catalogue: &Catalogue, list: &[Options]) -> Vec<Report> {
    let (next, reports) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(options) = list.get(place) else { break };
            let report = runtime.block_on(run(contract, catalogue, options.clone()));
            reports.lock().unwrap().insert(place, report);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    reports.into_inner().unwrap().into_values().collect()
}

/// The requirements that a report accuses, each with the worst severity. Breaking what the documents contradict themselves about gives
/// observations only, and those count for it.
fn accused(contract: &Contract, report: &Report) -> BTreeMap<String, Severity> {
    let mut found: BTreeMap<String, Severity> = BTreeMap::new();
    let conflict = |id: &str| contract.requirements.get(id).is_some_and(|requirement| requirement.basis == Basis::Conflict);
    for finding in report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity > Severity::Observation || conflict(&finding.requirement)) {
        let worst = found.entry(finding.requirement.clone()).or_insert(finding.severity);
        *worst = (*worst).max(finding.severity);
    }
    found
}

/// What each fault is made to break.
fn breaks() -> BTreeMap<String, Vec<String>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        breaks: BTreeMap<String, Vec<String>>,
    }
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/breaks.toml")).expect("the file is readable");
    toml::from_str::<File>(&text).expect("one list of requirements for each fault").breaks
}

#[test]
fn each_fault_is_caught_by_the_requirement_that_it_is_made_to_break() {
    let (contract, catalogue) = loaded();
    let list: Vec<Options> = Fault::ALL.iter().map(|fault| Options { faults: BTreeSet::from([*fault]), ..Options::default() }).collect();
    let mut reports = runs(&contract, &catalogue, &list);
    let breaks = breaks();
    let missing = |fault: &Fault, report: &Report| {
        let accused = accused(&contract, report);
        let broken = breaks.get(fault.name()).map(Vec::as_slice).unwrap_or_default();
        broken.iter().filter(|id| !accused.contains_key(*id)).cloned().collect::<Vec<String>>()
    };
    // What the written cases leave to those that follow from request tables is asked with them too.
    let left: Vec<usize> = (0..list.len()).filter(|place| !missing(&Fault::ALL[*place], &reports[*place]).is_empty()).collect();
    let again = runs(&contract, &catalogue.with_generated(&contract, Level::Core), &left.iter().map(|place| list[*place].clone()).collect::<Vec<_>>());
    for (place, report) in left.into_iter().zip(again) {
        reports[place] = report;
    }
    let mut text = String::new();
    let mut missed = Vec::new();
    for (fault, report) in Fault::ALL.iter().zip(&reports) {
        let accused = accused(&contract, report);
        let _ = writeln!(text, "{} ({})", fault.name(), report.conclusion.word());
        for (requirement, severity) in &accused {
            let _ = writeln!(text, "    {:<9} {requirement}", severity.word());
        }
        missed.extend(missing(fault, report).iter().map(|id| format!("{}: {id}", fault.name())));
        if accused.is_empty() {
            missed.push(format!("{}: accused of nothing at all", fault.name()));
        }
    }
    insta::assert_snapshot!("faults", text);
    assert!(missed.is_empty(), "not caught:\n{}", missed.join("\n"));
}

#[test]
fn each_fault_says_what_it_breaks_and_each_checked_requirement_is_broken_by_a_fault() {
    let (contract, _) = loaded();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/breaks.toml")).expect("the file is readable");
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with(['#', '[', ' '])).filter_map(|line| line.split_once(" = ")).map(|(name, _)| name).collect();
    assert_eq!(rows, Fault::ALL.iter().map(|fault| fault.name()).collect::<Vec<_>>(), "one row for each fault, in the order of the list");

    let breaks = breaks();
    let broken: BTreeSet<&str> = breaks.values().flatten().map(String::as_str).collect();
    assert!(breaks.values().all(|broken| !broken.is_empty()));
    let checked = |id: &str| contract.requirements.get(id).is_some_and(|requirement| requirement.excluded.is_none());
    let unknown: Vec<_> = broken.iter().filter(|id| !checked(id)).collect();
    assert!(unknown.is_empty(), "not in the register, or excluded from it: {unknown:?}");

    let unbroken: Vec<&str> = contract.requirements.keys().map(String::as_str).filter(|id| checked(id) && !broken.contains(id)).collect();
    assert!(unbroken.is_empty(), "no fault breaks {unbroken:#?}");
}

/// What a report accuses as a violation.
fn violations(report: &Report) -> Vec<&str> {
    report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity == Severity::Violation).map(|finding| finding.requirement.as_str()).collect()
}

#[test]
fn a_job_that_never_ends_isnt_the_fault_of_the_requests_after_it() {
    let (contract, catalogue) = loaded();
    let report = &runs(&contract, &catalogue, &[Options { faults: BTreeSet::from([Fault::JobNeverEnds]), ..Options::default() }])[0];
    assert_eq!(violations(report), Vec::<&str>::new());
    let reasons: Vec<&str> = report.cases.iter().filter(|case| case.verdict.word() == "unresolved").filter_map(|case| case.reason.as_deref()).collect();
    let waiting = "it starts a job, and one that backup.transfer::copies-to-internal started was still running when it was last seen";
    assert!(reasons[0].contains("the time budget of 600 s was spent"), "{reasons:?}");
    assert!(reasons.len() > 5 && reasons[1..].iter().all(|reason| *reason == waiting), "{reasons:?}");
    let job = report.cases.iter().flat_map(|case| &case.findings).find(|finding| finding.check == "job").expect("a finding on the job");
    assert!(job.severity == Severity::Deviation && job.expected.ends_with("within 600 s") && job.actual.contains("Running"), "{job:?}");
}

#[test]
fn a_wrong_status_is_charged_to_what_it_shows_to_be_wrong() {
    let (contract, catalogue) = loaded();
    for (fault, only) in [
        // Accepted, and refused, under another number.
        (Fault::StartStatus202, "backup.transfer/status/200"),
        (Fault::Refusal422, "backup.transfer/status/400"),
        (Fault::WrongCredentials403, "sftp-locks.list/status/401"),
        // A success that the page documents for something else.
        (Fault::Locks204WithLocks, "sftp-locks.list/purpose"),
        // The thing itself.
        (Fault::CopyToShareRefused, "backup.transfer/behaviour/copy-to-share"),
        (Fault::MoveRefused, "backup.transfer/behaviour/move"),
        (Fault::PushUuidNotRequired, "backup.transfer/push/uuid/required"),
        (Fault::AuthOffTransfer, "backup.transfer/auth"),
    ] {
        let report = &runs(&contract, &catalogue, &[Options { faults: BTreeSet::from([fault]), ..Options::default() }])[0];
        let accused: BTreeSet<&str> = violations(report).into_iter().collect();
        assert!(accused.iter().all(|id| id.starts_with(only)) && !accused.is_empty(), "{fault}: {accused:?}");
    }
}

/// From what a variant may deviate.
fn deviates() -> BTreeMap<String, BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        deviates: BTreeMap<String, BTreeSet<String>>,
    }
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/deviates.toml")).expect("the file is readable");
    toml::from_str::<File>(&text).expect("a list of requirements for each variant that deviates").deviates
}

#[test]
fn no_variant_is_accused() {
    let (contract, catalogue) = loaded();
    let deviates = deviates();
    let named = |name: &String| Variant::ALL.iter().any(|variant| variant.name() == name);
    assert!(deviates.keys().all(named) && deviates.values().flatten().all(|id| contract.severity(id) == Severity::Deviation), "{deviates:?}");
    assert!(Variant::ALL.len() >= 40, "only {} variants", Variant::ALL.len());
    let list: Vec<Options> = Variant::ALL.iter().map(|variant| Options { variants: BTreeSet::from([*variant]), ..Options::default() }).collect();
    let reports = runs(&contract, &catalogue, &list);
    let mut wrong = Vec::new();
    for (variant, report) in Variant::ALL.iter().zip(&reports) {
        let may = deviates.get(variant.name());
        let allowed = |finding: &&lxca_conform::judge::Finding| finding.severity == Severity::Deviation && may.is_some_and(|may| may.contains(&finding.requirement));
        let accusing = report.cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity > Severity::Observation);
        let seen: BTreeSet<&String> = accusing.clone().map(|finding| &finding.requirement).collect();
        wrong.extend(may.into_iter().flatten().filter(|id| !seen.contains(id)).map(|id| format!("{}: doesn't deviate from {id}", variant.name())));
        let accusing = accusing.filter(|finding| !allowed(finding));
        wrong.extend(accusing.map(|finding| format!("{}: {} at {:?}: {} instead of {}", variant.name(), finding.requirement, finding.pointer, finding.actual, finding.expected)));
        let unresolved = report.cases.iter().filter(|case| case.verdict.word() == "unresolved");
        wrong.extend(unresolved.map(|case| format!("{}: {} is unresolved: {:?}", variant.name(), case.id, case.reason)));
    }
    assert!(wrong.is_empty(), "accused or unresolved:\n{}", wrong.join("\n"));
}

#[test]
fn a_wrong_row_inside_an_envelope_is_judged_all_the_same() {
    let (contract, catalogue) = loaded();
    let faults = BTreeSet::from([Fault::LocksEnveloped, Fault::LockComponentUnknown]);
    let report = &runs(&contract, &catalogue, &[Options { faults, ..Options::default() }])[0];
    let found: BTreeSet<&str> = violations(report).into_iter().collect();
    assert!(found.contains("sftp-locks.list/body/component"), "{found:?}");
}
