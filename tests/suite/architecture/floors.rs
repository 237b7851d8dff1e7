//! A pure core, and rooms on floors: no import climbs, and none of the core names the shell.
//!
//! Knows: the rooms and their order. Must not know: what the code does.

use std::collections::BTreeSet;

use super::{Source, says, sources};

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
