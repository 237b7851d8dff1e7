//! `junit.xml`: the cases for a CI view that knows tests.
//!
//! Knows: the report, and how its verdicts map to `JUnit`. The only door to `quick-junit`. Must not
//! know: files, CI systems.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::judge::{Disposition, Finding, Verdict};

use super::groups::groups_of;
use super::model::{Case, Conclusion, Report};
use super::words::{claim_line, hidden, one_line, rerun, scope_line};

/// Bytes of a message or a text.
const MOST_BYTES: usize = 4096;

/// The report as `JUnit`: a suite per operation, a test per case. Only elements and attributes that
/// the usual schema knows.
#[must_use]
pub fn junit(report: &Report) -> String {
    drawn(report, &report.cases.iter().collect::<Vec<_>>())
}

/// The same without the cases that weren't asked; with them where there are no others, for a file
/// without a test must never read as a green one.
#[must_use]
pub fn junit_of_asked(report: &Report) -> String {
    let asked: Vec<&Case> =
        report.cases.iter().filter(|case| case.verdict != Verdict::Untested).collect();
    if asked.is_empty() { junit(report) } else { drawn(report, &asked) }
}

fn drawn(report: &Report, cases: &[&Case]) -> String {
    let mut suites: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in cases.iter().copied() {
        match suites.iter_mut().find(|(operation, _)| *operation == case.operation) {
            Some((_, cases)) => cases.push(case),
            None => suites.push((&case.operation, vec![case])),
        }
    }
    let mut whole = Junit::new("lxca-conform");
    let beyond = beyond_the_cases(report, cases);
    if !beyond.is_empty() {
        let mut suite = suite(report, TOOL);
        suite.add_test_cases(beyond);
        whole.add_test_suite(suite);
    }
    for (operation, cases) in suites {
        let mut suite = suite(report, operation);
        suite.set_time(time(cases.iter().copied()));
        suite.add_test_cases(cases.into_iter().map(|case| test(report, case)));
        whole.add_test_suite(suite);
    }
    whole.set_time(time(cases.iter().copied()));
    // A file without a test must never read as a green one.
    whole.to_string().map_or_else(|_| UNWRITTEN.to_owned(), |text| usual(&text))
}

/// The class of what is no case.
const TOOL: &str = "lxca-conform";

fn suite(report: &Report, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(line(name));
    suite.add_property(("conclusion", report.conclusion.word()));
    suite.add_property(("because", line(&report.because).as_str()));
    suite.add_property(("claim", line(&claim_line(report)).as_str()));
    suite.add_property(("target", line(&target(report)).as_str()));
    suite.add_property(("scope", line(&scope_line(report)).as_str()));
    suite.add_property(("started", line(&report.started).as_str()));
    suite.add_property((
        "tool",
        line(&format!("{} {}", report.tool.name, report.tool.version)).as_str(),
    ));
    suite.add_property(("contract", line(&report.contract.digest).as_str()));
    suite.add_property(("catalogue", line(&report.catalogue.digest).as_str()));
    suite
}

/// What is red in the report, and in none of its cases: a run that judged nothing, ended early or is
/// a part of one, and waivers that aren't in order. A CI server reads nothing but tests.
fn beyond_the_cases(report: &Report, cases: &[&Case]) -> Vec<TestCase> {
    let red = |case: &&Case| matches!(case.verdict, Verdict::Fail | Verdict::Unresolved);
    let mut found = Vec::new();
    let mut say = |name: &str, kind: &str, text: &str| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(kind).set_message(line(text));
        let mut test = TestCase::new(name, status);
        test.set_classname(TOOL);
        test.set_time(Duration::ZERO);
        test.set_system_out(line(text));
        found.push(test);
    };
    if report.conclusion != Conclusion::Conformant && !cases.iter().any(red) {
        let text = format!("{}: {}", report.conclusion.word(), report.because);
        say("conclusion", report.conclusion.word(), &text);
    }
    let disorder = report.waivers.iter().filter(|waiver| waiver.state.is_out_of_order());
    let told: Vec<String> = disorder
        .map(|waiver| format!("{} {} ({})", waiver.case, waiver.requirement, waiver.state.word()))
        .collect();
    if !told.is_empty() {
        say("waivers", "waivers", &format!("waivers aren't in order: {}", told.join(", ")));
    }
    found
}

/// Without what the usual schema doesn't know: disabled tests of a suite, and skipped tests of the
/// whole. They are attributes of elements, each of which has its own line.
fn usual(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let unknown = if line.trim_start().starts_with("<testsuite ") {
            " disabled=\""
        } else if line.starts_with("<testsuites ") {
            " skipped=\""
        } else {
            out.push_str(line);
            continue;
        };
        match line.split_once(unknown) {
            Some((before, rest)) => {
                out.push_str(before);
                out.push_str(rest.split_once('"').map_or(rest, |(_, rest)| rest));
            }
            None => out.push_str(line),
        }
    }
    out
}

fn time<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Duration {
    Duration::from_secs_f64(
        cases.into_iter().map(|case| case.elapsed_ms.max(0.0)).sum::<f64>() / 1000.0,
    )
}

const UNWRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lxca-conform\" tests=\"1\" failures=\"0\" errors=\"1\">\
<testsuite name=\"report\" tests=\"1\" disabled=\"0\" errors=\"1\" failures=\"0\"><testcase name=\"is-written\">\
<error message=\"the JUnit report could not be written; report.json has the \
    results\"/></testcase></testsuite></testsuites>\n";

fn target(report: &Report) -> String {
    let target = &report.target;
    let version = target.version.as_deref().unwrap_or("unknown version");
    format!("{} ({version}) at {}; {}", target.name, target.url, target.tls)
}

fn test(report: &Report, case: &Case) -> TestCase {
    let name = case.id.split_once("::").map_or(case.id.as_str(), |(_, claim)| claim);
    let mut test = TestCase::new(line(name), status(case));
    test.set_classname(line(&case.operation));
    test.set_time(time([case]));
    let mut out = format!(
        "{} (effect {}, {} requests)",
        line(&case.title),
        case.effect.word(),
        case.requests
    );
    if case.verdict == Verdict::Fail || case.verdict == Verdict::Unresolved {
        let _ = write!(out, "\nrun again: {}", line(&rerun(report, &case.id)));
    } else if !case.findings.is_empty() {
        let _ = write!(out, "\n{}", failure_text(case));
    }
    test.set_system_out(capped(&out));
    test
}

fn status(case: &Case) -> TestCaseStatus {
    let reason = || line(case.reason.as_deref().unwrap_or("no reason recorded"));
    match case.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            // The gravest finding speaks for the case; all of them are in the text.
            let mut worst: Option<&Finding> = None;
            for finding in &case.findings {
                if worst.is_none_or(|worst| finding.severity > worst.severity) {
                    worst = Some(finding);
                }
            }
            if let Some(finding) = worst {
                status.set_type(line(&finding.requirement));
            }
            let message = worst.map_or_else(reason, headline);
            let waived = case.disposition == Disposition::KnownFailure;
            status.set_message(line(&if waived {
                format!("known failure (waived): {message}")
            } else {
                message
            }));
            status.set_description(failure_text(case));
            status
        }
        Verdict::Unresolved => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("unresolved").set_message(reason());
            if !case.findings.is_empty() {
                status.set_description(failure_text(case));
            }
            status
        }
        Verdict::Unsupported | Verdict::Untested => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(line(&format!("{}: {}", case.verdict.word(), reason())));
            status
        }
    }
}

fn headline(finding: &Finding) -> String {
    let place =
        if finding.pointer.is_empty() { String::new() } else { format!(" at {}", finding.pointer) };
    format!("expected {}, got {}{place}", finding.expected, finding.actual)
}

/// The findings of a case, one line per cause.
fn failure_text(case: &Case) -> String {
    let mut out = format!("{}:\n", counted_findings(case.findings.len()));
    for group in groups_of(case.findings.iter().map(|finding| (case.id.as_str(), finding))) {
        if out.len() > MOST_BYTES {
            break;
        }
        let times = if group.count > 1 { format!(" ×{}", group.count) } else { String::new() };
        let place =
            if group.place.is_empty() { String::new() } else { format!(" at {}", group.place) };
        let told = format!(
            "expected {}, got {}{place}",
            one_line(&group.expected),
            one_line(&group.actual_text())
        );
        let _ = writeln!(
            out,
            "{} {}{times} (check {}): {}",
            group.severity.word(),
            line(&group.requirement),
            line(&group.check),
            line(&told)
        );
    }
    capped(&out)
}

fn counted_findings(count: usize) -> String {
    format!("{count} {}", if count == 1 { "finding" } else { "findings" })
}

/// One line without control characters, capped.
fn line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if hidden(c) { ' ' } else { c }).collect();
    capped(&flat)
}

fn capped(text: &str) -> String {
    const ENDING: &str = "… (cut)";
    if text.len() <= MOST_BYTES {
        return text.to_owned();
    }
    let mut end = MOST_BYTES - ENDING.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ENDING}", &text[..end])
}

#[cfg(test)]
mod tests;
