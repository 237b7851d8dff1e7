//! Makes the changes of an experiment to one finished answer.
//!
//! Knows: trees of JSON, and what each change comes to. Must not know: where an answer comes from,
//! or who gets it.

use std::borrow::Cow;

use serde_json::Value;

use super::element::{Element, Seen};
use super::experiment::{Edit, Experiment, How};
use super::form::{Form, far, next, other_case, other_precision, unheard};
use super::tree::{Node, Part, quoted};

/// An answer after the changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<'a> {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Cow<'a, str>,
    /// Whether it is held back for a while.
    pub slower: bool,
    /// Whether the body is one of this tool and no longer the served one.
    pub refused: bool,
}

/// What a refused call is answered.
const REFUSED: &str = "{\"result\":\"failure\",\"messages\":[{\"id\":\"REFUSED\",\"text\":\"The request is refused.\"}]}";
/// A member that no page names.
const EXTRA: &str = "addedByConform";

impl Experiment {
    /// The answer of an operation, changed.
    #[must_use]
    pub fn change<'a>(
        &self,
        seen: &Seen,
        operation: usize,
        status: u16,
        body: &'a str,
    ) -> Changed<'a> {
        let mut changed =
            Changed { status, body: Cow::Borrowed(body), slower: false, refused: false };
        let mine = || {
            let of = |edit: &&Edit| seen.elements[edit.place()].operation == operation;
            self.edits.iter().filter(of)
        };
        for edit in mine() {
            match edit.how {
                How::Slower => changed.slower = true,
                How::Refused => {
                    changed.status = 403;
                    changed.refused = true;
                    changed.body = Cow::Borrowed(REFUSED);
                    return changed;
                }
                How::NoContent if (200..300).contains(&status) => {
                    changed.status = 204;
                    changed.body = Cow::Borrowed("");
                    return changed;
                }
                How::Status if (200..300).contains(&status) => {
                    changed.status = if status == 200 { 201 } else { 200 };
                }
                _ => {}
            }
        }
        let inside = |edit: &&Edit| {
            !matches!(edit.how, How::Slower | How::Refused | How::NoContent | How::Status)
        };
        if mine().any(|edit| inside(&edit))
            && let Some((before, mut node, after)) = Node::read(body)
        {
            for edit in mine().filter(inside) {
                let element = &seen.elements[edit.place()];
                let path: Vec<String> =
                    element.path.split('/').skip(1).map(crate::pointer::unescape).collect();
                Making { edit, element }.below(&mut node, &path, 0);
            }
            let mut text = before;
            node.write(&mut text);
            changed.body = Cow::Owned(text + &after);
        }
        changed
    }

    /// What was put in for which value, so that it can be changed back where a client passes it on.
    #[must_use]
    pub fn put_in(&self, seen: &Seen) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for edit in &self.edits {
            let element = &seen.elements[edit.place()];
            let met = element.values[..element.met].iter().enumerate();
            for (number, value) in met {
                let new = match edit.how {
                    How::Unknown(only) if only.is_none_or(|only| usize::from(only) == number) => {
                        value.is_string().then(|| unheard(mark(edit, number), value))
                    }
                    How::Alike => value.is_string().then(|| alike(value)),
                    How::Far => value.is_number().then(|| far(mark(edit, number)).to_string()),
                    _ => None,
                };
                if let Some(new) = new {
                    let old = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    found.push((new, old));
                }
            }
        }
        found
    }
}

/// A number for each value of each element.
fn mark(edit: &Edit, value: usize) -> usize {
    edit.place() * 65 + value.min(64)
}

/// What stands in for a text wherever it stands.
fn alike(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let sum = text.bytes().fold(7_usize, |sum, byte| (sum * 31 + usize::from(byte)) % 99_999_989);
    // Beyond the numbers of elements.
    unheard(100_000_000 + sum, value)
}

/// Puts values back where they came out again.
#[must_use]
pub fn put_back<'a>(text: &'a str, pairs: &[(String, String)]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(text);
    for (new, old) in pairs {
        if text.contains(new.as_str()) {
            text = Cow::Owned(text.replace(new.as_str(), old));
        }
    }
    text
}

struct Making<'a> {
    edit: &'a Edit,
    element: &'a Element,
}

impl Making<'_> {
    fn below(&self, node: &mut Node, path: &[String], star: u8) {
        let Some((token, rest)) = path.split_first() else { return self.here(node) };
        match node {
            Node::List(parts, _) if token == "*" => {
                let only = self.edit.row.filter(|(which, _)| *which == star);
                for (index, part) in parts.iter_mut().enumerate() {
                    if only.is_none_or(|(_, only)| usize::try_from(only) == Ok(index)) {
                        self.below(&mut part.node, rest, star + 1);
                    }
                }
            }
            Node::Object(parts, _) => {
                let last = rest.is_empty();
                match self.edit.how {
                    How::Gone if last => parts.retain(|part| part.name != *token),
                    How::Renamed if last => {
                        for part in parts.iter_mut().filter(|part| part.name == *token) {
                            *part = part.like(&format!("{token}Renamed"), part.node.clone());
                        }
                    }
                    _ => {
                        for part in parts.iter_mut().filter(|part| part.name == *token) {
                            self.below(&mut part.node, rest, star);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn here(&self, node: &mut Node) {
        match (self.edit.how, &mut *node) {
            (How::Null, _) => *node = Node::Scalar("null".to_owned()),
            (How::Type, _) => *node = other_type(node),
            (How::Extra, Node::Object(parts, _)) => {
                let value = Node::Scalar(quoted("added"));
                let added = match parts.first() {
                    Some(first) => first.like(EXTRA, value),
                    None => Part::plain(EXTRA, value),
                };
                parts.push(added);
            }
            (How::Empty, Node::List(..)) => *node = Node::List(Vec::new(), String::new()),
            (How::Two, Node::List(parts, _)) => parts.extend(parts.last().cloned()),
            (How::Order, Node::List(parts, _)) => {
                let mut nodes: Vec<Node> = parts.iter().map(|part| part.node.clone()).collect();
                nodes.reverse();
                for (part, node) in parts.iter_mut().zip(nodes) {
                    part.node = node;
                }
            }
            (_, Node::Scalar(_)) => {
                if let Some(new) = node.scalar().and_then(|value| self.value(&value)) {
                    *node = Node::of(&new);
                }
            }
            _ => {}
        }
    }

    /// What stands in for a scalar.
    fn value(&self, value: &Value) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        let met = &self.element.values[..self.element.met];
        let number = met.iter().position(|known| known == value).unwrap_or(met.len());
        let is = |only: Option<u16>| only.is_none_or(|only| usize::from(only) == number);
        match (self.edit.how, value) {
            (How::Unknown(only), Value::String(_)) if is(only) => {
                Some(Value::from(unheard(mark(self.edit, number), value)))
            }
            (How::Alike, Value::String(_)) => Some(Value::from(alike(value))),
            (How::Set(to), _) => self.element.values.get(usize::from(to)).cloned(),
            (How::Next(only), _) if is(only) => next(value),
            (How::Far, Value::Number(_)) => Some(far(mark(self.edit, number))),
            (How::Case, Value::String(text)) => other_case(text).map(Value::from),
            (How::Precision, Value::String(text)) => other_precision(text).map(Value::from),
            _ => None,
        }
    }
}

/// The same with another type, as near as can be: what a careless change of an API makes of it.
fn other_type(node: &Node) -> Node {
    match node {
        Node::Scalar(raw) => match node.scalar() {
            Some(value @ Value::String(_)) if Form::of(&value) == Form::NumberText => {
                let text = value.as_str().unwrap_or_default().trim();
                let number = serde_json::from_str::<Value>(text).unwrap_or(Value::from(7));
                Node::of(&number)
            }
            Some(Value::String(_)) => Node::Scalar("7".to_owned()),
            Some(Value::Null) => node.clone(),
            _ => Node::Scalar(quoted(raw)),
        },
        Node::List(parts, _) => {
            parts.first().map_or(Node::Object(Vec::new(), String::new()), |part| part.node.clone())
        }
        Node::Object(..) => {
            let row = Part::row(node.clone());
            Node::List(vec![row], String::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::element::Call;
    use super::*;

    const NODES: &str = "{ \"nodes\": [ {\"id\": 1, \"state\": \"On\", \"at\": \"2019-05-02T19:28:14Z\"},\
        {\"id\": 2, \"state\": \"Off\", \"at\": \"2019-05-02T19:28:14Z\"} ], \"total\": \"2\" }";

    fn seen() -> Seen {
        let contract = crate::contract::built_in();
        let call = Call {
            method: "GET".to_owned(),
            target: "/elsewhere".to_owned(),
            status: 200,
            answer: NODES.to_owned(),
            ..Call::default()
        };
        Seen::of(contract, &[call])
    }

    fn changed(how: How, path: &str) -> String {
        let seen = seen();
        let place = seen.which(|one| one.path == path)[0];
        let experiment = Experiment::of(vec![Edit::of(place, how)]);
        experiment.change(&seen, 0, 200, NODES).body.into_owned()
    }

    #[test]
    fn each_change_changes_what_it_says_and_nothing_else() {
        let rest = |text: &str, new: &str| NODES.replace(text, new);
        assert_eq!(changed(How::Gone, "/total"), rest(", \"total\": \"2\" ", ""));
        assert_eq!(
            changed(How::Gone, "/nodes/*/id"),
            rest("\"id\": 1, ", " ").replace("\"id\": 2, ", " ")
        );
        assert_eq!(changed(How::Renamed, "/total"), rest("\"total\"", "\"totalRenamed\""));
        assert_eq!(changed(How::Type, "/total"), rest("\"2\"", "2"));
        assert_eq!(changed(How::Null, "/total"), rest("\"2\"", "null"));
        assert_eq!(changed(How::Next(None), "/total"), rest("\"2\"", "\"3\""));
        assert_eq!(changed(How::Case, "/nodes/*/state"), rest("On", "ON").replace("Off", "OFF"));
        assert_eq!(changed(How::Set(0), "/nodes/*/state"), rest("Off", "On"));
        assert_eq!(changed(How::Precision, "/nodes/*/at"), rest(":14Z", ":14.250Z"));
        assert!(changed(How::Empty, "/nodes").starts_with("{ \"nodes\": []"));
        assert_eq!(changed(How::Two, "/nodes").matches("\"id\": 2").count(), 2);
        let order = changed(How::Order, "/nodes");
        assert!(order.find("\"id\": 2") < order.find("\"id\": 1"));
        assert_eq!(changed(How::Extra, "").matches("addedByConform").count(), 1);
        assert_eq!(changed(How::Extra, "/nodes/*").matches("addedByConform").count(), 2);
    }

    #[test]
    fn one_row_is_changed_where_one_is_meant_and_values_can_be_put_back() {
        let seen = seen();
        let place = seen.which(|one| one.path == "/nodes/*/state")[0];
        let one = Experiment::of(vec![Edit::of(place, How::Gone).in_row(0, 1)]);
        let body = one.change(&seen, 0, 200, NODES).body.into_owned();
        assert!(body.contains("\"On\"") && !body.contains("\"Off\""), "{body}");
        let unknown = Experiment::of(vec![Edit::of(place, How::Unknown(None))]);
        let body = unknown.change(&seen, 0, 200, NODES).body.into_owned();
        assert!(!body.contains("\"On\"") && !body.contains("\"Off\""), "{body}");
        let pairs = unknown.put_in(&seen);
        assert!(put_back(&body, &pairs).contains("\"Off\""));
    }
}
