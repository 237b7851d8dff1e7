//! What a job for devices has changed when it has ended.
//!
//! Knows where the site shows it. Must not know how the job was asked for.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::misbehave::fault::Fault;
use super::super::site::element::Element;
use super::errand::{Errand, Kind, Target};
use super::state::State;

/// Does what an errand was for, at the moment at which its job ends; false if it couldn't be done.
pub(crate) fn carry_out(state: &mut State, errand: &Errand, at: Timestamp) -> bool {
    match errand.kind {
        Kind::Power => power(state, errand.first(), &errand.detail),
        Kind::Update => errand.targets.iter().all(|target| update(state, target, &errand.detail)),
        Kind::Repository => {
            repository(state, errand, at);
            true
        }
        Kind::Manage => errand.targets.iter().all(|target| manage(state, &target.id)),
        Kind::Unmanage => errand.targets.iter().all(|target| unmanage(state, target)),
        Kind::Assign => errand.targets.iter().all(|target| assign(state, target)),
        Kind::Discover | Kind::Controller | Kind::Inventory | Kind::Collect => true,
    }
}

/// What `powerStatus` is of a server that runs, and of one that doesn't.
const ON: u64 = 8;
const OFF: u64 = 5;

fn power(state: &mut State, uuid: &str, action: &str) -> bool {
    let Some(node) = state.site.find("nodes", uuid) else { return false };
    let status = match action {
        _ if state.has(Fault::PowerDoesNothing) => return true,
        // A server that is interrupted goes on.
        "powerNMI" => return true,
        "powerOff" | "powerOffSoftGraceful" | "powerOffHardGraceful" => OFF,
        _ => ON,
    };
    let mut lights = node.value("/leds").unwrap_or_default();
    for light in lights.as_array_mut().into_iter().flatten().filter(|led| led["name"] == "Power") {
        light["state"] = if status == ON { "On" } else { "Off" }.into();
    }
    let changes = [("powerStatus", json!(status)), ("leds", lights)];
    state.site.set("nodes", uuid, &changes[..if changes[1].1.is_null() { 1 } else { 2 }])
}

/// The collection of the devices of a list in a request for updates.
pub(crate) fn collection(list: &str) -> Option<&'static str> {
    Some(match list {
        "CMMList" => "cmms",
        "ServerList" => "nodes",
        "StorageList" => "storage",
        "SwitchList" => "switches",
        _ => return None,
    })
}

/// The package of this id, as the list of firmware that applies has it.
pub(crate) fn package(state: &State, fixid: &str) -> Option<Value> {
    let devices = state.site.collection("applicableFirmware").elements().iter();
    devices.filter_map(|device| device.value("/applicableFirmware")).find_map(|components| {
        let components = components.as_array()?;
        let packages = components.iter().filter_map(|component| component["available"].as_array());
        packages.flatten().find(|package| package["fixid"] == fixid).cloned()
    })
}

fn update(state: &mut State, target: &Target, action: &str) -> bool {
    let Some(collection) = collection(&target.list) else { return false };
    if let Some(power_state) = action.strip_prefix("powerState ") {
        return collection != "nodes" || power(state, &target.id, power_state);
    }
    if action == "cancelApply" || state.has(Fault::UpdateDoesNothing) {
        return true;
    }
    let Some(device) = state.site.find(collection, &target.id) else { return false };
    let mut firmware = device.value("/firmware").unwrap_or_default();
    for part in &target.parts {
        let package = part.package.as_deref().and_then(|fixid| package(state, fixid));
        let Some(package) = package else { continue };
        let rows = firmware.as_array_mut().into_iter().flatten();
        for row in rows.filter(|row| row["name"] == *part.component) {
            row["version"] = package["version"].clone();
            row["build"] = package["buildNum"].clone();
            let date = package["releasedate"].as_str().unwrap_or_default();
            row["date"] = format!("{date}T00:00:00Z").into();
        }
    }
    firmware.is_null() || state.site.set(collection, &target.id, &[("firmware", firmware)])
}

fn repository(state: &mut State, errand: &Errand, at: Timestamp) {
    if state.has(Fault::RepositoryDoesNothing) {
        return;
    }
    let Some(element) = state.site.collection("repository").elements().first() else { return };
    let mut body = element.kept();
    let gone: Vec<&str> = errand.targets.iter().map(|target| &*target.id).collect();
    match errand.detail.as_str() {
        "refresh" | "refreshThenAcquire" => {
            body["lastRefreshed"] = at.strftime("%m-%d-%Y-%H:%M").to_string().into();
        }
        "delete" => prune(&mut body, &gone),
        _ => {}
    }
    state.site.replace("repository", &[body]);
}

/// Takes the rows of packages out of every list, at any depth.
fn prune(value: &mut Value, gone: &[&str]) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item["fixid"].as_str().is_some_and(|fixid| gone.contains(&fixid)));
            for item in items {
                prune(item, gone);
            }
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                prune(member, gone);
            }
        }
        _ => {}
    }
}

/// Takes a device that was discovered out of the list of those that aren't managed; false if none
/// answers at the address.
fn manage(state: &mut State, address: &str) -> bool {
    let Some(element) = state.site.collection("discovery").elements().first() else { return false };
    let mut found = element.kept();
    let mut managed = false;
    for list in found.as_object_mut().into_iter().flat_map(|lists| lists.values_mut()) {
        let Some(devices) = list.as_array_mut() else { continue };
        devices.retain(|device| {
            let mut addresses = device["ipAddresses"].as_array().into_iter().flatten();
            let is_it = addresses.any(|known| known == address);
            managed |= is_it;
            !is_it
        });
    }
    if managed && !state.has(Fault::ManageDoesNothing) {
        state.site.replace("discovery", &[found]);
    }
    managed
}

/// The collection of the devices of a type, in the words of a request to unmanage.
pub(crate) fn of_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Chassis" => "chassis",
        "Edge Server" | "Lenovo ThinkServer" | "Rack-Tower Server" => "nodes",
        "IBM Tape" | "Lenovo Storage" => "storage",
        "Rackswitch" => "switches",
        _ => return None,
    })
}

/// What a chassis takes with it.
const IN_CHASSIS: [&str; 7] =
    ["nodes", "switches", "cmms", "fans", "fanMuxes", "powerSupplies", "storage"];

/// Takes a device, and what stands in it, out of the lists of what is managed; false if it is gone
/// already. It is not among those that were discovered before somebody has looked anew.
fn unmanage(state: &mut State, target: &Target) -> bool {
    if state.site.find(&target.list, &target.id).is_none() {
        return false;
    }
    if state.has(Fault::UnmanageDoesNothing) {
        return true;
    }
    let is_it =
        |uuid: Option<String>| uuid.is_some_and(|uuid| uuid.eq_ignore_ascii_case(&target.id));
    let keep = |state: &mut State, collection: &str, pointer: &str| {
        let elements = state.site.collection(collection).elements();
        let left: Vec<Value> = elements
            .iter()
            .filter(|element| !is_it(element.text_at(pointer)))
            .map(Element::kept)
            .collect();
        if left.len() < elements.len() {
            state.site.replace(collection, &left);
        }
    };
    keep(state, &target.list, "/uuid");
    if &*target.list == "chassis" {
        for collection in IN_CHASSIS {
            keep(state, collection, "/parent/uuid");
        }
    }
    state.site.prune();
    true
}

/// Gives a device the policy that was asked for, wherever the results have the device; false if
/// they have it nowhere.
fn assign(state: &mut State, target: &Target) -> bool {
    if state.has(Fault::AssignDoesNothing) {
        return true;
    }
    let policy = target.parts.first().map(|part| part.component.to_string()).unwrap_or_default();
    let mut rows: Vec<Value> =
        state.site.collection("policyResults").elements().iter().map(Element::kept).collect();
    let lists = rows.iter_mut().filter_map(Value::as_object_mut).flat_map(|row| row.values_mut());
    let mut found = false;
    for device in lists.filter_map(Value::as_array_mut).flatten() {
        if device["uuid"].as_str().is_some_and(|uuid| uuid.eq_ignore_ascii_case(&target.id)) {
            device["policyName"] = policy.clone().into();
            found = true;
        }
    }
    state.site.replace("policyResults", &rows);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_package_go_wherever_they_stand() {
        let row = |fixid: &str| json!({ "fixid": fixid });
        let mut body =
            json!({ "updates": [row("a"), row("b")], "byType": [{ "updates": [row("a")] }] });
        prune(&mut body, &["a"]);
        assert_eq!(body, json!({ "updates": [row("b")], "byType": [{ "updates": [] }] }));
    }

    #[test]
    fn each_list_of_devices_is_one_of_a_collection() {
        for list in ["CMMList", "ServerList", "StorageList", "SwitchList"] {
            assert!(
                collection(list)
                    .is_some_and(|name| super::super::super::site::store::named(name).is_some())
            );
        }
        assert_eq!(collection("NodeList"), None);
    }
}
