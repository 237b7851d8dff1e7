//! `coverage`: what the contract covers of what is documented and called, and what a run exercised.
//!
//! Knows: the files of a run. Must not know: how coverage is counted.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::contract::Contract;
use crate::coverage::{self, Exercised};
use crate::report::{Report, State, rejudge};

use super::args::{SourceArgs, TextOrJson};
use super::recordings::{self, Opened};
use super::records::report_of;
use super::{Failure, Outcome, out, sources};

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// A run, to see what it exercised: its folder, its report.json or its transcript.jsonl; or a
    /// recording (HAR, VCR)
    #[arg(value_name = "RUN-FOLDER")]
    run: Option<PathBuf>,
    /// List every operation and every client, not only what to import next
    #[arg(long)]
    all: bool,
    /// The output format
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
    #[command(flatten)]
    sources: SourceArgs,
}

pub(super) fn coverage(args: &CoverageArgs) -> Outcome {
    let (contract, exercised) = match &args.run {
        Some(path) => {
            let (contract, report) = read(path, &args.sources)?;
            (contract, Some((path.display().to_string(), of_report(&report))))
        }
        None => (sources::load(&args.sources)?.0, None),
    };
    let run = exercised.as_ref().map(|(name, exercised)| (name.as_str(), exercised));
    let found = coverage::coverage(&contract, run);
    out(&match args.format {
        TextOrJson::Json => found.json(),
        TextOrJson::Text => coverage::screen(&found, args.all),
    })
}

fn of_report(report: &Report) -> Exercised {
    let reached = report
        .requirements
        .iter()
        .filter(|known| matches!(known.status, State::Held | State::Broken));
    coverage::exercised(reached.map(|known| (known.operation.as_str(), known.id.as_str())))
}

/// The report of a run, judged again where there is a record.
fn read(path: &Path, args: &SourceArgs) -> Result<(Contract, Report), Failure> {
    let json = if path.is_dir() { path.join("report.json") } else { path.to_path_buf() };
    let is_report = json.extension().is_some_and(|extension| extension == "json")
        && !path.join("transcript.jsonl").exists()
        && !recordings::holds_exchanges(&json);
    if is_report {
        let report = report_of(&json)?;
        return Ok((sources::load(args)?.0, report));
    }
    let Opened { contract, catalogue, record } = recordings::open(&[path.to_path_buf()], args)?;
    let report = rejudge(&contract, &catalogue, &record);
    Ok((contract, report))
}
