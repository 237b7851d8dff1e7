//! A report that can be shown to strangers: names, addresses, uuids and serials become the same stand-in wherever they occur.
//!
//! Knows: what such values look like. Pure text in, text out. Must not know: secrets; those were taken out where they entered.

use std::collections::BTreeMap;

use regex::{Captures, Regex};

/// The text with stand-ins. `names` are host names and target names that can't be recognised by their form.
#[must_use]
pub fn pseudonymised(text: &str, names: &[String]) -> String {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut text = text.to_owned();
    for name in names.iter().filter(|name| name.len() > 2 && *name != "built-in double" && *name != "localhost") {
        text = text.replace(name.as_str(), &stand_in(&mut known, "name", name));
    }
    for (kind, pattern) in PATTERNS {
        let Ok(pattern) = Regex::new(pattern) else { continue };
        text = pattern
            .replace_all(&text, |found: &Captures<'_>| {
                let whole = found.get(0).map_or("", |whole| whole.as_str());
                match found.name("value") {
                    Some(value) => whole.replace(value.as_str(), &stand_in(&mut known, kind, value.as_str())),
                    None => stand_in(&mut known, kind, whole),
                }
            })
            .into_owned();
    }
    text
}

const PATTERNS: &[(&str, &str)] = &[
    ("uuid", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("mac", r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"),
    ("ipv6", r"\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{1,4})*\b|\bfe80::[0-9a-fA-F:]+"),
    ("ip", r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"),
    ("host", r"https?://(?P<value>[A-Za-z][A-Za-z0-9.-]*)"),
    ("host", r#"\\?"(?:hostname|hostName|fqdn|domain_name|name)\\?"\s*:\s*\\?"(?P<value>[A-Za-z0-9][A-Za-z0-9._ -]*[A-Za-z0-9])\\?""#),
    ("serial", r#"\\?"(?:serialNumber|serial|machineSerial|FRUSerialNumber)\\?"\s*:\s*\\?"(?P<value>[A-Za-z0-9-]+)\\?""#),
];

fn stand_in(known: &mut BTreeMap<String, String>, kind: &str, value: &str) -> String {
    let key = value.to_lowercase();
    if let Some(stand_in) = known.get(&key) {
        return stand_in.clone();
    }
    let number = known.values().filter(|other| other.starts_with(&format!("{kind}-"))).count() + 1;
    let stand_in = format!("{kind}-{number}");
    known.insert(key, stand_in.clone());
    stand_in
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_gets_the_same_stand_in_everywhere() {
        let text = r#"{"url":"https://lab1.example.com","ip":"10.1.2.3","again":"10.1.2.3","uuid":"4EDF27FF-08d1-49b5-b7f3-7e8edc4fd278","serialNumber":"J1AB23","body":"{\"serialNumber\":\"J1AB23\"}"} 4edf27ff-08d1-49b5-b7f3-7e8edc4fd278 rack-7"#;
        let shared = pseudonymised(text, &["rack-7".to_owned()]);
        for gone in ["lab1", "10.1.2.3", "4edf27ff", "4EDF27FF", "J1AB23", "rack-7"] {
            assert!(!shared.contains(gone), "{gone} in {shared}");
        }
        assert_eq!(shared.matches("ip-1").count(), 2, "{shared}");
        assert_eq!(shared.matches("uuid-1").count(), 2, "{shared}");
        assert_eq!(shared.matches("serial-1").count(), 2, "{shared}");
    }

    #[test]
    fn versions_and_times_are_left_alone() {
        let text = "version 4.1.0 at 2022-09-09T01:46:08Z";
        assert_eq!(pseudonymised(text, &[]), text);
    }
}
