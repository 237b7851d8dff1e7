//! What changed since an earlier run.
//!
//! Knows: two reports that were judged with the same contract and catalogue. Must not know: whether
//! a change matters; that is the gate's to say.

use std::collections::BTreeSet;

use crate::contract::Severity;

use super::model::{Report, Since};
use crate::pointer::pattern;

/// The findings above observation that came, went and stayed.
#[must_use]
pub fn since(baseline: &Report, report: &Report) -> Since {
    let (before, now) = (lines(baseline), lines(report));
    Since {
        target: baseline.target.name.clone(),
        version: baseline.target.version.clone(),
        started: baseline.started.clone(),
        new: now.difference(&before).cloned().collect(),
        fixed: before.difference(&now).cloned().collect(),
        still: now.intersection(&before).count() as u64,
    }
}

fn lines(report: &Report) -> BTreeSet<String> {
    let of = |case: &super::model::Case| {
        let grave = case.findings.iter().filter(|finding| finding.severity > Severity::Observation);
        grave
            .map(|finding| {
                format!("{} {} {}", case.id, finding.requirement, pattern(&finding.pointer))
                    .trim_end()
                    .to_owned()
            })
            .collect::<Vec<_>>()
    };
    report.cases.iter().flat_map(of).collect()
}
