//! One element of a collection: kept as the text that is sent, with the places of its members, and
//! of the elements that stand in it.
//!
//! An element that is part of another, such as a server in its chassis, is kept once: where it
//! stands in the other, there is `{"$element": "nodes/UUID"}`.
//! Knows JSON. Must not know which collection an element is of.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

/// The one member of an object that stands for an element.
pub(crate) const LINK: &str = "$element";

/// An element. Cheap to copy; nothing in it is ever changed.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    kept: Arc<Kept>,
}

#[derive(Debug)]
struct Kept {
    /// `"name":value,"name":value`
    text: String,
    members: Vec<Range<usize>>,
    /// In the order of the text.
    links: Vec<Link>,
}

/// Another element that stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    at: usize,
    pub(crate) collection: String,
    pub(crate) key: String,
}

/// A member of an element.
pub(crate) struct Member<'a> {
    pub(crate) name: &'a str,
    range: Range<usize>,
    kept: &'a Kept,
}

impl Element {
    /// The element of this value; nothing if it isn't an object, or one with a member whose name
    /// can't be written as it is.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let plain = |name: &str| !name.chars().any(|c| c.is_control() || ['"', '\\'].contains(&c));
        let object = value.as_object().filter(|object| object.keys().all(|name| plain(name)))?;
        let mut kept = Kept { text: String::new(), members: Vec::new(), links: Vec::new() };
        for (name, value) in object {
            if !kept.text.is_empty() {
                kept.text.push(',');
            }
            let start = kept.text.len();
            kept.text.push_str(&Value::from(name.as_str()).to_string());
            kept.text.push(':');
            kept.write(value);
            kept.members.push(start..kept.text.len());
        }
        kept.text.shrink_to_fit();
        Some(Self { kept: Arc::new(kept) })
    }

    /// Its members.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member<'_>> {
        let kept = &*self.kept;
        kept.members.iter().map(move |range| {
            let text = &kept.text[range.clone()];
            // No name has a quote in it; see `Element::of`.
            let end = text.find("\":").unwrap_or_default();
            Member { name: text.get(1..end).unwrap_or_default(), range: range.clone(), kept }
        })
    }

    /// What stands at a pointer, links left as they are kept.
    pub(crate) fn value(&self, pointer: &str) -> Option<Value> {
        let (first, rest) = match pointer.strip_prefix('/')?.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (pointer.strip_prefix('/')?, None),
        };
        let member = self.members().find(|member| member.name == first)?.value();
        match rest {
            None => Some(member),
            Some(rest) => member.pointer(&format!("/{rest}")).cloned(),
        }
    }

    /// The string at a pointer.
    pub(crate) fn text_at(&self, pointer: &str) -> Option<String> {
        match self.value(pointer)? {
            Value::String(text) => Some(text),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            plain => Some(plain.to_string()),
        }
    }

    /// The whole element as a value, links left as they are kept.
    pub(crate) fn kept(&self) -> Value {
        Value::Object(
            self.members().map(|member| (member.name.to_owned(), member.value())).collect(),
        )
    }

    /// The elements that stand in this one.
    pub(crate) fn links(&self) -> &[Link] {
        &self.kept.links
    }
}

impl Member<'_> {
    /// The value, links left as they are kept.
    pub(crate) fn value(&self) -> Value {
        let mut text = String::new();
        self.write(&mut text, &mut |link, text| {
            let link = format!("{}/{}", link.collection, link.key);
            text.push_str(&serde_json::json!({ LINK: link }).to_string());
            true
        });
        // The name is a value of its own, and so is the rest.
        text.get(self.name.len() + 3..)
            .and_then(|value| serde_json::from_str(value).ok())
            .unwrap_or_default()
    }

    /// Writes name and value; `fill` writes the elements that stand in it, and says whether there
    /// is such an element. One that isn't there is left out of an array; as a member it is null.
    pub(crate) fn write(&self, out: &mut String, fill: &mut dyn FnMut(&Link, &mut String) -> bool) {
        let (text, mut at) = (&self.kept.text, self.range.start);
        let links = &self.kept.links;
        let first = links.partition_point(|link| link.at < self.range.start);
        for link in links[first..].iter().take_while(|link| link.at < self.range.end) {
            out.push_str(&text[at..link.at]);
            at = link.at;
            if fill(link, out) {
                continue;
            }
            if out.ends_with(':') {
                out.push_str("null");
            } else if text[at..].starts_with(',') {
                at += 1;
            } else if out.ends_with(',') {
                out.pop();
            }
        }
        out.push_str(&text[at..self.range.end]);
    }
}

impl Kept {
    fn write(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some((collection, key)) = link(value) {
                    let (collection, key) = (collection.to_owned(), key.to_owned());
                    self.links.push(Link { at: self.text.len(), collection, key });
                    return;
                }
                self.text.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    self.text.push_str(if place == 0 { "" } else { "," });
                    self.text.push_str(&Value::from(name.as_str()).to_string());
                    self.text.push(':');
                    self.write(value);
                }
                self.text.push('}');
            }
            Value::Array(items) => {
                self.text.push('[');
                for (place, item) in items.iter().enumerate() {
                    self.text.push_str(if place == 0 { "" } else { "," });
                    self.write(item);
                }
                self.text.push(']');
            }
            plain => self.text.push_str(&plain.to_string()),
        }
    }
}

/// Collection and key of the element that an object stands for.
pub(crate) fn link(value: &Value) -> Option<(&str, &str)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get(LINK)?.as_str()?.split_once('/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value, there: &[&str]) -> Value {
        let element = Element::of(value).unwrap();
        let mut out = String::from("{");
        for (place, member) in element.members().enumerate() {
            out.push_str(if place == 0 { "" } else { "," });
            member.write(&mut out, &mut |link, out| {
                let known = there.contains(&link.key.as_str());
                if known {
                    out.push_str(
                        &json!(format!("the {} {}", link.collection, link.key)).to_string(),
                    );
                }
                known
            });
        }
        out.push('}');
        serde_json::from_str(&out).unwrap()
    }

    #[test]
    fn an_element_is_given_back_as_it_was() {
        let value = json!({
            "a": [1, -0.5, null, { "b": "\"x\" \\ é" }], "c": {}, "d": [], "e f": true,
            "g": [{ "$element": "nodes/A1" }],
        });
        let element = Element::of(&value).unwrap();
        assert_eq!(element.kept()["a"], value["a"]);
        assert_eq!(element.kept()["g"], value["g"]);
        assert_eq!(element.value("/a/3/b"), Some("\"x\" \\ é".into()));
        assert_eq!(element.value("/none/b"), None);
        assert_eq!(element.text_at("/a/1").as_deref(), Some("-0.5"));
        assert!(Element::of(&json!([])).is_none() && Element::of(&json!({ "a\"": 1 })).is_none());
    }

    #[test]
    fn elements_that_stand_in_it_are_written_and_those_that_are_gone_leave_no_trace() {
        let link = |key: &str| json!({ "$element": format!("nodes/{key}") });
        let value = json!({
            "a": [link("1"), link("2"), link("3")], "b": { "c": link("2"), "d": 1 },
                "d": [link("1")],
        });
        assert_eq!(
            written(&value, &["1", "2", "3"]),
            json!({
                "a": ["the nodes 1", "the nodes 2", "the nodes 3"], "b": { "c": "the nodes 2",
                    "d": 1 },
                "d": ["the nodes 1"],
            })
        );
        for (there, left) in [
            (vec!["1", "3"], json!(["the nodes 1", "the nodes 3"])),
            (vec!["2"], json!(["the nodes 2"])),
            (vec!["1", "2"], json!(["the nodes 1", "the nodes 2"])),
            (vec!["2", "3"], json!(["the nodes 2", "the nodes 3"])),
            (vec![], json!([])),
        ] {
            assert_eq!(written(&value, &there)["a"], left, "{there:?}");
        }
        assert_eq!(written(&value, &[])["b"], json!({ "c": null, "d": 1 }));
    }
}
