//! What is known of experiments, what is still to be known, and which of a group of changes break a
//! client.
//!
//! Knows: outcomes of experiments. Must not know: how an experiment is made, or what is done with
//! what is found. What isn't known yet is noted as wanted, and the answer is none; whoever asks
//! goes on with what doesn't depend on it. So a plan is made by asking everything from the start
//! again after each run, and comes to the same, however many run side by side.

use std::collections::{HashMap, HashSet};

use super::element::Seen;
use super::experiment::{Edit, Experiment, Outcome};

/// What came of the experiments so far.
pub type Outcomes = HashMap<Experiment, Outcome>;

/// What is asked, and of what.
pub(super) struct Asking<'a> {
    pub(super) seen: &'a Seen,
    known: &'a Outcomes,
    pub(super) unchanged: &'a Outcome,
    /// Whether what isn't known is taken to change nothing.
    guess: bool,
    wanted: Vec<Experiment>,
    noted: HashSet<Experiment>,
    /// Experiments that were asked for, and are known, by the elements that they change.
    pub(super) asked: HashSet<Experiment>,
    /// Whether one experiment had two outcomes.
    pub(super) flaky: bool,
}

/// The changes that stay in all experiments of a question, and what these alone come to.
#[derive(Clone, Copy)]
pub(super) struct Under<'u> {
    pub(super) with: &'u [Edit],
    pub(super) like: &'u Outcome,
}

/// Which changes of a group break the client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Each alone.
    pub(super) alone: Vec<Edit>,
    /// These only together: a client that needs one of several.
    pub(super) together: Vec<Vec<Edit>>,
}

impl Found {
    pub(super) fn add(&mut self, other: Self) {
        self.alone.extend(other.alone);
        self.together.extend(other.together);
    }
}

impl<'a> Asking<'a> {
    pub(super) fn new(
        seen: &'a Seen,
        known: &'a Outcomes,
        unchanged: &'a Outcome,
        guess: bool,
    ) -> Self {
        Self {
            seen,
            known,
            unchanged,
            guess,
            wanted: Vec::new(),
            noted: HashSet::new(),
            asked: HashSet::new(),
            flaky: false,
        }
    }

    pub(super) fn into_wanted(self) -> Vec<Experiment> {
        self.wanted
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.wanted.is_empty()
    }

    pub(super) fn alone(&self) -> Under<'a> {
        Under { with: &[], like: self.unchanged }
    }

    /// What came of an experiment.
    pub(super) fn outcome(&mut self, experiment: Experiment) -> Option<Outcome> {
        if experiment == Experiment::default() {
            return Some(self.unchanged.clone());
        }
        if let Some(outcome) = self.known.get(&experiment) {
            self.asked.insert(experiment);
            return Some(outcome.clone());
        }
        if self.noted.insert(experiment.clone()) {
            self.wanted.push(experiment);
        }
        self.guess.then(|| self.unchanged.clone())
    }

    /// Whether changes, all at once, break the client.
    pub(super) fn breaks(&mut self, edits: &[Edit], under: Under<'_>) -> Option<bool> {
        if edits.is_empty() {
            return Some(false);
        }
        let all = edits.iter().chain(under.with).copied().collect();
        Some(!self.outcome(Experiment::of(all))?.is_like(under.like))
    }

    /// The changes of a group that break the client.
    pub(super) fn culprits(&mut self, group: &[Edit], under: Under<'_>) -> Option<Found> {
        if !self.breaks(group, under)? {
            return Some(Found::default());
        }
        self.within(group, under, true)
    }

    /// The same of a group that breaks it. Where that isn't seen but follows from what a larger
    /// group did, it isn't `sure`: a client may need one of two, and break when both are changed.
    fn within(&mut self, group: &[Edit], under: Under<'_>, sure: bool) -> Option<Found> {
        if let [only] = group {
            let broken = sure || self.breaks(group, under)?;
            let alone = if broken { vec![*only] } else { Vec::new() };
            return Some(Found { alone, together: Vec::new() });
        }
        let (left, right) = group.split_at(self.middle(group));
        let mut found = if self.breaks(left, under)? {
            // Both halves may go on side by side.
            let first = self.within(left, under, true);
            let second = self.culprits(right, under);
            let mut found = first?;
            found.add(second?);
            found
        } else {
            self.within(right, under, false)?
        };
        if sure && found == Found::default() {
            found = self.together(group, under)?;
        }
        Some(found)
    }

    /// What of a group breaks the client, where no change of it does alone.
    fn together(&mut self, group: &[Edit], under: Under<'_>) -> Option<Found> {
        let all = Experiment::of(group.iter().chain(under.with).copied().collect());
        if self.outcome(all.again(1))?.is_like(under.like) && !self.guess {
            self.flaky = true;
            return Some(Found::default());
        }
        // The shortest beginning that breaks ends with one of them; it stays, and so on.
        let mut needed: Vec<Edit> = Vec::new();
        let mut rest = group.to_vec();
        loop {
            if self.breaks(&needed, under)? {
                break;
            }
            let (mut passes, mut breaks) = (0, rest.len());
            while breaks - passes > 1 {
                let middle = usize::midpoint(passes, breaks);
                let mut tried = needed.clone();
                tried.extend(&rest[..middle]);
                if self.breaks(&tried, under)? {
                    breaks = middle;
                } else {
                    passes = middle;
                }
            }
            if breaks == 0 || rest.is_empty() {
                break;
            }
            needed.push(rest[breaks - 1]);
            rest.truncate(breaks - 1);
        }
        let Some(first) = needed.first().copied() else { return Some(Found::default()) };
        let others: Vec<Edit> = group.iter().copied().filter(|edit| *edit != first).collect();
        let mut found = self.culprits(&others, under)?;
        needed.sort_unstable();
        found.together.push(needed);
        Some(found)
    }

    /// Where a group falls apart: near its middle, and between subtrees where that can be.
    fn middle(&self, group: &[Edit]) -> usize {
        let path = |edit: &Edit| {
            let element = &self.seen.elements[edit.place()];
            (element.operation, element.path.as_str())
        };
        let shared = |at: usize| {
            let ((one, left), (other, right)) = (path(&group[at - 1]), path(&group[at]));
            if one != other {
                return 0;
            }
            1 + left.split('/').zip(right.split('/')).take_while(|(a, b)| a == b).count()
        };
        let half = group.len() / 2;
        let from = (group.len() / 3).max(1);
        let to = (group.len() - group.len() / 3).min(group.len() - 1).max(from);
        (from..=to).min_by_key(|at| (shared(*at), at.abs_diff(half))).unwrap_or(half.max(1))
    }

    /// The changes of a group that break the client, also where another change of the group hides
    /// it: for any two of them there is a run with the one and without the other.
    pub(super) fn sift(&mut self, group: &[Edit], under: Under<'_>) -> Option<Found> {
        let mut found = self.culprits(group, under)?;
        let rest: Vec<Edit> =
            group.iter().copied().filter(|edit| !found.alone.contains(edit)).collect();
        if found.together.is_empty() {
            found.add(self.apart(&rest, under)?);
        }
        Some(found)
    }

    /// The same for a group that breaks nothing as a whole.
    pub(super) fn apart(&mut self, group: &[Edit], under: Under<'_>) -> Option<Found> {
        self.in_sets(&parted(group), under)
    }

    /// The changes that break the client in any of these sets.
    pub(super) fn in_sets(&mut self, sets: &[Vec<Edit>], under: Under<'_>) -> Option<Found> {
        let broken: Vec<Option<bool>> = sets.iter().map(|set| self.breaks(set, under)).collect();
        let mut found = Found::default();
        for (set, broken) in sets.iter().zip(broken.iter().copied().collect::<Option<Vec<_>>>()?) {
            if !broken {
                continue;
            }
            let mut left = set.clone();
            left.retain(|edit| {
                !found.alone.contains(edit) && !found.together.iter().flatten().any(|e| e == edit)
            });
            let more = self.culprits(&left, under)?;
            found.add(more);
        }
        Some(found)
    }
}

/// Sets of a group such that for any two of its elements one set has the first and not the second.
///
/// The fewest that can do that: each element is in half of the sets, and in a half of its own, so
/// that none is wherever another is. That is Sperner's theorem: 12 sets do for 924 elements.
pub(super) fn parted<T: Clone>(group: &[T]) -> Vec<Vec<T>> {
    if group.len() < 2 {
        return Vec::new();
    }
    let count = (2..u64::BITS).find(|count| halves(*count) >= group.len()).unwrap_or(u64::BITS);
    let mut sets: Vec<Vec<T>> = (0..count).map(|_| Vec::new()).collect();
    let of_half_the_bits = (0_u64..).filter(|mask| mask.count_ones() == count / 2);
    for (element, mask) in group.iter().zip(of_half_the_bits) {
        for (bit, set) in sets.iter_mut().enumerate() {
            if mask >> bit & 1 == 1 {
                set.push(element.clone());
            }
        }
    }
    sets
}

/// In how many ways half of so many can be chosen.
fn halves(count: u32) -> usize {
    let half = count as usize / 2;
    (0..half).fold(1, |ways, chosen| ways * (count as usize - chosen) / (chosen + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_any_two_there_is_a_set_with_the_one_and_without_the_other() {
        for (count, most) in [(0, 0), (1, 0), (2, 2), (3, 3), (8, 5), (13, 6), (300, 11)] {
            let group: Vec<usize> = (0..count).collect();
            let sets = parted(&group);
            assert_eq!(sets.len(), most);
            for one in &group {
                for other in group.iter().filter(|other| *other != one) {
                    assert!(sets.iter().any(|set| set.contains(one) && !set.contains(other)));
                }
            }
        }
    }
}
