//! What is kept, also where one side goes away: whole rows, a whole HAR, no secret, and no second
//! recording in the same folder.
//!
//! Knows: a client as a command, signals, and the files that are left. Must not know: the library
//! behind it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;

use crate::support::command::{Answer, Served, answer, binary, json, read, signal, text, until};
use crate::support::raw_server::RawServer;

use super::{Recording, exchanges, har, target};

/// The binary as a recorder of a command.
fn recorded(folder: &Path, url: &str, more: &[&str], command: &[&str]) -> Answer {
    let file = target(folder, url, "");
    let out = folder.join("out");
    answer(
        binary()
            .args(["record", "--target", text(&file), "--out", text(&out)])
            .args(more)
            .arg("--")
            .args(command),
    )
}

#[test]
fn a_client_and_a_server_that_go_away_in_the_middle_lose_no_earlier_row() {
    let server = RawServer::start(|request, out| {
        if request.target() == "/breaks" {
            out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")?;
            return Err(std::io::ErrorKind::Other.into());
        }
        if request.target() == "/silent" {
            return Err(std::io::ErrorKind::Other.into());
        }
        if request.target() == "/endless" {
            out.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                out.write_all(b"5\r\nagain\r\n")?;
            }
        }
        out.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    });
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let head = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(recording.ask(&head("/nodes")).ends_with("{}"));
    // As much as came, and then the end: no more, and no answer of the proxy's own.
    assert!(recording.ask(&head("/breaks")).ends_with("\r\n\r\nonly this"));
    assert_eq!(recording.ask(&head("/silent")), "");
    let mut stream = recording.connect();
    stream.write_all(head("/endless").as_bytes()).unwrap();
    stream.read_exact(&mut [0; 2000]).unwrap();
    drop(stream);
    let out = recording.out.clone();
    until("the client's end is kept", || exchanges(&out).len() == 4);
    assert!(recording.ask(&head("/aicc")).ends_with("{}"));
    let (exit, rows) = recording.end();
    assert_eq!((exit, rows.len()), (0, 5));
    let faults: Vec<&str> =
        rows.iter().map(|row| row["fault"]["message"].as_str().unwrap_or("whole")).collect();
    assert_eq!(faults[0], "whole");
    assert!(faults[1].contains("status 200") && faults[1].contains("after 9 bytes"), "{faults:?}");
    assert!(faults[2].contains("the appliance ended the connection without an answer"));
    assert!(faults[3].contains("the client ended the connection"), "{faults:?}");
    assert_eq!(faults[4], "whole");
    assert_eq!(har(&out).len(), 5);
}

#[test]
fn a_recorder_that_is_killed_leaves_whole_rows_and_a_whole_har() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path(), &server.url, &[]);
    for number in 0..20 {
        recording.ask(&format!("GET /nodes?n={number} HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    let out = recording.out.clone();
    until("all rows are there", || exchanges(&out).len() == 20);
    recording.child.kill().unwrap();
    recording.child.wait().unwrap();
    assert_eq!(exchanges(&out).len(), 20);
    assert_eq!(har(&out).len(), 20);
    let judged = answer(binary().args(["judge", text(&out)]));
    assert!([0, 1, 3].contains(&judged.exit), "{}", judged.stderr);
}

/// What the client of these tests asks, as a shell would with curl.
const CLIENT: &str = "set -e
body='{\"UserId\":\"USERID\",\"password\":\"PASSW0RD\"}'
curl -sf -c \"$1/jar\" -X POST \"$LXCA_URL/sessions\" -H 'content-type: application/json' \
-d \"$body\" -o \"$1/login.json\"
curl -sf -b \"$1/jar\" \"$LXCA_URL/nodes\" -o \"$1/nodes.json\"
curl -sf -b \"$1/jar\" \"$2/aicc?token=Very-S3cret\" -o \"$1/aicc.json\"
curl -sf -u USERID:PASSW0RD \"$2/aicc\" -o \"$1/aicc.json\"
";

#[test]
fn a_client_is_recorded_and_judged_and_no_secret_is_in_any_file() {
    let double = Served::start(&["--quiet"]);
    let folder = tempfile::tempdir().unwrap();
    let place = text(folder.path());
    let done =
        recorded(folder.path(), &double.url, &[], &["sh", "-c", CLIENT, "sh", place, "{url}"]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    let out = folder.path().join("out");
    assert_eq!((exchanges(&out).len(), har(&out).len()), (4, 4));
    let jar = read(&folder.path().join("jar"));
    let login = json(&read(&folder.path().join("login.json")));
    let mut secrets = vec!["PASSW0RD".to_owned(), "Very-S3cret".to_owned()];
    secrets.push("VVNFUklEOlBBU1NXMFJE".to_owned());
    let session = &login["response"]["session"];
    secrets.extend(
        ["id", "csrf"].iter().filter_map(|name| session[*name].as_str().map(str::to_owned)),
    );
    secrets.extend(
        jar.lines()
            .filter(|line| line.contains("JSESSIONID") || line.contains("csrf"))
            .filter_map(|line| line.split('\t').next_back().map(str::to_owned)),
    );
    assert!(secrets.len() >= 5, "{secrets:?}");
    for file in ["transcript.jsonl", "exchanges.har"] {
        let text = read(&out.join(file));
        assert!(!text.is_empty());
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} is in {file}");
        }
    }
    // The client got everything, the record has it, and it is judged as what it is.
    let nodes = json(&read(&folder.path().join("nodes.json")));
    let row = &exchanges(&out)[1];
    assert_eq!(json(row["got"]["body"]["text"].as_str().unwrap()), nodes);
    for what in [out.clone(), out.join("exchanges.har")] {
        let reports = folder.path().join("judged");
        let judged = answer(binary().args(["judge", text(&what), "--out", text(&reports)]));
        assert_eq!(judged.exit, 0, "{}{}", judged.stdout, judged.stderr);
        let report = json(&read(&reports.join("report.json")));
        assert_eq!(
            (&report["claim"], &report["target"]["kind"]),
            (&false.into(), &"recording".into())
        );
        let cases: Vec<&str> = report["cases"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|one| one["id"].as_str())
            .collect();
        assert!(cases.contains(&"nodes.list::recorded-200-list"), "{cases:?}");
    }
    let gate = answer(binary().args(["gate", "--baseline", text(&out), "--candidate", text(&out)]));
    assert_eq!(gate.exit, 0, "{}{}", gate.stdout, gate.stderr);
    let shape = json(&answer(binary().args(["shape", text(&out)])).stdout);
    assert!(shape["$defs"]["nodes.list/200"].is_object());
    let html = answer(binary().args(["report", text(&out), "--format", "markdown"]));
    assert_eq!(html.exit, 0, "{}", html.stderr);
}

#[test]
fn the_end_of_the_command_is_the_end_of_the_recording_and_its_exit_says_how() {
    let double = Served::start(&["--quiet"]);
    let run = |url: &str, command: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        recorded(folder.path(), url, &[], command)
    };
    let curl = "curl -s \"$LXCA_URL/aicc\"; exit $0";
    let done = run(&double.url, &["sh", "-c", curl, "0"]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    assert!(done.stdout.contains("appliance"), "the command's own output passes: {}", done.stdout);
    let failed = run(&double.url, &["sh", "-c", curl, "7"]);
    assert_eq!(failed.exit, 3, "{}", failed.stderr);
    assert!(failed.stderr.contains("exit status: 7"), "{}", failed.stderr);
    let silent = run(&double.url, &["true"]);
    assert_eq!(silent.exit, 4, "{}", silent.stderr);
    assert!(silent.stderr.contains("LXCA_URL"), "{}", silent.stderr);
    let none = run(&double.url, &["/no/such/command"]);
    assert_eq!(none.exit, 2, "{}", none.stderr);
    let nobody = run("http://127.0.0.1:9", &["sh", "-c", curl, "0"]);
    assert_eq!(nobody.exit, 5, "{}", nobody.stderr);
    assert!(nobody.stdout.contains("got no answer"), "{}", nobody.stdout);
    // What the proxy refuses beside it was no answer of the target either.
    let post = "curl -s -X POST -d '{}' \"$LXCA_URL/nodes\"";
    let both = format!("{curl}; {post}");
    let nobody = run("http://127.0.0.1:9", &["sh", "-c", &both, "0"]);
    assert_eq!(nobody.exit, 5, "{}", nobody.stderr);
    let refused = run(&double.url, &["sh", "-c", post]);
    assert_eq!(refused.exit, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("--allow"), "{}", refused.stderr);
}

#[test]
fn both_sides_can_be_encrypted_and_trust_is_as_the_target_says() {
    let mut double = binary().args(["serve", "--tls", "--quiet"]).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(double.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let mut pin = String::new();
    BufReader::new(double.stderr.take().unwrap()).read_line(&mut pin).unwrap();
    let pin = pin.trim().trim_start_matches("certificate SHA-256 ").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let out = text(&folder.path().join("out")).to_owned();
    let curl = "curl -s -u USERID:PASSW0RD --cacert \"$LXCA_CA_FILE\" \"$LXCA_URL/aicc\"";
    let record = |more: &[&str]| {
        answer(
            binary()
                .args(["record", "--url", url.trim(), "--tls", "--out", &out])
                .args(more)
                .args(["--", "sh", "-c", curl]),
        )
    };
    let done = record(&["--pin-sha256", &pin]);
    assert_eq!(done.exit, 0, "{}", done.stderr);
    assert!(done.stdout.contains("appliance"), "{}", done.stdout);
    assert_eq!(exchanges(Path::new(&out))[0]["got"]["status"], 200);
    for wrong in [vec!["--pin-sha256", &"0".repeat(64)], vec![]] {
        let refused = record(&wrong);
        assert_eq!(refused.exit, 5, "{}", refused.stderr);
        assert_eq!(exchanges(Path::new(&out))[0]["fault"]["kind"], "tls");
    }
    assert_eq!(record(&["--insecure"]).exit, 0);
    double.kill().unwrap();
    double.wait().unwrap();
}

#[test]
fn a_folder_of_another_recording_is_refused_and_bad_targets_are_told() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let folder = tempfile::tempdir().unwrap();
    let recording = Recording::start(folder.path(), &server.url, &[]);
    let out = text(&recording.out).to_owned();
    let other =
        answer(binary().args(["record", "--url", &server.url, "--out", &out, "--", "true"]));
    assert_eq!(other.exit, 2, "{}", other.stderr);
    recording.end();
    for arguments in [
        &["record", "--", "true"][..],
        &["record", "--target", "/no/such.toml", "--", "true"],
        &["record", "--url", "nonsense", "--", "true"],
        &["record", "--url", "http://a:b@192.0.2.1", "--", "true"],
    ] {
        assert_eq!(answer(binary().args(arguments)).exit, 2, "{arguments:?}");
    }
}

#[test]
fn an_interrupt_ends_the_command_and_keeps_the_record() {
    let server = RawServer::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let folder = tempfile::tempdir().unwrap();
    let file = target(folder.path(), &server.url, "");
    let out = folder.path().join("out");
    let mut child = binary()
        .args(["record", "--target", text(&file), "--out", text(&out), "--"])
        .args(["sh", "-c", "curl -s \"$LXCA_URL/nodes\"; exec sleep 600"])
        .spawn()
        .unwrap();
    until("its first row is there", || {
        out.join("transcript.jsonl").exists() && !exchanges(&out).is_empty()
    });
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let rows = exchanges(&out);
    assert_eq!(rows.len(), 1);
    let last = read(&out.join("transcript.jsonl"));
    assert_eq!(json(last.lines().last().unwrap())["ended_early"]["kind"], "interrupted");
}
