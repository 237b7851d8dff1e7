//! Runs a plan: identifies the target, learns facts, drives each case, keeps every exchange in the record.
//!
//! Knows: plan, transport, record. Must not know: terminals, reports, which target it is. Judging is left to `judge`.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use jiff::Timestamp;
use serde_json::Value;

use crate::catalogue::{Auth, Case, Effect};
use crate::contract::Contract;
use crate::event::Event;
use crate::exchange::{Exchange, Outgoing, Purpose};
use crate::judge::{CaseRecord, CaseRun, Next, Verdict};
use crate::plan::{self, Facts, LeftOut, Plan, Scope};
use crate::store::{EndedEarly, Identity, Row, StoreError};
use crate::transport::Transport;

/// Time as the run sees it: real for an appliance, simulated where the peer's clock is ours.
pub trait Pace: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Lets time pass.
    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// How long a job that nobody can follow is left to itself before the next case.
const SETTLE: Duration = Duration::from_secs(10);

/// Takes the rows of a record.
pub trait Recorder: Send {
    /// Keeps one row.
    fn row(&mut self, row: Row) -> Result<(), StoreError>;
}

impl Recorder for crate::store::RecordWriter {
    fn row(&mut self, row: Row) -> Result<(), StoreError> {
        self.append(row)
    }
}

/// Keeps rows in memory.
#[derive(Debug, Default)]
pub struct MemoryRecord(pub Vec<Row>);

impl Recorder for MemoryRecord {
    fn row(&mut self, row: Row) -> Result<(), StoreError> {
        self.0.push(row);
        Ok(())
    }
}

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
    recorder: Mutex<&'a mut dyn Recorder>,
    broken: Mutex<Option<StoreError>>,
}

impl<'a> Engine<'a> {
    /// An engine that has sent nothing yet.
    pub fn new(contract: &'a Contract, scope: &'a Scope, transport: &'a Transport, pace: &'a dyn Pace, observer: &'a (dyn Fn(Event) + Sync), recorder: &'a mut dyn Recorder) -> Self {
        Self { contract, scope, transport, pace, observer, recorder: Mutex::new(recorder), broken: Mutex::new(None) }
    }

    /// Runs a plan against a target that was asked who it is.
    pub async fn run(&self, plan: &Plan<'_>, probe: &Probe) -> Result<Finished, StoreError> {
        self.record(Row::Exchange(Box::new(probe.exchange.clone())));
        self.check_record()?;
        let identity = match &probe.outcome {
            Ok(identity) => identity.clone(),
            Err(early) => {
                let cases = plan.run.iter().map(|case| CaseRecord::not_run(case, Verdict::Unresolved, early.what.clone()));
                let cases = cases.chain(plan.left_out.iter().map(|(case, reason)| left_out(case, reason))).collect();
                return Ok(Finished { cases, identity: Identity::default(), facts: self.scope.facts.clone(), ended_early: Some(early.clone()) });
            }
        };
        self.record(Row::Identity(identity.clone()));
        (self.observer)(Event::Identified { target: described(&identity) });
        let facts = self.facts(plan).await;
        let version = identity.version.as_deref().and_then(version);
        let mut run: Vec<&Case> = Vec::new();
        let mut cases: Vec<CaseRecord> = plan.left_out.iter().map(|(case, reason)| left_out(case, reason)).collect();
        for case in &plan.run {
            match plan::settle(self.contract, case, &facts, version.as_ref()) {
                Some(reason) => {
                    self.record(Row::LeftOut { case: case.id.clone(), reason: reason.clone() });
                    cases.push(left_out(case, &reason));
                }
                None => run.push(case),
            }
        }
        (self.observer)(Event::Started { cases: run.len() });
        let (reads, changes): (Vec<&Case>, Vec<&Case>) = run.into_iter().partition(|case| case.effect == Effect::Read);
        let side_by_side = self.transport.limits().concurrency.max(1);
        let judged: Vec<CaseRecord> = futures_util::stream::iter(reads.into_iter().map(|case| self.run_case(case, &facts))).buffer_unordered(side_by_side).collect().await;
        cases.extend(judged);
        self.check_record()?;
        for case in changes {
            let judged = self.run_case(case, &facts).await;
            if judged.unsettled {
                // What the case started and couldn't follow must not be taken for the fault of the next one.
                self.pace.pause(SETTLE).await;
            }
            cases.push(judged);
            self.check_record()?;
        }
        Ok(Finished { cases, identity, facts, ended_early: None })
    }

    /// Reads the facts that the plan needs.
    pub async fn facts(&self, plan: &Plan<'_>) -> Facts {
        let body = if plan.discover.is_empty() { None } else { self.ask(Purpose::Discover, "discover", "/managementServer/data").await.got.and_then(|got| got.json().ok()) };
        let facts = plan::discovered(self.contract, &self.scope.facts, body.as_ref());
        self.record(Row::Facts { facts: facts.clone() });
        facts
    }

    /// Runs one case and judges it.
    pub async fn run_case(&self, case: &Case, facts: &Facts) -> CaseRecord {
        (self.observer)(Event::CaseStarted { id: case.id.clone() });
        let mut run = CaseRun::new(self.contract, case, facts, self.scope.strict);
        loop {
            match run.next() {
                Next::Done => break,
                Next::Send { step, attempt, wait, request } => {
                    if !wait.is_zero() {
                        (self.observer)(Event::Waiting { id: case.id.clone(), step: step.name.clone(), attempt });
                        self.pace.pause(wait).await;
                    }
                    let exchange = self.transport.exchange(&case.id, &step.name, attempt, &request, self.pace.now()).await;
                    run.feed(&exchange);
                    self.record(Row::Exchange(Box::new(exchange)));
                }
            }
        }
        let record = run.finish();
        (self.observer)(Event::CaseFinished { id: case.id.clone(), verdict: record.verdict });
        record
    }

    async fn ask(&self, purpose: Purpose, step: &str, path: &str) -> Exchange {
        let request = Outgoing { method: "GET".to_owned(), target: path.to_owned(), headers: vec![("accept".to_owned(), "application/json".to_owned())], body: None, auth: Auth::Default, purpose };
        let exchange = self.transport.exchange("", step, 1, &request, self.pace.now()).await;
        self.record(Row::Exchange(Box::new(exchange.clone())));
        exchange
    }

    fn record(&self, row: Row) {
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = recorder.row(row) {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    fn check_record(&self) -> Result<(), StoreError> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

/// The first question of a run, asked before anything is planned or recorded.
#[derive(Debug, Clone)]
pub struct Probe {
    /// `GET /aicc` and what came back.
    pub exchange: Exchange,
    /// Who it is, or why the run can't go on.
    pub outcome: Result<Identity, EndedEarly>,
}

/// Asks the target who it is.
pub async fn probe(transport: &Transport, pace: &dyn Pace) -> Probe {
    let request = Outgoing {
        method: "GET".to_owned(),
        target: "/aicc".to_owned(),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        body: None,
        auth: Auth::Default,
        purpose: Purpose::Identify,
    };
    let exchange = transport.exchange("", "identify", 1, &request, pace.now()).await;
    let outcome = match (&exchange.fault, &exchange.got) {
        (Some(fault), _) => Err(EndedEarly { kind: "unreachable".to_owned(), what: format!("{} gave no answer ({}): {}", transport.base(), fault.kind.word(), fault.message) }),
        (None, Some(got)) if got.status == 401 => Err(EndedEarly { kind: "credentials".to_owned(), what: format!("{} refused the credentials (401 on GET /aicc)", transport.base()) }),
        _ => Ok(identity_of(&exchange)),
    };
    Probe { exchange, outcome }
}

/// A case that the plan or the appliance left out.
#[must_use]
pub fn left_out(case: &Case, reason: &LeftOut) -> CaseRecord {
    let verdict = if matches!(reason, LeftOut::TooOld { .. }) { Verdict::Unsupported } else { Verdict::Untested };
    CaseRecord::not_run(case, verdict, reason.to_string())
}

/// Reads `GET /aicc`.
#[must_use]
pub fn identity_of(exchange: &Exchange) -> Identity {
    let Some(got) = &exchange.got else { return Identity::default() };
    let double = got.header("x-lxca-conform-double").is_some();
    let body = got.json();
    let appliance = body.as_ref().ok().and_then(|body| body.get("appliance")).filter(|appliance| appliance.is_object());
    let text = |name: &str| appliance.and_then(|appliance| appliance.get(name)).and_then(Value::as_str).map(str::to_owned);
    let unrecognised = match (appliance, &body) {
        (Some(_), _) if text("version").is_some() => None,
        (_, Ok(_)) => Some(format!("GET /aicc answered {} with JSON that has no appliance.version", got.status)),
        (_, Err(_)) => {
            let server = got.header("server").map(|server| format!(", server {server}")).unwrap_or_default();
            let label = got.header("content-type").unwrap_or("no content type");
            Some(format!("GET /aicc answered {} ({label}, {} bytes{server})", got.status, got.body.bytes))
        }
    };
    Identity { double, version: text("version"), uuid: text("uuid"), name: text("name"), unrecognised }
}

/// A product version such as `4.1.0`, `v4.1` or `4.1.0-build`.
#[must_use]
pub fn version(text: &str) -> Option<semver::Version> {
    let mut numbers = text.trim().trim_start_matches(['v', 'V']).split(['.', '-', '_', ' ']).map_while(|part| part.parse::<u64>().ok());
    let major = numbers.next()?;
    Some(semver::Version::new(major, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
}

fn described(identity: &Identity) -> String {
    let version = identity.version.as_deref().unwrap_or("unknown version");
    match (identity.double, &identity.unrecognised) {
        (true, _) => format!("the double, version {version}"),
        (false, None) => format!("LXCA {version}"),
        (false, Some(what)) => format!("not recognised as an LXCA: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_versions_are_read_as_appliances_write_them() {
        assert_eq!(version("4.1.0"), Some(semver::Version::new(4, 1, 0)));
        assert_eq!(version("v4.2"), Some(semver::Version::new(4, 2, 0)));
        assert_eq!(version("unknown"), None);
    }
}
