//! What two runs show of answers whose rules all hold: statuses that the pages allow both, the
//! words of error messages, and how long something took that the pages give a time for.
//!
//! Knows: two records and the steps that both asked. Must not know: verdicts, or what a change does
//! to the answer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::catalogue::{Catalogue, Step};
use crate::exchange::{Exchange, Received};
use crate::record::Record;
use crate::report::value_class;

use super::model::{Observed, ObservedChange};
use super::{Bench, Judged, Source};

/// A change of time is reported from this length on, if it is also at least by half. Lists are
/// polled each second, so two seconds are reported and one isn't.
const LEAST_CHANGE_MS: i64 = 1_500;

/// The first answer of each step, the time it took until its poll ended, and what the case did
/// before.
type Answers<'a> = BTreeMap<(&'a str, &'a str), Seen<'a>>;

struct Seen<'a> {
    first: &'a Exchange,
    last: &'a Exchange,
    /// When the case last sent something that could change the appliance before this step.
    since: Option<Timestamp>,
}

/// Every difference, by operation and kind.
pub(super) fn changes(
    bench: &Bench<'_>,
    before: &Judged<'_>,
    after: &Judged<'_>,
) -> Vec<ObservedChange> {
    let (Source::Record(earlier), Source::Record(later)) = (&before.run.source, &after.run.source)
    else {
        return Vec::new();
    };
    let (was, is) = (answers(earlier), answers(later));
    let mut found: BTreeMap<(Observed, String, String, String), BTreeSet<String>> = BTreeMap::new();
    let mut times: BTreeMap<String, Vec<(i64, i64, String)>> = BTreeMap::new();
    for (key, old) in &was {
        let (Some(new), Some(step)) = (is.get(key), step(bench.catalogue, key)) else { continue };
        let mut say = |what, before: String, after: String| {
            found
                .entry((what, step.operation.clone(), before, after))
                .or_default()
                .insert(key.0.to_owned());
        };
        if let (Some(one), Some(other)) = (&old.first.got, &new.first.got) {
            // Whether a list has rows is a matter of data; a status that breaks a rule is a
            // finding.
            let right = |got: &Received| {
                step.expect.observe.is_some() || step.expect.status.contains(&got.status)
            };
            if one.status != other.status
                && (one.status >= 400 || other.status >= 400)
                && right(one)
                && right(other)
            {
                say(
                    Observed::Status,
                    format!("status {}", one.status),
                    format!("status {}", other.status),
                );
            } else if let (Some(words), Some(other)) = (message(one), message(other))
                && value_class(&words) != value_class(&other)
            {
                say(Observed::Message, quoted(&words), quoted(&other));
            }
        }
        if waits_for_an_end(step)
            && let (Some(one), Some(other)) = (took(old), took(new))
        {
            times.entry(step.operation.clone()).or_default().push((one, other, key.0.to_owned()));
        }
    }
    let mut changes: Vec<ObservedChange> = found
        .into_iter()
        .map(|((what, operation, before, after), cases)| ObservedChange {
            what,
            operation,
            before,
            after,
            cases: cases.into_iter().collect(),
        })
        .collect();
    changes.extend(times.into_iter().filter_map(|(operation, samples)| time(operation, &samples)));
    together(changes)
}

/// Reworded messages of one operation are one line, however many there are.
fn together(changes: Vec<ObservedChange>) -> Vec<ObservedChange> {
    let mut found: Vec<ObservedChange> = Vec::new();
    for change in changes {
        match found.iter_mut().find(|known| {
            change.what == Observed::Message
                && known.what == change.what
                && known.operation == change.operation
        }) {
            Some(known) => known.cases.extend(change.cases),
            None => found.push(change),
        }
    }
    for change in &mut found {
        change.cases.sort();
        change.cases.dedup();
    }
    found
}

/// Told only where all samples agree which way it went: an appliance that clears up in rounds takes
/// a while by chance.
fn time(operation: String, samples: &[(i64, i64, String)]) -> Option<ObservedChange> {
    let apart = |was: i64, is: i64| {
        (is - was).abs() >= LEAST_CHANGE_MS && 2 * (is - was).abs() >= was.min(is)
    };
    let changed: Vec<&(i64, i64, String)> =
        samples.iter().filter(|(was, is, _)| apart(*was, *is)).collect();
    let (was, is, _) = changed.first()?;
    let slower = is > was;
    if changed.len() * 2 <= samples.len()
        || samples.iter().any(|(was, is, _)| apart(*was, *is) && (is > was) != slower)
    {
        return None;
    }
    let cases = changed.iter().map(|(_, _, case)| case.clone()).collect();
    Some(ObservedChange {
        what: Observed::Time,
        operation,
        before: format!("gone after {}", seconds(*was)),
        after: format!("gone after {}", seconds(*is)),
        cases,
    })
}

fn seconds(milliseconds: i64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

fn answers(record: &Record) -> Answers<'_> {
    let mut found: Answers<'_> = BTreeMap::new();
    let mut changed: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for exchange in record.exchanges().filter(|exchange| !exchange.case.is_empty()) {
        let key = (exchange.case.as_str(), exchange.step.as_str());
        match found.get_mut(&key) {
            // A later round asks the same again.
            Some(seen) if exchange.attempt > seen.last.attempt => seen.last = exchange,
            Some(_) => {}
            None => {
                found.insert(
                    key,
                    Seen {
                        first: exchange,
                        last: exchange,
                        since: changed.get(exchange.case.as_str()).copied(),
                    },
                );
            }
        }
        if exchange.sent.method != "GET" {
            changed.insert(&exchange.case, exchange.at);
        }
    }
    found
}

fn step<'a>(catalogue: &'a Catalogue, (case, step): &(&str, &str)) -> Option<&'a Step> {
    catalogue.find(case)?.steps.iter().find(|known| known.name == *step)
}

/// Whether a step asks until a row is gone. How long a job takes says nothing about an appliance:
/// it depends on what there is to do.
fn waits_for_an_end(step: &Step) -> bool {
    step.poll
        .as_ref()
        .is_some_and(|poll| poll.until.iter().any(|condition| condition.lacks.is_some()))
}

fn took(seen: &Seen<'_>) -> Option<i64> {
    i64::try_from(seen.last.at.duration_since(seen.since?).as_millis()).ok()
}

/// The words of an error message.
fn message(got: &Received) -> Option<String> {
    if got.status < 400 {
        return None;
    }
    let words = match got.json() {
        Ok(body) => texts(&body),
        Err(_) => got.body.text.clone().into_iter().collect(),
    };
    (!words.is_empty()).then(|| words.join(" "))
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(members) => ["messages", "message", "text", "detail", "title", "error"]
            .iter()
            .filter_map(|name| members.get(*name))
            .flat_map(texts)
            .collect(),
        _ => Vec::new(),
    }
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", crate::contract::cut(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(was: i64, is: i64) -> (i64, i64, String) {
        (was, is, "c".to_owned())
    }

    #[test]
    fn a_time_is_told_when_every_sample_went_the_same_way() {
        let told = |samples: &[(i64, i64, String)]| {
            time("locks".to_owned(), samples).map(|change| (change.before, change.after))
        };
        assert_eq!(
            told(&[sample(3_100, 20_000)]),
            Some(("gone after 3.1 s".to_owned(), "gone after 20.0 s".to_owned()))
        );
        assert_eq!(
            told(&[sample(20_000, 4_000), sample(30_000, 5_000)])
                .map(|(_, after)| after)
                .as_deref(),
            Some("gone after 4.0 s")
        );
        assert_eq!(told(&[sample(3_000, 4_000)]), None);
        // A list that is cleared in rounds is now early and now late.
        assert_eq!(told(&[sample(3_000, 20_000), sample(25_000, 8_000)]), None);
        assert_eq!(told(&[sample(3_000, 20_000), sample(3_000, 3_000)]), None);
    }

    #[test]
    fn only_the_words_of_a_message_are_compared() {
        let body = serde_json::json!({ "result": "failed", "messages": [{ "id": "FQX1",
            "text": "No backup 17.", "explanation": "x" }] });
        assert_eq!(texts(&body), ["No backup 17."]);
        assert_eq!(value_class("No backup 17."), value_class("No backup 4."));
    }
}
