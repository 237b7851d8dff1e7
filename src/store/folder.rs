//! The folder of a run: made for it, and kept for it while it is at work.
//!
//! Knows: locks of files. Must not know: what is written into it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::{RECORD_FILE, StoreError};

/// Keeps other runs out of a folder while it lives.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "the lock is the open file's")] pub(super) File);

pub(super) fn locked(folder: &Path, answer: Result<(), TryLockError>) -> Result<(), StoreError> {
    match answer {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { folder: folder.to_path_buf() }),
        // Where the file system has no locks, runs can only be kept apart by their folders.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            Ok(())
        }
        Err(TryLockError::Error(source)) => {
            Err(StoreError::Write { path: folder.join(RECORD_FILE), source })
        }
    }
}

/// Keeps runs out of a folder in which something is written beside a record; an error where a run
/// is at work in it.
#[expect(clippy::disallowed_methods, reason = "the one door to the files of a run")]
pub fn beside(folder: &Path) -> Result<Option<Hold>, StoreError> {
    let path = folder.join(RECORD_FILE);
    match File::open(&path) {
        Ok(file) => {
            locked(folder, file.try_lock_shared())?;
            Ok(Some(Hold(file)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Read { path, source }),
    }
}

/// Makes a folder that nobody has: the one that is named, or the first of `NAME-2`, `NAME-3` … that
/// isn't there.
#[expect(clippy::disallowed_methods, reason = "the one door to making folders")]
pub fn fresh(folder: &Path) -> Result<PathBuf, StoreError> {
    let wrap = |source| StoreError::Write { path: folder.to_path_buf(), source };
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent).map_err(wrap)?;
    }
    for number in 1..u32::MAX {
        let mut name = folder.as_os_str().to_owned();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        // Two processes that ask at once can't both be told that they made it.
        match std::fs::create_dir(&name) {
            Ok(()) => return Ok(name.into()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(wrap(source)),
        }
    }
    Err(wrap(std::io::ErrorKind::AlreadyExists.into()))
}

/// Takes away a folder in which nothing was written.
pub fn unmake(folder: &Path) {
    let _ = std::fs::remove_dir(folder);
}
