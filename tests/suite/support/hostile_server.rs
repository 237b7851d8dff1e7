//! A server made of raw sockets that answers byte for byte as its script says, and remembers who
//! asked for what, and when.
//!
//! Knows: sockets, and as much of HTTP as it takes to tell requests apart. Must not know: who asks,
//! and what is judged.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// One request that came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    /// From 0, on its connection.
    pub(crate) nth: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    /// Request line and headers.
    pub(crate) head: String,
}

type Antics = Box<dyn FnOnce(&mut TcpStream) -> io::Result<()> + Send>;

/// What the server does about a request.
pub(crate) enum Deed {
    /// These bytes; the connection stays open.
    Say(Vec<u8>),
    /// These bytes, then an orderly end.
    Close(Vec<u8>),
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// Whatever it likes, then an orderly end.
    Play(Antics),
}

impl Deed {
    pub(crate) fn play(
        deed: impl FnOnce(&mut TcpStream) -> io::Result<()> + Send + 'static,
    ) -> Self {
        Self::Play(Box::new(deed))
    }
}

type Script = Arc<dyn Fn(&Asked) -> Deed + Send + Sync>;

/// The server; it lives as long as the tests do.
pub(crate) struct Hostile {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
}

/// Nothing that it plays lasts longer.
const LONGEST: Duration = Duration::from_mins(1);

impl Hostile {
    /// Follows the script from the first request on.
    pub(crate) fn start(script: impl Fn(&Asked) -> Deed + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let script: Script = Arc::new(script);
        let (kept, count) = (Arc::clone(&asked), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let (script, kept) = (Arc::clone(&script), Arc::clone(&kept));
                thread::spawn(move || {
                    // A client that hangs up in the middle is what is wanted here.
                    let _ = converse(stream, &script, &kept);
                });
            }
        });
        Self { url, asked, connections }
    }

    /// An appliance whenever it is asked who it is and which backups it has; else the script.
    pub(crate) fn appliance(script: impl Fn(&Asked) -> Deed + Send + Sync + 'static) -> Self {
        Self::start(move |asked| match (asked.method.as_str(), asked.target.as_str()) {
            ("GET", "/aicc") => Deed::Say(json(IDENTITY)),
            ("GET", "/managementServer/data") => Deed::Say(json(r#"{"backups":[]}"#)),
            _ => script(asked),
        })
    }

    /// An appliance until it has told who it is; from then on the script.
    pub(crate) fn after_identity(script: impl Fn(&Asked) -> Deed + Send + Sync + 'static) -> Self {
        let told = AtomicUsize::new(0);
        Self::start(move |asked| {
            if asked.target == "/aicc" && told.fetch_add(1, Ordering::SeqCst) == 0 {
                Deed::Say(json(IDENTITY))
            } else {
                script(asked)
            }
        })
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often something was asked.
    pub(crate) fn count(&self, method: &str, target: &str) -> usize {
        self.asked().iter().filter(|asked| asked.method == method && asked.target == target).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

pub(crate) const IDENTITY: &str = r#"{"appliance":{"version":"4.1.0","uuid":"0F3A9C7B2E4D6182A5C1F0E9B8D7A6C4","name":"hostile"}}"#;

/// A whole answer.
pub(crate) fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A whole answer with JSON and status 200.
pub(crate) fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 OK", &["content-type: application/json"], body)
}

fn converse(mut stream: TcpStream, script: &Script, kept: &Mutex<Vec<Asked>>) -> io::Result<()> {
    stream.set_read_timeout(Some(LONGEST))?;
    stream.set_write_timeout(Some(LONGEST))?;
    stream.set_nodelay(true)?;
    let mut nth = 0;
    while let Some(length) = head_length(&stream)? {
        // The last byte stays where it is: a socket that is closed with something unread is reset.
        let mut head = vec![0; length - 1];
        stream.read_exact(&mut head)?;
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut words = head.split_ascii_whitespace();
        let (method, target) = (
            words.next().unwrap_or_default().to_owned(),
            words.next().unwrap_or_default().to_owned(),
        );
        let asked = Asked { at: Instant::now(), nth, method, target, head };
        nth += 1;
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
        let deed = script(&asked);
        if let Deed::Reset(bytes) = deed {
            stream.write_all(&bytes)?;
            // So that what was said arrives before the reset does.
            thread::sleep(Duration::from_millis(if bytes.is_empty() { 0 } else { 50 }));
            return Ok(());
        }
        let body = asked
            .head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse::<usize>()
                    .ok()
            })
            .unwrap_or(0);
        stream.read_exact(&mut vec![0; body + 1])?;
        match deed {
            Deed::Say(bytes) => stream.write_all(&bytes)?,
            Deed::Close(bytes) => return stream.write_all(&bytes),
            Deed::Play(play) => return play(&mut stream),
            Deed::Reset(_) => return Ok(()),
        }
    }
    Ok(())
}

/// How long the head of the next request is; `None` when none comes any more.
fn head_length(stream: &TcpStream) -> io::Result<Option<usize>> {
    let mut seen = vec![0; 64 * 1024];
    let start = Instant::now();
    loop {
        let count = stream.peek(&mut seen)?;
        if count == 0 || start.elapsed() > LONGEST {
            return Ok(None);
        }
        if let Some(end) = seen[..count].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(Some(end + 4));
        }
        thread::sleep(Duration::from_millis(1));
    }
}
