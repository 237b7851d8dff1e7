//! What the runs of several appliances come to: requirements × appliances, the worst first, and who
//! differs from the others of its version.
//!
//! Knows: reports, and what is said of a run that has none. Must not know: files, terminals, how a
//! run is conducted.

mod forms;
mod kept;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::contract::Basis;
use crate::record::Tool;
use crate::report::{
    CaseCounts, Conclusion, FindingCounts, Report, RequirementCounts, State, missing_shards,
};
use crate::terms::Shard;
use crate::why::EndKind;

pub use forms::{html, json, markdown};
pub use kept::{Kept, KeptAppliance, read};

/// The value of `format`.
pub const FORMAT: &str = "lxca-conform/fleet/1";
/// Among fewer appliances of one version nobody is an outlier.
const LEAST_ALIKE: usize = 3;

/// How the run of one appliance ended, the worst first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Fate {
    /// Something is wrong with it that no waiver names.
    Nonconformant,
    /// It gave no answer, refused the certificate or the credentials, or is another than was meant.
    Unreachable,
    /// Nothing could be sent or kept: a secret is missing, a file can't be written.
    Failed,
    /// The run was interrupted.
    Interrupted,
    /// Something couldn't be judged.
    Incomplete,
    /// Waivers aren't in order.
    Waivers,
    /// What was asked holds, or only fails as waivers say.
    Conformant,
}

impl Fate {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// One appliance.
#[derive(Debug, Clone, Serialize)]
pub struct Appliance {
    /// The name of the target.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The version that it told.
    pub version: Option<String>,
    /// The uuid that it told.
    pub uuid: Option<String>,
    /// How its run ended.
    pub fate: Fate,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// Why, in one sentence.
    pub because: String,
    /// The folder of its record and reports, below that of the fleet.
    pub folder: String,
    /// Whether its report is evidence on a product.
    pub claim: bool,
    /// Requests that were sent.
    pub requests: u64,
    /// Cases by verdict.
    pub cases: CaseCounts,
    /// Findings by severity.
    pub findings: FindingCounts,
    /// Requirements by state.
    pub requirements: RequirementCounts,
    /// The state of each requirement, in the order of the register; nothing where there is no
    /// report.
    #[serde(skip)]
    states: Vec<State>,
}

impl Appliance {
    /// One whose run has a report.
    #[must_use]
    pub fn of(report: &Report, fate: Fate, exit: u8, folder: String) -> Self {
        Self {
            name: report.target.name.clone(),
            url: report.target.url.clone(),
            version: report.target.version.clone(),
            uuid: report.target.uuid.clone(),
            fate,
            exit,
            because: report.because.clone(),
            folder,
            claim: report.claim,
            requests: report.summary.requests,
            cases: report.summary.cases.clone(),
            findings: report.summary.findings.clone(),
            requirements: report.summary.requirements.clone(),
            states: report.requirements.iter().map(|one| one.status).collect(),
        }
    }

    /// One whose run has none.
    #[must_use]
    pub fn without_report(name: &str, url: &str, fate: Fate, exit: u8, because: String) -> Self {
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            version: None,
            uuid: None,
            fate,
            exit,
            because,
            folder: String::new(),
            claim: false,
            requests: 0,
            cases: CaseCounts::default(),
            findings: FindingCounts::default(),
            requirements: RequirementCounts::default(),
            states: Vec::new(),
        }
    }

    fn version(&self) -> &str {
        self.version.as_deref().unwrap_or("unknown")
    }
}

/// A requirement that some appliance breaks, or that they don't agree about.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// What an appliance must do.
    pub statement: String,
    /// How firmly it is said.
    pub basis: Basis,
    /// How many break it.
    pub broken: usize,
    /// How many hold it.
    pub held: usize,
    /// Its state at each appliance, in their order; null where there is no report.
    pub states: Vec<Option<State>>,
}

/// Appliances that differ from most others of their version.
#[derive(Debug, Clone, Serialize)]
pub struct Outlier {
    /// The requirement.
    pub requirement: String,
    /// The version.
    pub version: String,
    /// How many of that version agree.
    pub agree: usize,
    /// How many of that version showed it.
    pub of: usize,
    /// What most of them do: `held` or `broken`.
    pub most: State,
    /// The names of the others.
    pub appliances: Vec<String>,
}

impl Outlier {
    /// The same in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let (they, others) = match self.most {
            State::Broken => (if self.agree == 1 { "breaks" } else { "break" }, "holds"),
            _ => (if self.agree == 1 { "holds" } else { "hold" }, "breaks"),
        };
        let others = if self.appliances.len() == 1 {
            others.to_owned()
        } else {
            others.trim_end_matches('s').to_owned()
        };
        format!(
            "{} of {} appliances of version {} {they} it; {} {others} it",
            self.agree,
            self.of,
            self.version,
            self.appliances.join(", ")
        )
    }
}

/// How many appliances there are of each fate.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// All of them.
    pub appliances: usize,
    /// By the word of their fate.
    pub by_fate: BTreeMap<&'static str, usize>,
    /// By version.
    pub by_version: BTreeMap<String, usize>,
}

/// The whole.
#[derive(Debug, Clone, Serialize)]
pub struct Fleet {
    /// `FORMAT`.
    pub format: &'static str,
    /// Who made it.
    pub tool: Tool,
    /// The digest of the contract.
    pub contract: String,
    /// The digest of the catalogue.
    pub catalogue: String,
    /// Which part of the fleet, where several runs share it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The shards that nothing came of, where the fleet was joined of shards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing_shards: Vec<u32>,
    /// The whole in one word.
    pub conclusion: Conclusion,
    /// Why, in one sentence.
    pub because: String,
    /// Counts.
    pub counts: Counts,
    /// The appliances, the worst first.
    pub appliances: Vec<Appliance>,
    /// What some appliance breaks, or what they don't agree about; what most break comes first.
    pub requirements: Vec<Row>,
    /// Who differs from the others of its version.
    pub outliers: Vec<Outlier>,
}

/// What a requirement is, kept once for all appliances.
#[derive(Debug, Clone)]
struct Known {
    id: String,
    statement: String,
    basis: Basis,
}

/// Collects the appliances of a fleet as their runs end. Of a report it keeps a byte for each
/// requirement.
#[derive(Debug, Default)]
pub struct Collected {
    known: Vec<Known>,
    appliances: Vec<Appliance>,
}

impl Collected {
    /// Takes one more. All reports are of one contract.
    pub fn take(&mut self, appliance: Appliance, report: Option<&Report>) {
        if let Some(report) = report.filter(|_| self.known.is_empty()) {
            let known = report.requirements.iter().map(|one| Known {
                id: one.id.clone(),
                statement: one.statement.clone(),
                basis: one.basis,
            });
            self.known = known.collect();
        }
        self.appliances.push(appliance);
    }

    /// What they come to.
    #[must_use]
    pub fn conclude(
        mut self,
        contract: &str,
        catalogue: &str,
        shard: Option<Shard>,
        missing: &[u32],
    ) -> Fleet {
        self.appliances.sort_by(|one, other| {
            let gravest = |of: &Appliance| {
                (of.fate, std::cmp::Reverse((of.findings.violation, of.findings.deviation)))
            };
            gravest(one).cmp(&gravest(other)).then_with(|| one.name.cmp(&other.name))
        });
        let mut counts = Counts { appliances: self.appliances.len(), ..Counts::default() };
        for one in &self.appliances {
            *counts.by_fate.entry(one.fate.word()).or_default() += 1;
            *counts.by_version.entry(one.version().to_owned()).or_default() += 1;
        }
        let (mut conclusion, mut because) = concluded(&self.appliances);
        if !missing.is_empty() {
            let lost = missing_shards(missing, None);
            if conclusion == Conclusion::Conformant {
                (conclusion, because) = (Conclusion::Incomplete, lost);
            } else {
                because = format!("{because}; {lost}");
            }
        }
        Fleet {
            format: FORMAT,
            tool: Tool::this(),
            contract: contract.to_owned(),
            catalogue: catalogue.to_owned(),
            shard,
            missing_shards: missing.to_vec(),
            conclusion,
            because,
            counts,
            requirements: rows(&self.known, &self.appliances),
            outliers: outliers(&self.known, &self.appliances),
            appliances: self.appliances,
        }
    }
}

fn concluded(appliances: &[Appliance]) -> (Conclusion, String) {
    let count = |fates: &[Fate]| appliances.iter().filter(|one| fates.contains(&one.fate)).count();
    let all = appliances.len();
    let wrong = count(&[Fate::Nonconformant]);
    let silent = count(&[Fate::Unreachable, Fate::Failed]);
    let open = count(&[Fate::Interrupted, Fate::Incomplete]);
    let right = count(&[Fate::Conformant, Fate::Waivers]);
    if all == 0 {
        return (Conclusion::Incomplete, "this shard has no appliance".to_owned());
    }
    let of = |number: usize, what: &str| format!("{number} of {all} appliances {what}");
    let mut parts = Vec::new();
    if wrong > 0 {
        parts.push(of(wrong, if wrong == 1 { "is nonconformant" } else { "are nonconformant" }));
    }
    if silent > 0 {
        parts.push(of(silent, "couldn't be asked"));
    }
    if open > 0 {
        parts.push(of(open, "couldn't be judged in full"));
    }
    if wrong > 0 {
        return (Conclusion::Nonconformant, parts.join("; "));
    }
    if silent + open > 0 || right == 0 {
        return (Conclusion::Incomplete, parts.join("; "));
    }
    let because = match all {
        1 => "the one appliance is conformant".to_owned(),
        _ => format!("all {all} appliances are conformant"),
    };
    (Conclusion::Conformant, because)
}

fn rows(known: &[Known], appliances: &[Appliance]) -> Vec<Row> {
    let mut rows: Vec<Row> = known
        .iter()
        .enumerate()
        .filter_map(|(place, known)| {
            let states: Vec<Option<State>> =
                appliances.iter().map(|one| one.states.get(place).copied()).collect();
            let count = |wanted| states.iter().filter(|state| **state == Some(wanted)).count();
            let (broken, held) = (count(State::Broken), count(State::Held));
            (broken > 0).then(|| Row {
                id: known.id.clone(),
                statement: known.statement.clone(),
                basis: known.basis,
                broken,
                held,
                states,
            })
        })
        .collect();
    rows.sort_by(|one, other| other.broken.cmp(&one.broken).then_with(|| one.id.cmp(&other.id)));
    rows
}

/// Of each version that at least three appliances have, those that differ from most.
fn outliers(known: &[Known], appliances: &[Appliance]) -> Vec<Outlier> {
    let mut versions: BTreeMap<&str, Vec<&Appliance>> = BTreeMap::new();
    for one in appliances.iter().filter(|one| one.version.is_some()) {
        versions.entry(one.version()).or_default().push(one);
    }
    let mut found = Vec::new();
    for (version, alike) in versions {
        for (place, known) in known.iter().enumerate() {
            let of = |wanted: State| -> Vec<&str> {
                let with = alike.iter().filter(|one| one.states.get(place) == Some(&wanted));
                with.map(|one| one.name.as_str()).collect()
            };
            let (held, broken) = (of(State::Held), of(State::Broken));
            let all = held.len() + broken.len();
            let (most, agree, others) = if held.len() > broken.len() {
                (State::Held, held.len(), broken)
            } else {
                (State::Broken, broken.len(), held)
            };
            // A quarter at most: where half of them differ, nobody stands out.
            if all >= LEAST_ALIKE && !others.is_empty() && others.len() * 3 <= agree + 1 {
                found.push(Outlier {
                    requirement: known.id.clone(),
                    version: version.to_owned(),
                    agree,
                    of: all,
                    most,
                    appliances: others.into_iter().map(str::to_owned).collect(),
                });
            }
        }
    }
    found
}

/// The fate of a run that ended early, if that says it all.
#[must_use]
pub fn of_early(kind: EndKind) -> Option<Fate> {
    match kind {
        EndKind::Unreachable | EndKind::Credentials | EndKind::Identity => Some(Fate::Unreachable),
        EndKind::Interrupted => Some(Fate::Interrupted),
        EndKind::Bound | EndKind::Unknown => None,
    }
}
