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

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A crate and the only places that may name it: files, or folders that end in `/`.
const DOORS: &[(&str, &[&str])] = &[
    ("anstream", &["cli/"]),
    (
        "askama",
        &["report/html.rs", "gate/html.rs", "gate/matrix.rs", "import/contract/review_html.rs"],
    ),
    ("brotli_decompressor", &["transport/unpack.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("cookie_store", &["transport/session.rs"]),
    ("encoding_rs", &["judge/charset.rs"]),
    ("flate2", &["double/", "transport/unpack.rs"]),
    ("futures_util", &["engine.rs"]),
    (
        "globset",
        &["plan.rs", "cli/catalogue.rs", "cli/self_test.rs", "waiver.rs", "gate/policy.rs"],
    ),
    ("html5gum", &["import/html.rs"]),
    ("http_body_util", &["double/"]),
    ("hyper", &["double/", "transport/fault.rs"]),
    ("hyper_util", &["double/", "transport/connections.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    ("jsonschema", &["contract/schema.rs"]),
    ("proptest", &["catalogue/explore.rs"]),
    ("quick_junit", &["report/junit.rs", "gate/junit.rs"]),
    ("rcgen", &["double/"]),
    ("regex", &["redact.rs", "report/share.rs"]),
    ("reqwest", &["transport/"]),
    ("rpassword", &["password.rs"]),
    ("rust_embed", &["files.rs"]),
    ("rustls", &["transport/", "double/"]),
    ("ruzstd", &["transport/unpack.rs"]),
    ("secrecy", &["password.rs", "transport/", "redact.rs", "builtin.rs"]),
    ("tempfile", &["store.rs"]),
    (
        "tokio",
        &[
            "main.rs",
            "builtin.rs",
            "self_test.rs",
            "conduct.rs",
            "engine.rs",
            "engine/",
            "transport/",
            "double/",
            "cli/",
        ],
    ),
    ("tokio_rustls", &["transport/tls/", "double/"]),
    (
        "toml",
        &[
            "catalogue/file.rs",
            "catalogue/write.rs",
            "contract/layer.rs",
            "contract/load.rs",
            "problem.rs",
            "target.rs",
            "waiver.rs",
            "gate/policy.rs",
            "import/contract/decisions.rs",
            "self_test.rs",
        ],
    ),
    ("url", &["address.rs"]),
    ("wiremock", &["double/front_wiremock.rs"]),
    ("x509_parser", &["certificates/"]),
];

/// Crates of plain values and plain functions: any file may name them.
const EVERYWHERE: &[&str] =
    &["base64", "jiff", "percent_encoding", "semver", "serde", "serde_json", "sha2", "thiserror"];

/// What reaches out of the process, and the only places that may do it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("std::fs", &["files.rs", "store.rs", "target.rs", "password.rs"]),
    ("File::open", &["store.rs", "files.rs"]),
    ("File::create", &["store.rs"]),
    ("std::env::", &["target.rs"]),
    ("std::process::", &["main.rs", "cli/"]),
    ("std::net::", &["transport/", "double/", "cli/"]),
    ("Timestamp::now", &["builtin.rs", "double/clock.rs"]),
    ("Zoned::now", &[]),
    ("SystemTime", &["builtin.rs", "double/clock.rs"]),
    ("Instant::now", &["transport/", "double/"]),
    ("println!", &["cli/"]),
    ("print!", &["cli/"]),
    ("dbg!", &[]),
    ("unsafe ", &[]),
];

/// No I/O, no clock, no environment, no async, no printing.
const PURE: &[&str] = &[
    "certificates.rs",
    "certificates/",
    "decode.rs",
    "pin.rs",
    "own_words.rs",
    "contract/",
    "catalogue/",
    "judge/",
    "report/",
    "plan.rs",
    "exchange.rs",
    "moment.rs",
    "redact.rs",
    "problem.rs",
    "waiver.rs",
    "address.rs",
    "weight.rs",
    "gate.rs",
    "gate/",
    "import/",
    "shape.rs",
    "shape/",
    "record.rs",
    "rows.rs",
];
const IMPURE: &[&str] = &[
    "tokio",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "File::open",
    "File::create",
    "SystemTime",
    "Instant",
    "::now()",
    "println!",
    "print!",
    "async fn",
    "async move",
    ".await",
];

/// Files that may be longer than `MOST_LINES`, with the reason.
const LONG: &[(&str, &str)] = &[
    ("report/html.rs", "the rendering with its samples of hostile reports"),
    ("report/markdown.rs", "the rendering with its tests on hostile reports"),
    ("transport/guard.rs", "the rules in the order in which they are asked, with their tests"),
];
const MOST_LINES: usize = 620;

struct Source {
    /// Below `src/`, with `/`.
    path: String,
    text: String,
    /// Without comments.
    code: String,
    /// Without comments and without what is compiled for tests only.
    product: String,
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
        let product = without_tests(&code);
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

fn dependencies() -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .expect("the manifest");
    let manifest: toml::Table = text.parse().expect("the manifest is TOML");
    manifest["dependencies"]
        .as_table()
        .expect("a table of dependencies")
        .keys()
        .map(|name| name.replace('-', "_"))
        .collect()
}

#[test]
fn each_crate_is_named_only_behind_its_door() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (package, places) in DOORS {
            if names(&source.code, package) && !allowed(&source.path, places) {
                wrong.push(format!(
                    "src/{} names `{package}`, whose door is {}",
                    source.path,
                    places.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_dependency_has_a_door_or_is_one_of_plain_values() {
    let known: BTreeSet<String> = DOORS
        .iter()
        .map(|(package, _)| *package)
        .chain(EVERYWHERE.iter().copied())
        .map(str::to_owned)
        .collect();
    let sources = sources();
    let used = |name: &String| sources.iter().any(|source| names(&source.code, name));
    let strangers: Vec<String> =
        dependencies().into_iter().filter(|name| !known.contains(name) && used(name)).collect();
    assert!(
        strangers.is_empty(),
        "these dependencies have no door in tests/architecture.rs: {strangers:?}"
    );
}

#[test]
fn each_dependency_is_used_by_the_package() {
    let sources = sources();
    let unused: Vec<String> = dependencies()
        .into_iter()
        .filter(|package| !sources.iter().any(|source| names(&source.product, package)))
        .collect();
    assert!(unused.is_empty(), "no file of src/ names {unused:?}");
}

#[test]
fn each_door_still_leads_somewhere() {
    let sources = sources();
    let stale: Vec<&str> = DOORS
        .iter()
        .filter(|(package, places)| {
            !sources
                .iter()
                .any(|source| allowed(&source.path, places) && names(&source.code, package))
        })
        .map(|(package, _)| *package)
        .collect();
    assert!(stale.is_empty(), "nothing behind the door of {stale:?}");
}

#[test]
fn files_environment_clock_and_terminal_are_reached_only_behind_their_doors() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (words, places) in OUTSIDE {
            if says(&source.product, words) && !allowed(&source.path, places) {
                wrong.push(format!(
                    "src/{} says `{words}`; allowed: {}",
                    source.path,
                    if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources() {
        let Some(part) = PURE.iter().find(|part| allowed(&source.path, &[part])) else { continue };
        seen.insert(*part);
        for words in IMPURE {
            if says(&source.product, words) {
                wrong.push(format!("src/{} says `{words}`", source.path));
            }
        }
    }
    for part in PURE {
        assert!(seen.contains(part), "src/{part} of the pure core isn't there any more");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_imports_nothing_of_the_shell() {
    const SHELL: &[&str] = &[
        "crate::engine",
        "crate::transport",
        "crate::target",
        "crate::conduct",
        "crate::builtin",
        "crate::double",
        "crate::cli",
        "crate::event",
    ];
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| allowed(&source.path, PURE)) {
        for module in SHELL {
            if names_module(&source.product, module) {
                wrong.push(format!("src/{} imports {module}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
        "super::super::super",
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
            if says(&source.code, words) {
                wrong.push(format!("src/{} says `{words}`", source.path));
            }
        }
        // From here the way up leads out of the double.
        if says(&source.product, "super::super")
            || (source.path == "double/mod.rs" && says(&source.product, "super::"))
        {
            wrong.push(format!("src/{} reaches out of the double with `super`", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_but_the_composition_knows_the_double() {
    const MAY: &[&str] = &["double/", "builtin.rs", "self_test.rs", "cli/", "lib.rs"];
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|source| {
            names_module(&source.product, "crate::double") && !allowed(&source.path, MAY)
        })
        .map(|source| source.path)
        .collect();
    assert!(wrong.is_empty(), "these files import the double: {wrong:?}");
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
    let sources = sources();
    let long: Vec<String> = sources
        .iter()
        .filter(|source| {
            source.text.lines().count() >= MOST_LINES
                && !LONG.iter().any(|(path, _)| *path == source.path)
        })
        .map(|source| format!("{} ({} lines)", source.path, source.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these files: {}", long.join(", "));
    for (path, reason) in LONG {
        let source = sources.iter().find(|source| source.path == *path);
        assert!(
            source.is_some_and(|source| source.text.lines().count() >= MOST_LINES),
            "{path} no longer needs its exception ({reason})"
        );
    }
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
