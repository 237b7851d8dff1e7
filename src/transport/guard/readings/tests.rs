//! Tests of `readings`, in a file of their own for their length: of the readings themselves, and of
//! what a guard makes of them.
//!
//! Knows: `readings`, and the guard above it. Must not know: what uses that.

use super::super::tests::{check, guard, request};
use super::super::{Effect, Guard, Outgoing, Purpose};
use super::*;

fn paths(path: &str) -> Vec<String> {
    readings(path, "").unwrap().into_iter().map(|reading| reading.path).collect()
}

#[test]
fn a_path_that_can_be_read_in_one_way_has_one_reading() {
    for path in ["/nodes/A-b_c~1", "/a/b:c,d=e", "/", "*", "/nodes/1.2"] {
        assert_eq!(paths(path), [path]);
    }
}

#[test]
fn every_way_that_leads_elsewhere_is_found() {
    for path in [
        "/./b/c",
        "/a/../b/c",
        "/a/%2e%2e/b/c",
        "/a/%252e%252e/b/c",
        "/b/./c",
        "/b;x=1/c",
        "/b/c;x=1",
        "/b%2fc",
        "/b%252Fc",
        "/b\\c",
        "/b%5cc",
        "/a/..;/b/c",
        "/a/..;x/b/c",
        "/b/c#x",
        "/b/c%23x",
        "/b/c%00.json",
        "/b/%09c",
        "/b%c0%afc",
        "/b%e0%80%afc",
        "/b%u002fc",
        "/a%2f../b/c",
        "/x%2fy/../b/c",
        "//host/b/c",
        "/\\host/b/c",
        "/\u{ff42}/c",
        "/%EF%BD%82/c",
        "/../../b/c",
    ] {
        assert!(paths(path).iter().any(|path| path == "/b/c"), "{path}: {:?}", paths(path));
    }
    let query = readings("/b%3Fx=1", "y=2").unwrap();
    assert!(query.iter().any(|one| (one.path.as_str(), one.query.as_str()) == ("/b", "x=1&y=2")));
    let climbs = |path| readings(path, "").unwrap().iter().any(|reading| reading.climbs);
    assert!(climbs("/a/%2e%2e/..;/b") && !climbs("/a/b/../c"));
}

#[test]
fn what_has_no_end_of_readings_is_in_doubt() {
    assert_eq!(readings(&format!("/a%{}41", "25".repeat(50_000)), ""), None);
    let mixed: Vec<String> = (0..40).map(|n| format!("/a;{n}%3b%5c..%2f?{n}#")).collect();
    let mixed = mixed.concat();
    assert!(readings(&mixed, "").is_none_or(|all| all.len() <= MOST_READINGS));
}

fn passes(guard: &Guard, request: &Outgoing, prefix: &str) -> Result<(), Option<Effect>> {
    guard.passes(request, prefix).map_err(|refused| refused.needed)
}

#[test]
fn a_read_that_a_server_could_take_for_a_guarded_one_counts_as_it() {
    let (read, destroy) = (guard(Effect::Read), guard(Effect::Destroy));
    for target in [
        "/./ffdc/endpoint/ABC",
        "/aicc/../ffdc/endpoint/ABC",
        "/aicc/%2e%2e/ffdc/endpoint/ABC",
        "/aicc/%252e%252e/ffdc/endpoint/ABC",
        "/ffdc/./endpoint/ABC",
        "/ffdc;x=1/endpoint/ABC",
        "/ffdc/endpoint/ABC;jsessionid=1",
        "/ffdc%2fendpoint%2fABC",
        "/ffdc%252Fendpoint%252FABC",
        "/ffdc\\endpoint\\ABC",
        "/ffdc%5Cendpoint/ABC",
        "//ffdc//endpoint/ABC",
        "//lxca/ffdc/endpoint/ABC",
        "/aicc/..;/ffdc/endpoint/ABC",
        "/f%EF%BD%86dc/endpoint/ABC",
        "/%EF%AC%80dc/endpoint/ABC",
        "/ffdc%c0%afendpoint/ABC",
        "/ffdc/endpoint/ABC%00",
        "/ffdc/endpoint /ABC",
        "/./discovery?refresh=true",
        "/discovery;x?refresh=true",
        "/discovery/.?refresh=true",
        "/discovery%3Frefresh=true",
        "/discovery%3frefresh%3dtrue",
        "/discovery.json?refresh=true",
        "/discovery?%2572efresh=true",
        "/discovery?refresh[]=true",
        "/aicc?%5fmethod=DELETE",
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let asked = request(method, target, None, Purpose::Case);
            assert_eq!(passes(&read, &asked, ""), Err(Some(Effect::Destroy)), "{method} {target}");
        }
    }
    let mut asked = request("GET", "/discovery", None, Purpose::Case);
    asked.headers.push(("content-length".to_owned(), "12".to_owned()));
    assert_eq!(passes(&read, &asked, ""), Err(Some(Effect::Destroy)), "a body could say refresh");
    let dots = request("GET", "/a/../../other/nodes", None, Purpose::Case);
    assert_eq!(passes(&destroy, &dots, "/lab"), Err(None), "it may be another server's");
    assert_eq!(passes(&destroy, &dots, ""), Ok(()));
    for target in
        ["/managementServer/qui%09esce", "/managementServer/./%2571uiesce", "/a;x/QUIESCE"]
    {
        let asked = request("GET", target, None, Purpose::Case);
        assert_eq!(passes(&destroy, &asked, ""), Err(None), "{target}");
    }
}

#[test]
fn a_path_that_nobody_can_read_to_the_end_is_never_sent() {
    let destroy = guard(Effect::Destroy);
    let odd = "/%252561;x\\%2500%23b%253fc/.".repeat(6);
    assert!(readings(&odd, "").is_none(), "{odd}");
    for target in [odd.clone(), format!("{odd}/quiesce"), format!("/managementServer/quiesce{odd}")]
    {
        let asked = request("GET", &target, None, Purpose::Case);
        assert_eq!(passes(&destroy, &asked, ""), Err(None), "{target}");
    }
}

#[test]
fn an_odd_read_that_is_like_none_that_does_something_passes() {
    let read = guard(Effect::Read);
    for target in [
        "/nodes/a%20b",
        "/nodes/a:b,c",
        "/nodes/%C3%A9t%C3%A9",
        "/nodes/\u{e9}",
        "/nodes/a%2Fb",
        "/nodes/a;b",
        "/nodes/../nodes",
        "/nodes/100%",
        "/nodes/a%",
        "/files/a.b.c",
        "/nodes//1/",
        "/ffdc",
        "/discovery;x?refresh=false",
        "/discovery?refresh=false&status=%C3%A9",
        "/odd%2fpath/?q={\"x\"}&y=%7E",
        "*",
    ] {
        let asked = request("GET", target, None, Purpose::Case);
        assert_eq!(passes(&read, &asked, ""), Ok(()), "{target}");
    }
}

#[test]
fn a_target_that_a_header_names_is_judged_too() {
    let (read, destroy) = (guard(Effect::Read), guard(Effect::Destroy));
    let named = |method: &str, target: &str, header: &str, value: &str| {
        let mut asked = request(method, target, None, Purpose::Case);
        asked.headers.push((header.to_owned(), value.to_owned()));
        asked
    };
    for (target, header, value) in [
        ("/aicc", "X-Original-URL", "/ffdc/endpoint/ABC"),
        ("/aicc", "x-rewrite-url", "ffdc/./endpoint/ABC"),
        ("/aicc", "X_Original_URL", "https://lxca/ffdc/endpoint/ABC"),
        ("/aicc", "X-Original-URI", "/discovery?refresh=true"),
        ("/aicc?refresh=true", "X-Original-URL", "/discovery"),
        ("/ABC", "X-Forwarded-Prefix", "/ffdc/endpoint/"),
        ("/ABC", "X-Forwarded-Prefix", "/x, /ffdc/endpoint"),
        ("/aicc", "X-Envoy-Original-Path", "/ffdc/endpoint/ABC"),
    ] {
        let asked = named("GET", target, header, value);
        let why = read.passes(&asked, "").expect_err(value).why;
        assert!(why.contains(header) && why.contains("destroy"), "{why}");
        assert!(check(&read, &asked).is_err(), "{header}: {value}");
        assert_eq!(passes(&destroy, &asked, ""), Ok(()), "{header}: {value}");
    }
    let quiesce = named("GET", "/aicc", "X-Original-URL", "/managementServer/quiesce");
    assert!(passes(&destroy, &quiesce, "").is_err());
    let mut login = named("POST", "/sessions", "X-Original-URL", "/managementServer/data");
    login.purpose = Purpose::Login;
    assert!(passes(&read, &login, "").is_err());
    for (header, value) in [
        ("X-Original-URL", "/nodes"),
        ("X-Forwarded-Prefix", "/lxca"),
        ("X-Forwarded-Host", "ffdc"),
        ("Referer", "https://lxca/ffdc/endpoint/ABC"),
    ] {
        assert_eq!(passes(&read, &named("GET", "/aicc", header, value), ""), Ok(()), "{header}");
    }
}
