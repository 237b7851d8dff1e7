//! Bytes from one side to the other, as they come.
//!
//! Knows: heads that have an end, bodies that are framed. Must not know: what is in them.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::framing::Body;
use super::head::end_of;
use crate::recording::Part;

/// The longest head that is passed on.
const LONGEST_HEAD: usize = 256 * 1024;

/// Why bytes went no further.
#[derive(Debug)]
pub(super) enum Broken {
    /// The side they come from ended, or failed.
    From(String),
    /// The side they go to takes no more.
    To(String),
    /// They aren't what they say.
    Wrong(&'static str),
}

impl Broken {
    /// In words, with what both sides are called.
    pub(super) fn says(&self, from: &str, to: &str) -> String {
        match self {
            Self::From(why) => format!("{from} ended the connection ({why})"),
            Self::To(why) => format!("{to} ended the connection ({why})"),
            Self::Wrong(why) => format!("{from} sent a body that isn't HTTP: {why}"),
        }
    }
}

/// The next head, with the empty line behind it; false where the connection ends before it begins.
/// What came of a head that breaks off stays in `head`.
pub(super) async fn head<R: AsyncRead + Unpin>(
    from: &mut BufReader<R>,
    head: &mut Vec<u8>,
) -> Result<bool, Broken> {
    loop {
        let bytes = from.fill_buf().await.map_err(|error| Broken::From(error.to_string()))?;
        if bytes.is_empty() {
            return if head.is_empty() {
                Ok(false)
            } else {
                Err(Broken::From("in the middle of a head".to_owned()))
            };
        }
        // Some peers send an empty line between two messages.
        if head.is_empty() && matches!(bytes[0], b'\r' | b'\n') {
            from.consume(1);
            continue;
        }
        let before = head.len();
        head.extend_from_slice(bytes);
        // The end may lie across two pieces.
        let seen = before.saturating_sub(3);
        if let Some(end) = end_of(&head[seen..]) {
            from.consume(seen + end - before);
            head.truncate(seen + end);
            return Ok(true);
        }
        let all = head.len() - before;
        from.consume(all);
        if head.len() > LONGEST_HEAD {
            return Err(Broken::Wrong("its head is too long"));
        }
    }
}

/// Passes a body on, and keeps its start.
pub(super) async fn body<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    from: &mut BufReader<R>,
    to: &mut W,
    mut body: Body,
    kept: &mut Part,
    most: u64,
) -> Result<(), Broken> {
    while !body.is_done() {
        let bytes = match from.fill_buf().await {
            Ok(bytes) => bytes,
            // Peers that end a TLS connection without saying so end the body all the same.
            Err(error)
                if body.ends_with_connection() && error.kind() == io::ErrorKind::UnexpectedEof =>
            {
                &[]
            }
            Err(error) => return Err(Broken::From(error.to_string())),
        };
        if bytes.is_empty() {
            return if body.ends_with_connection() {
                Ok(())
            } else {
                Err(Broken::From(format!("after {} bytes of a body", kept.all)))
            };
        }
        let took = body.take(bytes, |content| kept.add(content, most)).map_err(Broken::Wrong)?;
        let sent = async {
            to.write_all(&bytes[..took]).await?;
            to.flush().await
        };
        sent.await.map_err(|error: io::Error| Broken::To(error.to_string()))?;
        from.consume(took);
    }
    Ok(())
}

/// Sends bytes.
pub(super) async fn send<W: AsyncWrite + Unpin>(to: &mut W, bytes: &[u8]) -> Result<(), Broken> {
    let sent = async {
        to.write_all(bytes).await?;
        to.flush().await
    };
    sent.await.map_err(|error: io::Error| Broken::To(error.to_string()))
}
