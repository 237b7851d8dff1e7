//! The gate over the double: what an upgrade may change, and what it may not.
//!
//! Knows: records of runs against the double in this process, and the binary. Must not know: how a
//! change is found.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::print_stdout,
    reason = "a test may stop at once and read files"
)]

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::command::{Served, json, lxca, read, report, text};
use crate::support::lab::{Asked, lab, today, version};
use lxca_conform::catalogue::{self, Catalogue, Effect};
use lxca_conform::contract;
use lxca_conform::files;
use lxca_conform::gate::{self, Answer, Bench, Change, Gate, Observed, Policy, Run, Source};
use lxca_conform::report::{Report, rejudge};
use lxca_conform::waiver::{self, Waivers};

fn changes(gate: &Gate) -> BTreeSet<Change> {
    gate.candidates[0].cases.iter().map(|case| case.change).collect()
}

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
fn another_contract_is_judged_again_and_a_report_of_another_contract_is_refused() {
    let lab = lab();
    let (after, _) = lab.run(&version("4.2.0"));
    let mut texts = files::embedded_contract();
    let name = "aicc/service/sftp/locks/get.operation.toml";
    let text = texts[name].replace("component is one of", "the component is one of");
    assert_ne!(text, texts[name]);
    texts.insert(name.to_owned(), text);
    let other = contract::load(&texts).expect("the other contract loads");
    assert_ne!(other.digest, lab.contract.digest);
    let (before, report) = lab.run_with(&other, &lab.catalogue, &version("4.1.0"));
    let gate = lab.gate(&before, &after);
    assert_eq!(gate.exit, 0, "{}", gate.because);
    assert!(
        gate.candidates[0]
            .caveats
            .iter()
            .any(|caveat| caveat.contains("recorded with another contract")),
        "{:?}",
        gate.candidates[0].caveats
    );
    let report = Run { from: "report.json".to_owned(), source: Source::Report(Box::new(report)) };
    let gate = lab.gate(&report, &after);
    assert_eq!(gate.exit, 3, "{}", gate.because);
    assert!(gate.because.starts_with("not comparable"), "{}", gate.because);
    // With the same contract, a report is enough for verdicts.
    let (_, report) = lab.run(&version("4.1.0"));
    let gate = lab.gate(
        &Run { from: "report.json".to_owned(), source: Source::Report(Box::new(report)) },
        &after,
    );
    assert_eq!(gate.exit, 0, "{}", gate.because);
}

#[test]
fn a_case_that_asks_something_else_today_is_left_out_and_a_renamed_one_is_found() {
    let lab = lab();
    let asked = |of: &str| Asked { allow: Effect::Read, ..version(of) };
    let (after, _) = lab.run(&asked("4.2.0"));
    let mut texts = files::embedded_catalogue();
    let name = "aicc/service/sftp/locks/get.toml";
    let (old_id, claim) = ("sftp-locks.list::lists-every-lock-then", "lists-locks");
    // Then the case had another id, which is an alias now; and a second one asked with another
    // header.
    let text = texts[name].clone();
    assert!(
        text.contains(&format!("id     = \"{claim}\"")) || text.contains(&format!("\"{claim}\"")),
        "{text}"
    );
    let renamed = text.replacen(&format!("\"{claim}\""), "\"lists-every-lock-then\"", 1);
    texts.insert(name.to_owned(), renamed);
    let then = catalogue::load(&texts).expect("the catalogue of then loads");
    assert!(then.find(old_id).is_some());
    let (before, _) = lab.run_with(&lab.contract, &then, &asked("4.1.0"));
    let mut now = catalogue::load(&files::embedded_catalogue()).unwrap();
    let case = now.cases.iter_mut().find(|case| case.id == "sftp-locks.list::lists-locks").unwrap();
    case.aliases.push(old_id.to_owned());
    let policy = Policy::built_in("upgrade").unwrap();
    let gate_of = |catalogue: &Catalogue| {
        gate::gate(
            &Bench {
                contract: &lab.contract,
                catalogue,
                waivers: &Waivers::default(),
                policy: &policy,
                today: today(),
            },
            &before,
            std::slice::from_ref(&after),
        )
    };
    let change = |gate: &Gate| {
        gate.candidates[0]
            .cases
            .iter()
            .find(|case| case.id == "sftp-locks.list::lists-locks")
            .unwrap()
            .change
    };
    assert_eq!(change(&gate_of(&now)), Change::Unchanged);
    // Without the alias it is a new case; a suite change isn't an appliance change.
    let unaliased = gate_of(&lab.catalogue);
    assert_eq!((change(&unaliased), unaliased.exit), (Change::NewCase, 0));
    let (wrong, _) =
        lab.run(&Asked { allow: Effect::Read, ..version("4.2.0").fault("lock-component-unknown") });
    let bench = Bench {
        contract: &lab.contract,
        catalogue: &lab.catalogue,
        waivers: &Waivers::default(),
        policy: &policy,
        today: today(),
    };
    let failing = gate::gate(&bench, &before, &[wrong]);
    assert_eq!(change(&failing), Change::NewCaseFailure);
    // And a case that sent something else then isn't judged by those answers.
    let mut otherwise = catalogue::load(&files::embedded_catalogue()).unwrap();
    otherwise.digest.push('x');
    let case =
        otherwise.cases.iter_mut().find(|case| case.id == "backup.list::lists-backups").or(None);
    let id = if let Some(case) = case {
        case
    } else {
        otherwise
            .cases
            .iter_mut()
            .find(|case| case.operation == "backup.list" && case.effect == Effect::Read)
            .unwrap()
    };
    id.steps[0].request.query.insert("another".to_owned(), "question".to_owned());
    let id = id.id.clone();
    let gate = gate_of(&otherwise);
    assert_eq!(
        gate.candidates[0].cases.iter().find(|case| case.id == id).unwrap().change,
        Change::NotCompared
    );
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
    let bench = Bench {
        contract: &lab.contract,
        catalogue: &lab.catalogue,
        waivers: &Waivers::default(),
        policy: &policy,
        today: today(),
    };
    let allowed = gate::gate(&bench, &after, &[before]);
    assert_eq!(allowed.exit, 0, "{}", allowed.because);
    assert!(allowed.candidates[0].drift.iter().all(|one| one.allowed));
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
fn several_candidates_have_one_answer_and_a_matrix() {
    let lab = lab();
    let asked = |of: Asked| Asked { allow: Effect::Read, ..of };
    let (before, one) = lab.run(&asked(version("4.1.0")));
    let (good, two) = lab.run(&asked(version("4.2.0")));
    let (bad, three) = lab.run(&asked(version("4.3.0").fault("lock-component-unknown")));
    let policy = Policy::built_in("upgrade").unwrap();
    let bench = Bench {
        contract: &lab.contract,
        catalogue: &lab.catalogue,
        waivers: &Waivers::default(),
        policy: &policy,
        today: today(),
    };
    let gate = gate::gate(&bench, &before, &[good, bad]);
    assert_eq!((gate.exit, gate.candidates[0].exit, gate.candidates[1].exit), (1, 0, 1));
    let markdown = gate::markdown(&gate);
    assert!(
        markdown.contains("| `sftp-locks.list/body/component` | ✓ held | ✓ held | ✗ broken |"),
        "{markdown}"
    );
    let matrix = gate::matrix(&[one, two, three]);
    assert_eq!(
        gate::matrix_markdown(&matrix, false)
            .lines()
            .filter(|line| line.contains("broken"))
            .count(),
        1
    );
    assert!(gate::matrix_markdown(&matrix, true).lines().count() > 250);
    assert!(gate::matrix_html(&matrix).contains("4.3.0"));
}

#[test]
fn nothing_that_an_appliance_says_becomes_markup() {
    let lab = lab();
    let (before, _) = lab.run(&Asked { allow: Effect::Read, ..version("4.1.0") });
    let (after, _) =
        lab.run(&Asked { allow: Effect::Read, ..version("4.2.0").fault("lock-component-unknown") });
    let mut gate = lab.gate(&before, &after);
    let hostile = "<script>alert(1)</script> | `x` [a](http://e.example) \u{1b}[31m\u{202e} ]]>";
    gate.because = hostile.to_owned();
    let candidate = &mut gate.candidates[0];
    candidate.because = hostile.to_owned();
    candidate.side.target.name = hostile.to_owned();
    candidate.side.target.version = Some(hostile.to_owned());
    candidate.reasons.iter_mut().for_each(|reason| reason.text = hostile.to_owned());
    candidate.cases.iter_mut().for_each(|case| case.reason = Some(hostile.to_owned()));
    let (html, markdown, junit, text) = (
        gate::html(&gate),
        gate::markdown(&gate),
        gate::junit(&gate),
        gate::text(&gate, lxca_conform::report::Paint::Plain),
    );
    for (name, drawn) in [("html", &html), ("markdown", &markdown), ("junit", &junit)] {
        assert!(!drawn.contains("<script>"), "{name}");
    }
    for (name, drawn) in
        [("html", &html), ("markdown", &markdown), ("junit", &junit), ("text", &text)]
    {
        assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'), "{name}");
    }
    assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("href=\"http"));
}

fn record(folder: &Path, version: &str, more: &[&str]) {
    let served = Served::start(&[&["--version", version], more].concat());
    let answer = lxca(&[
        "run",
        "--url",
        &served.url,
        "--user",
        "USERID",
        "--generated",
        "none",
        "--out",
        text(folder),
        "--quiet",
    ]);
    assert!(answer.exit == 0 || answer.exit == 1, "{answer:?}");
}

#[test]
fn the_command_answers_with_its_exit_code_and_writes_four_files() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    record(&at("before"), "4.1.0", &[]);
    record(&at("after"), "4.2.0", &[]);
    record(&at("wrong"), "4.2.0", &["--fault", "lock-component-unknown"]);
    let gate = |more: &[&str]| lxca(&[&["gate", "--baseline", text(&at("before"))], more].concat());
    let yes = gate(&["--candidate", text(&at("after")), "--out", text(&at("gate"))]);
    assert_eq!(yes.exit, 0, "{yes:?}");
    assert!(yes.stdout.starts_with("YES: "), "{}", yes.stdout);
    let schema =
        json(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/gate.schema.json")));
    let written = json(&read(&at("gate").join("gate.json")));
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&written)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    for file in ["gate.html", "gate.md", "gate-junit.xml"] {
        assert!(!read(&at("gate").join(file)).is_empty());
    }
    let no = gate(&["--candidate", text(&at("wrong")), "--format", "json"]);
    assert_eq!(no.exit, 1, "{no:?}");
    let told = json(&no.stdout);
    assert_eq!(
        (told["answer"].as_str(), told["candidates"][0]["reasons"][0]["requirement"].as_str()),
        (Some("no"), Some("sftp-locks.list/body/component"))
    );
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&told));
    // The draft that the gate prints, filled in, is what lifts it; past its day it doesn't.
    let draft = told["candidates"][0]["drafts"][0].as_str().unwrap().replace("\"\" ", "\"x\" ");
    std::fs::write(at("w.toml"), &draft).unwrap();
    assert_eq!(lxca(&["waivers", "lint", text(&at("w.toml"))]).exit, 0);
    assert_eq!(
        gate(&["--candidate", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit,
        0
    );
    assert_eq!(
        lxca(&[
            "judge",
            text(&at("wrong")),
            "--waivers",
            text(&at("w.toml")),
            "--out",
            text(&at("judged"))
        ])
        .exit,
        0
    );
    let judged = report(&at("judged"));
    let case =
        judged["cases"].as_array().unwrap().iter().find(|case| case["verdict"] == "fail").unwrap();
    assert_eq!(
        (
            case["disposition"].as_str(),
            judged["conclusion"].as_str(),
            judged["waivers"][0]["state"].as_str()
        ),
        (Some("known-failure"), Some("nonconformant"), Some("in-force"))
    );
    let expires = draft.lines().find(|line| line.starts_with("expires")).unwrap();
    std::fs::write(at("w.toml"), draft.replace(expires, "expires = 2020-01-01")).unwrap();
    assert_eq!(
        gate(&["--candidate", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit,
        6
    );
    assert_eq!(lxca(&["judge", text(&at("wrong")), "--waivers", text(&at("w.toml"))]).exit, 6);
    assert_eq!(lxca(&["waivers", "stale", text(&at("w.toml")), text(&at("wrong"))]).exit, 6);
    // Input that can't be read is a mistake of the operator, and nothing is told about the
    // appliance.
    std::fs::write(at("p.toml"), "[profiles.x]\nregression = \"perhaps\"\n").unwrap();
    for arguments in [
        vec!["--candidate", "nowhere"],
        vec!["--candidate", text(&at("after")), "--policy", text(&at("p.toml"))],
        vec!["--candidate", text(&at("after")), "--profile", "lax"],
    ] {
        let answer = gate(&arguments);
        assert_eq!((answer.exit, answer.stdout.as_str()), (2, ""), "{answer:?}");
    }
}

#[test]
fn a_baseline_tells_what_changed_and_a_shape_is_satisfied_by_what_was_seen() {
    let room = tempfile::tempdir().unwrap();
    let at = |name: &str| room.path().join(name);
    record(&at("before"), "4.1.0", &[]);
    record(&at("wrong"), "4.2.0", &["--fault", "lock-component-unknown"]);
    let judged = lxca(&[
        "judge",
        text(&at("wrong")),
        "--baseline",
        text(&at("before")),
        "--out",
        text(&at("judged")),
    ]);
    assert_eq!(judged.exit, 1);
    assert!(judged.stdout.contains("5 new, 0 fixed, 0 still there"), "{}", judged.stdout);
    let since = &report(&at("judged"))["baseline"];
    assert_eq!(
        (since["version"].as_str(), since["new"][0].as_str()),
        (
            Some("4.1.0"),
            Some("sftp-locks.list::lists-locks sftp-locks.list/body/component /*/component")
        )
    );
    let shape = lxca(&["shape", text(&at("before"))]);
    assert_eq!(shape.exit, 0, "{shape:?}");
    let schema = json(&shape.stdout);
    let record = lxca_conform::store::read(&at("before")).unwrap();
    let contract = lab().contract;
    let mut seen = 0;
    for exchange in record.exchanges() {
        let Some(got) = &exchange.got else { continue };
        let Some(operation) = lxca_conform::contract::operation_of(
            &contract,
            &exchange.sent.method,
            &exchange.sent.target,
        ) else {
            continue;
        };
        let Ok(body) = got.json() else { continue };
        let mut one = schema["$defs"][format!("{operation}/{}", got.status)].clone();
        one["$schema"] = schema["$schema"].clone();
        assert!(
            jsonschema::validator_for(&one).unwrap().is_valid(&body),
            "{operation} {}: {body}",
            got.status
        );
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}

/// The TOML of a page, block by block.
fn blocks(page: &str) -> Vec<String> {
    let text = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page));
    text.split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

fn valid(schema: &str, toml: &str) {
    let schema = json(&read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema)));
    // A day of TOML is a text in the data that the schemas describe.
    let data: toml::Table = toml
        .lines()
        .map(|line| {
            if line.starts_with("created") || line.starts_with("expires") {
                quoted(line)
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
        .parse()
        .unwrap();
    let data = serde_json::to_value(&data).unwrap();
    let problems: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&data)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
}

fn quoted(line: &str) -> String {
    let (key, value) = line.split_once('=').unwrap();
    format!("{key}= \"{}\"", value.split('#').next().unwrap().trim())
}

#[test]
fn the_examples_and_the_tables_of_the_pages_are_true() {
    let waivers = &blocks("waivers.md")[0];
    let read_back =
        waiver::load("waivers.md", waivers).unwrap_or_else(|problems| panic!("{problems:?}"));
    let lab = lab();
    assert!(
        waiver::lint(&read_back, &lab.contract, &lab.catalogue, "2026-04-01".parse().unwrap())
            .is_empty()
    );
    valid("waivers.schema.json", waivers);
    let policy = &blocks("upgrade-gate.md")[0];
    assert_eq!(
        gate::load_policy("p.toml", policy, None)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .name,
        "ours"
    );
    valid("policy.schema.json", policy);
    let page = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/upgrade-gate.md"));
    let mut rules = 0;
    for (column, name) in gate::policy_names().iter().enumerate() {
        let policy = Policy::built_in(name).unwrap();
        for (rule, action) in &policy.rules {
            let row = page
                .lines()
                .find(|line| line.starts_with(&format!("| `{rule}`")))
                .unwrap_or_else(|| panic!("no row for {rule}"));
            assert_eq!(
                row.split('|').nth(column + 2).unwrap().trim(),
                action.word(),
                "{rule} of {name}"
            );
            rules += 1;
        }
    }
    assert!(rules > 40);
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
