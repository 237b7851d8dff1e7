//! Values that are read by declared candidates: what a step expects of them, and what a case
//! assumes.
//!
//! Knows: readings, and what the case has seen in lists. A reading accuses only in words that it
//! was seen to use. Must not know: schemas.

use serde_json::Value;

use crate::catalogue::Step;
use crate::contract::{Contract, Listed, Reading, Reads};
use crate::plan::Facts;
use crate::rows;

use super::answer::{Judged, finding};
use super::looks::{Looks, filled, named_otherwise, never_named};

/// What a reading says of a row.
enum Found {
    Unreadable(String),
    Absent(String),
    Listed(Listed),
}

/// A reading, and what it gives for one answer.
struct Look<'a> {
    reading: &'a Reading,
    reads: Reads,
    operation: &'a str,
    looks: &'a Looks,
}

impl<'a> Look<'a> {
    fn new(
        contract: &'a Contract,
        step: &'a Step,
        name: &str,
        body: Option<&Value>,
        looks: &'a Looks,
    ) -> Result<Self, String> {
        let operation = contract.operations.get(&step.operation);
        let reading = operation
            .and_then(|operation| operation.readings.iter().find(|reading| reading.name == name));
        let reading =
            reading.ok_or_else(|| format!("`{}` declares no reading `{name}`", step.operation))?;
        let reads = body.and_then(|body| reading.read(body)).ok_or_else(|| {
            format!(
                "the answer has no list that can be identified as the one with {}",
                reading.list.trim_start_matches('/')
            )
        })?;
        Ok(Self { reading, reads, operation: &step.operation, looks })
    }

    fn of(&self, key: &str) -> Found {
        match self.reads.of(key) {
            None if self.reads.nameless => Found::Unreadable(format!(
                "some rows have none of the members {}",
                self.reading.key.join(", ")
            )),
            None => Found::Absent(key.to_owned()),
            Some(listed) if listed.values.is_none() => Found::Unreadable(format!(
                "none of the members {} is present",
                self.reading.value.join(", ")
            )),
            Some(listed) => Found::Listed(listed.clone()),
        }
    }

    /// Whether this answer, or one that the case had before, has that word.
    fn knows(&self, word: &str) -> bool {
        self.reads.knows(word) || self.looks.knows(self.operation, self.reading, word)
    }
}

/// Judges what a step expects of readings; false where one doesn't hold.
pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    looks: &Looks,
    body: Option<&Value>,
    primary: &str,
    judged: &mut Judged,
) -> bool {
    let mut all_hold = true;
    for read in step.expect.reads.iter().filter(|read| read.as_in.is_none()) {
        let requirement = read.requirement.as_deref().unwrap_or(primary).to_owned();
        let key = filled(&read.key, facts);
        let look = match Look::new(contract, step, &read.reading, body, looks) {
            Ok(look) => look,
            Err(reason) => {
                judged.missed.insert(requirement, reason);
                continue;
            }
        };
        match look.of(&key) {
            Found::Unreadable(reason) => {
                judged.missed.insert(requirement, reason);
            }
            Found::Absent(_) if read.includes.is_empty() && !read.any => {
                judged.reach(contract, &requirement);
            }
            Found::Absent(key) if looks.had(&step.operation, look.reading, &key) => {
                judged.reach(contract, &requirement);
                all_hold = false;
                judged.findings.push(finding(
                    contract,
                    "reading",
                    &requirement,
                    "",
                    &format!("a row for {key}"),
                    "no such row",
                    step,
                ));
            }
            Found::Absent(key) => {
                judged.missed.insert(requirement, format!("no list of this case has {key}"));
            }
            Found::Listed(listed) => {
                let wanted: Vec<String> =
                    read.includes.iter().map(|text| filled(text, facts)).collect();
                let unwanted: Vec<String> =
                    read.excludes.iter().map(|text| filled(text, facts)).collect();
                let lacking: Vec<&String> =
                    wanted.iter().filter(|place| !listed.has(place)).collect();
                let nowhere = read.any && listed.values.iter().flatten().next().is_none();
                let wrong = nowhere
                    || unwanted.iter().any(|place| listed.has(place))
                    || lacking.iter().any(|place| look.knows(place));
                if let Some(place) = lacking.first().filter(|_| !wrong) {
                    judged.missed.insert(requirement, never_named(place));
                    continue;
                }
                if let Some(place) = unwanted.iter().find(|place| {
                    !wrong && !look.knows(place) && !named_otherwise(look.reading, &listed, place)
                }) {
                    judged.missed.insert(requirement, never_named(place));
                    continue;
                }
                judged.reach(contract, &requirement);
                if wrong {
                    all_hold = false;
                    let expected = [
                        read.any.then(|| "to be somewhere".to_owned()),
                        (!wanted.is_empty()).then(|| format!("to be at {}", wanted.join(", "))),
                        (!unwanted.is_empty())
                            .then(|| format!("not to be at {}", unwanted.join(", "))),
                    ];
                    let expected = expected.into_iter().flatten().collect::<Vec<_>>().join(" and ");
                    let places = shown(&listed);
                    let actual = format!(
                        "it lies at {}",
                        if places.is_empty() { "no place" } else { &places }
                    );
                    judged.findings.push(finding(
                        contract,
                        "reading",
                        &requirement,
                        &listed.pointer,
                        &expected,
                        &actual,
                        step,
                    ));
                }
            }
        }
    }
    all_hold
}

fn shown(listed: &Listed) -> String {
    listed.values.iter().flatten().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What an assumption amounts to.
pub(super) enum Assumed {
    /// It is so.
    Proved,
    /// It can't be seen, for this reason.
    Unknown(String),
    /// It isn't so.
    Not(String),
}

pub(super) fn assumed(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    looks: &Looks,
    status: u16,
    body: Option<&Value>,
) -> Assumed {
    let Some(assume) = &step.assume else { return Assumed::Proved };
    if !assume.status.is_empty() && !assume.status.contains(&status) {
        return Assumed::Not(format!(
            "step `{}` got {status}, so there is nothing to check",
            step.name
        ));
    }
    if let Some(pointer) = assume
        .absent
        .iter()
        .find(|pointer| body.is_some_and(|body| body.pointer(pointer).is_some()))
    {
        return Assumed::Not(format!(
            "step `{}` shows something at {pointer}, which the case doesn't touch",
            step.name
        ));
    }
    if let (Some(most), Some(body)) = (assume.at_most, body) {
        let like: Vec<&str> = assume.like.iter().map(String::as_str).collect();
        match rows::lists(body, "", &like)
            .map(|lists| lists.iter().map(|list| list.rows.len()).sum::<usize>())
        {
            None => {
                return Assumed::Not(format!(
                    "it isn't known how many rows the list of step `{}` has, so the case doesn't \
                        touch it",
                    step.name
                ));
            }
            Some(rows) if rows > most => {
                return Assumed::Not(format!(
                    "the list of step `{}` has {rows} rows, and the case doesn't touch a list of \
                        more than {most}",
                    step.name
                ));
            }
            Some(_) => {}
        }
    }
    let Some(name) = &assume.reading else { return Assumed::Proved };
    let look = match Look::new(contract, step, name, body, looks) {
        Ok(look) => look,
        Err(reason) => return Assumed::Unknown(reason),
    };
    let (key, what) = (filled(&assume.key, facts), &look.reading.what);
    let listed = match look.of(&key) {
        Found::Absent(key) => return Assumed::Not(format!("the appliance lists no {key}")),
        Found::Unreadable(_)
            if assume.includes.is_empty()
                && assume.excludes.is_empty()
                && look.reads.of(&key).is_some() =>
        {
            return Assumed::Proved;
        }
        Found::Unreadable(reason) => return Assumed::Unknown(reason),
        Found::Listed(listed) => listed,
    };
    let mut unknown = None;
    for place in assume.excludes.iter().map(|text| filled(text, facts)) {
        if listed.has(&place) {
            return Assumed::Not(format!("the {what} {key} is already at {place}"));
        }
        if !look.knows(&place) && !named_otherwise(look.reading, &listed, &place) {
            unknown = Some(never_named(&place));
        }
    }
    for place in
        assume.includes.iter().map(|text| filled(text, facts)).filter(|place| !listed.has(place))
    {
        if look.knows(&place) || named_otherwise(look.reading, &listed, &place) {
            return Assumed::Not(format!("the {what} {key} isn't at {place}"));
        }
        unknown = Some(never_named(&place));
    }
    unknown.map_or(Assumed::Proved, Assumed::Unknown)
}
