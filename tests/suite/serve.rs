//! `serve` as a person starts it: its first line, its state, its scripts, its certificate, its log
//! and its end.
//!
//! Knows: the binary, sockets, and what docs/double.md promises. Must not know: the library behind
//! it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

mod certificate;
mod ends;
mod log;
mod scripts;
mod state;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::command::{Answer, binary, json, lxca, signal, text};

const LOCKS: &str = "/aicc/service/sftp/locks";
const DATA: &str = "/managementServer/data";
const SHARED: &str = "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278";
/// `USERID:PASSW0RD` and `OPERATOR:PASSW0RD`.
const FIRST: &str = "Authorization: Basic VVNFUklEOlBBU1NXMFJE";

struct Double {
    child: Child,
    url: String,
    stderr: Option<ChildStderr>,
}

impl Double {
    fn start(arguments: &[&str]) -> Self {
        let mut child = binary().arg("serve").args(arguments).spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        let stderr = child.stderr.take();
        Self { child, url: line.trim_end().to_owned(), stderr }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.strip_prefix("http://").expect("plain HTTP"))
            .expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a bound");
        stream
    }

    /// Everything that comes back to one request; empty when nothing does.
    fn raw(&self, method: &str, target: &str, header: &str, body: &str) -> String {
        let mut stream = self.connect();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: double\r\nConnection: \
            close\r\n{header}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn get(&self, target: &str) -> (u16, String) {
        parts(&self.raw("GET", target, FIRST, ""))
    }

    fn send(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        parts(&self.raw(method, target, FIRST, body))
    }

    fn state(&self) -> Value {
        json(&self.get("/_double/state").1)
    }

    /// Asks it to end, and waits for that. Its exit code, and what it wrote to stderr.
    fn end(mut self, name: &str) -> (i32, String) {
        signal(&self.child, name);
        let exit = self.child.wait().expect("its end").code().expect("an exit code, not a signal");
        let mut said = String::new();
        self.stderr.take().expect("its stderr").read_to_string(&mut said).expect("UTF-8");
        (exit, said)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parts(reply: &str) -> (u16, String) {
    let status = reply.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, reply.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
}

fn copy() -> String {
    json!({ "action": "start", "operation": "copy", "uuid": SHARED, "destination": "internal" })
        .to_string()
}

fn refused(arguments: &[&str]) -> String {
    let Answer { exit, stdout, stderr } = lxca(&[&["serve"], arguments].concat());
    assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
    stderr
}

fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file");
    text(&path).to_owned()
}
