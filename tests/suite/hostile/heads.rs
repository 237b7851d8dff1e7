//! Statuses and headers: redirects, refusals, waits, versions of HTTP, headers that come twice, and
//! secrets that come back in them.
//!
//! Knows: a server that answers with any head. Must not know: how a head is read.

use std::time::Duration;

use lxca_conform::judge::Verdict;

use crate::support::hostile_server::{Deed, Hostile, answer, json};

use super::{LOCKS, PASSWORD, READS, Ran, locks, run, run_with, story};

/// Reads that show the run's own account.
const OWN: &[&str] = &[
    "appliance.get::describes-the-appliance",
    "sftp-locks.list::lists-locks",
    "sftp-locks.get::refuses-an-unknown-id",
    "backup.list::lists-backups",
    "tasks.list::lists-jobs",
    "tasks.get::returns-a-listed-job",
];

#[test]
fn a_redirect_to_itself_is_judged_and_not_followed() {
    let server = Hostile::appliance(|asked| {
        Deed::Say(answer("302 Found", &[&format!("location: {}", asked.target)], ""))
    });
    run(&server, LOCKS).all(Verdict::Fail, &["status 302"]);
    assert_eq!(server.count("GET", "/aicc/service/sftp/locks"), 1);
}

#[test]
fn a_redirect_to_another_host_is_judged_and_nobody_is_asked_there() {
    let elsewhere = Hostile::start(|_| Deed::Say(json(locks())));
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let (there, line) = (elsewhere.url.replace("127.0.0.1", "localhost"), status.to_owned());
        let server = Hostile::appliance(move |asked| {
            let there = format!("location: {there}{}", asked.target);
            Deed::Say(answer(
                &line,
                &[&there, "refresh: 0; url=/elsewhere", "alt-svc: h2=\":443\""],
                "",
            ))
        });
        run(&server, LOCKS).all(Verdict::Fail, &[&format!("status {}", &status[..3])]);
    }
    assert_eq!((elsewhere.connections(), elsewhere.asked().len()), (0, 0));
}

#[test]
fn credentials_refused_in_mid_run_are_no_verdict_and_after_three_in_a_row_nothing_more_is_sent() {
    let refusing = || {
        Hostile::after_identity(|_| {
            Deed::Say(answer(
                "401 Unauthorized",
                &["content-type: application/json"],
                r#"{"messages":[{"text":"Who are you?"}]}"#,
            ))
        })
    };
    let (server, one_by_one) = (refusing(), refusing());
    let ran =
        [run(&server, OWN), run_with(&one_by_one, OWN, |target| target.limits.concurrency = 1)];
    assert_eq!(one_by_one.asked().len(), 1 + 3, "the account would be locked");
    // Of four that run side by side each may have been sent before the first refusal came.
    assert!((1 + 3..=1 + 4).contains(&server.asked().len()), "{}", server.asked().len());
    for ran in ran {
        three_refusals(&ran);
    }
}

fn three_refusals(ran: &Ran) {
    assert_eq!(ran.planned().len(), OWN.len());
    for case in ran.planned() {
        assert_eq!(case.verdict, Verdict::Unresolved, "{}", story(case));
        assert!(story(case).contains("credentials of the run were refused"), "{}", story(case));
    }
    assert!(
        ran.report.because.contains("credentials of the run were refused 3 times in a row"),
        "{}",
        ran.report.because
    );
}

#[test]
fn a_busy_appliance_is_no_verdict_and_the_wait_that_it_asks_for_is_named() {
    for (status, wait) in [
        ("429 Too Many Requests", "120"),
        ("503 Service Unavailable", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Say(answer(status, &[&format!("retry-after: {wait}")], ""))
        });
        let ran = run(&server, READS);
        ran.all(Verdict::Unresolved, &["busy", &status[..3], wait]);
        assert_eq!(server.count("GET", "/tasks"), 1, "no silent retries");
    }
}

#[test]
fn http_1_0_is_judged_like_http_1_1_and_the_record_says_which_it_was() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}", locks())
                .into_bytes(),
        )
    });
    let ran = run(&server, LOCKS);
    assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
    assert!(
        ran.record
            .exchanges()
            .any(|exchange| exchange.got.as_ref().is_some_and(|got| got.version == "HTTP/1.0"))
    );
}

#[test]
fn headers_that_come_twice_are_all_kept_and_a_second_media_type_isnt_passed_over() {
    let server = Hostile::appliance(|_| {
        Deed::Say(answer(
            "200 OK",
            &[
                "content-type: application/json",
                "Content-Type: text/html",
                "x-twice: 1",
                "x-twice: 2",
            ],
            locks(),
        ))
    });
    let ran = run(&server, LOCKS);
    let got = ran
        .record
        .exchanges()
        .filter_map(|exchange| exchange.got.as_ref())
        .find(|got| got.header("x-twice").is_some())
        .expect("the answer");
    assert_eq!(
        got.headers
            .iter()
            .filter(|(name, _)| name == "x-twice")
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>(),
        ["1", "2"]
    );
    assert_eq!(got.headers.iter().filter(|(name, _)| name == "content-type").count(), 2);
    assert!(story(ran.case(LOCKS[0])).contains("text/html"), "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn two_lengths_that_contradict_each_other_are_no_verdict() {
    let server = Hostile::appliance(|_| {
        Deed::Close(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \
            2\r\ncontent-length: 7\r\n\r\n[]     "
                .to_vec(),
        )
    });
    run(&server, LOCKS).all(Verdict::Unresolved, &["no answer (protocol)", "content-length"]);
}

#[test]
fn bytes_in_a_header_that_arent_text_are_kept_and_harm_nothing() {
    let server = Hostile::appliance(|_| {
        let mut bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-strange: \
            \xff\xfe\x80\r\ncontent-length: "
            .to_vec();
        let body = locks();
        bytes.extend_from_slice(format!("{}\r\n\r\n{body}", body.len()).as_bytes());
        Deed::Say(bytes)
    });
    let ran = run(&server, LOCKS);
    assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn a_status_that_no_page_knows_is_a_finding_and_no_pass() {
    for status in [
        "206 Partial Content",
        "299 Strange",
        "304 Not Modified",
        "418 I'm a teapot",
        "599 Strange",
        "999 Strange",
    ] {
        let server = Hostile::appliance(move |_| {
            Deed::Close(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into_bytes())
        });
        run(&server, LOCKS).all(Verdict::Fail, &[&format!("status {}", &status[..3])]);
    }
}

#[test]
fn secrets_that_a_server_sends_back_reach_no_file() {
    let server = Hostile::appliance(|asked| {
        let sent = asked
            .head
            .lines()
            .find_map(|line| {
                line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            })
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default();
        let body =
            format!("{{\"echo\":\"{sent}\",\"password\":\"{PASSWORD}\",\"other\":\"{PASSWORD}\"}}");
        Deed::Say(answer(
            "200 OK",
            &[
                "content-type: application/json",
                &format!("x-echo: {sent}"),
                &format!("set-cookie: session={PASSWORD}; path=/"),
            ],
            body,
        ))
    });
    // That no file of a run has the password is looked at in each run.
    run(&server, READS).within(Duration::from_secs(5));
}
