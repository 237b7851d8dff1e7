//! Several rounds of the same cases: a verdict that changes from round to round is none.
//!
//! Knows: the verdicts of each round. Must not know: exchanges, or why a run was repeated.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::why::Why;

use super::verdict::{CaseRecord, Finding, Verdict};

/// The reason of a case whose record was cut off.
pub const CUT: &str = "the record ends here";
/// The reason of a case that wasn't begun.
pub const NOT_BEGUN: &str = "the run was interrupted before this case";

/// How a verdict changed over the rounds of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unstable {
    /// Rounds in which the case was judged.
    pub rounds: u32,
    /// How many rounds gave each verdict.
    pub verdicts: BTreeMap<String, u32>,
    /// How often a round gave another verdict than the one before it.
    pub flips: u32,
    /// That, of 100 chances.
    pub flip_percent: u32,
    /// The round that speaks for the case, from 1: the first with the worst verdict.
    pub speaks: u32,
}

/// One record per case from those of each round. What the end of the run stopped isn't a verdict.
#[must_use]
pub fn merge(rounds: Vec<Vec<CaseRecord>>) -> Vec<CaseRecord> {
    if rounds.len() < 2 {
        return rounds.into_iter().flatten().collect();
    }
    let mut order: Vec<String> = Vec::new();
    let mut by_case: BTreeMap<String, Vec<(u32, CaseRecord)>> = BTreeMap::new();
    for (number, round) in (1..).zip(rounds) {
        for record in round {
            if !by_case.contains_key(&record.id) {
                order.push(record.id.clone());
            }
            by_case.entry(record.id.clone()).or_default().push((number, record));
        }
    }
    order.iter().filter_map(|id| by_case.remove(id)).filter_map(merged).collect()
}

fn merged(mut records: Vec<(u32, CaseRecord)>) -> Option<CaseRecord> {
    let stopped = |record: &CaseRecord| {
        record.verdict == Verdict::Unresolved && record.why.is_some_and(Why::is_cut_short)
    };
    if records.iter().any(|(_, record)| !stopped(record)) {
        records.retain(|(_, record)| !stopped(record));
    }
    // A round that left the case out doesn't contradict one that judged it: there was nothing left
    // to ask about.
    if records.iter().any(|(_, record)| was_judged(record)) {
        records.retain(|(_, record)| was_judged(record));
    }
    let (speaks, _) = records
        .iter()
        .min_by_key(|(number, record)| (weight(record.verdict), *number))
        .map(|(number, record)| (*number, record.verdict))?;
    let flips = u32::try_from(
        records.windows(2).filter(|pair| pair[0].1.verdict != pair[1].1.verdict).count(),
    )
    .unwrap_or(u32::MAX);
    let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
    let mut verdicts: BTreeMap<String, u32> = BTreeMap::new();
    for (_, record) in &records {
        *verdicts.entry(record.verdict.word().to_owned()).or_default() += 1;
    }
    let at = records.iter().position(|(number, _)| *number == speaks)?;
    let (_, mut whole) = records.remove(at);
    for (_, record) in records {
        whole.requests += record.requests;
        whole.reached.extend(record.reached);
        whole.missed.extend(record.missed);
        for finding in record.findings {
            if !whole.findings.iter().any(|known| same(known, &finding)) {
                whole.findings.push(finding);
            }
        }
        whole.left_over.extend(record.left_over);
        whole.unsettled = whole.unsettled.or(record.unsettled);
    }
    if flips > 0 {
        let flip_percent = flips * 100 / (count - 1);
        let told = verdicts
            .iter()
            .map(|(verdict, rounds)| format!("{rounds} {verdict}"))
            .collect::<Vec<_>>()
            .join(", ");
        whole.verdict = Verdict::Unresolved;
        whole.why = Some(Why::Unstable);
        whole.reason =
            Some(format!("unstable: {told} in {count} rounds; flip rate {flip_percent} %"));
        whole.unstable = Some(Unstable { rounds: count, verdicts, flips, flip_percent, speaks });
    }
    Some(whole)
}

fn was_judged(record: &CaseRecord) -> bool {
    matches!(record.verdict, Verdict::Pass | Verdict::Fail | Verdict::Unresolved)
}

/// The worst verdict comes first.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Unresolved => 1,
        Verdict::Pass => 2,
        Verdict::Unsupported | Verdict::Untested => 3,
    }
}

fn same(one: &Finding, other: &Finding) -> bool {
    (&one.check, &one.requirement, &one.pointer, &one.step, one.severity)
        == (&other.check, &other.requirement, &other.pointer, &other.step, other.severity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Effect;

    fn record(verdict: Verdict, reason: Option<(Why, &str)>) -> CaseRecord {
        CaseRecord {
            id: "a::b".to_owned(),
            operation: "a".to_owned(),
            title: String::new(),
            effect: Effect::Read,
            generated: false,
            verdict,
            reason: reason.map(|(_, words)| words.to_owned()),
            why: reason.map(|(why, _)| why),
            findings: Vec::new(),
            reached: BTreeMap::from([("a/b".into(), 1)]).into(),
            missed: BTreeMap::new(),
            beyond: BTreeMap::new(),
            requests: 1,
            left_over: Vec::new(),
            unsettled: None,
            gone: None,
            runs_on: false,
            watched: None,
            unstable: None,
            watch: crate::judge::watch::Watches::default(),
        }
    }

    fn merged(verdicts: &[(Verdict, Option<(Why, &str)>)]) -> CaseRecord {
        merge(verdicts.iter().map(|(verdict, reason)| vec![record(*verdict, *reason)]).collect())
            .remove(0)
    }

    #[test]
    fn a_verdict_that_flips_is_none() {
        let case = merged(&[
            (Verdict::Pass, None),
            (Verdict::Fail, None),
            (Verdict::Pass, None),
            (Verdict::Pass, None),
        ]);
        assert_eq!(
            (case.verdict, case.reason.as_deref()),
            (Verdict::Unresolved, Some("unstable: 1 fail, 3 pass in 4 rounds; flip rate 66 %"))
        );
        assert_eq!(case.why, Some(Why::Unstable));
        let unstable = case.unstable.unwrap();
        assert_eq!(
            (unstable.flips, unstable.speaks, case.requests, case.reached.get("a/b")),
            (2, 2, 4, Some(4))
        );
    }

    #[test]
    fn a_verdict_that_stays_is_the_verdict() {
        let case = merged(&[(Verdict::Fail, None), (Verdict::Fail, None)]);
        assert_eq!((case.verdict, case.unstable), (Verdict::Fail, None));
    }

    #[test]
    fn what_stopped_the_run_or_left_the_case_out_is_no_flip() {
        for why in [Why::RunEnded, Why::RecordEnds, Why::NotBegun] {
            let stopped = (Verdict::Unresolved, Some((why, "x")));
            assert_eq!(merged(&[(Verdict::Pass, None), stopped]).verdict, Verdict::Pass);
            assert_eq!(merged(&[stopped, stopped]).verdict, Verdict::Unresolved);
        }
        assert_eq!(
            merged(&[(Verdict::Pass, None), (Verdict::Untested, Some((Why::Answer, "no backup")))])
                .verdict,
            Verdict::Pass
        );
    }

    #[test]
    fn a_case_that_could_not_be_judged_flips_whatever_is_said_of_it() {
        for why in [Why::Answer, Why::Bound, Why::Unknown] {
            let said = [(Verdict::Pass, None), (Verdict::Unresolved, Some((why, CUT)))];
            assert_eq!(merged(&said).why, Some(Why::Unstable), "{why:?}");
        }
    }
}
