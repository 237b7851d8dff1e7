//! No secret of a client or of an appliance reaches a file, wherever it stands: by its name, by its
//! place, or because it was seen before.
//!
//! Knows: a raw server that tells secrets, raw requests, and every file that is left. Must not know:
//! the library behind it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::json;

use crate::support::command::{answer, binary, json, read, text};
use crate::support::raw_server::RawServer;

use super::Recording;

/// A secret of its own for each place.
fn secret(place: &str) -> String {
    format!("Zq7-{place}-Kx9")
}

/// What the server answers: a secret in each place that an answer has.
fn telling() -> RawServer {
    RawServer::start(|_, out| {
        let body = json!({
            "response": { "session": { "id": secret("session-id"), "csrf": secret("csrf") } },
            "bindPassword": secret("bind"),
            "snmp": {
                "communityName": secret("community"),
                "authPassphrase": secret("auth-phrase"),
                "privPassword": secret("priv"),
            },
            "password": { "value": secret("nested") },
            "passwords": [secret("list-a"), [secret("list-b")]],
            "log": json!({ "request": json!({ "accessToken": secret("in-text") }).to_string() })
                .to_string(),
        })
        .to_string();
        write!(
            out,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                Location: /sessions/{}?auth={}\r\nX-Api-Key: {}\r\n\
                WWW-Authenticate: Digest realm=\"lab\", nonce=\"{}\", opaque=\"{}\"\r\n\r\n{body}",
            body.len(),
            secret("location-id"),
            secret("location"),
            secret("header"),
            secret("nonce"),
            secret("opaque"),
        )
    })
}

/// What the client asks: a secret in each place that a request has.
fn requests() -> Vec<String> {
    let asked = |method: &str, target: &str, form: &str, body: &str| {
        format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {form}\r\n\
                Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let put = |form: &str, body: String| asked("PUT", "/x", form, &body);
    let members = json!({
        "password": { "value": secret("sent-nested"), "pin": 19_283_746 },
        "passwords": [secret("sent-list")],
        "text": json!({ "privateKey": secret("sent-in-text") }).to_string(),
    });
    let part = "Content-Disposition: form-data; name=\"password\"";
    vec![
        asked(
            "POST",
            "/sessions",
            "application/json",
            r#"{"UserId":"A","password":"Swordfish-1"}"#,
        ),
        asked("GET", &format!("/aicc?auth={}&x=1", secret("query")), "text/plain", ""),
        asked("GET", &format!("/aicc;jsessionid={}", secret("parameter")), "text/plain", ""),
        asked("DELETE", &format!("/sessions/{}", secret("path")), "text/plain", ""),
        put("application/json", members.to_string()),
        put(
            "multipart/form-data; boundary=B",
            format!("--B\r\n{part}\r\n\r\n{}\r\n--B--\r\n", secret("part")),
        ),
        put("text/xml", format!("<a><password>{}</password></a>", secret("xml"))),
        put(
            "application/yaml",
            format!(
                "a:\n  password: {}\n  passwords:\n  - {}\n",
                secret("yaml"),
                secret("yaml-list")
            ),
        ),
        put("application/x-www-form-urlencoded", format!("user=A&userPw={}", secret("form"))),
        put("text/plain", format!("x\npassword={}\n", secret("plain"))),
        format!(
            "GET /aicc HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Password: {}\r\n\
                Authorization: Digest username=\"A\", nonce=\"{}\", response=\"{}\"\r\n\r\n",
            secret("sent-header"),
            secret("sent-nonce"),
            secret("sent-response"),
        ),
    ]
}

/// Every file below a folder, with its text.
fn written(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            written(&path, found);
        } else {
            found.push((text(&path).to_owned(), read(&path)));
        }
    }
}

#[test]
fn no_secret_reaches_a_file_wherever_it_stands() {
    // What isn't allowed is kept too, as refused.
    for allow in ["read", "destroy"] {
        let server = telling();
        let folder = tempfile::tempdir().unwrap();
        let recording = Recording::start(folder.path(), &server.url, &["--allow", allow]);
        for request in requests() {
            assert!(recording.ask(&request).starts_with("HTTP/1.1 "), "{request}");
        }
        let out = recording.out.clone();
        let (_, rows) = recording.end();
        assert_eq!(rows.len(), requests().len());
        for (name, what) in [("judged", out.clone()), ("imported", out.join("exchanges.har"))] {
            let reports = folder.path().join(name);
            answer(binary().args(["judge", text(&what), "--out", text(&reports)]));
            assert!(reports.join("report.json").is_file(), "{name}");
        }
        let mut files = Vec::new();
        written(folder.path(), &mut files);
        for (file, text) in &files {
            let place = text.split("Zq7-").nth(1).map(|rest| rest.split("-Kx9").next());
            assert_eq!(place, None, "{allow}: {file}");
            assert!(!text.contains("Swordfish") && !text.contains("19283746"), "{allow}: {file}");
        }
        // What is no secret is kept.
        let body = json(rows[0]["got"]["body"]["text"].as_str().unwrap());
        assert_eq!(body["password"], json!({ "value": "[redacted]" }));
        assert_eq!(
            rows[0]["got"]["headers"][4][1],
            "Digest realm=\"lab\", nonce=\"[redacted]\", opaque=\"[redacted]\""
        );
        assert_eq!(rows[1]["sent"]["target"], "/aicc?auth=[redacted]&x=1");
        assert_eq!(rows[3]["sent"]["target"], "/sessions/[redacted]");
        assert_eq!(rows[8]["sent"]["body"], "user=A&userPw=[redacted]");
    }
}

#[test]
fn a_har_that_somebody_else_made_is_read_without_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let login = json!({ "response": { "session": { "id": secret("session-id") } } }).to_string();
    let entry = |method: &str, url: &str, body: &str| {
        json!({
            "startedDateTime": "2026-01-01T00:00:00Z", "time": 1,
            "request": { "method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [] },
            "response": {
                "status": 200, "statusText": "", "httpVersion": "HTTP/1.1",
                "headers": [{ "name": "Content-Type", "value": "application/json" }],
                "content": { "size": body.len(), "mimeType": "application/json", "text": body },
            },
        })
    };
    let entries = [
        entry("POST", "https://lxca/sessions", &login),
        entry("GET", "https://lxca/aicc", &format!("{{\"echo\":\"{}\"}}", secret("session-id"))),
        entry("GET", "https://lxca/nodes", &format!("{{\"passwords\":[\"{}\"]}}", secret("list"))),
        entry("DELETE", &format!("https://lxca/sessions/{}", secret("path")), "{}"),
    ];
    let har = folder.path().join("browser.har");
    let whole = json!({ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" }, "entries": entries } });
    fs::write(&har, whole.to_string()).unwrap();
    let reports = folder.path().join("judged");
    answer(binary().args(["judge", text(&har), "--out", text(&reports)]));
    let mut files = Vec::new();
    written(&reports, &mut files);
    assert!(files.len() > 1);
    for (file, text) in &files {
        assert!(!text.contains("Zq7-"), "{file}");
    }
}
