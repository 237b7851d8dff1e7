//! `run --wait`: an appliance that is starting is waited for, and a refusal isn't.
//!
//! Knows: the binary before a double that starts late or says that it is starting. Must not know:
//! how it is asked.

#![allow(clippy::expect_used, reason = "a test stops where something is not as it has to be")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::support::command::{Answer, Served, answer, binary, lxca, report, text};
use crate::support::hostile_server;
use crate::support::wire::Recorder;

fn arguments<'a>(url: &'a str, wait: &'a str, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec![
        "run",
        "--url",
        url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--filter",
        "sftp-locks.list::*",
        "--wait",
        wait,
        "--out",
        text(out),
    ];
    all.extend(more);
    all
}

fn waited(url: &str, wait: &str, folder: &TempDir, more: &[&str]) -> Answer {
    lxca(&arguments(url, wait, &folder.path().join("out"), more))
}

/// The logins among what was asked.
fn logins(recorder: &Recorder) -> usize {
    recorder.lines().iter().filter(|line| *line == "POST /sessions").count()
}

#[test]
fn an_appliance_that_says_that_it_is_starting_is_waited_for_and_logged_in_to_once() {
    let double = Served::start(&["--quiet"]);
    let (login, identity) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let recorder = Recorder::between(&double.url, move |seen| {
        let page = || {
            let body = "<html><body>The management server is starting.</body></html>";
            Some(hostile_server::answer("200 OK", &["content-type: text/html"], body))
        };
        match seen.line().as_str() {
            "POST /sessions" if login.fetch_add(1, Ordering::SeqCst) == 0 => page(),
            "GET /aicc" if identity.fetch_add(1, Ordering::SeqCst) < 2 => {
                Some(hostile_server::answer("503 Service Unavailable", &[], ""))
            }
            _ => None,
        }
    });
    let folder = TempDir::new().expect("a temporary folder");
    let answer = waited(&recorder.url, "2m", &folder, &[]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let lines: Vec<String> = recorder.lines().into_iter().take(5).collect();
    // The login that was answered with a page opened nothing; the one that was accepted stays.
    assert_eq!(lines, ["POST /sessions", "GET /aicc", "POST /sessions", "GET /aicc", "GET /aicc"]);
    assert_eq!(logins(&recorder), 2);
    assert!(answer.stderr.contains("POST /sessions answered 200 with a page"), "{}", answer.stderr);
    assert!(answer.stderr.contains("GET /aicc answered 503"), "{}", answer.stderr);
    let report = report(&folder.path().join("out"));
    let notes = report["notes"].to_string();
    assert!(notes.contains("wasn't up at first") && notes.contains("asked 3 times"), "{notes}");
}

#[test]
fn an_appliance_that_isnt_there_yet_is_waited_for() {
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("its address").port().to_string()
    };
    let url = format!("http://127.0.0.1:{port}");
    let folder = TempDir::new().expect("a temporary folder");
    let out = folder.path().join("out");
    let mut run = binary()
        .env("LXCA_PASSWORD", "PASSW0RD")
        .args(arguments(&url, "5m", &out, &[]))
        .spawn()
        .expect("the binary starts");
    let mut stderr = BufReader::new(run.stderr.take().expect("its stderr"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("a line");
    assert!(line.contains("isn't up yet") && line.contains("(connect)"), "{line}");
    let _double = Served::start(&["--quiet", "--port", &port]);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("its stderr");
    let status = run.wait().expect("its end");
    assert_eq!(status.code(), Some(0), "{rest}");
}

#[test]
fn when_the_time_is_over_it_says_what_was_seen_last() {
    let recorder = Recorder::answering(|_| {
        hostile_server::answer("502 Bad Gateway", &["content-type: text/html"], "<html>no</html>")
    });
    let folder = TempDir::new().expect("a temporary folder");
    let answer = waited(&recorder.url, "500ms", &folder, &[]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    let because = report(&folder.path().join("out"))["because"].to_string();
    for word in ["wasn't up within 500 ms", "last seen: POST /sessions answered 502"] {
        assert!(because.contains(word) && answer.stdout.contains(word), "{word}: {answer:?}");
    }
    // Without --wait, one question is enough.
    recorder.forget();
    let out = folder.path().join("again");
    let all = arguments(&recorder.url, "1s", &out, &[]);
    let short: Vec<&str> =
        all.into_iter().filter(|word| !["--wait", "1s"].contains(word)).collect();
    assert_eq!(lxca(&short).exit, 5);
    assert_eq!(logins(&recorder), 1);
}

#[test]
fn refusals_arent_waited_out() {
    let folder = TempDir::new().expect("a temporary folder");
    let double = Served::start(&["--quiet"]);
    let recorder = Recorder::before(&double.url);
    let out = folder.path().join("refused");
    let refused = answer(binary().env("LXCA_PASSWORD", "wrong").args(arguments(
        &recorder.url,
        "1h",
        &out,
        &[],
    )));
    assert_eq!(refused.exit, 5, "{refused:?}");
    assert_eq!(logins(&recorder), 1);
    assert!(!refused.stderr.contains("isn't up yet"), "{}", refused.stderr);
    // A certificate that isn't the pinned one.
    let double = Served::start(&["--quiet", "--tls"]);
    let pin = "0".repeat(64);
    let answer = waited(&double.url, "1h", &folder, &["--pin-sha256", &pin]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(!answer.stderr.contains("isn't up yet"), "{}", answer.stderr);
    // A time that is none.
    let answer = waited("http://127.0.0.1:1", "soon", &folder, &[]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(answer.stderr.contains("such as 30s, 15m or 1h"), "{}", answer.stderr);
}

#[test]
fn a_connection_that_ends_in_the_handshake_is_waited_out() {
    // It takes a connection, and ends it before any word of TLS.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let ending = format!("https://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut hello = [0; 1024];
            let _ = stream.read(&mut hello);
        }
    });
    let folder = TempDir::new().expect("a temporary folder");
    let answer = waited(&ending, "500ms", &folder, &["--insecure"]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stdout.contains("wasn't up within 500 ms"), "{answer:?}");
}
