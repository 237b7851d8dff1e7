//! What differs between the sides of a gate: findings, cases, requirements, times and what was only
//! observed.
//!
//! Knows: the shape, as `schemas/gate.schema.json` describes it. Must not know: how it is filled or
//! drawn.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::contract::Severity;
use crate::judge::Verdict;
use crate::report::State;

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

    /// Whether what was judged before is wrong now, or can't be judged any more.
    #[must_use]
    pub fn is_worse(self) -> bool {
        matches!(
            self,
            Self::Regression
                | Self::Unstable
                | Self::NoLongerWaived
                | Self::BecameUnresolved
                | Self::BecameUnsupported
                | Self::NotExercised
                | Self::Spread
        )
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
