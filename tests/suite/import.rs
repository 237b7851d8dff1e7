//! Saved pages: what is read from them, what becomes of it, and what is refused.
//!
//! Knows: small pages in `tests/fixtures/import`, the seeds and the pages of the shared folder
//! where it is there. Must not know: how a page is read.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lxca_conform::catalogue::{self, Level};
use lxca_conform::contract::{self, Contract, TableKind};
use lxca_conform::files::embedded_contract;
use lxca_conform::import::contract::{Decisions, Folder, KnownOperation, Order, PageFile};
use lxca_conform::import::{
    Attribute, DefectKind, Draft, Known, Rule, Standing, announced, diff, merge, read,
};
use lxca_conform::judge::orphans;
use lxca_conform::shape::{Class, Drift, Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn page(name: &str) -> Draft {
    read(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The folder with the pages, where it is there.
fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared", "../../shared"].iter().map(|it| root.join(it).join(name)).find(|it| it.is_dir())
}

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

/// Each name, type and value of a draft with its place.
fn spots(rows: &[Attribute], found: &mut Vec<(String, u32, u32)>) {
    for row in rows {
        for spot in row.name.iter().chain(&row.kind).chain(row.values.known().into_iter().flatten())
        {
            found.push((spot.value.clone(), spot.at.line, spot.at.column));
        }
        spots(row.rows(), found);
    }
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

fn known(contract: &Contract) -> Vec<KnownOperation> {
    contract
        .operations
        .values()
        .map(|one| KnownOperation {
            id: one.id.clone(),
            method: one.method.clone(),
            path: one.path.clone(),
        })
        .collect()
}

fn built_in() -> &'static Contract {
    crate::support::built_in::contract()
}

fn folder(drafts: &[Draft], pages: &[PageFile], decisions: &Decisions) -> Folder {
    let known = known(built_in());
    let appliance = &embedded_contract()[contract::APPLIANCE];
    let order = Order { drafts, pages, known: &known, appliance, decisions, today: "2026-11-29" };
    lxca_conform::import::contract::contract(&order)
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Loads what was written, and holds cases and contract against each other as `lint` does.
fn linted(made: &Folder) -> (Contract, catalogue::Catalogue) {
    let files: BTreeMap<String, String> = made
        .files
        .iter()
        .filter(|(name, _)| contract::is_contract_file(name))
        .map(|(name, text)| (name.clone(), text.clone()))
        .chain(embedded_contract().remove_entry(contract::APPLIANCE))
        .collect();
    let contract = contract::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let cases = catalogue::load(&made.files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let cases = cases.with_generated(&contract, Level::All);
    assert_eq!(catalogue::lint(&contract, &cases), []);
    assert_eq!(orphans(&contract, &cases), Vec::<String>::new());
    (contract, cases)
}

fn file(name: &str) -> PageFile {
    PageFile { name: name.to_owned(), text: fixture(name) }
}

#[test]
fn a_contract_is_consistent_and_points_into_the_page() {
    let pages = [file("lamps_post.fused.txt"), file("lamps_get.fused.txt")];
    let mut drafts = vec![page("lamps_post.fused.txt"), page("lamps_get.fused.txt")];
    drafts[1].set_page(1);
    let made = folder(&drafts, &pages, &Decisions::default());
    let (contract, cases) = linted(&made);
    let post = &contract.operations["sample-lamps.post"];
    assert_eq!(post.effect.word(), "destroy");
    assert!(cases.cases.iter().any(|case| case.generated && case.operation == post.id));
    assert!(
        cases
            .cases
            .iter()
            .filter(|case| case.operation == post.id)
            .all(|case| case.effect.word() == "destroy"),
        "nothing that may change something counts as less"
    );
    let place = &contract.requirements["sample-lamps.get/body/state/values"].place;
    assert_eq!(place, "Response body, row state (lamps_get.fused.txt:34:5)");
    // The example contradicts the table, so that both types are right.
    let watts = &contract.requirements["sample-lamps.get/body/watts"];
    assert_eq!(watts.basis, contract::Basis::Conflict);
    let schema =
        contract.operations["sample-lamps.get"].responses[0].schema.as_deref().expect("a schema");
    let right = json!([{ "id": "l1", "watts": 40, "state": "Fallen" }, { "id": "l2", "watts": "40",
        "state": "Hanging", "new": 1 }]);
    assert!(
        contract.schemas.satisfied(schema, &right),
        "{:?}",
        contract.schemas.violations(schema, &right)
    );
    let wrong = json!([{ "watts": 40, "state": "Flying" }]);
    let broken: BTreeSet<String> =
        contract.schemas.violations(schema, &wrong).into_iter().map(|it| it.requirement).collect();
    let wanted = ["sample-lamps.get/body/id/presence", "sample-lamps.get/body/state/values"];
    assert_eq!(broken, wanted.map(str::to_owned).into());
    assert!(made.files["review.html"].contains("href=\"#p1-"), "the review leads into the page");
    assert!(
        made.files["faults.toml"].contains("breaks  = [\"sample-lamps.get/body/id/presence\"]")
    );
}

#[test]
fn a_path_that_leads_out_of_the_folder_makes_no_contract() {
    for path in ["/../../etc", "/a//b", "/a/..", "/a/b|c", "/a/{b\"c}", "/"] {
        let text = fixture("lamps_get.fused.txt").replace("/sample/lamps", path);
        let Ok(draft) = read(&text) else { continue };
        let known = known(built_in());
        let decisions = Decisions::default();
        let order = Order {
            drafts: &[draft],
            pages: &[],
            known: &known,
            appliance: &embedded_contract()[contract::APPLIANCE],
            decisions: &decisions,
            today: "2026-11-29",
        };
        let problems = lxca_conform::import::contract::contract(&order).expect_err(path);
        assert!(problems[0].what.contains("no contract can be made"), "{problems:?}");
    }
}

#[test]
fn a_decision_survives_a_second_import() {
    let text = "[[decision]]\nabout = \"sample-lamps.get/body/id/presence\"\nexcluded = \"ours have none\"\n\n\
        [[decision]]\nabout = \"sample-lamps.post\"\neffect = \"write\"\n\n[[decision]]\nabout = \"gone\"\naccepted = true\n";
    let decisions = Decisions::read("decisions.toml", text).expect("decisions");
    let drafts = [page("lamps_post.fused.txt"), page("lamps_get.fused.txt")];
    let made = folder(&drafts, &[], &decisions);
    let (contract, _) = linted(&made);
    let excluded = &contract.requirements["sample-lamps.get/body/id/presence"].excluded;
    assert_eq!(excluded.as_deref(), Some("ours have none"));
    assert_eq!(contract.operations["sample-lamps.post"].effect.word(), "write");
    assert_eq!(made.review.stale, ["gone"]);
    assert!(Decisions::read("d", "[[decision]]\nabout = \"a\"\neffect = \"none\"\n").is_err());
}

#[test]
fn what_changed_between_two_pages_is_told_with_its_class() {
    let changes = diff(&[page("lamps_get.fused.txt")], &[page("lamps_get.newer.txt")]);
    let told: BTreeSet<(Rule, Class, &str)> =
        changes.iter().map(|it| (it.rule, it.class, it.place.as_str())).collect();
    let wanted: BTreeSet<(Rule, Class, &str)> = [
        (Rule::StatusVanished, Class::Additive, "codes/204"),
        (Rule::BecameRequired, Class::Breaking, "query/shade"),
        (Rule::MemberAppeared, Class::Additive, "response/room"),
        (Rule::Retyped, Class::Breaking, "response/watts"),
        (Rule::NewValue, Class::Additive, "response/state"),
    ]
    .into();
    assert_eq!(told, wanted);
    assert_eq!(diff(&[page("lamps_get.fused.txt")], &[page("lamps_get.fused.txt")]), []);
    let drift = |kind: Kind, place: &str| Drift {
        operation: "lamps".to_owned(),
        status: 200,
        place: place.to_owned(),
        kind,
        class: kind.class(),
        before: String::new(),
        after: String::new(),
        allowed: false,
    };
    let seen = [drift(Kind::MemberAppeared, "/*/room"), drift(Kind::MemberVanished, "/*/id")];
    let about = |id: &str| (id == "lamps").then(|| "GET /sample/lamps".to_owned());
    let standings: Vec<(Standing, String)> =
        announced(&changes, &seen, &about).into_iter().map(|it| (it.standing, it.rule)).collect();
    assert!(
        standings.contains(&(Standing::Announced, "member-appeared".to_owned())),
        "{standings:?}"
    );
    assert!(standings.contains(&(Standing::Unannounced, "member-vanished".to_owned())));
    assert!(standings.contains(&(Standing::Absent, "retyped".to_owned())));
}

fn names(rows: &[Attribute]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.name().map(str::to_owned)).collect()
}

/// The members that a schema, or what it refers to, describes.
fn members(contract: &Contract, schema: &Value, found: &mut BTreeSet<String>, depth: usize) {
    if depth > 12 {
        return;
    }
    match schema {
        Value::Object(parts) => {
            if let Some(reference) = parts.get("$ref").and_then(Value::as_str)
                && !reference.starts_with('#')
                && let Some(other) = contract.schemas.document(reference.split('#').next().unwrap())
            {
                members(contract, other, found, depth + 1);
            }
            if let Some(properties) = parts.get("properties").and_then(Value::as_object) {
                found.extend(properties.keys().cloned());
            }
            parts.values().for_each(|part| members(contract, part, found, depth + 1));
        }
        Value::Array(parts) => {
            for part in parts {
                members(contract, part, found, depth + 1);
            }
        }
        _ => {}
    }
}

/// The seeds, read by machine, say what the contract says that was written by hand. Each difference
/// is one that an erratum names.
#[test]
fn the_seeds_agree_with_the_contract_written_by_hand() {
    let Some(seeds) = shared("seeds") else {
        eprintln!("skipped: the_seeds_agree_with_the_contract_written_by_hand needs ../shared");
        return;
    };
    let contract = built_in();
    let seed =
        |name: &str| read(&fs::read_to_string(seeds.join(name)).expect("a seed")).expect("a page");
    let put = seed("put-managementserver-data.txt");
    let get = seed("get-aicc-service-sftp-locks.txt");
    for (draft, id, besides) in
        [(&put, "backup.transfer", vec![401]), (&get, "sftp-locks.list", vec![])]
    {
        let operation = &contract.operations[id];
        assert_eq!(draft.method.as_ref().unwrap().value, operation.method);
        assert_eq!(draft.path.as_ref().unwrap().value, operation.path);
        let mut codes: BTreeSet<u16> =
            draft.codes.known().unwrap().iter().map(|code| code.value).collect();
        codes.extend(besides); // E005: 401 isn't listed, though authentication is required
        assert_eq!(codes, operation.responses.iter().map(|row| row.status).collect(), "{id}");
        let mut described = BTreeSet::new();
        for row in &operation.responses {
            if let Some(schema) = &row.schema {
                members(contract, contract.schemas.document(schema).unwrap(), &mut described, 0);
            }
        }
        let mut rows = Vec::new();
        spots(draft.response.known().unwrap(), &mut rows);
        for name in names(draft.response.known().unwrap()) {
            assert!(described.contains(&name), "{id}: no schema describes {name}: {described:?}");
        }
    }
    // E002: the row of the creation time has lost its name.
    let lost: Vec<DefectKind> = get.defects.iter().map(|it| it.kind).collect();
    assert!(lost.contains(&DefectKind::RowNameLost), "{lost:?}");
    // E003 and E004.
    let found: BTreeSet<(DefectKind, &str)> =
        put.defects.iter().map(|it| (it.kind, it.place.as_str())).collect();
    assert!(found.contains(&(DefectKind::TypeConflict, "response/message")), "{found:?}");
    assert!(found.contains(&(DefectKind::ExampleNotJson, "request/example")));
    let tables: Vec<_> =
        contract.operations["backup.transfer"].request.of_kind(TableKind::Body).collect();
    let drafts = put.request.known().unwrap();
    assert_eq!(tables.len(), drafts.len());
    for (table, draft) in tables.iter().zip(drafts) {
        let wanted: BTreeSet<String> = table.attribute.iter().map(|it| it.name.clone()).collect();
        assert_eq!(names(&draft.attributes), wanted, "{}", table.name);
        for row in &draft.attributes {
            let name = row.name().unwrap();
            let by_hand = table.attribute(name).unwrap();
            let presence = row.presence.as_ref().unwrap().value.word();
            let wanted = match by_hand.presence {
                contract::Presence::Required => "required",
                contract::Presence::Optional => "optional",
                contract::Presence::RequiredIf => "conditional",
            };
            assert_eq!(presence, wanted, "{} {name}", table.name);
            if let Known::Is(values) = &row.values {
                let plain = |text: &str| !text.contains('{');
                let read: BTreeSet<&str> =
                    values.iter().map(|it| it.value.as_str()).filter(|it| plain(it)).collect();
                let written: BTreeSet<&str> = by_hand
                    .values
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|it| plain(it))
                    .collect();
                assert_eq!(read, written, "{} {name}", table.name);
            }
        }
    }
}

/// Each page of the folder becomes a contract that is accepted as it is.
#[test]
fn every_page_of_the_folder_becomes_a_consistent_contract() {
    let Some(pages) = shared("facts/pages") else {
        eprintln!(
            "skipped: every_page_of_the_folder_becomes_a_consistent_contract needs ../shared"
        );
        return;
    };
    let mut count = 0;
    for entry in fs::read_dir(pages).expect("the pages") {
        let path = entry.expect("an entry").path();
        if !path.extension().is_some_and(|it| it == "txt" || it == "html") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a page");
        let draft = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let made = folder(&[draft], &[PageFile { name, text }], &Decisions::default());
        linted(&made);
        count += 1;
    }
    assert!(count > 50, "{count} pages");
}

struct Answer {
    exit: i32,
    stdout: String,
    stderr: String,
}

fn lxca(arguments: &[&str]) -> Answer {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(arguments)
        .output()
        .expect("the program runs");
    Answer {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn path_of(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    root.join(name).display().to_string()
}

#[test]
fn the_command_line_reads_pages_and_refuses_what_is_none() {
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "json"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let draft: Value = serde_json::from_str(&answer.stdout).expect("one JSON document");
    assert_eq!(draft["path"], "/sample/lamps");
    let answer = lxca(&["import", &format!("{}/Cargo.toml", env!("CARGO_MANIFEST_DIR"))]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stdout.is_empty() && answer.stderr.contains("Cargo.toml: it is no page"),
        "{}",
        answer.stderr
    );
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "markdown"]);
    assert_eq!(answer.exit, 0);
    assert!(answer.stdout.contains("(type-conflict, "), "{}", answer.stdout);
    let answer = lxca(&["import", &path_of("lamps_get.fused.txt"), "--format", "contract"]);
    assert_eq!(answer.exit, 2, "a contract needs a folder");
    let old = path_of("lamps_get.fused.txt");
    let new = path_of("lamps_get.newer.txt");
    let answer = lxca(&["import", "--diff", &old, &new, "--format", "json"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert_eq!(
        serde_json::from_str::<Value>(&answer.stdout).expect("JSON").as_array().map(Vec::len),
        Some(5)
    );
}

#[test]
fn a_contract_folder_lies_on_top_of_the_built_in_one() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let text = |name: &str| folder.path().join(name).display().to_string();
    let lamps = text("lamps");
    let get = path_of("lamps_get.fused.txt");
    let answer = lxca(&["import", &get, "--format", "contract", "--out", &lamps]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    for arguments in [
        vec!["lint", "--contract", &lamps],
        vec!["lint", "--contract", &lamps, "--catalogue", &lamps],
    ] {
        let answer = lxca(&arguments);
        assert_eq!(answer.exit, 0, "{arguments:?}: {}", answer.stderr);
    }
    let answer = lxca(&["list", "--contract", &lamps, "--format", "json"]);
    let cases: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let has =
        |id: &str| cases.as_array().is_some_and(|it| it.iter().any(|case| case["operation"] == id));
    assert!(has("sample-lamps.get") && has("backup.transfer"), "both are there");
    let answer = lxca(&["explain", "sample-lamps.get/body/state/values", "--contract", &lamps]);
    assert!(
        answer.exit == 0 && answer.stdout.contains("lamps_get.fused.txt:"),
        "{}",
        answer.stdout
    );
    let answer = lxca(&["plan", "--contract", &lamps, "--filter", "sample-lamps.*"]);
    assert!(answer.exit == 0 && answer.stdout.contains("/sample/lamps"), "{}", answer.stdout);
    // A page of an operation that the contract has already.
    let clash = fixture("lamps_get.fused.txt").replace("/sample/lamps", "/aicc");
    fs::write(folder.path().join("aicc.txt"), clash).expect("a page");
    let aicc = text("aicc");
    let answer = lxca(&["import", &text("aicc.txt"), "--format", "contract", "--out", &aicc]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let answer = lxca(&["list", "--contract", &aicc]);
    assert!(answer.exit == 2 && answer.stderr.contains("already"), "{}", answer.stderr);
    let answer = lxca(&["lint", "--contract", &aicc, "--replace"]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let answer = lxca(&["list", "--contract", &lamps, "--contract", &lamps]);
    assert_eq!(answer.exit, 2, "the same operation twice");
    // Another import into the folder would lose the sources of what is there.
    let post = path_of("lamps_post.fused.txt");
    let answer = lxca(&["import", &post, "--format", "contract", "--out", &lamps]);
    assert!(answer.exit == 2 && answer.stderr.contains("get.operation.toml"), "{}", answer.stderr);
}
