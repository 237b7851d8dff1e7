//! What an appliance says in its own words where it refuses something, for people.
//!
//! Knows: the places where error bodies keep their text, whoever wrote the server. Must not know:
//! what a refusal means for a verdict. What it gives was redacted when it came in; here it is made
//! one bounded line without control characters.

use base64::Engine as _;
use serde_json::Value;

use crate::exchange::Received;
use crate::terms::is_hidden;

/// So much of a text is quoted.
const MOST_CHARACTERS: usize = 240;
/// So deep an error hides its text.
const MOST_LEVELS: usize = 6;
/// Members that hold a sentence, the best first; in lower case, without `_` and `-`.
const TEXTS: &[&str] = &[
    "text",
    "message",
    "messagetext",
    "errormessage",
    "errordescription",
    "detail",
    "details",
    "msg",
    "description",
    "reason",
    "faultstring",
    "error",
    "explanation",
    "title",
];
/// Members that hold further objects with such members, the best first.
const ROOMS: &[&str] = &[
    "messages", "message", "errors", "error", "response", "fault", "details", "result", "data",
    "body",
];

/// The appliance's own text in an answer, in quotes: the first that a person can read, with the id
/// of its message.
#[must_use]
pub fn own_words(got: &Received) -> Option<String> {
    let text = match got.json() {
        Ok(body) => spoken(&body, MOST_LEVELS)?,
        Err(_) => plain(got)?,
    };
    Some(format!("\"{}\"", one_line(&text))).filter(|quoted| quoted.len() > 2)
}

/// A text with the appliance's own words behind it, if there are any.
#[must_use]
pub fn with_own_words(what: String, got: Option<&Received>) -> String {
    match got.and_then(own_words) {
        Some(words) => format!("{what}: {words}"),
        None => what,
    }
}

/// Whether an answer says that the account's password must be changed before anything else: the
/// login's own member, or a refusal in words.
#[must_use]
pub fn password_must_change(got: &Received) -> bool {
    let Ok(body) = got.json() else {
        return got.status >= 400 && plain(got).is_some_and(|text| speaks_of_a_change(&text));
    };
    if (200..300).contains(&got.status) {
        demand(&body, MOST_LEVELS).is_some()
    } else {
        demand(&body, MOST_LEVELS).is_some()
            || spoken(&body, MOST_LEVELS).is_some_and(|text| speaks_of_a_change(&text))
    }
}

/// The member by which an answer that was accepted says so.
#[must_use]
pub fn demand_of_a_change(got: &Received) -> Option<String> {
    demand(&got.json().ok()?, MOST_LEVELS)
}

fn demand(value: &Value, levels: usize) -> Option<String> {
    let levels = levels.checked_sub(1)?;
    match value {
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let asks = ["pwchangerequired", "passwordchangerequired", "mustchangepassword"]
                .contains(&flat(name).as_str());
            let holds = *member == Value::Bool(true)
                || member.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"));
            if asks && holds { Some(name.clone()) } else { demand(member, levels) }
        }),
        Value::Array(list) => list.iter().find_map(|one| demand(one, levels)),
        _ => None,
    }
}

fn speaks_of_a_change(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("password")
        && [
            "must be changed",
            "must change",
            "has expired",
            "is expired",
            "needs to be changed",
            "change your password",
            "change the password",
        ]
        .iter()
        .any(|words| lower.contains(words))
}

fn flat(name: &str) -> String {
    name.to_lowercase().replace(['_', '-'], "")
}

/// The first sentence of a body, with the id of its message.
fn spoken(value: &Value, levels: usize) -> Option<String> {
    let levels = levels.checked_sub(1)?;
    match value {
        Value::String(text) => said(text),
        Value::Array(list) => list.iter().take(16).find_map(|one| spoken(one, levels)),
        Value::Object(members) => {
            let named = |wanted: &str| {
                members.iter().find(|(name, _)| flat(name) == wanted).map(|(_, member)| member)
            };
            let own = TEXTS.iter().filter_map(|wanted| named(wanted)?.as_str()).find_map(said);
            let Some(own) = own else {
                return ROOMS
                    .iter()
                    .filter_map(|wanted| named(wanted))
                    .filter(|member| !member.is_string())
                    .find_map(|member| spoken(member, levels));
            };
            let id = ["id", "messageid", "code", "errorcode"]
                .iter()
                .find_map(|wanted| named(wanted)?.as_str())
                .filter(|id| !own.contains(id) && id.len() <= 40 && !id.trim().is_empty());
            Some(id.map_or_else(|| own.clone(), |id| format!("{own} ({id})")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A text that has words, and isn't a key or a status alone.
fn said(text: &str) -> Option<String> {
    let text = text.trim();
    text.chars().any(char::is_alphabetic).then(|| text.to_owned())
}

/// The text of a body that isn't JSON: of a page, what a browser shows.
fn plain(got: &Received) -> Option<String> {
    // Bytes that aren't UTF-8 are Latin-1 more often than anything else.
    let latin = || {
        base64::engine::general_purpose::STANDARD
            .decode(got.body.base64.as_deref()?)
            .ok()
            .map(|bytes| bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
    };
    let text = got.readable().map(std::borrow::Cow::into_owned).or_else(latin)?;
    let text: String = text.chars().take(16 * 1024).collect();
    if !text.trim_start().starts_with('<') {
        // What was cut or spoilt JSON is quoted as it is.
        return said(&text);
    }
    let lower = text.to_ascii_lowercase();
    let body = lower.find("<body").map_or(text.as_str(), |start| &text[start..]);
    let mut shown = String::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(before);
        shown.push(' ');
        let silent = ["script", "style"].into_iter().find(|tag| {
            after.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
        });
        let after = silent
            .and_then(|tag| {
                after.to_ascii_lowercase().find(&format!("</{tag}")).map(|end| &after[end + 1..])
            })
            .unwrap_or(after);
        rest = after.split_once('>').map_or("", |(_, rest)| rest);
    }
    shown.push_str(rest);
    said(
        &shown
            .replace("&nbsp;", " ")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

/// One line of bounded length; what moves a terminal's cursor or turns its writing is no part of
/// it.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = line.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    if clean.chars().count() <= MOST_CHARACTERS {
        clean
    } else {
        clean.chars().take(MOST_CHARACTERS - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Body;

    fn got(status: u16, text: &str) -> Received {
        Received {
            status,
            version: String::new(),
            headers: Vec::new(),
            body: Body { text: Some(text.to_owned()), bytes: text.len() as u64, ..Body::default() },
            oddities: Vec::new(),
        }
    }

    #[test]
    fn the_text_of_an_error_is_found_whoever_wrote_the_server() {
        for (body, words) in [
            (
                r#"{"result":"failure","messages":[{"id":"FQXHMSE0253J","text":"The password must be changed."}]}"#,
                "\"The password must be changed. (FQXHMSE0253J)\"",
            ),
            (
                r#"{"messages":{"text":"Maximum number of sessions."}}"#,
                "\"Maximum number of sessions.\"",
            ),
            (r#"{"messages":["One","Two"]}"#, "\"One\""),
            (
                r#"{"timestamp":"2026","status":401,"error":"Unauthorized","message":"Too many sessions","path":"/sessions"}"#,
                "\"Too many sessions\"",
            ),
            (
                r#"{"type":"about:blank","title":"Forbidden","detail":"Change it first"}"#,
                "\"Change it first\"",
            ),
            (
                r#"{"error":{"code":"Base.1.0","message":"It failed","@Message.ExtendedInfo":[]}}"#,
                "\"It failed (Base.1.0)\"",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"No more sessions"}"#,
                "\"No more sessions\"",
            ),
            (r#"{"message":{"text":"Deep"}}"#, "\"Deep\""),
            ("\"Plain text\"", "\"Plain text\""),
            ("Plain\r\n\x1b[31m text", "\"Plain \u{fffd}[31m text\""),
            (
                "<html><head><title>401</title><style>p{}</style></head><body><script>x()</script><h1>Access &amp; more</h1>denied</body></html>",
                "\"Access & more denied\"",
            ),
        ] {
            assert_eq!(own_words(&got(401, body)).as_deref(), Some(words), "{body}");
        }
        for body in
            ["", "{}", "[]", "12", r#"{"messages":[]}"#, r#"{"messages":[{"text":""}]}"#, "---"]
        {
            assert_eq!(own_words(&got(401, body)), None, "{body}");
        }
        let long = own_words(&got(401, &"word ".repeat(1_000))).unwrap();
        assert!(long.chars().count() <= MOST_CHARACTERS + 2 && long.ends_with("…\""), "{long}");
        assert!(
            own_words(&got(401, &format!("{}1{}", "[".repeat(100), "]".repeat(100)))).is_none()
        );
    }

    #[test]
    fn a_password_that_must_be_changed_is_seen_in_a_login_and_in_a_refusal() {
        assert!(password_must_change(&got(200, r#"{"response":{"pwChangeRequired":true}}"#)));
        assert!(!password_must_change(&got(
            200,
            r#"{"response":{"pwChangeRequired":false,"text":"the password must be changed"}}"#
        )));
        assert!(password_must_change(&got(
            403,
            r#"{"messages":[{"text":"The password must be changed before this action."}]}"#
        )));
        assert!(password_must_change(&got(401, "Your password has expired")));
        for text in [
            "The password is wrong",
            "The password can't be changed by this account",
            "Maximum number of sessions",
        ] {
            assert!(!password_must_change(&got(403, text)), "{text}");
        }
    }
}
