//! The log: a line for each request, nothing secret in it, and nobody held up by it.
//!
//! Knows: the binary and its stderr. Must not know: the library behind it.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::support::command::signal;

use super::{Double, FIRST, LOCKS};

const SECOND: &str = "Authorization: Basic T1BFUkFUT1I6UEFTU1cwUkQ=";

#[test]
fn each_request_is_a_line_of_the_log_without_what_is_secret() {
    let double = Double::start(&["--fault", "locks.list: 503 on call 2"]);
    double.get(LOCKS);
    double.get(LOCKS);
    double.raw("GET", LOCKS, SECOND, "");
    double.raw("GET", LOCKS, "Authorization: Basic VVNFUklEOndyb25n", "");
    double.raw("DELETE", "/sessions/0123456789abcdef0123456789abcdef?password=PASSW0RD", FIRST, "");
    double.raw("POST", "/sessions", "Accept: */*", r#"{"UserId": "PASSW0RD", "password": "oops"}"#);
    let (exit, log) = double.end("TERM");
    assert_eq!(exit, 0);
    let lines: Vec<Vec<&str>> = log.lines().map(|line| line.split(' ').collect()).collect();
    let told: Vec<String> = lines.iter().map(|words| words[1..5].join(" ")).collect();
    assert_eq!(
        told,
        [
            "GET /aicc/service/sftp/locks 200 USERID",
            "GET /aicc/service/sftp/locks 503 -",
            "GET /aicc/service/sftp/locks 403 OPERATOR",
            "GET /aicc/service/sftp/locks 401 -",
            "DELETE /sessions/{id} 404 USERID",
            "POST /sessions 403 -",
        ]
    );
    for words in &lines {
        assert!(words[0].len() == 24 && words[0].ends_with('Z'), "{words:?}");
        assert!(
            words[5].parse::<f64>().is_ok_and(|took| (0.0..1000.0).contains(&took))
                && words[6] == "ms",
            "{words:?}"
        );
    }
    assert!(lines[1].join(" ").ends_with(" ms [locks.list: 503 on call 2]"), "{log}");
    for secret in ["PASSW0RD", "oops", "VVNFUklE", "0123456789abcdef"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn quiet_is_quiet() {
    let double = Double::start(&["--quiet"]);
    assert_eq!(double.get(LOCKS).0, 200);
    assert_eq!(double.end("TERM"), (0, String::new()));
}

#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let double = Double::start(&[]);
    let mut stream = double.connect();
    let request =
        format!("GET /_double/{} HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n", "x".repeat(180));
    // Far more than a pipe holds.
    let mut seen = 0;
    let mut chunk = vec![0; 1 << 16];
    for _ in 0..60 {
        stream.write_all(request.repeat(100).as_bytes()).expect("sent");
        let due = seen + 100;
        let mut text = String::new();
        while seen + text.matches("HTTP/1.1 599").count() < due || !text.ends_with('\n') {
            let read = stream.read(&mut chunk).expect("a reply within the bound");
            assert!(read > 0);
            text.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
        seen = due;
    }
    let mut double = double;
    signal(&double.child, "TERM");
    let start = Instant::now();
    // It ends although its last lines can't be written.
    assert_eq!(double.child.wait().expect("its end").code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut log = String::new();
    double.stderr.take().expect("its stderr").read_to_string(&mut log).expect("UTF-8");
    assert!(log.lines().count() < 6000, "the pipe would have held it all, so nothing was shown");
}
