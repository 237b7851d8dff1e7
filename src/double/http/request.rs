//! What goes into the core and what comes out of it, as plain values.
//!
//! Knows how a request target is taken apart. Must not know any route, the state or a web server.

use std::time::Duration;

use base64::Engine as _;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as on the wire.
    pub method: String,
    /// The path as on the wire, without the query.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The header lines in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body; `target` is a path, with or without a query.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: parse_query(query),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same request with one more header line.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// The same request with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same request with HTTP Basic credentials.
    #[must_use]
    pub fn with_basic(self, user: &str, password: &str) -> Self {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.with_header("authorization", &format!("Basic {pair}"))
    }

    /// The first header line of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All header lines of this name (lower case).
    pub fn header_lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first query parameter of this name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Takes a query apart and decodes it.
pub(crate) fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| decode(&text.replace('+', " "));
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Percent-decodes one piece of a target.
pub(crate) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// How a front should put a reply on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Wire {
    /// As it is.
    #[default]
    Normal,
    /// As it is, and a header line goes on in the next line.
    Folded,
    /// As it is, with a blank before the colon of each header line.
    BlankBeforeColon,
    /// As it is, and then the connection is closed, which the reply doesn't say.
    ClosedSilently,
    /// As it is, after an interim reply.
    EarlyHints,
    /// Not at all: the connection is closed.
    Close,
    /// Half of the body, then the connection is closed.
    CutShort,
    /// This many bytes of the body, always fewer than there are, then the connection is closed.
    Truncate(usize),
    /// Whole, with a stated length that is wrong by this, then the connection is closed.
    Length(i64),
    /// Bytes that are no HTTP instead, then the connection is closed.
    Garbage,
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The header lines in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it is held back.
    pub delay: Duration,
    /// What happens to it on the wire.
    pub wire: Wire,
}

impl Reply {
    /// The first header line of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as JSON, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_into_a_raw_path_and_a_decoded_query() {
        let request = Request::new("GET", "/a%20b?location=%2Fmnt%2Fx+y&flag");
        assert_eq!(request.path, "/a%20b");
        assert_eq!(request.query("location"), Some("/mnt/x y"));
        assert_eq!(request.query("flag"), Some(""));
    }
}
