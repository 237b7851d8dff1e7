//! What is read: every form of a recording, packed bodies and charsets, odd headers; and what is
//! none is said with its place.
//!
//! Knows: recordings as HAR and VCR, right and broken. Must not know: how one is read.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::command::{lxca, text};

use super::{
    Desk, JSON, LOCKS, LXCA, accused, appliance, case, entry, get, har, judge, judged, lock, state,
};

#[test]
fn every_form_of_a_recording_reads_the_same() {
    let desk = Desk::new();
    let mut wrong = lock();
    wrong["id"] = json!(7);
    let body = json!([wrong]).to_string();
    let packed = STANDARD.encode(&body);
    let ruby_yaml = format!(
        "---\nhttp_interactions:\n- request:\n    method: get\n    uri: {LOCKS}\n    body:\n      \
         encoding: US-ASCII\n      string: ''\n    headers: {{}}\n  response:\n    status:\n      \
         code: 200\n      message: OKVCR.use_cassette\n    headers:\n      Content-Type:\n      - \
         application/com.lenovo.lxca-v4.1.0+json; charset=UTF-8\n    body:\n      encoding: \
         ASCII-8BIT\n      string: !binary |-\n        {packed}\n    http_version: \n  \
         recorded_at: Mon, 17 Sep 2018 12:43:20 GMT\nrecorded_with: VCR 3.0.3\n"
    );
    let python_yaml = format!(
        "interactions:\n- request:\n    body: null\n    headers:\n      Accept: ['*/*']\n    \
         method: GET\n    uri: {LOCKS}\n  response:\n    body:\n      string: '{body}'\n    \
         headers:\n      content-type: [application/json]\n    status: {{code: 200, message: \
         OK}}\nversion: 1\n"
    );
    let ruby_json = json!({ "http_interactions": [{
        "request": { "method": "get", "uri": LOCKS, "headers": {}, "body": { "string": "" } },
        "response": { "status": { "code": 200, "message": "OK" },
            "headers": { "Content-Type": ["application/json"] },
            "body": { "encoding": "UTF-8", "base64_string": packed } },
    }] });
    let python_json = json!({ "version": 1, "interactions": [{
        "request": { "method": "GET", "uri": LOCKS, "headers": {}, "body": null },
        "response": { "status": { "code": 200, "message": "OK" },
            "headers": { "content-type": ["application/json"] }, "body": { "string": body } },
    }] });
    let old_ruby = format!(
        "---\n- !ruby/struct:VCR::HTTPInteraction\n  request: !ruby/struct:VCR::Request\n    \
         method: :get\n    uri: {LOCKS}\n    body:\n    headers:\n  response: \
         !ruby/struct:VCR::Response\n    status: !ruby/struct:VCR::ResponseStatus\n      code: \
         200\n      message: OK\n    headers:\n      content-type:\n      - \
         application/json\n    body: '{body}'\n    http_version: '1.1'\n"
    );
    let in_har = har(&[entry("GET", LOCKS, 200, &[JSON], &body)]);
    for (name, content) in [
        ("a.har", in_har.to_string()),
        ("marked.har", format!("\u{feff}{in_har:#}")),
        ("ruby.yml", ruby_yaml),
        ("old-ruby.yml", old_ruby),
        ("python.yaml", python_yaml),
        ("ruby.json", ruby_json.to_string()),
        ("python.json", python_json.to_string()),
        ("without-an-end", in_har.to_string()),
    ] {
        let (exit, report) = judged(&[&desk.write(name, content)]);
        assert_eq!(exit, 1, "{name}");
        let found = accused(&report);
        assert!(found.contains("sftp-locks.list/body/id /0/id"), "{name}: {found:?}");
        assert_eq!(report["recording"]["files"][0]["in_contract"], 1, "{name}");
    }
}

#[test]
fn packed_bodies_charsets_and_base64_are_read() {
    let desk = Desk::new();
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(appliance("4.1.0").to_string().as_bytes()).expect("bytes");
    let gzip = STANDARD.encode(packer.finish().expect("bytes"));
    let latin: Vec<u8> = "{\"appliance\":{\"version\":\"4.1.0\",\"name\":\"Ger\u{e4}t\"}}"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let url = format!("{LXCA}/aicc");
    for (what, headers, packed) in [
        ("with its coding", vec![JSON, ("Content-Encoding", "gzip")], gzip.clone()),
        ("without its coding", vec![JSON], gzip),
        (
            "in Latin-1",
            vec![("Content-Type", "application/json; charset=ISO-8859-1")],
            STANDARD.encode(&latin),
        ),
        (
            "unpacked beside its coding and length",
            vec![JSON, ("Content-Encoding", "gzip"), ("Content-Length", "20")],
            STANDARD.encode(appliance("4.1.0").to_string()),
        ),
        (
            "in UTF-8 under another label",
            vec![("Content-Type", "application/json; charset=ISO-8859-1")],
            STANDARD
                .encode(json!({ "appliance": { "version": "4.1.0", "name": "失" } }).to_string()),
        ),
    ] {
        let mut one = entry("GET", &url, 200, &headers, "");
        one["response"]["content"] = json!({ "size": 900, "encoding": "base64", "text": packed });
        let (exit, report) = desk.judged(&[one]);
        assert_eq!((exit, report["target"]["version"].as_str()), (0, Some("4.1.0")), "{what}");
        assert_eq!(state(&report, "appliance.get/body/appliance/version"), "held", "{what}");
        assert!(accused(&report).is_empty(), "{what}: {:?}", accused(&report));
    }
}

#[test]
fn a_broken_entry_is_named_and_the_rest_is_judged() {
    let desk = Desk::new();
    let mut base64 = get(LOCKS, &json!([]));
    base64["response"]["content"] = json!({ "encoding": "base64", "text": "%%%" });
    let mut headers = get(LOCKS, &json!([]));
    headers["response"]["headers"] = json!(7);
    let mut status = get(LOCKS, &json!([]));
    status["response"]["status"] = json!({ "secret": "S3cret-value" });
    let entries = [
        json!({ "request": { "method": "GET" } }),
        get(LOCKS, &json!([lock()])),
        Value::Null,
        base64,
        headers,
        status,
    ];
    let (exit, report) = desk.judged(&entries);
    assert_eq!(exit, 3, "{}", report["because"]);
    assert_eq!(case(&report, "sftp-locks.list::recorded-200")["requests"], 1);
    // Of those that are known to be ones of the contract, the answer is what can't be read.
    let unread = case(&report, "sftp-locks.list::recorded");
    assert_eq!((&unread["requests"], unread["verdict"].as_str()), (&json!(3), Some("unresolved")));
    assert!(unread["reason"].as_str().unwrap().contains("base64"), "{unread}");
    assert!(report["because"].as_str().unwrap().contains("2 entries couldn't be read"));
    let skipped: BTreeMap<u64, &str> = report["recording"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["entry"].as_u64().unwrap(), row["why"].as_str().unwrap()))
        .collect();
    let numbers: Vec<u64> = skipped.keys().copied().collect();
    assert_eq!(numbers, [1, 3]);
    assert!(skipped[&1].contains("`request.url`"), "{skipped:?}");
    assert!(!report.to_string().contains("S3cret-value"));
    let told = judge(&[&desk.har("one.har", &entries)], &[]).stdout;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("one.har, entry 1: `request.url` is missing"), "{told}");
    // So is one of a cassette whose bytes are none.
    let cassette = desk.write(
        "broken.yml",
        format!(
            "http_interactions:\n- request: {{method: get, uri: '{LOCKS}'}}\n  response:\n    \
             status: {{code: 200}}\n    body: {{string: !binary '%%'}}\n- 7\n"
        ),
    );
    let (exit, report) = judged(&[&cassette]);
    assert_eq!(exit, 3);
    assert_eq!(report["recording"]["skipped"].as_array().unwrap().len(), 1);
    assert_eq!(case(&report, "sftp-locks.list::recorded")["verdict"], "unresolved");
}

#[test]
fn only_an_entry_that_may_be_of_the_contract_leaves_the_conclusion_open() {
    let desk = Desk::new();
    let right = get(LOCKS, &json!([lock()]));
    let mut unread = get("https://www.example.com/search", &json!([]));
    unread["response"]["content"] = json!({ "text": { "a": 1 } });
    let (exit, report) = desk.judged(&[right.clone(), unread.clone()]);
    assert_eq!(exit, 0, "of another service: {}", report["because"]);
    unread["request"]["url"] = json!(LOCKS);
    let (exit, report) = desk.judged(&[right.clone(), unread]);
    assert_eq!(exit, 3, "one of ours: {}", report["because"]);
    let mut foreign = right.clone();
    foreign["request"] = json!(7);
    let (exit, report) = desk.judged(&[right.clone(), foreign.clone()]);
    assert_eq!(exit, 3, "nobody knows which: {}", report["because"]);
    // What is wrong is said first.
    let mut wrong = lock();
    wrong["component"] = json!("XX");
    let (exit, _) = desk.judged(&[get(LOCKS, &json!([wrong])), foreign]);
    assert_eq!(exit, 1);
}

#[test]
fn what_is_no_recording_is_said_with_its_place() {
    let desk = Desk::new();
    let whole = har(&[get(LOCKS, &json!([lock()]))]).to_string();
    for (name, content, place) in [
        ("empty.har", Vec::new(), "empty.har: the file is empty"),
        ("cut.har", whole.as_bytes()[..200].to_vec(), "cut.har:1:200: not valid JSON"),
        ("other.json", b"{\"a\": 1}".to_vec(), "other.json:1:1: it contains an object"),
        ("log.har", b"{\"log\": {\"version\": \"1.2\"}}".to_vec(), "`log` has no `entries`"),
        ("notes.txt", b"just a note\n".to_vec(), "notes.txt:1:1: it contains"),
        (
            "broken.yml",
            b"http_interactions:\n- 'never\n".to_vec(),
            "broken.yml:2:3: not valid YAML",
        ),
        ("packed.har", vec![0x1f, 0x8b, 8, 0, 0xff], "packed.har: the file isn't UTF-8 text"),
    ] {
        let answer = judge(&[&desk.write(name, content)], &[]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{name}");
        assert!(answer.stderr.contains(place), "{name}: {}", answer.stderr);
        assert!(answer.stderr.contains("UTF-8") || answer.stderr.contains("HAR 1.2"), "{name}");
    }
    // One that is wrong spoils the whole, and each is named.
    let good = desk.har("good.har", &[get(LOCKS, &json!([lock()]))]);
    let (bad, worse) = (desk.write("bad.har", "{}"), desk.write("worse.har", "{"));
    let answer = judge(&[&good, &bad, &worse], &[]);
    assert_eq!(answer.exit, 2);
    assert!(answer.stderr.contains("bad.har") && answer.stderr.contains("worse.har"));
    // A secret in a file that was named by mistake isn't shown.
    let key = desk.write("key.json", "{\"log\": {\"entries\": \"Sw0rdfish\"}}");
    let answer = judge(&[&key], &[]);
    assert!(answer.exit == 2 && !answer.stderr.contains("Sw0rdfish"), "{}", answer.stderr);
    let missing = text(&desk.0.path().join("missing.har")).to_owned();
    assert_eq!(judge(&[&good, &missing], &[]).exit, 2);
}

#[test]
fn odd_headers_and_members_are_borne() {
    let desk = Desk::new();
    let doubled = [
        JSON,
        JSON,
        ("Expires", "-1"),
        ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Content-Range", "0-1/892595"),
        ("Content-Length", "20"),
    ];
    let body = "[{\"id\":\"0123456789abcdef0123456789abcdef\",\"id\":7,\"component\":\"UP\",\
        \"creationTimestamp\":\"2026-01-02T03:04:05Z\",\"expirationTimeOut\":1200}]";
    let (exit, report) = desk.judged(&[entry("GET", LOCKS, 200, &doubled, body)]);
    // A member that comes twice is judged with each of its values.
    assert_eq!((exit, accused(&report).len()), (1, 1), "{:?}", accused(&report));
    let right = json!([lock()]).to_string();
    let (exit, report) = desk.judged(&[entry("GET", LOCKS, 200, &doubled, &right)]);
    assert_eq!((exit, accused(&report).len()), (0, 0));
}

#[test]
fn records_and_recordings_are_told_apart() {
    let desk = Desk::new();
    let folder = text(&desk.0.path().join("run")).to_owned();
    assert_eq!(lxca(&["run", "--filter", "appliance.get::*", "--out", &folder, "-q"]).exit, 0);
    let good = desk.har("good.har", &[get(LOCKS, &json!([lock()]))]);
    let answer = judge(&[&folder, &good], &[]);
    assert_eq!(answer.exit, 2);
    assert!(answer.stderr.contains("name one record, or recordings only"), "{}", answer.stderr);
    // A record under another name is still one; what it writes as HAR is a recording.
    let other = desk.0.path().join("record.txt");
    std::fs::copy(Path::new(&folder).join("transcript.jsonl"), &other).expect("a copy");
    let (_, report) = judged(&[text(&other)]);
    assert_eq!(report["target"]["kind"], "replay");
    let own = lxca(&["report", &folder, "--format", "har"]).stdout;
    let (exit, report) = judged(&[&desk.write("own.har", own)]);
    assert_eq!((exit, report["target"]["kind"].as_str()), (0, Some("recording")));
}

#[test]
fn a_file_with_two_lists_of_exchanges_is_refused_rather_than_read_in_part() {
    let desk = Desk::new();
    let mut wrong = lock();
    wrong["id"] = json!(7);
    let exchange = |row: &Value| {
        json!({
            "request": { "method": "GET", "uri": LOCKS, "headers": {}, "body": null },
            "response": {
                "status": { "code": 200, "message": "OK" },
                "headers": { "content-type": ["application/json"] },
                "body": { "string": json!([row]).to_string() },
            },
        })
    };
    let (good, bad) = (exchange(&lock()), exchange(&wrong));
    let list = |row: &Value| format!("interactions: {}\n", json!([row]));
    let har = |row: &Value| har(&[get(LOCKS, &json!([row]))]).to_string();
    let inner = |har: &str| har.trim_start_matches('{').trim_end_matches('}').to_owned();
    let logs = format!("{{{}}},{}}}}}", inner(&har(&lock())), inner(&har(&wrong)));
    assert!(logs.matches("\"log\"").count() == 2, "{logs}");
    for (name, text) in [
        ("documents.yml", format!("---\n{}---\n{}", list(&good), list(&bad))),
        ("ended.yml", format!("{}...\n---\n{}", list(&good), list(&bad))),
        ("members.yml", format!("{}{}", list(&bad), list(&good))),
        ("members.json", format!("{{\"interactions\":[{bad}],\"interactions\":[{good}]}}")),
        ("both.json", format!("{{\"http_interactions\":[{good}],\"interactions\":[{bad}]}}")),
        ("logs.har", logs),
    ] {
        let answer = judge(&[&desk.write(name, text)], &[]);
        assert_eq!(answer.exit, 2, "{name}: {answer:?}");
        assert!(
            answer.stderr.contains("second document") || answer.stderr.contains("2 lists"),
            "{name}: {}",
            answer.stderr
        );
    }
    // An empty document before it, or after it, holds nothing.
    for (name, text) in [
        ("before.yml", format!("---\n---\n{}", list(&bad))),
        ("after.yml", format!("{}---\n", list(&bad))),
    ] {
        assert_eq!(judged(&[&desk.write(name, text)]).0, 1, "{name}");
    }
}
