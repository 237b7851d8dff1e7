//! How often data reached each requirement in a case.
//!
//! Knows: ids and counts. A run keeps them of every case until its end, so nothing is held in
//! reserve. Must not know: what reaching one means.

use std::collections::BTreeMap;

/// Counts by the id of a requirement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached(Vec<(String, u64)>);

impl From<BTreeMap<String, u64>> for Reached {
    fn from(counts: BTreeMap<String, u64>) -> Self {
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
        self.0.iter().map(|(id, count)| (id.as_str(), *count))
    }

    /// Counts data that reached a requirement.
    pub fn add(&mut self, id: &str, count: u64) {
        match self.place(id) {
            Ok(place) => self.0[place].1 += count,
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, (id.to_owned(), count));
            }
        }
    }

    fn place(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_added_in_the_order_of_ids() {
        let mut reached = Reached::from(BTreeMap::from([("b".to_owned(), 2)]));
        for (id, count) in [("c", 1), ("a", 3), ("b", 4)] {
            reached.add(id, count);
        }
        assert_eq!(reached.iter().collect::<Vec<_>>(), [("a", 3), ("b", 6), ("c", 1)]);
        assert_eq!((reached.get("b"), reached.get("d"), reached.has("c")), (Some(6), None, true));
    }
}
