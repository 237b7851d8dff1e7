//! Whether two runs can be compared at all, and what makes them less alike than they should be.
//!
//! Knows: how two runs were made. Must not know: what they found.

use std::collections::BTreeSet;

use crate::judge::Verdict;
use crate::record::TargetKind;
use crate::why::Trust;

use super::{Bench, Judged, Source, asked};

/// Why the two runs can't be compared; each is enough.
pub(super) fn refusals(bench: &Bench<'_>, before: &Judged<'_>, after: &Judged<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let all = [("the baseline", before), ("the candidate", after)];
    for (name, run) in all {
        if matches!(run.run.source, Source::Report(_))
            && (run.side.contract != bench.contract.digest
                || run.side.catalogue != bench.catalogue.digest)
        {
            found.push(format!(
                "{name} is a report without its record, made with another contract or catalogue, \
                    so it can't be judged again"
            ));
        }
        if run.report.flaws.iter().flatten().any(|flaw| flaw.spoils()) {
            found.push(format!(
                "the record of {name} was changed after it was written: the digest in its footer \
                    differs"
            ));
        }
        if !run
            .report
            .cases
            .iter()
            .any(|case| matches!(case.verdict, Verdict::Pass | Verdict::Fail))
        {
            let why =
                run.report.ended_early.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
            found.push(format!("{name} judged no case{why}"));
        }
    }
    if let (Some(was), Some(is)) = (is_double(before), is_double(after))
        && was != is
    {
        let (double, other) =
            if was { ("the baseline", "the candidate") } else { ("the candidate", "the baseline") };
        found.push(format!(
            "{double} is a run against the built-in double, but {other} isn't: comparing them \
                shows no change of a product"
        ));
    }
    let judged = |run: &Judged<'_>| {
        run.report
            .cases
            .iter()
            .filter(|case| matches!(case.verdict, Verdict::Pass | Verdict::Fail))
            .map(|case| case.id.clone())
            .collect::<BTreeSet<_>>()
    };
    if found.is_empty() && judged(before).is_disjoint(&judged(after)) {
        found.push("the two runs have no judged case in common".to_owned());
    }
    found
}

/// Whether the double answered; nothing where a report of an older build doesn't tell.
fn is_double(run: &Judged<'_>) -> Option<bool> {
    match &run.run.source {
        Source::Record(record) => {
            Some(record.identity().double || record.header.target.kind == TargetKind::Double)
        }
        Source::Report(report) => report.target.double,
    }
}

/// What a reader has to bear in mind.
pub(super) fn caveats(bench: &Bench<'_>, before: &Judged<'_>, after: &Judged<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let all = [("the baseline", before), ("the candidate", after)];
    for (name, run) in all {
        if matches!(run.run.source, Source::Report(_)) {
            found.push(format!(
                "{name} is a report without its record: its verdicts are used as they are, and \
                    shapes aren't compared"
            ));
        }
        if is_double(run).is_none() {
            found.push(format!(
                "{name} is a report that was judged again by an older build, so it can't be told \
                    whether it is of the built-in double"
            ));
        }
        let mut other = Vec::new();
        if run.side.contract != bench.contract.digest {
            other.push("contract");
        }
        if run.side.catalogue != bench.catalogue.digest {
            other.push("catalogue");
        }
        if !other.is_empty() {
            found.push(format!(
                "{name} was recorded with another {}; it was judged again with this one, leaving \
                    out cases whose requests differ",
                other.join(" and ")
            ));
        }
        if run.report.finished.is_none() {
            found.push(format!("{name} was interrupted"));
        } else if let Some(why) = &run.report.ended_early {
            found.push(format!("{name} ended early: {why}"));
        }
        if run.report.target.trust.is_some_and(Trust::is_unverified) {
            found.push(format!("the certificate of {name} wasn't verified"));
        }
    }
    if before.run.is_recording() || after.run.is_recording() {
        found.push(
            "recordings contain what their clients requested: different answers to different \
                requests may not be a change"
                .to_owned(),
        );
    }
    let (one, other) = (&before.side, &after.side);
    if one.record.is_some() && one.record == other.record {
        found.push("both are the same record".to_owned());
    }
    if one.tool != other.tool {
        found.push(format!(
            "they were made by different tools: {} {} and {} {}",
            one.tool.name, one.tool.version, other.tool.name, other.tool.version
        ));
    }
    if one.scope.allow != other.scope.allow {
        found.push(format!(
            "the scope differs: --allow {} before, --allow {} now",
            one.scope.allow.word(),
            other.scope.allow.word()
        ));
    }
    if one.scope.filters != other.scope.filters {
        let told = |filters: &[String]| {
            if filters.is_empty() {
                "no filter".to_owned()
            } else {
                format!("--filter {}", filters.join(" --filter "))
            }
        };
        found.push(format!(
            "the scope differs: {} before, {} now",
            told(&one.scope.filters),
            told(&other.scope.filters)
        ));
    }
    if !before.run.is_recording() && !after.run.is_recording() {
        found.extend(asked::differences(&before.report.catalogue, &after.report.catalogue));
    }
    if one.scope.strict != other.scope.strict {
        found.push(
            "only one of them was judged with --strict; that changes verdicts, but not what \
                counts as a regression"
                .to_owned(),
        );
    }
    if let (Source::Record(earlier), Source::Record(later)) =
        (&before.run.source, &after.run.source)
    {
        let names = |record: &crate::record::Record| {
            record.facts().keys().cloned().collect::<BTreeSet<_>>()
        };
        let (had, has) = (names(earlier), names(later));
        let differ: Vec<&str> = had.symmetric_difference(&has).map(String::as_str).collect();
        if !differ.is_empty() {
            found.push(format!("the facts differ: only one of them had {}", differ.join(", ")));
        }
        let rounds = [earlier.rounds(), later.rounds()];
        if rounds[0] != rounds[1] {
            found.push(format!(
                "the number of rounds differs: {} before, {} now",
                rounds_text(rounds[0]),
                rounds_text(rounds[1])
            ));
        }
        let cut = [earlier, later].map(|record| {
            record
                .exchanges()
                .any(|exchange| exchange.got.as_ref().is_some_and(|got| got.body.truncated))
        });
        if cut[0] || cut[1] {
            found.push("bodies were cut at the limit; their shape isn't compared".to_owned());
        }
    }
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
    if let (Some(earlier), Some(later)) = (moment(&one.started), moment(&other.started)) {
        if later < earlier {
            found.push("the candidate is older than the baseline: are they swapped?".to_owned());
        }
        let day = earlier.to_zoned(jiff::tz::TimeZone::UTC).date();
        let age = (bench.today - day).get_days();
        if bench.policy.baseline_days.is_some_and(|most| i64::from(age) > i64::from(most)) {
            found.push(format!(
                "the baseline is {age} days old; the policy `{}` accepts one for {} days",
                bench.policy.name,
                bench.policy.baseline_days.unwrap_or_default()
            ));
        }
    }
    let version = |text: &Option<String>| text.as_deref().and_then(crate::terms::version);
    if let (Some(was), Some(is)) = (version(&one.target.version), version(&other.target.version))
        && is < was
    {
        found.push(format!("the candidate has an older version ({is}) than the baseline ({was})"));
    }
    found
}

fn rounds_text(rounds: u32) -> String {
    if rounds == 1 { "one round".to_owned() } else { format!("{rounds} rounds") }
}
