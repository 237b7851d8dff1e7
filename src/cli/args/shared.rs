//! Options that several subcommands take: the files, the target, the cases, and words for them.
//!
//! Knows: names, defaults and help texts. Must not know: which subcommand takes them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::shard::ShardArg;
use crate::report::Untested;

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct SourceArgs {
    /// Add the operations of this folder to the built-in contract, with the cases beside them; a
    /// folder that has all of the built-in operations takes its place. May be given several times
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) contract: Vec<PathBuf>,
    /// Let an operation of --contract take the place of the one that the contract has already
    #[arg(long, requires = "contract")]
    pub(in crate::cli) replace: bool,
    /// Read the catalogue from this folder instead of the built-in one
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) catalogue: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum EffectArg {
    /// Changes nothing
    Read,
    /// Adds what can be undone: a lock, a copy
    Write,
    /// Removes, moves or sends data away
    Destroy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum AuthArg {
    /// One session for the run
    Session,
    /// HTTP Basic with each request
    Basic,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LevelArg {
    /// Only hand-written cases
    None,
    /// Add the generated cases for what the request tables state, and for what is cheap to
    /// observe
    Core,
    /// Add every generated case: rarer spellings, and pairs of mistakes
    All,
}

/// Generated and random cases.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct DerivedArgs {
    /// Which cases to include of those generated from the request tables [default: core; none
    /// with --catalogue]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(in crate::cli) generated: Option<LevelArg>,
    /// Add N random requests per operation, drawn from the request tables
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(in crate::cli) explore: Option<u32>,
    /// The seed of --explore: the same seed gives the same requests [default: the time; it is
    /// printed]
    #[arg(long, value_name = "S", requires = "explore")]
    pub(in crate::cli) seed: Option<u64>,
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct SelectArgs {
    /// A target file (see target.example.toml); `run` takes several
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "user"])]
    pub(in crate::cli) target: Vec<PathBuf>,
    /// The address of a target, instead of a target file
    #[arg(long, value_name = "URL", requires = "user")]
    pub(in crate::cli) url: Option<String>,
    /// The user name for --url
    #[arg(long, value_name = "NAME", requires = "url")]
    pub(in crate::cli) user: Option<String>,
    /// The environment variable that holds the password [default: `LXCA_PASSWORD`]
    #[arg(long, value_name = "VAR")]
    pub(in crate::cli) password_env: Option<String>,
    /// How to log in [default: basic with --url]
    #[arg(long, value_enum)]
    pub(in crate::cli) auth: Option<AuthArg>,
    /// Trust the certificates in this file
    #[arg(long, value_name = "FILE", group = "trust")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Trust the one certificate with this SHA-256
    #[arg(long, value_name = "HASH", group = "trust")]
    pub(in crate::cli) pin_sha256: Option<String>,
    /// Trust any certificate; every report says so
    #[arg(long, group = "trust")]
    pub(in crate::cli) insecure: bool,
    /// The worst effect a case may have [default: read; destroy for the built-in double]
    #[arg(long, value_enum)]
    pub(in crate::cli) allow: Option<EffectArg>,
    /// Run only cases whose id matches this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) filter: Vec<String>,
    /// Run one part of several, such as 2/8: of the targets if there are several, else of the
    /// reading cases, with all others in part 1. `auto` takes the part from the CI system, `auto/8`
    /// from a Kubernetes Indexed Job
    #[arg(long, value_name = "I/N")]
    pub(in crate::cli) shard: Option<ShardArg>,
    /// A fact of the target, such as backup.uuid=…; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub(in crate::cli) fact: Vec<String>,
    /// Treat deviations as failures
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    #[command(flatten)]
    pub(in crate::cli) sources: SourceArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum UntestedArg {
    /// They are skipped tests
    Skip,
    /// They aren't in it
    Omit,
}

impl UntestedArg {
    pub(in crate::cli) fn untested(self) -> Untested {
        match self {
            Self::Skip => Untested::Skip,
            Self::Omit => Untested::Omit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TextOrJson {
    /// For people
    Text,
    /// One JSON document
    Json,
}
