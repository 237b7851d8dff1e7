//! Judges a record again, without an appliance.
//!
//! Knows: how a record is laid out. The verdicts come from the same `CaseRun` that a live run
//! drives. Must not know: networks.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::catalogue::{Case, Catalogue, Step, StepKind};
use crate::contract::Contract;
use crate::exchange::{Exchange, Outgoing, Purpose};
use crate::judge::{CUT, CaseRecord, CaseRun, Effects, NOT_BEGUN, Next, Verdict, merge, settle};
use crate::plan::{LeftOut, Watched};
use crate::record::{Record, Row};
use crate::terms;
use crate::why::{ASKED_OTHERWISE, EndKind, NOT_THEN, Why};

use super::build::{Source, build};
use super::model::Report;
use super::recorded::recorded;

/// A case that the record holds no answer to, because it was another question then.
fn asked_otherwise(case: &Case) -> CaseRecord {
    CaseRecord::not_run(case, Verdict::Untested, Why::AskedOtherwise, ASKED_OTHERWISE)
}

/// The reason of a case whose claim was stopped, where no row says why.
const INTERRUPTED: &str = "the run was interrupted";

/// Whether a recorded exchange answers what the case asks today.
fn answers(exchange: &Exchange, step: &Step, request: &Outgoing) -> bool {
    const MARK: &str = "[redacted]";
    let same = |one: &str, other: &str| one == other || one.contains(MARK);
    let body = match (&exchange.sent.body, &request.body) {
        (Some(sent), Some(asked)) => same(sent, asked),
        (sent, asked) => sent.is_none() && asked.is_none(),
    };
    exchange.step == step.name
        && exchange.sent.method == request.method
        && exchange.sent.auth == request.auth
        && same(&exchange.sent.target, &request.target)
        && body
}

/// The report of a record.
#[must_use]
pub fn rejudge(contract: &Contract, catalogue: &Catalogue, record: &Record) -> Report {
    if let Some(recording) = &record.recording {
        return recorded(contract, catalogue, record, recording);
    }
    let mut notes: Vec<String> = record
        .rows
        .iter()
        .filter_map(|row| if let Row::Note { text } = row { Some(text.clone()) } else { None })
        .collect();
    let foreign = record.header.contract.digest != contract.digest
        || record.header.catalogue.digest != catalogue.digest;
    if foreign {
        notes.push(
            "Judged with a contract or catalogue other than the one it was recorded with."
                .to_owned(),
        );
    }
    let early = record.footer.as_ref().and_then(|footer| footer.ended_early.clone());
    let rounds = record
        .each_round()
        .into_iter()
        .enumerate()
        .map(|(index, rows)| one_round(contract, catalogue, record, rows, foreign, index == 0))
        .collect();
    let cases = merge(rounds);
    let source = Source {
        header: &record.header,
        identity: &record.identity(),
        cases,
        exchanges: record.exchanges().collect(),
        finished: record.footer.as_ref().map(|footer| footer.finished),
        ended_early: early,
        record: Some(record.digest.clone()).filter(|digest| !digest.is_empty()),
        replay: true,
        flaws: record.flaws.clone(),
        notes,
    };
    build(contract, catalogue, source)
}

/// The verdicts of one round. What watches the run's own login and logout is judged once.
fn one_round(
    contract: &Contract,
    catalogue: &Catalogue,
    record: &Record,
    rows: &[Row],
    foreign: bool,
    first: bool,
) -> Vec<CaseRecord> {
    let mut by_case: BTreeMap<&str, VecDeque<&Exchange>> = BTreeMap::new();
    let mut listed: BTreeMap<&str, &Exchange> = BTreeMap::new();
    let mut late: BTreeMap<&str, &LeftOut> = BTreeMap::new();
    let mut stopped: BTreeMap<&str, (Why, &str)> = BTreeMap::new();
    let early = record.footer.as_ref().and_then(|footer| footer.ended_early.as_ref());
    let ended = early.map(|early| early.what.as_str());
    // A case that was renamed since is found by the id that it had.
    let renamed: BTreeMap<&str, &str> = catalogue
        .cases
        .iter()
        .flat_map(|case| case.aliases.iter().map(|alias| (alias.as_str(), case.id.as_str())))
        .collect();
    let today = |id| renamed.get(id).copied().unwrap_or(id);
    for row in rows {
        match row {
            // What was sent once more is no answer to the case.
            Row::Exchange(exchange) if exchange.purpose == Purpose::Again => {}
            // Nor is a list that was asked for again because of the case.
            Row::Exchange(exchange)
                if exchange.purpose == Purpose::Discover && !exchange.case.is_empty() =>
            {
                listed.insert(today(exchange.case.as_str()), exchange);
            }
            Row::Exchange(exchange) => {
                by_case.entry(today(exchange.case.as_str())).or_default().push_back(exchange);
            }
            Row::LeftOut { case, reason } => {
                late.insert(today(case), reason);
            }
            Row::Stopped { case, reason, why } => {
                let why = why.unwrap_or_else(|| Why::of_older_row(reason, ended));
                stopped.insert(today(case), (why, reason));
            }
            _ => {}
        }
    }
    let before: BTreeMap<&str, &LeftOut> =
        record.header.left_out.iter().map(|(id, reason)| (today(id), reason)).collect();
    let planned: BTreeSet<&str> = record.header.planned.iter().map(|id| today(id)).collect();
    // A claim that goes on with its clean-up was stopped, even where no row says by what.
    let interrupted = match early.map(|early| early.kind) {
        Some(EndKind::Interrupted) => Why::RunEnded,
        _ => Why::Unknown,
    };
    let facts = record.facts_of(rows);
    let strict = record.header.scope.strict;
    let version = record.identity().version.as_deref().and_then(terms::version);
    let mut judged: Vec<CaseRecord> = catalogue
        .cases
        .iter()
        .filter(|case| first || case.watches().is_none())
        .map(|case| {
            let id = case.id.as_str();
            if let Some(reason) = before.get(id).or_else(|| late.get(id)) {
                return CaseRecord::left_out(case, reason);
            }
            if !planned.contains(id) {
                return CaseRecord::not_run(case, Verdict::Untested, Why::NotThen, NOT_THEN);
            }
            if case.watches().is_some() {
                return CaseRun::watching(contract, case, &facts, strict, record.exchanges());
            }
            let Some(exchanges) = by_case.get_mut(id) else {
                let (why, reason) = stopped
                    .get(id)
                    .copied()
                    .or_else(|| ended.map(|ended| (Why::RunEnded, ended)))
                    .unwrap_or((Why::NotBegun, NOT_BEGUN));
                return CaseRecord::not_run(case, Verdict::Unresolved, why, reason);
            };
            let mut run = CaseRun::new(contract, case, &facts, strict).at(version.clone());
            let reason = stopped.get(id).copied();
            while let Next::Send { step, request, .. } = run.next() {
                // A list that this catalogue would ask again wasn't asked again then.
                if exchanges.front().is_none_or(|exchange| exchange.step != step.name)
                    && run.hurry()
                {
                    continue;
                }
                match exchanges.front() {
                    Some(exchange) if foreign && !answers(exchange, step, &request) => {
                        if !run.is_accused() {
                            return asked_otherwise(case);
                        }
                        run.abandon(Why::Answer, "the record continues with a different request");
                        break;
                    }
                    // The claim was stopped from outside, and its clean-up followed.
                    Some(exchange)
                        if step.kind == StepKind::Claim && exchange.purpose == Purpose::Cleanup =>
                    {
                        let (why, reason) = reason.unwrap_or((interrupted, INTERRUPTED));
                        run.stop(why, reason);
                    }
                    Some(exchange) => {
                        run.feed(exchange);
                        exchanges.pop_front();
                    }
                    None if let Some((why, reason)) =
                        reason.filter(|_| step.kind == StepKind::Claim) =>
                    {
                        run.stop(why, reason);
                    }
                    None if foreign
                        && reason.is_none()
                        && record.footer.is_some()
                        && !run.is_accused() =>
                    {
                        return asked_otherwise(case);
                    }
                    None => {
                        let (why, reason) = reason.unwrap_or((Why::RecordEnds, CUT));
                        run.abandon(why, reason);
                        break;
                    }
                }
            }
            if foreign && !exchanges.is_empty() && !run.is_accused() {
                return asked_otherwise(case);
            }
            let mut judged = run.finish();
            if let (Some(gone), Some(answer)) = (judged.gone.take(), listed.get(id))
                && gone.is_borne_out(contract, answer)
            {
                judged.excuse(&gone, strict);
            }
            judged
        })
        .collect();
    // The notes on it are rows of the record.
    let _ = effects_in(contract, catalogue, rows, today).charge(&mut judged, strict);
    settle(contract, strict, &mut judged);
    judged
}

/// What refused requests did all the same, by the looks between them.
fn effects_in<'a, 'r>(
    contract: &'a Contract,
    catalogue: &'a Catalogue,
    rows: &'r [Row],
    today: impl Fn(&'r str) -> &'r str,
) -> Effects<'a> {
    let refusals: BTreeMap<&str, &Case> = catalogue
        .cases
        .iter()
        .filter(|case| case.is_plain_refusal())
        .map(|case| (case.id.as_str(), case))
        .collect();
    let mut effects = Effects::new(contract);
    for row in rows {
        let Row::Exchange(exchange) = row else { continue };
        let id = today(exchange.case.as_str());
        match exchange.purpose {
            Purpose::Discover => {
                if let Some(listed) = Watched::of_step(contract, &exchange.step) {
                    // A live run searches for the culprit at once; here the answers of that search
                    // follow.
                    let _ = effects.ask();
                    effects.look(listed, exchange);
                }
            }
            Purpose::Again => {
                let _ = effects.ask();
                effects.sent_again(id, exchange);
            }
            Purpose::Case => {
                if let Some(case) = refusals.get(id) {
                    let _ = effects.ask();
                    effects.refused(case, exchange);
                } else if exchange.sent.method != "GET" {
                    effects.blur();
                }
            }
            _ => {}
        }
    }
    let _ = effects.ask();
    effects
}

/// The cases of a record whose clean-up isn't done, each as it stood when the record ends.
#[must_use]
pub fn interrupted_cases<'a>(
    contract: &'a Contract,
    catalogue: &'a Catalogue,
    record: &Record,
) -> Vec<(&'a Case, CaseRun<'a>)> {
    record
        .each_round()
        .into_iter()
        .flat_map(|rows| interrupted_in(contract, catalogue, record, rows))
        .collect()
}

fn exchanges_of<'r>(rows: &'r [Row], case: &str) -> impl Iterator<Item = &'r Exchange> {
    let exchanges = rows.iter().filter_map(|row| {
        if let Row::Exchange(exchange) = row { Some(exchange.as_ref()) } else { None }
    });
    exchanges.filter(move |exchange| exchange.case == case && exchange.purpose != Purpose::Again)
}

fn interrupted_in<'a>(
    contract: &'a Contract,
    catalogue: &'a Catalogue,
    record: &Record,
    rows: &[Row],
) -> Vec<(&'a Case, CaseRun<'a>)> {
    let facts = record.facts_of(rows);
    let settled = |id: &str| {
        rows.iter().any(|row| {
            matches!(
                row,
                Row::Settled { case, left_over } if case == id && left_over.is_empty()
            )
        })
    };
    let mut due = Vec::new();
    for case in catalogue.cases.iter().filter(|case| !case.cleanup.is_empty() && !settled(&case.id))
    {
        let mut exchanges: VecDeque<&Exchange> = exchanges_of(rows, &case.id).collect();
        if exchanges.is_empty() {
            continue;
        }
        let mut run = CaseRun::new(contract, case, &facts, record.header.scope.strict);
        while let Next::Send { step, .. } = run.next() {
            if exchanges.front().is_none_or(|exchange| exchange.step != step.name) && run.hurry() {
                continue;
            }
            match exchanges.front() {
                Some(exchange)
                    if step.kind == StepKind::Claim && exchange.purpose == Purpose::Cleanup =>
                {
                    run.stop(Why::RunEnded, INTERRUPTED);
                }
                // A clean-up that failed is tried again.
                Some(exchange)
                    if exchange.purpose == Purpose::Cleanup
                        && exchange.got.as_ref().is_none_or(|got| got.status >= 300) =>
                {
                    break;
                }
                Some(exchange) => {
                    run.feed(exchange);
                    exchanges.pop_front();
                }
                None => break,
            }
        }
        if !run.due_cleanup().is_empty() {
            due.push((case, run));
        }
    }
    due
}

/// Changes of a run that was cut off, whose clean-up can't be told from the record: the answer
/// isn't in it, or what has to be cleaned up isn't.
#[must_use]
pub fn unknown_outcomes(
    contract: &Contract,
    catalogue: &Catalogue,
    record: &Record,
) -> Vec<(String, String)> {
    record
        .each_round()
        .into_iter()
        .flat_map(|rows| unknown_in(contract, catalogue, record, rows))
        .collect()
}

fn unknown_in(
    contract: &Contract,
    catalogue: &Catalogue,
    record: &Record,
    rows: &[Row],
) -> Vec<(String, String)> {
    let facts = record.facts_of(rows);
    let mut unknown = Vec::new();
    let settled: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Settled { case, left_over } if left_over.is_empty() => Some(case.as_str()),
            _ => None,
        })
        .collect();
    for row in rows {
        let Row::Intent { case: id, step, request, cleanup } = row else { continue };
        if cleanup.is_empty() || settled.contains(id.as_str()) {
            continue;
        }
        let answer = exchanges_of(rows, id)
            .find(|exchange| exchange.step == *step && exchange.purpose == Purpose::Case);
        let what = match answer.map(|exchange| exchange.got.as_ref().map(|got| got.status)) {
            None | Some(None) => format!(
                "step `{step}` ({request}) may have been sent, and the record has no answer to \
                    it; check what it created"
            ),
            Some(Some(status)) if (200..300).contains(&status) => {
                let Some(case) = catalogue.find(id) else { continue };
                let mut run = CaseRun::new(contract, case, &facts, record.header.scope.strict);
                for exchange in exchanges_of(rows, id) {
                    if matches!(run.next(), Next::Send { .. }) {
                        run.feed(exchange);
                    }
                }
                let due = case.cleanup.iter().filter(|due| due.when.as_ref() == Some(step));
                let missing: Vec<String> = due
                    .flat_map(|due| crate::plan::request(contract, due, run.facts()).1)
                    .collect();
                if missing.is_empty() {
                    continue;
                }
                format!(
                    "step `{step}` ({request}) was accepted, and the record ends before {} was \
                        known; check what it created",
                    missing.join(", ")
                )
            }
            Some(Some(_)) => continue,
        };
        unknown.push((id.clone(), what));
    }
    unknown
}
