//! `judge` and `report`: from a record, or a report, to other forms of it.
//!
//! Knows: files of an earlier run. Must not know: appliances.

use std::path::Path;

use crate::conduct::write_reports;
use crate::report::{self, Paint, Report, rejudge, summary};
use crate::shape::Shapes;
use crate::store;

use super::args::{JudgeArgs, ReportArgs, ReportForm, SourceArgs};
use super::overlay::{self, Overlay};
use super::run::exit_of;
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn judge(args: &JudgeArgs) -> Outcome {
    let (contract, catalogue) = sources::load(&args.sources)?;
    let overlay = Overlay::read(&args.overlay, &contract, &catalogue)?;
    let record = store::read(&args.transcript).map_err(Failure::usage)?;
    let mut report = rejudge(&contract, &catalogue, &record);
    let standing = overlay.lay(&mut report, &contract, &catalogue);
    let folder = match &args.out {
        Some(folder) => {
            write_reports(folder, &report).map_err(Failure::unwritten)?;
            folder.display().to_string()
        }
        None => String::new(),
    };
    out(&summary(&report, &folder, Paint::Colour))?;
    out(&overlay::told(&report, &standing))?;
    Ok(exit_of(&report, None, args.allow_incomplete, &standing))
}

fn judged(path: &Path, args: &SourceArgs) -> Result<Report, Failure> {
    let (contract, catalogue) = sources::load(args)?;
    let record = store::read(path).map_err(Failure::usage)?;
    Ok(rejudge(&contract, &catalogue, &record))
}

pub(super) fn report(args: &ReportArgs) -> Outcome {
    let json = if args.source.is_dir() { args.source.join("report.json") } else { args.source.clone() };
    let is_report = json.extension().is_some_and(|extension| extension == "json") && json.exists();
    let report = if is_report {
        let text = store::read_text(&json).map_err(Failure::usage)?;
        serde_json::from_str(&text).map_err(|error| Failure::usage(format!("read {}: {error}; a report.json of format {} is needed", json.display(), report::FORMAT)))?
    } else {
        judged(&args.source, &args.sources)?
    };
    let text = match args.format {
        ReportForm::Html => report::html(&report),
        ReportForm::Markdown => report::markdown(&report),
        ReportForm::Junit => report::junit(&report),
        ReportForm::Json => report::json(&report),
    };
    let text = if args.share { report::StandIns::learned(&[&report::json(&report), &text], &crate::conduct::names_of(&report)).put(&text) } else { text };
    out(&text)?;
    Ok(Exit::Conformant)
}

/// Prints what the bodies of a run looked like.
pub(super) fn shape(run: &Path, args: &SourceArgs) -> Outcome {
    let (contract, _) = sources::load(args)?;
    let record = store::read(run).map_err(Failure::usage)?;
    let version = record.identity().version.unwrap_or_else(|| "unknown version".to_owned());
    let schema = Shapes::observe(&contract, record.exchanges()).schema(&format!("{} ({version}) on {}", record.header.target.name, record.header.started));
    out(&format!("{schema:#}\n"))
}
