//! An answer before it is put into bytes: status, JSON, and which documented body it is.
//!
//! Knows how an answer becomes a reply. Must not know why it was given.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::clock;
use super::errors::{Problem, Shape};
use super::request::{Reply, Request, Wire};
use super::state::Options;
use super::variant::Variant;
use super::wording;

/// Which body an answer carries; faults and variants choose by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    LockList,
    Lock,
    LockCreated,
    CreateLockRefused,
    LockDeleted,
    NoLocks,
    BackupList,
    BackupDeleted,
    TransferStarted,
    TransferCancelled,
    TransferRefused,
    Tasks,
    OneTask,
    TasksCancelled,
    TasksCancelRefused,
    Appliance,
    SessionOpened,
    LoginRefused,
    SessionClosed,
    Unauthorized,
    Forbidden,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Json(Value),
    Text(String),
    /// JSON as it is written, which no value can say.
    Written(String),
    /// Bytes, with a media type that says how to read them.
    Bytes(Vec<u8>),
}

/// A change to the header lines of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeaderEdit {
    pub(super) name: String,
    /// Only lines whose value begins so go.
    pub(super) begins: String,
    /// What comes instead, if anything.
    pub(super) value: Option<String>,
}

impl HeaderEdit {
    fn apply(&self, headers: &mut Vec<(String, String)>) {
        headers.retain(|(name, value)| {
            !(name.eq_ignore_ascii_case(&self.name) && value.starts_with(&self.begins))
        });
        headers.extend(self.value.iter().map(|value| (self.name.clone(), value.clone())));
    }
}

#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Body,
    pub(super) kind: Kind,
    /// Extra header lines.
    pub(super) headers: Vec<(String, String)>,
    /// A media type other than the usual one.
    pub(super) media_type: Option<String>,
    /// Changes to the header lines, made when all of them are there.
    pub(super) header_edits: Vec<HeaderEdit>,
    /// Whether the body is to break off in the middle (within its stated length).
    pub(super) broken_off: bool,
    pub(super) wire: Wire,
    /// How long it is held back.
    pub(super) delay: Duration,
}

impl Answer {
    pub(super) fn new(status: u16, kind: Kind, body: Body) -> Self {
        Self {
            status,
            body,
            kind,
            headers: Vec::new(),
            media_type: None,
            header_edits: Vec::new(),
            broken_off: false,
            wire: Wire::Normal,
            delay: Duration::ZERO,
        }
    }

    pub(super) fn json(status: u16, kind: Kind, value: Value) -> Self {
        Self::new(status, kind, Body::Json(value))
    }

    pub(super) fn empty(status: u16, kind: Kind) -> Self {
        Self::new(status, kind, Body::None)
    }

    /// An error body of this shape.
    pub(super) fn refusal(status: u16, problem: &Problem, shape: Shape) -> Self {
        let kind = match (status, shape) {
            (401, _) => Kind::Unauthorized,
            (403, _) => Kind::Forbidden,
            (400, Shape::Singular) => Kind::TransferRefused,
            _ => Kind::Other,
        };
        Self::json(status, kind, problem.body(shape))
    }

    pub(super) fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub(super) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body, if it is JSON.
    pub(super) fn value(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(value) => Some(value),
            Body::None | Body::Text(_) | Body::Written(_) | Body::Bytes(_) => None,
        }
    }

    /// Puts the answer into bytes, for the client that sent this request.
    pub(super) fn render(self, options: &Options, request: &Request, now: Timestamp) -> Reply {
        let varies = |variant| options.variants.contains(&variant);
        // As recorded appliances send them, without the order to come back by TLS only: a browser
        // would keep that for localhost.
        let usual = [
            ("x-lxca-conform-double", "1"),
            ("Cache-Control", "no-store, no-cache, must-revalidate"),
            ("Pragma", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "SAMEORIGIN"),
        ];
        let mut headers: Vec<(String, String)> =
            usual.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        headers.extend(options.date(now).map(|date| ("Date".to_owned(), clock::http_date(date))));
        let (mut body, usual) = match self.body {
            Body::None => (Vec::new(), None),
            Body::Text(text) => (text.into_bytes(), Some("text/plain; charset=UTF-8".to_owned())),
            Body::Written(text) => (text.into_bytes(), Some(json_media_type(options))),
            Body::Bytes(bytes) => (bytes, None),
            Body::Json(value) => {
                (wording::json_bytes(&value, options), Some(json_media_type(options)))
            }
        };
        if self.broken_off {
            body.truncate(body.len() / 2);
        }
        if let Some(media_type) = self.media_type.filter(|_| !body.is_empty()).or(usual) {
            headers.push(("Content-Type".to_owned(), media_type));
        }
        let mut say = |lines: &[(&str, &str)]| {
            headers.extend(
                lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
            );
        };
        if varies(Variant::DuplicateHeaders) {
            say(&[
                ("Cache-Control", "no-store"),
                ("Expires", "-1"),
                ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
                ("X-Content-Type-Options", "nosniff"),
                ("X-Content-Type-Options", "nosniff"),
            ]);
        }
        if varies(Variant::SecurityHeaders) {
            say(&[
                ("Pragma", "no-cache"),
                ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
                ("X-Frame-Options", "SAMEORIGIN"),
            ]);
            say(&[
                ("Content-Security-Policy", "default-src 'self'"),
                ("X-XSS-Protection", "1; mode=block"),
                ("Vary", "Accept-Encoding, User-Agent"),
            ]);
        }
        if varies(Variant::CookieOnEveryReply) {
            say(&[("Set-Cookie", "userAuthenticationMethod=local; Path=/")]);
        }
        if varies(Variant::CloseAfterEach) {
            say(&[("Connection", "close")]);
        }
        if let Some((coding, packed)) = wording::packed(&body, options, request) {
            body = packed;
            say(&[("Content-Encoding", coding), ("Vary", "Accept-Encoding")]);
        }
        if varies(Variant::Chunked) && !body.is_empty() {
            say(&[("Transfer-Encoding", "chunked")]);
        }
        headers.extend(self.headers);
        if varies(Variant::CookieForAnotherPath) {
            headers.push((
                "Set-Cookie".to_owned(),
                "JSESSIONID=0000000000000000;Path=/compliancePolicies;Secure;HttpOnly".to_owned(),
            ));
        }
        if varies(Variant::TwoHundredHeaders) {
            headers
                .extend((0..200).map(|number| (format!("X-Detail-{number}"), "none".to_owned())));
        }
        self.header_edits.iter().for_each(|edit| edit.apply(&mut headers));
        if varies(Variant::LowerCaseHeaders) {
            for (name, _) in &mut headers {
                name.make_ascii_lowercase();
            }
        }
        // What is broken on purpose stays so.
        let unusual = UNUSUAL
            .iter()
            .find(|(variant, _)| self.wire == Wire::Normal && varies(*variant))
            .map(|(_, wire)| *wire);
        Reply {
            status: self.status,
            headers,
            body,
            delay: self.delay,
            wire: unusual.unwrap_or(self.wire),
        }
    }
}

/// What only a server of its own bytes can show.
const UNUSUAL: &[(Variant, Wire)] = &[
    (Variant::FoldedHeader, Wire::Folded),
    (Variant::BlankBeforeColon, Wire::BlankBeforeColon),
    (Variant::ClosesWithoutSayingSo, Wire::ClosedSilently),
    (Variant::EarlyHints, Wire::EarlyHints),
];

fn json_media_type(options: &Options) -> String {
    if options.variants.contains(&Variant::VendorMediaType) {
        format!("application/com.lenovo.lxca-v{}+json; charset=UTF-8", options.version)
    } else if options.variants.contains(&Variant::CharsetAbsent) {
        "application/json".to_owned()
    } else {
        "application/json; charset=UTF-8".to_owned()
    }
}
