//! What `serve` costs beside a bare hyper server that answers the same bytes, and whether its
//! memory stays flat.
//!
//! Both are processes of their own and serve on one thread; one client of plain sockets asks both
//! for the list of locks over kept connections, in turn, several rounds. The medians and their
//! ratio are printed, and then what `serve` holds in memory over a mix of requests: 1 000 000, or
//! as many as the first argument or `SERVE_BENCH_REQUESTS` says. Knows: the binary. Must not judge:
//! a figure is for people.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark may stop at once, read files and print"
)]

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

const CONNECTIONS: usize = 8;
const ROUNDS: usize = 9;
const PER_ROUND: usize = 60_000;
const WARM_UP: usize = 5_000;
const LOCKS: &str = "GET /aicc/service/sftp/locks HTTP/1.1\r\nHost: double\r\nAuthorization: \
    Basic VVNFUklEOlBBU1NXMFJE\r\nAccept: */*\r\n\r\n";

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == "bare") {
        return bare(&arguments[1]);
    }
    let wanted = arguments.first().cloned().or_else(|| std::env::var("SERVE_BENCH_REQUESTS").ok());
    let wanted: usize = wanted
        .map_or(1_000_000, |wanted| wanted.replace('_', "").parse().expect("a number of requests"));

    let double = Server::double(&["--quiet"]);
    let logging = Server::double(&[]);
    let sample = Client::connect(&double.address).ask(LOCKS);
    let bare = Server::start(
        Command::new(std::env::current_exe().expect("this program")).args(["bare", &sample]),
    );
    let servers = [&bare, &double, &logging];
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for server in servers {
        server.requests_per_second(WARM_UP);
    }
    let before = servers.map(Server::worked);
    for _ in 0..ROUNDS {
        for (server, rates) in servers.iter().zip(&mut rates) {
            rates.push(server.requests_per_second(PER_ROUND));
        }
    }
    let spent = [0, 1, 2].map(|nth| {
        servers[nth].worked().saturating_sub(before[nth]).as_secs_f64() * 1e6
            / (ROUNDS * PER_ROUND) as f64
    });
    let [bare, quiet, logged] = rates.map(median);
    println!("connections         {CONNECTIONS}, {ROUNDS} rounds of {PER_ROUND} requests each");
    println!(
        "bare hyper          {bare:>10.0} requests/s              processor time {:>6.1} \
        us/request",
        spent[0]
    );
    println!(
        "serve --quiet       {quiet:>10.0} requests/s  ratio {:.2}  processor time {:>6.1} \
        us/request",
        quiet / bare,
        spent[1]
    );
    println!(
        "serve, log to null  {logged:>10.0} requests/s  ratio {:.2}  processor time {:>6.1} \
        us/request",
        logged / bare,
        spent[2]
    );
    memory(&logging, wanted);
}

/// `serve` over a mix of reads, writes, logins and mistakes, with its log.
fn memory(server: &Server, wanted: usize) {
    let post = |method: &str, target: &str, body: &str| {
        format!(
            "{method} {target} HTTP/1.1\r\nHost: double\r\nAuthorization: Basic \
            VVNFUklEOlBBU1NXMFJE\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let copy = r#"{"action": "start", "operation": "copy", "uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278", "destination": "internal"}"#;
    let mut mix = vec![LOCKS.to_owned(); 6];
    mix.extend([
        post("GET", "/aicc", ""),
        post("PUT", "/managementServer/data", copy),
        post("POST", "/sessions", r#"{"UserId": "USERID", "password": "PASSW0RD"}"#),
        post("GET", "/a/path/that/is/not/played", ""),
    ]);
    server.ask_all(&mix, WARM_UP);
    let before = server.resident();
    print!("memory of serve     {before} kB after {WARM_UP} requests;");
    for tenth in 1..=5 {
        server.ask_all(&mix, wanted / 5);
        print!(" {} kB after {}", server.resident(), wanted / 5 * tenth);
    }
    println!(
        "\nmemory grew by      {} kB over {} requests of a mix",
        server.resident().cast_signed() - before.cast_signed(),
        wanted / 5 * 5
    );
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn double(options: &[&str]) -> Self {
        Self::start(
            Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
                .args(["serve", "--port", "0"])
                .args(options),
        )
    }

    fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its address");
        Self { child, address: line.trim().trim_start_matches("http://").to_owned() }
    }

    fn requests_per_second(&self, requests: usize) -> f64 {
        let start = Instant::now();
        self.ask_all(&[LOCKS.to_owned()], requests);
        requests as f64 / start.elapsed().max(Duration::from_nanos(1)).as_secs_f64()
    }

    fn ask_all(&self, mix: &[String], requests: usize) {
        std::thread::scope(|scope| {
            for first in 0..CONNECTIONS {
                scope.spawn(move || {
                    let mut client = Client::connect(&self.address);
                    for nth in (first..requests).step_by(CONNECTIONS) {
                        client.send(&mix[nth / CONNECTIONS % mix.len()]);
                    }
                });
            }
        });
    }

    /// The processor time that it has used so far, of all its threads.
    fn worked(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .expect("a Linux with /proc");
        let fields: Vec<&str> =
            stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        // In hundredths of a second, which Linux tells on every machine.
        let ticks: u64 =
            fields[11..13].iter().map(|field| field.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in kB.
    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("a Linux with /proc");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches("kB").trim().parse().expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One kept connection, as cheap as a client can be.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    fn connect(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("small packets");
        Self { stream, buffer: vec![0; 1 << 20] }
    }

    /// Sends a request, and reads its reply to the end; how many bytes that were.
    fn send(&mut self, request: &str) -> usize {
        self.stream.write_all(request.as_bytes()).expect("sent");
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).expect("a reply");
            assert!(read > 0, "the server closed the connection");
            filled += read;
            if let Some(due) = whole(&self.buffer[..filled])
                && filled >= due
            {
                return due;
            }
        }
    }

    /// The whole reply as text.
    fn ask(&mut self, request: &str) -> String {
        let due = self.send(request);
        String::from_utf8(self.buffer[..due].to_vec()).expect("text")
    }
}

/// How long a reply is, as soon as its head is there.
fn whole(reply: &[u8]) -> Option<usize> {
    let head = reply.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&reply[..head]).expect("a head of ASCII");
    let length = text
        .split("\r\n")
        .find_map(|line| {
            line.split_at_checked(16)
                .filter(|(name, _)| name.eq_ignore_ascii_case("content-length: "))
        })
        .map(|(_, length)| length.parse::<usize>().expect("a length"));
    Some(head + length.unwrap_or(0))
}

/// A server that does nothing but answer, with the headers and the body of `sample`.
fn bare(sample: &str) {
    let (head, body) = sample.split_once("\r\n\r\n").expect("a reply");
    let headers: Vec<(String, String)> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let headers: Vec<(hyper::header::HeaderName, hyper::header::HeaderValue)> = headers
        .into_iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect();
    let (headers, body): (&'static [_], &'static str) = (headers.leak(), body.to_owned().leak());
    let answer = move |_| async move {
        let mut response = hyper::Response::new(Full::new(Bytes::from_static(body.as_bytes())));
        for (name, value) in headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        Ok::<_, Infallible>(response)
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("http://{}", listener.local_addr().expect("its address"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("small packets");
            tokio::spawn(async move {
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer))
                    .await;
            });
        }
    });
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
