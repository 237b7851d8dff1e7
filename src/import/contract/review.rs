//! What a person has to look at, sorted by what would accuse an appliance wrongly first.
//!
//! Knows: what was inferred, chosen and left out. Must not know: how it looks on a page.

use std::fmt::Write as _;

use crate::contract::Contract;

use super::Order;
use super::operation::Written;
use super::register::Basis;

/// How much depends on a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A run may send what does harm.
    Sends,
    /// A right appliance could be accused.
    Accuses,
    /// The page contradicts itself, and both readings are accepted.
    Conflict,
    /// The page is silent or wrong, and nothing is asked.
    Defect,
    /// A statement isn't checked.
    Unchecked,
}

impl Weight {
    /// As a heading.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Sends => "What a request may do",
            Self::Accuses => "Inferred: a right appliance could be accused with --strict",
            Self::Conflict => "The page contradicts itself",
            Self::Defect => "Defects of the page",
            Self::Unchecked => "Not checked",
        }
    }
}

/// One point.
#[derive(Debug, Clone)]
pub struct Item {
    /// How much depends on it.
    pub weight: Weight,
    /// The requirement, erratum or operation that it is about.
    pub about: String,
    /// What it is.
    pub what: String,
    /// Where in the page.
    pub place: String,
    /// Whether a person has looked at it.
    pub settled: bool,
}

/// The whole list, and the operations with what they ask for.
#[derive(Debug)]
pub struct Review {
    /// Points, the weightiest first.
    pub items: Vec<Item>,
    /// Decisions about something that isn't there.
    pub stale: Vec<String>,
    /// Each requirement: operation, id, basis, statement, place, whether it is asked for.
    pub rules: Vec<Rule>,
}

/// A requirement, as the review shows it.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// How firmly the page says it.
    pub basis: &'static str,
    /// What it says.
    pub statement: String,
    /// Where in the page.
    pub place: String,
    /// Why it isn't checked.
    pub excluded: Option<String>,
}

impl Review {
    pub(super) fn of(written: &[Written], order: &Order<'_>, contract: &Contract) -> Self {
        let mut items = Vec::new();
        let mut rules = Vec::new();
        for one in written {
            let mut say = |weight, about: &str, what: String, place: &str| {
                items.push(Item {
                    weight,
                    about: about.to_owned(),
                    what,
                    place: place.to_owned(),
                    settled: order.decisions.settled(about),
                });
            };
            if one.method != "GET" {
                let what = format!(
                    "{} {} counts as `{}`, the safest reading until you say what it does",
                    one.method, one.path, one.effect
                );
                say(Weight::Sends, &one.id, what, "the whole page");
            }
            for (about, why) in &one.unsent {
                say(Weight::Unchecked, &one.id, format!("{about}: {why}"), "Request");
            }
            let (mut shown, mut spared) = (0_usize, 0_usize);
            for requirement in &one.register.list {
                rules.push(Rule {
                    id: requirement.id.clone(),
                    basis: requirement.basis.word(),
                    statement: requirement.statement.clone(),
                    place: requirement.place.clone(),
                    excluded: requirement.excluded.clone(),
                });
                // What rests on samples is known as such: nobody has to read it row by row.
                if requirement.is_of_samples() {
                    *(if requirement.excluded.is_some() { &mut spared } else { &mut shown }) += 1;
                    continue;
                }
                let (weight, what) = match (&requirement.excluded, requirement.basis) {
                    (Some(why), _) => (
                        Weight::Unchecked,
                        format!("{} Not checked: {why}.", requirement.statement),
                    ),
                    (None, Basis::Inferred | Basis::Example | Basis::Neighbour) => {
                        (Weight::Accuses, requirement.statement.clone())
                    }
                    (None, Basis::Conflict) => (Weight::Conflict, requirement.statement.clone()),
                    (None, Basis::Stated) => continue,
                };
                say(weight, &requirement.id, what, &requirement.place);
            }
            if shown > 0 {
                let what = format!(
                    "{shown} {} on samples or on related pages, and only --strict asks for them",
                    if shown == 1 { "rule rests" } else { "rules rest" }
                );
                say(Weight::Accuses, &one.id, what, "samples and related pages");
            }
            if spared > 0 {
                let what = format!(
                    "{spared} {} of samples or related pages aren't checked; the operation file \
                    has the reasons",
                    if spared == 1 { "statement" } else { "statements" }
                );
                say(Weight::Unchecked, &one.id, what, "samples and related pages");
            }
            for erratum in &one.errata {
                say(Weight::Defect, &erratum.id, erratum.says.clone(), &erratum.at);
            }
        }
        items.sort_by_key(|item| (item.settled, item.weight));
        let known = |subject: &str| {
            contract.operations.contains_key(subject)
                || contract.requirements.contains_key(subject)
                || contract.errata.iter().any(|erratum| erratum.id == subject)
        };
        let stale = order
            .decisions
            .subjects()
            .filter(|subject| !known(subject))
            .map(str::to_owned)
            .collect();
        Self { items, stale, rules }
    }

    /// The points that nobody has settled.
    #[must_use]
    pub fn open(&self) -> usize {
        self.items.iter().filter(|item| !item.settled).count()
    }

    /// The list as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Review of an imported contract\n\n{} of {} points are open. What would accuse an \
            appliance wrongly stands first. Settle a point in `decisions.toml`; a second import \
            keeps it.\n",
            self.open(),
            self.items.len()
        );
        for subject in &self.stale {
            let _ =
                writeln!(text, "\nA decision is about `{subject}`, which isn't there any more.");
        }
        let mut last = None;
        for item in &self.items {
            let heading = if item.settled { "Settled" } else { item.weight.words() };
            if last != Some(heading) {
                let _ = write!(text, "\n## {heading}\n\n");
                last = Some(heading);
            }
            let _ = writeln!(text, "- `{}`: {} ({})", item.about, one_line(&item.what), item.place);
        }
        text
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
