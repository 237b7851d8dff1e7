//! What became of a waiver, in the report.
//!
//! Knows: the shape, as `schemas/report.schema.json` describes it. Must not know: waiver files.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// A waiver and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverState {
    /// Full id of the case, or a glob on it.
    pub case: String,
    /// The requirement that is known to be broken.
    pub requirement: String,
    /// JSON pointer, with `*` for any index; absent when any place is meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
    /// Product versions it is meant for; absent when any is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub versions: Option<String>,
    /// The one wrong value that is meant; absent when any is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actual: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where it is followed up.
    pub ticket: String,
    /// Who answers for it.
    pub owner: String,
    /// The day it was made.
    pub created: String,
    /// The last day it holds.
    pub expires: String,
    /// What became of it.
    pub state: WaiverFate,
    /// How many findings it covers.
    pub covers: u64,
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum WaiverFate {
    /// It covers a finding.
    InForce,
    /// Its last day is over.
    Expired,
    /// It names a failure that didn't happen, in a case that ran.
    UnexpectedPass,
    /// It matches nothing in this catalogue or contract.
    Unused,
    /// It covers more than one known failure should.
    TooBroad,
    /// What it is about wasn't asked in this run, or is meant for another version.
    OutOfScope,
}

impl WaiverFate {
    /// Whether somebody has to look after it.
    #[must_use]
    pub fn is_out_of_order(self) -> bool {
        match self {
            Self::Expired | Self::UnexpectedPass | Self::Unused | Self::TooBroad => true,
            Self::InForce | Self::OutOfScope => false,
        }
    }

    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}
