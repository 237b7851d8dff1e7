//! Members that a JSON body has twice: a parser keeps one of them silently, and which one is its own affair.
//!
//! Knows: JSON text. Must not know: what the members mean.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::contract::escape;

/// Pointers to members that occur more than once, each named once; empty for text that isn't JSON.
pub(super) fn duplicates(text: &str) -> Vec<String> {
    // Nearly no body has one, so that a pass over hashes, without texts of its own, answers first.
    let mut any = false;
    let glance = Glance { any: &mut any }.deserialize(&mut serde_json::Deserializer::from_str(text));
    if glance.is_err() || !any {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    if (Walk { pointer: String::new(), found: &mut found }).deserialize(&mut reader).is_err() {
        return Vec::new();
    }
    found.into_iter().collect()
}

/// Both walks look at names only.
macro_rules! passes_over_values {
    () => {
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
    };
}

struct Walk<'a> {
    pointer: String,
    found: &'a mut BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let pointer = format!("{}/{}", self.pointer, escape(&name));
            if !seen.insert(name) {
                self.found.insert(pointer.clone());
            }
            map.next_value_seed(Walk { pointer, found: self.found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        while list.next_element_seed(Walk { pointer: format!("{}/{index}", self.pointer), found: self.found })?.is_some() {
            index += 1;
        }
        Ok(())
    }

    passes_over_values!();
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

    passes_over_values!();
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
    use super::*;

    #[test]
    fn a_member_that_is_there_twice_is_found_at_its_place() {
        assert_eq!(duplicates(r#"[{"id":"a","x":{"y":1,"y":2},"id":"b"}]"#), ["/0/id", "/0/x/y"]);
        assert!(duplicates(r#"{"a":{"a":1},"b":[1,null,true,"x",-2.5]}"#).is_empty());
        assert!(duplicates("{").is_empty());
    }
}
