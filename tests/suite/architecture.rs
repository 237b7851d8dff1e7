//! One package, one door; a pure core; a double that shares nothing: read from the source text.
//!
//! Knows: paths and words of `src/`. Must not know: what the code does.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod doors;
mod double;
mod floors;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// So many lines of one topic at most.
const MOST_LINES: usize = 450;

struct Source {
    /// Below `src/`, with `/`.
    path: String,
    text: String,
    /// Without comments.
    code: String,
    /// Without comments and without what is compiled for tests only.
    product: String,
}

impl Source {
    /// The room that it belongs to: the first part of its path.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    /// The rooms that it names, in the code of the product.
    fn imports(&self) -> BTreeSet<&str> {
        let word = |text: &'_ str| text.find(|c: char| !c.is_alphanumeric() && c != '_');
        let mut found = BTreeSet::new();
        for (at, start) in self.product.match_indices("crate::") {
            let rest = &self.product[at + start.len()..];
            // `use crate::{a, b}` names several.
            let list = rest.strip_prefix('{').and_then(|list| list.split_once('}'));
            let names: Vec<&str> = match list {
                Some((names, _)) => names.split(',').map(str::trim).collect(),
                None => vec![rest],
            };
            found.extend(names.iter().map(|name| &name[..word(name).unwrap_or(name.len())]));
        }
        found.remove("");
        found
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(
        files.len() > 30,
        "only {} source files are found below {}",
        files.len(),
        root.display()
    );
    let read = |file: PathBuf| {
        let path = file
            .strip_prefix(&root)
            .expect("a file of the folder")
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let text = fs::read_to_string(&file).expect("a readable source file");
        let code = without_comments(&text);
        let product =
            if path.ends_with("/tests.rs") { String::new() } else { without_tests(&code) };
        Source { path, text, code, product }
    };
    files.into_iter().map(read).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Line comments are enough: this code has no block comments, which a test below holds.
fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.trim_start().starts_with("//") {
                ""
            } else {
                line.split(" // ").next().unwrap_or_default()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// A `#[cfg(test)]` item ends with its own line, or with the first brace at the start of a line.
fn without_tests(code: &str) -> String {
    let mut kept = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        let first =
            lines.by_ref().find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default();
        if !first.trim_end().ends_with(';') && !first.trim_end().ends_with('}') {
            lines.by_ref().find(|line| line.starts_with('}'));
        }
    }
    kept.join("\n")
}

fn allowed(path: &str, places: &[&str]) -> bool {
    places
        .iter()
        .any(|place| if place.ends_with('/') { path.starts_with(place) } else { path == *place })
}

/// Whether `code` names the crate as the root of a path, or imports it.
fn names(code: &str, package: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(package).any(|(at, _)| {
        let before = &code[..at];
        let after = &code[at + package.len()..];
        let within = before.ends_with(word)
            || before.strip_suffix("::").is_some_and(|before| before.ends_with(word));
        let imported =
            before.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        !within && (after.starts_with("::") || imported)
    })
}

/// A part of a longer word isn't it: `print!` is no part of `eprint!` here, but `println!` catches
/// `eprintln!`.
fn says(code: &str, words: &str) -> bool {
    code.contains(words)
}

#[test]
fn each_file_opens_with_what_it_knows() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "these files don't open with `//! `: {wrong:?}");
}

#[test]
fn no_file_is_longer_than_a_topic() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.text.lines().count() >= MOST_LINES)
        .map(|source| format!("{} ({} lines)", source.path, source.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these files: {}", long.join(", "));
}

#[test]
fn comments_are_line_comments() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.text.lines().any(|line| line.trim_start().starts_with("/*")))
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "the other tests read line comments only: {wrong:?}");
}

#[test]
fn the_reader_of_imports_sees_each_form_of_them() {
    let code = "use crate::plan::{self, Facts};\nuse crate::{decode, files};\nfn a() { \
                crate::report::x(); }";
    let source = Source {
        path: "judge/mod.rs".to_owned(),
        text: String::new(),
        code: code.to_owned(),
        product: code.to_owned(),
    };
    assert_eq!(source.room(), "judge");
    assert_eq!(source.imports(), BTreeSet::from(["plan", "decode", "files", "report"]));
}

#[test]
fn the_reader_of_sources_sees_what_it_has_to_see() {
    assert!(
        names("use toml::de;", "toml")
            && names("let x = ::toml::from_str(t);", "toml")
            && names("use toml;", "toml")
    );
    assert!(
        !names("Problem::from_toml::<T>()", "toml")
            && !names("crate::toml::x", "toml")
            && !names("\"x.toml\"", "toml")
    );
    let code = without_comments("//! tokio::x\nfn a() {} // std::fs\n    // println!\nlet b = 1;");
    assert!(
        !code.contains("tokio")
            && !code.contains("std::fs")
            && !code.contains("println")
            && code.contains("let b")
    );
    let product = without_tests(
        "fn a() {}\n#[cfg(test)]\nmod x;\nfn b() {}\n#[cfg(test)]\nmod tests \
        {\n    fn c() {\n    }\n}\nfn d() {}",
    );
    assert!(
        product.contains("fn a")
            && product.contains("fn b")
            && product.contains("fn d")
            && !product.contains("fn c")
            && !product.contains("mod x")
    );
}
