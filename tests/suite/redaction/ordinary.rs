//! A password that is an ordinary word of the answers accuses nobody and passes nothing: what the
//! redactor replaced isn't held against the appliance, in the run and in `judge` alike.
//!
//! Knows: the binary and the double. Must not know: the redactor.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Served, answer, binary, read, report, text};

/// Reads that meet words, numbers, names, rows of two lists, and ids for later requests.
const FILTERS: [&str; 5] = [
    "licenses.get::tells-*",
    "users.list::lists-users",
    "sftp-locks.list::lists-locks",
    "canisters.get::*cludes-*",
    "cabinets.list::holds-*",
];

/// Runs the reads of a right appliance with a second account that has this password, and judges
/// the record again: the exit codes of both, and the report of the run.
fn run(word: &str, options: &[&str]) -> ([i32; 2], Value, String) {
    let served = Served::start(options);
    let folder = TempDir::new().expect("a temporary folder");
    let target = folder.path().join("target.toml");
    let told = format!(
        "name = \"words\"\nurl = \"{}\"\n[auth]\nmethod = \"basic\"\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n\
        [unprivileged]\nuser = \"OPERATOR\"\npassword-env = \"LXCA_PASSWORD_NONE\"\n",
        served.url
    );
    fs::write(&target, told).expect("a target file");
    let out = folder.path().join("out");
    let mut command = binary();
    command
        .args(["run", "--target", text(&target), "--out", text(&out)])
        .args(FILTERS.iter().flat_map(|filter| ["--filter", filter]))
        .env("LXCA_PASSWORD", "PASSW0RD")
        .env("LXCA_PASSWORD_NONE", word);
    let live = answer(&mut command);
    let told = format!("{}{}", live.stdout, live.stderr);
    assert!(out.join("report.json").exists(), "{told}");
    let again =
        answer(binary().args(["judge", text(&out), "--out", text(&folder.path().join("j"))]));
    let report = report(&out);
    assert!(report["notes"].is_array() && !read(&out.join("transcript.jsonl")).is_empty());
    ([live.exit, again.exit], report, told)
}

#[test]
fn a_password_that_is_an_ordinary_word_accuses_nobody() {
    for word in ["success", "response", "text", "20", "chassisList", "uuid", "application", "1"] {
        let (exits, report, told) = run(word, &[]);
        assert_eq!(exits, [3, 3], "{word}: {told}");
        let found = report["cases"].as_array().expect("cases").iter().flat_map(|case| {
            case["findings"]
                .as_array()
                .expect("findings")
                .iter()
                .map(|finding| &finding["severity"])
        });
        let grave: Vec<&Value> = found.filter(|severity| *severity != "observation").collect();
        assert!(grave.is_empty(), "{word}: {told}");
    }
}

#[test]
fn the_operator_is_told_why_nothing_was_judged() {
    let (_, report, told) = run("success", &[]);
    assert!(told.contains("occurs in ordinary words"), "{told}");
    let case = report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .find(|case| case["id"] == "licenses.get::tells-whether-licenses-cover-the-devices");
    let case = case.expect("the case");
    assert_eq!(case["verdict"], "unresolved");
    assert_eq!(case["why"], "secret");
    assert!(case["reason"].as_str().expect("a reason").contains("secret of this run"), "{case}");
}

#[test]
fn what_is_wrong_beside_a_secret_is_found_all_the_same() {
    let (exits, report, told) = run("success", &["--fault", "lock-id-missing"]);
    assert_eq!(exits, [1, 1], "{told}");
    assert!(report.to_string().contains("sftp-locks.list/body/id/presence"), "{told}");
}
