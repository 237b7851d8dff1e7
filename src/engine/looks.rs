//! Looks for what refused requests did all the same, and the search for the one that did it.
//!
//! Knows: the engine's way of sending and recording. Must not know: what a list shows, or who is to
//! blame.

use std::time::Duration;

use crate::judge::{Ask, CaseRecord, Effects, again};
use crate::plan::{Facts, Watched};
use crate::store::Row;

use super::Engine;

impl Engine<'_> {
    /// Asks for lists, and then for whatever it takes to find the one that changed them.
    pub(super) async fn look<'c>(
        &self,
        effects: &mut Effects<'c>,
        number: &mut usize,
        lists: &[Watched<'c>],
        facts: &Facts,
    ) {
        *number += usize::from(!lists.is_empty());
        for listed in lists {
            self.look_at(effects, *listed, *number, 1).await;
        }
        let mut attempt = 1;
        while let Some(ask) = effects.ask() {
            if self.halted().is_some() {
                return;
            }
            match ask {
                Ask::Look(listed, wait) => {
                    self.pause(wait).await;
                    attempt += 1;
                    self.look_at(effects, listed, *number, attempt).await;
                }
                Ask::Again(place) => self.send_again(effects, place, facts).await,
            }
        }
    }

    async fn look_at<'c>(
        &self,
        effects: &mut Effects<'c>,
        listed: Watched<'c>,
        number: usize,
        attempt: u32,
    ) {
        let Some(operation) = self.contract.operations.get(&listed.list.operation) else { return };
        // Refused three times, the account is near its lock.
        if self.halted().is_none() && !self.own_account.is_near_its_lock() {
            let exchange = self.ask(&listed.step(number), attempt, &operation.path).await;
            effects.look(listed, &exchange);
        }
    }

    async fn send_again(&self, effects: &mut Effects<'_>, place: usize, facts: &Facts) {
        let Some(case) = effects.case(place) else { return effects.not_sent_again() };
        let Some((step, request)) = again(self.contract, case, facts) else {
            return effects.not_sent_again();
        };
        let intended = format!("{} {}", request.method, self.transport.redacted(&request.target));
        self.record(Row::Intent {
            case: case.id.clone(),
            step: step.clone(),
            request: intended,
            cleanup: Vec::new(),
        });
        if self.halted().is_some() {
            return;
        }
        let exchange = self.transport.exchange(&case.id, &step, 2, &request, self.pace.now()).await;
        self.note(&exchange);
        self.record_exchange(&exchange);
        effects.sent_again(&case.id, &exchange);
    }

    /// Lets time pass before a look, where there is something to look at.
    pub(super) async fn settle(&self, duration: Duration) {
        if self.halted().is_none() {
            self.pause(duration).await;
        }
    }

    /// Puts what was found on the cases, and tells it in the record.
    pub(super) fn charge(&self, effects: Effects<'_>, judged: &mut [CaseRecord]) {
        let (charged, notes) = effects.charge(judged, self.scope.strict);
        for text in notes {
            self.record(Row::Note { text });
        }
        for case in judged.iter().filter(|case| charged.contains(&case.id) && case.failed()) {
            (self.observer)(crate::event::Event::finished(case));
        }
    }
}
