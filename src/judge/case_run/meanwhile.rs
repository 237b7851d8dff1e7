//! Looks while a job is under way: the step with `during`, asked between the answers of the step
//! that polls.
//!
//! Knows: how such a look is fitted in and judged. Must not know: what it looks for.

use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::Step;
use crate::exchange::Exchange;

use super::super::answer::Judged;
use super::super::verdict::Finding;
use super::super::{members, unchanged};
use super::{CaseRun, Position, Stop};

/// So often is looked while one job runs.
const MOST_LOOKS: u32 = 20;
/// After so long a look that shows something wrong is repeated: a list may be a moment behind.
const GRACE: Duration = Duration::from_millis(500);

/// A look that is due or under way.
pub(super) struct Aside {
    /// What the look before showed to be wrong; it counts where this one shows it too.
    doubt: Option<Vec<Finding>>,
    /// What ends the case when this look is done.
    then: Option<Stop>,
}

impl<'a> CaseRun<'a> {
    /// The step that is asked while this one polls.
    fn during(&self) -> Option<&'a Step> {
        let Position::Claim(index) = self.position else { return None };
        let polls = self.case.steps.get(index)?;
        self.case.steps.get(index + 1).filter(|step| step.during.as_ref() == Some(&polls.name))
    }

    pub(super) fn has_aside(&self) -> bool {
        self.during().is_some()
    }

    pub(super) fn aside_step(&self) -> Option<&'a Step> {
        self.aside.as_ref().and_then(|_| self.during()).filter(|_| self.stop.is_none())
    }

    pub(super) fn wait_aside(&self) -> Option<Duration> {
        self.aside.as_ref().map(|aside| if aside.doubt.is_some() { GRACE } else { Duration::ZERO })
    }

    /// Whether no step comes after this one.
    pub(super) fn is_last(&self) -> bool {
        matches!(self.position, Position::Claim(index) if self.case.steps[index + 1..].iter().all(|step| step.during.is_some()))
    }

    /// Looks before the next question.
    pub(super) fn look_aside(&mut self, then: Option<Stop>) {
        if self.has_aside() && (self.asides < MOST_LOOKS || then.is_some()) {
            self.asides += 1;
            self.aside = Some(Aside { doubt: None, then });
        }
    }

    /// Compares an answer with those of earlier steps, and keeps it for later ones.
    pub(super) fn compare(&mut self, step: &Step, judged: &mut Judged) {
        unchanged::judge(
            self.contract,
            step,
            &self.facts,
            |name| self.earlier.get(name).cloned(),
            judged,
        );
        if self
            .case
            .steps
            .iter()
            .chain(&self.case.cleanup)
            .flat_map(|later| &later.expect.reads)
            .any(|read| read.as_in.as_ref() == Some(&step.name))
        {
            self.earlier.extend(judged.body.clone().map(|body| (step.name.clone(), body)));
        }
    }

    /// The answer to a look. A list that doesn't come accuses nobody: it isn't what the case is
    /// about.
    pub(super) fn look(&mut self, exchange: &Exchange) {
        let Some(aside) = self.aside.take() else { return };
        let Some(step) = self.during() else { return };
        let got = exchange.got.as_ref().filter(|got| step.expect.status.contains(&got.status));
        let body = got.and_then(|got| got.json().ok());
        if let (Some(got), Some(body)) = (got, body) {
            let mut judged = Judged { body: Some(Arc::new(body)), ..Judged::default() };
            members::judge(self.contract, step, &self.facts, got, &self.looks, &mut judged);
            self.compare(step, &mut judged);
            match aside.doubt {
                None if !judged.findings.is_empty() => {
                    self.asides += 1;
                    self.aside = Some(Aside { doubt: Some(judged.findings), then: aside.then });
                    return;
                }
                Some(doubt) => {
                    judged.findings.retain(|found| {
                        doubt.iter().any(|before| before.requirement == found.requirement)
                    });
                    if !judged.findings.is_empty() {
                        // It is said once.
                        self.asides = MOST_LOOKS;
                    }
                }
                None => {}
            }
            self.absorb(judged);
        }
        if let Some(stop) = aside.then {
            self.stop = Some(stop);
            self.advance();
        }
    }
}
