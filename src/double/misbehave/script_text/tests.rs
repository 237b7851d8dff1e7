//! Tests of `script_text`, in a file of their own for their length.
//!
//! Knows: `script_text`. Must not know: what uses it.

use super::*;

fn script(text: &str) -> Script {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn calls(text: &str) -> Vec<u64> {
    let script = script(text);
    (1..=9).filter(|call| script.acts_on(*call)).collect()
}

#[test]
fn a_script_says_where_what_and_when() {
    assert_eq!(
        script("locks.list: 503 on call 2"),
        Script {
            text: "locks.list: 503 on call 2".into(),
            ..script("sftp-locks.list:503 on calls 2-2")
        }
    );
    for (text, deed) in [
        ("*: 302", Deed::Status(302)),
        ("backup.transfer: delay 250ms", Deed::Delay(Duration::from_millis(250))),
        ("backup.transfer: delay 10m", Deed::Delay(MOST_DELAY)),
        ("backup.transfer: drop", Deed::Drop),
        ("backup.transfer: drop-reply", Deed::DropReply),
        ("GET /tasks: truncate 0", Deed::Truncate(0)),
        ("GET /tasks/{job_list}: truncate after 1 byte always", Deed::Truncate(1)),
        ("PUT /managementServer/data: truncate 10 bytes on call 1", Deed::Truncate(10)),
        ("  tasks.get :  content-length -5  ", Deed::Length(-5)),
        ("GET /nodes: garbage", Deed::Garbage),
        ("locks.list: locks-newest-three", Deed::Fault(Fault::LocksNewestThree)),
        ("*: locks-newest-three", Deed::Fault(Fault::LocksNewestThree)),
        ("GET /tasks/17: task-of-another-job", Deed::Fault(Fault::TaskOfAnotherJob)),
        ("tasks.list: auth-off", Deed::Fault(Fault::AuthOff)),
        ("tasks.list: wire-cut-short", Deed::Half),
        ("tasks.list: wire-slow-start", Deed::Delay(Duration::from_secs(65))),
        ("tasks.list: wire-close-before-start", Deed::Drop),
        ("tasks.list: wire-close-after-start", Deed::DropReply),
    ] {
        assert_eq!(script(text).deed, deed, "{text}");
    }
}

#[test]
fn calls_are_counted_from_one() {
    assert_eq!(calls("tasks.get: 500"), (1..=9).collect::<Vec<_>>());
    assert_eq!(calls("tasks.get: 500 always"), (1..=9).collect::<Vec<_>>());
    assert_eq!(calls("tasks.get: 500 on call 3"), [3]);
    assert_eq!(calls("tasks.get: 500 on calls 2-4"), [2, 3, 4]);
    assert_eq!(calls("tasks.get: 500 from call 7"), [7, 8, 9]);
    assert_eq!(calls("tasks.get: 500 every 3 calls"), [3, 6, 9]);
}

#[test]
fn what_is_no_script_is_told_with_its_place_and_what_would_be_one() {
    for (text, at, accepted) in [
        ("503", 4, "locks.list: 503 on call 2"),
        (": 503", 1, "sftp-locks.list"),
        ("lock.list: 503", 1, "sftp-locks.list"),
        ("  lock.list: 503", 3, "sftp-locks.list"),
        ("FETCH /tasks: 503", 1, "GET /tasks"),
        ("GET tasks: 503", 5, "GET /tasks"),
        ("GET /tasks?compact=true: 503", 5, "GET /tasks"),
        ("locks.list:", 12, "a status"),
        ("locks.list: 199", 13, "200 to 598"),
        ("locks.list: 599", 13, "200 to 598"),
        ("locks.list: 50x", 13, "200 to 598"),
        ("locks.list: explode", 13, "garbage"),
        ("locks.list: delay", 18, "250ms"),
        ("locks.list: delay 11m", 19, "10 minutes"),
        ("locks.list: delay 0s", 19, "250ms"),
        ("locks.list: delay 2", 19, "250ms"),
        ("locks.list: delay 99999999999999999999m", 19, "250ms"),
        ("locks.list: truncate", 21, "bytes"),
        ("locks.list: truncate after all", 28, "bytes"),
        ("locks.list: content-length 10", 28, "+10"),
        ("locks.list: content-length +0", 28, "+10"),
        ("locks.list: job-fails", 13, "backup.transfer: job-fails"),
        ("GET /tasks: locks-newest-three", 13, "sftp-locks.list: locks-newest-three"),
        ("locks.list: 503 on", 19, "on call 2"),
        ("locks.list: 503 on call", 24, "from 1"),
        ("locks.list: 503 on call 0", 25, "from 1"),
        ("locks.list: 503 on calls 4-2", 26, "2-4"),
        ("locks.list: 503 sometimes", 17, "always"),
        ("locks.list: 503 every second call", 23, "every 2 calls"),
        ("locks.list: 503 on call 2 and 3", 27, "several --fault"),
        ("locks.list 200: 503", 12, "drop /path"),
        ("locks.list 2000: drop /id", 12, "4xx"),
        ("locks.list 200 when /id: drop /id", 16, "without"),
        ("locks.list with id: drop /id", 17, "/**/text"),
        ("locks.list with /id 17 18: drop /id", 24, "the colon"),
        ("locks.list: drop /", 18, "/*/id"),
        ("locks.list: drop /**", 18, "/*/id"),
        ("locks.list: drop header", 24, "Date"),
        ("locks.list: drop header Content-Length", 25, "Date"),
        ("locks.list: set id 17", 17, "/**/text"),
        ("locks.list: set /id", 20, "JSON"),
        ("locks.list: set /id XX", 21, "JSON"),
        ("locks.list: set /id [1, 2", 26, "JSON"),
        ("locks.list: set /id 17 18", 24, "on call 2"),
        ("locks.list: as /id text", 20, "lower-case"),
        ("locks.list: replace /id \"(\" \"\"", 25, "regular expression"),
        ("locks.list: time /x 2h", 21, "+2h"),
        ("locks.list: twice /* 17", 19, "name of a member"),
        ("locks.list: status 99", 20, "200 to 598"),
        ("locks.list: type \"ü\"", 18, "media type"),
        ("locks.list: body text", 22, "a JSON string"),
        ("locks.list: drop /id; garbage", 23, "drop /path"),
        ("locks.list: drop /id;", 22, "drop /path"),
        ("löcks.list: 503 on cäll 2", 1, "sftp-locks.list"),
        ("GET /ä: 503 ön", 13, "on call 2"),
    ] {
        let error = text.parse::<Script>().unwrap_err();
        assert_eq!(error.at, at, "{error}");
        assert!(
            error.to_string().split("accepted: ").nth(1).unwrap().contains(accepted),
            "{error}"
        );
    }
}

#[test]
fn edits_are_read_with_the_answers_that_they_are_for_and_the_calls() {
    for text in [
        "locks.list: drop /*/id",
        "sftp-locks.list 200,5xx with /0/id \"a: b; c\": set /0/component \"X; Y\" on call 2",
        "* 4xx: body; status 500; type \"text/html; charset=UTF-8\" from call 7",
        "GET /nodes: status 200; body { \"nodes\": [] }; header Date \"Thu, 01 Jan 1970\"",
        "tasks.get without /1: lift /0; wrap /; wrap /0 task always",
        "locks.list: wrap / on call 3",
        "locks.list: body every 2 calls",
        "locks.list: twice /**/\u{64} \"XX\"; add \"/a b\" null; copy /0 /-; time /*/t now -90s",
        "session.open: drop header Set-Cookie \"csrf=\"; replace /a \"^(.)\" \"$1$1\"",
    ] {
        assert!(matches!(script(text).deed, Deed::Edits(_)), "{text}");
    }
    assert_eq!(calls("locks.list: body half on calls 2-4"), [2, 3, 4]);
    assert_eq!(script("locks.list: drop").deed, Deed::Drop);
}

#[test]
fn a_script_concerns_its_operation_its_path_or_everything() {
    let concerns = |text: &str, method: &str, path: &str| {
        script(text).concerns(method, path, Route::find(path).as_ref())
    };
    assert!(concerns("*: 500", "GET", "/nodes"));
    assert!(
        concerns("tasks.get: 500", "GET", "/tasks/17")
            && !concerns("tasks.get: 500", "DELETE", "/tasks/17")
    );
    assert!(
        concerns("GET /tasks/17: 500", "GET", "/tasks/17")
            && !concerns("GET /tasks/17: 500", "GET", "/tasks/18")
    );
    assert!(
        concerns("GET /tasks/{job_list}: 500", "GET", "/tasks/18")
            && !concerns("GET /tasks: 500", "GET", "/tasks/18")
    );
    assert!(
        concerns("GET /nodes: 500", "GET", "/nodes")
            && !concerns("GET /nodes: 500", "PUT", "/nodes")
    );
}
