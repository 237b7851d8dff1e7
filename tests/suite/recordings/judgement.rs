//! What is judged and what accuses nobody: which answer is meant, what is lacking, and which
//! version an exchange belongs to.
//!
//! Knows: recordings of right and of wrong answers. Must not know: how an answer is judged.

use std::collections::BTreeSet;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use lxca_conform::judge::Verdict;
use lxca_conform::recording;
use lxca_conform::report::rejudge;
use serde_json::{Value, json};

use crate::support::command::{json, lxca};
use crate::support::lab::lab;

use super::{
    Desk, JSON, LOCKS, LXCA, accused, appliance, case, entry, fits, get, har, judge, lock, state,
};

#[test]
fn a_right_answer_holds_and_a_wrong_one_is_caught_at_its_place() {
    let desk = Desk::new();
    let (exit, report) = desk.judged(&[get(LOCKS, &json!([lock()]))]);
    assert_eq!(exit, 0, "{}", report["because"]);
    assert_eq!(report["target"]["kind"], "recording");
    assert_eq!(report["claim"], false);
    assert_eq!(report["conclusion"], "conformant");
    assert_eq!(case(&report, "sftp-locks.list::recorded-200")["verdict"], "pass");
    assert!(report["requirements"].as_array().unwrap().len() > 100);

    let mut wrong = lock();
    wrong["expirationTimeOut"] = json!("soon");
    let (exit, report) =
        desk.judged(&[get(LOCKS, &json!([lock()])), get(LOCKS, &json!([lock(), wrong]))]);
    assert_eq!(exit, 1);
    let found = case(&report, "sftp-locks.list::recorded-200");
    assert_eq!(found["verdict"], "fail");
    assert_eq!(found["findings"][0]["pointer"], "/1/expirationTimeOut");
    assert_eq!(found["findings"][0]["step"], "one.har#2");
    assert_eq!(report["evidence"][0]["step"], "one.har#2");
}

#[test]
fn what_a_recording_lacks_accuses_nobody() {
    let desk = Desk::new();
    let locks = json!([lock()]).to_string();
    let session = json!({ "result": "success", "response": { "pwChangeRequired": false },
        "messages": [] })
    .to_string();
    // No header at all.
    let (_, report) =
        desk.judged(&[entry("POST", &format!("{LXCA}/sessions"), 200, &[], &session)]);
    assert!(accused(&report).is_empty(), "{:?}", accused(&report));
    assert_eq!(state(&report, "session.open/csrf-cookie"), "not-exercised");
    let (_, report) = desk.judged(&[entry("GET", LOCKS, 200, &[], &locks)]);
    assert!(accused(&report).is_empty(), "{:?}", accused(&report));
    assert_eq!(state(&report, "sftp-locks.list/media-type"), "not-exercised");
    assert_eq!(state(&report, "sftp-locks.list/body/id"), "held");
    // Nor is what a browser guesses a label.
    let mut guessed = entry("GET", LOCKS, 200, &[("Date", "x")], &locks);
    guessed["response"]["content"]["mimeType"] = json!("text/plain");
    assert!(accused(&desk.judged(&[guessed]).1).is_empty());
    // Cookies in one line, as Chromium has them, and without the one that is due.
    let login = |cookies: &str| {
        let headers = [JSON, ("Set-Cookie", cookies)];
        desk.judged(&[entry("POST", &format!("{LXCA}/sessions"), 200, &headers, &session)]).1
    };
    let report = login("mode=local; Path=/\ncsrf=A1B2C3; Path=/");
    assert_eq!(state(&report, "session.open/csrf-cookie"), "held");
    let report = login("mode=local; Path=/");
    assert_eq!(state(&report, "session.open/csrf-cookie"), "broken");
    // A label that is there and wrong is.
    let html = [("Content-Type", "text/html")];
    let (_, report) = desk.judged(&[entry("GET", LOCKS, 200, &html, &locks)]);
    assert_eq!(accused(&report), BTreeSet::from(["sftp-locks.list/media-type ".to_owned()]));

    // No status, a status without an answer, and one that no page lists.
    let mut none = get(LOCKS, &json!([lock()]));
    none["response"]["status"] = json!(0);
    let (exit, report) = desk.judged(&[none.clone()]);
    assert_eq!(
        (exit, case(&report, "sftp-locks.list::recorded")["verdict"].as_str()),
        (3, Some("unresolved"))
    );
    let (exit, report) = desk.judged(&[entry("GET", LOCKS, 302, &[], "")]);
    assert_eq!(
        (exit, case(&report, "sftp-locks.list::recorded")["verdict"].as_str()),
        (3, Some("untested"))
    );
    assert!(accused(&report).is_empty());
    // An internal error is documented, and shows nothing all the same.
    let message = json!({ "result": "failure", "messages": [{ "id": "X", "explanation": "",
        "text": "An internal error occurred.", "recovery": { "text": "Try again.",
            "URL": "" } }] });
    let (exit, report) = desk.judged(&[entry("GET", LOCKS, 500, &[JSON], &message.to_string())]);
    assert_eq!(
        (exit, case(&report, "sftp-locks.list::recorded-500")["verdict"].as_str()),
        (3, Some("unresolved"))
    );
    // A success under a number that the page doesn't have is one whatever was asked.
    let (exit, report) = desk.judged(&[entry("GET", LOCKS, 202, &[JSON], &locks)]);
    assert_eq!(exit, 1);
    assert_eq!(accused(&report), BTreeSet::from(["sftp-locks.list/status/200 ".to_owned()]));

    // Bodies that the recorder cut, left out, or that have something behind their end.
    let unsure: Vec<(&str, Value)> = vec![
        ("cut", json!({ "size": 5000, "text": "[{\"id\":\"01" })),
        ("left out", json!({ "size": 5000 })),
        ("left out, and small", json!({ "size": 2 })),
        ("not there", json!({})),
        ("with a tail", json!({ "size": 5, "text": "[]]}]" })),
    ];
    for (what, content) in unsure {
        let mut one = entry("GET", LOCKS, 200, &[JSON], "");
        one["response"]["content"] = content;
        let (exit, report) = desk.judged(&[one]);
        assert!(accused(&report).is_empty(), "{what}: {:?}", accused(&report));
        assert_eq!(exit, 3, "{what}");
        let found = case(&report, "sftp-locks.list::recorded-200");
        assert_eq!(found["verdict"], "unresolved", "{what}");
    }
    a_packed_body_that_the_recorder_cut(&desk);
    // The same tail beside a length that counts it came so.
    let (exit, report) =
        desk.judged(&[entry("GET", LOCKS, 200, &[JSON, ("Content-Length", "5")], "[]]}]")]);
    assert_eq!(exit, 1, "{:?}", accused(&report));

    // A clock: a lock of long ago isn't said to be expired.
    let mut old = lock();
    old["creationTimestamp"] = json!("2001-01-01T00:00:00Z");
    let (exit, report) = desk.judged(&[get(LOCKS, &json!([old]))]);
    assert_eq!((exit, accused(&report)), (0, BTreeSet::new()));
}

/// It accuses nobody, and nobody is said not to have asked for it.
fn a_packed_body_that_the_recorder_cut(desk: &Desk) {
    let rows: Vec<Value> = (0..200)
        .map(|number| {
            let mut row = lock();
            row["id"] = json!(format!("{:032x}", number * 7919));
            row
        })
        .collect();
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(json!(rows).to_string().as_bytes()).expect("bytes");
    let whole = packer.finish().expect("bytes");
    let half = &whole[..whole.len() / 2];
    let judged = |accepted: Option<&str>, length: usize, encoding: &str| {
        let length = length.to_string();
        let headers = [JSON, ("Content-Encoding", "gzip"), ("Content-Length", length.as_str())];
        let mut one = entry("GET", LOCKS, 200, &headers, "");
        one["response"]["content"] =
            json!({ "size": 30_000, "encoding": encoding, "text": STANDARD.encode(half) });
        if let Some(accepted) = accepted {
            one["request"]["headers"] = json!([{ "name": "Accept-Encoding", "value": accepted }]);
        }
        desk.judged(&[one])
    };
    for accepted in [Some("gzip, deflate, br"), None] {
        for encoding in ["base64", "Base64", "BASE64"] {
            let (exit, report) = judged(accepted, whole.len(), encoding);
            assert_eq!((exit, accused(&report)), (3, BTreeSet::new()), "{encoding}");
            let found = case(&report, "sftp-locks.list::recorded-200");
            assert_eq!(found["verdict"], "unresolved", "{encoding}");
            assert!(!report.to_string().contains("accepted a content coding"));
        }
    }
    // As many bytes as were announced: so it was sent.
    let (exit, report) = judged(Some("gzip"), half.len(), "base64");
    assert_eq!(exit, 1);
    assert!(!report["cases"].to_string().contains("asked for"), "{:?}", accused(&report));
}

#[test]
fn a_parameter_of_the_request_tells_which_answer_is_meant() {
    let desk = Desk::new();
    let fans = json!({ "fanList": [{ "uuid": "A0", "serialNumber": "S1" }] });
    let fans_with = |query: &str| desk.judged(&[get(&format!("{LXCA}/fans{query}"), &fans)]).1;
    let report = fans_with("?includeAttributes=serialNumber");
    assert_eq!(case(&report, "fans.list::recorded-200-some")["verdict"], "pass");
    assert_eq!(accused(&report), BTreeSet::new(), "nobody asked for the rest");
    let report = fans_with("?page=1");
    assert_eq!(case(&report, "fans.list::recorded-200-list")["verdict"], "fail");
    let due = "fans.list/body/cmmHealthState/presence /fanList/0/cmmHealthState";
    assert!(accused(&report).contains(due), "{:?}", accused(&report));
}

#[test]
fn an_answer_to_several_ids_is_about_one_of_them() {
    let desk = Desk::new();
    let one = json!({ "nodeList": [{ "uuid": "a1", "name": "one" }] });
    let other = "nodes.get/behaviour/same-node /nodeList/0/uuid";
    for (ids, is_other) in [("A1,B2", false), ("B2%2CA1", false), ("B2,C3", true), ("A", true)] {
        let found = accused(&desk.judged(&[get(&format!("{LXCA}/nodes/{ids}"), &one)]).1);
        assert_eq!(found.contains(other), is_other, "{ids}: {found:?}");
    }
}

#[test]
fn everything_else_is_named_and_nothing_checked_is_never_green() {
    let desk = Desk::new();
    let uuid = "10247AA079C85AA4059E5B667A9BBC46";
    let rooms = [
        get(&format!("{LXCA}/rooms"), &json!({ "roomList": [] })),
        entry("PUT", &format!("{LXCA}/rooms/{uuid}"), 200, &[("Location", "/jobs/302")], ""),
        entry("PUT", &format!("{LXCA}/rooms/{}", uuid.replace('1', "2")), 200, &[], ""),
    ];
    let (exit, report) = desk.judged(&rooms);
    assert_eq!((exit, report["conclusion"].as_str()), (3, Some("incomplete")));
    assert!(report["because"].as_str().unwrap().contains("nothing was checked"));
    assert_eq!(
        report["recording"]["outside"],
        json!([
            { "method": "GET", "path": "/rooms", "exchanges": 1, "first": "one.har#1" },
            { "method": "PUT", "path": "/rooms/*", "exchanges": 2, "first": "one.har#2" },
        ])
    );
    let allowed = judge(&[&desk.har("rooms.har", &rooms)], &["--allow-incomplete"]);
    assert_eq!(allowed.exit, 0);
    assert_eq!(desk.judged(&[]).0, 3);
    // The report says what isn't in it.
    let told = judge(&[&desk.har("rooms.har", &rooms)], &[]).stdout;
    assert!(told.contains("Outside the contract") && told.contains("can't show"), "{told}");
}

#[test]
fn what_a_request_leaves_out_of_the_answer_accuses_nobody() {
    let desk = Desk::new();
    let profile = json!({ "ID": 68, "name": "p" });
    let url = format!("{LXCA}/profiles/68");
    for (url, missed) in [
        (url.clone(), true),
        (format!("{url}?includeAttributes=ID,name"), false),
        (format!("{url}?x=includeAttributes"), true),
    ] {
        let (_, report) = desk.judged(&[get(&url, &profile)]);
        let accused = accused(&report);
        assert!(accused.contains("profiles.get/body/ID /ID"), "{url}: what is there is judged");
        let absent = accused.contains("profiles.get/body/displayName/presence /displayName");
        assert_eq!(absent, missed, "{url}");
        let held = state(&report, "profiles.get/body/name/presence") == "held";
        assert_eq!(held, missed, "{url}: nothing is said of what wasn't asked for");
    }
}

#[test]
fn a_version_belongs_to_its_exchange() {
    let desk = Desk::new();
    let label = |version: &str| format!("application/com.lenovo.lxca-v{version}+json");
    let (old, new) = (label("1.2.2"), label("4.1.0"));
    let entries = [
        entry(
            "GET",
            "https://a/aicc",
            200,
            &[("Content-Type", &old)],
            &appliance("1.2.2").to_string(),
        ),
        entry(
            "GET",
            "https://b/aicc/",
            200,
            &[("Content-Type", &new)],
            &appliance("4.1.0").to_string(),
        ),
    ];
    let (exit, report) = desk.judged(&entries);
    assert_eq!((exit, &report["target"]["version"]), (0, &Value::Null));
    assert_eq!(
        report["recording"]["appliances"],
        json!([
            { "address": "https://a", "version": "1.2.2", "exchanges": 1 },
            { "address": "https://b", "version": "4.1.0", "exchanges": 1 },
        ])
    );
}

#[test]
fn what_an_older_version_lacks_is_not_asked_of_it() {
    let mut lab = lab();
    let operation = lab.contract.operations.get_mut("appliance.get").expect("an operation");
    operation.since = Some("3.0.0".parse().expect("a version"));
    let mut wrong = appliance("1.2.2");
    wrong["appliance"]["name"] = json!(7);
    let judge = |entries: &[Value]| {
        let file = recording::read("one.har", &har(entries).to_string()).expect("a HAR");
        let record = recording::record(&lab.contract, &lab.catalogue, &[file]);
        rejudge(&lab.contract, &lab.catalogue, &record)
    };
    let old = get("https://a/aicc", &wrong);
    let report = judge(std::slice::from_ref(&old));
    assert_eq!(report.cases[0].verdict, Verdict::Unsupported);
    assert_eq!(report.conclusion.word(), "incomplete");
    let report = judge(&[old, get("https://b/aicc", &appliance("4.1.0"))]);
    assert_eq!(report.cases[0].verdict, Verdict::Pass);
    assert!(report.cases[0].findings.is_empty(), "{:?}", report.cases[0].findings);
}

#[test]
fn a_waiver_names_what_a_recording_shows() {
    let desk = Desk::new();
    let mut wrong = lock();
    wrong["expirationTimeOut"] = json!("soon");
    let file = desk.har("wrong.har", &[get(LOCKS, &json!([wrong]))]);
    let draft = lxca(&["waivers", "draft", &file]).stdout;
    assert!(draft.contains("sftp-locks.list::recorded-200"), "{draft}");
    let waivers = desk.write("waivers.toml", draft.replace("\"\" ", "\"known since May\" "));
    assert_eq!(lxca(&["waivers", "lint", &waivers]).exit, 0);
    let answer = judge(&[&file], &["--waivers", &waivers]);
    assert_eq!(answer.exit, 0, "{}{}", answer.stdout, answer.stderr);
    let story = lxca(&["explain", "sftp-locks.list::recorded-200"]);
    assert!(story.exit == 0 && story.stdout.contains("sftp-locks.list/body/id"));
}

#[test]
fn the_gate_and_the_shape_take_recordings() {
    let desk = Desk::new();
    let before = desk.har("before.har", &[get(LOCKS, &json!([lock()]))]);
    let mut changed = lock();
    changed["expirationTimeOut"] = json!("1200");
    let after =
        desk.har("after.json", &[get("https://other/aicc/service/sftp/locks", &json!([changed]))]);
    let gate = |one: &str, other: &str| {
        let answer = lxca(&["gate", "--baseline", one, "--candidate", other, "--format", "json"]);
        assert!(answer.stderr.is_empty(), "{}", answer.stderr);
        let found = json(&answer.stdout);
        fits(&found, "gate.schema.json");
        (answer.exit, found)
    };
    let (exit, found) = gate(&before, &after);
    assert_eq!(exit, 1, "{}", found["because"]);
    let finding = &found["candidates"][0]["findings"][0];
    assert_eq!(finding["change"], "regression");
    assert_eq!(finding["place"], "/*/expirationTimeOut");
    assert_eq!(found["candidates"][0]["drift"][0]["kind"], "retyped");
    let (exit, found) = gate(&before, &before);
    assert_eq!((exit, found["answer"].as_str()), (0, Some("yes")), "{}", found["because"]);
    // What fails in both stays as it was, wherever it stands in its file.
    let later = desk.har(
        "later.har",
        &[get(&format!("{LXCA}/rooms"), &json!({})), get(LOCKS, &json!([changed]))],
    );
    let (_, found) = gate(&after, &later);
    assert_eq!(found["candidates"][0]["cases"][0]["change"], "still-failing");
    let shape = json(&lxca(&["shape", &before, &later]).stdout);
    assert_eq!(shape["$defs"]["sftp-locks.list/200"]["items"]["x-seen"]["times"], 2, "{shape:#}");
}
