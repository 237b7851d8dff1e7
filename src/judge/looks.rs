//! What a case has seen in lists, in the order in which it saw it, and what that proves.
//!
//! Knows: readings, and between which two looks a step was accepted. Must not know: verdicts. A
//! reading that isn't sure says so, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::catalogue::{Appeared, Step};
use crate::catalogue::{Facts, fill};
use crate::contract::{Contract, Listed, Reading, Reads, Words};
use crate::exchange::Received;

/// The lists that a case has seen.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// The operation, and the list; none where it couldn't be had.
    all: Vec<(String, Option<Arc<Value>>)>,
    /// How many looks there were when a step was accepted.
    marks: BTreeMap<String, usize>,
    /// How many there were when the record ended that this case is taken up from.
    recorded: Option<usize>,
}

/// What the looks before and after a step say of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// It wasn't there before and is there after.
    Appeared,
    /// It wasn't there before and isn't there now.
    Nothing,
    /// It was there before.
    Before,
    /// What was there before isn't there any more.
    Lost,
    /// Nobody can say, for this reason.
    Unknown(String),
}

impl Looks {
    /// Keeps a list that was read.
    pub(super) fn note(&mut self, step: &Step, got: Option<&Received>, body: Option<&Arc<Value>>) {
        let had = got.filter(|got| (200..300).contains(&got.status));
        let list = had.and_then(|got| {
            if got.body.bytes == 0 {
                Some(Arc::new(Value::Array(Vec::new())))
            } else {
                body.cloned()
            }
        });
        self.all.push((step.operation.clone(), list));
    }

    /// Notes that a step was accepted.
    pub(super) fn mark(&mut self, step: &str) {
        let seen = self.all.len();
        self.marks.entry(step.to_owned()).or_insert(seen);
    }

    /// From now on a look shows what is there, and no longer what a step of the record brought
    /// about.
    pub(super) fn record_ends(&mut self) {
        self.recorded = Some(self.all.len());
    }

    /// The last look before a step was accepted.
    pub(super) fn before(&self, by: &str, operation: &str) -> Option<&Value> {
        let mark = *self.marks.get(by)?;
        self.all[..mark].iter().rev().find(|(of, _)| of == operation)?.1.as_deref()
    }

    /// The last look, if it came after a step was accepted.
    fn after(&self, by: &str, operation: &str, until: usize) -> Option<&Value> {
        let mark = *self.marks.get(by)?;
        self.all.get(mark..until)?.iter().rev().find(|(of, _)| of == operation)?.1.as_deref()
    }

    /// Whether any look of this case had a value of a reading that is called so.
    pub(super) fn knows(&self, operation: &str, reading: &Reading, word: &str) -> bool {
        self.reads(operation, reading).any(|reads| reads.knows(word))
    }

    /// Whether any look of this case had such a row.
    pub(super) fn had(&self, operation: &str, reading: &Reading, key: &str) -> bool {
        self.reads(operation, reading).any(|reads| reads.of(key).is_some())
    }

    fn reads(&self, operation: &str, reading: &Reading) -> impl Iterator<Item = Reads> {
        self.all
            .iter()
            .filter(move |(of, _)| of == operation)
            .filter_map(|(_, list)| reading.read(list.as_deref()?))
    }

    /// What a row of a reading is, in one word.
    pub(super) fn what<'c>(contract: &'c Contract, reading: &str) -> &'c str {
        contract
            .operations
            .values()
            .flat_map(|operation| &operation.readings)
            .find(|known| known.name == reading)
            .map_or("row", |reading| reading.what.as_str())
    }

    /// Whether something was seen to appear.
    pub(super) fn sight(&self, contract: &Contract, appeared: &Appeared, facts: &Facts) -> Sight {
        let Some((operation, reading)) = contract.operations.values().find_map(|operation| {
            Some((
                operation,
                operation.readings.iter().find(|reading| reading.name == appeared.reading)?,
            ))
        }) else {
            return Sight::Unknown(format!(
                "no operation declares a reading `{}`",
                appeared.reading
            ));
        };
        let (key, place) = (filled(&appeared.key, facts), filled(&appeared.place, facts));
        let Some(before) =
            self.before(&appeared.by, &operation.id).and_then(|list| reading.read(list))
        else {
            return Sight::Unknown(format!(
                "no readable list was received before step `{}`",
                appeared.by
            ));
        };
        let within = |until: usize| {
            self.after(&appeared.by, &operation.id, until).and_then(|list| reading.read(list))
        };
        let Some(after) = within(self.all.len()) else {
            return Sight::Unknown(format!(
                "no readable list was received after step `{}`",
                appeared.by
            ));
        };
        let now = compared(reading, &before, &after, &key, &place);
        if now != Sight::Appeared {
            return now;
        }
        match self.recorded.map(|until| {
            within(until).map(|after| compared(reading, &before, &after, &key, &place))
        }) {
            None | Some(Some(Sight::Appeared)) => now,
            Some(_) => Sight::Unknown(format!(
                "the record ends before anything was seen to appear at {place}, so what is there \
                    now may be somebody else's"
            )),
        }
    }
}

fn compared(reading: &Reading, before: &Reads, after: &Reads, key: &str, place: &str) -> Sight {
    let unknown = |why: &str| Sight::Unknown(why.to_owned());
    let Some((listed, values)) =
        before.of(key).and_then(|listed| Some((listed, listed.values.as_ref()?)))
    else {
        return unknown("the earlier list didn't say where it was");
    };
    if listed.has(place) {
        return Sight::Before;
    }
    let Some(now) = after.of(key) else { return unknown("the list no longer has it") };
    let Some(lies) = now.values.as_ref() else {
        return unknown("the list doesn't say where it is");
    };
    if values.is_empty() || !values.iter().all(|value| lies.contains(value)) {
        return Sight::Lost;
    }
    if now.has(place) {
        return Sight::Appeared;
    }
    if before.knows(place) || after.knows(place) || named_otherwise(reading, now, place) {
        Sight::Nothing
    } else {
        Sight::Unknown(never_named(place))
    }
}

/// Whether all places of a row are known to be others than this one.
pub(super) fn named_otherwise(reading: &Reading, listed: &Listed, place: &str) -> bool {
    let is_path = place.starts_with('/');
    let other = |value: &Words| {
        if reading.is_here(value) {
            reading.here.as_deref() != Some(place)
        } else {
            reading.mount_point(value).is_some() && (!is_path || !value.is(place))
        }
    };
    listed.values.as_ref().is_some_and(|values| !values.is_empty() && values.iter().all(other))
}

/// Why a reading doesn't say that something isn't there.
pub(super) fn never_named(place: &str) -> String {
    format!(
        "no row of the list names {place}; the list may use another name for it, so it isn't \
            known whether something is there"
    )
}

pub(super) fn filled(text: &str, facts: &Facts) -> String {
    fill(text, facts, &mut Vec::new(), str::to_owned)
}

/// The values of a member in the rows of a list, in lower case.
pub(super) fn texts(
    list: &Value,
    at: &str,
    members: &[&str],
    take: &str,
) -> Option<BTreeSet<String>> {
    let lists = crate::rows::lists(list, at, members)?;
    Some(
        lists
            .iter()
            .flat_map(|list| list.rows)
            .filter_map(|row| row.pointer(take))
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_ascii_lowercase))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reading() -> Reading {
        let name = |name: &str| vec![name.to_owned()];
        Reading {
            name: String::new(),
            list: "/backups".to_owned(),
            key: name("uuid"),
            value: name("locations"),
            what: "backup".to_owned(),
            here: Some("internal".to_owned()),
            local: name("lxca"),
        }
    }

    fn reads(rows: impl Into<Value>) -> Reads {
        let rows: Value = rows.into();
        reading().read(&json!({ "backups": rows })).unwrap()
    }

    fn sight(before: &[&str], after: &[&str], place: &str) -> Sight {
        compared(
            &reading(),
            &reads(json!([{ "uuid": "a", "locations": before }])),
            &reads(json!([{ "uuid": "a", "locations": after }])),
            "A",
            place,
        )
    }

    #[test]
    fn only_what_comes_in_the_very_words_has_appeared() {
        assert_eq!(sight(&["/mnt/s"], &["/mnt/s", "internal"], "internal"), Sight::Appeared);
        assert_eq!(sight(&["internal"], &["internal", "/mnt/s/"], "/mnt/s"), Sight::Appeared);
        assert_eq!(sight(&["/mnt/s"], &["/mnt/s"], "internal"), Sight::Nothing);
        assert_eq!(
            sight(&["/mnt/s", "internal"], &["/mnt/s", "internal"], "internal"),
            Sight::Before
        );
    }

    #[test]
    fn a_place_in_other_words_proves_nothing() {
        for (before, after) in [
            (&["/mnt/s"][..], &["/mnt/s", "LXCA"][..]),
            (&["/mnt/s", "LXCA"], &["/mnt/s", "LXCA"]),
            // The words changed between the two looks.
            (&["/mnt/s", "LXCA"], &["/mnt/s", "internal"]),
            // The original is gone.
            (&["/mnt/s"], &["internal"]),
            (&[], &["internal"]),
        ] {
            assert!(
                matches!(sight(before, after, "internal"), Sight::Unknown(_) | Sight::Lost),
                "{before:?} {after:?}"
            );
        }
    }
}
