//! The run's one session, as real clients keep it: a jar of cookies by RFC 6265, and a token as a
//! header. What a later answer renews is followed.
//!
//! Knows: what a login may bring, and by which names the appliance file has it. Holds secrets, so
//! it has no `Debug`. The one door to `cookie_store`. Must not know: when a session is opened or
//! closed.

use cookie_store::{CookieStore, RawCookie};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{Timestamp, Zoned};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::appliance::{Cookies, Login, Token};
use crate::redact::Redactor;

use super::settings::Credentials;

/// Cookies and token of a session.
#[derive(Default, Clone)]
pub(super) struct Session {
    /// How often a session was opened in this run.
    pub(super) generation: u32,
    /// Goes up with each change of what a request shows.
    version: u64,
    opened: bool,
    jar: CookieStore,
    /// A token that came otherwise than as a cookie, if that came last.
    told: Option<SecretString>,
    /// Which cookies of the login can't be sent, and why.
    unusable: Vec<String>,
    /// The session as it was when it was closed.
    pub(super) ended: Option<Box<Session>>,
}

/// What a request of the session shows, and of when it is.
pub(super) struct Ticket {
    pub(super) headers: Vec<(String, String)>,
    pub(super) generation: u32,
    version: u64,
}

/// A value as short as a flag would tear holes into every text.
const SHORTEST_SECRET: usize = 6;

type Headers = [(String, Vec<u8>)];

impl Session {
    pub(super) fn is_closed(&self) -> bool {
        !self.opened
    }

    pub(super) fn close(&mut self) {
        self.opened = false;
        self.jar = CookieStore::default();
        self.told = None;
        self.version += 1;
    }

    /// Takes over what a login brought, and teaches the redactor its secrets before anything of it
    /// is kept. Of the addresses, the first is that of the login, the other is what is asked after
    /// it.
    pub(super) fn open(
        &mut self,
        login: &Login,
        urls: Option<&(Url, Url)>,
        (status, headers): (u16, &Headers),
        body: &[u8],
        redactor: &mut Redactor,
        user: &str,
    ) {
        self.close();
        self.generation += 1;
        let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
        let told =
            |pointer: &String| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let of_body = login.token.as_ref().and_then(|token| told(token.at.as_ref()?));
        let of_headers = token(login, headers);
        for secret in secrets(login, headers, user)
            .into_iter()
            .chain(of_body.clone())
            .chain(of_headers.clone())
            .chain(login.secrets.iter().filter_map(told))
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
        {
            redactor.add(None, &SecretString::from(secret));
        }
        let Some((url, next)) = urls.filter(|_| (200..300).contains(&status)) else { return };
        self.told = of_body.map(SecretString::from);
        self.take(login, url, headers);
        let sent: Vec<String> =
            self.matching(next).iter().map(|(name, _)| (*name).to_owned()).collect();
        self.opened = match login.cookies {
            Some(_) => !sent.is_empty(),
            None => self.token(login, &self.matching(next)).is_some(),
        };
        let lost =
            set_cookies(headers).filter_map(|line| RawCookie::parse(line).ok()).filter(|cookie| {
                !is_open(login, cookie.name()) && !sent.iter().any(|name| name == cookie.name())
            });
        self.unusable = lost
            .map(|cookie| {
                format!("its cookie `{}` {}", cookie.name(), why_unused(&cookie, url, next))
            })
            .collect();
    }

    /// Follows what a later answer renews. A refused one says nothing about this session: a server
    /// may set an id for a stranger in it.
    pub(super) fn follow(
        &mut self,
        login: &Login,
        url: &Url,
        ticket: &Ticket,
        (status, headers): (u16, &Headers),
        redactor: &std::sync::RwLock<Redactor>,
        user: &str,
    ) {
        let brings = headers.iter().any(|(name, _)| name == "set-cookie" || is_token(login, name));
        if !brings || status == 401 || !self.opened || ticket.generation != self.generation {
            return;
        }
        {
            let mut redactor = redactor.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            for secret in secrets(login, headers, user)
                .into_iter()
                .chain(token(login, headers))
                .filter(|secret| secret.len() >= SHORTEST_SECRET)
            {
                redactor.add_renewed(&SecretString::from(secret));
            }
        }
        let before = self.shown(login, url);
        self.take(login, url, headers);
        if self.shown(login, url) != before {
            self.version += 1;
        }
    }

    /// What a request to this address shows.
    pub(super) fn ticket(&self, login: Option<&Login>, url: Option<&Url>, method: &str) -> Ticket {
        let mut headers = Vec::new();
        let pairs = url.map(|url| self.matching(url)).unwrap_or_default();
        if !pairs.is_empty() {
            headers.push((
                "cookie".to_owned(),
                pairs
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect::<Vec<_>>()
                    .join("; "),
            ));
        }
        if let Some(login) = login {
            if let (Some(Token { header, scheme, .. }), Some(shown)) =
                (&login.token, self.token(login, &pairs))
            {
                let value = match scheme {
                    Some(scheme) => format!("{scheme} {shown}"),
                    None => shown.to_owned(),
                };
                headers.push((header.clone(), value));
            }
            let adds = login.adds.get(method).into_iter().flatten();
            headers.extend(adds.map(|(name, value)| (name.clone(), value.clone())));
        }
        Ticket { headers, generation: self.generation, version: self.version }
    }

    /// Whether something else would be shown now.
    pub(super) fn is_newer(&self, ticket: &Ticket) -> bool {
        self.opened && self.version != ticket.version
    }

    /// Why a login that was accepted can't be used.
    pub(super) fn hint(&self, login: &Login) -> Option<String> {
        if self.opened && self.unusable.is_empty() {
            return None;
        }
        Some(if self.unusable.is_empty() {
            match login.cookies {
                Some(_) => "the login was accepted, but it set no cookie".to_owned(),
                None => "the login was accepted, but it gave no token".to_owned(),
            }
        } else {
            format!("the login was accepted, but {}", self.unusable.join(", "))
        })
    }

    fn take(&mut self, login: &Login, url: &Url, headers: &Headers) {
        let mut renewed = false;
        for line in set_cookies(headers) {
            let name = line.split('=').next().unwrap_or_default().trim().to_owned();
            // One that is refused for its domain or its form is none.
            let holds = login.token.as_ref().and_then(|token| token.cookie.as_ref()) == Some(&name);
            renewed |= self.jar.parse(&line, url).is_ok() && holds;
        }
        let told = token(login, headers);
        if told.is_some() || renewed {
            // Both at once: then the cookie is what clients take.
            self.told = if renewed { None } else { told.map(SecretString::from) };
        }
    }

    /// The cookies for an address, those of longer paths first, as RFC 6265 has it.
    fn matching(&self, url: &Url) -> Vec<(&str, &str)> {
        let mut cookies = self.jar.matches(url);
        cookies.sort_by(|one, other| {
            other.path.len().cmp(&one.path.len()).then_with(|| one.name().cmp(other.name()))
        });
        cookies.into_iter().map(|cookie| cookie.name_value()).collect()
    }

    fn token<'a>(&'a self, login: &Login, pairs: &[(&str, &'a str)]) -> Option<&'a str> {
        self.told.as_ref().map(ExposeSecret::expose_secret).or_else(|| {
            let cookie = login.token.as_ref()?.cookie.as_ref()?;
            pairs.iter().find(|(name, _)| name == cookie).map(|(_, value)| *value)
        })
    }

    /// Everything secret that a request to this address shows.
    fn shown(&self, login: &Login, url: &Url) -> (Vec<(String, String)>, Option<String>) {
        let pairs = self.matching(url);
        let token = self.token(login, &pairs).map(str::to_owned);
        (
            pairs
                .into_iter()
                .filter(|(name, _)| !is_open(login, name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            token,
        )
    }
}

/// The lines that set cookies, with ends that hold by any clock.
fn set_cookies(headers: &Headers) -> impl Iterator<Item = String> {
    let date = headers
        .iter()
        .find(|(name, _)| name == "date")
        .and_then(|(_, value)| moment(&String::from_utf8_lossy(value)));
    headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .map(move |(_, value)| by_the_clock_of_the_peer(&String::from_utf8_lossy(value), date))
}

/// The values of cookies that must not be kept.
fn secrets(login: &Login, headers: &Headers, user: &str) -> Vec<String> {
    let pairs = set_cookies(headers).filter_map(|line| {
        line.split(';')
            .next()?
            .split_once('=')
            .map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim()).to_owned()))
    });
    pairs
        .filter(|(name, value)| !is_open(login, name) && value != user)
        .map(|(_, value)| value)
        .collect()
}

/// The value of a cookie without its quotes: wherever else the value stands, it has others or none.
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

/// Whether a cookie holds no secret.
fn is_open(login: &Login, name: &str) -> bool {
    login.cookies.iter().any(|Cookies { open }| open.iter().any(|known| known == name))
}

fn is_token(login: &Login, name: &str) -> bool {
    login.token.as_ref().is_some_and(|token| token.is_brought_by(name))
}

/// The header that shows the session, for the record.
pub(super) fn shown_in(login: &Login) -> &str {
    match (&login.cookies, &login.token) {
        (None, Some(token)) => &token.header,
        _ => "cookie",
    }
}

fn token(login: &Login, headers: &Headers) -> Option<String> {
    headers
        .iter()
        .find(|(name, value)| is_token(login, name) && !value.is_empty())
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

/// A cookie ends when the clock of its own server says so, and that clock may be years off:
/// `Expires` becomes the `Max-Age` that it was meant as. Without a clock to read it by, only what
/// ended in another century is taken for the order to forget it.
fn by_the_clock_of_the_peer(line: &str, date: Option<Timestamp>) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut expires = None;
    let mut max_age = false;
    for (place, part) in line.split(';').enumerate() {
        let name = part.split('=').next().unwrap_or_default().trim();
        match part.split_once('=') {
            Some((_, value)) if place > 0 && name.eq_ignore_ascii_case("expires") => {
                expires = moment(value.trim());
            }
            _ => {
                max_age |= place > 0 && name.eq_ignore_ascii_case("max-age");
                kept.push(part.to_owned());
            }
        }
    }
    if let Some(expires) = expires.filter(|_| !max_age) {
        match date {
            Some(date) => {
                kept.push(format!(" Max-Age={}", expires.duration_since(date).as_secs().max(0)));
            }
            None if expires < LAST_CENTURY => kept.push(" Max-Age=0".to_owned()),
            None => {}
        }
    }
    kept.join(";")
}

/// The year 2000.
const LAST_CENTURY: Timestamp = Timestamp::constant(946_684_800, 0);

/// A date as headers and cookies write it.
fn moment(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let (day, rest) = text.split_once(',').unwrap_or(("", text));
    let dashed = rest.trim().split(' ').next().unwrap_or_default().matches('-').count() == 2;
    let text = if dashed {
        format!("{day}, {}", rest.trim().replacen('-', " ", 2))
    } else {
        text.to_owned()
    };
    PARSER.parse_zoned(text.trim_start_matches(", ")).ok().map(|at: Zoned| at.timestamp())
}

/// Why a cookie of the login isn't sent to the address.
fn why_unused(cookie: &RawCookie<'_>, url: &Url, next: &Url) -> String {
    let mut alone = CookieStore::default();
    let host = url.host_str().unwrap_or_default();
    if alone.insert_raw(cookie, url).is_err() {
        return cookie.domain().map_or_else(
            || {
                if is_over(cookie) {
                    "had already expired when it was set (Max-Age or Expires)".to_owned()
                } else {
                    "is invalid".to_owned()
                }
            },
            |domain| format!("is for {domain}, but the run uses {host}"),
        );
    }
    if alone.matches(url).is_empty() && cookie.secure() == Some(true) && url.scheme() == "http" {
        return "is marked Secure, so it is never sent over plain http; use an https address, or \
            Basic"
            .to_owned();
    }
    format!(
        "is for the path {}, so it isn't sent to {}",
        cookie.path().unwrap_or("of the login"),
        next.path()
    )
}

/// Whether a cookie is an order to forget it.
fn is_over(cookie: &RawCookie<'_>) -> bool {
    cookie.max_age().is_some_and(|age| age.is_zero() || age.is_negative())
}

/// The body of a login.
pub(super) fn login_body(login: &Login, account: &Credentials) -> String {
    json!({
        login.user.as_str(): account.user,
        login.password.as_str(): account.password.expose_secret()
    })
    .to_string()
}

#[cfg(test)]
mod tests;
