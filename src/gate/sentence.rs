//! The one sentence that says why the answer is what it is.
//!
//! Knows: a candidate's changes, and its reasons with the gravest first. Must not know: how they
//! were found, or what the policy says.

use std::fmt::Write as _;

use crate::judge::Verdict;

use super::answer::{counted, some};
use super::model::{Candidate, CaseChange, Change, Reason};
use super::policy::Action;

/// Why the answer is what it is.
pub(super) fn because(
    found: &Candidate,
    reasons: &[Reason],
    worst: Action,
    policy: &str,
) -> String {
    let causes: Vec<&Reason> = reasons.iter().filter(|reason| reason.action == worst).collect();
    let still = found
        .findings
        .iter()
        .filter(|finding| {
            matches!(
                finding.change,
                Change::StillFailing | Change::ChangedEvidence | Change::Spread
            )
        })
        .count();
    match worst {
        Action::Fail | Action::CantTell | Action::Waivers => {
            let mut ids: Vec<&str> = causes
                .iter()
                .filter(|cause| cause.rule != "exercised-less")
                .filter_map(|cause| cause.requirement.as_deref())
                .collect();
            ids.sort_unstable();
            ids.dedup();
            let more = if causes.len() > 1 {
                format!(", and {} more", counted(causes.len() - 1, "reason", "reasons"))
            } else {
                String::new()
            };
            // That a waiver has run out tells more than what it no longer covers.
            let first = causes.iter().find(|cause| cause.rule == "waiver").or(causes.first());
            let text = first.map_or("", |cause| cause.text.as_str());
            match worst {
                Action::Waivers => {
                    format!("no new failures, but the waiver file has problems: {text}{more}")
                }
                Action::Fail if !ids.is_empty() => format!(
                    "{} the policy `{policy}` fails: {}",
                    counted(
                        ids.len(),
                        "requirement got worse, which",
                        "requirements got worse, which"
                    ),
                    some(&ids)
                ),
                _ => format!("{text}{more}"),
            }
        }
        Action::Warn | Action::Ignore => yes(found, still, policy),
    }
}

/// The sentence of a yes. It speaks only of what was compared, and denies nothing that the policy
/// merely lets pass.
fn yes(found: &Candidate, still: usize, policy: &str) -> String {
    let is_judged =
        |verdict: Option<Verdict>| matches!(verdict, Some(Verdict::Pass | Verdict::Fail));
    let cases = |wanted: &dyn Fn(&CaseChange) -> bool| {
        found.cases.iter().filter(|case| wanted(case)).count()
    };
    let compared = cases(&|case| is_judged(case.before) && is_judged(case.after));
    let compared = counted(compared, "case", "cases");
    let worse = cases(&|case| case.change.is_worse());
    let mut text = if worse > 0 {
        format!(
            "nothing that the policy `{policy}` fails, but {} worse; both runs judged {compared}",
            counted(worse, "case is", "cases are")
        )
    } else {
        format!("no regression in any of the {compared} that both runs judged")
    };
    let waived = found.findings.iter().filter(|finding| finding.change == Change::Waived).count();
    let unknown = cases(&|case| {
        matches!(case.change, Change::NewlyBroken | Change::UnjudgedBefore | Change::NewCaseFailure)
            && is_judged(case.after)
    });
    for (count, one, many) in [
        (
            unknown,
            "case fails that the baseline didn't judge",
            "cases fail that the baseline didn't judge",
        ),
        (still, "finding is still failing, as before", "findings are still failing, as before"),
        (waived, "finding is waived", "findings are waived"),
    ] {
        if count > 0 {
            let _ = write!(text, "; {}", counted(count, one, many));
        }
    }
    text
}
