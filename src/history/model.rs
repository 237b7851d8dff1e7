//! The words of a history: runs in the order of time, the appliances that they are of, and the
//! state of each requirement from run to run.
//!
//! Knows: states and their order. Must not know: how a report is read, or how a history is drawn.

use jiff::Timestamp;
use strum::IntoStaticStr;

use crate::record::TargetKind;
use crate::report::{Conclusion, State};

/// A run whose report was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Where its report lies.
    pub from: String,
    /// Where further reports of the same run lie.
    pub also: Vec<String>,
    /// The digest of its record, if one is known.
    pub record: Option<String>,
    /// The name of its target.
    pub name: String,
    /// The address of its target.
    pub url: String,
    /// The uuid that the target told.
    pub uuid: Option<String>,
    /// The version that it told.
    pub version: Option<String>,
    /// What kind of target it was.
    pub kind: TargetKind,
    /// Whether the report is evidence about a product.
    pub claim: bool,
    /// What the run amounts to.
    pub conclusion: Conclusion,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, in the words of the report.
    pub finished: Option<String>,
    /// The digest of the contract that it was judged by.
    pub contract: String,
    /// The state of each requirement of the history; none where the run's contract hasn't got it.
    pub(super) states: Vec<Option<State>>,
}

impl Run {
    /// Its version, or that there is none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or("unknown")
    }

    /// When it began, to the second.
    #[must_use]
    pub fn time(&self) -> String {
        self.started.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

/// A requirement that some run knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Id.
    pub id: String,
    /// Operation.
    pub operation: String,
    /// What an appliance must do.
    pub statement: String,
}

/// What was run against again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appliance {
    /// The name that its newest run gives it.
    pub name: String,
    /// The uuid that it told.
    pub uuid: Option<String>,
    /// Its runs, oldest first, as indices.
    pub runs: Vec<usize>,
}

/// Every run, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Oldest first.
    pub runs: Vec<Run>,
    /// In the order of the ids.
    pub requirements: Vec<Requirement>,
    /// In the order of the names.
    pub appliances: Vec<Appliance>,
}

/// What became of a requirement over the runs of an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Change {
    /// It held, and where it was judged last it is broken.
    NewlyBroken,
    /// It was broken, and where it was judged last it held.
    Fixed,
    /// It was broken wherever it was judged.
    StillBroken,
    /// It was judged in some runs, in others not.
    Differs,
    /// The same in every run.
    Same,
}

impl Change {
    /// All of them, what matters most first.
    pub const ALL: [Self; 5] =
        [Self::NewlyBroken, Self::Fixed, Self::StillBroken, Self::Differs, Self::Same];

    /// The word used in files and pages.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The same for people.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::NewlyBroken => "newly broken",
            Self::Fixed => "fixed",
            Self::StillBroken => "broken",
            Self::Differs => "not judged in each run",
            Self::Same => "the same in every run",
        }
    }

    /// What became of it, and the place of the run in which it last changed for better or worse.
    pub(super) fn of(states: &[Option<State>]) -> (Self, Option<usize>) {
        let judged: Vec<(usize, State)> = states
            .iter()
            .enumerate()
            .filter_map(|(at, state)| Some((at, (*state)?)))
            .filter(|(_, state)| matches!(state, State::Held | State::Broken))
            .collect();
        let turn = judged.windows(2).rev().find(|pair| pair[0].1 != pair[1].1);
        match (turn, judged.last()) {
            (Some(turn), Some((_, State::Broken))) => (Self::NewlyBroken, Some(turn[1].0)),
            (Some(turn), Some(_)) => (Self::Fixed, Some(turn[1].0)),
            (None, Some((_, State::Broken))) => (Self::StillBroken, None),
            _ if states.windows(2).any(|pair| pair[0] != pair[1]) => (Self::Differs, None),
            _ => (Self::Same, None),
        }
    }
}

/// A requirement on one appliance, over the runs that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// The requirement, as an index.
    pub requirement: usize,
    /// Its state in each shown run of the appliance, in their order.
    pub states: Vec<Option<State>>,
    /// What became of it.
    pub change: Change,
    /// The place, among the shown runs, of the one in which it last changed for better or worse.
    pub changed: Option<usize>,
    /// The places, among the shown runs, of those that answer the query.
    pub matched: Vec<usize>,
}

/// What a query finds on one appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// The appliance.
    pub appliance: &'a Appliance,
    /// The runs that are shown, oldest first, as indices.
    pub runs: Vec<usize>,
    /// What changed first.
    pub tracks: Vec<Track>,
}

impl Section<'_> {
    /// How many tracks have this change.
    #[must_use]
    pub fn count(&self, change: Change) -> usize {
        self.tracks.iter().filter(|track| track.change == change).count()
    }

    /// How many requirements of a run, given by its place, are in this state.
    pub(super) fn counted(&self, place: usize, state: State) -> usize {
        self.tracks.iter().filter(|track| track.states.get(place) == Some(&Some(state))).count()
    }
}

/// What a query finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// All that was asked.
    pub history: &'a History,
    /// The query as it was given.
    pub query: Option<String>,
    /// Per appliance with an answer, in the order of the names.
    pub sections: Vec<Section<'a>>,
}

impl Found<'_> {
    /// Whether nothing answers the query.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// How many contracts the shown runs were judged by.
    pub(super) fn contracts(&self) -> usize {
        let shown = self.sections.iter().flat_map(|section| &section.runs);
        let digests: std::collections::BTreeSet<&str> =
            shown.map(|run| self.history.runs[*run].contract.as_str()).collect();
        digests.len()
    }

    /// What a reader should know before comparing columns.
    pub(super) fn caveat(&self) -> Option<String> {
        let contracts = self.contracts();
        (contracts > 1).then(|| {
            format!(
                "These runs were judged by {contracts} contracts, so that a state may differ \
                    because the documents were read otherwise. To judge all by one, run \
                    `lxca-conform judge` on their records and ask the new reports."
            )
        })
    }
}

/// The symbol of a state.
pub(super) fn mark(state: Option<State>) -> &'static str {
    match state {
        Some(State::Held) => "✓",
        Some(State::Broken) => "✗",
        Some(State::NotExercised) => "○",
        Some(State::Excluded) => "–",
        None => " ",
    }
}

/// The word of a state; a run whose contract hasn't got the requirement has none.
pub(super) fn word(state: Option<State>) -> &'static str {
    state.map_or("unregistered", State::word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_between_judged_runs_and_the_last_counts() {
        let (held, broken, not) =
            (Some(State::Held), Some(State::Broken), Some(State::NotExercised));
        assert_eq!(Change::of(&[held, not, broken, None]), (Change::NewlyBroken, Some(2)));
        assert_eq!(Change::of(&[held, broken, held, held]), (Change::Fixed, Some(2)));
        assert_eq!(Change::of(&[broken, not, broken]), (Change::StillBroken, None));
        assert_eq!(Change::of(&[held, not]), (Change::Differs, None));
        assert_eq!(Change::of(&[None, not]), (Change::Differs, None));
        assert_eq!(Change::of(&[held, held]), (Change::Same, None));
        assert_eq!(Change::of(&[]), (Change::Same, None));
    }
}
