//! The exit codes, once: `--help`, `docs/exit-codes.md` and the tests read this table.
//!
//! Knows: numbers and meanings. Must not know: who decides.

use std::process::{ExitCode, Termination};

/// How a run ends, as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Conformant in the scope that was asked for.
    Conformant = 0,
    /// Nonconformant.
    Nonconformant = 1,
    /// Usage, configuration, contract or catalogue error.
    Usage = 2,
    /// Incomplete.
    Incomplete = 3,
    /// Nothing was selected, so nothing ran.
    Nothing = 4,
    /// Target unreachable, TLS refused, or credentials refused.
    Unreachable = 5,
    /// Waivers stale, expired or too broad.
    Waivers = 6,
    /// Record or report could not be written.
    Unwritten = 7,
    /// Interrupted.
    Interrupted = 130,
}

/// Every exit code with its meaning.
pub(super) const EXITS: &[(Exit, &str)] = &[
    (Exit::Conformant, "conformant in the scope that was asked for, or only known failures (gate: nothing is worse)"),
    (Exit::Nonconformant, "nonconformant (gate: something is worse)"),
    (Exit::Usage, "usage, configuration, contract or catalogue error"),
    (Exit::Incomplete, "incomplete: something in scope could not be judged (--allow-incomplete turns it to 0; gate: can't tell, or not comparable)"),
    (Exit::Nothing, "nothing was selected, so nothing ran"),
    (Exit::Unreachable, "target unreachable, TLS refused, or credentials refused"),
    (Exit::Waivers, "nothing new is wrong, but waivers are stale, expired or too broad"),
    (Exit::Unwritten, "record or report could not be written"),
    (Exit::Interrupted, "interrupted; the record is whole up to there"),
];

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

/// The table as text.
pub(super) fn table() -> String {
    let rows: Vec<String> = EXITS.iter().map(|(exit, meaning)| format!("  {:<4} {meaning}", exit.code())).collect();
    format!("Exit codes:\n{}", rows.join("\n"))
}
