//! Why a run, a case or a record isn't whole: one word for each reason, beside the sentence for
//! people.
//!
//! Knows: the words that stand in records and reports. Must not know: who decides by them. The
//! sentences of older builds, which had no such words, are read here and nowhere else.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// What a case's reason is about. The sentence beside it is for people, and nothing reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// No filter matches it.
    Filtered,
    /// It belongs to another shard.
    OtherShard,
    /// Its effect is above the ceiling.
    EffectNotAllowed,
    /// A fact of the target is missing.
    FactMissing,
    /// It logs in with wrong credentials, which wasn't allowed.
    BadLogin,
    /// It judges the run's session, and the run opens none.
    NoSession,
    /// What should be almost a fact is the fact itself.
    NoMiss,
    /// The appliance is too old.
    TooOld,
    /// The appliance is too new: what the case is about is gone.
    TooNew,
    /// It is about some versions only, and nobody knows which one the appliance has.
    VersionUnknown,
    /// The record was made with a catalogue that didn't have the case.
    NotThen,
    /// The record was made with another form of the case.
    AskedOtherwise,
    /// The run ended before it, or in the middle of it.
    RunEnded,
    /// The run was interrupted before it.
    NotBegun,
    /// The record ends in the middle of it.
    RecordEnds,
    /// A bound on the time of one case or one job was hit.
    Bound,
    /// A job that an earlier case started was still running.
    JobRunning,
    /// A check broke off, which is a bug of this tool.
    BrokeOff,
    /// Its verdict changed from round to round.
    Unstable,
    /// A secret of the run stood where something was to be judged.
    Secret,
    /// What came, or what didn't come, in its own requests.
    Answer,
    /// A word that this build doesn't know, or none where one belongs.
    #[serde(other)]
    Unknown,
}

impl Why {
    /// Whether the run or its record ended, so that the case says nothing.
    #[must_use]
    pub fn is_cut_short(self) -> bool {
        matches!(self, Self::RunEnded | Self::NotBegun | Self::RecordEnds)
    }

    /// Whether the record holds no answer to what the case asks today.
    #[must_use]
    pub fn was_not_asked(self) -> bool {
        matches!(self, Self::NotThen | Self::AskedOtherwise)
    }

    /// The word for what a build without such words said of a case in its report.
    #[must_use]
    pub fn of_older_report(reason: &str) -> Self {
        match reason {
            NOT_THEN => Self::NotThen,
            ASKED_OTHERWISE => Self::AskedOtherwise,
            _ => Self::Unknown,
        }
    }

    /// The word for what a build without such words kept of a case that was stopped: the end of the
    /// run and the stop of a case were told in the same sentence.
    #[must_use]
    pub fn of_older_row(reason: &str, run_ended: Option<&str>) -> Self {
        if run_ended == Some(reason) { Self::RunEnded } else { Self::Unknown }
    }
}

/// Why a statement says nothing of an appliance: it is about other versions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Beyond {
    /// It came with a later version.
    TooOld,
    /// It was gone with this version, or an earlier one.
    TooNew,
    /// Nobody knows which version the appliance has.
    VersionUnknown,
    /// A word that this build doesn't know.
    #[serde(other)]
    Unknown,
}

impl Beyond {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether the documents say that there is nothing to exercise, so that nothing is missing.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::TooOld | Self::TooNew)
    }
}

/// The reason of a case that didn't exist when the record was made.
pub const NOT_THEN: &str = "the record was made with a catalogue that didn't have this case";
/// The reason of a case whose requests were different then.
pub const ASKED_OTHERWISE: &str = "the record was made with another form of this case, so its \
    answers belong to other requests";
/// The text for a certificate that nobody checked.
pub const UNVERIFIED: &str = "not verified (--insecure)";
/// The text where there is no certificate.
pub const PLAIN: &str = "none (plain HTTP)";
/// The text before the hash of a pinned certificate.
pub const PINNED: &str = "pinned to SHA-256";
/// The text for a record that was changed after it was written.
const CHANGED: &str = "the rows were changed after they were written";

/// What ended a run early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// The target gave no answer.
    Unreachable,
    /// It refused the credentials.
    Credentials,
    /// It isn't the appliance that the operator meant.
    Identity,
    /// The operator stopped the run.
    Interrupted,
    /// A bound was hit.
    Bound,
    /// A word that this build doesn't know.
    #[serde(other)]
    Unknown,
}

/// How far the peer's certificate was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Against authorities: the system's, or those of a file.
    Verified,
    /// Against the hash of one certificate.
    Pinned,
    /// Not at all.
    Unverified,
    /// There is none: plain HTTP.
    Plain,
    /// A word that this build doesn't know; it is taken for unverified.
    #[serde(other)]
    Unknown,
}

impl Trust {
    /// The word for what a build without such words said.
    #[must_use]
    pub fn of_older(tls: &str) -> Self {
        match tls {
            UNVERIFIED => Self::Unverified,
            PLAIN => Self::Plain,
            _ if tls.starts_with(PINNED) => Self::Pinned,
            _ => Self::Verified,
        }
    }

    /// Whether anybody could have answered.
    #[must_use]
    pub fn is_unverified(self) -> bool {
        matches!(self, Self::Unverified | Self::Unknown)
    }
}

/// What is wrong with a record as it was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flaw", rename_all = "kebab-case")]
pub enum Flaw {
    /// Its last row was cut in the middle and is left out.
    Cut {
        /// Which row, from 1.
        row: u64,
    },
    /// It isn't the one that was written.
    Changed,
    /// A word that this build doesn't know; it is taken for the worst.
    #[serde(other)]
    Unknown,
}

impl Flaw {
    /// Whether the record can't be relied on.
    #[must_use]
    pub fn spoils(self) -> bool {
        !matches!(self, Self::Cut { .. })
    }

    /// The flaws that a build without such words told among the notes of a report.
    #[must_use]
    pub fn of_older_notes(notes: &[String]) -> Vec<Self> {
        notes.iter().filter(|note| note.contains(CHANGED)).map(|_| Self::Changed).collect()
    }
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cut { row } => write!(f, "row {row} is truncated and is left out"),
            Self::Changed => write!(f, "{CHANGED}: the footer's digest differs"),
            Self::Unknown => f.write_str("it has a flaw unknown to this build"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_a_later_build_is_unknown_and_taken_for_the_worst() {
        assert_eq!(serde_json::from_str::<Why>("\"of-tomorrow\"").unwrap(), Why::Unknown);
        assert!(!Why::Unknown.is_cut_short() && !Why::Unknown.was_not_asked());
        let trust: Trust = serde_json::from_str("\"by-letter\"").unwrap();
        assert!(trust.is_unverified());
        let flaw: Flaw = serde_json::from_str("{\"flaw\": \"moved\"}").unwrap();
        assert!(flaw.spoils());
        assert_eq!(serde_json::from_str::<EndKind>("\"bored\"").unwrap(), EndKind::Unknown);
    }

    #[test]
    fn what_older_builds_said_is_understood() {
        assert_eq!(Why::of_older_report(NOT_THEN), Why::NotThen);
        assert_eq!(Why::of_older_report("no answer came"), Why::Unknown);
        assert_eq!(Why::of_older_row("a bound", Some("a bound")), Why::RunEnded);
        assert_eq!(Trust::of_older(UNVERIFIED), Trust::Unverified);
        assert_eq!(Trust::of_older(PLAIN), Trust::Plain);
        assert_eq!(Trust::of_older(&format!("{PINNED} ab")), Trust::Pinned);
        assert_eq!(Trust::of_older("verified against ca.pem"), Trust::Verified);
        let notes = [format!("{}", Flaw::Changed), "all is well".to_owned()];
        assert_eq!(Flaw::of_older_notes(&notes), [Flaw::Changed]);
    }
}
