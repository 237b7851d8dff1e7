//! Which cases run, in which order, and why each other one doesn't.
//!
//! Knows: catalogue, contract and what the operator asked for. Pure. Must not know: the appliance.

mod discover;
mod left_out;
mod looks;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::appliance::{Appliance, Discover, ListKind};
use crate::catalogue::{Auth, Case, Catalogue, Effect, Own, SESSION, Step, StepKind, no_miss};
pub use crate::catalogue::{Facts, request};
use crate::contract::{Contract, Operation, Span};
use crate::exchange::{AFTER_LOGOUT, Outgoing, Purpose};
use crate::terms::Shard;
use crate::texts::hex;

pub use discover::{discovered, discoveries, discovery_step};
pub use left_out::LeftOut;
pub use looks::{LATE, LOOK, SETTLED, Watched, looks, may_start_a_job};

/// What the operator asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The ceiling.
    pub allow: Effect,
    /// Globs on full case ids; none means all.
    pub filters: Vec<String>,
    /// Whether deviations fail.
    pub strict: bool,
    /// Facts that were given.
    pub facts: Facts,
    /// How many requests with wrong credentials may be sent.
    pub bad_logins: u32,
    /// Which part of the cases, where several runs share them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

/// What will be done.
#[derive(Debug)]
pub struct Plan<'a> {
    /// Cases that run: reads first, then changes, then changes that must be refused, then what is
    /// only observed, each in the order of the catalogue.
    pub run: Vec<&'a Case>,
    /// Cases that don't, with the reason.
    pub left_out: Vec<(&'a Case, LeftOut)>,
    /// Facts that have to be read from the appliance first.
    pub discover: Vec<String>,
}

/// A filter that isn't a glob.
#[derive(Debug, thiserror::Error)]
#[error("read the filter `{filter}`: {source}; use a glob such as 'backup.transfer::*'")]
pub struct FilterError {
    filter: String,
    source: globset::Error,
}

/// Decides, from what is known before anything is sent.
pub fn plan<'a>(
    contract: &Contract,
    catalogue: &'a Catalogue,
    scope: &Scope,
) -> Result<Plan<'a>, FilterError> {
    let filters = globs(&scope.filters)?;
    let mut plan = Plan { run: Vec::new(), left_out: Vec::new(), discover: Vec::new() };
    let mut bad_logins = scope.bad_logins;
    // Reads are dealt out. What changes something stays together in the first shard: such cases
    // would disturb each other, and are run in an order.
    let mut reads = 0;
    let mut place_of = |case: &Case| {
        let place = reads;
        reads += usize::from(case.effect == Effect::Read);
        if case.effect == Effect::Read { place } else { 0 }
    };
    for case in &catalogue.cases {
        let bad = u32::try_from(
            case.steps.iter().filter(|step| step.request.auth.is_bad_login()).count(),
        )
        .unwrap_or(u32::MAX);
        if let Some(reason) = left_out(contract, case, scope, filters.as_ref())
            .or_else(|| (bad > bad_logins).then_some(LeftOut::BadLogin))
        {
            plan.left_out.push((case, reason));
            continue;
        }
        // Counted in every shard, so that all of them together send no more than one run would.
        bad_logins -= bad;
        match scope.shard.filter(|shard| !shard.takes(place_of(case))) {
            Some(shard) => plan.left_out.push((case, LeftOut::OtherShard { shard })),
            None => plan.run.push(case),
        }
    }
    // Reads first. Refusals late: what a wrongly accepted one starts can't disturb the cases before
    // it. Last what may be accepted or not.
    let place =
        |case: &Case| if case.is_observation() { 2 } else { u8::from(case.is_plain_refusal()) };
    plan.run.sort_by_key(|case| {
        if case.effect == Effect::Read { (false, 0) } else { (true, place(case)) }
    });
    for fact in contract.appliance.discover.iter().flat_map(Discover::facts) {
        if !scope.facts.contains_key(fact)
            && plan.run.iter().any(|case| case.needs.iter().any(|need| need == fact))
        {
            plan.discover.push(fact.clone());
        }
    }
    Ok(plan)
}

/// The first filter that no case of the catalogue matches, whatever may be sent: it is mistyped.
pub fn unmatched<'s>(
    catalogue: &Catalogue,
    filters: &'s [String],
) -> Result<Option<&'s str>, FilterError> {
    let Some(globs) = globs(filters)? else { return Ok(None) };
    let (mut matched, mut now) = (vec![false; filters.len()], Vec::new());
    for case in &catalogue.cases {
        globs.matches_into(&case.id, &mut now);
        for place in &now {
            matched[*place] = true;
        }
    }
    Ok(filters.iter().zip(matched).find(|(_, matched)| !matched).map(|(filter, _)| filter.as_str()))
}

fn globs(filters: &[String]) -> Result<Option<GlobSet>, FilterError> {
    if filters.is_empty() {
        return Ok(None);
    }
    let wrap = |filter: &str| {
        let filter = filter.to_owned();
        move |source| FilterError { filter, source }
    };
    let mut set = GlobSetBuilder::new();
    for filter in filters {
        set.add(Glob::new(filter).map_err(wrap(filter))?);
    }
    set.build().map(Some).map_err(wrap(&filters.join(" ")))
}

fn left_out(
    contract: &Contract,
    case: &Case,
    scope: &Scope,
    filters: Option<&GlobSet>,
) -> Option<LeftOut> {
    if filters.is_some_and(|filters| {
        !filters.is_match(&case.id) && !case.aliases.iter().any(|alias| filters.is_match(alias))
    }) {
        return Some(LeftOut::Filtered);
    }
    if case.effect > scope.allow {
        return Some(LeftOut::EffectNotAllowed { effect: case.effect });
    }
    // A run that sends its password each time opens a session beside only where it may change
    // something: a login is a POST.
    let beside = case.steps.iter().any(|step| step.request.auth == Auth::Session);
    if beside && scope.allow == Effect::Read && !scope.facts.contains_key(SESSION) {
        return Some(LeftOut::NoSession);
    }
    missing(case, &scope.facts, |fact| contract.appliance.can_discover(fact))
}

fn missing(case: &Case, facts: &Facts, discovers: impl Fn(&str) -> bool) -> Option<LeftOut> {
    let known = |need: &String| facts.contains_key(need) || discovers(need);
    case.needs.iter().find(|need| !known(need)).map(|fact| {
        if fact == SESSION {
            LeftOut::NoSession
        } else {
            LeftOut::FactMissing { fact: fact.clone() }
        }
    })
}

/// Decides again about one case, with the facts and the version that the appliance told.
#[must_use]
pub fn settle(
    contract: &Contract,
    case: &Case,
    facts: &Facts,
    version: Option<&semver::Version>,
) -> Option<LeftOut> {
    if let Some(reason) = of_other_versions(contract, case, version) {
        return Some(reason);
    }
    let spoilt = |step: &Step| {
        let spec = &step.request;
        let texts = spec
            .path
            .values()
            .chain(spec.query.values())
            .chain(spec.headers.values())
            .chain(&spec.json)
            .chain(&spec.raw);
        texts.into_iter().find_map(|text| no_miss(text, facts).map(str::to_owned))
    };
    missing(case, facts, |_| false).or_else(|| {
        case.steps.iter().find_map(spoilt).map(|placeholder| LeftOut::NoMiss { placeholder })
    })
}

/// Why a case says nothing of an appliance of that version, if it doesn't: an operation that it
/// uses, the case itself, or the statement that one of its steps is about belongs to others.
fn of_other_versions(
    contract: &Contract,
    case: &Case,
    version: Option<&semver::Version>,
) -> Option<LeftOut> {
    let operations = || {
        case.steps.iter().filter_map(|step| Some((step, contract.operations.get(&step.operation)?)))
    };
    // What a step is about: the requirement that it names, or that of its only status.
    let about = |step: &Step, operation: &Operation| {
        let of_status = || match step.expect.status.as_slice() {
            [only] => operation.row(*only, step.expect.body.as_deref()),
            _ => None,
        };
        let named = step.expect.requirement.clone();
        let id = named.or_else(|| of_status().map(|row| row.requirement.clone()))?;
        contract.spans.get(&id).filter(|_| step.expect.observe.is_none()).cloned()
    };
    let statements: Vec<Span> =
        operations().filter_map(|(step, operation)| about(step, operation)).collect();
    let own = Span { since: case.since.clone(), until: case.until.clone() };
    let spans = operations().map(|(_, operation)| operation.span()).chain([own]);
    let spans: Vec<Span> = spans.chain(statements.iter().cloned()).collect();
    let Some(version) = version else {
        // An operation or a case of some versions is tried all the same; a statement isn't judged.
        return statements
            .first()
            .map(|span| LeftOut::VersionUnknown { versions: span.to_string() });
    };
    let since = spans.iter().filter_map(|span| span.since.as_ref()).max();
    let until = spans.iter().filter_map(|span| span.until.as_ref()).min();
    if let Some(since) = since.filter(|since| version < *since) {
        return Some(LeftOut::TooOld { since: since.to_string(), version: version.to_string() });
    }
    let until = until.filter(|until| version >= *until)?;
    Some(LeftOut::TooNew { until: until.to_string(), version: version.to_string() })
}

/// One request of a plan, as it would be sent.
#[derive(Debug)]
pub struct Planned<'a> {
    /// Its case; none for requests of the run itself.
    pub case: Option<&'a Case>,
    /// Its step.
    pub step: String,
    /// Whether it cleans up.
    pub cleanup: bool,
    /// Whether it is repeated until something holds.
    pub polls: bool,
    /// The request; `{{names}}` in it are filled in during the run.
    pub request: Outgoing,
}

/// Every request of a plan, in the order in which they would be sent; `session` says whether the
/// run opens one.
#[must_use]
pub fn planned<'a>(
    contract: &Contract,
    plan: &Plan<'a>,
    scope: &Scope,
    session: bool,
) -> Vec<Planned<'a>> {
    let own = |step: &str, method: &str, target: &str, purpose| Planned {
        case: None,
        step: step.to_owned(),
        cleanup: false,
        polls: false,
        request: Outgoing {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
            auth: Auth::Default,
            purpose,
        },
    };
    let taken = |when: &str| {
        inventory(contract)
            .map(|(what, operation)| {
                own(&format!("{when}-{what}"), "GET", &operation.path, Purpose::Discover)
            })
            .collect::<Vec<_>>()
    };
    let Appliance { login, logout, identify, .. } = &contract.appliance;
    let log_in =
        || login.as_ref().map(|login| own("login", &login.method, &login.path, Purpose::Login));
    let mut requests = Vec::new();
    if session {
        requests.extend(log_in());
    }
    requests.push(own("identify", "GET", &identify.path, Purpose::Identify));
    requests.extend(discoveries(contract, plan).enumerate().map(|(number, (_, operation))| {
        own(&discovery_step(number), "GET", &operation.path, Purpose::Discover)
    }));
    let (reads, changes): (Vec<&Case>, Vec<&Case>) =
        plan.run.iter().partition(|case| case.effect == Effect::Read);
    let changing = !changes.is_empty();
    let steps = |case: &'a Case| {
        case.steps.iter().chain(&case.cleanup).filter(|step| step.request.own.is_none()).map(
            move |step| {
                let (request, _) = request(contract, step, &scope.facts);
                Planned {
                    case: Some(case),
                    step: step.name.clone(),
                    cleanup: step.kind == StepKind::Cleanup,
                    polls: step.poll.is_some()
                        || step.grace.is_some()
                        || step.during.is_some()
                        || step.each.is_some(),
                    request,
                }
            },
        )
    };
    // A run with HTTP Basic opens a session only for the steps that are about one.
    let aside = !session
        && plan
            .run
            .iter()
            .flat_map(|case| &case.steps)
            .any(|step| step.request.auth == Auth::Session);
    if aside {
        requests.extend(log_in());
    }
    requests.extend(reads.into_iter().flat_map(steps));
    if changing {
        requests.extend(taken(BEFORE));
    }
    let (refusals, others): (Vec<&Case>, Vec<&Case>) =
        changes.into_iter().partition(|case| case.is_plain_refusal());
    let (observed, accepted): (Vec<&Case>, Vec<&Case>) =
        others.into_iter().partition(|case| case.is_observation());
    requests.extend(accepted.into_iter().flat_map(steps));
    let mut number = 0;
    let mut look = |lists: &[Watched<'_>]| {
        number += usize::from(!lists.is_empty());
        let listed = lists
            .iter()
            .filter_map(|listed| Some((listed, contract.operations.get(&listed.list.operation)?)));
        listed
            .map(|(listed, operation)| {
                own(&listed.step(number), "GET", &operation.path, Purpose::Discover)
            })
            .collect::<Vec<_>>()
    };
    if !refusals.is_empty() {
        requests.extend(look(&Watched::all(contract)));
    }
    for (case, looked) in refusals.iter().zip(looks(contract, &refusals)) {
        requests.extend(steps(case));
        requests.extend(look(&looked));
    }
    if !refusals.is_empty() {
        requests.extend(look(&Watched::of_kind(contract, ListKind::Places)));
    }
    requests.extend(observed.into_iter().flat_map(steps));
    if changing {
        requests.extend(taken(AFTER));
    }
    if session || aside {
        requests.extend(
            logout
                .as_ref()
                .map(|logout| own("logout", &logout.method, &logout.path, Purpose::Logout)),
        );
        requests.extend(asked_after_logout(contract, plan).map(|operation| {
            let mut planned = own(AFTER_LOGOUT, "GET", &operation.path, Purpose::AfterLogout);
            planned.request.auth = Auth::EndedSession;
            planned
        }));
    }
    requests
}

/// What is asked in the closed session, where a case of the plan judges that.
#[must_use]
pub fn asked_after_logout<'c>(contract: &'c Contract, plan: &Plan<'_>) -> Option<&'c Operation> {
    let is_judged = plan.run.iter().any(|case| case.watches() == Some(Own::AfterLogout));
    let then = contract.appliance.logout.as_ref()?.then.as_ref()?;
    contract.operations.get(then).filter(|_| is_judged)
}

/// The lists that show what cases leave behind, with the operation that gives each.
pub fn inventory(contract: &Contract) -> impl Iterator<Item = (&str, &Operation)> {
    contract
        .appliance
        .list
        .iter()
        .filter(|list| list.inventory)
        .filter_map(|list| Some((list.name.as_str(), contract.operations.get(&list.operation)?)))
}

/// The names of the questions before and after changing cases begin so; the name of the list
/// follows.
pub const BEFORE: &str = "before";
/// See `BEFORE`.
pub const AFTER: &str = "after";

/// The identity of a plan for one address: what an operator approves.
#[must_use]
pub fn digest(url: &str, requests: &[Planned<'_>]) -> String {
    let mut hash = Sha256::new();
    hash.update(url);
    hash.update(b"\n");
    for planned in requests {
        let Outgoing { method, target, headers, body, auth, .. } = &planned.request;
        let row = serde_json::json!([
            planned.case.map(|case| &case.id),
            planned.step,
            planned.cleanup,
            method,
            target,
            headers,
            body,
            auth
        ]);
        hash.update(row.to_string());
        hash.update(b"\n");
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

#[cfg(test)]
mod tests;
