//! Which values a client relies on: words that it knows, numbers, and the spelling of both.
//!
//! Knows: elements with their values, and experiments. Must not know: how an experiment is made.

use crate::profile::Change;

use super::element::Element;
use super::experiment::{Edit, End, Experiment, How};
use super::form::Form;
use super::learn::{Learner, each};

/// Beyond so many words of one element, the others aren't put in one by one.
const MOST_PUT_IN: usize = 16;

impl Learner<'_> {
    /// Values that nobody knows: who minds, and of those which values they want.
    pub(super) fn values(&mut self) -> Option<()> {
        let texts = self
            .asking
            .seen
            .which(|one| one.values[..one.met].iter().any(serde_json::Value::is_string));
        let group = each(&texts, How::Unknown(None));
        let alone = self.asking.alone();
        let found = self.asking.sift(&group, alone)?;
        self.note(&group, &found);
        let mut whole = Some(());
        for edit in &found.alone {
            whole = self.relied(edit.place()).and(whole);
        }
        whole
    }

    /// What a member is relied on for whose unknown value breaks the client.
    fn relied(&mut self, element: usize) -> Option<()> {
        let form = self.element(element).form();
        if matches!(form, Form::NumberText | Form::Time | Form::Dotted) {
            let unknown = self.one(element, How::Unknown(None));
            let next = self.one(element, How::Next(None));
            let (unknown, next) = (unknown?, next?);
            let alike = next.is_like(self.asking.unchanged);
            // A number that was read and printed comes out otherwise, and the command still ends
            // well.
            if alike || (next.end == End::Exit(0) && unknown.end != next.end) {
                self.findings[element].spelt = true;
                self.findings[element].note(Change::OtherValue, !alike);
                return Some(());
            }
            self.findings[element].note(Change::OtherValue, true);
        }
        if self.is_reference(element)? {
            return Some(());
        }
        let met = self.element(element).met;
        let mut waits = false;
        if met == 1 {
            self.findings[element].values.insert(0);
        } else {
            let group: Vec<Edit> =
                (0..met).map(|value| Edit::of(element, How::Unknown(Some(small(value))))).collect();
            let alone = self.asking.alone();
            let found = self.asking.culprits(&group, alone);
            waits |= found.is_none();
            for edit in found.iter().flat_map(|found| &found.alone) {
                if let How::Unknown(Some(value)) = edit.how {
                    self.findings[element].values.insert(usize::from(value));
                }
            }
        }
        waits |= self.put_in(element).is_none();
        if form == Form::Word && !waits {
            let case = self.one(element, How::Case)?;
            self.findings[element].note(Change::Case, !case.is_like(self.asking.unchanged));
        }
        (!waits).then_some(())
    }

    /// Whether a client only looks for the value of one member among those of others: it passes
    /// where all of them have other values, and the same ones.
    fn is_reference(&mut self, element: usize) -> Option<bool> {
        let one = self.element(element);
        if one.form() != Form::Word || one.met < 2 {
            return Some(false);
        }
        let shares = |other: &Element| {
            other.values[..other.met].iter().any(|value| one.values[..one.met].contains(value))
        };
        let mut same = self.asking.seen.which(shares);
        same.retain(|other| *other != element);
        if same.is_empty() {
            return Some(false);
        }
        let mut edits = each(&same, How::Alike);
        edits.push(Edit::of(element, How::Alike));
        let alone = self.asking.alone();
        if self.asking.breaks(&edits, alone)? {
            return Some(false);
        }
        let minds =
            |one: &Self, other: usize| one.findings[other].breaks.contains(&Change::UnknownValue);
        same.retain(|other| minds(self, *other));
        self.findings[element].same_as.extend(same);
        Some(true)
    }

    /// Each known word in all rows: one that doesn't break a client that minds unknown ones is one
    /// that it knows.
    fn put_in(&mut self, element: usize) -> Option<()> {
        let one = self.element(element);
        let (met, all) = (one.met, one.values.len());
        if all > MOST_PUT_IN || (all == met && !one.has_words() && met > 1) {
            return self.tried(&[Edit::of(element, How::Set(0))]).map(|_| ());
        }
        let mut waits = false;
        for value in (0..all).filter(|value| met > 1 || *value > 0) {
            let Some(outcome) = self.one(element, How::Set(small(value))) else {
                waits = true;
                continue;
            };
            let alike = outcome.is_like(self.asking.unchanged);
            self.findings[element].note(Change::OtherValue, !alike);
            let none_alone = self.findings[element].values.is_empty();
            if alike && (value >= met || none_alone) {
                self.findings[element].values.insert(value);
            }
        }
        (!waits).then_some(())
    }

    /// One change of one element.
    pub(super) fn one(&mut self, element: usize, how: How) -> Option<super::Outcome> {
        self.asking.outcome(Experiment::of(vec![Edit::of(element, how)]))
    }

    /// Numbers: the next one in the place of each.
    pub(super) fn numbers(&mut self) {
        let seen = self.asking.seen;
        let numbers = seen.which(|one| {
            one.form() == Form::Number
                && !one.values[..one.met].iter().any(|value| seen.is_asked_for(value))
        });
        let alone = self.asking.alone();
        let group = each(&numbers, How::Next(None));
        let Some(found) = self.asking.culprits(&group, alone) else { return };
        let mut minded = found.clone();
        minded.alone.clear();
        let mut decisive = Vec::new();
        for edit in &found.alone {
            let far = self.one(edit.place(), How::Far);
            let next = self.one(edit.place(), How::Next(None));
            let (Some(far), Some(next)) = (far, next) else { continue };
            // It is only passed on.
            if far.passes_on() && far.is_like(self.asking.unchanged) {
                continue;
            }
            minded.alone.push(*edit);
            // Where each number gives another output, it is reckoned with, and none is relied on.
            let reckoned = next.end == End::Exit(0) && far.end == next.end && far.back != next.back;
            if !reckoned {
                decisive.push(edit.place());
            }
        }
        self.note(&group, &minded);
        for element in decisive {
            let met = self.element(element).met;
            if met == 1 {
                self.findings[element].values.insert(0);
                continue;
            }
            let group: Vec<Edit> =
                (0..met).map(|value| Edit::of(element, How::Next(Some(small(value))))).collect();
            let Some(found) = self.asking.culprits(&group, alone) else { continue };
            for edit in found.alone {
                if let How::Next(Some(value)) = edit.how {
                    self.findings[element].values.insert(usize::from(value));
                }
            }
        }
    }
}

/// The number of a value, as an experiment has it.
pub(super) fn small(value: usize) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
