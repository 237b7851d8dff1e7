//! What `record` adds to a request: the time from the request to the end of its answer, through the
//! proxy and without it.
//!
//! The server is a thread here that answers at once; the proxy is the binary, which redacts and
//! writes each exchange as it does for people. One client of plain sockets asks both in turn over a
//! kept connection, with a small body and with one of a megabyte. The medians and their difference
//! are printed. Knows: the binary. Must not judge: a figure is for people.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark may stop at once, read files and print"
)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const REQUEST: &[u8] = b"GET /nodes HTTP/1.1\r\nHost: lab\r\nAuthorization: Basic \
    VVNFUklEOlBBU1NXMFJE\r\nAccept: */*\r\n\r\n";
const WARM_UP: usize = 100;

fn main() {
    for (bytes, requests) in [(200, 5_000), (1 << 20, 300)] {
        let answer = answer(bytes);
        let server = serve(answer.clone());
        let proxy = Proxy::before(&server);
        let mut ways =
            [&server, &proxy.address].map(|address| (connect(address), Vec::<Duration>::new()));
        for nth in 0..WARM_UP + requests {
            for (stream, times) in &mut ways {
                let time = ask(stream, answer.len());
                if nth >= WARM_UP {
                    times.push(time);
                }
            }
        }
        let [direct, through] = ways.map(|(_, mut times)| {
            times.sort();
            times[times.len() / 2]
        });
        println!(
            "{bytes:>8} bytes, {requests} requests   direct {direct:>10.1?}   through record \
            {through:>10.1?}   added {:>10.1?}",
            through.saturating_sub(direct)
        );
    }
}

/// A list of servers, as long as that.
fn answer(bytes: usize) -> Vec<u8> {
    let mut body = String::from("{\"nodeList\":[{}");
    while body.len() < bytes {
        let number = body.len();
        let _ = write!(body, ",{{\"uuid\":\"{number:032X}\",\"powerStatus\":8}}");
    }
    body.push_str("]}");
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Answers each request of each connection at once, until the process ends.
fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.expect("a connection"), answer.clone());
            stream.set_nodelay(true).expect("no delay");
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().expect("the connection"));
                let mut line = String::new();
                while lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                    let ends = line.trim_end().is_empty();
                    line.clear();
                    if ends && stream.write_all(&answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a bound");
    stream
}

/// One request, and the time until its answer is whole. A proxy passes on the very bytes.
fn ask(stream: &mut TcpStream, bytes: usize) -> Duration {
    let mut answer = vec![0; bytes];
    let start = Instant::now();
    stream.write_all(REQUEST).expect("the request is sent");
    stream.read_exact(&mut answer).expect("the answer");
    let taken = start.elapsed();
    assert!(answer.starts_with(b"HTTP/1.1 200"), "another answer");
    taken
}

struct Proxy {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Proxy {
    fn before(server: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
            .args(["record", "--url", &format!("http://{server}"), "--out"])
            .arg(folder.path().join("out"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the proxy starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("its address");
        let address = line.trim().trim_start_matches("http://").to_owned();
        Self { child, address, _folder: folder }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
