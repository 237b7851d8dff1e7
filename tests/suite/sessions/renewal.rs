//! Ids and tokens that each answer renews: they are followed, and reach no file.
//!
//! Knows: servers that renew them. Must not know: how cookies are kept.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lxca_conform::catalogue::Effect;
use lxca_conform::double::{Options, Variant};
use lxca_conform::event::Event;
use tempfile::TempDir;

use crate::support::command::{self, Served, binary, text};
use crate::support::wire::Recorder;

use super::{Asked, double, logins, quiet, runtime, sessions, throw_out};

#[test]
fn an_id_or_a_token_that_each_answer_renews_is_followed_with_one_login_and_a_logout() {
    runtime().block_on(async {
        let mut plain = None;
        for variants in [
            &[][..],
            &[Variant::SessionIdRenewed],
            &[Variant::CsrfTokenRenewed],
            &[Variant::SessionIdRenewed, Variant::CsrfTokenRenewed, Variant::CookieForAnotherPath,
                Variant::CookiesExpire],
            &[Variant::CookieForAnotherPath],
            // By the clock here those cookies ended a year ago.
            &[Variant::CookiesExpire, Variant::ClockBehind],
        ] {
            let (double, pace) = double(Options { variants: variants.iter().copied().collect(),
                ..Options::default() }).await;
            let outcome = Asked { allow: Effect::Destroy, ..Asked::of(&double) }.run(&pace,
                &quiet).await;
            let counts = &outcome.report.summary.cases;
            assert_eq!((counts.fail, counts.unresolved), (0, 0), "{variants:?}: {:?}",
                outcome.report.because);
            assert!(counts.pass > 20, "{variants:?}: {counts:?}");
            // Cases log in too, and each of them as often as without any variant.
            let seen = (logins(&double), sessions(&double));
            assert_eq!(seen, *plain.get_or_insert(seen), "{variants:?}");
            assert_eq!(sessions(&double).0, 0, "{variants:?}");
            assert!(!outcome.report.notes.iter().any(|note| note.contains("connection broke") || note.contains("still be open")), "{variants:?}: {:?}", outcome.report.notes);
        }
    });
}

#[test]
fn ids_that_are_renewed_while_reads_run_side_by_side_cost_no_login_and_no_verdict() {
    runtime().block_on(async {
        let (double, pace) =
            double(Options { variants: [Variant::SessionIdRenewed].into(), ..Options::default() })
                .await;
        let recorder = Recorder::before(double.url());
        let outcome = Asked { live: Some(&recorder), concurrency: 8, ..Asked::of(&double) }
            .run(&pace, &quiet)
            .await;
        let counts = &outcome.report.summary.cases;
        assert_eq!((counts.fail, counts.unresolved), (0, 0), "{:?}", outcome.report.because);
        assert_eq!((logins(&double), sessions(&double)), (1, (0, 1)));
        let again = outcome
            .report
            .notes
            .iter()
            .find(|note| note.contains("sent again because the session"));
        let broken = outcome.report.notes.iter().find(|note| note.contains("connection broke"));
        assert!(again.is_some() && broken.is_none(), "{:?}", outcome.report.notes);
        // The reads that were under way when the first id went; after that, one at a time.
        let refused: usize =
            again.and_then(|note| note.split(' ').next()?.parse().ok()).unwrap_or(0);
        assert!(refused <= 8, "{refused}");
    });
}

#[test]
fn a_session_that_is_closed_twice_is_said_to_have_been_closed() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        let finished = AtomicUsize::new(0);
        let observer = |event: Event| {
            if matches!(event, Event::CaseStarted { .. })
                && finished.fetch_add(1, Ordering::SeqCst) == 0
            {
                throw_out(&double);
            }
            if matches!(&event, Event::CaseFinished { .. }) {
                throw_out(&double);
            }
        };
        let filters = vec!["tasks.list::lists-jobs".to_owned()];
        let outcome = Asked { filters, ..Asked::of(&double) }.run(&pace, &observer).await;
        assert!(
            outcome.report.notes.iter().any(|note| note.contains("before the logout (401)")),
            "{:?}",
            outcome.report.notes
        );
        assert!(
            !outcome.report.notes.iter().any(|note| note.contains("still be open")),
            "{:?}",
            outcome.report.notes
        );
        assert_eq!((logins(&double), sessions(&double).0), (2, 0));
    });
}

#[test]
fn a_login_whose_cookies_cant_be_sent_back_is_told_so_and_never_shows_them() {
    for (attributes, why) in [
        ("; Domain=lxca.example.com", "is for lxca.example.com"),
        ("; Path=/sessions", "is for the path /sessions"),
        ("; Path=/; Max-Age=0", "had already expired when it was set"),
        ("; Path=/; Max-Age=-1", "had already expired when it was set"),
        ("; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "had already expired when it was set"),
    ] {
        let served = Served::start(&[]);
        let front = Recorder::changing(&served.url, move |_, bytes| {
            let text = String::from_utf8_lossy(&bytes).replace("; Path=/", attributes);
            (text.into_bytes(), false)
        });
        let folder = TempDir::new().expect("a temporary folder");
        let answer = command::answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
            "run",
            "--url",
            &front.url,
            "--user",
            "USERID",
            "--auth",
            "session",
            "--out",
            text(folder.path()),
        ]));
        assert_eq!(answer.exit, 5, "{answer:?}");
        assert!(
            answer.stderr.contains("its cookie `JSESSIONID`") && answer.stderr.contains(why),
            "{}",
            answer.stderr
        );
        assert!(
            front.seen().iter().all(|seen| seen
                .header("cookie")
                .is_none_or(|cookie| !cookie.contains("JSESSIONID")))
        );
        // A user has three sessions, and what never worked hasn't expired.
        let logins = front.lines().iter().filter(|line| *line == "POST /sessions").count();
        assert_eq!(logins, 1, "{attributes}");
    }
}

#[test]
fn a_renewed_id_reaches_no_file() {
    let served =
        Served::start(&["--variant", "session-id-renewed", "--variant", "csrf-token-renewed"]);
    let ids: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let kept = Arc::clone(&ids);
    // The appliance repeats each new id in the body of the answer that brings it.
    let front = Recorder::changing(&served.url, move |_, bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let values: Vec<String> = text
            .lines()
            .filter_map(|line| {
                line.split_once("JSESSIONID=")
                    .map(|(_, rest)| rest.split(';').next().unwrap_or_default().to_owned())
                    .or_else(|| line.to_lowercase().strip_prefix("csrf: ").map(str::to_owned))
            })
            .collect();
        kept.lock().unwrap().extend(values.clone());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text.as_str(), ""));
        if !body.starts_with('{') {
            return (bytes, false);
        }
        let body = body.replacen('{', &format!("{{\"echo\":\"{}\",", values.join(" ")), 1);
        let head: Vec<&str> = head
            .lines()
            .filter(|line| !line.to_lowercase().starts_with("content-length"))
            .collect();
        (
            format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len())
                .into_bytes(),
            false,
        )
    });
    let folder = TempDir::new().expect("a temporary folder");
    let answer = command::answer(binary().env("LXCA_PASSWORD", "PASSW0RD").args([
        "run",
        "--url",
        &front.url,
        "--user",
        "USERID",
        "--auth",
        "session",
        "--out",
        text(folder.path()),
    ]));
    assert_eq!(answer.exit, 0, "{answer:?}");
    let ids = ids.lock().unwrap();
    assert!(ids.len() > 20, "{}", ids.len());
    for entry in fs::read_dir(folder.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a file of the run");
        assert!(
            text.contains("\"echo\"")
                || !path.ends_with("transcript.jsonl")
                || text.contains("echo"),
            "the echo is in the record"
        );
        let found = ids.iter().find(|id| text.contains(id.as_str()));
        assert_eq!(found, None, "in {}", path.display());
    }
}
