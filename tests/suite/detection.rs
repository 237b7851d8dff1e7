//! Every fault of the double must be caught, at the requirement that it is made to break; no
//! harmless variant may be accused; and an upgrade to one must be answered accordingly.
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

mod causes;
mod variants;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lxca_conform::catalogue::Level;
use lxca_conform::contract::{Basis, Contract, Severity};
use lxca_conform::double::LISTING;
use lxca_conform::gate::{Answer, Change, Judged};
use lxca_conform::report::{Report, WaiverFate};
use lxca_conform::self_test::{Caught, FaultEntry, Selection, sample, self_test, to_draft};
use lxca_conform::waiver::{self, Waivers};

use crate::support::lab::{Lab, STATEFUL, faults, filled, lab, version};

/// Does something for each number below a count, two at a time; what came of it in the order of the
/// numbers.
fn side_by_side<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let worker = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= count {
                break;
            }
            let result = work(place);
            done.lock().unwrap().insert(place, result);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(worker);
        worker();
    });
    done.into_inner().unwrap().into_values().collect()
}

/// Those of what is said and done by the operations that have a state, in the order of the table.
fn every_fault() -> Vec<&'static FaultEntry> {
    let about = |fault: &&FaultEntry| !fault.is_wire() && LISTING.contains(&fault.place.as_str());
    faults().entries().iter().filter(about).collect()
}

/// A waiver accepts a failure. It doesn't vouch for cases that couldn't be judged because of it,
/// for what met no data any more, nor for times that were seen to change.
const STILL_OPEN: &[&str] = &[
    "backup-uuid-missing",
    "backups-missing",
    "create-lock-component-ignored",
    "create-lock-expiry-ignored",
    "created-lock-not-listed",
    "error-body-empty-object",
    "error-body-null",
    "error-keys-only",
    "error-only-punctuation",
    "job-never-ends",
    "lock-id-number",
    "locks-keep-expired",
    "locks-live-double",
    "locks-live-half",
    "locks-live-the-default",
    "locks-prolonged-by-the-list",
    "locks-short-every-second",
    "locks-short-in-session",
    "locks-without-component",
    "push-never-ends",
    "stranger-spoils-next-list",
];

/// So many faults are played for each that the gate is asked about too.
const GATED: usize = 4;

/// Whether the gate is asked about an upgrade to this fault: a fixed part of them, and those that
/// waivers leave open. The gate judges the same report each time; what differs is the report.
fn is_gated(fault: &FaultEntry) -> bool {
    STILL_OPEN.contains(&fault.name.as_str())
        || every_fault()
            .iter()
            .position(|one| one.name == fault.name)
            .is_some_and(|place| place % GATED == 0)
}

fn with_faults(lab: &Lab, faults: &[&str]) -> Report {
    let asked = faults.iter().fold(version("4.1.0"), |asked, name| asked.fault(name));
    lab.run(&asked).1
}

/// The requirements that a report accuses, each with the worst severity. Breaking what the
/// documents contradict themselves about gives observations only, and those count for it.
fn accused(contract: &Contract, report: &Report) -> BTreeMap<String, Severity> {
    let mut found: BTreeMap<String, Severity> = BTreeMap::new();
    let conflict = |id: &str| {
        contract
            .requirements
            .get(id)
            .is_some_and(|requirement| requirement.basis == Basis::Conflict)
    };
    for finding in report.cases.iter().flat_map(|case| &case.findings).filter(|finding| {
        finding.severity > Severity::Observation || conflict(&finding.requirement)
    }) {
        let worst = found.entry(finding.requirement.clone()).or_insert(finding.severity);
        *worst = (*worst).max(finding.severity);
    }
    found
}

/// What became of an upgrade to an appliance with a fault.
enum Fate {
    /// Nothing was seen of it.
    Untold,
    /// Where the page contradicts itself nobody is accused, whichever side is taken; the gate tells
    /// that it changed.
    Observed,
    /// Waivers for what is wrong make a yes of it.
    Lifted,
    /// With them, still nobody can tell, for this reason.
    Open(String),
    /// It was played, and the gate wasn't asked.
    Ungated,
}

/// Holds a run with a fault against the baseline; what is wrong with the answers of the gate goes
/// into the list.
fn upgrade(
    lab: &Lab,
    before: &Judged<'_>,
    fault: &FaultEntry,
    wrong: &mut Vec<String>,
) -> (Report, Fate) {
    let (after, report) = lab.run(&version("4.2.0").fault(&fault.name));
    let accused: BTreeSet<&str> = report
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity > Severity::Observation)
        .map(|finding| finding.requirement.as_str())
        .collect();
    let (after, none) = (lab.judge(&after), Waivers::default());
    let gate = lab.gate_judged(before, &after, "upgrade", &none);
    if accused.is_empty() {
        let told = !gate.candidates[0].drift.is_empty() || !gate.candidates[0].findings.is_empty();
        if told && gate.exit != 0 {
            wrong.push(format!("{} only observed: {} {}", fault.name, gate.exit, gate.because));
        }
        return (report, if told { Fate::Observed } else { Fate::Untold });
    }
    let first = &gate.candidates[0].reasons[0];
    if gate.exit != 1
        || gate.answer != Answer::No
        || !first.requirement.as_deref().is_some_and(|id| accused.contains(id))
    {
        wrong.push(format!("{}: {} {}", fault.name, gate.exit, gate.because));
    }
    let both = lab.gate_judged(&after, &after, "upgrade", &none);
    let still =
        both.candidates[0].findings.iter().any(|finding| finding.change == Change::StillFailing);
    if both.exit != 0 || !still {
        wrong.push(format!("{} on both: {} {}", fault.name, both.exit, both.because));
    }
    let waivers = waiver::load("drafts", &filled(&gate.candidates[0].drafts))
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", fault.name));
    let waived = lab.gate_judged(before, &after, "upgrade", &waivers);
    let fates: BTreeSet<&str> = waived.waivers.iter().map(|waiver| waiver.state.word()).collect();
    if fates != BTreeSet::from([WaiverFate::InForce.word()]) || !matches!(waived.exit, 0 | 3) {
        wrong.push(format!("{} waived: {} {} {fates:?}", fault.name, waived.exit, waived.because));
    }
    let expired = waiver::load(
        "drafts",
        &filled(&gate.candidates[0].drafts).replace("expires     = 2030", "expires     = 2029"),
    )
    .unwrap();
    let expired = lab.gate_judged(before, &after, "upgrade", &expired);
    if expired.exit != 6 {
        wrong.push(format!(
            "{} with expired waivers: {} {}",
            fault.name, expired.exit, expired.because
        ));
    }
    (report, if waived.exit == 0 { Fate::Lifted } else { Fate::Open(waived.because) })
}

/// Plays an upgrade to each of these faults.
fn upgrades(lab: &Lab, faults: &[&FaultEntry], wrong: &mut Vec<String>) -> Vec<(Report, Fate)> {
    let (baseline, _) = lab.run(&version("4.1.0"));
    let baseline = lab.judge(&baseline);
    let seen = side_by_side(faults.len(), |place| {
        let (fault, mut wrong) = (faults[place], Vec::new());
        if !is_gated(fault) {
            return ((with_faults(lab, &[&fault.name]), Fate::Ungated), wrong);
        }
        (upgrade(lab, &baseline, fault, &mut wrong), wrong)
    });
    seen.into_iter()
        .map(|(seen, more)| {
            wrong.extend(more);
            seen
        })
        .collect()
}

/// What became of faults: what each is accused of, as the snapshot has it, and what is wrong.
struct Played {
    texts: BTreeMap<String, String>,
    missed: Vec<String>,
    wrong: Vec<String>,
    open: BTreeMap<String, String>,
}

/// The snapshot of all faults, by their names.
fn pinned() -> BTreeMap<String, String> {
    let text = include_str!("snapshots/suite__detection__faults.snap");
    let mut pinned: BTreeMap<String, String> = BTreeMap::new();
    let mut name = "";
    for line in text.split_once("\n---\n").expect("the head of a snapshot").1.lines() {
        if !line.starts_with(' ') {
            name = line.split(' ').next().unwrap_or_default();
        }
        let whole = pinned.entry(name.to_owned()).or_default();
        let _ = writeln!(whole, "{line}");
    }
    pinned
}

/// Those that the gate is asked about, which are one of four and the hard ones. `self-test` plays
/// all of them in a release build, and the test after this one does, if it is asked to.
#[test]
fn a_fault_is_caught_where_it_is_made_to_break_and_is_a_no_to_an_upgrade_that_waivers_lift() {
    let every: Vec<&FaultEntry> = every_fault().into_iter().filter(|one| is_gated(one)).collect();
    assert!(every.len() > 100, "only {} faults", every.len());
    let played = play(&every);
    let pinned = pinned();
    for (name, text) in &played.texts {
        assert_eq!(Some(text), pinned.get(name), "{name} isn't what the snapshot says");
    }
    assert!(played.missed.is_empty(), "not caught:\n{}", played.missed.join("\n"));
    assert!(played.wrong.is_empty(), "wrong answers of the gate:\n{}", played.wrong.join("\n"));
    assert_eq!(played.open.keys().collect::<Vec<_>>(), STILL_OPEN, "{:#?}", played.open);
}

#[test]
#[ignore = "plays all faults for eight minutes, and writes the snapshot of what each brings about"]
fn every_fault_brings_about_what_it_did() {
    let every = every_fault();
    let played = play(&every);
    let texts = every.iter().filter_map(|fault| played.texts.get(&fault.name));
    insta::assert_snapshot!("faults", texts.map(String::as_str).collect::<String>());
    assert!(played.missed.is_empty(), "not caught:\n{}", played.missed.join("\n"));
    assert!(played.wrong.is_empty(), "wrong answers of the gate:\n{}", played.wrong.join("\n"));
}

/// Whether these tests ask the operation of a requirement. A fault of them all breaks others too,
/// which `self-test` plays.
fn is_asked(contract: &Contract, requirement: &str) -> bool {
    let operation = requirement.split('/').next().unwrap_or_default();
    !contract.operations.contains_key(operation)
        || STATEFUL.iter().any(|glob| operation.starts_with(glob.trim_end_matches('*')))
}

fn play(every: &[&FaultEntry]) -> Played {
    let mut lab = lab();
    let mut wrong = Vec::new();
    let mut seen = upgrades(&lab, every, &mut wrong);
    let missing = |lab: &Lab, fault: &FaultEntry, report: &Report| {
        let accused = accused(&lab.contract, report);
        fault
            .breaks
            .iter()
            .filter(|id| is_asked(&lab.contract, id) && !accused.contains_key(*id))
            .cloned()
            .collect::<Vec<String>>()
    };
    // What the written cases leave to those that follow from request tables is asked with them too.
    let left: Vec<usize> = (0..seen.len())
        .filter(|place| {
            !missing(&lab, every[*place], &seen[*place].0).is_empty()
                || matches!(seen[*place].1, Fate::Untold)
        })
        .collect();
    lab.catalogue = lab.catalogue.with_generated(&lab.contract, Level::Core);
    let (untold, unseen): (Vec<usize>, Vec<usize>) =
        left.into_iter().partition(|place| matches!(seen[*place].1, Fate::Untold));
    let again =
        upgrades(&lab, &untold.iter().map(|place| every[*place]).collect::<Vec<_>>(), &mut wrong);
    for (place, again) in untold.into_iter().zip(again) {
        seen[place] = again;
    }
    let again =
        side_by_side(unseen.len(), |number| with_faults(&lab, &[&every[unseen[number]].name]));
    for (place, report) in unseen.into_iter().zip(again) {
        seen[place].0 = report;
    }
    let mut texts = BTreeMap::new();
    let mut missed = Vec::new();
    let mut open = BTreeMap::new();
    for (fault, (report, fate)) in every.iter().zip(seen) {
        let accused = accused(&lab.contract, &report);
        let mut text = String::new();
        let _ = writeln!(text, "{} ({})", fault.name, report.conclusion.word());
        for (requirement, severity) in &accused {
            let _ = writeln!(text, "    {:<9} {requirement}", severity.word());
        }
        texts.insert(fault.name.clone(), text);
        missed
            .extend(missing(&lab, fault, &report).iter().map(|id| format!("{}: {id}", fault.name)));
        if accused.is_empty() {
            missed.push(format!("{}: accused of nothing at all", fault.name));
        }
        match fate {
            Fate::Untold => wrong.push(format!("{} isn't told", fault.name)),
            Fate::Open(why) => drop(open.insert(fault.name.clone(), why)),
            Fate::Observed | Fate::Lifted | Fate::Ungated => {}
        }
    }
    Played { texts, missed, wrong, open }
}

#[test]
fn each_fault_breaks_what_is_checked_and_each_checked_requirement_is_broken_by_a_fault() {
    let contract = lab().contract;
    let broken = faults().broken();
    let checked = |id: &str| {
        contract.requirements.get(id).is_some_and(|requirement| requirement.excluded.is_none())
    };
    let unknown: Vec<_> = broken.keys().filter(|id| !checked(id)).collect();
    assert!(unknown.is_empty(), "not in the register, or excluded from it: {unknown:?}");

    let drafted: BTreeSet<String> = to_draft(&contract, faults()).into_iter().collect();
    let unbroken: Vec<&str> = contract
        .requirements
        .keys()
        .map(String::as_str)
        .filter(|id| checked(id) && !broken.contains_key(id) && !drafted.contains(*id))
        .collect();
    assert!(
        unbroken.is_empty(),
        "no fault breaks {unbroken:#?}: `lxca-conform self-test --draft-fault ID` drafts its row"
    );
}

/// The self-test of the release build plays all of them.
#[test]
fn the_sample_of_the_drafted_faults_is_caught() {
    const STEP: usize = 40;
    let lab = lab();
    let catalogue = lab.catalogue.with_generated(&lab.contract, Level::Core);
    let drafted = sample(&to_draft(&lab.contract, faults()), STEP);
    let selection =
        Selection { faults: Vec::new(), drafted: drafted.clone(), variants: Vec::new() };
    let outcome = self_test(&lab.contract, &catalogue, faults(), &selection, &|_| {});
    let wrong: Vec<String> = outcome
        .fault_rows
        .iter()
        .filter(|row| row.outcome != Caught::Caught)
        .map(|row| format!("{} {:?} {:?}", row.name, row.edit, row.accused))
        .collect();
    assert!(wrong.is_empty(), "not caught:\n{}", wrong.join("\n"));
    assert_eq!(outcome.fault_rows.len() + outcome.checks.undrafted.len(), drafted.len());
}
