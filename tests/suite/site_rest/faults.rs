//! The faults of changes, each of which shows.
//!
//! Knows: the core of the double, and the names of its faults. Must not know: schemas and cases.

use lxca_conform::double::{Fault, Request};
use serde_json::{Value, json};

use super::{Bench, RACK, assignment, leaving};

/// Each fault of a change, a request that it acts on, and what is wrong afterwards.
#[test]
fn each_fault_of_a_change_shows() {
    let power = json!({ "powerState": "powerOff" });
    for fault in Fault::OF_CHANGES.iter().map(|fault| fault.name()) {
        let outcome = |faults: &[&str]| {
            let mut bench = Bench::with(faults);
            let node = format!("/nodes/{}", bench.server());
            let uuid = bench.server();
            let address = bench.get("/discovery")["nodeList"][0]["ipAddresses"][0].clone();
            let package = bench.get("/compliancePolicies/applicableFirmware?hasPayload=true");
            let device = package["componentTypes"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|row| row["uuid"] == *uuid)
                .cloned()
                .expect("a row");
            let component = &device["applicableFirmware"][0];
            let parts = json!([{ "Component": component["name"],
                "Fixid": component["available"][0]["fixid"] }]);
            let fixid =
                bench.get("/updateRepositories/firmware?key=updates")["updates"][0]["fixid"]
                    .clone();
            let profile = format!(
                "/profiles/{}",
                bench.get("/profiles")["items"][0]["id"].as_str().expect("an id")
            );
            let light = bench.get(&node)["leds"][0]["name"].clone();
            let look = bench.get("/discovery?refresh=true");
            let strangers = Request::new("PUT", &node).with_body(power.to_string());
            bench.raw(&strangers);
            bench.raw(&strangers.clone().with_basic("OPERATOR", "PASSW0RD"));
            bench.send("PUT", &node, &json!({ "powerState": "powerMaybe" }));
            let refused = bench.state.jobs_started();
            for (method, path, body) in [
                ("PUT", &*node, power.clone()),
                ("PUT", &*node, json!({ "leds": [{ "name": light, "state": "Blinking" }] })),
                ("PUT", &*format!("{node}/bmc"), json!({ "powerState": "restart" })),
                ("GET", &*format!("/ffdc/endpoint/{uuid}"), Value::Null),
                (
                    "PUT",
                    "/updatableComponents?action=apply",
                    json!({ "DeviceList": [{ "ServerList": [{ "UUID": uuid,
                        "Components": parts }] }] }),
                ),
                ("PUT", "/updateRepositories/firmware?action=delete", json!({ "fixids": [fixid] })),
                ("POST", "/discoverRequest", json!([{ "ipAddresses": [address] }])),
                (
                    "POST",
                    "/manageRequest",
                    json!([{ "ipAddresses": [address], "username": "u", "password": "p" }]),
                ),
                ("PUT", &*profile, json!({ "profileName": "another name" })),
                ("POST", "/compliancePolicies/compareResult", assignment(RACK)),
                ("POST", "/unmanageRequest", leaving(RACK)),
            ] {
                let status = bench.status(method, path, &body);
                assert!([200, 201].contains(&status), "{fault}: {method} {path} {status}");
            }
            bench.wait(9);
            let later = [
                bench.get("/tasks"),
                bench.get(&node),
                bench.get("/updateRepositories/firmware?key=updates"),
                bench.get("/discovery")["nodeList"].clone(),
                bench.get("/profiles"),
                bench.get("/jobs?state=Running"),
                bench.get("/compliancePolicies/persistedResult?type=CMM"),
                bench.get("/compliancePolicies/persistedResult?type=SERVER"),
                bench.get("/nodes"),
                look["discoveryInProgress"].clone(),
            ];
            (refused, later)
        };
        assert_ne!(outcome(&[]), outcome(&[fault]), "{fault} shows nowhere");
    }
}
