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
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_of_any_language_describe() {
        for text in [
            "The backup was not found.",
            "FQXHM0123J: The backup was not found",
            "[FQXHMSE0400J] Sicherung fehlt",
            "The backup {0} is unknown",
            "Das Backup ${uuid} wurde nicht gefunden",
            "Forbidden",
            "Verboten!",
            "No",
            "失败",
            "错",
            "備份失敗：17",
            "バックアップ17が見つかりません",
            "백업이 없습니다",
            "Резервная копия не найдена",
            "لم يتم العثور على النسخة",
            "לא נמצא",
            "ไม่พบข้อมูลสำรอง",
            "बैकअप नहीं मिला",
            "Αντίγραφο",
            "größe",
            "L'opération a échoué",
            "Error 400 (Bad Request)!!1",
            "Backup_17 fehlt",
            "<html><head><title>400</title></head><body><h1>Bad&nbsp;Request</h1></body></html>",
            "<error code='400' message='The backup is missing'/>",
            "<?xml version='1.0'?><error><![CDATA[The backup is missing]]></error>",
            "<p>f&uuml;r &#22833;&#36133;</p>",
            "2 < 3, and so the request is wrong",
            "Value 'x' is none of: copy, move",
            "sign-in required",
        ] {
            assert!(readable(text), "{text}");
        }
    }

    #[test]
    fn what_stands_for_missing_words_does_not() {
        for text in [
            "",
            " \t\r\n",
            "\u{a0}\u{200b}\u{feff}",
            "\u{3164}\u{3164}",
            "...",
            "-",
            "!",
            "???",
            "400",
            "4.1.0",
            "-1",
            "0x80004005",
            "４００",
            "x",
            "é",
            "null",
            "NULL",
            "(null)",
            "<null>",
            "undefined",
            "None",
            "NaN",
            "N/A",
            "[object Object]",
            "{0}",
            "{0} {1}",
            "{}",
            "{{message}}",
            "${msg}",
            "${error.backup.missing}",
            "#{text}",
            "%s",
            "%1$s: %2$d",
            "%(message)s",
            "%message%",
            "$msg",
            "@string/backup_missing",
            "FQXHM0123J",
            "FQXHMSE0400J:",
            "[FQXHM0123J] {0}",
            "error.backup.missing",
            "error.backup.missing: {0}",
            "ERR_BACKUP_MISSING",
            "backup_not_found",
            "backup-not-found",
            "errors/backup/missing",
            "backupNotFound",
            "i18n:backup.missing",
            "???error.backup.missing???",
            "???backup???",
            "!backup!",
            "__MSG_backup__",
            "__backup__",
            "java.lang.NullPointerException: null",
            "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278",
            "0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4",
            "https://lxca.example/help/FQXHM0123J",
            "<html><head></head><body></body></html>",
            "<error><code>404</code></error>",
            "<!-- nothing to say here --><p>&nbsp;</p>",
            "<script>var text = 'the backup is missing';</script>",
            "❌",
        ] {
            assert!(!readable(text), "{text:?}");
        }
    }

    #[test]
    fn a_body_describes_in_whatever_member_has_words() {
        for body in [
            json!("The backup is missing"),
            json!(["The backup is missing"]),
            json!([["失败"]]),
            json!({ "message": "The backup is missing" }),
            json!({ "message": { "text": "missing" } }),
            json!({ "result": "failed", "messages": [{ "id": "FQXHM0123J", "text": "", "explanation": "It isn't there." }] }),
            json!({ "timestamp": "2026-01-01T00:00:00Z", "status": 400, "error": "Bad Request", "message": "", "path": "/managementServer/data" }),
            json!({ "type": "about:blank", "title": "Bad Request", "status": 400 }),
            json!({ "errors": [{ "code": "E17", "detail": "no such backup" }] }),
            json!({ "status": "The backup is missing" }),
            json!({ "fehler": "Sicherung fehlt" }),
            json!({ "error": { "root_cause": ["No backup"] } }),
        ] {
            assert!(in_body(&body), "{body}");
        }
    }

    #[test]
    fn a_body_without_words_does_not() {
        for body in [
            json!(null),
            json!({}),
            json!([]),
            json!(400),
            json!(true),
            json!(""),
            json!("FQXHM0123J"),
            json!([null, {}, [[]]]),
            json!({ "result": "failed" }),
            json!({ "result": "failed", "message": [] }),
            json!({ "result": "failed", "message": [{ "id": "FQXHM0123J", "text": "FQXHM0123J", "explanation": "{0}", "recovery": [] }] }),
            json!({ "status": "error", "code": "NOT_FOUND" }),
            json!({ "timestamp": "Tue Sep 12 10:00:00 UTC 2026", "status": 400, "path": "/managementServer/data" }),
            json!({ "type": "about:blank", "status": 400 }),
            json!({ "jobId": "Start of a job" }),
            json!({ "messages": [{ "text": "null", "explanation": "undefined", "recovery": { "text": "${recovery}", "URL": "https://x.example/help me" } }] }),
        ] {
            assert!(!in_body(&body), "{body}");
        }
    }

    #[test]
    fn hostile_text_ends_in_time_and_breaks_nothing() {
        for unit in ["<", "<a", "<!--", "{", "&", "&#", "\"", "<a b='", "<script", "😀", "&é;"] {
            readable(&unit.repeat(20_000));
        }
        assert!(in_text(
            "error=The+backup%20is+missing&code=17",
            "application/x-www-form-urlencoded"
        ));
    }
}
