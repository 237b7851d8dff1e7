//! Fills the report from judged cases and the record around them.
//!
//! Knows: contract, catalogue, record. Must not know: how a report is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::Catalogue;
use crate::contract::{Basis, Contract, Severity, cut};
use crate::exchange::Exchange;
use crate::judge::{CaseRecord, Disposition, Verdict, claims, left_overs};
use crate::store::{EndedEarly, Header, Identity, TargetKind};

use super::timing::{milliseconds, timings};

use super::model::{Case, Conclusion, Evidence, FORMAT, Report, ReportScope, RequirementState, State, Summary, Target};

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
    /// Whether this is a judgement of an old record.
    pub replay: bool,
    /// What a reader should know first.
    pub notes: Vec<String>,
}

/// What the target's description says when nobody checked who answers.
pub(super) const UNVERIFIED: &str = "not verified";

/// Builds the report.
#[must_use]
pub fn build(contract: &Contract, catalogue: &Catalogue, source: Source<'_>) -> Report {
    let Source { header, identity, mut cases, exchanges, finished, ended_early, replay, mut notes } = source;
    let order: BTreeMap<&str, usize> = catalogue.cases.iter().enumerate().map(|(index, case)| (case.id.as_str(), index)).collect();
    cases.sort_by_key(|case| (order.get(case.id.as_str()).copied().unwrap_or(usize::MAX), case.id.clone()));
    let requirements = requirements(contract, &cases);
    let kind = if replay {
        TargetKind::Replay
    } else if identity.double {
        TargetKind::Double
    } else {
        header.target.kind
    };
    if let Some(what) = &identity.unrecognised {
        notes.push(format!("The target wasn't recognised as an LXCA: {what}."));
    }
    if header.target.tls.contains(UNVERIFIED) {
        notes.push("The certificate was NOT VERIFIED (--insecure): anybody could have answered.".to_owned());
    }
    let retried = exchanges.iter().filter(|exchange| !exchange.retried.is_empty()).count();
    if retried > 0 {
        notes.push(format!("{retried} reads were tried a second time because the connection broke before any answer."));
    }
    let left = left_overs(contract, &exchanges);
    if !left.is_empty() {
        let more = left.len().saturating_sub(MOST_LEFT_OVERS);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        notes.push(format!("Left over: {}{more}.", left[..left.len().min(MOST_LEFT_OVERS)].join("; ")));
    }
    if let Some(early) = &ended_early {
        notes.push(format!("The run ended early: {}.", early.what));
    }
    let cut_bodies = exchanges.iter().filter(|exchange| exchange.got.as_ref().is_some_and(|got| got.body.truncated)).count();
    if cut_bodies > 0 {
        notes.push(format!("{cut_bodies} bodies were cut at the bound on bodies."));
    }
    let (conclusion, because) = conclude(contract, catalogue, &cases, &requirements, header.scope.strict, finished.is_none(), ended_early.as_ref());
    let summary = summarise(&cases, &requirements, exchanges.len() as u64);
    let evidence = evidence(&cases, &exchanges, &header.target.url);
    let timings = timings(contract, &exchanges);
    let mut elapsed: BTreeMap<&str, u64> = BTreeMap::new();
    for exchange in &exchanges {
        *elapsed.entry(&exchange.case).or_default() += exchange.took_us;
    }
    let claim =
        kind == TargetKind::Live && header.scope.filters.is_empty() && finished.is_some() && ended_early.is_none() && identity.unrecognised.is_none() && !header.target.tls.contains(UNVERIFIED);
    Report {
        format: FORMAT.to_owned(),
        conclusion,
        because,
        claim,
        tool: header.tool.clone(),
        contract: header.contract.clone(),
        catalogue: header.catalogue.clone(),
        target: Target { name: header.target.name.clone(), kind, url: header.target.url.clone(), version: identity.version.clone(), uuid: identity.uuid.clone(), tls: header.target.tls.clone() },
        scope: ReportScope { allow: header.scope.allow, filters: header.scope.filters.clone(), strict: header.scope.strict },
        started: moment(header.started),
        finished: finished.map(moment),
        ended_early: ended_early.map(|early| early.what),
        notes,
        summary,
        cases: cases.into_iter().map(|record| case(record, &elapsed)).collect(),
        requirements,
        errata: contract.errata.clone(),
        waivers: Vec::new(),
        baseline: None,
        proof: crate::proof::of(&contract.digest, &catalogue.digest),
        timings,
        evidence,
    }
}

/// A time as people read it: milliseconds are enough.
fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn case(record: CaseRecord, elapsed: &BTreeMap<&str, u64>) -> Case {
    let disposition = if record.verdict == Verdict::Fail { Disposition::New } else { Disposition::AsExpected };
    let elapsed_ms = milliseconds(elapsed.get(record.id.as_str()).copied().unwrap_or(0));
    let CaseRecord { id, operation, title, effect, generated, verdict, reason, findings, requests, unstable, .. } = record;
    Case { id, operation, title, effect, generated, verdict, reason, unstable, disposition, requests, elapsed_ms, findings }
}

fn requirements(contract: &Contract, cases: &[CaseRecord]) -> Vec<RequirementState> {
    let mut seen: BTreeMap<&str, u64> = BTreeMap::new();
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let mut missed: BTreeMap<&str, &str> = BTreeMap::new();
    for case in cases {
        for (id, count) in &case.reached {
            *seen.entry(id).or_default() += count;
        }
        for finding in case.findings.iter().filter(|finding| finding.severity > Severity::Observation && finding.check != "cleanup") {
            broken.insert(&finding.requirement);
        }
        missed.extend(case.missed.iter().map(|(id, reason)| (id.as_str(), reason.as_str())));
    }
    let states = contract.requirements.values().map(|requirement| {
        let id = requirement.id.as_str();
        let count = seen.get(id).copied().unwrap_or(0);
        let (status, reason) = match &requirement.excluded {
            Some(reason) => (State::Excluded, Some(reason.clone())),
            None if broken.contains(id) => (State::Broken, None),
            None if count > 0 => (State::Held, None),
            None => (State::NotExercised, Some(missed.get(id).map_or_else(|| "no answer held anything that it is about".to_owned(), |reason| (*reason).to_owned()))),
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
            erratum: requirement.erratum.clone(),
        }
    });
    states.collect()
}

fn conclude(
    contract: &Contract,
    catalogue: &Catalogue,
    cases: &[CaseRecord],
    requirements: &[RequirementState],
    strict: bool,
    interrupted: bool,
    ended_early: Option<&EndedEarly>,
) -> (Conclusion, String) {
    let count = |verdict: Verdict| cases.iter().filter(|case| case.verdict == verdict).count();
    let failed = count(Verdict::Fail);
    if failed > 0 {
        let grave = cases.iter().flat_map(|case| &case.findings).filter(|finding| finding.severity == Severity::Violation || (strict && finding.severity == Severity::Deviation)).count();
        return (Conclusion::Nonconformant, format!("{failed} {} with {grave} {}", plural(failed, "case fails", "cases fail"), plural(grave, "finding", "findings")));
    }
    if let Some(early) = ended_early {
        return (Conclusion::Incomplete, early.what.clone());
    }
    if interrupted {
        return (Conclusion::Incomplete, INTERRUPTED.to_owned());
    }
    let verdicts: Vec<(&str, Verdict, u32)> = cases.iter().map(|case| (case.id.as_str(), case.verdict, case.requests)).collect();
    if let Some(grounds) = grounds(contract, catalogue, &verdicts, requirements) {
        return (Conclusion::Incomplete, grounds);
    }
    let number = count(Verdict::Pass);
    (Conclusion::Conformant, format!("{number} {} judged, and all of it held", plural(number, "case was", "cases were")))
}

const INTERRUPTED: &str = "the run was interrupted before its end";

/// What a report leaves open, whatever failed in it.
pub(super) fn shortfall(contract: &Contract, catalogue: &Catalogue, report: &Report) -> Option<String> {
    if report.ended_early.is_some() {
        return report.ended_early.clone();
    }
    if report.finished.is_none() {
        return Some(INTERRUPTED.to_owned());
    }
    let verdicts: Vec<(&str, Verdict, u32)> = report.cases.iter().map(|case| (case.id.as_str(), case.verdict, case.requests)).collect();
    grounds(contract, catalogue, &verdicts, &report.requirements)
}

/// Why cases of those verdicts don't amount to a whole.
fn grounds(contract: &Contract, catalogue: &Catalogue, cases: &[(&str, Verdict, u32)], requirements: &[RequirementState]) -> Option<String> {
    let judged = cases.iter().filter(|(_, verdict, _)| matches!(verdict, Verdict::Pass | Verdict::Fail)).count();
    let unresolved = cases.iter().filter(|(_, verdict, _)| *verdict == Verdict::Unresolved).count();
    let in_scope: BTreeSet<String> = cases
        .iter()
        .filter(|(_, verdict, requests)| matches!(verdict, Verdict::Pass | Verdict::Unresolved) || *requests > 0)
        .filter_map(|(id, ..)| catalogue.find(id))
        .flat_map(|case| claims(contract, case))
        .collect();
    let unreached: Vec<&RequirementState> = requirements.iter().filter(|state| state.status == State::NotExercised && state.basis == Basis::Stated && in_scope.contains(&state.id)).collect();
    let mut grounds = Vec::new();
    if unresolved > 0 {
        grounds.push(format!("{unresolved} {} be judged", plural(unresolved, "case couldn't", "cases couldn't")));
    }
    if let Some(first) = unreached.first() {
        let more = if unreached.len() > 1 { format!(" and {} more", unreached.len() - 1) } else { String::new() };
        grounds.push(format!("{} in scope {} never exercised: {}{more}", plural(unreached.len(), "a stated requirement", "stated requirements"), plural(unreached.len(), "was", "were"), first.id));
    }
    if judged == 0 && grounds.is_empty() {
        grounds.push("no case could be run".to_owned());
    }
    (!grounds.is_empty()).then(|| grounds.join("; "))
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

fn summarise(cases: &[CaseRecord], requirements: &[RequirementState], requests: u64) -> Summary {
    let mut summary = Summary { requests, ..Summary::default() };
    for case in cases {
        let counts = &mut summary.cases;
        match case.verdict {
            Verdict::Pass => counts.pass += 1,
            Verdict::Fail => counts.fail += 1,
            Verdict::Unresolved => counts.unresolved += 1,
            Verdict::Unsupported => counts.unsupported += 1,
            Verdict::Untested => counts.untested += 1,
        }
        for finding in &case.findings {
            match finding.severity {
                Severity::Violation => summary.findings.violation += 1,
                Severity::Deviation => summary.findings.deviation += 1,
                Severity::Observation => summary.findings.observation += 1,
            }
        }
    }
    for requirement in requirements {
        let counts = &mut summary.requirements;
        counts.total += 1;
        match requirement.status {
            State::Held => counts.exercised += 1,
            State::Broken => {
                counts.exercised += 1;
                counts.broken += 1;
            }
            State::NotExercised => {}
            State::Excluded => counts.excluded += 1,
        }
    }
    summary
}

/// Evidence is for people: so many exchanges of so many bytes.
const MOST_LEFT_OVERS: usize = 5;
const MOST_EXCHANGES: usize = 200;
const MOST_BODY: usize = 2000;

fn evidence(cases: &[CaseRecord], exchanges: &[&Exchange], url: &str) -> Vec<Evidence> {
    let wanted: BTreeMap<&str, BTreeSet<&str>> = cases
        .iter()
        .filter(|case| case.verdict == Verdict::Fail || case.verdict == Verdict::Unresolved || case.findings.iter().any(|finding| finding.severity > Severity::Observation))
        .map(|case| (case.id.as_str(), case.findings.iter().map(|finding| finding.step.as_str()).collect()))
        .collect();
    // Of a case that was run several times with different verdicts, the round that speaks for it is shown.
    let speaks: BTreeMap<&str, u32> = cases.iter().filter_map(|case| Some((case.id.as_str(), case.unstable.as_ref()?.speaks))).collect();
    let mut begun: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    let mut last: BTreeMap<(&str, &str), &Exchange> = BTreeMap::new();
    for exchange in exchanges {
        let Some(steps) = wanted.get(exchange.case.as_str()) else { continue };
        if let Some(speaks) = speaks.get(exchange.case.as_str()) {
            let (first, round) = begun.entry(&exchange.case).or_insert((&exchange.step, 0));
            if *first == exchange.step && exchange.attempt == 1 {
                *round += 1;
            }
            if round != speaks {
                continue;
            }
        }
        if steps.is_empty() || steps.contains(exchange.step.as_str()) {
            last.insert((&exchange.case, &exchange.step), exchange);
        }
    }
    last.into_values().take(MOST_EXCHANGES).map(|exchange| one_evidence(exchange, url)).collect()
}

fn one_evidence(exchange: &Exchange, url: &str) -> Evidence {
    let sent = &exchange.sent;
    let (answer, headers, body, body_sha256) = match (&exchange.got, &exchange.fault) {
        (Some(got), _) => {
            let text = got.body.text.clone().or_else(|| got.body.base64.clone());
            let digest = got.body.sha256();
            let shown = text.map(|text| if text.len() > MOST_BODY { cut_to(&text, MOST_BODY) } else { text });
            let headers = got.headers.iter().map(|(name, value)| (name.clone(), cut(value))).collect();
            (format!("{} {}", got.version, got.status), headers, shown, digest)
        }
        (None, fault) => (fault.as_ref().map_or_else(|| "no answer".to_owned(), |fault| format!("no answer ({}): {}", fault.kind.word(), fault.message)), BTreeMap::new(), None, None),
    };
    Evidence {
        case: exchange.case.clone(),
        step: exchange.step.clone(),
        request: format!("{} {}", sent.method, sent.target),
        request_body: sent.body.as_ref().map(|body| cut_to(body, MOST_BODY)),
        answer,
        headers,
        body,
        body_sha256,
        curl: curl(exchange, url),
    }
}

fn curl(exchange: &Exchange, url: &str) -> String {
    let sent = &exchange.sent;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut command = format!("curl -i -X {}", sent.method);
    if sent.headers.iter().any(|(name, _)| name == "authorization") {
        command.push_str(" -u \"$LXCA_USER:$LXCA_PASSWORD\"");
    }
    for (name, value) in sent.headers.iter().filter(|(name, _)| name == "content-type") {
        let _ = write!(command, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if let Some(body) = &sent.body {
        let _ = write!(command, " --data-binary {}", quoted(&cut_to(body, MOST_BODY)));
    }
    command.push(' ');
    command.push_str(&quoted(&format!("{}{}", url.trim_end_matches('/'), sent.target)));
    command
}

fn cut_to(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}
