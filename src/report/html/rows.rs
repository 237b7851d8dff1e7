//! The rows of the page: what wasn't reached, what was left out, waivers, times, and cases.
//!
//! Knows: what a row shows, and how much of it has room. Must not know: where it stands in the
//! page.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::contract::Basis;
use crate::judge::{Disposition, Verdict};
use crate::report::cause::{Capped, MOST_TEXT};
use crate::report::model::{
    Case, Report, RequirementState, State, Timing, WaiverFate, WaiverState,
};
use crate::report::words::{reasons, short};

use super::{Limits, MOST_ROW_TEXT, OPEN_ROWS};

pub(super) struct Unreached<'a> {
    pub(super) basis: &'static str,
    pub(super) reason: &'a str,
    pub(super) open: bool,
    pub(super) count: usize,
    /// Where there are too many for a list: how many of each operation.
    pub(super) folded: Vec<(&'a str, usize)>,
    pub(super) rows: Capped<&'a RequirementState>,
}

pub(super) struct LeftOut<'a> {
    pub(super) mark: &'static str,
    pub(super) verdict: &'static str,
    pub(super) reason: &'a str,
    pub(super) cases: Capped<&'a Case>,
}

pub(super) struct Waiver<'a> {
    pub(super) state: &'static str,
    pub(super) mark: &'static str,
    pub(super) case: &'a str,
    pub(super) requirement: &'a str,
    pub(super) further: Vec<(&'static str, String)>,
    pub(super) reason: String,
    pub(super) owner: &'a str,
    pub(super) created: &'a str,
    pub(super) expires: &'a str,
    pub(super) ticket: &'a str,
    pub(super) covers: u64,
}

pub(super) struct Time<'a> {
    pub(super) operation: &'a str,
    pub(super) samples: u64,
    pub(super) median: String,
    pub(super) p95: String,
    pub(super) max: String,
    pub(super) median_bar: u64,
    pub(super) p95_bar: u64,
    pub(super) max_bar: u64,
}

pub(super) struct Row<'a> {
    pub(super) case: &'a Case,
    pub(super) title: Cow<'a, str>,
    pub(super) mark: &'static str,
    pub(super) verdict: &'static str,
    pub(super) disposition: Option<&'static str>,
    pub(super) reason: String,
    pub(super) time: String,
}

pub(super) struct ByOperation<'a, T> {
    pub(super) operation: &'a str,
    pub(super) about: String,
    /// How many of each word.
    pub(super) tally: BTreeMap<&'static str, usize>,
    pub(super) rows: Capped<T>,
}
pub(super) fn unreached<'a>(report: &'a Report, limits: &Limits) -> Vec<Unreached<'a>> {
    let mut found: BTreeMap<(bool, &str, &str), Vec<&RequirementState>> = BTreeMap::new();
    for known in report.requirements.iter().filter(|known| known.status == State::NotExercised) {
        let reason = known.reason.as_deref().unwrap_or("no reason recorded");
        let key = (known.basis != Basis::Stated, known.basis.word(), reason);
        found.entry(key).or_default().push(known);
    }
    let draw =
        |((_, basis, reason), rows): ((bool, &'static str, &'a str), Vec<&'a RequirementState>)| {
            let count = rows.len();
            let mut folded: BTreeMap<&str, usize> = BTreeMap::new();
            if count > limits.list {
                for known in &rows {
                    *folded.entry(&known.operation).or_default() += 1;
                }
            }
            let rows = if folded.is_empty() { rows } else { Vec::new() };
            Unreached {
                basis,
                reason,
                open: basis == Basis::Stated.word() && count <= OPEN_ROWS,
                count,
                folded: folded.into_iter().collect(),
                rows: Capped::new(rows, limits.list),
            }
        };
    found.into_iter().map(draw).collect()
}

pub(super) fn left_out<'a>(report: &'a Report, limits: &Limits) -> Vec<LeftOut<'a>> {
    let draw = |((verdict, reason), cases): ((Verdict, &'a str), Vec<&'a Case>)| LeftOut {
        mark: verdict_mark(verdict),
        verdict: verdict.word(),
        reason,
        cases: Capped::new(cases, limits.list),
    };
    reasons(report).into_iter().map(draw).collect()
}

pub(super) fn waiver(waiver: &WaiverState) -> Waiver<'_> {
    let further =
        [("place", &waiver.pointer), ("versions", &waiver.versions), ("value", &waiver.actual)];
    Waiver {
        state: waiver.state.word(),
        mark: match waiver.state {
            WaiverFate::InForce => "✓",
            WaiverFate::OutOfScope => "○",
            WaiverFate::Expired
            | WaiverFate::UnexpectedPass
            | WaiverFate::Unused
            | WaiverFate::TooBroad => "⚠",
        },
        case: &waiver.case,
        requirement: &waiver.requirement,
        further: further
            .into_iter()
            .filter_map(|(name, value)| {
                value.as_ref().map(|value| (name, short(value, MOST_ROW_TEXT)))
            })
            .collect(),
        reason: short(&waiver.reason, MOST_TEXT),
        owner: &waiver.owner,
        created: &waiver.created,
        expires: &waiver.expires,
        ticket: &waiver.ticket,
        covers: waiver.covers,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a thousand"
)]
pub(super) fn times<'a>(timings: &'a [Timing]) -> Vec<Time<'a>> {
    let slowest = timings.iter().map(|timing| timing.max_ms).fold(f64::MIN_POSITIVE, f64::max);
    let bar = |value: f64| (value / slowest * 1000.0).clamp(0.0, 1000.0) as u64;
    let draw = |timing: &'a Timing| {
        let Timing { operation, samples, median_ms, p95_ms, max_ms } = timing;
        Time {
            operation,
            samples: *samples,
            median: format!("{median_ms:.1}"),
            p95: format!("{p95_ms:.1}"),
            max: format!("{max_ms:.1}"),
            median_bar: bar(*median_ms),
            p95_bar: bar(*p95_ms),
            max_bar: bar(*max_ms),
        }
    };
    timings.iter().map(draw).collect()
}

pub(super) fn row(case: &Case) -> Row<'_> {
    let disposition = match case.disposition {
        Disposition::AsExpected | Disposition::New => None,
        Disposition::KnownFailure => Some("known failure"),
        Disposition::UnexpectedPass => Some("unexpected pass"),
    };
    let title = if case.title.chars().count() > MOST_ROW_TEXT {
        Cow::Owned(short(&case.title, MOST_ROW_TEXT))
    } else {
        Cow::Borrowed(case.title.as_str())
    };
    let time = match case.elapsed_ms {
        _ if case.requests == 0 => "–".to_owned(),
        time if time < 1000.0 => format!("{time:.0} ms"),
        time => format!("{:.1} s", time / 1000.0),
    };
    let reason =
        case.reason.as_deref().map_or_else(String::new, |reason| short(reason, MOST_ROW_TEXT));
    Row {
        case,
        title,
        mark: verdict_mark(case.verdict),
        verdict: case.verdict.word(),
        disposition,
        reason,
        time,
    }
}

/// What the markup of a row takes besides its texts.
const ROW_BYTES: usize = 330;

/// Rows as long as there is room for them.
pub(super) fn rows<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    room: &mut usize,
) -> Capped<Row<'a>> {
    let mut capped = Capped { rows: Vec::new(), more: 0 };
    for case in cases {
        let row = row(case);
        let bytes = ROW_BYTES + 2 * case.id.len() + row.title.len() + row.reason.len();
        if capped.more == 0 && *room >= bytes {
            *room -= bytes;
            capped.rows.push(row);
        } else {
            capped.more += 1;
        }
    }
    capped
}

pub(super) fn cases_by_operation<'a>(
    report: &'a Report,
    wanted: &[Verdict],
    what: &str,
    room: &mut usize,
) -> Vec<ByOperation<'a, Row<'a>>> {
    let mut found: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in report.cases.iter().filter(|case| wanted.contains(&case.verdict)) {
        match found.iter_mut().find(|(operation, _)| *operation == case.operation) {
            Some((_, cases)) => cases.push(case),
            None => found.push((&case.operation, vec![case])),
        }
    }
    let draw = |(operation, cases): (&'a str, Vec<&'a Case>)| {
        let mut tally = BTreeMap::new();
        for case in &cases {
            *tally.entry(case.verdict.word()).or_default() += 1;
        }
        ByOperation {
            operation,
            about: format!("Cases of {operation} {what}"),
            tally,
            rows: rows(cases, room),
        }
    };
    found.into_iter().map(draw).collect()
}

pub(super) fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Fail => "✗",
        Verdict::Unresolved => "?",
        Verdict::Unsupported => "–",
        Verdict::Untested => "○",
    }
}
