//! What is kept of an exchange by whoever keeps all of them.
//!
//! Knows: the parts of an exchange that reports show. Must not know: reports.

use super::{Body, DISCOVER, Exchange, Received, Sent};

/// What an exchange keeps of a body in memory after it was judged.
const SHORT_BODY: usize = 64 * 1024;

impl Body {
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
        Self {
            text: self.text.as_ref().map(start),
            base64: self.base64.as_ref().map(start),
            bytes: self.bytes,
            truncated: self.truncated,
            packed: self.packed.clone(),
            whole_sha256: self.sha256(),
        }
    }
}

impl Exchange {
    /// The exchange without bodies and headers: a report counts all of them, and shows few.
    #[must_use]
    pub fn outline(&self) -> Self {
        // The run's own lists are compared when it ends; those that told facts have told them.
        if self.case.is_empty() && !self.step.starts_with(DISCOVER) {
            return self.clone();
        }
        // Whether a password went out is told by its header.
        let carries = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("authorization");
        let sent = Sent {
            method: self.sent.method.clone(),
            target: self.sent.target.clone(),
            auth: self.sent.auth,
            headers: self.sent.headers.iter().find(carries).cloned().into_iter().collect(),
            body: None,
        };
        let got = self.got.as_ref().map(|got| Received {
            status: got.status,
            version: String::new(),
            headers: Vec::new(),
            body: Body {
                bytes: got.body.bytes,
                truncated: got.body.truncated,
                packed: got.body.packed.clone(),
                ..Body::default()
            },
            oddities: got.oddities.clone(),
        });
        Self {
            case: self.case.clone(),
            step: self.step.clone(),
            sent,
            got,
            fault: self.fault.clone(),
            retried: self.retried.clone(),
            ..*self
        }
    }

    /// The exchange with no more of its body than a report shows, so that a run with large bodies
    /// stays small.
    #[must_use]
    pub fn in_short(&self) -> Self {
        let got = self.got.as_ref().map(|got| Received {
            status: got.status,
            version: got.version.clone(),
            headers: got.headers.clone(),
            body: got.body.in_short(),
            oddities: got.oddities.clone(),
        });
        Self {
            case: self.case.clone(),
            step: self.step.clone(),
            sent: self.sent.clone(),
            got,
            fault: self.fault.clone(),
            retried: self.retried.clone(),
            ..*self
        }
    }
}
