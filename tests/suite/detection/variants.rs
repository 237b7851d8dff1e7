//! No harmless variant is accused, and an upgrade to one breaks no stated promise.
//!
//! Knows: the variants of the double, and which rules they deviate from. Must not know: how the
//! double plays one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lxca_conform::contract::Severity;
use lxca_conform::double::Variant;
use lxca_conform::waiver::Waivers;

use crate::support::lab::{lab, version};

use super::{GATED, side_by_side};

/// From what a variant may deviate.
fn deviates() -> BTreeMap<String, BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        deviates: BTreeMap<String, BTreeSet<String>>,
    }
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/deviates.toml"),
    )
    .expect("the file is readable");
    toml::from_str::<File>(&text)
        .expect("a list of requirements for each variant that deviates")
        .deviates
}

#[test]
fn no_variant_is_accused_and_an_upgrade_to_it_breaks_no_stated_promise() {
    let lab = lab();
    let deviates = deviates();
    let named = |name: &String| Variant::ALL.iter().any(|variant| variant.name() == name);
    assert!(
        deviates.keys().all(named)
            && deviates
                .values()
                .flatten()
                .all(|id| lab.contract.severity(id) == Severity::Deviation),
        "{deviates:?}"
    );
    assert!(Variant::ALL.len() >= 40, "only {} variants", Variant::ALL.len());
    let (baseline, _) = lab.run(&version("4.1.0"));
    let baseline = lab.judge(&baseline);
    // `self-test` plays all of them in a release build.
    let played: Vec<Variant> = Variant::ALL
        .iter()
        .enumerate()
        .filter(|(place, variant)| place % GATED == 0 || deviates.contains_key(variant.name()))
        .map(|(_, variant)| *variant)
        .collect();
    let seen = side_by_side(played.len(), |place| {
        let (after, report) = lab.run(&version("4.2.0").variant(played[place].name()));
        (report, lab.gate_judged(&baseline, &lab.judge(&after), "regression", &Waivers::default()))
    });
    let mut wrong = Vec::new();
    for (variant, (report, gate)) in played.iter().zip(&seen) {
        if gate.exit == 1
            || gate.candidates[0]
                .findings
                .iter()
                .any(|finding| finding.severity == Severity::Violation)
        {
            wrong.push(format!("{}: the gate says {}", variant.name(), gate.because));
        }
        let may = deviates.get(variant.name());
        let allowed = |finding: &&lxca_conform::judge::Finding| {
            finding.severity == Severity::Deviation
                && may.is_some_and(|may| may.contains(&finding.requirement))
        };
        let accusing = report
            .cases
            .iter()
            .flat_map(|case| &case.findings)
            .filter(|finding| finding.severity > Severity::Observation);
        let seen: BTreeSet<&String> =
            accusing.clone().map(|finding| &finding.requirement).collect();
        wrong.extend(
            may.into_iter()
                .flatten()
                .filter(|id| !seen.contains(id))
                .map(|id| format!("{}: doesn't deviate from {id}", variant.name())),
        );
        let accusing = accusing.filter(|finding| !allowed(finding));
        wrong.extend(accusing.map(|finding| {
            format!(
                "{}: {} at {:?}: {} instead of {}",
                variant.name(),
                finding.requirement,
                finding.pointer,
                finding.actual,
                finding.expected
            )
        }));
        let unresolved = report.cases.iter().filter(|case| case.verdict.word() == "unresolved");
        wrong.extend(unresolved.map(|case| {
            format!("{}: {} is unresolved: {:?}", variant.name(), case.id, case.reason)
        }));
    }
    assert!(wrong.is_empty(), "accused or unresolved:\n{}", wrong.join("\n"));
}
