//! Refusals of one request each: the answer of one is judged while the next is under way.
//!
//! Knows: the engine's way of sending and recording. Must not know: how an answer is judged.

use std::panic::AssertUnwindSafe;

use crate::appliance::ListKind;
use crate::catalogue::Case;
use crate::event::Event;
use crate::exchange::Exchange;
use crate::judge::{CaseRecord, CaseRun, Effects, Next, Verdict};
use crate::plan::{self, Facts, LATE, SETTLED, Watched};
use crate::store::{Identity, Row, StoreError};
use crate::why::Why;

use super::{BROKE_OFF, Engine};

impl<'a> Engine<'a> {
    /// Runs refusals of one request each, one after the other. While one is under way, the answer
    /// to the one before is judged, which costs nothing then; but an answer that isn't the expected
    /// one is judged, and left to settle, before anything else is sent. `changed` says whether the
    /// run changed anything before.
    pub(super) async fn refusals<'c>(
        &self,
        cases: &[&'c Case],
        facts: &Facts,
        identity: &Identity,
        changed: bool,
        judged: &mut Vec<CaseRecord>,
    ) -> Result<(), StoreError>
    where
        'a: 'c,
    {
        let mut waiting: Option<(&Case, CaseRun<'_>, Exchange)> = None;
        let (mut effects, mut number) = (Effects::<'c>::new(self.contract), 0);
        let plain: Vec<&Case> =
            cases.iter().copied().filter(|case| case.is_plain_refusal()).collect();
        let mut looks = plan::looks(self.contract, &plain).into_iter();
        if !plain.is_empty() && self.halted().is_none() {
            // What nothing changed needn't settle, and nobody knows what another product lists.
            if changed && identity.unrecognised.is_none() {
                self.settle(SETTLED).await;
            }
            self.look(&mut effects, &mut number, &Watched::all(self.contract), facts).await;
        }
        let mut left = plain.len();
        for case in cases {
            let refusal = case.is_plain_refusal();
            let look = if refusal { looks.next().unwrap_or_default() } else { Vec::new() };
            left -= usize::from(refusal);
            let mut run =
                CaseRun::new(self.contract, case, facts, self.scope.strict).at(self.version());
            let Next::Send { step, attempt, request, .. } = run.next() else {
                judged.push(run.finish());
                continue;
            };
            if let Some(halt) = self.halted() {
                self.stopped_case(case, Why::RunEnded, &halt.what);
                judged.push(CaseRecord::not_run(
                    case,
                    Verdict::Unresolved,
                    Why::RunEnded,
                    halt.what,
                ));
                continue;
            }
            (self.observer)(Event::CaseStarted { id: case.id.clone() });
            if request.method != "GET" {
                let intended =
                    format!("{} {}", request.method, self.transport.redacted(&request.target));
                self.record(Row::Intent {
                    case: case.id.clone(),
                    step: step.name.clone(),
                    request: intended,
                    cleanup: Vec::new(),
                });
                self.check_record()?;
            }
            let exchange =
                self.transport.exchange(&case.id, &step.name, attempt, &request, self.pace.now());
            let before = async {
                // Lets the request leave first.
                tokio::task::yield_now().await;
                waiting.take().map(|(case, run, exchange)| self.judge_one(case, run, &exchange))
            };
            let (exchange, before) = tokio::join!(exchange, before);
            judged.extend(before);
            self.note(&exchange);
            self.record_exchange(&exchange);
            self.check_record()?;
            if refusal {
                effects.refused(case, &exchange);
                self.look(&mut effects, &mut number, &look, facts).await;
                let places = Watched::of_kind(self.contract, ListKind::Places);
                if left == 0 && places.iter().any(|listed| effects.is_told(*listed)) {
                    self.settle(LATE).await;
                    self.look(&mut effects, &mut number, &places, facts).await;
                }
                self.check_record()?;
            }
            let refused = exchange.got.as_ref().is_some_and(|got| {
                step.expect.status.contains(&got.status)
                    || (step.expect.observe.is_some() && got.status >= 400)
            });
            if refused {
                waiting = Some((case, run, exchange));
                continue;
            }
            let record = self.judge_one(case, run, &exchange);
            if let Some(started) =
                record.unsettled.as_ref().filter(|_| identity.unrecognised.is_none())
            {
                self.let_end(started).await;
            }
            judged.push(record);
        }
        judged.extend(
            waiting.take().map(|(case, run, exchange)| self.judge_one(case, run, &exchange)),
        );
        self.charge(effects, judged);
        Ok(())
    }

    /// Judges the one answer of a case; a panic on the way is this tool's bug, and never the end of
    /// the run.
    fn judge_one(&self, case: &Case, mut run: CaseRun<'_>, exchange: &Exchange) -> CaseRecord {
        if std::panic::catch_unwind(AssertUnwindSafe(|| run.feed(exchange))).is_err() {
            self.stopped_case(case, Why::BrokeOff, BROKE_OFF);
            run.abandon(Why::BrokeOff, BROKE_OFF);
        }
        // Nothing is left to send; this moves the case to its end.
        while let Next::Send { .. } = run.next() {
            run.abandon(Why::Answer, "nothing more is sent in a case of one request");
        }
        let record = run.finish();
        (self.observer)(Event::finished(&record));
        record
    }
}
