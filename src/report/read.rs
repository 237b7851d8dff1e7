//! Reads `report.json` back, that of an older build too.
//!
//! Knows: what builds said in sentences before there were words for it. Nothing else reads those
//! sentences. Must not know: files, or who asks.

use crate::contract::MORE_PLACES;
use crate::why::{Flaw, Trust, Why};

use super::model::Report;

/// What older builds called the target of a run without one.
const BUILT_IN: &str = "built-in double";

/// A report from its text.
pub fn read(text: &str) -> Result<Report, serde_json::Error> {
    let mut report: Report = serde_json::from_str(text)?;
    if report.flaws.is_none() {
        complete(&mut report);
    }
    Ok(report)
}

/// Gives the report of an older build the words that it hasn't.
fn complete(report: &mut Report) {
    report.flaws = Some(Flaw::of_older_notes(&report.notes));
    let target = &mut report.target;
    target.trust.get_or_insert_with(|| Trust::of_older(&target.tls));
    target.built_in.get_or_insert_with(|| target.name == BUILT_IN);
    for case in &mut report.cases {
        case.why = case.why.or_else(|| case.reason.as_deref().map(Why::of_older_report));
        for finding in &mut case.findings {
            let more = || finding.actual.strip_suffix(MORE_PLACES)?.trim_end().parse().ok();
            finding.more = finding.more.or_else(more);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::super::sample::conformant;
    use super::*;
    use crate::why::{NOT_THEN, UNVERIFIED};

    #[test]
    fn a_report_of_an_older_build_gets_the_words_that_it_lacks() {
        let mut report = conformant();
        report.flaws = None;
        report.target.trust = None;
        report.target.built_in = None;
        report.target.tls = UNVERIFIED.to_owned();
        report.notes = vec![Flaw::Changed.to_string()];
        report.cases[0].why = None;
        report.cases[0].reason = Some(NOT_THEN.to_owned());
        let read = read(&json(&report)).unwrap();
        assert_eq!(read.flaws, Some(vec![Flaw::Changed]));
        assert_eq!(read.target.trust, Some(Trust::Unverified));
        assert_eq!(read.target.built_in, Some(false));
        assert_eq!(read.cases[0].why, Some(Why::NotThen));
    }

    #[test]
    fn a_report_of_today_is_read_by_its_words_alone() {
        let mut report = conformant();
        report.target.tls = UNVERIFIED.to_owned();
        report.notes = vec![Flaw::Changed.to_string()];
        report.cases[0].reason = Some(NOT_THEN.to_owned());
        assert_eq!(read(&json(&report)).unwrap(), report);
    }
}
