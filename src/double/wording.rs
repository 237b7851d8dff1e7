//! How JSON is written: the spaces, the order of members, the escapes, and whether it is packed.
//!
//! Knows values. Must not know what they say.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::request::Request;
use super::state::Options;
use super::variant::Variant;

/// A value as text, in the way that the variants want it.
pub(super) fn json(value: &Value, options: &Options) -> String {
    let varies = |variant| options.variants.contains(&variant);
    if ![Variant::MembersReversed, Variant::SlashesEscaped].into_iter().any(varies) {
        return if varies(Variant::IndentedJson) { format!("{value:#}\n") } else { value.to_string() };
    }
    let mut text = String::new();
    write(value, options, &mut text);
    text
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
    if options.variants.contains(&Variant::SlashesEscaped) { written.replace('/', "\\/") } else { written }
}

/// A body packed with gzip, for a client that asks for it.
pub(super) fn packed(body: &[u8], request: &Request) -> Option<Vec<u8>> {
    let asks = request.header_lines("accept-encoding").flat_map(|line| line.split(',')).any(|one| one.trim().split(';').next().is_some_and(|name| name.eq_ignore_ascii_case("gzip")));
    if body.is_empty() || !asks {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
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
        let value = json!({ "a": [1, 1.5, null, true, "x/y\"z"], "b": { "": "", "c": "\u{e9}/\n" }, "d": "/" });
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

    #[test]
    fn only_who_asks_for_gzip_gets_it() {
        let ask = |value: &str| Request::new("GET", "/aicc").with_header("Accept-Encoding", value);
        assert_eq!(packed(b"{}", &Request::new("GET", "/aicc")), None);
        assert_eq!(packed(b"{}", &ask("deflate, br")), None);
        assert_eq!(packed(b"", &ask("gzip")), None);
        let packed = packed(b"{}", &ask("deflate, GZIP;q=1.0")).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "{}");
    }
}
