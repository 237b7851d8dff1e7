//! What is read from a saved page: the same in every rendering, each value with its place, and
//! nothing of what is no page.
//!
//! Knows: small pages in `tests/fixtures/import`, and any text. Must not know: how a page is read.

use std::collections::BTreeSet;

use lxca_conform::import::{DefectKind, Draft, merge, read};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{fixture, page, spots};

/// What a draft says, without places and without how it was saved.
fn said(draft: &Draft) -> Value {
    fn plain(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for key in ["at", "text", "detail", "rendering", "url"] {
                    members.remove(key);
                }
                members.values_mut().for_each(plain);
            }
            Value::Array(list) => list.iter_mut().for_each(plain),
            _ => {}
        }
    }
    let mut value = draft.json();
    plain(&mut value);
    value
}

#[test]
fn every_rendering_of_a_page_says_the_same() {
    let wanted = said(&page("lamps_post.fused.txt"));
    for name in ["lamps_post.spaced.txt", "lamps_post.old.html", "lamps_post.new.html"] {
        assert_eq!(said(&page(name)), wanted, "{name}");
    }
    assert_eq!(wanted["method"], "POST");
    assert_eq!(wanted["path"], "/sample/lamps");
    assert_eq!(wanted["since"], "3.2.0");
    assert_eq!(wanted["authentication"], true);
    assert_eq!(wanted["codes"], json!([201, 400, 401, 500]));
    assert_eq!(wanted["defects"], json!([]));
    let socket = &wanted["request"][0]["attributes"][2];
    assert_eq!(socket["condition"], "if shade is “warm”");
    assert_eq!(socket["children"][0]["name"], "sizeString");
    assert_eq!(socket["children"][1]["children"][0]["type"], "Double");
    assert_eq!(wanted["response"][1]["values"], json!(["Hanging"]));
}

#[test]
fn what_bars_have_lost_is_unknown_and_a_second_rendering_brings_it_back() {
    let bars = page("lamps_post.pipes.txt");
    let value = said(&bars);
    assert_eq!(value["request"][0]["attributes"][0]["values"], "unknown");
    assert_eq!(value["request"][0]["attributes"][2]["children"], "unknown");
    assert_eq!(value["response"][1]["values"], json!(["Hanging"]));
    let both = merge(vec![bars, page("lamps_post.fused.txt")]);
    assert_eq!(both.len(), 1, "two renderings of one page are one draft");
    let value = said(&both[0]);
    assert_eq!(value["request"][0]["attributes"][0]["values"], json!(["warm", "cold"]));
    assert_eq!(value["request"][0]["attributes"][2]["children"][0]["name"], "sizeString");
    assert_eq!(merge(vec![page("lamps_post.fused.txt"), page("lamps_get.fused.txt")]).len(), 2);
}

#[test]
fn every_value_keeps_its_place_in_the_saved_page() {
    for name in [
        "lamps_post.fused.txt",
        "lamps_post.spaced.txt",
        "lamps_post.pipes.txt",
        "lamps_post.old.html",
        "lamps_post.new.html",
    ] {
        let (text, draft) = (fixture(name), page(name));
        let mut found = Vec::new();
        spots(draft.response.known().expect("a response"), &mut found);
        for table in draft.request.known().expect("a request") {
            spots(&table.attributes, &mut found);
        }
        assert!(found.len() > 20, "{name}: {found:?}");
        for (value, line, column) in found {
            let text = text.lines().nth(line as usize - 1).unwrap_or_default();
            let there: String = text.chars().skip(column as usize - 1).collect();
            // A constant stands inside the sentence that says it.
            let ok = there.starts_with(&value) || (value == "Hanging" && there.contains(&value));
            assert!(ok, "{name}: {value} isn't at {line}:{column}, where `{there}` is");
        }
    }
}

#[test]
fn a_printed_draft_is_read_again() {
    let draft = page("lamps_post.fused.txt");
    let again = read(&draft.json().to_string()).expect("a draft");
    assert_eq!(said(&again), said(&draft));
}

#[test]
fn what_is_no_page_is_refused_with_a_reason() {
    for (text, part) in [
        ("", "empty"),
        ("Dear Sir or Madam,\n\nhello.\n", "no page of the REST API reference"),
        ("<html><body><p>hello</p></body></html>", "no page of the REST API reference"),
        ("Request body\n\nNone\n", "method and path"),
        ("{\"a\": 1}", "no draft"),
        ("{\"a\": ", "no JSON"),
    ] {
        let error = read(text).expect_err("no page");
        assert!(error.why.contains(part), "{text:?}: {error}");
    }
    assert!(read(&"a\n".repeat(500_000)).expect_err("too long").why.contains("lines"));
    assert!(read(&"<p>".repeat(300_000)).expect_err("too long").why.contains("no page"));
}

#[test]
fn a_table_against_its_example_is_a_defect() {
    let draft = page("lamps_get.fused.txt");
    let kinds: BTreeSet<(DefectKind, &str)> =
        draft.defects.iter().map(|it| (it.kind, it.place.as_str())).collect();
    let wanted: BTreeSet<(DefectKind, &str)> =
        [(DefectKind::OuterShape, "response"), (DefectKind::TypeConflict, "response/watts")].into();
    assert_eq!(kinds, wanted);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(parts in proptest::collection::vec(part(), 0..60)) {
        let text = parts.concat();
        if let Ok(draft) = read(&text) {
            let again = Draft::from_json(&draft.json()).expect("a printed draft is one");
            prop_assert_eq!(said(&again)["response"].clone(), said(&draft)["response"].clone());
        }
    }
}

/// Pieces of pages, and anything else.
fn part() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "GET /a/{b}\n",
        "POST https://h/a\n",
        "\n",
        "Request body\n",
        "Response body\n",
        "Response codes\n",
        "Query parameters\n",
        "AttributesRequired / OptionalTypeDescription\n",
        "Attributes Type Description\n",
        "aRequiredStringText following values.\n",
        " bArray of objectsX\n",
        "  • a. b\n",
        "c Optional Integer Text\n",
        "A | Type | Description |\n---|---|---|\n",
        "a | String | b\n",
        "| ||\n",
        "For example:\n",
        "{\n",
        "\"a\": [1,\n",
        "}\n",
        "]\n",
        "<table><tr><td>a",
        "</td></tr>",
        "<h2>Response body</h2>",
        "<html>",
        "<pre>{}</pre>",
        "200OKfine\n",
        "”",
        "\u{a0}",
        "é",
        "Required if a is “b”. C",
        "{x>",
        "action=import\n",
        "Table 1. A\n",
        "name\n\nOptional\n\nBoolean\n",
    ];
    prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => "\\PC{0,20}",
        1 => any::<String>(),
    ]
}

fn joined(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn a_mebibyte_of_anything_takes_no_longer_than_its_length() {
    const SIZE: usize = 1 << 20;
    let head =
        "GET /x/y\nRequest URL\nGET https://h/x/y\nResponse body\nAttributesTypeDescription\n";
    let cases = [
        "{".repeat(SIZE),
        format!("{head}{}", "aString".repeat(SIZE / 7)),
        format!("{head}{}", "Required".repeat(SIZE / 8)),
        format!("{head}{}", "For example:\n{xRequiredString\n".repeat(1_000)),
        format!(
            "{head}{}The following example x.\n[{}{{}}]\n",
            joined(9_000, |n| format!("n{n}ObjectT\n c{n}StringX\n")),
            "{},".repeat(200_000)
        ),
        format!("{head}{}", joined(1_500, |n| format!("{}n{n}ObjectT\n", " ".repeat(n % 600)))),
        format!("GET /x\n{}", "\"".repeat(SIZE)),
    ];
    for text in cases {
        let start = std::time::Instant::now();
        let _ = read(&text);
        // Without optimisation and beside other tests; squared time would be minutes.
        assert!(start.elapsed().as_secs() < 20, "{:?} for {:.60}…", start.elapsed(), text);
    }
}
