//! What the body of a request asks for, read member by member; and the answers to requests that
//! can't be read.
//!
//! Knows the JSON types of members. Must not know what a member means.

use serde_json::{Map, Value, json};

use super::super::http::answer::{Answer, Kind};
use super::super::http::errors::{self, Shape};
use super::super::http::request::Request;
use super::jobs;
use super::state::State;

/// A request that is refused, boxed because it is rare and large.
pub(crate) type Refused = Box<Answer>;

/// 400 with this explanation.
pub(crate) fn bad(explanation: impl Into<String>) -> Refused {
    Box::new(Answer::refusal(400, &errors::bad_request(explanation), Shape::Plural))
}

/// 400 where no further job can start.
pub(crate) fn room_for_a_job(state: &State) -> Result<(), Refused> {
    if jobs::full(state) {
        return Err(bad("There are as many jobs as this appliance can hold."));
    }
    Ok(())
}

/// 404: what the path names isn't there.
pub(crate) fn unknown(explanation: impl Into<String>) -> Refused {
    Box::new(Answer::refusal(404, &errors::not_found(explanation), Shape::Plural))
}

/// The answer either way.
pub(crate) fn either(result: Result<Answer, Refused>) -> Answer {
    result.unwrap_or_else(|refused| *refused)
}

/// The body as JSON.
pub(crate) fn json(request: &Request) -> Result<Value, Refused> {
    serde_json::from_slice(&request.body)
        .map_err(|error| bad(format!("The request body is not JSON: {error}.")))
}

/// The body as a JSON object.
pub(crate) fn object(request: &Request) -> Result<Map<String, Value>, Refused> {
    match json(request)? {
        Value::Object(members) => Ok(members),
        _ => Err(bad("The request body is not a JSON object.")),
    }
}

/// A member that must be a string where it is there.
pub(crate) fn text<'a>(
    body: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, Refused> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(format!("The attribute `{name}` is not a string."))),
    }
}

/// A member that must be one of these words where it is there.
pub(crate) fn word<'a>(
    body: &'a Map<String, Value>,
    name: &str,
    words: &[&str],
) -> Result<Option<&'a str>, Refused> {
    let word = text(body, name)?;
    match word {
        Some(word) if !words.contains(&word) => Err(none_of(&format!("attribute `{name}`"), words)),
        word => Ok(word),
    }
}

/// A query parameter that must be one of these words where it is there.
pub(crate) fn query_word<'a>(
    request: &'a Request,
    name: &str,
    words: &[&str],
) -> Result<Option<&'a str>, Refused> {
    match request.query(name) {
        Some(word) if !words.contains(&word) => {
            Err(none_of(&format!("query parameter `{name}`"), words))
        }
        word => Ok(word),
    }
}

fn none_of(what: &str, words: &[&str]) -> Refused {
    bad(format!("The {what} is none of {}.", words.join(", ")))
}

/// A member that must be a Boolean where it is there.
pub(crate) fn flag(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Refused> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(bad(format!("The attribute `{name}` is neither true nor false."))),
    }
}

/// A member that must be an array where it is there.
pub(crate) fn list<'a>(
    body: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a [Value]>, Refused> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(bad(format!("The attribute `{name}` is not an array."))),
    }
}

/// A member that must be an array of strings where it is there.
pub(crate) fn texts<'a>(
    body: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<Vec<&'a str>>, Refused> {
    let Some(items) = list(body, name)? else { return Ok(None) };
    let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
    texts
        .map(Some)
        .ok_or_else(|| bad(format!("The attribute `{name}` is not an array of strings.")))
}

/// An item of an array that must be an object.
pub(crate) fn item<'a>(value: &'a Value, of: &str) -> Result<&'a Map<String, Value>, Refused> {
    value.as_object().ok_or_else(|| bad(format!("An item of `{of}` is not an object.")))
}

/// A member that has to be there.
pub(crate) fn needed<T>(member: Option<T>, name: &str) -> Result<T, Refused> {
    member.ok_or_else(|| bad(format!("The attribute `{name}` is missing.")))
}

/// 200 without a body.
pub(crate) fn done() -> Answer {
    Answer::empty(200, Kind::Other)
}

/// 200 with the flat body that recorded appliances send after they have set something.
pub(crate) fn done_flat(description: &str) -> Answer {
    let success = errors::success();
    let message = json!({
        "id": success.id,
        "text": success.text,
        "explanation": success.explanation,
        "recovery": "",
        "recoveryUrl": "",
    });
    let body = json!({
        "statusCode": 200,
        "statusDescription": description,
        "messages": [message],
    });
    Answer::json(200, Kind::Other, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_absent_right_or_refused() {
        let body = json!({ "word": "on", "flag": true, "list": ["a", 1], "none": null });
        let body = body.as_object().unwrap();
        assert_eq!(word(body, "word", &["on", "off"]).ok(), Some(Some("on")));
        assert_eq!(word(body, "absent", &["on"]).ok(), Some(None));
        assert_eq!(flag(body, "flag").ok(), Some(Some(true)));
        assert_eq!(list(body, "list").ok().flatten().map(<[Value]>::len), Some(2));
        for refused in [
            word(body, "word", &["off"]).err(),
            text(body, "flag").err(),
            text(body, "none").err(),
            flag(body, "word").err(),
            list(body, "word").err(),
            texts(body, "list").err(),
            needed(body.get("absent"), "absent").err(),
        ] {
            assert_eq!(refused.map(|answer| answer.status), Some(400));
        }
    }
}
