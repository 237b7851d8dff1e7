//! The harness shown on its own double: each fault must be caught at the requirement it breaks, and
//! no variant may be accused.
//!
//! Knows: the table of faults, and how a run is conducted.
//! Must not know: how the double plays a fault, how a check works, how the outcome is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::builtin::{self, DoubleTime, RealTime};
use crate::catalogue::{Catalogue, Effect};
use crate::conduct::{Outcome, Setup, conduct};
use crate::contract::{Basis, Contract, Severity};
use crate::double::{Clock, Options, Variant};
use crate::judge::Verdict;
use crate::plan::Scope;
use crate::report::{Conclusion, Proof, Report};
use crate::store::{CatalogueId, ContractId, TargetKind, Tool};
use crate::target::Target;

mod draft;
mod faults;

pub use draft::draft;
pub use faults::{FaultEntry, FaultTable, Play};

/// What a self-test showed.
#[derive(Debug, Clone, Serialize)]
pub struct SelfTest {
    /// Who ran it.
    pub tool: Tool,
    /// Identity of the code that judges, so that another build doesn't borrow the score.
    pub code: String,
    /// With which contract.
    pub contract: ContractId,
    /// With which catalogue.
    pub catalogue: CatalogueId,
    /// The double as it should be: nothing may be wrong with it.
    pub right: Right,
    /// The faults, counted.
    pub faults: FaultCounts,
    /// The variants, counted.
    pub variants: VariantCounts,
    /// The checks, counted.
    pub checks: CheckCounts,
    /// Cases that no fault made fail.
    pub unneeded: Vec<String>,
    /// Each fault.
    pub fault_rows: Vec<FaultRow>,
    /// Each variant.
    pub variant_rows: Vec<VariantRow>,
}

/// The double without any fault.
#[derive(Debug, Clone, Serialize)]
pub struct Right {
    /// What the run came to.
    pub conclusion: Conclusion,
    /// Why.
    pub because: String,
}

/// The faults, counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FaultCounts {
    /// Faults that were played.
    pub total: usize,
    /// Caught at every requirement that they are made to break.
    pub caught: usize,
    /// Caught, but not there.
    pub mislocated: usize,
    /// Not caught.
    pub survived: Vec<String>,
}

/// The variants, counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct VariantCounts {
    /// Variants that were played.
    pub total: usize,
    /// Those with a case that fails.
    pub accused: Vec<String>,
}

/// The checks, counted.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CheckCounts {
    /// Requirements that are checked.
    pub total: usize,
    /// Of those, the ones that a fault was seen to break.
    pub proved: usize,
    /// The others.
    pub unproved: Vec<String>,
    /// Of the others, those that no fault of the whole table is made to break.
    pub gaps: Vec<String>,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caught {
    /// At every requirement that it is made to break.
    Caught,
    /// Something was found, but not there.
    Mislocated,
    /// Nothing was found.
    Survived,
}

impl Caught {
    /// The word used in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Mislocated => "mislocated",
            Self::Survived => "SURVIVED",
        }
    }
}

/// A fault, and what the catalogue made of it.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// What became of it.
    pub outcome: Caught,
    /// What it is made to break. Nothing for a fault of the connection: there the run must stay
    /// without a verdict.
    pub breaks: Vec<String>,
    /// Of those, the ones that weren't accused.
    pub missed: Vec<String>,
    /// Every requirement that the right double isn't accused of, with the gravest finding.
    pub accused: BTreeMap<String, Severity>,
    /// Cases with a finding that the right double doesn't have.
    pub cases: Vec<String>,
    /// What the run came to.
    pub conclusion: Option<Conclusion>,
    /// Why there is no report, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A variant, and what the catalogue made of it.
#[derive(Debug, Clone, Serialize)]
pub struct VariantRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// Whether a case fails.
    pub accused: bool,
    /// Findings above an observation, which don't fail a case.
    pub deviations: Vec<String>,
    /// Violations.
    pub violations: Vec<String>,
    /// Cases that couldn't be judged.
    pub unresolved: Vec<String>,
    /// Why there is no report, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl SelfTest {
    /// Whether every fault was caught where it should be, and no variant was accused.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.right.conclusion == Conclusion::Conformant
            && self.faults.total > 0
            && self.faults.caught == self.faults.total
            && self.variants.accused.is_empty()
    }

    /// The score that goes into reports.
    #[must_use]
    pub fn proof(&self) -> Proof {
        Proof {
            checks: self.checks.total as u64,
            proved: self.checks.proved as u64,
            faults: self.faults.total as u64,
            caught: self.faults.caught as u64,
            variants: self.variants.total as u64,
            accused: self.variants.accused.len() as u64,
        }
    }
}

/// What to play.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Faults of what is said and done, and of the connection.
    pub faults: Vec<FaultEntry>,
    /// Variants.
    pub variants: Vec<Variant>,
}

impl Selection {
    /// Everything that the double can play.
    #[must_use]
    pub fn all(table: &FaultTable) -> Self {
        Self { faults: table.entries().to_vec(), variants: Variant::ALL.to_vec() }
    }
}

#[derive(Clone, Copy)]
enum Job<'a> {
    Right,
    Fault(&'a FaultEntry),
    Variant(Variant),
}

/// Plays everything that is selected, on as many threads as there are processors; `seen` hears each
/// name when it is through.
pub fn self_test(
    contract: &Contract,
    catalogue: &Catalogue,
    table: &FaultTable,
    selection: &Selection,
    seen: &(dyn Fn(&str) + Sync),
) -> SelfTest {
    let jobs: Vec<Job<'_>> = std::iter::once(Job::Right)
        .chain(selection.faults.iter().map(Job::Fault))
        .chain(selection.variants.iter().copied().map(Job::Variant))
        .collect();
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<Option<Result<Report, String>>>> =
        Mutex::new(jobs.iter().map(|_| None).collect());
    let workers =
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(jobs.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let index =
                        jobs.iter().position(|other| std::ptr::eq(other, job)).unwrap_or_default();
                    let report = play(contract, catalogue, *job);
                    reports.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(report);
                    seen(match job {
                        Job::Right => "the double without faults",
                        Job::Fault(fault) => &fault.name,
                        Job::Variant(variant) => variant.name(),
                    });
                }
            });
        }
    });
    let mut reports = reports
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .map(|report| report.unwrap_or_else(|| Err("the run panicked".to_owned())));
    let right = reports.next().unwrap_or_else(|| Err("the run panicked".to_owned()));
    let usual = right.as_ref().map(accused).unwrap_or_default();
    let usual_cases =
        right.as_ref().map(|report| found(report, Severity::Observation)).unwrap_or_default();
    let right = match right {
        Ok(report) => Right { conclusion: report.conclusion, because: report.because },
        Err(error) => Right { conclusion: Conclusion::Incomplete, because: error },
    };
    let fault_rows: Vec<FaultRow> = selection
        .faults
        .iter()
        .zip(reports.by_ref())
        .map(|(fault, report)| fault_row(contract, fault, report, &usual, &usual_cases))
        .collect();
    let variant_rows: Vec<VariantRow> = selection
        .variants
        .iter()
        .zip(reports)
        .map(|(variant, report)| variant_row(*variant, report))
        .collect();
    let outcomes = |wanted: Caught| fault_rows.iter().filter(move |row| row.outcome == wanted);
    let proved: BTreeSet<&str> = fault_rows
        .iter()
        .flat_map(|row| row.breaks.iter().filter(|broken| !row.missed.contains(broken)))
        .map(String::as_str)
        .collect();
    let (proved, unproved): (Vec<_>, Vec<_>) = contract
        .requirements
        .values()
        .filter(|requirement| requirement.excluded.is_none())
        .partition(|requirement| proved.contains(requirement.id.as_str()));
    let needed: BTreeSet<&str> =
        fault_rows.iter().flat_map(|row| row.cases.iter().map(String::as_str)).collect();
    let broken = table.broken();
    let gaps = unproved
        .iter()
        .map(|requirement| requirement.id.clone())
        .filter(|id| !broken.contains_key(id.as_str()))
        .collect();
    SelfTest {
        tool: Tool::this(),
        code: crate::proof::CODE.to_owned(),
        contract: ContractId {
            digest: contract.digest.clone(),
            documents: contract.documents.iter().map(Into::into).collect(),
        },
        catalogue: CatalogueId::from(catalogue),
        right,
        faults: FaultCounts {
            total: fault_rows.len(),
            caught: outcomes(Caught::Caught).count(),
            mislocated: outcomes(Caught::Mislocated).count(),
            survived: outcomes(Caught::Survived).map(|row| row.name.clone()).collect(),
        },
        variants: VariantCounts {
            total: variant_rows.len(),
            accused: variant_rows
                .iter()
                .filter(|row| row.accused)
                .map(|row| row.name.clone())
                .collect(),
        },
        checks: CheckCounts {
            total: proved.len() + unproved.len(),
            proved: proved.len(),
            unproved: unproved.into_iter().map(|requirement| requirement.id.clone()).collect(),
            gaps,
        },
        unneeded: catalogue
            .cases
            .iter()
            .filter(|case| !needed.contains(case.id.as_str()))
            .map(|case| case.id.clone())
            .collect(),
        fault_rows,
        variant_rows,
    }
}

fn fault_row(
    contract: &Contract,
    fault: &FaultEntry,
    report: Result<Report, String>,
    usual: &BTreeMap<String, Severity>,
    usual_cases: &BTreeSet<(String, String)>,
) -> FaultRow {
    let mut row = FaultRow {
        name: fault.name.clone(),
        summary: fault.summary.clone(),
        outcome: Caught::Survived,
        breaks: fault.breaks.clone(),
        missed: fault.breaks.clone(),
        accused: BTreeMap::new(),
        cases: Vec::new(),
        conclusion: None,
        error: None,
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => return FaultRow { error: Some(error), ..row },
    };
    row.accused = accused(&report)
        .into_iter()
        .filter(|(requirement, severity)| {
            usual.get(requirement).is_none_or(|before| before < severity)
        })
        .collect();
    let cases: BTreeSet<String> = found(&report, Severity::Observation)
        .difference(usual_cases)
        .map(|(case, _)| case.clone())
        .collect();
    row.cases = cases.into_iter().collect();
    row.conclusion = Some(report.conclusion);
    // A rule on which the page contradicts itself never gives more than an observation.
    let least = |requirement: &str| {
        contract.requirements.get(requirement).map_or(Severity::Deviation, |requirement| {
            if requirement.basis == Basis::Conflict {
                Severity::Observation
            } else {
                Severity::Deviation
            }
        })
    };
    row.missed.retain(|requirement| {
        row.accused.get(requirement).is_none_or(|severity| *severity < least(requirement))
    });
    let silent = row.accused.values().all(|severity| *severity == Severity::Observation);
    row.outcome = if fault.is_wire() {
        // A broken connection is nobody's nonconformity, and no reason to be green.
        let unresolved = report.cases.iter().any(|case| case.verdict == Verdict::Unresolved);
        match (unresolved && report.conclusion != Conclusion::Conformant, silent) {
            (true, true) => Caught::Caught,
            (_, false) => Caught::Mislocated,
            (false, true) => Caught::Survived,
        }
    } else if !row.breaks.is_empty() && row.missed.is_empty() {
        Caught::Caught
    } else if silent {
        Caught::Survived
    } else {
        Caught::Mislocated
    };
    row
}

fn variant_row(variant: Variant, report: Result<Report, String>) -> VariantRow {
    let mut row = VariantRow {
        name: variant.name().to_owned(),
        summary: variant.summary().to_owned(),
        accused: true,
        deviations: Vec::new(),
        violations: Vec::new(),
        unresolved: Vec::new(),
        error: None,
    };
    match report {
        Err(error) => row.error = Some(error),
        Ok(report) => {
            row.accused = report.cases.iter().any(|case| case.verdict == Verdict::Fail);
            for (requirement, severity) in accused(&report) {
                match severity {
                    Severity::Violation => row.violations.push(requirement),
                    Severity::Deviation => row.deviations.push(requirement),
                    Severity::Observation => {}
                }
            }
            row.unresolved = report
                .cases
                .into_iter()
                .filter(|case| case.verdict == Verdict::Unresolved)
                .map(|case| case.id)
                .collect();
        }
    }
    row
}

/// The requirements with a finding, each with the gravest.
fn accused(report: &Report) -> BTreeMap<String, Severity> {
    let mut found: BTreeMap<String, Severity> = BTreeMap::new();
    for finding in report.cases.iter().flat_map(|case| &case.findings) {
        let worst = found.entry(finding.requirement.clone()).or_insert(finding.severity);
        *worst = (*worst).max(finding.severity);
    }
    found
}

/// Case and requirement of each finding that is at least so grave.
fn found(report: &Report, least: Severity) -> BTreeSet<(String, String)> {
    let findings = report
        .cases
        .iter()
        .flat_map(|case| case.findings.iter().map(move |finding| (case, finding)));
    findings
        .filter(|(_, finding)| finding.severity >= least)
        .map(|(case, finding)| (case.id.clone(), finding.requirement.clone()))
        .collect()
}

/// One run of the catalogue against a double of its own.
fn play(contract: &Contract, catalogue: &Catalogue, job: Job<'_>) -> Result<Report, String> {
    let mut options = Options::default();
    let mut wire = false;
    match job {
        Job::Right => {}
        Job::Fault(fault) => {
            wire = fault.is_wire();
            fault.play(&mut options);
        }
        Job::Variant(variant) => {
            options.variants.insert(variant);
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime couldn't be started: {error}"))?;
    runtime.block_on(async {
        if wire {
            let (double, target) = builtin::start_on_a_port(options)
                .await
                .map_err(|error| format!("the double couldn't be started: {error}"))?;
            run(contract, catalogue, &target, double.clock()).await
        } else {
            let (double, target) = builtin::start(options).await;
            run(contract, catalogue, &target, double.clock()).await
        }
    })
}

async fn run(
    contract: &Contract,
    catalogue: &Catalogue,
    target: &Target,
    clock: &Clock,
) -> Result<Report, String> {
    let pace = DoubleTime(clock.clone());
    let scope = Scope {
        allow: Effect::Destroy,
        filters: Vec::new(),
        strict: false,
        facts: target.facts.clone(),
        bad_logins: u32::MAX,
    };
    let setup = Setup {
        contract,
        catalogue,
        target,
        kind: TargetKind::Double,
        scope,
        out: None,
        pace: &pace,
        clock: &RealTime,
        observer: &|_| {},
        stop: None,
    };
    conduct(setup).await.map(|Outcome { report, .. }| report).map_err(|error| error.to_string())
}
