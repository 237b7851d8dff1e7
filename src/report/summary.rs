//! The first screen: conclusion, what failed, where the report is.
//!
//! Knows: the report. Gives text with or without colour. Must not know: whether a terminal is there.

use std::fmt::Write as _;

use crate::contract::Severity;
use crate::judge::Verdict;
use crate::store::TargetKind;

use super::groups::groups;
use super::model::{Conclusion, Report};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Paint {
    /// The text in that colour.
    #[must_use]
    pub(crate) fn wrap(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// Groups that the first screen has room for.
const MOST_GROUPS: usize = 8;

/// The first screen.
#[must_use]
pub fn summary(report: &Report, folder: &str, paint: Paint) -> String {
    let mut text = String::new();
    let colour = match report.conclusion {
        Conclusion::Conformant => "1;32",
        Conclusion::Nonconformant => "1;31",
        Conclusion::Incomplete => "1;33",
    };
    let _ = writeln!(text, "{}: {}", paint.wrap(colour, &report.conclusion.word().to_uppercase()), report.because);
    let version = report.target.version.as_deref().unwrap_or("unknown version");
    let _ = writeln!(text, "  target     {} ({version}) at {}", report.target.name, report.target.url);
    if let Some(why) = no_claim(report) {
        let _ = writeln!(text, "  claim      none: {why}");
    }
    for note in &report.notes {
        let _ = writeln!(text, "  {}       {note}", paint.wrap("1;33", "note"));
    }
    let cases = &report.summary.cases;
    let _ = writeln!(text, "  cases      {} pass, {} fail, {} unresolved, {} unsupported, {} untested", cases.pass, cases.fail, cases.unresolved, cases.unsupported, cases.untested);
    let findings = &report.summary.findings;
    let _ = writeln!(text, "  findings   {}", counted(&[(findings.violation, "violation"), (findings.deviation, "deviation"), (findings.observation, "observation")]));
    let requirements = &report.summary.requirements;
    let _ =
        writeln!(text, "  documents  {} of {} requirements exercised, {} broken, {} excluded with a reason", requirements.exercised, requirements.total, requirements.broken, requirements.excluded);
    let all = groups(report);
    let worth: Vec<_> = all.iter().filter(|group| group.severity > Severity::Observation).collect();
    for group in worth.iter().take(MOST_GROUPS) {
        let code = if group.severity == Severity::Violation { "1;31" } else { "1;33" };
        let times = if group.count > 1 { format!(" ×{}", group.count) } else { String::new() };
        let place = if group.place.is_empty() { String::new() } else { format!(" at {}", group.place) };
        let _ = writeln!(text, "\n{} {}{times}", paint.wrap(code, group.severity.word()), paint.wrap("1", &group.requirement));
        if let Some(requirement) = report.requirements.iter().find(|requirement| requirement.id == group.requirement) {
            let _ = writeln!(text, "  {} ({})", requirement.statement, requirement.place);
        }
        let _ = writeln!(text, "  expected   {}{place}", group.expected);
        let _ = writeln!(text, "  actual     {}", group.actual);
        let more = if group.cases.len() > 1 { format!(" and {} more", group.cases.len() - 1) } else { String::new() };
        let _ = writeln!(text, "  case       {}{more}", group.cases.first().map_or("", String::as_str));
    }
    if worth.len() > MOST_GROUPS {
        let _ = writeln!(text, "\n{} more causes are in the report.", worth.len() - MOST_GROUPS);
    }
    let unresolved: Vec<_> = report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved).collect();
    if !unresolved.is_empty() && report.ended_early.is_none() {
        let _ = writeln!(text, "\n{}", paint.wrap("1;33", "unresolved"));
        for case in unresolved.iter().take(MOST_GROUPS) {
            let _ = writeln!(text, "  {}\n    {}", case.id, case.reason.as_deref().unwrap_or("no reason was kept"));
        }
        if unresolved.len() > MOST_GROUPS {
            let _ = writeln!(text, "  and {} more", unresolved.len() - MOST_GROUPS);
        }
    }
    if !folder.is_empty() {
        let _ = writeln!(text, "\nreport: {folder}");
    }
    text
}

/// Why the report is no evidence about a product, if it isn't.
pub(super) fn no_claim(report: &Report) -> Option<&'static str> {
    match report.target.kind {
        _ if report.claim => None,
        TargetKind::Double => Some("this is the built-in double; it says nothing about any appliance"),
        TargetKind::Replay => Some("this judges an old record"),
        TargetKind::Live if !report.scope.filters.is_empty() => Some("the run was filtered"),
        TargetKind::Live if report.finished.is_none() || report.ended_early.is_some() => Some("the run didn't come to its end"),
        TargetKind::Live if report.target.tls.contains(super::build::UNVERIFIED) => Some("the certificate wasn't verified, so anybody could have answered"),
        TargetKind::Live => Some("the target wasn't recognised as an LXCA"),
    }
}

fn counted(parts: &[(u64, &str)]) -> String {
    parts.iter().map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" })).collect::<Vec<_>>().join(", ")
}
