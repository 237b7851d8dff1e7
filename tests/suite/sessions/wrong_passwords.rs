//! Wrong passwords: few, counted, and none more than was allowed.
//!
//! Knows: the count of the double, and a socket. Must not know: how a login is sent.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lxca_conform::catalogue::Effect;
use lxca_conform::double::Options;
use lxca_conform::event::Event;
use lxca_conform::target::Login;
use lxca_conform::why::EndKind;
use tempfile::TempDir;

use crate::support::command::{self, Served, binary, lxca, text};
use crate::support::wire::{Recorder, Seen};

use super::{Asked, double, quiet, runtime, sessions};

#[test]
fn a_wrong_password_is_sent_once_and_ends_with_5() {
    for (auth, variant) in [("session", None), ("session", Some("bad-login-401")), ("basic", None)]
    {
        let served =
            Served::start(&variant.map_or(Vec::new(), |variant| vec!["--variant", variant]));
        let recorder = Recorder::before(&served.url);
        let folder = TempDir::new().expect("a temporary folder");
        let answer = command::answer(binary().env("LXCA_PASSWORD", "wrong").args([
            "run",
            "--url",
            &recorder.url,
            "--user",
            "USERID",
            "--auth",
            auth,
            "--out",
            text(folder.path()),
        ]));
        assert_eq!(answer.exit, 5, "{auth}: {answer:?}");
        assert!(
            answer.stderr.contains("refused the") && answer.stderr.contains(&recorder.url),
            "{}",
            answer.stderr
        );
        assert_eq!(
            recorder.lines(),
            [if auth == "session" { "POST /sessions" } else { "GET /aicc" }]
        );
    }
    runtime().block_on(async {
        for login in [Login::Session, Login::Basic] {
            let (double, pace) = double(Options::default()).await;
            let recorder = Recorder::before(double.url());
            let outcome =
                Asked { live: Some(&recorder), login, password: "wrong", ..Asked::of(&double) }
                    .run(&pace, &quiet)
                    .await;
            assert_eq!(outcome.ended_early.map(|early| early.kind), Some(EndKind::Credentials));
            assert_eq!(
                double.with_state(|state| state.failed_logins_ever("USERID")),
                1,
                "{login:?}"
            );
        }
    });
}

/// Requests with wrong credentials, whoever they were for.
fn bad_logins(recorder: &Recorder) -> usize {
    use base64::Engine as _;
    let wrong = |seen: &Seen| {
        let pair = seen
            .header("authorization")
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|pair| base64::engine::general_purpose::STANDARD.decode(pair).ok());
        pair.is_some_and(|pair| !String::from_utf8_lossy(&pair).ends_with(":PASSW0RD"))
    };
    recorder.seen().iter().filter(|seen| wrong(seen)).count()
}

#[test]
fn no_more_bad_logins_are_sent_than_were_allowed_and_none_by_default() {
    runtime().block_on(async {
        for login in [Login::Session, Login::Basic] {
            for allowed in [0, 1, 2, 3, 10] {
                let (double, pace) = double(Options::default()).await;
                let recorder = Recorder::before(double.url());
                let outcome = Asked {
                    live: Some(&recorder),
                    login,
                    allow: Effect::Destroy,
                    bad_logins: allowed,
                    ..Asked::of(&double)
                }
                .run(&pace, &quiet)
                .await;
                assert_eq!(outcome.report.summary.cases.fail, 0);
                let sent = bad_logins(&recorder);
                assert_eq!(
                    sent,
                    3.min(usize::try_from(allowed).unwrap()),
                    "{login:?}, {allowed} allowed"
                );
                let counted = double.with_state(|state| state.failed_logins_ever("USERID"));
                assert!(
                    counted <= allowed && usize::try_from(counted).unwrap() <= sent,
                    "{counted} of {allowed}"
                );
                assert_eq!(sessions(&double), (0, 1));
            }
        }
    });
}

#[test]
fn the_option_for_bad_logins_binds_also_where_the_target_says_that_it_is_the_double() {
    let served = Served::start(&[]);
    let recorder = Recorder::beside(&served.url);
    for (option, most) in [(&["--allow-bad-logins", "1"][..], 1), (&["--allow-bad-logins", "0"], 0)]
    {
        recorder.forget();
        let folder = TempDir::new().expect("a temporary folder");
        let answer = lxca(
            &[
                &[
                    "run",
                    "--url",
                    &recorder.url,
                    "--user",
                    "USERID",
                    "--filter",
                    "sftp-locks.list::*",
                    "--out",
                    text(folder.path()),
                ],
                option,
            ]
            .concat(),
        );
        assert!([0, 3].contains(&answer.exit), "{answer:?}");
        assert!(bad_logins(&recorder) <= most, "{option:?}: {} bad logins", bad_logins(&recorder));
    }
}

#[test]
fn a_run_whose_account_is_refused_in_mid_run_stops_after_three_refusals() {
    runtime().block_on(async {
        for login in [Login::Basic, Login::Session] {
            let (double, pace) = double(Options::default()).await;
            let refusing = Arc::new(AtomicBool::new(false));
            // From some case on, the account isn't known any more, as when somebody changes its
            // password.
            let refused = Arc::new(Mutex::new(Vec::new()));
            let (from_now_on, list) = (Arc::clone(&refusing), Arc::clone(&refused));
            let recorder = Recorder::between(double.url(), move |seen| {
                let own = seen.header("authorization").is_some() || seen.header("cookie").is_some() || seen.line() == "POST /sessions";
                let refuse = from_now_on.load(Ordering::SeqCst) && own;
                refuse.then(|| {
                    list.lock().unwrap().push((seen.line(),
                        seen.header("authorization").is_some() || seen.line() == "POST /sessions"));
                    let body = r#"{"messages":[{"explanation":"The password was changed.","id":"FQXHMSE0001F","recovery":"Log in anew.","recoveryURL":"","text":"The user name or the password isn't right."}],"result":"failure"}"#;
                    format!("HTTP/1.1 401 Unauthorized\r\ncontent-type: \
                        application/json\r\ncontent-length: \
                        {}\r\n\r\n{body}", body.len()).into_bytes()
                })
            });
            let started = AtomicUsize::new(0);
            let observer = |event: Event| {
                if matches!(event, Event::CaseStarted { .. })
                    && started.fetch_add(1, Ordering::SeqCst) == 4
                {
                    refusing.store(true, Ordering::SeqCst);
                }
            };
            let outcome = Asked { live: Some(&recorder), login, allow: Effect::Destroy,
                ..Asked::of(&double) }.run(&pace, &observer).await;
            let refused = refused.lock().unwrap().clone();
            let passwords = refused.iter().filter(|(_, shows_password)| *shows_password).count();
            assert!(passwords <= 3, "{login:?}: {passwords} refusals count against the account: \
                {refused:?}");
            assert!(refused.len() <= 6, "{login:?}: the run went on: {refused:?}");
            assert!(outcome.report.because.contains("refused 3 times in a row"), "{login:?}: {}",
                outcome.report.because);
            assert_ne!(outcome.report.summary.cases.unresolved, 0);
        }
    });
}
