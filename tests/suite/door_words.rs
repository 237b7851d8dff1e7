//! What an appliance says at the door: a login or a first question that is refused is quoted, and a
//! password that must be changed ends the run.
//!
//! Knows: a server that answers as it is told, and the binary before it. Must not know: how an
//! error is read.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use tempfile::TempDir;

use crate::support::command::{Answer, lxca, read, text};

/// Answers each request with a status, a media type and a body.
type Reply = fn(&str) -> (u16, &'static str, String);

/// A server, and the request lines that it got.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn server(reply: Reply) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let kept = Arc::clone(&kept);
            thread::spawn(move || answer(stream, reply, &kept));
        }
    });
    Server { url, asked }
}

fn answer(stream: TcpStream, reply: Reply, kept: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut stream = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let request = line.rsplit_once(" HTTP").map_or("", |(request, _)| request).to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        reader.read_exact(&mut vec![0; length]).expect("a body");
        let (status, kind, body) = reply(&request);
        kept.lock().expect("the list").push(request);
        let cookie =
            if status == 200 { "Set-Cookie: JSESSIONID=0123456789abcdef; Path=/\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status} Word\r\nContent-Type: {kind}\r\n{cookie}Content-Length: \
            {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

fn run(server: &Server, auth: &str) -> (Answer, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let answer = lxca(&[
        "run",
        "--url",
        &server.url,
        "--user",
        "USERID",
        "--auth",
        auth,
        "--out",
        text(folder.path()),
    ]);
    (answer, folder)
}

fn error(id: &str, words: &str) -> String {
    json!({ "result": "failure", "messages": [{ "id": id, "text": words, "explanation": "" }] })
        .to_string()
}

#[test]
fn a_refused_login_is_quoted_whoever_wrote_the_server() {
    let replies: [Reply; 5] = [
        |_| {
            (
                403,
                "application/json",
                error("FQXHMSE0001I", "The maximum number of sessions is reached."),
            )
        },
        |_| {
            (
                401,
                "application/json",
                json!({ "error": "Unauthorized",
                    "message": "The maximum number of sessions is reached.",
                    "path": "/sessions" })
                .to_string(),
            )
        },
        |_| {
            (
                401,
                "application/problem+json",
                json!({ "title": "Unauthorized",
                    "detail": "The maximum number of sessions is reached." })
                .to_string(),
            )
        },
        |_| (503, "text/plain", "The maximum number\r\nof sessions is reached.\n".to_owned()),
        |_| {
            (
                401,
                "text/html",
                "<html><head><title>Error</title></head><body><p>The maximum \
                number of <b>sessions</b> is reached.</p></body></html>"
                    .to_owned(),
            )
        },
    ];
    for reply in replies {
        for auth in ["session", "basic"] {
            let server = server(reply);
            let (answer, folder) = run(&server, auth);
            let told = format!("{}{}", answer.stderr, read(&folder.path().join("report.md")));
            assert!(
                told.contains("The maximum number of sessions is reached."),
                "{auth}: {answer:?}"
            );
            if auth == "session" {
                assert_eq!(
                    (answer.exit, server.asked.lock().expect("the list").as_slice()),
                    (5, &["POST /sessions".to_owned()][..]),
                    "{answer:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_quoted_is_redacted_bounded_and_moves_no_cursor() {
    let server = server(|_| {
        (
            401,
            "text/plain",
            format!("\u{1b}[2Jno PASSW0RD for \u{202e}you {}", "and on ".repeat(2_000)),
        )
    });
    for auth in ["session", "basic"] {
        let (answer, folder) = run(&server, auth);
        assert_eq!(answer.exit, 5, "{answer:?}");
        for told in [&answer.stdout, &answer.stderr, &read(&folder.path().join("report.json"))] {
            assert!(!told.contains("PASSW0RD"), "{told}");
        }
        assert!(
            answer.stderr.contains("[redacted] for")
                && !answer.stderr.contains(['\u{1b}', '\u{202e}'])
                && answer.stderr.len() < 1_500,
            "{}",
            answer.stderr
        );
    }
}

/// The refusal of each request before the password was changed.
fn must_change() -> (u16, &'static str, String) {
    let words = "The password must be changed before this action.";
    (403, "application/json", error("FQXHMSE0253J", words))
}

/// An answer to the first question of a run.
fn version_told() -> (u16, &'static str, String) {
    (200, "application/json", json!({ "appliance": { "version": "4.1.0" } }).to_string())
}

#[test]
fn a_login_that_says_that_the_password_must_be_changed_ends_the_run_and_the_session() {
    let server = server(|request| match request {
        "POST /sessions" => (
            200,
            "application/json",
            json!({ "result": "success", "response": { "pwChangeRequired": true,
                "session": { "id": "0123456789abcdef" } } })
            .to_string(),
        ),
        "DELETE /sessions" => (200, "application/json", json!({ "result": "success" }).to_string()),
        "GET /aicc" => version_told(),
        _ => must_change(),
    });
    let (answer, _folder) = run(&server, "session");
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(
        answer.stderr.contains("pwChangeRequired")
            && answer.stderr.contains("must be changed first")
            && answer.stderr.contains("browser"),
        "{}",
        answer.stderr
    );
    assert!(!answer.stdout.contains("privilege"), "{}", answer.stdout);
    assert_eq!(
        server.asked.lock().expect("the list").as_slice(),
        ["POST /sessions", "DELETE /sessions"]
    );
}

#[test]
fn a_refusal_that_speaks_of_a_password_to_change_is_quoted_and_never_called_a_lack_of_privilege() {
    let closed = server(|_| must_change());
    let (answer, _folder) = run(&closed, "basic");
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(
        answer
            .stderr
            .contains("\"The password must be changed before this action. (FQXHMSE0253J)\"")
            && answer.stderr.contains("must be changed first"),
        "{}",
        answer.stderr
    );
    assert_eq!(closed.asked.lock().expect("the list").as_slice(), ["GET /aicc"]);
    // Where the first question is answered, each refusal after it is quoted.
    let open = server(|request| match request {
        "GET /aicc" => version_told(),
        _ => must_change(),
    });
    let (answer, folder) = run(&open, "basic");
    let report = read(&folder.path().join("report.json"));
    assert!(
        report.contains(
            "refused with 403: \\\"The password must be changed before this \
        action. (FQXHMSE0253J)\\\""
        ),
        "{answer:?}"
    );
    assert!(!report.contains("lacks a privilege"), "{answer:?}");
}
