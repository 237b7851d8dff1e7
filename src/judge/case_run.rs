//! The course of one case: which request is next, what its answer means, and the verdict at the
//! end.
//!
//! Knows: steps, polls, captures, clean-up. A state machine without I/O or clock: a live run and a
//! judgement of a record drive the same one.

mod claim;
mod cleaning;
mod grace;
mod meanwhile;
mod outside;
mod polling;
mod turns;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::catalogue::{Case, GRACE_EVERY, Step};
use crate::contract::{Contract, Severity};
use crate::exchange::{Exchange, Outgoing};
use crate::plan::{self, Facts};
use crate::why::{Beyond, Why};

use super::agreement;
use super::answer::Judged;
use super::gone::Gone;
use super::lifetimes;
use super::looks::Looks;
use super::reached::{Counts, count, count_all};
use super::started::Started;
use super::status;
use super::verdict::{CaseRecord, Finding, Verdict};
use super::versions;
use super::watch::{self, Watches};

/// What the case wants next.
#[derive(Debug)]
pub enum Next<'a> {
    /// Send this, after a pause.
    Send {
        /// The step.
        step: &'a Step,
        /// From 1.
        attempt: u32,
        /// How long to wait first.
        wait: Duration,
        /// The request.
        request: Outgoing,
    },
    /// Nothing more.
    Done,
}

enum Stop {
    Unresolved(String),
    Untested(String),
    /// A finding says it.
    Found,
}

/// What one answer of a poll amounts to.
enum Polled {
    Judge,
    Again,
    Stop(Stop),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Claim(usize),
    Cleanup(usize),
    Done,
}

/// A case under way.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing of its own that was seen, or wasn't"
)]
pub struct CaseRun<'a> {
    contract: &'a Contract,
    case: &'a Case,
    facts: Facts,
    strict: bool,
    /// The appliance's version, as far as it is known.
    version: Option<semver::Version>,
    position: Position,
    attempt: u32,
    accepted: BTreeSet<String>,
    proved: bool,
    /// Why it couldn't be proved, if so.
    doubt: Option<String>,
    looks: Looks,
    /// Whether a job that it followed was seen to end.
    job_ended: bool,
    /// An answer that was put off, because it may be a moment behind.
    held: Option<Box<Exchange>>,
    hurried: bool,
    stop: Option<Stop>,
    /// What stopped it from outside, if something did.
    outside: Option<Why>,
    findings: Vec<Finding>,
    reached: Counts,
    missed: BTreeMap<String, String>,
    beyond: BTreeMap<String, Beyond>,
    left_over: Vec<String>,
    /// Answers that later steps are compared with.
    readings: Vec<agreement::Reading>,
    /// Facts that an answer may lack, and which step gave none.
    absent: BTreeMap<String, String>,
    requests: u32,
    /// What was accepted and may go on after its answer.
    started: Started,
    /// An element that wasn't there.
    gone: Option<Gone>,
    /// Whether a job that it started was still running when it was last seen.
    runs_on: bool,
    /// How many answers in a row to the step that asks again couldn't be read.
    unread: u32,
    /// The look that is due or under way while a step polls.
    aside: Option<meanwhile::Aside>,
    /// How many of them there were.
    asides: u32,
    /// Answers that a later step compares its own with, by step.
    earlier: BTreeMap<String, Arc<Value>>,
    /// The values for which a step is sent one after the other, while it is.
    turns: Option<turns::Turns>,
    watch: Watches,
}

impl<'a> CaseRun<'a> {
    /// A case before its first request.
    #[must_use]
    pub fn new(contract: &'a Contract, case: &'a Case, facts: &Facts, strict: bool) -> Self {
        Self {
            contract,
            case,
            facts: facts.clone(),
            strict,
            version: None,
            position: Position::Claim(0),
            attempt: 1,
            accepted: BTreeSet::new(),
            proved: true,
            doubt: None,
            looks: Looks::default(),
            job_ended: false,
            held: None,
            hurried: false,
            stop: None,
            outside: None,
            findings: Vec::new(),
            reached: Counts::new(),
            missed: BTreeMap::new(),
            beyond: BTreeMap::new(),
            left_over: Vec::new(),
            readings: Vec::new(),
            absent: BTreeMap::new(),
            requests: 0,
            started: Started::default(),
            gone: None,
            runs_on: false,
            unread: 0,
            aside: None,
            asides: 0,
            earlier: BTreeMap::new(),
            turns: None,
            watch: Watches::default(),
        }
    }

    /// The same for an appliance of that version: what the documents say of other versions isn't
    /// judged.
    #[must_use]
    pub fn at(mut self, version: Option<semver::Version>) -> Self {
        self.version = version;
        self
    }

    /// What to send next.
    #[expect(
        clippy::should_implement_trait,
        reason = "each question needs the answer to the last one, so that this is no iterator"
    )]
    pub fn next(&mut self) -> Next<'a> {
        loop {
            let aside = self.aside_step();
            let step = match self.position {
                Position::Claim(index)
                    if aside.is_none()
                        && self.stop.is_none()
                        && self.case.steps.get(index).is_some_and(|step| step.during.is_some()) =>
                {
                    // It was asked meanwhile.
                    self.advance();
                    continue;
                }
                Position::Claim(index) => {
                    let Some(step) = self.case.steps.get(index).filter(|_| self.stop.is_none())
                    else {
                        self.aside = None;
                        self.position = Position::Cleanup(0);
                        self.attempt = 1;
                        continue;
                    };
                    if let Some(why) = self.unsent(step) {
                        self.stop = Some(Stop::Untested(format!(
                            "step `{}` isn't sent, because the state before it couldn't be \
                                established{why}",
                            step.name
                        )));
                        continue;
                    }
                    aside.unwrap_or(step)
                }
                Position::Cleanup(index) => {
                    if let Some(step) = self.case.cleanup.get(index) {
                        if self.skip_cleanup(step) {
                            self.position = Position::Cleanup(index + 1);
                            continue;
                        }
                        step
                    } else {
                        self.position = Position::Done;
                        return Next::Done;
                    }
                }
                Position::Done => return Next::Done,
            };
            self.take_turn(step);
            let (request, unknown) = plan::request(self.contract, step, &self.facts);
            if !unknown.is_empty() {
                let reason = format!(
                    "step `{}` can't be sent: {} isn't known",
                    step.name,
                    unknown.join(", ")
                );
                if matches!(self.position, Position::Cleanup(_)) {
                    self.left_over.push(reason);
                } else if let Some(from) = self.absent_for(&unknown) {
                    let reason = format!("step `{from}` gave no {}", unknown.join(", "));
                    self.missed.extend(step.expect.requirement.clone().map(|id| (id, reason)));
                } else {
                    self.stop = Some(Stop::Unresolved(reason));
                }
                self.advance();
                continue;
            }
            if let Some(wait) = self.wait_aside().filter(|_| aside.is_some()) {
                return Next::Send { step, attempt: self.asides, wait, request };
            }
            let wait = match &step.poll {
                _ if self.attempt == 1 => step.wait,
                Some(poll) => poll.pause_before(self.attempt),
                None if step.grace.is_some() => GRACE_EVERY,
                None => Duration::ZERO,
            };
            return Next::Send { step, attempt: self.attempt, wait, request };
        }
    }

    /// The facts that it knows by now.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The answer to what was sent last.
    pub fn feed(&mut self, exchange: &Exchange) {
        self.requests += 1;
        self.held = None;
        // Two may need the body, and it may be large.
        let parsed = OnceCell::new();
        let step = match self.position {
            Position::Claim(index) => self.case.steps.get(index),
            Position::Cleanup(index) => self.case.cleanup.get(index),
            Position::Done => None,
        };
        if let Some(step) = step {
            watch::take(self.contract, &mut self.watch, step, exchange, &parsed);
        }
        let accepted = exchange.got.as_ref().is_none_or(|got| (200..300).contains(&got.status));
        if accepted
            && exchange.sent.method != "GET"
            && step.is_none_or(|step| plan::may_start_a_job(self.contract, &step.operation))
        {
            self.started.add(exchange);
        }
        match self.position {
            Position::Claim(_) if self.aside.is_some() => self.look(exchange),
            Position::Claim(index) => {
                self.claim(&self.case.steps[index], exchange, parsed.into_inner());
            }
            Position::Cleanup(index) => self.clean(&self.case.cleanup[index], exchange),
            Position::Done => {}
        }
    }

    /// Ends the claim because of something outside of it: a bound, an interruption, a record that
    /// ends.
    pub fn stop(&mut self, why: Why, reason: impl Into<String>) {
        // Asked for again, so that it hadn't ended when it was last seen.
        self.runs_on |= self.attempt > 1
            && self.held.is_none()
            && matches!(self.position, Position::Claim(_))
            && self.case.follows_a_job();
        if self.stop.is_none() {
            self.stop = Some(Stop::Unresolved(reason.into()));
            self.outside = Some(why);
        }
    }

    /// The verdict.
    #[must_use]
    pub fn finish(mut self) -> CaseRecord {
        for left in &self.left_over {
            let step = self.case.cleanup.first().map_or_else(String::new, |step| step.name.clone());
            let requirement = self
                .case
                .cleanup
                .first()
                .or(self.case.steps.last())
                .map_or_else(String::new, |step| status::primary_requirement(self.contract, step));
            self.findings.push(Finding {
                check: "cleanup".to_owned(),
                requirement,
                severity: Severity::Observation,
                pointer: String::new(),
                expected: "the appliance as it was before".to_owned(),
                actual: left.clone(),
                step,
                more: None,
                closed: false,
            });
        }
        let seen = lifetimes::judge(self.contract, &self.watch);
        self.findings.extend(seen.findings);
        for (requirement, seen) in seen.reached {
            count(&mut self.reached, self.contract, &requirement, seen);
        }
        let accused = self.findings.len();
        versions::fit(
            self.contract,
            self.version.as_ref(),
            &mut self.findings,
            &mut self.reached,
            &mut self.missed,
            &mut self.beyond,
        );
        // What ended the case may be no finding on an appliance of this version.
        let broke_off = matches!(self.stop, Some(Stop::Found)) && self.findings.len() < accused;
        let nothing = self.stop.is_none() && self.reached.is_empty() && !self.beyond.is_empty();
        if broke_off || nothing {
            self.stop = Some(Stop::Untested(versions::OTHER_VERSIONS.to_owned()));
        }
        let fails = self.findings.iter().any(|finding| finding.severity.fails(self.strict));
        let (verdict, reason) = match self.stop {
            _ if fails => (Verdict::Fail, None),
            Some(Stop::Unresolved(reason)) => (Verdict::Unresolved, Some(reason)),
            Some(Stop::Untested(reason)) => (Verdict::Untested, Some(reason)),
            Some(Stop::Found) | None => (Verdict::Pass, None),
        };
        let kept =
            |step: &Step| step.capture.iter().any(|capture| self.facts.contains_key(&capture.fact));
        let unfollowed = self.case.is_observation() && self.case.steps.iter().any(kept);
        let why = reason.as_ref().map(|_| self.outside.unwrap_or(Why::Answer));
        CaseRecord {
            id: self.case.id.clone(),
            operation: self.case.operation.clone(),
            title: self.case.title.clone(),
            effect: self.case.effect,
            generated: self.case.generated,
            verdict,
            reason,
            why,
            findings: self.findings,
            reached: self.reached.into(),
            missed: self.missed,
            beyond: self.beyond,
            requests: self.requests,
            left_over: self.left_over,
            // A job that nobody expected isn't followed; it is given time instead.
            unsettled: (unfollowed || (verdict != Verdict::Pass && !self.started.is_empty()))
                .then_some(self.started),
            gone: self.gone,
            runs_on: self.runs_on,
            watched: None,
            unstable: None,
            watch: self.watch,
        }
    }

    /// Why a step of the claim isn't sent, if so: it needs a proof that isn't there.
    fn unsent(&self, step: &Step) -> Option<String> {
        if step.proved && !self.proved {
            return Some(self.doubt.as_ref().map_or_else(String::new, |why| format!(": {why}")));
        }
        self.unproved(step.appeared.as_ref()?)
            .map(|why| format!(": {}", why.as_deref().unwrap_or("nothing appeared")))
    }

    fn absorb(&mut self, judged: Judged) {
        self.findings.extend(judged.findings);
        count_all(&mut self.reached, judged.reached);
        self.missed.extend(judged.missed);
        self.beyond.extend(judged.beyond);
    }

    fn advance(&mut self) {
        self.end_turns();
        self.attempt = 1;
        self.asides = 0;
        self.position = match self.position {
            Position::Claim(index) => Position::Claim(index + 1),
            Position::Cleanup(index) => Position::Cleanup(index + 1),
            Position::Done => Position::Done,
        };
    }
}
