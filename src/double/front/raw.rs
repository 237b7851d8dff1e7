//! Replies that no web server would send: bytes of our own between hyper and the socket.
//!
//! Knows bytes and sockets. Must not know any route, or why a reply is sent this way.

use std::io::{self, IoSlice, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::http::request::{Reply, Wire};

/// What comes instead of HTTP.
const GARBAGE: &[u8] =
    b"\x00\xff\xfe\x13\x37 this is not HTTP \xc3\x28\r\n\x7f\x00\x01\x02\x03\r\n\r\n";

/// The bytes of a reply that hyper can't send; nothing if it can.
pub(crate) fn bytes(reply: &Reply) -> Option<Vec<u8>> {
    let length = reply.body.len();
    let (stated, sent) = match reply.wire {
        Wire::Normal => return None,
        Wire::Folded | Wire::BlankBeforeColon | Wire::ClosedSilently | Wire::EarlyHints => {
            return Some(unusual(reply));
        }
        Wire::Close => return Some(Vec::new()),
        Wire::Garbage => return Some(GARBAGE.to_vec()),
        Wire::CutShort => (length, length / 2),
        Wire::Truncate(bytes) => (length, bytes.min(length.saturating_sub(1))),
        Wire::Length(by) => {
            (length.saturating_add_signed(isize::try_from(by).unwrap_or(0)), length)
        }
    };
    let mut head = head(reply, stated);
    if sent == length && matches!(reply.wire, Wire::CutShort | Wire::Truncate(_)) {
        // Nothing of a body can be left out, so the head breaks off.
        head.truncate(head.len() / 2);
    }
    head.extend_from_slice(&reply.body[..sent]);
    Some(head)
}

/// A right reply with a head that hyper wouldn't write. The connection is closed after it, and all
/// but one say so.
fn unusual(reply: &Reply) -> Vec<u8> {
    let mut told = reply.clone();
    if reply.wire != Wire::ClosedSilently {
        told.headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    match reply.wire {
        Wire::Folded => {
            told.headers.push(("X-Folded".to_owned(), "one\r\n two\r\n\tthree".to_owned()));
        }
        Wire::BlankBeforeColon => told.headers.iter_mut().for_each(|(name, _)| name.push(' ')),
        _ => {}
    }
    let empty = told.status == 204;
    let mut bytes = if reply.wire == Wire::EarlyHints {
        b"HTTP/1.1 103 Early Hints\r\nLink: </ui/style.css>; rel=preload\r\n\r\n".to_vec()
    } else {
        Vec::new()
    };
    // Its length is told instead.
    told.headers.retain(|(name, _)| !name.trim_end().eq_ignore_ascii_case("transfer-encoding"));
    let mut head = head(&told, told.body.len());
    if empty {
        // Such a reply has no length.
        let line = b"Content-Length: 0\r\n\r\n";
        head.truncate(head.len() - line.len());
        head.extend_from_slice(b"\r\n");
    }
    bytes.append(&mut head);
    if !empty {
        bytes.extend_from_slice(&told.body);
    }
    bytes
}

fn head(reply: &Reply, stated: usize) -> Vec<u8> {
    let reason = StatusCode::from_u16(reply.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let mut head = Vec::with_capacity(512);
    // Writing to memory doesn't fail.
    let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", reply.status);
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {stated}\r\n\r\n");
    head
}

/// Where the bytes for one connection are put.
#[derive(Clone, Default)]
pub(crate) struct Stage(Arc<Mutex<Option<Vec<u8>>>>);

impl Stage {
    /// From the next write on, these bytes are sent instead, and then the connection is closed.
    pub(crate) fn play(&self, bytes: Vec<u8>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
    }
}

/// A stream that passes everything on until its stage has something to play.
pub(crate) struct Tap<S> {
    inner: S,
    stage: Stage,
    playing: Option<(Vec<u8>, usize)>,
}

impl<S: AsyncWrite + Unpin> Tap<S> {
    pub(crate) fn new(inner: S, stage: Stage) -> Self {
        Self { inner, stage, playing: None }
    }

    fn plays(&mut self) -> bool {
        if self.playing.is_none() {
            self.playing = self
                .stage
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .map(|bytes| (bytes, 0));
        }
        self.playing.is_some()
    }

    /// Sends what is to be played, closes the stream, and then says that it is broken.
    fn poll_play(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if let Some((bytes, at)) = &mut self.playing {
            while *at < bytes.len() {
                match ready!(Pin::new(&mut self.inner).poll_write(context, &bytes[*at..])) {
                    Ok(0) => return Poll::Ready(io::ErrorKind::WriteZero.into()),
                    Ok(written) => *at += written,
                    Err(error) => return Poll::Ready(error),
                }
            }
        }
        let _ = ready!(Pin::new(&mut self.inner).poll_flush(context));
        let _ = ready!(Pin::new(&mut self.inner).poll_shutdown(context));
        Poll::Ready(io::ErrorKind::ConnectionAborted.into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.plays() {
            self.poll_play(context).map(Err)
        } else {
            Pin::new(&mut self.inner).poll_write(context, from)
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.plays() {
            self.poll_play(context).map(Err)
        } else {
            Pin::new(&mut self.inner).poll_write_vectored(context, from)
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sent(body: &str, wire: Wire) -> String {
        let reply = Reply {
            status: 200,
            headers: vec![("X".into(), "y".into())],
            body: body.into(),
            delay: Duration::ZERO,
            wire,
        };
        String::from_utf8_lossy(&bytes(&reply).unwrap()).into_owned()
    }

    #[test]
    fn what_is_sent_is_never_a_whole_and_true_reply() {
        assert_eq!(
            sent("0123456789", Wire::CutShort),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 10\r\n\r\n01234"
        );
        assert_eq!(
            sent("0123456789", Wire::Truncate(3)),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 10\r\n\r\n012"
        );
        assert_eq!(
            sent("0123456789", Wire::Truncate(99)),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 10\r\n\r\n012345678"
        );
        assert_eq!(
            sent("0123456789", Wire::Length(5)),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 15\r\n\r\n0123456789"
        );
        assert_eq!(
            sent("0123456789", Wire::Length(-5)),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n0123456789"
        );
        assert_eq!(
            sent("0123456789", Wire::Length(-50)),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 0\r\n\r\n0123456789"
        );
        assert_eq!(sent("", Wire::Close), "");
        assert!(!sent("", Wire::Garbage).starts_with("HTTP"));
        for wire in [Wire::CutShort, Wire::Truncate(0), Wire::Truncate(9)] {
            let head = sent("", wire);
            assert!(head.starts_with("HTTP/1.1 200") && !head.contains("\r\n\r\n"), "{head:?}");
        }
        assert_eq!(
            bytes(&Reply {
                status: 200,
                headers: vec![],
                body: vec![],
                delay: Duration::ZERO,
                wire: Wire::Normal
            }),
            None
        );
    }
}
