//! Do request tables, request schemas and the cases that follow from them say the same?
//!
//! Knows: contract and generated cases. Must not know: what any appliance answers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::contract::{Contract, Operation, TableKind, request_schema, request_schema_difference};
use crate::problem::Problem;

use super::case::Case;
use super::generate::derive;

/// Everything that is wrong between them.
pub(super) fn lint(contract: &Contract) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        contract.operations.values().filter_map(|operation| schema(contract, operation)).collect();
    let (derived, more) = derive(contract);
    problems.extend(more);
    for case in derived.iter().map(|derived| &derived.case) {
        if let Some(what) = contract
            .operations
            .get(&case.operation)
            .and_then(|operation| against_schema(contract, operation, case))
        {
            problems.push(Problem::new(case.file.clone(), format!("case `{}`: {what}", case.id)));
        }
    }
    problems
}

fn schema(contract: &Contract, operation: &Operation) -> Option<Problem> {
    let id = &operation.request.body.as_ref()?.schema;
    let wanted = request_schema(contract, operation)?;
    let place = request_schema_difference(&wanted, contract.schemas.document(id)?)?;
    let file = id.trim_start_matches("lxca:///").replace("%7B", "{").replace("%7D", "}");
    let problem = Problem::new(
        file,
        format!("the schema of the request differs from the request tables at `{place}`"),
    );
    Some(problem.fix(format!(
        "`lxca-conform lint --request-schema {}` prints the schema that the tables give",
        operation.id
    )))
}

/// A right request satisfies the schema; a wrong one breaks the rule that its case names, as far as
/// the schema has it.
fn against_schema(contract: &Contract, operation: &Operation, case: &Case) -> Option<String> {
    let schema = &operation.request.body.as_ref()?.schema;
    let own = case.steps.iter().filter(|step| {
        step.operation == operation.id
            && step.expect.observe.is_none()
            && step.request.method.is_none()
    });
    for step in own {
        let Some(body) =
            step.request.json.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok())
        else {
            continue;
        };
        let broken: BTreeSet<String> = contract
            .schemas
            .violations(schema, &body)
            .into_iter()
            .map(|violation| violation.requirement)
            .collect();
        let requirement = step.expect.requirement.clone().unwrap_or_default();
        if step.expect.status.iter().all(|status| *status < 400) {
            if !broken.is_empty() {
                return Some(format!(
                    "step `{}` expects to be accepted, but the schema of the request refuses it \
                        ({})",
                    step.name,
                    broken.into_iter().collect::<Vec<_>>().join(", ")
                ));
            }
        } else if decided(operation).contains(&requirement) && !broken.contains(&requirement) {
            return Some(format!(
                "the case expects a refusal for {requirement}, but the schema of the request \
                    accepts the request"
            ));
        }
    }
    None
}

/// Rules that a schema can hold to the end: none whose right values are the target's own.
fn decided(operation: &Operation) -> BTreeSet<String> {
    let (mut decided, mut open) = (BTreeSet::new(), BTreeSet::new());
    for attribute in operation.request.of_kind(TableKind::Body).flat_map(|table| &table.attribute) {
        decided.extend(attribute.rules.required.iter().chain(&attribute.rules.kind).cloned());
        let of_target = attribute.values.is_empty()
            || attribute
                .values
                .iter()
                .any(|value| value.as_str().is_some_and(|text| text.contains("{{")));
        if of_target {
            open.extend(attribute.rules.values.clone());
        } else {
            decided.extend(attribute.rules.values.clone());
        }
    }
    decided.difference(&open).cloned().collect()
}
