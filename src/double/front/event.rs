//! What an observer is told of each request: enough for a line of a log, and nothing that must stay
//! secret.
//!
//! Knows what may be said. Must not know how it is written down.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::super::appliance::state::State;
use super::super::http::request::{Request, Wire};
use super::super::http::route::Route;
use super::super::terms::names::Name;

/// The longest path that is told, in characters.
const MOST_PATH: usize = 200;

/// One request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When it was answered.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path, without a query; the id of a session is not in it.
    pub path: String,
    /// The status; none when no reply with a status is sent.
    pub status: Option<u16>,
    /// The account that sent it, if it was recognised.
    pub user: Option<Name>,
    /// How long it took until the reply was ready; a delay that was asked for is not in it.
    pub took: Duration,
    /// The scripts that acted on it.
    pub scripts: Vec<String>,
}

impl Event {
    pub(crate) fn new(at: Timestamp, request: &Request, status: u16, start: Instant) -> Self {
        let method = request.method.chars().filter(|c| !c.is_control()).take(20).collect();
        Self {
            at,
            method,
            path: path(request),
            status: Some(status),
            user: None,
            took: start.elapsed(),
            scripts: Vec::new(),
        }
    }

    pub(crate) fn by(mut self, user: Option<Name>) -> Self {
        self.user = user;
        self
    }

    pub(crate) fn playing(mut self, state: &State, scripts: &[usize], wire: Wire) -> Self {
        self.scripts = scripts
            .iter()
            .filter_map(|place| state.options.scripts.get(*place))
            .map(|script| script.text().to_owned())
            .collect();
        if matches!(wire, Wire::Close | Wire::Garbage) {
            self.status = None;
        }
        self
    }
}

/// The path as it may be told.
fn path(request: &Request) -> String {
    if let Some(Route::Session(_)) = Route::find(&request.path) {
        return "/sessions/{id}".to_owned();
    }
    // What comes after a semicolon may be a session too.
    let path = request.path.split(';').next().unwrap_or_default();
    path.chars()
        .map(|c| if c.is_control() || c.is_whitespace() { '\u{fffd}' } else { c })
        .take(MOST_PATH)
        .collect()
}

/// Who is told of each request.
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(Event) + Send + Sync>);

impl Observer {
    /// An observer that calls this for each request; it must not wait for anything.
    pub fn new(tell: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_session_nor_a_query_nor_a_control_character_is_told() {
        let told = |target: &str| {
            Event::new(Timestamp::UNIX_EPOCH, &Request::new("DELETE", target), 200, Instant::now())
                .path
        };
        assert_eq!(told("/sessions/0123456789abcdef"), "/sessions/{id}");
        assert_eq!(told("/aicc;jsessionid=0123456789abcdef"), "/aicc");
        assert_eq!(
            told("/managementServer/data/x?location=internal&password=y"),
            "/managementServer/data/x"
        );
        assert_eq!(told("/a\u{1b}[31m b"), "/a\u{fffd}[31m\u{fffd}b");
        assert_eq!(told(&format!("/{}", "x".repeat(5000))).len(), MOST_PATH);
    }
}
