//! The answers of one operation, before and after, held against what a client needs of them.
//!
//! Knows: a row of a profile for each operation and place, and what both sides show there. Only
//! answers to like requests are compared. Must not know: requirements, files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract::{Contract, Operation as Documented, Place, operation_of};
use crate::exchange::{Exchange, NoJson};
use crate::profile::{Change, Grade, Member, Operation, documented};
use crate::record::Record;

use super::place::{At, UNTRIED};
use super::seen::Seen;
use super::{Effect, Fate, NOT_SHOWN};

/// An operation of a client, with both sides' answers.
pub(super) struct Comparison<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    documented: Option<&'a Documented>,
    groups: Vec<Group<'a>>,
}

/// The answers to like requests: before, and after.
struct Group<'a> {
    before: Vec<&'a Exchange>,
    after: Vec<&'a Exchange>,
}

/// The bodies of both sides.
struct Bodies {
    before: Vec<Value>,
    after: Vec<Value>,
    /// Whether a bound of ours cut a body of the candidate.
    cut: bool,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        contract: &'a Contract,
        operation: &'a Operation,
        [before, after]: [&'a Record; 2],
        recorded: bool,
    ) -> Self {
        let known = documented(contract, operation);
        let mut groups: BTreeMap<(String, String), Group<'a>> = BTreeMap::new();
        for (side, record) in [(0, before), (1, after)] {
            let of_it = record.exchanges().filter(|exchange| {
                let sent = &exchange.sent;
                let target = sent.target.split('?').next().unwrap_or_default();
                operation_of(contract, &sent.method, target)
                    .is_some_and(|id| known.is_some_and(|known| known.id == id))
            });
            for exchange in of_it {
                let names = query_names(exchange);
                let key = if recorded {
                    (names.into_iter().collect::<Vec<_>>().join("&"), String::new())
                } else {
                    (exchange.case.clone(), exchange.step.clone())
                };
                let group = groups
                    .entry(key)
                    .or_insert_with(|| Group { before: Vec::new(), after: Vec::new() });
                if side == 0 { group.before.push(exchange) } else { group.after.push(exchange) }
            }
        }
        let succeeded = |group: &&Group<'_>| group.before.iter().any(|one| is_success(one));
        let sends: BTreeSet<&str> = operation.query.iter().map(String::as_str).collect();
        let like_it = |group: &&Group<'_>| {
            group
                .before
                .iter()
                .any(|one| query_names(one).iter().all(|name| sends.contains(name.as_str())))
        };
        let all: Vec<Group<'a>> = groups.into_values().collect();
        let any = all.iter().filter(succeeded).any(|group| like_it(&group));
        let groups = all
            .into_iter()
            .filter(|group| succeeded(&group) && (!any || like_it(&group)))
            .collect();
        Self { contract, operation, documented: known, groups }
    }

    /// What both sides' answers do to the client.
    pub(super) fn effects(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let name = self.operation.name();
        let missing = match (self.documented, self.groups.as_slice()) {
            (None, _) => Some("the contract doesn't know it, so that its answers aren't compared"),
            (_, []) => Some("the baseline has no successful answer of it"),
            (_, groups) if groups.iter().all(|group| group.after.is_empty()) => {
                Some("the candidate has no answer of it")
            }
            _ => None,
        };
        if let Some(text) = missing {
            return vec![Effect {
                fate: Self::graded(Fate::AtRisk, Change::Refused, self.operation.grade),
                operation: name,
                place: String::new(),
                change: NOT_SHOWN.to_owned(),
                text: text.to_owned(),
            }];
        }
        for group in &self.groups {
            self.statuses(group, &mut effects);
        }
        let bodies: Vec<Bodies> = self.groups.iter().map(Group::bodies).collect();
        if bodies.iter().any(|group| group.cut) {
            effects.push(
                self.effect(
                    Fate::AtRisk,
                    "",
                    NOT_SHOWN,
                    "a body was cut at the limit of the record, so that the rest isn't compared"
                        .to_owned(),
                ),
            );
        }
        for member in &self.operation.needs {
            effects.extend(self.member(member, &bodies));
        }
        effects.extend(self.lists(&bodies));
        effects
    }

    fn effect(&self, fate: Fate, place: &str, change: &str, text: String) -> Effect {
        Effect {
            fate,
            operation: self.operation.name(),
            place: place.to_owned(),
            change: change.to_owned(),
            text,
        }
    }

    /// What a client that can do without something makes of it.
    fn graded(fate: Fate, change: Change, grade: Grade) -> Fate {
        match grade {
            Grade::Recommended => fate.min(Fate::AtRisk),
            Grade::IfImplemented if matches!(change, Change::Gone | Change::Refused) => Fate::Safe,
            Grade::Mandatory | Grade::IfImplemented => fate,
        }
    }

    /// What other statuses do to it.
    fn statuses(&self, group: &Group<'_>, effects: &mut Vec<Effect>) {
        let of = |side: &[&Exchange], success: bool| -> BTreeSet<u16> {
            let all = side.iter().filter_map(|one| one.got.as_ref().map(|got| got.status));
            all.filter(|status| (200..300).contains(status) == success).collect()
        };
        let (before, after) = (of(&group.before, true), of(&group.after, true));
        let refused = of(&group.after, false);
        let (Operation { breaks, tolerates, .. }, was) = (self.operation, shown(&before));
        let mut say = |fate: Fate, change: Change, text: String| {
            let fate = Self::graded(fate, change, self.operation.grade);
            effects.push(self.effect(fate, "", change.word(), text));
        };
        let fate = |needed: bool, change: Change| {
            if needed || breaks.contains(&change) {
                Fate::Breaks
            } else if tolerates.contains(&change) {
                Fate::Safe
            } else {
                Fate::AtRisk
            }
        };
        if after.is_empty() && !refused.is_empty() {
            let needed = self.operation.needs_answer && !tolerates.contains(&Change::Refused);
            let text = format!("it was answered with {was}, and now with {}", shown(&refused));
            say(fate(needed, Change::Refused), Change::Refused, text);
        } else if after.is_empty() && !group.after.is_empty() {
            say(Fate::AtRisk, Change::Refused, "the candidate gave no answer".to_owned());
        }
        for status in after.difference(&before) {
            let change = if *status == 204 { Change::NoContent } else { Change::Status };
            let needed = self.operation.needs_status && !tolerates.contains(&change);
            let (fate, mut text) = (
                fate(needed, change),
                format!("it was answered with {was}, and now with {status}"),
            );
            if fate == Fate::AtRisk {
                text.push_str(UNTRIED);
            }
            say(fate, change, text);
        }
    }

    /// What both sides show at a place, and what that does to the client.
    fn member(&self, member: &Member, bodies: &[Bodies]) -> Vec<Effect> {
        let ids = &self.contract.appliance.ids;
        let mut effects = Vec::new();
        let (mut shown_before, mut shown_after) = (false, false);
        for group in bodies {
            let before = Seen::of(&group.before, &member.path, ids);
            let after = Seen::of(&group.after, &member.path, ids);
            shown_before |= before.present > 0;
            shown_after |= after.present > 0;
            let at = At { member, before: &before, after: &after, documented: self.values(member) };
            for (fate, change, text) in at.changes() {
                let fate = Self::graded(fate, change, member.grade);
                effects.push(self.effect(fate, &member.path, change.word(), text));
            }
        }
        let told = effects.iter().any(|effect| effect.change == Change::Gone.word());
        if member.matters() && !shown_after && !told {
            let text = if shown_before {
                "the baseline has it, and the candidate shows nothing that could have it"
            } else {
                "neither run shows it"
            };
            let fate = Self::graded(Fate::AtRisk, Change::Gone, member.grade);
            effects.push(self.effect(fate, &member.path, NOT_SHOWN, text.to_owned()));
        }
        effects
    }

    /// The values that the pages list at a place.
    fn values(&self, member: &Member) -> BTreeSet<String> {
        match self.documented.map(|known| self.contract.place(known, &member.path)) {
            Some(Place::Named(values)) => values,
            _ => BTreeSet::new(),
        }
    }

    /// What is said of the lists of a whole answer: the answer itself, or its members.
    fn lists(&self, bodies: &[Bodies]) -> Vec<Effect> {
        let said = |list: &[Change]| -> Vec<Change> {
            list.iter()
                .copied()
                .filter(|one| matches!(one, Change::Empty | Change::Two | Change::Order))
                .collect()
        };
        let (breaks, tolerates) = (said(&self.operation.breaks), said(&self.operation.tolerates));
        if breaks.is_empty() {
            return Vec::new();
        }
        let mut places: BTreeSet<String> = BTreeSet::new();
        for body in bodies.iter().flat_map(|group| &group.before) {
            match body {
                Value::Array(_) => drop(places.insert(String::new())),
                Value::Object(members) => places.extend(
                    members
                        .iter()
                        .filter(|(_, value)| value.is_array())
                        .map(|(name, _)| format!("/{}", crate::pointer::escape(name))),
                ),
                _ => {}
            }
        }
        let rows = places.iter().map(|path| Member {
            breaks: breaks.clone(),
            tolerates: tolerates.clone(),
            grade: self.operation.grade,
            ..Member::at(path, self.operation.known)
        });
        rows.flat_map(|row| self.member(&row, bodies))
            .filter(|effect| effect.change != NOT_SHOWN)
            .collect()
    }
}

impl Group<'_> {
    fn bodies(&self) -> Bodies {
        let of = |side: &[&Exchange]| -> (Vec<Value>, bool) {
            let (mut bodies, mut cut) = (Vec::new(), false);
            for got in side.iter().filter(|one| is_success(one)).filter_map(|one| one.got.as_ref())
            {
                match got.json() {
                    Ok(body) => bodies.push(body),
                    Err(NoJson::Bound(_)) => cut = true,
                    Err(_) => {}
                }
            }
            (bodies, cut)
        };
        let ((before, _), (after, cut)) = (of(&self.before), of(&self.after));
        Bodies { before, after, cut }
    }
}

fn is_success(exchange: &Exchange) -> bool {
    exchange.got.as_ref().is_some_and(|got| (200..300).contains(&got.status))
}

fn query_names(exchange: &Exchange) -> BTreeSet<String> {
    let query = exchange.sent.target.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split('=').next().unwrap_or(pair).to_owned())
        .collect()
}

pub(super) fn shown<T: ToString>(list: &BTreeSet<T>) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
