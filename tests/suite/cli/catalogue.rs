//! `list`, `lint` and `explain`: what there is, that it is whole, and the story of each id.
//!
//! Knows: the command line. Must not know: the library behind it.

use crate::support::command::{json, report};

use super::{built_in_folder, lxca};

#[test]
fn list_gives_one_row_per_case_for_programs() {
    let answer = lxca(&["list", "--format", "json"]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""));
    let rows = json(&answer.stdout);
    let rows = rows.as_array().expect("an array");
    assert!(rows.len() >= 45, "{}", rows.len());
    for row in rows {
        let (id, operation) =
            (row["id"].as_str().expect("id"), row["operation"].as_str().expect("operation"));
        assert!(id.starts_with(&format!("{operation}::")), "{id}");
        assert!(row["title"].as_str().is_some_and(|title| !title.is_empty()), "{id}");
        assert!(
            ["read", "write", "destroy"].contains(&row["effect"].as_str().unwrap_or_default()),
            "{id}"
        );
        assert_eq!(row["generated"].as_bool(), Some(id.contains("::generated/")), "{id}");
        let requirements = row["requirements"].as_array().expect("requirements");
        assert!(
            !requirements.is_empty()
                && requirements
                    .iter()
                    .all(|requirement| requirement.as_str().is_some_and(|text| text.contains('/'))),
            "{id}: {requirements:?}"
        );
    }
    let listed: Vec<&str> = rows.iter().map(|row| row["id"].as_str().expect("id")).collect();
    assert_eq!(
        listed,
        verdict_order(),
        "list and report.json have the same cases in the same order"
    );
}

fn verdict_order() -> Vec<String> {
    report(built_in_folder())["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .map(|case| case["id"].as_str().expect("id").to_owned())
        .collect()
}

#[test]
fn list_takes_a_glob_and_ends_with_4_when_nothing_matches() {
    let all = lxca(&["list"]);
    let some = lxca(&["list", "backup.transfer::refuses-*"]);
    assert_eq!((all.exit, some.exit), (0, 0));
    assert!(some.stdout.lines().count() < all.stdout.lines().count());
    assert!(
        some.stdout.contains("backup.transfer::refuses-") && !some.stdout.contains("sftp-locks"),
        "{}",
        some.stdout
    );
    let none = lxca(&["list", "nothing*"]);
    assert_eq!((none.exit, none.stdout.as_str()), (4, ""), "{none:?}");
}

#[test]
fn lint_accepts_what_is_built_in() {
    let answer = lxca(&["lint"]);
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert!(answer.stdout.contains("consistent"), "{}", answer.stdout);
}

#[test]
fn explain_tells_the_story_of_a_case_a_requirement_an_operation_an_erratum_and_a_check() {
    let case = json(&lxca(&["list", "backup.transfer::*", "--format", "json"]).stdout)[0]["id"]
        .as_str()
        .expect("id")
        .to_owned();
    for (id, words) in [
        (
            case.as_str(),
            &[
                "PUT /managementServer/data",
                "expects status",
                "file    cases/managementServer/data/put.toml:",
            ][..],
        ),
        (
            "sftp-locks.list/body/component",
            &["stated", "Response body, row component", "claimed by"],
        ),
        ("backup.transfer", &["PUT /managementServer/data", "backup.transfer/body/jobId"]),
        ("E003", &["put-managementserver-data", "chosen", "vendor page"]),
        ("schema", &["check schema"]),
    ] {
        let answer = lxca(&["explain", id]);
        assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{id}: {answer:?}");
        for word in words {
            assert!(
                answer.stdout.contains(word),
                "explain {id}: `{word}` isn't in\n{}",
                answer.stdout
            );
        }
    }
}

#[test]
fn explain_of_an_unknown_id_ends_with_2_and_names_what_is_near() {
    let answer = lxca(&["explain", "sftp-locks.get/no/component"]);
    assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
    assert!(
        answer.stderr.contains("did you mean") && answer.stderr.contains("/component"),
        "{}",
        answer.stderr
    );
    let answer = lxca(&["explain", "zzzz"]);
    assert_eq!(answer.exit, 2);
    assert!(
        answer.stderr.contains("zzzz") && answer.stderr.contains("lxca-conform list"),
        "{}",
        answer.stderr
    );
}
