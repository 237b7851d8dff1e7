//! A server that speaks no TLS or never shakes hands, and a run over TLS that gives the same
//! verdicts as over plain HTTP.
//!
//! Knows: servers behind an `https` address. Must not know: how a certificate is verified.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::command::{Served, lxca, report, text, verdicts};

use super::{GOOD, QUICK, at, authority, good, kept, run};

// ---- what isn't TLS

#[test]
fn a_server_without_tls_behind_an_https_address_ends_with_5_and_is_named() {
    let double = Served::start(&[]);
    let answer =
        run(&double.url.replace("http://", "https://"), &[&["--insecure"], &QUICK[..]].concat()).0;
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stderr.contains("tls") || answer.stderr.contains("TLS"), "{}", answer.stderr);
}

#[test]
fn a_server_that_never_shakes_hands_ends_with_5_when_the_time_to_connect_is_over() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("its address").port();
    let folder = TempDir::new().expect("a temporary folder");
    let target = folder.path().join("target.toml");
    fs::write(
        &target,
        format!(
            "name = \"silent\"\nurl = \"{}\"\n[auth]\nuser = \"USERID\"\npassword-env = \
            \"LXCA_PASSWORD\"\n[limits]\nconnect-timeout = \"1s\"\nrequest-timeout = \
            \"3s\"\n",
            at(port)
        ),
    )
    .expect("a file");
    let start = Instant::now();
    let answer =
        lxca(&["run", "--target", text(&target), "--out", text(&folder.path().join("out"))]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

// ---- the whole path

#[test]
fn a_read_only_run_over_tls_gives_the_same_verdicts_as_over_http() {
    let authority = authority();
    let port = good(&GOOD.signed_by(&authority));
    let double = Served::start(&[]);
    let (_folder, file) = kept(&authority.pem());
    for auth in ["basic", "session"] {
        let (tls, secure) = run(&at(port), &["--ca-file", text(&file), "--auth", auth]);
        let (plain, open) = run(&double.url, &["--auth", auth]);
        assert_eq!(tls.exit, plain.exit, "{tls:?}\n{plain:?}");
        let (secure, open) = (report(secure.path()), report(open.path()));
        assert_eq!(verdicts(&secure), verdicts(&open));
        assert_eq!(secure["summary"]["findings"], open["summary"]["findings"]);
        assert!(secure["summary"]["cases"]["pass"].as_u64() > Some(10), "{}", secure["summary"]);
        assert!(
            secure["target"]["tls"].as_str().is_some_and(|tls| tls.contains("ca.pem")),
            "{}",
            secure["target"]
        );
    }
}
