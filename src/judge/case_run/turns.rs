//! A step that is sent for several rows of a list, one after the other.
//!
//! Knows: which value is next. Must not know: what a row is. The values are a fact of the case, so
//! that a record gives the same requests again.

use crate::catalogue::{BETWEEN, Step};

use super::{CaseRun, Position};

/// The values of a step under way that is sent for each of them.
#[derive(Debug)]
pub(super) struct Turns {
    fact: String,
    /// What the fact was before.
    whole: String,
}

impl Turns {
    fn values(&self) -> impl Iterator<Item = &str> {
        self.whole.split(BETWEEN)
    }

    /// Whose turn it is at an attempt, which count from 1.
    fn at(&self, attempt: u32) -> Option<&str> {
        let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
        self.values().nth(index)
    }
}

impl CaseRun<'_> {
    /// Puts the value whose turn it is in the place of them all.
    pub(super) fn take_turn(&mut self, step: &Step) {
        let Some(fact) = step.each.as_ref().filter(|_| matches!(self.position, Position::Claim(_)))
        else {
            return;
        };
        if self.turns.is_none() {
            self.turns = self
                .facts
                .get(fact)
                .map(|whole| Turns { fact: fact.clone(), whole: whole.clone() });
        }
        if let Some(turns) = &self.turns
            && let Some(value) = turns.at(self.attempt)
        {
            self.facts.insert(turns.fact.clone(), value.to_owned());
        }
    }

    /// Goes on to the next value of the same step, or to the next step.
    pub(super) fn next_turn(&mut self) {
        let more = self.turns.as_ref().is_some_and(|turns| turns.at(self.attempt + 1).is_some());
        if more && self.stop.is_none() {
            self.attempt += 1;
        } else {
            self.advance();
        }
    }

    /// Gives the fact back as it was.
    pub(super) fn end_turns(&mut self) {
        if let Some(turns) = self.turns.take() {
            self.facts.insert(turns.fact, turns.whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_turn_and_there_are_no_more() {
        let turns = |whole: &str| Turns { fact: "row".to_owned(), whole: whole.to_owned() };
        let all = |whole: &str| -> Vec<String> {
            (1..=9).map_while(|attempt| turns(whole).at(attempt).map(str::to_owned)).collect()
        };
        assert_eq!(all("a"), ["a"], "one row alone is a turn too");
        assert_eq!(all("a,b,c"), ["a", "b", "c"]);
        assert_eq!(turns("a,b").at(0), None);
    }
}
