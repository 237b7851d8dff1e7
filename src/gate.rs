//! The gate: two or more runs, one answer with its reasons.
//!
//! Knows: reports and records that were judged with one contract and catalogue, waivers, a policy.
//! Pure: the day is given. Sends nothing. Must not know: files, terminals, appliances.

mod answer;
mod asked;
mod clients;
mod comparable;
mod compare;
mod html;
mod junit;
mod markdown;
mod matrix;
mod model;
mod observed;
mod policy;
mod sentence;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalogue::Catalogue;
use crate::contract::Contract;
use crate::record::Record;
use crate::record::{CatalogueId, ContractId, TargetKind, Tool};
use crate::report::{self, Overlay, Report, WaiverFate, WaiverState, rejudge};
use crate::shape::{Drift, Shapes, drift};
use crate::waiver::Waivers;

pub use clients::{
    ClassAnswer, ClientAnswer, ClientSummary, Effect, Fate, NamedProfile, judge_for,
};
pub use html::html;
pub use junit::junit;
pub use markdown::markdown;
pub use matrix::{Matrix, html as matrix_html, markdown as matrix_markdown, matrix};

pub use model::{
    Announced, Answer, Candidate, CaseChange, Change, FORMAT, FindingChange, Gate, Observed,
    ObservedChange, Reason, RequirementChange, Rows, Share, Side, TimeChange,
};
pub use policy::{Action, DEFAULT, Policy, load as load_policy, names as policy_names};
pub use text::text;

/// Fewer answers than these say nothing about time.
const LEAST_SAMPLES: u64 = 20;

/// A run that was read: its record, or only its report.
#[derive(Debug)]
pub enum Source {
    /// It can be judged again.
    Record(Box<Record>),
    /// It can't.
    Report(Box<Report>),
}

/// A run with where it was read from.
#[derive(Debug)]
pub struct Run {
    /// As the operator named it.
    pub from: String,
    /// What was there.
    pub source: Source,
}

impl Run {
    /// Whether it is what somebody else recorded.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        match &self.source {
            Source::Record(record) => record.header.target.kind == TargetKind::Recording,
            Source::Report(report) => report.target.kind == TargetKind::Recording,
        }
    }
}

/// What the gate judges with.
#[derive(Debug)]
pub struct Bench<'a> {
    /// What the documents say.
    pub contract: &'a Contract,
    /// What is asked.
    pub catalogue: &'a Catalogue,
    /// Known failures.
    pub waivers: &'a Waivers,
    /// What counts.
    pub policy: &'a Policy,
    /// The day.
    pub today: Date,
}

/// A run as it was judged again, to be compared with others.
#[derive(Debug)]
pub struct Judged<'a> {
    run: &'a Run,
    side: Side,
    report: Report,
}

/// Judges every run again, and holds each candidate against the baseline.
#[must_use]
pub fn gate(bench: &Bench<'_>, baseline: &Run, candidates: &[Run]) -> Gate {
    let candidates: Vec<Judged<'_>> = candidates.iter().map(|run| judge(bench, run)).collect();
    gate_judged(bench, &judge(bench, baseline), &candidates)
}

/// Holds each candidate against the baseline, by the waivers and the policy of the bench. Runs that
/// are compared several times need judging once.
#[must_use]
pub fn gate_judged(bench: &Bench<'_>, before: &Judged<'_>, candidates: &[Judged<'_>]) -> Gate {
    let judged: Vec<(Candidate, Vec<WaiverState>)> =
        candidates.iter().map(|after| candidate(bench, before, after)).collect();
    let waivers = merged(judged.iter().map(|(_, waivers)| waivers.as_slice()));
    let candidates: Vec<Candidate> = judged.into_iter().map(|(candidate, _)| candidate).collect();
    let worst = candidates.iter().max_by_key(|candidate| answer::weight(candidate.exit));
    let because = match (worst, candidates.len()) {
        (Some(worst), 1) => worst.because.clone(),
        (Some(worst), _) => format!("{}: {}", worst.side.from, worst.because),
        (None, _) => "there is no candidate".to_owned(),
    };
    Gate {
        format: FORMAT.to_owned(),
        answer: worst.map_or(Answer::CantTell, |worst| worst.answer),
        exit: worst.map_or(answer::CANT_TELL, |worst| worst.exit),
        because,
        tool: Tool::this(),
        contract: ContractId {
            digest: bench.contract.digest.clone(),
            documents: bench.contract.documents.iter().map(Into::into).collect(),
        },
        catalogue: CatalogueId::from(bench.catalogue),
        policy: bench.policy.clone(),
        judged: bench.today.to_string(),
        baseline: before.side.clone(),
        candidates,
        waivers,
        clients: Vec::new(),
    }
}

/// `gate.json`.
#[must_use]
pub fn json(gate: &Gate) -> String {
    // Made of texts, numbers and lists; nothing in it can fail to be written as JSON.
    let mut text = serde_json::to_string_pretty(gate).unwrap_or_default();
    text.push('\n');
    text
}

/// Judges a run again, by the contract and the catalogue of the bench; a report without its record
/// stays as it is.
#[must_use]
pub fn judge<'a>(bench: &Bench<'_>, run: &'a Run) -> Judged<'a> {
    let (mut report, digest) = match &run.source {
        Source::Record(record) => {
            (rejudge(bench.contract, bench.catalogue, record), Some(record.digest.clone()))
        }
        Source::Report(report) => ((**report).clone(), None),
    };
    if run.is_recording() {
        // Its steps are places in a file, which two recordings never share.
        for finding in report.cases.iter_mut().flat_map(|case| &mut case.findings) {
            finding.step.clear();
        }
    }
    let side = Side {
        from: run.from.clone(),
        record: digest,
        tool: report.tool.clone(),
        contract: report.contract.digest.clone(),
        catalogue: report.catalogue.digest.clone(),
        target: report.target.clone(),
        scope: report.scope.clone(),
        started: report.started.clone(),
        finished: report.finished.clone(),
        conclusion: report.conclusion,
        summary: report.summary.clone(),
    };
    Judged { run, side, report }
}

fn candidate(
    bench: &Bench<'_>,
    before: &Judged<'_>,
    after: &Judged<'_>,
) -> (Candidate, Vec<WaiverState>) {
    let refusals = comparable::refusals(bench, before, after);
    let caveats = comparable::caveats(bench, before, after);
    let mut overlaid = after.report.clone();
    let standing =
        report::waive(&mut overlaid, bench.waivers, bench.contract, bench.catalogue, bench.today);
    let mut found = Candidate {
        side: after.side.clone(),
        answer: Answer::CantTell,
        exit: answer::CANT_TELL,
        because: String::new(),
        reasons: Vec::new(),
        caveats,
        counts: BTreeMap::new(),
        findings: Vec::new(),
        cases: Vec::new(),
        requirements: Vec::new(),
        drift: Vec::new(),
        observed: Vec::new(),
        same_product: same_product(&before.side, &after.side),
        times: Vec::new(),
        drafts: Vec::new(),
        announced: None,
        clients: Vec::new(),
        classes: Vec::new(),
    };
    if refusals.is_empty() {
        let overlays = [&before.report, &after.report]
            .map(|report| Overlay::new(bench.waivers, bench.catalogue, report, bench.today));
        let compared = compare::compare(
            bench.contract,
            bench.catalogue,
            &before.report,
            &after.report,
            &overlays,
        );
        found.findings = compared.findings;
        found.cases = compared.cases;
        found.requirements = compared.requirements;
        for case in &found.cases {
            *found.counts.entry(case.change.word().to_owned()).or_default() += 1;
        }
        found.drift = drifted(bench, before, after);
        found.observed = observed::changes(bench, before, after);
        found.times = times(&before.report, &after.report);
    }
    let compared =
        refusals.is_empty() && [before, after].iter().all(|one| one.side.record.is_some());
    found.classes = clients::classes(&found.drift, compared);
    answer::give(bench, &mut found, &before.report, &overlaid, &refusals, &standing);
    (found, overlaid.waivers)
}

/// Whether both runs are of one version and build, so that nothing was upgraded. Two records of one
/// run are told by their digest.
fn same_product(before: &Side, after: &Side) -> bool {
    let product = |side: &Side| {
        Some((
            side.target.version.clone().filter(|version| !version.is_empty())?,
            side.target.build.clone(),
        ))
    };
    before.record.as_ref().is_none_or(|digest| after.record.as_ref() != Some(digest))
        && product(before).is_some_and(|earlier| product(after) == Some(earlier))
}

/// The shape of what both runs asked, so that another question never reads as another answer.
fn drifted(bench: &Bench<'_>, before: &Judged<'_>, after: &Judged<'_>) -> Vec<Drift> {
    let (Source::Record(one), Source::Record(other)) = (&before.run.source, &after.run.source)
    else {
        return Vec::new();
    };
    let recorded = before.run.is_recording() || after.run.is_recording();
    let key = |exchange: &crate::exchange::Exchange| {
        let step = if recorded { String::new() } else { exchange.step.clone() };
        (exchange.case.clone(), step)
    };
    let steps = |record: &Record| {
        record
            .exchanges()
            .filter(|exchange| exchange.got.is_some())
            .map(key)
            .collect::<BTreeSet<_>>()
    };
    let both: BTreeSet<(String, String)> =
        steps(one).intersection(&steps(other)).cloned().collect();
    let wanted = |exchange: &crate::exchange::Exchange| both.contains(&key(exchange));
    let shapes =
        [one, other].map(|record| Shapes::observe_if(bench.contract, record.exchanges(), wanted));
    let allowed = bench.policy.allowed();
    let mut found = drift(&shapes[0], &shapes[1]);
    for one in &mut found {
        one.allowed = allowed.is_match(one.address());
    }
    found.sort_by_key(|one| (one.allowed, one.class, one.status >= 300));
    found
}

fn times(before: &Report, after: &Report) -> Vec<TimeChange> {
    let enough = |report: &Report| {
        report
            .timings
            .iter()
            .filter(|timing| timing.samples >= LEAST_SAMPLES)
            .cloned()
            .collect::<Vec<_>>()
    };
    let now = enough(after);
    let both = enough(before).into_iter().filter_map(|one| {
        now.iter().find(|other| other.operation == one.operation).map(|other| (one, other.clone()))
    });
    both.map(|(one, other)| TimeChange {
        operation: one.operation,
        samples: [one.samples, other.samples],
        median_ms: [one.median_ms, other.median_ms],
        p95_ms: [one.p95_ms, other.p95_ms],
    })
    .collect()
}

/// One state per waiver over all candidates: what it covers in one of them, it is there for.
fn merged<'a>(all: impl Iterator<Item = &'a [WaiverState]>) -> Vec<WaiverState> {
    let weight = |fate: WaiverFate| match fate {
        WaiverFate::OutOfScope => 0,
        WaiverFate::UnexpectedPass => 1,
        WaiverFate::InForce => 2,
        WaiverFate::Unused | WaiverFate::Expired | WaiverFate::TooBroad => 3,
    };
    let mut merged: Vec<WaiverState> = Vec::new();
    for states in all {
        if merged.is_empty() {
            merged = states.to_vec();
            continue;
        }
        for (known, state) in merged.iter_mut().zip(states) {
            known.covers += state.covers;
            if weight(state.state) > weight(known.state) {
                known.state = state.state;
            }
        }
    }
    merged
}
