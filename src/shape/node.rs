//! One place of a body, over all bodies in which it was met.
//!
//! Knows: JSON values. Bounded in depth, members and values, whatever a body holds. Must not know:
//! where a body comes from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::pointer::escape;

const MOST_MEMBERS: usize = 200;
const MOST_VALUES: usize = 12;
const DEEPEST: usize = 32;
const LONGEST_WORD: usize = 40;

/// One place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Node {
    /// How often something was there.
    pub(super) seen: u64,
    types: BTreeMap<&'static str, u64>,
    formats: BTreeMap<String, u64>,
    /// Texts, numbers and booleans by their JSON text, until there are too many.
    values: BTreeMap<String, u64>,
    many: bool,
    sizes: Option<(usize, usize)>,
    pub(super) members: BTreeMap<String, Node>,
    pub(super) items: Option<Box<Node>>,
    pub(super) volatile: bool,
}

impl Node {
    pub(super) fn observe(&mut self, value: &Value, place: &str, volatile: &[String]) {
        self.at(value, place, volatile, 0);
    }

    /// An answer without JSON.
    pub(super) fn observe_other(&mut self, what: &'static str) {
        self.seen += 1;
        *self.types.entry(what).or_default() += 1;
    }

    fn at(&mut self, value: &Value, place: &str, volatile: &[String], depth: usize) {
        self.seen += 1;
        self.volatile |= volatile.iter().any(|pattern| pattern == place);
        *self.types.entry(type_of(value)).or_default() += 1;
        match value {
            Value::Object(members) if depth < DEEPEST => {
                for (name, member) in members {
                    if self.members.len() < MOST_MEMBERS || self.members.contains_key(name) {
                        self.members.entry(name.clone()).or_default().at(
                            member,
                            &format!("{place}/{}", escape(name)),
                            volatile,
                            depth + 1,
                        );
                    }
                }
            }
            Value::Array(rows) => {
                let (least, most) = self.sizes.unwrap_or((rows.len(), rows.len()));
                self.sizes = Some((least.min(rows.len()), most.max(rows.len())));
                if depth < DEEPEST {
                    let below = format!("{place}/*");
                    for row in rows {
                        self.items.get_or_insert_default().at(row, &below, volatile, depth + 1);
                    }
                }
            }
            Value::String(text) => {
                *self.formats.entry(format_of(text)).or_default() += 1;
                self.remember(value);
            }
            Value::Number(_) | Value::Bool(_) => self.remember(value),
            Value::Object(_) | Value::Null => {}
        }
    }

    fn remember(&mut self, value: &Value) {
        if self.volatile || self.many {
            return;
        }
        let text = value.to_string();
        if self.values.len() == MOST_VALUES && !self.values.contains_key(&text) {
            self.many = true;
            self.values.clear();
            return;
        }
        *self.values.entry(text).or_default() += 1;
    }

    /// The types, with every number as one.
    pub(super) fn kinds(&self) -> BTreeSet<&'static str> {
        self.types.keys().map(|kind| if *kind == "integer" { "number" } else { kind }).collect()
    }

    pub(super) fn is_json(&self) -> bool {
        self.types.keys().any(|kind| !kind.starts_with("no"))
    }

    pub(super) fn formats(&self) -> BTreeSet<&str> {
        self.formats.keys().map(String::as_str).collect()
    }

    pub(super) fn objects(&self) -> u64 {
        self.types.get("object").copied().unwrap_or(0)
    }

    pub(super) fn texts(&self) -> u64 {
        self.types.get("string").copied().unwrap_or(0)
    }

    /// The few words that its texts are from, where there are few, each is a word, and they repeat.
    pub(super) fn closed(&self) -> Option<BTreeSet<&str>> {
        let texts = self.texts();
        let few = !self.volatile
            && !self.many
            && !self.values.is_empty()
            && texts >= 4
            && texts >= 2 * self.values.len() as u64;
        (few && self.values.keys().all(|text| is_word(text)))
            .then(|| self.values.keys().map(String::as_str).collect())
    }

    /// Every scalar value, if they were few enough to keep.
    pub(super) fn values(&self) -> Option<&BTreeMap<String, u64>> {
        (!self.volatile && !self.many).then_some(&self.values)
    }

    /// How many different scalar values at least.
    pub(super) fn different(&self) -> usize {
        if self.many { MOST_VALUES + 1 } else { self.values.len() }
    }

    /// A schema that every value satisfies that was seen here.
    pub(super) fn schema(&self, of: Option<u64>) -> Value {
        let types: Vec<&str> =
            self.types.keys().copied().filter(|kind| !kind.starts_with("no")).collect();
        let mut schema = Map::new();
        schema.insert(
            "type".to_owned(),
            if let [one] = types.as_slice() { json!(one) } else { json!(types) },
        );
        if let (Some(words), ["string"]) = (self.closed(), types.as_slice()) {
            schema.insert(
                "enum".to_owned(),
                words.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok()).collect(),
            );
        }
        if !self.members.is_empty() {
            let always: Vec<&String> = self
                .members
                .iter()
                .filter(|(_, member)| member.seen == self.objects())
                .map(|(name, _)| name)
                .collect();
            schema.insert(
                "properties".to_owned(),
                self.members
                    .iter()
                    .map(|(name, member)| (name.clone(), member.schema(Some(self.objects()))))
                    .collect::<Map<_, _>>()
                    .into(),
            );
            schema.insert("required".to_owned(), json!(always));
        }
        if let Some(items) = &self.items {
            schema.insert("items".to_owned(), items.schema(None));
        }
        schema.insert("x-seen".to_owned(), self.seen(of));
        schema.into()
    }

    fn seen(&self, of: Option<u64>) -> Value {
        let mut seen = Map::new();
        seen.insert("times".to_owned(), json!(self.seen));
        if let Some(of) = of.filter(|of| *of > 0) {
            seen.insert("presence".to_owned(), json!(ratio(self.seen, of)));
        }
        if self.types.len() > 1 {
            seen.insert("types".to_owned(), json!(self.types));
        }
        if !self.formats.is_empty() {
            seen.insert("formats".to_owned(), json!(self.formats));
        }
        if let Some(words) = self.closed() {
            seen.insert(
                "values".to_owned(),
                self.values
                    .iter()
                    .filter(|(text, _)| words.contains(text.as_str()))
                    .map(|(text, count)| (text.trim_matches('"').to_owned(), json!(count)))
                    .collect::<Map<_, _>>()
                    .into(),
            );
        }
        if let Some((least, most)) = self.sizes {
            seen.insert("sizes".to_owned(), json!([least, most]));
        }
        if self.volatile {
            seen.insert("volatile".to_owned(), json!(true));
        }
        seen.into()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of one run are far below the precision")]
fn ratio(part: u64, whole: u64) -> f64 {
    (part as f64 / whole as f64 * 1000.0).round() / 1000.0
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        // As JSON Schema has it, 2.0 is an integer.
        Value::Number(number)
            if number.is_i64()
                || number.is_u64()
                || number.as_f64().is_some_and(|number| number.fract() == 0.0) =>
        {
            "integer"
        }
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The kind of a text, as far as its form tells.
fn format_of(text: &str) -> String {
    let all = |what: fn(char) -> bool| !text.is_empty() && text.chars().all(what);
    if text.is_empty() {
        "empty".to_owned()
    } else if text.parse::<jiff::Timestamp>().is_ok() && text.contains(['T', 't']) {
        let fraction = if text.contains('.') { " with fraction" } else { "" };
        let zone = if text.ends_with(['Z', 'z']) { "Z" } else { "offset" };
        format!("date-time {zone}{fraction}")
    } else if text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        "date".to_owned()
    } else if text.len() == 36
        && text.chars().enumerate().all(|(at, c)| {
            if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() }
        })
    {
        "uuid".to_owned()
    } else if text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok())
    {
        "ipv4".to_owned()
    } else if text.matches(':').count() >= 2 && all(|c| c.is_ascii_hexdigit() || c == ':') {
        "ipv6".to_owned()
    } else if text.starts_with("http://") || text.starts_with("https://") {
        "uri".to_owned()
    } else if all(|c| c.is_ascii_digit()) {
        "digits".to_owned()
    } else if text.len() >= 16
        && all(|c| c.is_ascii_alphanumeric())
        && text.chars().any(|c| c.is_ascii_digit())
    {
        format!("{} letters and digits", text.len())
    } else {
        "text".to_owned()
    }
}

/// Whether the JSON text of a value is a word: short, and of letters, digits and what joins them.
fn is_word(json: &str) -> bool {
    let text = json.trim_matches('"');
    json.starts_with('"')
        && text.len() <= LONGEST_WORD
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-. ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_by_their_form() {
        for (text, format) in [
            ("2022-09-09T01:46:08Z", "date-time Z"),
            ("2022-09-09T01:46:08.000+00:00", "date-time offset with fraction"),
            ("2022-09-09", "date"),
            ("0f3a9c7b-2e4d-6182-a5c1-f0e9b8d7a6c4", "uuid"),
            ("192.0.2.1", "ipv4"),
            ("fe80::1", "ipv6"),
            ("https://192.0.2.1/", "uri"),
            ("17", "digits"),
            ("0f3a9C7b2e4D6182a5c1F0e9B8d7a6c4", "32 letters and digits"),
            ("", "empty"),
            ("Complete", "text"),
        ] {
            assert_eq!(format_of(text), format, "{text}");
        }
    }

    #[test]
    fn few_words_that_repeat_are_a_closed_set_and_volatile_ones_never() {
        let rows = json!([{ "c": "FM", "i": "a" }, { "c": "MF", "i": "b" }, { "c": "FM", "i": "a" },
            { "c": "FM", "i": "b" }]);
        let mut node = Node::default();
        node.observe(&rows, "", &["/*/i".to_owned()]);
        let row = node.items.unwrap();
        assert_eq!(row.members["c"].closed(), Some(BTreeSet::from(["\"FM\"", "\"MF\""])));
        assert_eq!(row.members["i"].closed(), None);
    }

    #[test]
    fn a_hostile_body_stays_bounded() {
        let wide: Value = Value::Object((0..5000).map(|n| (format!("m{n}"), json!(n))).collect());
        let mut deep = json!(1);
        for _ in 0..500 {
            deep = json!([deep]);
        }
        let mut node = Node::default();
        node.observe(&wide, "", &[]);
        node.observe(&deep, "", &[]);
        assert_eq!(node.members.len(), MOST_MEMBERS);
        assert!(node.schema(None).to_string().len() < 60_000);
    }
}
