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

/// What a run against the right double shows.
pub(super) struct Usual<'a> {
    pub(super) contract: &'a Contract,
    pub(super) catalogue: &'a Catalogue,
    pub(super) touched: Touched<'a>,
    /// The cases in which data reached each requirement, the cheapest first.
    pub(super) reaching: BTreeMap<String, Vec<&'a Case>>,
    pub(super) facts: Facts,
    pub(super) accused: BTreeMap<String, Severity>,
    pub(super) found: BTreeSet<(String, String)>,
}

/// Others of a case's requirements are tried before it is told that no fault makes it fail.
const MOST_TRIES: usize = 3;

/// So many cases are played first for each requirement that a fault is made to break.
const FIRST: usize = 8;

/// The cases in which data reached each requirement; those that cost the least come first.
pub(super) fn reaching<'a>(
    catalogue: &'a Catalogue,
    right: &Report,
) -> BTreeMap<String, Vec<&'a Case>> {
    let cases: BTreeMap<&str, &Case> =
        catalogue.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let mut reaching: BTreeMap<String, Vec<&Case>> = BTreeMap::new();
    for judged in &right.cases {
        let Some(case) = cases.get(judged.id.as_str()) else { continue };
        for (requirement, _) in judged.reached.iter() {
            reaching.entry(requirement.to_owned()).or_default().push(case);
        }
    }
    for cases in reaching.values_mut() {
        cases.sort_by_key(|case| (case.effect, case.steps.len(), case.generated));
    }
    reaching
}

impl Usual<'_> {
    /// What cases make of a fault, each time on a double of its own: first a few in which data
    /// reaches what it is made to break, and where those don't catch it all that it can show in.
    pub(super) fn play_fault(&self, fault: &FaultEntry) -> FaultRow {
        if let Some(few) = self.few(fault) {
            let row = self.fault_row(fault, self.with_fault(fault, &few));
            if row.outcome == Caught::Caught {
                return row;
            }
        }
        let narrowed = self.touched.narrowed(self.catalogue, fault);
        let catalogue = narrowed.as_ref().unwrap_or(self.catalogue);
        self.fault_row(fault, self.with_fault(fault, catalogue))
    }

    /// Cases that should catch a fault, if it is known which.
    fn few(&self, fault: &FaultEntry) -> Option<Catalogue> {
        if fault.is_wire() {
            return None;
        }
        let mut meant: BTreeSet<&str> = BTreeSet::new();
        for broken in &fault.breaks {
            let cases = self.reaching.get(broken)?;
            meant.extend(cases.iter().take(FIRST).map(|case| case.id.as_str()));
        }
        Some(only(self.catalogue, |case| meant.contains(case.id.as_str())))
    }

    fn with_fault(&self, fault: &FaultEntry, catalogue: &Catalogue) -> Result<Seen, String> {
        let mut options = Options::default();
        fault.play(&mut options);
        let outcome = whole(self.contract, catalogue, options, fault.is_wire())?;
        Ok(Seen::of_report(&outcome.report))
    }

    /// One run of the catalogue against a double that is different and still right.
    pub(super) fn play_variant(&self, variant: Variant) -> Result<Report, String> {
        let mut options = Options::default();
        options.variants.insert(variant);
        whole(self.contract, self.catalogue, options, false).map(|outcome| outcome.report)
    }

    /// Plays faults of the table with the cases that nothing made fail so far, where data reaches
    /// in them what the fault is made to break.
    pub(super) fn tried_again(&self, faults: &[FaultEntry], rows: &mut [FaultRow]) {
        for attempt in 0..MOST_TRIES {
            let needed: BTreeSet<&str> =
                rows.iter().flat_map(|row| row.cases.iter().map(String::as_str)).collect();
            let mut tries: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
            for case in self.catalogue.cases.iter().filter(|case| !needed.contains(&*case.id)) {
                let reached = |id: &String| {
                    self.reaching
                        .get(id)
                        .is_some_and(|cases| cases.iter().any(|one| one.id == case.id))
                };
                let mut fitting = (0..faults.len()).filter(|index| {
                    !faults[*index].is_wire() && faults[*index].breaks.iter().any(reached)
                });
                if let Some(index) = fitting.nth(attempt) {
                    tries.entry(index).or_default().insert(&case.id);
                }
            }
            let tries: Vec<(usize, BTreeSet<&str>)> = tries.into_iter().collect();
            let played = side_by_side(&tries, |(index, meant)| {
                let cases = only(self.catalogue, |case| meant.contains(&*case.id));
                self.with_fault(&faults[*index], &cases)
            });
            let more: Vec<(usize, BTreeSet<String>)> = tries
                .iter()
                .zip(played)
                .filter_map(|((index, _), seen)| Some((*index, self.new_cases(&seen?.ok()?))))
                .collect();
            for (index, more) in more {
                let cases = rows[index].cases.drain(..).chain(more).collect::<BTreeSet<_>>();
                rows[index].cases = cases.into_iter().collect();
            }
        }
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
            let touched = only(self.catalogue, |case| self.touched.by(draft.operation, case));
            self.with_fault(&draft.entry, &touched)
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
                            self.with_fault(&draft.entry, &only(self.catalogue, meant))
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
