//! What an answer to a step of the claim means: whether it is judged, what it gives to later steps,
//! and whether the case goes on.
//!
//! Knows: the order in which an answer is looked at. Must not know: which request is next.

use serde_json::Value;

use crate::catalogue::{Effect, Step};
use crate::contract::Severity;
use crate::exchange::{Exchange, NoJson, Received};
use crate::plan::Facts;
use crate::why::Why;

use crate::judge::agreement;
use crate::judge::answer::{self, Judged};
use crate::judge::gone::Gone;
use crate::judge::members;
use crate::judge::reached::count;
use crate::judge::reads::{self, Assumed};
use crate::judge::relation;
use crate::judge::status::{self, StatusOutcome};
use crate::judge::versions;
use crate::judge::watch::Parsed;
use crate::judge::withheld;

use super::{CaseRun, Polled, Stop, outside};

impl<'a> CaseRun<'a> {
    /// `parsed` is the body, where somebody has read it already.
    pub(super) fn claim(&mut self, step: &'a Step, exchange: &Exchange, parsed: Option<Parsed>) {
        let Some(got) = self.received(step, exchange) else { return };
        if got.body.truncated && step.expect.status.contains(&got.status) {
            // The bound is ours: what lies beyond it accuses nobody.
            self.note_accepted(step, got);
            self.stop(
                Why::Answer,
                format!(
                    "step `{}`: the body was cut at the limit, after {} bytes; to judge it, raise max-body in \
                        the target file",
                    step.name, got.body.bytes
                ),
            );
            self.advance();
            return;
        }
        let parsed = parsed.unwrap_or_else(|| got.json());
        self.count_unread(step, got, parsed.is_ok());
        if let Some(poll) = &step.poll {
            match self.poll(step, poll, got, parsed.as_ref().ok()) {
                Polled::Judge => {}
                Polled::Again => {
                    self.attempt += 1;
                    self.look_aside(None);
                    return;
                }
                // What a job that failed has left behind is looked at too.
                Polled::Stop(reason) if self.has_aside() => {
                    self.look_aside(Some(reason));
                    return;
                }
                Polled::Stop(reason) => {
                    self.stop = Some(reason);
                    self.advance();
                    return;
                }
            }
        }
        if let Some(reason) = outside::refused_login(step, got.status) {
            self.stop = Some(Stop::Untested(reason));
            self.advance();
            return;
        }
        if step.poll.is_none()
            && self.has_grace(step)
            && self.is_unmet(step, got, parsed.as_ref().ok())
        {
            self.put_off(exchange);
            return;
        }
        match status::judge(self.contract, step, &exchange.sent, got) {
            StatusOutcome::Expected => {}
            StatusOutcome::Broken(finding) if self.doubts(step, got) => {
                let why = self.doubt.as_deref().unwrap_or_default();
                self.stop = Some(Stop::Untested(format!(
                    "step `{}` got {}, so the assumption of the case couldn't be checked: {why}",
                    step.name, finding.actual
                )));
                self.advance();
                return;
            }
            StatusOutcome::Unresolved(reason, finding) => {
                self.findings.extend(finding);
                self.absorb(self.unexpected(step, exchange, got, &parsed));
                self.stop = Some(Stop::Unresolved(format!("step `{}`: {reason}", step.name)));
                self.advance();
                return;
            }
            StatusOutcome::Broken(finding) => {
                self.gone = Gone::of(self.contract, self.case, step, &self.facts, got);
                count(&mut self.reached, self.contract, &finding.requirement, 1);
                self.note_accepted(step, got);
                let last = self.is_last();
                let assumption = step.assume.is_some();
                let breaks = finding.severity == Severity::Violation;
                self.findings.push(finding);
                self.absorb(self.unexpected(step, exchange, got, &parsed));
                if assumption {
                    // The list that would prove the assumption isn't to be had; the claim itself
                    // can still be judged.
                    self.proved = false;
                    self.looks.note(step, Some(got), None);
                } else if last || breaks {
                    self.stop = Some(Stop::Found);
                } else {
                    let why = format!(
                        "step `{}` got {}, so the rest couldn't be judged",
                        step.name, got.status
                    );
                    self.stop = Some(if outside::may_be_dropped(step) {
                        Stop::Untested(why)
                    } else {
                        Stop::Unresolved(why)
                    });
                }
                self.advance();
                return;
            }
        }
        // A step that polls counts as accepted when what it waited for came.
        if self.stop.is_none() {
            self.note_accepted(step, got);
        }
        let version = self.version.as_ref();
        let mut judged = answer::judge(self.contract, version, step, exchange, got, parsed);
        members::judge(self.contract, step, &self.facts, got, &self.looks, &mut judged);
        self.hold_against_others(step, got, &mut judged);
        versions::fit_answer(self.contract, self.version.as_ref(), &mut judged);
        self.keep_reading(step, &judged);
        if self.stop.is_none() {
            self.stop = judged.unchecked.take().map(Stop::Untested);
        }
        match reads::assumed(
            self.contract,
            step,
            &self.facts,
            &self.looks,
            got.status,
            judged.body.as_deref(),
        ) {
            Assumed::Proved => {}
            Assumed::Unknown(why) => {
                self.proved = false;
                self.doubt = Some(why);
            }
            Assumed::Not(reason) => self.stop = Some(Stop::Untested(reason)),
        }
        let (mut kept, missing) =
            members::captured(step, &self.facts, got, judged.body.as_deref(), &self.looks);
        self.keep_no_mark(step, &mut kept);
        if exchange.sent.method == "GET" && step.poll.is_none() {
            let body = judged.body.as_ref().filter(|_| self.looks_back(step));
            self.looks.note(step, Some(got), body);
        }
        self.facts.extend(kept);
        let (optional, missing): (Vec<_>, Vec<_>) = missing.into_iter().partition(|fact| {
            step.capture.iter().any(|capture| capture.optional && capture.fact == *fact)
        });
        self.absent.extend(optional.into_iter().map(|fact| (fact, step.name.clone())));
        if !missing.is_empty() && self.stop.is_none() {
            let found_something =
                judged.findings.iter().any(|finding| finding.severity == Severity::Violation);
            let reason = format!("step `{}` gave no {}", step.name, missing.join(", "));
            let rest = !self.is_last();
            if rest {
                // A list without a row to look at isn't an answer that is wrong.
                let untested = got.status == 204
                    || judged.body.as_ref().is_some_and(|body| members::is_empty(step, body));
                self.stop = Some(if found_something {
                    Stop::Found
                } else if untested {
                    Stop::Untested(reason)
                } else {
                    Stop::Unresolved(reason)
                });
            }
        }
        let withheld = judged.withheld.as_ref().map(|reason| (Why::Secret, reason));
        if let Some((why, reason)) =
            withheld.or(judged.unjudged.as_ref().map(|reason| (Why::Answer, reason)))
        {
            // Where that is no violation, it is no pass either.
            self.stop(why, format!("step `{}`: {reason}", step.name));
        }
        self.absorb(judged);
        self.next_turn();
    }

    /// Compares an answer with other readings of it and with earlier answers; what can't be said
    /// because a secret was taken out is taken back.
    fn hold_against_others(&mut self, step: &Step, got: &Received, judged: &mut Judged) {
        self.compare(step, judged);
        members::judge_others(self.contract, step, &self.facts, got, &self.looks, judged);
        if let Some(agrees) = &step.expect.agrees {
            agreement::judge(self.contract, step, agrees, &self.readings, judged);
        }
        relation::judge(self.contract, step, &self.facts, &self.readings, judged);
        withheld::take_back(judged.body.clone().as_deref(), &self.readings, got, judged);
    }

    /// Drops what holds a secret of the run: later steps can't ask with it.
    fn keep_no_mark(&mut self, step: &Step, kept: &mut Facts) {
        let marked = withheld::drop_marked(kept);
        if !marked.is_empty() && !self.is_last() {
            let why = withheld::why_not_asked(&marked);
            self.stop(Why::Secret, format!("step `{}`: {why}", step.name));
        }
    }

    /// The step whose answer lacked all that is unknown, as it may.
    pub(super) fn absent_for(&self, unknown: &[String]) -> Option<&str> {
        let from = unknown.iter().map(|fact| self.absent.get(fact)).collect::<Option<Vec<_>>>()?;
        from.first().map(|step| step.as_str())
    }

    /// Keeps an answer that a later step holds its own against.
    pub(super) fn keep_reading(&mut self, step: &Step, judged: &Judged) {
        if self.case.steps.iter().chain(&self.case.cleanup).any(|later| {
            later.expect.agrees.iter().any(|agrees| agrees.with.contains(&step.name))
                || later.expect.relates.iter().any(|relation| relation.with == step.name)
        }) {
            self.readings.push((step.name.clone(), judged.body.clone()));
        }
    }

    /// Whether anything in this case may ask again what an answer showed: only a case that changes
    /// something, and a list whose rows have readings, have such a use. Others may have tens of
    /// megabytes.
    pub(super) fn looks_back(&self, step: &Step) -> bool {
        let operation = self.contract.operations.get(&step.operation);
        self.case.effect > Effect::Read
            || operation.is_none_or(|operation| !operation.readings.is_empty())
            || self
                .case
                .steps
                .iter()
                .any(|step| step.capture.iter().any(|capture| capture.since.is_some()))
    }

    pub(super) fn unexpected(
        &self,
        step: &Step,
        exchange: &Exchange,
        got: &Received,
        parsed: &Result<Value, NoJson>,
    ) -> Judged {
        answer::unexpected(self.contract, self.version.as_ref(), step, exchange, got, parsed)
    }

    pub(super) fn note_accepted(&mut self, step: &Step, got: &Received) {
        if (200..300).contains(&got.status) {
            self.accepted.insert(step.name.clone());
            self.looks.mark(&step.name);
        }
    }

    /// Whether a refusal of a right request accuses nobody, because the case may assume what isn't
    /// so.
    pub(super) fn doubts(&self, step: &Step, got: &Received) -> bool {
        self.doubt.is_some()
            && (400..500).contains(&got.status)
            && step.assume.is_none()
            && step.expect.status.iter().all(|status| *status < 300)
    }
}
