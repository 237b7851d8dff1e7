//! Servers: power, lights and properties, and what is refused.
//!
//! Knows: the core of the double. Must not know: schemas and cases.

use lxca_conform::double::Request;
use serde_json::{Value, json};

use super::{Bench, NOBODY};

#[test]
fn a_power_action_starts_a_job_and_the_server_follows_when_it_ends() {
    let mut bench = Bench::new();
    let server = bench.server();
    let path = format!("/nodes/{}", server.to_lowercase());
    for (action, status) in [("powerOff", 5), ("powerOn", 8), ("powerOffSoftGraceful", 5)] {
        let before = bench.get(&path)["powerStatus"].clone();
        let reply = bench.send("PUT", &path, &json!({ "powerState": action }));
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{action}");
        let job = Bench::job(&reply);
        assert_eq!(reply.header("Location"), Some(&*format!("/jobs/{job}")));
        assert_eq!(bench.get(&path)["powerStatus"], before, "not before the job has ended");
        assert_eq!(bench.task(&job).as_deref(), Some("Pending"));
        assert_eq!(bench.get(&format!("/jobs/{job}"))["uuid"], server);
        bench.wait(4);
        assert_eq!(bench.task(&job).as_deref(), Some("Complete"));
        assert_eq!(bench.get(&path)["powerStatus"], status, "{action}");
        assert_eq!(bench.get("/nodes")["nodeList"][0]["powerStatus"], status);
    }
    let at_once = format!("{path}?synchronous=true");
    let reply = bench.send("PUT", &at_once, &json!({ "powerState": "powerOn" }));
    assert_eq!(bench.task(&Bench::job(&reply)).as_deref(), Some("Complete"));
    assert_eq!(bench.get(&path)["powerStatus"], 8);
}

#[test]
fn a_change_of_a_server_that_is_not_right_is_refused_and_starts_nothing() {
    let mut bench = Bench::new();
    let path = format!("/nodes/{}", bench.server());
    let right = json!({ "powerState": "powerOn" });
    for (target, body, status) in [
        (&*format!("/nodes/{NOBODY}"), right.clone(), 404),
        (&*format!("{path},{NOBODY}"), right.clone(), 404),
        (&path, json!({ "powerState": "powerMaybe" }), 400),
        (&path, json!({ "powerState": 1 }), 400),
        (&path, json!({}), 400),
        (&path, json!({ "colour": "red" }), 400),
        (&path, json!(["powerOn"]), 400),
        (&path, Value::Null, 400),
        (&path, json!({ "leds": [] }), 400),
        (&path, json!({ "leds": [{ "name": "Identify" }] }), 400),
        (&path, json!({ "leds": [{ "name": "Identify", "state": "Dim" }] }), 400),
        (&path, json!({ "leds": [{ "name": "None such", "state": "On" }] }), 400),
        (&path, json!({ "ipInterfaces": [{ "IPv4enabled": true }] }), 400),
        (&*format!("{path}?synchronous=maybe"), right.clone(), 400),
        (&*format!("{path}/bmc"), json!({ "powerState": "powerOff" }), 400),
        (&*format!("/nodes/{NOBODY}/bmc"), json!({ "powerState": "restart" }), 404),
    ] {
        assert_eq!(bench.status("PUT", target, &body), status, "{target} {body}");
    }
    let operator = Request::new("PUT", &path).with_basic("OPERATOR", "PASSW0RD");
    assert_eq!(bench.raw(&operator.with_body(right.to_string())).status, 403);
    let nobody = Request::new("PUT", &path).with_body(right.to_string());
    assert_eq!(bench.raw(&nobody).status, 401);
    assert_eq!(bench.status("DELETE", &path, &Value::Null), 405);
    assert_eq!(bench.state.jobs_started(), 0);
    assert_eq!(bench.status("PUT", &format!("{path}/bmc"), &json!({})), 200);
    assert_eq!(bench.state.jobs_started(), 0, "nothing was asked for");
}

#[test]
fn lights_and_properties_are_changed_at_once() {
    let mut bench = Bench::new();
    let path = format!("/nodes/{}", bench.server());
    let light = bench.get(&path)["leds"][0]["name"].clone();
    let reply =
        bench.send("PUT", &path, &json!({ "leds": [{ "name": light, "state": "Blinking" }] }));
    let said = reply.json().expect("a body");
    assert_eq!(
        (reply.status, &said["statusCode"], &said["messages"][0]["recovery"]),
        (200, &json!(200), &json!(""))
    );
    assert_eq!(bench.get(&path)["leds"][0]["state"], "Blinking");
    let identify = json!({ "leds": [{ "name": "Identify", "state": "On" }] });
    assert_eq!(bench.status("PUT", &path, &identify), 200);
    let change = json!({ "contact": "the night shift", "location": { "rack": "R7" } });
    assert_eq!(bench.status("PUT", &path, &change), 200);
    let node = bench.get(&path);
    assert_eq!(
        (&node["contact"], &node["location"]["rack"]),
        (&json!("the night shift"), &json!("R7"))
    );
    assert!(node["location"]["location"].is_string(), "the rest of it stays");
    assert_eq!(bench.state.jobs_started(), 0);
}
