//! The course of one case: its requests are sent, and their answers judged.
//!
//! Knows: one case. Must not know: which cases there are, what becomes of its verdict.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;

use crate::catalogue::{Case, StepKind};
use crate::event::Event;
use crate::judge::{CaseRecord, CaseRun, Next, STILL_LISTED, Verdict};
use crate::plan::{self, Facts};
use crate::record::{IntendedRequest, Row};
use crate::why::Why;

use super::patience::Wait;
use super::{BROKE_OFF, Engine};

impl Engine<'_> {
    /// Runs one case and judges it.
    pub async fn run_case(&self, case: &Case, facts: &Facts) -> CaseRecord {
        if let Some(halt) = self.halted() {
            self.stopped_case(case, Why::RunEnded, &halt.what);
            return CaseRecord::not_run(case, Verdict::Unresolved, Why::RunEnded, halt.what);
        }
        (self.observer)(Event::CaseStarted { id: case.id.clone() });
        let mut run =
            CaseRun::new(self.contract, case, facts, self.scope.strict).at(self.version());
        self.drive(case, &mut run).await;
        let mut record = run.finish();
        self.look_for_it(&mut record).await;
        if !case.cleanup.is_empty() {
            self.record(Row::Settled {
                case: case.id.clone(),
                left_over: record.left_over.clone(),
            });
        }
        (self.observer)(Event::finished(&record));
        record
    }

    /// Asks for the list of an element that wasn't there: who isn't listed either may have been
    /// removed by somebody else, or was never there.
    async fn look_for_it(&self, record: &mut CaseRecord) {
        let Some(gone) = record.gone.take() else { return };
        let Some(list) = gone.list(self.contract).filter(|_| self.halted().is_none()) else {
            return;
        };
        let answer = self.ask_about(&record.id, STILL_LISTED, 1, &list.path).await;
        if gone.is_borne_out(self.contract, &answer) {
            record.excuse(&gone, self.scope.strict);
        }
    }

    /// Drives a case from where it stands to its end; a panic on the way is this tool's bug, and
    /// never the end of the run.
    pub async fn drive(&self, case: &Case, run: &mut CaseRun<'_>) {
        if AssertUnwindSafe(self.steps(case, run)).catch_unwind().await.is_err() {
            self.stopped_case(case, Why::BrokeOff, BROKE_OFF);
            run.abandon(Why::BrokeOff, BROKE_OFF);
        }
    }

    async fn steps(&self, case: &Case, run: &mut CaseRun<'_>) {
        let began = self.pace.now();
        let mut poll_began = began;
        let limits = self.transport.limits();
        let mut last = None;
        while let Next::Send { step, attempt, wait, request } = run.next() {
            let graced = Wait::of(step, attempt);
            self.patience.note(last, graced);
            last = graced;
            if graced.is_some_and(|wait| self.patience.is_lost(wait)) && run.hurry() {
                continue;
            }
            let claim = step.kind == StepKind::Claim;
            if attempt == 1 {
                poll_began = self.pace.now();
            }
            if claim {
                let spent = |since: Timestamp, most: Duration| {
                    self.pace.now().duration_since(since).unsigned_abs() > most
                };
                let bound = if spent(began, limits.case_timeout) {
                    Some(format!(
                        "the case exceeded its time limit of {} s",
                        limits.case_timeout.as_secs()
                    ))
                } else if attempt > 1 && spent(poll_began, limits.job_timeout) {
                    Some(format!(
                        "the job exceeded its time limit of {} s",
                        limits.job_timeout.as_secs()
                    ))
                } else {
                    None
                };
                let halt = self.halted().map(|halt| (Why::RunEnded, halt.what));
                if let Some((why, reason)) = halt.or(bound.map(|bound| (Why::Bound, bound))) {
                    self.stopped_case(case, why, &reason);
                    run.stop(why, reason);
                    continue;
                }
            }
            if !wait.is_zero() {
                (self.observer)(Event::Waiting {
                    id: case.id.clone(),
                    step: step.name.clone(),
                    attempt,
                });
                if claim {
                    self.pause(wait).await;
                    if self.halted().is_some() {
                        continue;
                    }
                } else {
                    self.pace.pause(wait).await;
                }
            }
            if claim && request.method != "GET" {
                let cleanup = case
                    .cleanup
                    .iter()
                    .filter(|due| due.when.as_ref() == Some(&step.name))
                    .map(|due| plan::request(self.contract, due, run.facts()).0);
                let cleanup = cleanup
                    .map(|request| IntendedRequest {
                        target: self.transport.redacted(&request.target),
                        body: request.body.map(|body| self.transport.redacted(&body)),
                        method: request.method,
                    })
                    .collect();
                let intended =
                    format!("{} {}", request.method, self.transport.redacted(&request.target));
                self.record(Row::Intent {
                    case: case.id.clone(),
                    step: step.name.clone(),
                    request: intended,
                    cleanup,
                });
                if self.halted().is_some() {
                    // Without its intent in the record, a change isn't sent.
                    continue;
                }
            }
            let turn = self.own_account.turn().await;
            if claim && self.halted().is_some() {
                continue;
            }
            let exchange =
                self.transport.exchange(&case.id, &step.name, attempt, &request, self.pace.now());
            let exchange = if claim && request.method == "GET" {
                // A read can be left waiting for; a change can't, or nobody would know whether it
                // was accepted.
                tokio::select! {
                    exchange = exchange => exchange,
                    () = self.stopped() => continue,
                }
            } else {
                exchange.await
            };
            self.note(&exchange);
            drop(turn);
            self.record_exchange(&exchange);
            run.feed(&exchange);
        }
        self.patience.note(last, None);
    }
}
