//! Tests of `faults`, in a file of their own for their length.
//!
//! Knows: `faults`. Must not know: what uses it.

use crate::double::{Script, scenes};

use super::*;

fn table() -> FaultTable {
    FaultTable::built_in().unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn options(fault: &FaultEntry) -> Options {
    let mut options = Options::default();
    fault.play(&mut options);
    options
}

fn refused(text: &str) -> String {
    let file = FileSet::from([("x/get.faults.toml".to_owned(), text.to_owned())]);
    match FaultTable::load(&[&files::embedded_contract(), &file]) {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_fault_has_one_row_and_the_order_is_that_of_the_operations() {
    let table = table();
    let names: BTreeSet<&str> = table.entries().iter().map(|fault| &*fault.name).collect();
    assert_eq!(names.len(), table.entries().len());
    assert!(names.len() >= 437 && table.edits().len() >= 227);
    let rowless: Vec<&str> = table.others.iter().map(|fault| &*fault.name).collect();
    assert!(rowless.is_empty(), "{rowless:?}");
    let mut places: Vec<&str> = table.entries().iter().map(|fault| fault.place.as_str()).collect();
    places.dedup();
    let (listed, others): (Vec<&str>, Vec<&str>) =
        places.into_iter().partition(|place| LISTING.contains(place));
    // The faults of the connection come last, and are about an operation before it.
    assert_eq!(listed.len(), LISTING.len() + 1);
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len(), "{others:?}");
    assert_eq!(table.find("lock-id-shrot").unwrap_err().nearest, "lock-id-short");
}

/// The faults of what the scenes ask for. The others are played by the cases of their operations.
fn told(table: &FaultTable) -> Vec<&FaultEntry> {
    let told: Vec<&FaultEntry> = table
        .entries()
        .iter()
        .filter(|fault| !fault.is_wire() && LISTING.contains(&fault.place.as_str()))
        .collect();
    assert!(told.len() >= 430, "the scenes ask for what {} faults are about", told.len());
    told
}

#[test]
fn every_fault_shows_and_shows_nowhere_but_at_its_place_or_after_it() {
    let plain = scenes::play(&Options::default());
    let table = table();
    for fault in told(&table) {
        let (name, home) = (&fault.name, fault.place.as_str());
        let spoilt = scenes::play(&options(fault));
        // These begin with other locks, so that later ids differ too.
        let shifts_ids =
            matches!(fault.play, Play::Code(Fault::LocksThirdRowBad | Fault::LocksKeepExpired));
        let mut shown = false;
        for (before, after) in plain.iter().zip(&spoilt) {
            let mut reached = false;
            for ((place, right), (_, wrong)) in before.iter().zip(after) {
                reached |= *place == home;
                // What a change leads to is seen afterwards.
                let follows = reached && !home.starts_with("GET");
                if right != wrong {
                    let at_place = *place == home || home == "*" || follows || shifts_ids;
                    assert!(
                        at_place,
                        "{name} shows at {place}: {} {:?} instead of {} {:?}",
                        wrong.status,
                        wrong.json(),
                        right.status,
                        right.json()
                    );
                    shown = true;
                }
            }
        }
        assert!(shown, "{name} never shows");
    }
}

#[test]
fn no_two_faults_look_the_same() {
    let mut seen: Vec<(String, Vec<scenes::Story>)> = Vec::new();
    let table = table();
    for fault in told(&table) {
        let story = scenes::play(&options(fault));
        let twin = seen.iter().find(|(_, other)| *other == story).map(|(name, _)| name);
        assert_eq!(twin, None, "{}", fault.name);
        seen.push((fault.name.clone(), story));
    }
}

#[test]
fn a_fault_by_script_on_every_call_is_the_fault_by_name() {
    let table = table();
    let mut differing = Vec::new();
    for fault in table.entries().iter().filter(|fault| !fault.is_wire()) {
        let line = format!("*: {}", fault.name);
        match Script::read(&line, table.edits()) {
            Ok(script) => {
                let scripted = Options { scripts: vec![script], ..Options::default() };
                if scenes::play(&options(fault)) != scenes::play(&scripted) {
                    differing.push(fault.name.clone());
                }
            }
            Err(error) => assert!(error.to_string().contains("whole life"), "{error}"),
        }
    }
    assert!(
        differing.is_empty(),
        "what can't be put on single calls is to be one that `is_standing`: {differing:?}"
    );
}

#[test]
fn a_row_of_another_folder_adds_a_fault_or_replaces_one() {
    let text = "[[fault]]\nname = 'hosts-down'\nsummary = 'Down.'\nedit = 'GET /hosts: status \
        500'\nbreaks = ['hosts.list/status/200']\n\n[[fault]]\nname = 'lock-id-short'\nsummary \
        = 'Other.'\nedit = ['locks.list: set /*/id \"1\"']\nbreaks = ['a/b']\n";
    let file = FileSet::from([("hosts/get.faults.toml".to_owned(), text.to_owned())]);
    let both = FaultTable::load(&[&files::embedded_contract(), &file]).expect("it loads");
    assert_eq!(both.entries().len(), table().entries().len() + 1);
    assert_eq!(both.find("hosts-down").expect("a fault").place, "GET /hosts");
    assert_eq!(both.find("lock-id-short").expect("a fault").breaks, ["a/b"]);
    assert_eq!(both.broken().get("hosts.list/status/200"), Some(&vec!["hosts-down"]));
}

#[test]
fn a_wrong_row_is_told_with_its_place() {
    let row = |rest: &str| refused(&format!("[[fault]]\nname = 'new-one'\n{rest}\n"));
    let whole = "summary = 'X.'\nbreaks = ['a/b']\nedit = ";
    for (problem, said) in [
        (
            row(&format!("{whole}'locks.list: drop id'")),
            ":5:8: the fault `new-one`: read the script",
        ),
        (row(&format!("{whole}'locks.list: 503'")), "edits no reply"),
        (row(&format!("{whole}[]")), "edits nothing"),
        (row("breaks = ['a/b']\nedit = 'locks.list: drop /*/id'"), "has no summary"),
        (row("summary = 'X.'\nbreaks = []\nedit = 'locks.list: drop /*/id'"), "breaks nothing"),
        (row("summary = 'X.'\nbreaks = ['a/b']"), ":2:8: nothing implements the fault"),
        (refused("[[fault]]\nname = 'job-fails'\nedit = '*: body'\nbreaks = ['a/b']"), "in code"),
        (
            refused("[[fault]]\nname = 'job-fails'\nsummary = 'X'\nbreaks = ['a/b']"),
            "two summaries",
        ),
        (refused("[[fault]]\nname = 'wire-cut-short'\nbreaks = ['a/b']"), "a connection fault"),
        (refused("[[fault]]\nname = 'A B'\nbreaks = ['a/b']"), "a valid name for a fault"),
        (
            refused(&"[[fault]]\nname = 'job-fails'\nbreaks = ['a/b']\n".repeat(2)),
            "already has a row",
        ),
    ] {
        assert!(problem.contains(said), "{said}: {problem}");
    }
    let of_changes = "[[fault]]\nname = 'update-does-nothing'\nbreaks = ['a/b']";
    assert_eq!(refused(of_changes), "", "another folder may say what it breaks there");
    let none = FaultTable::load(&[]).expect_err("every fault of the double needs a row");
    assert_eq!(none.len(), Fault::ALL.len());
}
