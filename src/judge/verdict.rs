//! Findings and the verdict they fold into (after IEEE 1003.3).
//!
//! Knows: the words of a judgement. Must not know: how a finding came about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::catalogue::Effect;
use crate::contract::{Contract, Severity};
use crate::exchange::Purpose;
use crate::plan::LeftOut;
use crate::why::{Beyond, Why};

use super::gone::Gone;
use super::reached::Reached;
use super::rounds::Unstable;
use super::started::Started;
use super::watch::Watches;

/// One difference between an exchange and the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check found it; see `CHECKS`.
    pub check: String,
    /// The requirement that is broken.
    pub requirement: String,
    /// How grave it is.
    pub severity: Severity,
    /// JSON pointer into the body; empty for the whole answer.
    pub pointer: String,
    /// What the documents ask for.
    pub expected: String,
    /// What came.
    pub actual: String,
    /// The step of the case.
    pub step: String,
    /// How many places like the others of its requirement it stands for, where they are too many
    /// for a finding each.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more: Option<u64>,
    /// Whether the documents list all that may come, so that what came is one certain wrong value.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub closed: bool,
}

/// What a case amounts to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verdict {
    /// It was judged, and nothing is wrong.
    Pass,
    /// At least one violation.
    Fail,
    /// It couldn't be judged.
    Unresolved,
    /// The appliance is too old, or lacks a feature or a licence.
    Unsupported,
    /// It was left out.
    Untested,
}

impl Verdict {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The overlay of waivers on a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// Nothing to add.
    AsExpected,
    /// A failure that a waiver names.
    KnownFailure,
    /// A pass where a waiver names a failure.
    UnexpectedPass,
    /// A failure that no waiver names.
    New,
}

/// A case with its verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRecord {
    /// Full id.
    pub id: String,
    /// Operation.
    pub operation: String,
    /// The claim.
    pub title: String,
    /// Its effect.
    pub effect: Effect,
    /// Whether it was derived from a documented request table.
    pub generated: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't say it, in words.
    pub reason: Option<String>,
    /// What that is about; present where there are words.
    pub why: Option<Why>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// How often each requirement was reached by data.
    pub reached: Reached,
    /// Requirements that could not be reached, with the reason.
    pub missed: BTreeMap<String, String>,
    /// Those of them that are about other versions of the product, or about some and nobody knows
    /// which one this is.
    pub beyond: BTreeMap<String, Beyond>,
    /// How many requests were sent.
    pub requests: u32,
    /// What clean-up left behind.
    pub left_over: Vec<String>,
    /// What it started and may still be under way, if anything.
    pub unsettled: Option<Started>,
    /// An element that it named and that was answered with 404, if so: its list tells whether it
    /// is there.
    pub gone: Option<Gone>,
    /// Whether a job that it started was seen to run on after all the time that the case gives it.
    pub runs_on: bool,
    /// The request of the run itself that it judged, if it judges one: why it was sent, and when.
    pub watched: Option<(Purpose, jiff::Timestamp)>,
    /// What it saw of the locks, until the round is judged as a whole.
    pub(super) watch: Watches,
    /// How its verdict changed, if the run had several rounds and it did.
    pub unstable: Option<Unstable>,
}

impl CaseRecord {
    /// A case that was never started.
    #[must_use]
    pub fn not_run(
        case: &crate::catalogue::Case,
        verdict: Verdict,
        why: Why,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            id: case.id.clone(),
            operation: case.operation.clone(),
            title: case.title.clone(),
            effect: case.effect,
            generated: case.generated,
            verdict,
            reason: Some(reason.into()),
            why: Some(why),
            findings: Vec::new(),
            reached: Reached::default(),
            missed: BTreeMap::new(),
            beyond: BTreeMap::new(),
            requests: 0,
            left_over: Vec::new(),
            unsettled: None,
            gone: None,
            runs_on: false,
            watched: None,
            unstable: None,
            watch: Watches::default(),
        }
    }

    /// Takes back what the absence of an element seemed to show, where the list bears it out that
    /// it isn't there.
    pub fn excuse(&mut self, gone: &Gone, strict: bool) {
        self.findings.retain(|finding| finding.step != gone.step());
        self.reached = Reached::default();
        if !self.findings.iter().any(|finding| finding.severity.fails(strict)) {
            self.verdict = Verdict::Untested;
            self.reason = Some(gone.reason());
            self.why = Some(Why::Answer);
        }
    }

    /// Adds what was found after its last request.
    pub(super) fn accuse(&mut self, findings: Vec<Finding>, strict: bool) {
        if findings.iter().any(|finding| finding.severity.fails(strict)) {
            (self.verdict, self.reason, self.why) = (Verdict::Fail, None, None);
        }
        self.findings.extend(findings);
    }

    /// A case that the plan or the appliance left out.
    #[must_use]
    pub fn left_out(case: &crate::catalogue::Case, reason: &LeftOut) -> Self {
        let verdict = if matches!(reason, LeftOut::TooOld { .. } | LeftOut::TooNew { .. }) {
            Verdict::Unsupported
        } else {
            Verdict::Untested
        };
        Self::not_run(case, verdict, reason.why(), reason.to_string())
    }

    /// Adds what was found beside the answers of the case itself.
    pub(super) fn charge(&mut self, contract: &Contract, finding: Finding, strict: bool) {
        if finding.severity.fails(strict) {
            (self.verdict, self.reason, self.why) = (Verdict::Fail, None, None);
        }
        self.reached.add(contract, &finding.requirement, 1);
        self.findings.push(finding);
    }

    /// Whether something is against it.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.verdict == Verdict::Fail
    }
}
