//! The harness shown on its own double: each fault must be caught at the requirement it breaks, and
//! no variant may be accused.
//!
//! Knows: the table of faults, and how a run is conducted.
//! Must not know: how the double plays a fault, how a check works, how the outcome is printed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::conduct::Outcome;
use crate::contract::{Contract, Severity};
use crate::double::{Options, Variant};
use crate::exchange::Exchange;
use crate::judge::Verdict;
use crate::report::{Conclusion, Proof, Report};
use crate::store::{CatalogueId, ContractId, Row, Tool};

mod draft;
mod drafted;
mod faults;
mod play;
mod touched;
mod usual;

pub use draft::draft;
pub use drafted::{DRAFTED, Undrafted, sample, to_draft};
pub use faults::{FaultEntry, FaultTable, Play};
use play::{BROKE_OFF, Seen, side_by_side, whole};
use strum::IntoStaticStr;
use touched::Touched;
use usual::Usual;

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
    /// Of those, the ones that were drafted.
    pub drafted: usize,
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
    /// Of those, the ones whose fault was to be drafted, and why it wasn't.
    pub undrafted: Vec<Undrafted>,
}

/// What became of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Caught {
    /// At every requirement that it is made to break.
    Caught,
    /// Something was found, but not there.
    Mislocated,
    /// Nothing was found.
    #[strum(serialize = "SURVIVED")]
    Survived,
}

impl Caught {
    /// The word used in tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A fault, and what the catalogue made of it.
#[derive(Debug, Clone, Serialize)]
pub struct FaultRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub summary: String,
    /// Its edit, where it was drafted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<String>,
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
    /// Requirements whose faults are to be drafted.
    pub drafted: Vec<String>,
    /// Variants.
    pub variants: Vec<Variant>,
}

impl Selection {
    /// Everything that the double can play.
    #[must_use]
    pub fn all(contract: &Contract, table: &FaultTable) -> Self {
        Self {
            faults: table.entries().to_vec(),
            drafted: to_draft(contract, table),
            variants: Variant::ALL.to_vec(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.faults.len() + self.drafted.len() + self.variants.len()
    }

    /// Whether there is nothing to play.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
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
    let right = whole(contract, catalogue, Options::default(), false);
    seen("the double without faults");
    let exchanges: Vec<&Exchange> = right.iter().flat_map(|right| exchanges(&right.rows)).collect();
    let of_right = right.as_ref().ok().map(|right| Seen::of_report(&right.report));
    let (accused, found) = of_right.map(|seen| (seen.accused, seen.found)).unwrap_or_default();
    let facts = right.iter().flat_map(|right| &right.rows).find_map(|row| match row {
        Row::Facts { facts } => Some(facts.clone()),
        _ => None,
    });
    let usual = Usual {
        contract,
        catalogue,
        touched: Touched::of(contract, &exchanges),
        reaching: right
            .as_ref()
            .map_or_else(|_| BTreeMap::new(), |right| usual::reaching(catalogue, &right.report)),
        facts: facts.unwrap_or_default(),
        accused,
        found,
    };
    // Faults of the connection wait for bounds, in real time: they do it beside the others.
    let (waiting, busy): (Vec<&FaultEntry>, Vec<&FaultEntry>) =
        selection.faults.iter().partition(|fault| fault.is_wire());
    let play = |fault: &&FaultEntry| {
        let row = usual.play_fault(fault);
        seen(&fault.name);
        (fault.name.clone(), row)
    };
    let (played, varied) = std::thread::scope(|scope| {
        let waited = scope.spawn(|| side_by_side(&waiting, play));
        let mut played = side_by_side(&busy, play);
        let varied = side_by_side(&selection.variants, |variant| {
            let report = usual.play_variant(*variant);
            seen(variant.name());
            report
        });
        played.extend(waited.join().unwrap_or_default());
        (played, varied)
    });
    let mut played: BTreeMap<String, FaultRow> = played.into_iter().flatten().collect();
    let mut fault_rows: Vec<FaultRow> = selection
        .faults
        .iter()
        .map(|fault| {
            played
                .remove(&fault.name)
                .unwrap_or_else(|| usual.fault_row(fault, Err(BROKE_OFF.to_owned())))
        })
        .collect();
    let variant_rows: Vec<VariantRow> = selection
        .variants
        .iter()
        .zip(varied)
        .map(|(variant, report)| {
            variant_row(*variant, report.unwrap_or_else(|| Err(BROKE_OFF.to_owned())))
        })
        .collect();
    let (drafted, undrafted) = match &right {
        Ok(right) => drafted::drafts(
            contract,
            catalogue,
            &right.report,
            &exchanges,
            &usual.touched,
            &selection.drafted,
        ),
        Err(_) => Default::default(),
    };
    let needed = fault_rows.iter().flat_map(|row| row.cases.iter().cloned()).collect();
    fault_rows.extend(usual.drafted_rows(&drafted, needed, seen));
    usual.tried_again(&selection.faults, &mut fault_rows);
    let right = match &right {
        Ok(Outcome { report, .. }) => {
            Right { conclusion: report.conclusion, because: report.because.clone() }
        }
        Err(error) => Right { conclusion: Conclusion::Incomplete, because: error.clone() },
    };
    let checks = checks(contract, table, &fault_rows, undrafted);
    let outcomes = |wanted: Caught| fault_rows.iter().filter(move |row| row.outcome == wanted);
    let needed: BTreeSet<&str> =
        fault_rows.iter().flat_map(|row| row.cases.iter().map(String::as_str)).collect();
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
            drafted: drafted.len(),
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
        checks,
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

fn exchanges(rows: &[Row]) -> impl Iterator<Item = &Exchange> {
    rows.iter().filter_map(Row::exchange)
}

fn checks(
    contract: &Contract,
    table: &FaultTable,
    fault_rows: &[FaultRow],
    undrafted: Vec<Undrafted>,
) -> CheckCounts {
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
    // A draft that wasn't played is no gap; one that couldn't be made is.
    let drafts = to_draft(contract, table);
    let lacking: BTreeSet<&str> = undrafted.iter().map(|one| one.requirement.as_str()).collect();
    let broken: BTreeSet<&str> = table
        .broken()
        .into_keys()
        .chain(drafts.iter().map(String::as_str).filter(|id| !lacking.contains(id)))
        .collect();
    let unproved = unproved.into_iter().map(|requirement| requirement.id.clone());
    let unproved: Vec<String> = unproved.collect();
    CheckCounts {
        total: proved.len() + unproved.len(),
        proved: proved.len(),
        gaps: unproved.iter().filter(|id| !broken.contains(id.as_str())).cloned().collect(),
        unproved,
        undrafted,
    }
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
