//! Several reports of one scope as one: the shards of a run, or a run and the repeat of some of its
//! cases.
//!
//! Knows: reports, and what two of them must share to be one. Must not know: files.

use std::collections::BTreeMap;
use std::fmt;

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::judge::Verdict;
use crate::record::TargetKind;
use crate::why::{Trust, Why};

use super::build::covered;
use super::conclusion::{conclude, summarise};
use super::model::{Case, Evidence, Report, RequirementState, State, WaiverFate, WaiverState};
use super::shards::{Shards, missing_shards};
use super::timing::timings;

/// A report, and what the operator called it.
#[derive(Debug)]
pub struct Merge {
    /// The file or folder.
    pub name: String,
    /// What it says.
    pub report: Report,
}

/// Why some reports aren't one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MergeError(Vec<String>);

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "merge these reports, because their scopes differ:\n  {}", self.0.join("\n  "))
    }
}

/// One report of all. `exchanges` are those of all records, where each source has one: times can't
/// be added up without them.
pub fn merge(
    contract: &Contract,
    catalogue: &Catalogue,
    sources: Vec<Merge>,
    exchanges: Option<&[&Exchange]>,
) -> Result<Report, MergeError> {
    let differences = differences(contract, catalogue, &sources);
    if !differences.is_empty() {
        return Err(MergeError(differences));
    }
    let parts = sources.iter().filter_map(|source| source.report.scope.shard.as_ref());
    let shards = Shards::among(parts.map(|shard| shard.part));
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let mut rest = sources.into_iter().map(|source| source.report);
    let Some(mut whole) = rest.next() else {
        return Err(MergeError(vec!["there is none".to_owned()]));
    };
    let mut twice = 0;
    let mut untimed = 0;
    for report in rest {
        twice += take_cases(&mut whole, report.cases, report.evidence);
        take_requirements(&mut whole.requirements, report.requirements);
        take_waivers(&mut whole.waivers, report.waivers);
        whole.claim &= report.claim;
        whole.no_claim = whole.no_claim.take().or(report.no_claim);
        if let (Some(shard), Some(other)) = (&mut whole.scope.shard, &report.scope.shard) {
            shard.claim &= other.claim;
        }
        if whole.target.kind != report.target.kind {
            whole.target.kind = TargetKind::Replay;
        }
        if whole.target.double != report.target.double {
            whole.target.double = None;
        }
        // Without a filter everything was asked for.
        if whole.scope.filters.is_empty() || report.scope.filters.is_empty() {
            whole.scope.filters.clear();
        } else {
            whole.scope.filters.extend(
                report
                    .scope
                    .filters
                    .into_iter()
                    .filter(|filter| !whole.scope.filters.contains(filter))
                    .collect::<Vec<_>>(),
            );
        }
        whole.finished = match (whole.finished.take(), report.finished) {
            (Some(one), Some(other)) => Some(one.max(other)),
            _ => None,
        };
        whole.record = whole.record.take().filter(|record| report.record.as_ref() == Some(record));
        whole.started = whole.started.min(report.started);
        if whole.ended_early.is_none() {
            (whole.ended_early, whole.ended_early_kind) =
                (report.ended_early, report.ended_early_kind);
        }
        // The worst of all: one that nobody checked spoils the whole.
        if report.target.trust.is_some_and(Trust::is_unverified) {
            whole.target.trust = report.target.trust;
        }
        whole.flaws.get_or_insert_default().extend(report.flaws.unwrap_or_default());
        whole.notes.extend(
            report.notes.into_iter().filter(|note| !whole.notes.contains(note)).collect::<Vec<_>>(),
        );
        whole.summary.requests += report.summary.requests;
        whole.baseline =
            whole.baseline.take().filter(|since| report.baseline.as_ref() == Some(since));
        whole.proof = whole.proof.take().filter(|proof| report.proof.as_ref() == Some(proof));
        for timing in report.timings {
            match whole.timings.iter().position(|known| known.operation == timing.operation) {
                Some(at) if exchanges.is_none() => {
                    whole.timings.remove(at);
                    untimed += 1;
                }
                Some(_) => {}
                None => whole.timings.push(timing),
            }
        }
    }
    if let Some(exchanges) = exchanges {
        whole.timings = timings(contract, exchanges);
    }
    whole.timings.sort_by(|one, other| one.operation.cmp(&other.operation));
    mend(&mut whole);
    whole.coverage = covered(contract, &whole.requirements);
    whole.notes.push(format!("Merged from {} sources: {}.", names.len(), names.join(", ")));
    if twice > 0 {
        whole.notes.push(format!(
            "{twice} {} in more than one of them; the worse verdict counts.",
            if twice == 1 { "case ran" } else { "cases ran" }
        ));
    }
    if untimed > 0 {
        whole.notes.push(format!(
            "The response times of {untimed} operations are left out: they can't be combined \
                across reports. Merge the records instead."
        ));
    }
    let missing = shards.as_ref().map(Shards::missing).unwrap_or_default();
    if let Some(shards) = &shards {
        if !missing.is_empty() {
            whole.notes.insert(0, missing_shards(&missing, Some(shards.of())));
        } else if whole.scope.shard.take().is_some_and(|shard| shard.claim) {
            (whole.claim, whole.no_claim) = (true, None);
        }
    }
    let early = whole.ended_early.clone().or_else(|| {
        shards
            .as_ref()
            .filter(|_| !missing.is_empty())
            .map(|all| missing_shards(&missing, Some(all.of())))
    });
    (whole.conclusion, whole.because) = conclude(
        contract,
        catalogue,
        &whole.cases,
        &whole.requirements,
        whole.scope.strict,
        whole.finished.is_none(),
        early.as_deref(),
    );
    whole.summary = summarise(&whole.cases, &whole.requirements, whole.summary.requests);
    Ok(whole)
}

/// What keeps reports from being one, in words.
fn differences(contract: &Contract, catalogue: &Catalogue, sources: &[Merge]) -> Vec<String> {
    let mut found = Vec::new();
    let Some((first, rest)) = sources.split_first() else { return found };
    let mut differ = |what: &str, of: &dyn Fn(&Report) -> String| {
        for other in rest {
            let (one, another) = (of(&first.report), of(&other.report));
            if one != another {
                found.push(format!("{what}: {one} in {}, {another} in {}", first.name, other.name));
            }
        }
    };
    differ("tool", &|report| format!("{} {}", report.tool.name, report.tool.version));
    differ("contract", &|report| report.contract.digest.clone());
    differ("catalogue", &|report| report.catalogue.digest.clone());
    differ("target", &identity);
    differ("product version", &|report| {
        report.target.version.clone().unwrap_or_else(|| "not reported".to_owned())
    });
    differ("--allow", &|report| report.scope.allow.word().to_owned());
    differ("shard", &|report| match &report.scope.shard {
        Some(shard) => format!("one of {}", shard.part.of()),
        None => "none".to_owned(),
    });
    differ("--strict", &|report| report.scope.strict.to_string());
    if first.report.contract.digest != contract.digest {
        found.push(format!(
            "contract: {} in {}, {} in this build; name the one they were made with, using \
                --contract",
            first.report.contract.digest, first.name, contract.digest
        ));
    }
    if first.report.catalogue.digest != catalogue.digest {
        found.push(format!(
            "catalogue: {} in {}, {} in this build; name the one they were made with, using \
                --catalogue",
            first.report.catalogue.digest, first.name, catalogue.digest
        ));
    }
    found
}

/// An appliance is the same where it tells the same uuid; one that tells none is known by its
/// address.
fn identity(report: &Report) -> String {
    report
        .target
        .uuid
        .as_ref()
        .map_or_else(|| report.target.url.clone(), |uuid| format!("uuid {}", uuid.to_lowercase()))
}

/// What was asked beats what wasn't, and the worse beats the better.
fn rank(case: &Case) -> (u8, usize) {
    let verdict = match case.verdict {
        Verdict::Untested if case.why == Some(Why::OtherShard) => 0,
        Verdict::Untested => 1,
        Verdict::Unsupported => 2,
        Verdict::Pass => 3,
        Verdict::Unresolved => 4,
        Verdict::Fail => 5,
    };
    (verdict, case.findings.len())
}

fn ran(case: &Case) -> bool {
    matches!(case.verdict, Verdict::Pass | Verdict::Unresolved | Verdict::Fail)
}

/// Gives back how many cases ran in both.
fn take_cases(whole: &mut Report, cases: Vec<Case>, evidence: Vec<Evidence>) -> usize {
    let at: BTreeMap<String, usize> =
        whole.cases.iter().enumerate().map(|(index, case)| (case.id.clone(), index)).collect();
    let mut twice = 0;
    let mut taken = Vec::new();
    for case in cases {
        let Some(known) = at.get(&case.id).map(|index| &mut whole.cases[*index]) else {
            taken.push(case.id.clone());
            whole.cases.push(case);
            continue;
        };
        twice += usize::from(ran(known) && ran(&case));
        if rank(&case) > rank(known) {
            taken.push(case.id.clone());
            *known = case;
        }
    }
    whole.evidence.retain(|one| !taken.contains(&one.case));
    whole.evidence.extend(evidence.into_iter().filter(|one| taken.contains(&one.case)));
    whole.evidence.sort_by(|one, other| (&one.case, &one.step).cmp(&(&other.case, &other.step)));
    twice
}

fn take_requirements(whole: &mut Vec<RequirementState>, others: Vec<RequirementState>) {
    let weight = |state: State| match state {
        State::NotExercised => 0,
        State::Excluded => 1,
        State::Held => 2,
        State::Broken => 3,
    };
    let at: BTreeMap<String, usize> =
        whole.iter().enumerate().map(|(index, known)| (known.id.clone(), index)).collect();
    for other in others {
        match at.get(&other.id).map(|index| &mut whole[*index]) {
            Some(known) => {
                known.seen += other.seen;
                if weight(other.status) > weight(known.status) {
                    (known.status, known.reason) = (other.status, other.reason);
                    known.why = other.why;
                }
            }
            None => whole.push(other),
        }
    }
}

fn take_waivers(whole: &mut Vec<WaiverState>, others: Vec<WaiverState>) {
    let weight = |fate: WaiverFate| match fate {
        WaiverFate::Unused => 0,
        WaiverFate::OutOfScope => 1,
        WaiverFate::UnexpectedPass => 2,
        WaiverFate::InForce => 3,
        WaiverFate::TooBroad => 4,
        WaiverFate::Expired => 5,
    };
    for other in others {
        let same = |known: &&mut WaiverState| {
            (&known.case, &known.requirement, &known.pointer, &known.actual)
                == (&other.case, &other.requirement, &other.pointer, &other.actual)
        };
        match whole.iter_mut().find(same) {
            Some(known) => {
                known.covers += other.covers;
                if weight(other.state) > weight(known.state) {
                    known.state = other.state;
                }
            }
            None => whole.push(other),
        }
    }
}

/// A requirement that a taken finding breaks is broken, whatever the counts say.
fn mend(whole: &mut Report) {
    use crate::contract::Severity;
    let broken: Vec<&str> = whole
        .cases
        .iter()
        .flat_map(|case| &case.findings)
        .filter(|finding| finding.severity > Severity::Observation && finding.check != "cleanup")
        .map(|finding| finding.requirement.as_str())
        .collect();
    for known in whole
        .requirements
        .iter_mut()
        .filter(|known| known.status != State::Excluded && broken.contains(&known.id.as_str()))
    {
        (known.status, known.reason) = (State::Broken, None);
    }
}
