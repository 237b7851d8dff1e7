//! The run's one session, as real clients keep it: cookies, and the CSRF token as a header.
//!
//! Knows: `POST /sessions` and what comes back (the pages on sessions and on authentication; recorded clients). Holds secrets, so it has no
//! `Debug`. Must not know: when a session is opened or closed.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::redact::Redactor;

use super::settings::Credentials;

/// Cookies and token of a session.
#[derive(Default)]
pub(super) struct Session {
    /// How often a session was opened in this run.
    pub(super) generation: u32,
    cookies: Vec<(String, SecretString)>,
    csrf: Option<SecretString>,
}

/// Cookies that hold no secret.
const OPEN_COOKIES: &[&str] = &["user", "inactivityTimeout", "userAuthenticationMethod"];

impl Session {
    pub(super) fn is_closed(&self) -> bool {
        self.cookies.is_empty()
    }

    pub(super) fn close(&mut self) {
        self.cookies.clear();
        self.csrf = None;
    }

    /// Takes over what a login brought, and teaches the redactor its secrets before anything of it is kept.
    pub(super) fn open(&mut self, status: u16, headers: &[(String, Vec<u8>)], body: &[u8], redactor: &mut Redactor, user: &str) {
        self.close();
        self.generation += 1;
        let set = headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let pairs: Vec<(String, String)> = set.filter_map(|cookie| cookie.split(';').next()?.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))).collect();
        let session = serde_json::from_slice::<Value>(body).ok().and_then(|body| body.pointer("/response/session").cloned());
        let told = |name: &str| session.as_ref().and_then(|session| session.get(name)).and_then(Value::as_str).map(str::to_owned);
        for secret in pairs.iter().filter(|(name, value)| !OPEN_COOKIES.contains(&name.as_str()) && value != user).map(|(_, value)| value.clone()).chain(told("csrf")).chain(told("id")) {
            // A value as short as a flag would tear holes into every text.
            if secret.len() >= 6 {
                redactor.add(None, &SecretString::from(secret));
            }
        }
        if !(200..300).contains(&status) {
            return;
        }
        let header = headers.iter().find(|(name, _)| name == "csrf" || name == "x-csrf-token").map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        let cookie = pairs.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.clone());
        self.csrf = cookie.or(header).or_else(|| told("csrf")).map(SecretString::from);
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            self.cookies.retain(|(known, _)| *known != name);
            self.cookies.push((name, SecretString::from(value)));
        }
    }

    /// The headers of a request in this session.
    pub(super) fn headers(&self, method: &str) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if !self.cookies.is_empty() {
            let jar = self.cookies.iter().map(|(name, value)| format!("{name}={}", value.expose_secret())).collect::<Vec<_>>().join("; ");
            headers.push(("cookie", jar));
        }
        if let Some(csrf) = &self.csrf {
            headers.push(("x-csrf-token", csrf.expose_secret().to_owned()));
        }
        if method == "DELETE" {
            headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        }
        headers
    }
}

/// The body of a login.
pub(super) fn login_body(account: &Credentials) -> String {
    json!({ "UserId": account.user, "password": account.password.expose_secret() }).to_string()
}
