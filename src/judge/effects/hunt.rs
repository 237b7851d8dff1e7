//! The search for the request that did what it was refused for: it is sent again until it was seen
//! to do it three times more, with quiet looks between.
//!
//! Knows: numbers of requests and rows of one list. Must not know: what the requests are.

use std::time::Duration;

use crate::appliance::ListKind;
use crate::plan::Watched;

use super::Ask;
use super::listed::Items;

/// How many looks must show nothing new before several requests are sent again,
const QUIET_FOR_SEVERAL: u32 = 1;
/// and before one is, for the first time and to prove it: so different that no rhythm of somebody
/// else's doings fits.
const QUIET_FOR_ONE: [u32; 3] = [2, 3, 6];
/// So often something may happen while nothing is sent.
const MOST_NOISE: u32 = 2;
/// So long a job that appeared is waited for: while it is under way, the next one may be refused
/// for it.
const PAUSE: Duration = Duration::from_secs(1);
const MOST_WAITS: u32 = 60;

/// What was seen after refused requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A new row.
    Appears,
    /// The list doesn't come.
    Fails,
}

/// What a search came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// This one did it, in its group and as often alone as must be.
    Found(usize),
    /// None of them, for this reason.
    NotFound(&'static str),
}

/// A search under way.
#[derive(Debug)]
pub(super) struct Hunt<'c> {
    listed: Watched<'c>,
    what: What,
    candidates: Vec<usize>,
    /// Rows that appeared, in their order.
    ids: Vec<String>,
    /// Groups that are still to be tried, the next one last.
    todo: Vec<Vec<usize>>,
    /// How much of the group was sent.
    sent: usize,
    /// Looks without anything new, in a row.
    quiet: u32,
    noise: u32,
    waits: u32,
    /// Whether a job that appeared is still under way.
    under_way: bool,
    /// How often the last one of the group, sent alone, was seen to do it,
    alone: usize,
    /// and how often it must be.
    proof: usize,
    /// How many rows appeared at the look that led to the search.
    at_first: usize,
    /// How many of the rows another search had seen before.
    inherited: usize,
    outcome: Option<Outcome>,
}

impl<'c> Hunt<'c> {
    pub(super) fn new(
        listed: Watched<'c>,
        what: What,
        candidates: Vec<usize>,
        ids: Vec<String>,
    ) -> Self {
        let mut todo = Vec::new();
        if let Some((first, rest)) = candidates.split_first() {
            if !rest.is_empty() {
                todo.push(rest.to_vec());
            }
            // Where all of them do it, the first one alone is the shortest way.
            todo.push(vec![*first]);
        }
        let (proof, at_first) = (QUIET_FOR_ONE.len(), ids.len());
        // Whether the job is under way is seen at the first quiet look.
        Self {
            listed,
            what,
            candidates,
            ids,
            todo,
            sent: 0,
            quiet: 0,
            noise: 0,
            waits: 0,
            under_way: false,
            alone: 0,
            proof,
            at_first,
            inherited: 0,
            outcome: None,
        }
    }

    /// A search among others of the same group, after one of them was proved to do it: once more is
    /// enough.
    pub(super) fn beside(&self, candidates: Vec<usize>) -> Self {
        let hunt = Self::new(self.listed, self.what, candidates, Vec::new());
        Self {
            proof: 1,
            under_way: self.under_way,
            ids: self.ids.clone(),
            inherited: self.ids.len(),
            ..hunt
        }
    }

    /// Whether another one of its group did it before.
    pub(super) fn is_beside(&self) -> bool {
        self.proof == 1
    }

    /// Whether more appeared than one of the group brings about.
    pub(super) fn has_accomplices(&self) -> bool {
        self.what == What::Appears && self.at_first > 1
    }

    pub(super) fn listed(&self) -> Watched<'c> {
        self.listed
    }

    pub(super) fn what(&self) -> What {
        self.what
    }

    pub(super) fn candidates(&self) -> &[usize] {
        &self.candidates
    }

    /// The rows that this search saw appear.
    pub(super) fn ids(&self) -> &[String] {
        self.ids.get(self.inherited..).unwrap_or_default()
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.outcome {
            Some(Outcome::Found(place)) => Outcome::Found(place),
            Some(Outcome::NotFound(why)) => Outcome::NotFound(why),
            None => Outcome::NotFound("the search for the cause was cut short"),
        }
    }

    /// What to send next; nothing when the search is over.
    pub(super) fn next(&mut self, spent: bool) -> Option<Ask<'c>> {
        if self.outcome.is_some() {
            return None;
        }
        let Some(group) = self.todo.last() else {
            self.outcome = Some(Outcome::NotFound(
                "when they were sent again, it didn't happen \
                again",
            ));
            return None;
        };
        if self.sent == 0 {
            if self.under_way && self.waits < MOST_WAITS {
                return Some(Ask::Look(self.listed, PAUSE));
            }
            if self.quiet < self.needed(group.len()) {
                return Some(Ask::Look(self.listed, Duration::ZERO));
            }
            if spent {
                self.outcome =
                    Some(Outcome::NotFound("the limit on repeated requests was reached"));
                return None;
            }
        }
        Some(
            group
                .get(self.sent)
                .map_or(Ask::Look(self.listed, Duration::ZERO), |place| Ask::Again(*place)),
        )
    }

    fn needed(&self, group: usize) -> u32 {
        if group > 1 {
            return QUIET_FOR_SEVERAL;
        }
        QUIET_FOR_ONE[self.alone.min(QUIET_FOR_ONE.len() - 1)]
    }

    /// One of the group was sent; `refused` as before, or otherwise.
    pub(super) fn sent(&mut self, place: usize, refused: bool) {
        if !refused {
            self.outcome = Some(Outcome::NotFound("a repeated request got another answer"));
        } else if self.todo.last().and_then(|group| group.get(self.sent)) == Some(&place) {
            self.sent += 1;
        }
    }

    /// One of the group can't be sent again.
    pub(super) fn unsent(&mut self) {
        self.outcome = Some(Outcome::NotFound("the request can't be sent again"));
    }

    /// The list, with what it was before; none where it didn't come.
    pub(super) fn look(&mut self, before: &Items, items: Option<&Items>) {
        let new: Vec<&String> = items
            .into_iter()
            .flat_map(|items| items.keys().filter(|id| !before.contains_key(*id)))
            .collect();
        let happened = match self.what {
            What::Appears => !new.is_empty(),
            What::Fails => items.is_none(),
        };
        let between = self.sent == 0;
        if !between || !happened {
            self.ids.extend(new.into_iter().cloned());
        }
        if let Some(items) = items {
            self.under_way = self.what == What::Appears
                && self.ids.iter().filter_map(|id| items.get(id)).any(|item| !item.ended);
        }
        if between {
            self.between(happened);
        } else {
            self.after(happened);
        }
    }

    fn between(&mut self, happened: bool) {
        if self.under_way {
            self.waits += 1;
        }
        if !happened {
            self.quiet += 1;
            return;
        }
        self.quiet = 0;
        self.noise += 1;
        if self.noise > MOST_NOISE {
            self.outcome = Some(Outcome::NotFound("it happens without them too"));
        }
    }

    fn after(&mut self, happened: bool) {
        let group = self.todo.pop().unwrap_or_default();
        self.sent = 0;
        self.waits = 0;
        self.quiet = u32::from(!happened);
        match (happened, group.as_slice()) {
            (true, [one]) => {
                self.alone += 1;
                if self.alone == self.proof {
                    self.outcome = Some(Outcome::Found(*one));
                } else {
                    self.todo = vec![group];
                }
            }
            (true, several) => {
                let (first, second) = several.split_at(several.len() / 2);
                self.todo = vec![second.to_vec(), first.to_vec()];
            }
            (false, _) if self.alone > 0 => {
                self.outcome =
                    Some(Outcome::NotFound("it happened again once or twice, and then no more"));
            }
            (false, _) => {}
        }
    }

    /// What was seen, as a deed of the request.
    pub(super) fn deed(&self) -> String {
        let list = self.listed.list;
        match self.what {
            What::Fails => format!("the list of {} failed right after it", list.name),
            What::Appears => format!("{} {}", list.new, list.made),
        }
    }

    /// The same, of nobody.
    pub(super) fn seen_in_words(&self) -> String {
        match self.what {
            What::Fails => "the list failed".to_owned(),
            What::Appears => format!("{} appeared", self.listed.list.new),
        }
    }

    /// The same, before its ids.
    pub(super) fn appeared(&self) -> String {
        let often = if self.listed.kind() == ListKind::Places { "" } else { " each time" };
        format!("appeared {}{often}", self.listed.list.new)
    }
}

#[cfg(test)]
mod tests {
    use super::super::listed::Item;
    use super::*;

    /// Plays a search against an appliance that answers each request of `guilty` with a new row,
    /// and shows one more at each look of `others`.
    fn played(
        candidates: usize,
        guilty: &[usize],
        others: impl Fn(u32) -> bool,
    ) -> (Outcome, u32, u32) {
        let contract = crate::contract::built_in();
        let mut hunt = Hunt::new(
            Watched::of_kind(contract, ListKind::Jobs)[0],
            What::Appears,
            (0..candidates).collect(),
            vec!["0".to_owned()],
        );
        let mut known = Items::new();
        let (mut rows, mut looks, mut sent) = (0, 0, 0);
        while let Some(ask) = hunt.next(false) {
            match ask {
                Ask::Look(..) => {
                    looks += 1;
                    rows += u32::from(others(looks));
                    let items: Items =
                        (0..rows).map(|row| (format!("row {row}"), Item { ended: true })).collect();
                    hunt.look(&known, Some(&items));
                    known = items;
                }
                Ask::Again(place) => {
                    sent += 1;
                    rows += u32::from(guilty.contains(&place));
                    hunt.sent(place, true);
                }
            }
        }
        (hunt.outcome(), sent, looks)
    }

    #[test]
    fn the_one_that_does_it_is_found_among_many() {
        for guilty in 0..12 {
            let (outcome, sent, looks) = played(12, &[guilty], |_| false);
            assert_eq!(outcome, Outcome::Found(guilty));
            assert!(sent <= 40 && looks <= 40, "{guilty}: {sent} requests, {looks} looks");
        }
        assert_eq!(played(12, &(0..12).collect::<Vec<_>>(), |_| false).0, Outcome::Found(0));
        assert_eq!(played(1, &[0], |_| false), (Outcome::Found(0), 3, 14));
    }

    #[test]
    fn what_happens_once_or_by_itself_is_nobodys_deed() {
        assert!(
            matches!(played(8, &[], |_| false).0, Outcome::NotFound(_)),
            "by chance, just then"
        );
        // The look at which it began counts for the rhythm as well.
        for rhythm in 1..30 {
            for candidates in [1, 2, 5, 8] {
                let outcome = played(candidates, &[], |look| look % rhythm == 0).0;
                assert!(
                    matches!(outcome, Outcome::NotFound(_)),
                    "each {rhythm} looks, {candidates} requests: {outcome:?}"
                );
            }
        }
    }
}
