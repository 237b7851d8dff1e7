//! Updates of the firmware of devices: what can be updated, how far it is, and the request.
//!
//! Knows what a request must have, and the two forms of the list. Must not know what an update
//! changes.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::errors::{self, Shape};
use super::super::http::request::Request;
use super::super::site::element::Element;
use super::auth::Caller;
use super::effects;
use super::errand::{Errand, Kind, Part, Target};
use super::jobs;
use super::order::{self, Refused};
use super::state::State;
use super::things::{End, Job, Work};

/// The lists of devices, in the order of the page.
const LISTS: [&str; 4] = ["CMMList", "ServerList", "StorageList", "SwitchList"];

/// The power states that this request knows: the vendor's client documents them.
const POWER_STATES: [&str; 6] = [
    "powerOn",
    "powerOff",
    "powerCycleSoft",
    "powerCycleSoftGraceful",
    "powerOffHardGraceful",
    "reset",
];

/// `GET /updatableComponents`; without `action` as with `applyStatus`, which is how the vendor's
/// client asks for the state of updates.
pub(crate) fn get(state: &State, request: &Request, now: Timestamp) -> Answer {
    let action = match order::query_word(request, "action", &["getComponents", "applyStatus"]) {
        Ok(action) => action,
        Err(refused) => return *refused,
    };
    let mut body = informational();
    if action == Some("getComponents") {
        body["DeviceList"] = LISTS.iter().map(|list| updatable(state, list)).collect();
    } else {
        let lists = progress(state, now);
        body["UpdateStatusMetrics"] = metrics(&lists, state);
        body["DeviceList"] = Value::Array(lists);
    }
    Answer::json(200, Body::Other, body)
}

/// What stands around lists of updates.
pub(crate) fn informational() -> Value {
    let success = errors::success();
    json!({
        "result": "informational",
        "messages": [{ "id": success.id, "text": success.text }],
    })
}

/// The devices of a list, and which of their components can be updated.
fn updatable(state: &State, list: &str) -> Value {
    let devices = state.site.collection(effects::collection(list).unwrap_or_default());
    let devices = devices.elements().iter().map(|device| {
        let firmware = device.value("/firmware").unwrap_or_default();
        let mut names: Vec<&str> = firmware
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|row| row["name"].as_str())
            .collect();
        names.dedup();
        // The page has one name for a management module, and a list for a server.
        let names = if list == "CMMList" {
            json!(names.first().copied().unwrap_or("CMM"))
        } else {
            json!(names)
        };
        json!({ "uuid": device.text_at("/uuid").unwrap_or_default(), "componentName": names })
    });
    json!({ list: devices.collect::<Vec<_>>() })
}

/// The lists of devices with their updates: those before the double began, and its own.
fn progress(state: &State, now: Timestamp) -> Vec<Value> {
    let earlier = state.site.collection("updateStatus").elements().iter().map(Element::kept);
    let mut lists: Vec<Value> = earlier.collect();
    for job in &state.jobs {
        let Work::Errand(errand) = &job.work else { continue };
        if errand.kind != Kind::Update {
            continue;
        }
        for (place, target) in errand.targets.iter().enumerate() {
            let device = status(job, target, place, now);
            match lists.iter_mut().find_map(|list| list.get_mut(&*target.list)) {
                Some(Value::Array(devices)) => devices.push(device),
                _ => lists.push(json!({ (&*target.list): [device] })),
            }
        }
    }
    lists
}

/// How far the update of one device is.
fn status(job: &Job, target: &Target, place: usize, now: Timestamp) -> Value {
    let (phase, how, what) = match job.ended {
        Some((End::Complete, _)) => ("Complete", "Complete", "Success"),
        Some((End::Cancelled, _)) => ("Complete", "Complete", "Canceled"),
        Some((End::Failed, _)) => ("Complete", "Complete", "Failed"),
        None if job.status(now) == "Pending" => ("Queued", "NotStarted", "Queued"),
        None => ("Applying", "InProgress", "Active"),
    };
    let percentage = job.percentage(now);
    let mut status = json!({
        "JobID": number(&job.id),
        "TaskID": place + 1,
        "PercentComplete": percentage,
        "Phase": phase,
        "State": how,
        "Status": what,
        "StartTime": blank(job.started),
    });
    if let Some((_, at)) = job.ended {
        status["EndTime"] = blank(at).into();
    }
    if &*target.list != "ServerList" {
        return json!({ "UUID": *target.id, "UpdateStatus": status });
    }
    let all = target.parts.len();
    let rows = target.parts.iter().map(|part| {
        let mut status = status.clone();
        status["CurrentComponent"] = json!({ "Component": *part.component });
        status["TotalComponents"] = all.into();
        status["TotalComplete"] = if job.ended.is_some() { all } else { 0 }.into();
        json!({ "Component": *part.component, "UpdateStatus": status, "Weight": 1 })
    });
    json!({ "UUID": *target.id, "Components": rows.collect::<Vec<_>>() })
}

/// A moment as these lists write it: with a blank and milliseconds, and without a zone.
fn blank(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S.%3f").to_string()
}

/// The id of a job as the number that these lists have.
fn number(id: &str) -> u64 {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or_default()
}

/// The counts over all updates.
fn metrics(lists: &[Value], state: &State) -> Value {
    let devices = || {
        lists
            .iter()
            .filter_map(Value::as_object)
            .flat_map(Map::values)
            .filter_map(Value::as_array)
            .flatten()
    };
    let of = |device: &Value| -> Vec<Value> {
        let status = |holder: &Value| holder.get("UpdateStatus").cloned();
        match device.get("Components") {
            Some(Value::Array(rows)) => rows.iter().filter_map(status).collect(),
            _ => status(device).into_iter().collect(),
        }
    };
    let updates: Vec<Value> = devices().flat_map(of).collect();
    let count = |name: &str, words: &[&str]| {
        updates.iter().filter(|update| words.iter().any(|word| update[name] == *word)).count()
    };
    let devices_with = |word: &str| {
        devices().filter(|device| of(device).iter().any(|update| update["State"] == word)).count()
    };
    let mut jobs: Vec<u64> = updates.iter().filter_map(|update| update["JobID"].as_u64()).collect();
    jobs.sort_unstable();
    jobs.dedup();
    let running = |id: &u64| state.jobs.iter().any(|job| job.is_active() && number(&job.id) == *id);
    let active = jobs.iter().filter(|id| running(id)).count();
    let ready = devices().filter(|device| device.get("ReadinessCheck").is_some()).count();
    json!({
        "TotaldeviceUpdates": devices().count(),
        "TotaldeviceUpdatesActive": devices_with("InProgress"),
        "TotaldeviceUpdatesInProgress": devices_with("InProgress"),
        "TotaldeviceUpdatesComplete": devices_with("Complete"),
        "TotalJobs": jobs.len(),
        "TotalJobsComplete": jobs.len() - active,
        "TotalJobsInProgress": active,
        "TotalJobsPercentComplete": (jobs.len() - active) * 100 / jobs.len().max(1),
        "TotalSupportTasks": ready,
        "TotalSupportTasksActive": 0,
        "TotalTasks": updates.len() + ready,
        "TotalTasksBlocked": count("State", &["Blocked"]),
        "TotalTasksCanceled": count("Status", &["Canceled"]),
        "TotalTasksComplete": count("State", &["Complete"]) + ready,
        "TotalTasksFailed": count("Status", &["Failed"]),
        "TotalTasksInProgress": count("State", &["InProgress"]),
        "TotalTasksSuccess": count("Status", &["Success"]),
        "TotalUpdateTasks": updates.len(),
        "TotalUpdateTasksActive": count("State", &["InProgress"]),
    })
}

/// `PUT /updatableComponents`
pub(crate) fn update(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        let errand = asked(state, request)?;
        order::room_for_a_job(state)?;
        if errand.detail == "cancelApply" {
            for id in under_way(state, &errand) {
                jobs::cancel(state, &id, &caller.user, now);
            }
        } else {
            jobs::start(state, Work::Errand(errand), &caller.user, now);
        }
        let message = errors::success().entry(Shape::Plural);
        Ok(Answer::json(200, Body::Other, json!({ "result": "success", "messages": [message] })))
    })())
}

/// The jobs that update one of the devices.
fn under_way(state: &State, errand: &Errand) -> Vec<String> {
    let same = |other: &Errand| {
        let named = |target: &Target| errand.targets.iter().any(|named| named.id == target.id);
        other.kind == Kind::Update && other.targets.iter().any(named)
    };
    let is_it =
        |job: &&Job| job.is_active() && matches!(&job.work, Work::Errand(other) if same(other));
    state.jobs.iter().filter(is_it).map(|job| job.id.clone()).collect()
}

fn asked(state: &State, request: &Request) -> Result<Errand, Refused> {
    let actions = ["apply", "applyBundle", "cancelApply", "powerState"];
    let action = order::query_word(request, "action", &actions)?
        .ok_or_else(|| order::bad("The query parameter `action` is missing."))?;
    order::query_word(request, "activationMode", &["immediate", "delayed", "prioritized"])?;
    order::query_word(request, "forceUpdateMode", &["true", "false"])?;
    let body = order::object(request)?;
    let lists = order::needed(order::list(&body, "DeviceList")?, "DeviceList")?;
    let (mut targets, mut power) = (Vec::new(), None);
    for lists in lists {
        let lists = order::item(lists, "DeviceList")?;
        for list in LISTS {
            for device in order::list(lists, list)?.unwrap_or_default() {
                let device = order::item(device, list)?;
                targets.push(target(state, list, device, action)?);
                if action == "powerState" {
                    let word = order::word(device, "PowerState", &POWER_STATES)?;
                    power = Some(order::needed(word, "PowerState")?);
                }
            }
        }
    }
    if targets.is_empty() {
        return Err(order::bad("The attribute `DeviceList` names no device."));
    }
    let detail = power.map_or_else(|| action.to_owned(), |power| format!("{action} {power}"));
    Ok(Errand { kind: Kind::Update, targets, detail })
}

fn target(
    state: &State,
    list: &str,
    device: &Map<String, Value>,
    action: &str,
) -> Result<Target, Refused> {
    let uuid = order::needed(order::text(device, "UUID")?, "UUID")?;
    let known = effects::collection(list).and_then(|devices| state.site.find(devices, uuid));
    let uuid = known
        .and_then(|device| device.text_at("/uuid"))
        .ok_or_else(|| order::bad(format!("`{list}` has no device with the UUID {uuid}.")))?;
    let components = order::list(device, "Components")?;
    if ["apply", "cancelApply"].contains(&action) {
        order::needed(components, "Components")?;
    }
    let mut parts = Vec::new();
    for component in components.unwrap_or_default() {
        let component = order::item(component, "Components")?;
        let name = order::needed(order::text(component, "Component")?, "Component")?;
        let package = order::text(component, "Fixid")?;
        parts.push(Part { component: name.into(), package: package.map(Into::into) });
    }
    Ok(Target { list: list.into(), id: uuid.into(), parts })
}
