//! Options of `depend`.
//!
//! Knows: names, defaults and help texts. Must not know: how anything is learned.

use std::path::PathBuf;

use clap::Args;

use super::args::SourceArgs;

#[derive(Debug, Args)]
pub(super) struct DependArgs {
    /// Serve the answers of this recording: HAR 1.2, a VCR cassette, or the folder of a run
    /// [default: the built-in double]
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    pub(super) recording: Option<PathBuf>,
    /// Serve the double with this site, as `serve --state` does
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Where to write the profile; its journal is beside it until all is known
    #[arg(long, value_name = "PROFILE", default_value = "profile.toml")]
    pub(super) out: PathBuf,
    /// The name of the client in the profile [default: the file name of the command]
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Stop after this time, such as 10m, or after so many runs, such as 200runs, and write what is
    /// known by then; the same command goes on from there
    #[arg(long, value_name = "D")]
    pub(super) budget: Option<String>,
    /// How many runs of the command go on side by side, each with a port of its own
    #[arg(short = 'j', long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) jobs: u8,
    /// Compare more than the exit status: `stdout`, or a file that the command writes
    #[arg(long, value_name = "stdout|FILE")]
    pub(super) compare: Option<String>,
    /// Print no progress
    #[arg(long)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
    /// The test command of the client, after `--`; `{url}` in it stands for the address, which is
    /// in `LXCA_URL` too
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
}
