//! The built-in double as a target, and the two kinds of time.
//!
//! Knows: how to start the double and what an operator would have to tell about it: its accounts
//! and the facts that no list shows. Composition only: the double itself imports nothing of the
//! rest. Must not know: cases, verdicts.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::catalogue::Effect;
use crate::double::{self, Clock, InProcess, Options, Request, Snapshot, State};
use crate::pace::Pace;
use crate::plan::Facts;
use crate::target::{Login, Target};
use crate::transport::Credentials;

/// The double's privileged account.
#[must_use]
pub fn account() -> Credentials {
    Credentials { user: "USERID".to_owned(), password: SecretString::from("PASSW0RD".to_owned()) }
}

/// The double's account without privilege.
#[must_use]
pub fn unprivileged() -> Credentials {
    Credentials { user: "OPERATOR".to_owned(), password: SecretString::from("PASSW0RD".to_owned()) }
}

/// What an operator would tell about the double: an address to push to (from the range kept for
/// documentation), a second account, a server of its site that may be switched, what else of
/// that site may be changed, and jobs of it.
#[must_use]
pub fn facts() -> Facts {
    Facts::from([
        ("push.destination".to_owned(), "192.0.2.45".to_owned()),
        ("account.unprivileged".to_owned(), "OPERATOR".to_owned()),
        ("node.spare".to_owned(), "E3B0004A04ADA6DDF6FA4B2511E7EDB2".to_owned()),
        ("manage.address".to_owned(), "192.0.2.161".to_owned()),
        ("manage.uuid".to_owned(), "d15c017275725e08cbbe5150179901a0".to_owned()),
        ("manage.credentials".to_owned(), "1".to_owned()),
        ("unmanage.uuid".to_owned(), "94B730DC73AA964B81FD7BB366E0DD24".to_owned()),
        ("unmanage.address".to_owned(), "192.0.2.15".to_owned()),
        ("unmanage.type".to_owned(), "Rack-Tower Server".to_owned()),
        ("policy.spare".to_owned(), "DEFAULT-2025-03-02".to_owned()),
        ("profile.spare".to_owned(), "65".to_owned()),
        ("update.component".to_owned(), "Sample name".to_owned()),
        ("update.fixid".to_owned(), "lnvgy_fw_uefi_dbl901a-9.1_anyos_noarch".to_owned()),
        ("update.version".to_owned(), "9.1".to_owned()),
        ("repository.fixid".to_owned(), "lnvgy_fw_mainimage_dbl904a-9.4_anyos_noarch".to_owned()),
        ("manage.job".to_owned(), "7".to_owned()),
        ("unmanage.job".to_owned(), "12".to_owned()),
        ("comparison.job".to_owned(), "1".to_owned()),
    ])
}

/// Starts the double in this process, as a target where everything is allowed.
pub async fn start(options: Options) -> (InProcess, Target) {
    let double = InProcess::start(options, Clock::real()).await;
    let mut target = Target::at("built-in double", double.url());
    target.login = Login::Session;
    target.allow = Effect::Destroy;
    target.facts = facts();
    (double, target)
}

/// A double behind the front that `serve` has, in this process; it ends when this is dropped.
#[derive(Debug)]
pub struct OnPort {
    clock: Clock,
    server: JoinHandle<std::io::Result<()>>,
}

impl OnPort {
    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

impl Drop for OnPort {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts the double behind the front that can play faults of the connection.
pub async fn start_on_a_port(options: Options) -> std::io::Result<(OnPort, Target)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut target = Target::at("built-in double", &format!("http://{}", listener.local_addr()?));
    target.allow = Effect::Destroy;
    target.facts = facts();
    // A reply that doesn't come is waited for in real time.
    target.limits.request_timeout = Duration::from_secs(5);
    let clock = Clock::real();
    let server =
        tokio::spawn(double::serve(listener, options, clock.clone(), std::future::pending(), None));
    Ok((OnPort { clock, server }, target))
}

/// A double without a server: one that answers requests as they are handed to it. Each of its
/// clones begins where it began.
#[derive(Debug, Clone)]
pub struct Unserved {
    snapshot: Option<Snapshot>,
    state: State,
    started: Timestamp,
    clock: Clock,
}

/// An answer of the double: status, headers, body.
pub type Answered = (u16, Vec<(String, String)>, Vec<u8>);

impl Unserved {
    /// A double with the site of a file, or with its own, at the time when it was started.
    #[must_use]
    pub fn new(snapshot: Option<Snapshot>, started: Timestamp) -> Self {
        let mut options = Options::default();
        if let Some(version) = snapshot.as_ref().and_then(Snapshot::version) {
            version.clone_into(&mut options.version);
        }
        let state = match &snapshot {
            Some(snapshot) => State::restored(options, snapshot.clone(), started),
            None => State::new(options, started),
        };
        Self { snapshot, state, started, clock: Clock::starting_at(started) }
    }

    /// The same, as if it had been started at that time.
    #[must_use]
    pub fn at(self, started: Timestamp) -> Self {
        match &self.snapshot {
            _ if started == self.started => self,
            snapshot => Self::new(snapshot.clone(), started),
        }
    }

    /// The same once more, from its beginning.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { clock: Clock::starting_at(self.started), ..self.clone() }
    }

    /// The version that it says it has.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.state.options().version
    }

    /// An account that may do everything.
    #[must_use]
    pub fn account(&self) -> Credentials {
        match self.state.supervisor() {
            Some((user, password)) => Credentials {
                user: user.to_owned(),
                password: SecretString::from(password.to_owned()),
            },
            None => account(),
        }
    }

    /// What it answers.
    pub fn answer(
        &mut self,
        method: &str,
        target: &str,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Answered {
        let mut request = Request::new(method, target).with_body(body);
        request.headers = headers;
        let reply = double::handle(&mut self.state, &request, self.clock.now());
        (reply.status, reply.headers, reply.body)
    }
}

/// The status with which the double says that it plays no such path.
pub const NOT_PLAYED: u16 = 599;

/// Time as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealTime;

impl Pace for RealTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one door to the clock outside of the double"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Time as the double in this process sees it: a pause moves its clock instead of waiting.
#[derive(Debug, Clone)]
pub struct DoubleTime(pub Clock);

impl Pace for DoubleTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.0.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
