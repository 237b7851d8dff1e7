//! `waivers lint`, `waivers stale`, `waivers draft`: the upkeep of a waiver file.
//!
//! Knows: a waiver file and the record of a run. Must not know: appliances.

use std::path::Path;

use crate::judge::with_recorded;
use crate::problem::Problems;
use crate::report::{self, Report, Standing, rejudge};
use crate::waiver::{self, Waivers};

use super::args::SourceArgs;
use super::args_gate::WaiverCommand;
use super::overlay::{today, waivers as read};
use super::recordings::{self, Opened};
use super::{Exit, Failure, Outcome, out, sources};

pub(super) fn waivers(command: &WaiverCommand) -> Outcome {
    match command {
        WaiverCommand::Lint { file, sources } => {
            let (contract, catalogue) = sources::load(sources)?;
            let catalogue = with_recorded(&contract, &catalogue);
            let waivers = read(file)?;
            let problems = waiver::lint(&waivers, &contract, &catalogue, today());
            if problems.is_empty() {
                return out(&format!(
                    "{}: {} valid\n",
                    file.display(),
                    if waivers.list.len() == 1 {
                        "1 waiver is".to_owned()
                    } else {
                        format!("{} waivers are", waivers.list.len())
                    }
                ));
            }
            out(&format!("{}\n", Problems(problems)))?;
            Ok(Exit::Waivers)
        }
        WaiverCommand::Stale { file, run, sources } => {
            let (_, standing) = laid(run, &read(file)?, sources)?;
            if standing.stale.is_empty() {
                return out("every waiver is in force, or outside the scope of this run\n");
            }
            out(&format!("{}\n", standing.stale.join("\n")))?;
            Ok(Exit::Waivers)
        }
        WaiverCommand::Draft { run, waivers, sources } => {
            let known = waivers.as_deref().map(read).transpose()?.unwrap_or_default();
            let (report, _) = laid(run, &known, sources)?;
            let drafts = report::drafts(&report, today());
            if drafts.is_empty() {
                return out("# no new failures\n");
            }
            out(&drafts.join("\n"))
        }
    }
}

fn laid(run: &Path, waivers: &Waivers, args: &SourceArgs) -> Result<(Report, Standing), Failure> {
    let Opened { contract, catalogue, record } = recordings::open(&[run.to_path_buf()], args)?;
    let mut report = rejudge(&contract, &catalogue, &record);
    let standing = report::waive(&mut report, waivers, &contract, &catalogue, today());
    Ok((report, standing))
}
