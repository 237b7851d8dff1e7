//! The worst that a request can do, by what is known of its method and path, and what a clean-up
//! takes back.
//!
//! Knows: plain values that the contract gives. What isn't known, or can't be understood in one way
//! only, destroys. Must not know: cases, networks.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::terms::Effect;

/// One method on one path, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// For example `backup.transfer`.
    pub operation: String,
    /// Upper case.
    pub method: String,
    /// With `{placeholders}`.
    pub path: String,
    /// The least effect of any such request.
    pub effect: Effect,
    /// Members of the body, each with the values under which the effect is no worse; none means
    /// that the body doesn't matter.
    pub effect_when: BTreeMap<String, Vec<String>>,
    /// Words in other members that lift it to `destroy` all the same.
    pub destroys: Vec<String>,
    /// Parameters of the query, each with the values under which the effect is no worse.
    pub query_when: BTreeMap<String, Vec<String>>,
    /// What it takes back.
    pub undoes: Option<Undoes>,
}

/// What a request takes back, and how it must be tied to the request that it takes back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undoes {
    /// The operation that made it.
    pub operation: String,
    /// Placeholders of the path and parameters of the query, each with the member of the maker's
    /// request body that has the same value.
    #[serde(default)]
    pub sent: BTreeMap<String, String>,
    /// Placeholders of the path, or members of the body that are lists, each with the member of an
    /// answer that told the value since it was made.
    #[serde(default)]
    pub told: BTreeMap<String, String>,
}

/// Methods that change nothing, in the only spelling that every server reads as them.
#[must_use]
pub fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

impl Known {
    /// The values of the placeholders where this is the method and the path; the path as it is
    /// sent, percent-encoded.
    #[must_use]
    pub fn matches(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        let (template, given) = (self.path.split('/'), path.split('/'));
        if method != self.method || template.clone().count() != given.clone().count() {
            return None;
        }
        let mut values = BTreeMap::new();
        for (wanted, segment) in template.zip(given) {
            if let Some(name) = wanted.strip_prefix('{').and_then(|wanted| wanted.strip_suffix('}'))
            {
                let value = percent_encoding::percent_decode_str(segment)
                    .decode_utf8()
                    .ok()
                    .filter(|value| !value.is_empty())?;
                values.insert(name.to_owned(), value.into_owned());
            } else if wanted != segment {
                return None;
            }
        }
        Some(values)
    }

    /// The worst that it can do with this body when it is wrongly accepted.
    #[must_use]
    pub fn effect_of(&self, body: &str) -> Effect {
        if self.effect_when.is_empty() {
            return self.effect;
        }
        let Some(Value::Object(members)) = strict(body) else { return Effect::Destroy };
        let fits = |(name, values): (&String, &Vec<String>)| {
            members
                .get(name)
                .and_then(Value::as_str)
                .is_some_and(|value| values.iter().any(|known| known == value))
        };
        let other = members.iter().filter(|(name, _)| !self.effect_when.contains_key(*name));
        if self.effect_when.iter().all(fits)
            && !other.into_iter().any(|(name, value)| self.says(name) || self.any_says(value))
        {
            self.effect
        } else {
            Effect::Destroy
        }
    }

    /// Whether a read of this path may be taken for one of this operation, in whatever spelling: a
    /// server may read a path with less care than this program writes it, and answers HEAD by doing
    /// what GET does.
    #[must_use]
    pub fn may_be_read_at(&self, path: &str) -> bool {
        let plain = |segment| percent_encoding::percent_decode_str(segment).decode_utf8_lossy();
        let given = path.split('/').map(plain).filter(|segment| !segment.is_empty());
        let wanted = self.path.split('/').filter(|segment| !segment.is_empty());
        is_read(&self.method)
            && wanted.clone().count() == given.clone().count()
            && wanted.zip(given).all(|(wanted, segment)| {
                wanted.starts_with('{')
                    || is_like(wanted, &segment)
                    // A form that is asked for by a suffix.
                    || segment.split_once('.').is_some_and(|(stem, _)| is_like(wanted, stem))
            })
    }

    /// The worst that it can do with this query, as it is sent: some servers decode it twice.
    #[must_use]
    pub fn effect_of_query(&self, query: &str) -> Effect {
        let mut query = query.to_owned();
        for _ in 0..MOST_LAYERS {
            if self.is_worse_with(&query) {
                return Effect::Destroy;
            }
            let next = decoded(&query);
            if next == query {
                return self.effect;
            }
            query = next;
        }
        Effect::Destroy
    }

    fn is_worse_with(&self, query: &str) -> bool {
        query.split(['&', ';', '?']).any(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            // `name[]` and `name[0]` are lists of it.
            let name = name.split(['[', '\0']).next().unwrap_or_default().replace('+', " ");
            self.query_when
                .iter()
                .find(|(known, _)| is_like(known, &name))
                .is_some_and(|(_, values)| !values.contains(&value))
        })
    }

    fn any_says(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.says(text),
            Value::Array(rows) => rows.iter().any(|row| self.any_says(row)),
            Value::Object(members) => {
                members.iter().any(|(name, value)| self.says(name) || self.any_says(value))
            }
            _ => false,
        }
    }

    /// A place such as `/mnt/moved` is no word.
    fn says(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        !text.starts_with('/') && self.destroys.iter().any(|word| text.contains(word.as_str()))
    }
}

/// So often a query may be percent-encoded, one time over the other.
const MOST_LAYERS: usize = 8;

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a server could take a word for this one: in another case, with blanks around it, and
/// with letters that aren't ASCII where it folds them, one to several, or drops them.
fn is_like(wanted: &str, given: &str) -> bool {
    const MOST_FOLDED: u32 = 4;
    let wanted = wanted.as_bytes();
    if wanted.len() > 100 {
        return true;
    }
    // The ends of what was matched so far, as bits.
    let mut ends = 1_u128;
    for c in given.trim_matches(|c: char| c.is_whitespace() || c == '.').chars() {
        ends = match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(byte) => wanted
                .iter()
                .enumerate()
                .filter(|(at, letter)| ends >> at & 1 == 1 && letter.eq_ignore_ascii_case(&byte))
                .fold(0, |next, (at, _)| next | 1 << (at + 1)),
            None => (0..=MOST_FOLDED).fold(0, |next, letters| next | ends << letters),
        };
        if ends == 0 {
            return false;
        }
    }
    ends >> wanted.len() & 1 == 1
}

/// A JSON text that can be read in one way only: no member twice in an object, also not in another
/// case.
#[must_use]
pub fn strict(text: &str) -> Option<Value> {
    serde_json::from_str::<Once>(text).ok().map(|once| once.0)
}

struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Once, E> {
        Ok(Once(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Once, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(row)) = rows.next_element()? {
            list.push(row);
        }
        Ok(Once(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((name, Once(value))) = members.next_entry::<String, Once>()? {
            if object.keys().any(|known: &String| known.to_lowercase() == name.to_lowercase()) {
                return Err(A::Error::custom("a duplicate member"));
            }
            object.insert(name, value);
        }
        Ok(Once(object.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer() -> Known {
        Known {
            operation: "backup.transfer".to_owned(),
            method: "PUT".to_owned(),
            path: "/managementServer/data".to_owned(),
            effect: Effect::Write,
            effect_when: BTreeMap::from([("operation".to_owned(), vec!["copy".to_owned()])]),
            destroys: ["move", "push", "cancel"].map(str::to_owned).to_vec(),
            query_when: BTreeMap::new(),
            undoes: None,
        }
    }

    #[test]
    fn a_query_that_says_something_else_than_what_is_harmless_destroys() {
        let lamps = Known {
            method: "GET".to_owned(),
            path: "/lamps/{id}".to_owned(),
            effect: Effect::Read,
            query_when: BTreeMap::from([("blink".to_owned(), vec!["false".to_owned()])]),
            ..transfer()
        };
        for query in ["", "x=true", "blink=false", "x=1&blink=false", "unblink=true"] {
            assert_eq!(lamps.effect_of_query(query), Effect::Read, "{query}");
        }
        for query in [
            "blink=true",
            "blink",
            "blink=",
            "blink=False",
            "BLINK=true",
            "%62link=true",
            "blink=false&blink=true",
            "x=1;blink=true",
            "%2562link=true",
            "x=1%26blink=true",
            "x=1?blink=true",
            "blink[]=true",
            "+blink=true",
            "bl%C4%B1nk=true",
        ] {
            assert_eq!(lamps.effect_of_query(query), Effect::Destroy, "{query}");
        }
        for path in
            ["/lamps/1", "/Lamps/1", "//lamps/1/", "/%6camps/1", "/lamps /1", "/l%EF%BD%81mps/1"]
        {
            assert!(lamps.may_be_read_at(path), "{path}");
        }
        for path in ["/lamps", "/lamp/1", "/lamps/1/2"] {
            assert!(!lamps.may_be_read_at(path), "{path}");
        }
    }

    #[test]
    fn only_a_body_that_can_be_read_in_one_way_is_a_copy() {
        for body in [
            r#"{"action":"start","operation":"copy","uuid":"1","destination":"internal"}"#,
            r#"{"operation":"\u0063opy"}"#,
            r#" { "operation" : "copy", "action": "Start" } "#,
            r#"{"operation":"copy","destination":"/mnt/moved-and-pushed"}"#,
        ] {
            assert_eq!(transfer().effect_of(body), Effect::Write, "{body}");
        }
        for body in [
            "",
            "null",
            "[]",
            "\"copy\"",
            r#"{"action":"start"}"#,
            r#"{"operation":"move"}"#,
            r#"{"operation":"push"}"#,
            r#"{"operation":"Copy"}"#,
            r#"{"operation":" copy"}"#,
            r#"{"operation":["copy"]}"#,
            r#"{"operation":"copy","operation":"move"}"#,
            r#"{"operation":"copy","\u006fperation":"copy"}"#,
            r#"{"operation":"copy","Operation":"x"}"#,
            r#"{"operation":"copy","action":"cancel"}"#,
            r#"{"operation":"copy","action":"\u0063ancel"}"#,
            r#"{"operation":"copy","then":[{"also":"PUSH"}]}"#,
            r#"{"operation":"copy","move":true}"#,
            r#"{"operation":"copy",}"#,
            r#"{"operation":"copy"} {"operation":"move"}"#,
            r#"[{"operation":"copy"}]"#,
            "operation=copy",
        ] {
            assert_eq!(transfer().effect_of(body), Effect::Destroy, "{body}");
        }
    }

    #[test]
    fn a_path_is_known_in_its_own_spelling_only() {
        let known =
            Known { method: "DELETE".to_owned(), path: "/locks/{id}".to_owned(), ..transfer() };
        assert_eq!(
            known.matches("DELETE", "/locks/a%20b"),
            Some(BTreeMap::from([("id".to_owned(), "a b".to_owned())]))
        );
        for (method, path) in [
            ("delete", "/locks/1"),
            ("PUT", "/locks/1"),
            ("DELETE", "/locks"),
            ("DELETE", "/locks/"),
            ("DELETE", "/Locks/1"),
            ("DELETE", "//locks/1"),
            ("DELETE", "/locks/1/"),
            ("DELETE", "/%6cocks/1"),
            ("DELETE", "/locks/%ff"),
        ] {
            assert_eq!(known.matches(method, path), None, "{method} {path}");
        }
    }
}
