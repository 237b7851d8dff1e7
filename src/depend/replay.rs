//! Recorded answers, served again: matched by method, path, query and body, and in the order in
//! which they were recorded.
//!
//! Knows: recorded exchanges, from which secrets were taken out. Must not know: who asks, and what
//! is changed in an answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::address::at_home;
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::redact::MARK;

/// One exchange that can be served again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    method: String,
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: String,
    /// Whether it is a login, of whose body only a part is kept.
    login: bool,
    answer: Served,
}

/// An answer as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its status.
    pub status: u16,
    /// Its headers, without those that a server writes itself.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Recorded exchanges, and which of them were served in this run.
#[derive(Debug, Clone)]
pub struct Replay {
    recorded: std::sync::Arc<Vec<Recorded>>,
    used: Vec<bool>,
}

/// Headers that speak of one connection or of bytes that aren't sent so again.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "strict-transport-security",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

impl Recorded {
    /// What can be served of exchanges; how many can't be, because no whole answer was recorded.
    #[must_use]
    pub fn of(contract: &Contract, exchanges: &[&Exchange]) -> (Vec<Self>, usize) {
        let all: Vec<Option<Self>> =
            exchanges.iter().map(|exchange| Self::one(contract, exchange)).collect();
        let left_out = all.iter().filter(|one| one.is_none()).count();
        (all.into_iter().flatten().collect(), left_out)
    }

    fn one(contract: &Contract, exchange: &Exchange) -> Option<Self> {
        let got = exchange.got.as_ref()?;
        let unread = got.body.packed.as_ref().is_some_and(|packed| packed.unread.is_some());
        if got.body.truncated || unread {
            return None;
        }
        let body = match (&got.body.text, &got.body.base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(packed)) => STANDARD.decode(packed).ok()?,
            (None, None) => Vec::new(),
        };
        let headers = got
            .headers
            .iter()
            .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), kept(name, value)))
            .collect();
        let (path, query) = parts(&exchange.sent.target);
        let login = contract.appliance.login.as_ref().is_some_and(|login| {
            login.method == exchange.sent.method && parts(&login.path).0 == path
        });
        Some(Self {
            method: exchange.sent.method.clone(),
            path,
            query,
            body: exchange.sent.body.clone().unwrap_or_default(),
            login,
            answer: Served { status: got.status, headers, body },
        })
    }

    fn is_of(&self, method: &str, path: &[String], query: &[(String, String)], body: &str) -> bool {
        let same_path = self.path.len() == path.len()
            && self.path.iter().zip(path).all(|(kept, part)| is_like(kept, part));
        let same_query = self.query.len() == query.len()
            && self
                .query
                .iter()
                .zip(query)
                .all(|((kept, one), (name, other))| kept == name && is_like(one, other));
        self.method == method
            && same_path
            && same_query
            && (self.login || matches!(method, "GET" | "HEAD") || same_body(&self.body, body))
    }
}

/// A header value that a client can use: where a secret stood, any text does. An address of the
/// appliance would lead the client there, with its credentials: only the path of it is left.
fn kept(name: &str, value: &str) -> String {
    match name {
        "location" | "content-location" => return at_home(value),
        // Addresses among other words.
        "link" | "refresh" => {
            let ends = |c: char| matches!(c, '<' | '>' | ';' | ',' | '=') || c.is_whitespace();
            let mut out = String::with_capacity(value.len());
            for part in value.split_inclusive(ends) {
                let word = part.trim_end_matches(ends);
                out.push_str(&at_home(word));
                out.push_str(&part[word.len()..]);
            }
            return out;
        }
        "set-cookie" => {}
        _ => return value.to_owned(),
    }
    let plain = value.replace(MARK, "recorded");
    let parts = plain.split(';').filter(|part| {
        let lower = part.trim().to_lowercase();
        // The client is on another host now, without TLS.
        lower != "secure" && !lower.starts_with("domain=")
    });
    parts.collect::<Vec<_>>().join(";")
}

/// Whether a text is the recorded one; a secret was any text.
fn is_like(kept: &str, text: &str) -> bool {
    match kept.split_once(MARK) {
        None => kept == text,
        Some((before, rest)) => {
            let Some(tail) = text.strip_prefix(before) else { return false };
            rest.is_empty() || tail.char_indices().any(|(at, _)| is_like(rest, &tail[at..]))
        }
    }
}

fn same_body(kept: &str, body: &str) -> bool {
    match (serde_json::from_str::<Value>(kept), serde_json::from_str::<Value>(body)) {
        (Ok(kept), Ok(body)) => same_value(&kept, &body),
        _ => is_like(kept.trim(), body.trim()),
    }
}

fn same_value(kept: &Value, value: &Value) -> bool {
    match (kept, value) {
        (Value::String(kept), Value::String(text)) => is_like(kept, text),
        (Value::Array(kept), Value::Array(rows)) => {
            kept.len() == rows.len() && kept.iter().zip(rows).all(|(a, b)| same_value(a, b))
        }
        (Value::Object(kept), Value::Object(members)) => {
            kept.len() == members.len()
                && kept.iter().all(|(name, one)| {
                    members.get(name).is_some_and(|other| same_value(one, other))
                })
        }
        _ => kept == value,
    }
}

/// The parts of a path, and the parameters in order of their names.
fn parts(target: &str) -> (Vec<String>, Vec<(String, String)>) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path
        .split('/')
        .map(|part| decoded(part.split(';').next().unwrap_or_default()))
        .filter(|part| !part.is_empty())
        .collect();
    let mut query: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(&value.replace('+', " "))))
        .collect();
    query.sort();
    (path, query)
}

impl Replay {
    /// Everything yet to be served.
    #[must_use]
    pub fn new(recorded: std::sync::Arc<Vec<Recorded>>) -> Self {
        let used = vec![false; recorded.len()];
        Self { recorded, used }
    }

    /// The answer to a request: the first of its kind that wasn't served yet, or the last one
    /// again.
    pub fn answer(&mut self, method: &str, target: &str, body: &str) -> Option<Served> {
        let (path, query) = parts(target);
        let mut last = None;
        for (number, one) in self.recorded.iter().enumerate() {
            if one.is_of(method, &path, &query, body) {
                last = Some(number);
                if !self.used[number] {
                    break;
                }
            }
        }
        let number = last?;
        self.used[number] = true;
        Some(self.recorded[number].answer.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_of_the_appliance_is_served() {
        for (name, recorded, served) in [
            ("location", "https://192.0.2.10/aicc?x=1", "/aicc?x=1"),
            ("location", "HTTPS://lxca.example:8443", "/"),
            ("location", "//192.0.2.10/aicc", "/aicc"),
            ("location", "http:////192.0.2.10/aicc", "/aicc"),
            ("location", "/aicc", "/aicc"),
            ("refresh", "0; url=https://192.0.2.10/ui", "0; url=/ui"),
            ("link", "<https://192.0.2.10/nodes>; rel=\"next\"", "</nodes>; rel=\"next\""),
            // What clients take for an address in other spellings, and a path that would be one.
            ("location", "\\\\192.0.2.10\\aicc", "/aicc"),
            ("content-location", "https://192.0.2.10//198.51.100.7/aicc", "/198.51.100.7/aicc"),
            ("location", "../aicc", "../aicc"),
        ] {
            assert_eq!(kept(name, recorded), served, "{recorded}");
        }
    }

    fn recorded(method: &str, target: &str, body: &str, answer: &str) -> Recorded {
        let (path, query) = parts(target);
        let answer = Served { status: 200, headers: Vec::new(), body: answer.into() };
        Recorded {
            method: method.to_owned(),
            path,
            query,
            body: body.to_owned(),
            login: false,
            answer,
        }
    }

    #[test]
    fn answers_come_in_the_order_of_the_recording_and_the_last_one_stays() {
        let mut replay = Replay::new(std::sync::Arc::new(vec![
            recorded("GET", "/tasks/7?a=1&b=2", "", "running"),
            recorded("PUT", "/x", "{\"password\":\"[redacted]\",\"n\":1}", "put"),
            recorded("GET", "/tasks/7/?b=2&a=1", "", "done"),
            recorded("DELETE", "/sessions/[redacted]", "", "closed"),
        ]));
        let mut ask = |method: &str, target: &str, body: &str| {
            let answer = replay.answer(method, target, body)?;
            String::from_utf8(answer.body).ok()
        };
        assert_eq!(ask("GET", "/tasks/7?b=2&a=1", "").as_deref(), Some("running"));
        assert_eq!(ask("GET", "/tasks/7?a=1&b=2", "").as_deref(), Some("done"));
        assert_eq!(ask("GET", "/tasks/7?a=1&b=2", "").as_deref(), Some("done"));
        assert_eq!(ask("GET", "/tasks/7", ""), None);
        assert_eq!(ask("PUT", "/x", "{ \"n\": 1, \"password\": \"s\" }").as_deref(), Some("put"));
        assert_eq!(ask("PUT", "/x", "{ \"n\": 2, \"password\": \"s\" }"), None);
        assert_eq!(ask("DELETE", "/sessions/0a1b", "").as_deref(), Some("closed"));
    }
}
