//! Requests that are refused, and carried out all the same; and what a refusal spoils for the next
//! request.
//!
//! Knows which faults act on which refusal. Must not know why a request was refused.

use jiff::Timestamp;
use serde_json::Value;

use super::super::appliance::errand::{Errand, Kind};
use super::super::appliance::jobs;
use super::super::appliance::locks;
use super::super::appliance::power;
use super::super::appliance::state::State;
use super::super::appliance::things::{Trap, Work};
use super::super::http::answer::{Answer, Kind as Answers};
use super::super::http::errors::{self, Problem, Shape};
use super::super::http::request::Request;
use super::super::http::route::Route;
use super::super::misbehave::fault::Fault;

/// Does what a refused request asked for, where a fault says so.
pub(crate) fn act(
    state: &mut State,
    request: &Request,
    route: &Route,
    status: u16,
    now: Timestamp,
) {
    if ![400, 401, 403].contains(&status) {
        return;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    // A wrong password isn't the same as none.
    let stranger = status == 401
        && request.header("authorization").is_none()
        && request.header("cookie").is_none();
    match (route, request.method.as_str()) {
        (Route::Backups, "PUT") => transfer(state, &body, status, stranger, now),
        (Route::Locks, "POST") => lock(state, &body, status, stranger, now),
        (Route::Lock(id), "DELETE")
            if (stranger && state.has(Fault::StrangerYetDeletesLock))
                || (status == 403 && state.has(Fault::ForbiddenYetDeletesLock)) =>
        {
            state.locks.retain(|lock| lock.id != *id);
        }
        (Route::Tasks, "PUT")
            if (stranger && state.has(Fault::StrangerYetCancelsJob))
                || (status == 403 && state.has(Fault::ForbiddenYetCancelsJob)) =>
        {
            for id in body["list"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                jobs::cancel(state, id, &"USERID".into(), now);
            }
        }
        (Route::Site(read, keys), "PUT") if read.name == "nodes.get" => {
            power(state, keys, &body, status, stranger, now);
        }
        _ => {}
    }
    if stranger && state.has(Fault::StrangerSpoilsNextList) {
        state.trap = Some(Trap::LockList);
    }
}

fn transfer(state: &mut State, body: &Value, status: u16, stranger: bool, now: Timestamp) {
    let known =
        |name: &str, words: &[&str]| body[name].as_str().is_some_and(|word| words.contains(&word));
    let operation = body["operation"].as_str();
    let starts = match status {
        400 => {
            state.has(Fault::RefusedYetStarted)
                || (state.has(Fault::RefusedWithoutUuidYetStarted)
                    && body.is_object()
                    && body.get("uuid").is_none()
                    && body["action"] == "start")
                || (state.has(Fault::RefusedOperationYetStarted)
                    && operation.is_some()
                    && !known("operation", &["copy", "move", "push"]))
                || (state.has(Fault::RefusedDestinationYetStarted)
                    && operation == Some("copy")
                    && body["destination"].is_string()
                    && known("action", &["start"])
                    && body["destination"] != "internal")
                || (state.has(Fault::RefusedUuidYetStarted)
                    && operation == Some("copy")
                    && known("action", &["start"])
                    && body["uuid"].is_string()
                    && state.backup(body["uuid"].as_str().unwrap_or_default()).is_none())
        }
        401 => stranger && state.has(Fault::StrangerYetStarted),
        _ => state.has(Fault::ForbiddenYetStarted),
    };
    if starts {
        jobs::start(state, Work::Idle, &"USERID".into(), now);
    }
    let copies = match status {
        400 => {
            state.has(Fault::RefusedActionYetCopied)
                && operation == Some("copy")
                && body.get("action").is_some()
                && !known("action", &["start"])
        }
        401 => stranger && state.has(Fault::StrangerYetCopied),
        _ => state.has(Fault::ForbiddenYetCopied),
    };
    if let (true, Some(uuid), Some(destination)) =
        (copies && operation == Some("copy"), body["uuid"].as_str(), body["destination"].as_str())
    {
        for backup in state
            .backups
            .iter_mut()
            .filter(|backup| *backup.uuid == *uuid && !backup.lies_at(destination))
        {
            backup.locations.push(destination.to_owned());
        }
    }
    let cancels = (stranger && state.has(Fault::StrangerYetCancelsPush))
        || (status == 403 && state.has(Fault::ForbiddenYetCancelsPush));
    if let (true, Some(push)) =
        (cancels && body["action"] == "cancel", jobs::running_push(state).map(|job| job.id.clone()))
    {
        jobs::cancel(state, &push, &"USERID".into(), now);
    }
    if status == 400 && state.has(Fault::RefusalSpoilsNextList) {
        state.trap = Some(Trap::LockList);
    }
    if status == 400 && state.has(Fault::RefusalSpoilsNextStart) {
        state.trap = Some(Trap::Start);
    }
}

fn power(
    state: &mut State,
    keys: &[String],
    body: &Value,
    status: u16,
    stranger: bool,
    now: Timestamp,
) {
    let fault = match status {
        400 => Fault::RefusedYetPowered,
        401 if stranger => Fault::StrangerYetPowers,
        403 => Fault::ForbiddenYetPowers,
        _ => return,
    };
    if !state.has(fault) {
        return;
    }
    let action = body["powerState"].as_str().filter(|action| power::STATES.contains(action));
    // What was refused for its action restarts the server.
    let action = action.unwrap_or("powerCycleSoft");
    for uuid in keys {
        let work = Work::Errand(Errand::to(Kind::Power, uuid, action));
        jobs::start(state, work, &"USERID".into(), now);
    }
}

fn lock(state: &mut State, body: &Value, status: u16, stranger: bool, now: Timestamp) {
    let seconds = body["expirationTimeOut"].as_i64();
    let taken = match status {
        400 => {
            state.has(Fault::RefusedYetLocked)
                || (state.has(Fault::RefusedSecondsYetLocked)
                    && seconds.is_none()
                    && body["component"].is_string())
        }
        401 => stranger && state.has(Fault::StrangerYetLocked),
        _ => state.has(Fault::ForbiddenYetLocked),
    };
    if taken {
        locks::take_despite(state, seconds.filter(|seconds| *seconds > 0).unwrap_or(5), now);
    }
    if status == 400 && state.has(Fault::RefusalSpoilsNextLock) {
        state.trap = Some(Trap::LockCreate);
    }
}

/// The answer of a trap that an earlier refusal has left for a change; it goes with the next
/// request that it is for.
pub(crate) fn trapped(state: &mut State, request: &Request, route: &Route) -> Option<Answer> {
    let credentials =
        request.header("authorization").is_some() || request.header("cookie").is_some();
    let answer = match (state.trap?, route, request.method.as_str()) {
        (Trap::Start, Route::Backups, "PUT") if credentials => Answer::refusal(
            400,
            &errors::bad_request("The request before it isn't done with."),
            Shape::Singular,
        ),
        (Trap::LockCreate, Route::Locks, "POST") if credentials => Answer::refusal(
            400,
            &errors::bad_request("The request before it isn't done with."),
            Shape::Plural,
        )
        .of_kind(Answers::CreateLockRefused),
        _ => return None,
    };
    state.trap = None;
    Some(answer)
}

/// The same for a list, which must be one that would have been given: requests come side by side,
/// and a refused one takes no trap away.
pub(crate) fn spoilt(
    state: &mut State,
    request: &Request,
    route: &Route,
    answer: Answer,
) -> Answer {
    if state.trap != Some(Trap::LockList)
        || *route != Route::Locks
        || request.method != "GET"
        || answer.status >= 300
    {
        return answer;
    }
    state.trap = None;
    Answer::refusal(
        500,
        &Problem::new("FQXHMSE0500J", "An internal error occurred.", "The list couldn't be made."),
        Shape::Plural,
    )
}
