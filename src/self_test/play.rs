//! Plays cases against doubles: the whole catalogue on a double of its own, or single cases of many
//! faults on one double.
//!
//! Knows: how a run is conducted, and what of it shows a fault. Must not know: which finding a
//! fault is made for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::builtin::{self, DoubleTime, RealTime};
use crate::catalogue::{Case, Catalogue, Effect};
use crate::conduct::{Outcome, Setup, conduct, transport};
use crate::contract::{Contract, Severity};
use crate::double::{Clock, EditFault, InProcess, Options};
use crate::engine::{Engine, Recorder};
use crate::exchange::Exchange;
use crate::identify::probe;
use crate::judge::{CaseRecord, Finding, Verdict};
use crate::plan::{Facts, Scope};
use crate::report::{Conclusion, Report};
use crate::store::{Row, StoreError, TargetKind};
use crate::target::Target;

/// After so many requests the memory is freed that a double in this process keeps for each.
const MOST_KEPT: u32 = 500;
/// Nothing here is stopped by the clock: whoever waits for a self-test ends it.
const WITHOUT_BOUND: Duration = Duration::from_hours(24);

/// What cases made of a double.
#[derive(Debug)]
pub(super) struct Seen {
    /// The requirements with a finding, each with the gravest.
    pub(super) accused: BTreeMap<String, Severity>,
    /// Case and requirement of each finding.
    pub(super) found: BTreeSet<(String, String)>,
    /// Whether a case couldn't be judged.
    pub(super) unresolved: bool,
    /// What it comes to.
    pub(super) conclusion: Conclusion,
}

impl Seen {
    pub(super) fn of_report(report: &Report) -> Self {
        let cases = report.cases.iter();
        let judged = cases.map(|case| (case.id.as_str(), case.verdict, case.findings.as_slice()));
        Self { conclusion: report.conclusion, ..Self::of(judged) }
    }

    pub(super) fn of_cases(cases: &[CaseRecord]) -> Self {
        Self::of(cases.iter().map(|case| (case.id.as_str(), case.verdict, &*case.findings)))
    }

    fn of<'a>(judged: impl Iterator<Item = (&'a str, Verdict, &'a [Finding])>) -> Self {
        let mut seen = Self {
            accused: BTreeMap::new(),
            found: BTreeSet::new(),
            unresolved: false,
            conclusion: Conclusion::Conformant,
        };
        let mut failed = false;
        for (case, verdict, findings) in judged {
            seen.unresolved |= verdict == Verdict::Unresolved;
            failed |= verdict == Verdict::Fail;
            for finding in findings {
                let worst =
                    seen.accused.entry(finding.requirement.clone()).or_insert(finding.severity);
                *worst = (*worst).max(finding.severity);
                seen.found.insert((case.to_owned(), finding.requirement.clone()));
            }
        }
        if failed {
            seen.conclusion = Conclusion::Nonconformant;
        } else if seen.unresolved {
            seen.conclusion = Conclusion::Incomplete;
        }
        seen
    }

    /// Adds what other cases made of the same double.
    pub(super) fn add(&mut self, other: Self) {
        for (requirement, severity) in other.accused {
            let worst = self.accused.entry(requirement).or_insert(severity);
            *worst = (*worst).max(severity);
        }
        self.found.extend(other.found);
        self.unresolved |= other.unresolved;
        let grave = [Conclusion::Nonconformant, Conclusion::Incomplete];
        self.conclusion = grave
            .into_iter()
            .find(|grave| self.conclusion == *grave || other.conclusion == *grave)
            .unwrap_or(self.conclusion);
    }
}

/// What is said of a run that has no result.
pub(super) const BROKE_OFF: &str = "the run panicked";

/// Does each of these on as many threads as there are processors; what came of it, in their order.
pub(super) fn side_by_side<J: Sync, T: Send>(
    jobs: &[J],
    work: impl Fn(&J) -> T + Sync,
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<T>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads().min(jobs.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(job) = jobs.get(index) else { break };
                    let result = work(job);
                    done.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// A runtime for one thread.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("a runtime couldn't be started: {error}"))
}

/// One run of a catalogue against a double of its own, on a thread of its own: whoever calls may be
/// in a runtime already.
pub(super) fn whole(
    contract: &Contract,
    catalogue: &Catalogue,
    options: Options,
    wire: bool,
) -> Result<Outcome, String> {
    std::thread::scope(|scope| {
        let run = scope.spawn(|| started(contract, catalogue, options, wire));
        run.join().unwrap_or_else(|_| Err(BROKE_OFF.to_owned()))
    })
}

fn started(
    contract: &Contract,
    catalogue: &Catalogue,
    options: Options,
    wire: bool,
) -> Result<Outcome, String> {
    runtime()?.block_on(async {
        if wire {
            let (double, target) = builtin::start_on_a_port(options)
                .await
                .map_err(|error| format!("the double couldn't be started: {error}"))?;
            run(contract, catalogue, &target, double.clock()).await
        } else {
            let (double, target) = builtin::start(options).await;
            run(contract, catalogue, &target, double.clock()).await
        }
    })
}

fn scope(facts: Facts) -> Scope {
    Scope {
        allow: Effect::Destroy,
        filters: Vec::new(),
        strict: false,
        facts,
        bad_logins: u32::MAX,
        shard: None,
    }
}

async fn run(
    contract: &Contract,
    catalogue: &Catalogue,
    target: &Target,
    clock: &Clock,
) -> Result<Outcome, String> {
    let pace = DoubleTime(clock.clone());
    let setup = Setup {
        contract,
        catalogue,
        target,
        kind: TargetKind::Double,
        scope: scope(target.facts.clone()),
        out: None,
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    conduct(setup).await.map_err(|error| error.to_string())
}

/// The cases of a catalogue that are meant.
pub(super) fn only(catalogue: &Catalogue, meant: impl Fn(&Case) -> bool) -> Catalogue {
    Catalogue {
        cases: catalogue.cases.iter().filter(|case| meant(case)).cloned().collect(),
        digest: catalogue.digest.clone(),
        generated: catalogue.generated,
        exploration: None,
    }
}

/// Keeps nothing.
struct Nowhere;

impl Recorder for Nowhere {
    fn row(&mut self, _: Row) -> Result<(), StoreError> {
        Ok(())
    }

    fn exchange(&mut self, _: &Exchange) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A double on which single cases that only read are played with one fault after the other: a
/// start, a login and a report for each would cost more than the case.
pub(super) struct Bench<'a, 'e> {
    double: &'e InProcess,
    engine: Engine<'e>,
    facts: &'a Facts,
    served: u32,
}

impl Bench<'_, '_> {
    /// What these cases make of the double with this fault.
    pub(super) async fn play(&mut self, fault: &EditFault, cases: &[&Case]) -> Seen {
        self.double.with_state(|state| state.is_wrong_by(Some(fault)));
        let mut judged = Vec::with_capacity(cases.len());
        for case in cases {
            let record = self.engine.run_case(case, self.facts).await;
            self.served += record.requests;
            judged.push(record);
        }
        self.double.with_state(|state| state.is_wrong_by(None));
        if self.served > MOST_KEPT {
            self.double.forget_requests().await;
            self.served = 0;
        }
        Seen::of_cases(&judged)
    }
}

/// Does some work on a bench, and clears it away.
pub(super) fn on_a_bench<T>(
    contract: &Contract,
    facts: &Facts,
    work: impl AsyncFnOnce(&mut Bench<'_, '_>) -> T,
) -> Result<T, String> {
    runtime()?.block_on(async {
        let (double, mut target) = builtin::start(Options::default()).await;
        target.limits.run_timeout = WITHOUT_BOUND;
        let pace = DoubleTime(double.clock().clone());
        let transport = transport(contract, &target, TargetKind::Double)
            .map_err(|error| format!("the double couldn't be reached: {error}"))?;
        let probe = probe(&transport, &pace, &target.expected).await;
        probe.outcome.map_err(|early| early.what)?;
        let (scope, mut nowhere) = (scope(facts.clone()), Nowhere);
        let engine = Engine::new(contract, &scope, &transport, &pace, &|_| {}, &mut nowhere);
        let mut bench = Bench { double: &double, engine, facts, served: 0 };
        let done = work(&mut bench).await;
        bench.engine.logout().await;
        Ok(done)
    })
}
