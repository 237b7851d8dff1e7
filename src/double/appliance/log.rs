//! The event log, whole and of audit events only, as far as a request asks for it.
//!
//! Knows the filter of the query, and the range in the header. Must not know what happened.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::http::answer::{Answer, Kind as Body};
use super::super::http::request::Request;
use super::super::site::element::Element;
use super::order::{self, Refused};
use super::state::State;

/// The class of audit events.
const AUDIT: u64 = 200;

/// `GET /events`
pub(crate) fn events(state: &State, request: &Request) -> Answer {
    order::either(list(state, request, false))
}

/// `GET /events/audit`
pub(crate) fn audit(state: &State, request: &Request) -> Answer {
    order::either(list(state, request, true))
}

/// The range is one of the whole log, and what isn't as the filter wants it goes afterwards: so a
/// recorded appliance answered.
fn list(state: &State, request: &Request, audit: bool) -> Result<Answer, Refused> {
    order::query_word(request, "escapeHTML", &["true", "false"])?;
    let filter = request.query("filterWith").filter(|text| !text.is_empty()).map(Filter::read);
    let filter = filter.transpose()?;
    let range = request.header("range").map(range).transpose()?;
    let elements = state.site.collection("events").elements().iter();
    let mut log: Vec<Value> = elements.map(Element::kept).collect();
    log.retain(|event| !audit || event["eventClass"] == AUDIT);
    if let Some(rule) = request.query("sort").filter(|rule| !rule.is_empty()) {
        let (name, back) = rule.strip_prefix('-').map_or((rule, false), |name| (name, true));
        log.sort_by(|one, other| {
            let order = compare(&one[name], &other[name]);
            if back { order.reverse() } else { order }
        });
    }
    let total = log.len();
    if let Some((first, last)) = range {
        let last = last.saturating_add(1).min(log.len());
        log = log.drain(first.min(last)..last).collect();
    }
    if let Some(filter) = filter {
        log.retain(|event| filter.passes(event));
    }
    let answer = Answer::json(200, Body::Other, Value::Array(log));
    Ok(match range {
        Some((first, last)) => {
            answer.with_header("Content-Range", format!("{first}-{last}/{total}"))
        }
        None => answer,
    })
}

/// Reads `item=0-1`, or the same without the unit.
fn range(text: &str) -> Result<(usize, usize), Refused> {
    let bounds = text.trim().strip_prefix("item=").unwrap_or(text.trim()).split_once('-');
    bounds
        .and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)))
        .filter(|(first, last)| first <= last)
        .ok_or_else(|| order::bad("The header Range is not like `item=0-99`."))
}

/// What `filterWith` says. Only the form that recorded clients send is known: each field must be as
/// its operation wants it.
struct Filter {
    fields: Vec<Field>,
}

struct Field {
    name: String,
    value: String,
    greater: bool,
}

impl Filter {
    fn read(text: &str) -> Result<Self, Refused> {
        let filter: Value = serde_json::from_str(text)
            .map_err(|error| order::bad(format!("The filter is not JSON: {error}.")))?;
        if filter["filterType"] != "FIELDNOTREGEXAND" {
            return Err(order::bad("The filter has a `filterType` other than FIELDNOTREGEXAND."));
        }
        let fields = filter["fields"]
            .as_array()
            .ok_or_else(|| order::bad("The filter has no list `fields`."))?;
        let field = |field: &Value| {
            let greater = match field["operation"].as_str() {
                Some("GT") => true,
                Some("NOT") => false,
                _ => return Err(order::bad("An operation of the filter is neither NOT nor GT.")),
            };
            match (field["field"].as_str(), plain(&field["value"])) {
                (Some(name), Some(value)) => Ok(Field { name: name.to_owned(), value, greater }),
                _ => Err(order::bad("A field of the filter has no `field` or no `value`.")),
            }
        };
        Ok(Self { fields: fields.iter().map(field).collect::<Result<_, _>>()? })
    }

    fn passes(&self, event: &Value) -> bool {
        self.fields.iter().all(|field| {
            let there = &event[&field.name];
            if field.greater {
                compare(there, &Value::from(field.value.as_str())) == Ordering::Greater
            } else {
                plain(there).as_deref() != Some(&field.value)
            }
        })
    }
}

/// A string or a number as a string.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Numbers by their value, also where they are written in strings; everything else by its letters.
fn compare(one: &Value, other: &Value) -> Ordering {
    let (one, other) = (plain(one).unwrap_or_default(), plain(other).unwrap_or_default());
    match (one.parse::<i64>(), other.parse::<i64>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => one.cmp(&other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_range_is_two_numbers_with_or_without_the_unit() {
        for (text, bounds) in
            [("item=0-1", Some((0, 1))), (" 5-5 ", Some((5, 5))), ("item=2-1", None), ("-1", None)]
        {
            assert_eq!(range(text).ok(), bounds, "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value_also_in_strings_and_times_by_their_letters() {
        assert_eq!(compare(&json!("10"), &json!(9)), Ordering::Greater);
        assert_eq!(compare(&json!("2025-03-02"), &json!("2025-03-10")), Ordering::Less);
        let text = r#"{"filterType":"FIELDNOTREGEXAND","fields":[{"operation":"NOT","field":"eventClass","value":200},{"operation":"GT","field":"cn","value":"3"}]}"#;
        let filter = Filter::read(text).ok().unwrap();
        for (class, number, passes) in [(800, "4", true), (200, "4", false), (800, "3", false)] {
            assert_eq!(filter.passes(&json!({ "eventClass": class, "cn": number })), passes);
        }
        assert!(filter.passes(&json!({ "cn": "4" })), "what isn't there isn't the value");
    }
}
