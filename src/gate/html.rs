//! `gate.html`: the answer as one file for people, readable without network and without scripts.
//!
//! Knows: the gate; the look is in `templates/gate.html`. Must not know: files, terminals.

use askama::Template;

use crate::report::{digest, visible};

use super::matrix::{Matrix, mark};
use super::model::{Announced, Candidate, CaseChange, Change, Gate, RequirementChange};
use super::text::{class_line, drift_counts, same_product};

/// Rows of any list.
const MOST_ROWS: usize = 300;

#[derive(Template)]
#[template(path = "gate.html")]
struct Page<'a> {
    gate: &'a Gate,
    views: Vec<View<'a>>,
    matrix: Option<Matrix>,
    contract: String,
    catalogue: String,
    policy: &'a str,
}

/// A candidate with what its tables need.
struct View<'a> {
    candidate: &'a Candidate,
    drift: String,
    cases: Vec<&'a CaseChange>,
    requirements: Vec<&'a RequirementChange>,
    unchanged: usize,
    more: usize,
    announced: Option<String>,
    announcements: &'a [Announced],
    more_announcements: usize,
}

/// The gate as one HTML file.
#[must_use]
pub fn html(gate: &Gate) -> String {
    let page = Page {
        gate,
        views: gate.candidates.iter().map(view).collect(),
        matrix: (gate.candidates.len() > 1).then(|| Matrix::of(gate)),
        contract: digest(&gate.contract.digest),
        catalogue: digest(&gate.catalogue.digest),
        policy: gate.policy.file.as_deref().unwrap_or("built-in"),
    };
    match page.render() {
        Ok(page) => visible(page),
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The gate could not be rendered: \
                {error}."
        ),
    }
}

fn view(candidate: &Candidate) -> View<'_> {
    let telling = |change: Change| !matches!(change, Change::Unchanged | Change::NotCompared);
    let mut cases: Vec<&CaseChange> =
        candidate.cases.iter().filter(|case| telling(case.change)).collect();
    cases.sort_by_key(|case| case.change);
    let mut requirements: Vec<&RequirementChange> =
        candidate.requirements.iter().filter(|known| telling(known.change)).collect();
    requirements.sort_by_key(|known| known.change);
    let more = cases.len().saturating_sub(MOST_ROWS) + requirements.len().saturating_sub(MOST_ROWS);
    let unchanged = candidate.cases.iter().filter(|case| case.change == Change::Unchanged).count();
    cases.truncate(MOST_ROWS);
    requirements.truncate(MOST_ROWS);
    let announcements = candidate.announced.as_deref().unwrap_or_default();
    View {
        candidate,
        drift: drift_counts(candidate),
        cases,
        requirements,
        unchanged,
        more,
        announced: candidate.announcements(),
        announcements: announcements.get(..MOST_ROWS).unwrap_or(announcements),
        more_announcements: announcements.len().saturating_sub(MOST_ROWS),
    }
}

fn verdict(verdict: Option<crate::judge::Verdict>) -> &'static str {
    verdict.map_or("not asked", crate::judge::Verdict::word)
}

fn record(record: Option<&String>) -> String {
    record.map_or_else(|| "none, a report only".to_owned(), |record| digest(record))
}
