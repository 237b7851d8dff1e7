//! One request and what came back, or the transport fault that stopped it.
//!
//! Knows: the shape of an exchange as it is kept in a record. Must not know: who judges it. All text in it is redacted already.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::Auth;

/// Why a request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To learn which appliance this is.
    Identify,
    /// To learn facts that cases need.
    Discover,
    /// A step of a case.
    Case,
    /// A clean-up of a case.
    Cleanup,
    /// A refused request once more, to see whether it does what it was refused for.
    Again,
    /// To open the run's session.
    Login,
    /// To close it.
    Logout,
}

/// A request, complete, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Upper case.
    pub method: String,
    /// Path and query, as on the request line.
    pub target: String,
    /// Headers besides authentication.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Option<String>,
    /// Who asks.
    pub auth: Auth,
    /// Why.
    pub purpose: Purpose,
}

impl Outgoing {
    /// A plain question of the run's own account.
    #[must_use]
    pub fn read(path: &str, purpose: Purpose) -> Self {
        Self { method: "GET".to_owned(), target: path.to_owned(), headers: vec![("accept".to_owned(), "application/json".to_owned())], body: None, auth: Auth::Default, purpose }
    }
}

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Upper case.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Who asked.
    pub auth: Auth,
    /// Headers, redacted.
    pub headers: Vec<(String, String)>,
    /// Body, redacted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}

/// A body as it is kept: text where it is UTF-8, else base64.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// The body as text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// The body when it isn't UTF-8.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base64: Option<String>,
    /// How many bytes were received.
    pub bytes: u64,
    /// Whether the bound on bodies cut it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
    /// SHA-256 of the whole, where this is only its start (see `Exchange::in_short`).
    #[serde(skip)]
    pub whole_sha256: Option<String>,
}

/// What an exchange keeps of a body in memory after it was judged.
const SHORT_BODY: usize = 64 * 1024;

impl Body {
    /// SHA-256 of what is kept of the body in the record, in hexadecimal; none for an empty body.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        use sha2::{Digest, Sha256};
        self.whole_sha256.clone().or_else(|| self.text.as_ref().or(self.base64.as_ref()).map(|text| crate::files::hex(&Sha256::digest(text.as_bytes()))))
    }

    fn in_short(&self) -> Self {
        let text = self.text.as_ref().or(self.base64.as_ref());
        if text.is_none_or(|text| text.len() <= SHORT_BODY) {
            return self.clone();
        }
        let start = |text: &String| {
            let mut end = SHORT_BODY;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].to_owned()
        };
        Self { text: self.text.as_ref().map(start), base64: self.base64.as_ref().map(start), bytes: self.bytes, truncated: self.truncated, whole_sha256: self.sha256() }
    }
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// HTTP status.
    pub status: u16,
    /// For example `HTTP/1.1`.
    pub version: String,
    /// Headers in the order they came, names in lower case, redacted.
    pub headers: Vec<(String, String)>,
    /// The body, redacted.
    pub body: Body,
}

impl Received {
    /// The first header of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, NoJson> {
        if self.body.truncated {
            return Err(NoJson::Bound(format!("the body was cut at the bound, after {} bytes", self.body.bytes)));
        }
        match &self.body.text {
            Some(text) => serde_json::from_str(text).map_err(|error| NoJson::from_reader(&error)),
            None if self.body.bytes == 0 => Err(NoJson::Wrong("the body is empty".to_owned())),
            None => Err(NoJson::Wrong("the body isn't UTF-8".to_owned())),
        }
    }
}

/// Why a body couldn't be read as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoJson {
    /// It is none.
    #[error("{0}")]
    Wrong(String),
    /// It may be, but lies beyond a bound of ours, which accuses nobody.
    #[error("{0}")]
    Bound(String),
}

impl NoJson {
    /// The reader has bounds that JSON hasn't: 128 levels, and numbers that an `f64` holds.
    fn from_reader(error: &serde_json::Error) -> Self {
        let what = error.to_string();
        let bound = ["recursion limit exceeded", "number out of range"].iter().any(|start| what.starts_with(start));
        if bound { Self::Bound(what) } else { Self::Wrong(what) }
    }
}

/// What kind of fault stopped an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// No connection was made.
    Connect,
    /// The TLS handshake was refused, by us or by the peer.
    Tls,
    /// A time bound was hit.
    Timeout,
    /// The connection ended too early.
    Closed,
    /// What came back isn't HTTP.
    Protocol,
    /// The guard below the engine refused to send it.
    Refused,
    /// A bound of the run was hit before it was sent.
    Bound,
}

impl FaultKind {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::Bound => "bound",
        }
    }
}

/// A transport fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// What was seen.
    pub message: String,
}

/// One request and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Full case id; empty for requests of the run itself.
    pub case: String,
    /// Step of the case, or what the run asked.
    pub step: String,
    /// From 1; more than 1 where a step polls.
    pub attempt: u32,
    /// Why it was sent.
    pub purpose: Purpose,
    /// When.
    pub at: jiff::Timestamp,
    /// Microseconds from sending to the end of the body.
    pub took_us: u64,
    /// The request.
    pub sent: Sent,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub got: Option<Received>,
    /// Or what stopped it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
    /// Faults of earlier tries of the same read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub retried: Vec<Fault>,
}

impl Exchange {
    /// The exchange with no more of its body than a report shows, so that a run with large bodies stays small.
    #[must_use]
    pub fn in_short(&self) -> Self {
        // The run's own lists are compared when it ends.
        if self.case.is_empty() {
            return self.clone();
        }
        let got = self.got.as_ref().map(|got| Received { status: got.status, version: got.version.clone(), headers: got.headers.clone(), body: got.body.in_short() });
        Self { case: self.case.clone(), step: self.step.clone(), sent: self.sent.clone(), got, fault: self.fault.clone(), retried: self.retried.clone(), ..*self }
    }
}

/// The media type without parameters, in lower case.
#[must_use]
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// Whether a media type is JSON: `application/json` or `application/…+json`.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let essence = media_type(content_type);
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendor_media_types_are_json_too() {
        assert!(is_json("application/json; charset=UTF-8"));
        assert!(is_json("application/com.lenovo.lxca-v2.2.0+json; charset=UTF-8"));
        assert!(!is_json("text/html"));
        assert!(!is_json("text/x+json"));
    }
}
