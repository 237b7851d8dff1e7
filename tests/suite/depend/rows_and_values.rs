//! Clients as functions that look at one member before they read another, or choose a row by what
//! it says.
//!
//! Knows: clients and what they depend on. Must not know: how the experiments are planned.

use lxca_conform::profile::Change;
use serde_json::{Map, Value, json};

use super::in_process::{Client, Site, contract, learned, one};

/// Rows of four kinds and states; no row is a rack that is offline.
fn servers() -> Value {
    let row = |kind: &str, state: &str, number: u32| {
        json!({
            "name": format!("server-{number}"), "kind": kind, "state": state, "reason": "cable",
            "enabled": number.is_multiple_of(2), "percent": number * 9, "model": "x",
            "uuid": format!("AA{number}"), "parent": format!("AA{}", (number + 1) % 4),
            "colour": "red",
        })
    };
    json!({ "rows": [
        row("Rack", "Online", 0),
        row("Flex", "Offline", 1),
        row("Rack", "Online", 2),
        row("Dense", "Standby", 3),
    ] })
}

fn rows(site: Site<'_>) -> Option<Vec<Value>> {
    site("/a").ok()?.get("rows")?.as_array().cloned()
}

fn says(row: &Value, member: &str, text: &str) -> bool {
    row.get(member).and_then(Value::as_str) == Some(text)
}

/// What is said of each place but the list: path, whether it is needed, values, note.
fn told(client: Client) -> Vec<(String, bool, Vec<Value>, String)> {
    let known = learned(&contract(), &one(servers()), client, false);
    let members = known.members();
    members
        .into_iter()
        .filter(|(path, _)| path != "/a/rows")
        .map(|(path, row)| {
            let path = path.trim_start_matches("/a/rows/").to_owned();
            (path, row.needed, row.values.clone(), row.note.clone().unwrap_or_default())
        })
        .collect()
}

fn place(
    path: &str,
    needed: bool,
    values: &[&str],
    note: &str,
) -> (String, bool, Vec<Value>, String) {
    let values = values.iter().map(|value| json!(value)).collect();
    (path.to_owned(), needed, values, note.to_owned())
}

#[test]
fn a_member_behind_two_values_that_one_row_has_is_needed_and_nothing_else_is_blamed() {
    let told = told(|site| {
        for row in rows(site)? {
            if says(&row, "kind", "Flex") && says(&row, "state", "Offline") {
                row.get("reason")?;
            }
        }
        Some(String::new())
    });
    let note = "read where /rows/*/kind is \"Flex\"; read where /rows/*/state is \"Offline\"";
    let expected = [
        place("*/kind", false, &["Flex"], ""),
        place("*/reason", true, &[], note),
        place("*/state", false, &["Offline"], ""),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_member_behind_two_values_that_no_row_has_together_is_found() {
    let told = told(|site| {
        for row in rows(site)? {
            if says(&row, "kind", "Rack") && says(&row, "state", "Offline") {
                row.get("model")?;
            }
        }
        Some(String::new())
    });
    let model = &told.iter().find(|(path, ..)| path == "*/model").expect("it is found");
    assert!(model.1 && model.3.contains("/rows/*/state is \"Offline\""), "{told:?}");
}

#[test]
fn a_member_behind_a_flag_is_needed_where_the_flag_is_set_and_not_by_the_number_of_its_row() {
    let told = told(|site| {
        for row in rows(site)? {
            if row.get("enabled")?.as_bool()? {
                row.get("model")?;
            }
        }
        Some(String::new())
    });
    let expected = [
        ("*/enabled".to_owned(), true, vec![json!(true)], String::new()),
        place("*/model", true, &[], "read where /rows/*/enabled is true"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_row_that_is_looked_for_by_its_name_isnt_one_with_a_number() {
    let by_get: Client = |site| {
        let rows = rows(site)?;
        rows.iter().find(|row| says(row, "name", "server-2"))?.get("model")?;
        Some(String::new())
    };
    let by_index: Client = |site| {
        for row in rows(site)? {
            if row.get("name")?.as_str()? == "server-2" {
                return row.get("model").map(|_| String::new());
            }
        }
        None
    };
    for client in [by_get, by_index] {
        let expected = [
            place("*/model", true, &[], "read where /rows/*/name is \"server-2\""),
            place("*/name", true, &["server-2"], ""),
        ];
        assert_eq!(told(client), expected);
    }
}

#[test]
fn a_value_that_is_counted_matters_in_every_row() {
    let told = told(|site| {
        let rows = rows(site)?;
        (rows.iter().filter(|row| says(row, "state", "Online")).count() == 2).then(String::new)
    });
    assert_eq!(told, [place("*/state", true, &["Online"], "")]);
}

#[test]
fn a_number_that_was_never_so_high_may_decide_what_is_read() {
    let told = told(|site| {
        for row in rows(site)? {
            if row.get("percent").and_then(Value::as_u64).unwrap_or(0) > 80 {
                row.get("model")?;
            }
        }
        Some(String::new())
    });
    let model = &told.iter().find(|(path, ..)| path == "*/model").expect("it is found");
    assert!(
        model.1 && model.3.contains("/rows/*/percent has a value that isn't known"),
        "{told:?}"
    );
}

#[test]
fn a_reference_relies_on_no_value_and_on_both_being_the_same() {
    let client: Client = |site| {
        let rows = rows(site)?;
        for row in &rows {
            let parent = row.get("parent")?.as_str()?;
            rows.iter().find(|other| says(other, "uuid", parent))?.get("model")?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &one(servers()), client, false);
    let rows = known.members();
    for (path, other) in [("parent", "uuid"), ("uuid", "parent")] {
        let row = rows[&format!("/a/rows/*/{path}")];
        assert!(row.needed && row.values.is_empty(), "{row:?}");
        assert!(row.breaks.contains(&Change::UnknownValue));
        let note = row.note.clone().unwrap_or_default();
        assert_eq!(note, format!("the same values as /rows/*/{other}"));
    }
}

#[test]
fn a_word_that_only_another_answer_has_is_tried() {
    let mut site = one(servers());
    site.push(("/b", json!({ "colour": "red", "shade": "red", "why": "x" })));
    let more = json!([{ "colour": "red" }, { "colour": "green" }, { "colour": "green" }]);
    site.push(("/c", more));
    let client: Client = |site| {
        site("/a").ok()?;
        site("/c").ok()?;
        let answer = site("/b").ok()?;
        if says(&answer, "colour", "green") {
            answer.get("why")?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &site, client, false);
    let why = known.members()["/b/why"].clone();
    assert!(why.needed && why.note.unwrap().contains("/colour is \"green\""));
}

/// 600 members in one operation.
fn wide() -> Vec<(&'static str, Value)> {
    let row = |number: usize| {
        let mut row = Map::new();
        for member in 0..500 {
            row.insert(format!("m{member:03}"), json!(format!("text {number} {member}")));
        }
        for member in 0..60 {
            let word = ["Normal", "Warning", "Critical"][(number + member) % 3];
            row.insert(format!("w{member:02}"), json!(word));
        }
        for member in 0..19 {
            row.insert(format!("b{member:02}"), json!(number.is_multiple_of(2)));
            row.insert(format!("n{member:02}"), json!(number * 7 + member));
        }
        row.insert("more".to_owned(), json!(null));
        Value::Object(row)
    };
    vec![("/wide", json!({ "rows": (0..4).map(row).collect::<Vec<_>>() }))]
}

#[test]
fn a_few_dependencies_before_many_members_take_a_few_runs_each_and_a_fixed_number() {
    let client: Client = |site| {
        for row in site("/wide").ok()?.get("rows")?.as_array()? {
            row.get("m017")?.as_str()?;
            row.get("m333")?.as_str()?;
            row.get("n05")?.as_u64()?;
            (row.get("w31")?.as_str()? != "Broken").then_some(())?;
        }
        Some(String::new())
    };
    let known = learned(&contract(), &wide(), client, false);
    let members: usize = known.seen.operations.iter().map(|one| one.members).sum();
    assert_eq!(members, 600);
    let needed = ["m017", "m333", "n05", "w31"].map(|name| format!("/wide/rows/*/{name}"));
    assert_eq!(known.needed(), needed.into());
    println!("{} runs", known.step.made);
    assert!(known.step.made <= 240, "{} runs", known.step.made);
}
