//! Combinations: all of them, or so many that each pair of values comes together once; and requests
//! with two mistakes.
//!
//! Knows: numbers, and the changes of attributes. Must not know: what a change means.

use std::collections::BTreeSet;

use super::attribute::{Mutation, mutations, set};
use super::parts::Parts;
use super::{Derived, Draft, Level, Maker, Outcome};

/// Every choice of one out of each.
pub(super) fn product(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().fold(vec![Vec::new()], |found, size| {
        found
            .iter()
            .flat_map(|choice: &Vec<usize>| {
                (0..*size).map(move |next| [choice.as_slice(), &[next]].concat())
            })
            .collect()
    })
}

/// A pair: two places, and the value at each.
type Pair = (usize, usize, usize, usize);

/// Few choices in which each pair of values of two places comes together at least once.
pub(super) fn pairwise(sizes: &[usize]) -> Vec<Vec<usize>> {
    let places = 0..sizes.len();
    let mut open: BTreeSet<Pair> = places
        .clone()
        .flat_map(|one| (one + 1..sizes.len()).map(move |other| (one, other)))
        .flat_map(|(one, other)| {
            (0..sizes[one]).flat_map(move |a| (0..sizes[other]).map(move |b| (one, other, a, b)))
        })
        .collect();
    if sizes.len() < 2 {
        return product(sizes);
    }
    let covered = |choice: &[usize], open: &BTreeSet<Pair>| {
        open.iter().filter(|(one, other, a, b)| choice[*one] == *a && choice[*other] == *b).count()
    };
    let mut chosen = Vec::new();
    while let Some((one, other, a, b)) = open.first().copied() {
        let mut choice = vec![0; sizes.len()];
        (choice[one], choice[other]) = (a, b);
        for place in places.clone().filter(|place| *place != one && *place != other) {
            let best = (0..sizes[place]).max_by_key(|value| {
                let mut choice = choice.clone();
                choice[place] = *value;
                (covered(&choice, &open), std::cmp::Reverse(*value))
            });
            choice[place] = best.unwrap_or_default();
        }
        open.retain(|(one, other, a, b)| choice[*one] != *a || choice[*other] != *b);
        chosen.push(choice);
    }
    chosen
}

/// Changes that stand for the others where two come together.
const TOLD: &[&str] = &["missing", "null", "empty", "object"];

/// Requests with two mistakes, each of which is one alone.
pub(super) fn cases(maker: &Maker<'_>, derived: &mut Vec<Derived>) {
    for parts in Parts::of(maker.operation) {
        let refused = |mutation: &Mutation| {
            TOLD.contains(&mutation.id.as_str())
                && matches!(mutation.outcome, Outcome::Refused { .. })
        };
        let wrong: Vec<(&str, Vec<Mutation>)> = parts
            .table
            .attribute
            .iter()
            .map(|attribute| {
                (
                    attribute.name.as_str(),
                    mutations(maker.operation, &parts, attribute)
                        .into_iter()
                        .filter(refused)
                        .collect(),
                )
            })
            .collect();
        for (index, (one, first)) in wrong.iter().enumerate() {
            for (other, second) in &wrong[index + 1..] {
                for (a, b) in first.iter().flat_map(|a| second.iter().map(move |b| (a, b))) {
                    let mut values = parts.values();
                    set(&parts, &mut values, one, a.change.clone());
                    set(&parts, &mut values, other, b.change.clone());
                    let mut pair = maker.single(Draft {
                        parts: &parts,
                        id: format!("pair/{one}-{}/{other}-{}", a.id, b.id),
                        what: format!("{} and {}", a.what, b.what),
                        request: parts.request(&values),
                        // Where it can't be told which table is meant, none of its other rules
                        // applies.
                        outcome: if parts.table.when.contains_key(*other) {
                            b.outcome.clone()
                        } else {
                            a.outcome.clone()
                        },
                        level: Level::All,
                        worse: [a, b]
                            .into_iter()
                            .filter_map(|mutation| mutation.worse.clone())
                            .max_by_key(|(effect, _)| *effect),
                    });
                    // Where each alone is refused, both at once may slip through. Forms that lack
                    // what tells them apart are one request.
                    let asks = |one: &Derived| {
                        one.case
                            .steps
                            .first()
                            .map(|step| (one.case.operation.clone(), step.request.json.clone()))
                    };
                    if a.id == "missing"
                        && b.id == "missing"
                        && !derived
                            .iter()
                            .any(|one| one.level == Level::Core && asks(one) == asks(&pair))
                    {
                        pair.level = Level::Core;
                    }
                    derived.push(pair);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_values_comes_together_in_far_fewer_choices_than_all() {
        let sizes = [4, 3, 5, 2, 3];
        let chosen = pairwise(&sizes);
        for (one, other) in (0..5).flat_map(|one| (one + 1..5).map(move |other| (one, other))) {
            for (a, b) in (0..sizes[one]).flat_map(|a| (0..sizes[other]).map(move |b| (a, b))) {
                assert!(
                    chosen.iter().any(|choice| choice[one] == a && choice[other] == b),
                    "{a} at {one} never meets {b} at {other}"
                );
            }
        }
        assert_eq!(product(&sizes).len(), 360);
        assert!(chosen.len() <= 30, "{} choices", chosen.len());
        assert_eq!(pairwise(&sizes), chosen, "the same each time");
    }

    #[test]
    fn without_or_with_one_place_there_is_nothing_to_pair() {
        assert_eq!(product(&[]), vec![Vec::<usize>::new()]);
        assert_eq!(pairwise(&[]), vec![Vec::<usize>::new()]);
        assert_eq!(pairwise(&[3]), vec![vec![0], vec![1], vec![2]]);
    }
}
