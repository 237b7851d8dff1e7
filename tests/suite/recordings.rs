//! Recordings that somebody else made: what is read, what is judged, what accuses nobody, and what
//! may not be kept.
//!
//! Knows: the binary, small recordings written here, and the double as a source of others. Must not
//! know: how a recording is read.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test may stop at once, read files and print"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Answer, json, lxca, text};
use crate::support::lab::{Asked, Lab, lab, version};
use lxca_conform::catalogue::Effect;
use lxca_conform::contract::Severity;
use lxca_conform::double::Variant;
use lxca_conform::gate::Source;
use lxca_conform::judge::Verdict;
use lxca_conform::recording;
use lxca_conform::report::{self, Report, rejudge};

/// A folder with recordings.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("a file");
        text(&path).to_owned()
    }

    fn har(&self, name: &str, entries: &[Value]) -> String {
        self.write(name, har(entries).to_string())
    }

    /// Judges one HAR with these entries: exit code and report.
    fn judged(&self, entries: &[Value]) -> (i32, Value) {
        judged(&[&self.har("one.har", entries)])
    }
}

fn judge(files: &[&str], more: &[&str]) -> Answer {
    lxca(&[&["judge"], files, more].concat())
}

fn judged(files: &[&str]) -> (i32, Value) {
    let answer = judge(files, &["--format", "json"]);
    assert!(answer.stderr.is_empty(), "{}", answer.stderr);
    let report = json(&answer.stdout);
    fits(&report, "report.schema.json");
    (answer.exit, report)
}

/// Whether a document is as its schema says.
fn fits(document: &Value, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let schema = json(&std::fs::read_to_string(path).expect("a schema"));
    let wrong: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema that compiles")
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn har(entries: &[Value]) -> Value {
    json!({ "log": { "version": "1.2", "creator": { "name": "t", "version": "1" },
        "entries": entries } })
}

const LXCA: &str = "https://lxca.example.com";
const LOCKS: &str = "https://lxca.example.com/aicc/service/sftp/locks";
const JSON: (&str, &str) = ("Content-Type", "application/json; charset=UTF-8");

fn lock() -> Value {
    json!({ "id": "0123456789abcdef0123456789abcdef", "component": "UP",
        "creationTimestamp": "2026-01-02T03:04:05Z", "expirationTimeOut": 1200 })
}

fn appliance(version: &str) -> Value {
    json!({ "appliance": { "version": version, "name": "lxca", "uuid": "A0", "build": "1" } })
}

fn entry(method: &str, url: &str, status: i64, headers: &[(&str, &str)], body: &str) -> Value {
    let headers: Vec<Value> =
        headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "startedDateTime": "2026-01-02T03:04:06Z", "time": 5,
        "request": { "method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [] },
        "response": { "status": status, "statusText": "OK", "httpVersion": "HTTP/1.1",
            "headers": headers,
            "content": { "size": body.len(), "mimeType": "", "text": body } },
    })
}

fn get(url: &str, body: &Value) -> Value {
    entry("GET", url, 200, &[JSON], &body.to_string())
}

fn case<'a>(report: &'a Value, id: &str) -> &'a Value {
    report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .find(|case| case["id"] == id)
        .unwrap_or_else(|| panic!("no {id} in {}", report["cases"]))
}

fn state<'a>(report: &'a Value, id: &str) -> &'a str {
    let rows = report["requirements"].as_array().expect("requirements");
    let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id}"));
    row["status"].as_str().expect("a status")
}

/// What is found above an observation, as `requirement place`.
fn accused(report: &Value) -> BTreeSet<String> {
    let findings = report["cases"].as_array().expect("cases").iter();
    findings
        .flat_map(|case| case["findings"].as_array().expect("findings"))
        .filter(|finding| finding["severity"] != "observation")
        .map(|finding| {
            format!(
                "{} {}",
                finding["requirement"].as_str().unwrap(),
                finding["pointer"].as_str().unwrap()
            )
        })
        .collect()
}

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
    assert_eq!(exit, 0, "{}", report["because"]);
    assert_eq!(case(&report, "sftp-locks.list::recorded-200")["requests"], 1);
    let skipped: BTreeMap<u64, &str> = report["recording"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["entry"].as_u64().unwrap(), row["why"].as_str().unwrap()))
        .collect();
    let numbers: Vec<u64> = skipped.keys().copied().collect();
    assert_eq!(numbers, [1, 3, 4, 5, 6]);
    assert!(skipped[&1].contains("`request.url`") && skipped[&4].contains("base64"), "{skipped:?}");
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
    let (_, report) = judged(&[&cassette]);
    assert_eq!(report["recording"]["skipped"].as_array().unwrap().len(), 2);
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
fn no_secret_of_a_recording_reaches_a_file() {
    let desk = Desk::new();
    let secrets = [
        "Us3r-info!",
        "t0k-in-query",
        "P@ss w0rd9",
        "node0abc123def456",
        "CSRFabc123456",
        "l0cation-token",
        "An0ther-one",
        "N3w-one!!",
        "jsess-99887766",
    ];
    let mut one = entry(
        "POST",
        "https://ADMIN:Us3r-info!@lxca.example.com/sessions;jsessionid=jsess-99887766\
         ?token=t0k-in-query",
        200,
        &[
            ("Content-Type", "text/html"),
            ("Set-Cookie", "csrf=CSRFabc123456; Path=/"),
            ("Location", "/x?access_token=l0cation-token"),
        ],
        "{\"result\":7,\"echo\":\"P@ss w0rd9\",\"csrf2\":\"CSRFabc123456\",\
         \"token\":\"An0ther-one\",\"b\":\"t0k-in-query N3w-one!!\"}",
    );
    one["request"]["headers"] = json!([
        { "name": "Authorization", "value": format!("Basic {}",
            STANDARD.encode("ADMIN:P@ss w0rd9")) },
        { "name": "Cookie", "value": "mode=local; JSESSIONID=node0abc123def456" },
        { "name": "X-Auth-Token", "value": "node0abc123def456" },
    ]);
    one["request"]["postData"] = json!({ "text":
        "{\"UserId\":\"ADMIN\",\"password\":\"P@ss w0rd9\",\"newPassword\":\"N3w-one!!\"}" });
    let out = text(&desk.0.path().join("out")).to_owned();
    let file = desk.har("secret.har", &[one]);
    let answer = judge(&[&file], &["--out", &out]);
    let shape = lxca(&["shape", &file]).stdout;
    let mut kept = format!("{}{}{shape}", answer.stdout, answer.stderr);
    for name in ["report.json", "report.html", "report.md", "junit.xml"] {
        kept.push_str(&std::fs::read_to_string(Path::new(&out).join(name)).expect("a report"));
    }
    assert!(kept.contains("[redacted]") && kept.contains("session.open::recorded-200"));
    let basic = STANDARD.encode("ADMIN:P@ss w0rd9");
    for secret in secrets.iter().copied().chain([basic.as_str(), "P@ss%20w0rd9", "P@ss+w0rd9"]) {
        assert!(!kept.contains(secret), "{secret}");
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

/// What a run against the double shows, as somebody else would have recorded it.
fn recorded(lab: &Lab, asked: &Asked) -> Report {
    let (run, _) = lab.run(asked);
    let Source::Record(record) = &run.source else { panic!("a record") };
    let file = recording::read("own.har", &report::har(record)).expect("a HAR");
    let record = recording::record(&lab.contract, &lab.catalogue, &[file]);
    rejudge(&lab.contract, &lab.catalogue, &record)
}

#[test]
fn a_right_appliance_is_not_accused_by_its_recording() {
    let lab = lab();
    let plain = recorded(&lab, &version("4.1.0"));
    let judged = plain.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
    assert!(judged >= 30, "{judged}");
    let deviates = deviates();
    let wrong = |variants: &[Variant]| {
        let mut wrong = Vec::new();
        for variant in variants {
            let found = recorded(&lab, &reading(variant.name()));
            let may = deviates.get(variant.name()).cloned().unwrap_or_default();
            let findings = found.cases.iter().flat_map(|case| &case.findings);
            wrong.extend(
                findings
                    .filter(|finding| match finding.severity {
                        Severity::Violation => true,
                        Severity::Deviation => !may.contains(&finding.requirement),
                        Severity::Observation => false,
                    })
                    .map(|finding| {
                        let place = &finding.pointer;
                        format!("{}: {} {place}", variant.name(), finding.requirement)
                    }),
            );
        }
        wrong
    };
    let (one, other) = Variant::ALL.split_at(Variant::ALL.len() / 2);
    let found = std::thread::scope(|scope| {
        let first = scope.spawn(|| wrong(one));
        let second = wrong(other);
        [first.join().expect("a thread that ends"), second].concat()
    });
    let found: BTreeSet<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A run that only reads, which is enough to meet each answer of a variant.
fn reading(variant: &str) -> Asked {
    Asked { allow: Effect::Read, ..version("4.1.0").variant(variant) }
}

/// From what a variant may deviate.
fn deviates() -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/deviates.toml");
    let text = std::fs::read_to_string(path).expect("a file");
    let mut tables: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(&text).expect("a list of requirements for each variant that deviates");
    tables.remove("deviates").expect("the table")
}

#[test]
fn a_wrong_appliance_is_caught_in_its_recording() {
    let lab = lab();
    for (fault, requirement) in [
        ("aicc-version-number", "appliance.get/body/appliance/version"),
        ("aicc-status-202", "appliance.get/status/200"),
        ("aicc-text-html", "appliance.get/media-type"),
        ("lock-id-number", "sftp-locks.list/body/id"),
        ("lock-id-short", "sftp-locks.list/body/id"),
        ("error-keys-only", "sftp-locks.list/status/401/message"),
        ("start-without-job-id", "backup.transfer/body/jobId/presence"),
    ] {
        let found = recorded(&lab, &version("4.1.0").fault(fault));
        let broken: BTreeSet<&str> = found
            .cases
            .iter()
            .flat_map(|case| &case.findings)
            .filter(|finding| finding.severity > Severity::Observation)
            .map(|finding| finding.requirement.as_str())
            .collect();
        assert!(broken.contains(requirement), "{fault}: {broken:?}");
    }
}

/// Recordings of real appliances lie beside the project, where its authors have them.
fn beside() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/recordings");
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("vcr")] {
        let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
        found.extend(files.filter(|path| {
            path.extension().is_some_and(|end| ["har", "yml"].iter().any(|one| end == *one))
        }));
    }
    found.sort();
    Some(found)
}

/// What is found in them that no page says, and why; `docs/recordings.md` tells it to people.
const EXPLAINED: &[(&str, &str)] = &[
    ("events.list/body ", "a printed sample whose body has no byte"),
    ("jobs.get/behaviour/same-job /id", "a printed sample of job 5 that shows job 6"),
    ("job/", "a printed sample of an older edition, with other members"),
];

#[test]
fn recordings_of_real_appliances_are_judged_without_an_accusation() {
    let Some(files) = beside() else {
        eprintln!(
            "skipped: recordings_of_real_appliances_are_judged_without_an_accusation: no \
             ../shared/recordings"
        );
        return;
    };
    assert!(files.len() > 50, "{}", files.len());
    let names: Vec<&str> = files.iter().map(|path| text(path)).collect();
    let (exit, report) = judged(&names);
    assert!(exit != 1 && exit != 2, "{exit}: {}", report["because"]);
    // Samples that were printed wrong deviate, as docs/recordings.md tells; what was recorded
    // doesn't.
    let findings = report["cases"].as_array().expect("cases").iter();
    let unexplained: Vec<String> = findings
        .flat_map(|case| case["findings"].as_array().expect("findings"))
        .filter(|finding| {
            let printed = finding["step"].as_str().is_some_and(|step| step.starts_with("gemdocs-"));
            finding["severity"] == "violation" || finding["severity"] == "deviation" && !printed
        })
        .map(|finding| {
            format!("{} {}", finding["requirement"].as_str().unwrap_or_default(), finding["step"])
        })
        .filter(|one| !EXPLAINED.iter().any(|(known, _)| one.starts_with(known)))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    assert_eq!(report["summary"]["findings"]["violation"], 0);
    assert!(report["recording"]["skipped"].as_array().unwrap().is_empty());
    // A cassette and the HAR that was made of it say the same.
    for (cassette, har) in [
        ("vcr/mock_aicc.yml", "miq-mock_aicc-lxca1.2.2.har"),
        ("vcr/stream.yml", "miq-stream-lxca2.2.0.har"),
        ("vcr/old-power_off.yml", "miq-old-20170607-power_off-lxca1.2.2.har"),
    ] {
        let find = |end: &str| {
            let found = names.iter().find(|name| name.ends_with(end));
            judged(&[found.unwrap_or_else(|| panic!("no {end}"))]).1
        };
        let (one, other) = (find(cassette), find(har));
        assert_eq!(one["conclusion"], other["conclusion"], "{cassette}");
        assert_eq!(one["summary"], other["summary"], "{cassette}");
        let outside = |report: &Value| {
            let rows = report["recording"]["outside"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| (row["path"].clone(), row["exchanges"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(outside(&one), outside(&other), "{cassette}");
    }
}
