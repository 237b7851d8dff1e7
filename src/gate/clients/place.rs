//! One place of the answers, before and after, held against what a client needs there.
//!
//! Knows: a row of a profile, and what both sides show. Must not know: operations, files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::profile::{Change, JsonType, Member};

use super::Fate;
use super::seen::Seen;

/// A place of which a client says something, and what both sides show there.
pub(super) struct At<'a> {
    pub(super) member: &'a Member,
    pub(super) before: &'a Seen,
    pub(super) after: &'a Seen,
    /// The values that the pages list there.
    pub(super) documented: BTreeSet<String>,
}

pub(super) type Told = (Fate, Change, String);

/// What is said of a change that no row of the profile speaks of.
pub(super) const UNTRIED: &str = ", and the profile doesn't say whether that breaks the client";

/// Values that a line has room for.
const MOST_VALUES: usize = 4;

impl At<'_> {
    pub(super) fn changes(&self) -> Vec<Told> {
        let mut told = Vec::new();
        // Without an instance on both sides nothing can have changed.
        if self.before.all == 0 || self.after.all == 0 {
            return told;
        }
        told.extend(self.gone());
        told.extend(self.types());
        told.extend(self.relied());
        told.extend(self.list());
        for (fate, change, text) in &mut told {
            let Member { breaks, tolerates, .. } = self.member;
            let untried = !breaks.contains(change) && !tolerates.contains(change);
            if *fate == Fate::AtRisk && untried && *change != Change::OtherValue {
                text.push_str(UNTRIED);
            }
        }
        told
    }

    /// What a change does that was seen, by what the row says of it.
    fn fate(&self, change: Change) -> Fate {
        let Member { breaks, tolerates, .. } = self.member;
        if breaks.contains(&change) {
            Fate::Breaks
        } else if tolerates.contains(&change) || !self.member.matters() {
            Fate::Safe
        } else {
            Fate::AtRisk
        }
    }

    fn gone(&self) -> Option<Told> {
        let (before, after) = (self.before, self.after);
        let lost: Vec<&String> = after
            .rows
            .iter()
            .filter(|(row, there)| !**there && before.rows.get(*row) == Some(&true))
            .map(|(row, _)| row)
            .collect();
        let missing = after.all - after.present;
        let always = before.present == before.all;
        let gone =
            missing > 0 && before.present > 0 && (!lost.is_empty() || always || after.present == 0);
        if !gone {
            return None;
        }
        let breaks = [Change::Gone, Change::Renamed]
            .iter()
            .any(|change| self.member.breaks.contains(change));
        // A row that isn't needed says so.
        let fate = if self.member.needed || breaks { Fate::Breaks } else { Fate::Safe };
        let text = if after.present == 0 {
            "the member is gone".to_owned()
        } else {
            format!("the member is gone in {missing} of {} rows", after.all)
        };
        Some((fate, Change::Gone, text))
    }

    fn types(&self) -> Vec<Told> {
        let number = |kind: JsonType| matches!(kind, JsonType::Integer | JsonType::Number);
        let was =
            || self.before.types.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        let same_number =
            |kind: JsonType| number(kind) && self.before.types.iter().any(|was| number(*was));
        let mut told = Vec::new();
        for kind in self.after.types.difference(&self.before.types) {
            let text = format!("the type was {}, and is {}", was(), kind.word());
            let needed = self.member.kind;
            if *kind == JsonType::Null {
                let fate = match self.fate(Change::Null) {
                    Fate::Safe
                        if needed.is_some() && !self.member.tolerates.contains(&Change::Null) =>
                    {
                        Fate::AtRisk
                    }
                    fate => fate,
                };
                told.push((fate, Change::Null, text));
            } else if let Some(needed) = needed {
                // Without a type of before there is nothing that it changed from.
                let fits = needed.takes(*kind);
                told.push((if fits { Fate::Safe } else { Fate::Breaks }, Change::Type, text));
            } else if !self.before.types.is_empty() && !same_number(*kind) {
                told.push((self.fate(Change::Type), Change::Type, text));
            }
        }
        told
    }

    /// What became of the values that the client relies on.
    fn relied(&self) -> Vec<Told> {
        let (before, after) = (self.before, self.after);
        let relied: BTreeSet<String> = self.member.values.iter().map(Value::to_string).collect();
        let watched = !relied.is_empty()
            || [Change::UnknownValue, Change::OtherValue]
                .iter()
                .any(|change| self.member.breaks.contains(change));
        if !watched || before.values.is_empty() || after.values.is_empty() {
            return Vec::new();
        }
        let closed = !self.documented.is_empty() || before.is_closed();
        // Where the case of letters doesn't matter, a value is known however it is written.
        let any_case = self.member.tolerates.contains(&Change::Case);
        let folded = |values: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
            values.filter(|_| any_case).map(|value| value.to_lowercase()).collect()
        };
        let known_folded = folded(&mut before.values.keys().chain(&relied).chain(&self.documented));
        let shown_folded = folded(&mut after.values.keys());
        let known = |value: &String| {
            before.values.contains_key(value)
                || relied.contains(value)
                || self.documented.contains(value)
                || known_folded.contains(&value.to_lowercase())
        };
        let new: BTreeSet<&String> = after.values.keys().filter(|value| !known(value)).collect();
        let lost: BTreeSet<&String> = relied
            .iter()
            .filter(|value| {
                before.values.contains_key(*value)
                    && !after.values.contains_key(*value)
                    && !shown_folded.contains(&value.to_lowercase())
            })
            .collect();
        // The same row had a value that is relied on, and has one now that nobody knows.
        let in_place = before.by_row.iter().any(|(row, value)| {
            lost.contains(value) && after.by_row.get(row).is_some_and(|now| new.contains(now))
        });
        let mut told = Vec::new();
        if !lost.is_empty() {
            let replaced = !new.is_empty() && (closed || in_place);
            if replaced {
                let text = format!("the value was {}, and is {}", few(&lost), few(&new));
                told.push((Fate::Breaks, Change::OtherValue, text));
            } else {
                let text = format!("the candidate doesn't show the value {}", few(&lost));
                told.push((Fate::AtRisk, Change::OtherValue, text));
            }
        } else if !new.is_empty() && closed {
            let text = format!("there is a value that nobody knows: {}", few(&new));
            told.push((self.fate(Change::UnknownValue), Change::UnknownValue, text));
        }
        told
    }

    /// What became of a list, of the members of an object, of a time stamp.
    fn list(&self) -> Vec<Told> {
        let (before, after) = (self.before, self.after);
        let mut told = Vec::new();
        let longest = |seen: &Seen| seen.lengths.iter().copied().max();
        let broken = |change: Change| self.member.breaks.contains(&change);
        if let (Some(was), Some(is)) = (longest(before), longest(after)) {
            if was > 0 && is == 0 {
                told.push((
                    self.fate(Change::Empty),
                    Change::Empty,
                    "the list is empty".to_owned(),
                ));
            }
            if was <= 1 && is >= 2 && broken(Change::Two) {
                let text = format!("the list had {was} rows, and has {is}");
                told.push((Fate::Breaks, Change::Two, text));
            }
        }
        if broken(Change::Order) && is_reordered(&before.orders, &after.orders) {
            let text = "the rows come in another order".to_owned();
            told.push((Fate::Breaks, Change::Order, text));
        }
        let more: BTreeSet<&String> = after.members.difference(&before.members).collect();
        if broken(Change::Extra) && !before.members.is_empty() && !more.is_empty() {
            let text = format!("there are more members: {}", few(&more));
            told.push((Fate::Breaks, Change::Extra, text));
        }
        if broken(Change::TimePrecision)
            && !before.precisions.is_empty()
            && !after.precisions.is_subset(&before.precisions)
        {
            let text = format!(
                "time stamps had {} digits behind the seconds, and have {}",
                super::compare::shown(&before.precisions),
                super::compare::shown(&after.precisions)
            );
            told.push((Fate::Breaks, Change::TimePrecision, text));
        }
        told
    }
}

/// Whether the rows that two lists have in common stand in another order.
fn is_reordered(before: &[Vec<String>], after: &[Vec<String>]) -> bool {
    before.iter().zip(after).any(|(one, other)| {
        let common = |list: &[String], of: &[String]| -> Vec<String> {
            list.iter().filter(|id| of.contains(id)).cloned().collect()
        };
        common(one, other) != common(other, one)
    })
}

fn few(values: &BTreeSet<&String>) -> String {
    let mut text = values
        .iter()
        .take(MOST_VALUES)
        .map(|value| crate::contract::cut(value))
        .collect::<Vec<_>>()
        .join(", ");
    if values.len() > MOST_VALUES {
        let _ = write!(text, " and {} more", values.len() - MOST_VALUES);
    }
    text
}
