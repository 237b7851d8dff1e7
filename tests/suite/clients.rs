//! What clients depend on: profiles are checked, merged, explained and compared, and a gate judges
//! for them.
//!
//! Knows: the binary, the double with edits. Must not know: the library behind it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::command::{Answer, Served, answer, binary, json, lxca, read, text};

/// A client of the double that reads servers.
const PROFILE: &str = r#"profile = 1

[client]
name = "nightly"

[[operation]]
id = "nodes.list"
method = "GET"
path = "/nodes"
members = 312
known = "experiment"
breaks = ["refused", "order"]
tolerates = ["no-content", "slower"]

[[operation.member]]
path = "/nodeList/*/uuid"
known = "experiment"
type = "string"
breaks = ["gone", "null", "type"]
tolerates = ["extra"]

[[operation.member]]
path = "/nodeList/*/powerStatus"
known = "experiment"
type = "integer"
breaks = ["gone", "type"]
tolerates = ["null"]

[[operation.member]]
path = "/nodeList/*/type"
known = "experiment"
needed = false
values = ["Rack-Tower Server"]
breaks = ["other-value"]
tolerates = ["gone", "unknown-value"]

[[operation.member]]
path = "/nodeList/*/hostname"
known = "experiment"
needed = true
grade = "recommended"
breaks = ["gone"]

[[operation.member]]
path = "/nodeList"
known = "experiment"
breaks = ["gone", "empty"]
"#;

/// A recording of a client that asks for servers, of a double with these edits.
fn recorded(room: &Path, name: &str, faults: &[&str]) -> PathBuf {
    let mut arguments = vec!["--quiet"];
    for fault in faults {
        arguments.extend(["--fault", fault]);
    }
    let double = Served::start(&arguments);
    let out = room.join(name);
    let script = "curl -s -u USERID:PASSW0RD \"$LXCA_URL/aicc\"; \
        curl -s -u USERID:PASSW0RD \"$LXCA_URL/nodes\"; true";
    let done = answer(
        binary()
            .args(["record", "--url", &double.url, "--out", text(&out), "--"])
            .args(["sh", "-c", script]),
    );
    assert_eq!(done.exit, 0, "{}", done.stderr);
    out
}

fn written(room: &Path, name: &str, profile: &str) -> PathBuf {
    let file = room.join(name);
    fs::write(&file, profile).unwrap();
    file
}

fn gate(before: &Path, after: &Path, more: &[&str]) -> Answer {
    let runs = ["gate", "--baseline", text(before), "--candidate", text(after)];
    answer(binary().args(runs).args(more))
}

fn fits(document: &Value, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let validator = jsonschema::validator_for(&json(&read(&path))).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_gate_tells_what_breaks_a_client_from_what_it_never_reads() {
    let room = tempfile::tempdir().unwrap();
    let before = recorded(room.path(), "before", &[]);
    let file = written(room.path(), "nightly.toml", PROFILE);
    for (name, edit, exit, change) in [
        ("same", "", 0, ""),
        ("unread", "nodes.list: drop /nodeList/*/serialNumber", 0, ""),
        ("extra", "nodes.list: add /nodeList/0/brandNew 1", 0, ""),
        ("gone", "nodes.list: drop /nodeList/*/uuid", 1, "gone"),
        ("gone-in-one", "nodes.list: drop /nodeList/3/uuid", 1, "gone"),
        ("null", "nodes.list: set /nodeList/0/uuid null", 1, "null"),
        ("null-tolerated", "nodes.list: set /nodeList/0/powerStatus null", 0, ""),
        ("type", "nodes.list: as /nodeList/*/powerStatus string", 1, "type"),
        ("value", "nodes.list: replace /nodeList/*/type \"^Rack.*\" \"RACK\"", 1, "other-value"),
        ("value-gone", "nodes.list: drop /nodeList/4; drop /nodeList/4", 3, "other-value"),
        ("values-tolerated", "nodes.list: drop /nodeList/*/type", 0, ""),
        ("recommended", "nodes.list: drop /nodeList/*/hostname", 3, "gone"),
        ("empty", "nodes.list: set /nodeList []", 1, "empty"),
        ("list-gone", "nodes.list: drop /nodeList", 1, "gone"),
        ("refused", "nodes.list: 403", 1, "refused"),
        ("status", "nodes.list: status 202", 3, "status"),
        ("no-answer", "nodes.list: drop", 3, "refused"),
        ("reordered", "nodes.list: copy /nodeList/0 /nodeList/-; drop /nodeList/0", 1, "order"),
    ] {
        let faults = if edit.is_empty() { vec![] } else { vec![edit] };
        let after = recorded(room.path(), name, &faults);
        let out = room.path().join(format!("gate-{name}"));
        let told = gate(
            &before,
            &after,
            &["--profile", text(&file), "--format", "json", "--out", text(&out)],
        );
        assert_eq!(told.exit, exit, "{name}: {}{}", told.stdout, told.stderr);
        let found = json(&told.stdout);
        fits(&found, "gate.schema.json");
        let client = &found["candidates"][0]["clients"][0];
        let answer = ["safe", "breaks", "", "at-risk"][usize::try_from(exit).unwrap()];
        assert_eq!(client["answer"], answer, "{name}: {client:#}");
        assert_eq!(found["clients"][0]["answer"], answer);
        assert_eq!(found["exit"], exit);
        let first = client["effects"][0]["change"].as_str().unwrap_or_default();
        assert_eq!(first, change, "{name}: {client:#}");
        for form in ["gate.html", "gate.md", "gate-junit.xml"] {
            assert!(read(&out.join(form)).contains("nightly"), "{name}: {form}");
        }
    }
}

#[test]
fn the_case_of_letters_matters_unless_the_client_tolerates_another() {
    let room = tempfile::tempdir().unwrap();
    let before = recorded(room.path(), "before", &[]);
    let capitals = "nodes.list: replace /nodeList/*/type \"^Rack.*\" \"RACK-TOWER SERVER\"";
    let after = recorded(room.path(), "after", &[capitals]);
    let tolerant = PROFILE
        .replace("tolerates = [\"gone\", \"unknown-value\"]", "tolerates = [\"gone\", \"case\"]");
    assert_ne!(tolerant, PROFILE);
    for (name, profile, exit) in [("strict.toml", PROFILE, 1), ("tolerant.toml", &tolerant, 0)] {
        let file = written(room.path(), name, profile);
        let told = gate(&before, &after, &["--profile", text(&file)]);
        assert_eq!(told.exit, exit, "{name}: {}{}", told.stdout, told.stderr);
    }
}

#[test]
fn several_clients_are_one_answer_and_each_has_its_own() {
    let room = tempfile::tempdir().unwrap();
    let before = recorded(room.path(), "before", &[]);
    let after = recorded(room.path(), "after", &["nodes.list: drop /nodeList/*/serialNumber"]);
    let safe = written(room.path(), "nightly.toml", PROFILE);
    let other = "profile = 1\n[client]\nname = \"assets\"\n[[operation]]\nid = \"nodes.list\"\n\
        method = \"GET\"\npath = \"/nodes\"\n[[operation.member]]\npath = \"/nodeList/*/serialNumber\"\n";
    let broken = written(room.path(), "assets.toml", other);
    let told = gate(&before, &after, &["--profile", text(&safe), "--profile", text(&broken)]);
    assert_eq!(told.exit, 1, "{}", told.stdout);
    assert!(told.stdout.starts_with("NO: assets breaks: nodes.list"), "{}", told.stdout);
    assert!(told.stdout.contains("nightly") && told.stdout.contains("safe"), "{}", told.stdout);
    // What the candidate doesn't show is a risk, and no operation at all is no green.
    let unseen = other
        .replace("nodes.list", "chassis.list")
        .replace("/nodes", "/chassis")
        .replace("/nodeList/*/serialNumber", "/chassisList/*/uuid");
    let unseen = written(room.path(), "chassis.toml", &unseen);
    let told = gate(&before, &after, &["--profile", text(&unseen)]);
    assert_eq!(told.exit, 3, "{}", told.stdout);
    assert!(told.stdout.contains("CAN'T TELL"), "{}", told.stdout);
    // Profiles of policies keep their option.
    assert_eq!(
        gate(&before, &before, &["--profile", "strict"]).exit,
        gate(&before, &before, &["--policy", "strict"]).exit
    );
    assert_eq!(gate(&before, &before, &["--profile", "/no/such.toml"]).exit, 2);
    assert_eq!(gate(&before, &before, &["--profile", "stirct"]).exit, 2);
}

#[test]
fn without_a_profile_one_record_is_three_answers() {
    let room = tempfile::tempdir().unwrap();
    let before = recorded(room.path(), "before", &[]);
    let after = recorded(
        room.path(),
        "after",
        &["nodes.list: replace /nodeList/0/type \"ITE\" \"Novel\"; drop /nodeList/1/hostname"],
    );
    let told = gate(&before, &after, &["--format", "json"]);
    let found = json(&told.stdout);
    fits(&found, "gate.schema.json");
    let classes = found["candidates"][0]["classes"].as_array().unwrap();
    let answers: Vec<(&str, &str)> = classes
        .iter()
        .map(|one| (one["class"].as_str().unwrap(), one["answer"].as_str().unwrap()))
        .collect();
    assert_eq!(
        answers,
        [("tolerant-reader", "at-risk"), ("typed-client", "breaks"), ("closed-enums", "breaks")]
    );
    assert!(found["clients"].is_null());
    let shown = gate(&before, &after, &[]).stdout;
    assert!(shown.contains("tolerant reader") && shown.contains("closed enums"), "{shown}");
}

#[test]
fn runs_are_judged_for_clients_too() {
    let room = tempfile::tempdir().unwrap();
    let file = written(room.path(), "nightly.toml", PROFILE);
    let run = |name: &str, fault: &[&str]| -> PathBuf {
        let double = Served::start(&[&["--quiet"], fault].concat());
        let out = room.path().join(name);
        let told = lxca(&[
            "run",
            "--url",
            &double.url,
            "--user",
            "USERID",
            "--profile",
            text(&file),
            "--out",
            text(&out),
            "--quiet",
        ]);
        assert!([0, 1, 3].contains(&told.exit), "{told:?}");
        out
    };
    let before = run("before", &[]);
    let report = json(&read(&before.join("report.json")));
    let asked: Vec<&str> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["verdict"] != "untested")
        .filter_map(|case| case["operation"].as_str())
        .collect();
    assert!(!asked.is_empty() && asked.iter().all(|one| *one == "nodes.list"), "{asked:?}");
    assert_eq!(report["scope"]["filters"][0], "nodes.list::*");
    assert_eq!(report["claim"], false, "a run that leaves something out claims nothing");
    assert_eq!(gate(&before, &before, &["--profile", text(&file)]).exit, 0);
    let after = run("after", &["--fault", "nodes.list: drop /nodeList/*/uuid"]);
    let told = gate(&before, &after, &["--profile", text(&file)]);
    assert_eq!(told.exit, 1, "{}", told.stdout);
    // A filter besides limits it further; what no case asks is nothing.
    let planned = |more: &[&str]| lxca(&[&["plan", "--profile", text(&file)], more].concat());
    let all = planned(&[]);
    let some = planned(&["--filter", "nodes.list::lists-*"]);
    assert_eq!(all.exit, 0, "{}", all.stderr);
    assert!(some.stdout.lines().count() <= all.stdout.lines().count());
    assert_eq!(planned(&["--filter", "chassis.list::*"]).exit, 4);
    let outside = "profile = 1\n[client]\nname = \"x\"\n[[operation]]\nmethod = \"GET\"\n\
        path = \"/no/such\"\n";
    let outside = written(room.path(), "outside.toml", outside);
    let none = lxca(&["run", "--profile", text(&outside)]);
    assert_eq!(none.exit, 4, "{}", none.stderr);
}

#[test]
fn a_profile_with_unknown_names_or_contradictions_is_told_with_the_nearest_name() {
    let room = tempfile::tempdir().unwrap();
    let good = written(room.path(), "good.toml", PROFILE);
    let told = lxca(&["profile", "lint", text(&good)]);
    assert_eq!(told.exit, 0, "{}", told.stderr);
    assert!(told.stdout.contains("valid"), "{}", told.stdout);
    for (from, to, says) in [
        ("/nodeList/*/uuid", "/nodeList/*/uuuid", "did you mean `/nodeList/*/uuid`?"),
        ("/nodeList/*/uuid", "/nodeLst/*/uuid", "did you mean `/nodeList/*/uuid`?"),
        ("nodes.list", "nodes.lits", "did you mean `nodes.list`?"),
        ("path = \"/nodes\"", "path = \"/chassis\"", "`nodes.list` is GET /nodes"),
        ("needed = false", "needd = false", "did you mean `needed`?"),
        ("\"gone\", \"unknown-value\"", "\"gonne\"", "did you mean `gone`?"),
        ("needed = false", "needed = true", "needed = true, and `gone` is in tolerates"),
        ("needed = true", "needed = false", "needed = false, and `gone` is in breaks"),
        ("\"no-content\"", "\"order\"", "`order` is in breaks and in tolerates"),
        (
            "type = \"integer\"",
            "type = \"integer\"\nvalues = [\"8\"]",
            "one of its values is a string",
        ),
        ("type = \"integer\"", "type = \"whole\"", "known words are"),
        ("profile = 1", "profile = 9", "version of the format"),
    ] {
        assert!(PROFILE.contains(from), "{from}");
        let wrong = written(room.path(), "wrong.toml", &PROFILE.replacen(from, to, 1));
        let told = lxca(&["profile", "lint", text(&wrong)]);
        assert_eq!(told.exit, 2, "{to}: {}{}", told.stdout, told.stderr);
        assert!(told.stderr.contains(says), "{says} isn't in\n{}", told.stderr);
        assert!(told.stderr.contains("wrong.toml:"), "{}", told.stderr);
    }
    let meant = PROFILE.replacen(
        "path = \"/nodeList/*/uuid\"",
        "path = \"/nodeList/*/uuuid\"\nundocumented = true",
        1,
    );
    let meant = written(room.path(), "meant.toml", &meant);
    assert_eq!(lxca(&["profile", "lint", text(&meant)]).exit, 0);
    for bad in ["", "profile = 1\n", "not toml = = =", "[client]\nname = 1\n"] {
        let bad = written(room.path(), "bad.toml", bad);
        assert_eq!(lxca(&["profile", "lint", text(&bad)]).exit, 2);
    }
}

#[test]
fn profiles_are_merged_explained_and_compared() {
    let room = tempfile::tempdir().unwrap();
    let one = written(room.path(), "one.toml", PROFILE);
    let weekly = PROFILE
        .replace("nightly", "weekly")
        .replace("/nodeList/*/powerStatus", "/nodeList/*/serialNumber")
        .replace("type = \"integer\"", "type = \"string\"");
    let other = written(room.path(), "two.toml", &weekly);
    let merged = room.path().join("merged.toml");
    let told = lxca(&["profile", "merge", text(&one), text(&other), "--out", text(&merged)]);
    assert_eq!(told.exit, 0, "{}", told.stderr);
    let written = read(&merged);
    assert!(written.contains("name = \"nightly+weekly\"") && written.contains("serialNumber"));
    assert_eq!(lxca(&["profile", "lint", text(&merged)]).exit, 0);
    let data: toml::Table = written.parse().unwrap();
    fits(&serde_json::to_value(data).unwrap(), "profile.schema.json");
    let data: toml::Table = PROFILE.parse().unwrap();
    fits(&serde_json::to_value(data).unwrap(), "profile.schema.json");

    let explained = lxca(&["profile", "explain", text(&one)]).stdout;
    assert!(explained.contains("Your automation reads 5 of 312 members in 1 operation."));
    assert!(explained.contains("/nodeList/*/uuid"), "{explained}");
    for form in ["markdown", "html", "json"] {
        let told = lxca(&["profile", "explain", text(&one), "--format", form]);
        assert_eq!(told.exit, 0);
        assert!(told.stdout.contains("5 of 312 members"), "{form}: {}", told.stdout);
    }

    let same = lxca(&["profile", "diff", text(&one), text(&one)]);
    assert_eq!(same.exit, 0);
    let more = lxca(&["profile", "diff", text(&one), text(&merged), "--format", "json"]);
    assert_eq!(more.exit, 1, "{}", more.stdout);
    let found = json(&more.stdout);
    assert!(
        found["newly"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["place"] == "/nodeList/*/serialNumber")
    );
    assert!(found["no-longer"].as_array().unwrap().is_empty());
    let less = lxca(&["profile", "diff", text(&merged), text(&one)]);
    assert_eq!(less.exit, 0, "{}", less.stdout);
    assert!(less.stdout.contains("no longer"), "{}", less.stdout);
    let clash = written_clash(room.path());
    let told = lxca(&["profile", "merge", text(&one), text(&clash)]);
    assert_eq!(told.exit, 2, "{}", told.stderr);
}

fn written_clash(room: &Path) -> PathBuf {
    written(room, "clash.toml", &PROFILE.replace("type = \"integer\"", "type = \"string\""))
}
