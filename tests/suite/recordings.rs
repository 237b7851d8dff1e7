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

mod appliances;
mod judgement;
mod reading;
mod secrets;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Answer, json, lxca, text};

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
    let notes = report["notes"].to_string();
    assert!(!notes.contains("--insecure"), "nobody asked for that: {notes}");
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
