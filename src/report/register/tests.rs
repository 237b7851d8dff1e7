//! Tests of `register`, in a file of their own for their length.
//!
//! Knows: `register`. Must not know: what uses it.

use super::super::sample::conformant;
use super::*;

const IDS: [&str; 7] = [
    "a.list/body",
    "a.list/body/rows",
    "a.list/body/rows/name",
    "a.list/body/rows/name/presence",
    "a.list/body/rows/parts/size",
    "a.list/body/rows/parts/size/unit",
    "a.list/status/200",
];

#[test]
fn ids_are_a_tree_of_what_they_are_about() {
    let tree = Branch::grow(IDS);
    assert_eq!((tree.len(), tree.members()), (7, 6));
    let name = tree.find("body/rows/name").unwrap();
    assert_eq!((name.own.as_slice(), name.members()), (&[2, 3][..], 0));
    assert_eq!(tree.find("body/rows/parts").unwrap().all(), [4, 5]);
    assert_eq!(tree.trunk().path, "body/rows");
    assert!(tree.find("body/none").is_none());
}

fn large() -> Report {
    let mut report = conformant();
    let mut known = report.requirements[0].clone();
    known.operation = "a.list".to_owned();
    known.status = State::Held;
    report.requirements.clear();
    for (part, member) in (0..20).flat_map(|part| (0..5).map(move |member| (part, member))) {
        for end in ["", "/presence"] {
            known.id = format!("a.list/body/rows/part{part}/m{member}{end}");
            known.statement = format!("Says {end}.");
            report.requirements.push(known.clone());
        }
    }
    known.id = "a.list/status/200".to_owned();
    report.requirements.push(known);
    report
}

#[test]
fn many_requirements_are_folded_and_none_is_lost() {
    let report = large();
    let register = register(&report);
    let [section] = register.as_slice() else { panic!("{register:?}") };
    assert_eq!(section.tally, BTreeMap::from([("held", 201)]));
    assert_eq!(section.parts.len(), 21);
    assert_eq!(section.parts.iter().map(|part| part.count).sum::<usize>(), 201);
    let part = &section.parts[1];
    assert_eq!((part.about.as_str(), part.lines.len()), ("body/rows/part0", 5));
    assert_eq!(part.lines[0].statement, "Says /presence. Says .");
}

#[test]
fn what_differs_in_state_stands_alone() {
    let mut report = large();
    report.requirements[0].status = State::Broken;
    let register = register(&report);
    let lines = &register[0].parts[1].lines;
    assert_eq!((lines.len(), lines[0].mark, lines[1].mark), (6, "✗", "✓"));
}

#[test]
fn one_reason_for_a_whole_part_is_said_once() {
    let mut report = large();
    for known in &mut report.requirements[..20] {
        known.status = State::NotExercised;
        known.reason = Some("nothing came".to_owned());
    }
    report.requirements[0].reason = Some("it was cut".to_owned());
    let register = register(&report);
    let parts = &register[0].parts;
    assert_eq!((parts[1].reason.as_str(), parts[2].reason.as_str()), ("", "nothing came"));
    assert!(parts[1].lines.iter().all(|line| !line.reason.is_empty()));
    assert!(parts[2].lines.iter().all(|line| line.reason.is_empty()));
}

#[test]
fn few_requirements_stand_in_one_list() {
    let mut report = large();
    report.requirements.truncate(FEW);
    let register = register(&report);
    assert_eq!(register[0].parts.len(), 1);
    assert_eq!(register[0].parts[0].lines.len(), FEW);
}

#[test]
fn excluded_requirements_are_not_counted_as_firm() {
    let mut report = large();
    report.requirements[0].basis = Basis::Example;
    report.requirements[1].status = State::Excluded;
    let firm = firmness(&report);
    let (operation, counts, reached) = firm[0];
    assert_eq!((operation, counts.all(), reached), ("a.list", 200, 200));
    assert!(counts.said().ends_with("1 example"), "{}", counts.said());
}
