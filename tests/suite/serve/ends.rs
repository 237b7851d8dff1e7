//! How `serve` ends: in order, in time, or before it began.
//!
//! Knows: the binary, signals and sockets. Must not know: the library behind it.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::support::command::{self, answer, binary};

use super::{Double, FIRST, refused};

#[test]
fn a_signal_ends_it_in_order_and_a_request_that_is_under_way_is_answered() {
    for name in ["INT", "TERM"] {
        let double = Double::start(&["--fault", "tasks.list: delay 700ms"]);
        let idle = double.connect();
        let mut stream = double.connect();
        write!(stream, "GET /tasks HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n").expect("sent");
        command::until("the request is there", || {
            double.state()["observed"]["requests"]["tasks.list"] == 1
        });
        let start = Instant::now();
        let (exit, log) = double.end(name);
        assert_eq!(exit, 0, "{log}");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a whole reply");
        assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with(']'), "{name}: {reply}");
        assert!(start.elapsed() < Duration::from_secs(5), "an idle connection holds up nothing");
        drop(idle);
    }
}

#[test]
fn a_request_that_takes_too_long_does_not_hold_up_the_end() {
    let double = Double::start(&["--fault", "tasks.list: delay 5m"]);
    let mut stream = double.connect();
    write!(stream, "GET /tasks HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n").expect("sent");
    command::until("the request is there", || {
        double.state()["observed"]["requests"]["tasks.list"] == 1
    });
    let start = Instant::now();
    assert_eq!(double.end("TERM").0, 0);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_port_that_is_taken_and_a_version_that_is_none_are_refused() {
    let double = Double::start(&["--quiet"]);
    let port = double.url.rsplit(':').next().expect("a port");
    assert!(refused(&["--port", port]).contains(&format!("listen on 127.0.0.1:{port}")));
    assert!(refused(&["--version", "4.1 beta"]).contains("letters, digits, dots and hyphens"));
    let help = answer(binary().args(["serve", "--help"]));
    for option in ["--cert", "--key", "--state", "--quiet", "_double/state", "on call 2"] {
        assert!(help.stdout.contains(option), "{option}");
    }
}
