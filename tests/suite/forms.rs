//! What the command line makes of a report: forms for people and programs, several reports as one,
//! and one cause as one line.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::support::command::{Served, answer, binary, json, lxca, read, report, text};
use serde_json::{Value, json as value};
use tempfile::TempDir;

/// A run against the double without faults: one for all tests.
fn whole() -> &'static TempDir {
    static RUN: OnceLock<TempDir> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        assert_eq!(lxca(&["run", "--quiet", "--out", text(folder.path())]).exit, 0);
        folder
    })
}

/// Runs with filters, each in a folder of its own.
fn shards(of: &[&str]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (index, filter) in of.iter().enumerate() {
        // A shard alone can be incomplete: what it claims may be exercised in another.
        let exit = lxca(&[
            "run",
            "--quiet",
            "--filter",
            filter,
            "--out",
            text(&folder.path().join(format!("shard-{index}"))),
        ])
        .exit;
        assert!(exit == 0 || exit == 3, "{filter}: {exit}");
    }
    folder
}

fn verdict<'a>(report: &'a Value, id: &str) -> &'a str {
    report["cases"]
        .as_array()
        .and_then(|cases| cases.iter().find(|case| case["id"] == id))
        .and_then(|case| case["verdict"].as_str())
        .unwrap_or("absent")
}

// ---- stdout

#[test]
fn a_run_in_json_prints_its_report_and_nothing_else() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&[
        "run",
        "--format",
        "json",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(folder.path()),
    ]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert_eq!(answer.stdout, read(&folder.path().join("report.json")));
    let again = lxca(&["judge", text(folder.path()), "--format", "json"]);
    assert_eq!((again.exit, &json(&again.stdout)["target"]["kind"]), (0, &value!("replay")));
    let quiet = lxca(&["judge", text(folder.path()), "--quiet"]);
    assert_eq!(quiet.stdout.lines().count(), 1);
    assert!(quiet.stdout.starts_with("conformant: "), "{}", quiet.stdout);
}

#[test]
fn a_good_run_fits_a_screen_of_24_lines_and_80_columns() {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&["run", "--out", text(folder.path())]);
    assert!(answer.stdout.lines().count() <= 24, "{}", answer.stdout);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 80), "{}", answer.stdout);
}

#[test]
fn failures_are_told_as_they_come_one_line_a_cause() {
    let served = Served::start(&["--fault", "lock-component-unknown", "--fault", "lock-id-short"]);
    let folder = TempDir::new().expect("a temporary folder");
    let arguments = [
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--filter",
        "sftp-locks.*",
        "--filter",
        "tasks.*",
        "--out",
        text(folder.path()),
    ];
    let told = lxca(&arguments);
    assert_eq!(told.exit, 1, "{told:?}");
    let lines: Vec<&str> = told.stderr.lines().collect();
    assert!(!lines.is_empty() && lines.len() <= 13, "{}", told.stderr);
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("fail       sftp-locks.") && line.contains(": expected ")),
        "{}",
        told.stderr
    );
    assert!(told.stdout.lines().count() <= 40, "{}", told.stdout);
    let quiet = lxca(&[&arguments[..], &["--quiet"]].concat());
    assert_eq!((quiet.exit, quiet.stderr.as_str()), (1, ""), "{quiet:?}");
}

#[test]
fn the_summary_of_a_ci_step_gets_the_markdown() {
    let folder = TempDir::new().expect("a temporary folder");
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "before\n").expect("a written file");
    let out = folder.path().join("out");
    let told = answer(binary().env("GITHUB_STEP_SUMMARY", &summary).args([
        "run",
        "--quiet",
        "--filter",
        "sftp-locks.list::*",
        "--out",
        text(&out),
    ]));
    assert_eq!((told.exit, told.stderr.as_str()), (0, ""), "{told:?}");
    assert_eq!(read(&summary), format!("before\n{}", read(&out.join("report.md"))));
    let told = answer(binary().env("GITHUB_STEP_SUMMARY", &summary).args([
        "judge",
        "--quiet",
        text(&out),
    ]));
    assert_eq!(told.exit, 0);
    assert_eq!(read(&summary).matches("# ✓ CONFORMANT").count(), 2, "a judgement adds its own");
    // A file that can't be written changes no verdict.
    let told = answer(
        binary().env("GITHUB_STEP_SUMMARY", folder.path().join("no/such/folder.md")).args([
            "judge",
            "--quiet",
            text(&out),
        ]),
    );
    assert_eq!(told.exit, 0);
    assert!(
        told.stderr.contains("GITHUB_STEP_SUMMARY") && told.stderr.contains("folder.md"),
        "{}",
        told.stderr
    );
}

// ---- other forms

#[test]
fn a_report_is_drawn_from_a_record_from_a_report_and_from_their_folder() {
    let folder = whole().path();
    for source in
        [folder.to_path_buf(), folder.join("report.json"), folder.join("transcript.jsonl")]
    {
        for (form, start) in [
            ("html", "<!doctype html>"),
            ("markdown", "# ✓ CONFORMANT"),
            ("junit", "<?xml"),
            ("json", "{"),
            ("sarif", "{"),
            ("github", "::"),
        ] {
            let told = lxca(&["report", text(&source), "--format", form]);
            assert_eq!(
                (told.exit, told.stderr.as_str()),
                (0, ""),
                "{form} of {}: {told:?}",
                source.display()
            );
            assert!(told.stdout.trim_start().starts_with(start), "{form} of {}", source.display());
        }
    }
    let har = json(&lxca(&["report", text(folder), "--format", "har"]).stdout);
    assert_eq!(
        har["log"]["entries"].as_array().map(Vec::len),
        report(folder)["summary"]["requests"]
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
    );
    let refused = lxca(&["report", text(&folder.join("report.json")), "--format", "har"]);
    assert_eq!((refused.exit, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("name the transcript.jsonl"), "{}", refused.stderr);
    assert_eq!(lxca(&["report", text(folder)]).exit, 2, "neither form nor folder");
}

#[test]
fn further_forms_are_written_beside_the_others_and_go_with_the_next_run() {
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("out");
    for form in ["sarif", "har"] {
        assert_eq!(
            lxca(&["report", text(whole().path()), "--format", form, "--out", text(&out)]).exit,
            0,
            "{form}"
        );
    }
    for name in
        ["report.json", "report.html", "report.md", "junit.xml", "report.sarif", "exchanges.har"]
    {
        assert!(out.join(name).is_file(), "{name}");
    }
    assert_eq!(
        lxca(&["run", "--quiet", "--filter", "sftp-locks.list::*", "--out", text(&out)]).exit,
        0
    );
    assert!(
        !out.join("report.sarif").exists() && !out.join("exchanges.har").exists(),
        "they belonged to another run"
    );
}

#[test]
fn a_shared_page_keeps_its_style_its_script_and_its_policy() {
    let own = lxca(&["report", text(whole().path()), "--format", "html"]).stdout;
    let shared = lxca(&["report", text(whole().path()), "--format", "html", "--share"]).stdout;
    assert_ne!(own, shared);
    let part = |page: &str, name: &str| {
        page.split(&format!("<{name}>"))
            .nth(1)
            .and_then(|rest| rest.split(&format!("</{name}>")).next())
            .map(str::to_owned)
            .expect("a part")
    };
    let policy = |page: &str| {
        page.lines().find(|line| line.contains("Content-Security-Policy")).map(str::to_owned)
    };
    assert_eq!(
        (part(&own, "style"), part(&own, "script"), policy(&own)),
        (part(&shared, "style"), part(&shared, "script"), policy(&shared))
    );
}

// ---- several reports as one

#[test]
fn shards_of_a_run_are_one_report_again() {
    let folder = shards(&["sftp-locks.*", "backup.*", "tasks.*"]);
    let inputs: Vec<String> = (0..3)
        .map(|index| text(&folder.path().join(format!("shard-{index}"))).to_owned())
        .collect();
    let out = folder.path().join("whole");
    let told = lxca(&["report", &inputs[0], &inputs[1], &inputs[2], "--out", text(&out)]);
    assert_eq!((told.exit, told.stderr.as_str()), (0, ""), "{told:?}");
    let (merged, alone) = (report(&out), report(whole().path()));
    assert_eq!(merged["conclusion"], "conformant", "{}", merged["because"]);
    assert_eq!(merged["claim"], false);
    let exercised =
        |report: &Value| report["summary"]["requirements"]["exercised"].as_u64().expect("a number");
    assert!(
        inputs.iter().all(|input| exercised(&report(Path::new(input))) < exercised(&merged)),
        "one of them alone isn't enough"
    );
    let shards: Vec<Value> = inputs.iter().map(|input| report(Path::new(input))).collect();
    for case in alone["cases"].as_array().expect("cases") {
        let id = case["id"].as_str().expect("an id");
        let ran = shards.iter().any(|shard| verdict(shard, id) == "pass");
        assert_eq!(verdict(&merged, id), if ran { "pass" } else { "untested" }, "{id}");
    }
    let sum = |pointer: &str| {
        shards.iter().filter_map(|shard| shard.pointer(pointer)?.as_u64()).sum::<u64>()
    };
    assert_eq!(merged["summary"]["requests"], sum("/summary/requests"));
    assert_eq!(merged["summary"]["cases"]["pass"], sum("/summary/cases/pass"));
    // Times come from the records, all of them.
    let samples = |report: &Value| {
        report["timings"]
            .as_array()
            .expect("timings")
            .iter()
            .filter_map(|one| one["samples"].as_u64())
            .sum::<u64>()
    };
    assert_eq!(samples(&merged), shards.iter().map(samples).sum::<u64>());
    let note = merged["notes"]
        .as_array()
        .and_then(|notes| {
            notes.iter().find_map(|note| {
                note.as_str().filter(|note| note.starts_with("Merged from 3 sources"))
            })
        })
        .expect("a note");
    assert!(inputs.iter().all(|input| note.contains(input.as_str())), "{note}");
    assert!(
        merged["scope"]["filters"].as_array().is_some_and(|filters| filters.len() == 3),
        "{}",
        merged["scope"]
    );
}

#[test]
fn of_a_case_that_ran_twice_the_worse_verdict_counts() {
    let (good, bad) = (Served::start(&[]), Served::start(&["--fault", "lock-component-unknown"]));
    let folder = TempDir::new().expect("a temporary folder");
    let (first, second, out) =
        (folder.path().join("first"), folder.path().join("second"), folder.path().join("out"));
    for (served, place, code) in [(&good, &first, 0), (&bad, &second, 1)] {
        assert_eq!(
            lxca(&[
                "run",
                "--quiet",
                "--url",
                &served.url,
                "--user",
                "USERID",
                "--filter",
                "sftp-locks.list::lists-locks",
                "--out",
                text(place)
            ])
            .exit,
            code
        );
    }
    for (one, other) in [(&first, &second), (&second, &first)] {
        assert_eq!(lxca(&["report", text(one), text(other), "--out", text(&out)]).exit, 0);
        let merged = report(&out);
        assert_eq!(
            (verdict(&merged, "sftp-locks.list::lists-locks"), &merged["conclusion"]),
            ("fail", &value!("nonconformant"))
        );
        assert!(
            merged["evidence"].as_array().is_some_and(|evidence| evidence
                .iter()
                .any(|one| one["body"].as_str().is_some_and(|body| body.contains("XX")))),
            "the evidence is that of the worse one"
        );
        let broken = merged["requirements"]
            .as_array()
            .expect("requirements")
            .iter()
            .find(|known| known["id"] == "sftp-locks.list/body/component")
            .expect("a requirement");
        assert_eq!(broken["status"], "broken");
        assert!(
            merged["notes"].as_array().is_some_and(|notes| notes.iter().any(|note| note
                .as_str()
                .is_some_and(|note| note.starts_with("1 case ran in more than one")))),
            "{}",
            merged["notes"]
        );
    }
}

#[test]
fn reports_of_different_things_are_not_merged_and_the_difference_is_named() {
    let folder = TempDir::new().expect("a temporary folder");
    let good = report(whole().path());
    let spoilt: [(&str, &str, Value); 6] = [
        ("contract", "/contract/digest", value!("sha256:other")),
        ("catalogue", "/catalogue/digest", value!("sha256:other")),
        ("tool", "/tool/version", value!("9.9.9")),
        ("target", "/target/uuid", value!("another")),
        ("product version", "/target/version", value!("9.9.9")),
        ("--allow", "/scope/allow", value!("read")),
    ];
    for (what, pointer, other) in spoilt {
        let mut report = good.clone();
        *report.pointer_mut(pointer).expect("a member") = other.clone();
        let path = folder.path().join("other.json");
        fs::write(&path, report.to_string()).expect("a written file");
        let out = folder.path().join("out");
        let told = lxca(&["report", text(whole().path()), text(&path), "--out", text(&out)]);
        assert_eq!((told.exit, told.stdout.as_str()), (2, ""), "{what}: {told:?}");
        let line = told
            .stderr
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{what}: ")))
            .unwrap_or_else(|| panic!("{what} isn't named in {}", told.stderr));
        assert!(
            line.contains(other.as_str().expect("a text")) && line.contains("other.json"),
            "{line}"
        );
        assert!(!out.exists(), "nothing is written");
    }
}

// ---- one cause is one line

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
