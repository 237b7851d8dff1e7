//! `record`: what passes between a client and an appliance passes byte for byte, what may not pass
//! is refused, and what is kept of it holds no secret and can be judged.
//!
//! Knows: the binary, a raw server, raw clients. Must not know: the library behind it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod kept;
mod passing;
mod refused;
mod secret;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::support::command::{binary, json, read, signal, text};

/// A target file for an address.
fn target(folder: &Path, url: &str, more: &str) -> PathBuf {
    let file = folder.join("target.toml");
    fs::write(&file, format!("name = \"lab\"\nurl = \"{url}\"\n{more}")).unwrap();
    file
}

/// A proxy without a command, until it is asked to end.
struct Recording {
    child: Child,
    url: String,
    out: PathBuf,
}

impl Recording {
    fn start(folder: &Path, url: &str, more: &[&str]) -> Self {
        Self::start_with(folder, url, "", more)
    }

    /// With more lines in the target file.
    fn start_with(folder: &Path, url: &str, lines: &str, more: &[&str]) -> Self {
        let file = target(folder, url, lines);
        let out = folder.join("out");
        let mut child = binary()
            .args(["record", "--target", text(&file), "--out", text(&out)])
            .args(more)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned(), out }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own, and reads until its end.
    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn end(mut self) -> (i32, Vec<Value>) {
        signal(&self.child, "INT");
        let status = self.child.wait().unwrap();
        (status.code().unwrap(), exchanges(&self.out))
    }
}

/// The exchanges of a record, in the order of their requests.
fn exchanges(folder: &Path) -> Vec<Value> {
    let text = read(&folder.join("transcript.jsonl"));
    let mut rows: Vec<Value> =
        text.lines().map(json).filter(|row| row["row"] == "exchange").collect();
    rows.sort_by_key(|row| row["attempt"].as_u64());
    rows
}

fn har(folder: &Path) -> Vec<Value> {
    let har = json(&read(&folder.join("exchanges.har")));
    assert_eq!(har["log"]["version"], "1.2");
    har["log"]["entries"].as_array().unwrap().clone()
}
