//! What the checker may not know: words of the pages.
//!
//! Knows: those words, and the places that still say one. Must not know: what the code does.

use std::collections::BTreeSet;

use super::{allowed, sources};

/// Words of the pages and of the product: operations, paths, members, facts. The checker reads them
/// from `schemas/`. A word counts where no letter, digit or `_` stands around it.
const PAGE_WORDS: &[&str] = &[
    "LXCA",
    "UserId",
    "aicc",
    "backup",
    "backups",
    "component",
    "creationTimestamp",
    "csrf",
    "expirationTimeOut",
    "internal",
    "jobId",
    "jobUID",
    "job_list",
    "lock",
    "locks",
    "managementServer",
    "mountPoint",
    "move",
    "push",
    "quiesce",
    "session.close",
    "session.open",
    "sessions",
    "sftp",
    "tasks",
];

/// The double reads the pages by hand, and these speak of the double.
const OF_THE_DOUBLE: &[&str] = &["double/", "builtin.rs", "self_test.rs", "self_test/"];

/// Places that have such a word all the same, with the reason. The list only gets shorter: a place
/// that has none any more is a failure too.
const STILL_SAID: &[(&str, &[&str], &str)] = &[
    ("catalogue/file.rs", &["backup"], "an example in a message, of an id as people know it"),
    (
        "cli/args.rs",
        &["backup", "component", "lock", "locks", "push", "sftp"],
        "examples in help texts",
    ),
    ("cli/exit.rs", &["aicc"], "a text on exit codes, which docs/exit-codes.md is written from"),
    ("cli/explain.rs", &["component", "lock", "locks"], "names of faults of the double"),
    ("cli/self_test.rs", &["lock"], "an example in a message"),
    ("gate/policy.rs", &["backup", "backups"], "an example in a message"),
    ("judge/status.rs", &["internal"], "the name of status 500 in RFC 9110"),
    ("plan.rs", &["backup"], "an example in a message"),
    (
        "redact/names.rs",
        &["csrf"],
        "what secrets are called on any server, masked without a contract",
    ),
    ("report/evidence.rs", &["csrf"], "headers that a command to send again leaves out"),
    ("store/folder.rs", &["lock"], "the lock of a file"),
    ("waiver.rs", &["backup", "component"], "examples in messages"),
];

/// The words that a line says in its texts: between quotes.
fn said_in_texts(code: &str) -> BTreeSet<&'static str> {
    let texts: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let says = |text: &str, wanted: &str| {
        text.match_indices(wanted).any(|(at, _)| {
            !text[..at].ends_with(word) && !text[at + wanted.len()..].starts_with(word)
        })
    };
    PAGE_WORDS
        .iter()
        .copied()
        .filter(|wanted| texts.iter().any(|text| says(text, wanted)))
        .collect()
}

#[test]
fn the_checker_says_no_word_of_the_pages() {
    let mut wrong = Vec::new();
    let mut said: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    let sources = sources();
    for source in sources.iter().filter(|source| !allowed(&source.path, OF_THE_DOUBLE)) {
        // A file of tests and samples only.
        if source.path == "report/sample.rs" {
            continue;
        }
        let plain = source.product.replace("\\\"", "'").replace("'\"'", "' '");
        let words = said_in_texts(&plain);
        let known = STILL_SAID.iter().find(|(path, ..)| *path == source.path);
        let known: BTreeSet<&str> =
            known.into_iter().flat_map(|(_, words, _)| *words).copied().collect();
        wrong.extend(
            words.difference(&known).map(|word| format!("src/{} says `{word}`", source.path)),
        );
        said.push((source.path.as_str(), words));
    }
    for (path, words, _) in STILL_SAID {
        let now = said.iter().find(|(known, _)| known == path).map(|(_, words)| words);
        wrong.extend(
            words
                .iter()
                .filter(|word| !now.is_some_and(|now| now.contains(**word)))
                .map(|word| format!("src/{path} says `{word}` no more: take it off the list")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_word_is_found_in_texts_only_and_as_a_word_of_its_own() {
    let code = "let component = path.components(\"sftp-list\"); say(\"subcomponent tasks_x\");";
    assert_eq!(said_in_texts(code), BTreeSet::from(["sftp"]));
}
