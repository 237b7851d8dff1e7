//! Events, jobs, profiles and service data: what is listed, filtered and fetched.
//!
//! Knows: the core of the double. Must not know: schemas and cases.

use lxca_conform::double::Request;
use serde_json::{Value, json};

use super::{Bench, NOBODY};

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
