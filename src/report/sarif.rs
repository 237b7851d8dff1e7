//! SARIF 2.1.0 and the annotations of a CI job: each cause at the file and line that has its rule.
//!
//! Knows: the report and the places of its rules. Must not know: files, CI systems.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::contract::Severity;
use crate::judge::{Verdict, check};
use crate::texts::hex;

use super::groups::{Group, groups};
use super::model::{Conclusion, Report, RequirementState};
use super::places::{Place, Places};
use super::words::{all_waived, claim_line, fails, one_line, rerun, short};

/// Cases that a result points at besides the first.
const MOST_RELATED: usize = 20;
const MOST_TEXT: usize = 1000;

/// The report as SARIF: one result per cause.
#[must_use]
pub fn sarif(report: &Report, places: &Places) -> String {
    let requirements: BTreeMap<&str, &RequirementState> =
        report.requirements.iter().map(|known| (known.id.as_str(), known)).collect();
    let groups = groups(report);
    let mut rules: Vec<Value> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    for group in &groups {
        index.entry(&group.requirement).or_insert_with(|| {
            rules.push(rule(group, requirements.get(group.requirement.as_str()).copied()));
            rules.len() - 1
        });
    }
    let results: Vec<Value> = groups
        .iter()
        .map(|group| {
            result(
                report,
                places,
                group,
                index.get(group.requirement.as_str()).copied().unwrap_or(0),
            )
        })
        .collect();
    let mut invocation = json!({
        // A run that couldn't judge everything must not read as a clean one.
        "executionSuccessful": report.conclusion != Conclusion::Incomplete,
        "startTimeUtc": report.started,
        "toolExecutionNotifications": notifications(report),
    });
    if let Some(finished) = &report.finished {
        invocation["endTimeUtc"] = json!(finished);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": report.tool.name, "version": report.tool.version,
                "semanticVersion": report.tool.version, "rules": rules } },
            "automationDetails": { "id": format!("{}/{}/", report.tool.name,
                one_line(&report.target.name)) },
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "conclusion": report.conclusion.word(),
                "because": report.because,
                "claim": report.claim,
                "target": report.target,
                "contract": report.contract.digest,
                "catalogue": report.catalogue.digest,
                "cases": report.summary.cases,
                "requirements": report.summary.requirements,
            },
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn rule(group: &Group, known: Option<&RequirementState>) -> Value {
    let statement = known.map_or(group.requirement.as_str(), |known| known.statement.as_str());
    let mut rule = json!({
        "id": group.requirement,
        "shortDescription": { "text": short(statement, MOST_TEXT) },
        "defaultConfiguration": { "level": level(group.severity) },
    });
    if let Some(known) = known {
        rule["fullDescription"] = json!({ "text": short(&format!("{} ({}: {})", known.statement,
            known.basis.word(), known.place), MOST_TEXT) });
        rule["properties"] = json!({ "basis": known.basis.word(), "place": known.place,
            "erratum": known.erratum, "tags": [known.operation, known.basis.word()] });
    }
    if let Some(check) = check(&group.check) {
        rule["help"] = json!({ "text": check.hint });
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Violation => "error",
        Severity::Deviation => "warning",
        Severity::Observation => "note",
    }
}

fn result(report: &Report, places: &Places, group: &Group, rule: usize) -> Value {
    let mut result = json!({
        "ruleId": group.requirement,
        "ruleIndex": rule,
        "kind": "fail",
        "level": if fails(report, group) { "error" } else { level(group.severity) },
        "message": { "text": message_text(report, group) },
        "occurrenceCount": group.count,
        "locations": [location(places.of(group), group.cases.first().map(String::as_str))],
        "partialFingerprints": { "cause/v1": fingerprint(group) },
        "properties": { "check": group.check, "pointer": group.place, "expected": group.expected,
            "actual": group.actual_text(), "cases": group.cases.len() },
    });
    let related: Vec<Value> = group
        .cases
        .iter()
        .skip(1)
        .take(MOST_RELATED)
        .filter_map(|id| places.case(id).map(|place| location(Some(place), Some(id))))
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if all_waived(report, group) {
        let reasons: Vec<&str> = report
            .waivers
            .iter()
            .filter(|waiver| waiver.requirement == group.requirement)
            .map(|waiver| waiver.reason.as_str())
            .collect();
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted",
            "justification": short(&reasons.join("; "), MOST_TEXT) }]);
    }
    result
}

fn location(place: Option<&Place>, case: Option<&str>) -> Value {
    let mut location = json!({});
    if let Some(place) = place {
        let uri: String = percent_encoding::utf8_percent_encode(&place.file, PATH).to_string();
        location["physicalLocation"] =
            json!({ "artifactLocation": { "uri": uri }, "region": { "startLine": place.line } });
    }
    if let Some(case) = case {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": case, "kind": "member" }]);
    }
    location
}

/// What a path of a URI can't hold as it is.
const PATH: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'{')
    .add(b'}')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'#')
    .add(b'`')
    .add(b'|')
    .add(b'\\')
    .add(b'^')
    .add(b'[')
    .add(b']');

/// The same for the same cause in another run: without counts, values and cases.
fn fingerprint(group: &Group) -> String {
    hex(&Sha256::digest(
        format!("{}\n{}\n{}", group.requirement, group.check, group.place).as_bytes(),
    ))
}

fn message_text(report: &Report, group: &Group) -> String {
    let place = if group.place.is_empty() { String::new() } else { format!(" at {}", group.place) };
    let first = group.cases.first().map_or("", String::as_str);
    let more = if group.cases.len() > 1 {
        format!(" and {} more cases", group.cases.len() - 1)
    } else {
        String::new()
    };
    short(
        &format!(
            "Expected {}, got {}{place}; {} in {first}{more}. Run again: {}. {}",
            one_line(&group.expected),
            one_line(&group.actual_text()),
            if group.count == 1 { "once".to_owned() } else { format!("{} times", group.count) },
            rerun(report, first),
            claim_line(report)
        ),
        2 * MOST_TEXT,
    )
}

/// What couldn't be judged, by reason.
fn notifications(report: &Report) -> Vec<Value> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for case in report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved) {
        *reasons.entry(case.reason.as_deref().unwrap_or("no reason recorded")).or_default() += 1;
    }
    let unresolved = reasons.into_iter().map(|(reason, count)| {
        (format!("{count} unresolved: {}", short(reason, MOST_TEXT)), "warning")
    });
    let notes = report.notes.iter().map(|note| (short(note, MOST_TEXT), "note"));
    unresolved
        .chain(notes)
        .map(|(text, level)| json!({ "level": level, "message": { "text": text } }))
        .collect()
}

/// Annotations that a job shows: it takes ten of a kind.
const MOST_ANNOTATIONS: usize = 10;

/// The causes as commands that a GitHub job reads from its output.
#[must_use]
pub fn annotations(report: &Report, places: &Places) -> String {
    let mut out = String::new();
    let (failing, other): (Vec<Group>, Vec<Group>) = groups(report)
        .into_iter()
        .filter(|group| group.severity > Severity::Observation)
        .partition(|group| fails(report, group) && !all_waived(report, group));
    for (command, list) in [("error", &failing), ("warning", &other)] {
        // The last line of a long list says how many are missing.
        let most =
            if list.len() > MOST_ANNOTATIONS { MOST_ANNOTATIONS - 1 } else { MOST_ANNOTATIONS };
        for group in list.iter().take(most) {
            let place = places
                .of(group)
                .map(|place| format!("file={},line={},", property(&place.file), place.line))
                .unwrap_or_default();
            let _ = writeln!(
                out,
                "::{command} {place}title={}::{}",
                property(&format!("{} {}", group.severity.word(), group.requirement)),
                data(&message_text(report, group))
            );
        }
        if list.len() > most {
            let _ = writeln!(
                out,
                "::{command} title=More causes::{} more causes are in the report.",
                list.len() - most
            );
        }
    }
    if report.conclusion == Conclusion::Incomplete {
        let _ = writeln!(out, "::warning title=Incomplete::{}", data(&one_line(&report.because)));
    }
    let _ = writeln!(
        out,
        "::notice title=lxca-conform::{}",
        data(&format!(
            "{}: {}. {}",
            report.conclusion.word(),
            one_line(&report.because),
            claim_line(report)
        ))
    );
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample::{many, nonconformant};
    use super::*;

    #[test]
    fn one_cause_is_one_result_with_its_rule() {
        let log: Value =
            serde_json::from_str(&sarif(&nonconformant(), &Places::default())).unwrap();
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), groups(&nonconformant()).len());
        for result in results {
            let rule = &run["tool"]["driver"]["rules"]
                [usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
        }
        assert_eq!(
            (&results[0]["level"], &results[0]["occurrenceCount"]),
            (&json!("error"), &json!(2))
        );
        assert_eq!(run["invocations"][0]["executionSuccessful"], json!(true));
    }

    #[test]
    fn an_incomplete_run_isnt_a_successful_one() {
        let mut report = nonconformant();
        report.conclusion = Conclusion::Incomplete;
        let log: Value = serde_json::from_str(&sarif(&report, &Places::default())).unwrap();
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], json!(false));
        assert!(
            log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
                .as_str()
                .unwrap()
                .starts_with("1 unresolved: ")
        );
    }

    #[test]
    fn annotations_are_few_and_closed_against_their_content() {
        let out = annotations(&many(100), &Places::default());
        assert_eq!(
            (
                out.matches("::error ").count(),
                out.matches("::warning ").count(),
                out.matches("::notice ").count()
            ),
            (10, 10, 1)
        );
        assert!(
            out.lines().all(|line| line.starts_with("::") && !line.contains('\u{1b}')),
            "{out}"
        );
        assert_eq!(property("a:b,c\n%"), "a%3Ab%2Cc%0A%25");
    }
}
