//! What a whole process costs beside the least that its requests can cost: 200, 2 000 and 20 000
//! cases that somebody brings along, against a fast server.
//!
//! Half of the cases list locks, a quarter are transfers that must be accepted, a quarter must be
//! refused. Server, floor and run are processes of their own on the loopback interface. The floor
//! is one client that sends one case after the other, checks status, content type, the body against
//! its schema with formats, and the exact body where it is known, and writes a list of tests. The
//! run writes its record and all reports. Both in turn, medians. Knows: the binary. Must not judge:
//! a figure is for people.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::too_many_lines,
    reason = "a benchmark may stop at once, read and write files, and print"
)]

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const LOCKS: &str = "/aicc/service/sftp/locks";
const DATA: &str = "/managementServer/data";
const LOCK_LIST: &str = r#"[{"component":"UP","creationTimestamp":"2022-09-09T01:46:08Z","expirationTimeOut":999999999,"id":"3F2B9C0D1E4A4B5C8D7E6F5A4B3C2D1E"},{"component":"UP","creationTimestamp":"2022-09-09T01:46:12Z","expirationTimeOut":999999999,"id":"A1B2C3D4E5F60718293A4B5C6D7E8F90"}]"#;
const STARTED: &str = r#"{"jobId":"17","message":[],"result":"success"}"#;
const REFUSED: &str = r#"{"message":[{"explanation":"uuid is missing","id":"FQXHMSE0001I","recovery":[{"URL":"https://127.0.0.1/help","text":"Correct the request and try again."}],"text":"uuid is missing"}],"result":"failed"}"#;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("server") => server(),
        Some("floor") => floor(&arguments[1], Path::new(&arguments[2])),
        _ => compare(),
    }
}

fn compare() {
    let server = Server::start();
    println!(
        "{:>7}{:>10}{:>10}{:>8}{:>16}{:>16}{:>14}",
        "cases", "floor s", "run s", "ratio", "floor us/case", "run us/case", "run peak MiB"
    );
    for (cases, rounds) in [(200, 11), (2_000, 7), (20_000, 3)] {
        let folder = tempfile::tempdir().expect("a folder");
        write_cases(folder.path(), cases);
        let this = std::env::current_exe().expect("this program");
        let floor =
            || measured(Command::new(&this).args(["floor", &server.address]).arg(folder.path())).0;
        let run = || {
            measured(
                Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
                    .args(["run", "--url", &format!("http://{}", server.address)])
                    .args(["--user", "USERID", "--allow", "destroy", "--generated", "none"])
                    .args(["--concurrency", "1", "--quiet", "--catalogue"])
                    .arg(folder.path().join("cases"))
                    .arg("--out")
                    .arg(folder.path().join("out"))
                    .env("LXCA_PASSWORD", "PASSW0RD"),
            )
        };
        let (_, _) = (floor(), run());
        let (mut floors, mut runs, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            floors.push(floor());
            let (took, peak) = run();
            runs.push(took);
            peaks.push(peak);
        }
        let (floor, run) = (median(floors).as_secs_f64(), median(runs).as_secs_f64());
        let each = |seconds: f64| seconds * 1e6 / cases as f64;
        println!(
            "{cases:>7}{floor:>10.3}{run:>10.3}{:>8.2}{:>16.1}{:>16.1}{:>14.1}",
            run / floor,
            each(floor),
            each(run),
            peaks.iter().max().copied().unwrap_or_default() as f64 / 1024.0
        );
    }
}

/// How long a process takes, and the most memory that it was seen to hold, in KiB.
fn measured(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        // A high-water mark, so that a look now and then misses little.
        let seen = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = seen.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if let Some(ended) = child.try_wait().expect("its end") {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(ended.success(), "{command:?} ended with {ended}");
    (start.elapsed(), peak)
}

/// The cases once as rows for the floor, and once as case files.
fn write_cases(folder: &Path, count: usize) {
    let (mut rows, mut gets, mut puts) = (
        String::new(),
        String::from("operation = \"sftp-locks.list\"\n"),
        String::from("operation = \"backup.transfer\"\n"),
    );
    for index in 0..count {
        let uuid = format!("47eaa099-2cb6-416d-86dc-{index:012x}");
        let copy = json!({ "action": "start", "destination": "internal", "operation": "copy" });
        let mut whole = copy.clone();
        whole["uuid"] = json!(uuid);
        let change = "effect = \"destroy\"\nimpact = \"none\"";
        match index % 4 {
            0 | 2 => {
                let _ = writeln!(rows, "{}", json!({ "path": LOCKS, "status": 200 }));
                let _ = writeln!(
                    gets,
                    "\n[[case]]\nid = \"get-{index}\"\ntitle = \"list\"\neffect = \
                    \"read\"\nrequest = {{}}\nexpect = {{ status = [200], requirement = \
                    \"sftp-locks.list/request\" }}"
                );
            }
            1 => {
                let row = json!({ "path": DATA, "body": whole, "status": 200, "equals": true });
                let _ = writeln!(rows, "{row}");
                let _ = writeln!(
                    puts,
                    "\n[[case]]\nid = \"put-{index}\"\ntitle = \"put\"\n{change}\nrequest = {{ \
                    json = '{whole}' }}\nexpect = {{ status = [200], body = \"start\", requirement \
                    = \"backup.transfer/behaviour/start-creates-job\", equals = {{ \"/jobId\" = \
                    \"17\" }} }}"
                );
            }
            _ => {
                let row = json!({ "path": DATA, "body": copy, "status": 400 });
                let _ = writeln!(rows, "{row}");
                let _ = writeln!(
                    puts,
                    "\n[[case]]\nid = \"put-{index}\"\ntitle = \"put\"\n{change}\nrequest = {{ \
                    json = '{copy}' }}\nexpect = {{ status = [400], requirement = \
                    \"backup.transfer/request/uuid/required\" }}"
                );
            }
        }
    }
    let cases = folder.join("cases");
    for (path, text) in
        [("aicc/service/sftp/locks/get.toml", gets), ("managementServer/data/put.toml", puts)]
    {
        let file = cases.join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, text).expect("the cases");
    }
    std::fs::write(folder.join("rows.jsonl"), rows).expect("the rows");
}

/// The least that a program with these checks costs.
fn floor(address: &str, folder: &Path) {
    let text = json!({ "type": "string" });
    let message = json!({ "type": "array", "items": { "type": "object", "required": ["id", "text"],
        "properties": { "id": text, "text": text, "explanation": text } } });
    let locks = json!({ "type": "array", "items": { "type": "object", "additionalProperties": false,
        "required": ["id", "component", "creationTimestamp", "expirationTimeOut"],
        "properties": {
            "id": { "type": "string", "pattern": "^[A-Za-z0-9]{32}$" },
            "component": { "enum": ["CN", "CP", "CR", "DI", "DM", "DS", "EM", "FC", "JM", "MF",
                "MI", "NM", "RC", "SE", "SP", "SS", "ST", "TS", "UP", "UI"] },
            "creationTimestamp": { "type": "string", "format": "date-time" },
            "expirationTimeOut": { "type": "integer", "minimum": 0 } } } });
    let start = json!({ "type": "object", "required": ["jobId", "result", "message"],
        "additionalProperties": false, "properties": {
            "jobId": { "type": "string", "pattern": "^[0-9]+$" },
            "result": { "enum": ["success", "failed", "warning"] }, "message": message } });
    let failed = json!({ "type": "object", "required": ["result", "message"],
        "properties": { "result": { "enum": ["failed"] }, "message": message } });
    let [locks, start, failed] = [locks, start, failed].map(|schema| {
        jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema")
    });
    let rows = std::fs::read_to_string(folder.join("rows.jsonl")).expect("the rows");
    let rows: Vec<Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let exact: Value = serde_json::from_str(STARTED).unwrap();
    let mut junit = format!("<testsuites><testsuite tests=\"{}\">\n", rows.len());
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime().block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        for (index, row) in rows.iter().enumerate() {
            let began = Instant::now();
            let url = format!("http://{address}{}", row["path"].as_str().unwrap());
            let request = match row.get("body") {
                Some(body) => client
                    .put(url)
                    .header("content-type", "application/json")
                    .body(body.to_string()),
                None => client.get(url),
            };
            let answer = request.basic_auth("USERID", Some("PASSW0RD")).send().await.unwrap();
            let status = answer.status().as_u16();
            assert!(row["status"] == status);
            assert!(answer.headers()["content-type"].as_bytes().starts_with(b"application/json"));
            let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            let schema = match (row.get("body"), status) {
                (None, _) => &locks,
                (_, 200) => &start,
                _ => &failed,
            };
            assert!(schema.iter_errors(&body).next().is_none());
            assert!(row.get("equals").is_none() || body == exact);
            let took = began.elapsed().as_secs_f64();
            let _ = writeln!(junit, "<testcase name=\"{index}\" time=\"{took:.6}\"/>");
        }
    });
    junit.push_str("</testsuite></testsuites>\n");
    std::fs::write(folder.join("floor.xml"), junit).expect("the report");
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg("server")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut address = String::new();
        BufReader::new(child.stdout.take().expect("its stdout"))
            .read_line(&mut address)
            .expect("its address");
        Self { child, address: address.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server() {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("{}", listener.local_addr().expect("an address"));
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let _ = stream.set_nodelay(true);
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(answer)),
            );
        }
    });
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match (request.method().clone(), request.uri().path()) {
        (Method::GET, LOCKS) => (200, LOCK_LIST),
        (Method::PUT, DATA) => {
            let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            let body: Value =
                body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
            if body.get("uuid").is_some() { (200, STARTED) } else { (400, REFUSED) }
        }
        _ => (404, REFUSED),
    };
    let answer = Response::builder().status(status).header("content-type", "application/json");
    Ok(answer.body(Full::new(Bytes::from_static(body.as_bytes()))).expect("an answer"))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
