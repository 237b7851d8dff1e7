//! What the rows of one answer have to do with those of another: what one list names, the other
//! has; what both say of one thing is the same; and what one says of it, the other says too.
//!
//! Knows: `relates` of a step. A row without a name, and a list that isn't there, say nothing. Must
//! not know: which operations are asked, or what their rows are.

mod has;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalogue::{Holds, Relation, Step};
use crate::contract::{Contract, shown};
use crate::plan::Facts;
use crate::pointer::escape;
use crate::rows::places;

use super::agreement::Reading;
use super::answer::{Judged, finding};
use super::members::has;
use super::same::{same, written};
use super::status::primary_requirement;

/// So many differences of one relation are told.
const MOST: usize = 5;

/// A row, and where it is.
type Row<'a> = (String, &'a Value);

/// Where two answers differ, what was due there, and what is there.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    pointer: String,
    expected: String,
    actual: String,
}

/// What is counted down may be rounded up in one answer and down in another.
const ROUNDED: f64 = 1.0;

/// Why two answers aren't compared.
#[derive(Debug, PartialEq, Eq)]
enum Silent {
    /// Nothing in them is about the same.
    Nothing,
    /// The rows have nothing that this answer must have.
    NoMember,
    /// No row is in both, though there are rows that could be.
    NoRow,
}

/// Holds the answer of a step against those of earlier steps.
pub(super) fn judge(
    contract: &Contract,
    step: &Step,
    facts: &Facts,
    before: &[Reading],
    judged: &mut Judged,
) {
    for relation in &step.expect.relates {
        let requirement =
            relation.requirement.clone().unwrap_or_else(|| primary_requirement(contract, step));
        let theirs = before.iter().find(|(name, _)| *name == relation.with);
        let compared = match (&judged.body, theirs) {
            (Some(own), Some((_, Some(theirs)))) => compare(relation, facts, own, theirs),
            _ => Err(Silent::Nothing),
        };
        let differences = match compared {
            Ok(differences) => differences,
            Err(silent) => {
                say_nothing(relation, requirement, &silent, judged);
                continue;
            }
        };
        judged.reach(contract, &requirement);
        for difference in differences.into_iter().take(MOST) {
            let Difference { pointer, expected, actual } = difference;
            judged.findings.push(finding(
                contract,
                "agreement",
                &requirement,
                &pointer,
                &expected,
                &actual,
                step,
            ));
        }
    }
}

/// Notes that nothing was compared, and why.
fn say_nothing(relation: &Relation, requirement: String, silent: &Silent, judged: &mut Judged) {
    let with = &relation.with;
    let why = match silent {
        Silent::Nothing => format!("nothing in the answers is to be compared with `{with}`"),
        Silent::NoMember => {
            format!(
                "no row of the answer to `{with}` that is here too has {}",
                either(&relation.has)
            )
        }
        Silent::NoRow => {
            let why = format!("none of the rows of the answer to `{with}` is in this answer");
            // Somebody may have taken them away; whoever shows none that is there would pass.
            judged.unjudged.get_or_insert_with(|| why.clone());
            why
        }
    };
    judged.missed.insert(requirement, why);
}

fn either(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

fn compare(
    relation: &Relation,
    facts: &Facts,
    own: &Value,
    theirs: &Value,
) -> Result<Vec<Difference>, Silent> {
    let own: Vec<Row<'_>> = places(own, &relation.own)
        .ok_or(Silent::Nothing)?
        .into_iter()
        .filter(|(_, row)| has(row, &relation.members, facts))
        .collect();
    let mut theirs = places(theirs, &relation.theirs).ok_or(Silent::Nothing)?;
    theirs.truncate(relation.most.unwrap_or(usize::MAX));
    let their_key = relation.their_key.as_ref().unwrap_or(&relation.key);
    let with = &relation.with;
    let (named, known) = (by_name(&own, &relation.key), by_name(&theirs, their_key));
    let compared = match relation.holds {
        Holds::Has => return has::compare(relation, &own, &theirs),
        Holds::Within => {
            let lost = own.iter().filter_map(|(place, row)| {
                let name = name(row, &relation.key)?;
                (!known.contains_key(&name)).then(|| Difference {
                    pointer: format!("{place}{}", relation.key),
                    expected: format!("one that the answer to `{with}` has"),
                    actual: shown(row.pointer(&relation.key).unwrap_or(&Value::Null)),
                })
            });
            (!named.is_empty()).then(|| lost.collect())
        }
        Holds::Covers => {
            let lost = known.iter().filter(|(name, _)| !named.contains_key(*name));
            (!known.is_empty()).then(|| {
                lost.map(|(_, (place, row))| Difference {
                    pointer: relation.own.trim_end_matches("/*").to_owned(),
                    expected: format!(
                        "{}, which the answer to `{with}` has at {place}",
                        shown(row.pointer(their_key).unwrap_or(&Value::Null))
                    ),
                    actual: "absent".to_owned(),
                })
                .collect()
            })
        }
        Holds::Same => same_members(relation, &named, &known),
    };
    compared.ok_or(Silent::Nothing)
}

/// Rows by the names that they have.
type Named<'a, 'b> = BTreeMap<String, (&'b str, &'a Value)>;

/// Where rows of one name differ in what is compared; `None` where nothing is.
fn same_members(
    relation: &Relation,
    named: &Named<'_, '_>,
    known: &Named<'_, '_>,
) -> Option<Vec<Difference>> {
    let with = &relation.with;
    let mut compared = false;
    let mut differences = Vec::new();
    for (name, (place, row)) in named {
        let Some((there, other)) = known.get(name) else { continue };
        let equal = relation.same.iter().map(|member| (member, false));
        let less = relation.not_more.iter().map(|member| (member, true));
        for (member, may_be_less) in equal.chain(less) {
            let (Some(value), Some(wanted)) = (row.get(member), other.get(member)) else {
                continue;
            };
            let (holds, or_less) = if may_be_less {
                // What is no number is told at its schema.
                let (Some(is), Some(was)) = (value.as_f64(), wanted.as_f64()) else {
                    continue;
                };
                (is <= was + ROUNDED, " or less")
            } else {
                (same(value, wanted), "")
            };
            compared = true;
            if !holds {
                differences.push(Difference {
                    pointer: format!("{place}/{}", escape(member)),
                    expected: format!(
                        "{}{or_less}, as the answer to `{with}` says at {there}",
                        shown(wanted)
                    ),
                    actual: shown(value),
                });
            }
        }
    }
    compared.then_some(differences)
}

/// The rows by their names; of several with one name the first.
fn by_name<'a, 'b>(rows: &'b [Row<'a>], key: &str) -> Named<'a, 'b> {
    let mut found = BTreeMap::new();
    for (place, row) in rows {
        if let Some(name) = name(row, key) {
            found.entry(name).or_insert((place.as_str(), *row));
        }
    }
    found
}

/// What names a row: the letters of an id may be of either case.
fn name(row: &Value, key: &str) -> Option<String> {
    match row.pointer(key)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_ascii_lowercase()),
        Value::Number(number) => Some(written(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    pub(super) fn relation(holds: Holds) -> Relation {
        Relation {
            with: "list".to_owned(),
            holds,
            own: "/plants/*".to_owned(),
            members: BTreeMap::new(),
            theirs: "/beds/*/plants/*".to_owned(),
            key: "/id".to_owned(),
            their_key: None,
            most: None,
            same: Vec::new(),
            not_more: Vec::new(),
            has: Vec::new(),
            requirement: None,
        }
    }

    fn found(relation: &Relation, own: &Value, theirs: &Value) -> Option<Vec<(String, String)>> {
        let differences = compare(relation, &Facts::new(), own, theirs).ok()?;
        Some(differences.into_iter().map(|one| (one.pointer, one.actual)).collect())
    }

    fn at(pointer: &str, actual: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), actual.to_owned())]
    }

    #[test]
    fn what_is_counted_down_may_be_less_and_never_more_than_a_second() {
        let beds = json!({ "beds": [{ "plants": [{ "id": "A", "days": 71 }] }] });
        let same = Relation { not_more: vec!["days".to_owned()], ..relation(Holds::Same) };
        let told =
            |days: Value| found(&same, &json!({ "plants": [{ "id": "a", "days": days }] }), &beds);
        assert_eq!(told(json!(70)), Some(vec![]));
        assert_eq!(told(json!(72)), Some(vec![]));
        assert_eq!(told(json!(73)), Some(at("/plants/0/days", "73")));
        assert_eq!(told(json!("71")), None);
    }

    #[test]
    fn what_one_answer_names_the_other_must_have() {
        let beds = json!({ "beds": [{ "plants": [{ "id": "A" }] }, { "plants": [{ "id": 7 }] }] });
        let within = relation(Holds::Within);
        let all = json!({ "plants": [{ "id": "a" }, { "id": "7" }, { "id": null }, {}] });
        assert_eq!(found(&within, &all, &beds), Some(vec![]));
        let more = json!({ "plants": [{ "id": "a" }, { "id": "b" }] });
        assert_eq!(found(&within, &more, &beds), Some(at("/plants/1/id", "\"b\"")));
        let covers = relation(Holds::Covers);
        assert_eq!(found(&covers, &all, &beds), Some(vec![]));
        assert_eq!(found(&covers, &more, &beds), Some(at("/plants", "absent")));
        let first = Relation { most: Some(1), ..relation(Holds::Covers) };
        assert_eq!(found(&first, &more, &beds), Some(vec![]));
    }

    #[test]
    fn only_rows_that_have_the_members_count_and_a_name_may_be_called_otherwise_there() {
        let mut within = relation(Holds::Within);
        within.key = "/bed/id".to_owned();
        within.their_key = Some("/name".to_owned());
        within.theirs = "/beds/*".to_owned();
        within.members = BTreeMap::from([("kind".to_owned(), json!("rose"))]);
        let own = json!({ "plants": [
            { "kind": "rose", "bed": { "id": "north" } },
            { "kind": "weed", "bed": { "id": "nowhere" } },
        ] });
        let beds = |name: &str| json!({ "beds": [{ "name": name }] });
        assert_eq!(found(&within, &own, &beds("North")), Some(vec![]));
        assert_eq!(found(&within, &own, &beds("south")), Some(at("/plants/0/bed/id", "\"north\"")));
    }

    #[test]
    fn rows_of_one_name_say_the_same_in_the_members_that_both_have() {
        let mut same = relation(Holds::Same);
        same.own = String::new();
        same.same = ["colour", "height"].map(str::to_owned).to_vec();
        let list = json!({ "beds": [{ "plants": [
            { "id": "b", "colour": "red" },
            { "id": "a", "colour": "red", "height": 1, "age": 3 },
        ] }] });
        let one = |colour: &str| json!({ "id": "a", "colour": colour, "height": 1.0, "age": 4 });
        assert_eq!(found(&same, &one("red"), &list), Some(vec![]));
        assert_eq!(found(&same, &one("blue"), &list), Some(at("/colour", "\"blue\"")));
        assert_eq!(found(&same, &json!({ "id": "a" }), &list), None, "nothing is in both");
        assert_eq!(found(&same, &json!({ "id": "c", "colour": "red" }), &list), None);
    }

    #[test]
    fn where_a_list_is_missing_or_empty_nothing_is_said() {
        let beds = json!({ "beds": [{ "plants": [{ "id": "a" }] }] });
        let within = relation(Holds::Within);
        assert_eq!(found(&within, &json!({ "plants": [] }), &beds), None);
        assert_eq!(found(&within, &json!({}), &beds), None);
        assert_eq!(found(&within, &json!({ "plants": [{ "id": "a" }] }), &json!({})), None);
        let empty = json!({ "beds": [{ "plants": [] }] });
        assert_eq!(
            found(&within, &json!({ "plants": [{ "id": "a" }] }), &empty),
            Some(at("/plants/0/id", "\"a\""))
        );
        assert_eq!(found(&relation(Holds::Covers), &json!({ "plants": [] }), &empty), None);
    }
}
