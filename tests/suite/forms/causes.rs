//! One cause is one line, in ten thousand rows too.
//!
//! Knows: a run with a flood of one difference. Must not know: the library behind it.

use std::fs;

use serde_json::{Value, json as value};
use tempfile::TempDir;

use crate::support::command::{json, lxca, read, report, text};

use super::whole;

/// The record of the right double, in which the list of locks has ten thousand rows with a
/// component that nobody knows.
fn flooded() -> TempDir {
    const ROWS: usize = 10_000;
    let folder = TempDir::new().expect("a temporary folder");
    let rows: Vec<Value> = (0..ROWS)
        .map(|index| {
            value!({ "id": format!("{index:032x}"), "component": "XX",
                "creationTimestamp": "2022-09-09T01:46:08Z",
                "expirationTimeOut": 2_000_000_000_u32 })
        })
        .collect();
    let body = Value::Array(rows).to_string();
    let mut changed = 0;
    let lines: Vec<String> = read(&whole().path().join("transcript.jsonl"))
        .lines()
        .map(|line| {
            let mut row = json(line);
            if row["row"] == "exchange"
                && row["case"] == "sftp-locks.list::lists-locks"
                && changed == 0
            {
                row["got"]["body"]["text"] = value!(body);
                row["got"]["body"]["bytes"] = value!(body.len());
                changed += 1;
            }
            format!("{row}\n")
        })
        .collect();
    assert!(changed > 0, "the case lists locks");
    fs::write(folder.path().join("transcript.jsonl"), lines.concat()).expect("a written record");
    folder
}

#[test]
fn a_new_value_in_ten_thousand_rows_is_one_cause_everywhere() {
    let folder = flooded();
    let out = folder.path().join("out");
    let told = lxca(&["judge", text(folder.path()), "--out", text(&out)]);
    assert_eq!(told.exit, 1, "{told:?}");
    assert!(told.stdout.lines().count() <= 24, "more than a screen:\n{}", told.stdout);
    assert_eq!(
        told.stdout.matches("violation sftp-locks.list/body/component ×10000\n").count(),
        1,
        "{}",
        told.stdout
    );
    let failing = report(&out)["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .filter(|case| case["verdict"] == "fail")
        .count();
    assert_eq!(failing, 1);
    let (page, markdown, junit) = (
        read(&out.join("report.html")),
        read(&out.join("report.md")),
        read(&out.join("junit.xml")),
    );
    assert_eq!(page.matches("<article class=\"cause violation\"").count(), 1);
    assert!(
        page.contains("<strong>×10000</strong>") && page.contains("… first 3 of 10000"),
        "the page counts, and cuts the answer"
    );
    assert_eq!(
        page.matches("<mark class=\"hit\">&#34;XX&#34;</mark>").count(),
        2,
        "the first wrong values are marked"
    );
    assert!(page.len() < 2 * 1024 * 1024, "{} bytes", page.len());
    assert_eq!(
        (markdown.matches("\n### ").count(), markdown.contains(" ×10000\n")),
        (1, true),
        "{markdown}"
    );
    assert!(markdown.len() < 16 * 1024, "{} bytes", markdown.len());
    let failure = junit
        .split("<failure")
        .nth(1)
        .and_then(|rest| rest.split("</failure>").next())
        .expect("a failure");
    assert_eq!(
        (
            failure.lines().filter(|line| line.contains("sftp-locks.list/body/component")).count(),
            failure.contains("×10000")
        ),
        (2, true),
        "the attribute and one line:\n{failure}"
    );
    let sarif = json(&lxca(&["report", text(&out), "--format", "sarif"]).stdout);
    let errors: Vec<&Value> = sarif["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter(|result| result["level"] == "error")
        .collect();
    assert_eq!((errors.len(), &errors[0]["occurrenceCount"]), (1, &value!(10_000)));
    assert_eq!(
        lxca(&["report", text(&out), "--format", "github"])
            .stdout
            .lines()
            .filter(|line| line.starts_with("::error "))
            .count(),
        1
    );
}

#[test]
fn cases_that_werent_asked_can_be_left_out_of_junit() {
    let folder = TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let run = |out: &str, more: &[&str]| {
        let out = at(out);
        let all = ["run", "--filter", "sftp-locks.list::*", "--quiet", "--out", text(&out)];
        assert_eq!(lxca(&[&all, more].concat()).exit, 0);
        read(&out.join("junit.xml"))
    };
    let whole = run("whole", &[]);
    let asked = run("asked", &["--junit-untested", "omit", "--share"]);
    assert!(whole.contains("<skipped "), "{whole}");
    assert!(!asked.contains("<skipped ") && asked.contains("<testcase "), "{asked}");
    let tests = whole.matches("<testcase ").count();
    assert!(asked.matches("<testcase ").count() < tests);
    assert!(!read(&at("asked").join("share/junit.xml")).contains("<skipped "));
    // The report has them all the same.
    assert!(read(&at("asked").join("report.json")).contains("\"untested\""));
    let record = at("whole");
    let again = at("again");
    let omit = ["--junit-untested", "omit"];
    assert_eq!(
        lxca(&[&["judge", text(&record), "--out", text(&again)], &omit[..]].concat()).exit,
        0
    );
    assert!(!read(&again.join("junit.xml")).contains("<skipped "));
    let printed = lxca(&[&["report", text(&record), "--format", "junit"], &omit[..]].concat());
    assert!(!printed.stdout.contains("<skipped ") && printed.stdout.contains("<testcase "));
    let printed = lxca(&["report", text(&record), "--format", "junit", "--junit-untested", "skip"]);
    assert_eq!(printed.stdout.matches("<testcase ").count(), tests);
}
