//! An appliance and an operation of our own invention, described in files only: another login,
//! another place for the version, a request table, a job. Checked in full, guarded and generated,
//! with no line of Rust in `src/`.
//!
//! Knows: `tests/fixtures/own/`, and a small server that behaves as it says, or not quite. Must not
//! know: how anything is judged.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::command::{Answer, json as parsed, lxca, read, report, text};
use crate::support::wire::{Recorder, Seen};

/// What the server does otherwise than its page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    /// It paints in any colour.
    AnyColour,
    /// Its reply names no job.
    NamelessJob,
    /// A job never dries.
    Broken,
    /// A refused request starts a job all the same.
    SecretJob,
    /// It is another product.
    OtherProduct,
    /// It answers the first of several gadgets alone.
    FirstOnly,
    /// It answers one that nobody asked for too.
    Stranger,
    /// It says another colour of a gadget than its list does.
    OtherColour,
    /// Its list has a single gadget.
    Single,
}

const TOKEN: &str = "tok-5f1c9e0b7a3d4826";

#[derive(Default)]
struct Works {
    /// Whether somebody is logged in.
    open: bool,
    /// How often each job was asked for.
    jobs: Vec<u32>,
}

impl Works {
    fn job(&mut self) -> String {
        self.jobs.push(0);
        format!("job-{}", self.jobs.len())
    }

    fn state(flaw: Flaw, asked: u32) -> &'static str {
        match (flaw, asked) {
            (_, 0..=1) => "painting",
            (Flaw::Broken, _) => "broken",
            _ => "done",
        }
    }

    fn answer(&mut self, flaw: Flaw, seen: &Seen) -> (u16, Option<Value>) {
        let refused = |status: u16, why: &str| (status, Some(json!({ "problem": why })));
        let path = seen.target.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        if (seen.method.as_str(), path) == ("POST", "/api/token") {
            if body["user"] != "USERID" || body["secret"] != "PASSW0RD" {
                return refused(401, "Nobody has that name and that secret.");
            }
            self.open = true;
            return (200, Some(json!({ "token": TOKEN })));
        }
        let shown = seen.header("authorization") == Some(&format!("Bearer {TOKEN}"));
        if !self.open || !shown {
            return refused(401, "Show the token of a login, please.");
        }
        match (seen.method.as_str(), path) {
            ("DELETE", "/api/token") => {
                self.open = false;
                (204, None)
            }
            ("GET", "/api/about") if flaw == Flaw::OtherProduct => {
                (200, Some(json!({ "about": "a kettle" })))
            }
            ("GET", "/api/about") => {
                (200, Some(json!({ "about": { "release": "2.3.0", "serial": "G-17" } })))
            }
            ("GET", "/api/gadgets") if flaw == Flaw::Single => {
                (200, Some(json!([{ "id": "g-1", "colour": "red" }])))
            }
            ("GET", "/api/gadgets") => {
                let third = json!({ "id": "g-3", "colour": "red" });
                let two = ["g-1", "g-2"].map(|id| json!({ "id": id, "colour": "red" }));
                (200, Some(Value::Array(two.into_iter().chain([third]).collect())))
            }
            ("GET", gadgets) if gadgets.starts_with("/api/gadgets/") => {
                let ids = gadgets.trim_start_matches("/api/gadgets/").replace("%2C", ",");
                let asked = ids.split(',').take(if flaw == Flaw::FirstOnly { 1 } else { 9 });
                let stranger = (flaw == Flaw::Stranger).then_some("g-9");
                let colour = if flaw == Flaw::OtherColour { "rust" } else { "red" };
                let rows = asked.chain(stranger).map(|id| json!({ "id": id, "colour": colour }));
                (200, Some(Value::Array(rows.collect())))
            }
            ("GET", "/api/jobs") => {
                let rows = self.jobs.iter().enumerate().map(|(index, asked)| {
                    json!({ "id": format!("job-{}", index + 1), "state": Self::state(flaw,
                        *asked + 2) })
                });
                (200, Some(Value::Array(rows.collect())))
            }
            ("PUT", "/api/gadgets") => {
                let right = body["gadget"] == "g-1"
                    && (flaw == Flaw::AnyColour
                        || body["colour"] == "red"
                        || body["colour"] == "green");
                if !right {
                    if flaw == Flaw::SecretJob && body["colour"] == "plaid" {
                        self.job();
                    }
                    return refused(400, "Only g-1 can be painted, red or green.");
                }
                let job = self.job();
                let named = if flaw == Flaw::NamelessJob { "" } else { job.as_str() };
                (200, Some(json!({ "job": named })))
            }
            ("GET", job) => {
                let number =
                    job.strip_prefix("/api/jobs/job-").and_then(|number| number.parse().ok());
                let Some(asked) =
                    number.and_then(|number: usize| self.jobs.get_mut(number.checked_sub(1)?))
                else {
                    return refused(404, "There is no such thing here.");
                };
                *asked += 1;
                (
                    200,
                    Some(json!([{ "id": job.trim_start_matches("/api/jobs/"),
                            "state": Self::state(flaw, *asked) }])),
                )
            }
            _ => refused(405, "This isn't done here."),
        }
    }
}

fn server(flaw: Flaw) -> Recorder {
    let works = Arc::new(Mutex::new(Works::default()));
    Recorder::answering(move |seen| {
        let (status, body) = works.lock().expect("no other request failed").answer(flaw, seen);
        let body = body.map(|body| body.to_string());
        let label = if body.is_some() { "content-type: application/json\r\n" } else { "" };
        let length = match &body {
            Some(body) => format!("content-length: {}\r\n", body.len()),
            None => String::new(),
        };
        format!("HTTP/1.1 {status} X\r\n{label}{length}\r\n{}", body.unwrap_or_default())
            .into_bytes()
    })
}

fn own(arguments: &[&str]) -> Answer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/own");
    let (contract, cases) = (folder.join("contract"), folder.join("cases"));
    let sources = ["--contract", text(&contract), "--catalogue", text(&cases)];
    lxca(&[arguments, &sources].concat())
}

/// A run with all of its changes allowed, and its report.
fn run(flaw: Flaw, generated: &str) -> (Recorder, Answer, Value, String) {
    let (server, folder) = (server(flaw), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let answer = own(&[
        "run",
        "--url",
        &server.url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--allow",
        "write",
        "--generated",
        generated,
        "--out",
        text(&out),
    ]);
    let transcript = read(&out.join("transcript.jsonl"));
    let report = report(&out);
    (server, answer, report, transcript)
}

fn verdict<'r>(report: &'r Value, claim: &str) -> &'r str {
    let id = format!("gadgets.paint::{claim}");
    report["cases"]
        .as_array()
        .and_then(|cases| cases.iter().find(|case| case["id"] == *id))
        .and_then(|case| case["verdict"].as_str())
        .unwrap_or_else(|| panic!("no case {id} in {}", report["cases"]))
}

/// The requirements of all findings above an observation, with their checks.
fn found(report: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    report["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .flat_map(|case| case["findings"].as_array().into_iter().flatten())
        .filter(|finding| finding["severity"] != "observation")
        .map(|finding| (text(finding, "check"), text(finding, "requirement")))
        .collect()
}

#[test]
fn a_right_appliance_of_another_make_is_conformant_and_logged_in_to_by_its_own_token() {
    let (server, answer, report, transcript) = run(Flaw::None, "all");
    assert_eq!(answer.exit, 0, "{answer:?}\n{:#}", report["cases"]);
    assert_eq!(report["conclusion"], "conformant");
    assert_eq!(report["target"]["version"], "2.3.0");
    assert_eq!(found(&report), [], "nothing is held against it");
    for claim in ["paints-a-gadget", "refuses-another-colour", "refuses-strangers"] {
        assert_eq!(verdict(&report, claim), "pass", "{claim}");
    }
    // The cases that follow from the request table.
    for claim in ["generated/paint/colour/missing", "generated/paint/gadget/null"] {
        assert_eq!(verdict(&report, claim), "pass", "{claim}");
    }
    let seen = server.seen();
    let lines = server.lines();
    assert_eq!(lines.iter().filter(|line| *line == "POST /api/token").count(), 1, "{lines:?}");
    assert_eq!(lines.last().map(String::as_str), Some("DELETE /api/token"));
    assert!(
        lines.contains(&"GET /api/about".to_owned()) && lines.contains(&"GET /api/jobs".to_owned())
    );
    let bearer = format!("Bearer {TOKEN}");
    let with: Vec<&Seen> =
        seen.iter().filter(|seen| seen.header("authorization") == Some(&bearer)).collect();
    assert!(with.len() * 2 > seen.len(), "{} of {}", with.len(), seen.len());
    assert!(with.iter().all(|seen| seen.header("cookie").is_none()), "no session but the token");
    for secret in [TOKEN, "PASSW0RD"] {
        assert!(!transcript.contains(secret), "{secret} is in the record");
        assert!(!report.to_string().contains(secret), "{secret} is in the report");
    }
}

#[test]
fn each_flaw_is_caught_at_the_requirement_of_its_own_file() {
    // Side by side, because each waits for jobs.
    std::thread::scope(|scope| {
        for (flaw, check, requirement, claim) in [
            (Flaw::AnyColour, "status", "gadgets.paint/colour", "refuses-another-colour"),
            (Flaw::NamelessJob, "semantics", "gadgets.paint/body/job/named", "paints-a-gadget"),
            (Flaw::Broken, "job", "gadgets.paint/behaviour/done", "paints-a-gadget"),
            (Flaw::SecretJob, "effect", "gadgets.paint/colour", "refuses-another-colour"),
        ] {
            scope.spawn(move || {
                let (_, answer, report, _) = run(flaw, "none");
                assert_ne!(answer.exit, 0, "{flaw:?}");
                assert_ne!(verdict(&report, claim), "pass", "{flaw:?}");
                let found = found(&report);
                let wanted = (check.to_owned(), requirement.to_owned());
                assert!(found.contains(&wanted), "{flaw:?}: {found:?}");
            });
        }
    });
}

#[test]
fn what_one_answer_says_of_the_rows_of_another_is_held_against_them() {
    let verdict = |report: &Value| {
        let cases = report["cases"].as_array().expect("cases");
        let case = cases.iter().find(|case| case["id"] == "gadgets.get::answers-each");
        case.expect("the case")["verdict"].as_str().expect("a verdict").to_owned()
    };
    for (flaw, requirement) in [
        (Flaw::FirstOnly, "gadgets.get/each"),
        (Flaw::Stranger, "gadgets.get/only"),
        (Flaw::OtherColour, "gadgets.get/same"),
    ] {
        let (_, _, report, _) = run(flaw, "none");
        let mut found = found(&report);
        found.dedup();
        assert_eq!(found, [("agreement".to_owned(), requirement.to_owned())], "{flaw:?}");
        assert_eq!(verdict(&report), "fail", "{flaw:?}");
    }
    let (server, _, report, _) = run(Flaw::None, "none");
    assert_eq!(verdict(&report), "pass");
    let asked = |line: &String| line.starts_with("GET /api/gadgets/");
    assert!(server.lines().iter().any(|line| asked(line) && !line.contains("g-3")), "two at most");
    let (server, _, report, _) = run(Flaw::Single, "none");
    assert_eq!(verdict(&report), "untested", "a list of one isn't a list of several");
    assert!(!server.lines().iter().any(asked), "{:?}", server.lines());
}

#[test]
fn another_product_is_told_by_the_name_of_this_one() {
    let (_, _, report, _) = run(Flaw::OtherProduct, "none");
    let text = report.to_string();
    assert!(text.contains("wasn't recognised as a Gadget Works"), "{text}");
    assert!(text.contains("no about.release") && !text.contains("LXCA"), "{text}");
}

#[test]
fn without_leave_nothing_of_it_is_changed_and_what_is_never_sent_is_its_own() {
    let server = server(Flaw::None);
    let folder = tempfile::tempdir().expect("a folder");
    let url = |path: &str| format!("{}{path}", server.url);
    let out = folder.path().join("out");
    let session = ["--user", "USERID", "--auth", "session"];
    let with = |command: &str, path: &str, more: &[&str]| {
        let url = url(path);
        own(&[&[command, "--url", &url][..], &session, more].concat())
    };
    let answer = with("run", "", &["--out", text(&out)]);
    assert_eq!(answer.exit, 4, "each of its cases would change something: {answer:?}");
    assert_eq!(server.lines(), Vec::<String>::new());
    let answer = with("run", "/Factory-Reset", &["--allow", "write", "--out", text(&out)]);
    assert_eq!((answer.exit, server.lines().len()), (2, 0), "{answer:?}");
    assert!(answer.stderr.contains("below /api/factory-reset"), "{}", answer.stderr);
    // What the pages of the built-in contract know is nothing here.
    let answer = with("run", "", &["--filter", "no-such::*", "--out", text(&out)]);
    assert_eq!(answer.exit, 4, "{answer:?}");

    let plan = parsed(&with("plan", "", &["--allow", "write", "--format", "json"]).stdout);
    let planned: Vec<String> = plan["requests"]
        .as_array()
        .expect("requests")
        .iter()
        .map(|row| {
            format!(
                "{} {}",
                row["method"].as_str().unwrap_or(""),
                row["path"].as_str().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(planned.first().map(String::as_str), Some("POST /api/token"), "{planned:?}");
    assert_eq!(planned[1..3], ["GET /api/about", "GET /api/gadgets"], "{planned:?}");
    assert_eq!(planned.last().map(String::as_str), Some("DELETE /api/token"), "{planned:?}");
}

#[test]
fn the_folders_are_without_a_problem_and_an_unknown_fact_is_told_by_those_of_the_appliance() {
    let answer = own(&["lint"]);
    assert_eq!(answer.exit, 0, "{answer:?}");
    let answer = own(&["run", "--fact", "backup.uuid=1"]);
    assert_eq!(answer.exit, 2, "{answer:?}");
    assert!(
        answer.stderr.contains("known facts are gadget, account.unprivileged"),
        "{}",
        answer.stderr
    );
}
