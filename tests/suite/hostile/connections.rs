//! Connections that are reset, cut or closed, and what is no HTTP: no verdict comes of them, a read
//! is tried once more, a change never, and the breaker stops the rest.
//!
//! Knows: a server that breaks off. Must not know: how the client keeps its connections.

use lxca_conform::catalogue::Effect;
use lxca_conform::judge::Verdict;
use lxca_conform::report::Conclusion;

use crate::support::hostile_server::{self, Deed, Hostile, json};

use super::{CHUNKED, LOCKS, READS, chunk, locks, run, run_with, story};

#[test]
fn a_reset_before_any_answer_is_no_verdict_and_a_read_is_tried_twice_at_most() {
    let server = Hostile::appliance(|_| Deed::Reset(Vec::new()));
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (closed)", "before any answer"]);
    assert_eq!(
        (server.count("GET", "/tasks"), server.count("GET", "/aicc/service/sftp/locks")),
        (2, 2)
    );
    ran.notes(&["2 reads were retried"]);
}

#[test]
fn a_reset_in_the_middle_of_the_headers_is_no_verdict() {
    let server =
        Hostile::appliance(|_| Deed::Reset(b"HTTP/1.1 200 OK\r\ncontent-type: applica".to_vec()));
    run(&server, READS).all(Verdict::Unresolved, &["no answer (closed)"]);
}

#[test]
fn a_reset_after_the_headers_is_no_verdict_and_names_how_far_it_came() {
    let server = Hostile::appliance(|_| {
        Deed::Reset(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n["
                .to_vec(),
        )
    });
    let ran = run(&server, READS);
    ran.all(Verdict::Unresolved, &["no answer (closed)", "after status 200"]);
    assert_eq!(server.count("GET", "/tasks"), 1, "what was answered in part isn't asked again");
}

#[test]
fn a_body_shorter_than_announced_is_no_verdict_and_names_its_bytes() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS)
        .all(Verdict::Unresolved, &["no answer (closed)", "after status 200 and 2 bytes"]);
}

#[test]
fn a_chunked_body_without_its_end_is_no_verdict() {
    let server = Hostile::appliance(|_| Deed::Close([CHUNKED.as_bytes(), &chunk(b"[]")].concat()));
    run(&server, READS)
        .all(Verdict::Unresolved, &["no answer (closed)", "after status 200 and 2 bytes"]);
}

#[test]
fn an_announced_length_beyond_any_memory_is_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            18446744073709551613\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer ("]);
}

#[test]
fn a_length_that_is_no_number_is_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: -1\r\n\r\n[]"
                .to_vec(),
        )
    });
    run(&server, READS).all(Verdict::Unresolved, &["no answer (protocol)", "content-length"]);
}

#[test]
fn what_follows_the_announced_length_isnt_taken_for_the_next_answer() {
    // The body ends in the middle of a row, and what follows looks like a good answer to whatever
    // is asked next.
    let smuggled = json(locks());
    let server = Hostile::appliance(move |asked| {
        if asked.target == "/tasks" {
            return Deed::Say(json("[]"));
        }
        let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            9\r\n\r\n[{\"id\":\"0f3a9C7b\"}]"
            .to_vec();
        bytes.extend_from_slice(&smuggled);
        Deed::Say(bytes)
    });
    let ran = run(&server, READS);
    let locks = ran.case(READS[0]);
    assert_eq!(locks.verdict, Verdict::Fail, "{}", story(locks));
    assert!(story(locks).contains("9 bytes") && story(locks).contains("EOF"), "{}", story(locks));
    let jobs = ran
        .record
        .exchanges()
        .find(|exchange| exchange.sent.target == "/tasks")
        .and_then(|exchange| exchange.got.as_ref())
        .expect("an answer");
    assert_eq!(
        jobs.body.text.as_deref(),
        Some("[]"),
        "the rest of one answer was taken for the next"
    );
    assert_eq!(server.count("GET", "/tasks"), 1);
}

#[test]
fn a_chunk_without_a_length_is_no_verdict() {
    for wrong in [
        "zz\r\n[]\r\n0\r\n\r\n",
        "2\r\n[]xx0\r\n\r\n",
        "fffffffffffffffff\r\n[]\r\n0\r\n\r\n",
        "-2\r\n[]\r\n0\r\n\r\n",
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Close([CHUNKED.as_bytes(), wrong.as_bytes()].concat())
        });
        run(&server, LOCKS)
            .all(Verdict::Unresolved, &["no answer (protocol)", "after status 200", "chunk"]);
    }
}

#[test]
fn what_isnt_http_is_no_verdict() {
    for wrong in [
        &b"SSH-2.0-OpenSSH_9.6\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        let server = Hostile::appliance(move |_| Deed::Close(wrong.to_vec()));
        run(&server, LOCKS).all(Verdict::Unresolved, &["no answer (protocol)"]);
    }
}

#[test]
fn a_connection_that_breaks_between_two_requests_costs_a_read_one_more_try_and_the_report_counts_it()
 {
    let server = Hostile::start(|asked| match (asked.nth, asked.target.as_str()) {
        // The second request of every connection finds it gone.
        (1.., _) => Deed::Reset(Vec::new()),
        (_, "/aicc") => Deed::Say(json(hostile_server::IDENTITY)),
        (_, "/tasks") => Deed::Say(json(r#"[{"jobUID":"17"}]"#)),
        _ => Deed::Say(json(locks())),
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    }
    let retried = ran.record.exchanges().filter(|exchange| !exchange.retried.is_empty()).count();
    assert!(
        retried > 0 && ran.record.exchanges().all(|exchange| exchange.retried.len() <= 1),
        "{retried}"
    );
    ran.notes(&[&format!("{retried} read"), "retried because the connection broke"]);
    let asked = |target: &str| {
        ran.record.exchanges().filter(|exchange| exchange.sent.target == target).count()
    };
    for target in ["/tasks", "/aicc/service/sftp/locks"] {
        assert!(server.count("GET", target) <= 2 * asked(target), "{target}");
    }
}

#[test]
fn a_connection_that_is_closed_after_each_answer_is_no_fault() {
    let server = Hostile::start(|asked| match asked.target.as_str() {
        "/aicc" => Deed::Close(json(hostile_server::IDENTITY)),
        "/tasks" => Deed::Close(json(r#"[{"jobUID":"17"}]"#)),
        _ => Deed::Close(json(locks())),
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    }
}

#[test]
fn a_change_whose_connection_breaks_is_never_sent_twice_and_the_breaker_stops_the_rest() {
    let server = Hostile::appliance(|asked| match asked.method.as_str() {
        "GET" => Deed::Say(json(locks())),
        _ => Deed::Reset(Vec::new()),
    });
    let ran =
        run_with(&server, &["sftp-locks.create::refuses-*"], |target| target.allow = Effect::Write);
    let planned = ran.planned();
    assert!(planned.len() >= 7, "{}", planned.len());
    assert_eq!(
        server.count("POST", "/aicc/service/sftp/locks"),
        5,
        "each change is sent once, and after five faults no more"
    );
    assert!(ran.record.exchanges().all(|exchange| exchange.retried.is_empty()));
    for case in planned {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
    }
    assert!(
        ran.report.because.contains("5 requests in a row got no answer"),
        "{}",
        ran.report.because
    );
}

#[test]
fn after_five_faults_in_a_row_nothing_more_is_sent() {
    let server = Hostile::after_identity(|_| {
        Deed::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[".to_vec())
    });
    let ran = run(&server, &["*"]);
    let planned = ran.planned();
    assert!(planned.len() > 8, "{}", planned.len());
    // Five faults, and before them the one that told who it is.
    assert_eq!(server.asked().len(), 6);
    assert!(server.connections() <= 6, "{}", server.connections());
    // A case whose fact couldn't be discovered is left out, and says which.
    for case in planned.into_iter().filter(|case| case.verdict != Verdict::Untested) {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
        assert!(
            case.requests > 0 || story(case).contains("5 requests in a row got no answer"),
            "{}",
            story(case)
        );
    }
    assert_eq!(ran.report.conclusion, Conclusion::Incomplete);
    assert!(
        ran.report.because.contains("5 requests in a row got no answer"),
        "{}",
        ran.report.because
    );
}
