//! One session in a run, closed however the run ends, and the token of its writes.
//!
//! Knows: the double, and ways to end a run. Must not know: how a session is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use lxca_conform::builtin::DoubleTime;
use lxca_conform::catalogue::Effect;
use lxca_conform::double::{Options, Variant};
use lxca_conform::engine::Pace;
use lxca_conform::event::Event;
use lxca_conform::judge::Verdict;
use lxca_conform::self_test::FaultTable;
use lxca_conform::target::Login;
use tempfile::TempDir;

use crate::support::command::{Served, binary, report, signal, text, until};
use crate::support::wire::{Recorder, Seen, login};

use super::{Asked, double, quiet, runtime, sessions};

// ---- one session, closed

#[test]
fn a_run_opens_one_session_and_closes_it_also_when_eight_cases_run_side_by_side() {
    runtime().block_on(async {
        for concurrency in [1, 8] {
            let (double, pace) = double(Options::default()).await;
            let outcome = Asked { concurrency, ..Asked::of(&double) }.run(&pace, &quiet).await;
            assert!(outcome.report.summary.cases.pass > 10, "{:?}", outcome.report.summary.cases);
            assert_eq!(outcome.report.summary.cases.fail, 0);
            assert_eq!(sessions(&double), (0, 1), "concurrency {concurrency}");
        }
    });
}

#[test]
fn a_run_with_a_session_gives_the_same_verdicts_as_one_that_sends_its_password_each_time() {
    runtime().block_on(async {
        let mut seen = Vec::new();
        for login in [Login::Basic, Login::Session] {
            let (double, pace) = double(Options::default()).await;
            let outcome = Asked { login, allow: Effect::Destroy, ..Asked::of(&double) }
                .run(&pace, &quiet)
                .await;
            // Only a run that has a session can judge it.
            let (own, others): (Vec<_>, Vec<_>) = outcome
                .report
                .cases
                .iter()
                .map(|case| (case.id.clone(), case.verdict))
                .partition(|(id, _)| id.ends_with("-the-session-of-the-run"));
            let wanted = if login == Login::Session { Verdict::Pass } else { Verdict::Untested };
            assert_eq!(own.iter().map(|(_, verdict)| *verdict).collect::<Vec<_>>(), [wanted; 3]);
            seen.push(others);
            // One that may change something opens a session beside, for the steps that compare the
            // two ways to log in; it is closed as well.
            assert_eq!(sessions(&double), (0, 1), "{login:?}");
        }
        assert_eq!(seen[0], seen[1]);
    });
}

#[test]
fn a_nonconformant_run_closes_its_session_too() {
    runtime().block_on(async {
        let table = FaultTable::built_in().expect("the table of faults");
        for fault in ["lock-component-unknown", "privileges-not-checked", "copy-does-nothing"] {
            let (double, pace) = double(table.options(&[fault]).expect("a fault")).await;
            let outcome =
                Asked { allow: Effect::Destroy, ..Asked::of(&double) }.run(&pace, &quiet).await;
            assert!(outcome.report.summary.cases.fail > 0, "{fault:?}");
            assert_eq!(sessions(&double), (0, 1), "{fault:?}");
        }
    });
}

/// Time that breaks once, in the middle of the case that it is told to break in: what a bug in a
/// check looks like from outside.
struct Broken {
    time: DoubleTime,
    in_case: Arc<AtomicBool>,
}

impl Pace for Broken {
    fn now(&self) -> Timestamp {
        assert!(!self.in_case.swap(false, Ordering::SeqCst), "a panic on purpose");
        self.time.now()
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.time.pause(duration)
    }
}

#[test]
fn a_run_goes_on_and_closes_its_session_when_a_case_breaks_off_in_a_panic() {
    runtime().block_on(async {
        let (double, time) = double(Options::default()).await;
        let in_case = Arc::new(AtomicBool::new(false));
        let arm = Arc::clone(&in_case);
        let observer = move |event: Event| {
            if matches!(&event, Event::CaseStarted { id } if id == "tasks.list::lists-jobs") {
                arm.store(true, Ordering::SeqCst);
            }
        };
        let pace = Broken { time, in_case };
        let outcome = Asked::of(&double).run(&pace, &observer).await;
        let broken = outcome
            .report
            .cases
            .iter()
            .find(|case| case.id == "tasks.list::lists-jobs")
            .expect("the case");
        assert_eq!(broken.verdict, Verdict::Unresolved);
        assert!(
            broken.reason.as_ref().is_some_and(|reason| reason.contains("bug of lxca-conform")),
            "{:?}",
            broken.reason
        );
        assert!(outcome.report.summary.cases.pass > 10, "{:?}", outcome.report.summary.cases);
        assert_eq!(sessions(&double), (0, 1));
    });
}

/// A slow run in a session, at the double behind a recorder. What it is told besides, it is told by
/// `before`, a command that starts another.
fn slow_run(recorder: &Recorder, folder: &Path, before: &[&str]) -> Child {
    let target = folder.join("target.toml");
    let slow = "[auth]\nmethod = \"session\"\nuser = \"USERID\"\npassword-env = \
        \"LXCA_PASSWORD\"\n[limits]\nrequests-per-second = 4\n";
    fs::write(&target, format!("name = \"slow\"\nurl = \"{}\"\n{slow}", recorder.url))
        .expect("a file");
    let mut command = match before {
        [] => binary(),
        [program, words @ ..] => {
            let mut command = Command::new(program);
            command.args(words).arg(binary().get_program()).stdout(Stdio::null());
            command
        }
    };
    let child = command
        .env("LXCA_PASSWORD", "PASSW0RD")
        .args(["run", "--target", text(&target), "--out", text(&folder.join("out"))])
        .spawn()
        .expect("the binary starts");
    until("a case is asked", || recorder.seen().len() >= 4);
    child
}

#[test]
fn a_run_that_is_told_to_stop_by_a_signal_leaves_no_session_and_ends_with_130() {
    for (name, before) in
        [("INT", &[][..]), ("TERM", &[]), ("HUP", &["env", "--default-signal=HUP"])]
    {
        let served = Served::start(&[]);
        let recorder = Recorder::before(&served.url);
        let folder = TempDir::new().expect("a temporary folder");
        let mut child = slow_run(&recorder, folder.path(), before);
        signal(&child, name);
        assert_eq!(child.wait().expect("its end").code(), Some(130), "SIG{name}");
        let lines = recorder.lines();
        assert_eq!(
            lines.last().map(String::as_str),
            Some("DELETE /sessions"),
            "SIG{name}: {lines:?}"
        );
        assert_eq!(lines.iter().filter(|line| *line == "POST /sessions").count(), 1);
        assert!(lines.len() < 12, "the run went on: {lines:?}");
        // A user may have three sessions: all three are free.
        assert_eq!([(); 4].map(|()| login(&served.address())), [200, 200, 200, 400], "SIG{name}");
        assert_eq!(report(&folder.path().join("out"))["conclusion"], "incomplete");
    }
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let folder = TempDir::new().expect("a temporary folder");
    let mut child = slow_run(&recorder, folder.path(), &["nohup"]);
    signal(&child, "HUP");
    let asked = recorder.seen().len();
    until("the run goes on", || recorder.seen().len() >= asked + 3);
    signal(&child, "TERM");
    assert_eq!(child.wait().expect("its end").code(), Some(130));
}

// ---- the token

#[test]
fn each_write_shows_the_csrf_token_of_the_session_and_no_password() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        let recorder = Recorder::before(double.url());
        let asked = Asked {
            live: Some(&recorder),
            allow: Effect::Destroy,
            filters: vec!["sftp-locks.*".to_owned(), "backup.transfer::copies-*".to_owned()],
            ..Asked::of(&double)
        };
        let outcome = asked.run(&pace, &quiet).await;
        assert_eq!(outcome.report.summary.cases.fail, 0);
        let writes: Vec<Seen> = recorder
            .seen()
            .into_iter()
            .filter(|seen| seen.method != "GET" && seen.line() != "POST /sessions")
            .collect();
        assert!(writes.len() > 5, "{writes:?}");
        let tokens: BTreeSet<Option<&str>> = writes
            .iter()
            .filter(|seen| seen.header("cookie").is_some())
            .map(|seen| seen.header("x-csrf-token"))
            .collect();
        assert!(tokens.len() == 1 && !tokens.contains(&None), "{tokens:?}");
        for seen in recorder.seen() {
            let cookies = seen.header("cookie").unwrap_or_default();
            assert!(
                seen.header("authorization").is_none() || cookies.is_empty(),
                "a password beside the session: {seen:?}"
            );
            assert!(cookies.is_empty() || cookies.contains("JSESSIONID="), "{seen:?}");
        }
        assert_eq!(sessions(&double), (0, 1));
    });
}

#[test]
fn a_run_closes_its_session_also_where_the_token_isnt_enforced() {
    runtime().block_on(async {
        let (double, pace) =
            double(Options { variants: [Variant::CsrfNotEnforced].into(), ..Options::default() })
                .await;
        let outcome = Asked { allow: Effect::Write, ..Asked::of(&double) }.run(&pace, &quiet).await;
        assert_eq!(outcome.report.summary.cases.fail, 0);
        assert_eq!(sessions(&double), (0, 1));
    });
}
