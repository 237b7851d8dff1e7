//! The grace of a reading: a list may be a moment behind what changed it, so it is asked again
//! before it accuses.
//!
//! Knows: how often. Must not know: a clock; the grace is counted in questions, so that a record
//! gives the same verdict.

use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::Step;
use crate::exchange::{Exchange, Received};
use crate::judge::answer::Judged;
use crate::judge::members;
use crate::judge::reads::{self, Assumed};

use super::CaseRun;

impl CaseRun<'_> {
    /// Whether a step may be asked again.
    pub(super) fn has_grace(&self, step: &Step) -> bool {
        step.grace.is_some()
            && !self.hurried
            && self.attempt < step.most_by_grace()
            && !self.is_unreadable()
    }

    /// Puts an answer off.
    pub(super) fn put_off(&mut self, exchange: &Exchange) {
        self.attempt += 1;
        self.held = Some(Box::new(exchange.clone()));
    }

    /// The record of the grace ends: the answer that was put off is the last one.
    pub fn hurry(&mut self) -> bool {
        let Some(exchange) = self.held.take() else { return false };
        self.hurried = true;
        self.requests = self.requests.saturating_sub(1);
        self.feed(&exchange);
        self.hurried = false;
        true
    }

    /// Whether an answer doesn't show (yet) what the step expects of its rows, keeps of them, or
    /// assumes.
    pub(super) fn is_unmet(&self, step: &Step, got: &Received, body: Option<&Value>) -> bool {
        if !step.expect.status.contains(&got.status) {
            // What isn't there yet.
            return [204, 404].contains(&got.status);
        }
        let mut judged = Judged { body: body.cloned().map(Arc::new), ..Judged::default() };
        members::judge(self.contract, step, &self.facts, got, &self.looks, &mut judged);
        let (_, missing) = members::captured(step, &self.facts, got, body, &self.looks);
        !judged.findings.is_empty()
            || !missing.is_empty()
            || matches!(
                reads::assumed(self.contract, step, &self.facts, &self.looks, got.status, body),
                Assumed::Not(_)
            )
    }
}
