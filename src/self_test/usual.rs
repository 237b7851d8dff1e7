//! Plays faults and variants, and holds what is found against what the right double shows.
//!
//! Knows: which cases a fault is played with, and when it is caught. Must not know: how a fault is
//! written or drafted, how a run is conducted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::catalogue::{Case, Catalogue};
use crate::contract::{Basis, Contract, Severity};
use crate::double::{Options, Variant};
use crate::plan::Facts;
use crate::report::{Conclusion, Report};

use super::drafted::{Draft, leaves_no_trace};
use super::faults::{FaultEntry, Play};
use super::play::{BROKE_OFF, Seen, on_a_bench, only, side_by_side, threads, whole};
use super::touched::Touched;
use super::{Caught, FaultRow};

/// What to play.
#[derive(Clone, Copy)]
pub(super) enum Job<'a> {
    Fault(&'a FaultEntry),
    Variant(Variant),
}

/// What a run against the right double shows.
pub(super) struct Usual<'a> {
    pub(super) contract: &'a Contract,
    pub(super) catalogue: &'a Catalogue,
    pub(super) touched: Touched<'a>,
    pub(super) facts: Facts,
    pub(super) accused: BTreeMap<String, Severity>,
    pub(super) found: BTreeSet<(String, String)>,
}

/// Others of a case's requirements are tried before it is told that no fault makes it fail.
const MOST_TRIES: usize = 3;

impl Usual<'_> {
    /// One run of the catalogue, or of what a fault can show in, against a double of its own.
    pub(super) fn play(&self, job: Job<'_>) -> Result<Report, String> {
        let (mut options, mut wire, mut narrowed) = (Options::default(), false, None);
        match job {
            Job::Fault(fault) => {
                wire = fault.is_wire();
                fault.play(&mut options);
                narrowed = self.touched.narrowed(self.catalogue, fault);
            }
            Job::Variant(variant) => drop(options.variants.insert(variant)),
        }
        let catalogue = narrowed.as_ref().unwrap_or(self.catalogue);
        whole(self.contract, catalogue, options, wire).map(|outcome| outcome.report)
    }

    /// Plays each drafted fault with one case that exercises its requirement; with all that have
    /// answers of the operation where that one doesn't see it; and then cases that no fault made
    /// fail so far with faults that should.
    pub(super) fn drafted_rows(
        &self,
        drafts: &[Draft<'_>],
        mut needed: BTreeSet<String>,
        seen: &(dyn Fn(&str) + Sync),
    ) -> Vec<FaultRow> {
        let first: Vec<(&Draft<'_>, Vec<&Case>)> =
            drafts.iter().map(|draft| (draft, draft.cases[..1].to_vec())).collect();
        let mut played = self.play_all(&first, seen);
        let unseen: Vec<usize> = (0..drafts.len())
            .filter(|index| {
                played[*index].as_ref().is_ok_and(|seen| !self.is_caught(&drafts[*index], seen))
            })
            .collect();
        let again = side_by_side(&unseen, |index| {
            let draft = &drafts[*index];
            self.alone(draft, &only(self.catalogue, |case| self.touched.by(draft.operation, case)))
        });
        for (index, again) in unseen.into_iter().zip(again) {
            match (&mut played[index], again) {
                (Ok(seen), Some(Ok(more))) => seen.add(more),
                (seen, Some(Err(error))) => *seen = Err(error),
                _ => {}
            }
        }
        for seen in played.iter().flatten() {
            needed.extend(self.new_cases(seen));
        }
        for attempt in 0..MOST_TRIES {
            let tries: Vec<(usize, &Case)> = self
                .catalogue
                .cases
                .iter()
                .filter(|case| !needed.contains(&case.id))
                .filter_map(|case| {
                    let mut fitting = (0..drafts.len()).filter(|index| {
                        drafts[*index].cases.iter().any(|exercises| exercises.id == case.id)
                    });
                    fitting.nth(attempt).map(|index| (index, case))
                })
                .collect();
            let jobs: Vec<(&Draft<'_>, Vec<&Case>)> =
                tries.iter().map(|(index, case)| (&drafts[*index], vec![*case])).collect();
            for ((index, _), tried) in tries.iter().zip(self.play_all(&jobs, &|_| {})) {
                if let (Ok(whole), Ok(more)) = (&mut played[*index], tried) {
                    needed.extend(self.new_cases(&more));
                    whole.add(more);
                }
            }
        }
        drafts
            .iter()
            .zip(played)
            .map(|(draft, seen)| FaultRow {
                edit: Some(draft.edit.clone()),
                ..self.fault_row(&draft.entry, seen)
            })
            .collect()
    }

    /// Plays some cases for each of these faults: on a bench where they leave no trace, else on a
    /// double of their own.
    fn play_all(
        &self,
        jobs: &[(&Draft<'_>, Vec<&Case>)],
        seen: &(dyn Fn(&str) + Sync),
    ) -> Vec<Result<Seen, String>> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<Result<Seen, String>>> =
            Mutex::new(jobs.iter().map(|_| Err(BROKE_OFF.to_owned())).collect());
        let workers: Vec<usize> = (0..threads().min(jobs.len())).collect();
        let failed = side_by_side(&workers, |_| {
            on_a_bench(self.contract, &self.facts, async |bench| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((draft, cases)) = jobs.get(index) else { break };
                    let played = match &draft.entry.play {
                        Play::Edits(fault) if cases.iter().all(|case| leaves_no_trace(case)) => {
                            Ok(bench.play(fault, cases).await)
                        }
                        _ => {
                            let meant = |case: &Case| cases.iter().any(|one| one.id == case.id);
                            self.alone(draft, &only(self.catalogue, meant))
                        }
                    };
                    done.lock().unwrap_or_else(PoisonError::into_inner)[index] = played;
                    seen(&draft.entry.name);
                }
            })
        });
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = failed.into_iter().flatten().find_map(Result::err) {
            for unplayed in done.iter_mut().filter(|played| played.is_err()) {
                *unplayed = Err(error.clone());
            }
        }
        done
    }

    /// What a catalogue makes of a double that has this fault and is its own.
    fn alone(&self, draft: &Draft<'_>, catalogue: &Catalogue) -> Result<Seen, String> {
        let mut options = Options::default();
        draft.entry.play(&mut options);
        let outcome = whole(self.contract, catalogue, options, false)?;
        Ok(Seen::of_report(&outcome.report))
    }

    fn is_caught(&self, draft: &Draft<'_>, seen: &Seen) -> bool {
        let accused = self.new_accusations(seen);
        draft.entry.breaks.iter().all(|id| self.is_broken(&accused, id))
    }

    /// What the right double isn't accused of, or not so gravely.
    fn new_accusations(&self, seen: &Seen) -> BTreeMap<String, Severity> {
        let accused = seen.accused.iter().filter(|(requirement, severity)| {
            self.accused.get(*requirement).is_none_or(|before| before < severity)
        });
        accused.map(|(requirement, severity)| (requirement.clone(), *severity)).collect()
    }

    /// The cases with a finding that the right double doesn't have.
    fn new_cases(&self, seen: &Seen) -> BTreeSet<String> {
        seen.found.difference(&self.found).map(|(case, _)| case.clone()).collect()
    }

    fn is_broken(&self, accused: &BTreeMap<String, Severity>, requirement: &str) -> bool {
        // A rule on which the page contradicts itself never gives more than an observation.
        let known = self.contract.requirements.get(requirement);
        let least = match known.map(|requirement| requirement.basis) {
            Some(Basis::Conflict) => Severity::Observation,
            _ => Severity::Deviation,
        };
        accused.get(requirement).is_some_and(|severity| *severity >= least)
    }

    pub(super) fn fault_row(&self, fault: &FaultEntry, seen: Result<Seen, String>) -> FaultRow {
        let mut row = FaultRow {
            name: fault.name.clone(),
            summary: fault.summary.clone(),
            edit: None,
            outcome: Caught::Survived,
            breaks: fault.breaks.clone(),
            missed: fault.breaks.clone(),
            accused: BTreeMap::new(),
            cases: Vec::new(),
            conclusion: None,
            error: None,
        };
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => return FaultRow { error: Some(error), ..row },
        };
        row.accused = self.new_accusations(&seen);
        row.cases = self.new_cases(&seen).into_iter().collect();
        row.conclusion = Some(seen.conclusion);
        row.missed.retain(|requirement| !self.is_broken(&row.accused, requirement));
        let gravest = row.accused.values().max().copied().unwrap_or(Severity::Observation);
        let silent = gravest == Severity::Observation;
        // Whatever is accused, a run that says yes all the same catches nothing.
        let green = gravest == Severity::Violation && seen.conclusion == Conclusion::Conformant;
        row.outcome = if fault.is_wire() {
            // A broken connection is nobody's nonconformity, and no reason to be green.
            match (seen.unresolved && seen.conclusion != Conclusion::Conformant, silent) {
                (true, true) => Caught::Caught,
                (_, false) => Caught::Mislocated,
                (false, true) => Caught::Survived,
            }
        } else if !row.breaks.is_empty() && row.missed.is_empty() && !green {
            Caught::Caught
        } else if silent {
            Caught::Survived
        } else {
            Caught::Mislocated
        };
        row
    }
}
