//! What a change of the appliance does to clients: to those whose profiles are given, and without
//! any to three classes of them.
//!
//! Knows: profiles, and the answers of two runs. A change counts where the profile says that it
//! breaks its client; what nobody tried, or the candidate doesn't show, is a risk. Must not know:
//! requirements, verdicts, files.

mod classes;
mod compare;
mod place;
mod seen;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::contract::Contract;
use crate::profile::Profile;
use crate::report::counted_as;

use super::answer;
use super::model::{Answer, Candidate, Gate};
use super::{Run, Source};

pub use classes::ClassAnswer;
pub(super) use classes::classes;
use compare::Comparison;
use strum::IntoStaticStr;

/// What becomes of a client.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Fate {
    /// Nothing that it depends on changed.
    #[default]
    Safe,
    /// It depends on something that the runs don't show, or that nobody tried.
    AtRisk,
    /// Something that it depends on changed.
    Breaks,
}

impl Fate {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// As people say it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::AtRisk => "at risk",
            Self::Breaks => "breaks",
        }
    }
}

/// What becomes of one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAnswer {
    /// Its name.
    pub client: String,
    /// Where its profile was read from.
    pub profile: String,
    /// The answer.
    pub answer: Fate,
    /// Why, in one sentence.
    pub because: String,
    /// How many things it depends on.
    pub dependencies: u64,
    /// What does something to it, the gravest first.
    pub effects: Vec<Effect>,
}

/// One thing that does something to a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Effect {
    /// What it does.
    pub fate: Fate,
    /// Id of the operation, or method and path.
    pub operation: String,
    /// The place in the answer, with `*` for rows; empty for the whole of it.
    pub place: String,
    /// The change, by the words of profiles; `not-shown` where something isn't shown.
    pub change: String,
    /// What was and what is.
    pub text: String,
}

/// What the gate says of a client over all candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSummary {
    /// Its name.
    pub client: String,
    /// The worst of its answers.
    pub answer: Fate,
}

/// A profile and where it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedProfile {
    /// As the operator named it.
    pub file: String,
    /// What it says.
    pub profile: Profile,
}

/// Judges for clients instead of for everybody: their answers become the answer of the gate.
pub fn judge_for(
    gate: &mut Gate,
    contract: &Contract,
    baseline: &Run,
    candidates: &[Run],
    profiles: &[NamedProfile],
) {
    for (found, after) in gate.candidates.iter_mut().zip(candidates) {
        found.classes.clear();
        // A waiver is for a failure of the appliance, and doesn't help a client.
        found.drafts.clear();
        found.clients =
            profiles.iter().map(|one| client(contract, one, baseline, after, found)).collect();
        let worst = worst(&found.clients);
        (found.answer, found.exit) = answer_of(worst);
        found.because = because(&found.clients);
    }
    gate.clients = profiles
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let answers = gate.candidates.iter().filter_map(|found| found.clients.get(index));
            ClientSummary {
                client: one.profile.client.name.clone(),
                answer: answers.map(|answer| answer.answer).max().unwrap_or(Fate::AtRisk),
            }
        })
        .collect();
    let worst = gate.candidates.iter().max_by_key(|found| answer::weight(found.exit));
    if let Some(worst) = worst {
        let because = match gate.candidates.len() {
            1 => worst.because.clone(),
            _ => format!("{}: {}", worst.side.from, worst.because),
        };
        (gate.answer, gate.exit, gate.because) = (worst.answer, worst.exit, because);
    }
}

fn worst(clients: &[ClientAnswer]) -> Fate {
    clients.iter().map(|client| client.answer).max().unwrap_or(Fate::AtRisk)
}

fn answer_of(fate: Fate) -> (Answer, u8) {
    match fate {
        Fate::Safe => (Answer::Yes, answer::YES),
        Fate::AtRisk => (Answer::CantTell, answer::CANT_TELL),
        Fate::Breaks => (Answer::No, answer::NO),
    }
}

fn because(clients: &[ClientAnswer]) -> String {
    let of = |fate: Fate| -> Vec<&ClientAnswer> {
        clients.iter().filter(|client| client.answer == fate).collect()
    };
    let (broken, risky) = (of(Fate::Breaks), of(Fate::AtRisk));
    let first = |list: &[&ClientAnswer], word: &str| {
        let (one, others) = list.split_first()?;
        let more = match others.len() {
            0 => String::new(),
            1 => "; so does 1 other client".to_owned(),
            more => format!("; so do {more} other clients"),
        };
        Some(format!("{} {word}: {}{more}", one.client, one.because))
    };
    first(&broken, "breaks").or_else(|| first(&risky, "is at risk")).unwrap_or_else(|| {
        let names: Vec<&str> = clients.iter().map(|one| one.client.as_str()).collect();
        format!(
            "nothing changed that {} depend{} on",
            names.join(", "),
            if names.len() == 1 { "s" } else { "" }
        )
    })
}

/// What becomes of one client.
fn client(
    contract: &Contract,
    named: &NamedProfile,
    baseline: &Run,
    candidate: &Run,
    found: &Candidate,
) -> ClientAnswer {
    let profile = &named.profile;
    let dependencies = profile.dependencies().len() as u64;
    let mut effects: Vec<Effect> = Vec::new();
    let incomparable: Vec<&str> = found
        .reasons
        .iter()
        .filter(|reason| reason.rule == NOT_COMPARABLE)
        .map(|reason| reason.text.as_str())
        .collect();
    let of_all = |text: String| Effect {
        fate: Fate::AtRisk,
        operation: String::new(),
        place: String::new(),
        change: NOT_SHOWN.to_owned(),
        text,
    };
    match (&baseline.source, &candidate.source) {
        _ if !incomparable.is_empty() => {
            effects
                .extend(incomparable.iter().map(|text| of_all(format!("not comparable: {text}"))));
        }
        (Source::Record(before), Source::Record(after)) => {
            let recorded = baseline.is_recording() || candidate.is_recording();
            let records = [before.as_ref(), after.as_ref()];
            for operation in &profile.operations {
                let comparison = Comparison::new(contract, operation, records, recorded);
                effects.extend(comparison.effects());
            }
            if !profile.client.complete {
                effects.extend(untried(contract, profile, found));
            }
        }
        _ => effects.push(of_all(
            "a report without its record shows no answers; name the folder of the run".to_owned(),
        )),
    }
    if profile.operations.is_empty() {
        effects.push(of_all("the profile names no operation".to_owned()));
    }
    effects.retain(|effect| effect.fate > Fate::Safe);
    effects.sort_by(|one, other| other.fate.cmp(&one.fate).then_with(|| one.cmp(other)));
    effects.dedup();
    let answer = effects.first().map_or(Fate::Safe, |effect| effect.fate);
    let because = effects.first().map_or_else(
        || {
            format!(
                "nothing changed of {} that it depends on",
                counted_as(dependencies, "thing", "things")
            )
        },
        |first| {
            let more = effects.iter().filter(|effect| effect.fate == answer).count() - 1;
            let more = if more == 0 { String::new() } else { format!(", and {more} more") };
            format!("{}{more}", first.told())
        },
    );
    ClientAnswer {
        client: profile.client.name.clone(),
        profile: named.file.clone(),
        answer,
        because,
        dependencies,
        effects,
    }
}

/// The rule of the reasons for which two runs can't be compared.
const NOT_COMPARABLE: &str = "not-comparable";
/// The word of an effect that is none of a change.
const NOT_SHOWN: &str = "not-shown";
/// The word of an effect of a change that nobody tried.
const UNTRIED: &str = "untried";

impl Effect {
    /// Operation, place and what is so, in a line.
    #[must_use]
    pub fn told(&self) -> String {
        let place = if self.place.is_empty() { String::new() } else { format!(" {}", self.place) };
        if self.operation.is_empty() {
            self.text.clone()
        } else {
            format!("{}{place}: {}", self.operation, self.text)
        }
    }
}

/// What changed where an unfinished profile says nothing.
fn untried(contract: &Contract, profile: &Profile, found: &Candidate) -> Vec<Effect> {
    let mut effects = Vec::new();
    for operation in &profile.operations {
        let Some(known) = crate::profile::documented(contract, operation) else { continue };
        let told: BTreeSet<String> =
            operation.needs.iter().map(|member| crate::pointer::pattern(&member.path)).collect();
        let changed = found.drift.iter().filter(|drift| {
            drift.operation == known.id
                && drift.status < 300
                && drift.class == crate::shape::Class::Breaking
                && !told.contains(&drift.place)
        });
        effects.extend(changed.map(|drift| Effect {
            fate: Fate::AtRisk,
            operation: operation.name(),
            place: drift.place.clone(),
            change: UNTRIED.to_owned(),
            text: format!(
                "{} → {}, and the profile isn't complete: nobody tried whether that breaks it",
                drift.before, drift.after
            ),
        }));
    }
    effects
}
