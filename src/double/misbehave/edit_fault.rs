//! Faults that only change replies, as a table outside of the double has them: a name, what it is,
//! and the lines of edits.
//!
//! Knows scripts. Must not know where the table lies, or what a fault breaks.

use super::super::terms::names::Name;
use super::script::{Deed, Script};
use super::words::ScriptError;

/// A fault that is nothing but edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditFault {
    name: Name,
    summary: String,
    place: String,
    lines: Vec<Script>,
}

impl EditFault {
    /// Reads the lines of a fault; each must be edits, such as `sftp-locks.list: drop /*/id`.
    pub fn read<S: AsRef<str>>(
        name: &str,
        summary: &str,
        lines: &[S],
    ) -> Result<Self, ScriptError> {
        let name = Name::from(name);
        let mut read = Vec::new();
        for line in lines {
            let line = line.as_ref();
            let script: Script = line.parse()?;
            if !matches!(script.deed, Deed::Edits(_)) {
                return Err(ScriptError::no_edit(line));
            }
            read.push(script.line_of(&name));
        }
        let mut homes: Vec<String> = read.iter().map(Script::home).collect();
        homes.sort_unstable();
        homes.dedup();
        let place = match homes.as_slice() {
            [home] => home.clone(),
            _ => "*".to_owned(),
        };
        Ok(Self { name, summary: summary.to_owned(), place, lines: read })
    }

    /// The name in kebab case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line on what it does.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The operation it shows in, as method and path, or `*` for several.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn lines(&self) -> &[Script] {
        &self.lines
    }
}
