//! Tests of `snapshot_check`, in a file of their own for their length.
//!
//! Knows: `snapshot_check`. Must not know: what uses it.

use super::*;

fn places(text: &str) -> Vec<(usize, usize, String)> {
    let error = text.parse::<Snapshot>().unwrap_err();
    error
        .problems
        .into_iter()
        .map(|problem| (problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn a_problem_of_form_is_told_where_it_is() {
    for (text, line, column, words) in [
        ("", 1, 1, "not a JSON object"),
        ("[]", 1, 1, "not a JSON object"),
        ("{ \"locks\": [\n", 2, 1, "EOF"),
        (
            "{\n  \"locks\": [\n    { \"component\": \"UP\", \"expirationTimeOut\": 1.5 }\n  ]\n}",
            3,
            49,
            "invalid type: floating point, expected i64",
        ),
        ("{\n  \"lokcs\": []\n}", 2, 9, "unknown field `lokcs`, expected one of"),
        (
            "{ \"accounts\": [ { \"name\": \"a\", \"role\": \"root\" } ] }",
            1,
            45,
            "expected `supervisor` or `operator`",
        ),
        (
            "{ \"locks\": [ { \"component\": \"UP\", \"expirationTimeOut\": 5, \"creationTimestamp\": \"yesterday\" } ] }",
            1,
            90,
            "year",
        ),
        ("{ \"shares\": [], \"shares\": [] }", 1, 24, "duplicate field `shares`"),
    ] {
        let found = places(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].0, found[0].1), (line, column), "{text}: {found:?}");
        assert!(found[0].2.contains(words), "{text}: {found:?}");
    }
}

#[test]
fn every_problem_of_meaning_is_told_at_once_and_where_it_is() {
    let text = r#"{
  "format": 2, "version": "4 1", "uuid": "",
  "shares": ["mnt", "/mnt/a", "/mnt/a"],
  "accounts": [{ "name": "a:b", "role": "operator", "password": "", "id": "x y" }, { "name": "c", "role": "operator", "id": "1" }, { "name": "c", "role": "operator", "id": "1" }],
  "locks": [
    { "component": "XX", "expirationTimeOut": 0, "id": "short" },
    { "component": "UP", "expirationTimeOut": 1, "id": "0123456789abcdef0123456789abcdef" },
    { "component": "UP", "expirationTimeOut": 1, "id": "0123456789abcdef0123456789abcdef" }
  ],
  "backups": [{ "uuid": "a/b", "locations": [] }, { "uuid": "A", "locations": ["/mnt/b", "internal", "internal"] }, { "uuid": "a", "locations": ["/mnt/a"] }],
  "jobs": [
    { "id": "0/7", "operation": "copy", "status": "Running", "endTime": "2026-01-01T00:00:00Z", "durationMs": -1, "percentage": 101, "faults": ["job-fials"] },
    { "id": "5", "operation": "push", "status": "Complete", "startTime": "2026-01-02T00:00:00Z", "endTime": "2026-01-01T00:00:00Z" },
    { "id": "5", "operation": "push", "status": "Cancelled" }
  ],
  "nextJob": 5
}"#;
    let found: Vec<String> = places(text)
        .into_iter()
        .map(|(line, column, message)| {
            format!("{line}:{column} {}", message.chars().take(28).collect::<String>())
        })
        .collect();
    let expected = [
        "2:13 the only form that is known i",
        "2:27 a version is 1 to 40 letters,",
        "2:42 a uuid is 1 to 40 letters, di",
        "3:14 a share is the path where it ",
        "3:31 the share is in the list twic",
        "4:26 a name is 1 to 64 letters, di",
        "4:65 a password can't be empty; le",
        "4:75 an id is 1 to 40 letters, dig",
        "4:142 another account has this name",
        "4:173 another account has this id",
        "6:20 a component is one of CN, CP,",
        "6:47 the number of seconds must be",
        "6:56 an id is 32 letters and digit",
        "8:56 another lock has this id",
        "10:25 a uuid is 1 to 40 letters, di",
        "10:45 a backup lies somewhere: `int",
        "10:80 the location is none of inter",
        "10:102 the location is in the list t",
        "10:127 another backup has this uuid",
        "12:13 an id is 1 to 40 letters, di",
        "12:111 a duration can't be negative",
        "12:129 a percentage is from 0 to 100",
        "12:73 a job that is running hasn't ",
        "12:145 recognise `job-fials`: no fau",
        "13:109 a job can't end before it sta",
        "14:13 another job has this id",
        "16:14 the number of the next job mu",
    ];
    assert_eq!(
        found,
        expected.map(|line| line
            .split_once(' ')
            .map(|(place, words)| format!("{place} {}", words.chars().take(28).collect::<String>()))
            .unwrap())
    );
    let shown = text.parse::<Snapshot>().unwrap_err().to_string();
    assert!(shown.starts_with("  line 2, column 13: ") && shown.ends_with("and 7 more"), "{shown}");
}

#[test]
fn a_wrong_site_is_refused_where_it_is_wrong() {
    for (site, place, words) in [
        (r#"{ "servers": [] }"#, (1, 11), "no collection `servers`; it has nodes, chassis"),
        (r#"{ "nodes": [17] }"#, (1, 23), "an element is an object"),
        (r#"{ "nodes": [{ "a\"b": 1 }] }"#, (1, 23), "an element is an object"),
        (r#"{ "nodes": [{ "name": "a" }] }"#, (1, 23), "a string `uuid`"),
        (r#"{ "nodes": [{ "uuid": "a,b" }] }"#, (1, 33), "1 to 64 letters"),
        (
            r#"{ "cabinets": [{ "UUID": "A" }, { "UUID": "a" }] }"#,
            (1, 53),
            "another element has this `UUID`",
        ),
        (
            r#"{ "nodes": [{ "uuid": "A", "in": [{ "$element": "nodes/B" }] }] }"#,
            (1, 23),
            "leads to no element: nodes/B",
        ),
        (r#"{ "cabinetView": [] }"#, (1, 28), "exactly one view"),
    ] {
        let found = places(&format!("{{ \"site\": {site} }}"));
        assert_eq!(found.len(), 1, "{site}: {found:?}");
        assert!(found[0].2.contains(words), "{site}: {found:?}");
        assert_eq!((found[0].0, found[0].1), place, "{site}: {found:?}");
    }
    for (site, words) in [("[]", "expected a map"), ("{ \"nodes\": {} }", "expected a sequence")] {
        let found = places(&format!("{{ \"site\": {site} }}"));
        assert!(found.len() == 1 && found[0].2.contains(words), "{site}: {found:?}");
    }
    let fine = r#"{ "site": { "nodes": [{ "uuid": "A" }, { "uuid": "B", "in": { "$element": "nodes/a" } }] } }"#;
    assert!(fine.parse::<Snapshot>().is_ok());
}

#[test]
fn the_line_is_right_with_letters_of_several_bytes_before_it() {
    let found = places("{ \"observed\": \"äöü\",\n \"shares\": [\"/ä\", \"x\"] }");
    assert_eq!((found[0].0, found[0].1), (2, 19));
}
