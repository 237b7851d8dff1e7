//! What the rows of an earlier answer have, the same rows must have in this answer too.
//!
//! Knows: rows and their names. Only presence counts: a value may be another one by now. A row that
//! only one answer has may have come or gone, and says nothing. Must not know: why the members are
//! expected, or what their values mean.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalogue::Relation;
use crate::pointer::escape;

use super::{Difference, Row, Silent, name};

pub(super) fn compare(
    relation: &Relation,
    own: &[Row<'_>],
    theirs: &[Row<'_>],
) -> Result<Vec<Difference>, Silent> {
    let their_key = relation.their_key.as_ref().unwrap_or(&relation.key);
    let mut known: BTreeMap<String, Vec<&Row<'_>>> = BTreeMap::new();
    for row in theirs {
        if let Some(name) = name(row.1, their_key) {
            known.entry(name).or_default().push(row);
        }
    }
    if known.is_empty() {
        return Err(Silent::Nothing);
    }
    let named = |row: &Row<'_>| name(row.1, &relation.key);
    let shown: BTreeSet<String> = own.iter().filter_map(named).collect();
    let hidden = known.keys().filter(|name| !shown.contains(*name)).count();
    let unnamed = own.iter().filter(|row| named(row).is_none()).count();
    // Where each row has a name, those without one are those that aren't shown under theirs.
    let lost_their_names =
        unnamed <= hidden && theirs.iter().all(|(_, row)| name(row, their_key).is_some());
    let (mut met, mut compared) = (false, false);
    let mut differences = Vec::new();
    let mut lacks = |place: &str, below: &str, row: &Value, there: &str| {
        let actual = match row.pointer(below) {
            Some(Value::Null) => "null",
            Some(_) => return,
            None => "absent",
        };
        differences.push(Difference {
            pointer: format!("{place}{below}"),
            expected: format!("a value, as the answer to `{}` has {there}", relation.with),
            actual: actual.to_owned(),
        });
    };
    for (place, row) in own {
        let Some(name) = name(row, &relation.key) else {
            if lost_their_names {
                (met, compared) = (true, true);
                lacks(place, &relation.key, row, "in each row");
            }
            continue;
        };
        let Some(others) = known.get(&name) else { continue };
        met = true;
        for member in &relation.has {
            // Of rows with one name, nobody knows which one this is.
            let is_there = |(_, row): &&Row<'_>| row.get(member).is_some_and(|it| !it.is_null());
            if others.iter().all(is_there) {
                compared = true;
                let there = format!("at {}", others[0].0);
                lacks(place, &format!("/{}", escape(member)), row, &there);
            }
        }
    }
    match (compared, met) {
        (true, _) => Ok(differences),
        (false, true) => Err(Silent::NoMember),
        (false, false) => Err(Silent::NoRow),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::relation;
    use super::*;
    use crate::catalogue::Holds;
    use crate::judge::relation;
    use crate::plan::Facts;

    /// Where something is missing, and what is there instead.
    fn missing(own: &Value, theirs: &Value) -> Result<Vec<(String, String)>, Silent> {
        let mut has = relation(Holds::Has);
        has.theirs = "/plants/*".to_owned();
        has.has = ["name", "colour"].map(str::to_owned).to_vec();
        let wrap = |rows: &Value| json!({ "plants": rows });
        relation::compare(&has, &Facts::new(), &wrap(own), &wrap(theirs)).map(|differences| {
            differences.into_iter().map(|one| (one.pointer, one.actual)).collect()
        })
    }

    fn at(pointer: &str, actual: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), actual.to_owned())]
    }

    #[test]
    fn what_a_row_has_it_has_in_each_answer_wherever_it_stands() {
        let whole = |id: &str| json!({ "id": id, "name": "n", "colour": "red", "height": 3 });
        let part = |id: &str| json!({ "id": id, "name": "other", "colour": "" });
        let all = json!([whole("a"), whole("b"), whole("c")]);
        assert_eq!(missing(&json!([part("c"), part("A"), part("b")]), &all), Ok(vec![]));
        for place in 0..3 {
            let mut rows = ["a", "b", "c"].map(part);
            rows[place] = json!({ "id": rows[place]["id"], "name": "n" });
            let pointer = format!("/plants/{place}/colour");
            assert_eq!(missing(&json!(rows), &all), Ok(at(&pointer, "absent")));
            rows[place]["colour"] = Value::Null;
            assert_eq!(missing(&json!(rows), &all), Ok(at(&pointer, "null")));
        }
    }

    #[test]
    fn what_a_row_has_nowhere_is_not_asked_of_it() {
        for place in 0..2 {
            let mut rows = [("a", "n"), ("b", "n")].map(|(id, n)| json!({ "id": id, "name": n }));
            rows[1 - place]["colour"] = json!("red");
            assert_eq!(missing(&json!(rows), &json!(rows)), Ok(vec![]));
            let mut without = rows.clone();
            without[place]["colour"] = Value::Null;
            assert_eq!(missing(&json!(rows), &json!(without)), Ok(vec![]), "null is no value");
        }
        let bare = json!([{ "id": "a" }, { "id": "b", "height": 3 }]);
        assert_eq!(missing(&bare, &bare), Err(Silent::NoMember));
    }

    #[test]
    fn rows_that_come_and_go_accuse_nobody() {
        let row = |id: &str| json!({ "id": id, "name": "n", "colour": "red" });
        let new = json!({ "id": "c" });
        assert_eq!(missing(&json!([row("b"), new]), &json!([row("a"), row("b")])), Ok(vec![]));
        assert_eq!(missing(&json!([new]), &json!([row("a")])), Err(Silent::NoRow));
        assert_eq!(missing(&json!([]), &json!([row("a")])), Err(Silent::NoRow));
        assert_eq!(missing(&json!([row("a")]), &json!([])), Err(Silent::Nothing));
        // One that came and has no name yet is none of those that are here.
        assert_eq!(missing(&json!([row("a"), {}]), &json!([row("a")])), Ok(vec![]));
    }

    #[test]
    fn a_row_that_has_lost_its_name_lacks_it() {
        let row = |id: &str| json!({ "id": id, "name": "n", "colour": "red" });
        let all = json!([row("a"), row("b")]);
        assert_eq!(missing(&json!([row("a"), {}]), &all), Ok(at("/plants/1/id", "absent")));
        assert_eq!(missing(&json!([{}, row("b")]), &all), Ok(at("/plants/0/id", "absent")));
        let unnamed = json!([row("a"), { "name": "n" }, row("b")]);
        assert_eq!(missing(&json!([row("a"), {}]), &unnamed), Ok(vec![]), "it had none before");
    }

    #[test]
    fn of_rows_with_one_name_each_must_have_what_all_of_them_have() {
        let (whole, part) =
            (json!({ "id": "a", "name": "n", "colour": "red" }), json!({ "id": "a", "name": "n" }));
        assert_eq!(missing(&json!([whole, part]), &json!([whole, part])), Ok(vec![]));
        let twice = json!([whole, whole]);
        assert_eq!(missing(&json!([whole, part]), &twice), Ok(at("/plants/1/colour", "absent")));
    }
}
