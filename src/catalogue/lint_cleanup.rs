//! Does a clean-up prove that what it takes away is its own case's? All problems at once.
//!
//! Knows: cases and contract. Must not know: what was seen in a run; that is for `judge`.

use crate::contract::Contract;

use super::case::{Appeared, Case, Effect, Step, StepKind};

/// What is wrong with the witnesses of a case.
pub(super) fn lint(contract: &Contract, case: &Case) -> Vec<String> {
    let mut problems = Vec::new();
    for step in case.steps.iter().chain(&case.cleanup) {
        for since in step.capture.iter().filter_map(|capture| capture.since.as_ref()) {
            if !looks_before(contract, case, since, &step.operation) {
                problems.push(format!(
                    "step `{}` captures what appeared since `{since}`, so an earlier step must \
                        read `{}` before `{since}` changes something",
                    step.name, step.operation
                ));
            }
        }
        match &step.appeared {
            Some(appeared) => problems.extend(witness(contract, case, step, appeared)),
            None if step.kind == StepKind::Cleanup
                && destroys(contract, step)
                && !repeats(case, step)
                && !is_captured(case, step) =>
            {
                problems.push(format!(
                    "clean-up `{}` may delete something that the case didn't make: add \
                        `appeared`, or take every value of its path from a capture with `since`",
                    step.name
                ));
            }
            None => {}
        }
    }
    problems
}

fn method<'a>(contract: &'a Contract, step: &'a Step) -> &'a str {
    step.request
        .method
        .as_deref()
        .or_else(|| {
            contract.operations.get(&step.operation).map(|operation| operation.method.as_str())
        })
        .unwrap_or_default()
}

fn destroys(contract: &Contract, step: &Step) -> bool {
    let body = step.request.json.as_ref().or(step.request.raw.as_ref()).map_or("", String::as_str);
    contract.operations.get(&step.operation).is_some_and(|operation| {
        operation.effect_of(method(contract, step), body) == Effect::Destroy
    })
}

/// Whether a clean-up sends what a step of the case would have sent, had the case come so far.
pub(super) fn repeats(case: &Case, cleanup: &Step) -> bool {
    let sent = |step: &Step| serde_json::to_value(&step.request).ok();
    cleanup.when.is_some()
        && case.steps.iter().any(|step| {
            cleanup.unless.as_ref() == Some(&step.name)
                && step.operation == cleanup.operation
                && sent(step) == sent(cleanup)
        })
}

/// Whether every value of a path is a fact that a list gave for the one row which wasn't there
/// before.
fn is_captured(case: &Case, step: &Step) -> bool {
    let given = |value: &String| {
        let fact =
            value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).unwrap_or_default();
        let mut all = case
            .steps
            .iter()
            .chain(&case.cleanup)
            .flat_map(|step| &step.capture)
            .filter(|capture| capture.fact == fact)
            .peekable();
        all.peek().is_some() && all.all(|capture| capture.since.is_some())
    };
    !step.request.path.is_empty()
        && step.request.path.values().all(given)
        && step.request.query.is_empty()
        && step.request.json.is_none()
        && step.request.raw.is_none()
}

fn witness(contract: &Contract, case: &Case, step: &Step, appeared: &Appeared) -> Vec<String> {
    let mut problems = Vec::new();
    let say = |what: String| format!("step `{}`, appeared: {what}", step.name);
    let declares = |operation: &str| {
        contract.operations.get(operation).is_some_and(|operation| {
            operation.readings.iter().any(|reading| reading.name == appeared.reading)
        })
    };
    let Some(operation) = contract.operations.keys().find(|operation| declares(operation)) else {
        return vec![say(format!("no operation declares the reading `{}`", appeared.reading))];
    };
    let words: Vec<&String> =
        step.request.path.values().chain(step.request.query.values()).collect();
    if !words.contains(&&appeared.key) || !words.contains(&&appeared.place) {
        problems.push(say(format!(
            "`{}` and `{}` must be the same text as in the request's path and query",
            appeared.key, appeared.place
        )));
    }
    if !looks_before(contract, case, &appeared.by, operation) {
        problems.push(say(format!(
            "a step before `{}`, which must be one that changes something, must read \
                `{operation}`",
            appeared.by
        )));
    }
    let between = case
        .steps
        .iter()
        .chain(&case.cleanup)
        .skip_while(|other| other.name != appeared.by)
        .take_while(|other| other.name != step.name);
    if !between.into_iter().any(|other| other.operation == *operation) {
        problems.push(say(format!(
            "a step between `{}` and this one must read `{operation}`",
            appeared.by
        )));
    }
    problems
}

/// Whether the case reads a list, and then changes something in that step.
fn looks_before(contract: &Contract, case: &Case, by: &str, operation: &str) -> bool {
    let place = case
        .steps
        .iter()
        .position(|step| step.name == by)
        .filter(|place| method(contract, &case.steps[*place]) != "GET");
    place.is_some_and(|place| case.steps[..place].iter().any(|step| step.operation == operation))
}
