//! Servers of bytes for the tests: one that answers as it is told, one that hands everything on and
//! keeps a list.
//!
//! Knows: HTTP/1.1 as far as this client speaks it. Must not know: what any request means.

#![allow(clippy::format_push_string, reason = "its texts are short")]

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    }

    /// `METHOD path`, without the query.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// A server that keeps what it is asked. It lives as long as the process of the tests.
#[derive(Clone)]
pub(crate) struct Recorder {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    /// Answers each request with the bytes that `answer` makes of it.
    pub(crate) fn answering(answer: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::playing(move |seen| (answer(seen), false))
    }

    fn playing(answer: impl Fn(&Seen) -> (Vec<u8>, bool) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let recorder = Self { url, connections: Arc::default(), seen: Arc::default() };
        let (shared, answer) = (recorder.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, answer) = (shared.clone(), Arc::clone(&answer));
                thread::spawn(move || shared.connection(stream, answer.as_ref()));
            }
        });
        recorder
    }

    /// Hands each request on to `upstream`, and its answer back, without the header by which the
    /// double tells that it is one: so the double is taken for an appliance.
    pub(crate) fn before(upstream: &str) -> Self {
        Self::between(upstream, |_| None)
    }

    /// The same, but `instead` may answer first.
    pub(crate) fn between(
        upstream: &str,
        instead: impl Fn(&Seen) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let upstream = address(upstream);
        Self::answering(move |seen| {
            instead(seen).unwrap_or_else(|| {
                without(&["x-lxca-conform-double:", "connection:"], handed_on(upstream, seen))
            })
        })
    }

    /// The same, but each answer is changed on its way; `true` ends the connection after it,
    /// without a word.
    pub(crate) fn changing(
        upstream: &str,
        change: impl Fn(&Seen, Vec<u8>) -> (Vec<u8>, bool) + Send + Sync + 'static,
    ) -> Self {
        let upstream = address(upstream);
        Self::playing(move |seen| {
            change(
                seen,
                without(&["x-lxca-conform-double:", "connection:"], handed_on(upstream, seen)),
            )
        })
    }

    /// The same, and the double is known for what it is.
    pub(crate) fn beside(upstream: &str) -> Self {
        let upstream = address(upstream);
        Self::answering(move |seen| without(&["connection:"], handed_on(upstream, seen)))
    }

    fn connection(
        &self,
        mut stream: TcpStream,
        answer: &(dyn Fn(&Seen) -> (Vec<u8>, bool) + Send + Sync),
    ) {
        let Ok(half) = stream.try_clone() else { return };
        let mut reader = BufReader::new(half);
        while let Some(seen) = request(&mut reader) {
            self.seen.lock().expect("the list").push(seen.clone());
            let (bytes, last) = answer(&seen);
            if stream.write_all(&bytes).is_err()
                || last
                || seen.header("connection") == Some("close")
            {
                return;
            }
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the list").clone()
    }

    /// `METHOD target` of each request, in order.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    pub(crate) fn forget(&self) {
        self.seen.lock().expect("the list").clear();
    }
}

fn request(reader: &mut impl std::io::BufRead) -> Option<Seen> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = Vec::new();
        reader.read_until(b'\n', &mut line).ok()?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut seen = Seen { method, target, headers, body: Vec::new() };
    seen.body = if seen.is_chunked() {
        chunks(reader)?
    } else {
        let mut body =
            vec![0; seen.header("content-length").map_or(0, |value| value.parse().unwrap_or(0))];
        reader.read_exact(&mut body).ok()?;
        body
    };
    Some(seen)
}

/// A body that comes in chunks, put together; its trailers are dropped.
fn chunks(reader: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        let mut chunk = vec![0; length];
        reader.read_exact(&mut chunk).ok()?;
        body.extend_from_slice(&chunk);
        let mut end = String::new();
        reader.read_line(&mut end).ok()?;
        if length == 0 {
            while !end.trim_end().is_empty() {
                end.clear();
                reader.read_line(&mut end).ok()?;
            }
            return Some(body);
        }
    }
}

fn handed_on(upstream: SocketAddr, seen: &Seen) -> Vec<u8> {
    let mut request = format!("{} {} HTTP/1.1\r\n", seen.method, seen.target);
    for (name, value) in seen.headers.iter().filter(|(name, _)| name != "connection") {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("connection: close\r\n\r\n");
    let mut answer = Vec::new();
    if let Ok(mut stream) = TcpStream::connect(upstream) {
        let body = if seen.is_chunked() {
            [format!("{:x}\r\n", seen.body.len()).as_bytes(), &seen.body, b"\r\n0\r\n\r\n"].concat()
        } else {
            seen.body.clone()
        };
        let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.write_all(&body));
        let _ = stream.read_to_end(&mut answer);
    }
    answer
}

/// An answer without some of its headers.
fn without(headers: &[&str], answer: Vec<u8>) -> Vec<u8> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return answer };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let kept: Vec<&str> = head
        .lines()
        .filter(|line| !headers.iter().any(|name| line.to_ascii_lowercase().starts_with(name)))
        .collect();
    let mut clean = kept.join("\r\n").into_bytes();
    clean.extend_from_slice(&answer[end..]);
    clean
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

/// One request of a client that isn't the one under test; the answer whole.
pub(crate) fn ask(
    address: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: \
        {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).expect("the request is taken");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

/// A login at the double, by another client; its status.
pub(crate) fn login(address: &str) -> u16 {
    status(&ask(
        address,
        "POST",
        "/sessions",
        &[("content-type", "application/json")],
        r#"{"UserId":"USERID","password":"PASSW0RD"}"#,
    ))
}
