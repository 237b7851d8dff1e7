//! What a session still gets once it was closed.
//!
//! Knows: the double and how it may go wrong there. Must not know: how a session is shown.

use lxca_conform::conduct::Outcome;
use lxca_conform::double::{Fault, Options};
use lxca_conform::exchange::Exchange;
use lxca_conform::judge::Verdict;
use lxca_conform::report::Case;
use lxca_conform::terms::Auth;
use tempfile::TempDir;

use crate::support::command::{Served, binary};

use super::{Asked, double, logins, quiet, runtime, sessions};

const CASE: &str = "session.close::ends-the-session-of-the-run";
const ENDS: &str = "session.close/behaviour/ends";

fn run_with(faults: &[Fault]) -> (Case, u64, usize) {
    runtime().block_on(async {
        let options = Options { faults: faults.iter().copied().collect(), ..Options::default() };
        let (double, pace) = double(options).await;
        let filters = vec![CASE.to_owned()];
        let outcome = Asked { filters, ..Asked::of(&double) }.run(&pace, &quiet).await;
        (judged(outcome), logins(&double), sessions(&double).0)
    })
}

fn judged(outcome: Outcome) -> Case {
    outcome.report.cases.into_iter().find(|case| case.id == CASE).expect("the case")
}

#[test]
fn a_closed_session_is_asked_in_once_and_its_refusal_holds() {
    let (case, logins, open) = run_with(&[]);
    assert_eq!((case.verdict, case.findings.len()), (Verdict::Pass, 0), "{case:?}");
    assert_eq!((logins, open), (1, 0));
}

#[test]
fn a_session_that_survives_its_logout_is_a_violation_there() {
    let (case, ..) = run_with(&[Fault::SessionSurvivesLogout]);
    let broken: Vec<&str> =
        case.findings.iter().map(|finding| finding.requirement.as_str()).collect();
    assert_eq!((case.verdict, broken), (Verdict::Fail, vec![ENDS]), "{case:?}");
}

#[test]
fn who_serves_everybody_isnt_accused_of_keeping_sessions() {
    let (case, ..) = run_with(&[Fault::SessionSurvivesLogout, Fault::AuthOff]);
    assert_eq!((case.verdict, case.findings.len()), (Verdict::Untested, 0), "{case:?}");
    assert!(case.reason.as_ref().is_some_and(|reason| reason.contains("without any credentials")));
}

#[test]
fn the_record_shows_the_question_and_no_secret_and_is_judged_alike() {
    let served = Served::start(&["--port", "0", "--quiet", "--fault", "session-survives-logout"]);
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let ran = binary()
        .args(["run", "--url", &served.url, "--user", "USERID", "--auth", "session"])
        .args(["--filter", CASE, "--out"])
        .arg(&out)
        .env("LXCA_PASSWORD", "PASSW0RD")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    let record = std::fs::read_to_string(out.join("transcript.jsonl")).unwrap();
    let asked: Vec<Exchange> = record
        .lines()
        .filter_map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            let exchange: Exchange = serde_json::from_value(row).ok()?;
            (exchange.purpose == lxca_conform::exchange::Purpose::AfterLogout).then_some(exchange)
        })
        .collect();
    let who: Vec<Auth> = asked.iter().map(|exchange| exchange.sent.auth).collect();
    assert_eq!(who, [Auth::EndedSession, Auth::EndedSession, Auth::None]);
    let cookie = asked[0].sent.headers.iter().find(|(name, _)| name == "cookie");
    assert!(cookie.is_some_and(|(_, value)| value.contains("redacted")), "{cookie:?}");
    let again = binary().arg("judge").arg(&out).output().unwrap();
    assert_eq!(again.status.code(), Some(1), "{}", String::from_utf8_lossy(&again.stderr));
    let text = String::from_utf8_lossy(&again.stdout);
    assert!(text.contains(ENDS), "{text}");
}
