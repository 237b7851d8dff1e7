//! Generated cases as a person asks for them: levels, seeds, statements and request schemas.
//!
//! Knows: the command line. Must not know: the library behind it.

use serde_json::{Value, json};

use super::schema_file;

fn lxca(args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(args)
        .output()
        .expect("the binary starts");
    (
        output.status.code(),
        String::from_utf8(output.stdout).expect("UTF-8"),
        String::from_utf8(output.stderr).expect("UTF-8"),
    )
}

#[test]
fn the_plan_of_one_seed_is_the_same_each_time_and_the_run_tells_its_seed() {
    let plan = |seed: &str| {
        lxca(&[
            "plan",
            "--generated",
            "none",
            "--explore",
            "20",
            "--seed",
            seed,
            "--format",
            "json",
        ])
    };
    assert_eq!(plan("42"), plan("42"));
    assert_ne!(plan("42").1, plan("43").1);
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    // Without a seed one is taken, and told so that the same requests can be had again.
    let (exit, text, _) = lxca(&[
        "run",
        "--generated",
        "none",
        "--explore",
        "3",
        "--filter",
        "*::explored/*",
        "--out",
        out,
    ]);
    assert_eq!(exit, Some(0), "{text}");
    let seed = text
        .split("--seed ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_else(|| panic!("no seed in {text}"));
    let report: Value = serde_json::from_str(
        &std::fs::read_to_string(folder.path().join("report.json")).expect("a report"),
    )
    .expect("JSON");
    assert_eq!(
        report["catalogue"]["exploration"],
        json!({ "count": 3, "seed": seed.parse::<u64>().expect("a number") })
    );
    let (exit, judged, _) = lxca(&["judge", out, "--format", "json"]);
    let judged: Value = serde_json::from_str(&judged).expect("JSON");
    assert_eq!(
        (exit, &judged["summary"], &judged["catalogue"]),
        (Some(0), &report["summary"], &report["catalogue"])
    );
}

#[test]
fn levels_are_chosen_and_a_record_is_judged_with_its_own() {
    let count = |level: &str| {
        let (exit, text, _) = lxca(&["list", "--generated", level, "--format", "json"]);
        assert_eq!(exit, Some(0));
        let rows: Value = serde_json::from_str(&text).expect("JSON");
        let rows = rows.as_array().expect("an array").clone();
        assert!(rows.iter().all(|row| !row["requirements"].as_array().expect("a list").is_empty()));
        rows.iter().filter(|row| row["generated"] == true).count()
    };
    let counts = ["none", "core", "all"].map(count);
    assert!(counts[0] == 0 && counts[1] >= 250 && counts[2] > counts[1], "{counts:?}");
    let (_, default, _) = lxca(&["list"]);
    assert_eq!(default, lxca(&["list", "--generated", "core"]).1, "core is the default");
    assert!(default.contains("backup.transfer::generated/move/uuid/null  (generated)"));

    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a path");
    for (level, generated) in [("none", Value::Null), ("all", json!("all"))] {
        assert_eq!(
            lxca(&[
                "run",
                "--generated",
                level,
                "--filter",
                "sftp-locks.list::*",
                "--out",
                out,
                "--quiet"
            ])
            .0,
            Some(0)
        );
        let report: Value = serde_json::from_str(
            &std::fs::read_to_string(folder.path().join("report.json")).expect("a report"),
        )
        .expect("JSON");
        assert_eq!(report["catalogue"]["generated"], generated);
        let judged: Value =
            serde_json::from_str(&lxca(&["judge", out, "--format", "json"]).1).expect("JSON");
        assert_eq!(
            (&judged["catalogue"], &judged["summary"]),
            (&report["catalogue"], &report["summary"])
        );
        assert!(
            !judged["notes"].to_string().contains("another contract or catalogue"),
            "{}",
            judged["notes"]
        );
    }
}

#[test]
fn statements_and_request_schemas_can_be_looked_at_and_a_seed_alone_is_a_mistake() {
    let (exit, text, _) = lxca(&["list", "--statements"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("tried   backup.transfer/request/uuid/required") && !text.contains("UNTRIED"),
        "{text}"
    );
    let (exit, text, _) = lxca(&["lint"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("generated cases repeat a hand-written one")
            && text.contains("generated/copy/uuid/missing = refuses-copy-without-uuid"),
        "{text}"
    );
    let (exit, text, _) = lxca(&["lint", "--request-schema", "tasks.cancel"]);
    assert_eq!(
        (exit, serde_json::from_str::<Value>(&text).ok()),
        (Some(0), Some(schema_file("tasks/put.request.json")))
    );
    assert_eq!(lxca(&["lint", "--request-schema", "tasks.list"]).0, Some(2));
    assert_eq!(lxca(&["plan", "--seed", "1"]).0, Some(2));
    assert_eq!(lxca(&["run", "--write-case", "x"]).0, Some(2));
    let (exit, text, _) = lxca(&["explain", "backup.transfer::generated/copy/label/xml"]);
    assert_eq!(exit, Some(0));
    assert!(
        text.contains("expects nothing: the page doesn't say which Content-Type a body needs"),
        "{text}"
    );
}
