//! The double shares nothing with the checker, and imports downwards only.
//!
//! Knows: the rooms of the double. Must not know: what the code does.

use std::collections::BTreeSet;

use super::{Source, allowed, says, sources};

fn names_module(code: &str, module: &str) -> bool {
    code.match_indices(module).any(|(at, _)| {
        !code[at + module.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })
}

#[test]
fn the_double_shares_nothing_with_the_checker() {
    const FOREIGN: &[&str] = &[
        "crate::",
        "lxca_conform",
        "jsonschema",
        "include_str!",
        "include_bytes!",
        "schemas/",
        "cases/",
        "fixtures/",
        "std::fs",
    ];
    let mut wrong = Vec::new();
    let sources = sources();
    let double: Vec<&Source> =
        sources.iter().filter(|source| source.path.starts_with("double/")).collect();
    assert!(double.len() > 10, "the double has only {} files", double.len());
    for source in double {
        for words in FOREIGN {
            // The data of the site lies beside its reader, and is nobody else's.
            let own = *words == "include_str!"
                && source.path.starts_with("double/site/")
                && !source.code.contains("include_str!(\"..");
            if !own && says(&source.code, words) {
                wrong.push(format!("src/{} says `{words}`", source.path));
            }
        }
        // From a file, the way up to `double` is as long as its path; one step more leads out. A
        // module of tests is a step further down.
        let depth = source.path.matches('/').count();
        let most = if source.path.ends_with("mod.rs") { depth - 1 } else { depth };
        if says(&source.product, &"super::".repeat(most + 1))
            || says(&source.code, &"super::".repeat(depth + 2))
        {
            wrong.push(format!("src/{} reaches out of the double with `super`", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rooms of the double, the lowest first: a room imports from itself and from those before it.
const ROOMS_OF_THE_DOUBLE: &[&str] =
    &["terms", "site", "http", "misbehave", "appliance", "handling", "front"];

/// Which files of the double a file of it imports, as `room/file`.
fn imports_in_the_double(source: &Source) -> BTreeSet<String> {
    let room = source.path.split('/').nth(1).unwrap_or_default();
    let word = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default().to_owned()
    };
    let mut found = BTreeSet::new();
    for (at, _) in source.product.match_indices("super::") {
        let (before, rest) = (&source.product[..at], &source.product[at + "super::".len()..]);
        if before.ends_with("super::") {
            continue;
        }
        let (room, rest) = match rest.strip_prefix("super::") {
            Some(rest) => (word(rest), rest.split_once("::").map_or("", |(_, rest)| rest)),
            None => (room.to_owned(), rest),
        };
        assert!(!rest.starts_with('{'), "{} imports a group of rooms or files", source.path);
        found.insert(format!("{room}/{}", word(rest)));
    }
    found
}

#[test]
fn the_double_imports_downwards_only_and_nowhere_in_a_circle() {
    let sources = sources();
    let files: Vec<&Source> = sources
        .iter()
        .filter(|source| source.path.starts_with("double/") && !source.path.ends_with("/mod.rs"))
        .filter(|source| {
            let tests_only = ["double/testing.rs", "double/scenes.rs", "double/scenes/"];
            !allowed(&source.path, &tests_only)
        })
        .collect();
    let rank = |room: &str| ROOMS_OF_THE_DOUBLE.iter().position(|one| *one == room);
    let mut left: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut wrong = Vec::new();
    for source in files {
        let name = source.path.trim_start_matches("double/").trim_end_matches(".rs").to_owned();
        let here = rank(name.split('/').next().unwrap_or_default());
        assert!(here.is_some(), "src/{} lies in none of the rooms of the double", source.path);
        let imports = imports_in_the_double(source);
        for import in &imports {
            match rank(import.split('/').next().unwrap_or_default()) {
                Some(there) if Some(there) <= here => {}
                _ => wrong.push(format!("src/{} imports {import}", source.path)),
            }
        }
        left.push((name, imports));
    }
    assert!(wrong.is_empty(), "imports that climb:\n{}", wrong.join("\n"));
    assert!(left.len() > 40 && left.iter().any(|(_, imports)| imports.len() > 10), "{left:?}");
    // What imports nothing that is left can go; what can't go is a circle.
    loop {
        let names: BTreeSet<String> = left.iter().map(|(name, _)| name.clone()).collect();
        let before = left.len();
        left.retain(|(name, imports)| {
            imports.iter().any(|import| import != name && names.contains(import))
        });
        if left.len() == before {
            break;
        }
    }
    let circle: Vec<&str> = left.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        circle.is_empty(),
        "these files of the double import each other in a circle: {circle:?}"
    );
}

#[test]
fn nothing_but_the_composition_knows_the_double() {
    const MAY: &[&str] = &["double/", "builtin.rs", "self_test.rs", "self_test/", "cli/", "lib.rs"];
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| {
            names_module(&source.product, "crate::double") && !allowed(&source.path, MAY)
        })
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "these files import the double: {wrong:?}");
}
