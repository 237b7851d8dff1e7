//! Finds the secrets of a recording, and takes them out of everything that is kept of it.
//!
//! Knows: where requests and answers carry secrets: headers, cookies, addresses, forms, members of
//! bodies, and the login of the product. Must not know: the form of the recording, or what is
//! judged.

use std::borrow::Cow;
use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::Value;

use crate::appliance::Login;
use crate::exchange::Received;
use crate::redact::{
    MARK, Redactor, decoded, is_address, is_secret_header, is_secret_parameter, secrets_in, split,
};

use super::entry::Entry;

/// What is known of the secrets of all recordings that are judged together.
#[derive(Default)]
pub(super) struct Secrets {
    pub(super) redactor: Redactor,
    /// Ids of sessions that are looked for.
    ids: BTreeSet<String>,
    /// What answers told under the name of a secret.
    told: BTreeSet<String>,
    /// How the product opens a session.
    login: Option<Login>,
    /// Whether they come one after the other, between texts that are cleaned.
    live: bool,
}

/// A recording of a month has an id of a session for each login, and an answer can tell a token in
/// each row. Beyond so many they are taken out where they stand by name, and aren't looked for
/// elsewhere.
const MOST: usize = 200;

impl Secrets {
    /// For recordings as a whole, of a product with that login.
    pub(super) fn of(login: Option<&Login>) -> Self {
        Self { login: login.cloned(), ..Self::default() }
    }

    /// For exchanges that are kept one by one as they are had.
    pub(super) fn live(login: Option<&Login>) -> Self {
        Self { live: true, ..Self::of(login) }
    }

    /// Learns the secrets of one exchange, so that they are found wherever else they stand.
    pub(super) fn learn(&mut self, entry: &Entry) {
        self.learn_address(&entry.url);
        for (name, value) in &entry.headers {
            self.learn_header(name, value);
        }
        for secret in in_body(entry.body.as_deref()) {
            self.add(None, &secret);
        }
        let Ok(answer) = &entry.answer else { return };
        for (name, value) in &answer.headers {
            self.learn_header(name, value);
            if is_address(name) {
                self.learn_address(value);
            }
        }
        for secret in in_body(answer.body.as_deref()) {
            if self.told.len() < MOST && self.told.insert(secret.clone()) {
                self.add(None, &secret);
            }
        }
        for secret in self.told_at_the_login(entry, answer.body.as_deref().unwrap_or_default()) {
            self.learn_id(&secret);
        }
    }

    /// What an answer at the path of the login tells that is secret by its place, whatever the
    /// method.
    fn told_at_the_login(&self, entry: &Entry, body: &[u8]) -> Vec<String> {
        let Some(login) = self.login.as_ref().filter(|login| {
            let (_, _, rest) = split(&entry.url);
            let path = rest.split(['?', ';']).next().unwrap_or_default().trim_end_matches('/');
            path.ends_with(&login.path)
        }) else {
            return Vec::new();
        };
        let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let token = login.token.as_ref().and_then(|token| token.at.as_ref());
        login
            .secrets
            .iter()
            .chain(token)
            .filter_map(|place| body.pointer(place)?.as_str())
            .filter(|secret| !secret.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Takes out of an answer what it tells as one to a login, also where that is like any other
    /// word and isn't looked for elsewhere.
    pub(super) fn cover(&self, entry: &Entry, got: &mut Received) {
        let Some(text) = &mut got.body.text else { return };
        for secret in self.told_at_the_login(entry, text.as_bytes()) {
            if secret != MARK {
                let quoted = |text: &str| Value::from(text).to_string();
                *text = text.replace(&quoted(&secret), &quoted(MARK));
            }
        }
    }

    /// A path or an address without the id of a session that stands behind the path of the login.
    pub(super) fn without_session<'a>(&self, address: &'a str) -> Cow<'a, str> {
        match self.session_in(address) {
            Some(id) => {
                let start = id.as_ptr().addr() - address.as_ptr().addr();
                let (before, behind) = (&address[..start], &address[start + id.len()..]);
                Cow::Owned(format!("{before}{MARK}{behind}"))
            }
            None => Cow::Borrowed(address),
        }
    }

    fn session_in<'a>(&self, address: &'a str) -> Option<&'a str> {
        let path = address.split(['?', '#']).next().unwrap_or(address);
        let below = format!("{}/", self.login.as_ref()?.path);
        let (_, rest) = path.rsplit_once(&below)?;
        let id = rest.split(['/', ';']).next().unwrap_or_default();
        (!id.is_empty() && id != MARK).then_some(id)
    }

    fn add(&mut self, user: Option<&str>, secret: &str) {
        if is_distinct(secret) {
            self.redactor.add(user, &SecretString::from(secret.to_owned()));
        }
    }

    fn learn_address(&mut self, url: &str) {
        if let Some(id) = self.session_in(url).map(decoded) {
            self.learn_id(&id);
        }
        let (_, authority, rest) = split(url);
        let path = rest.split('?').next().unwrap_or_default();
        for (name, value) in path.split([';', '/']).filter_map(|part| part.split_once('=')) {
            if is_secret_parameter(name) {
                self.learn_id(&decoded(value));
            }
        }
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
        if value.len() >= 10 && value.contains(|c: char| c.is_ascii_digit()) {
            self.learn_id(value);
        }
    }

    fn learn_id(&mut self, value: &str) {
        if self.ids.len() < MOST && self.ids.insert(value.to_owned()) {
            if self.live && is_distinct(value) {
                self.redactor.add_renewed(&SecretString::from(value.to_owned()));
            } else {
                self.add(None, value);
            }
        }
    }

    /// A path with its query, without secrets.
    pub(super) fn target(&self, path: &str, query: Option<&str>) -> String {
        let path = self.without_session(path);
        self.redactor.target(&match query {
            Some(query) => Cow::Owned(format!("{path}?{query}")),
            None => path,
        })
    }

    /// The value of a header, before it is kept.
    pub(super) fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_address(name) {
            self.without_session(value)
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
        if is_form(text) {
            return self.redactor.query(text);
        }
        self.redactor.body(text)
    }
}

/// What is no ordinary word or number, so that it can be looked for in whole bodies without
/// spoiling them. What isn't is still taken out where its name tells that it is a secret.
fn is_distinct(secret: &str) -> bool {
    let plain = secret.len() < 8 && secret.bytes().all(|c| c.is_ascii_lowercase());
    let number = secret.bytes().all(|c| c.is_ascii_digit());
    secret.len() >= 4 && !plain && !number && secret != MARK
}

/// What a body has under the name of a secret.
fn in_body(body: Option<&[u8]>) -> Vec<String> {
    let Some(text) = body.and_then(|body| std::str::from_utf8(body).ok()) else {
        return Vec::new();
    };
    let mut found = secrets_in(text);
    if is_form(text) {
        found.extend(
            pairs(text).filter(|(name, _)| is_secret_parameter(name)).map(|(_, value)| value),
        );
    }
    found
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
        assert_eq!(secrets.redactor.address(&one.url), "https://lxca/aicc?token=[redacted]&x=1");
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

    #[test]
    fn an_answer_with_a_token_in_each_row_is_cleaned_as_fast_as_another() {
        let rows = |from: usize| {
            let row = |n| format!("{{\"token\":\"Tok-{n}-abc\"}}");
            format!("[{}]", (from..from + 1000).map(row).collect::<Vec<_>>().join(","))
        };
        let mut secrets = Secrets::live(None);
        let start = std::time::Instant::now();
        for from in 0..20 {
            let mut one = entry("/rows");
            let body = rows(from * 1000);
            one.answer = Ok(Answer { body: Some(body.clone().into_bytes()), ..Answer::default() });
            secrets.learn(&one);
            assert!(!secrets.redactor.body(&body).contains("Tok-"));
        }
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        assert_eq!(secrets.redactor.text("x Tok-7-abc y"), format!("x {MARK} y"));
    }

    #[test]
    fn the_id_of_a_session_is_a_secret_wherever_the_product_tells_it() {
        let contract = crate::contract::built_in();
        let mut secrets = Secrets::live(contract.appliance.login.as_ref());
        let login = |id: &str| {
            let body = format!("{{\"response\":{{\"session\":{{\"id\":\"{id}\",\"n\":1}}}}}}");
            let mut entry = entry("https://lxca/base/sessions");
            entry.method = "POST".to_owned();
            entry.answer = Ok(Answer { body: Some(body.into_bytes()), ..Answer::default() });
            entry
        };
        let id = "5e551011-aaaa-4bbb-8ccc-0123456789ab";
        secrets.learn(&login(id));
        assert_eq!(secrets.redactor.text(id), MARK);
        // One that is like any other word is taken out in its place only.
        let short = login("seven");
        secrets.learn(&short);
        let text = String::from_utf8(short.answer.clone().unwrap().body.unwrap()).unwrap();
        let body = crate::exchange::Body { text: Some(text), ..Default::default() };
        let mut got = Received {
            status: 200,
            version: String::new(),
            headers: Vec::new(),
            body,
            oddities: Vec::new(),
        };
        secrets.cover(&short, &mut got);
        assert!(got.body.text.unwrap().contains("\"id\":\"[redacted]\",\"n\":1"));
        assert_eq!(secrets.redactor.text("seven"), "seven");
        secrets.learn(&entry("/sessions/ab12cd34ef56?x=1"));
        assert_eq!(secrets.redactor.text("ab12cd34ef56"), MARK);
        assert_eq!(secrets.target("/sessions/seven", Some("x=1")), "/sessions/[redacted]?x=1");
        assert_eq!(
            secrets.header("Location", "https://l/sessions/7"),
            "https://l/sessions/[redacted]"
        );
        assert_eq!(secrets.target("/sessions", None), "/sessions");
    }
}
