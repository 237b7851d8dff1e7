//! Whether a person can read in a text what went wrong.
//!
//! Knows: words of any language, and what stands in their place when a program forgot them: keys,
//! placeholders, markup. Must not know: which page promised a description. In doubt there is one:
//! nobody is accused for a text that somebody understands.

use std::borrow::Cow;

use serde_json::Value;

/// Members that say when, where or which, whatever they hold.
const SILENT: &[&str] = &[
    "timestamp",
    "time",
    "date",
    "datetime",
    "path",
    "uri",
    "url",
    "href",
    "link",
    "links",
    "instance",
    "jobid",
    "uuid",
    "requestid",
    "traceid",
    "correlationid",
    "errorid",
    "session",
];
/// Members that hold one word for a program; two words in them are for a person.
const LABELS: &[&str] = &[
    "result",
    "status",
    "statuscode",
    "state",
    "id",
    "code",
    "errorcode",
    "type",
    "kind",
    "severity",
    "level",
    "category",
    "method",
    "lang",
    "language",
    "locale",
    "version",
];
/// What a program writes where it has nothing to say.
const NOTHING: &[&str] = &[
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "n/a",
    "todo",
    "tbd",
    "no value",
    "[object object]",
    "(null)",
];

/// Whether anything in an error's body describes it.
pub(super) fn in_body(body: &Value) -> bool {
    match body {
        Value::String(text) => readable(text),
        Value::Array(list) => list.iter().any(in_body),
        Value::Object(members) => {
            members.iter().any(|(name, member)| in_member(&name.to_lowercase(), member))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn in_member(name: &str, member: &Value) -> bool {
    let plain = name.replace(['_', '-'], "");
    if SILENT.contains(&plain.as_str()) {
        return false;
    }
    match member {
        Value::String(text) if LABELS.contains(&plain.as_str()) => words(text) > 1,
        Value::Array(list) if LABELS.contains(&plain.as_str()) => {
            list.iter().any(|one| in_member(name, one))
        }
        other => in_body(other),
    }
}

/// Whether a person can read something in it.
pub(super) fn readable(text: &str) -> bool {
    words(text) > 0
}

/// How many words it has, beyond markup, placeholders and keys.
fn words(text: &str) -> usize {
    // Nobody reads on so far for the first word.
    const MOST: usize = 64 * 1024;
    let plain = without_markup(&text[..text.floor_char_boundary(MOST)]);
    let plain = without_placeholders(&plain);
    if NOTHING.contains(&plain.trim().to_lowercase().as_str()) {
        return 0;
    }
    plain
        .split(|c: char| c.is_whitespace() || ",;".contains(c))
        .filter(|token| is_word(token))
        .count()
}

fn is_word(token: &str) -> bool {
    // What a bundle of texts gives for a key that it lacks.
    let around = |mark: &str| {
        token.len() > 2 * mark.len() && token.starts_with(mark) && token.ends_with(mark)
    };
    if ["??", "__", "!", "%", "@@", "##"].iter().any(|mark| around(mark))
        || token.starts_with(['%', '$', '@', '#'])
    {
        return false;
    }
    let core = token.trim_matches(|c: char| !c.is_alphanumeric());
    if NOTHING.contains(&core.to_lowercase().as_str()) {
        return false;
    }
    if !core.is_ascii() {
        let letters = core.chars().filter(|c| c.is_alphabetic() && !is_filler(*c));
        return letters.clone().any(is_sign) || letters.count() >= 2;
    }
    let letters = core.chars().filter(char::is_ascii_alphabetic).count();
    let interior = |c: char| !c.is_ascii_alphabetic() && !"-'".contains(c);
    let hyphens = core.matches('-').count();
    letters >= 2 && !core.contains(interior) && hyphens < 2 && !is_camel(core)
}

/// `backupNotFound`: a name, not a word.
fn is_camel(core: &str) -> bool {
    core.starts_with(|c: char| c.is_ascii_lowercase())
        && core.contains(|c: char| c.is_ascii_uppercase())
}

/// Letters that show nothing.
fn is_filler(c: char) -> bool {
    matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// Signs that are words, or syllables, by themselves.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Attributes of markup that people read.
const READ: &[&str] = &[
    "message",
    "text",
    "title",
    "description",
    "detail",
    "details",
    "reason",
    "explanation",
    "alt",
    "summary",
    "error",
];

/// The text that a browser, or a reader of XML, would show.
fn without_markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['<', '&']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let inner = &rest[1..];
        let is_tag = inner.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        let hidden = [("<!--", "-->"), ("<script", "</script"), ("<style", "</style")]
            .into_iter()
            .find(|(from, _)| starts(rest, from));
        let end = match hidden {
            Some((_, to)) => find(rest, to).map(|end| end + to.len() - 1),
            None => rest.find('>'),
        };
        match end {
            Some(end) if is_tag && starts(rest, "<![cdata[") => {
                out.push_str(rest[9..=end].trim_end_matches("]]>"));
                rest = &rest[end + 1..];
            }
            Some(end) if is_tag => {
                out.push(' ');
                if hidden.is_none() {
                    attributes(&rest[..end], &mut out);
                }
                rest = &rest[end + 1..];
            }
            // What is never shown, and never ends.
            None if hidden.is_some() => rest = "",
            _ => {
                out.push('<');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    entities(&out).into()
}

/// The values of attributes that people read.
fn attributes(tag: &str, out: &mut String) {
    let mut rest = tag;
    while let Some(at) = rest.find(['"', '\'']) {
        let quote = if rest[at..].starts_with('"') { '"' } else { '\'' };
        let name = rest[..at]
            .trim_end()
            .trim_end_matches('=')
            .trim_end()
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let Some(length) = rest[at + 1..].find(quote) else { return };
        if READ.contains(&name.as_str()) {
            out.push_str(&rest[at + 1..at + 1 + length]);
            out.push(' ');
        }
        rest = &rest[at + length + 2..];
    }
}

/// Numbered characters as they are; named ones are blanks, signs and single letters, and no words.
fn entities(text: &str) -> String {
    const LONGEST: usize = 12;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.char_indices().take(LONGEST).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let Some(end) = end else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let name = &rest[1..end];
        let number =
            name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            });
        match number.and_then(char::from_u32) {
            Some(character) => out.push(character),
            // `&uuml;` is the letter inside of a word.
            None if name.len() > 4
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
                && ["uml;", "acute;", "grave;", "circ;", "tilde;", "cedil;", "ring;"]
                    .iter()
                    .any(|kind| rest[..=end].ends_with(kind)) =>
            {
                out.push_str(&name[..1]);
            }
            None => out.push(' '),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

fn starts(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn find(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes()
        .windows(wanted.len())
        .position(|part| part.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// `{0}`, `{name}`, `${name}`, `{{name}}`: what a template had for a value. Braces around several
/// words are kept.
fn without_placeholders(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 64;
    if !text.contains('{') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let before = rest[..start].trim_end_matches(['$', '#', '%', '@']);
        out.push_str(before);
        rest = &rest[start..];
        let end = rest.char_indices().take(LONGEST).find(|(_, c)| *c == '}').map(|(end, _)| end);
        let inner =
            end.map(|end| rest[..end].trim_matches(|c: char| c == '{' || c.is_whitespace()));
        match (end, inner) {
            (Some(end), Some(inner))
                if !inner.contains(char::is_whitespace) && inner.is_ascii() =>
            {
                out.push(' ');
                rest = rest[end + 1..].trim_start_matches('}');
            }
            _ => {
                out.push(' ');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

/// Whether a person can read something in a whole body that isn't JSON.
pub(super) fn in_text(text: &str, media_type: &str) -> bool {
    if media_type == "application/x-www-form-urlencoded" {
        let plain = text.replace(['+', '&', '='], " ");
        return readable(&percent_encoding::percent_decode_str(&plain).decode_utf8_lossy());
    }
    readable(text)
}

#[cfg(test)]
mod tests;
