//! Does the catalogue make sense against the contract? All problems at once.
//!
//! Knows: cases and contract. Must not know: what any appliance answers.

mod expectation;

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::appliance::Appliance;
use crate::contract::{Contract, UNPRIVILEGED};
use crate::problem::Problem;

use super::Catalogue;
use super::case::{Auth, Capture, Case, Effect, Own, Read, Step, StepKind};

/// What a case needs that judges the run's own login or logout: nobody can give it, a run has it
/// when it opens a session.
pub const SESSION: &str = "run.session";

/// For so many rows of a list, at most, a step is sent: a site may have thousands.
const MOST_ROWS: usize = 8;

/// Everything that is wrong between catalogue and contract.
#[must_use]
pub fn lint(contract: &Contract, catalogue: &Catalogue) -> Vec<Problem> {
    let mut problems = super::lint_requests::lint(contract);
    let mut ids = Ids::new();
    for case in &catalogue.cases {
        let mut check = CaseLint { contract, case, problems: &mut problems };
        check.form();
        check.case();
        problems.extend(used_twice(&mut ids, case));
    }
    problems
}

/// What of these cases can't be run as it says: whoever runs it would learn nothing, or be misled.
/// How an id or a file is called changes no answer, and is left to `lint`. Those that aren't `own`
/// were checked when they were built in.
#[must_use]
pub fn flaws(
    contract: &Contract,
    catalogue: &Catalogue,
    own: impl Fn(&Case) -> bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut ids = Ids::new();
    let (own, others) = catalogue.cases.iter().partition::<Vec<_>, _>(|case| own(case));
    for case in others {
        used_twice(&mut ids, case);
    }
    for case in own {
        CaseLint { contract, case, problems: &mut problems }.case();
        problems.extend(used_twice(&mut ids, case));
    }
    problems
}

/// The cases by their ids and aliases, as far as they were seen.
type Ids<'a> = HashMap<&'a str, &'a Case>;

fn used_twice<'a>(ids: &mut Ids<'a>, case: &'a Case) -> Vec<Problem> {
    let names = std::iter::once(&case.id).chain(&case.aliases);
    names
        .filter_map(|id| {
            let other = ids.insert(id, case)?;
            let (file, line) = (&other.file, other.line);
            let what = format!("the id `{id}` is already used by the case at {file}:{line}");
            Some(at(case, what))
        })
        .collect()
}

/// Whether a case names nothing that the contract doesn't have.
#[must_use]
pub fn is_consistent(contract: &Contract, case: &Case) -> bool {
    let mut problems = Vec::new();
    let mut check = CaseLint { contract, case, problems: &mut problems };
    check.form();
    check.case();
    problems.is_empty()
}

fn is_kebab(claim: &str) -> bool {
    !claim.is_empty()
        && claim.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

fn at(case: &Case, what: String) -> Problem {
    let mut problem = Problem::new(case.file.clone(), what);
    problem.at = Some((case.line, 1));
    problem
}

struct CaseLint<'a> {
    contract: &'a Contract,
    case: &'a Case,
    problems: &'a mut Vec<Problem>,
}

impl CaseLint<'_> {
    fn say(&mut self, what: impl Into<String>) {
        let problem = at(self.case, format!("case `{}`: {}", self.case.id, what.into()));
        self.problems.push(problem);
    }

    /// How the case is called, and where it stands.
    fn form(&mut self) {
        let claim = self.case.id.rsplit("::").next().unwrap_or_default();
        let kebab = if self.case.generated {
            claim.split('/').all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        } else {
            is_kebab(claim)
        };
        if !kebab {
            self.say("an id must be a claim in kebab-case, such as refuses-copy-without-uuid");
        }
        let folder = self
            .contract
            .operations
            .get(&self.case.operation)
            .map(|operation| operation.path.trim_start_matches('/').to_owned());
        if let Some(folder) = folder.filter(|_| !self.case.generated) {
            let method = self.contract.operations[&self.case.operation].method.to_lowercase();
            let wanted = format!("{folder}/{method}.toml");
            if self.case.file != wanted {
                self.say(format!("the cases of this operation belong in {wanted}"));
            }
        }
    }

    fn case(&mut self) {
        if self.case.effect > Effect::Read
            && self.case.impact.as_ref().is_none_or(|impact| impact.trim().is_empty())
        {
            self.say(
                "a case whose effect isn't `read` needs an `impact`: the worst that can happen, \
                    in words",
            );
        }
        for need in &self.case.needs {
            if !self.contract.is_fact(need) && need != SESSION {
                let known = self.contract.facts().collect::<Vec<_>>().join(", ");
                self.say(format!("unknown fact `{need}` in needs; known are {known}"));
            }
        }
        let mut known: BTreeSet<String> = self.case.needs.iter().cloned().collect();
        let mut names = BTreeSet::new();
        for step in self.case.steps.iter().chain(&self.case.cleanup) {
            if !names.insert(step.name.as_str()) {
                self.say(format!("two steps are called `{}`", step.name));
            }
            self.step(step, &known);
            self.each(step);
            known.extend(step.capture.iter().map(|capture| capture.fact.clone()));
        }
        if self.case.watches().is_some()
            && (self.case.steps.len() > 1 || !self.case.cleanup.is_empty())
        {
            self.say(
                "a case that judges a request of the run itself must have one step and no \
                clean-up",
            );
        }
        for (index, step) in self.case.steps.iter().enumerate() {
            for name in step.expect.agrees.iter().flat_map(|agrees| &agrees.with) {
                if !self.case.steps[..index]
                    .iter()
                    .any(|earlier| earlier.name == *name && earlier.operation == step.operation)
                {
                    self.say(format!(
                        "step `{}` agrees with `{name}`, which isn't an earlier step of the same \
                            operation",
                        step.name
                    ));
                }
            }
        }
        for (index, step) in self.case.steps.iter().enumerate() {
            for relation in &step.expect.relates {
                self.relation(&self.case.steps[..index], step, relation);
            }
        }
        for step in &self.case.cleanup {
            for relation in &step.expect.relates {
                self.relation(&self.case.steps, step, relation);
            }
        }
        for problem in super::lint_cleanup::lint(self.contract, self.case) {
            self.say(problem);
        }
        for step in &self.case.cleanup {
            if let Some(when) = step.when.as_ref().filter(|when| !names.contains(when.as_str())) {
                self.say(format!("clean-up `{}` waits for the unknown step `{when}`", step.name));
            }
            if let Some(other) = step.unless.as_ref().filter(|name| !names.contains(name.as_str()))
            {
                self.say(format!(
                    "clean-up `{}` is left out after the unknown step `{other}`",
                    step.name
                ));
            }
        }
    }

    /// A step for each of several rows, and the capture that it takes them from.
    fn each(&mut self, step: &Step) {
        for capture in &step.capture {
            let bounded = capture.most.is_some_and(|most| (1..=MOST_ROWS).contains(&most));
            if capture.spread.is_some() && (!bounded || capture.since.is_some()) {
                self.say(format!(
                    "the capture of `{}` has `spread`, so it needs `most` of 1 to {MOST_ROWS} and no \
                        `since`",
                    capture.fact
                ));
            }
        }
        let Some(each) = &step.each else { return };
        let spread = |capture: &&Capture| capture.fact == *each && capture.spread.is_some();
        if !self
            .case
            .steps
            .iter()
            .take_while(|earlier| earlier.name != step.name)
            .flat_map(|earlier| &earlier.capture)
            .any(|capture| spread(&capture))
        {
            self.say(format!(
                "step `{}` is sent for each `{each}`, which no earlier step captures with `spread`",
                step.name
            ));
        }
        let method = self.contract.operations.get(&step.operation).map(|known| &known.method);
        let method = step.request.method.as_ref().or(method);
        if step.kind != StepKind::Claim
            || method.is_some_and(|method| method != "GET")
            || step.poll.is_some()
            || step.grace.is_some()
            || step.during.is_some()
            || step.assume.is_some()
            || !step.capture.is_empty()
        {
            self.say(format!(
                "step `{}` is sent for each `{each}`, so it must be a GET of the claim that keeps \
                    and assumes nothing, and isn't repeated otherwise",
                step.name
            ));
        }
    }

    fn step(&mut self, step: &Step, known: &BTreeSet<String>) {
        let Some(operation) = self.contract.operations.get(&step.operation) else {
            let all = self.contract.operations.keys().cloned().collect::<Vec<_>>().join(", ");
            self.say(format!(
                "step `{}` names the unknown operation `{}`; known are {all}",
                step.name, step.operation
            ));
            return;
        };
        self.expectation(step, operation);
        self.request(step, &operation.path, known);
        let method = step.request.method.as_deref().unwrap_or(&operation.method);
        let body =
            step.request.json.as_ref().or(step.request.raw.as_ref()).map_or("", String::as_str);
        if let Some(own) = step.request.own {
            let Appliance { login, logout, .. } = &self.contract.appliance;
            let sent = match own {
                Own::Login => login.as_ref().map(|login| (&login.method, &login.path)),
                Own::Logout => logout.as_ref().map(|logout| (&logout.method, &logout.path)),
                Own::AfterLogout => logout
                    .as_ref()
                    .filter(|logout| logout.then.as_ref() == Some(&operation.id))
                    .map(|_| (&operation.method, &operation.path)),
            };
            if sent != Some((&operation.method, &operation.path)) {
                self.say(format!(
                    "step `{}` judges a request of the run itself, but `{}` isn't one",
                    step.name, operation.id
                ));
            }
            return;
        }
        let mut floor =
            operation.effect_of(method, body).max(operation.effect_of_query(&step.request.query));
        if step.kind == StepKind::Cleanup
            && floor == Effect::Destroy
            && !super::lint_cleanup::repeats(self.case, step)
        {
            if operation.undoes.is_none() {
                self.say(format!(
                    "clean-up `{}` has the effect destroy, and `{}` doesn't say what it undoes \
                        (`undoes`), so it would never be sent",
                    step.name, operation.id
                ));
            }
            floor = Effect::Write;
        }
        if floor > self.case.effect {
            self.say(format!(
                "step `{}` has the effect {} if it is accepted, so the case can't have `effect = \
                    \"{}\"`",
                step.name,
                floor.word(),
                self.case.effect.word()
            ));
        }
        if step.request.auth == Auth::EndedSession {
            self.say(format!(
                "step `{}` asks in a session that was closed, which only the run itself can; use \
                    `own = \"after-logout\"`",
                step.name
            ));
        }
        if step.request.auth == Auth::Unprivileged
            && !self.case.needs.iter().any(|need| need == UNPRIVILEGED)
        {
            self.say("a request of the second account needs account = \"unprivileged\"");
        }
        if let Some(poll) = step.poll.as_ref().filter(|poll| {
            poll.until.is_empty() || poll.every.is_zero() || poll.budget < poll.every
        }) {
            self.say(format!(
                "step `{}` polls every {:?} for {:?}: it needs `until`, and a budget of at least \
                    one interval",
                step.name, poll.every, poll.budget
            ));
        }
    }

    fn request(&mut self, step: &Step, path: &str, known: &BTreeSet<String>) {
        let spec = &step.request;
        if spec.json.is_some() && spec.raw.is_some() {
            self.say(format!("step `{}` has both `json` and `raw`; give one", step.name));
        }
        let mut rest = path;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            if !spec.path.contains_key(name) {
                self.say(format!("step `{}` gives no value for {{{name}}} in the path", step.name));
            }
            rest = after;
        }
        let facts: super::Facts = known.iter().map(|fact| (fact.clone(), "1".to_owned())).collect();
        let (filled, unknown) = super::request(self.contract, step, &facts);
        for fact in unknown {
            self.say(format!(
                "step `{}` uses {{{{{fact}}}}}, which is neither in `needs` nor captured by an \
                    earlier step",
                step.name
            ));
        }
        if spec.json.is_some()
            && filled
                .body
                .as_deref()
                .is_none_or(|body| serde_json::from_str::<Value>(body).is_err())
        {
            self.say(format!(
                "step `{}`: `json` isn't valid JSON; use `raw` for a body that is malformed on \
                    purpose",
                step.name
            ));
        }
        let places = step.expect.reads.iter().flat_map(Read::texts);
        let assumed = step.assume.iter().flat_map(|assume| assume.texts());
        let mut unknown = Vec::new();
        for text in places.chain(assumed) {
            super::fill(text, &facts, &mut unknown, str::to_owned);
        }
        for fact in unknown {
            self.say(format!(
                "step `{}` expects {{{{{fact}}}}}, which is neither in `needs` nor captured by \
                    an earlier step",
                step.name
            ));
        }
    }
}
