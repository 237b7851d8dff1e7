//! Whom a run talks to: another appliance, one that is too old, and what is none.
//!
//! Knows: servers that say who they are. Must not know: how they are identified.

use crate::support::command::{Served, report, verdicts};
use crate::support::hostile_server::answer;
use crate::support::wire::Recorder;

use super::{BASIC, Named, SESSION};

#[test]
fn another_appliance_than_expected_ends_with_5_after_login_identity_and_logout() {
    let served = Served::start(&[]);
    for (expected, told) in [
        ("version = \">=9.0\"", "4.1.0"),
        ("version = \"<4.1\"", "4.1.0"),
        ("uuid = \"00000000-0000-0000-0000-000000000000\"", "3a6c0e58-71d9-4f2b-9e84-05b7c1d82fa6"),
    ] {
        for (auth, lines) in [
            (BASIC, &["GET /aicc"][..]),
            (SESSION, &["POST /sessions", "GET /aicc", "DELETE /sessions"]),
        ] {
            let recorder = Recorder::before(&served.url);
            let target = Named::new(
                &recorder.url,
                &format!("allow = \"destroy\"\n{auth}[expect]\n{expected}\n"),
            );
            let answer = target.run(&[]);
            assert_eq!(answer.exit, 5, "{answer:?}");
            assert!(
                answer.stderr.contains(told) && answer.stderr.contains("was expected"),
                "{}",
                answer.stderr
            );
            assert_eq!(recorder.lines(), lines, "{expected}");
            assert_eq!(report(&target.out())["claim"], false);
        }
    }
    let recorder = Recorder::before(&served.url);
    let right = Named::new(
        &recorder.url,
        &format!(
            "{BASIC}[expect]\nversion = \">=4.1, <5\"\nuuid = \
            \"3A6C0E58-71D9-4F2B-9E84-05B7C1D82FA6\"\n"
        ),
    );
    assert!([0, 3].contains(&right.run(&[]).exit));
}

#[test]
fn what_an_appliance_is_too_old_for_is_unsupported_and_isnt_asked() {
    let served = Served::start(&["--version", "4.0.0"]);
    let recorder = Recorder::before(&served.url);
    let target = Named::new(&recorder.url, BASIC);
    let answer = target.run(&[
        "--allow",
        "write",
        "--filter",
        "sftp-locks.*",
        "--filter",
        "appliance.*",
        "--filter",
        "tasks.list::lists-jobs",
    ]);
    assert!([0, 3].contains(&answer.exit), "{answer:?}");
    let verdicts = verdicts(&report(&target.out()));
    let locks: Vec<_> = verdicts
        .iter()
        .filter(|(id, verdict)| id.starts_with("sftp-locks.") && !verdict.contains("untested"))
        .collect();
    assert!(locks.len() > 10, "{verdicts:?}");
    for (id, verdict) in locks {
        assert!(
            verdict.starts_with("\"unsupported\"")
                && verdict.contains("4.0.0")
                && verdict.contains("4.1"),
            "{id}: {verdict}"
        );
    }
    assert!(verdicts["tasks.list::lists-jobs"].starts_with("\"pass\""), "{verdicts:?}");
    assert!(!recorder.lines().iter().any(|line| line.contains("sftp")), "{:?}", recorder.lines());
}

#[test]
fn a_target_that_is_no_lxca_is_named_as_such_and_asked_nothing_more() {
    let page = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\nserver: Boxes/1.0\r\ncontent-type: text/html\r\ncontent-length: \
            13\r\n\r\n<html></html>"
            .to_vec()
    });
    let answer = Named::new(&page.url, BASIC).run(&["--allow", "destroy"]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(
        answer.stderr.contains("isn't recognised as an LXCA")
            && answer.stderr.contains("text/html")
            && answer.stderr.contains("Boxes/1.0"),
        "{}",
        answer.stderr
    );
    assert_eq!(page.lines(), ["GET /aicc"]);

    let other = Recorder::answering(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            20\r\n\r\n{\"product\":\"another\"}"
            .to_vec()
    });
    let target = Named::new(&other.url, &format!("{BASIC}[expect]\nversion = \">=4\"\n"));
    let answer = target.run(&["--allow", "destroy"]);
    assert_eq!(answer.exit, 5, "{answer:?}");
    assert!(answer.stderr.contains("isn't recognised as an LXCA"), "{}", answer.stderr);
    assert_eq!(other.lines(), ["GET /aicc"]);
}

const PAGE: &str = "content-type: text/html";

#[test]
fn who_redirects_or_answers_in_place_of_the_appliance_is_asked_once_and_named() {
    let to = "location: https://lxca.example.com/aicc?password=PASSW0RD";
    for (status, headers, told) in [
        ("301 Moved Permanently", vec![to, PAGE], "to https://lxca.example.com/aicc (301)"),
        ("307 Temporary Redirect", vec!["location: /ui/login.html"], "/ui/login.html (307)"),
        ("302 Found", vec![], "doesn't say where to"),
        ("407 Proxy Authentication Required", vec![PAGE], "wants credentials"),
        ("421 Misdirected Request", vec![], "check the url"),
        ("426 Upgrade Required", vec![], "check the url"),
        ("502 Bad Gateway", vec![PAGE], "--wait 15m"),
        ("504 Gateway Timeout", vec![], "--wait 15m"),
        ("511 Network Authentication Required", vec![PAGE], "a login of its own"),
    ] {
        for (auth, asked) in [(BASIC, "GET /aicc"), (SESSION, "POST /sessions")] {
            let bytes = answer(status, &headers, "<html></html>");
            let server = Recorder::answering(move |_| bytes.clone());
            let ended = Named::new(&server.url, auth).run(&["--allow", "destroy"]);
            assert_eq!(ended.exit, 5, "{status}: {ended:?}");
            assert!(ended.stderr.contains(told), "{status}: {}", ended.stderr);
            assert!(!ended.stderr.contains("PASSW0RD"), "{}", ended.stderr);
            assert_eq!(server.lines(), [asked], "{status}");
        }
    }
}

#[test]
fn who_gives_no_answer_of_an_appliance_twice_is_asked_nothing_more() {
    for (status, headers, body) in [
        ("404 Not Found", vec![PAGE], "<html>no such page</html>"),
        ("400 Bad Request", vec!["content-type: text/plain"], "this port requires TLS"),
        ("403 Forbidden", vec![PAGE], "<html>blocked</html>"),
        ("200 OK", vec!["content-type: text/plain"], "OK"),
    ] {
        let bytes = answer(status, &headers, body);
        let server = Recorder::answering(move |_| bytes.clone());
        let ended = Named::new(&server.url, BASIC).run(&["--allow", "destroy"]);
        assert_eq!(ended.exit, 5, "{status}: {ended:?}");
        assert!(ended.stderr.contains("isn't recognised as an LXCA"), "{}", ended.stderr);
        assert_eq!(server.lines(), ["GET /aicc", "GET /aicc/service/sftp/locks"], "{status}");
    }
}

#[test]
fn an_appliance_that_is_broken_where_it_says_who_it_is_is_judged_there() {
    let served = Served::start(&["--quiet"]);
    for (status, body) in [("404 Not Found", "<html>no such page</html>"), ("200 OK", "")] {
        let bytes = answer(status, &[PAGE], body);
        let bytes = if status == "200 OK" { answer(status, &[], body) } else { bytes };
        let broken = Recorder::between(&served.url, move |seen| {
            (seen.target == "/aicc").then(|| bytes.clone())
        });
        let target = Named::new(&broken.url, BASIC);
        let ended = target.run(&["--filter", "appliance.*"]);
        assert_ne!(ended.exit, 5, "{status}: {ended:?}");
        let report = report(&target.out());
        assert_ne!(report["summary"]["findings"]["deviation"], 0, "{status}: {report}");
    }
}
