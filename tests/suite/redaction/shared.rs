//! What is shared names nobody, and is judged as before.
//!
//! Knows: an appliance that tells its names everywhere. Must not know: how a stand-in is chosen.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{self, binary, json as parsed, read, text};
use crate::support::wire::{Recorder, Seen};

use super::files;

const UUID: &str = "3A6C0E58-71D9-4F2B-9E84-05B7C1D82FA6";
const HOST: &str = "lxca-rack7";
const DOMAIN: &str = "lxca-rack7.lab.example.org";
const NAMES: [&str; 11] = [
    UUID,
    HOST,
    DOMAIN,
    "Berlin-Lab",
    "10.243.16.5",
    "10.243.16.6",
    "fe80::5054:ff:fe12:3456",
    "2001:db8::17",
    "2001:db8:0:0:1:2:3:4",
    "52:54:00:12:34:56",
    "J1AB23XY",
];

fn appliance(seen: &Seen) -> Vec<u8> {
    let said = json!({
        "appliance": { "version": "4.1.0", "uuid": UUID, "name": HOST, "build": "x" },
        "network_interfaces": [{ "hostname": HOST, "fqdn": DOMAIN, "ipv4": "10.243.16.5",
            "ipv6": ["fe80::5054:ff:fe12:3456", "2001:db8::17", "2001:db8:0:0:1:2:3:4"],
            "mac": "52:54:00:12:34:56" }],
        "serialNumber": "J1AB23XY",
        "message": format!("{HOST} ({DOMAIN}, 10.243.16.6, [2001:db8::17]) with serial J1AB23XY \
            and uuid {UUID} is a part of Berlin-Lab"),
    });
    let body = if seen.target == "/aicc" {
        said.to_string()
    } else {
        json!([said, { "uuid": UUID.to_lowercase(), "id": "x" }]).to_string()
    };
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-host: {DOMAIN}\r\nlocation: \
        https://{DOMAIN}/ui\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_shared_report_names_nobody_and_the_same_stand_in_is_the_same_thing_in_every_file() {
    let server = Recorder::answering(appliance);
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    fs::write(
        &file,
        format!(
            "name = \"Berlin-Lab\"\nurl = \"{}\"\n[auth]\nuser = \
        \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n",
            server.url
        ),
    )
    .expect("a file");
    let out = folder.path().join("out");
    let answer = command::lxca(&["run", "--target", text(&file), "--out", text(&out), "--share"]);
    assert!([1, 3].contains(&answer.exit), "{answer:?}");
    let whole = read(&out.join("transcript.jsonl"));
    for name in NAMES {
        assert!(
            whole.to_lowercase().contains(&name.to_lowercase()),
            "{name} isn't even in the record that isn't shared"
        );
    }
    let mut texts: BTreeMap<String, String> = files(&out.join("share"))
        .into_iter()
        .map(|file| (file.file_name().expect("a name").to_string_lossy().into_owned(), read(&file)))
        .collect();
    assert_eq!(texts.len(), 5);
    for form in ["html", "markdown", "junit", "json"] {
        texts.insert(
            format!("report --share --format {form}"),
            command::lxca(&["report", text(&out), "--format", form, "--share"]).stdout,
        );
    }
    let mut left = Vec::new();
    for (place, text) in &texts {
        for name in NAMES.into_iter().chain(["127.0.0.1"]) {
            if text.to_lowercase().contains(&name.to_lowercase()) {
                left.push(format!("{name} in {place}"));
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));

    // The uuid of the appliance and the address of the run, as each file calls them.
    let record: Vec<Value> = texts["transcript.jsonl"].lines().map(parsed).collect();
    let report = parsed(&texts["report.json"]);
    let identity = record.iter().find(|row| row["row"] == "identity").expect("who it is");
    let header = &record[0];
    assert_eq!(
        identity["uuid"], report["target"]["uuid"],
        "the record and the report call the appliance differently"
    );
    assert_eq!(header["target"]["url"], report["target"]["url"]);
    assert_eq!(header["target"]["name"], report["target"]["name"]);
    let said = record.iter().find(|row| row["step"] == "identify").expect("what it said");
    let said = parsed(said["got"]["body"]["text"].as_str().expect("a text"));
    assert_eq!(said["appliance"]["uuid"], report["target"]["uuid"]);
    assert_eq!(said["appliance"]["name"], said["network_interfaces"][0]["hostname"]);
    let sentence = said["message"].as_str().expect("a sentence");
    for told in [
        &said["appliance"]["uuid"],
        &said["appliance"]["name"],
        &said["network_interfaces"][0]["fqdn"],
        &said["serialNumber"],
    ] {
        assert!(
            sentence.contains(told.as_str().expect("a stand-in")),
            "{told} isn't in `{sentence}`"
        );
    }
    assert_eq!(said["appliance"]["version"], "4.1.0", "a version is no address");
}

#[test]
fn a_shared_record_can_be_judged_again_with_the_same_verdicts() {
    let served = command::Served::start(&[]);
    let out = TempDir::new().expect("a temporary folder");
    // With the changing cases: a page gives a rule on the letters of the id of a lock.
    let run = command::lxca(&[
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--allow",
        "write",
        "--filter",
        "sftp-locks.create::*",
        "--filter",
        "nodes.*",
        "--out",
        text(out.path()),
        "--share",
    ]);
    assert!([0, 3].contains(&run.exit), "{run:?}");
    // The double has uuids as 32 digits everywhere, as an appliance has.
    let whole =
        regex::Regex::new(r"(?i)\b(?:[0-9a-f]{32}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b").unwrap();
    assert!(whole.is_match(&read(&out.path().join("transcript.jsonl"))));
    for file in files(&out.path().join("share")) {
        let left = whole.find(&read(&file)).map(|found| found.as_str().to_owned());
        assert_eq!(left, None, "in {}", file.display());
    }
    let again = TempDir::new().expect("a temporary folder");
    let judged =
        command::lxca(&["judge", text(&out.path().join("share")), "--out", text(again.path())]);
    assert_eq!(judged.exit, run.exit, "{judged:?}");
    assert_eq!(
        command::verdicts(&command::report(again.path())),
        command::verdicts(&command::report(out.path()))
    );
}

#[test]
fn a_shared_report_doesnt_show_the_pinned_certificate_either() {
    let mut child = binary().args(["serve", "--tls"]).spawn().expect("the double starts");
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(child.stdout.take().expect("its stdout")),
        &mut line,
    )
    .expect("its first line");
    let served = command::Served { child, url: line.trim().to_owned() };
    let pin = command::lxca(&["fingerprint", &served.url]).stdout.trim().to_owned();
    let out = TempDir::new().expect("a temporary folder");
    let run = command::lxca(&[
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--pin-sha256",
        &pin,
        "--out",
        text(out.path()),
        "--share",
    ]);
    assert!([0, 3].contains(&run.exit), "{run:?}");
    for file in files(&out.path().join("share")) {
        assert!(!read(&file).contains(&pin), "{}", file.display());
    }
}
