//! A case as the text of a case file: what `file` reads.
//!
//! Knows: the case format. Must not know: which case is worth writing, or where the text goes.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::case::{Case, Step};

/// The text of a case file that holds this one case, under another claim.
#[must_use]
pub fn written(case: &Case, claim: &str) -> String {
    let mut table = Map::new();
    table.insert("id".to_owned(), json!(claim));
    table.insert("title".to_owned(), json!(case.title));
    table.insert("effect".to_owned(), json!(case.effect));
    if let Some(impact) = &case.impact {
        table.insert("impact".to_owned(), json!(impact));
    }
    if !case.needs.is_empty() {
        table.insert("needs".to_owned(), json!(case.needs));
    }
    match (case.steps.as_slice(), case.cleanup.is_empty()) {
        ([only], true) if only.name == "request" => {
            table.insert("request".to_owned(), json!(only.request));
            table.insert("expect".to_owned(), json!(only.expect));
        }
        _ => {
            let list = |steps: &[Step]| steps.iter().map(|one| step(case, one)).collect::<Value>();
            table.insert("step".to_owned(), list(&case.steps));
            if !case.cleanup.is_empty() {
                table.insert("cleanup".to_owned(), list(&case.cleanup));
            }
        }
    }
    // JSON without null is TOML; what is absent isn't there at all.
    toml::to_string(&json!({ "operation": case.operation, "case": [table] })).unwrap_or_default()
}

fn step(case: &Case, step: &Step) -> Value {
    let mut table = Map::new();
    table.insert("name".to_owned(), json!(step.name));
    if step.operation != case.operation {
        table.insert("operation".to_owned(), json!(step.operation));
    }
    table.insert("request".to_owned(), json!(step.request));
    table.insert("expect".to_owned(), json!(step.expect));
    if !step.capture.is_empty() {
        table.insert("capture".to_owned(), json!(step.capture));
    }
    if let Some(assume) = &step.assume {
        table.insert("assume".to_owned(), json!(assume));
    }
    if let Some(when) = &step.when {
        table.insert("when".to_owned(), json!(when));
    }
    if let Some(unless) = &step.unless {
        table.insert("unless".to_owned(), json!(unless));
    }
    if step.proved {
        table.insert("proved".to_owned(), json!(true));
    }
    if let Some(during) = &step.during {
        table.insert("during".to_owned(), json!(during));
    }
    if !step.wait.is_zero() {
        table.insert("wait".to_owned(), json!(time(step.wait)));
    }
    if let Some(each) = &step.each {
        table.insert("each".to_owned(), json!(each));
    }
    if let Some(appeared) = &step.appeared {
        table.insert("appeared".to_owned(), json!(appeared));
    }
    if let Some(grace) = step.grace {
        table.insert("grace".to_owned(), json!(time(grace)));
    }
    if let Some(poll) = &step.poll {
        let mut repeated = Map::from_iter([
            ("until".to_owned(), json!(poll.until)),
            ("every".to_owned(), json!(time(poll.every))),
            ("budget".to_owned(), json!(time(poll.budget))),
        ]);
        if !poll.failed.is_empty() {
            repeated.insert("failed".to_owned(), json!(poll.failed));
        }
        if !poll.wrong.is_empty() {
            repeated.insert("wrong".to_owned(), json!(poll.wrong));
            repeated.insert("wrong-after".to_owned(), json!(poll.wrong_after));
        }
        table.insert("poll".to_owned(), Value::Object(repeated));
    }
    Value::Object(table)
}

fn time(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::load;
    use crate::files::embedded_catalogue;

    /// What a case asks, without where it stands.
    fn asked(case: &Case) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {:?}",
            case.title, case.effect, case.impact, case.steps, case.cleanup
        )
    }

    #[test]
    fn every_case_of_the_catalogue_is_read_again_as_it_was_written() {
        let catalogue =
            load(&embedded_catalogue()).unwrap_or_else(|problems| panic!("{problems:?}"));
        let mut compared = 0;
        for case in &catalogue.cases {
            let claim = case.id.split_once("::").map_or("", |(_, claim)| claim);
            // The two places in which a case file says a thing twice aren't written.
            if case.needs.iter().any(|need| need == "account.unprivileged")
                || case.steps.iter().any(|step| {
                    step.request.json.as_ref().is_some_and(|text| text.contains(": {{"))
                })
            {
                continue;
            }
            let text = written(case, claim);
            let again = load(&[(case.file.clone(), text.clone())].into())
                .unwrap_or_else(|problems| panic!("{}: {problems:?}\n{text}", case.id));
            assert_eq!(again.cases.len(), 1, "{text}");
            assert_eq!(asked(&again.cases[0]), asked(case), "{text}");
            assert_eq!(again.cases[0].id, case.id);
            compared += 1;
        }
        assert!(compared > 80, "{compared}");
    }
}
