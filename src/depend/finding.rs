//! What was found of one element.
//!
//! Knows: changes and values. Must not know: how it was found.

use std::collections::{BTreeMap, BTreeSet};

use crate::profile::Change;

/// What is known of an element after experiments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// Changes that break the client.
    pub breaks: BTreeSet<Change>,
    /// Changes that were tried and don't.
    pub tolerates: BTreeSet<Change>,
    /// Values relied on, by their number in the element.
    pub values: BTreeSet<usize>,
    /// Whether the values must be spelt as they are, whatever they say: a number, a time.
    pub spelt: bool,
    /// Whether it was needed only with values that weren't served.
    pub unserved: bool,
    /// Whether it is relied on only where another element has a value: that element's number, and
    /// the value's.
    pub only_where: BTreeSet<(usize, Option<usize>)>,
    /// For a `*` of the path, the only rows that matter.
    pub rows: BTreeMap<usize, Vec<usize>>,
    /// Elements that have to have the same values, whatever these are: a reference.
    pub same_as: BTreeSet<usize>,
    /// Elements one of which is needed, with this one.
    pub one_of: BTreeSet<usize>,
}

impl Finding {
    /// Notes what came of a change.
    pub(super) fn note(&mut self, change: Change, broke: bool) {
        if broke {
            self.breaks.insert(change);
            self.tolerates.remove(&change);
        } else if !self.breaks.contains(&change) {
            self.tolerates.insert(change);
        }
    }

    /// Whether the client breaks without it.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.breaks.contains(&Change::Gone)
    }

    /// Whether anything depends on it.
    #[must_use]
    pub fn matters(&self) -> bool {
        !self.breaks.is_empty() || !self.values.is_empty() || !self.one_of.is_empty()
    }
}
