//! What the double plays beside the inventory: events, updates, policies, requests to manage, and
//! changes of servers with the jobs that they start.
//!
//! Knows: the core of the double, and what docs/double.md says of it. Must not know: schemas and
//! cases.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use lxca_conform::double::{Fault, Options, Reply, Request, State, handle};
use serde_json::{Value, json};

struct Bench {
    state: State,
    now: Timestamp,
}

impl Bench {
    fn with(faults: &[&str]) -> Self {
        let now = "2026-03-01T12:00:00Z".parse().expect("a moment");
        let faults = faults.iter().map(|name| name.parse::<Fault>().expect("a fault")).collect();
        Self { state: State::new(Options { faults, ..Options::default() }, now), now }
    }

    fn new() -> Self {
        Self::with(&[])
    }

    fn raw(&mut self, request: &Request) -> Reply {
        handle(&mut self.state, request, self.now)
    }

    fn send(&mut self, method: &str, target: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::new(method, target).with_basic("USERID", "PASSW0RD");
        self.raw(&request.with_body(body))
    }

    fn get(&mut self, target: &str) -> Value {
        let reply = self.send("GET", target, &Value::Null);
        assert_eq!(reply.status, 200, "{target}: {:?}", reply.json());
        reply.json().unwrap_or_else(|| panic!("{target} has no JSON"))
    }

    fn status(&mut self, method: &str, target: &str, body: &Value) -> u16 {
        self.send(method, target, body).status
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).expect("a moment");
    }

    /// The uuid of a server of the site.
    fn server(&mut self) -> String {
        self.get("/nodes")["nodeList"][0]["uuid"].as_str().expect("a uuid").to_owned()
    }

    /// The number of the job that a reply names in its header.
    fn job(reply: &Reply) -> String {
        let location = reply.header("Location").expect("a job");
        location.rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// What `/tasks` says of a job; nothing if it knows none.
    fn task(&mut self, id: &str) -> Option<String> {
        let reply = self.send("GET", &format!("/tasks/{id}"), &Value::Null);
        reply.json().and_then(|tasks| Some(tasks[0]["status"].as_str()?.to_owned()))
    }
}

const NOBODY: &str = "0123456789ABCDEF0123456789ABCDEF";

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

#[test]
fn a_collection_of_service_data_is_a_get_that_starts_a_job() {
    let mut bench = Bench::new();
    let server = bench.server();
    let reply = bench.send("GET", &format!("/ffdc/endpoint/{server}"), &Value::Null);
    assert_eq!((reply.status, reply.json()), (201, Some(json!({ "jobURL": "/jobs/17" }))));
    assert_eq!(bench.task("17").as_deref(), Some("Pending"));
    assert_eq!(bench.status("GET", &format!("/ffdc/endpoint/{NOBODY}"), &Value::Null), 404);
    assert_eq!(bench.state.jobs_started(), 1);
}

#[test]
fn events_come_as_the_range_and_the_filter_say() {
    let mut bench = Bench::new();
    let all = bench.get("/events");
    let all = all.as_array().expect("a list");
    let audit = bench.get("/events/audit");
    let audits = audit.as_array().expect("a list");
    assert!(!audits.is_empty() && audits.len() < all.len());
    assert!(audits.iter().all(|event| event["eventClass"] == 200));
    let ranged = |range: &str| {
        let request = Request::new("GET", "/events").with_basic("USERID", "PASSW0RD");
        request.with_header("Range", range)
    };
    for (range, from) in [("item=0-1", 0), ("item=2-3", 2), ("1-2", 1)] {
        let reply = bench.raw(&ranged(range));
        let bounds = range.trim_start_matches("item=");
        let said = format!("{bounds}/{}", all.len());
        assert_eq!((reply.status, reply.header("Content-Range")), (200, Some(said.as_str())));
        assert_eq!(reply.json().as_ref(), Some(&json!(all[from..from + 2])), "{range}");
    }
    let beyond = bench.raw(&ranged("item=500-501"));
    assert_eq!((beyond.status, beyond.json()), (200, Some(json!([]))));
    for range in ["item=3-1", "item=", "bytes=x-y"] {
        assert_eq!(bench.raw(&ranged(range)).status, 400, "{range}");
    }
    let filtered = |bench: &mut Bench, filter: &Value| {
        let request = Request {
            query: vec![("filterWith".to_owned(), filter.to_string())],
            ..Request::new("GET", "/events").with_basic("USERID", "PASSW0RD")
        };
        let reply = bench.raw(&request);
        (reply.status, reply.json().and_then(|events| Some(events.as_array()?.clone())))
    };
    let filter = |operation: &str, field: &str, value: &str| {
        json!({ "filterType": "FIELDNOTREGEXAND", "fields": [{ "operation": operation,
            "field": field, "value": value }] })
    };
    let (status, rest) = filtered(&mut bench, &filter("NOT", "eventClass", "200"));
    assert_eq!((status, rest.expect("a list").len()), (200, all.len() - audits.len()));
    // Numbers are compared as numbers: "9" is before "10".
    let (_, later) = filtered(&mut bench, &filter("GT", "cn", "9"));
    assert_eq!(later.expect("a list"), all[9..]);
    for wrong in [filter("LIKE", "cn", "1"), json!({ "filterType": "NONE" }), json!("x")] {
        assert_eq!(filtered(&mut bench, &wrong).0, 400, "{wrong}");
    }
    let newest = bench.get("/events?sort=-cn");
    assert_eq!(newest[0], all[all.len() - 1]);
}

#[test]
fn an_update_is_followed_in_its_list_and_changes_the_firmware() {
    let mut bench = Bench::new();
    let applicable = bench.get("/compliancePolicies/applicableFirmware?hasPayload=true");
    let nodes = bench.get("/nodes");
    let node = &nodes["nodeList"][0];
    let uuid = node["uuid"].as_str().expect("a uuid");
    let rows = applicable["componentTypes"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["uuid"] == uuid).expect("the row of the server");
    let component = &row["applicableFirmware"][0];
    let package = &component["available"][0];
    let list = |components: &Value| json!({ "DeviceList": [{ "ServerList": [{ "UUID": uuid, "Components": components }] }] });
    let order = list(&json!([{ "Component": component["name"], "Fixid": package["fixid"] }]));
    let path = "/updatableComponents?action=apply&activationMode=immediate";
    let reply = bench.send("PUT", path, &order);
    assert_eq!((reply.status, &reply.json().expect("a body")["result"]), (200, &json!("success")));
    let progress = bench.get("/updatableComponents?action=applyStatus");
    assert_eq!(progress["UpdateStatusMetrics"]["TotalJobsInProgress"], 1);
    let lists = progress["DeviceList"].as_array().expect("lists");
    let servers = lists.iter().filter_map(|list| list["ServerList"].as_array()).flatten();
    let mut jobs = servers
        .filter(|server| server["UUID"] == uuid)
        .filter_map(|server| server["Components"][0]["UpdateStatus"]["JobID"].as_u64());
    assert_eq!(jobs.next(), Some(17));
    assert_eq!(bench.task("17").as_deref(), Some("Pending"));
    bench.wait(5);
    let node = bench.get(&format!("/nodes/{uuid}"));
    let mut firmware = node["firmware"].as_array().expect("firmware").iter();
    let updated = firmware.find(|row| row["name"] == component["name"]).expect("the component");
    assert_eq!(
        (&updated["version"], &updated["build"]),
        (&package["version"], &package["buildNum"])
    );
    let progress = bench.get("/updatableComponents");
    assert_eq!(progress["UpdateStatusMetrics"]["TotalJobsInProgress"], 0);
    let right = list(&json!([{ "Component": "UEFI" }]));
    for (target, body) in [
        ("/updatableComponents", right.clone()),
        ("/updatableComponents?action=applyLater", right.clone()),
        ("/updatableComponents?action=apply&activationMode=sometimes", right.clone()),
        ("/updatableComponents?action=apply&forceUpdateMode=perhaps", right),
        (path, json!({})),
        (path, json!({ "DeviceList": [] })),
        (path, json!({ "DeviceList": [{ "CMMList": [{ "UUID": NOBODY, "Components": [] }] }] })),
        (path, json!({ "DeviceList": [{ "ServerList": [{ "UUID": uuid }] }] })),
        (path, list(&json!([{ "Fixid": "x" }]))),
        ("/updatableComponents?action=powerState", list(&json!([]))),
    ] {
        assert_eq!(bench.status("PUT", target, &body), 400, "{target} {body}");
    }
    assert_eq!(bench.state.jobs_started(), 1);
}

#[test]
fn the_components_that_can_be_updated_are_those_of_the_inventory() {
    let mut bench = Bench::new();
    let components = bench.get("/updatableComponents?action=getComponents");
    let of = |list: &str| {
        let lists = components["DeviceList"].as_array().expect("lists");
        let rows = lists.iter().filter_map(|lists| lists[list].as_array()).flatten();
        rows.map(|row| row["uuid"].as_str().unwrap_or_default().to_owned()).collect::<BTreeSet<_>>()
    };
    for (list, path, member) in
        [("ServerList", "/nodes", "nodeList"), ("CMMList", "/cmms", "cmmList")]
    {
        let there = bench.get(path);
        let there = there[member].as_array().expect("a list").iter();
        let there: BTreeSet<_> =
            there.filter_map(|row| Some(row["uuid"].as_str()?.to_owned())).collect();
        assert_eq!(of(list), there, "{list}");
    }
}

#[test]
fn the_repository_gives_one_member_for_each_key_and_changes_by_jobs() {
    let mut bench = Bench::new();
    let path = "/updateRepositories/firmware";
    for key in [
        "importDir",
        "lastRefreshed",
        "publicKeys",
        "size",
        "supportedMts",
        "updates",
        "updatesByMt",
        "updatesByMtByComp",
    ] {
        let body = bench.get(&format!("{path}?key={key}"));
        let names: Vec<&str> =
            body.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, BTreeSet::from([key, "status"]).into_iter().collect::<Vec<_>>());
        assert!(!body[key].is_null(), "{key}");
    }
    assert_eq!(bench.status("GET", path, &Value::Null), 400);
    assert_eq!(bench.status("GET", &format!("{path}?key=none"), &Value::Null), 400);
    let before = bench.get(&format!("{path}?key=updates"));
    let fixid = before["updates"][0]["fixid"].as_str().expect("a package").to_owned();
    let reply = bench.send(
        "PUT",
        &format!("{path}?action=delete&filetypes=all"),
        &json!({ "fixids": [fixid] }),
    );
    assert_eq!((reply.status, &reply.json().expect("a body")["jobid"]), (200, &json!(17)));
    bench.wait(3);
    assert!(!bench.get(&format!("{path}?key=updates")).to_string().contains(&fixid));
    assert!(!bench.get(&format!("{path}?key=updatesByMt")).to_string().contains(&fixid));
    let refreshed = bench.get(&format!("{path}?key=lastRefreshed"));
    bench.send(
        "PUT",
        &format!("{path}?action=refresh&with=latest"),
        &json!({ "mt": ["0000"], "os": "", "type": "catalog" }),
    );
    bench.wait(3);
    let after = bench.get(&format!("{path}?key=lastRefreshed"));
    assert_ne!(after, refreshed);
    assert_eq!(after["lastRefreshed"], "03-01-2026-12:00");
    for (action, body) in [
        ("tidy", json!({})),
        ("export", json!({})),
        ("delete", json!({ "fixids": [] })),
        ("delete", json!({ "fixids": ["none-such"] })),
        ("refresh", json!({})),
        ("acquire", json!({ "fixids": [7], "mt": [] })),
    ] {
        assert_eq!(
            bench.status("PUT", &format!("{path}?action={action}"), &body),
            400,
            "{action} {body}"
        );
    }
    assert_eq!(bench.status("PUT", path, &json!({})), 400);
    assert_eq!(bench.state.jobs_started(), 2);
    let own = bench.get("/managementServer/updates");
    assert_eq!((&own["currentVersion"], own["history"].is_object()), (&json!("4.1.0"), true));
    assert_eq!(
        bench.get("/managementServer/updates?key=size").as_object().map(serde_json::Map::len),
        Some(1)
    );
    assert_eq!(bench.status("GET", "/managementServer/updates?key=none", &Value::Null), 400);
}

#[test]
fn policies_and_their_results_are_told_for_all_or_for_one() {
    let mut bench = Bench::new();
    let basic = bench.get("/compliancePolicies");
    assert_eq!(basic["policies"].as_array().map(Vec::len), Some(2));
    assert!(basic["policies"][0].get("details").is_none());
    assert!(bench.get("/compliancePolicies?basic_full=full")["policies"][0]["details"].is_array());
    let results = bench.get("/compliancePolicies/persistedResult");
    let rows = results["all"].as_array().expect("rows");
    for member in ["chassis", "racklist", "rackswitchlist", "storagelist", "complexlist"] {
        assert!(rows.iter().any(|row| row.get(member).is_some()), "{member}");
    }
    // Whatever it tells of is in the inventory.
    let inventory: String = ["/nodes", "/chassis", "/switches", "/cmms", "/storage", "/canisters"]
        .map(|path| bench.get(path).to_string())
        .concat();
    for row in rows {
        for device in row.as_object().expect("a row").values().filter_map(Value::as_array).flatten()
        {
            if let Some(uuid) = device["uuid"].as_str() {
                assert!(inventory.contains(uuid), "nobody has {uuid}");
            }
        }
    }
    let server = bench.server();
    let one =
        bench.get(&format!("/compliancePolicies/persistedResult?uuid={}", server.to_lowercase()));
    assert_eq!(one["all"].as_array().map(Vec::len), Some(1));
    assert!(one.to_string().contains(&server));
    let racks = bench.get("/compliancePolicies/persistedResult?type=RACKSWITCH");
    assert!(
        racks["all"]
            .as_array()
            .is_some_and(|rows| rows.iter().all(|row| row.get("rackswitchlist").is_some()))
    );
    let compared = bench.get("/compliancePolicies/compareResult?jobid=1&uuid=null");
    assert!(compared["result"].as_array().is_some_and(|rows| rows.len() == 2));
    for query in ["", "?jobid=1", "?uuid=null", "?jobid=99&uuid=null"] {
        let target = format!("/compliancePolicies/compareResult{query}");
        assert_eq!(bench.status("GET", &target, &Value::Null), 400, "{query}");
    }
    let some =
        bench.get(&format!("/compliancePolicies/applicableFirmware?uuids={server},{NOBODY}"));
    assert_eq!(some["componentTypes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_device_is_discovered_and_then_managed() {
    let mut bench = Bench::new();
    let found = bench.get("/discovery");
    assert_eq!(
        (&found["discoveryInProgress"], &found["lastUpdateElapsedTime"]),
        (&json!(false), &json!(3_600_000))
    );
    let address = found["nodeList"][0]["ipAddresses"][0].clone();
    assert_eq!(bench.get("/discovery?refresh=true")["discoveryInProgress"], true);
    bench.wait(4);
    let again = bench.get("/discovery");
    assert_eq!(
        (&again["discoveryInProgress"], &again["lastUpdateElapsedTime"]),
        (&json!(false), &json!(4000))
    );

    let reply = bench.send("POST", "/discoverRequest", &json!([{ "ipAddresses": [address] }]));
    let looks = reply.header("Location").expect("a job").to_owned();
    assert_eq!((reply.status, &*looks), (200, "/discoverRequest/jobs/17"));
    assert_eq!(bench.get(&looks)["serverList"], json!([]));
    bench.wait(2);
    let seen = bench.get(&looks);
    assert_eq!(
        (&seen["progress"], &seen["serverList"][0]["ipAddresses"][0]),
        (&json!(100.0), &address)
    );
    assert!(seen["serverList"][0]["managementProcessor"].is_string());

    let device =
        |address: &Value| json!([{ "ipAddresses": [address], "username": "u", "password": "p" }]);
    let reply = bench.send("POST", "/manageRequest", &device(&address));
    let job = reply.header("Location").expect("a job").to_owned();
    assert_eq!((reply.status, &*job), (200, "/manageRequest/jobs/18"));
    assert_eq!(bench.get(&job)["results"][0]["result"], "INCOMPLETE");
    bench.wait(5);
    let done = bench.get(&job);
    assert_eq!(
        (&done["progress"], &done["status"], &done["results"][0]["result"]),
        (&json!(100.0), &json!("COMPLETE"), &json!("SUCCESS"))
    );
    let unmanaged = bench.get("/discovery").to_string();
    assert!(!unmanaged.contains(address.as_str().expect("an address")));

    // Nobody is there: accepted, and the job fails.
    let reply = bench.send("POST", "/manageRequest", &device(&json!("192.0.2.250")));
    bench.wait(5);
    let job = Bench::job(&reply);
    assert_eq!(bench.task(&job).as_deref(), Some("Stopped_With_Error"));
    assert_eq!(
        bench.get(&format!("/manageRequest/jobs/{job}"))["results"][0]["result"],
        "OTHER_FAIL"
    );
    for body in [
        json!([{}]),
        json!([]),
        json!(7),
        json!([{ "ipAddresses": ["192.0.2.1"] }]),
        json!([{ "ipAddresses": 7, "username": "u", "password": "p" }]),
        json!([{ "ipAddresses": ["192.0.2.1"], "enableHttps": "perhaps", "username": "u",
            "password": "p" }]),
    ] {
        assert_eq!(bench.status("POST", "/manageRequest", &body), 400, "{body}");
    }
    for body in [json!([{}]), json!([{ "ipAddresses": 7 }]), json!("x")] {
        assert_eq!(bench.status("POST", "/discoverRequest", &body), 400, "{body}");
    }
    assert_eq!(bench.state.jobs_started(), 3);
    for (path, status) in [
        ("/manageRequest/jobs/7", 200),
        ("/unmanageRequest/jobs/12", 200),
        ("/manageRequest/jobs/99", 404),
        ("/unmanageRequest/jobs/7", 404),
        ("/discoverRequest/jobs/18", 404),
    ] {
        assert_eq!(bench.status("GET", path, &Value::Null), status, "{path}");
    }
}

/// A rack server of the site.
const RACK: &str = "94B730DC73AA964B81FD7BB366E0DD24";

fn leaving(uuid: &str) -> Value {
    json!({ "endpoints": [{
        "ipAddresses": ["192.0.2.15"], "type": "Rack-Tower Server", "uuid": uuid,
    }] })
}

fn assignment(uuid: &str) -> Value {
    json!({ "compliance": [{
        "keep": false, "policyname": "DEFAULT-2025-03-02", "type": "SERVER", "uuid": uuid,
    }] })
}

/// Right bodies with one member of the only row changed, or without it.
fn spoilt(body: &Value, list: &str, changes: &[(&str, Value)]) -> Vec<Value> {
    let change = |(name, value): &(&str, Value)| {
        let mut body = body.clone();
        match value {
            Value::Null => {
                body[list][0].as_object_mut().expect("a row").remove(*name);
            }
            value => body[list][0][*name] = value.clone(),
        }
        body
    };
    changes.iter().map(change).collect()
}

#[test]
fn a_device_is_taken_out_of_management() {
    let mut bench = Bench::new();
    assert!(bench.get("/nodes").to_string().contains(RACK));
    let reply = bench.send("POST", "/unmanageRequest", &leaving(RACK));
    let job = reply.header("Location").expect("a job").to_owned();
    assert_eq!((reply.status, &*job), (200, "/unmanageRequest/jobs/17"));
    assert_eq!(bench.get(&job)["results"][0]["result"], "INCOMPLETE");
    assert_eq!(bench.status("GET", "/manageRequest/jobs/17", &Value::Null), 404);
    bench.wait(5);
    let done = bench.get(&job);
    assert_eq!(
        (&done["progress"], &done["results"][0]["result"], &done["results"][0]["uuid"]),
        (&json!(100.0), &json!("SUCCESS"), &json!(RACK))
    );
    assert_eq!(bench.task("17").as_deref(), Some("Complete"));
    assert!(!bench.get("/nodes").to_string().contains(RACK));
    assert!(!bench.get("/cabinet").to_string().contains(RACK));

    // It is gone, and what isn't right is refused.
    let right = leaving(RACK);
    let mut wrong = vec![right.clone(), json!({}), json!({ "endpoints": [] }), json!([])];
    let changes = [
        ("ipAddresses", Value::Null),
        ("ipAddresses", json!(7)),
        ("type", Value::Null),
        ("type", json!("Toaster")),
        ("uuid", Value::Null),
    ];
    wrong.extend(spoilt(&right, "endpoints", &changes));
    let mut forced = leaving(&bench.server());
    forced["forceUnmanage"] = "perhaps".into();
    wrong.push(forced);
    for body in wrong {
        assert_eq!(bench.status("POST", "/unmanageRequest", &body), 400, "{body}");
    }
    assert_eq!(bench.state.jobs_started(), 1);
}

#[test]
fn what_stands_in_a_chassis_goes_with_it() {
    let mut bench = Bench::new();
    let chassis = bench.get("/chassis")["chassisList"][0]["uuid"].clone();
    let inside = |list: &Value| {
        let nodes = list["nodeList"].as_array().expect("servers");
        nodes.iter().filter(|node| node["parent"]["uuid"] == chassis).count()
    };
    assert!(inside(&bench.get("/nodes")) > 1);
    let body = json!({ "endpoints": [{
        "ipAddresses": ["192.0.2.1"], "type": "Chassis", "uuid": chassis,
    }] });
    assert_eq!(bench.status("POST", "/unmanageRequest", &body), 200);
    bench.wait(5);
    assert_eq!(inside(&bench.get("/nodes")), 0);
}

#[test]
fn a_policy_is_assigned_by_a_job_that_is_read_where_devices_are_compared() {
    let mut bench = Bench::new();
    let path = "/compliancePolicies/compareResult";
    let policy = |bench: &mut Bench| {
        let of = format!("/compliancePolicies/persistedResult?type=SERVER&uuid={RACK}");
        bench.get(&of)["all"][0]["racklist"][0]["policyName"].clone()
    };
    assert_eq!(policy(&mut bench), "Newest-2025");
    let reply = bench.send("POST", path, &assignment(RACK));
    let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!((reply.status, &body["message"][0]["jobid"]), (200, &json!(17)));
    let read = format!("{path}?jobid=17&uuid={RACK}");
    assert_eq!(bench.get(&read)["status"], "running");
    bench.wait(3);
    let ended = bench.get(&read);
    assert_eq!((&ended["status"], &ended["jobid"]), (&json!("finished"), &json!("17")));
    assert_eq!(policy(&mut bench), "DEFAULT-2025-03-02");

    // The other spelling of the page, and its default: the job has ended when the answer comes.
    let back = json!({ "compliance": [{
        "policyName": "Newest-2025", "type": "SERVER", "uuid": RACK,
    }] });
    assert_eq!(bench.status("POST", path, &back), 200);
    assert_eq!(policy(&mut bench), "Newest-2025");

    let right = assignment(RACK);
    let changes = [
        ("policyname", Value::Null),
        ("policyname", json!("none")),
        ("type", Value::Null),
        ("type", json!("TOASTER")),
        ("uuid", Value::Null),
        ("uuid", json!(NOBODY)),
        ("keep", json!("perhaps")),
        ("autoAssign", json!("perhaps")),
    ];
    let mut wrong = vec![json!({}), json!({ "compliance": [] }), json!(7)];
    wrong.extend(spoilt(&right, "compliance", &changes));
    for body in wrong {
        assert_eq!(bench.status("POST", path, &body), 400, "{body}");
    }
    assert_eq!(bench.state.jobs_started(), 2);
}

#[test]
fn a_profile_gets_another_name_and_another_status() {
    let mut bench = Bench::new();
    let list = bench.get("/profiles");
    let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/profiles/{id}");
    let reply = bench.send("PUT", &path, &json!({ "profileName": "web servers" }));
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    assert_eq!(bench.get(&path)["name"], "web servers");
    assert_eq!(bench.get("/profiles")["items"][0]["profileName"], "web servers");
    assert_eq!(bench.status("PUT", &path, &json!({ "complianceStatus": "INVALID" })), 400);
    assert_eq!(bench.status("PUT", &path, &json!({ "complianceStatus": "VALID" })), 200);
    assert_eq!(bench.status("PUT", &path, &json!({ "complianceStatus": "INVALID" })), 200);
    assert_eq!(bench.get("/profiles")["items"][0]["complianceStatus"], "invalid");
    let taken = list["items"][1]["profileName"].clone();
    for body in [
        json!({ "profileName": taken }),
        json!({ "profileName": "a%b" }),
        json!({ "profileName": 7 }),
        json!({ "complianceStatus": "PERHAPS" }),
        Value::Null,
    ] {
        assert_eq!(bench.status("PUT", &path, &body), 400, "{body}");
    }
    assert_eq!(bench.status("PUT", "/profiles/999", &json!({})), 404);
    assert_eq!(bench.status("PUT", &path, &json!({})), 200);
    let pattern = bench.get("/patterns")["items"][0].clone();
    let one = bench.get(&format!("/patterns/{}", pattern["id"].as_str().expect("an id")));
    assert_eq!((&one["identifier"], &one["items"]), (&json!("id"), &json!([pattern])));
}

#[test]
fn jobs_can_be_asked_for_by_state_device_and_member() {
    let mut bench = Bench::new();
    let server = bench.server();
    bench.send("PUT", &format!("/nodes/{server}"), &json!({ "powerState": "powerOn" }));
    assert_eq!(bench.get("/jobs?state=Pending").as_array().map(Vec::len), Some(1));
    assert_eq!(bench.get(&format!("/jobs?uuid={}", server.to_lowercase()))[0]["id"], "17");
    assert_eq!(bench.get("/jobs?state=Cancelled"), json!([]));
    let names = |job: &Value| job.as_object().expect("a job").keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&bench.get("/jobs/17?includeAttributes=status")), ["id", "status", "uuid"]);
    assert!(
        !names(&bench.get("/jobs?excludeAttributes=status,id")[0]).contains(&"status".to_owned())
    );
    assert_eq!(bench.get("/jobs/17")["legacy"], false);
    assert_eq!(bench.get("/jobs/17")["status"]["substatus"][0]["messageDisplay"], "Starting");
}

#[test]
fn lists_that_nothing_changes_have_their_envelopes() {
    let mut bench = Bench::new();
    assert_eq!(bench.get("/licenseCompliance")["response"][0]["compliant"], 0);
    assert!(bench.get("/notificationsLicense")["response"]["remaining_days"].is_number());
    let groups = bench.get("/resourceGroups");
    let servers = bench.get("/nodes").to_string();
    for group in groups["groupList"].as_array().expect("groups") {
        for member in group["memberUuids"].as_array().expect("members") {
            assert!(servers.contains(member.as_str().expect("a uuid")), "nobody has {member}");
        }
    }
    assert!(bench.get("/osImages")["bootFiles"][0]["size"].is_number());
    assert_eq!(bench.get("/osImages?id=none")["bootFiles"], json!([]));
    assert_eq!(bench.status("GET", "/osImages?imageType=NONE", &Value::Null), 400);
}

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
