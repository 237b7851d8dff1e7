//! Recordings that an operator names, told from records of our own runs by what stands in them.
//!
//! Knows: files. Must not know: how a recording is read, or judged.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::judge::with_recorded;
use crate::problem::{Problem, Problems};
use crate::recording;
use crate::store::{self, Record, StoreError};

use super::Failure;
use super::args::SourceArgs;
use super::sources;

/// What judges, and what is judged.
pub(super) struct Opened {
    pub(super) contract: Contract,
    pub(super) catalogue: Catalogue,
    pub(super) record: Record,
}

/// The record that a path names, or the recordings that several name.
pub(super) fn open(paths: &[PathBuf], args: &SourceArgs) -> Result<Opened, Failure> {
    if let Some(path) = paths.iter().find(|path| !is_recording(path)) {
        let record = store::read(path).map_err(Failure::usage)?;
        if paths.len() > 1 {
            return Err(Failure::usage(format!(
                "judge {} files together: {} is the record of a run; name one record, or \
                    recordings only",
                paths.len(),
                path.display()
            )));
        }
        let (contract, mut catalogue) = sources::load_like(args, &record.header.catalogue)?;
        let record = recording::completed(&contract, &path.display().to_string(), record);
        if record.recording.is_some() {
            catalogue = with_recorded(&contract, &catalogue);
        }
        return Ok(Opened { contract, catalogue, record });
    }
    let (contract, catalogue) = sources::load(args)?;
    let record = read(paths, &contract, &catalogue)?;
    let catalogue = with_recorded(&contract, &catalogue);
    Ok(Opened { contract, catalogue, record })
}

/// The one record of recordings.
pub(super) fn read(
    paths: &[PathBuf],
    contract: &Contract,
    catalogue: &Catalogue,
) -> Result<Record, Failure> {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        let text = match store::read_text(path) {
            Ok(text) => text,
            Err(StoreError::Read { source, .. }) if source.kind() == ErrorKind::InvalidData => {
                problems.push(
                    Problem::new(path.display().to_string(), "the file isn't UTF-8 text")
                        .fix("decompress it if it is compressed, and save it as UTF-8"),
                );
                continue;
            }
            Err(error) => return Err(Failure::usage(error)),
        };
        match recording::read(&path.display().to_string(), &text) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(Failure::usage(format!("read recordings:\n{}", Problems(problems))));
    }
    Ok(recording::record(contract, catalogue, &files))
}

/// The record of a run; where a file is something else that was recorded, what to do with it.
pub(super) fn record_of(path: &Path) -> Result<Record, Failure> {
    store::read(path).map_err(|error| {
        let name = path.display();
        let is_packed =
            || crate::files::bytes(path).is_ok_and(|bytes| bytes.starts_with(&[0x1f, 0x8b]));
        if !matches!(error, StoreError::NotARecord { .. }) {
            Failure::usage(error)
        } else if holds_exchanges(path) {
            Failure::usage(format!(
                "read {name}: it is a recording, not the record of a run; judge it with \
                    `lxca-conform judge {name} --out DIR`, and name DIR"
            ))
        } else if is_packed() {
            Failure::usage(format!(
                "read {name}: it is compressed; decompress it with gunzip, and name what comes out"
            ))
        } else {
            Failure::usage(error)
        }
    })
}

/// Whether a file whose name says JSON is a recording, and no report.
pub(super) fn holds_exchanges(path: &Path) -> bool {
    store::read_text(path).is_ok_and(|text| recording::read("", &text).is_ok())
}

/// Whether a path names something else than a run: a file that doesn't begin with a row of a
/// record.
pub(super) fn is_recording(path: &Path) -> bool {
    if !path.is_file() || path.extension().is_some_and(|extension| extension == "jsonl") {
        return false;
    }
    !store::begins_like_a_record(path)
}
