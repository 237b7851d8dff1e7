//! `self-test` as a person runs it: its table, its JSON, its exit codes; and that it can fail.
//!
//! Knows: the binary. Must not know: how a fault is played or caught.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test stops where something is not as it has to be"
)]

use std::path::{Path, PathBuf};

use crate::support::command::{Answer, answer, binary, json};
use serde_json::Value;

fn self_test(args: &[&str]) -> Answer {
    answer(binary().arg("self-test").args(args))
}

fn names(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|name| name.as_str().expect("a name")).collect()
}

#[test]
fn a_caught_fault_and_a_harmless_variant_hold() {
    let output = self_test(&[
        "--filter",
        "lock-id-short",
        "--filter",
        "upper-case-lock-ids",
        "--format",
        "json",
    ]);
    let told = json(&output.stdout);
    assert_eq!(output.exit, 0, "{told:#}");
    assert_eq!(told["right"]["conclusion"], "conformant");
    assert_eq!(
        (&told["faults"]["total"], &told["faults"]["caught"], &told["faults"]["mislocated"]),
        (&1.into(), &1.into(), &0.into())
    );
    assert!(names(&told["faults"]["survived"]).is_empty());
    assert_eq!(told["variants"]["total"], 1);
    assert!(names(&told["variants"]["accused"]).is_empty());
    assert_eq!(told["fault_rows"][0]["missed"], Value::Array(Vec::new()));
    assert!(names(&told["fault_rows"][0]["breaks"]).contains(&"sftp-locks.list/body/id"));
}

#[test]
fn a_fault_of_the_connection_is_caught_by_staying_without_a_verdict() {
    let output = self_test(&["--filter", "wire-*", "--format", "json"]);
    let told = json(&output.stdout);
    assert_eq!(output.exit, 0, "{told:#}");
    for row in told["fault_rows"].as_array().expect("rows") {
        assert_eq!(row["conclusion"], "incomplete", "{row:#}");
    }
}

/// A catalogue with the files of the built-in one that `keep` lets through.
fn catalogue(folder: &Path, keep: impl Fn(&str) -> bool) -> PathBuf {
    fn copy(from: &Path, to: &Path, keep: &dyn Fn(&str) -> bool) {
        for entry in std::fs::read_dir(from).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let target = to.join(path.file_name().expect("a name"));
            if path.is_dir() {
                copy(&path, &target, keep);
            } else if keep(&path.to_string_lossy()) {
                std::fs::create_dir_all(to).expect("a folder");
                std::fs::copy(&path, &target).expect("a copy");
            }
        }
    }
    let to = folder.join("cases");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"), &to, &keep);
    to
}

#[test]
fn a_catalogue_that_asks_too_little_is_told_what_it_misses() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = catalogue(folder.path(), |path| path.ends_with("cases/aicc/get.toml"));
    let cases = cases.to_str().expect("a path");
    let output = self_test(&[
        "--filter",
        "lock-id-short",
        "--filter",
        "aicc-version-missing",
        "--catalogue",
        cases,
        "--format",
        "json",
    ]);
    let told = json(&output.stdout);
    assert_eq!(output.exit, 1, "{told:#}");
    assert_eq!(names(&told["faults"]["survived"]), ["lock-id-short"]);
    assert_eq!(told["faults"]["caught"], 1);

    let output = self_test(&["--filter", "lock-id-short", "--catalogue", cases]);
    let text = &output.stdout;
    assert_eq!(output.exit, 1, "{text}");
    assert!(
        text.contains("lock-id-short  SURVIVED    should break sftp-locks.list/body/id"),
        "{text}"
    );
    assert!(text.contains("FAILED"), "{text}");
}

#[test]
fn a_filter_that_matches_nothing_is_never_green() {
    let output = self_test(&["--filter", "no-such-fault"]);
    assert_eq!(output.exit, 4);
    assert!(output.stderr.contains("serve --list-faults"));
    let output = self_test(&["--filter", "lock-[", "--format", "json"]);
    assert_eq!(output.exit, 2);
    assert!(output.stdout.is_empty());
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).expect("a copy");
        }
    }
}

#[test]
fn a_checked_requirement_that_no_fault_breaks_is_a_named_gap_with_the_command_for_a_row() {
    let gap = "sftp-locks.list/body/id/presence";
    let folder = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), folder.path());
    let rows = folder.path().join("aicc/service/sftp/locks/get.faults.toml");
    let text = std::fs::read_to_string(&rows).expect("the rows");
    let text = text.replace(&format!("\"{gap}\""), "\"sftp-locks.list/body/id\"");
    std::fs::write(&rows, &text).expect("the rows");

    let contract = folder.path().to_str().expect("UTF-8");
    let args = ["--filter", "lock-id-short", "--contract", contract];
    let told = json(&self_test(&[&args[..], &["--format", "json"]].concat()).stdout);
    assert_eq!(names(&told["checks"]["gaps"]), [gap]);
    let said = self_test(&args).stdout;
    assert!(
        said.contains("checked requirements that no fault breaks: 1")
            && said.contains(&format!("lxca-conform self-test --draft-fault {gap}")),
        "{said}"
    );

    let draft = self_test(&["--draft-fault", gap, "--contract", contract]);
    assert_eq!(draft.exit, 0, "{}", draft.stderr);
    assert!(draft.stdout.contains("sftp-locks.list 200: drop /*/id"), "{}", draft.stdout);

    // The draft is a row that loads, is caught, and fills the gap.
    std::fs::write(&rows, format!("{text}\n{}", draft.stdout)).expect("the rows");
    let args = ["--filter", "*-broken", "--contract", contract, "--format", "json"];
    let told = json(&self_test(&args).stdout);
    assert_eq!((&told["faults"]["total"], &told["faults"]["caught"]), (&1.into(), &1.into()));
    assert!(names(&told["checks"]["gaps"]).is_empty());
}

#[test]
fn a_draft_for_what_is_no_requirement_is_refused() {
    let output = self_test(&["--draft-fault", "no/such"]);
    assert_eq!(output.exit, 2);
    assert!(output.stderr.contains("no such requirement"), "{}", output.stderr);
}

/// The contract with a register that says that its faults are drafted, and without the rows that
/// break these requirements.
fn drafting(folder: &Path, register: &str, without: &[&str]) {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"), folder);
    let file = folder.join(format!("{register}.operation.toml"));
    let text = std::fs::read_to_string(&file).expect("the operation file");
    std::fs::write(&file, text.replacen("\nmethod", "\nfaults = \"drafted\"\nmethod", 1))
        .expect("the operation file");
    let rows = folder.join(format!("{register}.faults.toml"));
    let mut text = std::fs::read_to_string(&rows).expect("the rows");
    for id in without {
        text = text.replace(&format!("\"{id}\""), "\"error/body/messages/presence\"");
    }
    std::fs::write(&rows, text).expect("the rows");
}

#[test]
fn a_fault_is_drafted_for_each_rule_without_a_row_and_caught_there() {
    let without = [
        "sftp-locks.list/body/id/presence",
        "sftp-locks.list/body/component",
        "sftp-locks.list/body/expirationTimeOut",
    ];
    let folder = tempfile::tempdir().expect("a folder");
    drafting(folder.path(), "aicc/service/sftp/locks/get", &without);
    let contract = folder.path().to_str().expect("UTF-8");
    let args = ["--filter", "drafted/sftp-locks.list/*", "--contract", contract];
    let output = self_test(&[&args[..], &["--format", "json"]].concat());
    let told = json(&output.stdout);
    assert_eq!(output.exit, 0, "{told:#}");
    let counts = ["total", "drafted", "caught"].map(|count| told["faults"][count].clone());
    assert_eq!(counts, [3, 3, 3].map(Value::from));
    let edits: Vec<&str> = told["fault_rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["edit"].as_str().expect("an edit"))
        .collect();
    assert_eq!(
        edits,
        [
            "sftp-locks.list 200: set /*/component \"XX\"",
            "sftp-locks.list 200: as /*/expirationTimeOut string",
            "sftp-locks.list 200: drop /*/id",
        ]
    );
    for row in told["fault_rows"].as_array().expect("rows") {
        assert_eq!(
            (&row["outcome"], &row["conclusion"]),
            (&"caught".into(), &"nonconformant".into())
        );
        assert!(
            row["accused"][row["breaks"][0].as_str().expect("an id")] == "violation",
            "{row:#}"
        );
    }
    let gaps = names(&told["checks"]["gaps"]);
    assert!(!gaps.iter().any(|gap| gap.starts_with("sftp-locks.list/")), "{gaps:?}");

    // A list on the screen counts those that hold.
    let said = self_test(&args).stdout;
    assert!(
        said.contains("sftp-locks.list  3 of 3 caught")
            && said.contains("3 of 3 caught at the right requirement")
            && said.contains("3 of them drafted from schemas"),
        "{said}"
    );
}

#[test]
fn a_rule_about_what_the_double_never_says_is_a_gap_with_that_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    drafting(folder.path(), "aicc/service/sftp/locks/get", &[]);
    let file = folder.path().join("aicc/service/sftp/locks/get");
    let change = |end: &str, from: &str, to: &str| {
        let path = PathBuf::from(format!("{}{end}", file.display()));
        let text = std::fs::read_to_string(&path).expect("a file of the operation");
        assert!(text.contains(from), "{from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("a file of the operation");
    };
    let statement = "\nstatement = \"A lock says its colour.\"\nplace = \"Nowhere\"\n";
    let rows = ["colour/presence", "colour"].map(|id| {
        let id = format!("\n[[requirement]]\nid = \"sftp-locks.list/body/{id}\"");
        format!("{id}\nbasis = \"example\"{statement}")
    });
    change(".operation.toml", "\n[[requirement]]", &format!("{}\n[[requirement]]", rows.concat()));
    let source = |id: &str| {
        let id = format!("\"requirement\": \"sftp-locks.list/body/{id}\"");
        format!("\"x-source\": {{ {id}, \"basis\": \"example\", \"place\": \"Nowhere\" }}")
    };
    let rule = format!("{{ {}, \"required\": [\"colour\"] }},", source("colour/presence"));
    change(".200.json", "\"allOf\": [", &format!("\"allOf\": [ {rule}"));
    let rule = format!("\"colour\": {{ {}, \"type\": \"string\" }},", source("colour"));
    change(".200.json", "\"properties\": {", &format!("\"properties\": {{ {rule}"));

    let contract = folder.path().to_str().expect("UTF-8");
    let args = ["--filter", "drafted/sftp-locks.list/*", "--contract", contract];
    let told = json(&self_test(&[&args[..], &["--format", "json"]].concat()).stdout);
    let gaps = ["sftp-locks.list/body/colour", "sftp-locks.list/body/colour/presence"];
    let of_list = |id: &str| id.starts_with("sftp-locks.list/");
    let found: Vec<&str> =
        names(&told["checks"]["gaps"]).into_iter().filter(|id| of_list(id)).collect();
    assert_eq!(found, gaps);
    let because: Vec<&str> = told["checks"]["undrafted"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["requirement"].as_str().is_some_and(of_list))
        .map(|one| one["because"].as_str().expect("a reason"))
        .collect();
    assert_eq!(
        because,
        ["no answer of the double has what it is about", "no answer of the double has the member"]
    );
    let said = self_test(&args).stdout;
    assert!(said.contains(&format!("{}: {}", gaps[1], because[1])), "{said}");
}
