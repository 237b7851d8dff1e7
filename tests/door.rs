//! What stands at the door: addresses that aren't taken, and folders that a run keeps to itself.
//!
//! Knows: the binary, its files, and what reaches a socket. Must not know: how an address is read or a folder is locked.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout, reason = "a test stops where something is not as it has to be")]

#[path = "support/command.rs"]
mod command;
#[path = "support/wire.rs"]
mod wire;

use std::fs;

use tempfile::TempDir;

use command::{Answer, Served, answer, binary, json, lxca, report, text};
use wire::Recorder;

// ---- addresses

/// Every subcommand that takes an address.
fn each_way(url: &str) -> Vec<(String, Answer)> {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    fs::write(&file, format!("name = \"lab\"\nurl = {}\n[auth]\nuser = \"USERID\"\npassword-env = \"LXCA_PASSWORD\"\n", serde_json::Value::from(url))).expect("a file");
    let out = folder.path().join("out");
    let ways: Vec<Vec<&str>> = vec![
        vec!["run", "--url", url, "--user", "USERID", "--allow", "destroy", "--out", text(&out)],
        vec!["run", "--target", text(&file), "--allow", "destroy", "--out", text(&out)],
        vec!["plan", "--url", url, "--user", "USERID", "--allow", "destroy"],
        vec!["plan", "--target", text(&file)],
        vec!["sweep", text(folder.path()), "--url", url, "--user", "USERID"],
        vec!["fingerprint", url],
    ];
    let answers = ways.iter().map(|way| (way[..2].join(" "), lxca(way))).collect();
    assert!(!out.exists(), "{url}: a folder was made");
    answers
}

#[test]
fn an_address_that_can_be_read_in_two_ways_is_refused_before_anything_is_sent() {
    let recorder = Recorder::answering(|_| b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}".to_vec());
    let base = &recorder.url;
    let host = base.trim_start_matches("http://");
    for (url, hint) in [
        (format!("{base}/managementServer/quiesce#"), format!("only: {base}")),
        (format!("{base}/managementServer/quiesce?"), format!("only: {base}")),
        (format!("{base}/managementServer/quiesce"), "quiesce".to_owned()),
        (format!("{base}/ui/login.html#/dash"), format!("only: {base}")),
        (format!("{base}/?x=1"), format!("only: {base}")),
        (format!("{base}#"), "fragment".to_owned()),
        (format!("{base}/a/../managementServer"), "letters, digits".to_owned()),
        (format!("{base}/%71uiesce"), "letters, digits".to_owned()),
        (format!("{base}\\managementServer"), "backslash".to_owned()),
        (format!("{base}/a b"), "blank".to_owned()),
        (host.to_owned(), format!("write https://{host}")),
        (format!("ftp://{host}"), format!("write https://{host}")),
        (format!("http://USERID:GEHEIM@{host}"), "credentials".to_owned()),
    ] {
        for (way, answer) in each_way(&url) {
            assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{way} {url}: {answer:?}");
            assert!(answer.stderr.contains(&hint), "{way} {url}: {}", answer.stderr);
            assert!(!answer.stderr.contains("GEHEIM"), "{way}: {}", answer.stderr);
        }
    }
    assert_eq!(recorder.connections(), 0);
}

#[test]
fn what_stands_around_an_address_is_dropped_and_its_scheme_may_be_in_capitals() {
    let served = Served::start(&[]);
    for url in [served.url.clone(), format!("{}/", served.url), format!("{}//", served.url), format!(" {}\n", served.url), served.url.replacen("http", "HTTP", 1)] {
        let out = TempDir::new().expect("a temporary folder");
        let answer = lxca(&["run", "--url", &url, "--user", "USERID", "--filter", "appliance.get::*", "--out", text(out.path())]);
        assert!([0, 3].contains(&answer.exit), "{url}: {answer:?}");
        let report = report(out.path());
        assert_eq!((&report["target"]["url"], &report["target"]["tls"]), (&served.url.as_str().into(), &"none (plain HTTP)".into()), "{url}");
    }
}

#[test]
fn the_path_of_a_reverse_proxy_is_part_of_what_the_plan_shows_and_of_what_is_sent() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let url = format!("{}/lab/lxca-1", recorder.url);
    let plan = answer(binary().args(["plan", "--url", &url, "--user", "USERID", "--format", "json"]));
    let planned: Vec<String> = json(&plan.stdout)["requests"].as_array().expect("requests").iter().map(|row| row["path"].as_str().expect("a path").to_owned()).collect();
    assert!(planned.len() > 10 && planned.iter().all(|path| path.starts_with("/lab/lxca-1/")), "{planned:?}");
    let shown = answer(binary().args(["plan", "--url", &url, "--user", "USERID"]));
    assert!(shown.stdout.contains("GET /lab/lxca-1/aicc\n") && shown.stdout.contains(&format!("({url})")), "{}", shown.stdout);
    let out = TempDir::new().expect("a temporary folder");
    lxca(&["run", "--url", &url, "--user", "USERID", "--out", text(out.path())]);
    let seen = recorder.seen();
    assert!(!seen.is_empty() && seen.iter().all(|seen| planned.contains(&seen.target)), "{:?}", recorder.lines());
}

// ---- the claim

#[test]
fn a_run_over_plain_http_makes_no_claim_and_says_that_the_password_went_in_clear() {
    let served = Served::start(&[]);
    let appliance = Recorder::before(&served.url);
    for login in ["basic", "session"] {
        let out = TempDir::new().expect("a temporary folder");
        let answer = lxca(&["run", "--url", &appliance.url, "--user", "USERID", "--auth", login, "--out", text(out.path())]);
        let live = report(out.path());
        assert_eq!((&live["claim"], &live["target"]["kind"]), (&false.into(), &"live".into()), "{answer:?}");
        assert!(live["no_claim"].as_str().is_some_and(|why| why.contains("plain HTTP")), "{}", live["no_claim"]);
        let notes = live["notes"].to_string();
        assert!(notes.contains("nobody was authenticated") && notes.contains("the password went in clear"), "{notes}");
        assert!(answer.stdout.contains("claim      none: the connection was plain HTTP"), "{}", answer.stdout);
        // Nor does a judgement of its record, and that says why as well.
        let again = TempDir::new().expect("a temporary folder");
        lxca(&["judge", text(out.path()), "--out", text(again.path())]);
        let again = report(again.path());
        assert_eq!(again["claim"], false);
        assert!(again["notes"].to_string().contains("the password went in clear"), "{}", again["notes"]);
    }
    // The double is known for what it is, and has no secret.
    let out = TempDir::new().expect("a temporary folder");
    lxca(&["run", "--url", &served.url, "--user", "USERID", "--filter", "appliance.get::*", "--out", text(out.path())]);
    assert!(!report(out.path())["notes"].to_string().contains("in clear"));
}
