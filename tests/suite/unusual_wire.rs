//! What comes in a way that few servers choose is read all the same, and accuses nobody: whole runs
//! of the binary.
//!
//! Knows: the binary, the double behind it, and the bytes between the two. Must not know: how the
//! client reads them.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::wire;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Served, lxca, read, report, text};
use crate::support::wire::Recorder;

/// An answer, taken apart.
struct Whole {
    head: String,
    body: Vec<u8>,
}

impl Whole {
    fn of(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).expect("a head of text");
        let kept: Vec<&str> = head
            .lines()
            .filter(|line| !line.to_ascii_lowercase().starts_with("content-length:"))
            .collect();
        Self { head: kept.join("\r\n"), body: bytes[end + 4..].to_vec() }
    }

    /// The answer with these lines behind its status line, and its length.
    fn with(self, lines: &str) -> Vec<u8> {
        let length = if self.head.contains(" 204 ") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", self.body.len())
        };
        self.framed(&format!("{lines}{length}"))
    }

    /// The answer with these lines behind its status line.
    fn framed(self, lines: &str) -> Vec<u8> {
        let head = if self.head.contains("\r\n") {
            self.head.replacen("\r\n", &format!("\r\n{lines}"), 1)
        } else {
            format!("{}\r\n{lines}", self.head)
        };
        [format!("{}\r\n\r\n", head.trim_end()).as_bytes(), &self.body].concat()
    }
}

type Change = fn(Whole) -> (Vec<u8>, bool);

/// The cases of locks that wait for nothing.
const LOCKS: &[&str] = &[
    "sftp-locks.create::*",
    "sftp-locks.get::*",
    "sftp-locks.delete::*",
    "sftp-locks.list::lists-*",
    "sftp-locks.list::serves-*",
    "sftp-locks.list::refuses-*",
];

fn filters<'a>(globs: &'a [&str]) -> impl Iterator<Item = &'a str> {
    globs.iter().flat_map(|glob| ["--filter", glob])
}

/// Judges the double with its answers changed on their way; the exit code and the report.
fn run(change: Change, globs: &[&str]) -> (i32, Value, Recorder) {
    let served = Served::start(&[]);
    let front = Recorder::changing(&served.url, move |_, bytes| change(Whole::of(&bytes)));
    let folder = TempDir::new().expect("a temporary folder");
    let asked: Vec<&str> = [
        "run",
        "--url",
        &front.url,
        "--user",
        "USERID",
        "--out",
        text(folder.path()),
        "--allow",
        "write",
    ]
    .into_iter()
    .chain(filters(globs))
    .collect();
    let answer = lxca(&asked);
    assert!(folder.path().join("report.json").exists(), "{answer:?}");
    (answer.exit, report(folder.path()), front)
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

fn deflated(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn what_is_right_and_unusual_on_the_wire_accuses_nobody() {
    let changes: [(&str, Change, &str); 11] = [
        (
            "a charset as a content coding",
            |whole| (whole.with("Content-Encoding: UTF-8\r\n"), false),
            "isn't known (utf-8)",
        ),
        (
            "no content coding by name",
            |whole| (whole.with("Content-Encoding: none\r\n"), false),
            "isn't known (none)",
        ),
        ("as it is", |whole| (whole.with(""), false), "plain HTTP"),
        (
            "deflate without its head",
            |mut whole| {
                whole.body = if whole.body.is_empty() { Vec::new() } else { deflated(&whole.body) };
                (whole.with("Content-Encoding: deflate\r\n"), false)
            },
            "compressed (deflate)",
        ),
        (
            "gzip as a coding of the transfer",
            |mut whole| {
                if whole.body.is_empty() {
                    return (whole.with(""), false);
                }
                whole.body = gzipped(&whole.body);
                whole.body = [
                    format!("{:X};name=value\r\n", whole.body.len()).as_bytes(),
                    &whole.body,
                    b"\r\n0\r\nX-Trailer: 1\r\n\r\n",
                ]
                .concat();
                (whole.framed("Transfer-Encoding: gzip, Chunked\r\n"), false)
            },
            "compressed (gzip)",
        ),
        (
            "folded lines",
            |whole| (whole.with("X-Folded: one\r\n two\r\n\tthree\r\n"), false),
            "plain HTTP",
        ),
        (
            "a blank before the colon, and 200 lines",
            |whole| (whole.with(&"X-Detail : none\r\n".repeat(200)), false),
            "plain HTTP",
        ),
        (
            "a line that isn't HTTP",
            |whole| (whole.with("this line has no colon\r\nX-Control: \x01\r\n"), false),
            "parsed leniently, skipping invalid header lines",
        ),
        ("a connection that ends without a word", |whole| (whole.with(""), true), ""),
        ("a body that ends with the connection", |whole| (whole.framed(""), true), "plain HTTP"),
        (
            "a coding of the transfer that is none",
            |whole| {
                let lines = format!(
                    "Transfer-Encoding: identity\r\nContent-Length: {}\r\n",
                    whole.body.len()
                );
                if whole.body.is_empty() {
                    (whole.with(""), false)
                } else {
                    (whole.framed(&lines), false)
                }
            },
            "plain HTTP",
        ),
    ];
    std::thread::scope(|scope| {
        for (name, change, noted) in changes {
            scope.spawn(move || {
                let (exit, report, _) = run(change, LOCKS);
                assert_eq!(
                    (exit, &report["summary"]["findings"]["violation"]),
                    (0, &Value::from(0)),
                    "{name}: {} {}",
                    report["because"],
                    notes(&report)
                );
                assert!(notes(&report).contains(noted), "{name}: {}", notes(&report));
            });
        }
    });
}

#[test]
fn what_cant_be_unpacked_is_named_and_only_what_is_broken_is_a_violation() {
    let unknown: Change = |mut whole| {
        whole.body = whole.body.iter().map(|byte| byte ^ 0x80).collect();
        (whole.with("Content-Encoding: compress\r\n"), false)
    };
    let (exit, report, _) = run(unknown, &["sftp-locks.list::lists-locks"]);
    assert_eq!(exit, 3, "{}", report["because"]);
    assert!(
        report["cases"].to_string().contains("this build can't decode `compress`"),
        "{}",
        report["cases"]
    );
    let broken: Change = |mut whole| {
        if whole.body.starts_with(b"[") {
            whole.body = gzipped(&whole.body);
            whole.body.truncate(whole.body.len() - 9);
            return (whole.with("Content-Encoding: gzip\r\n"), false);
        }
        (whole.with(""), false)
    };
    let (exit, report, _) = run(broken, &["sftp-locks.list::lists-locks"]);
    assert_eq!(exit, 1, "{}", report["because"]);
    assert!(
        report["cases"].to_string().contains("says that it is packed with gzip"),
        "{}",
        report["cases"]
    );
}

#[test]
fn a_server_that_ends_connections_without_a_word_loses_no_change() {
    let (exit, report, front) = run(|whole| (whole.with(""), true), LOCKS);
    assert_eq!(
        (exit, report["summary"]["cases"]["unresolved"].as_u64()),
        (0, Some(0)),
        "{}",
        report["because"]
    );
    assert_eq!(front.connections(), front.seen().len(), "each request has a connection of its own");
    assert!(front.seen().iter().filter(|seen| seen.method == "POST").count() > 5);
}

#[test]
fn the_server_shows_each_unusual_head_that_it_is_told_to_show() {
    // Side by side, because a run waits for locks to expire.
    std::thread::scope(|scope| {
        for (variant, shown) in [
            ("folded-header", "X-Folded: one\r\n two\r\n\tthree\r\n"),
            ("blank-before-colon", "Date : "),
            ("early-hints", "HTTP/1.1 103 Early Hints\r\n"),
            ("two-hundred-headers", "X-Detail-199: none\r\n"),
        ] {
            scope.spawn(move || shows(variant, shown));
        }
    });
}

fn shows(variant: &str, shown: &str) {
    let served = Served::start(&["--variant", variant]);
    let address = served.url.trim_start_matches("http://");
    let login = [("authorization", "Basic VVNFUklEOlBBU1NXMFJE")];
    let said = wire::ask(address, "GET", "/aicc", &login, "");
    assert!(said.contains(shown) && said.contains("appliance"), "{variant}: {said}");
    let folder = TempDir::new().expect("a temporary folder");
    let out = text(folder.path());
    let asked: Vec<&str> =
        ["run", "--url", &served.url, "--user", "USERID", "--out", out, "--allow", "write"]
            .into_iter()
            .chain(filters(LOCKS))
            .collect();
    let answer = lxca(&asked);
    assert_eq!(answer.exit, 0, "{variant}: {answer:?}");
}

/// Judges the forms of one request through a front that does this instead of answering those with a
/// header of this name.
fn forms(header: &'static str, instead: &'static [u8], filter: &str) -> Value {
    let served = Served::start(&[]);
    let front = Recorder::changing(&served.url, move |seen, bytes| {
        if seen.method == "POST" && seen.header(header).is_some() {
            (instead.to_vec(), true)
        } else {
            (bytes, false)
        }
    });
    let folder = TempDir::new().expect("a temporary folder");
    lxca(&[
        "run",
        "--url",
        &front.url,
        "--user",
        "USERID",
        "--out",
        text(folder.path()),
        "--allow",
        "write",
        "--filter",
        filter,
    ]);
    report(folder.path())
}

#[test]
fn a_form_of_a_request_that_isnt_handed_on_or_is_refused_leaves_no_run_incomplete() {
    let refused = b"HTTP/1.1 411 Length Required\r\nContent-Type: \
        application/json\r\nContent-Length: 2\r\n\r\n{}";
    for (instead, why, deviations) in [
        (&b""[..], "a proxy in between may not forward such a request", 0),
        (&refused[..], "got 411", 1),
    ] {
        let report = forms("transfer-encoding", instead, "sftp-locks.create::takes-*");
        let cases = report["cases"].as_array().expect("cases");
        let case = cases
            .iter()
            .find(|case| case["id"] == "sftp-locks.create::takes-a-body-in-chunks")
            .expect("the case");
        assert_eq!(case["verdict"], "untested", "{case}");
        assert!(case["reason"].as_str().is_some_and(|reason| reason.contains(why)), "{case}");
        let summary = &report["summary"];
        assert_eq!(
            (
                &summary["cases"]["unresolved"],
                &summary["cases"]["fail"],
                &summary["findings"]["deviation"]
            ),
            (&0.into(), &0.into(), &deviations.into()),
            "{summary}"
        );
        assert!(summary["cases"]["pass"].as_u64().is_some_and(|pass| pass >= 2), "{summary}");
    }
    // Any proxy hands on what every request has: without an answer, nothing is known of the
    // appliance.
    let report = forms("content-type", b"", "sftp-locks.create::takes-escaped-letters");
    assert_ne!(report["summary"]["cases"]["unresolved"], 0, "{}", report["summary"]);
    assert_ne!(report["conclusion"], "conformant");
}

/// A number that no reader here holds accuses nobody, and a word that is no JSON does; neither is
/// asked for until the time of the job is over.
#[test]
fn a_job_whose_state_cant_be_read_is_not_asked_for_to_the_end_of_its_time() {
    for (told, findings) in [("1e400", 0), ("NaN", 1)] {
        let served = Served::start(&["--time-scale", "100"]);
        let jobs = AtomicUsize::new(0);
        let front = Recorder::changing(&served.url, move |seen, bytes| {
            let mut whole = Whole::of(&bytes);
            let is_job = seen.target.starts_with("/tasks/");
            // The first look, before the poll, is as it should be.
            if is_job && jobs.fetch_add(1, Ordering::Relaxed) > 0 {
                let rest = whole.body.strip_prefix(b"[").expect("a list");
                whole.body = [format!("[{told},").as_bytes(), rest].concat();
            }
            (whole.with(""), false)
        });
        let folder = TempDir::new().expect("a temporary folder");
        let out = text(folder.path());
        let asked =
            ["run", "--url", &front.url, "--user", "USERID", "--out", out, "--allow", "write"];
        let filter = ["--filter", "backup.transfer::copies-to-internal"];
        let answer = lxca(&[&asked[..], &filter].concat());
        let report = report(folder.path());
        let case = report["cases"]
            .as_array()
            .expect("cases")
            .iter()
            .find(|case| case["id"] == "backup.transfer::copies-to-internal");
        let case = case.expect("the case");
        assert_eq!(answer.exit, 3, "{told}: {case:#} {answer:?}");
        assert_eq!(case["findings"].as_array().map(Vec::len), Some(findings), "{told}: {case:#}");
        let polled = read(&folder.path().join("transcript.jsonl"));
        assert_eq!(polled.matches("\"step\":\"follow\"").count(), 3, "{told}");
        let reason = case["reason"].as_str().expect("a reason");
        assert!(reason.contains("3 answers in a row couldn't be read"), "{reason}");
        let again = lxca(&["judge", out]);
        assert_eq!(again.exit, 3, "{again:?}");
    }
}
