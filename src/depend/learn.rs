//! The plan of the experiments, and what they tell: which members, values, rows and answers a
//! client depends on.
//!
//! Knows: what was fetched, and what came of the experiments so far. Must not know: how an
//! experiment is made. [`learn`] goes through all of it from the start, and says what it still
//! wants to know.

use std::collections::BTreeMap;

use super::asking::{Asking, Found, Outcomes};
use super::element::{Element, Seen, Shape};
use super::experiment::{Edit, Experiment, How, Outcome};
use super::finding::Finding;
use super::form::Form;

/// Where the plan stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Experiments to make, in order; none when all is known.
    pub wanted: Vec<Experiment>,
    /// What is known so far, by element.
    pub findings: Vec<Finding>,
    /// Experiments that spoke so far.
    pub made: usize,
    /// How many of them speak for each element alone.
    pub runs: Vec<u64>,
    /// Whether the client gave two outcomes for one experiment.
    pub flaky: bool,
}

/// The next step.
#[must_use]
pub fn learn(seen: &Seen, known: &Outcomes, unchanged: &Outcome) -> Step {
    let mut learner = Learner::new(Asking::new(seen, known, unchanged, false));
    learner.all();
    learner.step()
}

/// How many experiments are to come at least: what it would take if nothing else broke the client.
#[must_use]
pub fn to_come(seen: &Seen, known: &Outcomes, unchanged: &Outcome) -> usize {
    let mut learner = Learner::new(Asking::new(seen, known, unchanged, true));
    learner.all();
    learner.asking.into_wanted().len()
}

pub(super) struct Learner<'a> {
    pub(super) asking: Asking<'a>,
    pub(super) findings: Vec<Finding>,
}

/// The same change of several elements.
pub(super) fn each(elements: &[usize], how: How) -> Vec<Edit> {
    elements.iter().map(|element| Edit::of(*element, how)).collect()
}

impl<'a> Learner<'a> {
    fn new(asking: Asking<'a>) -> Self {
        let findings = vec![Finding::default(); asking.seen.elements.len()];
        Self { asking, findings }
    }

    pub(super) fn element(&self, number: usize) -> &'a Element {
        &self.asking.seen.elements[number]
    }

    fn step(self) -> Step {
        let mut runs = vec![0; self.findings.len()];
        for experiment in &self.asking.asked {
            let mut places: Vec<usize> = experiment.edits.iter().map(|edit| edit.place()).collect();
            places.dedup();
            if let [only] = places.as_slice() {
                runs[*only] += 1;
            }
        }
        Step {
            made: self.asking.asked.len(),
            flaky: self.asking.flaky,
            findings: self.findings,
            wanted: self.asking.into_wanted(),
            runs,
        }
    }

    fn all(&mut self) {
        let gone = self.gone();
        if let Some((needed, spare)) = &gone {
            self.needed(needed);
            self.spare(spare);
        }
        let values = self.values();
        self.times();
        self.numbers();
        self.lists();
        self.extra();
        self.answers();
        if let (Some((needed, spare)), Some(())) = (&gone, values) {
            self.conditions(spare);
            self.rows(needed);
        }
        // A client that breaks by itself after a while must be noticed.
        if !self.asking.is_waiting() {
            self.last();
        }
    }

    fn last(&mut self) {
        let again = Experiment::default().again(1);
        if let Some(outcome) = self.asking.outcome(again)
            && !outcome.is_like(self.asking.unchanged)
        {
            self.asking.flaky = true;
        }
    }

    /// Notes for a group which of it break the client, and that the others don't.
    pub(super) fn note(&mut self, group: &[Edit], found: &Found) {
        for edit in group {
            let finding = &mut self.findings[edit.place()];
            finding.note(edit.how.change(), found.alone.contains(edit));
        }
        for one_of in &found.together {
            for edit in one_of {
                let others = one_of.iter().map(|other| other.place());
                let others: Vec<usize> = others.filter(|other| *other != edit.place()).collect();
                self.findings[edit.place()].one_of.extend(others);
            }
        }
    }

    /// Asks for a group, and notes what is found.
    pub(super) fn tried(&mut self, group: &[Edit]) -> Option<Found> {
        let alone = self.asking.alone();
        let found = self.asking.culprits(group, alone)?;
        self.note(group, &found);
        Some(found)
    }

    fn sifted(&mut self, group: &[Edit]) -> Option<Found> {
        let alone = self.asking.alone();
        let found = self.asking.sift(group, alone)?;
        self.note(group, &found);
        Some(found)
    }

    /// Which members the client breaks without, and which it doesn't.
    fn gone(&mut self) -> Option<(Vec<usize>, Vec<usize>)> {
        let operations = self.asking.seen.operations.len();
        let mut waits = false;
        let mut needed = Vec::new();
        let mut spare = Vec::new();
        for operation in 0..operations {
            let leaves = self.asking.seen.which(|one| one.operation == operation && one.is_leaf());
            match self.tried(&each(&leaves, How::Gone)) {
                Some(found) => {
                    let found: Vec<usize> = found.alone.iter().map(|edit| edit.place()).collect();
                    spare.extend(leaves.iter().copied().filter(|leaf| !found.contains(leaf)));
                    needed.extend(found);
                }
                None => waits = true,
            }
        }
        if waits {
            return None;
        }
        // What breaks only together with another can't be taken away with it.
        let several: Vec<usize> =
            spare.iter().copied().filter(|one| !self.findings[*one].one_of.is_empty()).collect();
        let mut apart = spare.clone();
        apart.retain(|one| !several.contains(one));
        let alone = self.asking.alone();
        let mut hidden = self.asking.apart(&each(&apart, How::Gone), alone)?;
        // A client may look at several before it reads one: these stay as they are.
        apart.retain(|one| !hidden.alone.iter().any(|edit| edit.place() == *one));
        let sets: Vec<Vec<Edit>> =
            self.columns(&apart).iter().map(|set| each(set, How::Gone)).collect();
        hidden.add(self.asking.in_sets(&sets, alone)?);
        self.note(&each(&spare, How::Gone), &hidden);
        let hidden: Vec<usize> = hidden.alone.iter().map(|edit| edit.place()).collect();
        spare.retain(|one| !hidden.contains(one) && self.findings[*one].one_of.is_empty());
        needed.extend(hidden);
        needed.sort_unstable();
        self.containers(&needed)?;
        Some((needed, spare))
    }

    /// Sets of members of which none may decide whether another of the set is read: those that say
    /// nothing of others together, and of those that may, one of each operation at a time.
    fn columns(&self, members: &[usize]) -> Vec<Vec<usize>> {
        const MOST: usize = 16;
        let (guards, plain): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|one| self.element(**one).may_guard());
        if guards.is_empty() {
            return Vec::new();
        }
        let mut columns: Vec<Vec<usize>> = Vec::new();
        let mut at = BTreeMap::new();
        for guard in guards {
            let column = at.entry(self.element(guard).operation).or_insert(0_usize);
            let number = *column % MOST;
            *column += 1;
            if columns.len() <= number {
                columns.push(Vec::new());
            }
            columns[number].push(guard);
        }
        columns.push(plain);
        columns
    }

    /// The same of members that hold others: alone where something in them is needed, and else
    /// those of one depth together.
    fn containers(&mut self, needed: &[usize]) -> Option<()> {
        let containers = self.asking.seen.which(|one| one.is_member() && one.holds);
        let (on_the_way, others): (Vec<usize>, Vec<usize>) =
            containers.into_iter().partition(|container| {
                let container = self.element(*container);
                needed.iter().any(|leaf| self.element(*leaf).is_below(container))
            });
        let mut whole = Some(());
        for container in &on_the_way {
            whole = self.tried(&[Edit::of(*container, How::Gone)]).map(|_| ()).and(whole);
        }
        for level in self.levels(&others) {
            for how in [How::Gone, How::Null, How::Type] {
                whole = self.tried(&each(&level, how)).map(|_| ()).and(whole);
            }
        }
        whole?;
        for container in on_the_way {
            self.single(container);
        }
        Some(())
    }

    /// Elements by how deep they stand.
    pub(super) fn levels(&self, elements: &[usize]) -> Vec<Vec<usize>> {
        let mut levels: Vec<Vec<usize>> = Vec::new();
        for element in elements {
            let depth = self.element(*element).path.matches('/').count();
            if levels.len() <= depth {
                levels.resize(depth + 1, Vec::new());
            }
            levels[depth].push(*element);
        }
        levels.retain(|level| !level.is_empty());
        levels
    }

    fn needed(&mut self, needed: &[usize]) {
        for member in needed {
            self.single(*member);
        }
    }

    /// The other changes to a member, each alone.
    pub(super) fn single(&mut self, member: usize) {
        let null_seen = self.element(member).mixed;
        for how in [How::Null, How::Type, How::Renamed] {
            if how == How::Null && null_seen {
                continue;
            }
            // A member that is no more than tolerated when it is gone may have any name.
            if how == How::Renamed && !self.findings[member].is_needed() {
                continue;
            }
            self.tried(&[Edit::of(member, how)]);
        }
    }

    /// The other changes to members that may be gone, in groups.
    fn spare(&mut self, spare: &[usize]) {
        self.sifted(&each(spare, How::Type));
        let never_null: Vec<usize> =
            spare.iter().copied().filter(|one| !self.element(*one).mixed).collect();
        self.tried(&each(&never_null, How::Null));
        self.tried(&each(spare, How::Renamed));
    }

    fn times(&mut self) {
        let times = self.asking.seen.which(|one| one.form() == Form::Time);
        self.tried(&each(&times, How::Precision));
    }

    fn extra(&mut self) {
        let objects = self.asking.seen.which(|one| one.shape == Shape::Object && one.times > 0);
        self.tried(&each(&objects, How::Extra));
    }

    fn lists(&mut self) {
        let lists = self.asking.seen.which(|one| one.shape == Shape::List && one.length > 0);
        for level in self.levels(&lists) {
            self.tried(&each(&level, How::Empty));
            self.tried(&each(&level, How::Two));
            let several: Vec<usize> =
                level.into_iter().filter(|list| self.element(*list).length > 1).collect();
            self.tried(&each(&several, How::Order));
        }
    }

    fn answers(&mut self) {
        let seen = self.asking.seen;
        let wholes: Vec<usize> = seen.operations.iter().map(|one| one.whole).collect();
        let succeeds = |number: &usize| {
            let statuses = &seen.operations[self.element(*number).operation].statuses;
            statuses.iter().any(|status| (200..300).contains(status))
        };
        let good: Vec<usize> = wholes.iter().copied().filter(succeeds).collect();
        for whole in &good {
            self.tried(&[Edit::of(*whole, How::Refused)]);
            if seen.operations[self.element(*whole).operation].lists {
                self.tried(&[Edit::of(*whole, How::NoContent)]);
            }
        }
        self.tried(&each(&good, How::Status));
        self.tried(&each(&wholes, How::Slower));
    }
}
