//! Scripts, edits and the pace of time: how the double stumbles where it is told to.
//!
//! Knows: the binary and sockets. Must not know: the library behind it.

use serde_json::{Value, json};

use crate::support::command::{json, until};

use super::{DATA, Double, FIRST, LOCKS, copy, parts, refused};

#[test]
fn time_can_pass_faster_for_what_takes_its_time() {
    let begun = |double: &Double| {
        let (status, body) = double.send("PUT", DATA, &copy());
        assert_eq!(status, 200, "{body}");
        format!("/tasks/{}", json(&body)["jobId"].as_str().expect("a job"))
    };
    let status = |double: &Double, job: &str| json(&double.get(job).1)[0]["status"].clone();
    let fast = Double::start(&["--time-scale", "10000"]);
    let job = begun(&fast);
    until("the copy has ended", || status(&fast, &job) == "Complete");
    let usual = Double::start(&[]);
    let job = begun(&usual);
    assert_ne!(status(&usual, &job), "Complete", "a copy takes some seconds");
    for none in ["0", "10001", "fast"] {
        assert!(refused(&["--time-scale", none]).contains("--time-scale"), "{none}");
    }
}

#[test]
fn scripts_act_on_the_calls_that_they_name() {
    let double = Double::start(&[
        "--fault",
        "locks.list: 503 on call 2",
        "--fault",
        "locks.list: truncate after 10 bytes on call 3",
        "--fault",
        "backup.transfer: drop-reply on call 1",
        "--fault",
        "tasks.list: content-length +9",
        "--fault",
        "GET /storages: 502",
        "--fault",
        "aicc-version-missing",
    ]);
    let statuses = [0; 3].map(|_| double.get(LOCKS));
    assert_eq!(
        (statuses[0].0, statuses[1].0, statuses[2].0, statuses[2].1.len()),
        (200, 503, 200, 10)
    );
    assert_eq!(json(&statuses[1].1)["result"], "failed");
    assert_eq!(double.raw("PUT", DATA, FIRST, &copy()), "");
    assert_eq!(
        double.send("PUT", DATA, &copy()).0,
        400,
        "the first was carried out and is in progress"
    );
    let tasks = double.raw("GET", "/tasks", FIRST, "");
    let stated = tasks
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .expect("a length")
        .parse::<usize>()
        .expect("a number");
    assert_eq!(stated, parts(&tasks).1.len() + 9);
    assert_eq!((double.get("/storages").0, double.get("/nod").0), (502, 599));
    assert_eq!(json(&double.get("/aicc").1)["appliance"].get("version"), None);
    let calls: Vec<Value> = double.state()["observed"]["scripts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|script| script["calls"].clone())
        .collect();
    assert_eq!(calls, [json!(3), json!(3), json!(2), json!(1), json!(1)]);
}

#[test]
fn edits_are_a_fault_of_ones_own_and_are_told_as_scripts_with_those_that_name_a_fault() {
    let double = Double::start(&[
        "--fault",
        "sftp-locks.list: drop /*/id",
        "--fault",
        "locks.list: lock-component-unknown on call 2",
        "--fault",
        "aicc-status-202",
    ]);
    let locks = [0; 3].map(|_| json(&double.get(LOCKS).1)[0].clone());
    assert!(locks.iter().all(|lock| lock.get("id").is_none()), "{locks:?}");
    let components = locks.map(|lock| lock["component"].clone());
    assert_eq!(components, ["UP", "XX", "UP"]);
    assert_eq!(double.get("/aicc").0, 202);
    let state = double.state();
    assert_eq!(state["observed"]["faults"], json!(["aicc-status-202"]));
    assert_eq!(state["observed"]["scripts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_script_that_is_none_is_told_where_and_what_would_be_one() {
    let said = refused(&["--fault", "locks.list: 503 on cal 2"]);
    assert!(
        said.contains(
            "`locks.list: 503 on cal 2`: at character 20, `cal` is not expected; \
        accepted: `on call 2`, "
        ),
        "{said}"
    );
    let said = refused(&["--fault", "lock.list: 503", "--fault", "*: explode"]);
    assert!(
        said.contains("no operation is called `lock.list`")
            && said.contains("sftp-locks.list")
            && said.contains("`explode` is nothing that can be done"),
        "{said}"
    );
}
