//! The record of a run: its rows, from header to footer.
//!
//! Knows: what a row holds, as `docs/report-format.md` describes it. Pure values. Must not know:
//! files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::catalogue::CatalogueId;
use crate::contract::Document;
use crate::exchange::{Exchange, Outgoing};
use crate::plan::{Facts, LeftOut, Scope};
use crate::why::{EndKind, Flaw, Trust, Why};

/// The name of this format.
pub const FORMAT: &str = "lxca-conform/record/1";

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum Row {
    /// What was asked, of whom, by what.
    Header(Box<Header>),
    /// One request and its outcome.
    Exchange(Box<Exchange>),
    /// What the appliance told about itself.
    Identity(Identity),
    /// Facts that cases got, given and discovered.
    Facts {
        /// By name.
        facts: Facts,
    },
    /// A case that doesn't run, decided after the appliance told its version and its facts.
    LeftOut {
        /// Full id.
        case: String,
        /// Why.
        reason: LeftOut,
    },
    /// Before a changing request: what it is and what would make it good.
    Intent {
        /// Full id.
        case: String,
        /// Step.
        step: String,
        /// Method and target.
        request: String,
        /// The clean-up that becomes due.
        cleanup: Vec<IntendedRequest>,
    },
    /// Clean-up of a case is done.
    Settled {
        /// Full id.
        case: String,
        /// What was left behind.
        left_over: Vec<String>,
    },
    /// A case was stopped from outside.
    Stopped {
        /// Full id.
        case: String,
        /// Why, in words.
        reason: String,
        /// What that is about; absent in the records of older builds.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        why: Option<Why>,
    },
    /// A round of a run that is repeated begins; the rows up to the next such row, or to the
    /// footer, are its own.
    Round {
        /// From 1.
        number: u32,
        /// How many were asked for.
        of: u32,
    },
    /// Something that a reader should know.
    Note {
        /// In words.
        text: String,
    },
    /// Counts and digest.
    Footer(Footer),
}

impl Row {
    /// The exchange, if it is one.
    #[must_use]
    pub fn exchange(&self) -> Option<&Exchange> {
        if let Self::Exchange(exchange) = self { Some(exchange) } else { None }
    }
}

/// A clean-up request as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntendedRequest {
    /// Upper case.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}

impl From<&Outgoing> for IntendedRequest {
    fn from(request: &Outgoing) -> Self {
        Self {
            method: request.method.clone(),
            target: request.target.clone(),
            body: request.body.clone(),
        }
    }
}

/// First row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// `FORMAT`.
    pub format: String,
    /// Who wrote it.
    pub tool: Tool,
    /// Against which contract.
    pub contract: ContractId,
    /// With which catalogue.
    pub catalogue: CatalogueId,
    /// Against which target.
    pub target: TargetId,
    /// What was asked for.
    pub scope: Scope,
    /// Cases that were planned, in the order of the plan.
    pub planned: Vec<String>,
    /// Cases that weren't, with the reason.
    pub left_out: Vec<(String, LeftOut)>,
    /// When it began.
    pub started: jiff::Timestamp,
}

/// The tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `lxca-conform`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Tool {
    /// This tool.
    #[must_use]
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The contract's identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContractId {
    /// SHA-256 over its files.
    pub digest: String,
    /// What it was read from.
    pub documents: Vec<DocumentId>,
}

/// One document, short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentId {
    /// Key.
    pub id: String,
    /// SHA-256 of the text that was read, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sha256: Option<String>,
    /// Product version it applies to.
    pub version: String,
    /// The day it was read.
    pub read: String,
}

impl From<&Document> for DocumentId {
    fn from(document: &Document) -> Self {
        Self {
            id: document.id.clone(),
            sha256: document.sha256.clone(),
            version: document.version.clone(),
            read: document.read.clone(),
        }
    }
}

/// The target's identity, as the operator named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetId {
    /// Its name.
    pub name: String,
    /// `double`, `live` or `recording`.
    pub kind: TargetKind,
    /// Address, without credentials.
    pub url: String,
    /// How its certificate is trusted, in words.
    pub tls: String,
    /// The same as one word; absent in the records of older builds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trust: Option<Trust>,
    /// SHA-256 over what the operator configured, without secrets.
    pub digest: String,
}

impl TargetId {
    /// How far its certificate was checked.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust.unwrap_or_else(|| Trust::of_older(&self.tls))
    }
}

/// What kind of target it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// The built-in double.
    Double,
    /// Anything else that answers.
    Live,
    /// A record.
    Replay,
    /// Exchanges that somebody else recorded.
    Recording,
}

/// What `GET /aicc` told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity {
    /// Whether the peer says that it is the double.
    pub double: bool,
    /// Product version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Build.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build: Option<String>,
    /// Appliance uuid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uuid: Option<String>,
    /// Appliance name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What it is in words, when it isn't recognised as an LXCA.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unrecognised: Option<String>,
}

/// Last row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// When it ended.
    pub finished: jiff::Timestamp,
    /// Rows before this one.
    pub rows: u64,
    /// Exchanges among them.
    pub exchanges: u64,
    /// Why the run ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_early: Option<EndedEarly>,
    /// SHA-256 over the bytes of all rows before this one.
    pub digest: String,
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedEarly {
    /// In one word.
    pub kind: EndKind,
    /// In words.
    pub what: String,
}

/// A record that was read back.
#[derive(Debug)]
pub struct Record {
    /// Its first row.
    pub header: Header,
    /// The rows between.
    pub rows: Vec<Row>,
    /// Its last row, if the run completed.
    pub footer: Option<Footer>,
    /// What is wrong with it: cut, or changed afterwards.
    pub flaws: Vec<Flaw>,
    /// SHA-256 over the bytes of all rows before the footer, as they were read.
    pub digest: String,
    /// What is known of the recordings that it was made from, if it was.
    pub recording: Option<Recording>,
}

/// What recordings hold besides the exchanges that are judged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recording {
    /// Each file.
    pub files: Vec<RecordedFile>,
    /// Each appliance and version that is met, as far as the recordings tell them.
    pub appliances: Vec<RecordedAppliance>,
    /// Requests that are of no operation of the contract, and aren't judged.
    pub outside: Vec<OutsideContract>,
    /// Entries that couldn't be read.
    pub skipped: Vec<SkippedEntry>,
    /// What no recording can show, in words.
    pub cannot_show: Vec<String>,
    /// What these leave out, in words: how many answers lack what a check needs.
    pub lacks: Vec<String>,
    /// The version that each exchange is of, by its step, as far as it is known.
    #[serde(skip)]
    pub versions: BTreeMap<String, String>,
}

/// One file of recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// As the operator named it.
    pub name: String,
    /// For example `HAR 1.2`.
    pub form: String,
    /// How many entries it has.
    pub entries: u64,
    /// How many of them are of an operation of the contract.
    pub in_contract: u64,
}

/// An appliance that a recording meets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedAppliance {
    /// Scheme, host and base path.
    pub address: String,
    /// Product version; null where nothing tells it.
    pub version: Option<String>,
    /// Exchanges of the contract's operations.
    pub exchanges: u64,
}

/// Requests of one kind outside of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideContract {
    /// Upper case.
    pub method: String,
    /// Path, with `*` for what looks like an id.
    pub path: String,
    /// How many.
    pub exchanges: u64,
    /// The first of them: file and entry.
    pub first: String,
}

/// An entry that couldn't be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedEntry {
    /// As the operator named it.
    pub file: String,
    /// From 1.
    pub entry: u64,
    /// Why, and what was expected.
    pub why: String,
    /// Whether nobody knows what it is, so that it may be one that was to be judged.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub unread: bool,
}

impl Record {
    /// The exchanges in the order they were had.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.rows.iter().filter_map(Row::exchange)
    }

    /// How many rounds were begun.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        let begun = self.rows.iter().filter(|row| matches!(row, Row::Round { .. })).count();
        u32::try_from(begun.max(1)).unwrap_or(u32::MAX)
    }

    /// The rows of each round; one round where the run wasn't repeated.
    #[must_use]
    pub fn each_round(&self) -> Vec<&[Row]> {
        let parts = self.rows.split(|row| matches!(row, Row::Round { .. }));
        // What stands before the first round is the run's own.
        if self.rows.iter().any(|row| matches!(row, Row::Round { .. })) {
            parts.skip(1).collect()
        } else {
            parts.collect()
        }
    }

    /// What the appliance told about itself.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.rows
            .iter()
            .find_map(
                |row| if let Row::Identity(identity) = row { Some(identity.clone()) } else { None },
            )
            .unwrap_or_default()
    }

    /// The facts that cases got.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts_of(&self.rows)
    }

    /// The facts that cases of a round got.
    #[must_use]
    pub fn facts_of(&self, rows: &[Row]) -> Facts {
        rows.iter()
            .find_map(|row| if let Row::Facts { facts } = row { Some(facts.clone()) } else { None })
            .unwrap_or_else(|| self.header.scope.facts.clone())
    }
}
