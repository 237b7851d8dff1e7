//! Appliances that keep to the pages and differ from the double where the pages leave it open are
//! judged, and small breaches beside them are seen: whole runs of the binary.
//!
//! Knows: the binary, the double behind it, and the bytes between the two. Must not know: how
//! anything is judged.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Served, lxca, report, text};
use crate::support::wire::{Recorder, Seen};

const LOCKS: &str = "/aicc/service/sftp/locks";

/// What an answer says: its status and its body, `null` for none.
struct Said {
    status: u16,
    body: Value,
}

/// Runs cases against the double, whose answers are changed where `change` returns others.
fn run(change: fn(&Seen, Said) -> Option<Said>, allow: &str, globs: &[&str]) -> Value {
    let served = Served::start(&[]);
    let front = Recorder::changing(&served.url, move |seen, bytes| {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head of text");
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default();
        let Some(said) = change(seen, Said { status, body }) else { return (bytes, false) };
        let body = if said.body.is_null() { String::new() } else { said.body.to_string() };
        let head = format!("HTTP/1.1 {} Said\r\nContent-Type: application/json\r\n", said.status);
        (format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes(), false)
    });
    let folder = TempDir::new().expect("a temporary folder");
    let mut asked = vec!["run", "--url", &front.url, "--user", "USERID", "--allow", allow];
    asked.extend(["--out", text(folder.path())]);
    asked.extend(globs.iter().flat_map(|glob| ["--filter", glob]));
    let answer = lxca(&asked);
    assert!(folder.path().join("report.json").exists(), "{answer:?}");
    report(folder.path())
}

/// Severity and requirement of what was found, without observations.
fn found(report: &Value) -> Vec<(String, String)> {
    let cases = report["cases"].as_array().expect("cases");
    let all = cases.iter().flat_map(|case| case["findings"].as_array().expect("findings"));
    let word = |finding: &Value, key: &str| finding[key].as_str().expect("a word").to_owned();
    let mut found: Vec<_> = all
        .filter(|finding| finding["severity"] != "observation")
        .map(|finding| (word(finding, "severity"), word(finding, "requirement")))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The cases that ran or should have run.
fn told(report: &Value, verdict: &str) -> Vec<String> {
    let cases = report["cases"].as_array().expect("cases").iter();
    let such = cases.filter(|case| case["verdict"] == verdict);
    such.map(|case| case["id"].as_str().expect("an id").to_owned()).collect()
}

/// What ran, for a message.
fn story(report: &Value) -> String {
    let cases = report["cases"].as_array().expect("cases").iter();
    let ran = cases.filter(|case| case["why"] != "filtered");
    let lines: Vec<String> = ran
        .map(|case| {
            format!("{} {}: {} {}", case["id"], case["verdict"], case["reason"], case["findings"])
        })
        .collect();
    lines.join("\n")
}

fn path(seen: &Seen) -> &str {
    seen.target.split('?').next().unwrap_or_default()
}

#[test]
fn an_appliance_with_nothing_in_its_lists_leaves_no_case_unresolved() {
    let globs = ["jobs.*", "patterns.*", "profiles.get::*", "events.list::*", "policies.*"];
    let report = run(
        |seen, said| {
            let empty = match path(seen) {
                "/jobs" | "/events" => json!([]),
                "/patterns" => json!({ "identifier": "id", "label": "name", "items": [] }),
                "/profiles" => json!({ "identifier": "id", "label": "id", "items": [] }),
                "/compliancePolicies" => json!({ "policies": [] }),
                "/compliancePolicies/persistedResult" => json!({ "all": [] }),
                "/compliancePolicies/applicableFirmware" => json!({ "componentTypes": [] }),
                _ => return None,
            };
            (said.status == 200).then_some(Said { status: 200, body: empty })
        },
        "read",
        &globs,
    );
    assert_eq!(told(&report, "unresolved"), [""; 0], "{}", story(&report));
    assert!(told(&report, "untested").contains(&"jobs.get::returns-a-listed-job".to_owned()));
    assert!(found(&report).iter().all(|(severity, _)| severity != "violation"));
}

#[test]
fn a_list_with_the_asked_members_and_no_others_is_enough() {
    let report = run(
        |seen, mut said| {
            let asked = seen.target.split_once("includeAttributes=")?.1.split('&').next()?;
            let asked = asked.replace("%2C", ",");
            let list = said.body.as_object_mut()?.values_mut().find_map(Value::as_array_mut)?;
            for row in list.iter_mut().filter_map(Value::as_object_mut) {
                row.retain(|name, _| asked.split(',').any(|one| one == name));
            }
            Some(said)
        },
        "read",
        &["*.get::says-what-the-list-says", "*.get::returns-several"],
    );
    assert_eq!(told(&report, "unresolved"), [""; 0], "{}", story(&report));
    assert!(told(&report, "pass").len() >= 8, "{}", story(&report));
    assert_eq!(found(&report), []);
}

#[test]
fn an_unknown_id_may_be_refused_with_the_one_code_that_the_page_has_for_it() {
    let refusal = |seen: &Seen, said: Said| {
        let unknown = said.status == 404 && seen.target.ends_with("/999999999");
        unknown.then_some(Said { status: 403, ..said })
    };
    let cases = ["patterns.get::refuses-an-unknown-id", "profiles.get::refuses-an-unknown-id"];
    let report = run(refusal, "read", &cases);
    assert_eq!(told(&report, "pass"), cases, "{}", story(&report));
}

#[test]
fn a_lock_is_created_though_the_reply_is_empty() {
    let report = run(
        |seen, said| {
            let created = seen.method == "POST" && said.status == 201;
            created.then_some(Said { status: 201, body: Value::Null })
        },
        "write",
        &["sftp-locks.create::creates-a-lock", "sftp-locks.list::lists-*-lock"],
    );
    assert_eq!(told(&report, "unresolved"), [""; 0], "{}", story(&report));
    assert_eq!(found(&report), [("deviation".to_owned(), "sftp-locks.create/body".to_owned())]);
}

#[test]
fn a_refusal_that_carries_the_rows_is_none() {
    let report = run(
        |seen, said| {
            let leaks = said.status == 401 && path(seen) == "/userAccounts";
            let user = json!({
                "id": "6dd5c473-b239-58b0-9dff-ff8719851db2", "userName": "USERID",
                "groups": ["lxc-supervisor"], "activeSessions": 1, "loginCount": 3,
            });
            let message = json!([{ "id": "FQXHMSE0200J", "text": "Not logged in." }]);
            let body = json!({ "result": "failed", "messages": message, "response": [user] });
            leaks.then_some(Said { status: 401, body })
        },
        "read",
        &["users.list::refuses-missing-credentials"],
    );
    let leak = ("violation".to_owned(), "users.list/auth".to_owned());
    assert!(found(&report).contains(&leak), "{}", story(&report));
}

#[test]
fn a_list_that_shows_the_first_lock_alone_is_no_list_of_all() {
    let first: fn(&Seen, Said) -> Option<Said> = |seen, mut said| {
        let listed = seen.method == "GET" && path(seen) == LOCKS && said.status == 200;
        said.body.as_array_mut().filter(|_| listed)?.truncate(1);
        Some(said)
    };
    // The one whose seconds, counted down, could be those of the second.
    let first_of_its_component: fn(&Seen, Said) -> Option<Said> = |seen, mut said| {
        let listed = seen.method == "GET" && path(seen) == LOCKS && said.status == 200;
        let rows = said.body.as_array_mut().filter(|_| listed)?;
        let mut one = false;
        rows.retain(|row| row["component"] != "MF" || !std::mem::replace(&mut one, true));
        Some(said)
    };
    for change in [first, first_of_its_component] {
        let report = run(change, "write", &["sftp-locks.list::lists-every-lock"]);
        let missing = ("violation".to_owned(), "sftp-locks.list/purpose".to_owned());
        assert!(found(&report).contains(&missing), "{}", story(&report));
    }
}

#[test]
fn a_lock_says_of_itself_what_the_list_says_of_it() {
    let report = run(
        |seen, mut said| {
            let one = seen.method == "GET" && path(seen).starts_with(&format!("{LOCKS}/"));
            *said.body.as_object_mut().filter(|_| one)?.get_mut("component")? = json!("TS");
            Some(said)
        },
        "write",
        &["sftp-locks.get::returns-a-created-lock"],
    );
    let other = ("deviation".to_owned(), "sftp-locks.get/behaviour/same-lock".to_owned());
    assert_eq!(found(&report), [other], "{}", story(&report));
}
