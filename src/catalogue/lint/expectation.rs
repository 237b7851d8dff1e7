//! What a step expects, against the contract: requirements, statuses, bodies, readings, and how its
//! answer relates to earlier ones.
//!
//! Knows: one step and its operation. Must not know: what is sent, what any appliance answers.

use crate::catalogue::case::{Holds, Relation, Step, StepKind};
use crate::contract::{Basis, Operation};

use super::CaseLint;

impl CaseLint<'_> {
    pub(super) fn relation(&mut self, earlier: &[Step], step: &Step, relation: &Relation) {
        let at = format!("`relates` of step `{}`", step.name);
        if !earlier.iter().any(|one| one.name == relation.with) {
            self.say(format!("{at} names `{}`, which is no earlier step", relation.with));
        }
        let places = [&relation.own, &relation.theirs, &relation.key];
        for place in places.into_iter().chain(&relation.their_key) {
            if !place.is_empty() && !place.starts_with('/') {
                self.say(format!("{at} has `{place}`, which must be a JSON pointer: /{place}"));
            }
        }
        if (relation.holds == Holds::Same) == relation.same.is_empty() {
            self.say(format!(
                "{at} lists in `same` what is compared where it holds \"same\", and nowhere else"
            ));
        }
        if relation.holds != Holds::Same && !relation.not_more.is_empty() {
            self.say(format!("{at} has `not-more`, which belongs to where it holds \"same\""));
        }
        if (relation.holds == Holds::Has) == relation.has.is_empty() {
            self.say(format!(
                "{at} lists in `has` what must be there where it holds \"has\", and nowhere else"
            ));
        }
        for name in relation.has.iter().filter(|name| name.starts_with('/')) {
            self.say(format!(
                "{at} has `{name}` in `has`, which must be the name of a member: {}",
                name.trim_start_matches('/')
            ));
        }
    }

    /// Members that must be there, or mustn't: only what mustn't be there is looked for in each item
    /// of a list, since other items may rightly lack a member.
    fn pointers(&mut self, step: &Step) {
        let expect = &step.expect;
        let one = expect.present.iter().chain(expect.equals.keys()).chain(expect.differs.keys());
        for place in one.clone().filter(|place| place.split('/').any(|part| part == "*")) {
            self.say(format!(
                "step `{}` has `{place}`, but `*` stands for each item of a list in `absent` only",
                step.name
            ));
        }
        let wrong = |place: &&String| !place.is_empty() && !place.starts_with('/');
        for place in one.chain(&expect.absent).filter(wrong) {
            self.say(format!(
                "step `{}` has `{place}`, which must be a JSON pointer: /{place}",
                step.name
            ));
        }
    }

    /// What a step expects: requirements, statuses, bodies and readings that the contract has.
    pub(super) fn expectation(&mut self, step: &Step, operation: &Operation) {
        let expect = &step.expect;
        if expect.observe.is_some() != expect.status.is_empty() {
            self.say(if expect.observe.is_some() {
                format!("step `{}` is only observed, so it can't expect a status", step.name)
            } else {
                format!("step `{}` expects no status, so it can't fail", step.name)
            });
        }
        for id in expect
            .requirement
            .iter()
            .chain(&expect.also)
            .chain(&expect.code)
            .chain(expect.instead.iter().map(|instead| &instead.requirement))
            .chain(
                expect
                    .contains
                    .iter()
                    .chain(&expect.lacks)
                    .filter_map(|row| row.requirement.as_ref()),
            )
            .chain(expect.reads.iter().filter_map(|read| read.requirement.as_ref()))
            .chain(
                expect
                    .agrees
                    .iter()
                    .flat_map(|agrees| agrees.rows.iter().chain(&agrees.requirement)),
            )
            .chain(expect.relates.iter().filter_map(|relation| relation.requirement.as_ref()))
        {
            match self.contract.requirements.get(id) {
                None => self
                    .say(format!("step `{}` names the unregistered requirement `{id}`", step.name)),
                Some(requirement) if requirement.excluded.is_some() && expect.observe.is_none() => {
                    self.say(format!(
                        "step `{}` checks the requirement `{id}`, which the register excludes",
                        step.name
                    ));
                }
                Some(_) => {}
            }
        }
        for status in expect
            .instead
            .iter()
            .flat_map(|instead| &instead.status)
            .filter(|status| expect.status.contains(status))
        {
            self.say(format!(
                "step `{}` lists status {status} both as expected and as a requirement broken \
                    (`instead`); keep one",
                step.name
            ));
        }
        self.pointers(step);
        let own_method = step.request.method.is_none();
        for status in &expect.status {
            let rows = operation.rows(*status).count();
            let chosen = expect
                .body
                .as_ref()
                .is_some_and(|name| operation.rows(*status).any(|row| row.name == *name));
            if rows > 1 && !chosen {
                let names = operation
                    .rows(*status)
                    .map(|row| row.name.clone())
                    .collect::<Vec<_>>()
                    .join(", ");
                self.say(format!(
                    "step `{}`: status {status} has several bodies; say which with \
                    body = one of {names}",
                    step.name
                ));
            }
            if rows == 0 && own_method && step.kind == StepKind::Claim {
                let basis = expect
                    .requirement
                    .as_ref()
                    .and_then(|id| self.contract.requirements.get(id))
                    .map(|requirement| requirement.basis);
                if basis.is_none_or(|basis| basis == Basis::Stated)
                    && !(expect.status.iter().any(|other| operation.rows(*other).next().is_some()))
                {
                    self.say(format!(
                        "step `{}` expects status {status}, which `{}` doesn't \
                        document; name a requirement of basis inferred or \
                        neighbour",
                        step.name, operation.id
                    ));
                }
            }
        }
        let documented = |status: &u16| operation.rows(*status).next().is_some();
        if !own_method
            && step.kind == StepKind::Claim
            && !expect.status.is_empty()
            && expect.requirement.is_none()
            && !expect.status.iter().any(documented)
        {
            self.say(format!(
                "step `{}` expects a status that no requirement is about, so that another one \
                    couldn't fail it; name one by `requirement`",
                step.name
            ));
        }
        if let Some(name) = expect
            .body
            .as_ref()
            .filter(|name| !operation.responses.iter().any(|row| row.name == **name))
        {
            let names = operation
                .responses
                .iter()
                .map(|row| row.name.clone())
                .collect::<Vec<_>>()
                .join(", ");
            self.say(format!(
                "step `{}` expects the unknown body `{name}`; `{}` has {names}",
                step.name, operation.id
            ));
        }
        self.readings(step, operation);
        if step.grace.is_some()
            && (step.poll.is_some()
                || step.request.method.as_deref().unwrap_or(&operation.method) != "GET")
        {
            self.say(format!(
                "step `{}` has a grace period, so it must be a GET that doesn't poll: a request \
                    that changes something is never sent twice",
                step.name
            ));
        }
    }

    /// What a step reads must be declared by its operation, and compared with an earlier step where
    /// it says what may have changed.
    fn readings(&mut self, step: &Step, operation: &Operation) {
        let expect = &step.expect;
        for read in expect
            .reads
            .iter()
            .map(|read| &read.reading)
            .chain(step.assume.iter().filter_map(|assume| assume.reading.as_ref()))
        {
            if !operation.readings.iter().any(|reading| reading.name == *read) {
                self.say(format!(
                    "step `{}` uses the reading `{read}`, which `{}` doesn't declare",
                    step.name, operation.id
                ));
            }
        }
        for read in expect.reads.iter().filter(|read| read.as_in.is_none()) {
            if read.others || !read.but.is_empty() {
                self.say(format!(
                    "step `{}` reads `{}` with `but` or `others` and without `as-in`, which names \
                        the step to compare with",
                    step.name, read.reading
                ));
            }
        }
        let read = step
            .poll
            .iter()
            .flat_map(|poll| poll.until.iter().chain(&poll.failed))
            .filter_map(|condition| condition.reading.as_ref());
        for name in
            read.filter(|name| !operation.readings.iter().any(|reading| reading.name == **name))
        {
            self.say(format!(
                "step `{}` waits for the reading `{name}`, which `{}` doesn't declare",
                step.name, operation.id
            ));
        }
    }
}
