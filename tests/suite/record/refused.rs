//! What may not pass: what is worse than allowed, what is no request, and what is for another
//! server.
//!
//! Knows: raw servers and raw clients. Must not know: the library behind it.

use std::io::Write as _;

use serde_json::Value;

use crate::support::command::json;
use crate::support::raw_server::RawServer;

use super::{Recording, har};

#[test]
fn what_is_worse_than_allowed_is_answered_with_403_and_never_sent() {
    const ALWAYS: usize = 3;
    let asked = |method: &str, target: &str, body: &str| {
        format!(
            "{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let copy = r#"{"action":"start","operation":"copy","uuid":"1","destination":"internal"}"#;
    let moves = r#"{"action":"start","operation":"move","uuid":"1","destination":"internal"}"#;
    let requests = [
        // What is needed: 0 read, 1 write, 2 destroy, 3 nothing is enough.
        (0, asked("GET", "/nodes", "")),
        (0, asked("GET", "/nodes/a%20b:c,%C3%A9;d%2Fe", "")),
        (2, asked("GET", "/ffdc/endpoint/ABC", "")),
        (2, asked("GET", "/aicc/%2e%2e/ffdc%2fendpoint;x=1/ABC", "")),
        (2, asked("GET", "/./discovery;x?refresh=true", "")),
        (2, "GET /aicc HTTP/1.1\r\nHost: x\r\nX-Original-URL: /ffdc/endpoint/A\r\n\r\n".to_owned()),
        (0, asked("POST", "/sessions", r#"{"UserId":"A","password":"Secret-1"}"#)),
        (0, asked("DELETE", "/sessions", "")),
        (1, asked("PUT", "/managementServer/data", copy)),
        (2, asked("PUT", "/managementServer/data", moves)),
        (2, asked("PUT", "/nodes/1", "{}")),
        (2, asked("POST", "/no/such/path", "{}")),
        (2, asked("GET", "/nodes?_method=DELETE", "")),
        (3, asked("PUT", "/managementServer/quiesce", "{}")),
        (3, asked("GET", "/managementServer/%71uiesce", "")),
        (3, asked("POST", "/a/../managementServer/data", copy)),
    ];
    for (level, word) in ["read", "write", "destroy"].into_iter().enumerate() {
        let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        let folder = tempfile::tempdir().unwrap();
        let recording = Recording::start(folder.path(), &server.url, &["--allow", word]);
        for (needed, request) in &requests {
            let reply = recording.ask(request);
            if *needed <= level && *needed < ALWAYS {
                assert!(reply.starts_with("HTTP/1.1 200"), "{word}: {request}: {reply}");
                continue;
            }
            assert!(reply.starts_with("HTTP/1.1 403"), "{word}: {request}: {reply}");
            let body = json(reply.split("\r\n\r\n").nth(1).unwrap());
            assert!(body["error"].as_str().unwrap().contains("refused by lxca-conform record"));
            let needs =
                ["read", "write", "destroy"].get(*needed).map_or(Value::Null, |w| (*w).into());
            assert_eq!(body["needs"], needs, "{request}");
        }
        let passed = requests.iter().filter(|(needed, _)| *needed <= level).count();
        assert_eq!(server.seen().len(), passed, "{word}");
        let head = "HEAD /managementServer/quiesce HTTP/1.1\r\nHost: x\r\n\r\n";
        let refused = recording.ask(head);
        assert!(refused.starts_with("HTTP/1.1 403") && refused.ends_with("\r\n\r\n"), "{refused}");
        let out = recording.out.clone();
        let (exit, rows) = recording.end();
        assert_eq!((exit, rows.len()), (0, requests.len() + 1));
        let refused = rows.iter().filter(|row| row["fault"]["kind"] == "refused").count();
        assert_eq!(refused, requests.len() + 1 - passed, "{word}");
        assert_eq!(har(&out).len(), passed, "what was refused is in no HAR");
        assert!(rows.iter().filter(|row| row["fault"].is_object()).all(|row| row["got"].is_null()));
    }
}

#[test]
fn a_request_that_is_none_and_one_for_another_server_are_never_sent() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &["--allow", "destroy"]);
    for request in [
        "GET http://192.0.2.1/nodes HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /nodes HTTP/1.1\r\nHost: x\r\nX: 1\rDELETE /nodes/1 HTTP/1.1\r\n\r\n",
        "GET /nodes HTTP/1.1\r\nHost: x\r\nX: 1\0\r\n\r\n",
        "GET /nodes HTTP/1.1\r\nHost: x\r\nX: 1\r\n\nDELETE /nodes/1 HTTP/1.1\r\n\r\n",
    ] {
        assert!(recording.ask(request).starts_with("HTTP/1.1 400"), "{request}");
    }
    let own = format!("GET {}/nodes HTTP/1.1\r\nHost: x\r\n\r\n", recording.url);
    assert!(recording.ask(&own).starts_with("HTTP/1.1 200"));
    assert_eq!(server.seen().len(), 1);
    assert_eq!(server.seen()[0].target(), "/nodes");
    recording.end();
}

#[test]
fn nothing_passes_in_another_protocol() {
    let stubborn = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";
    let server = RawServer::start(move |request, out| match request.target().as_str() {
        "/stubborn" => out.write_all(stubborn.as_bytes()),
        _ => out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let asked = |target: &str, protocol: &str| {
        recording.ask(&format!(
            "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n\
                Upgrade: {protocol}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n\
                DELETE /nodes/1 HTTP/1.1\r\nHost: x\r\n\r\n"
        ))
    };
    for protocol in ["websocket", "h2c"] {
        // What comes behind it is weighed as any other request.
        let reply = asked("/nodes", protocol);
        assert!(reply.starts_with("HTTP/1.1 200") && reply.contains("HTTP/1.1 403"), "{reply}");
        assert!(asked("/stubborn", protocol).starts_with("HTTP/1.1 502"));
    }
    for seen in server.seen() {
        let head = String::from_utf8_lossy(&seen.head).to_lowercase();
        assert!(head.starts_with("get /"), "{head}");
        assert!(!head.contains("upgrade") && !head.contains("http2-settings"), "{head}");
    }
    let (_, rows) = recording.end();
    let faults: Vec<_> = rows.iter().map(|row| row["fault"]["kind"].clone()).collect();
    assert_eq!(
        faults,
        ["null", "refused", "protocol", "null", "refused", "protocol"].map(|kind| match kind {
            "null" => Value::Null,
            kind => kind.into(),
        })
    );
}
