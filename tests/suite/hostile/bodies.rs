//! Bodies that aren't what they say: broken texts, charsets, JSON that is deep, cut, doubled or
//! none.
//!
//! Knows: a server that answers with any bytes. Must not know: how a body is read.

use std::collections::BTreeSet;

use base64::Engine as _;
use lxca_conform::judge::Verdict;
use lxca_conform::report::Conclusion;

use crate::support::hostile_server::{Deed, Hostile, answer, json};

use super::{LOCKS, READS, Ran, lock, locks, run, story};

fn body(bytes: impl Into<Vec<u8>>) -> Ran {
    let bytes = bytes.into();
    run(&Hostile::appliance(move |_| Deed::Say(json(&bytes))), LOCKS)
}

#[test]
fn a_body_that_isnt_utf_8_is_named_and_kept_byte_for_byte() {
    let bytes = b"[{\"id\":\"\xff\xfe\xc3\x28\"}]".to_vec();
    let ran = body(bytes.clone());
    ran.all(Verdict::Fail, &["isn't UTF-8"]);
    let kept = ran
        .record
        .exchanges()
        .filter_map(|exchange| exchange.got.as_ref())
        .find_map(|got| got.body.base64.clone())
        .expect("a body in base64");
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(kept).expect("base64"), bytes);
}

#[test]
fn a_byte_order_mark_before_the_json_is_told_and_accuses_nobody() {
    let ran = body(format!("\u{feff}{}", locks()));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(
        story(case).contains("observation body") && story(case).contains("byte order mark"),
        "{}",
        story(case)
    );
}

#[test]
fn a_nul_in_json_is_named() {
    body(format!("[{}]", lock().replace("DS", "D\0S"))).all(Verdict::Fail, &["control character"]);
}

#[test]
fn escaped_control_characters_are_judged_and_never_reach_a_report_raw() {
    body(format!("[{}]", lock().replace("DS", "\\u0000\\u0007\\u001b[31m\\u202e")))
        .all(Verdict::Fail, &["/0/component"]);
}

#[test]
fn half_a_surrogate_pair_is_told_and_accuses_nobody() {
    let ran = body(format!("[{}]", lock().replace("\"id\"", "\"comment\":\"\\ud800\",\"id\"")));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(
        story(case).contains("observation body") && story(case).contains("surrogate"),
        "{}",
        story(case)
    );
    // Where it stands for a value that is wrong, that is wrong all the same.
    body(format!("[{}]", lock().replace("DS", "\\ud800"))).all(Verdict::Fail, &["/0/component"]);
}

#[test]
fn json_in_utf_16_is_read_where_it_is_declared() {
    let bytes: Vec<u8> = locks().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let server = Hostile::appliance(move |_| {
        Deed::Say(answer("200 OK", &["content-type: application/json; charset=UTF-16LE"], &bytes))
    });
    let ran = run(&server, LOCKS);
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(story(case).contains("UTF-16"), "{}", story(case));
}

#[test]
fn a_hundred_thousand_levels_of_json_are_refused_without_falling_over() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let ran = body(format!("{}1{}", open.repeat(20_000), close.repeat(20_000)));
        assert_eq!(
            ran.case(LOCKS[0]).verdict,
            Verdict::Unresolved,
            "{}",
            story(ran.case(LOCKS[0]))
        );
        assert!(
            story(ran.case(LOCKS[0])).contains("recursion limit"),
            "{}",
            story(ran.case(LOCKS[0]))
        );
    }
    let ran = body(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert_ne!(ran.case(LOCKS[0]).verdict, Verdict::Pass);
    assert!(story(ran.case(LOCKS[0])).contains("recursion limit"), "{}", story(ran.case(LOCKS[0])));
}

#[test]
fn a_hundred_levels_of_json_are_judged() {
    let deep = format!(
        "{},\"deep\":{}1{}}}",
        lock().trim_end_matches('}'),
        "[".repeat(100),
        "]".repeat(100)
    );
    let ran = body(format!("[{deep}]"));
    let case = ran.case(LOCKS[0]);
    assert_eq!(case.verdict, Verdict::Pass, "{}", story(case));
    assert!(story(case).contains("drift at `/0/deep`"), "{}", story(case));
}

#[test]
fn numbers_beyond_what_can_be_held_are_named() {
    for number in ["1e400", "-1e400", &"9".repeat(400)] {
        let ran = body(format!("[{}]", lock().replace("61", number)));
        // JSON has no bound on numbers, so this is no violation; and what can't be read is no pass.
        assert_eq!(
            ran.case(LOCKS[0]).verdict,
            Verdict::Unresolved,
            "{number}: {}",
            story(ran.case(LOCKS[0]))
        );
        assert!(
            story(ran.case(LOCKS[0])).contains("number out of range"),
            "{number}: {}",
            story(ran.case(LOCKS[0]))
        );
    }
}

#[test]
fn a_member_that_comes_twice_is_told_with_its_values_and_judged_with_each() {
    for (values, verdict) in [
        (["DS", "DS"], Verdict::Pass),
        (["XX", "DS"], Verdict::Fail),
        (["DS", "XX"], Verdict::Fail),
    ] {
        let twice = lock().replace(
            "\"component\":\"DS\"",
            &values.map(|value| format!("\"component\":\"{value}\"")).join(","),
        );
        let other = twice.replace("0f3a9C7b", "1f3a9C7b");
        let ran = body(format!("[{twice},{other}]"));
        let case = ran.case(LOCKS[0]);
        let story = story(case);
        assert_eq!(case.verdict, verdict, "{story}");
        let told: Vec<_> = case
            .findings
            .iter()
            .filter(|finding| finding.actual.contains("is there 2 times"))
            .collect();
        let kinds: BTreeSet<_> =
            told.iter().map(|finding| (&finding.step, &finding.pointer, &finding.actual)).collect();
        assert!(!told.is_empty() && kinds.len() == told.len(), "once for each look: {story}");
        assert!(
            told[0].pointer == "/0/component"
                && told[0].actual.starts_with(&format!(
                    "`component` is there 2 times: {:?}, then {:?}",
                    values[0], values[1]
                ))
                && told[0].actual.contains("1 more"),
            "{story}"
        );
    }
}

#[test]
fn a_204_that_announces_a_body_has_one() {
    let answered = |more: &'static str, sent: &'static str| {
        run(
            &Hostile::appliance(move |_| {
                Deed::Close(
                    format!("HTTP/1.1 204 No Content\r\nConnection: close\r\n{more}\r\n{sent}")
                        .into_bytes(),
                )
            }),
            LOCKS,
        )
    };
    for (more, sent, told) in [
        ("Content-Length: 2\r\n", "[]", "a body of 2 bytes is announced"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    ] {
        answered(more, sent).all(Verdict::Fail, &["violation body", told]);
    }
    for more in ["", "Content-Length: 0\r\n"] {
        let ran = answered(more, "");
        assert_eq!(ran.case(LOCKS[0]).verdict, Verdict::Pass, "{}", story(ran.case(LOCKS[0])));
    }
}

#[test]
fn an_error_in_any_charset_is_read_and_one_that_cannot_be_read_accuses_nobody() {
    const STRANGER: &[&str] = &["sftp-locks.list::refuses-missing-credentials"];
    let refused = |label: &'static str, bytes: &'static [u8]| {
        let server = Hostile::appliance(move |_| {
            let head = format!(
                "HTTP/1.1 401 Unauthorized\r\nContent-Type: {label}\r\nContent-Length: {}\r\n\r\n",
                bytes.len()
            );
            Deed::Say([head.as_bytes(), bytes].concat())
        });
        let ran = run(&server, STRANGER);
        let case = ran.case(STRANGER[0]);
        (case.verdict, story(case))
    };
    for (label, bytes) in [
        ("text/plain; charset=GBK", b"\xca\xa7\xb0\xdc".as_slice()),
        ("text/plain; charset=ISO-8859-1", b"Zugriff verweigert f\xfcr alle"),
        ("application/json; charset=windows-1252", b"{\"message\":\"Zugriff \x84verweigert\x93\"}"),
        ("text/html; charset=Shift_JIS", b"<p>\x8e\xb8\x94s</p>"),
        ("application/json", b"[\"Who are you?\"]"),
    ] {
        let (verdict, story) = refused(label, bytes);
        assert_eq!(verdict, Verdict::Pass, "{label}: {story}");
    }
    let (verdict, told) = refused("text/plain; charset=ebcdic-cp-us", b"\xc2\x81\x83\x92");
    assert!(verdict == Verdict::Unresolved && told.contains("ebcdic-cp-us"), "{told}");
    for (label, bytes) in [
        ("text/plain", b"401".as_slice()),
        ("application/json", b"{\"result\":\"failed\"}"),
        ("application/json", b"null"),
        ("text/html", b"<html><body> </body></html>"),
    ] {
        let (verdict, story) = refused(label, bytes);
        assert_eq!(verdict, Verdict::Fail, "{label}: {story}");
    }
}

#[test]
fn an_error_that_nobody_expected_has_to_describe_itself_too() {
    for (status, verdict_of_words) in [(403, Verdict::Unresolved), (500, Verdict::Unresolved)] {
        for (words, verdict) in
            [(r#"{"messages":[{"text":"Not now"}]}"#, verdict_of_words), ("{}", Verdict::Fail)]
        {
            let server = Hostile::appliance(move |_| {
                Deed::Say(answer(
                    &format!("{status} No"),
                    &["content-type: application/json"],
                    words,
                ))
            });
            let ran = run(&server, LOCKS);
            let case = ran.case(LOCKS[0]);
            assert_eq!(case.verdict, verdict, "{status} {words}: {}", story(case));
            assert_eq!(
                case.findings.iter().any(|finding| finding.requirement
                    == format!("sftp-locks.list/status/{status}/message")),
                verdict == Verdict::Fail
            );
        }
    }
}

#[test]
fn an_observation_that_is_refused_is_no_pass() {
    const OBSERVED: &[&str] = &["sftp-locks.list::generated/list/query/unknown"];
    for (status, verdict) in [(403, Verdict::Untested), (400, Verdict::Untested)] {
        let server = Hostile::appliance(move |_| {
            Deed::Say(answer(
                &format!("{status} No"),
                &["content-type: application/json"],
                r#"{"messages":[{"text":"Not for you"}]}"#,
            ))
        });
        let ran = run(&server, OBSERVED);
        let case = ran.case(OBSERVED[0]);
        assert_eq!(case.verdict, verdict, "{}", story(case));
        assert!(
            case.reason.as_deref().is_some_and(|reason| reason.starts_with("observed only")),
            "{:?}",
            case.reason
        );
    }
}

#[test]
fn what_follows_the_json_is_named() {
    for rest in ["]", "garbage", "[]", "\0", "<!-- debug -->"] {
        body(format!("{}{rest}", locks())).all(Verdict::Fail, &["trailing characters"]);
    }
}

#[test]
fn json_that_ends_in_the_middle_is_named() {
    body(format!("[{}", lock().get(..40).expect("ASCII")))
        .all(Verdict::Fail, &["EOF while parsing"]);
}

#[test]
fn an_html_page_in_place_of_json_is_named() {
    let server = Hostile::appliance(|_| {
        Deed::Say(answer(
            "200 OK",
            &["content-type: text/html; charset=UTF-8"],
            "<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>",
        ))
    });
    let ran = run(&server, READS);
    for case in ran.planned() {
        assert!(story(case).contains("an HTML page"), "{}", story(case));
        assert_ne!(case.verdict, Verdict::Pass, "{}", story(case));
    }
    assert_ne!(ran.report.conclusion, Conclusion::Conformant);
}

#[test]
fn an_unreadable_answer_to_a_neighbouring_operation_is_no_pass() {
    for wrong in [&b"<!DOCTYPE html>\n<html></html>"[..], b"", b"[{", b"\xff\xfe"] {
        let server = Hostile::appliance(move |_| Deed::Say(json(wrong)));
        let ran = run(&server, &["tasks.list::lists-jobs"]);
        assert_ne!(ran.planned()[0].verdict, Verdict::Pass, "{}", story(ran.planned()[0]));
        assert_ne!(ran.report.conclusion, Conclusion::Conformant);
    }
}
