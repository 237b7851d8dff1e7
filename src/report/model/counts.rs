//! How many cases, findings and requirements of each kind there are.
//!
//! Knows: the shape, as `schemas/report.schema.json` describes it. Must not know: how it is
//! counted.

use serde::{Deserialize, Serialize};

/// Counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// By verdict.
    pub cases: CaseCounts,
    /// By severity.
    pub findings: FindingCounts,
    /// By state.
    pub requirements: RequirementCounts,
    /// Requests that were sent.
    pub requests: u64,
}

/// Cases by verdict.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaseCounts {
    /// Judged, nothing wrong.
    pub pass: u64,
    /// At least one violation.
    pub fail: u64,
    /// Couldn't be judged.
    pub unresolved: u64,
    /// Too old, or a feature is absent.
    pub unsupported: u64,
    /// Left out.
    pub untested: u64,
}

/// Findings by severity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Break a stated rule.
    pub violation: u64,
    /// Break an inferred one.
    pub deviation: u64,
    /// Worth knowing.
    pub observation: u64,
}

/// Requirements by state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequirementCounts {
    /// All that are registered.
    pub total: u64,
    /// Held or broken: data reached them.
    pub exercised: u64,
    /// Broken.
    pub broken: u64,
    /// Not checked, with a reason.
    pub excluded: u64,
}
