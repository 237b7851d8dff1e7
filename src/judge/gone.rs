//! An element that was named to the run, by the operator or by a list, and is there no more.
//!
//! Knows: which list names such elements. Must not know: who asks for the list again.

use serde_json::Value;

use crate::catalogue::{Case, Step};
use crate::contract::{Contract, Operation};
use crate::exchange::{Exchange, Received};
use crate::plan::Facts;
use crate::rows;

/// How the list that is asked for again is named in records.
pub const STILL_LISTED: &str = "still-listed";

/// An element that a request named, and that was answered with 404. Somebody may have removed it,
/// or the fact is stale; then its list doesn't have it either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    fact: String,
    value: String,
    operation: String,
    step: String,
}

impl Gone {
    /// The element of a request that was answered with 404, where a list names such elements.
    pub(super) fn of(
        contract: &Contract,
        case: &Case,
        step: &Step,
        facts: &Facts,
        got: &Received,
    ) -> Option<Self> {
        if got.status != 404 {
            return None;
        }
        let is_named = |fact: &str| {
            let placeholder = format!("{{{{{fact}}}}}");
            step.request.path.values().any(|value| value.contains(&placeholder))
        };
        // What the case made itself isn't somebody else's to remove.
        let captured = case.steps.iter().flat_map(|earlier| {
            let others = earlier.capture.iter().filter(|capture| capture.since.is_none());
            others.map(|capture| (capture.fact.as_str(), earlier.operation.as_str()))
        });
        let discovered = contract.appliance.discover.iter().flat_map(|discover| {
            let facts = discover.first.iter().chain(&discover.ids);
            facts.map(|fact| (fact.as_str(), discover.operation.as_str()))
        });
        let own = |fact: &str| {
            case.steps.iter().flat_map(|step| &step.capture).any(|capture| capture.fact == fact)
        };
        let (fact, operation) = captured
            .chain(discovered.filter(|(fact, _)| !own(fact)))
            .find(|(fact, _)| is_named(fact))?;
        Some(Self {
            fact: fact.to_owned(),
            value: facts.get(fact)?.clone(),
            operation: operation.to_owned(),
            step: step.name.clone(),
        })
    }

    /// The operation that lists such elements.
    #[must_use]
    pub fn list<'c>(&self, contract: &'c Contract) -> Option<&'c Operation> {
        contract.operations.get(&self.operation)
    }

    /// Whether the list came, and the element isn't in it, or one of several that were asked for.
    #[must_use]
    pub fn is_borne_out(&self, contract: &Contract, answer: &Exchange) -> bool {
        let Some(got) = answer.got.as_ref().filter(|got| got.status == 200) else { return false };
        let shape = self.list(contract).and_then(|operation| operation.row_shape.as_ref());
        let (Some(shape), Ok(body)) = (shape, got.json()) else { return false };
        let Some(lists) = rows::lists(&body, &shape.list, &shape.known_by()) else { return false };
        let is_listed = |wanted: &str| {
            let is_it = |row: &Value| {
                let id = row.get(&shape.id).and_then(Value::as_str);
                id.is_some_and(|id| id.eq_ignore_ascii_case(wanted))
            };
            lists.iter().any(|list| list.rows.iter().any(is_it))
        };
        !self.value.split(',').all(is_listed)
    }

    pub(super) fn step(&self) -> &str {
        &self.step
    }

    pub(super) fn reason(&self) -> String {
        format!(
            "the {} {} isn't there (404), and {} doesn't list it",
            self.fact, self.value, self.operation
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::contract::Severity;
    use crate::judge::{CaseRecord, Finding, Verdict};
    use crate::why::Why;

    use super::*;

    /// The verdict that is left, and how many findings, of a case in which the element was gone in
    /// its second step, and that had another finding in its first.
    fn left(severity: Severity, strict: bool) -> (Verdict, usize) {
        let finding = |step: &str, severity| Finding {
            check: "status".to_owned(),
            requirement: "beds.get/status/200".to_owned(),
            severity,
            pointer: String::new(),
            expected: "status 200".to_owned(),
            actual: "status 404".to_owned(),
            step: step.to_owned(),
            more: None,
            closed: true,
        };
        let catalogue = crate::catalogue::load(&crate::files::embedded_catalogue()).unwrap();
        let mut record = CaseRecord::not_run(&catalogue.cases[0], Verdict::Fail, Why::Answer, "");
        record.findings = vec![finding("list", severity), finding("get", Severity::Violation)];
        let gone = Gone {
            fact: "bed.id".to_owned(),
            value: "7".to_owned(),
            operation: "beds.list".to_owned(),
            step: "get".to_owned(),
        };
        record.excuse(&gone, strict);
        (record.verdict, record.findings.len())
    }

    #[test]
    fn what_an_absent_element_seemed_to_show_is_taken_back_and_nothing_else() {
        assert_eq!(left(Severity::Observation, false), (Verdict::Untested, 1));
        assert_eq!(left(Severity::Deviation, false), (Verdict::Untested, 1));
        assert_eq!(left(Severity::Deviation, true), (Verdict::Fail, 1));
        assert_eq!(left(Severity::Violation, false), (Verdict::Fail, 1));
    }
}
