//! Clean-up: which of its steps are due, and what is left over when one doesn't come to its end.
//!
//! Knows: the steps that were accepted, and what was proved. Must not know: what the case claims.

use crate::catalogue::Step;
use crate::exchange::Exchange;

use super::super::answer::Judged;
use super::super::members;
use super::CaseRun;

impl<'a> CaseRun<'a> {
    pub(super) fn clean(&mut self, step: &'a Step, exchange: &Exchange) {
        let outcome = match (&exchange.got, &exchange.fault) {
            (Some(got), _) => {
                let body = got.json().ok();
                if let Some(poll) = &step.poll {
                    let failed = poll.failed.iter().any(|condition| members::holds(condition, &self.facts, got, body.as_ref()));
                    let done = poll.until.iter().any(|condition| members::holds(condition, &self.facts, got, body.as_ref()));
                    if !failed && !done && step.expect.status.contains(&got.status) && self.attempt < poll.most() {
                        self.attempt += 1;
                        return;
                    }
                    if failed || !done {
                        self.left_over.push(format!("clean-up `{}` didn't come to its end", step.name));
                        self.advance();
                        return;
                    }
                }
                let (kept, _) = members::captured(step, &self.facts, body.as_ref());
                self.facts.extend(kept);
                self.note_accepted(step, got);
                if step.expect.status.contains(&got.status) {
                    let mut judged = Judged { body, ..Judged::default() };
                    members::judge(self.contract, step, &self.facts, got, &mut judged);
                    self.absorb(judged);
                    None
                } else {
                    Some(format!("status {}", got.status))
                }
            }
            (None, fault) => Some(fault.as_ref().map_or_else(|| "no answer".to_owned(), |fault| format!("no answer ({})", fault.message))),
        };
        if let Some(outcome) = outcome {
            self.left_over.push(format!("clean-up `{}` ({} {}) failed: {outcome}", step.name, exchange.sent.method, exchange.sent.target));
        }
        self.advance();
    }

    pub(super) fn skip_cleanup(&mut self, step: &Step) -> bool {
        if step.when.as_ref().is_some_and(|when| !self.accepted.contains(when)) {
            return true;
        }
        if step.proved && !self.proved {
            self.left_over.push(format!("clean-up `{}` wasn't done, because it couldn't be proved what was there before", step.name));
            return true;
        }
        false
    }
}
