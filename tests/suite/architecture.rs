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
        &[
            "report/html.rs",
            "fleet/forms.rs",
            "gate/html.rs",
            "gate/matrix.rs",
            "history/html.rs",
            "import/contract/review_html.rs",
            "profile/explain.rs",
        ],
    ),
    ("brotli_decompressor", &["unpack.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("cookie_store", &["transport/session.rs"]),
    ("encoding_rs", &["judge/charset.rs"]),
    ("flate2", &["double/", "unpack.rs"]),
    ("futures_util", &["engine.rs"]),
    (
        "globset",
        &[
            "plan.rs",
            "cli/catalogue.rs",
            "cli/self_test.rs",
            "waiver.rs",
            "gate/policy.rs",
            "history/query.rs",
        ],
    ),
    ("html5gum", &["import/html.rs"]),
    ("http_body_util", &["double/", "trial/"]),
    ("hyper", &["double/", "transport/fault.rs", "transport/tunnel.rs", "trial/"]),
    ("hyper_util", &["double/", "transport/connections.rs", "transport/tunnel.rs", "trial/"]),
    ("indicatif", &["cli/progress.rs", "cli/depend_progress.rs"]),
    ("jsonschema", &["contract/schema.rs"]),
    ("mimalloc", &["main.rs"]),
    ("proptest", &["catalogue/explore.rs"]),
    ("quick_junit", &["report/junit.rs", "gate/junit.rs"]),
    ("rcgen", &["double/"]),
    ("regex", &["redact.rs", "report/share.rs", "double/misbehave/"]),
    ("reqwest", &["transport/"]),
    ("rpassword", &["password.rs"]),
    ("rust_embed", &["files.rs"]),
    ("rustix", &["trial/command.rs"]),
    ("rustls", &["transport/", "double/"]),
    ("rustls_platform_verifier", &["transport/dial.rs"]),
    ("ruzstd", &["unpack.rs"]),
    ("saphyr_parser", &["recording/tree.rs"]),
    (
        "secrecy",
        &[
            "password.rs",
            "password/",
            "transport/",
            "redact.rs",
            "builtin.rs",
            "recording/secrets.rs",
            "cli/depend.rs",
            "cli/depend_words.rs",
        ],
    ),
    ("strsim", &["hint.rs", "double/terms/names.rs"]),
    ("tempfile", &["store.rs"]),
    (
        "tokio",
        &[
            "main.rs",
            "builtin.rs",
            "trial.rs",
            "trial/",
            "self_test/play.rs",
            "conduct.rs",
            "conduct/",
            "engine.rs",
            "engine/",
            "transport/",
            "proxy.rs",
            "proxy/",
            "double/",
            "cli/",
        ],
    ),
    ("tokio_rustls", &["transport/tls/", "transport/dial.rs", "proxy.rs", "double/"]),
    (
        "toml",
        &[
            "catalogue/file.rs",
            "catalogue/write.rs",
            "contract/layer.rs",
            "contract/load.rs",
            "contract/semantic.rs",
            "double/site/table.rs",
            "problem.rs",
            "reader.rs",
            "target/form.rs",
            "waiver.rs",
            "gate/policy.rs",
            "profile/read.rs",
            "import/contract/decisions.rs",
            "self_test/",
        ],
    ),
    ("tower_service", &["transport/tunnel.rs"]),
    ("url", &["address.rs"]),
    ("wiremock", &["double/front/in_process.rs"]),
    ("x509_parser", &["certificates/"]),
];

/// Crates of plain values and plain functions: any file may name them.
const EVERYWHERE: &[&str] = &[
    "base64",
    "jiff",
    "percent_encoding",
    "semver",
    "serde",
    "serde_json",
    "sha2",
    "strum",
    "thiserror",
];

/// What reaches out of the process, and the only places that may do it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("std::fs", &["files.rs", "store.rs", "target.rs", "password.rs"]),
    ("File::open", &["store.rs", "files.rs"]),
    ("File::create", &["store.rs"]),
    ("std::env::", &["environment.rs"]),
    ("std::process::", &["main.rs", "cli/", "password/command.rs", "trial/command.rs"]),
    ("std::net::", &["transport/", "double/", "cli/"]),
    ("Timestamp::now", &["builtin.rs", "double/terms/clock.rs"]),
    ("Zoned::now", &[]),
    ("SystemTime", &["builtin.rs", "double/terms/clock.rs"]),
    ("Instant::now", &["transport/", "proxy/", "double/", "trial.rs", "trial/"]),
    ("println!", &["cli/"]),
    ("print!", &["cli/"]),
    ("dbg!", &[]),
    ("unsafe ", &[]),
];

/// No I/O, no clock, no environment, no async, no printing.
const PURE: &[&str] = &[
    "address",
    "appliance",
    "catalogue",
    "certificates",
    "contract",
    "coverage",
    "decode",
    "depend",
    "event",
    "exchange",
    "fleet",
    "gate",
    "hint",
    "history",
    "identity",
    "import",
    "judge",
    "moment",
    "own_words",
    "pin",
    "plan",
    "pointer",
    "problem",
    "profile",
    "proof",
    "reader",
    "receive",
    "record",
    "recording",
    "redact",
    "report",
    "rows",
    "shape",
    "terms",
    "texts",
    "unpack",
    "waiver",
    "weight",
    "why",
];

/// What reaches out, waits or prints. No room of the core imports one of these.
const SHELL: &[&str] = &[
    "builtin",
    "cli",
    "conduct",
    "double",
    "engine",
    "environment",
    "files",
    "identify",
    "pace",
    "password",
    "proxy",
    "self_test",
    "store",
    "target",
    "transport",
    "trial",
];

/// The rooms from the ground up: each imports only what stands before it.
const FLOORS: &[&[&str]] = &[
    // Words and plain values.
    &["terms", "texts", "pointer", "why", "moment", "problem", "pace", "hint", "decode", "pin"],
    &[
        "environment",
        "address",
        "redact",
        "proof",
        "weight",
        "rows",
        "certificates",
        "files",
        "reader",
    ],
    // What is exchanged, what the documents say, what is asked.
    &["appliance"],
    &["exchange", "contract"],
    &["unpack"],
    &["receive"],
    &["own_words", "catalogue", "coverage"],
    &["plan"],
    &["record", "judge"],
    &["identity"],
    &["recording"],
    // What is made of it.
    &["event", "waiver"],
    &["report"],
    &["shape", "profile"],
    &["depend"],
    &["fleet", "gate"],
    &["history"],
    &["import"],
    // The way to a target.
    &["transport"],
    &["password"],
    &["target"],
    &["identify", "store"],
    &["engine", "proxy"],
    // The double, and what puts all of it together.
    &["double"],
    &["builtin"],
    &["trial"],
    &["conduct"],
    &["self_test"],
    &["cli"],
];

/// Imports that climb all the same: from, to, and the reason. The list only gets shorter.
const CLIMBS: &[(&str, &str, &str)] = &[];

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

/// So many lines of one topic at most.
const MOST_LINES: usize = 496;

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
        "these dependencies have no door in tests/suite/architecture.rs: {strangers:?}"
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
    for source in sources().iter().filter(|source| PURE.contains(&source.room())) {
        for words in IMPURE {
            if says(&source.product, words) {
                wrong.push(format!("src/{} says `{words}`", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_imports_nothing_of_the_shell() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.room())) {
        for module in source.imports().intersection(&SHELL.iter().copied().collect()) {
            wrong.push(format!("src/{} imports crate::{module}", source.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_room_is_core_or_shell_and_has_its_floor() {
    let sources = sources();
    let rooms: BTreeSet<&str> =
        sources.iter().map(Source::room).filter(|room| !["lib", "main"].contains(room)).collect();
    let known: BTreeSet<&str> = PURE.iter().chain(SHELL).copied().collect();
    assert_eq!(rooms, known, "a room belongs to PURE or to SHELL");
    assert_eq!(PURE.len() + SHELL.len(), known.len(), "a room is in both");
    let floors: Vec<&str> = FLOORS.iter().flat_map(|floor| floor.iter().copied()).collect();
    assert_eq!(rooms, floors.iter().copied().collect(), "a room has a place in FLOORS");
    assert_eq!(floors.len(), rooms.len(), "a room stands on two floors");
}

#[test]
fn no_import_climbs() {
    let order: Vec<&str> = FLOORS.iter().flat_map(|floor| floor.iter().copied()).collect();
    let floor = |room: &str| FLOORS.iter().position(|floor| floor.contains(&room));
    let mut climbs: BTreeSet<(String, String)> = BTreeSet::new();
    for source in &sources() {
        let Some(own) = floor(source.room()) else { continue };
        for module in source.imports() {
            let climbs_there = module != source.room()
                && floor(module).is_some_and(|other| other >= own)
                && order.contains(&module);
            if climbs_there {
                climbs.insert((source.room().to_owned(), module.to_owned()));
            }
        }
    }
    let allowed: BTreeSet<(String, String)> =
        CLIMBS.iter().map(|(from, to, _)| ((*from).to_owned(), (*to).to_owned())).collect();
    let new: Vec<_> = climbs.difference(&allowed).collect();
    assert!(new.is_empty(), "these imports climb; move what is imported down: {new:?}");
    let stale: Vec<_> = allowed.difference(&climbs).collect();
    assert!(stale.is_empty(), "take these out of CLIMBS: {stale:?}");
    assert!(CLIMBS.iter().all(|(_, _, reason)| !reason.is_empty()));
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

// ---- what the checker may not know

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
    ("redact.rs", &["csrf"], "what secrets are called on any server, masked without a contract"),
    ("report/evidence.rs", &["csrf"], "headers that a command to send again leaves out"),
    ("store.rs", &["lock"], "the lock of a file"),
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
