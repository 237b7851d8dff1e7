//! Reads `report.json` back, that of an older build too.
//!
//! Knows: what builds said in sentences before there were words for it. Nothing else reads those
//! sentences. Must not know: files, or who asks.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::contract::MORE_PLACES;
use crate::problem::json_flaw;
use crate::record::TargetKind;
use crate::why::{Flaw, Trust, Why};

use super::model::{FORMAT, Report};

/// What older builds called the target of a run without one.
const BUILT_IN: &str = "built-in double";

/// Why a text is no report that this build reads. What can't be known to be ours isn't quoted: the
/// file may be another one than the person meant, and hold a secret.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is another version of the format, or another of our files.
    #[error(
        "its format is `{0}`, and this build reads {FORMAT}; judge its transcript.jsonl again with \
        `lxca-conform judge`, or use the build that wrote it"
    )]
    Format(String),
    /// It is what somebody else recorded.
    #[error("it is a HAR file; judge it with `lxca-conform judge FILE --out DIR`, and name DIR")]
    Har,
    /// It isn't JSON, or has other members.
    #[error("{}; expected a report.json of format {FORMAT}", json_flaw(.0))]
    Json(#[from] serde_json::Error),
}

/// What is needed to tell which file it is.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    log: Option<IgnoredAny>,
}

/// A report from its text.
pub fn read(text: &str) -> Result<Report, ReadError> {
    if let Ok(Head { format, log }) = serde_json::from_str(text) {
        match format.as_deref() {
            None if log.is_some() => return Err(ReadError::Har),
            None | Some(FORMAT) => {}
            Some(ours) if is_ours(ours) => return Err(ReadError::Format(ours.to_owned())),
            Some(_) => return Err(ReadError::Format("of something else".to_owned())),
        }
    }
    let mut report: Report = serde_json::from_str(text)?;
    if report.flaws.is_none() {
        complete(&mut report);
    }
    let target = &mut report.target;
    // Of what was judged again, older builds say it only of the double of a run without a target.
    target.double = target.double.or(match target.kind {
        TargetKind::Double => Some(true),
        TargetKind::Replay => target.built_in.filter(|built_in| *built_in),
        TargetKind::Live | TargetKind::Recording => Some(false),
    });
    Ok(report)
}

/// Whether it is a name that one of our files could have.
fn is_ours(format: &str) -> bool {
    format.strip_prefix("lxca-conform/").is_some_and(|rest| {
        rest.len() < 40 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/')
    })
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
    fn a_report_of_an_older_build_says_whether_it_was_the_double_where_that_can_be_told() {
        for (kind, built_in, double) in [
            (TargetKind::Live, false, Some(false)),
            (TargetKind::Double, false, Some(true)),
            (TargetKind::Replay, true, Some(true)),
            (TargetKind::Replay, false, None),
        ] {
            let mut report = conformant();
            report.target.kind = kind;
            report.target.built_in = Some(built_in);
            report.target.double = None;
            assert_eq!(read(&json(&report)).unwrap().target.double, double, "{kind:?}");
        }
    }

    #[test]
    fn a_file_of_another_format_is_refused_with_what_to_do() {
        let known = json(&conformant());
        for (format, says) in [
            ("lxca-conform/report/2", "`lxca-conform/report/2`, and this build reads"),
            ("lxca-conform/gate/1", "`lxca-conform/gate/1`, and this build reads"),
            ("hunter2", "`of something else`"),
        ] {
            let said = read(&known.replacen(FORMAT, format, 1)).unwrap_err().to_string();
            assert!(said.contains(says) && said.contains("lxca-conform judge"), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
        let said = read(r#"{"log":{"version":"1.2"}}"#).unwrap_err().to_string();
        assert!(said.contains("judge FILE --out DIR"), "{said}");
        let said = read("{}").unwrap_err().to_string();
        assert!(said.contains("missing field") && said.contains(FORMAT), "{said}");
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
