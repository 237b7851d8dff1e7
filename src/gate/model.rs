//! `gate.json`: one answer about two or more runs, with its reasons.
//!
//! Knows: the shape, as `schemas/gate.schema.json` describes it. Must not know: how it is filled or
//! drawn.

mod changes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::record::{CatalogueId, ContractId, Tool};
use crate::report::{Conclusion, ReportScope, Summary, Target, WaiverState};
use crate::shape::Drift;

use super::clients::{ClassAnswer, ClientAnswer, ClientSummary};
use super::policy::{Action, Policy};

pub use changes::{
    CaseChange, Change, FindingChange, Observed, ObservedChange, RequirementChange, Rows, Share,
    TimeChange,
};

/// The name of this format.
pub const FORMAT: &str = "lxca-conform/gate/1";

/// The whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// `FORMAT`.
    pub format: String,
    /// The worst answer of all candidates.
    pub answer: Answer,
    /// The exit code that says the same.
    pub exit: u8,
    /// Why, in one sentence.
    pub because: String,
    /// Who judged.
    pub tool: Tool,
    /// The contract that all records were judged with.
    pub contract: ContractId,
    /// The catalogue that all records were judged with.
    pub catalogue: CatalogueId,
    /// By which rules.
    pub policy: Policy,
    /// The day that waivers and the age of the baseline were held against.
    pub judged: String,
    /// The run before.
    pub baseline: Side,
    /// Each run after.
    pub candidates: Vec<Candidate>,
    /// Waivers and what became of them.
    pub waivers: Vec<WaiverState>,
    /// The clients that it was judged for, where profiles were given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clients: Vec<ClientSummary>,
}

/// The answer to "may we upgrade?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Answer {
    /// Nothing that the policy minds.
    Yes,
    /// Something is worse, or the waivers aren't in order.
    No,
    /// The runs don't tell.
    CantTell,
}

impl Answer {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// As people say it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Yes => "YES",
            Self::No => "NO",
            Self::CantTell => "CAN'T TELL",
        }
    }

    /// Its symbol.
    #[must_use]
    pub fn mark(self) -> &'static str {
        match self {
            Self::Yes => "✓",
            Self::No => "✗",
            Self::CantTell => "?",
        }
    }
}

/// One run, as it was judged again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Where it was read from.
    pub from: String,
    /// SHA-256 over the rows of its record; absent when only a report was there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<String>,
    /// The tool that made it.
    pub tool: Tool,
    /// Digest of the contract it was recorded with.
    pub contract: String,
    /// Digest of the catalogue it was recorded with.
    pub catalogue: String,
    /// The target.
    pub target: Target,
    /// What was asked for.
    pub scope: ReportScope,
    /// When it began.
    pub started: String,
    /// When it ended; null when it was interrupted.
    pub finished: Option<String>,
    /// What it amounts to, judged again.
    pub conclusion: Conclusion,
    /// Counts, judged again.
    pub summary: Summary,
}

/// One run after, held against the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The run.
    #[serde(flatten)]
    pub side: Side,
    /// Its answer.
    pub answer: Answer,
    /// The exit code that says the same.
    pub exit: u8,
    /// Why, in one sentence.
    pub because: String,
    /// Why, one cause a line, gravest first.
    pub reasons: Vec<Reason>,
    /// What makes the two runs less alike than they should be.
    pub caveats: Vec<String>,
    /// How many cases of each kind of change.
    pub counts: BTreeMap<String, u64>,
    /// Findings that are in one of the runs or in both.
    pub findings: Vec<FindingChange>,
    /// Every case.
    pub cases: Vec<CaseChange>,
    /// Every requirement.
    pub requirements: Vec<RequirementChange>,
    /// Differences in the shape of bodies.
    pub drift: Vec<Drift>,
    /// What was only observed, and is otherwise now.
    #[serde(default)]
    pub observed: Vec<ObservedChange>,
    /// Whether the two runs are of one version and build of the product.
    #[serde(default)]
    pub same_product: bool,
    /// Differences in response times; information only.
    pub times: Vec<TimeChange>,
    /// A waiver for each failure that counts against it, to fill in and paste.
    pub drafts: Vec<String>,
    /// Its changes against what pages announce, where somebody gave what they do.
    #[serde(skip)]
    pub announced: Option<Vec<Announced>>,
    /// What becomes of each client whose profile was given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clients: Vec<ClientAnswer>,
    /// How each class of consumers would fare; only where no profile was given. It has no part in
    /// the answer.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub classes: Vec<ClassAnswer>,
}

/// A change of the runs that pages announce or don't, or one that only pages have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Which of these it is.
    pub standing: &'static str,
    /// The rule, by the word of drift.
    pub rule: String,
    /// Method and path, or the operation's id where no page speaks of it.
    pub operation: String,
    /// The place in the body or in the page.
    pub place: String,
    /// What was and what is.
    pub text: String,
}

impl Candidate {
    /// How many changes there are of each standing, as `2 announced, 1 absent`; nothing where
    /// nobody gave what pages announce.
    #[must_use]
    pub fn announcements(&self) -> Option<String> {
        let rows = self.announced.as_ref()?;
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for row in rows {
            match counts.iter_mut().find(|(standing, _)| *standing == row.standing) {
                Some((_, count)) => *count += 1,
                None => counts.push((row.standing, 1)),
            }
        }
        let told: Vec<String> =
            counts.iter().map(|(standing, count)| format!("{count} {standing}")).collect();
        Some(if told.is_empty() {
            "nothing is announced, and nothing changed".to_owned()
        } else {
            told.join(", ")
        })
    }
}

/// One reason for the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What it does to the answer.
    pub action: Action,
    /// The rule of the policy that it falls under.
    pub rule: String,
    /// In words.
    pub text: String,
    /// The requirement it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requirement: Option<String>,
    /// The cases it is about.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cases: Vec<String>,
}

/// The rules on differences of shape.
pub(super) const BREAKING_DRIFT: &str = "breaking-drift";
pub(super) const ADDITIVE_DRIFT: &str = "additive-drift";

impl Reason {
    /// Whether it is about a difference of shape, which has lines of its own.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        [BREAKING_DRIFT, ADDITIVE_DRIFT].contains(&self.rule.as_str())
    }
}
