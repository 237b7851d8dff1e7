//! The last word before a request leaves the process: is its effect allowed?
//!
//! Knows: method, path and body of a request, and the ceiling. It trusts no label of a case: it reads the request itself.
//! Must not know: cases, contract, verdicts.

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
    pub fn check(self, request: &Outgoing) -> Result<(), String> {
        let path = normal_path(&request.target);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Auth;

    fn request(method: &str, target: &str, body: Option<&str>, purpose: Purpose) -> Outgoing {
        Outgoing { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body: body.map(str::to_owned), auth: Auth::Default, purpose }
    }

    #[test]
    fn reads_pass_under_every_ceiling_and_writes_only_under_theirs() {
        let read = Guard::new(Effect::Read);
        assert!(read.check(&request("GET", "/tasks", None, Purpose::Case)).is_ok());
        assert!(read.check(&request("POST", "/aicc/service/sftp/locks", Some("{}"), Purpose::Case)).is_err());
        assert!(read.check(&request("PATCH", "/tasks", None, Purpose::Case)).is_err());
        assert!(read.check(&request("DELETE", "/tasks/1", None, Purpose::Cleanup)).is_err());
        let write = Guard::new(Effect::Write);
        assert!(write.check(&request("PUT", "/managementServer/data", Some(r#"{"operation":"copy"}"#), Purpose::Case)).is_ok());
        assert!(write.check(&request("PUT", "/managementServer/data", Some(r#"{"operation":"move"}"#), Purpose::Case)).is_err());
        assert!(write.check(&request("PUT", "/managementServer/data", Some(r#"{"operation":"\u006dove"}"#), Purpose::Case)).is_err());
        assert!(write.check(&request("DELETE", "/managementServer/data/1", None, Purpose::Case)).is_err());
        assert!(write.check(&request("DELETE", "/managementServer/data/1", None, Purpose::Cleanup)).is_ok());
    }

    #[test]
    fn login_and_logout_are_the_only_changing_requests_of_a_read_run() {
        let read = Guard::new(Effect::Read);
        assert!(read.check(&request("POST", "/sessions", Some("{}"), Purpose::Login)).is_ok());
        assert!(read.check(&request("DELETE", "/sessions", None, Purpose::Logout)).is_ok());
        assert!(read.check(&request("POST", "/sessions", Some("{}"), Purpose::Case)).is_err());
        assert!(read.check(&request("POST", "/tasks", Some("{}"), Purpose::Login)).is_err());
    }

    #[test]
    fn quiesce_is_never_written_to_however_it_is_spelt() {
        let all = Guard::new(Effect::Destroy);
        for target in ["/managementServer/quiesce", "/managementServer/%71uiesce", "//managementServer/./QUIESCE/", "/managementServer/data/../quiesce;x=1?y"] {
            assert!(all.check(&request("PUT", target, Some("{}"), Purpose::Case)).is_err(), "{target}");
        }
        assert!(all.check(&request("GET", "/managementServer/quiesce", None, Purpose::Case)).is_ok());
    }
}
