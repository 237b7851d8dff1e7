//! Looks for what refused requests did all the same, and the search for the one that did it.
//!
//! Knows: the engine's way of sending and recording. Must not know: what a list shows, or who is to
//! blame.

use std::time::Duration;

use crate::appliance::ListKind;
use crate::exchange::Exchange;
use crate::judge::{Ask, CaseRecord, Effects, Started, again};
use crate::plan::{Facts, Watched};
use crate::store::Row;

use super::Engine;

/// How long what nobody follows is left to itself before the next case: ten seconds together. The
/// list of jobs is asked after each pause, and the first ones are short, as some jobs are.
const PAUSES: [Duration; 12] = {
    let mut pauses = [Duration::from_secs(1); 12];
    pauses[0] = Duration::from_millis(250);
    pauses[1] = Duration::from_millis(250);
    pauses[2] = Duration::from_millis(500);
    pauses
};

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
        if let Some(exchange) = self.ask_for(listed, &listed.step(number), attempt).await {
            effects.look(listed, &exchange);
        }
    }

    /// Asks for a list, unless the run is to send no more of its own.
    async fn ask_for(&self, listed: Watched<'_>, step: &str, attempt: u32) -> Option<Exchange> {
        let operation = self.contract.operations.get(&listed.list.operation)?;
        // Refused three times, the account is near its lock.
        if self.halted().is_some() || self.own_account.is_near_its_lock() {
            return None;
        }
        Some(self.ask(step, attempt, &operation.path).await)
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

    /// Gives what a case started, and doesn't follow, time to end. The list of jobs is asked
    /// whether it has; where that doesn't tell, the whole time passes.
    pub(super) async fn let_end(&self, started: &Started) {
        let mut lists = Watched::of_kind(self.contract, ListKind::Jobs);
        if !started.is_named() {
            lists.clear();
        }
        for (attempt, pause) in (1..).zip(PAUSES) {
            self.settle(pause).await;
            for listed in &lists {
                let answer = self.ask_for(*listed, &listed.settles(), attempt).await;
                if answer.is_some_and(|answer| started.has_ended(self.contract, *listed, &answer)) {
                    return;
                }
            }
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
