//! Texts in the encodings in which people's tools write them.
//!
//! Knows: UTF-8 with and without a byte order mark, and UTF-16 as a Windows shell writes it. Must
//! not know: what a text is for; it may be a secret, so nothing here quotes it.

/// The text of a file: a byte order mark is no part of it. `None` where the bytes are no text.
#[must_use]
pub fn text(bytes: &[u8]) -> Option<String> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_tells_the_encoding_and_is_no_part_of_the_text() {
        let little: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("pässé😀".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let big: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain("pässé😀".encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        for bytes in
            ["pässé😀".as_bytes().to_vec(), "\u{feff}pässé😀".as_bytes().to_vec(), little, big]
        {
            assert_eq!(text(&bytes).as_deref(), Some("pässé😀"), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_none() {
        for bytes in [&b"p\xe4ss"[..], b"\xff\xfea", b"\xff\xfe\x00\xd8", b"\xef\xbb\xbf\xff"] {
            assert_eq!(text(bytes), None, "{bytes:?}");
        }
    }
}
