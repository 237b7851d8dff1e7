//! Runs a plan: identifies the target, learns facts, drives each case, keeps every exchange in the
//! record.
//!
//! Knows: plan, transport, record. Must not know: terminals, reports, which target it is. Judging
//! is left to `judge`.

mod closing;
mod course;
mod halting;
mod keeping;
mod looks;
mod order;
mod own_account;
mod patience;
mod refusals;
mod rounds;
mod smaller;

pub use keeping::{MemoryRecord, Recorder};
pub use smaller::Smallest;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::catalogue::{Case, Effect};
use crate::contract::Contract;
use crate::event::Event;
use crate::exchange::{Exchange, FaultKind, Outgoing, Purpose};
use crate::identify::{Probe, described, version};
use crate::judge::{CaseRecord, Verdict};
pub use crate::pace::Pace;
use crate::plan::{self, AFTER, BEFORE, Facts, Plan, Scope};
use crate::record::{EndedEarly, Identity, Row};
use crate::store::StoreError;
use crate::transport::Transport;
use crate::why::Why;

use halting::Halt;
use order::Order;
use own_account::OwnAccount;
use patience::Patience;

/// What is said of a case whose judgement panicked.
const BROKE_OFF: &str = "a check panicked; this is a bug of lxca-conform";

/// What a run gave.
#[derive(Debug)]
pub struct Finished {
    /// Every case of the catalogue, in its order.
    pub cases: Vec<CaseRecord>,
    /// What the appliance told about itself.
    pub identity: Identity,
    /// Facts that cases got.
    pub facts: Facts,
    /// Why it ended early, if it did.
    pub ended_early: Option<EndedEarly>,
    /// Drawn cases that failed, each in its smallest form.
    pub smallest: Vec<Smallest>,
}

/// Drives cases over a transport.
pub struct Engine<'a> {
    /// What the documents say.
    pub contract: &'a Contract,
    /// What was asked for.
    pub scope: &'a Scope,
    /// The way to the target.
    pub transport: &'a Transport,
    /// Time.
    pub pace: &'a dyn Pace,
    /// Whoever shows what happens.
    pub observer: &'a (dyn Fn(Event) + Sync),
    /// Becomes true when the operator wants the run to end.
    pub stop: Option<watch::Receiver<bool>>,
    started: Timestamp,
    recorder: Mutex<&'a mut dyn Recorder>,
    order: Order,
    broken: Mutex<Option<StoreError>>,
    faults_in_a_row: AtomicU32,
    own_account: OwnAccount,
    patience: Patience,
    /// What the target told of its version, once it has.
    told: OnceLock<semver::Version>,
    /// Set once and for all: a clean-up that gets through doesn't start the run anew.
    halt: OnceLock<Halt>,
}

impl<'a> Engine<'a> {
    /// An engine that has sent nothing yet.
    pub fn new(
        contract: &'a Contract,
        scope: &'a Scope,
        transport: &'a Transport,
        pace: &'a dyn Pace,
        observer: &'a (dyn Fn(Event) + Sync),
        recorder: &'a mut dyn Recorder,
    ) -> Self {
        let recorder = Mutex::new(recorder);
        let started = pace.now();
        Self {
            contract,
            scope,
            transport,
            pace,
            observer,
            stop: None,
            started,
            recorder,
            order: Order::default(),
            broken: Mutex::new(None),
            faults_in_a_row: AtomicU32::new(0),
            told: OnceLock::new(),
            own_account: OwnAccount::default(),
            patience: Patience::default(),
            halt: OnceLock::new(),
        }
    }

    /// Runs a plan against a target that was asked who it is.
    pub async fn run(&self, plan: &Plan<'_>, probe: &Probe) -> Result<Finished, StoreError> {
        for exchange in probe.login.iter().chain(&probe.exchange).chain(&probe.second) {
            self.record_exchange(exchange);
        }
        self.check_record()?;
        let mut cases: Vec<CaseRecord> =
            plan.left_out.iter().map(|(case, reason)| CaseRecord::left_out(case, reason)).collect();
        let identity = match &probe.outcome {
            Ok(identity) => identity.clone(),
            Err(early) => {
                cases.extend(plan.run.iter().map(|case| {
                    CaseRecord::not_run(
                        case,
                        Verdict::Unresolved,
                        Why::RunEnded,
                        early.what.clone(),
                    )
                }));
                return Ok(Finished {
                    cases,
                    identity: probe.identity.clone(),
                    facts: self.scope.facts.clone(),
                    ended_early: Some(early.clone()),
                    smallest: Vec::new(),
                });
            }
        };
        self.record(Row::Identity(identity.clone()));
        (self.observer)(Event::Identified {
            target: described(&self.contract.appliance, &identity),
        });
        let facts = self.facts(plan).await;
        let version = identity.version.as_deref().and_then(version);
        self.told(version.as_ref());
        let mut run: Vec<&Case> = Vec::new();
        for case in plan.run.iter().filter(|case| case.watches().is_none()) {
            match plan::settle(self.contract, case, &facts, version.as_ref()) {
                Some(reason) => {
                    self.record(Row::LeftOut { case: case.id.clone(), reason: reason.clone() });
                    cases.push(CaseRecord::left_out(case, &reason));
                }
                None => run.push(case),
            }
        }
        (self.observer)(Event::Started {
            cases: run.len() + plan.run.iter().filter(|case| case.watches().is_some()).count(),
        });
        let (reads, changes): (Vec<&Case>, Vec<&Case>) =
            run.iter().copied().partition(|case| case.effect == Effect::Read);
        let side_by_side = self.transport.limits().concurrency.max(1);
        self.order.begin(&reads);
        let judged = reads.iter().enumerate().map(|(place, case)| {
            let facts = &facts;
            async move {
                self.order.room(place).await;
                let judged = self.run_case(case, facts).await;
                for row in self.order.finish(place) {
                    self.keep(row);
                }
                (place, judged)
            }
        });
        let mut judged: Vec<(usize, CaseRecord)> =
            futures_util::stream::iter(judged).buffer_unordered(side_by_side).collect().await;
        judged.sort_by_key(|(place, _)| *place);
        cases.extend(judged.into_iter().map(|(_, judged)| judged));
        self.check_record()?;
        let changing = !changes.is_empty() && self.halted().is_none();
        if changing {
            self.inventory(BEFORE).await;
        }
        let (refusals, changes): (Vec<&Case>, Vec<&Case>) =
            changes.into_iter().partition(|case| case.is_plain_refusal() || case.is_observation());
        let (mut running, any): (Option<String>, bool) = (None, !changes.is_empty());
        for case in changes {
            if let Some(first) =
                running.as_ref().filter(|_| case.follows_a_job() && self.halted().is_none())
            {
                // Refused because of that job, a right appliance would look like a wrong one.
                let reason = format!(
                    "it starts a job, and a job that {first} started was still running when last \
                        seen"
                );
                self.stopped_case(case, Why::JobRunning, &reason);
                cases.push(CaseRecord::not_run(case, Verdict::Unresolved, Why::JobRunning, reason));
                continue;
            }
            let judged = self.run_case(case, &facts).await;
            if judged.runs_on {
                running.get_or_insert_with(|| case.id.clone());
            }
            if let Some(started) =
                judged.unsettled.as_ref().filter(|_| identity.unrecognised.is_none())
            {
                // What the case started and couldn't follow must not be taken for the fault of the
                // next one.
                self.let_end(started).await;
            }
            cases.push(judged);
            self.check_record()?;
        }
        self.refusals(&refusals, &facts, &identity, any, &mut cases).await?;
        let smallest = self.smallest(&run, &cases, &facts).await;
        self.check_record()?;
        // Refused three times, the account is near its lock: then not even a look at the lists is
        // worth two requests more.
        if changing && !self.own_account.is_near_its_lock() {
            self.inventory(AFTER).await;
        }
        let ended_early = self.halted().map(|halt| EndedEarly { kind: halt.kind, what: halt.what });
        Ok(Finished { cases, identity, facts, ended_early, smallest })
    }

    /// Reads the facts that the plan needs.
    pub async fn facts(&self, plan: &Plan<'_>) -> Facts {
        let mut facts = self.scope.facts.clone();
        // A list can have tens of megabytes, so each is read and dropped before the next comes.
        for (number, (discover, operation)) in plan::discoveries(self.contract, plan).enumerate() {
            let body = if self.halted().is_some() {
                None
            } else {
                let exchange = self.ask(&plan::discovery_step(number), 1, &operation.path).await;
                exchange.got.and_then(|got| got.json().ok())
            };
            facts = plan::discovered(self.contract, discover, facts, body.as_ref());
        }
        self.record(Row::Facts { facts: facts.clone() });
        facts
    }

    /// Notes the version that the target told, by which its answers are judged.
    pub fn told(&self, version: Option<&semver::Version>) {
        if let Some(version) = version {
            let _ = self.told.set(version.clone());
        }
    }

    /// The version that the target told.
    fn version(&self) -> Option<semver::Version> {
        self.told.get().cloned()
    }

    /// Keeps what the transport had on the side, and counts what goes wrong in a row.
    fn note(&self, exchange: &Exchange) {
        for aside in self.transport.take_aside() {
            self.record_exchange(&aside);
            if self.transport.uses_session() {
                self.record(Row::Note {
                    text: "The session of the run expired and was opened again.".to_owned(),
                });
            }
        }
        match &exchange.fault {
            Some(fault) if matches!(fault.kind, FaultKind::Refused | FaultKind::Session) => {}
            Some(_) => {
                self.faults_in_a_row.fetch_add(1, Ordering::Relaxed);
            }
            // A look of the run's own between two changes says nothing about changes.
            None if exchange.case.is_empty() => {}
            None => self.faults_in_a_row.store(0, Ordering::Relaxed),
        }
        self.own_account.heard(exchange);
    }

    /// Lists what cases can leave behind, so that the record shows what they did.
    async fn inventory(&self, when: &str) {
        for (what, operation) in plan::inventory(self.contract) {
            self.ask(&format!("{when}-{what}"), 1, &operation.path).await;
        }
    }

    async fn ask(&self, step: &str, attempt: u32, path: &str) -> Exchange {
        self.ask_about("", step, attempt, path).await
    }

    /// A question of the run's own, because of a case.
    async fn ask_about(&self, case: &str, step: &str, attempt: u32, path: &str) -> Exchange {
        let request = Outgoing::read(path, Purpose::Discover);
        let exchange =
            self.transport.exchange(case, step, attempt, &request, self.pace.now()).await;
        self.note(&exchange);
        self.record_exchange(&exchange);
        exchange
    }
}
