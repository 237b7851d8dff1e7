//! The clean-up of a case: which steps are due, what they may take away, and what is left over.
//!
//! Knows: what was seen to appear. Must not know: how a claim is judged. Absence is no proof: what
//! wasn't seen to appear, in the very words in which it would be deleted, is left where it is, and
//! told with the request that removes it.

use std::sync::Arc;

use crate::catalogue::{Appeared, Step};
use crate::exchange::{Exchange, Outgoing};
use crate::judge::answer::Judged;
use crate::judge::looks::{Looks, Sight, filled};
use crate::judge::members;
use crate::judge::relation;
use crate::judge::withheld;
use crate::plan;
use crate::why::Why;

use super::{CaseRun, Position};

impl<'a> CaseRun<'a> {
    /// Ends everything, clean-up too; clean-ups that are still due are left over.
    pub fn abandon(&mut self, why: Why, reason: &str) {
        self.stop(why, reason);
        let next = match self.position {
            Position::Cleanup(index) => index,
            Position::Claim(_) => 0,
            Position::Done => return,
        };
        for step in &self.case.cleanup[next..] {
            if self.is_due(step) {
                self.left_over.push(format!("clean-up `{}` wasn't done: {reason}", step.name));
            }
        }
        self.position = Position::Done;
    }

    /// The steps of the clean-up that are due now, as requests: what an interrupted run has to make
    /// good.
    #[must_use]
    pub fn due_cleanup(&self) -> Vec<Outgoing> {
        let due = self
            .case
            .cleanup
            .iter()
            .filter(|step| self.is_due(step) && (self.proved || !step.proved));
        let requests = due
            .map(|step| plan::request(self.contract, step, &self.facts))
            .filter(|(_, unknown)| unknown.is_empty())
            .map(|(request, _)| request);
        requests.filter(|request| request.method != "GET").collect()
    }

    /// Ends what a record tells: from here on the case is taken up again, and what wasn't seen to
    /// appear until now may be somebody else's.
    pub fn take_up_again(&mut self) {
        self.looks.record_ends();
        self.stop(Why::Answer, "swept");
    }

    /// Whether what the step takes back was done, and not taken back yet.
    fn is_due(&self, step: &Step) -> bool {
        step.when.as_ref().is_none_or(|when| self.accepted.contains(when))
            && step.unless.as_ref().is_none_or(|other| !self.accepted.contains(other))
    }

    pub(super) fn skip_cleanup(&mut self, step: &Step) -> bool {
        if !self.is_due(step) {
            return true;
        }
        if step.proved && !self.proved {
            self.left_over.push(format!(
                "clean-up `{}` wasn't done, because the state before it couldn't be established",
                step.name
            ));
            return true;
        }
        let Some(appeared) = &step.appeared else { return false };
        match self.unproved(appeared) {
            None => false,
            Some(None) => true,
            Some(Some(why)) => {
                let (request, _) = plan::request(self.contract, step, &self.facts);
                self.left_over.push(format!(
                    "clean-up `{}` wasn't done: {why}. Anything that this case made there is \
                        left. If it is yours to remove, run: curl -X {} -u USER \"$URL{}\", \
                        where $URL is the address of the appliance",
                    step.name, request.method, request.target
                ));
                true
            }
        }
    }

    /// Why something may not be taken away: `None`, it may; `Some(None)`, there is nothing to take
    /// away.
    #[expect(
        clippy::option_option,
        reason = "both are read at once by the two callers, which tell them apart"
    )]
    pub(super) fn unproved(&self, appeared: &Appeared) -> Option<Option<String>> {
        let place = filled(&appeared.place, &self.facts);
        let what = Looks::what(self.contract, &appeared.reading);
        match self.looks.sight(self.contract, appeared, &self.facts) {
            Sight::Appeared => None,
            Sight::Nothing if self.job_ended => Some(None),
            Sight::Nothing => Some(Some(format!(
                "nothing had appeared at {place} when last checked, and the job may still be \
                    running"
            ))),
            Sight::Before => Some(Some(format!("the {what} was already at {place} before"))),
            Sight::Lost => Some(Some(format!(
                "the {what} is no longer listed where it was before, so this may be the last copy"
            ))),
            Sight::Unknown(why) => Some(Some(why)),
        }
    }

    pub(super) fn clean(&mut self, step: &'a Step, exchange: &Exchange) {
        let outcome = match (&exchange.got, &exchange.fault) {
            (Some(got), _) => {
                let body = got.json().ok();
                self.count_unread(step, got, body.is_some());
                if let Some(poll) = &step.poll {
                    let holds = |conditions: &[_]| {
                        conditions.iter().any(|condition| {
                            members::holds(
                                self.contract,
                                step,
                                condition,
                                &self.facts,
                                got,
                                body.as_ref(),
                            )
                        })
                    };
                    let (failed, done) = (holds(&poll.failed), holds(&poll.until));
                    if !failed
                        && !done
                        && step.expect.status.contains(&got.status)
                        && self.attempt < poll.most()
                        && !self.is_unreadable()
                    {
                        self.attempt += 1;
                        return;
                    }
                    if failed || !done {
                        self.left_over.push(format!("clean-up `{}` didn't complete", step.name));
                        self.advance();
                        return;
                    }
                }
                let expected = step.expect.status.contains(&got.status);
                let mut judged = Judged { body: body.map(Arc::new), ..Judged::default() };
                if expected {
                    members::judge(self.contract, step, &self.facts, got, &self.looks, &mut judged);
                    self.compare(step, &mut judged);
                    relation::judge(self.contract, step, &self.facts, &self.readings, &mut judged);
                    let body = judged.body.clone();
                    withheld::take_back(body.as_deref(), &self.readings, got, &mut judged);
                }
                self.looks.note(step, Some(got), judged.body.as_ref());
                if self.has_grace(step)
                    && (!judged.findings.is_empty()
                        || (self.stop.is_none() && self.is_behind(step)))
                {
                    self.put_off(exchange);
                    return;
                }
                let (mut kept, _) =
                    members::captured(step, &self.facts, got, judged.body.as_deref(), &self.looks);
                withheld::drop_marked(&mut kept);
                self.facts.extend(kept);
                self.note_accepted(step, got);
                if expected {
                    self.absorb(judged);
                    None
                } else {
                    Some(format!("status {}", got.status))
                }
            }
            (None, fault) => {
                self.looks.note(step, None, None);
                Some(fault.as_ref().map_or_else(
                    || "no answer".to_owned(),
                    |fault| format!("no answer ({})", fault.message),
                ))
            }
        };
        if let Some(outcome) = outcome {
            self.left_over.push(format!(
                "clean-up `{}` ({} {}) failed: {outcome}",
                step.name, exchange.sent.method, exchange.sent.target
            ));
        }
        self.advance();
    }

    /// Whether a look doesn't show yet what a later clean-up would take away.
    fn is_behind(&self, look: &Step) -> bool {
        let Position::Cleanup(index) = self.position else { return false };
        let later = self.case.cleanup.iter().skip(index + 1).filter(|step| self.is_due(step));
        let declares = |appeared: &Appeared| {
            self.contract.operations.get(&look.operation).is_some_and(|operation| {
                operation.readings.iter().any(|reading| reading.name == appeared.reading)
            })
        };
        later.filter_map(|step| step.appeared.as_ref()).filter(|appeared| declares(appeared)).any(
            |appeared| {
                matches!(
                    self.looks.sight(self.contract, appeared, &self.facts),
                    Sight::Nothing | Sight::Lost
                )
            },
        )
    }
}
