//! JSON as appliances write it: what any reader can make sense of is read, and what is unusual
//! about it can be told.
//!
//! Knows: JSON text. Must not know: what its members mean, or who is accused of what.

use std::borrow::Cow;

use serde_json::Value;

/// Why a body couldn't be read as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoJson {
    /// It is none.
    #[error("{0}")]
    Wrong(String),
    /// It may be, but lies beyond a bound of ours, which accuses nobody.
    #[error("{0}")]
    Bound(String),
}

impl NoJson {
    /// The reader has bounds that JSON hasn't: 128 levels, and numbers that an `f64` holds.
    fn from_reader(error: &serde_json::Error) -> Self {
        let what = error.to_string();
        let bound = ["recursion limit exceeded", "number out of range"]
            .iter()
            .any(|start| what.starts_with(start));
        if bound { Self::Bound(what) } else { Self::Wrong(what) }
    }
}

const MARK: char = '\u{feff}';

/// A JSON text as a value.
pub(super) fn read(text: &str) -> Result<Value, NoJson> {
    serde_json::from_str(&readable(text)).map_err(|error| NoJson::from_reader(&error))
}

/// The text without what RFC 8259 lets a reader ignore, or leaves open, and what the reader here
/// refuses: a byte order mark before it, and halves of surrogate pairs. All other bytes stay where
/// they are.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let unmarked = text.strip_prefix(MARK).unwrap_or(text);
    let halves = halves(unmarked);
    if halves.is_empty() {
        return Cow::Borrowed(unmarked);
    }
    let mut mended = String::with_capacity(unmarked.len());
    let mut kept = 0;
    for at in halves {
        mended.push_str(&unmarked[kept..at]);
        mended.push_str("\\ufffd");
        kept = at + 6;
    }
    mended.push_str(&unmarked[kept..]);
    Cow::Owned(mended)
}

/// In which respects a text isn't as it should be written, though `read` reads it.
pub(super) fn unusual(text: &str) -> Vec<&'static str> {
    let mut unusual = Vec::new();
    if text.starts_with(MARK) {
        unusual.push("the text begins with a byte order mark");
    }
    if !halves(text).is_empty() {
        unusual.push("a string contains an unpaired surrogate, which was read as U+FFFD");
    }
    unusual
}

/// Where the escapes stand that are half of a surrogate pair without its other half.
fn halves(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
    {
        at += step;
        match unit(bytes, at) {
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, at + 6), Some(0xDC00..=0xDFFF)) => {
                at += 12;
            }
            Some(0xD800..=0xDFFF) => {
                found.push(at);
                at += 6;
            }
            _ => at += 2,
        }
    }
    found
}

/// The UTF-16 unit that is escaped here, if one is.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn half_of_a_surrogate_pair_is_read_as_the_sign_for_what_cant_be_read() {
        for (text, value) in [
            (r#"["\ud800"]"#, json!(["\u{fffd}"])),
            (r#"["\uD800x\uDC00"]"#, json!(["\u{fffd}x\u{fffd}"])),
            (r#"["\udc00\ud800"]"#, json!(["\u{fffd}\u{fffd}"])),
            (r#"["\ud800\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["\ud800\n"]"#, json!(["\u{fffd}\n"])),
            (r#"{"\udfff": 1}"#, json!({ "\u{fffd}": 1 })),
        ] {
            assert_eq!(read(text), Ok(value), "{text}");
            assert_eq!(unusual(text).len(), 1, "{text}");
            assert_eq!(readable(text).len(), text.len());
        }
    }

    #[test]
    fn whole_pairs_and_escaped_backslashes_are_left_alone() {
        for text in [
            r#"["\ud83d\ude00"]"#,
            r#"["\\ud800"]"#,
            r#"["\\\\ud800", "\"", "é\\"]"#,
            "[]",
            "",
            "\\",
            "\\u",
            "\\ud8",
        ] {
            assert!(matches!(readable(text), Cow::Borrowed(same) if same == text), "{text}");
            assert!(unusual(text).is_empty(), "{text}");
        }
        assert!(read("[\"\\ud8").is_err());
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_and_told() {
        assert_eq!(read("\u{feff}{}"), Ok(json!({})));
        assert_eq!(unusual("\u{feff}{}"), ["the text begins with a byte order mark"]);
        assert!(read("\u{feff}\u{feff}{}").is_err());
    }

    #[test]
    fn what_is_beyond_a_bound_of_the_reader_is_called_so() {
        assert!(matches!(read(&"[".repeat(200)), Err(NoJson::Bound(_))));
        assert!(matches!(read("1e400"), Err(NoJson::Bound(_))));
        assert!(matches!(read("[1"), Err(NoJson::Wrong(_))));
    }
}
