//! What can't be judged because a secret of the run stood there: what is kept of an answer isn't
//! what came.
//!
//! Knows: the mark that stands where a secret stood. A member that is a secret by its name has the
//! mark in every run, so that it withholds nothing. Must not know: which secrets a run has.

use serde_json::Value;

use crate::contract::Severity;
use crate::exchange::Received;
use crate::plan::Facts;
use crate::pointer::unescape;
use crate::redact::{MARK, is_secret_member};
use crate::why::Why;

use super::agreement::Reading;
use super::answer::Judged;
use super::verdict::{CaseRecord, Finding};

/// The reason, in words.
const WHY: &str = "not judged: it holds a secret of this run";

/// Takes back what the mark may have brought about, and leaves the answer unjudged for it.
/// `earlier` are the answers that it was compared with.
pub(super) fn take_back(
    body: Option<&Value>,
    earlier: &[Reading],
    got: &Received,
    judged: &mut Judged,
) {
    let compared = || earlier.iter().filter_map(|(_, body)| body.as_deref()).chain(body);
    let is_withheld = |finding: &Finding| match finding.check.as_str() {
        _ if finding.severity == Severity::Observation => false,
        "media-type" => labels_are_marked(got),
        "agreement" => compared().any(holds_a_mark),
        _ => body.is_some_and(|body| stands_on_a_mark(body, finding)),
    };
    let (withheld, findings) =
        std::mem::take(&mut judged.findings).into_iter().partition::<Vec<_>, _>(is_withheld);
    judged.findings = findings;
    let Some(first) = withheld.first() else { return };
    let place = if first.pointer.is_empty() { "the answer" } else { first.pointer.as_str() };
    judged.withheld.get_or_insert_with(|| format!("{place} is {WHY}"));
    for finding in withheld {
        judged.reached.remove(finding.requirement.as_str());
        judged.missed.insert(finding.requirement, WHY.to_owned());
    }
}

/// Drops the facts that were kept with a mark in them, as nothing can be asked with these; gives
/// their names.
pub(super) fn drop_marked(kept: &mut Facts) -> Vec<String> {
    kept.extract_if(.., |_, value| value.contains(MARK)).map(|(fact, _)| fact).collect()
}

/// Why nothing can be asked with them.
pub(super) fn why_not_asked(facts: &[String]) -> String {
    format!("{} is {WHY}", facts.join(", "))
}

/// Why a value says nothing, if it is marked.
pub(super) fn why_unreadable(value: Option<&Value>) -> Option<String> {
    value.filter(|value| is_marked(value)).map(|_| format!("the state of the job is {WHY}"))
}

/// A note for the operator, where anything was withheld.
pub(crate) fn note(records: &[CaseRecord]) -> Option<String> {
    let cases = records.iter().filter(|record| record.why == Some(Why::Secret)).count();
    (cases > 0).then(|| {
        format!(
            "A password of this run occurs in ordinary words of the answers, so {cases} {} be \
                judged: use another password.",
            if cases == 1 { "case can't" } else { "cases can't" }
        )
    })
}

fn labels_are_marked(got: &Received) -> bool {
    got.headers.iter().any(|(name, value)| name == "content-type" && value.contains(MARK))
}

fn is_marked(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(MARK))
}

/// Whether what was found depends on what stood where a mark stands.
fn stands_on_a_mark(body: &Value, finding: &Finding) -> bool {
    let mut at = body;
    for token in finding.pointer.split('/').skip(1) {
        let name = unescape(token);
        let below = match at {
            // A name with a mark may be any: the one that is missing, or one that comes twice.
            Value::Object(members) if name.contains(MARK) => return members.contains_key(&name),
            Value::Object(members) => members.get(&name).ok_or(members),
            Value::Array(rows) => {
                match name.parse::<usize>().ok().and_then(|index| rows.get(index)) {
                    Some(row) => Ok(row),
                    None => return false,
                }
            }
            _ => return false,
        };
        match below {
            Ok(_) if is_secret_member(&name) => return false,
            Ok(value) => at = value,
            Err(members) => return members.keys().any(|name| name.contains(MARK)),
        }
    }
    match at {
        Value::String(_) => is_marked(at),
        // What a case looks for among rows may be one of those that are marked.
        Value::Array(_) | Value::Object(_) => match finding.check.as_str() {
            "members" | "reading" => holds_a_mark(at),
            "semantics" => (at.is_array() || !finding.pointer.is_empty()) && holds_a_mark(at),
            _ => false,
        },
        _ => false,
    }
}

fn holds_a_mark(value: &Value) -> bool {
    match value {
        Value::Array(rows) => rows.iter().any(holds_a_mark),
        Value::Object(members) => members.iter().any(|(name, value)| {
            name.contains(MARK) || !is_secret_member(name) && holds_a_mark(value)
        }),
        _ => is_marked(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn finding(check: &str, pointer: &str) -> Finding {
        Finding {
            check: check.to_owned(),
            requirement: "x/body/y".to_owned(),
            severity: Severity::Violation,
            pointer: pointer.to_owned(),
            expected: String::new(),
            actual: String::new(),
            step: String::new(),
            more: None,
            closed: false,
        }
    }

    #[test]
    fn only_what_depends_on_a_mark_is_taken_back() {
        let body = json!({
            "result": "[redacted]",
            "[redacted]": {"users": []},
            "right": "x",
            "list": [{"id": "a[redacted]", "n": 1, "password": "[redacted]"}, {"id": "b"}],
            "named": {"password": "[redacted]", "n": 1}
        });
        for (check, pointer, expected) in [
            ("schema", "/result", true),
            ("schema", "/response", true),
            ("schema", "/response/users", true),
            ("schema", "/right", false),
            ("schema", "", false),
            ("schema", "/list", false),
            ("schema", "/list/0/id", true),
            ("schema", "/list/0/n", false),
            ("schema", "/list/0/m", false),
            ("schema", "/list/1/id", false),
            ("schema", "/named/password", false),
            ("schema", "/named/m", false),
            ("members", "/list", true),
            ("members", "/named", false),
            ("members", "/named/password", false),
            ("semantics", "/list", true),
            ("semantics", "", false),
            ("status", "", false),
        ] {
            assert_eq!(
                stands_on_a_mark(&body, &finding(check, pointer)),
                expected,
                "{check} {pointer}"
            );
        }
    }
}
