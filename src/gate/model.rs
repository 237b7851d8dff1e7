//! `gate.json`: one answer about two or more runs, with its reasons.
//!
//! Knows: the shape, as `schemas/gate.schema.json` describes it. Must not know: how it is filled or
//! drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::contract::Severity;
use crate::judge::Verdict;
use crate::record::{CatalogueId, ContractId, Tool};
use crate::report::{Conclusion, ReportScope, State, Summary, Target, WaiverState};
use crate::shape::Drift;

use super::clients::{ClassAnswer, ClientAnswer, ClientSummary};
use super::policy::{Action, Policy};

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

/// What became of something between two runs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Change {
    /// It was right, and is wrong.
    Regression,
    /// It is wrong, and couldn't be had before: the baseline was too old for it.
    NewlyBroken,
    /// It is wrong, and the baseline didn't judge it.
    UnjudgedBefore,
    /// It is wrong in a case that the baseline's catalogue didn't have.
    NewCaseFailure,
    /// It is wrong in some rounds of a run and right in others.
    Unstable,
    /// It is wrong in both, and a waiver that named it no longer does.
    NoLongerWaived,
    /// It can't be judged any more.
    BecameUnresolved,
    /// The appliance doesn't have it any more.
    BecameUnsupported,
    /// No data reaches it any more.
    NotExercised,
    /// The candidate's catalogue didn't have the case.
    RemovedCase,
    /// It was wrong in some rows, and is wrong in more of them.
    Spread,
    /// It is wrong in another way.
    ChangedEvidence,
    /// It is wrong in both.
    StillFailing,
    /// It is wrong, and a waiver in force names it.
    Waived,
    /// No data reaches it any more, because cases that would reach it end in a failure that a
    /// waiver names.
    HiddenByWaiver,
    /// Worth knowing, and new.
    NewObservation,
    /// Worth knowing: it was observed before, and is otherwise now.
    ChangedObservation,
    /// The baseline's catalogue didn't have the case, and nothing is wrong.
    NewCase,
    /// It was wrong, and is right.
    Fixed,
    /// The baseline didn't reach it, and it holds.
    NewlyExercised,
    /// Neither run tells anything about it.
    NotCompared,
    /// It is as it was.
    Unchanged,
}

impl Change {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// As people say it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::NewlyBroken => "newly broken",
            Self::UnjudgedBefore => "broken, not judged before",
            Self::NewCaseFailure => "failure in a new case",
            Self::Unstable => "unstable",
            Self::NoLongerWaived => "no longer waived",
            Self::BecameUnresolved => "no longer judged",
            Self::BecameUnsupported => "no longer supported",
            Self::NotExercised => "no longer exercised",
            Self::RemovedCase => "case only in the baseline",
            Self::Spread => "still failing, in more rows",
            Self::ChangedEvidence => "still failing, in another way",
            Self::StillFailing => "still failing",
            Self::Waived => "waived",
            Self::HiddenByWaiver => "hidden by a waived failure",
            Self::NewObservation => "new observation",
            Self::ChangedObservation => "changed observation",
            Self::NewCase => "new case",
            Self::Fixed => "fixed",
            Self::NewlyExercised => "newly exercised",
            Self::NotCompared => "not compared",
            Self::Unchanged => "unchanged",
        }
    }

    /// The rule of a policy that it falls under, if one speaks of it.
    #[must_use]
    pub fn rule(self, severity: Severity) -> Option<&'static str> {
        match self {
            Self::Regression if severity == Severity::Deviation => Some("regression-deviation"),
            Self::BecameUnresolved | Self::BecameUnsupported | Self::NotExercised => {
                Some("exercised-less")
            }
            Self::Waived
            | Self::NewCase
            | Self::Fixed
            | Self::NewlyExercised
            | Self::NotCompared
            | Self::Unchanged => None,
            other => Some(other.word()),
        }
    }
}

/// What became of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingChange {
    /// What became of it.
    pub change: Change,
    /// Full case id.
    pub case: String,
    /// The requirement that is broken.
    pub requirement: String,
    /// How grave it is.
    pub severity: Severity,
    /// Which check found it.
    pub check: String,
    /// The place, with `*` for every index; empty for the whole answer.
    pub place: String,
    /// What the documents ask for.
    pub expected: String,
    /// Whether they list all that may come; only for the drafts of waivers.
    #[serde(skip)]
    pub closed: bool,
    /// What came before; absent when it wasn't found then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// What comes now; absent when it isn't found any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<String>,
    /// How many rows it was found in, before and now.
    #[serde(default)]
    pub rows: Rows,
    /// Whether only a waiver that is expired or too broad names it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub lapsed: bool,
}

/// How many rows a finding was found in, before and now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Before.
    pub before: Share,
    /// Now.
    pub after: Share,
}

/// How many rows are wrong, out of how many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Rows with the finding.
    pub wrong: u64,
    /// Rows that the requirement was held against in the case; absent where only a report was
    /// there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<u64>,
}

/// What no page states, and another run shows otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedChange {
    /// What is different.
    pub what: Observed,
    /// Operation.
    pub operation: String,
    /// What was observed before.
    pub before: String,
    /// What is observed now.
    pub after: String,
    /// The cases that show it.
    pub cases: Vec<String>,
}

/// What can be observed of an answer whose rules all hold.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Observed {
    /// The status, where the pages allow both.
    Status,
    /// How long something took that the pages give a time for.
    Time,
    /// The words of an error message.
    Message,
}

impl Observed {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseChange {
    /// Full id.
    pub id: String,
    /// What became of it.
    pub change: Change,
    /// The verdict before; absent when the baseline's catalogue didn't have it.
    pub before: Option<Verdict>,
    /// The verdict now; absent when the candidate's catalogue didn't have it.
    pub after: Option<Verdict>,
    /// Why it can't be judged now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// What became of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementChange {
    /// Id.
    pub id: String,
    /// What became of it.
    pub change: Change,
    /// Its state before.
    pub before: State,
    /// Its state now.
    pub after: State,
}

/// How long an operation took, before and now, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeChange {
    /// Operation.
    pub operation: String,
    /// Samples before and now.
    pub samples: [u64; 2],
    /// Medians before and now.
    pub median_ms: [f64; 2],
    /// 95th percentiles before and now.
    pub p95_ms: [f64; 2],
}
