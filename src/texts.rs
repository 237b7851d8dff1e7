//! Texts by path, and what identifies them.
//!
//! Knows: names and bytes that somebody has read. Must not know: where they come from.

use std::collections::BTreeMap;

/// Texts by their path below the folder, with `/` on every platform.
pub type FileSet = BTreeMap<String, String>;

/// SHA-256 over names and texts, in order: the identity of a contract or a catalogue.
#[must_use]
pub fn digest(files: &FileSet) -> String {
    digest_of(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

/// The same of names and texts in the order of the names.
pub(crate) fn digest_of<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for (name, text) in files {
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether a file has that extension.
#[must_use]
pub(crate) fn is(name: &str, extension: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
