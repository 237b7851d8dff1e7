//! What an answer amounts to while a step asks until something holds, and what none amounts to.
//!
//! Knows: the conditions of a poll. Must not know: what comes after it.

use serde_json::Value;

use crate::catalogue::{Condition, Poll, Step};
use crate::contract::shown;
use crate::exchange::{Exchange, Received};
use crate::why::Why;

use super::super::{answer, members, status, withheld};
use super::{CaseRun, Polled, Position, Stop, outside};

/// After so many unreadable answers in a row, another question tells nothing either.
const MOST_UNREAD: u32 = 3;

impl CaseRun<'_> {
    /// Notes whether an answer could be read, where it may be asked for again.
    pub(super) fn count_unread(&mut self, step: &Step, got: &Received, is_read: bool) {
        if self.attempt == 1 {
            self.unread = 0;
        }
        let is_unread = !is_read && step.expect.status.contains(&got.status) && got.status != 204;
        self.unread = if is_unread { self.unread + 1 } else { 0 };
    }

    /// Whether it isn't worth asking again, because no answer can be read.
    pub(super) fn is_unreadable(&self) -> bool {
        self.unread >= MOST_UNREAD
    }

    pub(super) fn poll(
        &mut self,
        step: &Step,
        poll: &Poll,
        got: &Received,
        body: Option<&Value>,
    ) -> Polled {
        let holds = |conditions: &[Condition]| {
            conditions.iter().any(|condition| {
                members::holds(self.contract, step, condition, &self.facts, got, body)
            })
        };
        let state = poll.until.iter().find_map(|condition| {
            members::value_of(self.contract, step, condition, &self.facts, body)
        });
        let (wrong, done) = (holds(&poll.wrong), holds(&poll.until));
        if let Some(why) = withheld::why_unreadable(state) {
            self.outside = Some(Why::Secret);
            return Polled::Stop(Stop::Unresolved(format!("step `{}`: {why}", step.name)));
        }
        let failed = wrong || holds(&poll.failed);
        self.job_ended |= failed || done;
        if wrong && self.attempt > poll.wrong_after {
            let actual = format!(
                "{}, though it was accepted",
                state.or(body).map_or_else(|| "another end".to_owned(), shown)
            );
            self.findings.push(answer::finding(
                self.contract,
                "job",
                &status::primary_requirement(self.contract, step),
                "",
                "an outcome that fits the request",
                &actual,
                step,
            ));
            return Polled::Stop(Stop::Found);
        }
        if failed {
            self.findings.push(answer::job(
                self.contract,
                step,
                "the accepted job succeeds",
                "accepted, but the job failed",
                state.or(body),
            ));
            return Polled::Stop(Stop::Unresolved("accepted, but the job failed".to_owned()));
        }
        if done || !step.expect.status.contains(&got.status) {
            return Polled::Judge;
        }
        if self.is_unreadable() {
            // What is wrong with the last one is judged all the same.
            self.stop = Some(Stop::Unresolved(format!(
                "step `{}`: {MOST_UNREAD} answers in a row couldn't be read, so what it waits for \
                    can't be seen",
                step.name
            )));
            return Polled::Judge;
        }
        if self.attempt < poll.most() {
            return Polled::Again;
        }
        let budget = poll.budget.as_secs();
        if state.is_some() {
            self.findings.push(answer::job(
                self.contract,
                step,
                &format!("the accepted job completes within {budget} s"),
                "accepted, but not at its end",
                state,
            ));
            self.runs_on = true;
        }
        // The last answer is judged all the same: it may show what is wrong.
        self.stop = Some(Stop::Unresolved(format!(
            "step `{}`: the time budget of {budget} s is used up",
            step.name
        )));
        Polled::Judge
    }

    pub(super) fn received<'e>(
        &mut self,
        step: &Step,
        exchange: &'e Exchange,
    ) -> Option<&'e Received> {
        if let Some(got) = &exchange.got {
            return Some(got);
        }
        let what = exchange.fault.as_ref().map_or_else(
            || "no answer".to_owned(),
            |fault| format!("no answer ({}): {}", fault.kind.word(), fault.message),
        );
        if exchange.sent.method != "GET"
            && self.case.cleanup.iter().any(|due| due.when.as_ref() == Some(&step.name))
        {
            self.left_over.push(format!(
                "`{}` ({} {}) got no answer, so it may have been accepted",
                step.name, exchange.sent.method, exchange.sent.target
            ));
        }
        let what = format!("step `{}`: {what}", step.name);
        self.stop = Some(if outside::no_session(step, exchange) {
            Stop::Untested(what)
        } else if matches!(self.position, Position::Claim(_)) && outside::may_be_dropped(step) {
            Stop::Untested(format!("{what}; a proxy in between may not forward such a request"))
        } else {
            Stop::Unresolved(what)
        });
        self.advance();
        None
    }
}
