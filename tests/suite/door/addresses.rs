//! Addresses: what can be read in two ways is refused, and what leaves is what the plan shows and
//! the guard judged.
//!
//! Knows: addresses of every kind, and what reaches a socket. Must not know: how an address is
//! read.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use lxca_conform::address::Address;
use lxca_conform::catalogue::{Auth, Effect};
use lxca_conform::conduct;
use lxca_conform::exchange::{Outgoing, Purpose};
use lxca_conform::store::TargetKind;
use lxca_conform::target::Target;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::support::built_in;
use crate::support::command::{Answer, Served, answer, binary, json, lxca, report, text};
use crate::support::wire::Recorder;

/// Every subcommand that takes an address.
fn each_way(url: &str, all: bool) -> Vec<(String, Answer)> {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("target.toml");
    fs::write(
        &file,
        format!(
            "name = \"lab\"\nurl = {}\n[auth]\nuser = \"USERID\"\npassword-env = \
        \"LXCA_PASSWORD\"\n",
            serde_json::Value::from(url)
        ),
    )
    .expect("a file");
    let out = folder.path().join("out");
    let mut ways: Vec<Vec<&str>> = vec![
        vec!["run", "--url", url, "--user", "USERID", "--allow", "destroy", "--out", text(&out)],
        vec!["plan", "--target", text(&file)],
        vec!["run", "--target", text(&file), "--allow", "destroy", "--out", text(&out)],
        vec!["plan", "--url", url, "--user", "USERID", "--allow", "destroy"],
        vec!["sweep", text(folder.path()), "--url", url, "--user", "USERID"],
        vec!["fingerprint", url],
    ];
    // They share one reader, so that a few addresses are enough for all of them.
    ways.truncate(if all { ways.len() } else { 2 });
    let answers = ways.iter().map(|way| (way[..2].join(" "), lxca(way))).collect();
    assert!(!out.exists(), "{url}: a folder was made");
    answers
}

#[test]
fn an_address_that_can_be_read_in_two_ways_is_refused_before_anything_is_sent() {
    let recorder = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}".to_vec()
    });
    let base = &recorder.url;
    let host = base.trim_start_matches("http://");
    for (index, (url, hint)) in [
        (format!("{base}/managementServer/quiesce#"), format!("only: {base}")),
        (format!("{base}/managementServer/quiesce?"), format!("only: {base}")),
        (format!("{base}/managementServer/quiesce"), "quiesce".to_owned()),
        (format!("{base}/ui/login.html#/dash"), format!("only: {base}")),
        (format!("{base}/?x=1"), format!("only: {base}")),
        (format!("{base}#"), "fragment".to_owned()),
        (format!("{base}/a/../managementServer"), "letters, digits".to_owned()),
        (format!("{base}/%71uiesce"), "letters, digits".to_owned()),
        (format!("{base}\\managementServer"), "backslash".to_owned()),
        (format!("{base}/a b"), "space".to_owned()),
        (host.to_owned(), format!("write https://{host}")),
        (format!("ftp://{host}"), format!("write https://{host}")),
        (format!("http://USERID:GEHEIM@{host}"), "credentials".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        for (way, answer) in each_way(&url, index < 2) {
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
    for url in [
        served.url.clone(),
        format!("{}/", served.url),
        format!("{}//", served.url),
        format!(" {}\n", served.url),
        served.url.replacen("http", "HTTP", 1),
    ] {
        let out = TempDir::new().expect("a temporary folder");
        let answer = lxca(&[
            "run",
            "--url",
            &url,
            "--user",
            "USERID",
            "--filter",
            "appliance.get::*",
            "--out",
            text(out.path()),
        ]);
        assert!([0, 3].contains(&answer.exit), "{url}: {answer:?}");
        let report = report(out.path());
        assert_eq!(
            (&report["target"]["url"], &report["target"]["tls"]),
            (&served.url.as_str().into(), &"none (plain HTTP)".into()),
            "{url}"
        );
    }
}

#[test]
fn the_path_of_a_reverse_proxy_is_part_of_what_the_plan_shows_and_of_what_is_sent() {
    let served = Served::start(&[]);
    let recorder = Recorder::before(&served.url);
    let url = format!("{}/lab/lxca-1", recorder.url);
    let plan =
        answer(binary().args(["plan", "--url", &url, "--user", "USERID", "--format", "json"]));
    let planned: Vec<String> = json(&plan.stdout)["requests"]
        .as_array()
        .expect("requests")
        .iter()
        .map(|row| row["path"].as_str().expect("a path").to_owned())
        .collect();
    assert!(
        planned.len() > 10 && planned.iter().all(|path| path.starts_with("/lab/lxca-1/")),
        "{planned:?}"
    );
    let shown = answer(binary().args(["plan", "--url", &url, "--user", "USERID"]));
    assert!(
        shown.stdout.contains("GET /lab/lxca-1/aicc\n")
            && shown.stdout.contains(&format!("({url})")),
        "{}",
        shown.stdout
    );
    let out = TempDir::new().expect("a temporary folder");
    lxca(&["run", "--url", &url, "--user", "USERID", "--out", text(out.path())]);
    let seen = recorder.seen();
    assert!(
        !seen.is_empty() && seen.iter().all(|seen| planned.contains(&seen.target)),
        "{:?}",
        recorder.lines()
    );
}

/// Pieces of which hostile addresses and paths are made.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "managementServer",
        "quiesce",
        "QUIESCE",
        "%71uiesce",
        "%2571uiesce",
        "qui%65sce",
        "data",
        "sessions",
        "tasks",
        "..",
        ".",
        "%2e%2e",
        "%2E.",
        "/",
        "//",
        "\\",
        "%2f",
        "%5C",
        ";x=1",
        "?",
        "#",
        "?a=b",
        "@",
        ":",
        "%",
        "%zz",
        "%00",
        "%ff",
        " ",
        "\t",
        "\u{ff51}uiesce",
        "\u{200b}",
        "'",
        "|",
        "^",
        "[",
        "]",
        "{{x}}",
        "a",
        "~",
        "http://evil.example",
        "17",
        "%25",
        "&location=internal",
        "_method=DELETE",
        "\u{2215}",
        "\r\n",
    ];
    prop_oneof![4 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "[ -~]{0,4}", 1 => "\\PC{0,3}"]
}

fn hostile(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop_oneof![2 => piece(), 1 => Just("/".to_owned())], 0..most)
        .prop_map(|pieces| pieces.concat())
}

/// A path as the laxest server could understand it.
fn laxly(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..6 {
        text = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    text.to_lowercase().replace('\u{ff51}', "q")
}

#[test]
fn what_leaves_is_what_the_plan_shows_and_the_guard_judged_and_never_a_change_of_quiesce() {
    let recorder = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}".to_vec()
    });
    let contract = built_in::contract();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let methods =
        proptest::sample::select(vec!["GET", "PUT", "DELETE", "POST", "PATCH", "get", "put"]);
    let start = prop_oneof![2 => Just("/"), 1 => Just("/managementServer/"),
        1 => Just("/managementServer/data/"), 1 => Just("")];
    let path = prop_oneof![1 => hostile(2), 1 => hostile(5)];
    let draws = (
        prop_oneof![3 => Just(String::new()), 1 => Just("/lab".to_owned()), 1 => hostile(4)],
        (start, path).prop_map(|(start, rest)| format!("{start}{rest}")),
        methods,
    );
    let (left, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut runner =
        TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    runner
        .run(&draws, |(prefix, path, method)| {
            let given = format!("{}{prefix}", recorder.url);
            let Ok(address) = Address::parse(&given) else { return Ok(()) };
            let mut target = Target::at("hostile", &address.to_string());
            target.allow = Effect::Destroy;
            recorder.forget();
            // An address that is never to be written to is refused before anything is sent.
            let transport = match conduct::transport(contract, &target, TargetKind::Live) {
                Ok(transport) => transport,
                Err(error) => {
                    prop_assert!(laxly(&address.to_string()).contains("quiesce"), "{error}");
                    return Ok(());
                }
            };
            for purpose in [Purpose::Case, Purpose::Cleanup, Purpose::Login] {
                let request = Outgoing {
                    method: method.to_owned(),
                    target: path.clone(),
                    headers: Vec::new(),
                    body: None,
                    auth: Auth::None,
                    purpose,
                };
                let exchange = runtime.block_on(transport.exchange(
                    "a::case",
                    "step",
                    1,
                    &request,
                    "2026-01-01T00:00:00Z".parse().unwrap(),
                ));
                prop_assert!(exchange.fault.is_none_or(
                    |fault| fault.kind.word() == "refused" || fault.kind.word() == "protocol"
                ));
            }
            left.fetch_add(recorder.seen().len(), Ordering::SeqCst);
            for seen in recorder.seen() {
                // The plan prints this line, and the guard saw the path of this URL.
                prop_assert_eq!(&seen.target, &address.line(&path));
                let url = address.with(&path).expect("what left could be built");
                prop_assert_eq!(seen.target.split('?').next(), Some(url.whole_path()));
                let below = format!("{}/", address.to_string().trim_start_matches(&recorder.url));
                prop_assert!(seen.target.starts_with(&below));
                prop_assert!(
                    seen.method == "GET" || !laxly(url.whole_path()).contains("quiesce"),
                    "{} {}",
                    seen.method,
                    seen.target
                );
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    // A runner counts over all that it ran.
    TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() })
        .run(&prop_oneof![1 => hostile(4), 1 => "(/[a-zA-Z.~-]{1,3}){0,3}/?"], |tail| {
            let Ok(address) = Address::parse(&format!("http://192.0.2.10{tail}")) else {
                return Ok(());
            };
            read.fetch_add(1, Ordering::SeqCst);
            // A host may be called as it likes, and a longer word is another path; a path that is
            // never written to isn't even begun.
            let target = Target::at("hostile", &address.to_string());
            let made = conduct::transport(contract, &target, TargetKind::Live);
            prop_assert_eq!(
                made.is_ok(),
                laxly(&address.line("")).split('/').all(|segment| segment != "quiesce"),
                "{}",
                &address
            );
            prop_assert_eq!(Address::parse(&address.to_string()), Ok(address));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let (left, read) = (left.into_inner(), read.into_inner());
    assert!(left > 50 && read > 20, "{left} requests left, and {read} addresses were read");
}
