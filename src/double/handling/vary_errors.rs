//! The variants of how an error is told: the pages promise a description of it, and say nothing of
//! its form.
//!
//! Knows the words of a finished error. Must not know which request led to it, or look at the
//! state.

use serde_json::{Value, json};

use super::super::http::answer::{Answer, Body};
use super::super::misbehave::variant::Variant;

/// Two signs of Chinese, in GBK: the request failed.
const FAILED_IN_GBK: [u8; 4] = [0xca, 0xa7, 0xb0, 0xdc];

/// Tells an error in the way of a variant.
pub(crate) fn apply(variant: Variant, answer: &mut Answer) {
    let status = answer.status;
    let Some(body) = answer.value() else { return };
    let words = words(body);
    match variant {
        Variant::ErrorTwoSigns => {
            return each_text(body, &|name| if name == "text" { "失败" } else { "" });
        }
        Variant::ErrorIdBeforeText => return before_text(body),
        Variant::RefusalMessageText if body.get("message").is_some() => {
            body["message"] = words.into();
            return;
        }
        Variant::RefusalResultFailure => {
            if body.get("message").is_some() {
                body["result"] = "failure".into();
            }
            return;
        }
        Variant::ErrorSpringForm => {
            *body = json!({ "timestamp": "2026-03-01T12:00:00.000+00:00", "status": status, "error": "Request refused", "message": words, "path": "/" });
            return;
        }
        Variant::ErrorListOfTexts => {
            *body = json!([words]);
            return;
        }
        _ => {}
    }
    let title = "Refused";
    let (media_type, bytes) = match variant {
        Variant::ErrorPlainText => ("text/plain; charset=UTF-8", format!("{words}\n").into_bytes()),
        Variant::ErrorHtmlPage => {
            let page = format!("<!DOCTYPE html>\n<html><head><title>{status}</title><style>p {{ \
                color: red }}</style></head><body><h1>{title}</h1><p>{words}</p></body></html>\n");
            ("text/html; charset=UTF-8", page.into_bytes())
        }
        Variant::ErrorXml => ("application/xml", format!("<?xml version=\"1.0\"?><error><status>{status}</status><message>{words}</message></error>").into_bytes()),
        Variant::ErrorProblemForm => ("application/problem+json", json!({ "type": "about:blank",
            "title": title, "status": status, "detail": words }).to_string().into_bytes()),
        Variant::ErrorLatin1 => ("text/plain; charset=ISO-8859-1", "Zur\u{fc}ckgewiesen: \
            ung\u{fc}ltig".chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()),
        Variant::ErrorUtf16 => ("application/json; charset=UTF-16",
            body.to_string().encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Variant::ErrorGbk => ("text/plain; charset=GBK", FAILED_IN_GBK.into()),
        _ => return,
    };
    answer.body = Body::Bytes(bytes);
    answer.media_type = Some(media_type.to_owned());
}

/// What the first message says.
fn words(body: &Value) -> String {
    let message =
        ["message", "messages"].iter().find_map(|name| body[*name].get(0).or(body.get(*name)));
    message
        .and_then(|message| message["text"].as_str())
        .unwrap_or("The request was refused.")
        .to_owned()
}

/// Gives each text of a message, at any depth, what `of` has for its name; ids and addresses stay.
fn each_text(value: &mut Value, of: &dyn Fn(&str) -> &'static str) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(|row| each_text(row, of)),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if ["text", "explanation"].contains(&name.as_str()) => {
                        of(name).clone_into(text);
                    }
                    other => each_text(other, of),
                }
            }
        }
        _ => {}
    }
}

/// Puts the id of a message before its text.
fn before_text(body: &mut Value) {
    for name in ["message", "messages"] {
        for message in body.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            let text = format!(
                "{}: {}",
                message["id"].as_str().unwrap_or_default(),
                message["text"].as_str().unwrap_or_default()
            );
            message["text"] = text.into();
        }
    }
}
