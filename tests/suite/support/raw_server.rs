//! A server that keeps each request byte for byte, and answers with whatever bytes it is told to.
//!
//! Knows: sockets, and where a request ends. Must not know: who asks.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawRequest {
    /// With the empty line behind it.
    pub(crate) head: Vec<u8>,
    /// With the frames of its chunks.
    pub(crate) body: Vec<u8>,
}

impl RawRequest {
    pub(crate) fn target(&self) -> String {
        let head = String::from_utf8_lossy(&self.head).into_owned();
        head.split(' ').nth(1).unwrap_or_default().to_owned()
    }
}

/// The server; it lives as long as the tests do.
pub(crate) struct RawServer {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<RawRequest>>>,
}

/// Reads one request; none where the connection ends before it.
pub(crate) fn request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<RawRequest>> {
    let mut request = RawRequest::default();
    loop {
        let before = request.head.len();
        if reader.read_until(b'\n', &mut request.head)? == 0 {
            return Ok(None);
        }
        if request.head[before..] == *b"\r\n" {
            break;
        }
    }
    let head = String::from_utf8_lossy(&request.head).to_lowercase();
    let header =
        |name: &str| head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    if let Some(length) = header("content-length:").and_then(|length| length.parse().ok()) {
        request.body = vec![0; length];
        reader.read_exact(&mut request.body)?;
    } else if header("transfer-encoding:").is_some() {
        loop {
            let before = request.body.len();
            reader.read_until(b'\n', &mut request.body)?;
            let line = String::from_utf8_lossy(&request.body[before..]).into_owned();
            let size = line.split([';', '\r']).next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).expect("the size of a chunk");
            if size == 0 {
                break;
            }
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            request.body.extend_from_slice(&chunk);
        }
        loop {
            let before = request.body.len();
            reader.read_until(b'\n', &mut request.body)?;
            if request.body[before..] == *b"\r\n" {
                break;
            }
        }
    }
    Ok(Some(request))
}

impl RawServer {
    /// `play` answers each request; an error ends the connection.
    pub(crate) fn start(
        play: impl Fn(&RawRequest, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, play) = (Arc::clone(&seen), Arc::new(play));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, play) = (Arc::clone(&kept), Arc::clone(&play));
                thread::spawn(move || {
                    let _ = stream.set_nodelay(true);
                    let Ok(mut out) = stream.try_clone() else { return };
                    let mut reader = BufReader::new(stream);
                    while let Ok(Some(request)) = request(&mut reader) {
                        kept.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                        if play(&request, &mut out).is_err() {
                            break;
                        }
                    }
                    let _ = out.shutdown(std::net::Shutdown::Both);
                });
            }
        });
        Self { url, seen }
    }

    /// A server that answers everything with the same bytes.
    pub(crate) fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_, out| out.write_all(&bytes))
    }

    pub(crate) fn seen(&self) -> Vec<RawRequest> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
