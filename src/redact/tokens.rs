//! Takes secrets out of JSON token by token, so that it stays JSON.
//!
//! Knows: where the strings and numbers of JSON begin and end. Pure. Must not know: which secrets a
//! run has.

use serde::de::IgnoredAny;

use super::MARK;

/// The text with each string and number as `clean` gives it; `None` where the text isn't JSON. A
/// number that is or holds a secret becomes a string, and a string that would be none any more is
/// replaced as a whole. What stands between the tokens is the same in every JSON and tells nothing.
pub(super) fn without(text: &str, clean: impl Fn(&str) -> String) -> Option<String> {
    let json = text.trim_start_matches('\u{feff}');
    serde_json::from_str::<IgnoredAny>(json).ok()?;
    let bytes = text.as_bytes();
    let mut whole = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(bytes, at + 1);
                let content = clean(&text[at + 1..end]);
                let token = format!("\"{content}\"");
                let is_string = serde_json::from_str::<IgnoredAny>(&token).is_ok();
                if is_string {
                    whole.push_str(&token);
                } else {
                    mark(&mut whole);
                }
                at = end + 1;
            }
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
                let number = &text[at..at + length];
                if clean(number) == number {
                    whole.push_str(number);
                } else {
                    mark(&mut whole);
                }
                at += length;
            }
            _ => {
                let rest = bytes[at..].iter();
                let is_other = |byte: &u8| !matches!(byte, b'"' | b'-' | b'0'..=b'9');
                let length = rest.take_while(|byte| is_other(byte)).count();
                whole.push_str(&text[at..at + length]);
                at += length;
            }
        }
    }
    Some(whole)
}

fn mark(whole: &mut String) {
    whole.push('"');
    whole.push_str(MARK);
    whole.push('"');
}

/// Where the quote stands that closes a string.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}
