//! Finds the secrets of a recording, and takes them out of everything that is kept of it.
//!
//! Knows: where requests and answers carry secrets: headers, cookies, addresses, forms, members of
//! bodies. Must not know: the form of the recording, or what is judged.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::SecretString;
use serde_json::Value;

use crate::redact::{MARK, Redactor, is_secret_header, is_secret_member};

use super::entry::Entry;

/// What is known of the secrets of all recordings that are judged together.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) redactor: Redactor,
    /// Ids of sessions that are looked for.
    ids: BTreeSet<String>,
    /// Whether they come one after the other, between texts that are cleaned.
    live: bool,
}

/// A recording of a month has an id of a session for each login. Beyond so many they are taken out
/// where they stand by name, and aren't looked for elsewhere.
const MOST_IDS: usize = 200;

impl Secrets {
    /// For exchanges that are kept one by one as they are had.
    pub(super) fn live() -> Self {
        Self { live: true, ..Self::default() }
    }

    /// Learns the secrets of one exchange, so that they are found wherever else they stand.
    pub(super) fn learn(&mut self, entry: &Entry) {
        self.learn_address(&entry.url);
        for (name, value) in &entry.headers {
            self.learn_header(name, value);
        }
        self.learn_body(entry.body.as_deref());
        let Ok(answer) = &entry.answer else { return };
        for (name, value) in &answer.headers {
            self.learn_header(name, value);
            if is_address(name) {
                self.learn_address(value);
            }
        }
        self.learn_body(answer.body.as_deref());
    }

    fn add(&mut self, user: Option<&str>, secret: &str) {
        if is_distinct(secret) {
            self.redactor.add(user, &SecretString::from(secret.to_owned()));
        }
    }

    fn learn_address(&mut self, url: &str) {
        let (_, authority, rest) = split(url);
        if let Some((user, password)) =
            authority.rsplit_once('@').and_then(|(info, _)| info.split_once(':'))
        {
            self.add(Some(&decoded(user)), &decoded(password));
        }
        for (name, value) in pairs(rest.split_once('?').map_or("", |(_, query)| query)) {
            if is_secret_parameter(&name) {
                self.add(None, &value);
            }
        }
    }

    fn learn_header(&mut self, name: &str, value: &str) {
        match name.to_lowercase().as_str() {
            "authorization" | "proxy-authorization" => {
                let Some((scheme, token)) = value.trim().split_once(' ') else { return };
                let clear = STANDARD.decode(token.trim()).ok().map(String::from_utf8);
                match clear {
                    Some(Ok(clear)) if scheme.eq_ignore_ascii_case("basic") => {
                        if let Some((user, password)) = clear.split_once(':') {
                            self.add(Some(user), password);
                        }
                    }
                    _ => self.add(None, token.trim()),
                }
            }
            "cookie" => {
                for cookie in value.split(';') {
                    self.learn_cookie(cookie);
                }
            }
            "set-cookie" => self.learn_cookie(value.split(';').next().unwrap_or_default()),
            lower if is_secret_header(lower) || is_secret_parameter(lower) => {
                self.add(None, value.trim());
            }
            _ => {}
        }
    }

    /// Many cookies hold a word, such as the way in which users are known; only what is like an id
    /// is looked for elsewhere.
    fn learn_cookie(&mut self, cookie: &str) {
        let Some((_, value)) = cookie.split_once('=') else { return };
        let value = value.trim().trim_matches('"');
        if value.len() >= 10
            && value.contains(|c: char| c.is_ascii_digit())
            && self.ids.len() < MOST_IDS
            && self.ids.insert(value.to_owned())
        {
            if self.live && is_distinct(value) {
                self.redactor.add_renewed(&SecretString::from(value.to_owned()));
            } else {
                self.add(None, value);
            }
        }
    }

    fn learn_body(&mut self, body: Option<&[u8]>) {
        let Some(text) = body.and_then(|body| std::str::from_utf8(body).ok()) else { return };
        match serde_json::from_str(text) {
            Ok(value) => self.learn_members(&value),
            Err(_) if is_form(text) => {
                for (name, value) in pairs(text) {
                    if is_secret_parameter(&name) {
                        self.add(None, &value);
                    }
                }
            }
            Err(_) => {}
        }
    }

    fn learn_members(&mut self, value: &Value) {
        match value {
            Value::Array(rows) => rows.iter().for_each(|row| self.learn_members(row)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if is_secret_member(name) => self.add(None, text),
                        other => self.learn_members(other),
                    }
                }
            }
            _ => {}
        }
    }

    /// A path with its query, without secrets.
    pub(super) fn target(&self, path: &str, query: Option<&str>) -> String {
        let path = self.redactor.text(path);
        match query {
            Some(query) => format!("{path}?{}", self.query(query)),
            None => path,
        }
    }

    fn query(&self, query: &str) -> String {
        let clean = |pair: &str| {
            let Some((name, value)) = pair.split_once('=') else {
                return self.redactor.text(pair);
            };
            if is_secret_parameter(&decoded(name)) {
                return format!("{}={MARK}", self.redactor.text(name));
            }
            // A parameter may hold JSON.
            let plain = decoded(value);
            let without = self.redactor.body(&plain);
            if without == plain {
                return self.redactor.text(pair);
            }
            let without = utf8_percent_encode(&without, NON_ALPHANUMERIC);
            format!("{}={without}", self.redactor.text(name))
        };
        query.split('&').map(clean).collect::<Vec<_>>().join("&")
    }

    /// An address without the name and password of a user, and without secrets in its query.
    pub(super) fn address(&self, url: &str) -> String {
        let (scheme, authority, rest) = split(url);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (path, query) =
            rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let start = if scheme.is_empty() {
            self.redactor.text(host)
        } else {
            format!("{}://{}", self.redactor.text(scheme), self.redactor.text(host))
        };
        format!("{start}{}", self.target(path, query))
    }

    /// The value of a header, before it is kept.
    pub(super) fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_address(name) {
            Cow::Owned(self.address(value))
        } else if is_secret_parameter(name) && !is_secret_header(name) {
            Cow::Borrowed(MARK)
        } else {
            Cow::Borrowed(value)
        }
    }

    /// The body of a request.
    pub(super) fn sent(&self, body: &[u8]) -> String {
        let Ok(text) = std::str::from_utf8(body) else {
            return format!("({} bytes that aren't text)", body.len());
        };
        if is_form(text) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
            return self.query(text);
        }
        self.redactor.body(text)
    }
}

/// Scheme, authority, and the rest from the path on, of an address however it is written: a
/// cassette may have a place-holder for the host.
pub(super) fn split(url: &str) -> (&str, &str, &str) {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let Some((scheme, rest)) = url.split_once("://") else { return ("", "", url) };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    (scheme, &rest[..end], &rest[end..])
}

fn is_address(name: &str) -> bool {
    ["location", "referer", "content-location", "origin"]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

/// What is no ordinary word or number, so that it can be looked for in whole bodies without
/// spoiling them. What isn't is still taken out where its name tells that it is a secret.
fn is_distinct(secret: &str) -> bool {
    let plain = secret.len() < 8 && secret.bytes().all(|c| c.is_ascii_lowercase());
    let number = secret.bytes().all(|c| c.is_ascii_digit());
    secret.len() >= 4 && !plain && !number && secret != MARK
}

fn is_secret_parameter(name: &str) -> bool {
    let lower = name.to_lowercase();
    is_secret_member(&lower)
        || ["password", "token", "secret", "sessionid", "api-key", "apikey", "credential"]
            .iter()
            .any(|part| lower.contains(part))
}

fn is_form(text: &str) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    text.contains('=')
        && !name.is_empty()
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.[]%+".contains(&c))
}

fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::entry::Answer;
    use super::*;

    fn entry(url: &str) -> Entry {
        Entry {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: None,
            at: None,
            took_us: 0,
            answer: Ok(Answer::default()),
        }
    }

    #[test]
    fn a_secret_is_found_wherever_it_came_from() {
        let basic = format!("Basic {}", STANDARD.encode("ADMIN:Swordfish1"));
        let mut one = entry("https://bob:Open%20Sesame@lxca/aicc?token=t0psecret&x=1");
        one.headers = vec![
            ("Authorization".to_owned(), basic),
            ("Cookie".to_owned(), "mode=ldap_local; JSESSIONID=node01abc99xyz".to_owned()),
        ];
        one.body = Some(b"{\"UserId\":\"ADMIN\",\"newPassword\":\"N3w-one!\"}".to_vec());
        let mut secrets = Secrets::default();
        secrets.learn(&one);
        let clean = secrets.sent(one.body.as_deref().unwrap());
        assert_eq!(clean, "{\"UserId\":\"ADMIN\",\"newPassword\":\"[redacted]\"}");
        for secret in ["Swordfish1", "Open Sesame", "t0psecret", "node01abc99xyz", "N3w-one!"] {
            assert_eq!(secrets.redactor.text(&format!("a {secret} b")), format!("a {MARK} b"));
        }
        assert_eq!(secrets.redactor.text("ldap_local"), "ldap_local");
        assert_eq!(secrets.address(&one.url), "https://lxca/aicc?token=[redacted]&x=1");
        assert_eq!(secrets.sent(b"user=ADMIN&password=abc"), "user=ADMIN&password=[redacted]");
        let json = "filter=%7B%22password%22%3A%22abc%22%7D";
        assert!(!secrets.target("/events", Some(json)).contains("abc"));
    }

    #[test]
    fn a_password_that_is_a_word_or_a_number_spoils_no_body() {
        let mut one = entry("https://lxca/sessions");
        one.body = Some(b"{\"password\":\"1234\",\"x\":{\"token\":\"name\"}}".to_vec());
        let mut secrets = Secrets::default();
        secrets.learn(&one);
        assert_eq!(secrets.redactor.body("{\"name\":12345}"), "{\"name\":12345}");
        assert_eq!(
            secrets.sent(one.body.as_deref().unwrap()),
            "{\"password\":\"[redacted]\",\"x\":{\"token\":\"[redacted]\"}}"
        );
    }
}
