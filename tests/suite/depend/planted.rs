//! 60 dependencies over eight operations, planted in clients in three languages: what is learned of
//! each is all of them and no other.
//!
//! Knows: what the clients read. Must not know: how the experiments are planned.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lxca_conform::profile::{Change, Profile};
use serde_json::{Map, Value, json};

use crate::support::command::{Answer, answer, binary, text};

use super::client;

const PARTS: [&str; 8] =
    ["nodes", "chassis", "cmms", "switches", "fans", "powerSupplies", "canisters", "cabinet"];

/// A recording of the eight answers: 22 members each, four rows in every list.
pub(super) fn recording(folder: &Path) -> PathBuf {
    let row = |number: usize, part: &str| {
        let mut row = Map::new();
        for member in 0..12 {
            row.insert(format!("t{member:02}"), json!(format!("text {number} {member}")));
        }
        let states = ["Online", "Offline", "Online", "Online"];
        row.insert("state".to_owned(), json!(states[number]));
        row.insert("reason".to_owned(), json!("cable"));
        row.insert("slots".to_owned(), json!((number + 11).to_string()));
        row.insert("code".to_owned(), json!(200));
        row.insert("made".to_owned(), json!("2019-05-02T19:28:14Z"));
        row.insert("tags".to_owned(), json!(["red", part]));
        row.insert("inner".to_owned(), json!({ "on": true, "level": number }));
        Value::Object(row)
    };
    let entry = |part: &&str| {
        let rows: Vec<Value> = (0..4).map(|number| row(number, part)).collect();
        let headers = json!([{ "name": "Content-Type", "value": "application/json" }]);
        json!({
            "startedDateTime": "2026-11-30T02:00:00Z", "time": 5,
            "request": { "method": "GET", "url": format!("https://192.0.2.10/{part}"),
                         "httpVersion": "HTTP/1.1", "headers": [] },
            "response": { "status": 200, "httpVersion": "HTTP/1.1", "headers": headers,
                          "content": { "mimeType": "application/json",
                                       "text": json!({ "list": rows }).to_string() } },
        })
    };
    let entries: Vec<Value> = PARTS.iter().map(entry).collect();
    let har = json!({ "log": { "version": "1.2", "creator": { "name": "x", "version": "1" },
                               "entries": entries } });
    let path = folder.join("planted.har");
    fs::write(&path, har.to_string()).unwrap();
    path
}

/// Runs `depend` in a folder.
pub(super) fn depend(folder: &Path, options: &[&str], command: &[String]) -> Answer {
    let mut binary = binary();
    binary.current_dir(folder).arg("depend").args(options).arg("--").args(command);
    answer(&mut binary)
}

pub(super) fn profile(path: &Path) -> Profile {
    let written = fs::read_to_string(path).unwrap();
    lxca_conform::profile::read(text(path), &written).expect("a profile as its reader wants it")
}

/// What the parts of the clients need.
fn needed(parts: &[&str]) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for part in parts {
        let (members, rows) = match *part {
            "nodes" => ("t00 t01 t05 t11 t07 reason tags", "*"),
            "chassis" => ("t02 t03 t04 t06 t08 t09 state inner inner/on", "*"),
            "cmms" => ("t00 t10 state", "*"),
            "switches" => ("t01 t02 t03 t04 t05 t06", "*"),
            "fans" => ("t08 t09 t10 t11 slots", "*"),
            "powerSupplies" => ("t00 t02 t04 t06 t08 t10", "*"),
            "canisters" => ("t01 t03 t05 t07 t09 t11", "*"),
            _ => ("t00 t01 t02 t03 t04 inner inner/level", "*"),
        };
        needed.insert(format!("/{part}/list"));
        needed.extend(members.split(' ').map(|member| format!("/{part}/list/{rows}/{member}")));
        if *part == "switches" {
            needed.insert("/switches/list/2/t00".to_owned());
        }
    }
    needed
}

/// The values that they rely on.
fn values(parts: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let all = [
        ("nodes", "state", vec![json!("Offline")]),
        ("chassis", "state", vec![json!("Offline"), json!("Online")]),
        ("chassis", "inner/on", vec![json!(true)]),
        ("cmms", "state", vec![json!("Online")]),
        ("cabinet", "code", vec![json!(200)]),
    ];
    let mine = all.into_iter().filter(|(part, ..)| parts.contains(part));
    mine.map(|(part, member, values)| (format!("/{part}/list/*/{member}"), values)).collect()
}

/// What is only minded: changes that break it, of members that may be gone, and of lists.
fn minded(parts: &[&str]) -> BTreeSet<(String, Change)> {
    let all = [
        ("chassis", "list/*/state", Change::Case),
        ("chassis", "list/*/state", Change::UnknownValue),
        ("chassis", "list/*/inner/on", Change::OtherValue),
        ("cmms", "list/*/state", Change::UnknownValue),
        ("cmms", "list/*/state", Change::OtherValue),
        ("cmms", "list", Change::Empty),
        ("cmms", "list", Change::Two),
        ("switches", "list", Change::Empty),
        ("fans", "list/*/slots", Change::UnknownValue),
        ("fans", "list/*/made", Change::TimePrecision),
        ("powerSupplies", "list/*/slots", Change::UnknownValue),
        ("canisters", "list", Change::Empty),
        ("canisters", "list", Change::Two),
        ("nodes", "list/*/tags", Change::Empty),
        ("cabinet", "list", Change::Order),
        ("cabinet", "list/*/code", Change::OtherValue),
    ];
    let mine = all.into_iter().filter(|(part, ..)| parts.contains(part));
    mine.map(|(part, member, change)| (format!("/{part}/{member}"), change)).collect()
}

/// Holds a profile against what the client is known to need: recall and precision of 100 %.
fn holds(profile: &Profile, parts: &[&str]) {
    let rows: Vec<_> = profile
        .operations
        .iter()
        .flat_map(|one| one.needs.iter().map(|row| (format!("{}{}", one.path, row.path), row)))
        .collect();
    let found = |is: &dyn Fn(&lxca_conform::profile::Member) -> bool| -> BTreeSet<String> {
        rows.iter().filter(|(_, row)| is(row)).map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(found(&|row| row.needed), needed(parts));
    let relied: BTreeMap<String, Vec<Value>> = rows
        .iter()
        .filter(|(_, row)| !row.values.is_empty())
        .map(|(path, row)| (path.clone(), row.values.clone()))
        .collect();
    assert_eq!(relied, values(parts));
    // Types, and what comes with a member that isn't there, are the language's own.
    let own = [Change::Gone, Change::Null, Change::Type, Change::Renamed];
    let mut others: BTreeSet<(String, Change)> = BTreeSet::new();
    for (path, row) in &rows {
        let breaks = row.breaks.iter().filter(|change| !own.contains(change));
        others.extend(breaks.map(|change| (path.clone(), *change)));
    }
    assert_eq!(others, minded(parts));
    let called: BTreeSet<&str> =
        profile.operations.iter().map(|one| one.path.trim_start_matches('/')).collect();
    assert_eq!(called, parts.iter().copied().collect());
    for one in &profile.operations {
        assert!(one.needs_answer && !one.needs_status, "{one:?}");
        assert_eq!(one.breaks, [Change::NoContent, Change::Refused]);
        assert_eq!(one.members, Some(22));
        assert!(one.id.is_some(), "{one:?}");
    }
}

fn learn(command: &[String], parts: &[&str], jobs: &str) -> u64 {
    let room = tempfile::tempdir().unwrap();
    let har = recording(room.path());
    let options = ["--recording", text(&har), "--out", "p.toml", "-j", jobs];
    let answer = depend(room.path(), &options, command);
    assert_eq!(answer.exit, 0, "{answer:?}");
    assert!(!room.path().join("p.toml.journal").exists(), "all is learned");
    let profile = profile(&room.path().join("p.toml"));
    holds(&profile, parts);
    profile.client.runs.unwrap()
}

#[test]
fn sixty_dependencies_of_a_client_in_rust_are_found_and_no_other() {
    let all = needed(&PARTS).len() + minded(&PARTS).len();
    assert!(all >= 60, "{all} dependencies");
    let mut command = vec!["env".to_owned(), format!("PLANTED={}", PARTS.join(" "))];
    command.extend(client::words());
    let runs = learn(&command, &PARTS, "2");
    println!("{runs} runs");
}

fn script(name: &str) -> String {
    format!("{}/tests/clients/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
#[ignore = "it takes minutes, and needs Python"]
fn sixty_dependencies_of_a_client_in_python_are_found_and_no_other() {
    let mut command = vec!["python3".to_owned(), "-S".to_owned(), script("planted.py")];
    command.extend(PARTS.iter().map(|part| (*part).to_owned()));
    learn(&command, &PARTS, "2");
}

#[test]
#[ignore = "it takes minutes, and needs curl and jq"]
fn sixty_dependencies_of_a_client_in_shell_are_found_and_no_other() {
    let mut command = vec![script("planted.sh")];
    command.extend(PARTS.iter().map(|part| (*part).to_owned()));
    learn(&command, &PARTS, "2");
}
