//! Which documented statements about requests are tried, and from which sides.
//!
//! Knows: contract and cases as data. Must not know: exchanges.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::{Case, Catalogue, Step};
use crate::contract::{
    Contract, Operation, RequestTable, Requirement, TableKind, request_requirements,
};

/// One statement, and the cases that try it.
#[derive(Debug)]
pub struct Statement<'a> {
    /// Its id.
    pub requirement: &'a str,
    /// Cases that send what it allows, and expect it to be accepted.
    pub accepted: Vec<&'a str>,
    /// Cases that send what it forbids, and expect that to be refused.
    pub refused: Vec<&'a str>,
    /// Why there is only one side.
    pub one_sided: Option<&'a str>,
}

impl Statement<'_> {
    /// Whether it is tried from each side that it has.
    #[must_use]
    pub fn tried(&self) -> bool {
        let sides = usize::from(!self.accepted.is_empty()) + usize::from(!self.refused.is_empty());
        sides == 2 || (sides == 1 && self.one_sided.is_some())
    }
}

/// Every statement of the register that is about requests, and isn't excluded: those that stand in
/// a section on the request, and those that a request table names.
#[must_use]
pub fn statements<'a>(contract: &'a Contract, catalogue: &'a Catalogue) -> Vec<Statement<'a>> {
    let mut named = request_requirements(contract);
    named.extend(
        contract.operations.values().flat_map(|operation| operation.request.of_sender()).cloned(),
    );
    // A row of response codes speaks of answers, also where it stands beside a section on the
    // request.
    let placed = |requirement: &Requirement| {
        !requirement.id.contains("/status/")
            && contract
                .appliance
                .request_sections
                .iter()
                .any(|section| requirement.place.contains(section))
    };
    let about = |requirement: &&Requirement| {
        requirement.excluded.is_none() && (named.contains(&requirement.id) || placed(requirement))
    };
    let mut found: BTreeMap<&str, Statement<'a>> = contract
        .requirements
        .values()
        .filter(about)
        .map(|one| {
            (
                one.id.as_str(),
                Statement {
                    requirement: &one.id,
                    accepted: Vec::new(),
                    refused: Vec::new(),
                    one_sided: one.one_sided.as_deref(),
                },
            )
        })
        .collect();
    for case in &catalogue.cases {
        for step in &case.steps {
            let Some(operation) = contract.operations.get(&step.operation) else { continue };
            if step.expect.observe.is_some() {
                continue;
            }
            let instead = step.expect.instead.iter().map(|instead| &instead.requirement);
            let named = step
                .expect
                .requirement
                .iter()
                .chain(&step.expect.also)
                .chain(&step.expect.code)
                .chain(instead);
            if step.expect.status.iter().all(|status| *status >= 400) {
                for id in named {
                    note(&mut found, id, case, |statement| &mut statement.refused);
                }
            } else if step.request.method.is_none() {
                let looked_at = operation
                    .semantics
                    .iter()
                    .filter(|check| !check.kind.is_over_time())
                    .map(|check| check.requirement.clone());
                for id in named.cloned().chain(held(operation, step)).chain(looked_at) {
                    note(&mut found, &id, case, |statement| &mut statement.accepted);
                }
                let expect = &step.expect;
                let reads = expect.reads.iter().map(|read| &read.requirement);
                let contains = expect.contains.iter().map(|row| &row.requirement);
                let relates = expect.relates.iter().map(|relation| &relation.requirement);
                for id in reads.chain(contains).chain(relates).flatten() {
                    note(&mut found, id, case, |statement| &mut statement.accepted);
                }
            }
        }
    }
    found.into_values().collect()
}

fn note<'a>(
    found: &mut BTreeMap<&str, Statement<'a>>,
    id: &str,
    case: &'a Case,
    side: impl for<'s> Fn(&'s mut Statement<'a>) -> &'s mut Vec<&'a str>,
) {
    if let Some(statement) = found.get_mut(id) {
        let list = side(statement);
        if list.last() != Some(&case.id.as_str()) {
            list.push(&case.id);
        }
    }
}

/// The rules about requests that a request which is to be accepted keeps.
fn held(operation: &Operation, step: &Step) -> Vec<String> {
    let request = &operation.request;
    let spec = &step.request;
    let mut held = Vec::new();
    if spec.auth.is_own() {
        held.extend(request.of_sender().cloned());
        held.push(format!("{}/auth", operation.id));
    }
    let body = spec.json.as_ref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let (Some(rules), Some(Value::Object(_))) = (&request.body, &body) {
        held.extend([rules.empty.clone(), rules.malformed.clone(), rules.kind.clone()]);
    }
    for table in &request.tables {
        let value = |name: &str| match table.kind {
            TableKind::Body => body.as_ref()?.get(name).cloned(),
            TableKind::Query => spec.query.get(name).map(|text| Value::from(text.as_str())),
            TableKind::Path => spec.path.get(name).map(|text| Value::from(text.as_str())),
        };
        if table.is_meant(value) {
            held.extend(of_table(table, value));
        }
    }
    held
}

fn of_table(table: &RequestTable, value: impl Fn(&str) -> Option<Value>) -> Vec<String> {
    table
        .attribute
        .iter()
        .filter(|attribute| value(&attribute.name).is_some())
        .flat_map(|attribute| attribute.rules.ids())
        .cloned()
        .collect()
}
