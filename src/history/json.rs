//! A history for programs, as `schemas/history.schema.json` describes it.
//!
//! Knows: the shape. Must not know: files.

use serde_json::{Value, json};

use super::model::{Change, Found, Section, word};

/// The name of this format.
pub const FORMAT: &str = "lxca-conform/history/1";

/// What was found, as one JSON document. `skipped` are the files that were no reports, each with
/// the reason.
#[must_use]
pub fn json(found: &Found<'_>, skipped: &[(String, String)]) -> String {
    let history = found.history;
    let runs: Vec<Value> = history
        .runs
        .iter()
        .map(|run| {
            json!({
                "from": run.from,
                "also": run.also,
                "record": run.record,
                "started": run.started.to_string(),
                "target": {
                    "name": run.name, "url": run.url, "kind": run.kind, "version": run.version,
                    "uuid": run.uuid,
                },
                "claim": run.claim,
                "conclusion": run.conclusion.word(),
                "contract": run.contract,
            })
        })
        .collect();
    let appliances: Vec<Value> = found
        .sections
        .iter()
        .map(|section| {
            json!({
                "name": section.appliance.name,
                "uuid": section.appliance.uuid,
                "runs": section.runs,
            })
        })
        .collect();
    let requirements: Vec<Value> = found
        .sections
        .iter()
        .enumerate()
        .flat_map(|(at, section)| rows(found, at, section))
        .collect();
    let summary: serde_json::Map<String, Value> = Change::ALL
        .iter()
        .map(|change| {
            let count: usize = found.sections.iter().map(|section| section.count(*change)).sum();
            (change.word().to_owned(), count.into())
        })
        .collect();
    let skipped: Vec<Value> =
        skipped.iter().map(|(path, reason)| json!({ "path": path, "reason": reason })).collect();
    let document = json!({
        "format": FORMAT,
        "query": found.query,
        "summary": summary,
        "runs": runs,
        "appliances": appliances,
        "requirements": requirements,
        "contracts": found.contracts(),
        "skipped": skipped,
    });
    format!("{document:#}\n")
}

fn rows(found: &Found<'_>, at: usize, section: &Section<'_>) -> Vec<Value> {
    section
        .tracks
        .iter()
        .map(|track| {
            let about = &found.history.requirements[track.requirement];
            let states: Vec<Value> = track
                .states
                .iter()
                .zip(&section.runs)
                .map(|(state, run)| json!({ "run": run, "state": word(*state) }))
                .collect();
            let matched: Vec<usize> = track.matched.iter().map(|at| section.runs[*at]).collect();
            json!({
                "id": about.id,
                "operation": about.operation,
                "statement": about.statement,
                "appliance": at,
                "change": track.change.word(),
                "changed": track.changed.map(|place| section.runs[place]),
                "matched": matched,
                "states": states,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::super::sample::history;
    use super::*;

    #[test]
    fn indices_name_runs_and_appliances_of_the_document() {
        let history = history();
        let query = Query::parse("held then broken").unwrap();
        let skipped = [("x.json".to_owned(), "no".to_owned())];
        let text = json(&history.find(Some(&query)), &skipped);
        let document: Value = serde_json::from_str(&text).unwrap();
        let row = &document["requirements"][0];
        assert_eq!(row["id"], "rows/id");
        assert_eq!(row["matched"], json!([0, 2]));
        assert_eq!(row["changed"], 2);
        assert_eq!(document["runs"][2]["target"]["version"], "4.2.0");
        assert_eq!(
            (&row["appliance"], &document["appliances"][0]["name"]),
            (&json!(0), &json!("lab"))
        );
        assert_eq!(row["states"][1], json!({ "run": 2, "state": "broken" }));
        assert_eq!(document["summary"]["newly-broken"], 1);
        assert_eq!(document["skipped"][0]["path"], "x.json");
    }
}
