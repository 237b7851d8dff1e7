//! The last word before a request leaves the process: is its effect allowed?
//!
//! Knows: method, path and body of a request, and the ceiling. It trusts no label of a case: it reads the request itself.
//! Must not know: cases, contract, verdicts.

use crate::address::RequestUrl;
use crate::catalogue::Effect;
use crate::exchange::{Outgoing, Purpose};

/// Refuses what isn't allowed.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    allow: Effect,
}

impl Guard {
    /// A guard with a ceiling.
    #[must_use]
    pub fn new(allow: Effect) -> Self {
        Self { allow }
    }

    /// `Err` with the reason when the request must not be sent.
    pub fn check(self, request: &Outgoing, url: &RequestUrl) -> Result<(), String> {
        let path = normal_path(url.path());
        if path.split('/').any(|segment| segment.eq_ignore_ascii_case("quiesce")) && request.method != "GET" {
            return Err("a write to /managementServer/quiesce restarts the server and is never sent".to_owned());
        }
        let needed = needed(request, &path);
        if needed > self.allow {
            return Err(format!("{} {} has the effect {}, and only {} is allowed", request.method, request.target, needed.word(), self.allow.word()));
        }
        Ok(())
    }
}

/// The least ceiling under which a request may be sent.
fn needed(request: &Outgoing, path: &str) -> Effect {
    if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return Effect::Read;
    }
    let session = path == "/sessions" || path.starts_with("/sessions/");
    match request.purpose {
        Purpose::Login if session && request.method == "POST" => return Effect::Read,
        Purpose::Logout if session && request.method == "DELETE" => return Effect::Read,
        // A clean-up takes back what its own case made.
        Purpose::Cleanup => return Effect::Write,
        _ => {}
    }
    let body = request.body.as_deref().unwrap_or_default().to_lowercase();
    let destroys = request.method == "DELETE" || (path == "/managementServer/data" && ["move", "push", "cancel", "\\u00"].iter().any(|word| body.contains(word)));
    if destroys { Effect::Destroy } else { Effect::Write }
}

/// The path without query, percent-decoded, without empty and dot segments, so that no spelling slips by.
fn normal_path(target: &str) -> String {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split('/') {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}
