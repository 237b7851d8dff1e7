//! Tests of `junit`, in a file of their own for their length.
//!
//! Knows: `junit`. Must not know: what uses it.

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
        let is_char =
            matches!(code, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd) || code >= 0x10000;
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
        for wanted in ["conclusion", "claim", "target", "contract", "catalogue", "scope", "started"]
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
    let TestCaseStatus::Skipped { message, .. } = &find(&parsed, "backup.transfer", "moves").status
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
