//! How a wrong case is refused: every mistake at once, with its place and what is accepted.
//!
//! Knows: the broken case files of the fixtures. Must not know: what any appliance answers.

use std::path::Path;

use lxca_conform::catalogue::{self, lint};
use lxca_conform::contract::Contract;
use lxca_conform::files::{self, FileSet};
use lxca_conform::problem::Problem;

use crate::support::built_in::loaded;

fn broken() -> Vec<Problem> {
    let folder =
        files::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/broken"))
            .expect("the fixtures");
    assert!(folder.len() >= 4, "{:?}", folder.keys());
    catalogue::load(&folder).expect_err("broken case files")
}

/// File, line, column, and words that the message must have.
type Expected = (&'static str, Option<(usize, usize)>, &'static [&'static str]);

#[test]
fn every_mistake_of_every_broken_file_is_shown_at_once_with_its_place_and_what_is_accepted() {
    const EXPECTED: &[Expected] = &[
        (
            "aicc/service/sftp/locks/get.toml",
            Some((6, 1)),
            &[
                "unknown field `effct`",
                "`effect`",
                "`impact`",
                "`request`",
                "`expect`",
                "`step`",
                "`cleanup`",
            ],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((13, 11)),
            &["`raed`", "`read`", "`write`", "`destroy`"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((17, 1)),
            &["case `sends-nothing`", "either `request` and `expect`, or `[[case.step]]`"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((22, 1)),
            &["step `wait`", "`every = \"2\"`", "500ms, 2s or 10m"],
        ),
        (
            "aicc/service/sftp/locks/get.toml",
            Some((22, 1)),
            &["step `wait`", "`budget = \"soon\"`"],
        ),
        (
            "managementServer/data/put.toml",
            Some((3, 1)),
            &["unknown key `cases`", "`operation`", "`[[case]]`"],
        ),
        (
            "managementServer/data/put.toml",
            Some((9, 13)),
            &["unknown field `jsn`", "`json`", "`raw`", "`content-type`"],
        ),
        ("managementServer/data/put.toml", Some((16, 23)), &["invalid type", "u16"]),
        ("managementServer/data/put.toml", Some((18, 1)), &["missing field `id`"]),
        ("tasks/get.toml", Some((5, 33)), &["string", "expected `\"`"]),
        (
            "sessions/post.toml",
            None,
            &["`operation`", "missing", "operation = \"backup.transfer\""],
        ),
    ];
    let problems = broken();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for (file, at, words) in EXPECTED {
        let hit = problems.iter().zip(&shown).any(|(problem, text)| {
            problem.file == *file
                && problem.at == *at
                && words.iter().all(|word| text.contains(word))
        });
        assert!(hit, "no problem at {file} {at:?} with {words:?} among\n{}", shown.join("\n"));
    }
    assert_eq!(problems.len(), EXPECTED.len(), "{}", shown.join("\n"));
    let mut files: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    files.dedup();
    assert_eq!(files.len(), 4, "the problems of one file stand together: {files:?}");
}

#[test]
fn a_catalogue_that_doesnt_fit_the_contract_is_refused_with_every_reason() {
    let (contract, _) = loaded();
    let text = r#"operation = "backup.transfer"
[[case]]
id = "Not_Kebab"
title = "An id that is no claim"
effect = "write"
needs = ["backup.colour"]
request = { json = '{ "uuid": "{{backup.uuid}}" }' }
expect = { status = [200] }

[[case]]
id = "moves-quietly"
title = "A move that is called a write"
effect = "write"
impact = "none"
request = { json = '{ "action": "start", "operation": "move" ' }
expect = { status = [418], requirement = "backup.transfer/no-such-thing", present = ["/messages/*/id"], absent = ["result"] }

[[case]]
id = "moves-quietly"
title = "The same id again, and it can't fail"
effect = "destroy"
impact = "none"
request = { auth = "unprivileged" }
expect = { status = [] }

[[case]]
id = "goes-astray"
title = "An operation that nobody knows"
effect = "read"
[[case.step]]
name = "a"
operation = "backup.fetch"
expect = { status = [200] }
[[case.cleanup]]
name = "b"
when = "c"
expect = { status = [200], body = "start" }
"#;
    let catalogue = catalogue::load(&FileSet::from([(
        "managementServer/data/post.toml".to_owned(),
        text.to_owned(),
    )]))
    .expect("well-formed case files");
    let problems = lint(contract, &catalogue);
    let shown = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for (line, words) in [
        (2, "kebab-case"),
        (2, "needs an `impact`"),
        (2, "unknown fact `backup.colour`"),
        (2, "uses {{backup.uuid}}"),
        (2, "belong in managementServer/data/put.toml"),
        (2, "say which with body"),
        (10, "has the effect destroy"),
        (10, "isn't valid JSON"),
        (10, "unregistered requirement `backup.transfer/no-such-thing`"),
        (10, "doesn't document"),
        (10, "`*` stands for each item of a list in `absent` only"),
        (10, "has `result`, which must be a JSON pointer: /result"),
        (18, "is already used by the case at managementServer/data/post.toml:10"),
        (18, "expects no status"),
        (18, "account = \"unprivileged\""),
        (26, "unknown operation `backup.fetch`; known are"),
        (26, "waits for the unknown step `c`"),
    ] {
        let prefix = format!("managementServer/data/post.toml:{line}:1: ");
        assert!(
            shown.lines().any(|problem| problem.starts_with(&prefix) && problem.contains(words)),
            "no problem at line {line} with `{words}` among\n{shown}"
        );
    }
}

/// What `lint` says of a case file.
fn problems_of(contract: &Contract, file: &str, text: String) -> String {
    let catalogue = catalogue::load(&FileSet::from([(file.to_owned(), text)]))
        .expect("a well-formed case file");
    let problems = lint(contract, &catalogue);
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_step_for_several_rows_is_a_bounded_read_of_what_was_captured() {
    let (contract, _) = loaded();
    let problems = |capture: &str, step: &str| {
        let text = format!(
            r#"operation = "fans.get"
[[case]]
id = "asks-for-several"
title = "Several fans, one after the other"
effect = "read"
[[case.step]]
name = "list"
operation = "fans.list"
expect = {{ status = [200], body = "list" }}
[[case.step.capture]]
fact = "one"
list = "/fanList"
take = "/uuid"
{capture}
[[case.step]]
name = "get"
request = {{ path = {{ uuid = "{{{{one}}}}" }} }}
expect = {{ status = [200], body = "whole" }}
{step}
"#
        );
        problems_of(contract, "fans/{uuid}/get.toml", text)
    };
    let spread = |most: &str| format!("most = {most}\nspread = \"/type\"");
    assert_eq!(problems(&spread("8"), "each = \"one\""), "");
    for (capture, step, words) in [
        (spread("9"), "each = \"one\"", "needs `most` of 1 to 8"),
        ("spread = \"/type\"".to_owned(), "each = \"one\"", "needs `most` of 1 to 8"),
        (spread("8"), "each = \"other\"", "which no earlier step captures with `spread`"),
        ("most = 8".to_owned(), "each = \"one\"", "which no earlier step captures with `spread`"),
        (spread("8"), "each = \"one\"\ngrace = \"2s\"", "must be a GET of the claim"),
    ] {
        let shown = problems(&capture, step);
        assert!(shown.contains(words), "{capture}, {step}: {shown}");
    }
}

#[test]
fn what_rows_must_have_is_listed_by_names_where_that_is_held_and_nowhere_else() {
    let (contract, _) = loaded();
    let problems = |relation: &str| {
        let text = format!(
            r#"operation = "fans.list"
[[case]]
id = "has-what-was-asked-for"
title = "A list in part has what the whole one has"
effect = "read"
[[case.step]]
name = "list"
expect = {{ status = [200], body = "list" }}
[[case.step]]
name = "part"
request = {{ query = {{ includeAttributes = "name,uuid" }} }}
expect = {{ status = [200], body = "some", relates = [
    {{ with = "list", own = "/fanList/*", theirs = "/fanList/*", key = "/uuid", {relation} }},
] }}
"#
        );
        problems_of(contract, "fans/get.toml", text)
    };
    assert_eq!(problems("holds = \"has\", has = [\"name\"]"), "");
    for (relation, words) in [
        ("holds = \"has\"", "lists in `has` what must be there where it holds \"has\""),
        ("holds = \"covers\", has = [\"name\"]", "and nowhere else"),
        ("holds = \"has\", has = [\"name\"], same = [\"name\"]", "lists in `same`"),
        ("holds = \"has\", has = [\"/name\"]", "must be the name of a member: name"),
    ] {
        let shown = problems(relation);
        assert!(shown.contains(words), "{relation}: {shown}");
    }
}
