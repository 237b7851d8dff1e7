//! Answers that may come from a right appliance, and that no page condemns: an element that is
//! gone, a conflict, a body that this tool can't read, an id that has to be encoded.
//!
//! Knows: the binary before an appliance that answers so. Must not know: how an answer is judged.

#![allow(clippy::expect_used, reason = "a test stops where something is not as it has to be")]

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Answer, Served, lxca, report, text, verdicts};
use crate::support::hostile_server::answer;
use crate::support::wire::{Recorder, Seen};

/// A uuid that nothing has.
const NOBODY: &str = "0123456789ABCDEF0123456789ABCDEF";
const REFUSAL: &str = r#"{"result":"failed","messages":[{"id":"FQXHMIN0409J","text":"The inventory is being refreshed.","explanation":"Try again later.","recovery":{"text":"Wait.","URL":""}}]}"#;

/// A run of some cases, its report, and what `judge` says of its record.
fn run(url: &str, filters: &[&str], more: &[&str]) -> (Answer, Value, Value) {
    let folder = TempDir::new().expect("a temporary folder");
    let (out, again) = (folder.path().join("out"), folder.path().join("again"));
    let mut words = vec!["run", "--url", url, "--user", "USERID", "--out", text(&out)];
    words.extend(filters.iter().flat_map(|filter| ["--filter", filter]));
    words.extend(more);
    let ran = lxca(&words);
    let judged = lxca(&["judge", text(&out), "--out", text(&again)]);
    assert_eq!(judged.exit, ran.exit, "{judged:?}");
    (ran, report(&out), report(&again))
}

fn told(report: &Value, case: &str, member: &str) -> String {
    let cases = report["cases"].as_array().expect("cases");
    let case = cases.iter().find(|row| row["id"] == case).expect("the case");
    case[member].as_str().unwrap_or_default().to_owned()
}

fn verdict(report: &Value, case: &str) -> String {
    told(report, case, "verdict")
}

fn reason(report: &Value, case: &str) -> String {
    told(report, case, "reason")
}

#[test]
fn an_element_that_isnt_listed_either_leaves_its_cases_untested() {
    let double = Served::start(&["--quiet"]);
    let appliance = Recorder::before(&double.url);
    let stale = format!("fan.uuid={NOBODY}");
    let case = "fans.get::returns-a-fan";
    let (ran, live, judged) = run(&appliance.url, &["fans.get::*"], &["--fact", &stale]);
    assert_eq!(ran.exit, 3, "{ran:?}");
    assert_eq!(verdict(&live, case), "untested");
    assert_eq!(verdicts(&judged), verdicts(&live), "the record says the same");
    assert!(reason(&live, case).contains("fans.list doesn't list it"), "{}", reason(&live, case));
    let asked = appliance.lines();
    assert!(asked.iter().any(|line| line == "GET /fans"), "{asked:?}");
}

#[test]
fn a_stale_element_that_would_be_changed_accuses_nobody() {
    let double = Served::start(&["--quiet"]);
    let appliance = Recorder::before(&double.url);
    let stale = format!("node.spare={NOBODY}");
    let case = "nodes.bmc::restarts-a-management-controller";
    let (ran, live, judged) =
        run(&appliance.url, &[case], &["--allow", "destroy", "--fact", &stale]);
    assert_eq!(ran.exit, 3, "{ran:?}");
    assert_eq!(verdict(&live, case), "untested");
    assert_eq!(verdicts(&judged), verdicts(&live));
}

#[test]
fn an_element_that_is_listed_and_cant_be_read_fails() {
    let double = Served::start(&["--quiet", "--fault", "fans.get 200: status 404"]);
    let appliance = Recorder::before(&double.url);
    let (ran, live, judged) = run(&appliance.url, &["fans.get::returns-a-fan"], &[]);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert_eq!(verdict(&live, "fans.get::returns-a-fan"), "fail");
    assert_eq!(verdicts(&judged), verdicts(&live));
}

/// An appliance that answers one path with something of its own.
fn answering(path: &'static str, own: Vec<u8>) -> (Served, Recorder) {
    let double = Served::start(&["--quiet"]);
    let is_it = move |seen: &Seen| {
        seen.method == "GET" && seen.target.split('?').next().is_some_and(|at| at == path)
    };
    let recorder = Recorder::between(&double.url, move |seen| is_it(seen).then(|| own.clone()));
    (double, recorder)
}

/// What a run makes of a 409 at a path: its exit code, and the verdict and the reason of one case.
fn conflict(path: &'static str, case: &str) -> (i32, String, String) {
    let own = answer("409 Conflict", &["content-type: application/json"], REFUSAL);
    let (_double, appliance) = answering(path, own);
    let (ran, live, _) = run(&appliance.url, &[case], &[]);
    (ran.exit, verdict(&live, case), reason(&live, case))
}

#[test]
fn a_documented_conflict_is_no_verdict_and_its_words_are_told() {
    let (exit, verdict, reason) = conflict("/fans", "fans.list::lists-fans");
    assert_eq!((exit, verdict.as_str()), (3, "unresolved"));
    assert!(reason.contains("409") && reason.contains("being refreshed"), "{reason}");
}

#[test]
fn a_conflict_that_the_page_doesnt_list_is_a_wrong_status() {
    let (exit, verdict, _) = conflict("/aicc/service/sftp/locks", "sftp-locks.list::lists-locks");
    assert_eq!((exit, verdict.as_str()), (1, "fail"));
}

#[test]
fn what_an_unread_body_lacks_is_held_against_nobody() {
    let deep = format!("{{\"extra\":{}{}}}", "[".repeat(150), "]".repeat(150));
    for (headers, body) in [
        (vec!["content-type: application/json"], "{\"extra\":1e400}".to_owned()),
        (vec!["content-type: application/json"], deep),
        (vec!["content-type: application/json", "content-encoding: compress"], "packed".to_owned()),
    ] {
        let own = answer("200 OK", &headers, &body);
        let (_double, appliance) = answering("/updateRepositories/firmware", own);
        let (ran, live, _) = run(&appliance.url, &["repository.get::has-*"], &["--strict"]);
        assert_eq!(ran.exit, 3, "{body}: {ran:?}");
        assert!(!verdicts(&live).values().any(|verdict| verdict.contains("\"fail\"")), "{body}");
    }
}

#[test]
fn an_id_that_has_to_be_encoded_is_the_one_that_was_asked_for() {
    let double = Served::start(&["--quiet"]);
    let json = ["content-type: application/json"];
    let shown = |id: &str| format!(r#"{{"id":"{id}","name":"n","type":"Server"}}"#);
    let appliance = Recorder::between(&double.url, move |seen| {
        let body = match seen.target.as_str() {
            "/patterns" | "/patterns/a%20b" => format!(r#"{{"items":[{}]}}"#, shown("a b")),
            _ => return None,
        };
        Some(answer("200 OK", &json, body))
    });
    let (_, live, _) = run(&appliance.url, &["patterns.get::returns-a-listed-pattern"], &[]);
    let accused =
        live["requirements"].as_array().expect("requirements").iter().any(|row| {
            row["id"] == "patterns.get/behaviour/same-pattern" && row["status"] == "broken"
        });
    assert!(!accused, "{}", live["cases"]);
    let asked = appliance.lines();
    assert!(asked.iter().any(|line| line == "GET /patterns/a%20b"), "{asked:?}");
}

#[test]
fn what_stands_between_accuses_nobody() {
    for status in ["407 Proxy Authentication Required", "502 Bad Gateway", "504 Gateway Timeout"] {
        let own = answer(status, &["content-type: text/html"], "<html>nginx</html>");
        let (_double, appliance) = answering("/fans", own);
        let (ran, live, _) = run(&appliance.url, &["fans.list::*"], &["--strict"]);
        assert_eq!(ran.exit, 3, "{status}: {ran:?}");
        let verdicts = verdicts(&live);
        assert!(!verdicts.values().any(|verdict| verdict.contains("\"fail\"")), "{verdicts:?}");
        assert_eq!(verdict(&live, "fans.list::refuses-missing-credentials"), "unresolved");
    }
}

#[test]
fn a_stranger_who_is_sent_to_the_login_was_shown_nothing() {
    for (status, headers, body) in [
        ("302 Found", vec!["location: /ui/login.html"], ""),
        ("200 OK", vec!["content-type: text/html"], "<html><form action=/login></form></html>"),
    ] {
        let own = answer(status, &headers, body);
        let double = Served::start(&["--quiet"]);
        let appliance = Recorder::between(&double.url, move |seen| {
            seen.header("authorization").is_none().then(|| own.clone())
        });
        // No page at hand says with which code.
        let case = "canisters.list::refuses-missing-credentials";
        let (ran, live, _) = run(&appliance.url, &[case], &[]);
        assert_eq!((ran.exit, verdict(&live, case).as_str()), (0, "pass"), "{status}: {ran:?}");
        let (ran, ..) = run(&appliance.url, &[case], &["--strict"]);
        assert_eq!(ran.exit, 1, "{status}: {ran:?}");
        // This one does, and its number is what is wrong.
        let (ran, live, _) =
            run(&appliance.url, &["sftp-locks.list::refuses-missing-credentials"], &[]);
        assert_eq!(ran.exit, 1, "{status}: {ran:?}");
        let broken = live["cases"]
            .as_array()
            .expect("cases")
            .iter()
            .find_map(|case| case["findings"].as_array()?.first()?["requirement"].as_str());
        assert_eq!(broken, Some("sftp-locks.list/status/401/absent"), "{status}");
    }
}
