//! One cause is one line: findings grouped by requirement, place pattern and value class.
//!
//! Knows: findings. Must not know: how a group is printed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Severity;
use crate::judge::Finding;

use crate::pointer::pattern;

use super::model::{Case, Report};

/// Findings with one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The requirement that is broken.
    pub requirement: String,
    /// How grave it is.
    pub severity: Severity,
    /// Which check found it.
    pub check: String,
    /// The place, with `*` for every index.
    pub place: String,
    /// What the documents ask for.
    pub expected: String,
    /// Whether they list all that may come.
    pub closed: bool,
    /// What came, of the first.
    pub actual: String,
    /// Other things that came, where there are too many for a line each: the first ones.
    pub others: Vec<String>,
    /// How many kinds of things came.
    pub kinds: usize,
    /// How many findings.
    pub count: usize,
    /// The cases they are in, each once.
    pub cases: Vec<String>,
}

impl Group {
    /// What came, with the other values where there are many.
    #[must_use]
    pub fn actual_text(&self) -> String {
        if self.kinds <= 1 {
            return self.actual.clone();
        }
        let first = std::iter::once(&self.actual)
            .chain(&self.others)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        format!("{} different values, such as {first}", self.kinds)
    }
}

/// So many kinds of values at one place have a group each; more of them are one group.
const MOST_KINDS: usize = 3;

/// All groups, gravest first, then by how many cases they are in.
#[must_use]
pub fn groups(report: &Report) -> Vec<Group> {
    groups_of(report.cases.iter().flat_map(|case: &Case| {
        case.findings.iter().map(move |finding| (case.id.as_str(), finding))
    }))
}

type Key<'a> = (Reverse<Severity>, &'a str, &'a str, String);

/// The groups of some findings, each with the id of its case.
pub(super) fn groups_of<'a>(findings: impl Iterator<Item = (&'a str, &'a Finding)>) -> Vec<Group> {
    let mut found: BTreeMap<Key<'a>, BTreeMap<String, Group>> = BTreeMap::new();
    let mut flooded: Vec<(Key<'a>, usize)> = Vec::new();
    for (case, finding) in findings {
        let place = pattern(&finding.pointer);
        let key = (
            Reverse(finding.severity),
            finding.requirement.as_str(),
            finding.check.as_str(),
            place.clone(),
        );
        if let Some(more) = finding.more {
            flooded.push((key, usize::try_from(more).unwrap_or(usize::MAX)));
            continue;
        }
        let group =
            found.entry(key).or_default().entry(value_class(&finding.actual)).or_insert_with(
                || Group {
                    requirement: finding.requirement.clone(),
                    severity: finding.severity,
                    check: finding.check.clone(),
                    place,
                    expected: finding.expected.clone(),
                    closed: finding.closed,
                    actual: finding.actual.clone(),
                    others: Vec::new(),
                    kinds: 1,
                    count: 0,
                    cases: Vec::new(),
                },
            );
        group.count += 1;
        if group.cases.last().is_none_or(|last| last != case) {
            group.cases.push(case.to_owned());
        }
    }
    // What a flood left uncounted belongs to the largest group of its requirement.
    for ((severity, requirement, check, _), more) in flooded {
        let alike = found
            .iter_mut()
            .filter(|(key, _)| (key.0, key.1, key.2) == (severity, requirement, check))
            .flat_map(|(_, kinds)| kinds.values_mut());
        if let Some(group) = alike.max_by_key(|group| group.count) {
            group.count += more;
        }
    }
    let mut all: Vec<Group> = found
        .into_values()
        .flat_map(|kinds| {
            if kinds.len() > MOST_KINDS { folded(kinds) } else { kinds.into_values().collect() }
        })
        .collect();
    all.sort_by_key(|group| {
        (Reverse(group.severity), Reverse(group.cases.len()), Reverse(group.count))
    });
    all
}

/// Many kinds of values at one place, as one group.
fn folded(kinds: BTreeMap<String, Group>) -> Vec<Group> {
    let number = kinds.len();
    let mut kinds: Vec<Group> = kinds.into_values().collect();
    kinds.sort_by_key(|group| Reverse(group.count));
    let mut rest = kinds.into_iter();
    let Some(mut whole) = rest.next() else { return Vec::new() };
    let mut cases: BTreeSet<String> = whole.cases.iter().cloned().collect();
    for group in rest {
        whole.count += group.count;
        if whole.others.len() + 1 < MOST_KINDS {
            whole.others.push(group.actual);
        }
        whole.cases.extend(group.cases.into_iter().filter(|id| cases.insert(id.clone())));
    }
    whole.kinds = number;
    vec![whole]
}

/// Values of one kind have one class: numbers don't tell them apart.
pub(crate) fn value_class(actual: &str) -> String {
    let mut class = String::with_capacity(actual.len());
    for c in actual.chars().take(80) {
        if c.is_ascii_digit() {
            if !class.ends_with('#') {
                class.push('#');
            }
        } else {
            class.push(c);
        }
    }
    class
}

#[cfg(test)]
mod tests {
    use super::super::sample::finding;
    use super::*;

    fn grouped(findings: &[(&str, Finding)]) -> Vec<Group> {
        groups_of(findings.iter().map(|(case, finding)| (*case, finding)))
    }

    #[test]
    fn indexes_and_numbers_do_not_tell_causes_apart() {
        assert_eq!(pattern("/12/component"), "/*/component");
        assert_eq!(pattern(""), "");
        assert_eq!(value_class("\"a17\""), value_class("\"a4\""));
    }

    #[test]
    fn a_few_values_are_a_line_each_and_many_are_one() {
        let value = |index: u8| {
            (
                "c",
                finding(
                    "r",
                    Severity::Violation,
                    &format!("/{index}/component"),
                    &format!("\"X{}\"", char::from(b'a' + index)),
                ),
            )
        };
        assert_eq!(grouped(&[value(0), value(1), value(2)]).len(), 3);
        let many = grouped(&(0..20).map(value).collect::<Vec<_>>());
        assert_eq!((many.len(), many[0].count, many[0].kinds, many[0].cases.len()), (1, 20, 20, 1));
        assert_eq!(many[0].actual_text(), "20 different values, such as \"Xa\", \"Xb\", \"Xc\"");
    }

    #[test]
    fn what_a_flood_left_uncounted_is_counted() {
        let more = Finding {
            more: Some(9000),
            ..finding("r", Severity::Violation, "", "9000 more places like these")
        };
        let groups = grouped(&[
            ("c", finding("r", Severity::Violation, "/0/component", "\"XX\"")),
            ("c", more),
        ]);
        assert_eq!((groups.len(), groups[0].count, groups[0].actual.as_str()), (1, 9001, "\"XX\""));
    }

    #[test]
    fn the_gravest_and_widest_come_first() {
        let order: Vec<String> = grouped(&[
            ("a", finding("observed", Severity::Observation, "", "1")),
            ("a", finding("narrow", Severity::Violation, "", "1")),
            ("a", finding("wide", Severity::Violation, "", "1")),
            ("b", finding("wide", Severity::Violation, "", "1")),
            ("a", finding("deviates", Severity::Deviation, "", "1")),
        ])
        .into_iter()
        .map(|group| group.requirement)
        .collect();
        assert_eq!(order, ["wide", "narrow", "deviates", "observed"]);
    }
}
