//! From a drawn case that fails to the smallest request that fails alike.
//!
//! Knows: the engine's way of running a case. Must not know: how something is drawn, or what makes
//! a case smaller.

use std::collections::BTreeSet;

use crate::catalogue::{Case, is_drawn, smaller};
use crate::contract::Severity;
use crate::judge::{CaseRecord, Finding, Verdict};
use crate::plan::{self, Facts};
use crate::record::Row;

use super::Engine;

/// So many failing cases of a run are made smaller.
const MOST_CASES: usize = 3;
/// So many requests are tried for each.
const MOST_TRIES: u32 = 20;

/// The smallest request that was found to fail like a drawn one.
#[derive(Debug)]
pub struct Smallest {
    /// The drawn case.
    pub of: String,
    /// The smallest case; the drawn one itself where nothing smaller fails.
    pub case: Case,
    /// The seed that it was drawn from, and its number, for an id.
    pub drawn: String,
    /// How many smaller ones were tried.
    pub tries: u32,
}

impl Engine<'_> {
    /// Makes failing cases that were drawn smaller, one of each kind of failure, within bounds, and
    /// tells in the record what is left.
    pub(super) async fn smallest(
        &self,
        run: &[&Case],
        judged: &[CaseRecord],
        facts: &Facts,
    ) -> Vec<Smallest> {
        let mut known: Vec<BTreeSet<String>> = Vec::new();
        let mut found: Vec<Smallest> = Vec::new();
        for record in
            judged.iter().filter(|record| record.verdict == Verdict::Fail && is_drawn(&record.id))
        {
            let broken = broken(record);
            let Some(case) =
                run.iter().find(|case| case.id == record.id).filter(|_| !known.contains(&broken))
            else {
                continue;
            };
            known.push(broken.clone());
            if known.len() > MOST_CASES || self.halted().is_some() {
                break;
            }
            let smallest = self.smaller_than(case, &seen(record), facts).await;
            let asked = |one: &Smallest| {
                one.case
                    .steps
                    .iter()
                    .map(|step| {
                        (
                            step.request.json.clone(),
                            step.request.raw.clone(),
                            step.expect.requirement.clone(),
                        )
                    })
                    .collect::<Vec<_>>()
            };
            // Two that have the same root are one.
            if !found.iter().any(|other| asked(other) == asked(&smallest)) {
                found.push(smallest);
            }
        }
        for smallest in &found {
            let step = smallest
                .case
                .steps
                .iter()
                .rev()
                .find(|step| step.operation == smallest.case.operation);
            let request = step.map(|step| plan::request(self.contract, step, facts).0);
            let request = request.map_or_else(String::new, |request| {
                let body = request.body.map(|body| format!(" {}", body.trim())).unwrap_or_default();
                self.transport.redacted(&format!("{} {}{body}", request.method, request.target))
            });
            let text = format!(
                "{} fails; after {} more requests, the smallest one that fails alike is {request}",
                smallest.of, smallest.tries
            );
            self.record(Row::Note { text });
        }
        found
    }

    async fn smaller_than(
        &self,
        drawn: &Case,
        before: &BTreeSet<(String, String)>,
        facts: &Facts,
    ) -> Smallest {
        let mut smallest = drawn.clone();
        let mut way = smaller(self.contract, &drawn.id);
        let mut fails = true;
        let mut tries = 0;
        while let Some(case) = way.as_mut().and_then(|way| way.next(fails)) {
            if tries >= MOST_TRIES || self.halted().is_some() {
                break;
            }
            // What is smaller must not do more.
            if case.effect > drawn.effect
                || case.steps.iter().any(|step| {
                    !plan::request(self.contract, step, facts)
                        .1
                        .iter()
                        .all(|fact| captured(&case, fact))
                })
            {
                fails = false;
                continue;
            }
            tries += 1;
            let record = self.run_case(&case, facts).await;
            if let Some(started) = &record.unsettled {
                self.let_end(started).await;
            }
            fails = record.verdict == Verdict::Fail && !seen(&record).is_disjoint(before);
            if fails {
                smallest = case;
            }
        }
        let words = drawn.id.rsplit('/').take(2).collect::<Vec<_>>();
        smallest.id.clone_from(&drawn.id);
        Smallest {
            of: drawn.id.clone(),
            case: smallest,
            drawn: words.into_iter().rev().collect::<Vec<_>>().join("-"),
            tries,
        }
    }
}

fn captured(case: &Case, fact: &str) -> bool {
    case.steps
        .iter()
        .chain(&case.cleanup)
        .flat_map(|step| &step.capture)
        .any(|capture| capture.fact == fact)
}

fn worst(record: &CaseRecord) -> impl Iterator<Item = &Finding> {
    let worst = record
        .findings
        .iter()
        .map(|finding| finding.severity)
        .max()
        .unwrap_or(Severity::Observation);
    record.findings.iter().filter(move |finding| finding.severity == worst)
}

/// The requirements that a case broke.
fn broken(record: &CaseRecord) -> BTreeSet<String> {
    worst(record).map(|finding| finding.requirement.clone()).collect()
}

/// What was seen, whichever of its mistakes a request was to be refused for: with fewer of them,
/// another one is named.
fn seen(record: &CaseRecord) -> BTreeSet<(String, String)> {
    worst(record).map(|finding| (finding.check.clone(), finding.actual.clone())).collect()
}
