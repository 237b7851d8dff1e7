//! Waivers and policies: what they lift, what isn't in order, and when one ends.
//!
//! Knows: waiver files and policies. Must not know: how a waiver is applied.

use lxca_conform::catalogue::Effect;
use lxca_conform::gate::{self, Answer, Change, Run};
use lxca_conform::waiver::{self, Waivers};

use crate::support::lab::{Asked, lab, version};

use super::changes;

#[test]
fn waivers_that_are_not_in_order_are_a_6() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (same, _) = lab.run(&version("4.2.0"));
    let (wrong, _) = lab.run(&version("4.2.0").fault("lock-component-unknown"));
    let row = |case: &str, requirement: &str, more: &str| {
        let text = format!(
            "[[waiver]]\ncase = {case:?}\nrequirement = {requirement:?}\nreason = \"r\"\nticket = \
            \"T-1\"\nowner = \"o\"\ncreated = 2030-01-01\nexpires = 2030-12-31\n{more}\n"
        );
        waiver::load("w.toml", &text).expect("a waiver file")
    };
    let told = |waivers: &Waivers, candidate: &Run| {
        let gate = lab.gate_with(&before, candidate, "upgrade", waivers);
        (gate.exit, gate.waivers[0].state.word())
    };
    let broken = "sftp-locks.list/body/component";
    // What a waiver names that isn't in order is no new failure: the waivers have to be put in
    // order first.
    assert_eq!(told(&row("*", broken, ""), &same), (6, "too-broad"));
    assert_eq!(
        told(&row("sftp-locks.list::lists-locks", broken, ""), &same),
        (6, "unexpected-pass")
    );
    assert_eq!(told(&row("sftp-locks.list::lists-lokcs", broken, ""), &same), (6, "unused"));
    assert_eq!(
        told(&row("sftp-locks.list::lists-locks", "sftp-locks.list/body/compnent", ""), &same),
        (6, "unused")
    );
    assert_eq!(
        told(&row("sftp-locks.list::lists-locks", broken, "versions = \"<4.2\""), &same),
        (0, "out-of-scope")
    );
    // A second wrong value isn't hidden by a waiver for the first, nor another place, nor another
    // version.
    assert_eq!(told(&row("sftp-locks.list::*", broken, "actual = \"YY\""), &wrong).0, 1);
    assert_eq!(
        told(&row("sftp-locks.list::*", broken, "pointer = \"/rows/*/component\""), &wrong).0,
        1
    );
    assert_eq!(told(&row("sftp-locks.list::*", broken, "versions = \"<4.2\""), &wrong).0, 1);
}

#[test]
fn a_waiver_that_ends_with_a_version_is_no_longer_one() {
    let lab = lab();
    let asked =
        |of: &str| Asked { allow: Effect::Read, ..version(of).fault("lock-component-unknown") };
    let (before, after) = (lab.run(&asked("4.1.0")).0, lab.run(&asked("4.2.0")).0);
    let text = "[[waiver]]\ncase = \"sftp-locks.list::lists-locks\"\nrequirement = \
        \"sftp-locks.list/body/component\"\nversions = \"<4.2\"\nreason = \"r\"\nticket = \
        \"T-1\"\nowner = \"o\"\ncreated = 2030-01-01\nexpires = 2030-12-31\n";
    let gate = lab.gate_with(&before, &after, "upgrade", &waiver::load("w.toml", text).unwrap());
    assert_eq!(gate.exit, 1, "{}", gate.because);
    assert!(changes(&gate).contains(&Change::NoLongerWaived));
}

#[test]
fn the_same_records_have_three_answers_under_three_policies() {
    let lab = lab();
    // What only a destroying case can see is wrong with the candidate, and the baseline didn't run
    // those.
    let (before, _) = lab.run(&Asked { allow: Effect::Write, ..version("4.1.0") });
    let (after, _) = lab.run(&version("4.2.0").fault("move-keeps-original"));
    let exits: Vec<(u8, Answer)> = gate::policy_names()
        .iter()
        .map(|policy| {
            let gate = lab.gate_with(&before, &after, policy, &Waivers::default());
            (gate.exit, gate.answer)
        })
        .collect();
    assert_eq!(gate::policy_names(), ["regression", "upgrade", "strict"]);
    assert_eq!(exits, [(0, Answer::Yes), (3, Answer::CantTell), (1, Answer::No)]);
    // A broken rule that no page states firmly is a note to the first, and a no to the others.
    let (whole, _) = lab.run(&version("4.1.0"));
    let (loose, _) = lab.run(&version("4.2.0").fault("aicc-runlevel-string"));
    assert_eq!(
        gate::policy_names()
            .iter()
            .map(|policy| lab.gate_with(&whole, &loose, policy, &Waivers::default()).exit)
            .collect::<Vec<_>>(),
        [0, 1, 1]
    );
}
