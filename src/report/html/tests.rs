//! Tests of `html`, in a file of their own for their length.
//!
//! Knows: `html`. Must not know: what uses it.

use super::super::groups::groups_of;
use super::super::model::{Mark, Proof, Since};
use super::super::sample::{HOSTILE, conformant, finding, many, nonconformant, of_size};
use crate::judge::Disposition;
use crate::report::model::Timing;

use super::*;

/// The page without its style and script, which name every verdict.
fn body(page: &str) -> &str {
    &page[page.find("<body>").unwrap()..page.find("<script>").unwrap()]
}

fn assert_order(page: &str, parts: &[&str]) {
    let mut at = 0;
    for part in parts {
        let found = page[at..].find(part);
        assert!(found.is_some(), "`{part}` isn't there, or stands too early");
        at += found.unwrap();
    }
}

fn ids(page: &str) -> Vec<&str> {
    page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn since() -> Since {
    Since {
        target: "staging".to_owned(),
        version: Some("4.0.0".to_owned()),
        started: "2025-01-01T00:00:00Z".to_owned(),
        new: vec!["one new".to_owned()],
        fixed: vec!["one gone".to_owned()],
        still: 3,
    }
}

#[test]
fn the_order_is_the_one_a_reader_needs() {
    let mut report = nonconformant();
    report.baseline = Some(since());
    report.proof = Some(Proof {
        checks: 206,
        proved: 201,
        faults: 115,
        caught: 115,
        variants: 20,
        accused: 0,
    });
    let order = [
        ">NONCONFORMANT</span>",
        "1 case fails",
        "it says nothing about any appliance",
        "<strong>Next.</strong>",
        "Note:",
        "Verdicts</h2>",
        "fail</li>",
        "Coverage of the documents</h2>",
        "<b>1</b> new",
        "<b>3</b> still there",
        "201 of 206 checks shown to fail when they should",
        "uuid <code>0A1B2C3D…</code>",
        "Certificate",
        "0123456789ab</code>",
        "id=\"filter\"",
        "Failures <span",
        "Statement of sftp-locks.list/body/component</h3>",
        "Expected</h4>",
        "Actual at <code>/*/component</code>",
        "What to do.",
        "Run again</dt>",
        "<details class=\"evidence\" open>",
        "<details class=\"ticket\"",
        "id=\"since\"",
        "Not judged <span",
        "Not covered <span",
        "1 stated</strong>",
        "1 neighbour</strong>",
        "Known failures <span",
        "2026-01-01",
        "Drift <span",
        "Deviations</h3>",
        "Documentation defects <span",
        "id=\"E001\"",
        "Requirements <span",
        ">Cases</h2>",
        "Failed or unresolved",
        "Didn't run</h3>",
    ];
    assert_order(body(&html(&report)), &order);
    let page = html(&conformant());
    assert_order(
        body(&page),
        &[
            ">CONFORMANT</span>",
            "This is evidence about staging",
            "<p>None.</p>",
            "Didn't run</h3>",
            "Passed</h3>",
            "</main>",
        ],
    );
    assert!(!page.contains(" id=\"waivers\"") && !page.contains(" id=\"since\""));
}

#[test]
fn nothing_that_an_appliance_says_becomes_markup() {
    let page = html(&nonconformant());
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<textarea").count(), page.matches("</textarea>").count());
    assert_eq!(page.matches("<pre").count(), page.matches("</pre>").count());
    assert!(page.contains("&#60;script&#62;"));
    assert!(!page.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
    assert!(page.contains("⟨U+001B⟩[31m⟨U+0000⟩\n# h") && page.contains("⟨U+202E⟩"));
}

#[test]
fn links_lead_somewhere_and_ids_are_unique() {
    for report in [nonconformant(), conformant(), many(300)] {
        let page = html(&report);
        let ids = ids(&page);
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len());
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(unique.contains(link), "#{link}");
        }
        for button in page.split("data-copy=\"").skip(1).map(|rest| rest.split('"').next().unwrap())
        {
            assert!(unique.contains(button), "{button}");
        }
        for id in report
            .cases
            .iter()
            .map(|case| &case.id)
            .chain(report.requirements.iter().map(|known| &known.id))
        {
            assert!(unique.contains(id.as_str()), "{id}");
        }
    }
}

#[test]
fn a_link_to_a_row_that_was_cut_off_is_no_link() {
    assert_eq!(
        without_dead_links("<a href=\"#a\">x</a><a href=\"#b\">y</a><p id=\"b\">".to_owned()),
        "<a>x</a><a href=\"#b\">y</a><p id=\"b\">"
    );
}

#[test]
fn it_loads_nothing_and_its_policy_knows_its_own_style_and_script_only() {
    let page = html(&nonconformant());
    for word in ["<link", "<img", " src=", "@import", "url(", "href=\"http", " style=", " onclick"]
    {
        assert!(!page.contains(word), "{word}");
    }
    let between =
        |start: &str, end: &str| page.split(start).nth(1).unwrap().split(end).next().unwrap();
    let policy = between("Content-Security-Policy\" content=\"", "\"");
    assert!(policy.starts_with("default-src 'none';"));
    assert!(policy.contains(&format!("style-src '{}'", hash_of(between("<style>", "</style>")))));
    assert!(
        policy.contains(&format!("script-src '{}'", hash_of(between("<script>", "</script>"))))
    );
}

#[test]
fn the_wrong_value_is_marked_in_the_answer() {
    let mut report = nonconformant();
    report.cases[0].findings = vec![finding(
        "sftp-locks.list/body/component",
        Severity::Violation,
        "/7/component",
        "\"XX\"",
    )];
    report.evidence[0].body =
        Some("[\n  {\n    \"component\": \"XX\",\n    \"id\": \"a\"\n  }\n]".to_owned());
    report.evidence[0].marks = vec![
        Mark { pointer: "/7/component".to_owned(), line: 3 },
        Mark { pointer: "/7/id".to_owned(), line: 4 },
    ];
    let page = html(&report);
    assert!(
        page.contains(
            "    &#34;component&#34;: <mark \
        class=\"hit\">&#34;XX&#34;</mark>,<span class=\"here\">"
        ),
        "{page}"
    );
    assert_eq!(page.matches("<mark").count(), 1);
    assert!(
        page.contains("&#34;component&#34;: &#34;XX&#34;,   &#60;-- here\n"),
        "the ticket shows it too"
    );
}

#[test]
fn failures_that_waivers_name_stand_with_the_waivers() {
    let mut report = nonconformant();
    report.cases[0].disposition = Disposition::KnownFailure;
    let page = html(&report);
    assert_order(
        body(&page),
        &[
            "Failures <span",
            "None that no waiver names",
            "Known failures <span",
            "in-force",
            "Failures that waivers name",
            "class=\"cause violation\"",
        ],
    );
    assert!(page.contains("known failure"));
}

#[test]
fn a_strict_run_counts_deviations_among_the_causes() {
    let mut report = nonconformant();
    report.scope.strict = true;
    assert_order(
        body(&html(&report)),
        &["class=\"cause violation\"", "class=\"cause deviation\"", "id=\"unresolved\""],
    );
}

#[test]
fn undocumented_members_are_told_apart_from_other_observations() {
    let mut report = nonconformant();
    let mut member = finding("sftp-locks.list/body", Severity::Observation, "/3/owner", "a text");
    "drift".clone_into(&mut member.check);
    report.cases[0].findings.push(member);
    assert_order(
        body(&html(&report)),
        &["Undocumented members</h3>", "/*/owner", "Other observations</h3>", "/*/owner"],
    );
}

#[test]
fn the_bars_are_as_long_as_the_times() {
    let mut report = conformant();
    report.timings = vec![
        Timing {
            operation: "a".to_owned(),
            samples: 3,
            median_ms: 10.0,
            p95_ms: 20.0,
            max_ms: 40.0,
        },
        Timing { operation: "b".to_owned(), samples: 1, median_ms: 0.0, p95_ms: 0.0, max_ms: 0.04 },
    ];
    let page = html(&report);
    assert!(
        page.contains("class=\"max\" x=\"0\" y=\"2\" width=\"1000\"")
            && page.contains("class=\"median\" x=\"0\" y=\"2\" width=\"250\"")
            && page.contains(">10.0</td>")
    );
}

#[test]
fn ten_thousand_cases_are_all_there_and_stay_small() {
    let page = html(&of_size(10_000));
    assert!(page.len() < MOST_BYTES, "{} bytes", page.len());
    assert_eq!(page.matches(" id=\"backup.transfer::generated/").count(), 10_000);
    assert!(!page.contains("more in <code>report.json"));
}

#[test]
fn a_large_hostile_report_is_cut() {
    for count in [1000, 4000] {
        let mut report = many(count);
        for case in &mut report.cases {
            case.reason = Some("<".repeat(9000));
        }
        for one in &mut report.evidence {
            one.body = Some(HOSTILE.repeat(200));
        }
        let page = html(&report);
        assert!(page.len() < MOST_BYTES, "{} bytes", page.len());
        assert!(page.contains("more in <code>report.json"));
    }
    assert!(groups_of(std::iter::empty()).is_empty());
}
