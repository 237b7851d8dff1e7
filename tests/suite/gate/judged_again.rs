//! Records of another contract or catalogue: they are judged again with the one of today.
//!
//! Knows: contracts and catalogues that were changed. Must not know: how a record is judged.

use lxca_conform::catalogue::{self, Catalogue, Effect};
use lxca_conform::contract;
use lxca_conform::files;
use lxca_conform::gate::{self, Bench, Change, Gate, Policy, Run, Source};
use lxca_conform::record::{Record, Row};
use lxca_conform::report::{self, rejudge};
use lxca_conform::store::TargetKind;

use crate::support::lab::{Asked, lab, version};

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
fn a_report_of_the_double_that_was_judged_again_is_still_of_the_double() {
    let lab = lab();
    let (double, _) = lab.run(&version("4.1.0"));
    let Source::Record(record) = &double.source else { unreachable!("a record") };
    // The same answers from something that doesn't say that it is the double.
    let (product, _) = lab.run(&version("4.1.0"));
    let Source::Record(mut product) = product.source else { unreachable!("a record") };
    product.header.target.kind = TargetKind::Live;
    for row in &mut product.rows {
        if let Row::Identity(identity) = row {
            identity.double = false;
        }
    }
    product.digest = "sha256:product".to_owned();
    let judged = |record: &Record| {
        let report = rejudge(&lab.contract, &lab.catalogue, record);
        assert_eq!(report.target.kind, TargetKind::Replay);
        // As it is kept in a file.
        let read = report::read(&report::json(&report)).unwrap();
        Run { from: "judged".to_owned(), source: Source::Report(Box::new(read)) }
    };
    let (of_double, of_product) = (judged(record), judged(&product));
    let product = Run { from: "product".to_owned(), source: Source::Record(product) };
    for (before, after) in
        [(&product, &of_double), (&of_double, &product), (&of_product, &of_double)]
    {
        let gate = lab.gate(before, after);
        assert_eq!(gate.exit, 3, "{}", gate.because);
        assert!(gate.because.contains("against the built-in double, but"), "{}", gate.because);
    }
    for (before, after) in [(&product, &of_product), (&of_product, &product), (&double, &of_double)]
    {
        let gate = lab.gate(before, after);
        assert_eq!(gate.exit, 0, "{}", gate.because);
    }
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
            &Bench { catalogue, ..lab.bench(&policy) },
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
    let bench = lab.bench(&policy);
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
