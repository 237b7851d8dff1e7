//! What can be asked of one server and of its management controller: power, lights, properties.
//!
//! Knows which requests are accepted. Must not know what a job changes when it ends.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::http::answer::Answer;
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::auth::Caller;
use super::errand::{Errand, Kind};
use super::jobs::{self, Pace};
use super::order::{self, Refused};
use super::state::State;
use super::things::Work;

/// The power states that recorded clients ask for.
pub(crate) const STATES: [&str; 8] = [
    "powerOn",
    "powerOff",
    "powerOffSoftGraceful",
    "powerCycleSoft",
    "powerCycleSoftGrace",
    "powerNMI",
    "bootToF1",
    "virtualReseat",
];

/// The light that tells people which server is meant.
const IDENTIFY: &str = "Identify";

/// The properties that can be set at once.
const PROPERTIES: [&str; 5] = ["cmmDisplayName", "contact", "hostname", "ipInterfaces", "location"];

/// `PUT /nodes/{uuid}`
pub(crate) fn set(
    state: &mut State,
    uuid: &[String],
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either(asked(state, uuid, request, caller, now))
}

fn asked(
    state: &mut State,
    uuid: &[String],
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Result<Answer, Refused> {
    let uuid = known(state, uuid)?;
    let body = order::object(request)?;
    let pace = match order::query_word(request, "synchronous", &["true", "false"])? {
        Some("true") => Pace::AtOnce,
        _ => Pace::Usual,
    };
    if let Some(power) = order::word(&body, "powerState", &STATES)? {
        let errand = Errand::to(Kind::Power, &uuid, power);
        return start(state, errand, caller, pace, now);
    }
    if body.get("refreshInventory").is_some() {
        let errand = Errand::to(Kind::Inventory, &uuid, "");
        return start(state, errand, caller, pace, now);
    }
    if let Some(lights) = order::list(&body, "leds")? {
        return switch(state, &uuid, lights);
    }
    if let Some(boot) = body.get("bootOrder") {
        if !boot.is_object() {
            return Err(order::bad("The attribute `bootOrder` is not an object."));
        }
        state.site.set("nodes", &uuid, &[("bootOrder", boot.clone())]);
        return Ok(order::done_flat("The boot order was changed."));
    }
    properties(state, &uuid, &body)
}

/// `PUT /nodes/{uuid}/bmc`
pub(crate) fn controller(
    state: &mut State,
    uuid: &str,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        let uuid = known(state, &[uuid.to_owned()])?;
        let body = order::object(request)?;
        if order::word(&body, "powerState", &["restart"])?.is_none() {
            return Ok(order::done());
        }
        start(state, Errand::to(Kind::Controller, &uuid, "restart"), caller, Pace::Usual, now)
    })())
}

/// The uuid of the server, as the site writes it.
fn known(state: &State, keys: &[String]) -> Result<String, Refused> {
    let found = match keys {
        [uuid] => state.site.find("nodes", uuid).and_then(|node| node.text_at("/uuid")),
        _ => None,
    };
    found.ok_or_else(|| order::unknown("No server has the uuid that the path names."))
}

/// Starts a job, and names it in a header.
fn start(
    state: &mut State,
    errand: Errand,
    caller: &Caller,
    pace: Pace,
    now: Timestamp,
) -> Result<Answer, Refused> {
    order::room_for_a_job(state)?;
    let phantom = match errand.kind {
        Kind::Power => state.has(Fault::PowerStartsNothing),
        _ => state.has(Fault::ControllerStartsNothing),
    };
    let id = if phantom {
        jobs::phantom(state)
    } else {
        jobs::start_paced(state, Work::Errand(errand), &caller.user, pace, now)
    };
    Ok(order::done().with_header("Location", format!("/jobs/{id}")))
}

/// Switches lights.
fn switch(state: &mut State, uuid: &str, lights: &[Value]) -> Result<Answer, Refused> {
    let there = state.site.find("nodes", uuid).and_then(|node| node.value("/leds"));
    let mut there = there.unwrap_or_default();
    if lights.is_empty() {
        return Err(order::bad("The attribute `leds` names no light."));
    }
    for light in lights {
        let light = order::item(light, "leds")?;
        let name = order::needed(order::text(light, "name")?, "name")?;
        let how = order::needed(order::word(light, "state", &["On", "Off", "Blinking"])?, "state")?;
        let mut known = there.as_array_mut().into_iter().flatten();
        match known.find(|known| known["name"] == name) {
            Some(known) => known["state"] = how.into(),
            // The one that every client asks for is there, whether the inventory lists it or not.
            None if name == IDENTIFY => {}
            None => return Err(order::bad(format!("The server has no light `{name}`."))),
        }
    }
    if !state.has(Fault::LightsDoNothing) {
        state.site.set("nodes", uuid, &[("leds", there)]);
    }
    Ok(order::done_flat("The state of the lights was changed."))
}

/// Sets properties.
fn properties(state: &mut State, uuid: &str, body: &Map<String, Value>) -> Result<Answer, Refused> {
    if !PROPERTIES.iter().any(|name| body.contains_key(*name)) {
        return Err(order::bad("The request names nothing that can be changed."));
    }
    let mut changes = Vec::new();
    for name in ["cmmDisplayName", "contact", "hostname"] {
        // The name of a management module belongs to a chassis; a server has none to change.
        if let Some(text) = order::text(body, name)?.filter(|_| name != "cmmDisplayName") {
            changes.push((name, text.into()));
        }
    }
    for interface in order::list(body, "ipInterfaces")?.unwrap_or_default() {
        let interface = order::item(interface, "ipInterfaces")?;
        order::needed(order::text(interface, "name")?, "name")?;
        order::flag(interface, "IPv4enabled")?;
        order::flag(interface, "IPv6enabled")?;
        order::text(interface, "IPv4DHCPmode")?;
    }
    if let Some(place) = body.get("location") {
        let place = place
            .as_object()
            .ok_or_else(|| order::bad("The attribute `location` is not an object."))?;
        let there = state.site.find("nodes", uuid).and_then(|node| node.value("/location"));
        let mut there = there.unwrap_or_default();
        for (name, value) in place {
            there[name] = value.clone();
        }
        changes.push(("location", there));
    }
    state.site.set("nodes", uuid, &changes);
    Ok(order::done_flat("The properties of the server were changed."))
}
