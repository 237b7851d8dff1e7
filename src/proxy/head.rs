//! The head of a request or an answer: its lines, each with the bytes in which it came.
//!
//! Knows: RFC 9112. A line that isn't changed goes on as it came. Pure. Must not know: sockets,
//! what a header means to an appliance.

use super::framing::Framing;

/// A head, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The first line, without its end.
    pub(super) start: Vec<u8>,
    /// Whether the first line and the empty one end as RFC 9112 says.
    well_ended: bool,
    pub(super) lines: Vec<Line>,
}

/// A header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In lower case; empty where the line isn't a header.
    pub(super) name: String,
    /// The value without blanks around it.
    pub(super) value: Vec<u8>,
    /// As it came, with its end.
    pub(super) raw: Vec<u8>,
}

/// The first line of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestLine {
    pub(super) method: String,
    pub(super) target: String,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub(super) version: String,
}

/// The end of a head in some bytes: behind the empty line.
pub(super) fn end_of(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'\n') {
        let next = from + at + 1;
        match bytes.get(next..) {
            Some([b'\n', ..]) => return Some(next + 1),
            Some([b'\r', b'\n', ..]) => return Some(next + 2),
            _ => from = next,
        }
    }
    None
}

impl Head {
    /// Reads a head, with the empty line behind it.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut rows = bytes.split_inclusive(|byte| *byte == b'\n');
        let first = rows.next().unwrap_or_default();
        let start = without_end(first).to_vec();
        let well_ended = first.ends_with(b"\r\n") && bytes.ends_with(b"\r\n\r\n");
        let mut lines: Vec<Line> = Vec::new();
        for raw in rows.filter(|raw| !without_end(raw).is_empty()) {
            let content = without_end(raw);
            if content.starts_with(b" ") || content.starts_with(b"\t") {
                // The line before goes on here.
                if let Some(line) = lines.last_mut() {
                    line.value.push(b' ');
                    line.value.extend_from_slice(content.trim_ascii());
                    line.raw.extend_from_slice(raw);
                    continue;
                }
            }
            let colon = content.iter().position(|byte| *byte == b':');
            let (name, value) = colon.map_or((&content[..0], content), |colon| {
                (&content[..colon], content[colon + 1..].trim_ascii())
            });
            let name = String::from_utf8_lossy(name).to_lowercase();
            lines.push(Line { name, value: value.to_vec(), raw: raw.to_vec() });
        }
        Self { start, well_ended, lines }
    }

    /// The values of a header, in order.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().filter(move |line| line.name == name).map(|line| line.value.as_slice())
    }

    /// Whether a header names a word in one of its lists.
    pub(super) fn says(&self, name: &str, word: &str) -> bool {
        self.all(name).any(|value| {
            value
                .split(|byte| *byte == b',')
                .any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        })
    }

    /// Gives a line another value, and leaves its name as it was written.
    pub(super) fn set(line: &mut Line, value: Vec<u8>) {
        let colon = line.raw.iter().position(|byte| *byte == b':').unwrap_or(0);
        let mut raw = line.raw[..=colon.min(line.raw.len().saturating_sub(1))].to_vec();
        raw.push(b' ');
        raw.extend_from_slice(&value);
        raw.extend_from_slice(b"\r\n");
        (line.value, line.raw) = (value, raw);
    }

    /// The bytes that go on.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.start.clone();
        bytes.extend_from_slice(b"\r\n");
        for line in &self.lines {
            bytes.extend_from_slice(&line.raw);
        }
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// Names in lower case, and values.
    pub(super) fn headers(&self) -> Vec<(String, Vec<u8>)> {
        self.lines
            .iter()
            .filter(|line| !line.name.is_empty())
            .map(|line| (line.name.clone(), line.value.clone()))
            .collect()
    }

    /// The first line of a request, and how its body is framed; an error where two readers could
    /// take it for two things.
    pub(super) fn request(&self) -> Result<(RequestLine, Framing), &'static str> {
        let start = std::str::from_utf8(&self.start).map_err(|_| "its first line isn't text")?;
        let mut parts = start.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("its first line isn't `METHOD TARGET HTTP/1.1`");
        };
        let is_token = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|c| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c))
        };
        if !is_token(method) || target.is_empty() || target.bytes().any(|c| c.is_ascii_control()) {
            return Err("its first line isn't `METHOD TARGET HTTP/1.1`");
        }
        if !["HTTP/1.0", "HTTP/1.1"].contains(&version) {
            return Err("it isn't HTTP/1.0 or HTTP/1.1");
        }
        for line in &self.lines {
            if !is_token(&line.name) || !line.raw.ends_with(b"\r\n") {
                return Err("one of its header lines isn't `name: value`");
            }
            // Where one reader sees the end of a line, and another doesn't, two see two requests.
            if line.raw[..line.raw.len() - 2].iter().any(|byte| b"\r\n\0".contains(byte)) {
                return Err("one of its header lines has a line end or a NUL in it");
            }
        }
        if !self.well_ended {
            return Err("one of its lines doesn't end with CR LF");
        }
        let lengths: Vec<&[u8]> = self.all("content-length").collect();
        let coded: Vec<&[u8]> = self.all("transfer-encoding").collect();
        let framing = match (lengths.as_slice(), coded.as_slice()) {
            ([], []) => Framing::Nothing,
            ([length], []) => Framing::Length(number(length).ok_or("its length isn't a number")?),
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Framing::Chunked,
            ([], _) => return Err("its transfer encoding isn't `chunked` alone"),
            _ => return Err("it has several lengths, or a length and a transfer encoding"),
        };
        let line = RequestLine {
            method: method.to_owned(),
            target: target.to_owned(),
            version: version.to_owned(),
        };
        Ok((line, framing))
    }

    /// Version and status of an answer, where it begins like HTTP.
    pub(super) fn status(&self) -> Option<(String, u16)> {
        let start = String::from_utf8_lossy(&self.start);
        let (version, rest) = start.split_once(' ')?;
        let digits: String = rest.trim_start().chars().take(3).collect();
        let status = digits.parse().ok().filter(|status| (100..=999).contains(status))?;
        version.starts_with("HTTP/").then(|| (version.to_owned(), status))
    }

    /// How the body of an answer is framed.
    pub(super) fn answer_framing(&self, method: &str, status: u16) -> Framing {
        if method == "HEAD" || status < 200 || status == 204 || status == 304 {
            return Framing::Nothing;
        }
        if let Some(coding) = self.all("transfer-encoding").last() {
            let last = coding.rsplit(|byte| *byte == b',').next().unwrap_or_default();
            return if last.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                Framing::Chunked
            } else {
                Framing::End
            };
        }
        let mut lengths = self.all("content-length").map(number);
        match lengths.next() {
            Some(Some(length)) if lengths.all(|other| other == Some(length)) => {
                Framing::Length(length)
            }
            _ => Framing::End,
        }
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(text).ok()?.parse().ok())?
}

fn without_end(row: &[u8]) -> &[u8] {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    row.strip_suffix(b"\r").unwrap_or(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_nobody_changes_goes_on_as_it_came() {
        let head =
            b"GET /a%2fb?x={\"y\"} HTTP/1.1\r\nHost:  lxca \r\nX-CaSe:1\r\nx-case: 2\r\n\r\n";
        assert_eq!(end_of(head), Some(head.len()));
        assert_eq!(end_of(&head[..head.len() - 1]), None);
        let read = Head::read(head);
        assert_eq!(read.bytes(), head);
        assert_eq!(read.all("x-case").collect::<Vec<_>>(), [b"1", b"2"]);
        let (line, framing) = read.request().unwrap();
        assert_eq!((line.target.as_str(), framing), ("/a%2fb?x={\"y\"}", Framing::Nothing));
    }

    #[test]
    fn a_request_that_two_readers_could_take_for_two_things_is_refused() {
        for head in [
            "POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: +3\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length : 3\r\n\r\n",
            "POST /a HTTP/1.1\r\nX: 1\r\n folded: 2\r\n\r\n",
            "POST /a HTTP/1.1\r\nX: 1\nContent-Length: 3\r\n\r\n",
            "GET /a HTTP/1.1\r\nX: 1\rDELETE /b HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\r\nX: 1\r\r\n\r\n",
            "GET /a HTTP/1.1\r\nX: 1\0\r\n\r\n",
            "GET /a HTTP/1.1\nX: 1\r\n\r\n",
            "GET /a HTTP/1.1\r\nX: 1\r\n\n",
            "POST /a b HTTP/1.1\r\n\r\n",
            "POST /a HTTP/2.0\r\n\r\n",
            "PO ST /a HTTP/1.1\r\n\r\n",
        ] {
            assert!(Head::read(head.as_bytes()).request().is_err(), "{head:?}");
        }
    }

    #[test]
    fn the_end_of_an_answer_is_found_as_it_was_told() {
        let framing = |head: &str, method: &str| {
            let head = Head::read(head.as_bytes());
            head.answer_framing(method, head.status().unwrap().1)
        };
        let length = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(framing(length, "GET"), Framing::Length(5));
        assert_eq!(framing(length, "HEAD"), Framing::Nothing);
        assert_eq!(framing("HTTP/1.1 204 No\r\n\r\n", "GET"), Framing::Nothing);
        assert_eq!(framing("HTTP/1.1 200 OK\r\n\r\n", "GET"), Framing::End);
        let chunked = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(framing(chunked, "GET"), Framing::Chunked);
        assert_eq!(framing("HTTP/1.1 200\r\nContent-Length: 1, 1\r\n\r\n", "GET"), Framing::End);
    }
}
