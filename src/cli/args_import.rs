//! The options of `import`.
//!
//! Knows: names, defaults and help texts. Must not know: what a page looks like.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::args::SourceArgs;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ImportForm {
    /// What the page says, as one JSON document
    #[value(alias = "json")]
    Draft,
    /// A contract folder with its cases, for review
    Contract,
    /// The defects of the page, as a ticket for its owner
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Saved pages as text or HTML, drafts in JSON, or folders of them; several renderings of one
    /// page are read as one
    #[arg(value_name = "PAGE", required_unless_present = "diff")]
    pub(super) pages: Vec<PathBuf>,
    /// What to write; `json` is another name of `draft`
    #[arg(long, value_enum)]
    pub(super) format: Option<ImportForm>,
    /// Where to write it; a contract needs a folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Say what changed between two versions of a page, or of folders of pages
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with = "pages")]
    pub(super) diff: Option<Vec<PathBuf>>,
    /// With --diff: waivers, of which those that a change touches are named
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
    #[command(flatten)]
    pub(super) sources: SourceArgs,
}
