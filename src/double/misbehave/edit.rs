//! Edits: what a script or a fault of a table changes in a finished answer.
//!
//! Knows answers, and what each edit does to one. Must not know how an edit is written, the state
//! or the request.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use regex::Regex;
use serde_json::{Value, json};

use super::super::http::answer::{Answer, Body, HeaderEdit};
use super::super::terms::clock::{later, stamp};
use super::super::terms::members::{Path, Step, index, visit};

/// The edits of one line, and the answers that they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edits {
    pub(crate) which: Which,
    pub(crate) edits: Vec<Edit>,
}

/// Which answers of an operation are meant: as they were before any edit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Which {
    /// The first and the last status of each range; none is every status.
    pub(crate) statuses: Vec<(u16, u16)>,
    pub(crate) holds: Option<Holds>,
}

/// A condition on the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holds {
    pub(crate) path: Path,
    /// What has to be there; nothing means anything.
    pub(crate) value: Option<Value>,
    /// Whether it must be there, or mustn't.
    pub(crate) wanted: bool,
}

impl Which {
    fn is(&self, answer: &mut Answer) -> bool {
        let status = answer.status;
        if !self.statuses.is_empty()
            && !self.statuses.iter().any(|(first, last)| (*first..=*last).contains(&status))
        {
            return false;
        }
        // The body is looked into last: to do so may cost as much as to read it.
        let Some(holds) = &self.holds else { return true };
        let wanted = |value: &Value| holds.value.as_ref().is_none_or(|expected| expected == value);
        answer.value().is_some_and(|body| holds.path.any(body, &wanted)) == holds.wanted
    }
}

/// One change to an answer. Where the path of one leads nowhere, nothing happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Takes values away.
    Drop(Path),
    /// Replaces values.
    Set(Path, Value),
    /// Puts a value there, whether or not one is there.
    Add(Path, Value),
    /// Puts the first value of one path at another.
    Copy(Path, Path),
    /// Puts each value into an object under this name, or into an array.
    Wrap(Path, Option<String>),
    /// Puts each value in the place of what holds it.
    Lift(Path),
    /// Turns each value into another type.
    As(Path, Type),
    /// Replaces what the pattern finds in strings, wherever it is found.
    Replace(Path, Pattern, String),
    /// Moves times, or puts the present in their place.
    Time(Path, bool, SignedDuration),
    /// Writes a member twice, with this value first.
    Twice(Path, Value),
    Status(u16),
    MediaType(String),
    Header(HeaderEdit),
    /// Replaces the body.
    Body(Body),
    /// Half of the body, and the length of that half.
    Half,
}

/// What a value can be turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Number,
    String,
    LowerCase,
    /// A time as the seconds since 1970.
    Seconds,
}

/// A regular expression; two are the same that are written alike.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(pub(crate) Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

/// Applies the edits to an answer, in order. Which of them are meant for it is asked before the
/// first, so that one doesn't hide the answer from the next.
pub(crate) fn apply(lines: &[Arc<Edits>], answer: &mut Answer, now: Timestamp) {
    let meant: Vec<&Arc<Edits>> = lines.iter().filter(|line| line.which.is(answer)).collect();
    for edit in meant.into_iter().flat_map(|line| &line.edits) {
        edit.apply(answer, now);
    }
}

impl Edit {
    fn apply(&self, answer: &mut Answer, now: Timestamp) {
        match self {
            Self::Status(status) => answer.set_status(*status),
            Self::MediaType(media_type) => answer.media_type = Some(media_type.clone()),
            Self::Header(edit) => answer.header_edits.push(edit.clone()),
            Self::Body(body) => answer.body = body.clone(),
            Self::Half => answer.broken_off = true,
            Self::Twice(path, first) => {
                if let Some(written) =
                    answer.value().and_then(|body| twice(body.clone(), path, first))
                {
                    answer.body = Body::Written(written);
                }
            }
            _ => {
                if let Some(body) = answer.value() {
                    self.change(body, now);
                }
            }
        }
    }

    fn change(&self, body: &mut Value, now: Timestamp) {
        match self {
            Self::Drop(path) => with_parents(body, path, drop_at),
            Self::Set(path, value) => visit(body, &path.0, &mut |there| *there = value.clone()),
            Self::Add(path, value) => add(body, path, value),
            Self::Copy(from, to) => {
                let mut first = None;
                visit(body, &from.0, &mut |value| {
                    first.get_or_insert_with(|| value.clone());
                });
                if let Some(value) = first {
                    add(body, to, &value);
                }
            }
            Self::Wrap(path, None) => {
                visit(body, &path.0, &mut |value| *value = json!([value.take()]));
            }
            Self::Wrap(path, Some(name)) => {
                visit(body, &path.0, &mut |value| *value = json!({ name: value.take() }));
            }
            Self::Lift(path) => with_parents(body, path, |parent, step| {
                let mut inner = None;
                visit(parent, std::slice::from_ref(step), &mut |value| {
                    inner.get_or_insert_with(|| value.take());
                });
                if let Some(inner) = inner {
                    *parent = inner;
                }
            }),
            Self::As(path, wanted) => {
                visit(body, &path.0, &mut |value| *value = turned(value, *wanted));
            }
            Self::Replace(path, pattern, text) => visit(body, &path.0, &mut |value| {
                if let Some(before) = value.as_str() {
                    *value = pattern.0.replace_all(before, text.as_str()).into_owned().into();
                }
            }),
            Self::Time(path, from_now, by) => visit(body, &path.0, &mut |value| {
                let said = || value.as_str().and_then(|text| text.parse().ok());
                if let Some(moment) = if *from_now { Some(now) } else { said() } {
                    *value = stamp(later(moment, *by)).into();
                }
            }),
            // These are done with the whole answer.
            Self::Twice(..)
            | Self::Status(_)
            | Self::MediaType(_)
            | Self::Header(_)
            | Self::Body(_)
            | Self::Half => {}
        }
    }
}

/// Does something with each value that holds what the path leads to.
fn with_parents(body: &mut Value, path: &Path, act: impl Fn(&mut Value, &Step)) {
    if let Some((parents, last)) = path.parent() {
        visit(body, parents, &mut |parent| act(parent, last));
    }
}

fn drop_at(parent: &mut Value, step: &Step) {
    match (parent, step) {
        (Value::Object(members), Step::Named(name)) => {
            members.remove(name);
        }
        (Value::Array(items), Step::Named(name)) => {
            if let Some(place) = index(name, items.len()).filter(|place| *place < items.len()) {
                items.remove(place);
            }
        }
        (Value::Array(items), Step::Each) => items.clear(),
        _ => {}
    }
}

fn add(body: &mut Value, path: &Path, value: &Value) {
    with_parents(body, path, |parent, step| match (parent, step) {
        (Value::Object(members), Step::Named(name)) => {
            members.insert(name.clone(), value.clone());
        }
        (Value::Array(items), Step::Named(name)) => match index(name, items.len()) {
            Some(place) if place < items.len() => items[place] = value.clone(),
            Some(place) if place == items.len() => items.push(value.clone()),
            _ => {}
        },
        _ => {}
    });
}

/// A number that is no text's.
const SOME_NUMBER: u64 = 4_100_017;

fn turned(value: &Value, wanted: Type) -> Value {
    match (wanted, value) {
        (Type::Number, Value::Number(_)) | (Type::String, Value::String(_)) => value.clone(),
        // What looks like a number stays the same number.
        (Type::Number, _) => {
            value.as_str().and_then(|text| text.parse::<u64>().ok()).unwrap_or(SOME_NUMBER).into()
        }
        (Type::String, _) => value.to_string().into(),
        (Type::LowerCase, Value::String(text)) => text.to_lowercase().into(),
        (Type::Seconds, Value::String(text)) => text
            .parse::<Timestamp>()
            .map_or_else(|_| value.clone(), |moment| moment.as_second().into()),
        (Type::LowerCase | Type::Seconds, _) => value.clone(),
    }
}

/// What stands for a value until the body is written: private to this file, and in no body.
const MARK: char = '\u{e001}';

/// The body as text, with a member twice wherever the path leads to one: no value can say that.
fn twice(mut body: Value, path: &Path, first: &Value) -> Option<String> {
    let Some((_, Step::Named(name))) = path.parent() else { return None };
    let mut there = Vec::new();
    visit(&mut body, &path.0, &mut |value| {
        let mark = format!("{MARK}{}{MARK}", there.len());
        there.push(std::mem::replace(value, mark.into()));
    });
    if there.is_empty() {
        return None;
    }
    let (mut text, name) = (body.to_string(), Value::from(name.as_str()));
    for (place, value) in there.iter().enumerate() {
        text =
            text.replace(&format!("\"{MARK}{place}{MARK}\""), &format!("{first},{name}:{value}"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::super::appliance::options::Options;
    use super::super::super::handling::render;
    use super::super::super::http::answer::Kind;
    use super::super::super::http::request::{Reply, Request};
    use super::super::script::Script;
    use super::*;

    fn edited(status: u16, body: Value, line: &str) -> Reply {
        let edits = format!("*{line}").parse::<Script>().unwrap().edits().unwrap();
        let mut answer = Answer::json(status, Kind::Other, body).with_header("Set-Cookie", "a=1");
        apply(&[edits], &mut answer, Timestamp::from_second(86_400).unwrap());
        render::render(
            answer,
            &Options::default(),
            &Request::new("GET", "/"),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn each_edit_of_a_body_does_what_it_says() {
        let rows = json!([{ "id": "ab1", "n": 17 }, { "id": "cd2", "n": 18 }]);
        for (line, wanted) in [
            ("drop /*/id", json!([{ "n": 17 }, { "n": 18 }])),
            ("drop /0", json!([{ "id": "cd2", "n": 18 }])),
            ("drop /*", json!([])),
            ("set /-1/n null; drop /0", json!([{ "id": "cd2", "n": null }])),
            ("set /*/none 1", rows.clone()),
            ("add /*/none 1; drop /1; drop /0/id", json!([{ "n": 17, "none": 1 }])),
            ("copy /0/id /1/id; drop /*/n", json!([{ "id": "ab1" }, { "id": "ab1" }])),
            ("copy /0/n /-; drop /0; drop /0", json!([17])),
            ("wrap / rows; drop /rows/*/n", json!({ "rows": [{ "id": "ab1" }, { "id": "cd2" }] })),
            ("lift /*/id; wrap /*", json!([["ab1"], ["cd2"]])),
            ("lift /0", json!({ "id": "ab1", "n": 17 })),
            ("as /*/n string; lift /*/n", json!(["17", "18"])),
            (
                "as /*/id number; set /*/n \"19\"; as /*/n number; lift /0",
                json!({ "id": 4_100_017, "n": 19 }),
            ),
            ("set /*/id \"UP\"; as /*/id lower-case; lift /*/id", json!(["up", "up"])),
            ("replace /*/id \"^(.)(.)\" \"$2$1\"; lift /*/id", json!(["ba1", "dc2"])),
            (
                "set /0/id \"1970-01-01T00:00:00Z\"; time /0/id +2h; lift /*/id; drop /1",
                json!(["1970-01-01T02:00:00Z"]),
            ),
            (
                "time /0/id +2h; time /1/id now -1d; lift /*/id",
                json!(["ab1", "1970-01-01T00:00:00Z"]),
            ),
            (
                "time /0/id now; as /*/id seconds; drop /*/n",
                json!([{ "id": 86_400 }, { "id": "cd2" }]),
            ),
            (" 404: body", rows.clone()),
            (" 2xx with /0/n 17: lift /1/n; drop /0", json!([18])),
            (" with /0/n 18: lift /1/n", rows.clone()),
            (" without /2: lift /1/n; drop /0", json!([18])),
            ("body [null]", json!([null])),
        ] {
            let line = if line.starts_with(' ') { line.to_owned() } else { format!(": {line}") };
            assert_eq!(edited(200, rows.clone(), &line).json(), Some(wanted), "{line}");
        }
    }

    #[test]
    fn what_no_value_can_say_is_written_all_the_same() {
        let text = |line: &str| {
            String::from_utf8(edited(200, json!([{ "id": "1" }, { "id": "2" }]), line).body)
                .unwrap()
        };
        assert_eq!(text(": twice /*/id \"0\""), r#"[{"id":"0","id":"1"},{"id":"0","id":"2"}]"#);
        assert_eq!(text(": body text \"a b\""), "a b");
        assert_eq!(text(": body half"), r#"[{"id":"1"}"#);
        assert_eq!(text(": status 204"), "");
        assert_eq!(text(": body; twice /*/id 1; drop /0"), "");
    }

    #[test]
    fn status_label_and_headers_are_changed_whoever_wrote_them() {
        let reply = edited(
            200,
            json!({}),
            ": status 202; type text/html; header Cache-Control none; drop header Pragma; \
                drop header Set-Cookie \"b=\"; header X-New \"a b\"; drop header Date",
        );
        assert_eq!(reply.status, 202);
        for (name, value) in [
            ("Content-Type", Some("text/html")),
            ("Cache-Control", Some("none")),
            ("Pragma", None),
            ("Set-Cookie", Some("a=1")),
            ("X-New", Some("a b")),
            ("Date", None),
        ] {
            assert_eq!(reply.header(name), value, "{name}");
        }
    }
}
