//! What the guard learns of the past, to check a clean-up against what its case did.
//!
//! Knows: exchanges of this run and of a record. Must not know: what the guard makes of them.

use crate::exchange::{Exchange, Outgoing, Received, Sent};

use super::Transport;

impl Transport {
    /// All cases begin anew: what they did before is no ground for a clean-up.
    pub fn begin(&self) {
        self.guard.forget();
    }

    /// Takes note of what a case did in an earlier run.
    pub fn recall(&self, exchange: &Exchange) {
        let Some(got) = &exchange.got else { return };
        let Sent { method, target, auth, headers, body } = exchange.sent.clone();
        let request = Outgoing { method, target, headers, body, auth, purpose: exchange.purpose };
        self.remember(&exchange.case, &request, got);
    }

    /// Takes note of what a case does.
    pub(super) fn remember(&self, case: &str, request: &Outgoing, got: &Received) {
        if let Ok(url) = self.address.with(&request.target) {
            self.guard.note(case, request, url.path(), got.status, || got.json().ok());
        }
    }
}
