//! The run's own session: opened, renewed, opened again when it expired, and closed.
//!
//! Knows: which requests are sent in it, and how often it may be opened. Must not know: how a login
//! is put together (that is `session`).

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::address::RequestUrl;
use crate::appliance::Login;
use crate::exchange::{AFTER_LOGOUT, Exchange, Fault, FaultKind, Outgoing, Purpose, Received};
use crate::terms::Auth;
use crate::transport::connections::Way;
use crate::transport::session::{self, Session, Ticket};
use crate::transport::settings::Credentials;

use super::{Transport, apart};

impl Transport {
    /// Sends one request in the run's session.
    pub(super) async fn in_session(
        &self,
        case: &str,
        request: &Outgoing,
        at: jiff::Timestamp,
        retried: &mut Vec<Fault>,
    ) -> Result<Received, Fault> {
        let refused =
            |outcome: &Result<Received, Fault>| matches!(outcome, Ok(got) if got.status == 401);
        let (mut outcome, mut ticket) = if self.one_by_one.load(Ordering::SeqCst) {
            let _alone = self.turn.write().await;
            self.show(case, request, retried).await
        } else {
            let _together = self.turn.read().await;
            self.show(case, request, retried).await
        };
        if !refused(&outcome) {
            return outcome;
        }
        // What is under way may bring the new id; only when all of it is back it is known whether
        // there is one.
        let _alone = self.turn.write().await;
        let (newer, same) = {
            let session = self.session.lock().await;
            (session.is_newer(&ticket), session.generation == ticket.generation)
        };
        if newer {
            self.one_by_one.fetch_or(same, Ordering::SeqCst);
            retried.push(Fault::new(
                FaultKind::Session,
                "401: the session id had been renewed meanwhile; sent again with the new one",
            ));
            (outcome, ticket) = self.show(case, request, retried).await;
        }
        // A session that can't be closed because it isn't there any more needs no new one.
        if refused(&outcome)
            && request.purpose != Purpose::Logout
            && ticket.generation > 0
            && self.reopen(ticket.generation, at).await
        {
            retried.push(Fault::new(
                FaultKind::Session,
                "401: the session had expired; sent again in a new one",
            ));
            (outcome, _) = self.show(case, request, retried).await;
        }
        outcome
    }

    /// Sends one request with what the session shows now.
    async fn show(
        &self,
        case: &str,
        request: &Outgoing,
        retried: &mut Vec<Fault>,
    ) -> (Result<Received, Fault>, Ticket) {
        let url = self.address.with(&request.target).ok().map(RequestUrl::into_url);
        let session = self.session.lock().await;
        let ticket = session.ticket(self.appliance.login.as_ref(), url.as_ref(), &request.method);
        drop(session);
        let outcome = self.send(case, request, Some(&ticket), retried).await;
        if matches!(&outcome, Ok(got) if got.status != 401) {
            self.proved.fetch_max(ticket.generation, Ordering::SeqCst);
        }
        (outcome, ticket)
    }

    /// Whether a request is sent in the session.
    pub(super) fn is_of_session(&self, auth: Auth) -> bool {
        self.account.is_some()
            && (auth == Auth::Session || (self.uses_session && auth == Auth::Default))
    }

    /// Opens the session, where the run itself has none and a request needs one.
    pub(super) async fn opened(&self, at: jiff::Timestamp) -> Result<(), Fault> {
        let Some(account) = self.account.clone().filter(|_| !self.uses_session) else {
            return Ok(());
        };
        let mut session = self.session.lock().await;
        if let Some(login) = self.appliance.login.as_ref()
            && session.is_closed()
            && session.generation == 0
        {
            let exchange = self.open(&mut session, login, &account, at).await;
            self.aside.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        }
        if session.is_closed() {
            let why = "no session could be opened in addition to HTTP Basic";
            Err(Fault::new(FaultKind::Session, why))
        } else {
            Ok(())
        }
    }

    /// Whether the run opens a session.
    #[must_use]
    pub fn uses_session(&self) -> bool {
        self.uses_session && self.account.is_some()
    }

    /// Opens the run's session; `None` where the run has none.
    pub async fn login(&self, at: jiff::Timestamp) -> Option<Exchange> {
        let account = self.account.clone().filter(|_| self.uses_session)?;
        let login = self.appliance.login.as_ref()?;
        let mut session = self.session.lock().await;
        Some(self.open(&mut session, login, &account, at).await)
    }

    /// Closes the run's session, if one is open and the appliance knows how.
    pub async fn logout(&self, at: jiff::Timestamp) -> Option<Exchange> {
        if self.session.lock().await.is_closed() {
            return None;
        }
        let logout = self.appliance.logout.as_ref()?;
        let request = Outgoing {
            method: logout.method.clone(),
            target: logout.path.clone(),
            headers: Vec::new(),
            body: None,
            auth: if self.uses_session { Auth::Default } else { Auth::Session },
            purpose: Purpose::Logout,
        };
        // As it is before the answer to the logout takes its cookies away.
        let ended = self.session.lock().await.clone();
        let exchange = self.exchange("", "logout", 1, &request, at).await;
        let mut session = self.session.lock().await;
        session.close();
        session.ended = Some(Box::new(ended));
        Some(exchange)
    }

    /// Asks once more what the session was shown, after it was closed; `None` where none was.
    pub async fn ask_after_logout(
        &self,
        attempt: u32,
        path: &str,
        at: jiff::Timestamp,
    ) -> Option<Exchange> {
        let start = Instant::now();
        let mut retried = Vec::new();
        let request =
            Outgoing { auth: Auth::EndedSession, ..Outgoing::read(path, Purpose::AfterLogout) };
        let ended = self.session.lock().await.ended.clone()?;
        let url = self.address.with(path).ok().map(RequestUrl::into_url);
        let ticket = ended.ticket(self.appliance.login.as_ref(), url.as_ref(), &request.method);
        let (got, fault) = apart(self.send("", &request, Some(&ticket), &mut retried).await);
        Some(Exchange {
            case: String::new(),
            step: AFTER_LOGOUT.to_owned(),
            attempt,
            purpose: request.purpose,
            at,
            took_us: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            sent: self.kept(&request),
            got,
            fault,
            retried,
        })
    }

    /// Opens a new session in place of an expired one; false when that was tried before, or when
    /// the session never worked.
    async fn reopen(&self, generation: u32, at: jiff::Timestamp) -> bool {
        let (Some(account), Some(login)) = (self.account.clone(), self.appliance.login.as_ref())
        else {
            return false;
        };
        let mut session = self.session.lock().await;
        if session.generation != generation {
            // Somebody else has opened a new one meanwhile.
            return !session.is_closed();
        }
        // What never worked hasn't expired, and a user may have only a few sessions.
        if generation > 1 || self.proved.load(Ordering::SeqCst) < generation {
            return false;
        }
        let exchange = self.open(&mut session, login, &account, at).await;
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        !session.is_closed()
    }

    async fn open(
        &self,
        session: &mut Session,
        login: &Login,
        account: &Credentials,
        at: jiff::Timestamp,
    ) -> Exchange {
        let start = Instant::now();
        let body = session::login_body(login, account);
        let headers = login
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value.replace("{{url}}", &self.base)));
        let request = Outgoing {
            method: login.method.clone(),
            target: login.path.clone(),
            headers: headers.collect(),
            body: Some(body),
            auth: Auth::None,
            purpose: Purpose::Login,
        };
        let outcome = self.answer("", &request, None, Way::Usual).await;
        let (got, fault) = match outcome {
            Ok(mut answer) => {
                let body = answer.unpacked(self.limits.max_body);
                // What a login brings is for what is asked after it.
                let url = |target: &str| self.address.with(target).ok().map(RequestUrl::into_url);
                let (here, next) = (url(&request.target), url(&self.appliance.identify.path));
                let mut redactor = self.redactor.write().unwrap_or_else(PoisonError::into_inner);
                session.open(
                    login,
                    here.zip(next).as_ref(),
                    (answer.status, &answer.headers),
                    &body.bytes,
                    &mut redactor,
                    &account.user,
                );
                (Some(answer.received(body, &redactor)), None)
            }
            Err(fault) => (None, Some(fault)),
        };
        let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Exchange {
            case: String::new(),
            step: "login".to_owned(),
            attempt: session.generation.max(1),
            purpose: Purpose::Login,
            at,
            took_us,
            sent: self.kept(&request),
            got,
            fault,
            retried: Vec::new(),
        }
    }
}
