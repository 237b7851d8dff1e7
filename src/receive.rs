//! From the bytes of an answer to what is kept of it: unpacked, decoded, redacted.
//!
//! Knows: bytes, headers, the redactor. Must not know: how the bytes came, or who asked.

use base64::Engine as _;

use crate::exchange::{Body, Oddity, Received, Unread};
use crate::redact::Redactor;

use crate::unpack::{self, Unpacked};

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) version: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) bytes: Vec<u8>,
    /// Whether the bound on bodies cut it.
    pub(crate) truncated: bool,
    pub(crate) oddities: Vec<Oddity>,
}

impl Answer {
    /// The body without its codings: what a login says must be read before it can be redacted.
    pub(crate) fn unpacked(&mut self, most: u64) -> Unpacked {
        let codings = unpack::codings(&self.headers);
        unpack::unpack(
            std::mem::take(&mut self.bytes),
            self.truncated,
            &codings,
            usize::try_from(most).unwrap_or(usize::MAX),
        )
    }

    /// What is kept of it, with its body unpacked.
    pub(crate) fn received(self, body: Unpacked, redactor: &Redactor) -> Received {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.clone(),
                    redactor.header(name, &String::from_utf8_lossy(&redactor.bytes(value))),
                )
            })
            .collect();
        let Unpacked { mut bytes, truncated, packed } = body;
        let whole = packed.as_ref().is_none_or(|packed| packed.unread.is_none());
        let label = self
            .headers
            .iter()
            .find(|(name, _)| name == "content-type")
            .map(|(_, value)| String::from_utf8_lossy(value).to_lowercase())
            .unwrap_or_default();
        let length = bytes.len() as u64;
        // Whoever recorded it may have written it in UTF-8, whatever its label says.
        let rewritten = self.oddities.contains(&Oddity::Recorded)
            && std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0'));
        let mut oddities = self.oddities;
        if let Some(text) = utf16(&bytes, &label).filter(|_| whole && !rewritten) {
            bytes = text.into_bytes();
            oddities.push(Oddity::Utf16);
        }
        let body = Body { bytes: length, truncated, packed, ..kept(bytes, truncated, redactor) };
        Received { status: self.status, version: self.version, headers, body, oddities }
    }
}

/// So many bytes of a recorded body are kept.
const MOST_RECORDED: usize = 64 << 20;

/// What is kept of an answer that somebody else recorded. Most recorders unpack the body and leave
/// the header that says it is packed, and some leave out the header and not the packing.
pub(crate) fn recorded(
    status: u16,
    version: String,
    headers: Vec<(String, Vec<u8>)>,
    bytes: Vec<u8>,
    redactor: &Redactor,
) -> Received {
    let body = unpacked_if_packed(&headers, bytes);
    let answer = Answer {
        status,
        version,
        headers,
        bytes: Vec::new(),
        truncated: false,
        oddities: vec![Oddity::Recorded],
    };
    answer.received(body, redactor)
}

fn unpacked_if_packed(headers: &[(String, Vec<u8>)], bytes: Vec<u8>) -> Unpacked {
    let plain = |bytes| Unpacked { bytes, truncated: false, packed: None };
    if serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok() {
        return plain(bytes);
    }
    let marked = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    };
    let mut codings = unpack::codings(headers);
    if codings.is_empty() {
        codings.extend(marked.map(str::to_owned));
    }
    let readable = std::str::from_utf8(&bytes).is_ok();
    let kept = readable.then(|| bytes.clone());
    let mut body = unpack::unpack(bytes, false, &codings, MOST_RECORDED);
    let read = body.packed.as_ref().is_none_or(|packed| packed.unread.is_none());
    if let Some(text) = kept.filter(|_| !read) {
        // It was unpacked before it was recorded.
        return plain(text);
    }
    body.packed = body.packed.filter(|_| !read);
    body
}

/// How the end of a body is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// As the client below reads it.
    Told,
    /// By the end of the connection.
    End,
    /// By its length, though a `Transfer-Encoding` of old times, such as `identity`, makes the
    /// client below wait for the end of the connection.
    Length(usize),
}

impl Framing {
    pub(crate) fn of(headers: &[(String, Vec<u8>)]) -> Self {
        let value = |wanted: &str| {
            headers
                .iter()
                .rfind(|(name, _)| name == wanted)
                .map(|(_, value)| String::from_utf8_lossy(value).trim().to_lowercase())
        };
        let length = value("content-length").and_then(|length| length.parse().ok());
        match (value("transfer-encoding"), length) {
            (Some(coding), _) if coding.ends_with("chunked") => Self::Told,
            (Some(_), Some(length)) => Self::Length(length),
            (None, Some(_)) => Self::Told,
            (_, None) => Self::End,
        }
    }

    pub(crate) fn is_over(self, bytes: usize) -> bool {
        matches!(self, Self::Length(length) if bytes >= length)
    }
}

/// Whether a body whose end nobody announced is one that can't go on: JSON ends where it ends.
pub(crate) fn is_whole(body: &Unpacked) -> bool {
    match body.packed.as_ref().map(|packed| &packed.unread) {
        Some(None) => true,
        Some(Some(Unread::Unknown { .. } | Unread::Broken { .. })) => false,
        None => serde_json::from_slice::<serde::de::IgnoredAny>(&body.bytes).is_ok(),
    }
}

/// The text of a body in UTF-16, where its label or its mark says that it is.
fn utf16(bytes: &[u8], label: &str) -> Option<String> {
    let (big, bytes) = match bytes {
        [0xFE, 0xFF, rest @ ..] => (true, rest),
        [0xFF, 0xFE, rest @ ..] => (false, rest),
        _ => {
            let charset = label.split("charset=").nth(1)?.trim_start_matches('"');
            // Without a mark and without an order, it is the order of the network (RFC 2781).
            (!charset.starts_with("utf-16le"), charset.starts_with("utf-16").then_some(bytes)?)
        }
    };
    if bytes.is_empty() {
        return None;
    }
    let pairs = bytes.chunks_exact(2).map(|pair| {
        if big {
            u16::from_be_bytes([pair[0], pair[1]])
        } else {
            u16::from_le_bytes([pair[0], pair[1]])
        }
    });
    let whole = bytes.len() % 2 == 0;
    let text: String =
        char::decode_utf16(pairs).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    // A mark that stands there by chance isn't one: what follows must be text.
    (whole && !text.contains(char::REPLACEMENT_CHARACTER)).then_some(text)
}

fn kept(bytes: Vec<u8>, truncated: bool, redactor: &Redactor) -> Body {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if text.is_empty() => return Body::default(),
        Ok(text) => return Body { text: Some(redactor.body(&text)), ..Body::default() },
        Err(error) if truncated && error.utf8_error().error_len().is_none() => {
            // Only the last character was cut.
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            return Body { text: Some(redactor.body(&text)), ..Body::default() };
        }
        Err(error) => error.into_bytes(),
    };
    // Latin-1 keeps every byte, so that members can be found by their names.
    let latin: String = redactor.bytes(&bytes).iter().map(|byte| char::from(*byte)).collect();
    let clean = redactor.body(&latin);
    let clean: Vec<u8> =
        clean.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    Body {
        base64: Some(base64::engine::general_purpose::STANDARD.encode(clean)),
        ..Body::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn utf_16_is_read_where_it_is_declared_or_marked() {
        let text = "{\"a\":\"\u{e9}\u{1f600}\"}";
        for (bytes, label) in [
            (in_utf16(text, false), "application/json; charset=utf-16le"),
            (in_utf16(text, true), "application/json;charset=\"utf-16be\""),
            (in_utf16(text, true), "application/json; charset=utf-16"),
            (
                [vec![0xFF, 0xFE], in_utf16(text, false)].concat(),
                "application/json; charset=utf-16",
            ),
            ([vec![0xFE, 0xFF], in_utf16(text, true)].concat(), "application/json"),
        ] {
            assert_eq!(utf16(&bytes, label).as_deref(), Some(text), "{label}");
        }
        assert_eq!(utf16(text.as_bytes(), "application/json; charset=utf-8"), None);
        assert_eq!(utf16(b"\xff\xfe", "application/json"), None);
        assert_eq!(utf16(b"\xff\xfe\x00\xd8", "application/json"), None);
        assert_eq!(utf16(b"\xff\xfea", "application/json"), None);
    }
}
