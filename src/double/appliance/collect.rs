//! `GET /ffdc/endpoint/{uuid}`: a read that starts a job, which collects the service data of a
//! device.
//!
//! Knows which devices have service data. Must not know how a job advances.

use jiff::Timestamp;
use serde_json::json;

use super::super::http::answer::{Answer, Kind as Body};
use super::super::misbehave::fault::Fault;
use super::auth::Caller;
use super::errand::{Errand, Kind};
use super::jobs;
use super::order;
use super::state::State;
use super::things::Work;

/// The collections whose devices have service data.
const DEVICES: [&str; 5] = ["nodes", "chassis", "switches", "cmms", "storage"];

/// `GET /ffdc/endpoint/{uuid}`
///
/// A sentence of the page wants one of two query parameters at least, and the vendor's own client
/// sends neither; so none is asked for.
pub(crate) fn start(state: &mut State, uuid: &str, caller: &Caller, now: Timestamp) -> Answer {
    let device = DEVICES.iter().find_map(|devices| state.site.find(devices, uuid));
    let Some(uuid) = device.and_then(|device| device.text_at("/uuid")) else {
        return *order::unknown("No device has the uuid that the path names.");
    };
    if let Err(refused) = order::room_for_a_job(state) {
        return *refused;
    }
    let id = if state.has(Fault::CollectStartsNothing) {
        jobs::phantom(state)
    } else {
        let work = Work::Errand(Errand::to(Kind::Collect, &uuid, ""));
        jobs::start(state, work, &caller.user, now)
    };
    Answer::json(201, Body::Other, json!({ "jobURL": format!("/jobs/{id}") }))
}
