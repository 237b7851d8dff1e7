//! Tests of `waiver`, in a file of their own for their length.
//!
//! Knows: `waiver`. Must not know: what uses it.

use super::*;
use crate::contract::Severity;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn row(more: &str) -> String {
    format!(
        "[[waiver]]\nreason = \"known\"\nticket = \"LAB-1\"\nowner = \"lab\"\ncreated = \
        2026-01-01\nexpires = \"2026-06-30\"\n{more}\n"
    )
}

fn parsed_waiver(more: &str) -> Waiver {
    load("w.toml", &row(more)).unwrap().list.remove(0)
}

fn finding(requirement: &str, pointer: &str, actual: &str) -> Finding {
    Finding {
        check: "schema".to_owned(),
        requirement: requirement.to_owned(),
        severity: Severity::Violation,
        pointer: pointer.to_owned(),
        expected: String::new(),
        actual: actual.to_owned(),
        step: "request".to_owned(),
        more: None,
        closed: false,
    }
}

#[test]
fn all_problems_of_a_file_come_at_once_with_their_lines() {
    let text = "[[waiver]]\ncase = \"a::b\"\nrequirement = \"a/b\"\nreason = \"\"\nticket = \
        7\ncreated = 2026-13-01\nwhy = \"x\"\n";
    let problems = load("w.toml", text).unwrap_err();
    assert!(problems.iter().all(|problem| problem.at.is_some()), "{problems:?}");
    let text = text.replace("2026-13-01", "\"soon\"");
    let all = load("w.toml", &text)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    for part in [
        "w.toml:4:10: `reason` is empty",
        "w.toml:5:10: `ticket` must be a string",
        "`owner` is missing",
        "w.toml:6:11: `created` isn't a date",
        "`expires` is missing",
        "w.toml:7:1: unknown key `why`",
    ] {
        assert!(all.contains(part), "{part} isn't in\n{all}");
    }
}

#[test]
fn a_waiver_covers_what_it_names_and_nothing_else() {
    let waiver = parsed_waiver(
        "case = \"a::b\"\nrequirement = \"a/b\"\npointer = \"/*/component\"\nactual = \"XX\"",
    );
    assert!(waiver.is_about(&finding("a/b", "/12/component", "\"XX\"")));
    assert!(!waiver.is_about(&finding("a/b", "/12/component", "\"YY\"")));
    assert!(!waiver.is_about(&finding("a/c", "/12/component", "\"XX\"")));
    assert!(!waiver.is_about(&finding("a/b", "/rows/component", "\"XX\"")));
    assert!(!waiver.is_about(&finding("a/b", "/12/component/x", "\"XX\"")));
}

#[test]
fn the_last_day_still_holds() {
    let waiver = parsed_waiver("case = \"a::b\"\nrequirement = \"a/b\"");
    assert!(!waiver.is_expired(day("2026-06-30")));
    assert!(waiver.is_expired(day("2026-07-01")));
}

#[test]
fn a_range_is_for_versions_that_are_known() {
    let waiver =
        parsed_waiver("case = \"a::b\"\nrequirement = \"a/b\"\nversions = \">=4.1, <4.2\"");
    assert!(waiver.is_meant_for(Some(&Version::new(4, 1, 7))));
    assert!(!waiver.is_meant_for(Some(&Version::new(4, 2, 0))));
    assert!(!waiver.is_meant_for(None));
}

#[test]
fn what_may_hide_more_than_one_failure_is_too_broad() {
    for broad in [
        "case = \"*\"\nrequirement = \"a/b\"",
        "case = \"a::b\"",
        "case = \"a.*::b\"\nrequirement = \"a/b\"",
        "case = \"a::b\"\nrequirement = \"a/*\"",
        "case = \"a*\"\nrequirement = \"a/b\"",
    ] {
        assert!(parsed_waiver(broad).too_broad().is_some(), "{broad}");
    }
    assert!(parsed_waiver("case = \"a::refuses-*\"\nrequirement = \"a/b\"").too_broad().is_none());
}

#[test]
fn a_draft_is_refused_until_it_is_filled_in() {
    let about = Draft {
        cases: &["a::refuses-x", "a::refuses-y"],
        requirement: "a/b",
        place: "/*/c",
        closed: true,
        actual: "\"X X\"",
        only_value: true,
    };
    let text = draft(&about, day("2026-01-01"));
    let problems = load("w.toml", &text).unwrap_err();
    assert_eq!(problems.len(), 3, "{problems:?}");
    let waiver = load("w.toml", &text.replace("\"\" ", "\"filled in\" ")).unwrap().list.remove(0);
    assert_eq!((waiver.case.as_str(), waiver.expires), ("a::refuses-*", day("2026-04-01")));
    assert!(waiver.is_about(&finding("a/b", "/0/c", "\"X X\"")));
    assert!(waiver.too_broad().is_none());
}
