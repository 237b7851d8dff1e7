//! Tests of `markdown`, in a file of their own for their length.
//!
//! Knows: `markdown`. Must not know: what uses it.

use super::super::markup::span;
use super::super::sample::{HOSTILE, conformant, many, nonconformant};
use super::super::ticket::ticket;
use super::super::words::hidden;
use super::*;

#[test]
fn it_opens_with_the_conclusion_and_what_it_may_be_taken_for() {
    let out = markdown(&nonconformant());
    let mut lines = out.lines().filter(|line| !line.is_empty());
    assert_eq!(lines.next(), Some("# ✗ NONCONFORMANT: 1 case fails with 3 findings"));
    assert_eq!(
        lines.next(),
        Some("**Run against the built-in double. This says nothing about any appliance.**")
    );
    let out = markdown(&conformant());
    assert!(out.starts_with(
        "# ✓ CONFORMANT: all 2 judged cases \
        passed\n\n**This is evidence about staging"
    ));
}

#[test]
fn it_says_which_operations_the_contract_has_and_what_to_import_next() {
    let out = markdown(&conformant());
    assert!(out.contains("## Operations: 2 in the contract, 1 of them exercised"), "{out}");
    assert!(out.contains("1 of 2 that a page documents and 1 of 2 that public"), "{out}");
    assert!(out.contains("Not exercised: `backup.transfer`."), "{out}");
    assert!(out.contains("| `GET /gadgets` | 4 | `lxca-conform import PAGE"), "{out}");
}

#[test]
fn findings_are_grouped_and_say_how_to_run_again() {
    let out = markdown(&nonconformant());
    assert!(out.contains("## What is wrong: 2 causes"));
    assert!(out.contains("Statement of sftp-locks.list/body/component ×2"));
    assert!(out.contains("lxca-conform run --filter 'sftp-locks.list::lists-locks'"));
    assert!(out.contains("| 4 | 0 | 1 | 1 | 1 | 1 |"));
    assert!(out.contains("Findings: 3 violations, 1 deviation, 1 observation."));
}

#[test]
fn nothing_that_an_appliance_says_becomes_markup() {
    let out = markdown(&nonconformant());
    assert!(!out.contains("<script") && !out.contains("`x`") && !out.contains("](http"));
    assert!(!out.chars().any(|c| c != '\n' && hidden(c)));
    assert!(!out.lines().any(|line| line.starts_with("# h")));
    for row in out.lines().filter(|line| line.starts_with("| ✗ ") || line.starts_with("| • ")) {
        assert_eq!(row.matches('|').count(), 6, "{row}");
    }
    assert!(out.contains("(5000 characters in all)"));
}

#[test]
fn it_stays_within_300_lines_and_60_kib() {
    let out = markdown(&many(1000));
    assert!(out.lines().count() <= 300, "{} lines", out.lines().count());
    assert!(out.len() < 60 * 1024, "{} bytes", out.len());
    assert!(out.contains(" more causes.") && out.contains(" more reasons."), "{out}");
}

#[test]
fn an_effect_above_read_is_part_of_the_command() {
    let mut report = conformant();
    assert_eq!(
        rerun(&report, "backup.transfer::copies"),
        "lxca-conform run --filter 'backup.transfer::copies' --allow write --url \
        https://lxca.example --user NAME"
    );
    report.target.built_in = Some(true);
    assert_eq!(
        rerun(&report, "sftp-locks.list::lists-locks"),
        "lxca-conform run --filter 'sftp-locks.list::lists-locks'"
    );
}

#[test]
fn a_ticket_keeps_its_fences() {
    let report = nonconformant();
    let group = groups(&report).remove(0);
    let out = ticket(&report, &group, report.evidence.first());
    assert!(out.starts_with("## Statement of sftp-locks.list/body/component\n"));
    assert!(out.contains("Not evidence about a product"));
    assert!(out.contains("````http\nGET /aicc/service/sftp/locks"));
    assert!(out.contains("- Found: 2 times in case `sftp-locks.list::lists-locks`"));
}

#[test]
fn code_spans_and_text_are_closed_against_their_content() {
    assert_eq!(span("a``b"), "```a``b```");
    assert_eq!(span("`"), "`` ` ``");
    assert_eq!(text("a|b_c _d_ <i>"), "a&#124;b_c &#95;d&#95; &lt;i&gt;");
    assert!(!text(HOSTILE).contains(['|', '`', '*', '<', '>', '\n', '\r']));
    assert_eq!(short("äöü", 2), "äö… (3 characters in all)");
}
