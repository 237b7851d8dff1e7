//! The client: one connection pool, one guard, one redactor.
//!
//! Knows: HTTP, time bounds, credentials. Must not know: why a request is sent beyond its
//! `Purpose`.

mod own_session;
mod past;

use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};

use crate::address::Address;
use crate::appliance::Appliance;
use crate::exchange::{Exchange, Fault, FaultKind, Moment, Oddity, Outgoing, Received, Sent};
use crate::redact::Redactor;
use crate::terms::Auth;

use super::connections::{Connections, Way};
use super::fault;
use super::guard::Guard;
use super::pace::Pace;
use super::session::{self, Session, Ticket};
use super::settings::{Credentials, Limits, Settings, TransportError};
use crate::receive::{self, Answer, Framing};

/// Sends requests.
pub struct Transport {
    connections: Connections,
    address: Address,
    /// The address as a text.
    base: String,
    guard: Guard,
    appliance: Arc<Appliance>,
    account: Option<Credentials>,
    unprivileged: Option<Credentials>,
    redactor: RwLock<Redactor>,
    limits: Limits,
    uses_session: bool,
    session: tokio::sync::Mutex<Session>,
    /// Requests of the session take it together, and one that has to be alone takes it alone.
    turn: tokio::sync::RwLock<()>,
    /// Whether each of them has to be: where an answer makes the id worthless with which others are
    /// under way.
    one_by_one: AtomicBool,
    /// The last session in which anything was answered otherwise than with 401.
    proved: AtomicU32,
    /// Exchanges that the transport had of its own accord: a login in mid-run.
    aside: Mutex<Vec<Exchange>>,
    pace: Pace,
}

impl Transport {
    /// A transport; sends nothing yet.
    pub fn new(settings: Settings) -> Result<Self, TransportError> {
        let Settings {
            base_url,
            tls: policy,
            proxy,
            account,
            unprivileged,
            session,
            allow,
            known,
            appliance,
            limits,
        } = settings;
        let appliance = Arc::new(appliance);
        let address = Address::parse(&base_url)?;
        for never in &appliance.never {
            address.is_not_below(&never.word, &never.path)?;
        }
        if session && appliance.login.is_none() {
            return Err(TransportError::NoLogin);
        }
        let mut redactor = Redactor::default();
        for credentials in [&account, &unprivileged].into_iter().flatten() {
            redactor.add(Some(&credentials.user), &credentials.password);
        }
        if let Some(credentials) = proxy.as_ref().and_then(|proxy| proxy.credentials.as_ref()) {
            redactor.add(Some(&credentials.user), &credentials.password);
        }
        let pace = Pace::new(limits.requests_per_second);
        let connections = Connections::new(policy, proxy, limits.clone(), address.is_plain())?;
        Ok(Self {
            connections,
            base: address.to_string(),
            address,
            guard: Guard::new(allow, known, Arc::clone(&appliance)),
            appliance,
            account,
            unprivileged,
            redactor: RwLock::new(redactor),
            limits,
            uses_session: session,
            session: tokio::sync::Mutex::new(Session::default()),
            turn: tokio::sync::RwLock::new(()),
            one_by_one: AtomicBool::new(false),
            proved: AtomicU32::new(0),
            aside: Mutex::new(Vec::new()),
            pace,
        })
    }

    /// Gives the second account, when it becomes known only after the target told who it is.
    pub fn set_unprivileged(&mut self, credentials: Credentials) {
        self.redactor
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .add(Some(&credentials.user), &credentials.password);
        self.unprivileged = Some(credentials);
    }

    /// Whether there is a second account.
    #[must_use]
    pub fn has_unprivileged(&self) -> bool {
        self.unprivileged.is_some()
    }

    /// Whether requests go through a proxy.
    #[must_use]
    pub fn is_proxied(&self) -> bool {
        self.connections.is_proxied()
    }

    /// The address without a trailing slash.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A text without the secrets that are known by now.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        self.redactor().text(text)
    }

    fn redactor(&self) -> std::sync::RwLockReadGuard<'_, Redactor> {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a login that was accepted can't be used, as far as its cookies show it.
    pub async fn session_hint(&self) -> Option<String> {
        if self.uses_session() {
            self.session.lock().await.hint(self.appliance.login.as_ref()?)
        } else {
            None
        }
    }

    /// Exchanges that were had on the side since the last call.
    #[must_use]
    pub fn take_aside(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.aside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known of the product as a whole.
    #[must_use]
    pub fn appliance(&self) -> &Appliance {
        &self.appliance
    }

    /// The bounds in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends one request. A read whose connection breaks before any answer is tried once more, and
    /// that is kept. When the run's session has expired, it is opened anew once in a run, and the
    /// request that was refused for it is sent again; so is one that was refused because another
    /// answer had renewed the session's id meanwhile.
    pub async fn exchange(
        &self,
        case: &str,
        step: &str,
        attempt: u32,
        request: &Outgoing,
        at: jiff::Timestamp,
    ) -> Exchange {
        let start = Instant::now();
        let mut retried = Vec::new();
        let outcome = if !self.is_of_session(request.auth) {
            self.send(case, request, None, &mut retried).await
        } else if let Err(fault) = self.opened(at).await {
            Err(fault)
        } else {
            self.in_session(case, request, at, &mut retried).await
        };
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Ok(got) = &outcome {
            self.remember(case, request, got);
        }
        let (case, step) = (case.to_owned(), step.to_owned());
        let (purpose, sent) = (request.purpose, self.kept(request));
        let (got, fault) = apart(outcome);
        Exchange { case, step, attempt, purpose, at, took_us, sent, got, fault, retried }
    }

    fn credentials(&self, auth: Auth) -> Option<Credentials> {
        let wrong = |user: &str| Credentials {
            user: user.to_owned(),
            password: SecretString::from("not-the-password-of-anyone".to_owned()),
        };
        match auth {
            Auth::Default | Auth::Basic | Auth::Session => self.account.clone(),
            Auth::None | Auth::EndedSession => None,
            Auth::WrongPassword => self.account.as_ref().map(|account| wrong(&account.user)),
            Auth::UnknownUser => Some(wrong("NOSUCHUSER")),
            Auth::Unprivileged => self.unprivileged.clone(),
        }
    }

    fn kept(&self, request: &Outgoing) -> Sent {
        let redactor = self.redactor();
        let mut headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), redactor.header(name, value)))
            .collect();
        let in_session = request.auth == Auth::EndedSession || self.is_of_session(request.auth);
        if in_session || self.credentials(request.auth).is_some() {
            let login = self.appliance.login.as_ref().filter(|_| in_session);
            headers.push(match login.map(session::shown_in) {
                Some(name) => (name.to_lowercase(), redactor.header("cookie", "x")),
                None => ("authorization".to_owned(), redactor.header("authorization", "Basic x")),
            });
        }
        let body = request.body.as_ref().map(|body| redactor.body(body));
        Sent {
            method: request.method.clone(),
            target: redactor.target(&request.target),
            auth: request.auth,
            headers,
            body,
        }
    }

    /// Sends one request, and a read once more if its connection broke before any answer.
    async fn send(
        &self,
        case: &str,
        request: &Outgoing,
        ticket: Option<&Ticket>,
        retried: &mut Vec<Fault>,
    ) -> Result<Received, Fault> {
        let mut outcome = self.answer(case, request, ticket, Way::Usual).await;
        if let Err(fault) = &outcome
            && self
                .address
                .with(&request.target)
                .is_ok_and(|url| self.guard.may_repeat(request, &url))
            && fault.is_before_answer()
        {
            retried.push(fault.clone());
            outcome = self.answer(case, request, ticket, Way::Fresh).await;
        }
        let mut answer = outcome?;
        let body = answer.unpacked(self.limits.max_body);
        if answer.oddities.contains(&Oddity::EndUnsaid) && !receive::is_whole(&body) {
            let message = format!(
                "after status {} and {} bytes of the body: no length was announced, and the TLS \
                    connection ended without close_notify",
                answer.status,
                body.bytes.len()
            );
            let fault = Fault::new(FaultKind::Closed, message);
            return Err(Fault { moment: Some(Moment::InBody), ..fault });
        }
        Ok(answer.received(body, &self.redactor()))
    }

    /// One request on the wire, and the bytes of its answer. Everything that leaves the process
    /// passes here, behind the guard.
    async fn answer(
        &self,
        case: &str,
        request: &Outgoing,
        ticket: Option<&Ticket>,
        way: Way,
    ) -> Result<Answer, Fault> {
        let refused = |message: String| Fault::new(FaultKind::Refused, message);
        let url = self.address.with(&request.target).map_err(refused)?;
        self.guard.check(case, request, &url).map_err(refused)?;
        self.pace.wait().await;
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| refused(error.to_string()))?;
        let read = self.guard.may_repeat(request, &url);
        let url = url.into_url();
        let under_way = self.connections.begin();
        let (client, mut way) = self.connections.client(way);
        let mut builder = client.request(method, url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(ticket) = ticket {
            for (name, value) in &ticket.headers {
                builder = builder.header(name, value);
            }
        } else if let Some(credentials) = self.credentials(request.auth) {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!(
                "{}:{}",
                credentials.user,
                credentials.password.expose_secret()
            ));
            builder = builder.header("authorization", format!("Basic {pair}"));
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let again = if read && way != Way::Lenient { builder.try_clone() } else { None };
        let mut strictly = None;
        let mut response = match (builder.send().await, again) {
            (Ok(response), _) => response,
            (Err(error), Some(again)) if fault::is_head_refused(&error) => {
                // A head with a line that isn't HTTP: what else is in it can be read, on a
                // connection of its own.
                let fault = self.fault(&error, Moment::BeforeAnswer);
                let read = match again.build() {
                    Ok(again) => self.connections.client(Way::Lenient).0.execute(again).await,
                    Err(error) => Err(error),
                };
                let Ok(response) = read else { return Err(fault) };
                (way, strictly) = (Way::Lenient, Some(fault));
                response
            }
            (Err(error), _) => return Err(Box::pin(self.unanswered(error)).await),
        };
        self.connections.learn(&under_way, &response, way);
        let status = response.status().as_u16();
        let version = format!("{:?}", response.version());
        let headers: Vec<(String, Vec<u8>)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        if let (Some(ticket), Some(login)) = (ticket, &self.appliance.login) {
            let user = self.account.as_ref().map_or("", |account| account.user.as_str());
            let answer = (status, headers.as_slice());
            self.session.lock().await.follow(login, &url, ticket, answer, &self.redactor, user);
        }
        let mut oddities = Vec::new();
        let framing = Framing::of(&headers);
        let mut bytes = Vec::new();
        let mut truncated = false;
        loop {
            if framing.is_over(bytes.len()) {
                self.connections.given_up();
                break;
            }
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = usize::try_from(self.limits.max_body)
                        .unwrap_or(usize::MAX)
                        .saturating_sub(bytes.len());
                    bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        truncated = true;
                        self.connections.given_up();
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) if framing == Framing::End && fault::is_end_unsaid(&error) => {
                    oddities.push(Oddity::EndUnsaid);
                    break;
                }
                Err(error) => {
                    let mut fault = self.fault(&error, Moment::InBody);
                    fault.message = format!(
                        "after status {status} and {} bytes of the body: {}",
                        bytes.len(),
                        fault.message
                    );
                    return Err(fault);
                }
            }
        }
        if let Some(fault) = strictly.filter(|_| bytes.is_empty()) {
            // Nothing was won: it may have been no HTTP at all.
            return Err(fault);
        }
        if way == Way::Lenient {
            oddities.push(Oddity::HeadersIgnored);
            self.connections.read_leniently();
        }
        Ok(Answer { status, version, headers, bytes, truncated, oddities })
    }

    /// Why a request got no answer; a proxy may be the cause.
    async fn unanswered(&self, error: reqwest::Error) -> Fault {
        let mut fault = self.fault(&error, Moment::BeforeAnswer);
        if fault.kind == FaultKind::Connect
            && let Ok(url) = reqwest::Url::parse(&self.base)
            && let Some(why) = self.connections.refused_by_the_proxy(&url).await
        {
            fault.message = self.redactor().text(&why);
        }
        fault
    }

    fn fault(&self, error: &reqwest::Error, moment: Moment) -> Fault {
        let kind = fault::kind(error);
        let text = self.redactor().text(&fault::words(error));
        let message = if moment == Moment::BeforeAnswer && kind == FaultKind::Closed {
            format!("before any answer: {text}")
        } else {
            text
        };
        let handshake_ended = fault::is_handshake_ended(error);
        Fault { kind, message, moment: Some(moment), handshake_ended }
    }
}

/// An answer, or why there is none.
fn apart(outcome: Result<Received, Fault>) -> (Option<Received>, Option<Fault>) {
    match outcome {
        Ok(got) => (Some(got), None),
        Err(fault) => (None, Some(fault)),
    }
}
