//! One session in a run, always closed; wrong passwords few and counted. The double keeps the
//! count.
//!
//! Knows: the library as a run uses it, and the binary where a signal ends it. Must not know: how a
//! session is kept.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::built_in::loaded;
use crate::support::command;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Outcome, Setup, conduct};
use lxca_conform::double::{Clock, InProcess, Options, Request, Variant, handle};
use lxca_conform::engine::Pace;
use lxca_conform::event::Event;
use lxca_conform::judge::Verdict;
use lxca_conform::plan::Scope;
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;
use lxca_conform::target::{Account, Login, PasswordSource, Target};
use lxca_conform::why::EndKind;
use tempfile::TempDir;

use crate::support::command::{Served, binary, lxca, report, signal, text, until};
use crate::support::wire::{Recorder, Seen, login};

/// A run that logs in. Against the double itself unless `live` names a way to it that hides what it
/// is.
struct Asked<'a> {
    double: &'a InProcess,
    live: Option<&'a Recorder>,
    login: Login,
    allow: Effect,
    filters: Vec<String>,
    concurrency: usize,
    bad_logins: u32,
    password: &'a str,
}

impl<'a> Asked<'a> {
    fn of(double: &'a InProcess) -> Self {
        Self {
            double,
            live: None,
            login: Login::Session,
            allow: Effect::Read,
            filters: Vec::new(),
            concurrency: 1,
            bad_logins: 0,
            password: "PASSW0RD",
        }
    }

    async fn run(self, pace: &dyn Pace, observer: &(dyn Fn(Event) + Sync)) -> Outcome {
        let (contract, catalogue) = loaded();
        let kept = TempDir::new().expect("a temporary folder");
        let mut target = Target::at("test", self.live.map_or(self.double.url(), |live| &live.url));
        target.allow = self.allow;
        target.login = self.login;
        target.account = Some(Account {
            user: "USERID".to_owned(),
            password: PasswordSource::File(secret(kept.path(), self.password)),
        });
        target.limits.concurrency = self.concurrency;
        target.facts = if self.live.is_some() {
            [("push.destination".to_owned(), "192.0.2.45".to_owned())].into()
        } else {
            builtin::facts()
        };
        // The password of the built-in double is known, and everything else is asked of the target.
        let kind = TargetKind::Live;
        let scope = Scope {
            allow: self.allow,
            filters: self.filters,
            strict: false,
            facts: target.facts.clone(),
            bad_logins: self.bad_logins,
            shard: None,
        };
        let setup = Setup {
            contract,
            catalogue,
            target: &target,
            kind,
            scope,
            out: None,
            pace,
            clock: &RealTime,
            observer,
            stop: None,
        };
        conduct(setup).await.expect("a run comes to its end")
    }
}

fn secret(folder: &Path, password: &str) -> PathBuf {
    let file = folder.join("password");
    fs::write(&file, password).expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its mode");
    file
}

async fn double(options: Options) -> (InProcess, DoubleTime) {
    let double = InProcess::start(options, Clock::real()).await;
    let pace = DoubleTime(double.clock().clone());
    (double, pace)
}

fn quiet(_: Event) {}

fn logins(double: &InProcess) -> u64 {
    double.with_state(|state| state.served("POST", "/sessions"))
}

/// Open now, and the most that were ever open.
fn sessions(double: &InProcess) -> (usize, usize) {
    double.with_state(|state| (state.sessions_open(), state.max_sessions_seen()))
}

/// Another client closes every session of the account.
fn throw_out(double: &InProcess) {
    let now = double.clock().now();
    double.with_state(|state| {
        let listed =
            handle(state, &Request::new("GET", "/sessions").with_basic("USERID", "PASSW0RD"), now)
                .json()
                .expect("JSON");
        for session in listed["response"].as_array().expect("sessions") {
            let id = session["id"].as_str().expect("an id");
            let reply = handle(
                state,
                &Request::new("DELETE", &format!("/sessions/{id}"))
                    .with_basic("USERID", "PASSW0RD"),
                now,
            );
            assert_eq!(reply.status, 200);
        }
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

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
            assert_eq!(
                own.iter().map(|(_, verdict)| *verdict).collect::<Vec<_>>(),
                [wanted, wanted]
            );
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

#[test]
fn a_run_that_is_told_to_stop_by_a_signal_leaves_no_session_and_ends_with_130() {
    for name in ["INT", "TERM"] {
        let served = Served::start(&[]);
        let recorder = Recorder::before(&served.url);
        let folder = TempDir::new().expect("a temporary folder");
        let target = folder.path().join("target.toml");
        let slow = "[auth]\nmethod = \"session\"\nuser = \"USERID\"\npassword-env = \
            \"LXCA_PASSWORD\"\n[limits]\nrequests-per-second = 4\n";
        fs::write(&target, format!("name = \"slow\"\nurl = \"{}\"\n{slow}", recorder.url))
            .expect("a file");
        let out = folder.path().join("out");
        let mut child = binary()
            .env("LXCA_PASSWORD", "PASSW0RD")
            .args(["run", "--target", text(&target), "--out", text(&out)])
            .spawn()
            .expect("the binary starts");
        until("a case is asked", || recorder.seen().len() >= 4);
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
        assert_eq!(report(&out)["conclusion"], "incomplete");
    }
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

// ---- the end of a session in mid-run

#[test]
fn a_session_that_expires_in_mid_run_is_opened_anew_once_and_no_verdict_changes() {
    runtime().block_on(async {
        for concurrency in [1, 8] {
            let (double, pace) = double(Options::default()).await;
            let started = AtomicUsize::new(0);
            let observer = |event: Event| {
                if matches!(event, Event::CaseStarted { .. })
                    && started.fetch_add(1, Ordering::SeqCst) == 5
                {
                    double.clock().advance(Duration::from_mins(1441));
                }
            };
            // The longest run is shorter than a session's life, so its bound is out of the way.
            let outcome = long(Asked { concurrency, ..Asked::of(&double) }, &pace, &observer).await;
            assert_eq!(
                (outcome.report.summary.cases.fail, outcome.report.summary.cases.unresolved),
                (0, 0),
                "concurrency {concurrency}: {:?}",
                outcome.report.because
            );
            assert_eq!(logins(&double), 2, "concurrency {concurrency}");
            assert_eq!(sessions(&double), (0, 1), "concurrency {concurrency}");
            assert!(
                outcome
                    .report
                    .notes
                    .iter()
                    .any(|note| note.contains("expired and was opened again")),
                "{:?}",
                outcome.report.notes
            );
        }
    });
}

#[test]
fn a_session_that_somebody_else_closes_is_opened_anew_once_and_never_a_second_time() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        let started = AtomicUsize::new(0);
        let observer = |event: Event| {
            if matches!(event, Event::CaseStarted { .. })
                && [3, 7].contains(&started.fetch_add(1, Ordering::SeqCst))
            {
                throw_out(&double);
            }
        };
        let recorder = Recorder::before(double.url());
        let outcome =
            Asked { live: Some(&recorder), ..Asked::of(&double) }.run(&pace, &observer).await;
        assert_eq!(logins(&double), 2);
        assert_eq!(sessions(&double), (0, 1));
        assert_eq!(double.with_state(|state| state.failed_logins_ever("USERID")), 0);
        assert!(outcome.report.summary.cases.unresolved > 0, "{:?}", outcome.report.summary.cases);
        assert!(
            outcome.report.because.contains("refused") || outcome.report.ended_early.is_some(),
            "{}",
            outcome.report.because
        );
    });
}

#[test]
fn a_write_is_sent_once_when_the_session_expired_before_it() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        // The session ends just before the write, as far as the run can see.
        let refused = AtomicBool::new(false);
        let recorder = Recorder::between(double.url(), move |seen| {
            let first = seen.line() == "POST /aicc/service/sftp/locks"
                && !refused.swap(true, Ordering::SeqCst);
            first.then(|| {
                b"HTTP/1.1 401 Unauthorized\r\ncontent-type: \
                application/json\r\ncontent-length: 2\r\n\r\n{}"
                    .to_vec()
            })
        });
        let outcome = Asked {
            live: Some(&recorder),
            allow: Effect::Write,
            filters: vec!["sftp-locks.create::creates-a-lock".to_owned()],
            ..Asked::of(&double)
        }
        .run(&pace, &quiet)
        .await;
        assert_eq!((outcome.report.summary.cases.pass, logins(&double)), (1, 2));
        // The first was refused for its session, the second made the lock, and that one was
        // deleted.
        assert_eq!(
            recorder.lines().iter().filter(|line| *line == "POST /aicc/service/sftp/locks").count(),
            2
        );
        assert_eq!(double.with_state(|state| state.served("POST", "/aicc/service/sftp/locks")), 1);
        // The run knows of the second session alone.
        assert_eq!(sessions(&double), (1, 2));
    });
}

/// A run whose time bounds are longer than a session's life.
async fn long(asked: Asked<'_>, time: &DoubleTime, observer: &(dyn Fn(Event) + Sync)) -> Outcome {
    asked.run(&Still { time: time.clone(), at: time.now() }, observer).await
}

/// Time that stands still for the run, whatever the double's clock does.
struct Still {
    time: DoubleTime,
    at: Timestamp,
}

impl Pace for Still {
    fn now(&self) -> Timestamp {
        self.at
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.time.pause(duration)
    }
}

// ---- what is renewed while the run lasts

#[test]
fn an_id_or_a_token_that_each_answer_renews_is_followed_with_one_login_and_a_logout() {
    runtime().block_on(async {
        let mut plain = None;
        for variants in [
            &[][..],
            &[Variant::SessionIdRenewed],
            &[Variant::CsrfTokenRenewed],
            &[Variant::SessionIdRenewed, Variant::CsrfTokenRenewed, Variant::CookieForAnotherPath,
                Variant::CookiesExpire],
            &[Variant::CookieForAnotherPath],
            // By the clock here those cookies ended a year ago.
            &[Variant::CookiesExpire, Variant::ClockBehind],
        ] {
            let (double, pace) = double(Options { variants: variants.iter().copied().collect(),
                ..Options::default() }).await;
            let outcome = Asked { allow: Effect::Destroy, ..Asked::of(&double) }.run(&pace,
                &quiet).await;
            let counts = &outcome.report.summary.cases;
            assert_eq!((counts.fail, counts.unresolved), (0, 0), "{variants:?}: {:?}",
                outcome.report.because);
            assert!(counts.pass > 20, "{variants:?}: {counts:?}");
            // Cases log in too, and each of them as often as without any variant.
            let seen = (logins(&double), sessions(&double));
            assert_eq!(seen, *plain.get_or_insert(seen), "{variants:?}");
            assert_eq!(sessions(&double).0, 0, "{variants:?}");
            assert!(!outcome.report.notes.iter().any(|note| note.contains("connection broke") || note.contains("still be open")), "{variants:?}: {:?}", outcome.report.notes);
        }
    });
}

#[test]
fn ids_that_are_renewed_while_reads_run_side_by_side_cost_no_login_and_no_verdict() {
    runtime().block_on(async {
        let (double, pace) =
            double(Options { variants: [Variant::SessionIdRenewed].into(), ..Options::default() })
                .await;
        let recorder = Recorder::before(double.url());
        let outcome = Asked { live: Some(&recorder), concurrency: 8, ..Asked::of(&double) }
            .run(&pace, &quiet)
            .await;
        let counts = &outcome.report.summary.cases;
        assert_eq!((counts.fail, counts.unresolved), (0, 0), "{:?}", outcome.report.because);
        assert_eq!((logins(&double), sessions(&double)), (1, (0, 1)));
        let again = outcome
            .report
            .notes
            .iter()
            .find(|note| note.contains("sent again because the session"));
        let broken = outcome.report.notes.iter().find(|note| note.contains("connection broke"));
        assert!(again.is_some() && broken.is_none(), "{:?}", outcome.report.notes);
        // The reads that were under way when the first id went; after that, one at a time.
        let refused: usize =
            again.and_then(|note| note.split(' ').next()?.parse().ok()).unwrap_or(0);
        assert!(refused <= 8, "{refused}");
    });
}

#[test]
fn a_session_that_is_closed_twice_is_said_to_have_been_closed() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        let finished = AtomicUsize::new(0);
        let observer = |event: Event| {
            if matches!(event, Event::CaseStarted { .. })
                && finished.fetch_add(1, Ordering::SeqCst) == 0
            {
                throw_out(&double);
            }
            if matches!(&event, Event::CaseFinished { .. }) {
                throw_out(&double);
            }
        };
        let filters = vec!["tasks.list::lists-jobs".to_owned()];
        let outcome = Asked { filters, ..Asked::of(&double) }.run(&pace, &observer).await;
        assert!(
            outcome.report.notes.iter().any(|note| note.contains("before the logout (401)")),
            "{:?}",
            outcome.report.notes
        );
        assert!(
            !outcome.report.notes.iter().any(|note| note.contains("still be open")),
            "{:?}",
            outcome.report.notes
        );
        assert_eq!((logins(&double), sessions(&double).0), (2, 0));
    });
}

#[test]
fn a_login_whose_cookies_cant_be_sent_back_is_told_so_and_never_shows_them() {
    for (attributes, why) in [
        ("; Domain=lxca.example.com", "is for lxca.example.com"),
        ("; Path=/sessions", "is for the path /sessions"),
    ] {
        let served = Served::start(&[]);
        let front = Recorder::changing(&served.url, move |_, bytes| {
            let text = String::from_utf8_lossy(&bytes).replace("; Path=/", attributes);
            (text.into_bytes(), false)
        });
        let folder = TempDir::new().expect("a temporary folder");
        let answer = command::answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
            "run",
            "--url",
            &front.url,
            "--user",
            "USERID",
            "--auth",
            "session",
            "--out",
            text(folder.path()),
        ]));
        assert_eq!(answer.exit, 5, "{answer:?}");
        assert!(
            answer.stderr.contains("its cookie `JSESSIONID`") && answer.stderr.contains(why),
            "{}",
            answer.stderr
        );
        assert!(
            front.seen().iter().all(|seen| seen
                .header("cookie")
                .is_none_or(|cookie| !cookie.contains("JSESSIONID")))
        );
    }
}

#[test]
fn a_renewed_id_reaches_no_file() {
    let served =
        Served::start(&["--variant", "session-id-renewed", "--variant", "csrf-token-renewed"]);
    let ids: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let kept = Arc::clone(&ids);
    // The appliance repeats each new id in the body of the answer that brings it.
    let front = Recorder::changing(&served.url, move |_, bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let values: Vec<String> = text
            .lines()
            .filter_map(|line| {
                line.split_once("JSESSIONID=")
                    .map(|(_, rest)| rest.split(';').next().unwrap_or_default().to_owned())
                    .or_else(|| line.to_lowercase().strip_prefix("csrf: ").map(str::to_owned))
            })
            .collect();
        kept.lock().unwrap().extend(values.clone());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
        if !body.starts_with('{') {
            return (bytes, false);
        }
        let body = body.replacen('{', &format!("{{\"echo\":\"{}\",", values.join(" ")), 1);
        let head: Vec<&str> = head
            .lines()
            .filter(|line| !line.to_lowercase().starts_with("content-length"))
            .collect();
        (
            format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len())
                .into_bytes(),
            false,
        )
    });
    let folder = TempDir::new().expect("a temporary folder");
    let answer = command::answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &front.url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 0, "{answer:?}");
    let ids = ids.lock().unwrap();
    assert!(ids.len() > 20, "{}", ids.len());
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a file of the run");
        assert!(
            text.contains("\"echo\"")
                || !path.ends_with("transcript.jsonl")
                || text.contains("echo"),
            "the echo is in the record"
        );
        let found = ids.iter().find(|id| text.contains(id.as_str()));
        assert_eq!(found, None, "in {}", path.display());
    }
}

// ---- wrong passwords

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
