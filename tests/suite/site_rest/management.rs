//! Devices that are discovered, managed, and taken out of management.
//!
//! Knows: the core of the double. Must not know: schemas and cases.

use serde_json::{Value, json};

use super::{Bench, RACK, leaving, spoilt};

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
