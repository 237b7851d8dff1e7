//! The binary as an operator and a pipeline see it: exit codes, stdout, stderr, files.
//!
//! Knows: the command line and its files. Must not know: the library behind it.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod catalogue;
mod other_process;
mod own_cases;
mod plan;
mod records;
mod run;
mod terminal;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

use crate::support::command::{Answer, answer, binary, text};

const FIVE: [&str; 5] =
    ["junit.xml", "report.html", "report.json", "report.md", "transcript.jsonl"];

/// The binary without a password.
fn lxca(arguments: &[&str]) -> Answer {
    answer(binary().args(arguments))
}

/// The run without a target: one for all tests.
fn built_in() -> &'static (TempDir, Answer) {
    static RUN: OnceLock<(TempDir, Answer)> = OnceLock::new();
    RUN.get_or_init(|| {
        let folder = TempDir::new().expect("a temporary folder");
        let answer = lxca(&["run", "--out", text(folder.path())]);
        (folder, answer)
    })
}

fn built_in_folder() -> &'static Path {
    built_in().0.path()
}

/// A server that gives every request the same answer and counts them; it lives as long as the
/// tests.
fn always(answer: &'static str) -> (String, &'static AtomicUsize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let asked: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || give(stream, answer, asked));
        }
    });
    (url, asked)
}

fn give(mut stream: TcpStream, answer: &str, asked: &AtomicUsize) {
    let Ok(half) = stream.try_clone() else { return };
    let mut reader = BufReader::new(half);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        asked.fetch_add(1, Ordering::SeqCst);
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
