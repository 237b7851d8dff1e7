//! Duplicate members of a JSON body: parsers silently keep one of them, and differ in which.
//!
//! Knows: JSON text. Must not know: what the members mean.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::contract::cut;
use crate::pointer::escape;

/// A member that an object has more than once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Twice {
    /// Where it is.
    pub(super) pointer: String,
    /// Its name.
    pub(super) name: String,
    /// Its values as they are written, in their order.
    pub(super) values: Vec<String>,
}

impl Twice {
    /// Its place with `*` for each index: one cause, however many rows have it.
    pub(super) fn place(&self) -> String {
        let token = |token: &str| {
            if !token.is_empty() && token.chars().all(|c| c.is_ascii_digit()) {
                "*".to_owned()
            } else {
                token.to_owned()
            }
        };
        self.pointer.split('/').map(token).collect::<Vec<_>>().join("/")
    }
}

/// So many are kept of one body.
const MOST: usize = 1000;
/// So many readings of a body are judged besides the usual one.
const MOST_READINGS: usize = 3;

/// Members that occur more than once; none for text that isn't JSON.
pub(super) fn duplicates(text: &str) -> Vec<Twice> {
    // Nearly no body has one, so that a pass over hashes, without texts of its own, answers first.
    let mut any = false;
    let glance =
        Glance { any: &mut any }.deserialize(&mut serde_json::Deserializer::from_str(text));
    if glance.is_err() || !any {
        return Vec::new();
    }
    let mut found = Vec::new();
    if serde_json::from_str(text)
        .is_ok_and(|whole: &RawValue| walk(whole, &mut String::new(), &mut found))
    {
        found
    } else {
        Vec::new()
    }
}

/// Each way to read a body with duplicates besides the usual one, in which the last value holds:
/// with the first ones, the second ones, and so on.
pub(super) fn other_readings(text: &str, found: &[Twice]) -> Vec<Value> {
    let most = found.iter().map(|twice| twice.values.len()).max().unwrap_or(1);
    let whole: Option<&RawValue> = serde_json::from_str(text).ok();
    let taking = |which: usize| whole.and_then(|whole| reading(whole, which));
    (0..most - 1).take(MOST_READINGS).filter_map(taking).collect()
}

/// The members of an object as they are written, each name with all of its values.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        reader.deserialize_map(Collect)
    }
}

fn walk(whole: &RawValue, pointer: &mut String, found: &mut Vec<Twice>) -> bool {
    let length = pointer.len();
    let text = whole.get();
    if text.starts_with('{') {
        let Ok(Members(members)) = serde_json::from_str(text) else { return false };
        let mut values: BTreeMap<&str, Vec<&RawValue>> = BTreeMap::new();
        for (name, value) in &members {
            values.entry(name).or_default().push(value);
        }
        for (name, values) in values {
            pointer.push('/');
            pointer.push_str(&escape(name));
            if values.len() > 1 && found.len() < MOST {
                found.push(Twice {
                    pointer: pointer.clone(),
                    name: name.to_owned(),
                    values: values.iter().map(|value| cut(value.get())).collect(),
                });
            }
            let well = values.last().is_none_or(|last| walk(last, pointer, found));
            pointer.truncate(length);
            if !well {
                return false;
            }
        }
    } else if text.starts_with('[') {
        let Ok(rows) = serde_json::from_str::<Vec<&RawValue>>(text) else { return false };
        for (index, row) in rows.into_iter().enumerate() {
            pointer.push('/');
            pointer.push_str(&index.to_string());
            let well = walk(row, pointer, found);
            pointer.truncate(length);
            if !well {
                return false;
            }
        }
    }
    true
}

/// The body with the value of that number wherever a member has several, and with the last where it
/// has fewer.
fn reading(whole: &RawValue, which: usize) -> Option<Value> {
    let text = whole.get();
    if text.starts_with('{') {
        let Members(members) = serde_json::from_str(text).ok()?;
        let (mut object, mut seen) = (Map::new(), BTreeMap::<String, usize>::new());
        for (name, value) in members {
            let count = seen.entry(name.clone()).or_default();
            if *count <= which {
                object.insert(name, reading(value, which)?);
            }
            *count += 1;
        }
        Some(Value::Object(object))
    } else if text.starts_with('[') {
        let rows = serde_json::from_str::<Vec<&RawValue>>(text).ok()?;
        rows.into_iter()
            .map(|row| reading(row, which))
            .collect::<Option<Vec<_>>>()
            .map(Value::Array)
    } else {
        serde_json::from_str(text).ok()
    }
}

/// The places, each once, with how many more look like it.
pub(super) fn by_place(found: Vec<Twice>) -> Vec<(Twice, usize)> {
    let mut places: Vec<(Twice, usize)> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for twice in found {
        let place = twice.place();
        if known.insert(place.clone()) {
            places.push((twice, 0));
        } else if let Some((_, more)) = places.iter_mut().find(|(first, _)| first.place() == place)
        {
            *more += 1;
        }
    }
    places
}

struct Glance<'a> {
    any: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for Glance<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Glance<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Vec::new();
        while let Some(hash) = map.next_key_seed(NameHash)? {
            seen.push(hash);
            map.next_value_seed(Glance { any: self.any })?;
        }
        seen.sort_unstable();
        *self.any |= seen.windows(2).any(|pair| pair[0] == pair[1]);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Glance { any: self.any })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

struct NameHash;

impl<'de> DeserializeSeed<'de> for NameHash {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<u64, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for NameHash {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<u64, E> {
        let mut hash = DefaultHasher::new();
        name.hash(&mut hash);
        Ok(hash.finish())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_that_is_there_twice_is_found_with_its_name_and_values() {
        let text = r#"[{"id":"a","x":{"y":1,"y":2},"\u0069d":"b"}]"#;
        let found: Vec<_> = duplicates(text)
            .into_iter()
            .map(|twice| (twice.pointer, twice.name, twice.values.join(" then ")))
            .collect();
        let told = |pointer: &str, name: &str, values: &str| {
            (pointer.to_owned(), name.to_owned(), values.to_owned())
        };
        assert_eq!(
            found,
            [told("/0/id", "id", "\"a\" then \"b\""), told("/0/x/y", "y", "1 then 2")]
        );
        assert!(duplicates(r#"{"a":{"a":1},"b":[1,null,true,"x",-2.5]}"#).is_empty());
        assert!(duplicates("{").is_empty());
        assert!(duplicates(r#" {"a" : 1, "a" : "#).is_empty());
    }

    #[test]
    fn every_value_is_in_one_of_the_readings() {
        let text = r#" { "a": 1, "a": 2, "a": 3, "b": [ { "c": null, "c": true } ] } "#;
        let found = duplicates(text);
        assert_eq!(
            other_readings(text, &found),
            [json!({ "a": 1, "b": [{ "c": null }] }), json!({ "a": 2, "b": [{ "c": true }] })]
        );
        assert!(other_readings("{}", &[]).is_empty());
        let many = format!("{{{}}}", vec![r#""a":1"#; 50].join(","));
        assert_eq!(other_readings(&many, &duplicates(&many)).len(), MOST_READINGS);
    }

    #[test]
    fn alike_places_are_one_cause() {
        let rows = [r#"{"id":1,"id":2}"#; 12].join(",");
        let places = by_place(duplicates(&format!(
            r#"{{"rows":[{rows}],"rows":[{rows}],"7":{{"x":1,"x":1}}}}"#
        )));
        let told: Vec<_> =
            places.iter().map(|(twice, more)| (twice.pointer.as_str(), *more)).collect();
        assert_eq!(told, [("/7/x", 0), ("/rows", 0), ("/rows/0/id", 11)]);
    }
}
