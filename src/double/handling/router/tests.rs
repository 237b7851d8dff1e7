//! Tests of `router`, in a file of their own for their length.
//!
//! Knows: `router`. Must not know: what uses it.

use super::super::super::testing::{Bench, DATA, LOCKS};
use super::*;

#[test]
fn what_the_double_does_not_play_can_not_be_taken_for_an_answer_of_the_appliance() {
    let mut bench = Bench::new();
    for (method, target) in [
        ("PUT", "/managementServer/quiesce"),
        ("GET", "/storages"),
        ("POST", "/nodes"),
        ("GET", "/"),
        ("GET", "/aicc/service/sftp/locks/"),
        ("POST", DATA),
        ("PUT", "/aicc"),
    ] {
        let reply = bench.raw(&Request::new(method, target));
        assert_eq!(reply.status, 599, "{method} {target}");
        assert_eq!(reply.header("X-Lxca-Conform-Double-Error"), Some("no-route"));
        assert!(String::from_utf8_lossy(&reply.body).contains("no route"));
    }
}

#[test]
fn an_undocumented_method_is_405_with_the_methods_that_are_allowed() {
    let mut bench = Bench::new();
    for (method, target, allow) in [
        ("PUT", LOCKS, "GET, POST"),
        ("PATCH", DATA, "GET, PUT, POST"),
        ("DELETE", "/aicc", "GET, PUT"),
    ] {
        let reply = bench.send(method, target, "");
        assert_eq!((reply.status, reply.header("allow")), (405, Some(allow)));
        assert!(reply.json().unwrap()["messages"][0]["text"].is_string());
    }
}

#[test]
fn every_reply_says_that_it_comes_from_a_double_and_when() {
    let mut bench = Bench::new();
    for target in ["/aicc", LOCKS, "/none", "/tasks/99"] {
        let reply = bench.get(target);
        assert_eq!(reply.header("x-lxca-conform-double"), Some("1"));
        assert_eq!(reply.header("date"), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
        assert_eq!(reply.header("cache-control"), Some("no-store, no-cache, must-revalidate"));
    }
    assert_eq!(bench.get("/aicc").header("content-type"), Some("application/json; charset=UTF-8"));
}

#[test]
fn a_body_beyond_the_bound_is_413() {
    let mut bench = Bench::new();
    let large = " ".repeat(MAX_BODY + 1);
    assert_eq!(bench.send("PUT", DATA, &large).status, 413);
    assert_eq!(bench.raw(&Request::new("POST", "/sessions").with_body(large)).status, 413);
}

#[test]
fn a_fault_of_the_connection_is_played_once() {
    for (fault, wire, delay, jobs) in [
        (Fault::WireCloseBeforeStart, Wire::Close, 0, 0),
        (Fault::WireCloseAfterStart, Wire::Close, 0, 1),
        (Fault::WireCutShort, Wire::CutShort, 0, 1),
        (Fault::WireSlowStart, Wire::Normal, 65, 1),
    ] {
        let mut bench = Bench::faulty(fault);
        let copy = |bench: &mut Bench| {
            bench.start("copy", super::super::super::testing::SHARED, "internal")
        };
        let first = copy(&mut bench);
        assert_eq!((first.wire, first.delay), (wire, Duration::from_secs(delay)));
        assert_eq!(bench.state.jobs_started(), jobs);
        let again = copy(&mut bench);
        assert_eq!((again.wire, again.status), (Wire::Normal, if jobs == 0 { 200 } else { 400 }));
    }
}

#[test]
fn requests_are_counted_by_method_and_path() {
    let mut bench = Bench::new();
    bench.get("/tasks/1");
    bench.get("/tasks/2");
    bench.cancel_push();
    bench.login("USERID", "PASSW0RD");
    assert_eq!(bench.state.served("GET", "/tasks/{job_list}"), 2);
    assert_eq!(bench.state.writes_served(), 1);
}
