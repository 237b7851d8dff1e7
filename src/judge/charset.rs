//! The text of a body, in whatever charset it comes: declared, marked, or to be seen from the
//! bytes.
//!
//! Knows: bytes and labels; the one door to `encoding_rs`. Must not know: what the text says, or
//! whether anybody promised one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::exchange::{Oddity, Received, media_type};

/// What a body is as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// This.
    Is(String),
    /// None: an image, an archive, noise.
    Binary,
    /// It may be one, but this build can't read it, for this reason.
    Unread(String),
}

/// The body as text.
pub(super) fn text_of(got: &Received) -> Text {
    let is_read = got.oddities.contains(&Oddity::Utf16) || got.is_recorded();
    if let Some(text) = got.body.text.as_ref().filter(|_| is_read) {
        // Read already, whatever the label says.
        return Text::Is(text.clone());
    }
    let decoded =
        got.body.base64.as_ref().map(|packed| STANDARD.decode(packed).unwrap_or_default());
    let bytes = match (&got.body.text, &decoded) {
        (Some(text), _) => text.as_bytes(),
        (None, Some(bytes)) => bytes,
        (None, None) => return Text::Is(String::new()),
    };
    let label = got.header("content-type").and_then(charset);
    let text = read(bytes, label.as_deref());
    let packing = got
        .header("content-encoding")
        .filter(|packing| !packing.trim().eq_ignore_ascii_case("identity"));
    match (text, packing) {
        (Text::Binary, Some(packing)) => Text::Unread(format!(
            "the body is compressed with \
            {packing}"
        )),
        // A picture has no letters, whatever its bytes look like.
        (Text::Is(_), _) if decoded.is_some() && label.is_none() && binary(got) => Text::Binary,
        (text, _) => text,
    }
}

/// The charset that a content type declares.
fn charset(content_type: &str) -> Option<String> {
    let parameters =
        content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let named = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("charset");
    parameters
        .into_iter()
        .find(named)
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).trim().to_owned())
        .filter(|label| !label.is_empty())
}

fn binary(got: &Received) -> bool {
    let label = got.header("content-type").map(media_type).unwrap_or_default();
    ["image/", "audio/", "video/", "font/"].iter().any(|kind| label.starts_with(kind))
        || ["application/octet-stream", "application/zip", "application/pdf"]
            .contains(&label.as_str())
}

fn read(bytes: &[u8], label: Option<&str>) -> Text {
    if let Some(text) = marked(bytes) {
        return Text::Is(text);
    }
    let lower = label.map(str::to_lowercase);
    match lower.as_deref() {
        None => undeclared(bytes),
        // Without a mark the label alone doesn't tell the order of the bytes.
        Some("utf-16" | "utf16" | "ucs-2" | "iso-10646-ucs-2" | "unicode") => {
            Text::Is(decoded(if low_first(bytes) { UTF_16LE } else { UTF_16BE }, bytes).0)
        }
        Some(name)
            if name.starts_with("utf-32")
                || name.starts_with("utf32")
                || name.starts_with("ucs-4") =>
        {
            Text::Is(four_byte(bytes, name.ends_with("le")))
        }
        Some(name) => match Encoding::for_label_no_replacement(name.as_bytes()) {
            Some(encoding) if encoding != REPLACEMENT => match decoded(encoding, bytes) {
                (text, false) => Text::Is(text),
                // The label is wrong. What can be read of it otherwise isn't lost for a person.
                (_, true) => undeclared(bytes),
            },
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => Text::Is(text.to_owned()),
                Err(_) => Text::Unread(format!(
                    "the body is in the charset {}",
                    label.unwrap_or_default()
                )),
            },
        },
    }
}

/// What a byte order mark says.
fn marked(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => Some(four_byte(rest, true)),
        [0, 0, 0xFE, 0xFF, rest @ ..] => Some(four_byte(rest, false)),
        _ => {
            Encoding::for_bom(bytes).map(|(encoding, length)| decoded(encoding, &bytes[length..]).0)
        }
    }
}

fn undeclared(bytes: &[u8]) -> Text {
    let zeroes: usize = bytes.iter().map(|byte| usize::from(*byte == 0)).sum();
    if bytes.len() >= 4 && zeroes * 4 >= bytes.len() {
        return Text::Is(decoded(if low_first(bytes) { UTF_16LE } else { UTF_16BE }, bytes).0);
    }
    if let (text, false) = decoded(UTF_8, bytes) {
        return Text::Is(text);
    }
    // What HTTP once had for text without a charset. In one of the East the letters are wrong, but
    // they are letters.
    let control = |byte: &u8| *byte < 0x20 && !b"\t\r\n\x0c\x1b".contains(byte);
    if bytes.iter().any(control) { Text::Binary } else { Text::Is(decoded(WINDOWS_1252, bytes).0) }
}

/// Whether more of the high bytes of two-byte units are zero when the low one comes first.
fn low_first(bytes: &[u8]) -> bool {
    let zeroes =
        |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    zeroes(1) > zeroes(0)
}

fn decoded(encoding: &'static Encoding, bytes: &[u8]) -> (String, bool) {
    let (text, wrong) = encoding.decode_without_bom_handling(bytes);
    (text.into_owned(), wrong)
}

/// UTF-32, which the library doesn't have.
fn four_byte(bytes: &[u8], low_first: bool) -> String {
    let unit = |four: &[u8; 4]| {
        if low_first { u32::from_le_bytes(*four) } else { u32::from_be_bytes(*four) }
    };
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|four| char::from_u32(unit(four)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Body;

    fn got(content_type: &str, bytes: &[u8]) -> Received {
        let length = bytes.len() as u64;
        let body = match std::str::from_utf8(bytes) {
            Ok(text) => Body { text: Some(text.to_owned()), bytes: length, ..Body::default() },
            Err(_) => {
                Body { base64: Some(STANDARD.encode(bytes)), bytes: length, ..Body::default() }
            }
        };
        let headers = if content_type.is_empty() {
            Vec::new()
        } else {
            vec![("content-type".to_owned(), content_type.to_owned())]
        };
        Received {
            status: 400,
            version: "HTTP/1.1".to_owned(),
            headers,
            body,
            oddities: Vec::new(),
        }
    }

    fn wide(text: &str, low: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if low { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn every_declared_charset_is_read() {
        for (label, word) in [
            ("ISO-8859-1", "Sicherung für Gerät"),
            ("windows-1252", "„Gerät“ fehlt"),
            ("iso-8859-2", "kopia już istnieje"),
            ("windows-1251", "резервная копия"),
            ("koi8-r", "резервная копия"),
            ("GBK", "失败"),
            ("GB2312", "失败"),
            ("gb18030", "失败"),
            ("Big5", "失敗"),
            ("Shift_JIS", "失敗しました"),
            ("EUC-JP", "失敗しました"),
            ("ISO-2022-JP", "失敗しました"),
            ("EUC-KR", "실패"),
            ("UTF-8", "失败"),
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, wrong) = encoding.encode(word);
            assert!(!wrong, "{label}");
            for written in [
                format!("text/plain; charset={label}"),
                format!("application/json;charset=\"{}\"", label.to_lowercase()),
            ] {
                assert_eq!(text_of(&got(&written, &bytes)), Text::Is(word.to_owned()), "{written}");
            }
        }
    }

    #[test]
    fn two_and_four_byte_charsets_are_read_with_and_without_a_mark() {
        let word = "{\"text\":\"失败 so\"}";
        for low in [true, false] {
            let bytes = wide(word, low);
            let marked =
                [if low { [0xFF, 0xFE] } else { [0xFE, 0xFF] }.as_slice(), &bytes].concat();
            let four: Vec<u8> = word
                .chars()
                .flat_map(
                    |c| if low { u32::from(c).to_le_bytes() } else { u32::from(c).to_be_bytes() },
                )
                .collect();
            let name = if low { "le" } else { "be" };
            for (label, bytes) in [
                ("application/json; charset=UTF-16".to_owned(), &bytes),
                (format!("application/json; charset=utf-16{name}"), &bytes),
                ("application/json".to_owned(), &bytes),
                ("application/json; charset=utf-16".to_owned(), &marked),
                ("application/json; charset=utf-8".to_owned(), &marked),
                (format!("application/json; charset=utf-32{name}"), &four),
            ] {
                assert_eq!(text_of(&got(&label, bytes)), Text::Is(word.to_owned()), "{label}");
            }
        }
        assert_eq!(text_of(&got("application/json", b"\xEF\xBB\xBF{}")), Text::Is("{}".to_owned()));
    }

    #[test]
    fn what_is_no_text_or_cannot_be_read_is_said_so() {
        assert_eq!(text_of(&got("image/png", b"\x89PNG\r\n\xff")), Text::Binary);
        assert_eq!(text_of(&got("text/plain", &[0xFF, 0x02, 0x01, 0xC0])), Text::Binary);
        assert!(
            matches!(text_of(&got("text/plain; charset=ebcdic-cp-us", &[0xC2, 0x81, 0x83, 0x92])),
                Text::Unread(why) if why.contains("ebcdic-cp-us"))
        );
        assert_eq!(
            text_of(&got("text/plain; charset=ebcdic-cp-us", b"plain")),
            Text::Is("plain".to_owned())
        );
        // A wrong label, and none at all.
        for label in ["text/plain; charset=utf-8", "text/plain", ""] {
            assert_eq!(
                text_of(&got(label, b"Ger\xe4t fehlt")),
                Text::Is("Gerät fehlt".to_owned()),
                "{label}"
            );
        }
        assert_eq!(text_of(&got("text/plain", b"")), Text::Is(String::new()));
        let mut packed = got("application/json", &[0x1f, 0x8b, 0x08, 0x00, 0x01, 0xff]);
        packed.headers.push(("content-encoding".to_owned(), "zstd".to_owned()));
        assert!(matches!(text_of(&packed), Text::Unread(why) if why.contains("zstd")));
    }
}
