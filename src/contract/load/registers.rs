//! Whether the registers of requirements and errata agree with each other, and with the operations
//! that name what they register.
//!
//! Knows: registers and operations. Must not know: schemas.

use crate::contract::requirement::{Basis, Choice};
use crate::problem::Problem;

use super::Loader;

impl Loader {
    pub(super) fn check_registers(&mut self) {
        let mut found = self.flaws_of_requirements();
        found.extend(self.unregistered());
        self.problems.append(&mut found);
    }

    /// What is wrong with a requirement by itself, or with its erratum.
    fn flaws_of_requirements(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for (file, requirement) in self.requirements.values() {
            match requirement.erratum.as_ref().map(|erratum| (erratum, self.errata.get(erratum))) {
                Some((erratum, None)) => found.push(Problem::new(
                    file,
                    format!("requirement `{}` names the unknown erratum {erratum}", requirement.id),
                )),
                // What we chose among several readings accuses nobody.
                Some((erratum, Some(Some(Choice::Narrower))))
                    if requirement.basis == Basis::Stated =>
                {
                    found.push(Problem::new(
                        file,
                        format!(
                            "requirement `{}` is stated, but erratum {erratum} says that we \
                                chose it",
                            requirement.id
                        ),
                    ));
                }
                _ => {}
            }
            if requirement.span().is_empty() {
                found.push(Problem::new(
                    file,
                    format!(
                        "requirement `{}` is about no version: {}",
                        requirement.id,
                        requirement.span()
                    ),
                ));
            }
            if requirement.basis == Basis::Conflict && requirement.erratum.is_none() {
                found.push(Problem::new(
                    file,
                    format!(
                        "requirement `{}` has the basis conflict, so it must name its erratum",
                        requirement.id
                    ),
                ));
            }
            if requirement
                .when_it_comes
                .as_ref()
                .is_some_and(|reason| reason.trim().is_empty() || requirement.excluded.is_some())
            {
                found.push(Problem::new(
                    file,
                    format!(
                        "requirement `{}` is judged only if it occurs, which needs a reason and \
                            no `excluded`",
                        requirement.id
                    ),
                ));
            }
            if requirement.excluded.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
                found.push(Problem::new(
                    file,
                    format!("requirement `{}` is excluded without a reason", requirement.id),
                ));
            }
        }
        found
    }

    /// What an operation names and the register doesn't have, or has excluded.
    fn unregistered(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        for operation in self.operations.values() {
            for id in operation
                .request
                .requirements()
                .iter()
                .chain(operation.request.of_sender())
                .chain(operation.request.observed())
            {
                match self.requirements.get(id) {
                    None => found.push(Problem::new(
                        &operation.file,
                        format!(
                            "a rule about the request names the unregistered requirement `{id}`"
                        ),
                    )),
                    // What is only observed may be about something that can't be checked.
                    Some((_, requirement))
                        if requirement.excluded.is_some()
                            && !operation.request.observed().any(|observed| observed == id) =>
                    {
                        found.push(Problem::new(
                            &operation.file,
                            format!(
                                "a rule about the request names `{id}`, which the register \
                                    excludes"
                            ),
                        ));
                    }
                    Some(_) => {}
                }
            }
            for check in &operation.semantics {
                let problem = match self.requirements.get(&check.requirement) {
                    None => "isn't registered",
                    Some((_, requirement)) if requirement.excluded.is_some() => {
                        "the register excludes"
                    }
                    Some(_) => continue,
                };
                found.push(Problem::new(
                    &operation.file,
                    format!(
                        "check `{}` names the requirement `{}`, which {problem}",
                        check.name, check.requirement
                    ),
                ));
            }
            for row in &operation.responses {
                for id in
                    [Some(&row.requirement), row.message_requirement.as_ref()].into_iter().flatten()
                {
                    if !self.requirements.contains_key(id) {
                        found.push(Problem::new(
                            &operation.file,
                            format!(
                                "response `{}` names the unregistered requirement `{id}`",
                                row.name
                            ),
                        ));
                    }
                }
            }
        }
        found
    }
}
