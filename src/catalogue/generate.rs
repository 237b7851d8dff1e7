//! Cases that follow from the documented request tables.
//!
//! Knows: the request tables of the contract, and what each word of them implies: from both sides.
//! Pure and in one order, so that the same contract gives the same cases. Must not know: what an
//! appliance answers.

mod attribute;
mod pairs;
mod parts;
mod right;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use strum::IntoStaticStr;

use crate::contract::{Contract, Operation};
use crate::problem::Problem;
use crate::texts::hex;

use super::Catalogue;
use super::case::{Case, Effect, Expect, Read, RequestSpec, Step};

pub(super) use attribute::{Change, set};
#[cfg(test)]
pub(super) use parts::object;
pub(super) use parts::{Body, Parts, Values};
pub(super) use right::{case as right_case, combinations};

/// How many of the generated cases take part.
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
pub enum Level {
    /// None of them.
    #[default]
    None,
    /// What the pages state, and what is cheap to observe.
    Core,
    /// Everything: rarer spellings, and pairs of mistakes.
    All,
}

impl Level {
    /// The word used in options and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What a request is expected to lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is refused, or this requirement is broken.
    Refused { requirement: String, status: Vec<u16> },
    /// No page says; what comes is kept at this requirement.
    Observed { requirement: String, why: String },
}

/// A case, and from which level on it takes part.
#[derive(Debug, Clone)]
pub(super) struct Derived {
    pub(super) case: Case,
    pub(super) level: Level,
}

/// Every case that follows from the request tables of a contract.
#[must_use]
pub fn generate(contract: &Contract) -> Vec<Case> {
    derive(contract).0.into_iter().map(|derived| derived.case).collect()
}

/// The same with levels, and with what is wrong with the courses of accepted requests.
pub(super) fn derive(contract: &Contract) -> (Vec<Derived>, Vec<Problem>) {
    let (mut derived, mut problems) = (Vec::new(), Vec::new());
    for operation in contract.operations.values() {
        let maker = Maker { operation };
        right::cases(&maker, &mut derived, &mut problems);
        attribute::cases(&maker, &mut derived);
        whole::cases(&maker, &mut derived);
        pairs::cases(&maker, &mut derived);
    }
    (derived, problems)
}

/// A generated case that a hand-written one makes superfluous.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// Id of the generated case.
    pub generated: String,
    /// Id of the one that is kept.
    pub by: String,
}

impl Catalogue {
    /// This catalogue with the generated cases of a level. One that repeats a case that is there
    /// already is left out.
    #[must_use]
    pub fn with_generated(self, contract: &Contract, level: Level) -> Self {
        if level == Level::None || self.generated >= level {
            return self;
        }
        let written = Written::of(&self.cases);
        let fresh: Vec<Case> =
            at(contract, level).filter(|case| written.repeats(contract, case).is_none()).collect();
        self.extended(fresh, level)
    }

    /// This catalogue with the cases that a record was made with besides those of files.
    #[must_use]
    pub fn like(self, contract: &Contract, recorded: &super::CatalogueId) -> Self {
        let catalogue = self.with_generated(contract, recorded.generated);
        match recorded.exploration {
            Some(exploration) => catalogue.explored(contract, exploration),
            None => catalogue,
        }
    }

    /// The generated cases of a level alone.
    #[must_use]
    pub fn only_generated(contract: &Contract, level: Level) -> Self {
        let none = Self {
            cases: Vec::new(),
            digest: contract.digest.clone(),
            generated: Level::None,
            exploration: None,
        };
        none.extended(at(contract, level).collect(), level)
    }

    /// Generated cases that this catalogue's own cases repeat.
    #[must_use]
    pub fn repeated(&self, contract: &Contract) -> Vec<Repeated> {
        let written = Written::of(&self.cases);
        at(contract, Level::All)
            .filter_map(|case| {
                Some(Repeated { by: written.repeats(contract, &case)?, generated: case.id })
            })
            .collect()
    }

    /// The cases of each operation stay together, those of files first.
    fn extended(mut self, fresh: Vec<Case>, level: Level) -> Self {
        self.digest = digest(&self.digest, level.word(), &fresh);
        let mut order: BTreeMap<String, usize> = BTreeMap::new();
        for case in self.cases.iter().chain(&fresh) {
            let next = order.len();
            order.entry(case.operation.clone()).or_insert(next);
        }
        self.cases.extend(fresh);
        self.cases.sort_by_key(|case| order.get(&case.operation).copied().unwrap_or(usize::MAX));
        self.generated = level;
        self
    }

    /// The same with cases that were drawn at random.
    #[must_use]
    pub(super) fn with_drawn(self, drawn: Vec<Case>) -> Self {
        let level = self.generated;
        self.extended(drawn, level)
    }
}

fn at(contract: &Contract, level: Level) -> impl Iterator<Item = Case> {
    let derived = if level == Level::None { Vec::new() } else { derive(contract).0 };
    derived.into_iter().filter(move |derived| derived.level <= level).map(|derived| derived.case)
}

/// The identity of a catalogue changes with everything that its cases send and expect.
fn digest(files: &str, level: &str, cases: &[Case]) -> String {
    let mut hash = Sha256::new();
    hash.update(files);
    hash.update(level);
    for case in cases {
        // No text of each is made: a catalogue has thousands.
        let _ = writeln!(Hashed(&mut hash), "{case:?}");
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

/// Hashes what is written to it.
struct Hashed<'a>(&'a mut Sha256);

impl std::fmt::Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// What the cases of files send, and what they expect of it.
struct Written(BTreeMap<(String, String), Vec<Claimed>>);

/// The requirements of a refusal, and the case that claims them.
type Claimed = (BTreeSet<String>, String);

impl Written {
    fn of(cases: &[Case]) -> Self {
        let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for case in cases {
            for step in case.steps.iter().filter(|step| step.operation == case.operation) {
                let expect = &step.expect;
                let claimed = expect
                    .requirement
                    .iter()
                    .chain(&expect.code)
                    .chain(&expect.also)
                    .chain(expect.instead.iter().map(|instead| &instead.requirement));
                found
                    .entry((case.operation.clone(), normal(step)))
                    .or_default()
                    .push((claimed.cloned().collect(), case.id.clone()));
            }
        }
        Self(found)
    }

    /// The case that sends the same request and expects the same of it. A refusal must be of a
    /// requirement that the other claims too.
    fn repeats(&self, contract: &Contract, case: &Case) -> Option<String> {
        let own = |step: &&Step| {
            step.operation == case.operation && contract.operations.contains_key(&step.operation)
        };
        let step = case
            .steps
            .iter()
            .rev()
            .find(|step| own(step) && step.capture.is_empty())
            .or_else(|| case.steps.iter().find(own))?;
        let requirement = case.expects_refusal().then(|| step.expect.requirement.clone()).flatten();
        let found = self.0.get(&(case.operation.clone(), normal(step)))?;
        found
            .iter()
            .find(|(claimed, _)| {
                requirement.as_ref().is_none_or(|requirement| claimed.contains(requirement))
            })
            .map(|(_, id)| id.clone())
    }
}

/// A request and the statuses that are expected, in one spelling.
fn normal(step: &Step) -> String {
    let RequestSpec { path, query, headers, auth, own, method, json, raw, content_type } =
        &step.request;
    let body = json.as_ref().or(raw.as_ref()).map(|text| {
        serde_json::from_str::<Value>(text)
            .map_or_else(|_| format!("text {text}"), |value| value.to_string())
    });
    let label = content_type.as_deref().filter(|label| *label != "application/json");
    let statuses: BTreeSet<u16> = step.expect.status.iter().copied().collect();
    format!(
        "{path:?} {query:?} {headers:?} {auth:?} {own:?} {method:?} {body:?} {label:?} \
        {statuses:?} {}",
        step.expect.observe.is_some()
    )
}

/// Makes the cases of one operation.
pub(super) struct Maker<'a> {
    pub(super) operation: &'a Operation,
}

/// What one derived request is.
pub(super) struct Draft<'a> {
    pub(super) parts: &'a Parts<'a>,
    /// Below `generated/FORM/`.
    pub(super) id: String,
    /// What is wrong or odd, after `A copy`.
    pub(super) what: String,
    pub(super) request: RequestSpec,
    pub(super) outcome: Outcome,
    pub(super) level: Level,
    /// What else may happen besides what the form does.
    pub(super) worse: Option<(Effect, String)>,
}

impl Maker<'_> {
    pub(super) fn single(&self, draft: Draft<'_>) -> Derived {
        let Draft { parts, id, what, request, outcome, level, worse } = draft;
        let form = parts.form;
        let method = request.method.as_deref().unwrap_or(&self.operation.method);
        let body = request.json.as_ref().or(request.raw.as_ref()).map_or("", String::as_str);
        let floor = self
            .operation
            .effect_of(method, body)
            .max(self.operation.effect_of_query(&request.query));
        let effect =
            floor.max(form.effect).max(worse.as_ref().map_or(Effect::Read, |(effect, _)| *effect));
        let (title, expect, impact) = match outcome {
            Outcome::Refused { requirement, status } => {
                let told = status.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
                let does = worse.map_or_else(|| form.impact.clone(), |(_, impact)| impact);
                let title = format!("{} {what} is refused with {told}", capital(&form.title));
                (
                    title,
                    Expect { status, requirement: Some(requirement), ..Expect::default() },
                    format!(
                        "none when refused; {} when wrongly accepted",
                        does.trim_end_matches(',')
                    ),
                )
            }
            Outcome::Observed { requirement, why } => {
                let does = if form.observed_impact.is_empty() {
                    &form.impact
                } else {
                    &form.observed_impact
                };
                let expect = Expect {
                    body: form.replies.first().filter(|_| form.replies.len() == 1).cloned(),
                    requirement: Some(requirement),
                    observe: Some(why),
                    ..Expect::default()
                };
                (
                    format!("{} {what} is observed only", capital(&form.title)),
                    expect,
                    format!("none when refused; {} when accepted", does.trim_end_matches(',')),
                )
            }
        };
        let mut step = step(&self.operation.id, request, expect);
        if let Some(pointer) = form.job.as_ref().filter(|_| step.expect.observe.is_some()) {
            step.capture = vec![super::case::Capture {
                fact: "job".to_owned(),
                pointers: vec![pointer.clone()],
                end: false,
                header: None,
                list: None,
                or_in: Vec::new(),
                members: BTreeMap::new(),
                less_by: BTreeMap::new(),
                since: None,
                take: None,
                most: None,
                least: None,
                spread: None,
                optional: false,
            }];
        }
        let case = self.case(
            &format!("{}/{id}", form.name),
            title,
            effect,
            Some(impact),
            vec![step],
            Vec::new(),
        );
        Derived { case, level }
    }

    pub(super) fn case(
        &self,
        id: &str,
        title: String,
        effect: Effect,
        impact: Option<String>,
        steps: Vec<Step>,
        cleanup: Vec<Step>,
    ) -> Case {
        let needs = needs(&steps, &cleanup);
        Case {
            id: format!("{}::generated/{id}", self.operation.id),
            aliases: Vec::new(),
            operation: self.operation.id.clone(),
            title,
            effect,
            impact: impact.filter(|_| effect > Effect::Read),
            needs,
            since: None,
            until: None,
            steps,
            cleanup,
            generated: true,
            file: self.operation.file.clone(),
            line: 1,
        }
    }
}

pub(super) fn step(operation: &str, request: RequestSpec, expect: Expect) -> Step {
    Step::plain("request", operation, request, expect)
}

/// The facts that steps use and don't capture themselves.
fn needs(steps: &[Step], cleanup: &[Step]) -> Vec<String> {
    let all = || steps.iter().chain(cleanup);
    let captured: BTreeSet<&str> =
        all().flat_map(|step| &step.capture).map(|capture| capture.fact.as_str()).collect();
    let mut found = BTreeSet::new();
    for step in all() {
        let spec = &step.request;
        let reads = step.expect.reads.iter().flat_map(Read::texts);
        let assumed = step.assume.iter().flat_map(|assume| assume.texts());
        for text in spec
            .path
            .values()
            .chain(spec.query.values())
            .chain(spec.headers.values())
            .chain(&spec.json)
            .chain(&spec.raw)
            .chain(reads)
            .chain(assumed)
        {
            found.extend(
                text.split("{{")
                    .skip(1)
                    .filter_map(|rest| rest.split_once("}}"))
                    .map(|(placeholder, _)| super::near::parts(placeholder).0.to_owned()),
            );
        }
    }
    found.retain(|name| !captured.contains(name.as_str()));
    found.into_iter().collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
