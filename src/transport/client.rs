//! The client: one connection pool, one guard, one redactor.
//!
//! Knows: HTTP, time bounds, credentials. Must not know: why a request is sent beyond its `Purpose`.

use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};

use crate::address::Address;
use crate::catalogue::Auth;
use crate::exchange::{Body, Exchange, Fault, FaultKind, Outgoing, Purpose, Received, Sent};
use crate::redact::Redactor;

use super::guard::Guard;
use super::session::{self, Session};
use super::settings::{Credentials, Limits, Settings, TransportError};
use super::tls;

/// Sends requests.
pub struct Transport {
    client: reqwest::Client,
    address: Address,
    /// The address as a text.
    base: String,
    guard: Guard,
    account: Option<Credentials>,
    unprivileged: Option<Credentials>,
    redactor: RwLock<Redactor>,
    limits: Limits,
    uses_session: bool,
    session: tokio::sync::Mutex<Session>,
    /// Exchanges that the transport had of its own accord: a login in mid-run.
    aside: Mutex<Vec<Exchange>>,
    shown: tls::Shown,
    /// When the next request may leave, where there is a ceiling on their rate.
    next_slot: tokio::sync::Mutex<Option<Instant>>,
}

impl Transport {
    /// A transport; sends nothing yet.
    #[expect(clippy::disallowed_methods, reason = "the one door to building a client")]
    pub fn new(settings: Settings) -> Result<Self, TransportError> {
        let Settings { base_url, tls: policy, account, unprivileged, session, allow, known, limits } = settings;
        let address = Address::parse(&base_url)?;
        let mut redactor = Redactor::default();
        for credentials in [&account, &unprivileged].into_iter().flatten() {
            redactor.add(Some(&credentials.user), &credentials.password);
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("lxca-conform/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .http1_only()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(limits.connect_timeout)
            .timeout(limits.request_timeout)
            .pool_idle_timeout(Duration::from_secs(5))
            .tcp_nodelay(true);
        // Loading the system's roots costs more than the rest of the start; plain HTTP has no use for them.
        let builder = if address.is_plain() { builder.tls_certs_only([]) } else { builder };
        let shown = tls::Shown::default();
        let builder = match tls::config(&policy, &shown)? {
            Some(config) if !address.is_plain() => builder.tls_backend_preconfigured(config),
            _ => builder,
        };
        let client = builder.build().map_err(|error| TransportError::Client(chain(&error)))?;
        Ok(Self {
            client,
            base: address.to_string(),
            address,
            guard: Guard::new(allow, known),
            account,
            unprivileged,
            redactor: RwLock::new(redactor),
            limits,
            uses_session: session,
            session: tokio::sync::Mutex::new(Session::default()),
            aside: Mutex::new(Vec::new()),
            shown,
            next_slot: tokio::sync::Mutex::new(None),
        })
    }

    /// Gives the second account, when it becomes known only after the target told who it is.
    pub fn set_unprivileged(&mut self, credentials: Credentials) {
        self.redactor.get_mut().unwrap_or_else(PoisonError::into_inner).add(Some(&credentials.user), &credentials.password);
        self.unprivileged = Some(credentials);
    }

    /// Whether there is a second account.
    #[must_use]
    pub fn has_unprivileged(&self) -> bool {
        self.unprivileged.is_some()
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

    /// The SHA-256 of the certificate that the peer showed last, where the policy is ours to check.
    #[must_use]
    pub fn certificate_shown(&self) -> Option<String> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Exchanges that were had on the side since the last call.
    #[must_use]
    pub fn take_aside(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.aside.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A case begins: what it did before is no ground for a clean-up.
    pub fn begin(&self, case: &str) {
        self.guard.forget(case);
    }

    /// Takes note of what a case did in an earlier run, so that its clean-ups can be held against that.
    pub fn recall(&self, exchange: &Exchange) {
        let Some(got) = &exchange.got else { return };
        let Sent { method, target, auth, headers, body } = exchange.sent.clone();
        let request = Outgoing { method, target, headers, body, auth, purpose: exchange.purpose };
        self.remember(&exchange.case, &request, got);
    }

    fn remember(&self, case: &str, request: &Outgoing, got: &Received) {
        if let Ok(url) = self.address.with(&request.target) {
            self.guard.note(case, request, url.path(), got.status, || got.json().ok());
        }
    }

    /// The bounds in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends one request. A read whose connection breaks before any answer is tried once more, and that is kept.
    /// When the run's session has expired, it is opened anew once in a run, and the request that was refused for it is sent again.
    pub async fn exchange(&self, case: &str, step: &str, attempt: u32, request: &Outgoing, at: jiff::Timestamp) -> Exchange {
        let start = Instant::now();
        let mut retried = Vec::new();
        let in_session = self.uses_session && request.auth == Auth::Default && self.account.is_some();
        let generation = if in_session { self.session.lock().await.generation } else { 0 };
        let mut outcome = self.send(case, request).await;
        let read = matches!(request.method.as_str(), "GET" | "HEAD");
        if let Err(fault) = &outcome
            && read
            && fault.kind == FaultKind::Closed
            && fault.message.starts_with(BEFORE_ANSWER)
        {
            retried.push(fault.clone());
            outcome = self.send(case, request).await;
        }
        if in_session && generation > 0 && matches!(&outcome, Ok(got) if got.status == 401) && self.reopen(generation, at).await {
            retried.push(Fault { kind: FaultKind::Refused, message: "401: the session had expired; sent again in a new one".to_owned() });
            outcome = self.send(case, request).await;
        }
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Ok(got) = &outcome {
            self.remember(case, request, got);
        }
        let (got, fault) = match outcome {
            Ok(got) => (Some(got), None),
            Err(fault) => (None, Some(fault)),
        };
        Exchange { case: case.to_owned(), step: step.to_owned(), attempt, purpose: request.purpose, at, took_us, sent: self.kept(request), got, fault, retried }
    }

    /// Whether the run opens a session.
    #[must_use]
    pub fn uses_session(&self) -> bool {
        self.uses_session && self.account.is_some()
    }

    /// Opens the run's session; `None` where the run has none.
    pub async fn login(&self, at: jiff::Timestamp) -> Option<Exchange> {
        let account = self.account.clone().filter(|_| self.uses_session)?;
        let mut session = self.session.lock().await;
        Some(self.open(&mut session, &account, at).await)
    }

    /// Closes the run's session, if one is open.
    pub async fn logout(&self, at: jiff::Timestamp) -> Option<Exchange> {
        if self.session.lock().await.is_closed() {
            return None;
        }
        let request = Outgoing { method: "DELETE".to_owned(), target: "/sessions".to_owned(), headers: Vec::new(), body: None, auth: Auth::Default, purpose: Purpose::Logout };
        let exchange = self.exchange("", "logout", 1, &request, at).await;
        self.session.lock().await.close();
        Some(exchange)
    }

    /// Opens a new session in place of an expired one; false when that was tried before.
    async fn reopen(&self, generation: u32, at: jiff::Timestamp) -> bool {
        let Some(account) = self.account.clone() else { return false };
        let mut session = self.session.lock().await;
        if session.generation != generation {
            // Somebody else has opened a new one meanwhile.
            return !session.is_closed();
        }
        if generation > 1 {
            return false;
        }
        let exchange = self.open(&mut session, &account, at).await;
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        !session.is_closed()
    }

    async fn open(&self, session: &mut Session, account: &Credentials, at: jiff::Timestamp) -> Exchange {
        let start = Instant::now();
        let body = session::login_body(account);
        let request = Outgoing {
            method: "POST".to_owned(),
            target: "/sessions".to_owned(),
            headers: vec![
                ("accept".to_owned(), "application/json".to_owned()),
                ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
                ("referer".to_owned(), format!("{}/sessions", self.base)),
            ],
            body: Some(body),
            auth: Auth::None,
            purpose: Purpose::Login,
        };
        let outcome = self.answer("", &request, None).await;
        let (got, fault) = match outcome {
            Ok((status, version, headers, bytes, truncated)) => {
                session.open(status, &headers, &bytes, &mut self.redactor.write().unwrap_or_else(PoisonError::into_inner), &account.user);
                (Some(self.received(status, version, &headers, bytes, truncated)), None)
            }
            Err(fault) => (None, Some(fault)),
        };
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Exchange { case: String::new(), step: "login".to_owned(), attempt: session.generation.max(1), purpose: Purpose::Login, at, took_us, sent: self.kept(&request), got, fault, retried: Vec::new() }
    }

    fn credentials(&self, auth: Auth) -> Option<Credentials> {
        let wrong = |user: &str| Credentials { user: user.to_owned(), password: SecretString::from("not-the-password-of-anyone".to_owned()) };
        match auth {
            Auth::Default => self.account.clone(),
            Auth::None => None,
            Auth::WrongPassword => self.account.as_ref().map(|account| wrong(&account.user)),
            Auth::UnknownUser => Some(wrong("NOSUCHUSER")),
            Auth::Unprivileged => self.unprivileged.clone(),
        }
    }

    fn kept(&self, request: &Outgoing) -> Sent {
        let redactor = self.redactor();
        let mut headers: Vec<(String, String)> = request.headers.iter().map(|(name, value)| (name.clone(), redactor.header(name, value))).collect();
        if self.credentials(request.auth).is_some() {
            let (name, value) = if self.uses_session && request.auth == Auth::Default { ("cookie", "x") } else { ("authorization", "Basic x") };
            headers.push((name.to_owned(), redactor.header(name, value)));
        }
        let body = request.body.as_ref().map(|body| redactor.body(body));
        Sent { method: request.method.clone(), target: redactor.text(&request.target), auth: request.auth, headers, body }
    }

    async fn send(&self, case: &str, request: &Outgoing) -> Result<Received, Fault> {
        let session = if self.uses_session && request.auth == Auth::Default { Some(self.session.lock().await.headers(&request.method)) } else { None };
        let (status, version, headers, bytes, truncated) = self.answer(case, request, session).await?;
        Ok(self.received(status, version, &headers, bytes, truncated))
    }

    fn received(&self, status: u16, version: String, headers: &[(String, Vec<u8>)], bytes: Vec<u8>, truncated: bool) -> Received {
        let headers = {
            let redactor = self.redactor();
            headers.iter().map(|(name, value)| (name.clone(), redactor.header(name, &String::from_utf8_lossy(&redactor.bytes(value))))).collect()
        };
        Received { status, version, headers, body: self.keep(bytes, truncated) }
    }

    /// One request on the wire, and the bytes of its answer. Everything that leaves the process passes here, behind the guard.
    async fn answer(&self, case: &str, request: &Outgoing, session: Option<Vec<(&'static str, String)>>) -> Result<Answer, Fault> {
        let refused = |message: String| Fault { kind: FaultKind::Refused, message };
        let url = self.address.with(&request.target).map_err(refused)?;
        self.guard.check(case, request, &url).map_err(refused)?;
        self.wait_for_slot().await;
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|error| refused(error.to_string()))?;
        let mut builder = self.client.request(method, url.into_url());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(session) = session {
            for (name, value) in session {
                builder = builder.header(name, value);
            }
        } else if let Some(credentials) = self.credentials(request.auth) {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", credentials.user, credentials.password.expose_secret()));
            builder = builder.header("authorization", format!("Basic {pair}"));
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let mut response = builder.send().await.map_err(|error| self.fault(&error, true))?;
        let status = response.status().as_u16();
        let version = format!("{:?}", response.version());
        let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        let mut bytes = Vec::new();
        let mut truncated = false;
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = usize::try_from(self.limits.max_body).unwrap_or(usize::MAX).saturating_sub(bytes.len());
                    bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        truncated = true;
                        break;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let mut fault = self.fault(&error, false);
                    fault.message = format!("after status {status} and {} bytes of the body: {}", bytes.len(), fault.message);
                    return Err(fault);
                }
            }
        }
        Ok((status, version, headers, bytes, truncated))
    }

    async fn wait_for_slot(&self) {
        if self.limits.requests_per_second == 0 {
            return;
        }
        let gap = Duration::from_secs(1) / self.limits.requests_per_second;
        let mut next = self.next_slot.lock().await;
        let now = Instant::now();
        let slot = next.filter(|slot| *slot > now).unwrap_or(now);
        *next = Some(slot + gap);
        drop(next);
        tokio::time::sleep_until(slot.into()).await;
    }

    fn keep(&self, bytes: Vec<u8>, truncated: bool) -> Body {
        let length = bytes.len() as u64;
        let bytes = match String::from_utf8(bytes) {
            Ok(text) if text.is_empty() => return Body { truncated, ..Body::default() },
            Ok(text) => return Body { text: Some(self.redactor().body(&text)), base64: None, bytes: length, truncated, whole_sha256: None },
            Err(error) if truncated && error.utf8_error().error_len().is_none() => {
                // Only the last character was cut.
                let valid = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                return Body { text: Some(self.redactor().body(&text)), base64: None, bytes: length, truncated, whole_sha256: None };
            }
            Err(error) => error.into_bytes(),
        };
        // Latin-1 keeps every byte, so that members can be found by their names.
        let latin: String = self.redactor().bytes(&bytes).iter().map(|byte| char::from(*byte)).collect();
        let clean = self.redactor().body(&latin);
        let clean: Vec<u8> = clean.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        Body { text: None, base64: Some(base64::engine::general_purpose::STANDARD.encode(clean)), bytes: length, truncated, whole_sha256: None }
    }

    fn fault(&self, error: &reqwest::Error, before_answer: bool) -> Fault {
        let text = chain(error);
        let lower = text.to_lowercase();
        let kind = if ["certificate", "tls", "handshake", "invalidcontenttype"].iter().any(|word| lower.contains(word)) {
            FaultKind::Tls
        } else if error.is_timeout() {
            if error.is_connect() { FaultKind::Connect } else { FaultKind::Timeout }
        } else if error.is_connect() {
            FaultKind::Connect
        } else if ["reset", "closed", "incomplete", "eof", "broken pipe", "end of file", "before message completed"].iter().any(|word| lower.contains(word)) {
            FaultKind::Closed
        } else {
            FaultKind::Protocol
        };
        let text = self.redactor().text(&text);
        let message = if before_answer && kind == FaultKind::Closed { format!("{BEFORE_ANSWER}: {text}") } else { text };
        Fault { kind, message }
    }
}

/// Status, version, headers, body, and whether the bound cut the body.
type Answer = (u16, String, Vec<(String, Vec<u8>)>, Vec<u8>, bool);

const BEFORE_ANSWER: &str = "before any answer";

/// An error with all its causes, without the address (the record names it once).
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let text = text.split(" for url (").next().unwrap_or_default().to_owned();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}
