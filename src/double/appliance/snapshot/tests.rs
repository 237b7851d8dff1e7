//! Tests of `snapshot`, in a file of their own for their length.
//!
//! Knows: `snapshot`. Must not know: what uses it.

use super::super::super::testing::{BOTH, Bench, DATA, LOCAL, LOCKS, SHARED};
use super::super::jobs;
use super::*;

fn state_of(bench: &mut Bench) -> Value {
    reply(&mut bench.state, bench.now).json().unwrap()
}

fn given_back(bench: &mut Bench) -> Bench {
    let text = state_of(bench).to_string();
    let snapshot: Snapshot = text.parse().unwrap();
    let options = Options {
        version: snapshot.version().unwrap().to_owned(),
        ..bench.state.options().clone()
    };
    Bench { state: State::restored(options, snapshot, bench.now), now: bench.now }
}

fn without_observed(mut told: Value) -> Value {
    told.as_object_mut().unwrap().remove("observed");
    told
}

#[test]
fn what_is_told_can_be_given_back_and_then_the_same_is_told() {
    for fault in [None, Some(Fault::CreatedLockNotListed), Some(Fault::JobNeverEnds)] {
        let mut bench = Bench::with(Options {
            faults: fault.into_iter().collect(),
            version: "4.2.0".into(),
            ..Options::default()
        });
        bench.send("POST", LOCKS, r#"{"component": "JM", "expirationTimeOut": 600}"#);
        bench.start("copy", LOCAL, "/mnt/backup_share");
        bench.wait(1000);
        bench.start("push", SHARED, "192.0.2.44");
        bench.wait(2100);
        bench.cancel_push();
        bench.start("move", BOTH, "/mnt/second_share");
        bench.login("OPERATOR", "wrong");
        bench.wait(700);
        let before = state_of(&mut bench);
        let mut again = given_back(&mut bench);
        assert_eq!(without_observed(before), without_observed(state_of(&mut again)), "{fault:?}");
        for target in [LOCKS, DATA, "/tasks", "/jobs", "/aicc"] {
            assert_eq!(bench.get(target), again.get(target), "{fault:?} {target}");
        }
        // What was under way goes on, and the numbers go on too.
        bench.wait(5000);
        again.wait(5000);
        assert_eq!(bench.get("/tasks"), again.get("/tasks"), "{fault:?}");
        assert_eq!(
            bench.start("copy", SHARED, "internal"),
            again.start("copy", SHARED, "internal"),
            "{fault:?}"
        );
        assert_eq!(again.state.jobs_started(), 1);
    }
}

#[test]
fn nothing_that_must_stay_secret_is_told() {
    let mut bench = Bench::new();
    let login = bench.login("USERID", "PASSW0RD");
    let snapshot: Snapshot =
        r#"{"accounts": [{"name": "robot", "role": "operator", "password": "tr0ub4dor"}]}"#
            .parse()
            .unwrap();
    let mut other =
        Bench { state: State::restored(Options::default(), snapshot, bench.now), now: bench.now };
    assert_eq!(other.login("robot", "tr0ub4dor").status, 200);
    assert_eq!(other.login("USERID", "PASSW0RD").status, 403);
    let told = format!("{}{}", state_of(&mut bench), state_of(&mut other));
    for name in ["JSESSIONID", "csrf"] {
        assert!(!told.contains(&super::super::super::testing::cookie(&login, name)));
    }
    assert!(
        !told.contains("PASSW0RD")
            && !told.contains("tr0ub4dor")
            && !told.to_lowercase().contains("password"),
        "{told}"
    );
    assert!(told.contains(r#""user":"USERID""#) && told.contains(r#""user":"robot""#));
}

#[test]
fn what_is_left_out_is_as_in_every_double_and_what_is_there_counts() {
    let now = Bench::new().now;
    let restored = |text: &str| Bench {
        state: State::restored(Options::default(), text.parse().unwrap(), now),
        now,
    };
    assert_eq!(
        without_observed(state_of(&mut restored("{}"))),
        without_observed(state_of(&mut Bench::new()))
    );

    let mut bench = restored(
        r#"{ "uuid": "11111111-2222-4333-8444-555555555555", "shares": ["/mnt/tape"], "locks": [{ "component": "FC", "expirationTimeOut": 60 }],
                 "backups": [{ "uuid": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "locations": ["/mnt/tape"] }],
                 "jobs": [{ "id": "99", "operation": "copy", "status": "Stopped_With_Error" }, { "id": "7", "operation": "push", "status": "Running" }] }"#,
    );
    assert_eq!(
        bench.get_json("/aicc")["appliance"]["uuid"],
        "11111111-2222-4333-8444-555555555555"
    );
    assert_eq!(bench.get_json(LOCKS)[0]["creationTimestamp"], "2026-03-01T12:00:00Z");
    assert_eq!(bench.get_json(DATA)["backups"].as_array().unwrap().len(), 1);
    assert_eq!(
        bench.start("copy", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "internal").json().unwrap()["jobId"],
        "100"
    );
    assert_eq!(
        bench.start("copy", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "/mnt/backup_share").status,
        400
    );
    assert_eq!(
        bench.start("push", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "192.0.2.44").status,
        400,
        "another push is running"
    );
    bench.wait(5000);
    assert_eq!(bench.get_json("/tasks/99")[0]["status"], "Stopped_With_Error");
    bench.wait(60_000);
    assert_eq!(bench.get(LOCKS).status, 204);

    let mut bench = restored(
        r#"{ "locks": [], "backups": [], "jobs": [], "nextJob": 500, "accounts": [{ "name": "USERID", "role": "supervisor", "lockedUntil": "2026-03-01T12:30:00Z" }] }"#,
    );
    assert_eq!(bench.get(LOCKS).status, 401, "locked out");
    bench.wait(1_800_000);
    assert_eq!((bench.get(LOCKS).status, bench.get_json("/tasks")), (204, json!([])));
}

#[test]
fn requests_are_told_by_the_name_of_their_operation() {
    let mut bench = Bench::new();
    bench.get(LOCKS);
    bench.get(LOCKS);
    bench.get("/storages");
    bench.get("/nodes");
    bench.send("PATCH", DATA, "");
    let requests = state_of(&mut bench)["observed"]["requests"].clone();
    assert_eq!(
        requests,
        json!({ "sftp-locks.list": 2, "GET (a path that isn't played)": 1, "nodes.list": 1,
            "PATCH /managementServer/data": 1 })
    );
}

#[test]
fn the_number_of_a_job_is_at_the_end_of_its_id() {
    for (id, number) in [
        ("17", 17),
        ("transfer-17", 17),
        ("017", 17),
        ("", 0),
        ("17x", 0),
        ("99999999999999999999999", 0),
    ] {
        assert_eq!(job_number(id), number, "{id}");
    }
    assert_eq!(jobs::EARLIER_JOB.parse::<u64>().unwrap() + 1, Bench::new().state.next_job);
}
