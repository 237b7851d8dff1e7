//! How often data reached each requirement in a case.
//!
//! Knows: ids and counts. A run keeps them of every case until its end, so nothing is held in
//! reserve. Must not know: what reaching one means.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::Contract;

/// Counts while a case is under way, by the id of a requirement, which the contract shares.
pub(super) type Counts = BTreeMap<Arc<str>, u64>;

/// Adds to the count of a requirement.
pub(super) fn count(counts: &mut Counts, contract: &Contract, id: &str, more: u64) {
    match counts.get_mut(id) {
        Some(seen) => *seen += more,
        None => {
            counts.insert(contract.shared_id(id), more);
        }
    }
}

/// Adds all of these.
pub(super) fn count_all(counts: &mut Counts, more: Counts) {
    if counts.is_empty() {
        *counts = more;
        return;
    }
    for (requirement, more) in more {
        *counts.entry(requirement).or_default() += more;
    }
}

/// Counts by the id of a requirement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached(Vec<(Arc<str>, u64)>);

impl From<Counts> for Reached {
    fn from(counts: Counts) -> Self {
        Self(counts.into_iter().collect())
    }
}

impl Reached {
    /// How often data reached a requirement, if it did.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<u64> {
        self.place(id).ok().map(|place| self.0[place].1)
    }

    /// Whether data reached a requirement.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.place(id).is_ok()
    }

    /// The requirements with their counts, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(id, count)| (&**id, *count))
    }

    /// Counts data that reached a requirement of this contract.
    pub fn add(&mut self, contract: &Contract, id: &str, count: u64) {
        match self.place(id) {
            Ok(place) => self.0[place].1 += count,
            Err(place) => self.insert(place, contract.shared_id(id), count),
        }
    }

    /// Adds the counts of another round.
    pub fn extend(&mut self, others: Self) {
        for (id, count) in others.0 {
            match self.place(&id) {
                Ok(place) => self.0[place].1 += count,
                Err(place) => self.insert(place, id, count),
            }
        }
    }

    fn insert(&mut self, place: usize, id: Arc<str>, count: u64) {
        self.0.reserve_exact(1);
        self.0.insert(place, (id, count));
    }

    fn place(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_added_in_the_order_of_ids() {
        let counts = |counts: &[(&str, u64)]| {
            Reached::from(
                counts.iter().map(|(id, count)| (Arc::from(*id), *count)).collect::<Counts>(),
            )
        };
        let mut reached = counts(&[("b", 2)]);
        reached.extend(counts(&[("c", 1), ("a", 3), ("b", 4)]));
        assert_eq!(reached.iter().collect::<Vec<_>>(), [("a", 3), ("b", 6), ("c", 1)]);
        assert_eq!((reached.get("b"), reached.get("d"), reached.has("c")), (Some(6), None, true));
    }
}
