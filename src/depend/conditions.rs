//! Members that a client reads only when another has a certain value, and lists of which only some
//! rows matter.
//!
//! Knows: elements with their values, and experiments. Must not know: how an experiment is made.

use std::collections::BTreeSet;

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
        let mut unknown = each(&texts, How::Unknown(None));
        unknown.extend(each(&self.free_numbers(), How::Far));
        rounds.push(unknown);
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
            && matches!(edit.how, How::Set(_))
        {
            for edit in &rest {
                self.findings[edit.place()].note(Change::OtherValue, false);
            }
        }
        waits |= self.under(&rest, spare).is_none();
        // A client may look at another member first, and must find that one as it was.
        let plain: Vec<usize> =
            spare.iter().copied().filter(|one| !self.element(*one).may_guard()).collect();
        for set in parted(&rest) {
            waits |= self.under(&set, spare).is_none();
            if plain.len() < spare.len() {
                waits |= self.under(&set, &plain).is_none();
            }
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

    /// Numbers of which it isn't known that any change breaks the client.
    fn free_numbers(&self) -> Vec<usize> {
        let seen = self.asking.seen;
        let mut numbers = seen.which(|one| {
            one.form() == Form::Number
                && !one.values[..one.met].iter().any(|value| seen.is_asked_for(value))
        });
        numbers.retain(|one| !self.findings[*one].breaks.contains(&Change::OtherValue));
        numbers
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
            match self.is_missed(member.place(), &[]) {
                Some(false) => {}
                // It is needed as served; something that was taken away with it hid that so far.
                Some(true) => {
                    self.findings[member.place()].note(Change::Gone, true);
                    self.single(member.place());
                    continue;
                }
                None => {
                    waits = true;
                    continue;
                }
            }
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
        if found.is_empty() || found == having || self.is_told_by_its_value(member, star, &found) {
            return Some(Rows::All);
        }
        let mut guarded = false;
        for (guard, value) in self.in_the_same_rows(member, star, &found) {
            if self.is_guard(member, guard, value)? {
                self.findings[guard].values.insert(value);
                self.findings[member].only_where.insert((guard, Some(value)));
                guarded = true;
            }
        }
        Some(if guarded || found.len() > MOST_ROWS { Rows::All } else { Rows::These(found) })
    }

    /// Whether all rows that matter, or all up to the last of them, are so because of the value
    /// that the member has there: the client looks for the row with that value.
    fn is_told_by_its_value(&self, member: usize, star: usize, rows: &[usize]) -> bool {
        let values = self.findings[member].values.iter();
        let named: BTreeSet<usize> =
            values.flat_map(|value| self.rows_where(member, star, *value)).flatten().collect();
        let on_the_way = named.last().map_or(0, |last| last + 1);
        let is = |wanted: &mut dyn Iterator<Item = usize>| wanted.eq(rows.iter().copied());
        !named.is_empty() && (is(&mut named.iter().copied()) || is(&mut (0..on_the_way)))
    }

    /// Whether a member isn't missed where another has another value than this.
    fn is_guard(&mut self, member: usize, guard: usize, value: usize) -> Option<bool> {
        if self.findings[guard].values.contains(&value) {
            return Some(true);
        }
        let how = match self.element(guard).form() {
            Form::Word => How::Unknown(Some(small(value))),
            Form::Flag | Form::Number => How::Next(Some(small(value))),
            _ => return Some(false),
        };
        Some(!self.is_missed(member, &[Edit::of(guard, how)])?)
    }

    /// Members with a value that they have in these rows of a list and in no other.
    fn in_the_same_rows(&self, member: usize, star: usize, rows: &[usize]) -> Vec<(usize, usize)> {
        let one = self.element(member);
        let Some(prefix) = list_of(&one.path, star) else { return Vec::new() };
        let having = self.asking.seen.rows_with(member, star);
        let mut found = Vec::new();
        for number in self.asking.seen.which(|other| {
            other.operation == one.operation
                && other.shape == Shape::Scalar
                && other.path.starts_with(&format!("{prefix}/*/"))
                && other.path.matches("/*").count() == star + 1
        }) {
            for value in 0..self.element(number).met {
                let matching = |mut at: Vec<usize>| {
                    at.retain(|row| having.contains(row));
                    at == rows
                };
                let all = self.rows_where(number, star, value);
                if number != member && all.into_iter().any(matching) {
                    found.push((number, value));
                }
            }
        }
        found
    }

    /// In each answer, the rows in which an element has a value.
    fn rows_where(&self, element: usize, star: usize, value: usize) -> Vec<Vec<usize>> {
        let one = self.element(element);
        let Some(list) = list_of(&one.path, star) else { return Vec::new() };
        let tail = &one.path[list.len() + 2..];
        let path: Vec<&str> = list.split('/').skip(1).collect();
        let wanted = &one.values[value];
        let rows = |answer: &Value| -> Option<Vec<usize>> {
            let rows = at_list(answer, &path)?;
            Some((0..rows.len()).filter(|row| rows[*row].pointer(tail) == Some(wanted)).collect())
        };
        let answers = &self.asking.seen.operations[one.operation].answers;
        answers.iter().filter_map(rows).collect()
    }
}

/// The path of the list for which a `*` of a path stands.
fn list_of(path: &str, star: usize) -> Option<&str> {
    path.match_indices("/*").nth(star).map(|(at, _)| &path[..at])
}

/// The list at a path, in the first row of each list on the way.
fn at_list<'a>(answer: &'a Value, path: &[&str]) -> Option<&'a Vec<Value>> {
    let mut here = answer;
    for token in path {
        here = match here {
            Value::Array(rows) => rows.first()?,
            other => other.get(crate::pointer::unescape(token))?,
        };
    }
    here.as_array()
}
