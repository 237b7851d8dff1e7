//! `gate-junit.xml`: the gate for a CI view that knows tests.
//!
//! Knows: the gate, and how changes map to `JUnit`: a failure is what the policy fails, an error
//! what it can't tell. Must not know: files.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::report::{State, one_line};

use super::clients::{ClientAnswer, Fate};
use super::model::{Candidate, Change, Gate, RequirementChange};
use super::policy::Action;

/// The gate as `JUnit`: a suite per candidate, a test for the answer and one per requirement that
/// either run met.
#[must_use]
pub fn junit(gate: &Gate) -> String {
    let mut whole = Junit::new("lxca-conform gate");
    for candidate in &gate.candidates {
        let version = candidate.side.target.version.as_deref().unwrap_or("unknown version");
        let mut suite =
            TestSuite::new(one_line(&format!("gate {version} {}", candidate.side.from)));
        suite.add_property(("answer", candidate.answer.word()));
        suite.add_property(("policy", one_line(&gate.policy.name).as_str()));
        suite.add_property(("baseline", one_line(&gate.baseline.from).as_str()));
        suite.add_test_case(answer(candidate));
        if !candidate.clients.is_empty() {
            // What no client depends on is nobody's failure then.
            suite.add_test_cases(candidate.clients.iter().map(client));
            whole.add_test_suite(suite);
            continue;
        }
        let met = |known: &&RequirementChange| {
            [known.before, known.after]
                .iter()
                .any(|state| matches!(state, State::Held | State::Broken))
        };
        suite.add_test_cases(
            candidate.requirements.iter().filter(met).map(|known| test(gate, candidate, known)),
        );
        whole.add_test_suite(suite);
    }
    // A file without a test must never read as a green one.
    whole.to_string().unwrap_or_else(|_| UNWRITTEN.to_owned())
}

const UNWRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lxca-conform gate\" tests=\"1\" failures=\"0\" errors=\"1\">\
<testsuite name=\"gate\" tests=\"1\" disabled=\"0\" errors=\"1\" failures=\"0\"><testcase name=\"is-written\">\
<error message=\"the JUnit file could not be written; gate.json has the \
    answer\"/></testcase></testsuite></testsuites>\n";

/// A test for a client: a failure where it breaks, an error where nobody can tell.
fn client(client: &ClientAnswer) -> TestCase {
    let because = one_line(&client.because);
    let mut test = TestCase::new(one_line(&client.client), status(action(client.answer), &because));
    test.set_classname("client");
    let told: Vec<String> = client
        .effects
        .iter()
        .map(|effect| format!("{}: {}", effect.fate.word(), one_line(&effect.told())))
        .collect();
    test.set_system_out(told.join("\n"));
    test
}

fn action(fate: Fate) -> Action {
    match fate {
        Fate::Safe => Action::Ignore,
        Fate::AtRisk => Action::CantTell,
        Fate::Breaks => Action::Fail,
    }
}

fn answer(candidate: &Candidate) -> TestCase {
    let of_clients = candidate.clients.iter().map(|client| client.answer).max().map(action);
    let worst = of_clients.unwrap_or_else(|| {
        candidate.reasons.first().map_or(Action::Ignore, |reason| reason.action)
    });
    let mut test = TestCase::new("answer", status(worst, &candidate.because));
    test.set_classname("gate");
    let told: Vec<String> = candidate
        .reasons
        .iter()
        .map(|reason| format!("{}: {}", reason.action.word(), one_line(&reason.text)))
        .collect();
    test.set_system_out(told.join("\n"));
    test
}

fn test(gate: &Gate, candidate: &Candidate, known: &RequirementChange) -> TestCase {
    let about = candidate.reasons.iter().filter(|reason| {
        reason.requirement.as_deref() == Some(known.id.as_str()) && reason.rule != "exercised-less"
    });
    let worst = about.max_by_key(|reason| reason.action);
    let status = match (worst, known.after) {
        (Some(reason), _) if reason.action > Action::Warn => status(reason.action, &reason.text),
        _ if known.change == Change::HiddenByWaiver => status(
            gate.policy.on("hidden-by-waiver"),
            "no data reached it because of a waived \
                failure",
        ),
        (_, State::NotExercised) => status(gate.policy.on("exercised-less"), "no data reached it"),
        _ => TestCaseStatus::success(),
    };
    let mut test = TestCase::new(one_line(&known.id), status);
    test.set_classname(one_line(known.id.split('/').next().unwrap_or_default()));
    test.add_property(("change", known.change.word()));
    test
}

fn status(action: Action, text: &str) -> TestCaseStatus {
    let kind = match action {
        Action::Fail | Action::Waivers => NonSuccessKind::Failure,
        Action::CantTell => NonSuccessKind::Error,
        Action::Warn | Action::Ignore => return TestCaseStatus::success(),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(action.word()).set_message(one_line(text));
    status
}
