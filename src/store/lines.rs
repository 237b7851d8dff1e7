//! A file of lines that one process appends to.
//!
//! Knows: locks of files, and where a line ends. Must not know: what a line says.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::{StoreError, remove};

/// A file of lines that one process appends to, each whole before the next.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    file: File,
}

impl Lines {
    /// Opens it, and makes it where it isn't there; gives back what stands in it. An error where
    /// another process has it open.
    pub fn open(path: &Path) -> Result<(Self, String), StoreError> {
        let wrap = |source| StoreError::Write { path: path.to_path_buf(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            make_folders(folder).map_err(wrap)?;
        }
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(wrap)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Held { path: path.to_path_buf() });
            }
            Err(TryLockError::Error(error)) if error.kind() != std::io::ErrorKind::Unsupported => {
                return Err(wrap(error));
            }
            _ => {}
        }
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|source| StoreError::Read { path: path.to_path_buf(), source })?;
        // The end of a line that was cut goes, so that the next one stands alone.
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        file.set_len(whole as u64).map_err(wrap)?;
        text.truncate(whole);
        Ok((Self { path: path.to_path_buf(), file }, text))
    }

    /// Appends a line.
    pub fn append(&mut self, line: &str) -> Result<(), StoreError> {
        self.file.write_all(format!("{line}\n").as_bytes()).map_err(|source| self.failed(source))
    }

    /// Takes away what stands in it.
    pub fn clear(&mut self) -> Result<(), StoreError> {
        self.file.set_len(0).map_err(|source| self.failed(source))
    }

    /// Takes the file away.
    pub fn remove(self) -> Result<(), StoreError> {
        remove(&self.path)
    }

    fn failed(&self, source: std::io::Error) -> StoreError {
        StoreError::Write { path: self.path.clone(), source }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one door to making folders")]
fn make_folders(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}
