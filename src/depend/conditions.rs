//! Members that a client reads only when another has a certain value, and lists of which only some
//! rows matter.
//!
//! Knows: elements with their values, and experiments. Must not know: how an experiment is made.

use serde_json::Value;

use crate::profile::Change;

use super::asking::{Under, parted};
use super::element::{Element, Shape};
use super::experiment::{Edit, End, Experiment, How, Outcome};
use super::form::Form;
use super::learn::{Learner, each};
use super::values::small;

/// So many rows are named one by one; where more matter, all do.
const MOST_ROWS: usize = 3;

/// Which rows of a list matter.
enum Rows {
    All,
    These(Vec<usize>),
}

impl Learner<'_> {
    /// Puts each known word in all rows, and then takes away what wasn't needed before.
    pub(super) fn conditions(&mut self, spare: &[usize]) -> Option<()> {
        let minds = |one: &Self, element: usize| {
            one.findings[element].breaks.contains(&Change::UnknownValue)
        };
        let words = self.asking.seen.which(Element::has_words);
        let (minding, easy): (Vec<usize>, Vec<usize>) =
            words.into_iter().partition(|element| minds(self, *element));
        let most = easy.iter().map(|one| self.element(*one).values.len()).max().unwrap_or(0);
        let mut rounds: Vec<Vec<Edit>> = (0..most)
            .map(|value| {
                let has = |element: &&usize| {
                    let one = self.element(**element);
                    value < one.values.len() && (one.met > 1 || value > 0 || one.met == 0)
                };
                let having: Vec<usize> = easy.iter().filter(has).copied().collect();
                each(&having, How::Set(small(value)))
            })
            .collect();
        let texts: Vec<usize> =
            easy.iter().copied().filter(|one| self.element(*one).form() == Form::Word).collect();
        rounds.push(each(&texts, How::Unknown(None)));
        let mut minded: Vec<Edit> = Vec::new();
        let mut waits = false;
        for round in &rounds {
            match self.round(round, spare) {
                Some(found) => minded.extend(found),
                None => waits = true,
            }
        }
        for element in minding {
            let one = self.element(element);
            let values = (0..one.values.len().min(16)).filter(|value| one.met > 1 || *value > 0);
            minded.extend(values.map(|value| Edit::of(element, How::Set(small(value)))));
            minded.push(Edit::of(element, How::Unknown(None)));
        }
        for edit in minded {
            waits |= self.under(&[edit], spare).is_none();
        }
        (!waits).then_some(())
    }

    /// One word per element, all at once; gives back those that a client minds.
    fn round(&mut self, round: &[Edit], spare: &[usize]) -> Option<Vec<Edit>> {
        let alone = self.asking.alone();
        let found = self.asking.culprits(round, alone)?;
        let mut minded = Vec::new();
        let mut waits = false;
        for edit in &found.alone {
            match self.is_passed_on(*edit) {
                None => waits = true,
                // It is printed, whatever it is.
                Some(true) => minded.push(*edit),
                Some(false) => {
                    self.knows(*edit);
                    minded.push(*edit);
                }
            }
        }
        let mut rest: Vec<Edit> = round.to_vec();
        rest.retain(|edit| !found.alone.contains(edit));
        if let Some(edit) = rest.first()
            && edit.how != How::Unknown(None)
        {
            for edit in &rest {
                self.findings[edit.place()].note(Change::OtherValue, false);
            }
        }
        for set in std::iter::once(rest.clone()).chain(parted(&rest)) {
            waits |= self.under(&set, spare).is_none();
        }
        // What is needed where another isn't there can't be taken away with that one.
        for member in self.asking.seen.which(Element::is_leaf) {
            if !self.findings[member].one_of.is_empty() {
                let set: Vec<Edit> =
                    rest.iter().copied().filter(|edit| edit.place() != member).collect();
                waits |= self.under(&set, &[member]).is_none();
            }
        }
        (!waits).then_some(minded)
    }

    /// Whether the value of an element comes out again as it is.
    fn is_passed_on(&mut self, edit: Edit) -> Option<bool> {
        if self.asking.unchanged.output.is_none() || self.element(edit.place()).form() == Form::Flag
        {
            return Some(false);
        }
        let unknown = self.one(edit.place(), How::Unknown(None))?;
        Some(unknown.passes_on() && unknown.is_like(self.asking.unchanged))
    }

    /// A word makes a difference that an unknown one doesn't.
    fn knows(&mut self, edit: Edit) {
        let How::Set(value) = edit.how else { return };
        let values = &self.element(edit.place()).values;
        let finding = &mut self.findings[edit.place()];
        finding.note(Change::OtherValue, true);
        match values.get(usize::from(value)) {
            // The other flag is the one that was relied on.
            Some(Value::Bool(flag)) => {
                let other = Value::Bool(!flag);
                finding.values.extend(values.iter().position(|known| *known == other));
            }
            _ => drop(finding.values.insert(usize::from(value))),
        }
    }

    /// Which members are needed while others have these values.
    fn under(&mut self, set: &[Edit], spare: &[usize]) -> Option<()> {
        let taken: Vec<usize> = spare
            .iter()
            .copied()
            .filter(|one| !set.iter().any(|edit| edit.place() == *one))
            .collect();
        if set.is_empty() || taken.is_empty() {
            return Some(());
        }
        let group = each(&taken, How::Gone);
        let unchanged = self.asking.unchanged;
        let mut like: Outcome = unchanged.clone();
        if self.asking.breaks(&group, Under { with: set, like: &like })? {
            like = self.asking.outcome(Experiment::of(set.to_vec()))?;
        } else {
            return Some(());
        }
        // A command that fails by itself tells no more.
        if like.end != End::Exit(0) {
            return Some(());
        }
        let found = self.asking.culprits(&group, Under { with: set, like: &like })?;
        let mut waits = false;
        for member in &found.alone {
            let Some(guards) = self.guards(*member, set, &like) else {
                waits = true;
                continue;
            };
            for (guard, value) in &guards {
                self.findings[*guard].values.extend(value);
            }
            let finding = &mut self.findings[member.place()];
            finding.note(Change::Gone, true);
            finding.unserved = true;
            finding.only_where.extend(guards);
        }
        (!waits).then_some(())
    }

    /// Which of the values it is under which a member is needed.
    fn guards(
        &mut self,
        member: Edit,
        set: &[Edit],
        like: &Outcome,
    ) -> Option<Vec<(usize, Option<usize>)>> {
        let found = if let [only] = set {
            vec![*only]
        } else {
            let found = self.asking.culprits(set, Under { with: &[member], like })?;
            found.alone.into_iter().chain(found.together.into_iter().flatten()).collect()
        };
        let value = |edit: Edit| match edit.how {
            How::Set(value) => Some(usize::from(value)),
            _ => None,
        };
        Some(found.into_iter().map(|edit| (edit.place(), value(edit))).collect())
    }

    /// Which rows matter of lists in which a member is needed.
    pub(super) fn rows(&mut self, needed: &[usize]) {
        let Some(guarded) = self.guarded(needed) else { return };
        for member in needed.iter().filter(|one| !guarded.contains(one)) {
            let rows = self.element(*member).rows.clone();
            for (star, _) in rows.into_iter().enumerate().filter(|(_, rows)| *rows > 1) {
                if let Some(Rows::These(found)) = self.rows_of(*member, star) {
                    self.findings[*member].rows.insert(star, found);
                }
            }
        }
    }

    /// The rows that matter.
    fn rows_of(&mut self, member: usize, star: usize) -> Option<Rows> {
        let gone = Edit::of(member, How::Gone);
        let alone = self.asking.alone();
        // Rows without it can't miss it.
        let having: Vec<usize> = self.asking.seen.rows_with(member, star).into_iter().collect();
        let ([first, .., last], true) = (having.as_slice(), having.len() > 1) else {
            return Some(Rows::All);
        };
        let first = self.asking.breaks(&[gone.in_row(star, *first)], alone);
        let last = self.asking.breaks(&[gone.in_row(star, *last)], alone);
        if first? && last? {
            return Some(Rows::All);
        }
        let group: Vec<Edit> = having.iter().map(|row| gone.in_row(star, *row)).collect();
        let found = self.asking.culprits(&group, alone)?;
        let mut found: Vec<usize> = found
            .alone
            .iter()
            .filter_map(|edit| edit.row.and_then(|(_, row)| usize::try_from(row).ok()))
            .collect();
        found.sort_unstable();
        if found.is_empty() || found.len() > MOST_ROWS || found == having {
            return Some(Rows::All);
        }
        let guards = self.in_the_same_rows(member, star, &found);
        let relied =
            |(guard, value): &&(usize, usize)| self.findings[*guard].values.contains(value);
        if let Some((guard, value)) = guards.iter().find(relied) {
            self.findings[member].only_where.insert((*guard, Some(*value)));
            return Some(Rows::All);
        }
        Some(Rows::These(found))
    }

    /// Members with a value that they have in these rows of a list and in no other.
    fn in_the_same_rows(&self, member: usize, star: usize, rows: &[usize]) -> Vec<(usize, usize)> {
        let seen = self.asking.seen;
        let one = self.element(member);
        let path: Vec<&str> = one.path.split('/').skip(1).collect();
        let stars = path.iter().enumerate().filter(|(_, token)| **token == "*");
        let Some((at, _)) = stars.into_iter().nth(star) else { return Vec::new() };
        let prefix = format!("/{}/", path[..=at].join("/"));
        let having = seen.rows_with(member, star);
        let mut found = Vec::new();
        for number in seen.which(|other| {
            other.operation == one.operation
                && other.shape == Shape::Scalar
                && other.path.starts_with(&prefix)
                && other.path.matches("/*").count() == star + 1
        }) {
            let other = self.element(number);
            let tail = format!("/{}", &other.path[prefix.len()..]);
            for (value, wanted) in other.values[..other.met].iter().enumerate() {
                let matching = |answer: &Value| -> Option<Vec<usize>> {
                    let rows = at_list(answer, &path[..at])?;
                    let has = |row: &Value| row.pointer(&tail) == Some(wanted);
                    let having = |row: &usize| having.contains(row) && has(&rows[*row]);
                    Some((0..rows.len()).filter(having).collect())
                };
                let answers = &seen.operations[one.operation].answers;
                if number != member && answers.iter().filter_map(matching).any(|at| at == rows) {
                    found.push((number, value));
                }
            }
        }
        found
    }
}

/// The list at a path, in the first row of each list on the way.
fn at_list<'a>(answer: &'a Value, path: &[&str]) -> Option<&'a Vec<Value>> {
    let mut here = answer;
    for token in path {
        here = match here {
            Value::Array(rows) => rows.first()?,
            other => other.get(token.replace("~1", "/").replace("~0", "~"))?,
        };
    }
    here.as_array()
}
