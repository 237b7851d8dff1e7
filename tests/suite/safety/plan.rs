//! The plan: it connects to nobody, a run sends what it lists and nothing else, and an approved one
//! isn't widened.
//!
//! Knows: the rows of a plan and what reaches a socket. Must not know: how a plan is made.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use lxca_conform::builtin::{DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::double::{Clock, InProcess, Options};
use lxca_conform::plan::Scope;
use lxca_conform::store::{Row, TargetKind};
use lxca_conform::target;
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::built_in;
use crate::support::command::{Served, answer, binary, json, lxca, read, text};
use crate::support::wire::{Recorder, Seen};

use super::{BASIC, Named, SESSION, runtime};

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
