//! The state that `serve` begins with: told, given back, and refused with every problem; and the
//! page's own examples.
//!
//! Knows: the binary and sockets. Must not know: the library behind it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::command::{json, lxca};

use super::{DATA, Double, LOCKS, SHARED, copy, refused, written};

// ---- state

#[test]
fn the_state_that_is_told_can_be_given_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(
        folder.path(),
        "state.json",
        r#"{ "version": "4.2.0", "uuid": "0a1b2c3d-0000-4000-8000-000000000001",
             "accounts": [{ "name": "robot", "role": "supervisor", "password": "s3cret-of-the-robot" }, { "name": "USERID", "role": "supervisor" }],
             "shares": ["/mnt/tape"], "locks": [{ "component": "FC", "expirationTimeOut": 3600 }],
             "backups": [{ "uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278", "locations": ["/mnt/tape"] }],
             "jobs": [{ "id": "41", "operation": "copy", "status": "Stopped_With_Error" }] }"#,
    );
    let first = Double::start(&["--state", &file]);
    assert_eq!(json(&first.get("/aicc").1)["appliance"]["version"], "4.2.0");
    assert_eq!(
        json(&first.get("/aicc").1)["appliance"]["uuid"],
        "0a1b2c3d-0000-4000-8000-000000000001"
    );
    assert_eq!(json(&first.get("/tasks/41").1)[0]["status"], "Stopped_With_Error");
    assert_eq!(
        first.send("POST", LOCKS, r#"{"component": "JM", "expirationTimeOut": 600}"#).0,
        201
    );
    assert_eq!(json(&first.send("PUT", DATA, &copy()).1)["jobId"], "42");
    let login = first.raw(
        "POST",
        "/sessions",
        "Accept: */*",
        r#"{"UserId": "robot", "password": "s3cret-of-the-robot"}"#,
    );
    assert!(login.starts_with("HTTP/1.1 200"), "{login}");

    let told = first.state();
    assert_eq!(told["observed"]["sessions"][0]["user"], "robot");
    assert_eq!(told["observed"]["requests"]["backup.transfer"], 1);
    let ids: Vec<&str> = login
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .map(|(_, cookie)| cookie)
        .filter_map(|line| line.split(['=', ';']).nth(1))
        .filter(|value| value.len() == 32)
        .collect();
    assert_eq!(ids.len(), 2, "the session and its token: {login}");
    for secret in ids.iter().copied().chain(["s3cret-of-the-robot", "PASSW0RD"]) {
        assert!(!told.to_string().contains(secret), "{secret} is in {told}");
    }

    // The clock goes on between the two, so the job may have ended; it must be there all the same.
    let again = Double::start(&[
        "--state",
        &written(folder.path(), "again.json", &told.to_string()),
        "--quiet",
    ]);
    let retold = again.state();
    for part in ["format", "version", "uuid", "accounts", "shares", "locks", "nextJob"] {
        assert_eq!(told[part], retold[part], "{part}");
    }
    let jobs = |told: &Value| {
        told["jobs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|job| (job["id"].clone(), job["startTime"].clone(), job["operation"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(jobs(&told), jobs(&retold));
    assert_eq!(retold["observed"]["sessions"], json!([]), "sessions end with the double");
    assert_eq!(json(&again.get("/aicc").1)["appliance"]["version"], "4.2.0");

    let (exit, log) = first.end("TERM");
    assert_eq!(exit, 0, "{log}");
    assert!(!log.contains("s3cret") && ids.iter().all(|id| !log.contains(id)), "{log}");
}

#[test]
fn the_version_of_the_command_line_counts_before_that_of_the_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(folder.path(), "state.json", r#"{ "version": "4.2.0" }"#);
    let old = Double::start(&["--state", &file, "--version", "4.0.0"]);
    assert_eq!(json(&old.get("/aicc").1)["appliance"]["version"], "4.0.0");
    let (status, body) = old.get(LOCKS);
    assert_eq!(status, 404);
    assert!(body.contains("4.1.0") && body.contains("4.0.0"), "{body}");
    let new = Double::start(&["--version", "4.2.0"]);
    assert_eq!(
        (json(&new.get("/aicc").1)["appliance"]["version"].clone(), new.get(LOCKS).0),
        (json!("4.2.0"), 200)
    );
}

#[test]
fn a_bad_state_is_refused_with_every_problem_at_its_line_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = written(
        folder.path(),
        "bad.json",
        "{\n  \"locks\": [{ \"component\": \"XX\", \"expirationTimeOut\": 60 }],\n  \"backups\": [\n    { \"uuid\": \"a\", \"locations\": [\"/mnt/none\"] }\n  ]\n}\n",
    );
    let said = refused(&["--state", &file]);
    assert!(said.contains("bad.json"), "{said}");
    assert!(said.contains("line 2, column 28: a component is one of CN, "), "{said}");
    assert!(
        said.contains(
            "line 4, column 34: the location is none of internal, \
        /mnt/backup_share, /mnt/second_share, /mnt/my_remote_share"
        ),
        "{said}"
    );
    let said = refused(&["--state", &written(folder.path(), "form.json", "{\n  \"lokcs\": []\n}")]);
    assert!(
        said.contains(
            "line 2, column 9: unknown field `lokcs`, expected one of `format`, `version`"
        ),
        "{said}"
    );
    let said = refused(&["--state", "no-such-file.json"]);
    assert!(said.contains("read no-such-file.json: No such file"), "{said}");
}

#[test]
fn no_case_asks_for_the_state_and_other_paths_beside_it_are_unknown() {
    let double = Double::start(&["--quiet"]);
    for (method, target) in [
        ("GET", "/_double"),
        ("GET", "/_double/jobs"),
        ("PUT", "/_double/state"),
        ("DELETE", "/_double/state"),
    ] {
        assert_eq!(double.send(method, target, "").0, 599, "{method} {target}");
    }
    let listed = lxca(&["plan", "--allow", "destroy", "--format", "json"]);
    assert_eq!(listed.exit, 0, "{}", listed.stderr);
    assert!(!listed.stdout.contains("_double"));
}

// ---- the page's own examples

/// As the page has them, but for the letter that stands in the place of a comma.
const EXAMPLES: [&str; 4] = [
    r#"{
"action": "start",
"destination": "internal",
"operation": "copy",
"uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278"
}"#,
    r#"{
"operation": "move",
"action": "start",
"uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278",
"destination": "/mnt/my_remote_share"
}"#,
    r#"{
"action": "start",
"destination": "10.243.16.45",
"operation": "push",
"uuid": "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278"
}"#,
    r#"{
"action": "cancel",
"operation": "push"
}"#,
];

#[test]
fn the_four_examples_of_the_page_are_accepted_one_after_the_other_and_the_jobs_do_what_was_asked() {
    let double = Double::start(&["--quiet"]);
    let mut jobs = Vec::new();
    for example in EXAMPLES {
        let (status, body) = double.send("PUT", DATA, example);
        let said = json(&body);
        assert_eq!((status, &said["result"]), (200, &json!("success")), "{example}: {body}");
        jobs.extend(said["jobId"].as_str().map(str::to_owned));
    }
    assert_eq!(jobs, ["17", "18", "19"], "the cancel starts none");
    let deadline = Instant::now() + Duration::from_secs(30);
    let status = loop {
        let rows = json(&double.get(&format!("/tasks/{}", jobs.join(","))).1);
        let status: Vec<String> = rows
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| row["status"].as_str().unwrap_or_default().to_owned())
            .collect();
        if status.iter().all(|status| status != "Pending" && status != "Running") {
            break status;
        }
        assert!(Instant::now() < deadline, "{rows}");
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(status, ["Complete", "Complete", "Cancelled"]);
    let listed = json(&double.get(DATA).1);
    let moved = listed["backups"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["uuid"] == SHARED)
        .expect("the backup");
    assert_eq!(moved["locations"], json!(["/mnt/backup_share", "/mnt/my_remote_share"]));
}
