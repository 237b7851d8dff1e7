//! One normative statement, its basis and its source.
//!
//! Knows: statements and where they stand. Must not know: how one is checked.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::span::{Span, version};

/// How firmly the documents say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Basis {
    /// The page says it.
    Stated,
    /// Only an example shows it.
    Example,
    /// We had to choose.
    Inferred,
    /// The page contradicts itself.
    Conflict,
    /// A related page or a recorded real client says it.
    Neighbour,
}

impl Basis {
    /// What breaking a statement of this basis amounts to.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Stated => Severity::Violation,
            Self::Example | Self::Inferred | Self::Neighbour => Severity::Deviation,
            Self::Conflict => Severity::Observation,
        }
    }

    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// How grave a finding is. It follows from the basis, never from taste.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing, never a failure.
    Observation,
    /// Fails only with `--strict`.
    Deviation,
    /// Fails the case.
    Violation,
}

impl Severity {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether a finding of this gravity fails its case.
    #[must_use]
    pub fn fails(self, strict: bool) -> bool {
        self == Self::Violation || (strict && self == Self::Deviation)
    }
}

/// One statement of a page, in our own words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requirement {
    /// `operation/topic/...`; append-only.
    pub id: String,
    /// How firmly it is said.
    pub basis: Basis,
    /// What an appliance must do.
    pub statement: String,
    /// Section and row of the page.
    pub place: String,
    /// The erratum that bears on it.
    pub erratum: Option<String>,
    /// Why it is not checked; absent when it is.
    pub excluded: Option<String>,
    /// Why nothing brings it about on purpose, though it is judged when it comes: that it never
    /// came leaves no run incomplete.
    pub when_it_comes: Option<String>,
    /// Why a statement about requests can be tried from one side only: accepted, or refused.
    pub one_sided: Option<String>,
    /// The first product version that it is about.
    #[serde(default, deserialize_with = "version")]
    pub since: Option<semver::Version>,
    /// The first product version that it is no longer about.
    #[serde(default, deserialize_with = "version")]
    pub until: Option<semver::Version>,
}

impl Requirement {
    /// The operation it belongs to: the id up to the first `/`.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The versions that it is about.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { since: self.since.clone(), until: self.until.clone() }
    }
}

/// A page or a recording that the contract was read from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Key that operation files use.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The product it describes.
    pub product: String,
    /// The product version it applies to, or `not stated`.
    pub version: String,
    /// The day it was read.
    pub read: String,
    /// SHA-256 of the text that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// `seed` or `neighbour`.
    pub role: String,
}

/// What a choice of ours does to an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Whatever the texts allow is accepted.
    Wider,
    /// The page's own words hold, and no more than they.
    Page,
    /// What our copy of the page lost is put back.
    Restored,
    /// One of several readings: an appliance that breaks it may be right by the page.
    Narrower,
}

/// Where a page is silent, wrong or contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erratum {
    /// `E001` and so on; append-only.
    pub id: String,
    /// The document it is about.
    pub document: String,
    /// Section and row.
    pub place: String,
    /// What the page says, in our words.
    pub says: String,
    /// What we chose.
    pub chosen: String,
    /// Who has to mend it: `vendor page`, `our copy` or `both`.
    pub owner: String,
    /// What the choice does to an appliance; the register needs it, a report doesn't.
    #[serde(default, skip_serializing)]
    pub choice: Option<Choice>,
}
