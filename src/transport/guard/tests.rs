//! Tests of `guard`, in a file of their own for their length.
//!
//! Knows: `guard`. Must not know: what uses it.

use super::*;
use crate::address::Address;
use crate::terms::Auth;

const DATA: &str = "/managementServer/data";
const LOCKS: &str = "/aicc/service/sftp/locks";

pub(super) fn guard(allow: Effect) -> Guard {
    let contract = crate::contract::built_in();
    Guard::new(allow, contract.known(), contract.appliance.clone())
}

pub(super) fn request(
    method: &str,
    target: &str,
    body: Option<&str>,
    purpose: Purpose,
) -> Outgoing {
    Outgoing {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: body.map(str::to_owned),
        auth: Auth::Default,
        purpose,
    }
}

pub(super) fn check(guard: &Guard, request: &Outgoing) -> Result<(), String> {
    let url = Address::parse("https://192.0.2.10/lab").unwrap().with(&request.target)?;
    guard.check("a::case", request, &url)
}

/// What a case sends, and what comes back.
fn had(
    guard: &Guard,
    case: &str,
    method: &str,
    target: &str,
    body: Option<&str>,
    status: u16,
    answer: &str,
) {
    guard.note(case, &request(method, target, body, Purpose::Case), target, status, || {
        serde_json::from_str(answer).ok()
    });
}

fn cleans(guard: &Guard, target: &str) -> Result<(), String> {
    check(guard, &request("DELETE", target, None, Purpose::Cleanup))
}

fn transfer(operation: &str, uuid: &str, destination: &str) -> String {
    format!(
        r#"{{"action":"start","operation":"{operation}","uuid":"{uuid}","destination":"{destination}"}}"#
    )
}

#[test]
fn what_isnt_known_destroys() {
    let (read, write, destroy) =
        (guard(Effect::Read), guard(Effect::Write), guard(Effect::Destroy));
    for (method, target, body) in [
        ("PUT", "/aicc", Some("{}")),
        ("PATCH", "/authCodes", Some("{}")),
        ("POST", "/files/managementServer/data", Some("{}")),
        ("POST", DATA, Some("{}")),
        ("PATCH", LOCKS, Some("{}")),
        ("PUT", LOCKS, Some("{}")),
        ("PROPFIND", "/x", None),
        ("get", DATA, None),
        ("DELETE", "/sessions/7", None),
        ("PUT", DATA, Some(r#"{"operation":"move"}"#)),
        ("PUT", DATA, None),
        ("PUT", "/tasks", Some(r#"{"action":"cancel","list":["1"]}"#)),
    ] {
        assert!(
            check(&write, &request(method, target, body, Purpose::Case)).is_err(),
            "{method} {target}"
        );
        assert!(
            check(&destroy, &request(method, target, body, Purpose::Case)).is_ok(),
            "{method} {target}"
        );
        assert!(
            check(&destroy, &request(method, target, body, Purpose::Cleanup)).is_err(),
            "{method} {target} as a clean-up"
        );
    }
    for (method, target, body) in
        [("POST", LOCKS, Some("{}")), ("PUT", DATA, Some(r#"{"operation":"copy"}"#))]
    {
        assert!(
            check(&read, &request(method, target, body, Purpose::Case)).is_err(),
            "{method} {target}"
        );
        assert!(
            check(&write, &request(method, target, body, Purpose::Case)).is_ok(),
            "{method} {target}"
        );
        assert!(
            check(&write, &request(method, target, body, Purpose::Cleanup)).is_ok(),
            "{method} {target}"
        );
        assert!(
            check(&read, &request(method, target, body, Purpose::Cleanup)).is_err(),
            "{method} {target}"
        );
    }
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert!(
            check(&read, &request(method, "/nobody/knows", None, Purpose::Case)).is_ok(),
            "{method}"
        );
    }
    let mut posing = request("GET", DATA, None, Purpose::Case);
    posing.headers.push(("X-HTTP-Method-Override".to_owned(), "DELETE".to_owned()));
    assert!(check(&write, &posing).is_err());
    assert!(
        check(
            &write,
            &request("GET", "/managementServer/data?_method=DELETE", None, Purpose::Case)
        )
        .is_err()
    );
}

#[test]
fn a_get_that_does_something_counts_as_what_it_does() {
    let (read, write, destroy) =
        (guard(Effect::Read), guard(Effect::Write), guard(Effect::Destroy));
    for (method, target) in [
        ("GET", "/ffdc/endpoint/0123"),
        ("HEAD", "/ffdc/endpoint/0123"),
        ("OPTIONS", "/ffdc/endpoint/0123"),
        ("GET", "/FFDC//endpoint/0123/"),
        ("GET", "/ffdc/%65ndpoint/0123?componentName=x"),
        ("GET", "/discovery?refresh=true"),
        ("GET", "/discovery?Refresh=true"),
        ("GET", "/discovery?refresh=false&refresh=true"),
        ("GET", "/updateRepositories/firmware?key=export"),
    ] {
        let asked = request(method, target, None, Purpose::Case);
        for guard in [&read, &write] {
            assert!(check(guard, &asked).is_err(), "{method} {target}");
        }
        assert!(check(&destroy, &asked).is_ok(), "{method} {target}");
        let url = Address::parse("https://192.0.2.10/lab").unwrap().with(target).unwrap();
        assert!(!destroy.may_repeat(&asked, &url), "{method} {target} is sent once");
    }
    for target in ["/discovery", "/discovery?refresh=false", "/ffdc", "/tasks?refresh=true"] {
        let asked = request("GET", target, None, Purpose::Case);
        assert!(check(&read, &asked).is_ok(), "{target}");
    }
}

#[test]
fn login_and_logout_are_the_only_changing_requests_of_a_read_run() {
    let read = guard(Effect::Read);
    assert!(check(&read, &request("POST", "/sessions", Some("{}"), Purpose::Login)).is_ok());
    assert!(check(&read, &request("DELETE", "/sessions", None, Purpose::Logout)).is_ok());
    assert!(check(&read, &request("POST", "/sessions", Some("{}"), Purpose::Case)).is_err());
    assert!(check(&read, &request("POST", "/tasks", Some("{}"), Purpose::Login)).is_err());
    assert!(check(&read, &request("DELETE", "/sessions/7", None, Purpose::Logout)).is_err());
}

#[test]
fn a_clean_up_deletes_only_the_locks_that_its_case_was_told_of_since_it_made_one() {
    let guard = guard(Effect::Destroy);
    assert!(cleans(&guard, "/aicc/service/sftp/locks/new").is_err(), "nothing was made");
    had(&guard, "a::case", "GET", LOCKS, None, 200, r#"[{"id":"old","component":"UP"}]"#);
    had(&guard, "a::case", "POST", LOCKS, Some("{}"), 403, r#"{"id":"refused"}"#);
    assert!(cleans(&guard, "/aicc/service/sftp/locks/refused").is_err());
    had(&guard, "a::case", "POST", LOCKS, Some("{}"), 201, "");
    had(
        &guard,
        "a::case",
        "GET",
        LOCKS,
        None,
        200,
        r#"[{"id":"old","component":"UP"},{"id":"new","component":"UP"},{"component":"UP","id":17}]"#,
    );
    had(&guard, "a::case", "GET", "/tasks", None, 200, r#"[{"id":"elsewhere"}]"#);
    assert_eq!(cleans(&guard, "/aicc/service/sftp/locks/new"), Ok(()));
    assert_eq!(cleans(&guard, "/aicc/service/sftp/locks/17"), Ok(()));
    for other in
        ["old", "elsewhere", "NEW", "new/", "", "new?x=1", "new%2F", "..", "%6eew/..", "new;x"]
    {
        assert!(cleans(&guard, &format!("/aicc/service/sftp/locks/{other}")).is_err(), "{other}");
    }
    assert!(
        cleans(&guard, "/managementServer/data/new?location=internal").is_err(),
        "another kind"
    );
    let url =
        Address::parse("https://192.0.2.10").unwrap().with("/aicc/service/sftp/locks/new").unwrap();
    let cleanup = request("DELETE", "/aicc/service/sftp/locks/new", None, Purpose::Cleanup);
    assert!(guard.check("another::case", &cleanup, &url).is_err(), "another case");
    guard.forget();
    assert!(cleans(&guard, "/aicc/service/sftp/locks/new").is_err());
    // A clean-up is a write, so that it needs no more than its case.
    assert!(check(&self::guard(Effect::Read), &cleanup).is_err());
}

#[test]
fn a_clean_up_deletes_only_the_copy_that_its_case_sent_where_it_sent_it() {
    let guard = guard(Effect::Write);
    had(
        &guard,
        "a::case",
        "PUT",
        DATA,
        Some(&transfer("copy", "1", "internal")),
        200,
        r#"{"jobId":"17"}"#,
    );
    had(&guard, "a::case", "PUT", DATA, Some(&transfer("copy", "2", "/mnt/x")), 403, "{}");
    assert_eq!(cleans(&guard, "/managementServer/data/1?location=internal"), Ok(()));
    for other in [
        "1",
        "1?location=",
        "1?location=%2Fmnt%2Fx",
        "1?location=Internal",
        "1?location=internal&location=internal",
        "1?location=internal&all=true",
        "2?location=%2Fmnt%2Fx",
        "2?location=internal",
        "?location=internal",
        "1/?location=internal",
    ] {
        assert!(cleans(&guard, &format!("/managementServer/data/{other}")).is_err(), "{other}");
    }
    let cancel =
        |body: &str| check(&guard, &request("PUT", "/tasks", Some(body), Purpose::Cleanup));
    assert_eq!(cancel(r#"{"action":"cancel","list":["17"]}"#), Ok(()));
    for body in [
        r#"{"action":"cancel","list":["17","18"]}"#,
        r#"{"action":"cancel","list":[]}"#,
        r#"{"action":"cancel"}"#,
        r#"{"list":["17"],"list":["18"]}"#,
        "",
        r#"{"list":"17"}"#,
    ] {
        assert!(cancel(body).is_err(), "{body}");
    }
}

#[test]
fn what_was_moved_is_deleted_only_after_it_was_copied_elsewhere() {
    let guard = guard(Effect::Destroy);
    had(&guard, "a::case", "PUT", DATA, Some(&transfer("move", "1", "/mnt/x")), 200, "{}");
    assert!(
        cleans(&guard, "/managementServer/data/1?location=%2Fmnt%2Fx").is_err(),
        "it lies nowhere else"
    );
    had(&guard, "a::case", "PUT", DATA, Some(&transfer("copy", "2", "internal")), 200, "{}");
    assert!(
        cleans(&guard, "/managementServer/data/1?location=%2Fmnt%2Fx").is_err(),
        "another one was copied"
    );
    had(&guard, "a::case", "PUT", DATA, Some(&transfer("copy", "1", "internal")), 200, "{}");
    assert_eq!(cleans(&guard, "/managementServer/data/1?location=%2Fmnt%2Fx"), Ok(()));
}

#[test]
fn a_change_whose_path_can_be_read_in_two_ways_is_never_sent() {
    let destroy = guard(Effect::Destroy);
    for target in [
        "/managementServer/quiesce",
        "/managementServer/%71uiesce",
        "/managementServer/%2571uiesce",
        "/managementServer/QUIESCE/",
        "/managementServer/data/..%2Fquiesce",
        "/managementServer/quiesce;x=1?y",
        "/managementServer//data",
        "/managementServer/data/",
        "/managementServer/data/a%2Fb",
        "/managementServer/data/a%5Cb",
        "/managementServer/data/%2e%2e%2fx",
        "/managementServer/data;v=1",
        "/managementServer/%EF%BD%91uiesce",
        "/managementServer/data/%00",
        "/managementServer/data/%ff",
    ] {
        for purpose in [Purpose::Case, Purpose::Cleanup, Purpose::Login, Purpose::Logout] {
            for method in ["PUT", "POST", "DELETE", "PATCH", "put", "TRACE"] {
                assert!(
                    check(&destroy, &request(method, target, Some("{}"), purpose)).is_err(),
                    "{method} {target}"
                );
            }
        }
    }
    assert!(
        check(&destroy, &request("GET", "/managementServer/quiesce", None, Purpose::Case)).is_ok()
    );
}

#[test]
fn a_clean_up_may_change_again_what_its_case_has_changed_where_that_is_allowed() {
    let node = "/nodes/AB";
    let on = |allow, before: Option<(&str, &str, u16)>, method: &str, target: &str| {
        let guard = guard(allow);
        if let Some((case, path, status)) = before {
            had(&guard, case, "PUT", path, Some(r#"{"powerState":"powerOff"}"#), status, "{}");
        }
        let body = Some(r#"{"powerState":"powerOn"}"#);
        check(&guard, &request(method, target, body, Purpose::Cleanup))
    };
    let off = Some(("a::case", node, 200));
    assert!(on(Effect::Destroy, off, "PUT", node).is_ok());
    assert!(on(Effect::Write, off, "PUT", node).is_err());
    assert!(on(Effect::Destroy, off, "PUT", "/nodes/CD").is_err());
    assert!(on(Effect::Destroy, off, "PUT", "/nodes/AB?synchronous=false").is_err());
    assert!(on(Effect::Destroy, off, "DELETE", node).is_err());
    for other in [None, Some(("a::case", node, 403)), Some(("b::case", node, 200))] {
        assert!(on(Effect::Destroy, other, "PUT", node).is_err(), "{other:?}");
    }
}
