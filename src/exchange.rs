//! One request and what came back, or the transport fault that stopped it.
//!
//! Knows: the shape of an exchange as it is kept in a record. Must not know: who judges it. All
//! text in it is redacted already.

mod json;
mod short;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::IntoStaticStr;

use crate::terms::Auth;

pub use json::NoJson;

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
    /// To see whether the closed session still gets anything.
    AfterLogout,
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

impl Exchange {
    /// Whether it was answered, and with a status of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.got.as_ref().is_some_and(|got| (200..300).contains(&got.status))
    }

    /// Whether the request asked for a packed body.
    #[must_use]
    pub fn accepts_a_coding(&self) -> bool {
        let codings = self
            .sent
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
        codings.flat_map(|(_, value)| value.split(',')).any(|coding| {
            let name = coding.split(';').next().unwrap_or_default().trim();
            !name.is_empty() && !name.eq_ignore_ascii_case("identity")
        })
    }
}

impl Outgoing {
    /// A plain question of the run's own account.
    #[must_use]
    pub fn read(path: &str, purpose: Purpose) -> Self {
        Self {
            method: "GET".to_owned(),
            target: path.to_owned(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: None,
            auth: Auth::Default,
            purpose,
        }
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
    /// How many bytes it has, unpacked.
    pub bytes: u64,
    /// Whether the bound on bodies cut it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub truncated: bool,
    /// How it came, where it came packed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub packed: Option<Packed>,
    /// SHA-256 of the whole, where this is only its start (see `Exchange::in_short`).
    #[serde(skip)]
    pub whole_sha256: Option<String>,
}

/// How a body was packed on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The codings in the order in which they were applied, as the headers name them.
    pub coding: String,
    /// How many bytes came.
    pub bytes: u64,
    /// Why it is kept as it came, if it couldn't be unpacked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unread: Option<Unread>,
}

/// Why a packed body couldn't be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Unread {
    /// This build doesn't know the coding.
    Unknown {
        /// Its name.
        coding: String,
    },
    /// It isn't what it says that it is.
    Broken {
        /// What the unpacker said.
        error: String,
    },
}

/// What had to be read another way than the plain one. None of it accuses anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// The text came in UTF-16.
    Utf16,
    /// Header lines that aren't HTTP were passed over.
    HeadersIgnored,
    /// The body has no length, and its TLS connection ended without saying so.
    EndUnsaid,
    /// Somebody else recorded it: a header that isn't there may have been left out.
    Recorded,
    /// The recording doesn't hold the body as it was sent: it was left out, cut, or has something
    /// behind its end, and nothing tells that the appliance sent it so.
    BodyUnsure,
}

/// Why a body of a recording isn't judged.
const UNSURE: &str = "the recording doesn't have it as it was sent: it was left out, truncated, \
    or has trailing data";

/// How the steps begin in which a run asks for facts.
pub(crate) const DISCOVER: &str = "discover";

/// How the step is named in which a run asks in the session that it closed.
pub(crate) const AFTER_LOGOUT: &str = "after-logout";

impl Body {
    /// SHA-256 of what is kept of the body in the record, in hexadecimal; none for an empty body.
    #[must_use]
    pub fn sha256(&self) -> Option<String> {
        use sha2::{Digest, Sha256};
        self.whole_sha256.clone().or_else(|| {
            self.text
                .as_ref()
                .or(self.base64.as_ref())
                .map(|text| crate::texts::hex(&Sha256::digest(text.as_bytes())))
        })
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
    /// What had to be read another way.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub oddities: Vec<Oddity>,
}

impl Received {
    /// The first header of that name; the case of letters doesn't matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether it says that it is a page for people.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|label| media_type(label) == "text/html")
    }

    /// Whether somebody else recorded it, so that a missing header tells nothing.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.oddities.contains(&Oddity::Recorded)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, NoJson> {
        if self.body.truncated {
            return Err(NoJson::Bound(format!(
                "the body was cut at the limit, after {} bytes",
                self.body.bytes
            )));
        }
        if self.oddities.contains(&Oddity::BodyUnsure) {
            return Err(NoJson::Bound(UNSURE.to_owned()));
        }
        match self.body.packed.as_ref().and_then(|packed| packed.unread.as_ref()) {
            Some(Unread::Unknown { coding }) => {
                return Err(NoJson::Bound(format!("this build can't decode `{coding}`")));
            }
            Some(Unread::Broken { error }) => {
                return Err(NoJson::Wrong(format!("it can't be decoded: {error}")));
            }
            None => {}
        }
        match &self.body.text {
            Some(text) => json::read(text),
            None if self.body.bytes == 0 => Err(NoJson::Wrong("the body is empty".to_owned())),
            None => Err(NoJson::Wrong("the body isn't UTF-8".to_owned())),
        }
    }

    /// The text of the body as it is read: without a byte order mark, and with U+FFFD for each half
    /// of a surrogate pair.
    #[must_use]
    pub fn readable(&self) -> Option<Cow<'_, str>> {
        self.body.text.as_deref().map(json::readable)
    }

    /// In which respects the text of the body isn't as RFC 8259 wants JSON to be written, though it
    /// can be read.
    #[must_use]
    pub fn unusual(&self) -> Vec<&'static str> {
        let mut unusual = self.body.text.as_deref().map(json::unusual).unwrap_or_default();
        if self.oddities.contains(&Oddity::Utf16) {
            unusual.push("the text is UTF-16");
        }
        unusual
    }
}

/// What kind of fault stopped an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
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
    /// The session wasn't known any more, so that the request was sent again in a newer one.
    Session,
}

impl FaultKind {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// How far an exchange had come when a fault stopped it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// No whole head of an answer had come.
    BeforeAnswer,
    /// The head had come, and not all of the body.
    InBody,
}

/// A transport fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// What was seen.
    pub message: String,
    /// How far it had come, where the request was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moment: Option<Moment>,
    /// Whether the peer ended the connection in the middle of the handshake, as one does that is
    /// only starting. It matters while a run waits, and isn't kept.
    #[serde(skip)]
    pub handshake_ended: bool,
}

impl Fault {
    /// A fault of an exchange that wasn't had, or was had again.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), moment: None, handshake_ended: false }
    }

    /// Whether the connection broke before any of the answer came, so that a read may be tried
    /// again.
    #[must_use]
    pub fn is_before_answer(&self) -> bool {
        (self.kind, self.moment) == (FaultKind::Closed, Some(Moment::BeforeAnswer))
    }
}

/// One request and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Full case id; empty for requests of the run itself.
    pub case: String,
    /// Step of the case, or what the run asked.
    pub step: String,
    /// From 1; more than 1 where a step polls, or is sent for several rows.
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

/// The media type without parameters, in lower case.
#[must_use]
pub fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// Whether a media type is JSON: `application/json` or `application/…+json`.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let essence = media_type(content_type);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
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
