//! What the double plays beside the inventory: events, updates, policies, requests to manage, and
//! changes of servers with the jobs that they start.
//!
//! Knows: the core of the double, and what docs/double.md says of it. Must not know: schemas and
//! cases.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod faults;
mod lists;
mod management;
mod servers;
mod updates;

use jiff::{SignedDuration, Timestamp};
use lxca_conform::double::{Fault, Options, Reply, Request, State, handle};
use serde_json::{Value, json};

struct Bench {
    state: State,
    now: Timestamp,
}

impl Bench {
    fn with(faults: &[&str]) -> Self {
        let now = "2026-03-01T12:00:00Z".parse().expect("a moment");
        let faults = faults.iter().map(|name| name.parse::<Fault>().expect("a fault")).collect();
        Self { state: State::new(Options { faults, ..Options::default() }, now), now }
    }

    fn new() -> Self {
        Self::with(&[])
    }

    fn raw(&mut self, request: &Request) -> Reply {
        handle(&mut self.state, request, self.now)
    }

    fn send(&mut self, method: &str, target: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::new(method, target).with_basic("USERID", "PASSW0RD");
        self.raw(&request.with_body(body))
    }

    fn get(&mut self, target: &str) -> Value {
        let reply = self.send("GET", target, &Value::Null);
        assert_eq!(reply.status, 200, "{target}: {:?}", reply.json());
        reply.json().unwrap_or_else(|| panic!("{target} has no JSON"))
    }

    fn status(&mut self, method: &str, target: &str, body: &Value) -> u16 {
        self.send(method, target, body).status
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).expect("a moment");
    }

    /// The uuid of a server of the site.
    fn server(&mut self) -> String {
        self.get("/nodes")["nodeList"][0]["uuid"].as_str().expect("a uuid").to_owned()
    }

    /// The number of the job that a reply names in its header.
    fn job(reply: &Reply) -> String {
        let location = reply.header("Location").expect("a job");
        location.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// What `/tasks` says of a job; nothing if it knows none.
    fn task(&mut self, id: &str) -> Option<String> {
        let reply = self.send("GET", &format!("/tasks/{id}"), &Value::Null);
        reply.json().and_then(|tasks| Some(tasks[0]["status"].as_str()?.to_owned()))
    }
}

const NOBODY: &str = "0123456789ABCDEF0123456789ABCDEF";

/// A rack server of the site.
const RACK: &str = "94B730DC73AA964B81FD7BB366E0DD24";

fn leaving(uuid: &str) -> Value {
    json!({ "endpoints": [{
        "ipAddresses": ["192.0.2.15"], "type": "Rack-Tower Server", "uuid": uuid,
    }] })
}

fn assignment(uuid: &str) -> Value {
    json!({ "compliance": [{
        "keep": false, "policyname": "DEFAULT-2025-03-02", "type": "SERVER", "uuid": uuid,
    }] })
}

/// Right bodies with one member of the only row changed, or without it.
fn spoilt(body: &Value, list: &str, changes: &[(&str, Value)]) -> Vec<Value> {
    let change = |(name, value): &(&str, Value)| {
        let mut body = body.clone();
        match value {
            Value::Null => {
                body[list][0].as_object_mut().expect("a row").remove(*name);
            }
            value => body[list][0][*name] = value.clone(),
        }
        body
    };
    changes.iter().map(change).collect()
}
