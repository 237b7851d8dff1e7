//! Waivers and a baseline over a report, from what the arguments name.
//!
//! Knows: files and the day. Must not know: what a waiver covers.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::builtin::RealTime;
use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::engine::Pace as _;
use crate::judge::Verdict;
use crate::problem::Problems;
use crate::report::{self, Report, Standing, rejudge};
use crate::store;
use crate::waiver::{self, Waivers};

use super::Failure;
use super::args_gate::OverlayArgs;

/// Rows that the first screen has room for.
const MOST_DRAFTS: usize = 3;

/// What is laid over a report.
pub(super) struct Overlay {
    waivers: Option<Waivers>,
    baseline: Option<Report>,
}

impl Overlay {
    /// Reads what the arguments name, before anything is sent.
    pub(super) fn read(
        args: &OverlayArgs,
        contract: &Contract,
        catalogue: &Catalogue,
    ) -> Result<Self, Failure> {
        let waivers = args.waivers.as_deref().map(waivers).transpose()?;
        let baseline = args
            .baseline
            .as_deref()
            .map(|path| store::read(path).map(|record| rejudge(contract, catalogue, &record)))
            .transpose()
            .map_err(Failure::usage)?;
        Ok(Self { waivers, baseline })
    }

    /// Whether the report differs from the one without it.
    pub(super) fn says_something(&self) -> bool {
        self.waivers.is_some() || self.baseline.is_some()
    }

    /// Lays it over a report.
    pub(super) fn lay(
        &self,
        report: &mut Report,
        contract: &Contract,
        catalogue: &Catalogue,
    ) -> Standing {
        report.baseline = self.baseline.as_ref().map(|baseline| report::since(baseline, report));
        report::waive(
            report,
            self.waivers.as_ref().unwrap_or(&Waivers::default()),
            contract,
            catalogue,
            today(),
        )
    }
}

/// A waiver file, or every problem of it.
pub(super) fn waivers(path: &Path) -> Result<Waivers, Failure> {
    let name = path.display().to_string();
    let text = store::read_text(path).map_err(Failure::usage)?;
    waiver::load(&name, &text).map_err(|problems| {
        Failure::usage(format!("use the waiver file {name}:\n{}", Problems(problems)))
    })
}

/// The day on which waivers are held against their last one.
pub(super) fn today() -> Date {
    RealTime.now().to_zoned(TimeZone::UTC).date()
}

/// What a person should know about waivers after the first screen.
pub(super) fn standing_lines(report: &Report, standing: &Standing) -> String {
    let mut text = String::new();
    if standing.known > 0 {
        let _ = writeln!(
            text,
            "\n{} named by waivers, {} not",
            counted(standing.known, "failing case is", "failing cases are"),
            standing.new + standing.lapsed
        );
    }
    for line in &standing.stale {
        let _ = writeln!(text, "\nwaiver: {line}");
    }
    let failing = report.cases.iter().any(|case| case.verdict == Verdict::Fail);
    let drafts = if failing && !report.waivers.is_empty() {
        report::drafts(report, today())
    } else {
        Vec::new()
    };
    if !drafts.is_empty() {
        let _ = writeln!(text, "\nto accept a failure for a limited time, fill in and paste:\n");
        text.push_str(
            &drafts.iter().take(MOST_DRAFTS).map(String::as_str).collect::<Vec<_>>().join("\n"),
        );
        if drafts.len() > MOST_DRAFTS {
            let _ = writeln!(
                text,
                "\n{} more: lxca-conform waivers draft RUN",
                drafts.len() - MOST_DRAFTS
            );
        }
    }
    text
}

fn counted(count: usize, one: &str, many: &str) -> String {
    report::counted_as(u64::try_from(count).unwrap_or(u64::MAX), one, many)
}
