//! A run over plain HTTP makes no claim.
//!
//! Knows: the binary and its report. Must not know: how a claim is made.

use tempfile::TempDir;

use crate::support::command::{Served, lxca, report, text};
use crate::support::wire::Recorder;

#[test]
fn a_run_over_plain_http_makes_no_claim_and_says_that_the_password_went_in_clear() {
    let served = Served::start(&[]);
    let appliance = Recorder::before(&served.url);
    for login in ["basic", "session"] {
        let out = TempDir::new().expect("a temporary folder");
        let answer = lxca(&[
            "run",
            "--url",
            &appliance.url,
            "--user",
            "USERID",
            "--auth",
            login,
            "--out",
            text(out.path()),
        ]);
        let live = report(out.path());
        assert_eq!(
            (&live["claim"], &live["target"]["kind"]),
            (&false.into(), &"live".into()),
            "{answer:?}"
        );
        assert!(
            live["no_claim"].as_str().is_some_and(|why| why.contains("plain HTTP")),
            "{}",
            live["no_claim"]
        );
        let notes = live["notes"].to_string();
        assert!(
            notes.contains("the server wasn't authenticated")
                && notes.contains("the password was sent in clear text"),
            "{notes}"
        );
        assert!(
            answer.stdout.contains("claim      none: the connection was plain HTTP"),
            "{}",
            answer.stdout
        );
        // Nor does a judgement of its record, and that says why as well.
        let again = TempDir::new().expect("a temporary folder");
        lxca(&["judge", text(out.path()), "--out", text(again.path())]);
        let again = report(again.path());
        assert_eq!(again["claim"], false);
        assert!(
            again["notes"].to_string().contains("the password was sent in clear text"),
            "{}",
            again["notes"]
        );
    }
    // The double is known for what it is, and has no secret.
    let out = TempDir::new().expect("a temporary folder");
    lxca(&[
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--filter",
        "appliance.get::*",
        "--out",
        text(out.path()),
    ]);
    assert!(!report(out.path())["notes"].to_string().contains("in clear"));
}
