//! Lays waivers over a report: which failures are known, and what became of each waiver.
//!
//! Knows: reports and waivers. An overlay: verdicts, findings and the conclusion stay as they are.
//! Must not know: clocks, exit codes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::judge::{Disposition, Finding, Verdict, claims};
use crate::terms;
use crate::waiver::{Draft, Waiver, Waivers, draft};

use super::conclusion::shortfall;
use super::groups::{Group, groups};
use super::model::{Case, Report, State, WaiverFate, WaiverState};

/// What waivers leave of a report's failures.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Cases that fail with something that no waiver names.
    pub new: usize,
    /// Cases that fail only with what waivers in force name.
    pub known: usize,
    /// Cases whose failures are named, in part only by waivers that are expired or too broad.
    pub lapsed: usize,
    /// Waivers that aren't in order, in words.
    pub stale: Vec<String>,
    /// What couldn't be judged, whatever failed.
    pub shortfall: Option<String>,
}

/// What the waivers say about one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waived {
    /// No waiver names it.
    No,
    /// A waiver names it that is meant for another version.
    Elsewhere,
    /// Only a waiver names it that is expired or too broad.
    Lapsed,
    /// A waiver in force names it.
    Yes,
}

/// Waivers as they stand on a day for one version of the product.
pub struct Overlay<'a> {
    waivers: &'a Waivers,
    catalogue: &'a Catalogue,
    today: Date,
    version: Option<semver::Version>,
}

impl<'a> Overlay<'a> {
    /// Waivers for what a report is about.
    #[must_use]
    pub fn new(
        waivers: &'a Waivers,
        catalogue: &'a Catalogue,
        report: &Report,
        today: Date,
    ) -> Self {
        Self {
            waivers,
            catalogue,
            today,
            version: report.target.version.as_deref().and_then(terms::version),
        }
    }

    /// What they say about a finding of a case.
    #[must_use]
    pub fn of(&self, case: &str, finding: &Finding) -> Waived {
        if self.waivers.list.is_empty() {
            return Waived::No;
        }
        let Some(known) = self.catalogue.find(case) else { return Waived::No };
        let standing = |waiver: &Waiver| {
            if waiver.too_broad().is_some() {
                Waived::Lapsed
            } else if !waiver.is_meant_for(self.version.as_ref()) {
                Waived::Elsewhere
            } else if waiver.is_expired(self.today) {
                Waived::Lapsed
            } else {
                Waived::Yes
            }
        };
        self.waivers
            .list
            .iter()
            .filter(|waiver| waiver.names(known) && waiver.is_about(finding))
            .map(standing)
            .max()
            .unwrap_or(Waived::No)
    }
}

/// Lays waivers over a report as they stand on that day.
pub fn waive(
    report: &mut Report,
    waivers: &Waivers,
    contract: &Contract,
    catalogue: &Catalogue,
    today: Date,
) -> Standing {
    let overlay = Overlay::new(waivers, catalogue, report, today);
    let strict = report.scope.strict;
    let mut standing =
        Standing { shortfall: shortfall(contract, catalogue, report), ..Standing::default() };
    for case in &mut report.cases {
        let grave = case.findings.iter().filter(|finding| finding.severity.fails(strict));
        let Some(worst) = grave
            .map(|finding| overlay.of(&case.id, finding))
            .min()
            .filter(|_| case.verdict == Verdict::Fail)
        else {
            continue;
        };
        match worst {
            Waived::Yes => {
                case.disposition = Disposition::KnownFailure;
                standing.known += 1;
            }
            Waived::Lapsed => standing.lapsed += 1,
            Waived::No | Waived::Elsewhere => standing.new += 1,
        }
    }
    let states: Vec<WaiverState> = waivers
        .list
        .iter()
        .map(|waiver| state(waiver, report, contract, catalogue, &overlay))
        .collect();
    for (waiver, _) in waivers
        .list
        .iter()
        .zip(&states)
        .filter(|(_, state)| state.state == WaiverFate::UnexpectedPass)
    {
        let relevant = relevant(waiver, contract, catalogue);
        for case in report
            .cases
            .iter_mut()
            .filter(|case| case.verdict == Verdict::Pass && relevant.contains(case.id.as_str()))
        {
            case.disposition = Disposition::UnexpectedPass;
        }
    }
    standing.stale = states.iter().filter_map(stale).collect();
    report.waivers = states;
    match standing.known {
        0 => {}
        known if standing.new + standing.lapsed == 0 => {
            let _ = write!(
                report.because,
                "; {}",
                if known == 1 {
                    "it is a known failure that a waiver names"
                } else {
                    "all of them are known failures that waivers name"
                }
            );
        }
        1 => report.because.push_str("; one of them is a known failure that a waiver names"),
        known => {
            let _ =
                write!(report.because, "; {known} of them are known failures that waivers name");
        }
    }
    standing
}

/// The cases in which the failure would have to show: of those that a waiver names, the ones that
/// claim its requirement.
fn relevant<'a>(
    waiver: &Waiver,
    contract: &Contract,
    catalogue: &'a Catalogue,
) -> BTreeSet<&'a str> {
    let named: Vec<_> = catalogue.cases.iter().filter(|case| waiver.names(case)).collect();
    let claiming: BTreeSet<&str> = named
        .iter()
        .filter(|case| {
            waiver
                .requirement
                .as_ref()
                .is_some_and(|requirement| claims(contract, case).contains(requirement))
        })
        .map(|case| case.id.as_str())
        .collect();
    if claiming.is_empty() {
        named.into_iter().map(|case| case.id.as_str()).collect()
    } else {
        claiming
    }
}

fn state(
    waiver: &Waiver,
    report: &Report,
    contract: &Contract,
    catalogue: &Catalogue,
    overlay: &Overlay<'_>,
) -> WaiverState {
    let named: BTreeSet<&str> = catalogue
        .cases
        .iter()
        .filter(|case| waiver.names(case))
        .map(|case| case.id.as_str())
        .collect();
    let of_named = || report.cases.iter().filter(|case| named.contains(case.id.as_str()));
    let covers = of_named()
        .flat_map(|case| &case.findings)
        .filter(|finding| waiver.is_about(finding))
        .count() as u64;
    let fate = if waiver.too_broad().is_some() {
        WaiverFate::TooBroad
    } else if waiver.matches_nothing(contract, catalogue).is_some() {
        WaiverFate::Unused
    } else if waiver.is_expired(overlay.today) {
        WaiverFate::Expired
    } else if !waiver.is_meant_for(overlay.version.as_ref()) {
        WaiverFate::OutOfScope
    } else if covers > 0 {
        WaiverFate::InForce
    } else if looked(waiver, report, contract, catalogue) {
        WaiverFate::UnexpectedPass
    } else {
        WaiverFate::OutOfScope
    };
    let covers = if fate == WaiverFate::InForce { covers } else { 0 };
    WaiverState {
        case: waiver.case.clone(),
        requirement: waiver.requirement.clone().unwrap_or_default(),
        pointer: waiver.pointer.clone(),
        versions: waiver.versions.clone(),
        actual: waiver.actual.clone(),
        reason: waiver.reason.clone(),
        ticket: waiver.ticket.clone(),
        owner: waiver.owner.clone(),
        created: waiver.created.to_string(),
        expires: waiver.expires.to_string(),
        state: fate,
        covers,
    }
}

/// Whether the run looked where the failure would have been: each case that claims the requirement
/// was judged, and data reached it.
fn looked(waiver: &Waiver, report: &Report, contract: &Contract, catalogue: &Catalogue) -> bool {
    let relevant = relevant(waiver, contract, catalogue);
    let judged = |case: &&Case| matches!(case.verdict, Verdict::Pass | Verdict::Fail);
    let reached = |state: State| matches!(state, State::Held | State::Broken);
    report.cases.iter().filter(|case| relevant.contains(case.id.as_str())).all(|case| judged(&case))
        && report
            .requirements
            .iter()
            .any(|known| Some(&known.id) == waiver.requirement.as_ref() && reached(known.status))
}

/// What is wrong with a waiver, in words, if anything.
#[must_use]
pub fn stale(state: &WaiverState) -> Option<String> {
    let what = match state.state {
        WaiverFate::InForce | WaiverFate::OutOfScope => return None,
        WaiverFate::Expired => {
            format!("expired on {}; follow up its ticket, then renew or remove it", state.expires)
        }
        WaiverFate::UnexpectedPass => "names a failure that didn't occur; remove it".to_owned(),
        WaiverFate::Unused => "matches nothing in this catalogue and contract; correct or remove \
            it"
        .to_owned(),
        WaiverFate::TooBroad => "is too broad: it must name one requirement, and a case or a glob \
            on cases of one operation"
            .to_owned(),
    };
    let requirement = if state.requirement.is_empty() {
        String::new()
    } else {
        format!(", {}", state.requirement)
    };
    Some(format!(
        "the waiver for {}{requirement} ({}, {}) {what}",
        state.case, state.ticket, state.owner
    ))
}

/// A waiver for each new failure, ready to paste.
#[must_use]
pub fn drafts(report: &Report, today: Date) -> Vec<String> {
    let is_new = |id: &String| {
        report.cases.iter().any(|case| case.id == *id && case.disposition == Disposition::New)
    };
    let failing =
        groups(report).into_iter().filter(|group| group.severity.fails(report.scope.strict));
    failing
        .flat_map(|group| {
            drafts_of(
                &Group {
                    cases: group.cases.iter().filter(|id| is_new(id)).cloned().collect(),
                    ..group.clone()
                },
                group.kinds <= 1,
                today,
            )
        })
        .collect()
}

/// The same, as of the day of the run: for the report, which knows no other day.
pub(super) fn drafts_in(report: &Report) -> Vec<String> {
    report
        .started
        .get(..10)
        .and_then(|day| day.parse().ok())
        .map_or_else(Vec::new, |day| drafts(report, day))
}

/// Waivers for one cause: one for each operation that shows it. They name the value where there is
/// only that one.
#[must_use]
pub fn drafts_of(group: &Group, only_value: bool, today: Date) -> Vec<String> {
    let mut operations: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in &group.cases {
        let operation = case.split("::").next().unwrap_or_default();
        match operations.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, cases)) => cases.push(case),
            None => operations.push((operation, vec![case])),
        }
    }
    let row = |(_, cases): &(&str, Vec<&str>)| {
        draft(
            &Draft {
                cases,
                requirement: &group.requirement,
                place: &group.place,
                closed: group.closed,
                actual: &group.actual,
                only_value,
            },
            today,
        )
    };
    operations.iter().map(row).collect()
}
