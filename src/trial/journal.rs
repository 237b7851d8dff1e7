//! What came of each experiment, kept as it comes, so that learning goes on where it was stopped.
//!
//! Knows: the form of the file. Must not know: which experiments are made.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::depend::{Experiment, Outcome, Seen};
use crate::store::{Lines, StoreError};
use crate::texts::hex;

/// The version of the form.
const FORMAT: u32 = 1;

/// What is learned, and how: outcomes are only worth something for the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The command, without secrets.
    pub command: Vec<String>,
    /// Digest of what is served.
    pub source: String,
    /// What is compared.
    pub compare: String,
    /// Digest of the contract.
    pub contract: String,
    /// Name and version of this tool.
    pub by: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
enum Row {
    Header {
        format: u32,
        started: Timestamp,
        about: About,
    },
    /// What the unchanged run fetched.
    Seen {
        digest: String,
    },
    Experiment {
        id: String,
        says: String,
        outcome: Outcome,
    },
}

/// Why a journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It isn't one.
    #[error(
        "read {path}:{line}: this isn't a line of a journal of `depend`; name another profile \
        with --out, or remove the file"
    )]
    NoJournal {
        /// Which.
        path: PathBuf,
        /// 1-based.
        line: usize,
    },
    /// It is about something else.
    #[error(
        "go on with {path}: it was begun with another {what}; name another profile with \
        --out, or remove the journal to begin again"
    )]
    Other {
        /// Which.
        path: PathBuf,
        /// What is another one.
        what: &'static str,
    },
}

/// The journal of one profile.
#[derive(Debug)]
pub struct Journal {
    lines: Lines,
    /// When learning was begun.
    pub started: Timestamp,
    seen: Option<String>,
    kept: HashMap<String, Outcome>,
}

impl Journal {
    /// Opens the journal, and begins one where there is none.
    pub fn open(path: &Path, about: &About, now: Timestamp) -> Result<Self, JournalError> {
        let (lines, text) = Lines::open(path)?;
        let mut journal = Self { lines, started: now, seen: None, kept: HashMap::new() };
        let wrong = |line| JournalError::NoJournal { path: path.to_path_buf(), line };
        for (number, line) in (1..).zip(text.lines()) {
            match serde_json::from_str(line).map_err(|_| wrong(number))? {
                Row::Header { format, started, about: begun } if number == 1 => {
                    if let Some(what) = differs(format, &begun, about) {
                        return Err(JournalError::Other { path: path.to_path_buf(), what });
                    }
                    journal.started = started;
                }
                _ if number == 1 => return Err(wrong(number)),
                Row::Header { .. } => return Err(wrong(number)),
                Row::Seen { digest } => journal.seen = Some(digest),
                Row::Experiment { id, outcome, .. } => drop(journal.kept.insert(id, outcome)),
            }
        }
        if text.is_empty() {
            let header = Row::Header { format: FORMAT, started: now, about: about.clone() };
            journal.append(&header)?;
        }
        Ok(journal)
    }

    fn append(&mut self, row: &Row) -> Result<(), StoreError> {
        self.lines.append(&serde_json::to_string(row).unwrap_or_default())
    }

    /// How many outcomes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Says what the unchanged run fetched. Where that is something else than when it was begun, no
    /// outcome counts any more; gives back whether they do.
    pub fn fetched(&mut self, seen: &Seen) -> Result<bool, StoreError> {
        let elements: Vec<_> = seen
            .elements
            .iter()
            .map(|one| (one.operation, &one.path, &one.rows, one.met, &one.values))
            .collect();
        let digest = hex(&Sha256::digest(format!("{elements:?}").as_bytes()));
        let same = self.seen.as_ref().is_none_or(|known| *known == digest);
        if self.seen.as_ref() != Some(&digest) {
            self.kept.clear();
            self.append(&Row::Seen { digest })?;
        }
        Ok(same)
    }

    /// What came of an experiment, if it was made.
    #[must_use]
    pub fn outcome(&self, seen: &Seen, experiment: &Experiment) -> Option<Outcome> {
        if self.kept.is_empty() {
            return None;
        }
        self.kept.get(&id(seen, experiment)).cloned()
    }

    /// Keeps what came of one.
    pub fn keep(
        &mut self,
        seen: &Seen,
        experiment: &Experiment,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        self.append(&Row::Experiment {
            id: id(seen, experiment),
            says: experiment.says(seen),
            outcome: outcome.clone(),
        })
    }

    /// Takes it away: all is learned.
    pub fn remove(self) -> Result<(), StoreError> {
        self.lines.remove()
    }
}

fn id(seen: &Seen, experiment: &Experiment) -> String {
    hex(&Sha256::digest(experiment.name(seen).as_bytes())[..16])
}

fn differs(format: u32, begun: &About, about: &About) -> Option<&'static str> {
    if format != FORMAT || begun.by != about.by {
        Some("version of lxca-conform")
    } else if begun.command != about.command {
        Some("command")
    } else if begun.source != about.source {
        Some("recording or state")
    } else if begun.compare != about.compare {
        Some("--compare")
    } else if begun.contract != about.contract {
        Some("contract")
    } else {
        None
    }
}
