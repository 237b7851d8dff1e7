//! `junit.xml`: the cases for a CI view that knows tests.
//!
//! Knows: the report, and how its verdicts map to `JUnit`. The only door to `quick-junit`. Must not know: files, CI systems.

use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::judge::{Disposition, Finding, Verdict};

use super::markdown::claim_line;
use super::model::{Case, Report};

/// Bytes of a message or a text.
const MOST_BYTES: usize = 4096;

/// The report as `JUnit`: a suite per operation, a test per case.
#[must_use]
pub fn junit(report: &Report) -> String {
    let mut suites: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in &report.cases {
        match suites.iter_mut().find(|(operation, _)| *operation == case.operation) {
            Some((_, cases)) => cases.push(case),
            None => suites.push((&case.operation, vec![case])),
        }
    }
    let mut whole = Junit::new("lxca-conform");
    for (operation, cases) in suites {
        let mut suite = TestSuite::new(line(operation));
        suite.add_property(("conclusion", report.conclusion.word()));
        suite.add_property(("because", line(&report.because).as_str()));
        suite.add_property(("claim", line(&claim_line(report)).as_str()));
        suite.add_property(("target", line(&target(report)).as_str()));
        suite.add_property(("contract", line(&report.contract.digest).as_str()));
        suite.add_property(("catalogue", line(&report.catalogue.digest).as_str()));
        suite.add_test_cases(cases.into_iter().map(test));
        whole.add_test_suite(suite);
    }
    // A file without a test must never read as a green one.
    whole.to_string().unwrap_or_else(|_| UNWRITTEN.to_owned())
}

const UNWRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lxca-conform\" tests=\"1\" failures=\"0\" errors=\"1\">\
<testsuite name=\"report\" tests=\"1\" disabled=\"0\" errors=\"1\" failures=\"0\"><testcase name=\"is-written\">\
<error message=\"the JUnit report could not be written; report.json has the results\"/></testcase></testsuite></testsuites>\n";

fn target(report: &Report) -> String {
    let target = &report.target;
    let version = target.version.as_deref().unwrap_or("unknown version");
    format!("{} ({version}) at {}; {}", target.name, target.url, target.tls)
}

fn test(case: &Case) -> TestCase {
    let name = case.id.split_once("::").map_or(case.id.as_str(), |(_, claim)| claim);
    let mut test = TestCase::new(line(name), status(case));
    test.set_classname(line(&case.operation));
    test.add_property(("title", line(&case.title).as_str()));
    test.add_property(("effect", case.effect.word()));
    if case.verdict != Verdict::Fail && !case.findings.is_empty() {
        test.set_system_out(told(&case.findings));
    }
    test
}

fn status(case: &Case) -> TestCaseStatus {
    let reason = || line(case.reason.as_deref().unwrap_or("no reason was kept"));
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
            status.set_message(line(&if waived { format!("known failure (waived): {message}") } else { message }));
            status.set_description(told(&case.findings));
            status
        }
        Verdict::Unresolved => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("unresolved").set_message(reason());
            if !case.findings.is_empty() {
                status.set_description(told(&case.findings));
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
    let place = if finding.pointer.is_empty() { String::new() } else { format!(" at {}", finding.pointer) };
    format!("expected {}, got {}{place}", finding.expected, finding.actual)
}

fn told(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        if out.len() > MOST_BYTES {
            break;
        }
        let _ = writeln!(out, "{} {} (check {}, step {}): {}", finding.severity.word(), line(&finding.requirement), line(&finding.check), line(&finding.step), line(&headline(finding)));
    }
    let told = format!("{}:\n", counted_findings(findings.len()));
    capped(&(told + &out))
}

fn counted_findings(count: usize) -> String {
    format!("{count} {}", if count == 1 { "finding" } else { "findings" })
}

/// One line without control characters, capped.
fn line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
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
mod tests {
    use super::super::sample::{HOSTILE, conformant, many, nonconformant};
    use super::*;

    fn back(report: &Report) -> Junit {
        Junit::deserialize_from_str(&junit(report)).unwrap()
    }

    fn find<'a>(parsed: &'a Junit, suite: &str, name: &str) -> &'a TestCase {
        let suite = parsed.test_suites.iter().find(|one| one.name.as_str() == suite).unwrap();
        suite.test_cases.iter().find(|one| one.name.as_str() == name).unwrap()
    }

    #[test]
    fn a_suite_per_operation_and_a_test_per_case() {
        let parsed = back(&nonconformant());
        assert_eq!((parsed.tests, parsed.failures, parsed.errors, parsed.skipped), (4, 1, 1, 2));
        let names: Vec<&str> = parsed.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, ["sftp-locks.list", "sftp-locks.get", "backup.transfer"]);
        let case = find(&parsed, "sftp-locks.list", "lists-locks");
        assert_eq!(case.classname.as_deref(), Some("sftp-locks.list"));
        for suite in &parsed.test_suites {
            for wanted in ["conclusion", "claim", "target"] {
                assert!(suite.properties.iter().any(|property| property.name.as_str() == wanted), "{wanted}");
            }
        }
    }

    #[test]
    fn each_verdict_has_its_element() {
        let parsed = back(&nonconformant());
        let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } = &find(&parsed, "sftp-locks.list", "lists-locks").status else { panic!("no failure") };
        assert_eq!(*kind, NonSuccessKind::Failure);
        assert_eq!(ty.as_deref(), Some("sftp-locks.list/body/component"));
        assert!(message.as_ref().unwrap().as_str().contains("<script>"));
        let told = description.as_ref().unwrap().as_str();
        assert!(told.starts_with("5 findings:\n") && told.contains("observation sftp-locks.list/drift"));
        let TestCaseStatus::NonSuccess { kind, .. } = &find(&parsed, "sftp-locks.get", "gets-a-lock").status else { panic!("no error") };
        assert_eq!(*kind, NonSuccessKind::Error);
        let TestCaseStatus::Skipped { message, .. } = &find(&parsed, "backup.transfer", "moves").status else { panic!("not skipped") };
        assert_eq!(message.as_ref().unwrap().as_str(), "unsupported: no --filter matches it");
        assert_eq!(find(&back(&conformant()), "sftp-locks.list", "lists-locks").status, TestCaseStatus::success());
    }

    #[test]
    fn control_characters_are_stripped_and_texts_are_capped() {
        let xml = junit(&nonconformant());
        assert!(!xml.chars().any(|c| c.is_control() && c != '\n'));
        assert!(!xml.contains("<script>"));
        let parsed = back(&many(50));
        for case in parsed.test_suites.iter().flat_map(|suite| &suite.test_cases) {
            if let TestCaseStatus::NonSuccess { message, description, .. } = &case.status {
                assert!(message.as_ref().is_none_or(|text| text.as_str().len() <= MOST_BYTES));
                assert!(description.as_ref().is_none_or(|text| text.as_str().len() <= MOST_BYTES));
            }
        }
        assert!(capped(&HOSTILE.repeat(100)).len() <= MOST_BYTES);
        assert!(capped(&"ä".repeat(5000)).ends_with("… (cut)"));
    }

    #[test]
    fn a_known_failure_stays_a_failure_and_says_so() {
        let mut report = nonconformant();
        report.cases[0].disposition = Disposition::KnownFailure;
        let parsed = back(&report);
        let TestCaseStatus::NonSuccess { message, .. } = &find(&parsed, "sftp-locks.list", "lists-locks").status else { panic!("no failure") };
        assert!(message.as_ref().unwrap().as_str().starts_with("known failure (waived): "));
    }

    #[test]
    fn the_last_resort_is_red() {
        let parsed = Junit::deserialize_from_str(UNWRITTEN).unwrap();
        assert_eq!(parsed.errors, 1);
    }
}
