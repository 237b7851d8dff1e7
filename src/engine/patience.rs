//! How long it is worth waiting for a list that may be a moment behind: where it never showed what
//! was waited for, later cases wait less.
//!
//! Knows: how the last waits for each operation ended. Must not know: what was waited for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::catalogue::Step;

/// So many waits for one operation in a row have to be in vain.
const IN_A_ROW: u32 = 3;
/// So many questions are left then; they are a second apart.
const STILL: u32 = 3;

/// The waits of a run.
#[derive(Debug, Default)]
pub(super) struct Patience(Mutex<BTreeMap<String, u32>>);

/// A step that may be asked again, and how often it was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait<'a> {
    step: &'a Step,
    asked: u32,
}

impl<'a> Wait<'a> {
    /// The question that is due, where its answer may be a moment behind.
    pub(super) fn of(step: &'a Step, attempt: u32) -> Option<Self> {
        step.grace.is_some().then_some(Self { step, asked: attempt })
    }

    /// Whether a question is another one of the same wait.
    fn goes_on(self, next: Option<Wait<'_>>) -> bool {
        next.is_some_and(|next| next.step.name == self.step.name && next.asked > self.asked)
    }
}

impl Patience {
    /// Whether another question of a wait isn't worth it.
    pub(super) fn is_lost(&self, wait: Wait<'_>) -> bool {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wait.asked > STILL && ended.get(&wait.step.operation).is_some_and(|vain| *vain >= IN_A_ROW)
    }

    /// Notes how a wait ended, once something else comes next.
    pub(super) fn note(&self, wait: Option<Wait<'_>>, next: Option<Wait<'_>>) {
        let Some(wait) = wait.filter(|wait| !wait.goes_on(next)) else { return };
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let vain = ended.entry(wait.step.operation.clone()).or_default();
        let all = wait.step.most_by_grace();
        let spent = wait.asked >= if *vain >= IN_A_ROW { all.min(STILL) } else { all };
        *vain = if spent && wait.asked > 1 { vain.saturating_add(1) } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Step {
        let contract = crate::contract::built_in();
        let catalogue = crate::catalogue::load(&crate::files::embedded_catalogue()).unwrap();
        let steps = catalogue.cases.iter().flat_map(|case| &case.steps);
        let mut step = steps.clone().find(|step| step.grace.is_some()).unwrap().clone();
        assert!(contract.operations.contains_key(&step.operation));
        assert!(step.most_by_grace() > STILL);
        step.name = name.to_owned();
        step
    }

    #[test]
    fn patience_is_lost_after_three_waits_in_vain_and_comes_back() {
        let (patience, step) = (Patience::default(), step("list"));
        let asked = |attempt| Wait::of(&step, attempt);
        let late = asked(STILL + 1).unwrap();
        for round in 0..3 {
            assert!(!patience.is_lost(late), "after {round} waits");
            for attempt in 1..step.most_by_grace() {
                patience.note(asked(attempt), asked(attempt + 1));
            }
            patience.note(asked(step.most_by_grace()), None);
        }
        assert!(patience.is_lost(late));
        assert!(!patience.is_lost(asked(STILL).unwrap()), "some questions are left");
        patience.note(asked(STILL), None);
        assert!(patience.is_lost(late), "a short wait in vain changes nothing");
        patience.note(asked(2), None);
        assert!(!patience.is_lost(late), "it showed after all");
    }
}
