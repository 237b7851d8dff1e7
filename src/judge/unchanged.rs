//! Values that mustn't have changed since an earlier step: of the row that a step is about, and of
//! all others.
//!
//! Knows: the readings of a step, and the earlier answer. Must not know: which step comes next.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{Read, Step};
use crate::contract::{Contract, Listed, Reads, Words};
use crate::plan::Facts;

use super::answer::{Judged, finding};
use super::looks::{filled, never_named};
use super::status::primary_requirement;

/// Compares each reading that says `as-in` with the same reading of the earlier answer.
pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    earlier: impl Fn(&str) -> Option<Arc<Value>>,
    judged: &mut Judged,
) {
    for read in &step.expect.reads {
        let Some(before) = &read.as_in else { continue };
        let requirement =
            read.requirement.clone().unwrap_or_else(|| primary_requirement(contract, step));
        let was = earlier(before).and_then(|body| reads(contract, step, read, &body));
        let is = judged.body.as_ref().and_then(|body| reads(contract, step, read, body));
        let key = filled(&read.key, facts);
        let changes = match (was, is) {
            (Some(was), Some(is)) if read.others => {
                // What the run itself changes may show late.
                let is_ours = |row: &str| {
                    facts.values().chain([&key]).any(|named| named.eq_ignore_ascii_case(row))
                };
                of_others(&was, &is, is_ours)
            }
            (Some(was), Some(is)) => {
                let but: Vec<String> = read.but.iter().map(|text| filled(text, facts)).collect();
                of_own(&was, &is, &key, &but)
            }
            _ => Compared::Nothing,
        };
        match changes {
            // A list of one row has no others, and one of another form tells nothing of them.
            Compared::Nothing if read.others => {}
            Compared::Nothing => {
                let reason = format!("no member of the list says its {}", read.reading);
                judged.missed.insert(requirement, reason);
            }
            Compared::Unknown(reason) => {
                judged.missed.insert(requirement, reason);
            }
            Compared::Changes(changes) => {
                judged.reach(contract, &requirement);
                for change in changes {
                    judged.findings.push(finding(
                        contract,
                        "reading",
                        &requirement,
                        &change.pointer,
                        &format!("{} as in step `{before}`: {}", read.reading, change.was),
                        &change.is,
                        step,
                    ));
                }
            }
        }
    }
}

/// What two answers have to do with each other.
enum Compared {
    /// Neither has what could be compared.
    Nothing,
    /// It can't be told, for this reason.
    Unknown(String),
    /// What is not as it was; nothing, if all is.
    Changes(Vec<Change>),
}

struct Change {
    pointer: String,
    was: String,
    is: String,
}

/// What one row has now and hadn't before, apart from what may have come.
fn of_own(was: &Reads, is: &Reads, key: &str, but: &[String]) -> Compared {
    let (Some(before), Some(now)) = (was.of(key), is.of(key)) else { return Compared::Nothing };
    let (old, new) = (values(before), values(now));
    if old.is_empty() || new.is_empty() {
        return Compared::Nothing;
    }
    // A place may have two names. Then other rows that lie there have both.
    let goes_with_it = |word: &str| {
        was.listed.iter().chain(&is.listed).any(|row| {
            !row.key.eq_ignore_ascii_case(key)
                && but.iter().any(|but| row.has(but))
                && values(row).contains(word)
        })
    };
    let may_be_there = |word: &String| {
        let named =
            |value: &Words| value.to_string() == *word && but.iter().any(|but| value.is(but));
        old.contains(word) || now.values.iter().flatten().any(named) || goes_with_it(word)
    };
    if new.iter().all(may_be_there) {
        return Compared::Changes(Vec::new());
    }
    // What came may be what was to come, in another word.
    if let Some(place) = but.first().filter(|_| !but.iter().any(|but| now.has(but))) {
        return Compared::Unknown(never_named(place));
    }
    Compared::Changes(vec![Change {
        pointer: String::new(),
        was: told(&old.into_iter().chain(but.iter().cloned()).collect()),
        is: told(&new),
    }])
}

/// Which rows that both answers have, and the run doesn't touch, have other values now.
fn of_others(was: &Reads, is: &Reads, is_ours: impl Fn(&str) -> bool) -> Compared {
    let mut compared = false;
    let mut changes = Vec::new();
    for now in is.listed.iter().filter(|row| !is_ours(&row.key)) {
        let (old, new) = (was.of(&now.key).map(values).unwrap_or_default(), values(now));
        if old.is_empty() || new.is_empty() {
            continue;
        }
        compared = true;
        if old != new {
            changes.push(Change {
                pointer: now.pointer.clone(),
                was: told(&old),
                is: format!("{} for {}", told(&new), now.key),
            });
        }
    }
    if compared { Compared::Changes(changes) } else { Compared::Nothing }
}

fn told(values: &BTreeSet<String>) -> String {
    values.iter().map(String::as_str).collect::<Vec<_>>().join(" and ")
}

/// The values of a reading in all rows of a key: a backup may have a row for each place where it
/// lies.
fn values(listed: &Listed) -> BTreeSet<String> {
    listed
        .values
        .iter()
        .flatten()
        .map(ToString::to_string)
        .filter(|value| !value.is_empty())
        .collect()
}

fn reads(contract: &Contract, step: &Step, read: &Read, body: &Value) -> Option<Reads> {
    let operation = contract.operations.get(&step.operation)?;
    operation.readings.iter().find(|reading| reading.name == read.reading)?.read(body)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(rows: &Value) -> Reads {
        let contract = crate::contract::built_in();
        let readings = &contract.operations["backup.list"].readings;
        let places = readings.iter().find(|reading| reading.name == "backup.locations").unwrap();
        places.read(&json!({ "backups": rows })).unwrap()
    }

    fn changes(compared: Compared) -> Option<Vec<(String, String)>> {
        match compared {
            Compared::Changes(changes) => {
                Some(changes.into_iter().map(|change| (change.was, change.is)).collect())
            }
            Compared::Nothing | Compared::Unknown(_) => None,
        }
    }

    #[test]
    fn a_place_that_nobody_named_is_one_too_many() {
        let was = read(&json!([{ "uuid": "a", "locations": ["internal"] }]));
        let but = ["/mnt/share".to_owned()];
        let now = |places: &Value| read(&json!([{ "uuid": "A", "locations": places }]));
        let compared = |places: Value| changes(of_own(&was, &now(&places), "a", &but));
        assert_eq!(compared(json!(["internal", "/mnt/share"])), Some(vec![]));
        // A move.
        assert_eq!(compared(json!(["/mnt/share"])), Some(vec![]));
        assert_eq!(compared(json!(["internal"])), Some(vec![]));
        assert_eq!(
            compared(json!(["internal", "/mnt/share", "/mnt/extra"])),
            Some(vec![(
                "/mnt/share and internal".to_owned(),
                "/mnt/extra and /mnt/share and internal".to_owned()
            )])
        );
        // In another word.
        assert!(matches!(
            of_own(&was, &now(&json!(["internal", "nfs1"])), "a", &but),
            Compared::Unknown(_)
        ));
    }

    #[test]
    fn a_second_name_of_a_place_is_no_place_too_many() {
        let was = read(&json!([
            { "uuid": "a", "locations": ["internal"] },
            { "uuid": "b", "locations": ["/mnt/share", "nfs1"] },
        ]));
        let is = read(&json!([
            { "uuid": "a", "locations": ["internal", "/mnt/share", "nfs1"] },
            { "uuid": "b", "locations": ["/mnt/share", "nfs1"] },
        ]));
        assert_eq!(changes(of_own(&was, &is, "a", &["/mnt/share".to_owned()])), Some(vec![]));
    }

    #[test]
    fn every_other_row_that_both_have_is_as_it_was() {
        let was = read(&json!([
            { "uuid": "a", "locations": ["internal"] },
            { "uuid": "b", "locations": ["internal", "/mnt/share"] },
            { "uuid": "c", "locations": ["internal"] },
        ]));
        let is = read(&json!([
            { "uuid": "d", "locations": ["internal"] },
            { "uuid": "b", "locations": ["/mnt/share"] },
            { "uuid": "a", "locations": ["/mnt/share"] },
        ]));
        assert_eq!(
            changes(of_others(&was, &is, |row| row == "a")),
            Some(vec![("/mnt/share and internal".to_owned(), "/mnt/share for b".to_owned())])
        );
        assert_eq!(
            changes(of_others(&was, &is, |row| row == "b")),
            Some(vec![("internal".to_owned(), "/mnt/share for a".to_owned())])
        );
        let alone = read(&json!([{ "uuid": "a", "locations": ["internal"] }]));
        assert!(matches!(of_others(&alone, &alone, |row| row == "a"), Compared::Nothing));
    }
}
