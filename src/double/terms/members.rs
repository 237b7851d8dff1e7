//! Members of JSON values: taken out, replaced, and reached along a path of the language of edits.
//!
//! Knows values. Must not know what they say, or who changes them.

use serde_json::Value;

/// Takes a member out of an object.
pub(crate) fn drop_member(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.remove(name);
    }
}

/// Replaces a member that is there.
pub(crate) fn set_member(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(member) = object.get_mut(name) {
        *member = value.into();
    }
}

/// The objects of a member that is an array of objects or one object.
pub(crate) fn each(member: Option<&mut Value>) -> Vec<&mut Value> {
    match member {
        Some(Value::Array(entries)) => {
            entries.iter_mut().filter(|entry| entry.is_object()).collect()
        }
        Some(object @ Value::Object(_)) => vec![object],
        _ => Vec::new(),
    }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// `*`: every item of an array.
    Each,
    /// `**`: the value itself and all that is in it, at any depth.
    Deep,
    /// A member of an object by its name, or an item of an array by its number; `-1` is the last
    /// item, and `-` the place after it.
    Named(String),
}

/// A JSON Pointer (RFC 6901) with `*` and `**`; `/` alone is the whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Step>);

impl Path {
    /// Reads a path; nothing if it doesn't begin with a slash.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let steps = text.strip_prefix('/')?;
        if steps.is_empty() {
            return Some(Self(Vec::new()));
        }
        let step = |step: &str| match step {
            "*" => Step::Each,
            "**" => Step::Deep,
            name => Step::Named(name.replace("~1", "/").replace("~0", "~")),
        };
        Some(Self(steps.split('/').map(step).collect()))
    }

    /// The path of what holds the values, and the last step to them; nothing for the whole body.
    pub(crate) fn parent(&self) -> Option<(&[Step], &Step)> {
        self.0.split_last().map(|(last, parents)| (parents, last))
    }

    /// Whether a value at the path is there that satisfies this.
    pub(crate) fn any(&self, body: &Value, holds: &dyn Fn(&Value) -> bool) -> bool {
        any(body, &self.0, holds)
    }
}

/// The place in an array that a step names.
pub(crate) fn index(name: &str, length: usize) -> Option<usize> {
    match name.strip_prefix('-') {
        Some("") => Some(length),
        Some(back) => length.checked_sub(back.parse().ok()?),
        None => name.parse().ok(),
    }
}

/// Does something with every value at the path. What is inside of a value comes before it, so that
/// no value is reached twice.
pub(crate) fn visit(value: &mut Value, path: &[Step], act: &mut dyn FnMut(&mut Value)) {
    let Some((step, rest)) = path.split_first() else { return act(value) };
    match step {
        Step::Each => {
            if let Some(items) = value.as_array_mut() {
                for item in items {
                    visit(item, rest, act);
                }
            }
        }
        Step::Deep => {
            match value {
                Value::Array(items) => items.iter_mut().for_each(|item| visit(item, path, act)),
                Value::Object(members) => {
                    members.values_mut().for_each(|member| visit(member, path, act));
                }
                _ => {}
            }
            visit(value, rest, act);
        }
        Step::Named(name) => {
            let child = match value {
                Value::Object(members) => members.get_mut(name),
                Value::Array(items) => {
                    index(name, items.len()).and_then(|place| items.get_mut(place))
                }
                _ => None,
            };
            if let Some(child) = child {
                visit(child, rest, act);
            }
        }
    }
}

fn any(value: &Value, path: &[Step], holds: &dyn Fn(&Value) -> bool) -> bool {
    let Some((step, rest)) = path.split_first() else { return holds(value) };
    match (step, value) {
        (Step::Each, Value::Array(items)) => items.iter().any(|item| any(item, rest, holds)),
        (Step::Deep, _) => {
            any(value, rest, holds)
                || match value {
                    Value::Array(items) => items.iter().any(|item| any(item, path, holds)),
                    Value::Object(members) => {
                        members.values().any(|member| any(member, path, holds))
                    }
                    _ => false,
                }
        }
        (Step::Named(name), Value::Object(members)) => {
            members.get(name).is_some_and(|member| any(member, rest, holds))
        }
        (Step::Named(name), Value::Array(items)) => index(name, items.len())
            .and_then(|place| items.get(place))
            .is_some_and(|item| any(item, rest, holds)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reached(body: &Value, path: &str) -> Vec<String> {
        let (mut found, mut body) = (Vec::new(), body.clone());
        let path = Path::read(path).unwrap();
        visit(&mut body, &path.0, &mut |value| found.push(value.to_string()));
        assert_eq!(path.any(&body, &|_| true), !found.is_empty(), "both walks reach the same");
        found
    }

    #[test]
    fn a_path_reaches_members_items_and_any_depth() {
        let body = json!({ "a": [{ "id": 1 }, { "id": 2, "b": { "id": 3 } }], "x/y": 4, "id": 5 });
        for (path, found) in [
            ("/", vec![body.to_string()]),
            ("/a/*/id", vec!["1".into(), "2".into()]),
            ("/a/0/id", vec!["1".into()]),
            ("/a/-1/id", vec!["2".into()]),
            ("/**/id", vec!["1".into(), "3".into(), "2".into(), "5".into()]),
            ("/x~1y", vec!["4".into()]),
            ("/a/2", vec![]),
            ("/a/-3", vec![]),
            ("/a/-", vec![]),
            ("/id/*", vec![]),
            ("/none", vec![]),
        ] {
            assert_eq!(reached(&body, path), found, "{path}");
        }
        assert_eq!(Path::read("id"), None);
    }
}
