//! Options of what looks at clients: `record` and `profile`.
//!
//! Knows: names, defaults and help texts. Must not know: what a subcommand does.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::args::{EffectArg, SourceArgs, TextOrJson};

#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// The target file of the appliance (see target.example.toml)
    #[arg(long, value_name = "FILE", required_unless_present = "url")]
    pub(super) target: Option<PathBuf>,
    /// The address of the appliance, instead of a target file
    #[arg(long, value_name = "URL", conflicts_with = "target")]
    pub(super) url: Option<String>,
    /// Trust the certificates in this file
    #[arg(long, value_name = "FILE", group = "trust")]
    pub(super) ca_file: Option<PathBuf>,
    /// Trust the one certificate with this SHA-256
    #[arg(long, value_name = "HASH", group = "trust")]
    pub(super) pin_sha256: Option<String>,
    /// Trust any certificate; the record says so
    #[arg(long, group = "trust")]
    pub(super) insecure: bool,
    /// The port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value = "0")]
    pub(super) port: u16,
    /// Serve the client over TLS with a self-signed certificate for `localhost`, `127.0.0.1` and
    /// `::1`; its SHA-256 is printed to stderr, and its file is named in `LXCA_CA_FILE`
    #[arg(long)]
    pub(super) tls: bool,
    /// The worst effect that a request of the client may have; anything worse is answered with 403
    /// and not sent [default: that of the target file, or read]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(super) allow: Option<EffectArg>,
    /// Write transcript.jsonl and exchanges.har to this folder [default:
    /// reports/recordings/TIME-TARGET]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
    /// The client's command; `{url}` in its words, and `LXCA_URL` in its environment, are the
    /// address of the proxy. Without it, the proxy runs until it is interrupted
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
}

/// The form of a profile's story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExplainForm {
    /// For a terminal
    Text,
    /// For a page or a job's summary
    Markdown,
    /// One file for a browser
    Html,
    /// One JSON document
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// Check profiles: keys and words, whether the contract knows each operation and member, and
    /// contradictions
    #[command(after_help = "Example:\n  lxca-conform profile lint profiles/*.toml")]
    Lint {
        /// The profiles
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        sources: SourceArgs,
    },
    /// Merge profiles into one: what any of the clients needs
    #[command(after_help = "Example:\n  lxca-conform profile merge nightly.toml weekly.toml \
            --name all-jobs --out all.toml")]
    Merge {
        /// The profiles
        #[arg(required = true, num_args = 2.., value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The name of the merged client [default: the names, joined by +]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Write the profile to this file instead of stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show what a client depends on, as a table
    #[command(after_help = "Examples:\n  lxca-conform profile explain nightly.toml\n  \
            lxca-conform profile explain nightly.toml --format html > nightly.html")]
    Explain {
        /// The profile
        file: PathBuf,
        /// The output format
        #[arg(long, value_enum, default_value = "text")]
        format: ExplainForm,
    },
    /// Show what a client newly depends on, and on what it no longer does; exits 1 where it newly
    /// depends on something
    #[command(after_help = "Example:\n  lxca-conform profile diff last-month.toml today.toml")]
    Diff {
        /// The profile before
        old: PathBuf,
        /// The profile after
        new: PathBuf,
        /// The output format
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}
