//! What leaves the process, as seen at the socket: nothing that wasn't allowed, nothing that the
//! plan didn't name.
//!
//! Knows: the binary, and the library where a run must not wait for real jobs. Must not know: the
//! guard or the plan from inside.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lxca_conform::builtin::{DoubleTime, RealTime};
use lxca_conform::catalogue::{Auth, Effect};
use lxca_conform::conduct::{self, Setup, conduct};
use lxca_conform::double::{Clock, InProcess, Options};
use lxca_conform::exchange::{FaultKind, Outgoing, Purpose};
use lxca_conform::plan::Scope;
use lxca_conform::store::{Row, TargetKind};
use lxca_conform::target;
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::built_in::{self, contract};
use crate::support::command::{
    Answer, Served, answer, binary, json, lxca, read, report, text, verdicts,
};
use crate::support::wire::{Recorder, Seen};

/// A target file in a folder of its own.
struct Named {
    folder: TempDir,
    file: PathBuf,
}

impl Named {
    fn new(url: &str, more: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("target.toml");
        fs::write(&file, format!("name = \"lab\"\nurl = \"{url}\"\n{more}")).expect("a file");
        Self { folder, file }
    }

    fn run(&self, more: &[&str]) -> Answer {
        lxca(&[&["run", "--target", text(&self.file), "--out", text(&self.out())], more].concat())
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }
}

const BASIC: &str = "[auth]\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n";
const SESSION: &str =
    "[auth]\nmethod = \"session\"\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n";

/// Everything that isn't a read.
fn changing(recorder: &Recorder) -> Vec<String> {
    recorder.seen().iter().filter(|seen| seen.method != "GET").map(Seen::line).collect()
}

// ---- read-only unless allowed

#[test]
fn without_allow_only_reads_leave_and_the_login_and_logout_of_the_session() {
    let served = Served::start(&[]);
    for (auth, expected) in [(BASIC, &[][..]), (SESSION, &["POST /sessions", "DELETE /sessions"])] {
        let recorder = Recorder::before(&served.url);
        let answer = Named::new(&recorder.url, auth).run(&[]);
        assert!([0, 3].contains(&answer.exit), "{answer:?}");
        assert!(recorder.seen().len() > 10, "{:?}", recorder.lines());
        assert_eq!(changing(&recorder), expected);
    }
}

/// The catalogue of the package, every file changed by `edit`.
fn doctored(edit: impl Fn(&str) -> String) -> TempDir {
    fn copy(from: &Path, to: &Path, edit: &dyn Fn(&str) -> String) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            let to = to.join(path.file_name().expect("a name"));
            if path.is_dir() {
                copy(&path, &to, edit);
            } else {
                fs::write(to, edit(&read(&path))).expect("a file");
            }
        }
    }
    let folder = TempDir::new().expect("a temporary folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("cases"), folder.path(), &edit);
    folder
}

#[test]
fn writes_that_are_labelled_as_reads_dont_leave_and_lint_refuses_the_labels() {
    let label = Regex::new(r#"(?m)^effect(\s*)= "(write|destroy)""#).unwrap();
    let catalogue = doctored(|text| label.replace_all(text, "effect$1= \"read\"").into_owned());
    let lint = lxca(&["lint", "--catalogue", text(catalogue.path())]);
    assert_eq!(lint.exit, 2, "{lint:?}");
    assert!(
        lint.stderr.contains("has the effect destroy if it is accepted")
            && lint.stderr.contains("has the effect write if it is accepted"),
        "{}",
        lint.stderr
    );
    let served = Served::start(&[]);
    for auth in [BASIC, SESSION] {
        let recorder = Recorder::before(&served.url);
        let target = Named::new(
            &recorder.url,
            &format!("{auth}[facts]\n\"push.destination\" = \"192.0.2.45\"\n"),
        );
        let answer = target.run(&["--catalogue", text(catalogue.path())]);
        assert!(
            [1, 3].contains(&answer.exit),
            "a run in which requests were refused is never conformant: {answer:?}"
        );
        let left: BTreeSet<String> =
            changing(&recorder).into_iter().filter(|line| !line.ends_with(" /sessions")).collect();
        assert_eq!(left, BTreeSet::new(), "{answer:?}");
        assert!(changing(&recorder).len() <= 2, "{:?}", changing(&recorder));
        let report = report(&target.out());
        assert!(
            report["summary"]["cases"]["unresolved"].as_u64() > Some(50),
            "{}",
            report["summary"]
        );
    }
}

fn transport(url: &str, allow: Effect) -> lxca_conform::transport::Transport {
    let mut target = target::Target::at("lab", url);
    target.allow = allow;
    conduct::transport(contract(), &target, TargetKind::Live).expect("a transport")
}

fn outgoing(method: &str, target: &str, body: Option<&str>, purpose: Purpose) -> Outgoing {
    Outgoing {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: body.map(str::to_owned),
        auth: Auth::Default,
        purpose,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

#[test]
fn the_transport_alone_refuses_what_isnt_allowed_before_it_connects() {
    let recorder =
        Recorder::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec());
    runtime().block_on(async {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for (allow, method, path, body) in [
            (Effect::Read, "PUT", "/managementServer/data", Some("{}")),
            (Effect::Read, "POST", "/aicc/service/sftp/locks", Some("{}")),
            (Effect::Read, "POST", "/sessions", Some("{}")),
            (Effect::Read, "PATCH", "/aicc", Some("{}")),
            (Effect::Read, "put", "/managementServer/data", Some("{}")),
            (Effect::Read, "get", "/managementServer/data", None),
            (Effect::Write, "DELETE", "/managementServer/data/1?location=internal", None),
            (Effect::Write, "PUT", "/managementServer/data", Some(r#"{"operation":"push"}"#)),
            (Effect::Write, "PUT", "/managementServer/data", Some(r#"{"operation":"\u0070ush"}"#)),
            (Effect::Write, "PUT", "//managementServer/%64ata", Some(r#"{"operation":"MOVE"}"#)),
        ] {
            for purpose in [Purpose::Case, Purpose::Discover, Purpose::Identify] {
                let exchange = transport(&recorder.url, allow)
                    .exchange("case", "step", 1, &outgoing(method, path, body, purpose), now)
                    .await;
                assert_eq!(
                    exchange.fault.as_ref().map(|fault| fault.kind),
                    Some(FaultKind::Refused),
                    "{method} {path} under {}",
                    allow.word()
                );
            }
        }
    });
    assert_eq!(recorder.connections(), 0);
}

#[test]
fn a_write_to_quiesce_never_leaves_whatever_is_allowed() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    runtime().block_on(async {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        for method in ["PUT", "POST", "DELETE", "PATCH", "put"] {
            for path in [
                "/managementServer/quiesce",
                "/managementServer/quiesce/",
                "/managementServer/%71uiesce?x=1",
                "/managementServer/data/../quiesce",
                "/managementServer/data/..%2Fquiesce",
                "//managementServer/./Quiesce;a=b",
            ] {
                for purpose in [Purpose::Case, Purpose::Cleanup, Purpose::Login, Purpose::Logout] {
                    let exchange = transport(&recorder.url, Effect::Destroy)
                        .exchange(
                            "case",
                            "step",
                            1,
                            &outgoing(method, path, Some("{}"), purpose),
                            now,
                        )
                        .await;
                    assert_eq!(
                        exchange.fault.as_ref().map(|fault| fault.kind),
                        Some(FaultKind::Refused),
                        "{method} {path}"
                    );
                }
            }
        }
    });
    assert_eq!(recorder.connections(), 0);
    // Nor does a case that was written to reach it.
    let catalogue = TempDir::new().expect("a temporary folder");
    let folder = catalogue.path().join("managementServer/data/{uuid}");
    fs::create_dir_all(&folder).expect("a folder");
    let case = "operation = \"backup.delete\"\n[[case]]\nid = \"restarts-the-server\"\ntitle = \
        \"A case that must never be sent\"\neffect = \"read\"\nrequest = \
        { method = \"PUT\", path = { uuid = \"../quiesce\" }, query = { location = \"internal\" } \
            }\nexpect = { status = [200] }\n";
    fs::write(folder.join("delete.toml"), case).expect("a file");
    for allow in ["read", "write", "destroy"] {
        let target = Named::new(&recorder.url, BASIC);
        let answer = target.run(&[
            "--catalogue",
            text(catalogue.path()),
            "--allow",
            allow,
            "--allow-bad-logins",
            "9",
        ]);
        assert_eq!(answer.exit, 3, "{answer:?}");
    }
    assert!(recorder.lines().iter().all(|line| line.starts_with("GET ")), "{:?}", recorder.lines());
    assert!(recorder.lines().len() >= 3, "the target was asked who it is");
    // And none of the cases of the package tries to.
    let plan = lxca(&["plan", "--allow", "destroy", "--format", "json"]);
    assert!(!plan.stdout.contains("quiesce"), "{}", plan.stdout);
}

// ---- the plan

fn rows(plan: &Value) -> Vec<Value> {
    plan["requests"].as_array().expect("requests").clone()
}

/// What a planned text matches: names in double braces stand for what is learnt in the run.
fn pattern(text: &str) -> Regex {
    let escaped = regex::escape(text);
    let names = Regex::new(r"\\\{\\\{.+?\\\}\\\}").unwrap();
    Regex::new(&format!("(?s)^{}$", names.replace_all(&escaped, ".+?"))).unwrap()
}

fn is(row: &Value, seen: &Seen) -> bool {
    let body = row["body"].as_str().unwrap_or_default();
    let credentials = seen.header("authorization").is_some() || seen.header("cookie").is_some();
    // A case without an account may still bring a header of its own that nobody can read. A login
    // brings the account in a body that no plan shows.
    let login = row["case"].is_null() && row["step"] == "login";
    let account = row["auth"] == "none" || login || credentials;
    row["method"] == seen.method.as_str()
        && pattern(row["path"].as_str().expect("a path")).is_match(&seen.target)
        && (login || pattern(body).is_match(&seen.text()))
        && account
}

/// The exchanges of a record: case (empty for the run's own), step, attempt.
fn exchanged(record: &str) -> Vec<(String, String, u64)> {
    let rows = record.lines().map(json).filter(|row| row["row"] == "exchange");
    rows.map(|row| {
        (
            row["case"].as_str().expect("a case").to_owned(),
            row["step"].as_str().expect("a step").to_owned(),
            row["attempt"].as_u64().expect("a number"),
        )
    })
    .collect()
}

/// Holds what the socket saw, with the names that the record gives to it, against the plan, in its
/// order: only a poll, and the look that goes with it, is asked more than once. Gives the planned
/// requests that weren't sent.
fn unsent(plan: &[Value], named: &[(String, String, u64)], seen: &[Seen]) -> Vec<Value> {
    assert_eq!(named.len(), seen.len(), "the record doesn't hold what was sent");
    let mut unsent: Vec<Value> = Vec::new();
    let mut next = 0;
    for ((case, step, attempt), request) in named.iter().zip(seen) {
        let place = plan.iter().position(|row| {
            row["case"].as_str().unwrap_or_default() == case && row["step"] == step.as_str()
        });
        let place = place.unwrap_or_else(|| {
            panic!("`{case}` step `{step}` isn't in the plan: {}", request.line())
        });
        let row = &plan[place];
        assert!(
            is(row, request),
            "`{case}` step `{step}` was sent as {} {}, planned is {row}",
            request.line(),
            request.text()
        );
        if *attempt > 1 && step != "login" {
            // Between two answers of a poll, the look that goes with it may have been asked for.
            let between = plan
                .get(place + 1..next)
                .is_some_and(|rows| rows.iter().all(|row| row["polls"] == true));
            assert!(row["polls"] == true && between, "`{case}` step `{step}` was sent again");
            continue;
        }
        if step == "login" && case.is_empty() && unsent.iter().any(|row| row["step"] == "login") {
            // The session beside a run that sends its password each time is opened when a step
            // first needs it.
            unsent.retain(|row| row["step"] != "login");
            continue;
        }
        assert!(place >= next, "`{case}` step `{step}` comes too late or twice");
        unsent.extend(plan[next..place].iter().cloned());
        next = place + 1;
    }
    unsent.extend(plan[next..].iter().cloned());
    unsent
}

#[test]
fn plan_connects_to_nobody() {
    let recorder = Recorder::answering(|_| Vec::new());
    for auth in [BASIC, SESSION] {
        let target = Named::new(&recorder.url, auth);
        for format in ["text", "json"] {
            for allow in ["read", "write", "destroy"] {
                let answer = lxca(&[
                    "plan",
                    "--target",
                    text(&target.file),
                    "--allow",
                    allow,
                    "--format",
                    format,
                ]);
                assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
            }
        }
    }
    // It doesn't need a password either.
    let answer = answer(binary().args(["plan", "--url", &recorder.url, "--user", "USERID"]));
    assert_eq!(answer.exit, 0, "{answer:?}");
    assert_eq!(recorder.connections(), 0);
}

#[test]
fn a_run_sends_what_the_plan_lists_in_its_order_and_nothing_else() {
    for (auth, allow) in
        [(BASIC, "read"), (SESSION, "read"), (BASIC, "destroy"), (SESSION, "destroy")]
    {
        runtime().block_on(async {
            let double = InProcess::start(Options::default(), Clock::real()).await;
            let recorder = Recorder::before(double.url());
            let secret = TempDir::new().expect("a temporary folder");
            let password = secret.path().join("password");
            fs::write(&password, "PASSW0RD").expect("a file");
            fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).expect("its mode");
            let from_file = |section: &str| {
                section.replace(
                    "password-env = \"LXCA_PASSWORD\"",
                    &format!("password-file = \"{}\"", password.display()),
                )
            };
            let second = from_file(
                "[unprivileged]\nuser = \"OPERATOR\"\npassword-env = \"LXCA_PASSWORD\"\n",
            );
            let named = Named::new(
                &recorder.url,
                &format!(
                    "{}{second}[facts]\n\"push.destination\" = \"192.0.2.45\"\n",
                    from_file(auth)
                ),
            );
            let answer = lxca(&[
                "plan",
                "--target",
                text(&named.file),
                "--allow",
                allow,
                "--allow-bad-logins",
                "3",
                "--generated",
                "none",
                "--format",
                "json",
            ]);
            assert_eq!((answer.exit, recorder.connections()), (0, 0), "{answer:?}");
            let plan = rows(&json(&answer.stdout));

            // The run itself, with the written cases as well, in this process, where a job doesn't
            // have to be waited for.
            let (contract, catalogue) = built_in::loaded();
            let mut target = target::load(&named.file, &contract.facts().collect::<Vec<_>>())
                .expect("the target loads");
            target.allow = if allow == "read" { Effect::Read } else { Effect::Destroy };
            // Side by side, reads are sent as answers come; the record has them in this order.
            target.limits.concurrency = 1;
            let scope = Scope {
                allow: target.allow,
                filters: Vec::new(),
                strict: false,
                facts: target.facts.clone(),
                bad_logins: 3,
                shard: None,
            };
            let pace = DoubleTime(double.clock().clone());
            let setup = Setup {
                contract,
                catalogue,
                target: &target,
                kind: TargetKind::Live,
                scope,
                out: None,
                pace: &pace,
                clock: &RealTime,
                observer: &|_| {},
                stop: None,
            };
            let outcome = conduct(setup).await.expect("a run comes to its end");
            assert_eq!(outcome.report.summary.cases.fail, 0, "{}", outcome.report.because);

            let seen = recorder.seen();
            let named: Vec<_> = outcome
                .rows
                .iter()
                .filter_map(|row| {
                    if let Row::Exchange(exchange) = row {
                        Some((
                            exchange.case.clone(),
                            exchange.step.clone(),
                            u64::from(exchange.attempt),
                        ))
                    } else {
                        None
                    }
                })
                .collect();
            let unsent = unsent(&plan, &named, &seen);
            let passed: BTreeSet<String> = outcome
                .report
                .cases
                .iter()
                .filter(|case| case.verdict == lxca_conform::judge::Verdict::Pass)
                .map(|case| case.id.clone())
                .collect();
            for row in unsent {
                let case = row["case"]
                    .as_str()
                    .unwrap_or_else(|| panic!("the run's own {} wasn't sent", row["step"]));
                assert!(
                    row["cleanup"] == true || !passed.contains(case),
                    "{case} passed without its step {}",
                    row["step"]
                );
            }
            assert!(seen.len() > if allow == "read" { 10 } else { 120 }, "{} requests", seen.len());
        });
    }
}

#[test]
fn a_run_follows_the_plan_whose_digest_is_approved_and_no_other() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    for auth in [BASIC, SESSION] {
        recorder.forget();
        let target = Named::new(&recorder.url, auth);
        let before = recorder.connections();
        let plan = |more: &[&str]| {
            json(
                &lxca(
                    &[&["plan", "--target", text(&target.file), "--format", "json"], more].concat(),
                )
                .stdout,
            )["digest"]
                .as_str()
                .expect("a digest")
                .to_owned()
        };
        let approved = plan(&[]);
        let told = lxca(&["plan", "--target", text(&target.file)]).stdout;
        assert!(told.contains(&format!("digest {approved}")), "the two forms of a plan differ");
        for (digest, more) in [
            (approved.as_str(), &["--allow", "write"][..]),
            (&plan(&["--allow", "write"]), &[]),
            ("sha256:0000", &[]),
            (&approved[..20], &[]),
            (&approved, &["--filter", "tasks.list::*"]),
        ] {
            let answer = target.run(&[&["--approve", digest], more].concat());
            assert_eq!(answer.exit, 2, "{digest} {more:?}: {answer:?}");
            assert!(answer.stderr.contains("lxca-conform plan"), "{}", answer.stderr);
            assert!(!target.out().exists());
        }
        assert_eq!(recorder.connections(), before, "something was sent that wasn't approved");
        let answer = target.run(&["--approve", &approved]);
        assert!([0, 3].contains(&answer.exit), "{answer:?}");
        assert!(recorder.seen().len() > 10);
    }
}

#[test]
fn an_approval_for_one_address_is_none_for_another() {
    let (one, other) = (Recorder::answering(|_| Vec::new()), Recorder::answering(|_| Vec::new()));
    let (one, there) = (Named::new(&one.url, BASIC), Named::new(&other.url, BASIC));
    let plan = json(&lxca(&["plan", "--target", text(&one.file), "--format", "json"]).stdout);
    let answer = there.run(&["--approve", plan["digest"].as_str().expect("a digest")]);
    assert_eq!((answer.exit, other.connections()), (2, 0), "{answer:?}");
}

#[test]
fn an_approved_plan_isnt_widened_by_a_target_that_says_it_is_the_double() {
    let served = Served::start(&[]);
    let recorder = Recorder::beside(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    let plan = json(&lxca(&["plan", "--target", text(&target.file), "--format", "json"]).stdout);
    let digest = plan["digest"].as_str().expect("a digest");
    let answer = target.run(&["--approve", digest, "--concurrency", "1"]);
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    unsent(
        &rows(&plan),
        &exchanged(&read(&target.out().join("transcript.jsonl"))),
        &recorder.seen(),
    );
}

// ---- whom it talks to

#[test]
fn another_appliance_than_expected_ends_with_5_after_login_identity_and_logout() {
    let served = Served::start(&[]);
    for (expected, told) in [
        ("version = \">=9.0\"", "4.1.0"),
        ("version = \"<4.1\"", "4.1.0"),
        ("uuid = \"00000000-0000-0000-0000-000000000000\"", "3a6c0e58-71d9-4f2b-9e84-05b7c1d82fa6"),
    ] {
        for (auth, lines) in [
            (BASIC, &["GET /aicc"][..]),
            (SESSION, &["POST /sessions", "GET /aicc", "DELETE /sessions"]),
        ] {
            let recorder = Recorder::before(&served.url);
            let target = Named::new(
                &recorder.url,
                &format!("allow = \"destroy\"\n{auth}[expect]\n{expected}\n"),
            );
            let answer = target.run(&[]);
            assert_eq!(answer.exit, 5, "{answer:?}");
            assert!(
                answer.stderr.contains(told) && answer.stderr.contains("was expected"),
                "{}",
                answer.stderr
            );
            assert_eq!(recorder.lines(), lines, "{expected}");
            assert_eq!(report(&target.out())["claim"], false);
        }
    }
    let recorder = Recorder::before(&served.url);
    let right = Named::new(
        &recorder.url,
        &format!(
            "{BASIC}[expect]\nversion = \">=4.1, <5\"\nuuid = \
            \"3A6C0E58-71D9-4F2B-9E84-05B7C1D82FA6\"\n"
        ),
    );
    assert!([0, 3].contains(&right.run(&[]).exit));
}

#[test]
fn what_an_appliance_is_too_old_for_is_unsupported_and_isnt_asked() {
    let served = Served::start(&["--version", "4.0.0"]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    let answer = target.run(&[
        "--allow",
        "write",
        "--filter",
        "sftp-locks.*",
        "--filter",
        "appliance.*",
        "--filter",
        "tasks.list::lists-jobs",
    ]);
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    let verdicts = verdicts(&report(&target.out()));
    let locks: Vec<_> = verdicts
        .iter()
        .filter(|(id, verdict)| id.starts_with("sftp-locks.") && !verdict.contains("untested"))
        .collect();
    assert!(locks.len() > 10, "{verdicts:?}");
    for (id, verdict) in locks {
        assert!(
            verdict.starts_with("\"unsupported\"")
                && verdict.contains("4.0.0")
                && verdict.contains("4.1"),
            "{id}: {verdict}"
        );
    }
    assert!(verdicts["tasks.list::lists-jobs"].starts_with("\"pass\""), "{verdicts:?}");
    assert!(!recorder.lines().iter().any(|line| line.contains("sftp")), "{:?}", recorder.lines());
}

#[test]
fn a_target_that_is_no_lxca_is_named_as_such_and_asked_nothing_more() {
    let page = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\nserver: Boxes/1.0\r\ncontent-type: text/html\r\ncontent-length: \
            13\r\n\r\n<html></html>"
            .to_vec()
    });
    let answer = Named::new(&page.url, BASIC).run(&["--allow", "destroy"]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(
        answer.stderr.contains("isn't recognised as an LXCA")
            && answer.stderr.contains("text/html")
            && answer.stderr.contains("Boxes/1.0"),
        "{}",
        answer.stderr
    );
    assert_eq!(page.lines(), ["GET /aicc"]);

    let other = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            20\r\n\r\n{\"product\":\"another\"}"
            .to_vec()
    });
    let target = Named::new(&other.url, &format!("{BASIC}[expect]\nversion = \">=4\"\n"));
    let answer = target.run(&["--allow", "destroy"]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stderr.contains("isn't recognised as an LXCA"), "{}", answer.stderr);
    assert_eq!(other.lines(), ["GET /aicc"]);
}

// ---- target files and passwords

#[test]
fn a_target_file_with_several_mistakes_shows_them_all_with_line_and_column() {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    fs::write(
        &file,
        "nmae = \"lab\"\nurl = \"192.0.2.10\"\nallow = \"everything\"\n[auth]\nmethod = \
        \"cookie\"\npassword = \"hunter2\"\n[tls]\npin-sha256 = \"abc\"\n[limits]\nconcurrency = \
        99\nrun-timeout = \"soon\"\n[facts]\n\"backup.colour\" = \"red\"\n[expect]\nversion = \
        \"new\"\n",
    )
    .expect("a file");
    for command in ["run", "plan"] {
        let answer = lxca(&[command, "--target", text(&file)]);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
        for (place, word) in [
            ("1:1", "nmae"),
            ("2:", "192.0.2.10"),
            ("3:", "everything"),
            ("5:", "cookie"),
            ("6:1", "password"),
            ("8:", "pin-sha256"),
            ("10:", "concurrency"),
            ("11:", "run-timeout"),
            ("13:1", "backup.colour"),
            ("15:", "new"),
            ("", "`name` is missing"),
            ("", "`user` is missing"),
        ] {
            let found = answer
                .stderr
                .lines()
                .any(|line| line.contains(&format!("target.toml:{place}")) && line.contains(word));
            assert!(found, "{command}: no line about {word} at {place} in\n{}", answer.stderr);
        }
        assert!(
            !answer.stderr.contains("hunter2"),
            "the password that doesn't belong there is shown: {}",
            answer.stderr
        );
    }
    assert_eq!(
        lxca(&[
            "plan",
            "--target",
            text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target.example.toml"))
        ])
        .exit,
        0
    );
}

#[test]
fn a_password_file_that_others_can_read_is_refused_and_one_of_the_owner_alone_is_used() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target =
        Named::new(&recorder.url, "[auth]\nuser = \"USERID\"\npassword-file = \"lab.password\"\n");
    let password = target.folder.path().join("lab.password");
    fs::write(&password, "PASSW0RD\n").expect("a file");
    for mode in [0o644, 0o640, 0o604, 0o660, 0o620] {
        fs::set_permissions(&password, fs::Permissions::from_mode(mode)).expect("its mode");
        let answer = target.run(&[]);
        assert_eq!(answer.exit, 2, "{mode:o}: {answer:?}");
        assert!(
            answer.stderr.contains("lab.password") && answer.stderr.contains("chmod 600"),
            "{}",
            answer.stderr
        );
    }
    assert_eq!(recorder.connections(), 0);
    for mode in [0o600, 0o400] {
        fs::set_permissions(&password, fs::Permissions::from_mode(mode)).expect("its mode");
        let answer = target.run(&["--filter", "appliance.*"]);
        assert!([0, 3].contains(&answer.exit), "{mode:o}: {answer:?}");
    }
}

#[test]
fn no_option_takes_a_secret() {
    let option = Regex::new(r"--[a-z0-9-]+").unwrap();
    for command in [
        "run",
        "plan",
        "judge",
        "report",
        "list",
        "explain",
        "lint",
        "serve",
        "fingerprint",
        "sweep",
        "completions",
    ] {
        let help = lxca(&[command, "--help"]).stdout;
        let options: BTreeSet<String> =
            option.find_iter(&help).map(|found| found.as_str().to_owned()).collect();
        let suspicious: Vec<&String> = options
            .iter()
            .filter(|option| {
                ["pass", "secret", "token", "key", "credential", "cookie"]
                    .iter()
                    .any(|word| option.contains(word))
            })
            .collect();
        // Both name where a secret is: a variable, and the file of the double's own certificate.
        let named = |option: &str| {
            option == "--password-env"
                || (command == "serve" && option == "--key" && help.contains("--key <FILE>"))
        };
        assert!(suspicious.iter().all(|option| named(option)), "{command}: {suspicious:?}");
    }
    for arguments in [
        &["run", "--url", "http://127.0.0.1:1", "--user", "USERID", "--password", "hunter2"][..],
        &["run", "--url", "http://127.0.0.1:1", "--user", "USERID", "-p", "hunter2"],
    ] {
        assert_eq!(lxca(arguments).exit, 2);
    }
}

#[test]
fn an_address_with_credentials_is_refused_and_they_are_shown_nowhere() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = "http://USERID:hunter2@127.0.0.1:1";
    let target = Named::new(url, BASIC);
    for arguments in [
        vec!["run", "--url", url, "--user", "USERID", "--out", text(folder.path())],
        vec!["run", "--target", text(&target.file), "--out", text(folder.path())],
        vec!["plan", "--url", url, "--user", "USERID"],
        vec!["plan", "--target", text(&target.file), "--format", "json"],
        vec!["fingerprint", "https://USERID:hunter2@127.0.0.1:1"],
    ] {
        let answer = lxca(&arguments);
        assert_eq!(answer.exit, 2, "{arguments:?}: {answer:?}");
        assert!(
            !answer.stdout.contains("hunter2") && !answer.stderr.contains("hunter2"),
            "{arguments:?}: {answer:?}"
        );
    }
}

// ---- the catalogue as a test suite

/// The suite as its own runner would start it.
fn suite() -> Command {
    static SUITE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    let path = SUITE.get_or_init(|| {
        let here = std::env::current_exe().expect("this program");
        // target/PROFILE/deps/suite-…
        let folder = here.ancestors().nth(3).expect("the target folder");
        let profile = here.ancestors().nth(2).and_then(Path::file_name);
        let mut build = Command::new(env!("CARGO"));
        build
            .args([
                "test",
                "--offline",
                "--test",
                "conformance",
                "--no-run",
                "--message-format=json",
                "--target-dir",
                text(folder),
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.is_some_and(|name| name == "release") {
            build.arg("--release");
        }
        let output = build.output().expect("cargo starts");
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let found = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|message| {
                message["target"]["name"] == "conformance" && message["executable"].is_string()
            });
        PathBuf::from(
            found.unwrap_or_else(|| {
                panic!("the suite isn't built: {}", String::from_utf8_lossy(&output.stderr))
            })["executable"]
                .as_str()
                .expect("a path"),
        )
    });
    let mut command = Command::new(path);
    command
        .env_remove("NEXTEST")
        .env_remove("LXCA_TARGET")
        .env("LXCA_PASSWORD", "PASSW0RD")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

#[test]
fn the_suite_lists_what_an_appliance_isnt_asked_as_ignored_and_runs_it_on_no_demand() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    let list = answer(suite().env("LXCA_TARGET", &target.file).args(["--list", "--ignored"]));
    assert_eq!(list.exit, 0, "{list:?}");
    assert!(
        list.stdout.contains("backup.transfer::copies-to-internal: test")
            && list.stdout.contains("sftp-locks.create::creates-a-lock: test"),
        "{}",
        list.stdout
    );
    assert!(!list.stdout.contains("tasks.list::lists-jobs"), "{}", list.stdout);
    assert_eq!(recorder.connections(), 0, "a list was made with the help of the appliance");
    for option in ["--include-ignored", "--ignored"] {
        let run = answer(suite().env("LXCA_TARGET", &target.file).arg(option));
        assert!(run.stdout.contains("left out: needs --allow"), "{run:?}");
        assert_eq!(changing(&recorder), Vec::<String>::new(), "{option}");
    }
    let run = answer(suite().env("LXCA_TARGET", &target.file));
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(recorder.seen().len() > 10);
    assert_eq!(changing(&recorder), Vec::<String>::new());
}

#[test]
fn the_suite_opens_one_session_at_an_appliance_and_closes_it() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, SESSION);
    let run = answer(suite().env("LXCA_TARGET", &target.file).args(["--test-threads", "8"]));
    assert_eq!(run.exit, 0, "{run:?}");
    assert_eq!(changing(&recorder), ["POST /sessions", "DELETE /sessions"]);
}

#[test]
fn the_suite_refuses_an_appliance_under_a_runner_with_a_process_per_trial() {
    let recorder = Recorder::answering(|_| Vec::new());
    let target = Named::new(&recorder.url, BASIC);
    for arguments in [&[][..], &["--exact", "tasks.list::lists-jobs"], &["--include-ignored"]] {
        let run =
            answer(suite().env("LXCA_TARGET", &target.file).env("NEXTEST", "1").args(arguments));
        assert_eq!(run.exit, 2, "{run:?}");
        assert!(
            run.stderr.contains("process per trial") && run.stderr.contains("lxca-conform run"),
            "{}",
            run.stderr
        );
    }
    assert_eq!(recorder.connections(), 0);
}
