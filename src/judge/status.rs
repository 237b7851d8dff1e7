//! Is this the status that the case expects, and if not, whose fault is it?
//!
//! Knows: statuses and who asked. Must not know: bodies, but for the words of a refusal.

use crate::catalogue::Step;
use crate::contract::{Contract, Severity};
use crate::exchange::{NoJson, Received, Sent};
use crate::own_words::{own_words, with_own_words};

use super::verdict::Finding;

/// What a status amounts to.
pub(super) enum StatusOutcome {
    /// One of the expected.
    Expected,
    /// It can't be judged.
    Unresolved(String, Option<Finding>),
    /// It is wrong.
    Broken(Finding),
}

const FORBIDDEN: &str =
    "refused with 403: the account lacks a privilege, or the appliance a licence";

/// The header by which the built-in double says that a request was the harness's mistake.
const DOUBLE_ERROR: &str = "x-lxca-conform-double-error";

pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    sent: &Sent,
    got: &Received,
) -> StatusOutcome {
    if let Some(error) = got.header(DOUBLE_ERROR) {
        return StatusOutcome::Unresolved(
            format!(
                "harness error: the double can't answer {} {} ({error})",
                sent.method, sent.target
            ),
            None,
        );
    }
    let expected = &step.expect.status;
    let observed = step.expect.observe.is_some()
        && !(got.status == 401 && sent.auth.is_own())
        && !matches!(got.status, 407 | 429 | 502..=504 | 511);
    if observed || expected.contains(&got.status) {
        return StatusOutcome::Expected;
    }
    let own_account = sent.auth.is_own();
    let refusal_expected = expected.iter().all(|status| *status >= 400);
    let turned_away = refusal_expected && !own_account && leads_to_a_login(got);
    let requirement = blamed(contract, step, got.status, turned_away);
    let wanted = expected.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let finding = |severity| Finding {
        check: "status".to_owned(),
        requirement: requirement.clone(),
        severity,
        pointer: String::new(),
        expected: format!("status {wanted}"),
        actual: format!("status {}", got.status),
        step: step.name.clone(),
        more: None,
        closed: true,
    };
    match got.status {
        401 if own_account => StatusOutcome::Unresolved(
            with_own_words("the credentials of the run were refused (401)".to_owned(), Some(got)),
            None,
        ),
        // Its own words tell more than our guess, which may be wrong: a password that must be
        // changed is neither.
        403 if own_account => StatusOutcome::Unresolved(
            own_words(got)
                .map_or_else(|| FORBIDDEN.to_owned(), |words| format!("refused with 403: {words}")),
            None,
        ),
        429 | 503 => {
            let wait = got
                .header("retry-after")
                .map(|wait| format!(", Retry-After {wait}"))
                .unwrap_or_default();
            StatusOutcome::Unresolved(format!("the appliance is busy ({}{wait})", got.status), None)
        }
        407 | 502 | 504 | 511 => StatusOutcome::Unresolved(
            with_own_words(
                format!(
                    "something between here and the appliance answered, such as a proxy ({})",
                    got.status
                ),
                Some(got),
            ),
            None,
        ),
        // Nothing was shown. Where no page says how that is told, this way is as good.
        _ if turned_away && requirement == primary_requirement(contract, step) => {
            StatusOutcome::Broken(finding(Severity::Deviation))
        }
        // 500 is documented, so it doesn't accuse; where a refusal was due, the place is named all
        // the same.
        500 if refusal_expected => StatusOutcome::Unresolved(
            "an internal error (500) instead of a refusal".to_owned(),
            Some(finding(Severity::Deviation)),
        ),
        500 => StatusOutcome::Unresolved(
            "the appliance reported an internal error (500)".to_owned(),
            None,
        ),
        // Documented too, for a resource whose state doesn't allow the request just now, which
        // nobody outside can know.
        409 if !refusal_expected && is_documented(contract, step, 409) => {
            StatusOutcome::Unresolved(
                with_own_words(
                    "refused with 409: its state doesn't allow the request now".to_owned(),
                    Some(got),
                ),
                None,
            )
        }
        _ => StatusOutcome::Broken(finding(contract.severity(&requirement))),
    }
}

/// Whether an answer sends a stranger to a page where he can log in, or is that page.
fn leads_to_a_login(got: &Received) -> bool {
    match got.status {
        301 | 302 | 303 | 307 | 308 => got.header("location").is_some(),
        200 => got.is_page() && matches!(got.json(), Err(NoJson::Wrong(_))),
        _ => false,
    }
}

/// Whether the page of the operation lists a status as that of an error.
fn is_documented(contract: &Contract, step: &Step, status: u16) -> bool {
    let operation = contract.operations.get(&step.operation);
    operation.is_some_and(|operation| operation.rows(status).any(|row| row.error))
}

/// The requirement that a wrong status breaks.
///
/// What was refused under another number was refused all the same, and what was accepted under
/// another number was accepted: then only the number is wrong. Otherwise the thing itself is, which
/// the step is about.
fn blamed(contract: &Contract, step: &Step, got: u16, turned_away: bool) -> String {
    let primary = primary_requirement(contract, step);
    let expect = &step.expect;
    if let Some(instead) = expect.instead.iter().find(|instead| instead.status.contains(&got)) {
        return instead.requirement.clone();
    }
    let refused = turned_away || (got >= 400 && expect.status.iter().all(|status| *status >= 400));
    // A documented success of another kind, such as one without content, says something else and
    // isn't only another number.
    let says_else = contract
        .operations
        .get(&step.operation)
        .is_some_and(|operation| operation.rows(got).next().is_some());
    let accepted =
        (200..300).contains(&got) && !says_else && expect.status.iter().any(|status| *status < 300);
    if !refused && !accepted {
        return primary;
    }
    if let Some(code) = &expect.code {
        return code.clone();
    }
    let row = expect.status.first().and_then(|first| {
        contract.operations.get(&step.operation)?.row(*first, expect.body.as_deref())
    });
    // A number that only the page next door promises is never graver than what the step is about,
    // nor is one that nobody checks worth a word.
    let checked = |id: &str| {
        contract.requirements.get(id).is_some_and(|requirement| requirement.excluded.is_none())
            && contract.severity(id) <= contract.severity(&primary)
    };
    row.map(|row| row.requirement.clone()).filter(|id| checked(id)).unwrap_or(primary)
}

/// The requirement that a step's status answers to.
pub(super) fn primary_requirement(contract: &Contract, step: &Step) -> String {
    if let Some(requirement) = &step.expect.requirement {
        return requirement.clone();
    }
    let operation = contract.operations.get(&step.operation);
    let row = step.expect.status.iter().find_map(|status| operation?.rows(*status).next());
    row.map_or_else(|| format!("{}/status", step.operation), |row| row.requirement.clone())
}
