//! One package, one door: each crate and each way out of the process is named where it may be.
//!
//! Knows: the tables of doors, and the dependencies of `Cargo.toml`. Must not know: what the code
//! does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{allowed, names, says, sources};

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
    ("futures_util", &["engine.rs", "engine/course.rs"]),
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
    ("regex", &["redact.rs", "redact/", "report/share.rs", "report/share/", "double/misbehave/"]),
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
    ("tempfile", &["store.rs", "store/tests.rs"]),
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
    ("std::fs", &["files.rs", "store.rs", "store/", "password.rs"]),
    ("File::open", &["store.rs", "store/folder.rs", "files.rs"]),
    ("File::create", &["store/growing.rs"]),
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
        "these dependencies have no door in tests/suite/architecture/doors.rs: {strangers:?}"
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
