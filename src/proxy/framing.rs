//! Where a body ends, and what of its bytes is content.
//!
//! Knows: lengths and chunks. The bytes themselves aren't changed. Pure. Must not know: sockets.

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is no body.
    Nothing,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// The connection ends.
    End,
}

/// A body that is under way.
#[derive(Debug)]
pub(super) struct Body {
    framing: Framing,
    /// Bytes that are left, of the body or of the chunk.
    left: u64,
    state: State,
    line: Vec<u8>,
    /// Whether lines between chunks must be as RFC 9112 writes them, to the byte.
    strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Content.
    Content,
    /// The line with the size of a chunk.
    Size,
    /// The end of the line behind a chunk.
    AfterChunk,
    /// The lines behind the last chunk.
    Trailers,
    Done,
}

/// The longest line with the size of a chunk, and the longest trailer.
const LONGEST_LINE: usize = 16 * 1024;

impl Body {
    pub(super) fn new(framing: Framing) -> Self {
        let (left, state) = match framing {
            Framing::Nothing | Framing::Length(0) => (0, State::Done),
            Framing::Length(length) => (length, State::Content),
            Framing::Chunked => (0, State::Size),
            Framing::End => (u64::MAX, State::Content),
        };
        Self { framing, left, state, line: Vec::new(), strict: false }
    }

    /// The body of a request: two readers must see its end at the same place.
    pub(super) fn of_request(framing: Framing) -> Self {
        Self { strict: true, ..Self::new(framing) }
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether the end of the connection is the end of the body.
    pub(super) fn ends_with_connection(&self) -> bool {
        self.framing == Framing::End
    }

    /// How many of these bytes are the body's, as it is on the wire; `content` is told of each part
    /// that is no frame. An error where they aren't chunks.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        mut content: impl FnMut(&[u8]),
    ) -> Result<usize, &'static str> {
        let mut at = 0;
        while at < bytes.len() && self.state != State::Done {
            if self.state == State::Content {
                let rest = &bytes[at..];
                let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
                content(&rest[..most]);
                at += most;
                if self.framing != Framing::End {
                    self.left -= most as u64;
                    if self.left == 0 {
                        self.state = match self.framing {
                            Framing::Chunked => State::AfterChunk,
                            _ => State::Done,
                        };
                    }
                }
                continue;
            }
            let byte = bytes[at];
            at += 1;
            if byte != b'\n' {
                self.line.push(byte);
                if self.line.len() > LONGEST_LINE {
                    return Err("a line between its chunks is too long");
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let is_odd = |line: &[u8]| line.iter().any(|byte| b"\r\0".contains(byte));
            if self.strict && line.strip_suffix(b"\r").is_none_or(is_odd) {
                return Err("a line between its chunks doesn't end with CR LF");
            }
            self.state = self.after(line.strip_suffix(b"\r").unwrap_or(&line))?;
        }
        Ok(at)
    }

    /// What comes after a line between chunks.
    fn after(&mut self, line: &[u8]) -> Result<State, &'static str> {
        Ok(match self.state {
            State::AfterChunk if line.is_empty() => State::Size,
            State::AfterChunk => return Err("a chunk is longer than its size"),
            State::Size => {
                let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
                let text = std::str::from_utf8(size.trim_ascii()).unwrap_or_default();
                let digits = !text.is_empty() && text.bytes().all(|c| c.is_ascii_hexdigit());
                self.left = digits
                    .then(|| u64::from_str_radix(text, 16).ok())
                    .flatten()
                    .ok_or("the size of a chunk isn't a number")?;
                if self.left == 0 { State::Trailers } else { State::Content }
            }
            State::Trailers if line.is_empty() => State::Done,
            state => state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes bytes in pieces of a size; gives back the content, and how many bytes were the body's.
    fn taken(framing: Framing, bytes: &[u8], piece: usize) -> Result<(Vec<u8>, usize, bool), &str> {
        let (mut body, mut content, mut at) = (Body::new(framing), Vec::new(), 0);
        for part in bytes.chunks(piece) {
            let took = body.take(part, |bytes| content.extend_from_slice(bytes))?;
            at += took;
            if took < part.len() {
                break;
            }
        }
        Ok((content, at, body.is_done()))
    }

    #[test]
    fn chunks_end_behind_their_trailers_however_they_come() {
        let wire = b"5;x=y\r\nhello\r\n00A\r\n, world...\r\n0\r\nX-Sum: 1\r\n\r\nHTTP/1.1";
        for piece in [1, 2, 3, 7, 100] {
            let (content, at, done) = taken(Framing::Chunked, wire, piece).unwrap();
            assert_eq!((content.as_slice(), done), (b"hello, world...".as_slice(), true));
            assert_eq!(&wire[at..], b"HTTP/1.1", "{piece}");
        }
        for wrong in ["x\r\n", "\r\n", "-1\r\n", "2\r\nabc\r\n", "10000000000000000\r\n"] {
            assert!(taken(Framing::Chunked, wrong.as_bytes(), 100).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_chunks_of_a_request_can_be_read_in_one_way_only() {
        let taken = |bytes: &[u8]| Body::of_request(Framing::Chunked).take(bytes, |_| {});
        assert_eq!(taken(b"2;x=y\r\nab\r\n0\r\nX: 1\r\n\r\n"), Ok(22));
        for wrong in ["2\nab\r\n", "2;\rx\r\nab\r\n", "2\r\nab\n", "0\r\nX: 1\n\r\n", "0\r\n\n"] {
            assert!(taken(wrong.as_bytes()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_length_ends_after_so_many_bytes_and_the_rest_is_the_next_message() {
        assert_eq!(taken(Framing::Length(3), b"abcd", 2), Ok((b"abc".to_vec(), 3, true)));
        assert_eq!(taken(Framing::Length(9), b"abcd", 2), Ok((b"abcd".to_vec(), 4, false)));
        assert_eq!(taken(Framing::Nothing, b"abcd", 2), Ok((Vec::new(), 0, true)));
        assert_eq!(taken(Framing::End, b"abcd", 3), Ok((b"abcd".to_vec(), 4, false)));
    }
}
