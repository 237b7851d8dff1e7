//! `serve` as a person starts it: its first line, its state, its scripts, its certificate, its log
//! and its end.
//!
//! Knows: the binary, sockets, and what docs/double.md promises. Must not know: the library behind
//! it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use crate::support::command;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr};
use std::time::{Duration, Instant};

use crate::support::command::{Answer, answer, binary, json, lxca, signal, text, until};
use serde_json::{Value, json};

const LOCKS: &str = "/aicc/service/sftp/locks";
const DATA: &str = "/managementServer/data";
const SHARED: &str = "4edf27ff-08d1-49b5-b7f3-7e8edc4fd278";
/// `USERID:PASSW0RD` and `OPERATOR:PASSW0RD`.
const FIRST: &str = "Authorization: Basic VVNFUklEOlBBU1NXMFJE";
const SECOND: &str = "Authorization: Basic T1BFUkFUT1I6UEFTU1cwUkQ=";

struct Double {
    child: Child,
    url: String,
    stderr: Option<ChildStderr>,
}

impl Double {
    fn start(arguments: &[&str]) -> Self {
        let mut child = binary().arg("serve").args(arguments).spawn().expect("the double starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut line)
            .expect("its first line");
        let stderr = child.stderr.take();
        Self { child, url: line.trim_end().to_owned(), stderr }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.strip_prefix("http://").expect("plain HTTP"))
            .expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a bound");
        stream
    }

    /// Everything that comes back to one request; empty when nothing does.
    fn raw(&self, method: &str, target: &str, header: &str, body: &str) -> String {
        let mut stream = self.connect();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: double\r\nConnection: \
            close\r\n{header}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    fn get(&self, target: &str) -> (u16, String) {
        parts(&self.raw("GET", target, FIRST, ""))
    }

    fn send(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        parts(&self.raw(method, target, FIRST, body))
    }

    fn state(&self) -> Value {
        json(&self.get("/_double/state").1)
    }

    /// Asks it to end, and waits for that. Its exit code, and what it wrote to stderr.
    fn end(mut self, name: &str) -> (i32, String) {
        signal(&self.child, name);
        let exit = self.child.wait().expect("its end").code().expect("an exit code, not a signal");
        let mut said = String::new();
        self.stderr.take().expect("its stderr").read_to_string(&mut said).expect("UTF-8");
        (exit, said)
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn parts(reply: &str) -> (u16, String) {
    let status = reply.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, reply.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
}

fn copy() -> String {
    json!({ "action": "start", "operation": "copy", "uuid": SHARED, "destination": "internal" })
        .to_string()
}

fn refused(arguments: &[&str]) -> String {
    let Answer { exit, stdout, stderr } = lxca(&[&["serve"], arguments].concat());
    assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
    stderr
}

fn written(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file");
    text(&path).to_owned()
}

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

// ---- scripts

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

// ---- TLS

#[test]
fn a_given_certificate_is_shown_and_trusted_when_a_client_is_told_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let cert = written(folder.path(), "cert.pem", &made.cert.pem());
    let key = written(folder.path(), "key.pem", &made.signing_key.serialize_pem());
    let double = Double::start(&["--cert", &cert, "--key", &key]);
    assert!(double.url.starts_with("https://127.0.0.1:"), "{}", double.url);
    let shown = lxca(&["fingerprint", &double.url]);
    assert_eq!(shown.exit, 0, "{}", shown.stderr);
    let out = folder.path().join("out");
    let run = [
        "run",
        "--url",
        &double.url,
        "--user",
        "USERID",
        "--ca-file",
        &cert,
        "--filter",
        "appliance.get::*",
        "--allow-incomplete",
        "--out",
        text(&out),
    ];
    let ran = lxca(&run);
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
    let (exit, said) = double.end("INT");
    assert_eq!(exit, 0);
    assert_eq!(
        said.lines().next(),
        Some(format!("certificate SHA-256 {}", shown.stdout.trim()).as_str())
    );
    assert!(said.contains(" GET /aicc 200 USERID "), "{said}");

    let other =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let other = written(folder.path(), "other.pem", &other.signing_key.serialize_pem());
    for (cert, key, words) in [
        (&cert, &other, "the key must belong to it"),
        (&key, &key, "-----BEGIN CERTIFICATE-----"),
        (&cert, &cert, "no private key"),
    ] {
        let said = refused(&["--cert", cert, "--key", key]);
        assert!(said.contains(words) && said.contains(".pem"), "{said}");
    }
    assert!(refused(&["--cert", &cert]).contains("--key"));
    assert!(refused(&["--key", &key]).contains("--cert"));
    assert!(
        refused(&["--cert", "no-such.pem", "--key", &key])
            .contains("read no-such.pem: No such file")
    );
}

// ---- log

#[test]
fn each_request_is_a_line_of_the_log_without_what_is_secret() {
    let double = Double::start(&["--fault", "locks.list: 503 on call 2"]);
    double.get(LOCKS);
    double.get(LOCKS);
    double.raw("GET", LOCKS, SECOND, "");
    double.raw("GET", LOCKS, "Authorization: Basic VVNFUklEOndyb25n", "");
    double.raw("DELETE", "/sessions/0123456789abcdef0123456789abcdef?password=PASSW0RD", FIRST, "");
    double.raw("POST", "/sessions", "Accept: */*", r#"{"UserId": "PASSW0RD", "password": "oops"}"#);
    let (exit, log) = double.end("TERM");
    assert_eq!(exit, 0);
    let lines: Vec<Vec<&str>> = log.lines().map(|line| line.split(' ').collect()).collect();
    let told: Vec<String> = lines.iter().map(|words| words[1..5].join(" ")).collect();
    assert_eq!(
        told,
        [
            "GET /aicc/service/sftp/locks 200 USERID",
            "GET /aicc/service/sftp/locks 503 -",
            "GET /aicc/service/sftp/locks 403 OPERATOR",
            "GET /aicc/service/sftp/locks 401 -",
            "DELETE /sessions/{id} 404 USERID",
            "POST /sessions 403 -",
        ]
    );
    for words in &lines {
        assert!(words[0].len() == 24 && words[0].ends_with('Z'), "{words:?}");
        assert!(
            words[5].parse::<f64>().is_ok_and(|took| (0.0..1000.0).contains(&took))
                && words[6] == "ms",
            "{words:?}"
        );
    }
    assert!(lines[1].join(" ").ends_with(" ms [locks.list: 503 on call 2]"), "{log}");
    for secret in ["PASSW0RD", "oops", "VVNFUklE", "0123456789abcdef"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn quiet_is_quiet() {
    let double = Double::start(&["--quiet"]);
    assert_eq!(double.get(LOCKS).0, 200);
    assert_eq!(double.end("TERM"), (0, String::new()));
}

#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let double = Double::start(&[]);
    let mut stream = double.connect();
    let request =
        format!("GET /_double/{} HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n", "x".repeat(180));
    // Far more than a pipe holds.
    let mut seen = 0;
    let mut chunk = vec![0; 1 << 16];
    for _ in 0..60 {
        stream.write_all(request.repeat(100).as_bytes()).expect("sent");
        let due = seen + 100;
        let mut text = String::new();
        while seen + text.matches("HTTP/1.1 599").count() < due || !text.ends_with('\n') {
            let read = stream.read(&mut chunk).expect("a reply within the bound");
            assert!(read > 0);
            text.push_str(&String::from_utf8_lossy(&chunk[..read]));
        }
        seen = due;
    }
    let mut double = double;
    signal(&double.child, "TERM");
    let start = Instant::now();
    // It ends although its last lines can't be written.
    assert_eq!(double.child.wait().expect("its end").code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut log = String::new();
    double.stderr.take().expect("its stderr").read_to_string(&mut log).expect("UTF-8");
    assert!(log.lines().count() < 6000, "the pipe would have held it all, so nothing was shown");
}

// ---- the end

#[test]
fn a_signal_ends_it_in_order_and_a_request_that_is_under_way_is_answered() {
    for name in ["INT", "TERM"] {
        let double = Double::start(&["--fault", "tasks.list: delay 700ms"]);
        let idle = double.connect();
        let mut stream = double.connect();
        write!(stream, "GET /tasks HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n").expect("sent");
        command::until("the request is there", || {
            double.state()["observed"]["requests"]["tasks.list"] == 1
        });
        let start = Instant::now();
        let (exit, log) = double.end(name);
        assert_eq!(exit, 0, "{log}");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("a whole reply");
        assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with(']'), "{name}: {reply}");
        assert!(start.elapsed() < Duration::from_secs(5), "an idle connection holds up nothing");
        drop(idle);
    }
}

#[test]
fn a_request_that_takes_too_long_does_not_hold_up_the_end() {
    let double = Double::start(&["--fault", "tasks.list: delay 5m"]);
    let mut stream = double.connect();
    write!(stream, "GET /tasks HTTP/1.1\r\nHost: double\r\n{FIRST}\r\n\r\n").expect("sent");
    command::until("the request is there", || {
        double.state()["observed"]["requests"]["tasks.list"] == 1
    });
    let start = Instant::now();
    assert_eq!(double.end("TERM").0, 0);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_port_that_is_taken_and_a_version_that_is_none_are_refused() {
    let double = Double::start(&["--quiet"]);
    let port = double.url.rsplit(':').next().expect("a port");
    assert!(refused(&["--port", port]).contains(&format!("listen on 127.0.0.1:{port}")));
    assert!(refused(&["--version", "4.1 beta"]).contains("letters, digits, dots and hyphens"));
    let help = answer(binary().args(["serve", "--help"]));
    for option in ["--cert", "--key", "--state", "--quiet", "_double/state", "on call 2"] {
        assert!(help.stdout.contains(option), "{option}");
    }
}
