//! Secrets by their names where no body is: in addresses, queries and the challenges of a login.
//!
//! Knows: the parts of an address, and the parameters of a header. Must not know: bodies.

use std::sync::OnceLock;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::Regex;

use super::{MARK, Redactor, is_secret_parameter};

impl Redactor {
    /// A path with its query, without secrets.
    #[must_use]
    pub fn target(&self, target: &str) -> String {
        match target.split_once('?') {
            Some((path, query)) => format!("{}?{}", self.path(path), self.query(query)),
            None => self.path(target),
        }
    }

    /// A path without secrets; some servers write the id of a session as a parameter of it.
    fn path(&self, path: &str) -> String {
        let path = self.text(path);
        if !path.contains(';') {
            return path;
        }
        let clean = |parameter: &str| match parameter.split_once('=') {
            Some((name, value)) if is_secret_parameter(name) => {
                let rest = value.find('/').map_or("", |at| &value[at..]);
                format!("{name}={MARK}{rest}")
            }
            _ => parameter.to_owned(),
        };
        path.split(';').map(clean).collect::<Vec<_>>().join(";")
    }

    /// A query, or a form, without secrets.
    #[must_use]
    pub fn query(&self, query: &str) -> String {
        let clean = |pair: &str| {
            let Some((name, value)) = pair.split_once('=') else {
                return self.text(pair);
            };
            if is_secret_parameter(&decoded(name)) {
                return format!("{}={MARK}", self.text(name));
            }
            // A parameter may hold JSON.
            let plain = decoded(value);
            let without = self.body(&plain);
            if without == plain {
                return self.text(pair);
            }
            let without = utf8_percent_encode(&without, NON_ALPHANUMERIC);
            format!("{}={without}", self.text(name))
        };
        query.split('&').map(clean).collect::<Vec<_>>().join("&")
    }

    /// An address without the name and password of a user, and without secrets in its query.
    #[must_use]
    pub fn address(&self, url: &str) -> String {
        let (scheme, authority, rest) = split(url);
        let fragment = url.split_once('#').map(|(_, fragment)| self.text(fragment));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let start = if scheme.is_empty() {
            self.text(host)
        } else {
            format!("{}://{}", self.text(scheme), self.text(host))
        };
        let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
        format!("{start}{}{fragment}", self.target(rest))
    }
}

/// Scheme, authority, and the rest from the path on, of an address however it is written: a
/// cassette may have a place-holder for the host.
pub(crate) fn split(url: &str) -> (&str, &str, &str) {
    let url = url.trim();
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let Some((scheme, rest)) = url.split_once("://") else { return ("", "", url) };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    (scheme, &rest[..end], &rest[end..])
}

/// Headers that hold an address.
pub(crate) fn is_address(header: &str) -> bool {
    ["location", "referer", "content-location", "origin"]
        .iter()
        .any(|known| header.eq_ignore_ascii_case(known))
}

/// Headers that ask for a login, or answer one.
pub(super) fn is_challenge(header: &str) -> bool {
    ["www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info"]
        .contains(&header)
}

/// A challenge that can't be answered any more: without what it is tied to. Scheme and realm stay.
pub(super) fn challenge(value: &str) -> String {
    static SEARCH: OnceLock<Option<Regex>> = OnceLock::new();
    let search = SEARCH.get_or_init(|| {
        let names = "c?nonce|nextnonce|opaque|response|rspauth";
        let text = r#""(?:[^"\\]|\\.)*"?|[^\s,"]+"#;
        Regex::new(&format!(
            r"(?i)(\b(?:{names})[ \t]*=[ \t]*)(?:{text})|(\b(?:negotiate|ntlm|kerberos)[ \t]+)[^\s,=]+=*"
        ))
        .ok()
    });
    let Some(search) = search else { return MARK.to_owned() };
    search
        .replace_all(value, |found: &regex::Captures<'_>| {
            let quote = if found.get(1).is_some() { "\"" } else { "" };
            let before = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
            format!("{before}{quote}{MARK}{quote}")
        })
        .into_owned()
}

/// A parameter as it was meant.
pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
