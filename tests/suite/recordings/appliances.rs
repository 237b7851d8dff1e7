//! Recordings of whole appliances: of the double, right and wrong, and of real ones where they are
//! there.
//!
//! Knows: the double as a source, and the shared folder. Must not know: how an answer is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lxca_conform::catalogue::Effect;
use lxca_conform::contract::Severity;
use lxca_conform::double::Variant;
use lxca_conform::gate::Source;
use lxca_conform::judge::Verdict;
use lxca_conform::recording;
use lxca_conform::report::{self, Report, rejudge};
use serde_json::Value;

use crate::support::command::text;
use crate::support::lab::{Asked, Lab, lab, version};

use super::judged;

/// What a run against the double shows, as somebody else would have recorded it.
fn recorded(lab: &Lab, asked: &Asked) -> Report {
    let (run, _) = lab.run(asked);
    let Source::Record(record) = &run.source else { panic!("a record") };
    let file = recording::read("own.har", &report::har(record)).expect("a HAR");
    let record = recording::record(&lab.contract, &lab.catalogue, &[file]);
    rejudge(&lab.contract, &lab.catalogue, &record)
}

#[test]
fn a_right_appliance_is_not_accused_by_its_recording() {
    let lab = lab();
    let plain = recorded(&lab, &version("4.1.0"));
    let judged = plain.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
    assert!(judged >= 30, "{judged}");
    let deviates = deviates();
    let wrong = |variants: &[Variant]| {
        let mut wrong = Vec::new();
        for variant in variants {
            let found = recorded(&lab, &reading(variant.name()));
            let may = deviates.get(variant.name()).cloned().unwrap_or_default();
            let findings = found.cases.iter().flat_map(|case| &case.findings);
            wrong.extend(
                findings
                    .filter(|finding| match finding.severity {
                        Severity::Violation => true,
                        Severity::Deviation => !may.contains(&finding.requirement),
                        Severity::Observation => false,
                    })
                    .map(|finding| {
                        let place = &finding.pointer;
                        format!("{}: {} {place}", variant.name(), finding.requirement)
                    }),
            );
        }
        wrong
    };
    let (one, other) = Variant::ALL.split_at(Variant::ALL.len() / 2);
    let found = std::thread::scope(|scope| {
        let first = scope.spawn(|| wrong(one));
        let second = wrong(other);
        [first.join().expect("a thread that ends"), second].concat()
    });
    let found: BTreeSet<String> = found.into_iter().collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A run that only reads, which is enough to meet each answer of a variant.
fn reading(variant: &str) -> Asked {
    Asked { allow: Effect::Read, ..version("4.1.0").variant(variant) }
}

/// From what a variant may deviate.
fn deviates() -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/self_test/deviates.toml");
    let text = std::fs::read_to_string(path).expect("a file");
    let mut tables: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(&text).expect("a list of requirements for each variant that deviates");
    tables.remove("deviates").expect("the table")
}

#[test]
fn a_wrong_appliance_is_caught_in_its_recording() {
    let lab = lab();
    for (fault, requirement) in [
        ("aicc-version-number", "appliance.get/body/appliance/version"),
        ("aicc-status-202", "appliance.get/status/200"),
        ("aicc-text-html", "appliance.get/media-type"),
        ("lock-id-number", "sftp-locks.list/body/id"),
        ("lock-id-short", "sftp-locks.list/body/id"),
        ("error-keys-only", "sftp-locks.list/status/401/message"),
        ("start-without-job-id", "backup.transfer/body/jobId/presence"),
    ] {
        let found = recorded(&lab, &version("4.1.0").fault(fault));
        let broken: BTreeSet<&str> = found
            .cases
            .iter()
            .flat_map(|case| &case.findings)
            .filter(|finding| finding.severity > Severity::Observation)
            .map(|finding| finding.requirement.as_str())
            .collect();
        assert!(broken.contains(requirement), "{fault}: {broken:?}");
    }
}

/// Recordings of real appliances lie beside the project, where its authors have them.
fn beside() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/recordings");
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("vcr")] {
        let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
        found.extend(files.filter(|path| {
            path.extension().is_some_and(|end| ["har", "yml"].iter().any(|one| end == *one))
        }));
    }
    found.sort();
    Some(found)
}

/// What is found in them that no page says, and why; `docs/recordings.md` tells it to people.
const EXPLAINED: &[(&str, &str)] = &[
    ("events.list/body ", "a printed sample whose body has no byte"),
    ("jobs.get/behaviour/same-job /id", "a printed sample of job 5 that shows job 6"),
    ("job/", "a printed sample of an older edition, with other members"),
];

#[test]
fn recordings_of_real_appliances_are_judged_without_an_accusation() {
    let Some(files) = beside() else {
        eprintln!(
            "skipped: recordings_of_real_appliances_are_judged_without_an_accusation: no \
             ../shared/recordings"
        );
        return;
    };
    assert!(files.len() > 50, "{}", files.len());
    let names: Vec<&str> = files.iter().map(|path| text(path)).collect();
    let (exit, report) = judged(&names);
    assert!(exit != 1 && exit != 2, "{exit}: {}", report["because"]);
    // Samples that were printed wrong deviate, as docs/recordings.md tells; what was recorded
    // doesn't.
    let findings = report["cases"].as_array().expect("cases").iter();
    let unexplained: Vec<String> = findings
        .flat_map(|case| case["findings"].as_array().expect("findings"))
        .filter(|finding| {
            let printed = finding["step"].as_str().is_some_and(|step| step.starts_with("gemdocs-"));
            finding["severity"] == "violation" || finding["severity"] == "deviation" && !printed
        })
        .map(|finding| {
            format!("{} {}", finding["requirement"].as_str().unwrap_or_default(), finding["step"])
        })
        .filter(|one| !EXPLAINED.iter().any(|(known, _)| one.starts_with(known)))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    assert_eq!(report["summary"]["findings"]["violation"], 0);
    assert!(report["recording"]["skipped"].as_array().unwrap().is_empty());
    // A cassette and the HAR that was made of it say the same.
    for (cassette, har) in [
        ("vcr/mock_aicc.yml", "miq-mock_aicc-lxca1.2.2.har"),
        ("vcr/stream.yml", "miq-stream-lxca2.2.0.har"),
        ("vcr/old-power_off.yml", "miq-old-20170607-power_off-lxca1.2.2.har"),
    ] {
        let find = |end: &str| {
            let found = names.iter().find(|name| name.ends_with(end));
            judged(&[found.unwrap_or_else(|| panic!("no {end}"))]).1
        };
        let (one, other) = (find(cassette), find(har));
        assert_eq!(one["conclusion"], other["conclusion"], "{cassette}");
        assert_eq!(one["summary"], other["summary"], "{cassette}");
        let outside = |report: &Value| {
            let rows = report["recording"]["outside"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| (row["path"].clone(), row["exchanges"].clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(outside(&one), outside(&other), "{cassette}");
    }
}
