//! What becomes of imported pages beyond their tables: how firm each rule is, where a page was
//! saved from, and what a change of a page touches.
//!
//! Knows: small pages and a draft in `tests/fixtures/import`. Must not know: how a page is read.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lxca_conform::contract::{self, Basis, Contract};
use lxca_conform::files::embedded_contract;
use lxca_conform::import::contract::{Decisions, Folder, Order, PageFile};
use lxca_conform::import::{Draft, Known, read};
use serde_json::{Value, json};

use crate::support::command::{lxca, text};

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path_of(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    root.join(name).display().to_string()
}

fn made(draft: &Draft) -> (Folder, Contract) {
    let name = "lamps_seen.draft.json".to_owned();
    let pages = [PageFile { text: fixture(&name), name }];
    let decisions = Decisions::default();
    let order = Order {
        drafts: std::slice::from_ref(draft),
        pages: &pages,
        known: &[],
        appliance: &embedded_contract()[contract::APPLIANCE],
        decisions: &decisions,
        today: "2026-11-29",
    };
    let made = lxca_conform::import::contract::contract(&order)
        .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let files: BTreeMap<String, String> = made
        .files
        .iter()
        .filter(|(name, _)| contract::is_contract_file(name))
        .map(|(name, text)| (name.clone(), text.clone()))
        .chain(embedded_contract().remove_entry(contract::APPLIANCE))
        .collect();
    let contract = contract::load(&files).unwrap_or_else(|problems| panic!("{problems:#?}"));
    (made, contract)
}

#[test]
fn a_rule_is_as_firm_as_what_it_rests_on() {
    let draft = read(&fixture("lamps_seen.draft.json")).expect("a draft");
    let (made, contract) = made(&draft);
    let id = "sample-lamps-by-lamp-list.get";
    let of = |topic: &str| {
        contract
            .requirements
            .get(&format!("{id}/{topic}"))
            .unwrap_or_else(|| panic!("no {topic} among {:?}", contract.requirements.keys()))
    };
    for (topic, basis) in [
        ("body", Basis::Example),
        ("body/id/presence", Basis::Stated),
        ("body/id", Basis::Stated),
        ("body/watts", Basis::Conflict),
        ("body/state/values", Basis::Conflict),
        ("body/room/presence", Basis::Example),
        ("body/room", Basis::Example),
        ("body/gone/presence", Basis::Inferred),
        ("body/gone", Basis::Stated),
        ("status/200", Basis::Stated),
        ("status/403", Basis::Neighbour),
    ] {
        assert_eq!(of(topic).basis, basis, "{topic}");
    }
    assert!(of("body/room").place.contains("recorded:2.0.0"), "{}", of("body/room").place);
    let excluded = |topic: &str| of(topic).excluded.clone().unwrap_or_default();
    assert_eq!(excluded("body/owner/presence"), "3 of 11 samples have it");
    assert_eq!(excluded("body/cord/values"), "the saved page breaks off in the list");
    for topic in ["body/owner/values", "status/404", "query/shade/values"] {
        let there = contract.requirements.contains_key(&format!("{id}/{topic}"));
        assert!(!there, "{topic} is said by no page");
    }
    let operation = &contract.operations[id];
    let schema = operation.responses[0].schema.as_deref().expect("a schema");
    let broken = |body: &Value| {
        let mut found: Vec<String> = contract
            .schemas
            .violations(schema, body)
            .into_iter()
            .map(|it| it.requirement.replace(&format!("{id}/body/"), ""))
            .collect();
        found.sort();
        found
    };
    let right = json!({
        "id": "1", "watts": 4.5, "state": "Glowing", "cord": "c", "room": null, "gone": 1
    });
    assert_eq!(broken(&right), Vec::<String>::new());
    assert_eq!(broken(&json!({ "lampList": [right] })), Vec::<String>::new());
    let wrong = json!({ "watts": "4", "state": "Off", "cord": "c", "room": 7, "gone": 1 });
    let all = ["id/presence", "room", "state/values", "watts"];
    assert_eq!(broken(&wrong), all);
    assert_eq!(broken(&json!({ "lampList": [right, wrong] })), all, "each in the envelope too");
    assert!(
        made.files["sources.toml"].contains("url     = \"https://lamps.example/rest/lamps_get\"")
    );
    let review = &made.files["review.md"];
    assert!(review.contains("on samples or on related pages"), "{review}");
    assert!(!review.contains("body/room"), "what rests on samples is told once:\n{review}");
}

#[test]
fn what_a_draft_rests_on_survives_being_printed() {
    let draft = read(&fixture("lamps_seen.draft.json")).expect("a draft");
    let again = read(&draft.json().to_string()).expect("a printed draft");
    assert_eq!(again, draft);
    let blueprint = fixture("lamps_seen.draft.json").replace("\"stated\": [200],", "");
    let blueprint = blueprint.replace("\"neighbour:GET /sample/lamps\": [200, 403],", "");
    assert_eq!(read(&blueprint).expect("a draft").codes, Known::Unknown);
}

#[test]
fn a_list_says_where_pages_were_saved_from() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("lamps.example/rest")).expect("a folder");
    fs::copy(path_of("lamps_get.fused.txt"), at("lamps.example/rest/lamps_get.html"))
        .expect("a page");
    fs::copy(path_of("lamps_post.fused.txt"), at("other.page")).expect("a page");
    let list = "# the pages of today\n\nhttps://lamps.example/rest/lamps_get\n\
        https://lamps.example/rest/lamps_post other.page\n";
    fs::write(at("urls.txt"), list).expect("a list");
    let out = at("out").display().to_string();
    for named in [at("urls.txt"), folder.path().to_path_buf()] {
        let answer = lxca(&["import", text(&named), "--format", "contract", "--out", &out]);
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
        let sources = fs::read_to_string(at("out/sources.toml")).expect("the sources");
        for name in ["lamps_get", "lamps_post"] {
            let url = format!("url     = \"https://lamps.example/rest/{name}\"");
            assert!(sources.contains(&url), "{sources}");
        }
        fs::remove_dir_all(at("out")).expect("the contract");
    }
    let wrong = "https://lamps.example/rest/lamps_get\nhttps://lamps.example/gone\n\
        ftp://lamps.example/a\nhttps://me:hunter2@lamps.example/a\n";
    fs::write(at("urls.txt"), wrong).expect("a list");
    let answer = lxca(&["import", text(&at("urls.txt"))]);
    assert!(answer.exit == 2 && answer.stdout.is_empty(), "{}", answer.stdout);
    for part in ["urls.txt:3:1: ", "urls.txt:4:1: "] {
        assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
    }
    assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
    let wrong = "https://lamps.example/rest/lamps_get\nhttps://lamps.example/gone\n\
        https://lamps.example/b lamps.example/rest/lamps_get.html\n";
    fs::write(at("urls.txt"), wrong).expect("a list");
    let answer = lxca(&["import", text(&at("urls.txt"))]);
    assert_eq!(answer.exit, 2);
    for part in ["urls.txt:2: no saved page of https://lamps.example/gone", "urls.txt:3: "] {
        assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
    }
    let answer = lxca(&["import", "https://lamps.example/rest/lamps_get"]);
    assert!(answer.exit == 2 && answer.stderr.contains("nothing is fetched"), "{}", answer.stderr);
}

/// A contract of the lamps in a temporary folder, with waivers and a target beside it.
fn lab() -> (tempfile::TempDir, String) {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let lamps = folder.path().join("lamps").display().to_string();
    let draft = folder.path().join("one.txt");
    let page = fixture("lamps_get.fused.txt").replace("/sample/lamps", "/sample/lamps/{lamp_id}");
    fs::write(&draft, page).expect("a page");
    let get = path_of("lamps_get.fused.txt");
    let answer = lxca(&["import", &get, text(&draft), "--format", "contract", "--out", &lamps]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    (folder, lamps)
}

#[test]
fn a_change_of_a_page_names_the_waivers_that_it_touches() {
    let (folder, lamps) = lab();
    let waivers = folder.path().join("waivers.toml");
    let waiver = |case: &str, requirement: &str| {
        format!(
            "[[waiver]]\ncase = \"{case}\"\nrequirement = \"{requirement}\"\nreason = \"known\"\n\
            ticket = \"LAB-1\"\nowner = \"lamps\"\ncreated = 2026-11-01\nexpires = 2026-12-01\n"
        )
    };
    let case = "sample-lamps.get::answers-as-documented";
    let rows = waiver(case, "sample-lamps.get/body/watts")
        + &waiver(case, "sample-lamps.get/body/id/presence");
    fs::write(&waivers, rows).expect("waivers");
    let (old, new) = (path_of("lamps_get.fused.txt"), path_of("lamps_get.newer.txt"));
    let diff = |format: &str, new: &str| {
        lxca(&[
            "import",
            "--diff",
            &old,
            new,
            "--waivers",
            text(&waivers),
            "--contract",
            &lamps,
            "--catalogue",
            &lamps,
            "--format",
            format,
        ])
    };
    let answer = diff("json", &new);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let changes: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let touched: Vec<(&str, usize)> = changes
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| (it["place"].as_str().unwrap(), it["waivers"].as_array().unwrap().len()))
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(touched, [("response/watts", 1)]);
    let watts = changes.as_array().unwrap().iter().find(|it| it["place"] == "response/watts");
    let waiver = &watts.unwrap()["waivers"][0];
    assert_eq!(waiver["case"], case);
    assert_eq!(waiver["requirement"], "sample-lamps.get/body/watts");
    assert!(waiver["at"].as_str().unwrap().ends_with("waivers.toml:1"), "{waiver}");
    let answer = diff("markdown", &new);
    assert!(answer.stdout.contains("waivers.toml:1"), "{}", answer.stdout);
    // A page that is gone touches what is about its operation.
    let answer = diff("json", &path_of("lamps_post.fused.txt"));
    let changes: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(changes[0]["rule"], "operation-vanished");
    assert_eq!(changes[0]["waivers"].as_array().map(Vec::len), Some(2), "{changes}");
    // Waivers are of no use without a difference.
    let answer = lxca(&["import", &old, "--waivers", text(&waivers)]);
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
}

#[test]
fn a_target_may_have_the_facts_of_imported_pages_and_no_others() {
    let (folder, lamps) = lab();
    let target = folder.path().join("lab.toml");
    let plan = |fact: &str| {
        let file = format!(
            "name = \"lab\"\nurl = \"http://127.0.0.1:1\"\n[auth]\nmethod = \"basic\"\n\
            user = \"CONFORMANCE\"\npassword-env = \"LXCA_PASSWORD\"\n[facts]\n{fact}\n"
        );
        fs::write(&target, file).expect("a target");
        lxca(&["plan", "--target", text(&target), "--contract", &lamps, "--catalogue", &lamps])
    };
    let answer = plan("\"page.lamp_id\" = \"l1\"");
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("GET /sample/lamps/l1"), "{}", answer.stdout);
    let answer = plan("\"page.lamp\" = \"l1\"");
    assert_eq!(answer.exit, 2, "{}", answer.stdout);
    for part in ["lab.toml:8:1", "page.lamp", "page.lamp_id", "page.send"] {
        assert!(answer.stderr.contains(part), "{part}: {}", answer.stderr);
    }
}

#[test]
fn a_gate_tells_in_every_form_what_pages_announce() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    for name in ["before", "after"] {
        let answer =
            lxca(&["run", "--out", &at(name), "--filter", "sftp-locks.list::*", "--quiet"]);
        assert_eq!(answer.exit, 0, "{}", answer.stderr);
    }
    let change = json!([{
        "rule": "member-appeared", "class": "additive", "operation": "GET /aicc/service/sftp/locks",
        "place": "response/colour<script>", "before": "", "after": "colour|x", "before_at": null,
        "after_at": [3, 1],
    }]);
    fs::write(at("announced.json"), change.to_string()).expect("changes");
    let answer = lxca(&[
        "gate",
        "--baseline",
        &at("before"),
        "--candidate",
        &at("after"),
        "--announced",
        &at("announced.json"),
        "--out",
        &at("gate"),
    ]);
    assert_eq!(answer.exit, 0, "{}", answer.stderr);
    let file = |name: &str| fs::read_to_string(folder.path().join("gate").join(name)).expect(name);
    let (html, markdown) = (file("gate.html"), file("gate.md"));
    assert!(markdown.contains("## Against what the pages announce: "), "{markdown}");
    assert!(markdown.contains("| absent | member-appeared | `GET /aicc/service/sftp/locks` |"));
    assert!(html.contains("<h2>Against what the pages announce</h2>"), "{html}");
    assert!(html.contains(">absent</span>") && !html.contains("<script"), "{html}");
    assert!(answer.stdout.contains("absent"), "{}", answer.stdout);
    let json: Value = serde_json::from_str(&file("announced.json")).expect("JSON");
    assert_eq!(json[0]["changes"][0]["standing"], "absent", "{json}");
    let plain = lxca(&[
        "gate",
        "--baseline",
        &at("before"),
        "--candidate",
        &at("after"),
        "--out",
        &at("gate2"),
    ]);
    assert_eq!(plain.exit, answer.exit, "what is announced changes no answer");
    let html = fs::read_to_string(folder.path().join("gate2/gate.html")).expect("gate.html");
    assert!(!html.contains("announce"), "nobody asked for it");
}

/// What a draft says, without places and without how it was saved.
fn said(text: &str) -> Value {
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
    let mut value = read(text).unwrap_or_else(|error| panic!("{error}:\n{text}")).json();
    plain(&mut value);
    value
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| change(line) + "\n").collect()
}

/// The blanks at the beginning of a row that stands below another.
fn indented(line: &str, with: impl Fn(usize) -> String) -> String {
    let body = line.trim_start_matches(' ');
    let row = body.starts_with(char::is_alphabetic);
    if row { with(line.len() - body.len()) + body } else { line.to_owned() }
}

#[test]
fn a_page_says_the_same_however_its_blanks_and_lines_came_out() {
    for name in ["lamps_post.fused.txt", "lamps_post.spaced.txt", "lamps_post.pipes.txt"] {
        let page = fixture(name);
        let wanted = said(&page);
        let mut ways = vec![
            ("Windows", format!("\u{feff}{}", page.replace('\n', "\r\n"))),
            ("blanks at the end", page.replace('\n', "  \n")),
            (
                "blanks that don't break",
                page.replace("Required / Optional", "Required\u{a0}/\u{a0}Optional")
                    .replace("following values", "following\u{a0}values")
                    .replace("and password", "and\u{a0}password"),
            ),
            ("its address", format!("https://lamps.example/rest/lamps_post\n{page}")),
        ];
        if name.contains("pipes") {
            ways.push(("bars without blanks", page.replace(" | ", "|")));
            ways.push(("wrapped cells", page.replace("of the thread |", "of the\nthread |")));
        } else {
            ways.push(("wrapped lines", page.replace("v3.2.0 or later.", "v3.2.0 or\nlater.")));
            ways.push(("wrapped lines", page.replace("is always Hanging.", "is\nalways Hanging.")));
            ways.push(("wide lines", page.replace("\n\n", "\n\n\n")));
        }
        if name.contains("spaced") {
            let tabs = |count: usize| "\t".repeat(count / 2);
            ways.push(("tabs", each_line(&page, |line| indented(line, tabs))));
            let blanks = |count: usize| "\u{a0}".repeat(count);
            ways.push(("indented", each_line(&page, |line| indented(line, blanks))));
        }
        for (way, text) in ways {
            assert_ne!(text, page, "{name}: {way}");
            assert_eq!(said(&text), wanted, "{name}: {way}");
        }
    }
}

#[test]
fn borders_show_a_name_that_has_blanks() {
    let page = "GET /sample/bells\nRequest URL\nGET https://h/sample/bells\nResponse body\n\
        Attributes | Type | Description |\n---|---|---|\nbell | String | Name |\n\
        bell tone | Integer | Tone |\nsize | Long | Size |\n";
    let names: Vec<Value> =
        said(page)["response"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["bell", "bell tone", "size"]);
}

#[test]
fn a_column_of_requests_in_an_answer_is_read_again_as_it_was_printed() {
    let page = "GET /sample/bells\nRequest URL\nGET https://h/sample/bells\nResponse body\n\
        AttributesRequired / OptionalTypeDescription\nbellRequiredStringName\n";
    let draft = read(page).expect("a page");
    assert_eq!(said(&draft.json().to_string())["response"], said(page)["response"]);
    assert_eq!(Draft::from_json(&draft.json()).expect("a draft").json(), {
        let mut printed = draft.json();
        printed["rendering"] = json!("a draft in JSON");
        printed
    });
}

#[test]
fn a_page_of_too_many_rows_is_refused() {
    let head = "GET /x\nRequest URL\nGET https://h/x\nResponse body\nAttributesTypeDescription\n";
    let rows = "lampStringX\n".repeat(7_000);
    let refused = read(&format!("{head}{rows}")).expect_err("too many rows");
    assert!(refused.why.contains("4000 rows"), "{refused}");
}

/// What the fuzzer kept, each once, as it checks it.
#[test]
fn every_text_that_the_fuzzer_kept_is_read_or_refused() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/import");
    let mut count = 0;
    for entry in fs::read_dir(corpus).expect("the corpus") {
        let path = entry.expect("an entry").path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        count += 1;
        let Ok(draft) = read(&text) else { continue };
        let again = Draft::from_json(&draft.json()).expect("a printed draft is one");
        assert_eq!(again.json()["response"], draft.json()["response"], "{}", path.display());
    }
    assert!(count > 20, "{count} texts");
}
