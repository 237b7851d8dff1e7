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
    let mut found = BTreeSet::new();
    each_claim(contract, case, &mut BTreeSet::new(), &mut |id| {
        if is_claimed(contract, id) {
            found.insert(id.to_owned());
        }
    });
    found
}

/// Those of some requirements that any of these cases claims: what `claims` says of each of them,
/// without a set for each of thousands of cases.
#[must_use]
pub fn claimed_of<'a>(
    contract: &Contract,
    cases: impl Iterator<Item = &'a Case>,
    wanted: &BTreeSet<&'a str>,
) -> BTreeSet<&'a str> {
    let (mut found, mut schemas) = (BTreeSet::new(), BTreeSet::new());
    for case in cases {
        each_claim(contract, case, &mut schemas, &mut |id| {
            if let Some(id) = wanted.get(id).filter(|id| is_claimed(contract, id)) {
                found.insert(*id);
            }
        });
    }
    found
}

fn is_claimed(contract: &Contract, id: &str) -> bool {
    contract.requirements.get(id).is_some_and(|requirement| requirement.when_it_comes.is_none())
}

/// Tells each requirement that a case claims, some more than once. The requirements of the schemas
/// in `told` are left out, and those that were told are added to it.
fn each_claim<'a>(
    contract: &'a Contract,
    case: &Case,
    told: &mut BTreeSet<&'a str>,
    tell: &mut impl FnMut(&str),
) {
    // No recording has a clock, so that none is asked about time.
    if !is_recorded(case) {
        over_time::claimed(contract, case).for_each(&mut *tell);
    }
    for step in &case.steps {
        of_step(contract, step, told, tell);
    }
}

fn of_step<'a>(
    contract: &'a Contract,
    step: &Step,
    told: &mut BTreeSet<&'a str>,
    tell: &mut impl FnMut(&str),
) {
    let expect = &step.expect;
    if expect.observe.is_some() {
        return;
    }
    tell(&primary_requirement(contract, step));
    let rows = expect.contains.iter().chain(&expect.lacks);
    let agrees = expect.agrees.iter().flat_map(|one| one.rows.iter().chain(&one.requirement));
    expect
        .also
        .iter()
        .chain(&expect.code)
        .chain(expect.instead.iter().map(|instead| &instead.requirement))
        .chain(rows.filter_map(|row| row.requirement.as_ref()))
        .chain(expect.reads.iter().filter_map(|read| read.requirement.as_ref()))
        .chain(agrees)
        .chain(expect.relates.iter().filter_map(|relation| relation.requirement.as_ref()))
        .for_each(|id| tell(id));
    let Some(operation) = contract.operations.get(&step.operation) else { return };
    let only = expect.status.len() == 1;
    for row in
        expect.status.iter().filter_map(|status| operation.row(*status, expect.body.as_deref()))
    {
        if only {
            tell(&row.requirement);
            row.message_requirement.iter().filter(|_| row.error).for_each(|id| tell(id));
        }
        if let Some(schema) = row.schema.as_deref().filter(|_| !row.error) {
            if told.insert(schema) {
                contract.schemas.requirements(schema).for_each(|id| tell(id));
            }
            tell(&format!("{}/body", operation.id));
            tell(&format!("{}/media-type", operation.id));
        }
        // What a check of an error looks at is there only when one comes.
        operation
            .semantics
            .iter()
            .filter(|check| {
                !check.kind.is_over_time()
                    && looks_at(check, row)
                    && (!check.bodies.is_empty() || row.schema.is_some())
            })
            .filter(|check| check.bodies.is_empty() || !row.error)
            .for_each(|check| tell(&check.requirement));
    }
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
