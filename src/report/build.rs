//! Fills the report from judged cases and the record around them.
//!
//! Knows: contract, catalogue, record. Must not know: how a report is drawn.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::Catalogue;
use crate::contract::{Contract, Severity};
use crate::coverage;
use crate::exchange::Exchange;
use crate::judge::{CaseRecord, Disposition, Verdict, left_overs, withheld_note};
use crate::record::{EndedEarly, Header, Identity, TargetKind};
use crate::terms;
use crate::why::{Beyond, Flaw};

use super::claim::{Footing, is_plain, only_a_part, password_in_clear};
use super::conclusion::{conclude, summarise};
use super::evidence::evidence;
use super::model::{Case, FORMAT, Report, ReportScope, RequirementState, ShardPart, State, Target};
use super::timing::{milliseconds, timings};
use super::wire;

/// What a report is made from.
#[derive(Debug)]
pub struct Source<'a> {
    /// First row of the record.
    pub header: &'a Header,
    /// What the appliance told about itself.
    pub identity: &'a Identity,
    /// The judged cases.
    pub cases: Vec<CaseRecord>,
    /// All exchanges.
    pub exchanges: Vec<&'a Exchange>,
    /// When the run ended; absent when it was interrupted.
    pub finished: Option<jiff::Timestamp>,
    /// Why it ended early, if it did.
    pub ended_early: Option<EndedEarly>,
    /// The digest of the record, where there is one.
    pub record: Option<String>,
    /// Whether this is a judgement of an old record.
    pub replay: bool,
    /// What is wrong with the record, where it was read back.
    pub flaws: Vec<Flaw>,
    /// What a reader should know first.
    pub notes: Vec<String>,
}

/// What is left over, in the note about it.
const MOST_LEFT_OVERS: usize = 5;

/// Builds the report.
#[must_use]
pub fn build(contract: &Contract, catalogue: &Catalogue, source: Source<'_>) -> Report {
    let Source {
        header,
        identity,
        mut cases,
        exchanges,
        finished,
        ended_early,
        record,
        replay,
        flaws,
        notes: known,
    } = source;
    let mut notes: Vec<String> = flaws.iter().map(ToString::to_string).chain(known).collect();
    let trust = header.target.trust();
    let order: BTreeMap<&str, usize> =
        catalogue.cases.iter().enumerate().map(|(index, case)| (case.id.as_str(), index)).collect();
    cases.sort_by_key(|case| {
        (order.get(case.id.as_str()).copied().unwrap_or(usize::MAX), case.id.clone())
    });
    let told = identity.version.as_deref().and_then(terms::version);
    // A recording may have answers of several versions, each judged by its own.
    let version = match header.target.kind {
        TargetKind::Recording => Told::Each,
        _ => Told::One(told.as_ref()),
    };
    let requirements = requirements(contract, &cases, version);
    let kind = if replay {
        TargetKind::Replay
    } else if header.target.kind == TargetKind::Recording {
        TargetKind::Recording
    } else if identity.double {
        TargetKind::Double
    } else {
        header.target.kind
    };
    if let Some(what) = &identity.unrecognised {
        notes.push(format!(
            "The target wasn't recognised as {}: {what}.",
            contract.appliance.recognised_as
        ));
    }
    if is_plain(&header.target.url)
        && !identity.double
        && !matches!(header.target.kind, TargetKind::Double | TargetKind::Recording)
    {
        let password = if password_in_clear(&header.target.url, &exchanges) {
            ", and the password was sent in clear text"
        } else {
            ""
        };
        notes.push(format!(
            "The connection was plain HTTP: the server wasn't authenticated{password}. Use HTTPS."
        ));
    }
    // What a recording can't show is a note of its own.
    if trust.is_unverified() && header.target.kind != TargetKind::Recording {
        notes.push(
            "The certificate was NOT VERIFIED (--insecure): anyone could have answered.".to_owned(),
        );
    }
    notes.extend(wire::notes(&exchanges));
    notes.extend(withheld_note(&cases));
    let left = left_overs(contract, &exchanges);
    if !left.is_empty() {
        let more = left.len().saturating_sub(MOST_LEFT_OVERS);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        notes.push(format!(
            "Left over: {}{more}.",
            left[..left.len().min(MOST_LEFT_OVERS)].join("; ")
        ));
    }
    if let Some(early) = &ended_early {
        notes.push(format!("The run ended early: {}.", early.what));
    }
    let cut_bodies = exchanges
        .iter()
        .filter(|exchange| exchange.got.as_ref().is_some_and(|got| got.body.truncated))
        .count();
    if cut_bodies > 0 {
        notes.push(format!("{cut_bodies} bodies were cut at the limit on bodies (max-body)."));
    }
    let evidence = evidence(&cases, &exchanges, &header.target.url);
    let timings = timings(contract, &exchanges);
    let mut elapsed: BTreeMap<&str, u64> = BTreeMap::new();
    for exchange in &exchanges {
        *elapsed.entry(&exchange.case).or_default() += exchange.took_us;
    }
    let cases: Vec<Case> = cases.into_iter().map(|record| case(record, &elapsed)).collect();
    let (conclusion, because) = conclude(
        contract,
        catalogue,
        &cases,
        &requirements,
        header.scope.strict,
        finished.is_none(),
        ended_early.as_ref().map(|early| early.what.as_str()),
    );
    let summary = summarise(&cases, &requirements, exchanges.len() as u64);
    let footing = Footing {
        kind,
        filtered: !header.scope.filters.is_empty(),
        whole: finished.is_some() && ended_early.is_none(),
        recognised: identity.unrecognised.is_none(),
        url: &header.target.url,
        product: &contract.appliance.recognised_as,
        identify: &contract.appliance.identify.path,
        trust,
        version: identity.version.as_deref(),
        cases: &cases,
        exchanges: &exchanges,
    };
    let no_claim = footing.lacks();
    let shard = header.scope.shard.map(|part| ShardPart { part, claim: no_claim.is_none() });
    let no_claim = no_claim.or_else(|| shard.as_ref().map(|shard| only_a_part(shard.part)));
    let coverage = covered(contract, &requirements);
    Report {
        format: FORMAT.to_owned(),
        conclusion,
        because,
        claim: no_claim.is_none(),
        no_claim,
        tool: header.tool.clone(),
        contract: header.contract.clone(),
        catalogue: header.catalogue.clone(),
        target: Target {
            name: header.target.name.clone(),
            kind,
            url: header.target.url.clone(),
            version: identity.version.clone(),
            build: identity.build.clone(),
            uuid: identity.uuid.clone(),
            tls: header.target.tls.clone(),
            trust: Some(trust),
            built_in: Some(header.target.kind == TargetKind::Double),
            double: Some(identity.double || header.target.kind == TargetKind::Double),
        },
        scope: ReportScope {
            allow: header.scope.allow,
            filters: header.scope.filters.clone(),
            strict: header.scope.strict,
            shard,
        },
        record,
        started: moment(header.started),
        finished: finished.map(moment),
        ended_early_kind: ended_early.as_ref().map(|early| early.kind),
        ended_early: ended_early.map(|early| early.what),
        flaws: Some(flaws),
        notes,
        summary,
        cases,
        requirements,
        errata: contract.errata.clone(),
        waivers: Vec::new(),
        baseline: None,
        recording: None,
        proof: crate::proof::of(&contract.digest, &catalogue.digest),
        coverage,
        timings,
        evidence,
    }
}

/// A time as people read it: milliseconds are enough.
fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn case(record: CaseRecord, elapsed: &BTreeMap<&str, u64>) -> Case {
    let disposition =
        if record.verdict == Verdict::Fail { Disposition::New } else { Disposition::AsExpected };
    let elapsed_ms = milliseconds(elapsed.get(record.id.as_str()).copied().unwrap_or(0));
    let CaseRecord {
        id,
        operation,
        title,
        effect,
        generated,
        verdict,
        reason,
        why,
        findings,
        requests,
        unstable,
        reached,
        ..
    } = record;
    Case {
        id,
        operation,
        title,
        effect,
        generated,
        verdict,
        reason,
        why,
        unstable,
        disposition,
        requests,
        elapsed_ms,
        findings,
        reached,
    }
}

/// Which operations of the contract were exercised, among those that are documented and called.
pub(super) fn covered(
    contract: &Contract,
    requirements: &[RequirementState],
) -> Option<coverage::Summary> {
    let reached =
        requirements.iter().filter(|known| matches!(known.status, State::Held | State::Broken));
    let exercised =
        coverage::exercised(reached.map(|known| (known.operation.as_str(), known.id.as_str())));
    coverage::coverage(contract, Some(("", &exercised))).summary()
}

/// Whose version the answers are of.
#[derive(Clone, Copy)]
enum Told<'a> {
    /// That of one appliance, as far as it told it.
    One(Option<&'a semver::Version>),
    /// Each answer has its own.
    Each,
}

/// What became of each requirement.
fn requirements(
    contract: &Contract,
    cases: &[CaseRecord],
    version: Told<'_>,
) -> Vec<RequirementState> {
    let mut beyond: BTreeMap<&str, Beyond> = BTreeMap::new();
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let mut missed: BTreeMap<&str, &str> = BTreeMap::new();
    for case in cases {
        for (id, count) in case.reached.iter() {
            *seen.entry(id).or_default() += count;
        }
        for finding in case.findings.iter().filter(|finding| {
            finding.severity > Severity::Observation && finding.check != "cleanup"
        }) {
            broken.insert(&finding.requirement);
        }
        missed.extend(case.missed.iter().map(|(id, reason)| (id.as_str(), reason.as_str())));
        for (id, word) in &case.beyond {
            // What isn't settled for one answer isn't for all.
            let known = beyond.entry(id).or_insert(*word);
            *known = (*known).max(*word);
        }
    }
    let states = contract.requirements.values().map(|requirement| {
        let id = requirement.id.as_str();
        let count = seen.get(id).copied().unwrap_or(0);
        let of_other = match version {
            Told::One(version) => contract.beyond(id, version),
            Told::Each => None,
        };
        let (status, reason) = match &requirement.excluded {
            // No case asks for what is excluded; an answer may break it all the same.
            _ if broken.contains(id) => (State::Broken, None),
            Some(reason) => (State::Excluded, Some(reason.clone())),
            None if count > 0 => (State::Held, None),
            None if of_other.is_some() => {
                (State::NotExercised, of_other.as_ref().map(|(_, reason)| reason.clone()))
            }
            None => {
                let usual = || {
                    requirement.when_it_comes.as_ref().map_or_else(
                        || "no answer had anything to check it on".to_owned(),
                        |why| format!("judged only if it occurs, and it didn't: {why}"),
                    )
                };
                (
                    State::NotExercised,
                    Some(missed.get(id).map_or_else(usual, |reason| (*reason).to_owned())),
                )
            }
        };
        RequirementState {
            id: requirement.id.clone(),
            operation: requirement.operation().to_owned(),
            basis: requirement.basis,
            statement: requirement.statement.clone(),
            place: requirement.place.clone(),
            status,
            seen: count,
            reason,
            why: of_other
                .map(|(word, _)| word)
                .or_else(|| beyond.get(id).copied())
                .filter(|_| status == State::NotExercised),
            since: requirement.since.as_ref().map(ToString::to_string),
            until: requirement.until.as_ref().map(ToString::to_string),
            erratum: requirement.erratum.clone(),
        }
    });
    states.collect()
}
