//! `plan`: each request that would be sent, its digest, and that nothing leaves.
//!
//! Knows: the command line. Must not know: the library behind it.

use std::sync::atomic::Ordering;

use crate::support::command::json;

use super::{always, lxca};

#[test]
fn plan_prints_each_request_and_sends_nothing() {
    let (url, asked) = always("HTTP/1.1 204 No Content\r\n\r\n");
    let arguments = [
        "plan",
        "--url",
        &url,
        "--user",
        "USERID",
        "--allow",
        "destroy",
        "--fact",
        "push.destination=192.0.2.45",
    ];
    let answer = lxca(&arguments);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert!(answer.stdout.contains("Nothing was sent"), "{}", answer.stdout);
    let document = json(&lxca(&[&arguments[..], &["--format", "json"]].concat()).stdout);
    let requests = document["requests"].as_array().expect("requests");
    assert!(requests.len() > 60, "{}", requests.len());
    for request in requests {
        let line = format!(
            "{} {}",
            request["method"].as_str().expect("a method"),
            request["path"].as_str().expect("a path")
        );
        assert!(answer.stdout.contains(&line), "`{line}` isn't in the text");
        assert!(
            ["read", "write", "destroy"].contains(&request["effect"].as_str().unwrap_or_default()),
            "{request}"
        );
        assert!(!line.contains("quiesce"), "{line}");
    }
    assert!(requests.iter().any(|request| request["method"] == "PUT"
        && request["path"] == "/managementServer/data"
        && request["body"].as_str().is_some_and(|body| body.contains("\"push\""))));
    assert_eq!(asked.load(Ordering::SeqCst), 0, "plan spoke to the target");
}

#[test]
fn plan_needs_no_password_and_plans_reads_only_unless_more_is_allowed() {
    let document = json(
        &lxca(&["plan", "--url", "http://192.0.2.1", "--user", "USERID", "--format", "json"])
            .stdout,
    );
    assert_eq!(document["allow"], "read");
    let requests = document["requests"].as_array().expect("requests");
    assert!(requests.len() > 5);
    assert!(
        requests.iter().all(|request| request["method"] == "GET" || request["method"] == "HEAD"),
        "{requests:#?}"
    );
    let left = document["left_out"].as_array().expect("what is left out");
    assert!(
        left.len() > 30
            && left
                .iter()
                .all(|row| row["reason"].as_str().is_some_and(|reason| !reason.is_empty()))
    );
}

#[test]
fn plan_gives_the_same_digest_for_the_same_requests_and_another_for_others() {
    let digest = |more: &[&str]| {
        json(&lxca(&[&["plan", "--format", "json"], more].concat()).stdout)["digest"]
            .as_str()
            .expect("a digest")
            .to_owned()
    };
    assert_eq!(digest(&[]), digest(&[]));
    assert_ne!(digest(&[]), digest(&["--allow", "write"]));
    assert_ne!(digest(&[]), digest(&["--fact", "push.destination=192.0.2.99"]));
}
