//! Several rounds of one plan.
//!
//! Knows: the engine's way of running and recording a plan. Must not know: how rounds are folded
//! into one verdict.

use crate::identify::Probe;
use crate::judge::{merge, settle};
use crate::plan::Plan;
use crate::store::{Row, StoreError};

use super::{Engine, Finished};

impl Engine<'_> {
    /// Runs a plan for several rounds, until something ends the run; the record marks each round.
    pub async fn rounds(
        &self,
        plan: &Plan<'_>,
        mut probe: Probe,
        rounds: u32,
    ) -> Result<Finished, StoreError> {
        let (mut judged, mut smallest) = (Vec::new(), Vec::new());
        let mut last = None;
        for number in 1..=rounds.max(1) {
            self.transport.begin();
            if rounds > 1 {
                self.record(Row::Round { number, of: rounds });
            }
            let mut finished = self.run(plan, &probe).await?;
            settle(self.contract, self.scope.strict, &mut finished.cases);
            judged.push(std::mem::take(&mut finished.cases));
            smallest.append(&mut finished.smallest);
            let ended = finished.ended_early.is_some();
            last = Some(finished);
            if ended {
                break;
            }
            // Who the target is was asked and recorded once.
            (probe.login, probe.exchange, probe.second) = (None, None, None);
        }
        let mut finished = last.unwrap_or_else(|| Finished {
            cases: Vec::new(),
            identity: probe.identity,
            facts: self.scope.facts.clone(),
            ended_early: None,
            smallest: Vec::new(),
        });
        finished.cases = merge(judged);
        finished.smallest = smallest;
        Ok(finished)
    }
}
