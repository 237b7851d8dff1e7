//! Members that a client needs only while another has the value that it has: it looks at that one
//! first.
//!
//! Knows: elements with their values, and experiments. Must not know: how an experiment is made.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::profile::Change;

use super::element::Shape;
use super::experiment::{Edit, How};
use super::form::Form;
use super::learn::Learner;
use super::values::small;

/// So many values that are looked at before a member is read are told.
const MOST_GUARDS: usize = 4;

/// What came of looking through guards that are known.
enum Search {
    Found(Edit),
    Nothing,
}

impl Learner<'_> {
    /// Which of the needed members aren't missed once other values are unknown. A client that looks
    /// at a value first, and reads on where it is the right one, relies on that value, though it
    /// passes with any.
    pub(super) fn guarded(&mut self, needed: &[usize]) -> Option<BTreeSet<usize>> {
        let minds = |one: &Self, element: usize| {
            let breaks = &one.findings[element].breaks;
            breaks.contains(&Change::UnknownValue) || breaks.contains(&Change::OtherValue)
        };
        let seen = self.asking.seen;
        let mut others: Vec<Edit> = Vec::new();
        for element in seen.which(|one| one.shape == Shape::Scalar && one.met > 0) {
            let values = &self.element(element).values[..self.element(element).met];
            let how = match values.first() {
                _ if minds(self, element) => continue,
                Some(Value::String(_)) => How::Unknown(None),
                Some(Value::Bool(_)) => How::Next(None),
                _ => continue,
            };
            others.push(Edit::of(element, how));
        }
        let mut hidden = Vec::new();
        let mut waits = false;
        for member in needed {
            let mine: Vec<Edit> =
                others.iter().copied().filter(|edit| edit.place() != *member).collect();
            match self.is_missed(*member, &mine) {
                Some(false) if !mine.is_empty() => hidden.push((*member, mine)),
                Some(_) => {}
                None => waits = true,
            }
        }
        if waits {
            return None;
        }
        let mut guards: Vec<Edit> = Vec::new();
        for (member, others) in &hidden {
            let mut others = others.clone();
            // One after the other, as long as it isn't missed while the rest have unknown values.
            for _ in 0..MOST_GUARDS {
                let guard = match self.known_guard(*member, &guards, &others)? {
                    Search::Found(guard) => guard,
                    Search::Nothing => self.guard(*member, others.clone())?,
                };
                if !guards.contains(&guard) {
                    guards.push(guard);
                }
                self.read_under(*member, guard)?;
                others.retain(|other| *other != guard);
                if others.is_empty() || self.is_missed(*member, &others)? {
                    break;
                }
            }
        }
        Some(hidden.into_iter().map(|(member, _)| member).collect())
    }

    /// Notes with which values of a guard a member is read.
    fn read_under(&mut self, member: usize, guard: Edit) -> Option<()> {
        let guarding = self.guarding(member, guard)?;
        self.findings[guard.place()].values.extend(guarding.iter());
        if self.element(guard.place()).form() == Form::Word
            && self.is_missed(member, &[Edit::of(guard.place(), How::Case)])?
        {
            self.findings[guard.place()].note(Change::Case, false);
        }
        let values = guarding.into_iter().map(|value| (guard.place(), Some(value)));
        self.findings[member].only_where.extend(values);
        Some(())
    }

    /// Whether the client breaks without a member while these changes are made.
    pub(super) fn is_missed(&mut self, member: usize, others: &[Edit]) -> Option<bool> {
        let mut edits = others.to_vec();
        edits.push(Edit::of(member, How::Gone));
        let alone = self.asking.alone();
        self.asking.breaks(&edits, alone)
    }

    fn known_guard(&mut self, member: usize, guards: &[Edit], of: &[Edit]) -> Option<Search> {
        for guard in guards {
            if of.contains(guard) && !self.is_missed(member, &[*guard])? {
                return Some(Search::Found(*guard));
            }
        }
        Some(Search::Nothing)
    }

    /// The one of these without which a member isn't missed.
    fn guard(&mut self, member: usize, mut others: Vec<Edit>) -> Option<Edit> {
        while others.len() > 1 {
            let right = others.split_off(others.len() / 2);
            if self.is_missed(member, &others)? {
                others = right;
            }
        }
        others.first().copied()
    }

    /// The values of a guard with which the member is read.
    fn guarding(&mut self, member: usize, guard: Edit) -> Option<Vec<usize>> {
        const MOST: usize = 8;
        let met = self.element(guard.place()).met;
        if met == 1 || met > MOST {
            return Some((0..met.min(1)).collect());
        }
        let mut found = Vec::new();
        let mut waits = false;
        for value in 0..met {
            let how = match guard.how {
                How::Unknown(_) => How::Unknown(Some(small(value))),
                _ => How::Next(Some(small(value))),
            };
            match self.is_missed(member, &[Edit::of(guard.place(), how)]) {
                Some(false) => found.push(value),
                Some(true) => {}
                None => waits = true,
            }
        }
        (!waits).then_some(found)
    }
}
