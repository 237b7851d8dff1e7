//! What an upgrade may change: nothing, what was failing, what no page names; and which changes are
//! no yes.
//!
//! Knows: pairs of runs against the double. Must not know: how a change is found.

use std::collections::BTreeSet;

use lxca_conform::catalogue::{Catalogue, Effect, Exploration, Level};
use lxca_conform::gate::{self, Action, Answer, Bench, Change, Observed, Policy, Run, Source};
use lxca_conform::report::{Report, rejudge};
use lxca_conform::waiver::Waivers;

use crate::support::lab::{Asked, lab, version};

use super::changes;

#[test]
fn an_upgrade_that_changes_nothing_is_a_yes() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (after, _) = lab.run(&version("4.2.0"));
    let gate = lab.gate(&before, &after);
    assert_eq!((gate.answer, gate.exit), (Answer::Yes, 0), "{}", gate.because);
    assert!(
        changes(&gate).is_subset(&BTreeSet::from([Change::Unchanged, Change::NotCompared])),
        "{:?}",
        changes(&gate)
    );
    let candidate = &gate.candidates[0];
    assert!(candidate.drift.is_empty(), "{:#?}", candidate.drift);
    assert!(candidate.findings.is_empty(), "{:#?}", candidate.findings);
    assert!(candidate.cases.iter().filter(|case| case.change == Change::Unchanged).count() > 100);
    // The gate of a run with itself says the same.
    let same = lab.gate(&before, &before);
    assert_eq!(
        (same.exit, same.candidates[0].drift.len(), same.candidates[0].findings.len()),
        (0, 0, 0)
    );
}

#[test]
fn a_fault_on_both_sides_of_an_upgrade_is_still_failing() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0").fault("start-without-job-id"));
    let (after, _) = lab.run(&version("4.2.0").fault("start-without-job-id"));
    let gate = lab.gate(&before, &after);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    assert!(gate.because.contains("still failing"), "{}", gate.because);
    assert!(changes(&gate).contains(&Change::StillFailing));
    let (fixed, _) = lab.run(&version("4.2.0"));
    let gate = lab.gate(&before, &fixed);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    assert!(
        changes(&gate).contains(&Change::Fixed) && !changes(&gate).contains(&Change::Regression)
    );
    assert!(
        gate.candidates[0]
            .requirements
            .iter()
            .any(|known| known.id == "backup.transfer/body/jobId/presence"
                && known.change == Change::Fixed)
    );
}

#[test]
fn a_run_that_exercised_less_tells_nothing() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (less, _) = lab.run(&Asked { allow: Effect::Read, ..version("4.2.0") });
    let gate = lab.gate(&before, &less);
    assert_eq!((gate.exit, gate.answer), (3, Answer::CantTell), "{}", gate.because);
    assert!(
        gate.candidates[0]
            .caveats
            .iter()
            .any(|caveat| caveat.contains("--allow destroy before, --allow read now"))
    );
    assert!(changes(&gate).contains(&Change::NotExercised));
    let (more, _) = lab.run(&version("4.2.0"));
    let gate = lab.gate(&less, &more);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    assert!(changes(&gate).contains(&Change::NewlyExercised));
    // However well it began, a run that didn't complete tells nothing.
    let (mut cut, _) = lab.run(&version("4.2.0"));
    if let Source::Record(record) = &mut cut.source {
        record.footer = None;
    }
    let gate = lab.gate(&before, &cut);
    assert_eq!((gate.exit, gate.because.as_str()), (3, "the candidate was interrupted"));
    // The locks came with 4.1.0: a way back loses them.
    let (old, _) = lab.run(&version("4.0.0"));
    let gate = lab.gate(&more, &old);
    assert_eq!(gate.exit, 3, "{}", gate.because);
    assert!(changes(&gate).contains(&Change::BecameUnsupported));
    assert_eq!(lab.gate(&old, &more).exit, 0);
    let (wrong, _) = lab.run(&version("4.2.0").fault("lock-component-unknown"));
    assert!(changes(&lab.gate(&old, &wrong)).contains(&Change::NewlyBroken));
}

#[test]
fn a_candidate_that_was_asked_for_fewer_generated_cases_tells_nothing() {
    let lab = lab();
    let asked = |of: &str| Asked { allow: Effect::Read, ..version(of) };
    let exploration = |count, seed| Exploration { count, seed };
    let written = || lab.catalogue.clone();
    let core = written().with_generated(&lab.contract, Level::Core);
    let drawn = core.clone().explored(&lab.contract, exploration(4, 7));
    let run =
        |catalogue: &Catalogue, asked: &Asked| lab.run_with(&lab.contract, catalogue, asked).0;
    let policy = Policy::built_in("upgrade").unwrap();
    let answer = |catalogue: &Catalogue, before: &Run, after: &Run| {
        let bench = Bench { catalogue, ..lab.bench(&policy) };
        gate::gate(&bench, before, std::slice::from_ref(after))
    };
    let of_core = run(&core, &asked("4.2.0"));
    let of_drawn = run(&drawn, &asked("4.2.0"));
    let of_written = run(&written(), &asked("4.2.0"));
    for (all, before, after, told) in [
        (&core, &of_core, &of_written, "--generated core before, --generated none now"),
        (&drawn, &of_drawn, &of_core, "--explore 4 --seed 7 before, no --explore now"),
    ] {
        let gate = answer(all, before, after);
        assert_eq!((gate.exit, gate.answer), (3, Answer::CantTell), "{}", gate.because);
        assert!(changes(&gate).contains(&Change::NotExercised));
        assert!(!changes(&gate).contains(&Change::RemovedCase));
        let caveats = &gate.candidates[0].caveats;
        assert!(caveats.iter().any(|caveat| caveat.contains(told)), "{caveats:?}");
        // The other way round, more was asked, and all of it was right.
        let gate = answer(all, after, before);
        assert_eq!(gate.exit, 0, "{}", gate.because);
        let both =
            gate.candidates[0].cases.iter().filter(|case| case.change == Change::Unchanged).count();
        assert!(
            gate.because.contains(&format!(" {both} cases that both runs")),
            "{}",
            gate.because
        );
    }
    // Of different seeds, none can be compared with another; only a smaller number is a loss.
    let more = core.clone().explored(&lab.contract, exploration(5, 8));
    let of_others = run(&more, &asked("4.2.0"));
    let gate = answer(&core, &of_drawn, &of_others);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    let gate = answer(&core, &of_others, &of_drawn);
    assert_eq!(gate.exit, 3, "{}", gate.because);
    assert!(gate.because.contains("--explore 5 before, --explore 4 now"), "{}", gate.because);
}

#[test]
fn a_yes_denies_no_regression_that_the_policy_only_warns_of() {
    let lab = lab();
    let asked = |asked: Asked| lab.run(&Asked { allow: Effect::Read, ..asked }).0;
    let before = asked(version("4.1.0"));
    let after = asked(version("4.2.0").fault("lock-component-unknown"));
    let mut policy = Policy::built_in("upgrade").unwrap();
    for action in [Action::Warn, Action::Ignore] {
        policy.rules.insert("regression".to_owned(), action);
        let bench = lab.bench(&policy);
        let gate = gate::gate(&bench, &before, std::slice::from_ref(&after));
        let worse = gate.candidates[0]
            .cases
            .iter()
            .filter(|case| case.change == Change::Regression)
            .count();
        assert!(gate.exit == 0 && worse > 1, "{}", gate.because);
        let told = format!("nothing that the policy `upgrade` fails, but {worse} cases are worse");
        assert!(gate.because.starts_with(&told), "{}", gate.because);
    }
}

#[test]
fn an_undocumented_member_is_a_yes_and_listed() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (after, _) = lab.run(&version("4.2.0").variant("undocumented-member"));
    let gate = lab.gate(&before, &after);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    let drift = &gate.candidates[0].drift;
    assert!(
        drift.iter().any(|one| one.address() == "sftp-locks.list 200 /*/addedInALaterVersion"
            && one.class.word() == "additive"
            && one.kind.word() == "member-appeared"),
        "{drift:#?}"
    );
    assert!(drift.iter().all(|one| one.class.word() == "additive"), "{drift:#?}");
    // The way back takes it away, which is breaking; a policy may say that it is expected.
    let back = lab.gate(&after, &before);
    assert!(
        back.candidates[0]
            .drift
            .iter()
            .any(|one| one.class.word() == "breaking" && one.kind.word() == "member-vanished")
    );
    assert_eq!(
        (back.exit, lab.gate_with(&after, &before, "strict", &Waivers::default()).exit),
        (0, 1)
    );
    let text =
        "[profiles.strict]\nallowed-drift = [\"*/addedInALaterVersion\"]\ncaveat = \"warn\"\n";
    let policy = gate::load_policy("p.toml", text, None).expect("a policy");
    let bench = lab.bench(&policy);
    let allowed = gate::gate(&bench, &after, &[before]);
    assert_eq!(allowed.exit, 0, "{}", allowed.because);
    assert!(allowed.candidates[0].drift.iter().all(|one| one.allowed));
}

#[test]
fn a_verdict_that_flips_is_unstable_live_and_in_the_record() {
    let lab = lab();
    // The fault of the connection is played once: in the first round.
    let asked = Asked { rounds: 4, ..version("4.2.0").fault("wire-close-before-start") };
    let (run, live) = lab.run(&asked);
    let unstable: Vec<_> = live.cases.iter().filter(|case| case.unstable.is_some()).collect();
    assert_eq!(unstable.len(), 1, "{unstable:#?}");
    assert_eq!((unstable[0].verdict.word(), live.conclusion.word()), ("unresolved", "incomplete"));
    assert!(
        unstable[0]
            .reason
            .as_ref()
            .unwrap()
            .starts_with("unstable: 3 pass, 1 unresolved in 4 rounds; flip rate 33 %"),
        "{:?}",
        unstable[0].reason
    );
    let Source::Record(record) = &run.source else { panic!("a record") };
    let again = rejudge(&lab.contract, &lab.catalogue, record);
    let as_it_was = Report {
        claim: live.claim,
        no_claim: live.no_claim.clone(),
        target: live.target.clone(),
        notes: live.notes.clone(),
        proof: live.proof.clone(),
        // The lab gives each record a digest of its own.
        record: live.record.clone(),
        ..again
    };
    assert_eq!(serde_json::to_value(&as_it_was).unwrap(), serde_json::to_value(&live).unwrap());
    // A verdict that stays is one.
    let (calm, report) = lab.run(&Asked { rounds: 3, ..version("4.1.0") });
    assert_eq!(report.conclusion.word(), "conformant");
    let gate = lab.gate(&calm, &run);
    assert_eq!(gate.exit, 3, "{}", gate.because);
    assert!(
        gate.candidates[0]
            .caveats
            .iter()
            .any(|caveat| caveat == "the number of rounds differs: 3 rounds before, 4 rounds now")
    );
}

#[test]
fn a_fault_of_one_row_that_reaches_every_row_is_no_yes() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0").fault("locks-third-row-bad"));
    let (after, _) = lab.run(&version("4.2.0").fault("lock-component-unknown"));
    let gate = lab.gate(&before, &after);
    assert_eq!(gate.answer, Answer::No, "other lists had no third row before: {}", gate.because);
    let spread = gate.candidates[0]
        .findings
        .iter()
        .find(|finding| finding.change == Change::Spread)
        .expect("a list with more wrong rows");
    let (was, is) = (&spread.rows.before, &spread.rows.after);
    assert!(was.wrong < is.wrong && is.of.is_some_and(|of| is.wrong <= of), "{spread:?}");
    let told = gate.candidates[0]
        .reasons
        .iter()
        .find(|reason| reason.rule == "spread")
        .expect("it is told");
    assert!(told.text.contains(&format!("before in {} of", was.wrong)), "{}", told.text);
    // The other way round nothing is worse there.
    let back = lab.gate(&after, &before);
    assert!(back.candidates[0].findings.iter().all(|finding| finding.change != Change::Spread));
}

#[test]
fn a_status_that_the_pages_leave_open_may_change_and_is_told() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    for (variant, from, to) in [
        ("transfer-unauthorized-403", "status 401", "status 403"),
        ("methods-refused-404", "status 405", "status 404"),
    ] {
        let (after, _) = lab.run(&version("4.2.0").variant(variant));
        let gate = lab.gate(&before, &after);
        assert_eq!((gate.answer, gate.exit), (Answer::Yes, 0), "{variant}: {}", gate.because);
        let told = gate.candidates[0]
            .observed
            .iter()
            .find(|one| one.what == Observed::Status)
            .unwrap_or_else(|| panic!("{variant} isn't told"));
        assert_eq!((told.before.as_str(), told.after.as_str()), (from, to));
        assert!(
            gate.candidates[0]
                .reasons
                .iter()
                .any(|reason| reason.rule == "changed-observation" && reason.text.contains(to)),
            "{variant}"
        );
    }
}

#[test]
fn a_candidate_that_was_not_upgraded_is_named_on_the_first_lines() {
    let lab = lab();
    let (before, _) = lab.run(&version("4.1.0"));
    let (mut same, _) = lab.run(&version("4.1.0"));
    if let Source::Record(record) = &mut same.source {
        record.digest = "sha256:another run".to_owned();
    }
    let gate = lab.gate(&before, &same);
    assert!(gate.candidates[0].same_product);
    let first = |text: String| text.lines().take(6).collect::<Vec<_>>().join("\n");
    let shown = "the same version as the baseline (4.1.0, build double)";
    assert!(first(gate::text(&gate, lxca_conform::report::Paint::Plain)).contains(shown));
    assert!(first(gate::markdown(&gate)).contains(shown), "{}", first(gate::markdown(&gate)));
    assert!(gate::html(&gate).contains(shown));
    let (after, _) = lab.run(&version("4.2.0"));
    assert!(!lab.gate(&before, &after).candidates[0].same_product);
}
