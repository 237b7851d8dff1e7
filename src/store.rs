//! The record: `transcript.jsonl`, one row per event, header first, footer last.
//!
//! Knows: rows and files. The one door to writing files. Must not know: what a row means for a verdict.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::contract::Document;
use crate::exchange::{Exchange, Outgoing};
use crate::files::hex;
use crate::plan::{Facts, LeftOut, Scope};

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
        /// Why.
        reason: String,
    },
    /// Something that a reader should know.
    Note {
        /// In words.
        text: String,
    },
    /// Counts and digest.
    Footer(Footer),
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
        Self { method: request.method.clone(), target: request.target.clone(), body: request.body.clone() }
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
        Self { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
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
        Self { id: document.id.clone(), sha256: document.sha256.clone(), version: document.version.clone(), read: document.read.clone() }
    }
}

/// The catalogue's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueId {
    /// SHA-256 over its files.
    pub digest: String,
}

/// The target's identity, as the operator named it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetId {
    /// Its name.
    pub name: String,
    /// `double` or `live`.
    pub kind: TargetKind,
    /// Address, without credentials.
    pub url: String,
    /// How its certificate is trusted, in words.
    pub tls: String,
    /// SHA-256 over what the operator configured, without secrets.
    pub digest: String,
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
}

/// What `GET /aicc` told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Identity {
    /// Whether the peer says that it is the double.
    pub double: bool,
    /// Product version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
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
    /// `unreachable`, `credentials`, `identity`, `interrupted`, `bound`.
    pub kind: String,
    /// In words.
    pub what: String,
}

/// What can go wrong with files of a run.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file couldn't be written.
    #[error("write {path}: {source}; what was written before is kept")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file couldn't be read.
    #[error("read {path}: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It isn't a record.
    #[error("read {path}:{line}: {what}; a record begins with a header row of format {FORMAT}")]
    NotARecord {
        /// Which.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// Why.
        what: String,
    },
}

/// Appends rows to a record, each flushed before the next, so that a killed run leaves whole rows.
#[derive(Debug)]
pub struct RecordWriter {
    path: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    rows: u64,
    exchanges: Vec<Row>,
    notes: Vec<String>,
}

impl RecordWriter {
    /// Creates the folder and an empty record, and takes away reports of an earlier run, so that none outlives a crash.
    #[expect(clippy::disallowed_methods, reason = "the one door to writing files")]
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("transcript.jsonl");
        let wrap = |source| StoreError::Write { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(wrap)?;
        for old in REPORT_FILES {
            match std::fs::remove_file(folder.join(old)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::Write { path: folder.join(old), source: error }),
                _ => {}
            }
        }
        let out = BufWriter::new(File::create(&path).map_err(wrap)?);
        Ok(Self { path, out, hash: Sha256::new(), rows: 0, exchanges: Vec::new(), notes: Vec::new() })
    }

    /// Appends one row.
    pub fn append(&mut self, row: Row) -> Result<(), StoreError> {
        if let Row::Exchange(exchange) = &row {
            return self.append_exchange(exchange);
        }
        self.write(&row)?;
        if let Row::Note { text } = row {
            self.notes.push(text);
        }
        Ok(())
    }

    fn write(&mut self, row: &impl Serialize) -> Result<(), StoreError> {
        let wrap = |source| StoreError::Write { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(row).map_err(|error| wrap(error.into()))?;
        line.push(b'\n');
        self.out.write_all(&line).and_then(|()| self.out.flush()).map_err(wrap)?;
        self.hash.update(&line);
        self.rows += 1;
        Ok(())
    }

    /// Appends one exchange.
    pub fn append_exchange(&mut self, exchange: &Exchange) -> Result<(), StoreError> {
        #[derive(Serialize)]
        struct ExchangeRow<'a> {
            row: &'static str,
            #[serde(flatten)]
            exchange: &'a Exchange,
        }
        self.write(&ExchangeRow { row: "exchange", exchange })?;
        self.exchanges.push(Row::Exchange(Box::new(exchange.in_short())));
        Ok(())
    }

    /// The notes that were kept so far.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Closes the record; gives back its exchanges, so that a report needn't read the file again.
    pub fn close(mut self, finished: jiff::Timestamp, ended_early: Option<EndedEarly>) -> Result<(Vec<Row>, Footer), StoreError> {
        let digest = format!("sha256:{}", hex(&self.hash.clone().finalize()));
        let footer = Footer { finished, rows: self.rows, exchanges: self.exchanges.len() as u64, ended_early, digest };
        self.append(Row::Footer(footer.clone()))?;
        Ok((self.exchanges, footer))
    }
}

/// Files of a run besides its record.
pub const REPORT_FILES: &[&str] = &["report.json", "report.html", "report.md", "junit.xml"];

/// A record that was read back.
#[derive(Debug)]
pub struct Record {
    /// Its first row.
    pub header: Header,
    /// The rows between.
    pub rows: Vec<Row>,
    /// Its last row, when the run came to its end.
    pub footer: Option<Footer>,
    /// What is wrong with it, in words: cut, or changed afterwards.
    pub flaws: Vec<String>,
}

impl Record {
    /// The exchanges in the order they were had.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.rows.iter().filter_map(|row| match row {
            Row::Exchange(exchange) => Some(exchange.as_ref()),
            _ => None,
        })
    }

    /// What the appliance told about itself.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.rows.iter().find_map(|row| if let Row::Identity(identity) = row { Some(identity.clone()) } else { None }).unwrap_or_default()
    }

    /// The facts that cases got.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.rows.iter().find_map(|row| if let Row::Facts { facts } = row { Some(facts.clone()) } else { None }).unwrap_or_else(|| self.header.scope.facts.clone())
    }
}

/// Reads a record, whole or interrupted. A last row that was cut in the middle is dropped and named.
#[expect(clippy::disallowed_methods, reason = "the one door to reading a record")]
pub fn read(path: &Path) -> Result<Record, StoreError> {
    let path = if path.is_dir() { path.join("transcript.jsonl") } else { path.to_path_buf() };
    let wrap = |source| StoreError::Read { path: path.clone(), source };
    let file = File::open(&path).map_err(wrap)?;
    let mut reader = BufReader::new(file);
    let mut hash = Sha256::new();
    let (mut header, mut rows, mut footer, mut flaws) = (None, Vec::new(), None, Vec::new());
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(wrap)? == 0 {
            break;
        }
        number += 1;
        let whole = line.ends_with(b"\n");
        let not_a_record = |what: String| StoreError::NotARecord { path: path.clone(), line: number, what };
        let row: Row = match serde_json::from_slice(&line) {
            Ok(row) => row,
            Err(_) if !whole && header.is_some() => {
                flaws.push(format!("row {number} was cut in the middle and is left out"));
                break;
            }
            Err(error) => return Err(not_a_record(format!("the row isn't readable: {error}"))),
        };
        match (row, &header) {
            (Row::Header(found), None) if found.format == FORMAT => header = Some(*found),
            (Row::Header(found), None) => return Err(not_a_record(format!("the format is `{}`", found.format))),
            (_, None) => return Err(not_a_record("the first row is no header".to_owned())),
            (Row::Header(_), Some(_)) => return Err(not_a_record("a second header".to_owned())),
            (Row::Footer(found), Some(_)) => {
                let digest = format!("sha256:{}", hex(&hash.clone().finalize()));
                if digest != found.digest {
                    flaws.push("the rows aren't those that were written: the footer's digest differs".to_owned());
                }
                footer = Some(found);
            }
            (row, Some(_)) => rows.push(row),
        }
        hash.update(&line);
    }
    let Some(header) = header else {
        return Err(StoreError::NotARecord { path, line: 1, what: "the file is empty".to_owned() });
    };
    Ok(Record { header, rows, footer, flaws })
}

/// Writes a file whole or not at all.
#[expect(clippy::disallowed_methods, reason = "the one door to writing files")]
pub fn write_file(path: &Path, text: &str) -> Result<(), StoreError> {
    let wrap = |source| StoreError::Write { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(wrap)?;
    let mut file = tempfile::Builder::new().prefix(".writing-").tempfile_in(folder).map_err(wrap)?;
    file.write_all(text.as_bytes()).map_err(wrap)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(wrap)?;
    }
    file.persist(path).map_err(|error| wrap(error.error))?;
    Ok(())
}

/// Reads a text file of an earlier run.
#[expect(clippy::disallowed_methods, reason = "the one door to reading files of a run")]
pub fn read_text(path: &Path) -> Result<String, StoreError> {
    std::fs::read_to_string(path).map_err(|source| StoreError::Read { path: path.to_path_buf(), source })
}
