//! The report of recordings: what in them is of the contract, judged, and everything else named.
//!
//! Knows: the record that recordings were made to. Must not know: the forms of recordings.

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::judge::{Finding, judge_recorded, with_recorded};
use crate::record::{Record, Recording};

use super::build::{Source, build};
use super::groups::Group;
use super::model::{Conclusion, Report};
use super::words::counted_as;
use crate::pointer::pattern;

/// Rows that a note has room for; all of them are in `recording`.
const MOST_ROWS: usize = 12;

pub(super) fn recorded(
    contract: &Contract,
    catalogue: &Catalogue,
    record: &Record,
    recording: &Recording,
) -> Report {
    let catalogue = with_recorded(contract, catalogue);
    let strict = record.header.scope.strict;
    let exchanges: Vec<&Exchange> = record.exchanges().collect();
    let cases = judge_recorded(contract, exchanges.iter().copied(), &recording.versions, strict);
    let source = Source {
        header: &record.header,
        identity: &record.identity(),
        cases,
        exchanges,
        finished: record.footer.as_ref().map(|footer| footer.finished),
        ended_early: None,
        flaws: Vec::new(),
        record: None,
        replay: false,
        notes: notes(recording),
    };
    let mut report = build(contract, &catalogue, source);
    if report.conclusion == Conclusion::Incomplete && report.cases.is_empty() {
        let entries: u64 = recording.files.iter().map(|file| file.entries).sum();
        report.because = format!(
            "nothing was checked: none of {} belongs to an operation of the contract",
            counted_as(entries, "entry", "entries")
        );
    }
    // Nobody knows what they are, so that one may be of the contract.
    if let Some(why) = unread(recording)
        && report.conclusion != Conclusion::Nonconformant
    {
        report.because = match report.conclusion {
            Conclusion::Incomplete => format!("{}; {why}", report.because),
            _ => why,
        };
        report.conclusion = Conclusion::Incomplete;
    }
    // A recording that tells no times has zeroes.
    report.timings.retain(|timing| timing.max_ms > 0.0);
    report.recording = Some(recording.clone());
    report
}

/// What is left open by entries that can't be read.
pub(super) fn unread(recording: &Recording) -> Option<String> {
    let count = recording.skipped.iter().filter(|skipped| skipped.unread).count() as u64;
    (count > 0).then(|| format!("{} couldn't be read", counted_as(count, "entry", "entries")))
}

/// Where a cause was first seen, where recordings were judged: file and entry.
pub(super) fn seen_in<'a>(report: &'a Report, group: &Group) -> Option<&'a str> {
    report.recording.as_ref()?;
    let case = report.cases.iter().find(|case| Some(&case.id) == group.cases.first())?;
    let same = |finding: &&Finding| {
        finding.requirement == group.requirement
            && finding.check == group.check
            && pattern(&finding.pointer) == group.place
    };
    case.findings.iter().find(same).map(|finding| finding.step.as_str())
}

fn notes(recording: &Recording) -> Vec<String> {
    let mut notes = Vec::new();
    for skipped in &recording.skipped {
        notes.push(format!("Skipped: {}, entry {}: {}.", skipped.file, skipped.entry, skipped.why));
    }
    let all: u64 = recording.files.iter().map(|file| file.entries).sum();
    let outside: u64 = recording.outside.iter().map(|row| row.exchanges).sum();
    if outside > 0 {
        let rows = recording.outside.iter().map(|row| match row.exchanges {
            1 => format!("{} {}", row.method, row.path),
            many => format!("{} {} ({many})", row.method, row.path),
        });
        notes.push(format!(
            "Outside the contract, and not judged: {outside} of {}: {}.",
            counted_as(all, "entry", "entries"),
            listed(rows)
        ));
    }
    if recording.appliances.len() > 1 {
        let rows = recording.appliances.iter().map(|one| {
            let version = one.version.as_deref().unwrap_or("version not reported");
            let address = if one.address.is_empty() { "no address" } else { &one.address };
            format!("{address}, {version} ({})", one.exchanges)
        });
        notes.push(format!(
            "Several appliances or versions; each answer is judged by its own version: {}.",
            listed(rows)
        ));
    }
    notes.push(format!("A recording can't show: {}.", recording.cannot_show.join("; ")));
    if !recording.lacks.is_empty() {
        notes.push(format!("Left out here, and not judged: {}.", recording.lacks.join("; ")));
    }
    notes
}

fn listed(rows: impl ExactSizeIterator<Item = String>) -> String {
    let more = rows.len().saturating_sub(MOST_ROWS);
    let mut shown: Vec<String> = rows.take(MOST_ROWS).collect();
    if more > 0 {
        shown.push(format!("and {more} more in report.json"));
    }
    shown.join(", ")
}
