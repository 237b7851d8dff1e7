//! How JSON is written: the spaces, the order of members, the escapes, and whether it is packed.
//!
//! Knows values. Must not know what they say.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

use super::super::appliance::options::Options;
use super::super::http::request::Request;
use super::super::misbehave::variant::Variant;

/// A value as text, in the way that the variants want it.
pub(crate) fn json(value: &Value, options: &Options) -> String {
    let varies = |variant| options.variants.contains(&variant);
    if ![Variant::MembersReversed, Variant::SlashesEscaped].into_iter().any(varies) {
        return if varies(Variant::IndentedJson) {
            format!("{value:#}\n")
        } else {
            // Faster than by way of a formatter.
            serde_json::to_string(value).unwrap_or_default()
        };
    }
    let mut text = String::new();
    write(value, options, &mut text);
    text
}

/// What stands for half of a surrogate pair until a text is bytes: no string of Rust can hold one.
pub(crate) const HALF: char = '\u{e000}';

/// JSON as it is sent.
pub(crate) fn json_bytes(value: &Value, options: &Options) -> Vec<u8> {
    let mut text = json(value, options);
    if options.variants.contains(&Variant::HalfSurrogate) {
        text = text.replace(HALF, "\\ud800");
    }
    if options.variants.contains(&Variant::ByteOrderMark) {
        text.insert(0, '\u{feff}');
    }
    text.into_bytes()
}

fn write(value: &Value, options: &Options, text: &mut String) {
    match value {
        Value::Array(rows) => {
            text.push('[');
            for (place, row) in rows.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                write(row, options, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            if options.variants.contains(&Variant::MembersReversed) {
                members.reverse();
            }
            text.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                write(member, options, text);
            }
            text.push('}');
        }
        Value::String(words) => text.push_str(&string(words, options)),
        plain => text.push_str(&plain.to_string()),
    }
}

fn string(words: &str, options: &Options) -> String {
    let written = Value::from(words).to_string();
    if options.variants.contains(&Variant::SlashesEscaped) {
        written.replace('/', "\\/")
    } else {
        written
    }
}

/// A body packed in the way that the variants want it, and the name of that way.
pub(crate) fn packed(
    body: &[u8],
    options: &Options,
    request: &Request,
) -> Option<(&'static str, Vec<u8>)> {
    let varies = |variant| options.variants.contains(&variant);
    if body.is_empty() {
        None
    } else if varies(Variant::GzipUnasked)
        || (varies(Variant::GzipWhereAsked) && asks_for_gzip(request))
    {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).ok()?;
        Some(("gzip", encoder.finish().ok()?))
    } else if varies(Variant::DeflateUnasked) {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).ok()?;
        Some(("deflate", encoder.finish().ok()?))
    } else if varies(Variant::BrotliUnasked) {
        Some(("br", brotli(body)))
    } else {
        None
    }
}

fn asks_for_gzip(request: &Request) -> bool {
    let mut codings = request.header_lines("accept-encoding").flat_map(|line| line.split(','));
    codings.any(|one| {
        one.trim().split(';').next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
    })
}

/// A brotli stream (RFC 7932) of stored pieces: right, and no smaller than what is in it.
fn brotli(body: &[u8]) -> Vec<u8> {
    // A window of 64 KiB is one bit, 0. A piece of up to 64 KiB: not the last (0), length in four
    // nibbles (00), length less one, stored (1).
    let mut stream = Vec::with_capacity(body.len() + 16);
    let mut before = (0_u32, 1_u32);
    for piece in body.chunks(1 << 16) {
        let length = u32::try_from(piece.len() - 1).unwrap_or_default();
        let (bits, used) = before;
        let head = bits | (((length << 3) | (1 << 19)) << used);
        stream.extend_from_slice(&head.to_le_bytes()[..(used as usize + 20).div_ceil(8)]);
        stream.extend_from_slice(piece);
        // Stored bytes begin at a whole byte, and the next piece after them.
        before = (0, 0);
    }
    // The last piece, empty: 1, 1.
    stream.push(3);
    stream
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use serde_json::json;

    use super::*;

    fn written(variants: &[Variant], value: &Value) -> String {
        json(value, &Options { variants: variants.iter().copied().collect(), ..Options::default() })
    }

    #[test]
    fn a_value_stays_the_same_however_it_is_written() {
        let value = json!({ "a": [1, 1.5, null, true, "x/y\"z"], "b": { "": "", "c": "\u{e9}/\n" },
            "d": "/" });
        let every = [Variant::IndentedJson, Variant::MembersReversed, Variant::SlashesEscaped];
        let mut texts = vec![written(&[], &value), written(&every, &value)];
        texts.extend(every.map(|variant| written(&[variant], &value)));
        for text in &texts {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value, "{text}");
        }
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 5);
        assert!(written(&[Variant::SlashesEscaped], &json!("a/b")).contains("a\\/b"));
    }

    fn packed_with(
        variant: Variant,
        body: &[u8],
        request: &Request,
    ) -> Option<(&'static str, Vec<u8>)> {
        packed(body, &Options { variants: [variant].into(), ..Options::default() }, request)
    }

    #[test]
    fn only_who_asks_for_gzip_gets_it() {
        let ask = |value: &str| Request::new("GET", "/aicc").with_header("Accept-Encoding", value);
        let packed =
            |body: &[u8], request: &Request| packed_with(Variant::GzipWhereAsked, body, request);
        assert_eq!(packed(b"{}", &Request::new("GET", "/aicc")), None);
        assert_eq!(packed(b"{}", &ask("deflate, br")), None);
        assert_eq!(packed(b"", &ask("gzip")), None);
        let (name, packed) = packed(b"{}", &ask("deflate, GZIP;q=1.0")).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!((name, text.as_str()), ("gzip", "{}"));
    }

    #[test]
    fn what_is_packed_unasked_can_be_unpacked() {
        let request = Request::new("GET", "/aicc");
        let (name, packed) = packed_with(Variant::DeflateUnasked, b"{}", &request).unwrap();
        let mut text = String::new();
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!((name, text.as_str()), ("deflate", "{}"));
        // As Google's brotli reads them: "{}" and then the empty last piece.
        assert_eq!(
            packed_with(Variant::BrotliUnasked, b"{}", &request),
            Some(("br", b"\x10\x00\x10{}\x03".to_vec()))
        );
        assert_eq!(packed_with(Variant::BrotliUnasked, b"", &request), None);
        let long = vec![b'x'; (1 << 16) + 1];
        assert_eq!(
            packed_with(Variant::BrotliUnasked, &long, &request).unwrap().1.len(),
            long.len() + 3 + 3 + 1
        );
    }

    #[test]
    fn a_half_of_a_surrogate_pair_and_a_mark_come_as_they_are_written() {
        let written = json_bytes(
            &json!([HALF.to_string()]),
            &Options {
                variants: [Variant::HalfSurrogate, Variant::ByteOrderMark].into(),
                ..Options::default()
            },
        );
        assert_eq!(written, b"\xef\xbb\xbf[\"\\ud800\"]");
    }
}
