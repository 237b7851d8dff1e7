//! Compliance: the policies, and what is known of devices under them.
//!
//! Knows the query parameters and the kinds of rows. Must not know how firmware is updated.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::request::Request;
use super::super::misbehave::fault::Fault;
use super::super::site::element::Element;
use super::auth::Caller;
use super::errand::{Errand, Kind, Part, Target};
use super::jobs::{self, Pace};
use super::order::{self, Refused};
use super::state::State;
use super::things::{Job, Work};

fn rows(state: &State, collection: &str) -> Vec<Value> {
    state.site.collection(collection).elements().iter().map(Element::kept).collect()
}

fn asked<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query(name).filter(|value| !value.is_empty())
}

/// `GET /compliancePolicies`; basic information unless all of it is asked for.
pub(crate) fn list(state: &State, request: &Request) -> Answer {
    order::either((|| {
        let full = order::query_word(request, "basic_full", &["basic", "full"])? == Some("full");
        order::query_word(request, "refresh", &["true", "false"])?;
        let mut policies = rows(state, "policies");
        for policy in policies.iter_mut().filter(|_| !full) {
            if let Some(members) = policy.as_object_mut() {
                members.remove("details");
            }
        }
        Ok(Answer::json(200, Body::Other, json!({ "policies": policies })))
    })())
}

/// The members of a row that hold devices of a type.
const TYPES: [(&str, &[&str]); 6] = [
    ("CHASSIS", &["chassis"]),
    ("CMM", &["cmms"]),
    ("IOSwitch", &["switches"]),
    ("RACKSWITCH", &["rackswitchlist"]),
    ("SERVER", &["racklist", "xITEs"]),
    ("STORAGE", &["storagelist"]),
];

/// `GET /compliancePolicies/persistedResult`
pub(crate) fn results(state: &State, request: &Request) -> Answer {
    order::either((|| {
        let words = TYPES.map(|(word, _)| word);
        let kind = order::query_word(request, "type", &words)?;
        let members = TYPES.iter().find(|(word, _)| Some(*word) == kind).map(|(_, names)| *names);
        let mut all = rows(state, "policyResults");
        if !state.has(Fault::PolicyResultsOfAll) {
            all.retain(|row| {
                members.is_none_or(|names| names.iter().any(|name| row.get(name).is_some()))
            });
            if let Some(uuid) = asked(request, "uuid") {
                all.retain_mut(|row| keeps(row, uuid));
            }
            if let Some(complex) = asked(request, "complexid") {
                all.retain(|row| {
                    let mut list = row["complexlist"].as_array().into_iter().flatten();
                    list.any(|entry| entry.get(complex).is_some())
                });
            }
        }
        Ok(Answer::json(200, Body::Other, json!({ "all": all })))
    })())
}

/// Leaves of a row what is about a device; false if nothing is. A row of a chassis is about all
/// that is in it.
fn keeps(row: &mut Value, uuid: &str) -> bool {
    let is_it = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(uuid));
    if row.get("chassis").is_some_and(is_it) {
        return true;
    }
    let mut found = false;
    for list in row.as_object_mut().into_iter().flat_map(|row| row.values_mut()) {
        if let Some(devices) = list.as_array_mut() {
            devices.retain(|device| device.get("uuid").is_some_and(is_it));
            found |= !devices.is_empty();
        }
    }
    found
}

/// `POST /compliancePolicies/compareResult`: assigns policies to devices.
///
/// The table of the page calls a member `policyname`, and its example `policyName`; either will do.
pub(crate) fn assign(
    state: &mut State,
    request: &Request,
    caller: &Caller,
    now: Timestamp,
) -> Answer {
    order::either((|| {
        let body = order::object(request)?;
        let wanted = order::needed(order::list(&body, "compliance")?, "compliance")?;
        if wanted.is_empty() {
            return Err(order::bad("The attribute `compliance` names no device."));
        }
        let (mut targets, mut waits) = (Vec::new(), true);
        for one in wanted {
            let one = order::item(one, "compliance")?;
            order::flag(one, "autoAssign")?;
            waits &= order::flag(one, "keep")? != Some(false);
            targets.push(assigned(state, one)?);
        }
        order::room_for_a_job(state)?;
        let tasks: Vec<Value> = targets
            .iter()
            .enumerate()
            .map(|(place, target)| json!({ "taskid": place, "uuid": *target.id }))
            .collect();
        let id = if state.has(Fault::AssignStartsNothing) {
            jobs::phantom(state)
        } else {
            let errand = Errand { kind: Kind::Assign, targets, detail: String::new() };
            let pace = if waits { Pace::AtOnce } else { Pace::Usual };
            jobs::start_paced(state, Work::Errand(errand), &caller.user, pace, now)
        };
        // A number here, and a text where the job is read.
        let id = id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number));
        let body = json!({
            "errorDetail": [],
            "errorMessage": "",
            "message": [{ "jobid": id, "tasks": tasks }],
            "status": "success",
        });
        Ok(Answer::json(200, Body::Other, body))
    })())
}

/// The types of devices to which a policy can be assigned.
const ASSIGNED: [&str; 6] = ["CMM", "IOSwitch", "SWITCH", "SERVER", "STORAGE", "xITE"];

/// A device and the policy that it is to get.
fn assigned(state: &State, one: &Map<String, Value>) -> Result<Target, Refused> {
    let policy = order::text(one, "policyname")?.or(order::text(one, "policyName")?);
    let policy = order::needed(policy, "policyname")?;
    order::needed(order::word(one, "type", &ASSIGNED)?, "type")?;
    let uuid = order::needed(order::text(one, "uuid")?, "uuid")?;
    if !rows(state, "policies").iter().any(|known| known["name"] == policy) {
        return Err(order::bad(format!("No policy is called {policy}.")));
    }
    if !rows(state, "policyResults").iter_mut().any(|row| keeps(row, uuid)) {
        return Err(order::bad(format!("No device has the uuid {uuid}.")));
    }
    let part = Part { component: policy.into(), package: None };
    Ok(Target { list: "".into(), id: uuid.into(), parts: vec![part] })
}

/// What is told of a job that assigned policies.
fn told(state: &State, job: &Job, errand: &Errand, now: Timestamp) -> Value {
    let ended = !job.is_active();
    let known = rows(state, "policyResults");
    let firmware = |uuid: &str| {
        let lists = known.iter().filter_map(Value::as_object).flat_map(Map::values);
        let mut devices = lists.filter_map(Value::as_array).flatten();
        devices
            .find(|device| device["uuid"] == *uuid)
            .map(|device| device["targetFirmware"].clone())
    };
    let result: Vec<Value> = errand
        .targets
        .iter()
        .enumerate()
        .map(|(place, target)| {
            json!({
                "endpointCompliant": if ended { "no" } else { "" },
                "message": [],
                "status": if ended { "finished" } else { "running" },
                "targetFirmware": firmware(&target.id).unwrap_or_else(|| json!([])),
                "taskid": place.to_string(),
                "uuid": *target.id,
            })
        })
        .collect();
    json!({
        "aggregate": [],
        "assignCount": result.len(),
        "failedCount": 0,
        "failedDevices": [],
        "jobid": job.id,
        "percentage": job.percentage(now),
        "result": result,
        "status": if ended { "finished" } else { "running" },
    })
}

/// `GET /compliancePolicies/compareResult`
pub(crate) fn compare(state: &State, request: &Request, now: Timestamp) -> Answer {
    order::either((|| {
        let missing = |name: &str| order::bad(format!("The query parameter `{name}` is missing."));
        let job = request.query("jobid").ok_or_else(|| missing("jobid"))?;
        let uuid = request.query("uuid").ok_or_else(|| missing("uuid"))?;
        let started = state.jobs.iter().find_map(|known| match &known.work {
            Work::Errand(errand) if errand.kind == Kind::Assign && known.id == job => {
                Some(told(state, known, errand, now))
            }
            _ => None,
        });
        let earlier = || state.site.find("compareResults", job).map(Element::kept);
        let mut body = started
            .or_else(earlier)
            .ok_or_else(|| order::bad("No comparison has the id that `jobid` names."))?;
        // The page takes null, and nothing, for all devices.
        if !["", "null"].contains(&uuid)
            && let Some(devices) = body["result"].as_array_mut()
        {
            devices.retain(|device| {
                device["uuid"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(uuid))
            });
        }
        Ok(Answer::json(200, Body::Other, body))
    })())
}

/// `GET /compliancePolicies/applicableFirmware`
pub(crate) fn firmware(state: &State, request: &Request) -> Answer {
    order::either(applicable(state, request))
}

fn applicable(state: &State, request: &Request) -> Result<Answer, Refused> {
    order::query_word(request, "refresh", &["true", "false"])?;
    let payload = order::query_word(request, "hasPayload", &["true", "false"])? == Some("true");
    let mut devices = rows(state, "applicableFirmware");
    if let Some(uuids) = asked(request, "uuids") {
        devices.retain(|device| {
            let known = device["uuid"].as_str().unwrap_or_default();
            uuids.split(',').any(|uuid| uuid.trim().eq_ignore_ascii_case(known))
        });
    }
    if payload {
        for components in
            devices.iter_mut().filter_map(|it| it["applicableFirmware"].as_array_mut())
        {
            components.retain(|row| row["available"].as_array().is_some_and(|it| !it.is_empty()));
        }
    }
    Ok(Answer::json(200, Body::Other, json!({ "componentTypes": devices })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_row_only_the_device_is_kept_and_a_chassis_is_kept_whole() {
        let device = |uuid: &str| json!({ "uuid": uuid });
        let row = json!({ "chassis": "C", "xITEs": [device("A"), device("B")], "message": {} });
        let kept = |uuid: &str| {
            let mut row = row.clone();
            keeps(&mut row, uuid).then_some(row)
        };
        assert_eq!(kept("c"), Some(row.clone()));
        assert_eq!(kept("b").map(|row| row["xITEs"].clone()), Some(json!([device("B")])));
        assert_eq!(kept("D"), None);
    }
}
