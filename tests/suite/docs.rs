//! Pages of `docs/` that are written from tables are fresh, and what `explain` promises is so.
//!
//! Knows: the tables, the pages, and the double in this process. `UPDATE_DOCS=1 cargo test --test
//! docs` writes the pages.

#![allow(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test stops where something is not as it has to be"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::built_in;
use lxca_conform::builtin::{self, DoubleTime, RealTime};
use lxca_conform::catalogue::Effect;
use lxca_conform::cli::exit_codes;
use lxca_conform::conduct::{Setup, conduct};
use lxca_conform::coverage;
use lxca_conform::double::{Options, Variant};
use lxca_conform::judge::{CHECKS, WORDS, checks_page, words_table};
use lxca_conform::plan::Scope;
use lxca_conform::report::forms_table;
use lxca_conform::self_test::FaultTable;
use lxca_conform::store::TargetKind;

const END: &str = "<!-- end -->";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// Holds a page against what it should be, or writes it.
fn hold(name: &str, wanted: &str) {
    let path = page(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).expect("a page that can be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/{name} is stale; write it again with: UPDATE_DOCS=1 cargo test --test suite docs::"
    );
}

/// The page with the text of one block replaced.
fn with_block(text: &str, name: &str, content: &str) -> String {
    let opening = text
        .find(name)
        .and_then(|at| text[at..].find("-->\n").map(|end| at + end + 4))
        .unwrap_or_else(|| panic!("no block `{name}`"));
    let closing = text[opening..].find(END).map(|at| opening + at).expect("the end of the block");
    format!("{}{content}{}", &text[..opening], &text[closing..])
}

#[test]
fn the_page_of_checks_is_the_table() {
    let contract = built_in::contract();
    let page = checks_page(contract);
    hold("checks.md", &page);
    for check in CHECKS {
        assert!(
            page.contains(&format!("\n## {}\n", check.name))
                && page.contains(check.hint)
                && page.contains(check.how),
            "{}",
            check.name
        );
    }
}

#[test]
fn the_tables_of_verdicts_are_those_of_the_program() {
    let mut text = fs::read_to_string(page("verdicts.md")).expect("docs/verdicts.md");
    for kind in ["verdict", "basis", "severity", "requirement", "conclusion", "disposition"] {
        text = with_block(
            &text,
            &format!("<!-- written from src/judge/words.rs: {kind} "),
            &words_table(kind),
        );
    }
    hold("verdicts.md", &text);
    let mut text = fs::read_to_string(page("exit-codes.md")).expect("docs/exit-codes.md");
    text = with_block(&text, "<!-- written from src/cli/exit.rs: exit codes ", &exit_codes());
    hold("exit-codes.md", &text);
}

#[test]
fn the_table_of_report_forms_is_that_of_the_program() {
    let text = fs::read_to_string(page("report-format.md")).expect("docs/report-format.md");
    let block = "<!-- written from src/report/forms.rs: forms ";
    hold("report-format.md", &with_block(&text, block, &forms_table()));
}

#[test]
fn the_table_of_operations_is_what_coverage_counts() {
    let contract = built_in::contract();
    let text = fs::read_to_string(page("../README.md")).expect("README.md");
    let block = "<!-- written from schemas/documented.toml and the contract: operations ";
    let table = coverage::table(&coverage::coverage(contract, None));
    hold("../README.md", &with_block(&text, block, &table));
}

#[test]
fn every_word_of_the_formats_has_its_meaning() {
    let schema: serde_json::Value = serde_json::from_str(
        &fs::read_to_string(page("../schemas/report.schema.json")).expect("the schema"),
    )
    .expect("JSON");
    let known: BTreeSet<&str> = WORDS.iter().map(|word| word.word).collect();
    for pointer in [
        "/properties/conclusion",
        "/$defs/case/properties/verdict",
        "/$defs/case/properties/disposition",
        "/$defs/requirement/properties/status",
        "/$defs/severity",
        "/$defs/basis",
        "/$defs/effect",
    ] {
        let words = schema
            .pointer(&format!("{pointer}/enum"))
            .and_then(serde_json::Value::as_array)
            .unwrap_or_else(|| panic!("no list of words at {pointer}"));
        for word in words {
            assert!(
                known.contains(word.as_str().expect("a word")),
                "{word} of {pointer} isn't explained"
            );
        }
    }
}

fn explained(id: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(["explain", id])
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{id}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn words_and_exit_codes_are_explained() {
    for word in WORDS {
        let text = explained(word.word);
        assert!(text.contains(word.when) && text.contains(word.then), "{text}");
    }
    for code in ["0", "3", "130", "exit-6"] {
        assert!(explained(code).starts_with("exit code "), "{code}");
    }
}

/// The words that a report, a page or a help text uses without saying what they mean.
const OURS: &[&str] = &[
    "basis",
    "case",
    "catalogue",
    "check",
    "claim",
    "conclusion",
    "contract",
    "deviation",
    "disposition",
    "double",
    "drift",
    "effect",
    "erratum",
    "exercised",
    "fact",
    "fault",
    "finding",
    "gate",
    "observation",
    "operation",
    "plan",
    "record",
    "requirement",
    "severity",
    "variant",
    "verdict",
    "violation",
    "waiver",
];

#[test]
fn each_word_of_ours_is_defined_in_the_glossary_and_explained() {
    let page = fs::read_to_string(page("glossary.md")).expect("docs/glossary.md");
    for word in OURS {
        assert_eq!(page.matches(&format!("\n## {word}\n")).count(), 1, "{word}");
        assert!(explained(word).starts_with(&format!("{word}\n  ")), "{word}");
    }
    // A word that is a check, too, has both.
    assert!(explained("drift").contains("\ncheck drift\n"));
    let output = Command::new(env!("CARGO_BIN_EXE_lxca-conform"))
        .args(["explain", "verdcit"])
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean verdict?"));
}

/// What `explain CHECK` says would show it does show it.
#[test]
fn each_check_is_shown_by_what_its_story_names() {
    let (contract, catalogue) = (built_in::contract(), built_in::catalogue());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let table = FaultTable::built_in().expect("the table of faults");
    for check in CHECKS {
        let story = explained(check.name);
        let mut options = Options::default();
        let mut words =
            story.split_whitespace().skip_while(|word| *word != "--fault" && *word != "--variant");
        match (words.next(), words.next()) {
            (Some("--fault"), Some(name)) => {
                table.find(name).unwrap_or_else(|error| panic!("{error}")).play(&mut options);
            }
            (Some("--variant"), Some(name)) => drop(
                options.variants.insert(
                    *Variant::ALL
                        .iter()
                        .find(|variant| variant.name() == name)
                        .unwrap_or_else(|| panic!("no variant {name}")),
                ),
            ),
            _ => panic!("explain {} names nothing that shows it:\n{story}", check.name),
        }
        let report = runtime.block_on(async {
            let (double, target) = builtin::start(options).await;
            let pace = DoubleTime(double.clock().clone());
            let scope = Scope {
                allow: Effect::Destroy,
                filters: Vec::new(),
                strict: false,
                facts: target.facts.clone(),
                bad_logins: u32::MAX,
                shard: None,
            };
            let setup = Setup {
                contract,
                catalogue,
                target: &target,
                kind: TargetKind::Double,
                scope,
                out: None,
                pace: &pace,
                clock: &RealTime,
                observer: &|_| {},
                stop: None,
            };
            conduct(setup).await.expect("a run against the double comes to its end").report
        });
        let found: BTreeSet<&str> = report
            .cases
            .iter()
            .flat_map(|case| &case.findings)
            .map(|finding| finding.check.as_str())
            .collect();
        assert!(found.contains(check.name), "{}: only {found:?} found something", check.name);
    }
}

/// The text between the heading and the next one of its rank.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).expect("the section");
    rest.split("\n## ").next().unwrap_or(rest)
}

#[test]
fn every_file_that_the_steps_of_contributing_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).expect("the page");
    let mut seen = 0;
    for name in text.split('`').skip(1).step_by(2) {
        let folder =
            ["src/", "tests/", "schemas/", "docs/"].iter().any(|top| name.starts_with(top));
        if folder && !name.contains(['<', ' ']) && !name.contains("NAME") {
            assert!(root.join(name).exists(), "CONTRIBUTING.md names {name}, which is not there");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} files are named");
    for what in ["a case", "an operation", "a fault", "a check", "a report form", "a login method"]
    {
        let steps = section(&text, &format!("How to add {what}"));
        assert!(steps.contains("\n1. ") && steps.contains("\n3. "), "{what} has no steps");
    }
}

#[test]
fn each_kind_of_semantic_check_has_its_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(page("schema-format.md")).expect("the page");
    let (_, rest) = page.split_once("| kind | parameters |").expect("the table of kinds");
    let rows: BTreeSet<&str> = rest
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    let source = fs::read_to_string(root.join("src/contract/semantic.rs")).expect("the source");
    let (_, rest) = source.split_once("fn kind(").expect("where kinds are read");
    let kinds: BTreeSet<&str> = rest
        .lines()
        .take_while(|line| !line.trim().starts_with("other =>"))
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"))
        .map(|(name, _)| name)
        .collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    assert_eq!(kinds, rows, "kinds in the source, and rows of docs/schema-format.md");
}
