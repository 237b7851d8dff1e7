//! Which list of a body is meant, and the rows that it has.
//!
//! A page seldom says what stands around a list: a body may be the list, hold it in an envelope,
//! and have other lists beside it. So a list is known by its rows. This is the one place that looks
//! for it; whoever reads a row asks here. Pure. Must not know: operations, cases, verdicts.

use serde_json::Value;

use crate::pointer::escape;

/// Envelopes deeper than this aren't searched.
const DEEPEST: usize = 4;
/// So many rows of a list are looked at to know it.
const TASTED: usize = 20;
/// Lists that come beside an answer and are never what was asked for.
const ASIDE: &[&str] = &["message", "messages", "link", "links", "error", "errors", "warnings"];

/// A list in a body.
#[derive(Debug, Clone)]
pub(crate) struct List<'a> {
    /// Where it is.
    pub(crate) pointer: String,
    /// What it holds.
    pub(crate) rows: &'a [Value],
    /// A body that is a row itself, without a list around it.
    bare: bool,
}

impl<'a> List<'a> {
    /// Where one of its rows is.
    pub(crate) fn place(&self, index: usize) -> String {
        if self.bare { self.pointer.clone() } else { format!("{}/{index}", self.pointer) }
    }

    /// The rows, with the place of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Value)> + use<'a> {
        self.rows.iter().enumerate()
    }
}

/// The list that is meant: the one at its documented place, or else those whose rows have the most
/// of these members. Several may look alike, and then all of them count. `None`: there is none, or
/// nobody can say which it is.
///
/// `*` in the place stands for each item of a list: then only the lists below them are meant.
pub(crate) fn lists<'a>(body: &'a Value, at: &str, members: &[&str]) -> Option<Vec<List<'a>>> {
    if at.split('/').any(|token| token == "*") {
        let found: Vec<List<'a>> = places(body, at)?
            .into_iter()
            .filter_map(|(pointer, value)| {
                Some(List { pointer, rows: value.as_array()?, bare: false })
            })
            .collect();
        return (!found.is_empty()).then_some(found);
    }
    if let Some(Value::Array(rows)) = body.pointer(at) {
        return Some(vec![List { pointer: at.to_owned(), rows, bare: false }]);
    }
    // One resource may stand in the envelope of its list, without a list around it.
    if let Some(row) = body.pointer(at).filter(|row| !at.is_empty() && score(row, members) > 0) {
        let rows = std::slice::from_ref(row);
        return Some(vec![List { pointer: at.to_owned(), rows, bare: true }]);
    }
    let mut found = Vec::new();
    if body.is_object() {
        found.push(List { pointer: String::new(), rows: std::slice::from_ref(body), bare: true });
    }
    collect(body, String::new(), 0, &mut found);
    let scores: Vec<usize> = found
        .iter()
        .map(|list| list.rows.iter().take(TASTED).map(|row| score(row, members)).max().unwrap_or(0))
        .collect();
    let best = scores.iter().copied().max().unwrap_or(0);
    if best > 0 {
        return Some(
            found
                .into_iter()
                .zip(scores)
                .filter(|(_, score)| *score == best)
                .map(|(list, _)| list)
                .collect(),
        );
    }
    // Without a row to know it by, only the one empty list can be meant.
    let mut empty =
        found.into_iter().filter(|list| list.rows.is_empty() && !is_aside(&list.pointer));
    match (empty.next(), empty.next()) {
        (Some(only), None) => Some(vec![only]),
        _ => None,
    }
}

/// What stands at a place in which `*` stands for each item of a list, and where; `None` where no
/// list is.
pub(crate) fn places<'a>(body: &'a Value, at: &str) -> Option<Vec<(String, &'a Value)>> {
    if !at.is_empty() && !at.starts_with('/') {
        return None;
    }
    let mut found: Vec<(String, &'a Value)> = vec![(String::new(), body)];
    let mut lists = true;
    for part in at.split('/').skip(1) {
        if part == "*" {
            lists = found.iter().any(|(_, value)| value.is_array());
            found = found
                .into_iter()
                .filter_map(|(at, value)| Some((at, value.as_array()?)))
                .flat_map(|(at, items)| {
                    items
                        .iter()
                        .enumerate()
                        .map(move |(index, item)| (format!("{at}/{index}"), item))
                })
                .collect();
        } else {
            found = found
                .into_iter()
                .filter_map(|(at, value)| {
                    Some((format!("{at}/{part}"), value.pointer(&format!("/{part}"))?))
                })
                .collect();
        }
    }
    lists.then_some(found)
}

/// Lists in objects that stand in objects; a list in a row is part of that row.
fn collect<'a>(value: &'a Value, pointer: String, depth: usize, found: &mut Vec<List<'a>>) {
    match value {
        Value::Array(rows) => found.push(List { pointer, rows, bare: false }),
        Value::Object(members) if depth < DEEPEST => {
            for (name, member) in members {
                collect(member, format!("{pointer}/{}", escape(name)), depth + 1, found);
            }
        }
        _ => {}
    }
}

/// How many of these members a row has.
fn score(row: &Value, members: &[&str]) -> usize {
    row.as_object().map_or(0, |row| members.iter().filter(|name| row.contains_key(**name)).count())
}

fn is_aside(pointer: &str) -> bool {
    pointer.rsplit('/').next().is_some_and(|name| ASIDE.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LOCK: &[&str] = &["id", "component", "expirationTimeOut"];

    fn places(body: &Value, at: &str, members: &[&str]) -> Option<Vec<String>> {
        Some(
            lists(body, at, members)?
                .iter()
                .flat_map(|list| {
                    list.iter().map(|(index, _)| list.place(index)).collect::<Vec<_>>()
                })
                .collect(),
        )
    }

    #[test]
    fn a_list_is_found_by_its_rows_wherever_it_is() {
        let row = json!({ "id": "x", "component": "UP", "expirationTimeOut": 5 });
        for (body, place) in [
            (json!([row]), "/0"),
            (json!({ "locks": [row] }), "/locks/0"),
            (
                json!({ "links": [{ "id": "self", "href": "/x" }], "messages": [],
                    "locks": [row] }),
                "/locks/0",
            ),
            (
                json!({ "messages": [{ "id": "FQX", "text": "t" }], "response": { "paging": [1],
                    "locks": [row] } }),
                "/response/locks/0",
            ),
            (row.clone(), ""),
        ] {
            assert_eq!(places(&body, "", LOCK), Some(vec![place.to_owned()]), "{body}");
        }
        assert_eq!(
            places(
                &json!({ "response": row, "messages": [{ "id": "FQX", "text": "t" }] }),
                "/response",
                LOCK
            ),
            Some(vec!["/response".to_owned()]),
            "one row where its list would be"
        );
        assert_eq!(
            places(&json!([row]), "/backups", LOCK),
            Some(vec!["/0".to_owned()]),
            "bare where an envelope is documented"
        );
    }

    #[test]
    fn lists_that_look_alike_all_count_and_an_outer_row_comes_first() {
        let job = json!({ "jobUID": "17", "children": [{ "jobUID": "17.1" }] });
        assert_eq!(
            places(&job, "", &["jobUID"]),
            Some(vec![String::new(), "/children/0".to_owned()])
        );
        assert_eq!(
            places(&json!({ "mine": [{ "id": 1 }], "others": [{ "id": 2 }] }), "", &["id"]),
            Some(vec!["/mine/0".to_owned(), "/others/0".to_owned()])
        );
    }

    #[test]
    fn a_place_may_be_below_each_item_of_a_list() {
        let body = json!({ "beds": [{ "roses": [1, 2] }, { "weeds": [3] }, { "roses": [] }] });
        let below = |at: &str| {
            let found = super::places(&body, at)?;
            Some(found.into_iter().map(|(place, _)| place).collect::<Vec<_>>())
        };
        assert_eq!(below("/beds/*/roses").unwrap(), ["/beds/0/roses", "/beds/2/roses"]);
        assert_eq!(below("/beds/*/roses/1").unwrap(), ["/beds/0/roses/1"]);
        assert_eq!(below("/beds/*/roses/*").unwrap(), ["/beds/0/roses/0", "/beds/0/roses/1"]);
        assert_eq!(below("").unwrap(), [""]);
        assert_eq!(below("beds"), None, "no pointer");
        assert_eq!(below("/plants/*"), None, "no list");
        assert_eq!(places(&body, "/beds/*/weeds", &["id"]).unwrap(), ["/beds/1/weeds/0"]);
        assert_eq!(places(&body, "/beds/*/moss", &["id"]), None, "no other list is meant");
    }

    #[test]
    fn an_empty_list_is_one_only_where_it_is_the_only_one() {
        assert_eq!(places(&json!([]), "", LOCK), Some(Vec::new()));
        assert_eq!(
            places(&json!({ "locks": [], "messages": [], "links": [{ "rel": "self" }] }), "", LOCK),
            Some(Vec::new())
        );
        assert_eq!(places(&json!({ "messages": [] }), "", LOCK), None);
        assert_eq!(places(&json!({ "a": [], "b": [] }), "", LOCK), None);
        assert_eq!(places(&json!({ "a": [{ "name": "x" }] }), "", LOCK), None);
        assert_eq!(places(&json!("text"), "", LOCK), None);
    }
}
