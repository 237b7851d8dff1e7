//! Which requirements a case can reach, and which requirements nothing reaches.
//!
//! Knows: contract and catalogue. Must not know: exchanges.

use std::collections::BTreeSet;

use crate::catalogue::{Case, Catalogue, Step};
use crate::contract::Contract;

use super::over_time;
use super::recorded::is_recorded;
use super::semantics::looks_at;
use super::status::primary_requirement;

/// The requirements that a case claims: a run in which one of the stated ones never met data is
/// incomplete.
///
/// Where a step accepts several statuses, the appliance may return any of them, so the
/// rows themselves aren't claimed; the body of a success is. The members of an error body are
/// reached when one comes, and never claimed; nor is what nobody can bring about.
#[must_use]
pub fn claims(contract: &Contract, case: &Case) -> BTreeSet<String> {
    let claimed = |id: &String| {
        contract.requirements.get(id).is_some_and(|requirement| requirement.when_it_comes.is_none())
    };
    // No recording has a clock, so that none is asked about time.
    let over_time =
        over_time::claimed(contract, case).filter(|_| !is_recorded(case)).map(str::to_owned);
    case.steps
        .iter()
        .flat_map(|step| of_step(contract, step))
        .chain(over_time)
        .filter(claimed)
        .collect()
}

fn of_step(contract: &Contract, step: &Step) -> BTreeSet<String> {
    let expect = &step.expect;
    if expect.observe.is_some() {
        return BTreeSet::new();
    }
    let mut found = BTreeSet::from([primary_requirement(contract, step)]);
    found.extend(expect.also.iter().chain(&expect.code).cloned());
    found.extend(expect.instead.iter().map(|instead| instead.requirement.clone()));
    found.extend(
        expect.contains.iter().chain(&expect.lacks).filter_map(|row| row.requirement.clone()),
    );
    found.extend(expect.reads.iter().filter_map(|read| read.requirement.clone()));
    found.extend(
        expect
            .agrees
            .iter()
            .flat_map(|agrees| agrees.rows.iter().chain(&agrees.requirement))
            .cloned(),
    );
    found.extend(expect.relates.iter().filter_map(|relation| relation.requirement.clone()));
    let Some(operation) = contract.operations.get(&step.operation) else { return found };
    let only = expect.status.len() == 1;
    for row in
        expect.status.iter().filter_map(|status| operation.row(*status, expect.body.as_deref()))
    {
        if only {
            found.insert(row.requirement.clone());
            found.extend(row.message_requirement.iter().filter(|_| row.error).cloned());
        }
        if !row.error {
            found.extend(
                row.schema.iter().flat_map(|schema| contract.schemas.requirements(schema)).cloned(),
            );
            if row.schema.is_some() {
                found.extend([
                    format!("{}/body", operation.id),
                    format!("{}/media-type", operation.id),
                ]);
            }
        }
        let looks = operation.semantics.iter().filter(|check| {
            !check.kind.is_over_time()
                && looks_at(check, row)
                && (!check.bodies.is_empty() || row.schema.is_some())
        });
        // What a check of an error looks at is there only when one comes.
        found.extend(
            looks
                .filter(|check| check.bodies.is_empty() || !row.error)
                .map(|check| check.requirement.clone()),
        );
    }
    found
}

/// Requirements that are neither excluded nor reached by a schema rule, a response row, a semantic
/// check or a case.
#[must_use]
pub fn orphans(contract: &Contract, catalogue: &Catalogue) -> Vec<String> {
    // The schema of a request says what is sent, and checks no answer.
    let requests: BTreeSet<&str> = contract
        .operations
        .values()
        .filter_map(|operation| operation.request.body.as_ref())
        .map(|body| body.schema.as_str())
        .collect();
    let mut reached: BTreeSet<String> = contract
        .schemas
        .ids()
        .filter(|id| !requests.contains(id))
        .flat_map(|id| contract.schemas.requirements(id))
        .cloned()
        .collect();
    reached.extend(contract.semantics().map(|check| check.requirement.clone()));
    reached.extend(contract.text_of_errors().map(str::to_owned));
    // The body of an error that nobody expected is held against its row too.
    reached.extend(
        contract
            .operations
            .values()
            .flat_map(|operation| &operation.responses)
            .filter_map(|row| row.message_requirement.clone()),
    );
    for case in &catalogue.cases {
        reached.extend(claims(contract, case));
        let steps = case.steps.iter().chain(&case.cleanup);
        for (step, operation) in
            steps.filter_map(|step| Some((step, contract.operations.get(&step.operation)?)))
        {
            for row in step
                .expect
                .status
                .iter()
                .filter_map(|status| operation.row(*status, step.expect.body.as_deref()))
            {
                reached.insert(row.requirement.clone());
                reached.extend(row.message_requirement.iter().cloned());
                if row.schema.is_some() {
                    reached.extend([
                        format!("{}/body", operation.id),
                        format!("{}/media-type", operation.id),
                    ]);
                }
            }
        }
    }
    contract
        .requirements
        .values()
        .filter(|requirement| requirement.excluded.is_none() && !reached.contains(&requirement.id))
        .map(|requirement| requirement.id.clone())
        .collect()
}
