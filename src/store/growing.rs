//! A file that is whole after each element that is added to it.
//!
//! Knows: where its elements end. Must not know: what an element is.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::StoreError;

/// A file of a list that grows, and is whole after each element: what closes it is written with
/// each of them, and taken back with the next.
#[derive(Debug)]
pub struct GrowingFile {
    path: PathBuf,
    file: File,
    /// Where the next element goes.
    at: u64,
    any: bool,
    close: &'static str,
}

impl GrowingFile {
    /// Makes the file, with no element yet.
    #[expect(clippy::disallowed_methods, reason = "the one door to writing files")]
    pub fn begin(path: &Path, open: &str, close: &'static str) -> Result<Self, StoreError> {
        let wrap = |source| StoreError::Write { path: path.to_path_buf(), source };
        let mut file = File::create(path).map_err(wrap)?;
        file.write_all(format!("{open}{close}").as_bytes()).map_err(wrap)?;
        let at = open.len() as u64;
        Ok(Self { path: path.to_path_buf(), file, at, any: false, close })
    }

    /// Adds an element.
    pub fn add(&mut self, element: &str) -> Result<(), StoreError> {
        let comma = if self.any { ",\n" } else { "" };
        let text = format!("{comma}{element}{}", self.close);
        self.file
            .seek(SeekFrom::Start(self.at))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .map_err(|source| StoreError::Write { path: self.path.clone(), source })?;
        self.at += (comma.len() + element.len()) as u64;
        self.any = true;
        Ok(())
    }
}
