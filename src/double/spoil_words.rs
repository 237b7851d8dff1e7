//! The faults of what an answer says in words: none where some are promised, keys in their place,
//! and claims that a refusal can't make.
//!
//! Knows the bodies of answers. Must not change the state or look at the request.

use serde_json::{Value, json};

use super::answer::{Answer, Body, Kind};
use super::errors::{Problem, Shape};
use super::fault::Fault;
use super::spoil::set_member;

/// The faults of one member of a message. A success without a message would hide them, so that a
/// start warns under them.
const OF_A_MESSAGE: &[Fault] = &[
    Fault::MessageIdNumber,
    Fault::MessageIdMissing,
    Fault::MessageTextMissing,
    Fault::MessageTextNumber,
    Fault::MessageExplanationNumber,
    Fault::MessageExplanationMissing,
    Fault::MessageRecoveryMissing,
    Fault::RecoveryTextMissing,
    Fault::RefusalRecoveryString,
    Fault::RefusalRecoveryTextNumber,
    Fault::RefusalUrlNumber,
];

/// A message key.
const KEY: &str = "FQXHMSE0411W";

/// Applies a fault to an answer, if it is one of these.
pub(super) fn apply(fault: Fault, answer: &mut Answer) {
    match answer.kind {
        Kind::TransferStarted => started(fault, answer),
        Kind::TransferCancelled => cancelled(fault, answer),
        Kind::TransferRefused => refused(fault, answer),
        Kind::LockList => locks(fault, answer),
        _ => {}
    }
    if answer.status >= 400 {
        error(fault, answer);
    }
}

fn started(fault: Fault, answer: &mut Answer) {
    let Some(body) = answer.value() else { return };
    if OF_A_MESSAGE.contains(&fault) {
        warn(body, "The job was started.", "It may take longer than usual.");
    }
    match fault {
        Fault::StartWarnsWithoutMessage => {
            set_member(body, "result", "warning");
            set_member(body, "message", json!([]));
        }
        Fault::StartWarnsBlank => warn(body, " \n", ""),
        Fault::StartWarnsKey => warn(body, KEY, "It may take longer than usual."),
        Fault::StartWarnsPlaceholder => warn(body, "{0}: ${message}", "???warning.explanation???"),
        Fault::StartResultTwice => answer.body = twice(body, "result", "\"failed\""),
        _ => {}
    }
}

fn cancelled(fault: Fault, answer: &mut Answer) {
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::CancelWarnsWithoutMessage => {
            set_member(body, "result", "warning");
            set_member(body, "message", json!([]));
        }
        Fault::CancelWarnsNull => warn(body, "null", "undefined"),
        _ => {}
    }
}

/// Turns a success into a warning with this message.
fn warn(body: &mut Value, text: &str, explanation: &str) {
    let warning = Problem::new("FQXHMSE0411W", text, explanation)
        .recover(if explanation.is_empty() { "" } else { "Nothing needs to be done." });
    set_member(body, "result", "warning");
    set_member(body, "message", json!([warning.entry(Shape::Singular)]));
}

fn refused(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::RefusalBareNumber => {
            answer.body = Body::Text("400\n".to_owned());
            return;
        }
        Fault::Refusal500Empty => {
            answer.status = 500;
            answer.body = Body::None;
            return;
        }
        _ => {}
    }
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::RefusalSaysWarning => set_member(body, "result", "warning"),
        Fault::RefusalNamesJob => body["jobId"] = "17".into(),
        Fault::RefusalTextPlaceholder => {
            if let Some(message) = body["message"].get_mut(0) {
                set_member(message, "text", "{0}");
            }
        }
        Fault::RefusalJobTwice => answer.body = twice(body, "jobId", "\"17\", \"jobId\": \"\""),
        _ => {}
    }
}

fn locks(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::Locks500Empty => {
            answer.status = 500;
            answer.body = Body::None;
        }
        Fault::LockComponentTwice => {
            if let Some(body) = answer.value() {
                answer.body = twice(body, "component", "\"XX\"");
            }
        }
        _ => {}
    }
}

/// Any error.
fn error(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::ErrorBodyNull => answer.body = Body::Json(Value::Null),
        Fault::ErrorBodyEmptyObject => answer.body = Body::Json(json!({})),
        Fault::ErrorOnlyPunctuation => answer.body = Body::Text("-- ... --\n".to_owned()),
        _ => {}
    }
    let kind = answer.kind;
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::ErrorKeysOnly => keys(body),
        Fault::ErrorSaysSuccess if body.get("messages").is_some() => {
            set_member(body, "result", "success");
        }
        Fault::UnauthorizedNamesJob
            if kind == Kind::Unauthorized && body.get("message").is_some() =>
        {
            body["jobId"] = "17".into();
        }
        _ => {}
    }
}

/// Every text becomes a key.
fn keys(value: &mut Value) {
    match value {
        Value::Array(rows) => rows.iter_mut().for_each(keys),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "text" || name == "explanation" => {
                        format!("lxca.error.{name}").clone_into(text);
                    }
                    other => keys(other),
                }
            }
        }
        _ => {}
    }
}

/// The body with a member twice wherever it is: first with this value, then as it was. Where the
/// body has none, it comes at the start.
fn twice(body: &Value, name: &str, first: &str) -> Body {
    let text = body.to_string();
    let member = format!("\"{name}\":");
    let text = if text.contains(&member) {
        text.replace(&member, &format!("{member}{first},{member}"))
    } else {
        text.replacen('{', &format!("{{{member}{first},"), 1)
    };
    Body::Written(text)
}
