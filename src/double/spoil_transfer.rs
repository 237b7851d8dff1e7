//! The faults of what is said in answer to `PUT /managementServer/data`.
//!
//! Knows the three bodies of that page. Must not change the state or look at the request.

use serde_json::Value;

use super::answer::{Answer, Body, Kind};
use super::errors::{self, Shape};
use super::fault::Fault;
use super::spoil::{drop_member, set_member};

/// The answer to a start.
pub(super) fn started(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::StartStatus202 => answer.status = 202,
        Fault::StartEmptyBody => answer.body = Body::None,
        Fault::StartNotJson => answer.broken_off = true,
        Fault::StartTextHtml => answer.media_type = Some("text/html; charset=UTF-8"),
        _ => {}
    }
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::StartWithoutJobId => drop_member(body, "jobId"),
        Fault::StartJobIdNumber => {
            let id =
                body["jobId"].as_str().and_then(|id| id.parse::<u64>().ok()).unwrap_or_default();
            set_member(body, "jobId", id);
        }
        Fault::StartJobIdEmpty => set_member(body, "jobId", ""),
        Fault::StartResultCapitalised => set_member(body, "result", "Success"),
        Fault::StartResultMissing => drop_member(body, "result"),
        Fault::StartResultFailed => set_member(body, "result", "failed"),
        Fault::StartMessageString => set_member(body, "message", "The job was started."),
        Fault::StartMessageMissing => drop_member(body, "message"),
        Fault::StartMessagesPlural => {
            body["messages"] = body["message"].take();
            drop_member(body, "message");
        }
        Fault::StartMessageObject => {
            set_member(body, "message", errors::success().entry(Shape::Singular));
        }
        _ => {}
    }
}

/// The answer to a cancel.
pub(super) fn cancelled(fault: Fault, answer: &mut Answer) {
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::CancelWithJobId => body["jobId"] = "17".into(),
        Fault::CancelResultMissing => drop_member(body, "result"),
        Fault::CancelMessageMissing => drop_member(body, "message"),
        _ => {}
    }
}

/// The answer to a request that is refused with 400.
pub(super) fn refused(fault: Fault, answer: &mut Answer) {
    match fault {
        Fault::RefusalEmptyBody => answer.body = Body::None,
        Fault::Refusal422 => answer.status = 422,
        Fault::Refusal500 => answer.status = 500,
        Fault::Refusal200 => answer.status = 200,
        _ => {}
    }
    let Some(body) = answer.value() else { return };
    match fault {
        Fault::RefusalSaysSuccess => set_member(body, "result", "success"),
        Fault::RefusalResultMissing => drop_member(body, "result"),
        Fault::RefusalMessageEmpty => set_member(body, "message", Value::Array(Vec::new())),
        Fault::RefusalMessageString => set_member(body, "message", "The request is not valid."),
        _ => {}
    }
}

/// The messages of any answer to a transfer.
pub(super) fn messages(fault: Fault, answer: &mut Answer) {
    if ![Kind::TransferStarted, Kind::TransferRefused].contains(&answer.kind) {
        return;
    }
    let Some(body) = answer.value() else { return };
    for message in each(body.get_mut("message")) {
        match fault {
            Fault::MessageIdNumber => set_member(message, "id", 400),
            Fault::MessageTextNumber => set_member(message, "text", 400),
            Fault::MessageExplanationNumber => set_member(message, "explanation", 400),
            Fault::RefusalRecoveryObject => {
                let step = message["recovery"][0].take();
                set_member(message, "recovery", step);
            }
            Fault::RefusalRecoveryString => set_member(message, "recovery", "Correct the request."),
            _ => {}
        }
        for step in each(message.get_mut("recovery")) {
            match fault {
                Fault::RefusalRecoveryTextNumber => set_member(step, "text", 400),
                Fault::RecoveryTextMissing => drop_member(step, "text"),
                Fault::RefusalUrlNumber => set_member(step, "URL", 400),
                _ => {}
            }
        }
    }
}

/// The objects of a member that is an array of objects or one object.
pub(super) fn each(member: Option<&mut Value>) -> Vec<&mut Value> {
    match member {
        Some(Value::Array(entries)) => {
            entries.iter_mut().filter(|entry| entry.is_object()).collect()
        }
        Some(object @ Value::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}
