//! `report.json`, the canonical report; every other form is drawn from it.
//!
//! Knows: the shape, as `schemas/report.schema.json` describes it. Must not know: how it is filled
//! or drawn.

mod counts;
mod waivers;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::catalogue::Effect;
use crate::contract::{Basis, Erratum};
use crate::coverage::Summary as Summarised;
use crate::judge::{Disposition, Finding, Reached, Unstable, Verdict};
pub use crate::proof::Proof;
use crate::record::{CatalogueId, ContractId, Recording, TargetKind, Tool};
use crate::terms::Shard;
use crate::why::{Beyond, EndKind, Flaw, Trust, Why};

pub use counts::{CaseCounts, FindingCounts, RequirementCounts, Summary};
pub use waivers::{WaiverFate, WaiverState};

/// The name of this format.
pub const FORMAT: &str = "lxca-conform/report/1";

/// A conformance report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// `FORMAT`.
    pub format: String,
    /// The whole in one word.
    pub conclusion: Conclusion,
    /// Why, in one sentence.
    pub because: String,
    /// Whether it is evidence about a product: false for the double, a replay or a filtered run,
    /// and where nobody was authenticated.
    pub claim: bool,
    /// Why it isn't, if it isn't.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_claim: Option<String>,
    /// Who made it.
    pub tool: Tool,
    /// Against which contract.
    pub contract: ContractId,
    /// With which catalogue.
    pub catalogue: CatalogueId,
    /// Against which target.
    pub target: Target,
    /// What was asked for.
    pub scope: ReportScope,
    /// The digest of the record that it is drawn from, by which two reports of one run are known;
    /// absent in the reports of older builds, and in one of several records.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<String>,
    /// When the run began.
    pub started: String,
    /// When it ended; null when it was interrupted.
    pub finished: Option<String>,
    /// Why it ended early, if it did, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_early: Option<String>,
    /// The same as one word.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_early_kind: Option<EndKind>,
    /// What is wrong with the record; absent in the reports of older builds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flaws: Option<Vec<Flaw>>,
    /// What a reader should know before anything else: an unverified certificate, a bound that was
    /// hit, a record that was cut.
    pub notes: Vec<String>,
    /// Counts.
    pub summary: Summary,
    /// Every case of the catalogue.
    pub cases: Vec<Case>,
    /// Every requirement of the register.
    pub requirements: Vec<RequirementState>,
    /// Where the documents are silent, wrong or contradict themselves.
    pub errata: Vec<Erratum>,
    /// Waivers and what became of them.
    pub waivers: Vec<WaiverState>,
    /// What the recordings hold besides, where recordings were judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recording: Option<Recording>,
    /// What changed since an earlier run, if one was given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<Since>,
    /// How often this build's checks were shown to be able to fail; absent when that wasn't shown
    /// for this build, contract and catalogue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proof: Option<Proof>,
    /// How much of what is documented and called the contract covers, and what to import next;
    /// absent in the reports of older builds, and where nobody wrote down what is documented.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub coverage: Option<Summarised>,
    /// How long the target took to answer, by operation.
    #[serde(default)]
    pub timings: Vec<Timing>,
    /// Evidence of what isn't `pass`, capped.
    pub evidence: Vec<Evidence>,
}

/// What changed since an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    /// The target of that run.
    pub target: String,
    /// The product version that it told.
    pub version: Option<String>,
    /// When that run began.
    pub started: String,
    /// Findings that are new: `case requirement place`.
    pub new: Vec<String>,
    /// Findings that are gone.
    pub fixed: Vec<String>,
    /// How many are in both.
    pub still: u64,
}

/// How long the target took to answer the requests of one operation, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Operation.
    pub operation: String,
    /// Answers that were timed.
    pub samples: u64,
    /// Half of them took no longer.
    pub median_ms: f64,
    /// 95 of 100 took no longer.
    pub p95_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Conclusion {
    /// Something was checked, and every judged case passed.
    Conformant,
    /// Something is wrong.
    Nonconformant,
    /// Something in scope couldn't be judged.
    Incomplete,
}

impl Conclusion {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: TargetKind,
    /// Address.
    pub url: String,
    /// Product version that it told.
    pub version: Option<String>,
    /// Build that it told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build: Option<String>,
    /// Appliance uuid that it told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uuid: Option<String>,
    /// How its certificate was trusted, in words.
    pub tls: String,
    /// The same as one word; absent in the reports of older builds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trust: Option<Trust>,
    /// Whether it was the double of a run without a target; absent in the reports of older builds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub built_in: Option<bool>,
    /// Whether the double answered, also where its record was judged again; absent in the reports of
    /// older builds that don't tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub double: Option<bool>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportScope {
    /// The ceiling.
    pub allow: Effect,
    /// Globs on case ids.
    pub filters: Vec<String>,
    /// Whether deviations fail.
    pub strict: bool,
    /// Which part of a run that several machines share; absent for a whole one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shard: Option<ShardPart>,
}

/// A part of a run that several machines share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardPart {
    /// Which, and of how many.
    pub part: Shard,
    /// Whether the whole would be a claim, as far as this part shows.
    pub claim: bool,
}

/// A case with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Full id.
    pub id: String,
    /// Operation.
    pub operation: String,
    /// The claim.
    pub title: String,
    /// Its effect.
    pub effect: Effect,
    /// Whether it was derived from a documented request table; else somebody wrote it.
    #[serde(default)]
    pub generated: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't say it, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// What that is about, as one word; absent in the reports of older builds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<Why>,
    /// How its verdict changed from round to round, if it did; then the verdict is `unresolved`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unstable: Option<Unstable>,
    /// What waivers make of it.
    pub disposition: Disposition,
    /// How many requests it sent.
    pub requests: u32,
    /// How long it waited for answers, in milliseconds.
    #[serde(default)]
    pub elapsed_ms: f64,
    /// What was found.
    pub findings: Vec<Finding>,
    /// How often each requirement was reached by data; not in files, for a report is about what is
    /// wrong.
    #[serde(skip)]
    pub reached: Reached,
}

/// State of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// Data reached it, and it held.
    Held,
    /// It was broken.
    Broken,
    /// No data reached it.
    NotExercised,
    /// It isn't checked.
    Excluded,
}

impl State {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A requirement and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementState {
    /// Id.
    pub id: String,
    /// Operation.
    pub operation: String,
    /// How firmly it is said.
    pub basis: Basis,
    /// What an appliance must do.
    pub statement: String,
    /// Section and row of the page.
    pub place: String,
    /// What became of it.
    pub status: State,
    /// How often data reached it.
    pub seen: u64,
    /// Why it is excluded or wasn't reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// That, as one word, where it is about the version of the product.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<Beyond>,
    /// The first product version that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// The first product version that it is no longer about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
    /// The erratum that bears on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub erratum: Option<String>,
}

impl RequirementState {
    /// Whether the documents say that an appliance of this version has nothing of it to exercise.
    #[must_use]
    pub fn is_of_other_versions(&self) -> bool {
        self.why.is_some_and(Beyond::is_settled)
    }
}

/// One exchange of a case that isn't `pass`, cut to what a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Full case id.
    pub case: String,
    /// Step.
    pub step: String,
    /// `METHOD target`.
    pub request: String,
    /// Request body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_body: Option<String>,
    /// Status, or the fault.
    pub answer: String,
    /// Response headers.
    pub headers: BTreeMap<String, String>,
    /// The response body as a person reads it: JSON with a member a line and lists cut to their
    /// first rows, anything else cut at its start.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
    /// The lines of `body` at which the wrong values stand.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub marks: Vec<Mark>,
    /// SHA-256 of the whole kept body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body_sha256: Option<String>,
    /// A command that sends the same request again.
    pub curl: String,
}

/// Where in the body of an evidence a wrong value stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The pointer of the finding.
    pub pointer: String,
    /// The line of `body`, from 1.
    pub line: u32,
}
