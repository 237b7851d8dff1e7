//! Updates, the repository and policies: what they list, and the jobs that change it.
//!
//! Knows: the core of the double. Must not know: schemas and cases.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Bench, NOBODY, RACK, assignment, spoilt};

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
