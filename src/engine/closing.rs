//! The end of a run: its session is closed, and what the run itself sent is judged.
//!
//! Knows: the requests of the run's own session, in the order in which they are sent. Must not know:
//! how a session is shown, or what an answer means.

use std::time::Duration;

use crate::event::Event;
use crate::exchange::{Exchange, Outgoing, Purpose};
use crate::judge::CaseRun;
use crate::plan::{self, Plan};
use crate::record::Row;
use crate::terms::Auth;

use super::{Engine, Finished};

/// An appliance may need a moment to forget a session.
const UNTIL_FORGOTTEN: Duration = Duration::from_millis(500);

/// How what is asked without a session, to compare with, is named in records.
const WITHOUT_SESSION: &str = "without-session";

impl Engine<'_> {
    /// Judges the cases that send nothing, by what the run itself sent.
    pub fn watched(&self, plan: &Plan<'_>, sent: &[Exchange], finished: &mut Finished) {
        for case in &plan.run {
            if case.watches().is_none() || finished.cases.iter().any(|judged| judged.id == case.id)
            {
                continue;
            }
            let judged = CaseRun::watching(
                self.contract,
                case,
                &finished.facts,
                self.scope.strict,
                sent.iter(),
            );
            (self.observer)(Event::finished(&judged));
            finished.cases.push(judged);
        }
    }

    /// Closes the run's session, if it has one; whatever happened before.
    pub async fn logout(&self) -> Option<Exchange> {
        let closed = self.transport.logout(self.pace.now()).await;
        if let Some(exchange) = &closed {
            let status = exchange.got.as_ref().map(|got| got.status);
            self.record_exchange(exchange);
            let text = match status {
                Some(200..300) => return closed,
                Some(401) => "The session of the run had expired, or was closed by somebody \
                    else, before the logout (401)."
                    .to_owned(),
                Some(status) => format!(
                    "The session of the run may still be open: the logout got status {status}."
                ),
                None => {
                    "The session of the run may still be open: the logout got no answer.".to_owned()
                }
            };
            self.record(Row::Note { text });
        }
        closed
    }

    /// Asks for something in the closed session, where the plan judges that. What is shown there is
    /// asked for again after a moment, and without any session: what is shown to everybody tells
    /// nothing of sessions.
    pub async fn after_logout(&self, plan: &Plan<'_>, logout: Option<&Exchange>) -> Vec<Exchange> {
        let mut asked = Vec::new();
        let is_closed = logout.is_some_and(Exchange::is_success);
        let operation = plan::asked_after_logout(self.contract, plan).filter(|_| is_closed);
        let Some(path) = operation.map(|operation| operation.path.as_str()) else { return asked };
        for attempt in 1..=2 {
            let at = self.pace.now();
            let Some(exchange) = self.transport.ask_after_logout(attempt, path, at).await else {
                return asked;
            };
            self.record_exchange(&exchange);
            let is_served = exchange.is_success();
            asked.push(exchange);
            if !is_served {
                return asked;
            }
            if attempt == 1 {
                self.pace.pause(UNTIL_FORGOTTEN).await;
            }
        }
        let nobody = Outgoing { auth: Auth::None, ..Outgoing::read(path, Purpose::AfterLogout) };
        let at = self.pace.now();
        let exchange = self.transport.exchange("", WITHOUT_SESSION, 1, &nobody, at).await;
        self.record_exchange(&exchange);
        asked.push(exchange);
        asked
    }
}
