//! Texts of TOML, and words made of names.
//!
//! Knows: how a text, a list and a value are written in TOML. Must not know: what they say.

use serde_json::Value;

/// A text as a basic string of TOML, which is that of JSON but for one character.
pub(super) fn quoted(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || c == '\u{7f}' { ' ' } else { c }).collect();
    Value::String(plain).to_string()
}

/// A value; nothing where TOML has none such.
pub(super) fn value(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(list) => {
            let list: Option<Vec<String>> = list.iter().map(self::value).collect();
            format!("[{}]", list?.join(", "))
        }
        Value::Object(members) => {
            let members: Option<Vec<String>> = members
                .iter()
                .map(|(name, member)| Some(format!("{} = {}", quoted(name), self::value(member)?)))
                .collect();
            format!("{{ {} }}", members?.join(", "))
        }
    })
}

/// A list of texts.
pub(super) fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

/// Small letters and digits with hyphens between the words.
pub(super) fn kebab(text: &str) -> String {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.ends_with('-') && !word.is_empty() {
            word.push('-');
        }
    }
    let word: String = word.trim_end_matches('-').chars().take(60).collect();
    let word = word.trim_end_matches('-').to_owned();
    if word.is_empty() { "x".to_owned() } else { word }
}

/// A name as a part of the id of a requirement.
pub(super) fn part(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "_.@-$".contains(c) { c } else { '-' }).collect()
}
