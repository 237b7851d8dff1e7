//! Looking for devices: what was found, a new look, and a look at single addresses.
//!
//! Knows the forms of both. Must not know how a device is managed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::site::element::Element;
use super::super::terms::clock::later;
use super::auth::Caller;
use super::errand::{Errand, Kind};
use super::jobs;
use super::manage;
use super::order;
use super::state::State;
use super::things::{Job, Work};

/// How long a look by broadcast takes.
const LOOK: SignedDuration = SignedDuration::from_secs(3);

/// `GET /discovery`; with `refresh=true` it looks anew.
pub(crate) fn list(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let refresh = match order::query_word(request, "refresh", &["true", "false"]) {
        Ok(refresh) => refresh == Some("true"),
        Err(refused) => return *refused,
    };
    if refresh && !state.has(Fault::DiscoveryNotRefreshed) {
        state.looked = now;
        state.looks_until = later(now, LOOK);
    }
    let mut found = found(state);
    found.insert("discoveryInProgress".to_owned(), (now < state.looks_until).into());
    let elapsed = now.duration_since(state.looked).as_millis().max(0);
    let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
    found.insert("lastUpdateElapsedTime".to_owned(), elapsed.into());
    Answer::json(200, Body::Other, Value::Object(found))
}

/// The lists of what was found and isn't managed.
fn found(state: &State) -> Map<String, Value> {
    match state.site.collection("discovery").elements().first().map(Element::kept) {
        Some(Value::Object(found)) => found,
        _ => Map::new(),
    }
}

/// `POST /discoverRequest`
pub(crate) fn start(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        let body = order::json(request)?;
        let mut addresses = Vec::new();
        for device in manage::devices(&body)? {
            addresses.extend(order::needed(order::texts(device, "ipAddresses")?, "ipAddresses")?);
        }
        if addresses.is_empty() {
            return Err(order::bad("The attribute `ipAddresses` names no address."));
        }
        order::room_for_a_job(state)?;
        let id = if state.has(Fault::DiscoverStartsNothing) {
            jobs::phantom(state)
        } else {
            let work = Work::Errand(Errand::to_all(Kind::Discover, &addresses, ""));
            jobs::start(state, work, &caller.user, now)
        };
        Ok(order::done().with_header("Location", format!("/discoverRequest/jobs/{id}")))
    })())
}

/// The lists of a job that looked at addresses. Servers stand in `serverList` here.
const LISTS: [(&str, &str); 5] = [
    ("chassisList", "chassisList"),
    ("serverList", "nodeList"),
    ("rackswitchList", "rackswitchList"),
    ("storageList", "storageList"),
    ("xhmcList", "xhmcList"),
];

/// `GET /discoverRequest/jobs/{id}`: the vendor's client reads an object.
pub(crate) fn get(state: &State, id: &str, now: Timestamp) -> Answer {
    let is_it = |job: &&Job| {
        job.id == id && matches!(&job.work, Work::Errand(errand) if errand.kind == Kind::Discover)
    };
    let Some(job) = state.jobs.iter().find(is_it) else {
        return *order::unknown("No such job has the id that the path names.");
    };
    let Work::Errand(errand) = &job.work else { return order::done() };
    let there = found(state);
    let asked = |device: &&Value| {
        let mut addresses = device["ipAddresses"].as_array().into_iter().flatten();
        addresses.any(|known| errand.targets.iter().any(|target| *known == *target.id))
    };
    // A percentage is small, so nothing is lost.
    let progress = f64::from(i32::try_from(job.percentage(now)).unwrap_or(100));
    let mut body =
        json!({ "progress": progress, "result": if job.is_active() { 50 } else { 100 } });
    for (name, list) in LISTS {
        let devices = there.get(list).and_then(Value::as_array).into_iter().flatten();
        let devices: Vec<Value> = devices
            .filter(|_| !job.is_active())
            .filter(asked)
            .map(|device| {
                let mut device = device.clone();
                device["managementProcessor"] = device["management-processor-type"].clone();
                device
            })
            .collect();
        body[name] = devices.into();
    }
    Answer::json(200, Body::Other, body)
}
