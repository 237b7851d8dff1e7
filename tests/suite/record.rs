//! `record`: what passes between a client and an appliance passes byte for byte, what may not pass
//! is refused, and what is kept of it holds no secret and can be judged.
//!
//! Knows: the binary, a raw server, raw clients. Must not know: the library behind it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::command::{Answer, Served, answer, binary, json, read, signal, text, until};
use crate::support::raw_server::RawServer;

/// A target file for an address.
fn target(folder: &Path, url: &str, more: &str) -> PathBuf {
    let file = folder.join("target.toml");
    fs::write(&file, format!("name = \"lab\"\nurl = \"{url}\"\n{more}")).unwrap();
    file
}

/// A proxy without a command, until it is asked to end.
struct Recording {
    child: Child,
    url: String,
    out: PathBuf,
}

impl Recording {
    fn start(folder: &Path, url: &str, more: &[&str]) -> Self {
        Self::start_with(folder, url, "", more)
    }

    /// With more lines in the target file.
    fn start_with(folder: &Path, url: &str, lines: &str, more: &[&str]) -> Self {
        let file = target(folder, url, lines);
        let out = folder.join("out");
        let mut child = binary()
            .args(["record", "--target", text(&file), "--out", text(&out)])
            .args(more)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned(), out }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own, and reads until its end.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn end(mut self) -> (i32, Vec<Value>) {
        signal(&self.child, "INT");
        let status = self.child.wait().unwrap();
        (status.code().unwrap(), exchanges(&self.out))
    }
}

/// The exchanges of a record, in the order of their requests.
fn exchanges(folder: &Path) -> Vec<Value> {
    let text = read(&folder.join("transcript.jsonl"));
    let mut rows: Vec<Value> =
        text.lines().map(json).filter(|row| row["row"] == "exchange").collect();
    rows.sort_by_key(|row| row["attempt"].as_u64());
    rows
}

fn har(folder: &Path) -> Vec<Value> {
    let har = json(&read(&folder.join("exchanges.har")));
    assert_eq!(har["log"]["version"], "1.2");
    har["log"]["entries"].as_array().unwrap().clone()
}

/// The binary as a recorder of a command.
fn recorded(folder: &Path, url: &str, more: &[&str], command: &[&str]) -> Answer {
    let file = target(folder, url, "");
    let out = folder.join("out");
    answer(
        binary()
            .args(["record", "--target", text(&file), "--out", text(&out)])
            .args(more)
            .arg("--")
            .args(command),
    )
}

#[test]
fn every_byte_passes_in_both_directions_but_those_that_name_the_other_side() {
    let reply = "HTTP/1.1 200 Fine  Thanks\r\nX-ODD:  spaced \r\nx-odd: again\r\nServer: L\u{e9}\r\n\
        Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n\
        5;ext=\"1\"\r\nhello\r\n0A\r\n, world...\r\n0\r\nX-Sum: 7\r\n\r\n";
    let server = RawServer::saying(reply);
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &["--allow", "destroy"]);
    let host = recording.url.trim_start_matches("http://").to_owned();
    let there = server.url.trim_start_matches("http://").to_owned();
    let body = "3;a=b\r\n{\"a\r\n004\r\n\":1}\r\n0\r\nX-Trailer: t\r\n\r\n";
    // A change has to have a path that nobody reads in two ways; whatever else passes as it is.
    let lines = ["GET /odd%2fpath/?q={\"x\"}&y=%7E", "POST /plain?q={\"x\"}&y=%7E"];
    let head = |line: &str, host: &str| {
        format!(
            "{line} HTTP/1.1\r\nHOST: {host}\r\nx-CaSe:no blank\r\n\
                Accept:  a\r\naccept: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
    };
    let mut stream = recording.connect();
    // Twice on one connection, and in pieces.
    for line in lines {
        let request = format!("{}{body}", head(line, &host));
        for piece in request.as_bytes().chunks(17) {
            stream.write_all(piece).unwrap();
        }
        let mut got = vec![0; reply.len()];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(String::from_utf8_lossy(&got), reply);
    }
    drop(stream);
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len()), (0, 2));
    for (request, line) in server.seen().iter().zip(lines) {
        assert_eq!(String::from_utf8_lossy(&request.head), head(line, &there));
        assert_eq!(String::from_utf8_lossy(&request.body), body);
    }
    assert_eq!(rows[0]["got"]["body"]["text"], "hello, world...");
    assert_eq!(rows[0]["sent"]["body"], "{\"a\":1}");
    assert_eq!(rows[0]["sent"]["target"], "/odd%2fpath/?q={\"x\"}&y=%7E");
}

#[test]
fn answers_without_a_length_without_a_body_and_before_the_real_one_pass_as_they_are() {
    let server = RawServer::start(|request, out| match request.target().as_str() {
        "/end" => {
            out.write_all(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")?;
            Err(std::io::ErrorKind::Other.into())
        }
        "/early" => {
            out.write_all(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n")
        }
        _ => out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"),
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let head = |line: &str| format!("{line} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(recording.ask(&head("GET /end")), "HTTP/1.0 200 OK\r\n\r\nuntil the end");
    assert_eq!(
        recording.ask(&head("GET /early")),
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"
    );
    assert_eq!(recording.ask(&head("HEAD /head")), "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    let (_, rows) = recording.end();
    let status: Vec<_> = rows.iter().map(|row| row["got"]["status"].as_u64().unwrap()).collect();
    assert_eq!(status, [200, 204, 200]);
}

#[test]
fn a_poll_that_waits_gets_each_piece_as_it_comes() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = RawServer::start(move |_, out| {
        out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")?;
        // The rest comes only after the client has seen the start.
        wait.lock().unwrap().recv_timeout(Duration::from_secs(30)).unwrap();
        out.write_all(b"3\r\ntwo\r\n0\r\n\r\n")
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let mut stream = recording.connect();
    stream.write_all(b"GET /poll HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = vec![0; 55];
    stream.read_exact(&mut start).unwrap();
    assert!(start.ends_with(b"3\r\none\r\n"), "{}", String::from_utf8_lossy(&start));
    go.send(()).unwrap();
    let mut rest = vec![0; 13];
    stream.read_exact(&mut rest).unwrap();
    assert_eq!(rest, b"3\r\ntwo\r\n0\r\n\r\n");
    assert_eq!(recording.end().1[0]["got"]["body"]["text"], "onetwo");
}

/// The most memory that a process had, in kilobytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn bodies_of_fifty_megabytes_pass_whole_in_bounded_memory() {
    const SIZE: usize = 50 << 20;
    let byte = |at: usize| u8::try_from(at.wrapping_mul(2_654_435_761) >> 7 & 0xff).unwrap();
    let server = RawServer::start(move |request, out| {
        let whole: Vec<u8> = (0..SIZE).map(byte).collect();
        if request.body.is_empty() {
            out.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n").as_bytes())?;
            out.write_all(&whole)
        } else {
            let same = request.body == whole;
            let status = if same { "201 Same" } else { "400 Other" };
            out.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes())
        }
    });
    let folder = tempfile::tempdir().unwrap();
    // What is kept of a body is bounded by the target file, whatever passes.
    let limits = "[limits]\nmax-body = \"4 MiB\"\n";
    let more = ["--allow", "destroy"];
    let recording = Recording::start_with(folder.path(), &server.url, limits, &more);
    let whole: Vec<u8> = (0..SIZE).map(byte).collect();
    let mut stream = BufReader::new(recording.connect());
    stream.get_mut().write_all(b"GET /ffdc HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
    }
    let mut got = vec![0; SIZE];
    stream.read_exact(&mut got).unwrap();
    assert!(got == whole, "each byte of the answer is as it was sent");
    let head = format!("POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    stream.get_mut().write_all(&whole).unwrap();
    line.clear();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 201 Same\r\n");
    drop(stream);
    let peak = peak(&recording.child);
    assert!(peak < 160 * 1024, "{peak} kB are less than three bodies");
    let (_, rows) = recording.end();
    assert_eq!(rows[0]["got"]["body"]["truncated"], true);
    assert!(rows[1]["sent"]["body"].as_str().unwrap().contains("52428800 bytes"));
}

/// Sends requests from several clients at once, each with a body that only it has.
fn flood(count: usize) {
    let server = RawServer::start(|request, out| {
        let body = format!("{{\"for\":\"{}\",\"got\":{}}}", request.target(), request.body.len());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        out.write_all(format!("{head}{body}").as_bytes())
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &["--allow", "destroy"]);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut stream = BufReader::new(recording.connect());
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= count {
                        break;
                    }
                    let body = "x".repeat(number % 1500);
                    let request = format!(
                        "POST /r/{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    stream.get_mut().write_all(request.as_bytes()).unwrap();
                    let wanted = format!("{{\"for\":\"/r/{number}\",\"got\":{}}}", body.len());
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        assert!(stream.read_line(&mut head).unwrap() > 0, "{number}: {head}");
                    }
                    let mut got = vec![0; wanted.len()];
                    stream.read_exact(&mut got).unwrap();
                    assert_eq!(String::from_utf8_lossy(&got), wanted);
                }
            });
        }
    });
    let out = recording.out.clone();
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len(), server.seen().len()), (0, count, count));
    for row in &rows {
        let target = row["sent"]["target"].as_str().unwrap();
        let number: usize = target.trim_start_matches("/r/").parse().unwrap();
        let body = format!("{{\"for\":\"{target}\",\"got\":{}}}", number % 1500);
        assert_eq!(row["got"]["body"]["text"], body.as_str());
        assert_eq!(row["sent"]["body"].as_str().unwrap_or_default().len(), number % 1500);
    }
    assert_eq!(har(&out).len(), count);
}

#[test]
fn no_byte_is_lost_on_ten_thousand_requests_with_eight_in_flight() {
    flood(10_000);
}

#[test]
fn cookies_and_addresses_keep_the_client_at_the_proxy() {
    let server = RawServer::start(|request, out| {
        let head = String::from_utf8_lossy(&request.head).into_owned();
        let host = head.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap_or_default();
        out.write_all(
            format!(
                "HTTP/1.1 302 Found\r\nLocation: http://{host}/next?a=b\r\n\
                    Set-Cookie: JSESSIONID=abc123def456; Domain={host}; Path=/; Secure; HttpOnly\r\n\
                    Content-Length: 0\r\n\r\n"
            )
            .as_bytes(),
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let url = recording.url.clone();
    let host = url.trim_start_matches("http://").to_owned();
    let reply = recording.ask(&format!(
        "GET /a HTTP/1.1\r\nHost: {host}\r\nReferer: {url}/from\r\nOrigin: {url}\r\n\r\n"
    ));
    assert_eq!(
        reply,
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {url}/next?a=b\r\n\
                Set-Cookie: JSESSIONID=abc123def456; Path=/; HttpOnly\r\nContent-Length: 0\r\n\r\n"
        )
    );
    let seen = String::from_utf8_lossy(&server.seen()[0].head).into_owned();
    assert!(seen.contains(&format!("Referer: {}/from\r\nOrigin: {}\r\n", server.url, server.url)));
    assert_eq!(server.seen().len(), 1, "no redirect is followed");
    // The record has what the appliance said, without the secret.
    let headers = recording.end().1[0]["got"]["headers"].to_string();
    assert!(headers.contains("Domain=") && headers.contains(&format!("{}/next", server.url)));
    assert!(!headers.contains("abc123def456"), "{headers}");
}

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
fn a_client_and_a_server_that_go_away_in_the_middle_lose_no_earlier_row() {
    let server = RawServer::start(|request, out| {
        if request.target() == "/breaks" {
            out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")?;
            return Err(std::io::ErrorKind::Other.into());
        }
        if request.target() == "/silent" {
            return Err(std::io::ErrorKind::Other.into());
        }
        if request.target() == "/endless" {
            out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                out.write_all(b"5\r\nagain\r\n")?;
            }
        }
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let head = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(recording.ask(&head("/nodes")).ends_with("{}"));
    // As much as came, and then the end: no more, and no answer of the proxy's own.
    assert!(recording.ask(&head("/breaks")).ends_with("\r\n\r\nonly this"));
    assert_eq!(recording.ask(&head("/silent")), "");
    let mut stream = recording.connect();
    stream.write_all(head("/endless").as_bytes()).unwrap();
    stream.read_exact(&mut [0; 2000]).unwrap();
    drop(stream);
    let out = recording.out.clone();
    until("the client's end is kept", || exchanges(&out).len() == 4);
    assert!(recording.ask(&head("/aicc")).ends_with("{}"));
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len()), (0, 5));
    let faults: Vec<&str> =
        rows.iter().map(|row| row["fault"]["message"].as_str().unwrap_or("whole")).collect();
    assert_eq!(faults[0], "whole");
    assert!(faults[1].contains("status 200") && faults[1].contains("after 9 bytes"), "{faults:?}");
    assert!(faults[2].contains("the appliance ended the connection without an answer"));
    assert!(faults[3].contains("the client ended the connection"), "{faults:?}");
    assert_eq!(faults[4], "whole");
    assert_eq!(har(&out).len(), 5);
}

#[test]
fn a_recorder_that_is_killed_leaves_whole_rows_and_a_whole_har() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path(), &server.url, &[]);
    for number in 0..20 {
        recording.ask(&format!("GET /nodes?n={number} HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    let out = recording.out.clone();
    until("all rows are there", || exchanges(&out).len() == 20);
    recording.child.kill().unwrap();
    recording.child.wait().unwrap();
    assert_eq!(exchanges(&out).len(), 20);
    assert_eq!(har(&out).len(), 20);
    let judged = answer(binary().args(["judge", text(&out)]));
    assert!([0, 1, 3].contains(&judged.exit), "{}", judged.stderr);
}

/// What the client of these tests asks, as a shell would with curl.
const CLIENT: &str = "set -e
body='{\"UserId\":\"USERID\",\"password\":\"PASSW0RD\"}'
curl -sf -c \"$1/jar\" -X POST \"$LXCA_URL/sessions\" -H 'content-type: application/json' \
-d \"$body\" -o \"$1/login.json\"
curl -sf -b \"$1/jar\" \"$LXCA_URL/nodes\" -o \"$1/nodes.json\"
curl -sf -b \"$1/jar\" \"$2/aicc?token=Very-S3cret\" -o \"$1/aicc.json\"
curl -sf -u USERID:PASSW0RD \"$2/aicc\" -o \"$1/aicc.json\"
";

#[test]
fn a_client_is_recorded_and_judged_and_no_secret_is_in_any_file() {
    let double = Served::start(&["--quiet"]);
    let folder = tempfile::tempdir().unwrap();
    let place = text(folder.path());
    let done =
        recorded(folder.path(), &double.url, &[], &["sh", "-c", CLIENT, "sh", place, "{url}"]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    let out = folder.path().join("out");
    assert_eq!((exchanges(&out).len(), har(&out).len()), (4, 4));
    let jar = read(&folder.path().join("jar"));
    let login = json(&read(&folder.path().join("login.json")));
    let mut secrets = vec!["PASSW0RD".to_owned(), "Very-S3cret".to_owned()];
    secrets.push("VVNFUklEOlBBU1NXMFJE".to_owned());
    let session = &login["response"]["session"];
    secrets.extend(
        ["id", "csrf"].iter().filter_map(|name| session[*name].as_str().map(str::to_owned)),
    );
    secrets.extend(
        jar.lines()
            .filter(|line| line.contains("JSESSIONID") || line.contains("csrf"))
            .filter_map(|line| line.split('\t').next_back().map(str::to_owned)),
    );
    assert!(secrets.len() >= 5, "{secrets:?}");
    for file in ["transcript.jsonl", "exchanges.har"] {
        let text = read(&out.join(file));
        assert!(!text.is_empty());
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in {file}");
        }
    }
    // The client got everything, the record has it, and it is judged as what it is.
    let nodes = json(&read(&folder.path().join("nodes.json")));
    let row = &exchanges(&out)[1];
    assert_eq!(json(row["got"]["body"]["text"].as_str().unwrap()), nodes);
    for what in [out.clone(), out.join("exchanges.har")] {
        let reports = folder.path().join("judged");
        let judged = answer(binary().args(["judge", text(&what), "--out", text(&reports)]));
        assert_eq!(judged.exit, 0, "{}{}", judged.stdout, judged.stderr);
        let report = json(&read(&reports.join("report.json")));
        assert_eq!(
            (&report["claim"], &report["target"]["kind"]),
            (&false.into(), &"recording".into())
        );
        let cases: Vec<&str> = report["cases"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        assert!(cases.contains(&"nodes.list::recorded-200-list"), "{cases:?}");
    }
    let gate = answer(binary().args(["gate", "--baseline", text(&out), "--candidate", text(&out)]));
    assert_eq!(gate.exit, 0, "{}{}", gate.stdout, gate.stderr);
    let shape = json(&answer(binary().args(["shape", text(&out)])).stdout);
    assert!(shape["$defs"]["nodes.list/200"].is_object());
    let html = answer(binary().args(["report", text(&out), "--format", "markdown"]));
    assert_eq!(html.exit, 0, "{}", html.stderr);
}

#[test]
fn the_end_of_the_command_is_the_end_of_the_recording_and_its_exit_says_how() {
    let double = Served::start(&["--quiet"]);
    let run = |url: &str, command: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        recorded(folder.path(), url, &[], command)
    };
    let curl = "curl -s \"$LXCA_URL/aicc\"; exit $0";
    let done = run(&double.url, &["sh", "-c", curl, "0"]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    assert!(done.stdout.contains("appliance"), "the command's own output passes: {}", done.stdout);
    let failed = run(&double.url, &["sh", "-c", curl, "7"]);
    assert_eq!(failed.exit, 3, "{}", failed.stderr);
    assert!(failed.stderr.contains("exit status: 7"), "{}", failed.stderr);
    let silent = run(&double.url, &["true"]);
    assert_eq!(silent.exit, 4, "{}", silent.stderr);
    assert!(silent.stderr.contains("LXCA_URL"), "{}", silent.stderr);
    let none = run(&double.url, &["/no/such/command"]);
    assert_eq!(none.exit, 2, "{}", none.stderr);
    let nobody = run("http://127.0.0.1:9", &["sh", "-c", curl, "0"]);
    assert_eq!(nobody.exit, 5, "{}", nobody.stderr);
    assert!(nobody.stdout.contains("got no answer"), "{}", nobody.stdout);
}

#[test]
fn both_sides_can_be_encrypted_and_trust_is_as_the_target_says() {
    let mut double = binary().args(["serve", "--tls", "--quiet"]).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(double.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let mut pin = String::new();
    BufReader::new(double.stderr.take().unwrap()).read_line(&mut pin).unwrap();
    let pin = pin.trim().trim_start_matches("certificate SHA-256 ").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let out = text(&folder.path().join("out")).to_owned();
    let curl = "curl -s -u USERID:PASSW0RD --cacert \"$LXCA_CA_FILE\" \"$LXCA_URL/aicc\"";
    let record = |more: &[&str]| {
        answer(
            binary()
                .args(["record", "--url", url.trim(), "--tls", "--out", &out])
                .args(more)
                .args(["--", "sh", "-c", curl]),
        )
    };
    let done = record(&["--pin-sha256", &pin]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    assert!(done.stdout.contains("appliance"), "{}", done.stdout);
    assert_eq!(exchanges(Path::new(&out))[0]["got"]["status"], 200);
    for wrong in [vec!["--pin-sha256", &"0".repeat(64)], vec![]] {
        let refused = record(&wrong);
        assert_eq!(refused.exit, 5, "{}", refused.stderr);
        assert_eq!(exchanges(Path::new(&out))[0]["fault"]["kind"], "tls");
    }
    assert_eq!(record(&["--insecure"]).exit, 0);
    double.kill().unwrap();
    double.wait().unwrap();
}

#[test]
fn a_folder_of_another_recording_is_refused_and_bad_targets_are_told() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let out = text(&recording.out).to_owned();
    let other =
        answer(binary().args(["record", "--url", &server.url, "--out", &out, "--", "true"]));
    assert_eq!(other.exit, 2, "{}", other.stderr);
    recording.end();
    for arguments in [
        &["record", "--", "true"][..],
        &["record", "--target", "/no/such.toml", "--", "true"],
        &["record", "--url", "nonsense", "--", "true"],
        &["record", "--url", "http://a:b@192.0.2.1", "--", "true"],
    ] {
        assert_eq!(answer(binary().args(arguments)).exit, 2, "{arguments:?}");
    }
}

#[test]
fn an_interrupt_ends_the_command_and_keeps_the_record() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let folder = tempfile::tempdir().unwrap();
    let file = target(folder.path(), &server.url, "");
    let out = folder.path().join("out");
    let mut child = binary()
        .args(["record", "--target", text(&file), "--out", text(&out), "--"])
        .args(["sh", "-c", "curl -s \"$LXCA_URL/nodes\"; exec sleep 600"])
        .spawn()
        .unwrap();
    until("its first row is there", || {
        out.join("transcript.jsonl").exists() && !exchanges(&out).is_empty()
    });
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let rows = exchanges(&out);
    assert_eq!(rows.len(), 1);
    let last = read(&out.join("transcript.jsonl"));
    assert_eq!(json(last.lines().last().unwrap())["ended_early"]["kind"], "interrupted");
}
