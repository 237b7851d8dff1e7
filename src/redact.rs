//! Takes secrets out of everything that is kept, at the moment it enters.
//!
//! Knows: the secrets of the run and the forms in which a peer can send them back. Must not know: files, verdicts.

use std::fmt;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// Headers whose values are secret whatever they hold.
const SECRET_HEADERS: &[&str] = &["authorization", "proxy-authorization", "cookie", "set-cookie", "x-csrf-token", "csrf", "x-auth-token", "www-authenticate-token"];
/// Members of JSON bodies whose text values are secret whatever they hold.
const SECRET_MEMBERS: &[&str] = &["password", "userpw", "passphrase", "csrf", "csrftoken", "newpassword", "oldpassword", "token", "sessionid", "jsessionid"];

/// Replaces secrets in texts.
#[derive(Default)]
pub struct Redactor {
    forms: Vec<SecretString>,
    /// Finds all forms in one pass over a text, the longest first where one begins another.
    search: Option<AhoCorasick>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} forms)", self.forms.len())
    }
}

impl Redactor {
    /// Adds a secret in every form that a server can echo: plain, percent, base64, JSON-escaped, HTML-escaped. `user` gives `user:secret` as well.
    pub fn add(&mut self, user: Option<&str>, secret: &SecretString) {
        let plain = secret.expose_secret();
        if plain.is_empty() {
            return;
        }
        let mut forms = encodings(plain);
        if let Some(user) = user {
            forms.extend(base64_forms(&format!("{user}:{plain}")));
        }
        for form in forms.into_iter().filter(|form| !form.is_empty()) {
            if !self.forms.iter().any(|known| known.expose_secret() == form) {
                self.forms.push(SecretString::from(form));
            }
        }
        // Only a set of patterns beyond any memory could fail to build; then texts are withheld whole.
        self.search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(self.forms.iter().map(secrecy::ExposeSecret::expose_secret)).ok();
    }

    /// The text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        match &self.search {
            Some(search) if search.is_match(text) => search.replace_all(text, &vec![MARK; self.forms.len()]),
            None if !self.forms.is_empty() => MARK.to_owned(),
            _ => text.to_owned(),
        }
    }

    /// A header value without secrets; a header that is secret by name keeps its scheme or its cookie names only.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        let lower = name.to_lowercase();
        if !SECRET_HEADERS.contains(&lower.as_str()) {
            return self.text(value);
        }
        match lower.as_str() {
            "authorization" | "proxy-authorization" => value.split_once(' ').map_or_else(|| MARK.to_owned(), |(scheme, _)| format!("{} {MARK}", self.text(scheme))),
            "set-cookie" => {
                let (pair, rest) = value.split_once(';').map_or((value, ""), |(pair, rest)| (pair, rest));
                let name = pair.split_once('=').map_or("", |(name, _)| name);
                let rest = if rest.is_empty() { String::new() } else { format!(";{}", self.text(rest)) };
                format!("{}={MARK}{rest}", self.text(name))
            }
            _ => MARK.to_owned(),
        }
    }

    /// A body without secrets: known values anywhere, and the values of members that are secret by name.
    #[must_use]
    pub fn body(&self, text: &str) -> String {
        members(&self.text(text))
    }
}

/// Replaces the text value of every `"password": "..."`-like member, in valid and in broken JSON alike, and keeps all other bytes.
fn members(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower.len() != text.len() || !SECRET_MEMBERS.iter().any(|member| lower.contains(member)) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut clean = String::with_capacity(text.len());
    let mut kept = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'"' {
            at += 1;
            continue;
        }
        let Some(end) = string_end(bytes, at) else { break };
        let name = &lower[at + 1..end];
        let mut next = skip_blanks(bytes, end + 1);
        if SECRET_MEMBERS.contains(&name) && bytes.get(next) == Some(&b':') {
            next = skip_blanks(bytes, next + 1);
            if bytes.get(next) == Some(&b'"') {
                let value_end = string_end(bytes, next).unwrap_or(bytes.len());
                if value_end > next + 1 {
                    clean.push_str(&text[kept..=next]);
                    clean.push_str(MARK);
                    kept = value_end;
                }
                at = value_end + 1;
                continue;
            }
        }
        at = end + 1;
    }
    clean.push_str(&text[kept.min(text.len())..]);
    clean
}

fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

fn encodings(plain: &str) -> Vec<String> {
    let percent = |set| percent_encoding::utf8_percent_encode(plain, set).to_string();
    let strict = percent(percent_encoding::NON_ALPHANUMERIC);
    let json = serde_json::to_string(plain).unwrap_or_default();
    let json = json.trim_matches('"').to_owned();
    let html = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![
        plain.to_owned(),
        strict.to_lowercase().replace(&plain.to_lowercase(), plain),
        strict,
        percent(percent_encoding::CONTROLS),
        form_encoded(plain),
        json.replace('/', "\\/"),
        ascii_json(plain),
        json,
        html.replace('\'', "&#39;"),
        html.replace('\'', "&#x27;"),
        html.replace('\'', "&apos;"),
        html,
    ];
    forms.extend(base64_forms(plain));
    forms.dedup();
    forms
}

fn form_encoded(plain: &str) -> String {
    percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%20", "+").replace("%2D", "-").replace("%2E", ".").replace("%5F", "_").replace("%7E", "~")
}

fn ascii_json(plain: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for unit in plain.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some(c) if c.is_ascii_alphanumeric() => text.push(c),
            _ => {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

fn base64_forms(plain: &str) -> Vec<String> {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    vec![STANDARD.encode(plain), STANDARD_NO_PAD.encode(plain), URL_SAFE.encode(plain), URL_SAFE_NO_PAD.encode(plain)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(secret: &str) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.add(Some("USERID"), &SecretString::from(secret.to_owned()));
        redactor
    }

    #[test]
    fn a_secret_is_found_in_each_encoding() {
        let redactor = redactor("p\"a&s/s wörd");
        for form in encodings("p\"a&s/s wörd").into_iter().chain(base64_forms("USERID:p\"a&s/s wörd")) {
            let clean = redactor.text(&format!("before {form} after"));
            assert_eq!(clean, format!("before {MARK} after"), "{form}");
        }
    }

    #[test]
    fn secret_headers_keep_their_scheme_only() {
        let redactor = redactor("secret");
        assert_eq!(redactor.header("Authorization", "Basic abc"), "Basic [redacted]");
        assert_eq!(redactor.header("set-cookie", "csrf=abc; Path=/"), "csrf=[redacted]; Path=/");
        assert_eq!(redactor.header("x-csrf-token", "abc"), MARK);
        assert_eq!(redactor.header("date", "today"), "today");
    }

    #[test]
    fn secret_members_are_emptied_even_in_broken_json() {
        let redactor = Redactor::default();
        assert_eq!(redactor.body(r#"{ "Password" : "x\"y", "a": 1 "#), r#"{ "Password" : "[redacted]", "a": 1 "#);
        assert_eq!(redactor.body(r#"{"password": "never ends"#), r#"{"password": "[redacted]"#);
        assert_eq!(redactor.body(r#"{"a":"b"}"#), r#"{"a":"b"}"#);
        assert_eq!(redactor.body(r#"{"password":""}"#), r#"{"password":""}"#);
    }
}
