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
    fn a_report_that_is_red_without_a_red_case_has_a_test_that_is() {
        let mut report = conformant();
        assert_eq!((back(&report).failures, back(&report).errors), (0, 0));
        let tests = back(&report).tests;
        report.conclusion = Conclusion::Incomplete;
        report.because = "shard 2/3 is missing".to_owned();
        for text in [junit(&report), junit_of_asked(&report)] {
            let parsed = Junit::deserialize_from_str(&text).unwrap();
            assert_eq!((parsed.failures, parsed.errors), (0, 1));
            let test = find(&parsed, TOOL, "conclusion");
            assert_eq!(test.classname.as_deref(), Some(TOOL));
            assert!(text.contains("message=\"incomplete: shard 2/3 is missing\""), "{text}");
        }
        assert_eq!(back(&report).tests, tests + 1);
        report.cases.clear();
        assert_eq!((back(&report).tests, back(&report).errors), (1, 1));
        // A red case is enough.
        let mut red = nonconformant();
        red.conclusion = Conclusion::Incomplete;
        assert!(!junit(&red).contains("name=\"conclusion\" classname"));
        assert!(back(&red).test_suites.iter().all(|suite| suite.name.as_str() != TOOL));
    }

    #[test]
    fn no_character_that_xml_forbids_reaches_the_file() {
        let forbidden = |c: char| {
            let code = u32::from(c);
            let is_char = matches!(code, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd)
                || code >= 0x10000;
            let discouraged = (0x7f..=0x9f).contains(&code)
                || (0xfdd0..=0xfdef).contains(&code)
                || code & 0xfffe == 0xfffe;
            !is_char || discouraged
        };
        let all: String = ('\0'..=char::MAX).filter(|c| forbidden(*c)).collect();
        let mut report = nonconformant();
        report.because.clone_from(&all);
        report.target.name.clone_from(&all);
        for case in &mut report.cases {
            case.title.clone_from(&all);
            case.reason = Some(all.clone());
            for finding in &mut case.findings {
                for text in [&mut finding.pointer, &mut finding.expected, &mut finding.actual] {
                    text.push_str(&all);
                }
            }
        }
        let xml = junit(&report);
        assert_eq!(xml.chars().find(|c| forbidden(*c)), None);
        Junit::deserialize_from_str(&xml).unwrap();
    }

    #[test]
    fn a_suite_per_operation_and_a_test_per_case() {
        let parsed = back(&nonconformant());
        assert_eq!(
            (
                parsed.tests,
                parsed.failures,
                parsed.errors,
                parsed.test_suites.iter().map(|suite| suite.skipped).sum::<usize>()
            ),
            (4, 1, 1, 2)
        );
        let names: Vec<&str> = parsed.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, ["sftp-locks.list", "sftp-locks.get", "backup.transfer"]);
        let case = find(&parsed, "sftp-locks.list", "lists-locks");
        assert_eq!(case.classname.as_deref(), Some("sftp-locks.list"));
        for suite in &parsed.test_suites {
            for wanted in
                ["conclusion", "claim", "target", "contract", "catalogue", "scope", "started"]
            {
                assert!(
                    suite.properties.iter().any(|property| property.name.as_str() == wanted),
                    "{wanted}"
                );
            }
        }
    }

    #[test]
    fn each_verdict_has_its_element() {
        let parsed = back(&nonconformant());
        let TestCaseStatus::NonSuccess { kind, message, ty, description, .. } =
            &find(&parsed, "sftp-locks.list", "lists-locks").status
        else {
            panic!("no failure")
        };
        assert_eq!(*kind, NonSuccessKind::Failure);
        assert_eq!(ty.as_deref(), Some("sftp-locks.list/body/component"));
        assert!(message.as_ref().unwrap().as_str().contains("<script>"));
        let told = description.as_ref().unwrap().as_str();
        assert!(
            told.starts_with("5 findings:\n")
                && told.contains("violation sftp-locks.list/body/component ×2 (check schema): ")
                && told.contains("observation sftp-locks.list/drift"),
            "{told}"
        );
        let TestCaseStatus::NonSuccess { kind, .. } =
            &find(&parsed, "sftp-locks.get", "gets-a-lock").status
        else {
            panic!("no error")
        };
        assert_eq!(*kind, NonSuccessKind::Error);
        let TestCaseStatus::Skipped { message, .. } =
            &find(&parsed, "backup.transfer", "moves").status
        else {
            panic!("not skipped")
        };
        assert_eq!(message.as_ref().unwrap().as_str(), "unsupported: no --filter matches it");
        assert_eq!(
            find(&back(&conformant()), "sftp-locks.list", "lists-locks").status,
            TestCaseStatus::success()
        );
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
        let TestCaseStatus::NonSuccess { message, .. } =
            &find(&parsed, "sftp-locks.list", "lists-locks").status
        else {
            panic!("no failure")
        };
        assert!(message.as_ref().unwrap().as_str().starts_with("known failure (waived): "));
    }

    #[test]
    fn times_are_told_and_what_the_usual_schema_doesnt_know_is_left_out() {
        let mut report = nonconformant();
        report.cases[0].elapsed_ms = 1250.0;
        report.cases[0].title = "says disabled=\"0\"".to_owned();
        let xml = junit(&report);
        assert!(
            xml.contains("name=\"lists-locks\" classname=\"sftp-locks.list\" time=\"1.250\"")
                && !xml.contains("tests=\"1\" disabled")
                && !xml.lines().nth(1).is_some_and(|line| line.contains("skipped=")),
            "{xml}"
        );
        assert_eq!(xml.matches("disabled=").count(), 1, "the title keeps its words");
        assert!(!xml.split("<testcase").skip(1).any(|case| {
            case.split("</testcase>").next().is_some_and(|case| case.contains("<propert"))
        }));
    }

    #[test]
    fn the_last_resort_is_red() {
        let parsed = Junit::deserialize_from_str(UNWRITTEN).unwrap();
        assert_eq!(parsed.errors, 1);
    }
}
