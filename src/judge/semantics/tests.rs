//! Tests of `semantics`, in a file of their own for their length.
//!
//! Knows: `semantics`. Must not know: what uses it.

use serde_json::json;

use super::*;

fn shape() -> RowShape {
    RowShape {
        name: "bed".to_owned(),
        list: "/beds".to_owned(),
        members: vec!["id".to_owned(), "plants".to_owned()],
        id: "id".to_owned(),
        kind: None,
    }
}

fn found(body: &Value, lists: &[&str], at: &str, at_most: bool) -> Option<Vec<String>> {
    let lists: Vec<String> = lists.iter().map(|list| (*list).to_owned()).collect();
    let counted = Counted { at, member: "count", lists: &lists, at_most };
    let differences = counts(body, Some(&shape()), &counted)?;
    Some(differences.into_iter().map(|one| one.pointer).collect())
}

#[test]
fn a_number_is_held_against_the_list_that_it_counts_in_each_row() {
    let bed = |count: i64, plants: &[u8]| json!({ "id": "a", "count": count, "plants": plants });
    let beds = json!({ "beds": [bed(2, &[1, 2]), bed(2, &[1]), bed(0, &[1])] });
    let wrong = ["/beds/1/count", "/beds/2/count"].map(str::to_owned).to_vec();
    assert_eq!(found(&beds, &["/plants"], "", false), Some(wrong));
    let one = bed(1, &[1, 2]);
    assert_eq!(
        found(&one, &["/plants"], "", false),
        Some(vec!["/count".to_owned()]),
        "a row without its list around it"
    );
}

#[test]
fn places_may_be_more_than_what_stands_in_them() {
    let bed = |count: i64| json!({ "id": "a", "count": count, "plants": [1, 2] });
    for (count, fits) in [(2, true), (9, true), (1, false)] {
        let differences = found(&bed(count), &["/plants"], "", true).unwrap();
        assert_eq!(differences.is_empty(), fits, "{count}");
    }
    assert_eq!(found(&bed(0), &["/plants"], "", true), None, "nobody has told them");
}

#[test]
fn several_lists_count_together_and_a_number_may_stand_deeper() {
    let body = json!({ "beds": [{ "id": "a", "plants": [], "rows": [
        { "count": 3, "parts": [{ "plants": [1] }, { "plants": [2] }], "loose": [3] },
        { "count": 3, "parts": [{ "plants": [1] }, { "plants": [2] }], "loose": [] },
    ] }] });
    assert_eq!(
        found(&body, &["/parts/*/plants", "/loose"], "/rows/*", false),
        Some(vec!["/beds/0/rows/1/count".to_owned()])
    );
}

#[test]
fn what_is_missing_or_empty_accuses_nobody() {
    for bed in [
        json!({ "id": "a", "count": 2 }),
        json!({ "id": "a", "count": 2, "plants": [] }),
        json!({ "id": "a", "count": 2, "plants": null }),
        json!({ "id": "a", "plants": [1] }),
        json!({ "id": "a", "count": null, "plants": [1] }),
        json!({ "id": "a", "count": "2", "plants": [1] }),
        json!({ "id": "a", "count": -1, "plants": [1] }),
        json!("a"),
    ] {
        assert_eq!(found(&json!({ "beds": [bed] }), &["/plants"], "", false), None, "{bed}");
    }
    let part = json!({ "id": "a", "count": 2, "parts": [{ "plants": [1] }, {}] });
    assert_eq!(
        found(&json!({ "beds": [part] }), &["/parts/*/plants"], "", false),
        None,
        "a list of which a part isn't told"
    );
    assert_eq!(found(&json!({ "beds": [] }), &["/plants"], "", false), None);
    assert_eq!(found(&json!([]), &["/plants"], "", false), None);
}
