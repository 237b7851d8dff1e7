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

/// An exit code, its meaning, and what to do.
pub(super) struct Row {
    pub(super) exit: Exit,
    pub(super) meaning: &'static str,
    pub(super) more: &'static str,
}

/// Every exit code with its meaning.
pub(super) const EXITS: &[Row] = &[
    Row {
        exit: Exit::Conformant,
        meaning: "conformant in the given scope, or only known failures (gate: no regression)",
        more: "follows from the conclusion of `run` and `judge`. From every other subcommand it \
            means success: `report` exits with 0 even if the report it renders is nonconformant, and \
            `record` with 0 when its command succeeded, or was interrupted where there is none. \
            Shards of a run are the exception: joined, they end as the run would have.",
    },
    Row {
        exit: Exit::Nonconformant,
        meaning: "nonconformant (gate: regression)",
        more: "always means that the appliance differs; with `gate --profile`, in what a client \
            needs, and from `profile diff`, that the client needs more than it did. Errors of \
            the harness or its user never exit with 1.",
    },
    Row {
        exit: Exit::Usage,
        meaning: "usage, configuration, contract or catalogue error",
        more: "is raised before anything is sent: bad options, an invalid target file or filter, \
            a missing password, a contract or catalogue with problems. All problems of a file \
            are shown at once.",
    },
    Row {
        exit: Exit::Incomplete,
        meaning: "incomplete: something in scope could not be judged (--allow-incomplete turns it \
            to 0; gate: can't tell, or not comparable)",
        more: "isn't a weak 0. `--allow-incomplete` is for a gate that should stop only on 1; \
            the report still says incomplete. `gate --profile` exits with 3 where a client \
            depends on something that the runs don't show, and `record` where its command \
            failed: the record may lack what it would have asked next.",
    },
    Row {
        exit: Exit::Nothing,
        meaning: "nothing was selected, so nothing ran",
        more: "keeps a mistyped filter from looking like success: each filter must match a case of \
            the catalogue. `list`, `plan` and `history` use \
            it too, and `record` when no request came through it, or its proxy refused all of \
            them. A part of a run (`--shard`) without a case or an appliance ends with it, and is written: it joins the others.",
    },
    Row {
        exit: Exit::Unreachable,
        meaning: "target unreachable, TLS refused, or credentials refused",
        more: "means that the login or the first request, `GET /aicc`, got no answer, a refusal, or \
            an answer that no appliance gives, such as a redirect. Record and report are written, \
            and every selected case is `unresolved`. From `record` it means that no request of the \
            client reached the appliance.",
    },
    Row {
        exit: Exit::Waivers,
        meaning: "no new failures, but waivers are stale, expired or too broad",
        more: "is about the waiver file, not the appliance: fix or remove the waivers that the \
            report names. A new failure takes precedence (1); an incomplete run doesn't.",
    },
    Row {
        exit: Exit::Unwritten,
        meaning: "record or report could not be written",
        more: "keeps what was written before.",
    },
    Row {
        exit: Exit::Interrupted,
        meaning: "interrupted; the record is complete up to that point",
        more: "is the response to SIGINT, SIGTERM, or SIGHUP, unless that is ignored, as under \
            `nohup`. The report covers the record so far.",
    },
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
    let rows: Vec<String> =
        EXITS.iter().map(|row| format!("  {:<4} {}", row.exit.code(), row.meaning)).collect();
    format!("Exit codes:\n{}", rows.join("\n"))
}

/// The table as Markdown, for `docs/exit-codes.md`.
#[must_use]
pub fn exit_codes() -> String {
    let rows: Vec<String> =
        EXITS.iter().map(|row| format!("| {} | {} |", row.exit.code(), row.meaning)).collect();
    let more: Vec<String> =
        EXITS.iter().map(|row| format!("- **{}** {}", row.exit.code(), row.more)).collect();
    format!("| exit | meaning |\n|---|---|\n{}\n\n{}\n", rows.join("\n"), more.join("\n"))
}
