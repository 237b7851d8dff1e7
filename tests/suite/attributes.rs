//! What is asked for by its name comes wherever the element has it, and only there: an element that
//! lacks it in every answer is no reason to accuse, wherever it stands in the list.
//!
//! Knows: the binary before a double that answers so. Must not know: how an answer is judged.

#![allow(clippy::expect_used, reason = "a test stops where something is not as it has to be")]

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Served, lxca, report, text, verdicts};

const LIST: &str = "nodes.list::includes-only-what-was-asked-for";
const ONE: &str = "nodes.get::includes-only-what-was-asked-for";
const JOBS: &str = "jobs.list::*-attributes-that-are-*";

/// Runs the cases against a double that is changed so: the exit, and the report.
fn run(cases: &[&str], edits: &[&str]) -> (i32, Value) {
    let mut words = vec!["--quiet"];
    words.extend(edits.iter().flat_map(|edit| ["--fault", edit]));
    let double = Served::start(&words);
    let folder = TempDir::new().expect("a temporary folder");
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    let mut words = vec!["run", "--url", &double.url, "--user", "USERID", "--out", text(&out)];
    words.extend(cases.iter().flat_map(|case| ["--filter", case]));
    let ran = lxca(&words);
    let judged = lxca(&["judge", text(&out), "--out", text(&again)]);
    assert_eq!(judged.exit, ran.exit, "{judged:?}");
    assert_eq!(verdicts(&report(&again)), verdicts(&report(&out)), "the record says the same");
    (ran.exit, report(&out))
}

/// Where findings of a requirement point to.
fn accused(report: &Value, requirement: &str) -> Vec<String> {
    let cases = report["cases"].as_array().expect("cases");
    let findings = cases.iter().flat_map(|case| case["findings"].as_array().expect("findings"));
    let of = findings.filter(|finding| finding["requirement"] == requirement);
    of.map(|finding| finding["pointer"].as_str().unwrap_or_default().to_owned()).collect()
}

fn requirement<'a>(report: &'a Value, id: &str) -> &'a Value {
    let rows = report["requirements"].as_array().expect("requirements");
    rows.iter().find(|row| row["id"] == id).expect("the requirement")
}

#[test]
fn an_attribute_that_an_element_has_nowhere_accuses_nobody_wherever_it_stands() {
    for place in ["0", "3", "-1"] {
        let lacks = format!("nodes.list 200: drop /nodeList/{place}/serialNumber");
        let (exit, report) = run(&[LIST, ONE], &[&lacks, "nodes.get 200: drop /serialNumber"]);
        assert_eq!(exit, 0, "{place}: {report:#}");
        for operation in ["nodes.list", "nodes.get"] {
            let id = format!("{operation}/query/includeAttributes");
            assert_eq!(accused(&report, &id), Vec::<String>::new(), "{place}");
            assert_eq!(requirement(&report, &id)["status"], "held", "its name came: {place}");
        }
    }
}

#[test]
fn an_attribute_that_an_element_has_must_come_wherever_it_stands() {
    for (place, at) in [("0", 0), ("3", 3), ("-1", 7)] {
        let lacks = format!(
            "nodes.list 200 without /nodeList/0/firmware: drop /nodeList/{place}/serialNumber"
        );
        let (_, report) = run(&[LIST], &[&lacks]);
        let found = accused(&report, "nodes.list/query/includeAttributes");
        assert_eq!(found, [format!("/nodeList/{at}/serialNumber")]);
    }
    let (exit, report) = run(&[ONE], &["nodes.get 200 without /firmware: drop /serialNumber"]);
    assert_eq!(exit, 1);
    assert_eq!(accused(&report, "nodes.get/query/includeAttributes"), ["/serialNumber"]);
    let last = "GET /jobs 200 without /0/category: drop /-1/status";
    let (_, report) = run(&[JOBS], &[last]);
    for part in ["include", "exclude"] {
        let found = accused(&report, &format!("jobs.list/request/{part}Attributes"));
        assert!(found.iter().all(|at| at.ends_with("/status")) && found.len() == 1, "{found:?}");
    }
}

#[test]
fn where_no_element_has_it_nothing_is_said_of_it() {
    let never = "nodes.list 200: drop /nodeList/*/serialNumber; drop /nodeList/*/name";
    let (exit, report) = run(&[LIST], &[never]);
    let id = "nodes.list/query/includeAttributes";
    assert_eq!(accused(&report, id), Vec::<String>::new());
    assert_eq!(exit, 0, "{report:#}");
    let told = requirement(&report, id);
    assert_eq!(told["status"], "not-exercised", "{told}");
    let reason = told["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("has `name` or `serialNumber`"), "{reason}");
}

#[test]
fn elements_that_come_and_go_accuse_nobody_and_an_answer_without_any_passes_nobody() {
    let part = |edit: &str| format!("nodes.list 200 without /nodeList/0/firmware: {edit}");
    for gone in ["drop /nodeList/0", "copy /nodeList/0 /nodeList/-; set /nodeList/-1 {}"] {
        let (exit, report) = run(&[LIST], &[&part(gone)]);
        assert_eq!(exit, 0, "{gone}: {report:#}");
    }
    let (exit, report) =
        run(&[LIST], &["nodes.list 200 without /nodeList/0/firmware: drop /nodeList/*"]);
    assert_eq!(exit, 3, "{report:#}");
    let cases = report["cases"].as_array().expect("cases");
    let case = cases.iter().find(|case| case["id"] == LIST).expect("the case");
    assert_eq!(case["verdict"], "unresolved");
    let reason = case["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("none of the rows"), "{reason}");
}
