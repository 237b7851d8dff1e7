//! One cause is one line: findings grouped by requirement, place pattern and value class.
//!
//! Knows: findings. Must not know: how a group is printed.

use std::collections::BTreeMap;

use crate::contract::Severity;

use super::model::Report;

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
    /// What came, of the first.
    pub actual: String,
    /// How many findings.
    pub count: usize,
    /// The cases they are in, each once.
    pub cases: Vec<String>,
}

/// All groups, gravest first.
#[must_use]
pub fn groups(report: &Report) -> Vec<Group> {
    let mut found: BTreeMap<(std::cmp::Reverse<Severity>, String, String, String, String), Group> = BTreeMap::new();
    for case in &report.cases {
        for finding in &case.findings {
            let place = pattern(&finding.pointer);
            let class = value_class(&finding.actual);
            let key = (std::cmp::Reverse(finding.severity), finding.requirement.clone(), finding.check.clone(), place.clone(), class);
            let group = found.entry(key).or_insert_with(|| Group {
                requirement: finding.requirement.clone(),
                severity: finding.severity,
                check: finding.check.clone(),
                place,
                expected: finding.expected.clone(),
                actual: finding.actual.clone(),
                count: 0,
                cases: Vec::new(),
            });
            group.count += 1;
            if group.cases.last() != Some(&case.id) {
                group.cases.push(case.id.clone());
            }
        }
    }
    found.into_values().collect()
}

/// A place with `*` for every index.
pub(crate) fn pattern(pointer: &str) -> String {
    pointer.split('/').map(|token| if !token.is_empty() && token.chars().all(|c| c.is_ascii_digit()) { "*" } else { token }).collect::<Vec<_>>().join("/")
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
    use super::*;

    #[test]
    fn indexes_and_numbers_do_not_tell_causes_apart() {
        assert_eq!(pattern("/12/component"), "/*/component");
        assert_eq!(pattern(""), "");
        assert_eq!(value_class("\"a17\""), value_class("\"a4\""));
    }
}
