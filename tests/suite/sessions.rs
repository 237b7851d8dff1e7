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

mod after_logout;
mod expiry;
mod one_session;
mod renewal;
mod wrong_passwords;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::{Outcome, Setup, conduct};
use lxca_conform::double::{Clock, InProcess, Options, Request, handle};
use lxca_conform::engine::Pace;
use lxca_conform::event::Event;
use lxca_conform::plan::Scope;
use lxca_conform::store::TargetKind;
use lxca_conform::target::{Account, Login, PasswordSource, Target};
use tempfile::TempDir;

use crate::support::built_in::loaded;
use crate::support::wire::Recorder;

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
