//! What the tests of the double share: a double at a standing time, and requests from its first
//! account.
//!
//! Compiled for tests only.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::appliance::options::Options;
use super::appliance::state::State;
use super::handling::router::handle;
use super::http::request::{Reply, Request};
use super::misbehave::fault::Fault;
use super::misbehave::variant::Variant;

/// The backup that lies only in the local repository.
pub(crate) const LOCAL: &str = "0b7c9f52-6a3e-4d18-9a57-2f1d8c4e6b90";
/// The backup that lies only on the first share.
pub(crate) const SHARED: &str = "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278";
/// The backup that lies on both.
pub(crate) const BOTH: &str = "c2d1e8a4-93f7-4b60-8e15-7a6f0d3b5c21";

pub(crate) const DATA: &str = "/managementServer/data";
pub(crate) const LOCKS: &str = "/aicc/service/sftp/locks";

pub(crate) struct Bench {
    pub(crate) state: State,
    pub(crate) now: Timestamp,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let now = "2026-03-01T12:00:00.25Z".parse().unwrap();
        Self { state: State::new(options, now), now }
    }

    pub(crate) fn faulty(fault: Fault) -> Self {
        Self::with(Options { faults: [fault].into(), ..Options::default() })
    }

    pub(crate) fn varied(variant: Variant) -> Self {
        Self::with(Options { variants: [variant].into(), ..Options::default() })
    }

    /// Sends a request as it is.
    pub(crate) fn raw(&mut self, request: &Request) -> Reply {
        handle(&mut self.state, request, self.now)
    }

    /// Sends a request from the first account.
    pub(crate) fn send(&mut self, method: &str, target: &str, body: &str) -> Reply {
        self.raw(&Request::new(method, target).with_basic("USERID", "PASSW0RD").with_body(body))
    }

    pub(crate) fn get(&mut self, target: &str) -> Reply {
        self.send("GET", target, "")
    }

    pub(crate) fn get_json(&mut self, target: &str) -> Value {
        self.get(target).json().unwrap_or_default()
    }

    /// Starts an operation on a backup.
    pub(crate) fn start(&mut self, operation: &str, uuid: &str, destination: &str) -> Reply {
        let body = serde_json::json!({
            "action": "start", "operation": operation, "uuid": uuid, "destination": destination,
        });
        self.send("PUT", DATA, &body.to_string())
    }

    pub(crate) fn cancel_push(&mut self) -> Reply {
        self.send("PUT", DATA, r#"{"action": "cancel", "operation": "push"}"#)
    }

    pub(crate) fn login(&mut self, user: &str, password: &str) -> Reply {
        let body = serde_json::json!({ "UserId": user, "password": password });
        self.raw(&Request::new("POST", "/sessions").with_body(body.to_string()))
    }

    pub(crate) fn wait(&mut self, milliseconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_millis(milliseconds)).unwrap();
    }

    pub(crate) fn locations(&self, uuid: &str) -> Vec<&str> {
        self.state.backup_locations(uuid).unwrap_or_default().iter().map(String::as_str).collect()
    }
}

/// The value of a cookie that a reply sets.
pub(crate) fn cookie(reply: &Reply, name: &str) -> String {
    let start = format!("{name}=");
    let mut lines =
        reply.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"));
    let value = lines.find_map(|(_, line)| line.strip_prefix(&start)).unwrap();
    value.split(';').next().unwrap().to_owned()
}

/// Sends bytes over a connection and reads until the other side closes it; the start of what came
/// back is the status.
pub(crate) async fn speak(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> String {
    let mut reply = Vec::new();
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

/// A request on the wire, from the first account, that asks for the connection to be closed after
/// it.
pub(crate) fn on_the_wire(method: &str, target: &str, body: &str) -> String {
    let authorization = Request::new("", "")
        .with_basic("USERID", "PASSW0RD")
        .header("authorization")
        .unwrap()
        .to_owned();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: double\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The start of the copy that the page shows.
pub(crate) const COPY: &str = r#"{"action": "start", "destination": "internal", "operation": "copy", "uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278"}"#;
