//! The repository of updates for devices, and the updates of the appliance itself.
//!
//! Knows which member each key asks for, and what a request to change the repository must have.
//! Must not know what such a job changes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::request::Request;
use super::super::misbehave::variant::Variant;
use super::super::site::element::Element;
use super::auth::Caller;
use super::components::informational;
use super::errand::{Errand, Kind};
use super::jobs;
use super::order::{self, Refused};
use super::state::State;
use super::things::Work;

/// The members that can be asked for by their name.
const KEYS: [&str; 8] = [
    "importDir",
    "lastRefreshed",
    "publicKeys",
    "size",
    "supportedMts",
    "updates",
    "updatesByMt",
    "updatesByMtByComp",
];

/// `GET /updateRepositories/firmware`
pub(crate) fn get(state: &State, request: &Request) -> Answer {
    order::either((|| {
        let key = order::query_word(request, "key", &KEYS)?
            .ok_or_else(|| order::bad("The query parameter `key` is missing."))?;
        order::query_word(request, "with", &["all", "latest"])?;
        let held = state.site.collection("repository").elements().first();
        let mut value = held.and_then(|held| held.value(&format!("/{key}"))).unwrap_or_default();
        if let (Some(mt), Some(rows)) = (
            request.query("mt").filter(|mt| !mt.is_empty()),
            value.get_mut("updates").and_then(Value::as_array_mut),
        ) {
            rows.retain(|row| row["mt"] == mt);
        }
        Ok(Answer::json(200, Body::Other, json!({ "status": informational(), key: value })))
    })())
}

/// `PUT /updateRepositories/firmware`
pub(crate) fn set(state: &mut State, request: &Request, caller: &Caller, now: Timestamp) -> Answer {
    order::either((|| {
        let errand = asked(state, request)?;
        if errand.detail == "read" {
            return Ok(Answer::json(200, Body::Other, informational()));
        }
        order::room_for_a_job(state)?;
        let id = jobs::start(state, Work::Errand(errand), &caller.user, now);
        // Written as a number where it is one, as the repository does elsewhere.
        let id = id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number));
        let mut body = informational();
        body["result"] = "success".into();
        body["jobid"] = id.clone();
        body["taskid"] = id;
        Ok(Answer::json(200, Body::Other, body))
    })())
}

/// What the actions are that a page of any edition names.
const ACTIONS: [&str; 7] =
    ["acquire", "cleanup", "delete", "export", "read", "refresh", "refreshThenAcquire"];

fn asked(state: &State, request: &Request) -> Result<Errand, Refused> {
    let action = order::query_word(request, "action", &ACTIONS)?
        .ok_or_else(|| order::bad("The query parameter `action` is missing."))?;
    order::query_word(request, "filetypes", &["all", "payloads"])?;
    order::query_word(request, "with", &["all", "latest", "payload", "payloads"])?;
    let body = order::object(request)?;
    let fixids = order::texts(&body, "fixids")?;
    let types = order::texts(&body, "mt")?;
    order::text(&body, "os")?;
    order::word(&body, "type", &["catalog", "latest"])?;
    if ["acquire", "export", "delete"].contains(&action) {
        let fixids = order::needed(fixids.as_ref(), "fixids")?;
        if fixids.is_empty() {
            return Err(order::bad("The attribute `fixids` names no package."));
        }
    }
    if ["refresh", "refreshThenAcquire", "acquire"].contains(&action) {
        order::needed(types, "mt")?;
    }
    let fixids = fixids.unwrap_or_default();
    let held = state.site.collection("repository").elements().first().map(Element::kept);
    let held = held.unwrap_or_default();
    if let Some(fixid) = fixids.iter().find(|fixid| !holds(&held, fixid)) {
        return Err(order::bad(format!("The repository knows no package {fixid}.")));
    }
    Ok(Errand::to_all(Kind::Repository, &fixids, action))
}

/// Whether a row of a package stands anywhere in a value.
fn holds(value: &Value, fixid: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| holds(item, fixid)),
        Value::Object(members) => {
            members.get("fixid").is_some_and(|known| known == fixid)
                || members.values().any(|member| holds(member, fixid))
        }
        _ => false,
    }
}

/// `GET /managementServer/updates`
pub(crate) fn own(state: &State, request: &Request) -> Answer {
    const KEYS: [&str; 7] =
        ["all", "currentVersion", "history", "importDir", "size", "updates", "updatedDate"];
    order::either((|| {
        let key = order::query_word(request, "key", &KEYS)?.unwrap_or("all");
        let held = state.site.collection("ownUpdates").elements().first();
        let mut body = held.map(Element::kept).unwrap_or_default();
        body["currentVersion"] = state.options.version.clone().into();
        if state.varies(Variant::NeverUpdated) {
            body["history"] = json!({});
        }
        if let Some(members) = body.as_object_mut() {
            members.retain(|name, _| key == "all" || name == key);
        }
        Ok(Answer::json(200, Body::Other, body))
    })())
}
