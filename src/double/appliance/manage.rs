//! Taking devices under management, and out of it: the requests, and what is told of its job.
//!
//! Knows what the requests must have, and the form in which such a job is told. Must not know how a
//! job advances.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::auth::Caller;
use super::effects;
use super::errand::{Errand, Kind, Target};
use super::jobs;
use super::order::{self, Refused};
use super::state::State;
use super::things::{End, Job, Work};

/// `POST /manageRequest`
pub(crate) fn start(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        order::query_word(request, "discovery", &["true", "false"])?;
        let body = order::json(request)?;
        let mut addresses = Vec::new();
        for device in devices(&body)? {
            addresses.extend(address(device)?);
        }
        order::room_for_a_job(state)?;
        let id = if state.has(Fault::ManageStartsNothing) {
            jobs::phantom(state)
        } else {
            let work = Work::Errand(Errand::to_all(Kind::Manage, &addresses, ""));
            jobs::start(state, work, &caller.user, now)
        };
        let accepted = order::done_flat(&id);
        Ok(accepted.with_header("Location", format!("/manageRequest/jobs/{id}")))
    })())
}

/// The devices of a request: the clients send a list, and the table of the page is that of one.
pub(crate) fn devices(body: &Value) -> Result<Vec<&Map<String, Value>>, Refused> {
    let devices = match body {
        Value::Array(devices) => {
            devices.iter().map(|device| order::item(device, "devices")).collect::<Result<_, _>>()?
        }
        Value::Object(device) => vec![device],
        _ => return Err(order::bad("The request body is neither a device nor a list of devices.")),
    };
    if devices.is_empty() {
        return Err(order::bad("The request names no device."));
    }
    Ok(devices)
}

/// The first address of a device that is to be managed.
fn address(device: &Map<String, Value>) -> Result<Option<&str>, Refused> {
    let addresses = order::needed(order::texts(device, "ipAddresses")?, "ipAddresses")?;
    if addresses.is_empty() {
        return Err(order::bad("The attribute `ipAddresses` names no address."));
    }
    for name in ["enableHttps", "forceManage"] {
        order::flag(device, name)?;
    }
    for name in ["enablePassword", "username", "password", "recoveryPassword", "type", "uuid"] {
        order::text(device, name)?;
    }
    order::list(device, "managementPorts")?;
    let stored = device.get("securityDescriptor").and_then(|it| it.get("storedCredentials"));
    if stored.is_none() {
        order::needed(device.get("username"), "username")?;
        order::needed(device.get("password"), "password")?;
    }
    Ok(addresses.first().copied())
}

/// `POST /unmanageRequest`
pub(crate) fn unmanage(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        let body = order::object(request)?;
        order::flag(&body, "forceUnmanage")?;
        let endpoints = order::needed(order::list(&body, "endpoints")?, "endpoints")?;
        if endpoints.is_empty() {
            return Err(order::bad("The attribute `endpoints` names no device."));
        }
        let mut targets = Vec::new();
        for endpoint in endpoints {
            targets.push(managed(state, order::item(endpoint, "endpoints")?)?);
        }
        order::room_for_a_job(state)?;
        let id = if state.has(Fault::UnmanageStartsNothing) {
            jobs::phantom(state)
        } else {
            let errand = Errand { kind: Kind::Unmanage, targets, detail: String::new() };
            jobs::start(state, Work::Errand(errand), &caller.user, now)
        };
        let accepted = order::done_flat(&id);
        Ok(accepted.with_header("Location", format!("/unmanageRequest/jobs/{id}")))
    })())
}

/// The device that an endpoint of a request to unmanage means. Chassis, servers, switches and
/// storage are told apart by the words of the page.
fn managed(state: &State, endpoint: &Map<String, Value>) -> Result<Target, Refused> {
    let addresses = order::needed(order::texts(endpoint, "ipAddresses")?, "ipAddresses")?;
    if addresses.is_empty() {
        return Err(order::bad("The attribute `ipAddresses` names no address."));
    }
    let kind = order::needed(order::word(endpoint, "type", &TYPES)?, "type")?;
    let uuid = order::needed(order::text(endpoint, "uuid")?, "uuid")?;
    let list = effects::of_type(kind).unwrap_or_default();
    let uuid =
        state.site.find(list, uuid).and_then(|device| device.text_at("/uuid")).ok_or_else(
            || order::bad(format!("No device of the type {kind} has the uuid {uuid}.")),
        )?;
    Ok(Target { list: list.into(), id: uuid.into(), parts: Vec::new() })
}

/// The types of devices that can be unmanaged.
const TYPES: [&str; 7] = [
    "Chassis",
    "Edge Server",
    "IBM Tape",
    "Lenovo Storage",
    "Lenovo ThinkServer",
    "Rack-Tower Server",
    "Rackswitch",
];

/// `GET /manageRequest/jobs/{job_id}`
pub(crate) fn get(state: &State, id: &str, now: Timestamp) -> Answer {
    job(state, Kind::Manage, "manageJobs", id, now)
}

/// `GET /unmanageRequest/jobs/{job_id}`
pub(crate) fn unmanage_get(state: &State, id: &str, now: Timestamp) -> Answer {
    job(state, Kind::Unmanage, "unmanageJobs", id, now)
}

/// A job of this kind, or one that ended before the double began.
fn job(state: &State, kind: Kind, collection: &str, id: &str, now: Timestamp) -> Answer {
    let is_it = |job: &&Job| {
        job.id == id && matches!(&job.work, Work::Errand(errand) if errand.kind == kind)
    };
    match state.jobs.iter().find(is_it) {
        Some(job) => Answer::json(200, Body::Other, view(job, now)),
        None => earlier(state, collection, id),
    }
}

/// A job that ended before the double began.
fn earlier(state: &State, collection: &str, id: &str) -> Answer {
    let Some(job) = state.site.find(collection, id) else {
        return *order::unknown("No such job has the id that the path names.");
    };
    let mut body = job.kept();
    if let Some(members) = body.as_object_mut() {
        members.remove("id");
    }
    Answer::json(200, Body::Other, body)
}

/// Where the texts come from, as the page has it.
const BUNDLE: &str = "com.lenovo.lxca.discovery.bundle.tasks.messages";

const INVENTORY: &str = "1009";

/// The steps of a job, each with the percentage at which it has ended.
const STEPS: &[(&str, &str, f64)] = &[
    ("1000", "Starting", 10.0),
    ("1003", "Login", 40.0),
    (INVENTORY, "Inventory", 80.0),
    ("1010", "Configuration", 100.0),
];

/// Those of a job that takes a device out of management.
const LEAVING: &[(&str, &str, f64)] = &[("1097", "Network", 50.0), ("1099", "Removing", 100.0)];

fn view(job: &Job, now: Timestamp) -> Value {
    let Work::Errand(errand) = &job.work else { return Value::Null };
    // A percentage is small, so nothing is lost.
    let progress = f64::from(i32::try_from(job.percentage(now)).unwrap_or(100));
    let leaves = errand.kind == Kind::Unmanage;
    let (result, short, long) = match job.ended {
        None => ("INCOMPLETE", "Incomplete", "The job has not ended yet."),
        Some((End::Complete, _)) if leaves => {
            ("SUCCESS", "Unmanaged", "The device is not managed any more.")
        }
        Some(_) if leaves => ("OTHER_FAIL", "Failed", "The device was not managed."),
        Some((End::Complete, _)) => ("SUCCESS", "Managed", "The device is managed now."),
        Some(_) => ("OTHER_FAIL", "Failed", "No device answers at the address."),
    };
    let spent = job.ended.map_or(now, |(_, at)| at).duration_since(job.started).as_millis();
    let failed = job.ended.is_some() && result != "SUCCESS";
    let steps: Vec<Value> = if leaves { LEAVING } else { STEPS }
        .iter()
        .scan(0.0, |before, (id, name, until)| {
            let row = step(id, name, *before, *until, progress, failed);
            *before = *until;
            Some(row)
        })
        .collect();
    let device = |(place, target): (usize, &Target)| {
        json!({
            "messageBundle": BUNDLE,
            "messageID": if leaves { "0510_LONG" } else { "0509_LONG" },
            "messageAttributes": *target.id,
            "messageParameters": *target.id,
            "progress": progress,
            "result": result,
            "resultShortDescription": short,
            "resultLongDescription": long,
            "status": {
                "state": job.status(now),
                "percentage": progress,
                "description": [{ "messageBundle": BUNDLE, "messageID": "1014_LONG" }],
                "substatus": steps,
            },
            "taskid": place,
            "time_spent": i64::try_from(spent).unwrap_or_default(),
            // Of a device that is to be managed, only its address is known.
            "uuid": if leaves { &*target.id } else { "" },
        })
    };
    json!({
        "progress": progress,
        "result": if job.ended.is_some() { 100 } else if progress > 0.0 { 50 } else { 0 },
        "status": if result == "SUCCESS" { "COMPLETE" } else { "INCOMPLETE" },
        "results": errand.targets.iter().enumerate().map(device).collect::<Vec<_>>(),
    })
}

/// One step of a job that is so far.
fn step(id: &str, name: &str, from: f64, until: f64, progress: f64, failed: bool) -> Value {
    let done = progress >= until;
    // What fails does so in its last step.
    let stopped = failed && until >= 100.0;
    let begun = progress >= from && progress > 0.0;
    let percentage = if done { 100.0 } else { 0.0 };
    // The inventory is taken part by part, and the parts are told in the form of steps.
    let parts: Vec<Value> = match id {
        INVENTORY => vec![step("1009.1", "Firmware", from, until, progress, failed)],
        _ => Vec::new(),
    };
    let state = if stopped {
        "Stopped_With_Error"
    } else if done {
        "Complete"
    } else if begun {
        "Running"
    } else {
        "Pending"
    };
    json!({
        "id": id,
        "messageBundle": BUNDLE,
        "messageID": format!("{id}_SHORT"),
        "shortDescription": name,
        "longDescription": format!("{name} of the device"),
        "started": begun,
        "completed": done,
        "progress": percentage,
        "userAction": "",
        "status": {
            "state": state,
            "percentage": percentage,
            "description": [{ "messageBundle": BUNDLE, "messageID": format!("{id}_LONG") }],
            "substatus": parts,
        },
    })
}
