//! Options of what compares runs: gates, matrices, waivers, baselines.
//!
//! Knows: names, defaults and help texts. Must not know: what a subcommand does.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{SourceArgs, TextOrJson};

/// What a report is compared with.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct OverlayArgs {
    /// Waivers for known failures (see docs/waivers.md)
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
    /// An earlier run to compare with; the report says what changed since
    #[arg(long, value_name = "DIR")]
    pub(super) baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// The run before: its folder, its transcript.jsonl, its report.json, or a recording (HAR, VCR)
    #[arg(long, value_name = "DIR")]
    pub(super) baseline: PathBuf,
    /// The run after; may be given several times
    #[arg(long, value_name = "DIR", required = true)]
    pub(super) candidate: Vec<PathBuf>,
    /// The policy: a file, or a built-in one: regression, upgrade or strict [default: upgrade]
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// What a client depends on: a profile file, as `depend` writes it. The answer is then about
    /// these clients: 0 safe, 1 breaks, 3 can't tell. May be given several times. A name that is
    /// no file is that of a profile of the policy
    #[arg(long, value_name = "FILE|NAME")]
    pub(super) profile: Vec<String>,
    /// Waivers for known failures (see docs/waivers.md)
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
    /// What the pages announce, as `import --diff … --format json` prints it; labels each change
    /// as announced, unannounced or absent
    #[arg(long, value_name = "FILE")]
    pub(super) announced: Option<PathBuf>,
    /// Write gate.json, gate.html, gate.md and gate-junit.xml to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: TextOrJson,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum MatrixForm {
    /// For a page or a job's summary
    Markdown,
    /// One file for a browser
    Html,
}

#[derive(Debug, Args)]
pub(super) struct MatrixArgs {
    /// The folders of the runs, in the order of the columns
    #[arg(required = true)]
    pub(super) runs: Vec<PathBuf>,
    /// Also list what is the same in every run
    #[arg(long)]
    pub(super) all: bool,
    /// Write the whole table to matrix.md and matrix.html in this folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value = "markdown")]
    pub(super) format: MatrixForm,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum WaiverCommand {
    /// Check a waiver file: keys, days, breadth, and whether each row names something that exists
    Lint {
        /// The waiver file
        file: PathBuf,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// List the waivers that are stale for a run: expired, unused, too broad, or passing
    Stale {
        /// The waiver file
        file: PathBuf,
        /// The folder of a run, or its transcript.jsonl
        run: PathBuf,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Print a draft waiver for each new failure of a run
    Draft {
        /// The folder of a run, or its transcript.jsonl
        run: PathBuf,
        /// The waivers that exist already
        #[arg(long, value_name = "FILE")]
        waivers: Option<PathBuf>,
        #[command(flatten)]
        sources: SourceArgs,
    },
}
