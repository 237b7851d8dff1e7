//! The types of the pages: how they are written, and which values they take.
//!
//! Knows: words for types. Must not know: where a type stands.

use super::is_placeholder;

/// The types without those that are made of others.
const BASES: &[&str] = &[
    "String", "Integer", "Boolean", "Long", "Double", "Float", "Number", "Object", "Array", "File",
];

/// What lists are of, and what stands after "or".
const PARTS: &[&str] = &[
    "objects", "strings", "integers", "booleans", "longs", "doubles", "floats", "numbers",
    "arrays", "files", "object", "string", "integer", "boolean", "long", "double", "float",
    "number", "file",
];

/// The length of the type that `text` begins with.
#[must_use]
pub(in crate::import) fn type_at(text: &str) -> Option<usize> {
    let base = BASES.iter().find(|base| text.starts_with(**base))?;
    let mut end = base.len();
    if *base == "Array"
        && let Some(length) = after(&text[end..], " of ")
    {
        end += length;
    }
    while let Some(length) = after(&text[end..], " or ") {
        end += length;
    }
    Some(end)
}

/// The length of `word` and a part of a type after it.
fn after(text: &str, word: &str) -> Option<usize> {
    let rest = text.strip_prefix(word)?;
    let (taken, rest) = if word == " or " {
        let taken = ["array of ", "Array of ", "an array of ", "a list of ", "list of "]
            .iter()
            .find(|list| rest.starts_with(**list))
            .map_or(0, |list| list.len());
        (word.len() + taken, &rest[taken..])
    } else {
        (word.len(), rest)
    };
    let part = PARTS
        .iter()
        .chain(if word == " or " { BASES } else { &[] })
        .find(|part| rest.starts_with(**part))?;
    Some(taken + part.len())
}

/// Whether the whole of a text is a type.
#[must_use]
pub(in crate::import) fn is_type(text: &str) -> bool {
    type_at(text).is_some_and(|length| length == text.len())
}

/// Whether a listed value can be of a stated type.
#[must_use]
pub(in crate::import) fn fits_type(value: &str, kind: &str) -> bool {
    if is_placeholder(value) {
        return true;
    }
    match kind {
        "Boolean" => matches!(value.to_ascii_lowercase().as_str(), "true" | "false"),
        "Integer" | "Long" => value.parse::<i64>().is_ok(),
        "Double" | "Float" | "Number" => value.parse::<f64>().is_ok(),
        _ => true,
    }
}
