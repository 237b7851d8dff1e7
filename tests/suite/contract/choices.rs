//! What we chose accuses nobody: no stated rule holds what an erratum calls our choice.
//!
//! Knows: errata and the basis of requirements. Must not know: findings.

use std::collections::BTreeSet;

use lxca_conform::contract::{self, Choice, Severity};
use lxca_conform::files;

use super::contract;

#[test]
fn no_stated_rule_holds_what_an_erratum_calls_our_choice() {
    let contract = contract();
    let narrower: BTreeSet<&str> = contract
        .errata
        .iter()
        .filter(|erratum| erratum.choice == Some(Choice::Narrower))
        .map(|erratum| erratum.id.as_str())
        .collect();
    assert!(narrower.contains("E008") && narrower.len() > 10, "{narrower:?}");
    assert!(contract.errata.iter().all(|erratum| erratum.choice.is_some()));
    for requirement in contract.requirements.values() {
        let chosen =
            requirement.erratum.as_deref().is_some_and(|erratum| narrower.contains(erratum));
        assert!(
            !chosen || contract.severity(&requirement.id) < Severity::Violation,
            "{} is stated, but {:?} is our choice",
            requirement.id,
            requirement.erratum
        );
    }
    // And each of them is held by a rule that isn't stated: a choice that no rule holds would be
    // none.
    let held: BTreeSet<&str> = contract
        .requirements
        .values()
        .filter(|requirement| requirement.excluded.is_none())
        .filter_map(|requirement| requirement.erratum.as_deref())
        .collect();
    let idle: Vec<_> = narrower.difference(&held).collect();
    assert!(idle.is_empty(), "no rule holds {idle:?}");
}

#[test]
fn a_contract_that_states_what_an_erratum_calls_our_choice_doesnt_load() {
    let with = |file: &str, from: &str, to: &str| {
        let mut files = files::embedded_contract();
        let text = files.get_mut(file).expect("a file of the contract");
        assert!(text.contains(from), "{file} has no {from:?}");
        *text = text.replacen(from, to, 1);
        contract::load(&files)
            .expect_err("it mustn't load")
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let told = with("errata.toml", "choice   = \"wider\"", "choice   = \"narrower\"");
    assert!(told.contains("is stated, but erratum E003 says that we chose it"), "{told}");
    let told = with("errata.toml", "choice   = \"narrower\"\n", "");
    assert!(told.contains("erratum E001 has no `choice`"), "{told}");
}
