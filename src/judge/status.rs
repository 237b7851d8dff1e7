//! Is this the status that the case expects, and if not, whose fault is it?
//!
//! Knows: statuses and who asked. Must not know: bodies.

use crate::catalogue::{Auth, Step};
use crate::contract::{Contract, Severity};
use crate::exchange::{Received, Sent};

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

/// The header by which the built-in double says that a request was the harness's mistake.
const DOUBLE_ERROR: &str = "x-lxca-conform-double-error";

pub(super) fn judge(contract: &Contract, step: &Step, sent: &Sent, got: &Received) -> StatusOutcome {
    if let Some(error) = got.header(DOUBLE_ERROR) {
        return StatusOutcome::Unresolved(format!("harness error: the double can't answer {} {} ({error})", sent.method, sent.target), None);
    }
    let expected = &step.expect.status;
    let observed = step.expect.observe.is_some() && !(got.status == 401 && matches!(sent.auth, Auth::Default)) && ![429, 503].contains(&got.status);
    if observed || expected.contains(&got.status) {
        return StatusOutcome::Expected;
    }
    let requirement = primary_requirement(contract, step);
    let wanted = expected.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let finding = |severity| Finding {
        check: "status".to_owned(),
        requirement: requirement.clone(),
        severity,
        pointer: String::new(),
        expected: format!("status {wanted}"),
        actual: format!("status {}", got.status),
        step: step.name.clone(),
    };
    let own_account = matches!(sent.auth, Auth::Default);
    let refusal_expected = expected.iter().all(|status| *status >= 400);
    match got.status {
        401 if own_account => StatusOutcome::Unresolved("the run's credentials were refused (401)".to_owned(), None),
        403 if own_account => StatusOutcome::Unresolved("refused with 403: the account lacks a privilege, or the appliance a licence".to_owned(), None),
        429 | 503 => {
            let wait = got.header("retry-after").map(|wait| format!(", Retry-After {wait}")).unwrap_or_default();
            StatusOutcome::Unresolved(format!("the appliance is busy ({}{wait})", got.status), None)
        }
        // 500 is documented, so it doesn't accuse; where a refusal was due, the place is named all the same.
        500 if refusal_expected => StatusOutcome::Unresolved("an internal error (500) came where a refusal was due".to_owned(), Some(finding(Severity::Deviation))),
        500 => StatusOutcome::Unresolved("the appliance reports an internal error (500)".to_owned(), None),
        _ => StatusOutcome::Broken(finding(contract.severity(&requirement))),
    }
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
