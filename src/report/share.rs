//! A report that can be shown to strangers: names, addresses, uuids and serials become the same
//! stand-in wherever they occur.
//!
//! Knows: what such values look like, and which members hold names. Pure text in, text out. Must
//! not know: secrets; those were taken out where they entered.

use std::collections::BTreeMap;

use regex::{Captures, Regex, RegexBuilder};

/// Stand-ins for the values of one run, the same in all its files.
#[derive(Debug, Default)]
pub struct StandIns {
    known: BTreeMap<String, String>,
    /// Names and serials that were learnt, in lower case: they are found wherever they stand.
    learnt: Vec<String>,
}

/// Names shorter than this would be found inside of other words.
const SHORTEST: usize = 3;
/// What isn't anybody's.
const COMMON: &[&str] = &["built-in double", "localhost"];

impl StandIns {
    /// Learns the names in all `texts`. `names` are host names and target names that can't be
    /// recognised by their form.
    #[must_use]
    pub fn learned(texts: &[&str], names: &[String]) -> Self {
        let mut stand_ins = Self::default();
        for name in names {
            stand_ins.learn("name", name);
        }
        for (kind, pattern) in NAMES {
            let Ok(pattern) = Regex::new(pattern) else { continue };
            for found in texts
                .iter()
                .flat_map(|text| pattern.captures_iter(text))
                .filter_map(|found| found.name("value"))
            {
                stand_ins.learn(kind, found.as_str());
            }
        }
        stand_ins.learnt.sort_by_key(|value| std::cmp::Reverse(value.len()));
        stand_ins
    }

    fn learn(&mut self, kind: &str, value: &str) {
        let value = value.to_lowercase();
        let address = FORMS.iter().any(|(_, form)| {
            Regex::new(&format!("^(?:{form})$")).is_ok_and(|form| form.is_match(&value))
        });
        if value.len() >= SHORTEST
            && !COMMON.contains(&value.as_str())
            && !address
            && !self.known.contains_key(&value)
        {
            self.stand_in(kind, &value);
            self.learnt.push(value);
        }
    }

    /// A page with stand-ins; its style and its script are ours, and its policy names them by their
    /// digests.
    #[must_use]
    pub fn put_page(&mut self, page: &str) -> String {
        let mut out = String::with_capacity(page.len());
        let mut rest = page;
        for (opening, closing) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let Some((start, end)) = rest.find(opening).and_then(|start| {
                rest[start..].find(closing).map(|length| (start, start + length))
            }) else {
                continue;
            };
            out.push_str(&self.put(&rest[..start]));
            out.push_str(&rest[start..end]);
            rest = &rest[end..];
        }
        out.push_str(&self.put(rest));
        out
    }

    /// The text with stand-ins.
    #[must_use]
    pub fn put(&mut self, text: &str) -> String {
        // In JSON a line break is a letter, and the word after it would have no beginning.
        let mut text = text.to_owned();
        for escape in ESCAPES {
            text = text.replace(escape, &format!("{escape}{BREAK}"));
        }
        let learnt =
            self.learnt.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|");
        if !learnt.is_empty()
            && let Ok(pattern) =
                RegexBuilder::new(&format!(r"\b(?:{learnt})\b")).case_insensitive(true).build()
        {
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| self.stand_in("name", &found[0]))
                .into_owned();
        }
        for (kind, pattern) in FORMS {
            let Ok(pattern) = Regex::new(pattern) else { continue };
            text = pattern
                .replace_all(&text, |found: &Captures<'_>| self.stand_in(kind, &found[0]))
                .into_owned();
        }
        text.replace(BREAK, "")
    }

    fn stand_in(&mut self, kind: &str, value: &str) -> String {
        let key = value.to_lowercase();
        if let Some(stand_in) = self.known.get(&key) {
            return stand_in.clone();
        }
        let number =
            self.known.values().filter(|other| other.starts_with(&format!("{kind}-"))).count() + 1;
        let stand_in = format!("{kind}-{number}");
        self.known.insert(key, stand_in.clone());
        stand_in
    }
}

/// Line breaks and tabs as JSON spells them.
const ESCAPES: &[&str] = &["\\n", "\\r", "\\t"];
/// Stands nowhere in the files of a run: they spell out control characters.
const BREAK: char = '\u{1}';

/// Values that are recognised by their form.
const FORMS: &[(&str, &str)] = &[
    ("uuid", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    ("certificate", r"\bSHA-256 [0-9a-f]{64}\b"),
    ("mac", r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b"),
    (
        "ipv6",
        r"(?i)\b(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3})(?::{1,2}[0-9a-f]{1,4}\b){1,7}|\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b",
    ),
    ("ip", r"\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b"),
];

/// Places that hold names and serials, in JSON and in JSON inside of JSON. A member that is just
/// called `name` may hold anything, so only that of the appliance counts.
const NAMES: &[(&str, &str)] = &[
    ("host", r"https?://(?P<value>[A-Za-z][A-Za-z0-9.-]*)"),
    (
        "host",
        r#"(?i)\\?"(?:hostname|fqdn|domain_?name)\\?"\s*:\s*\\?"(?P<value>[A-Za-z0-9][A-Za-z0-9._ -]*[A-Za-z0-9])\\?""#,
    ),
    ("host", r#""row":"identity"[^\n]*"name":"(?P<value>[A-Za-z0-9][A-Za-z0-9._ -]*[A-Za-z0-9])""#),
    ("serial", r#"(?i)\\?"(?:[a-z]*serial(?:number)?)\\?"\s*:\s*\\?"(?P<value>[A-Za-z0-9-]+)\\?""#),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn put(text: &str, names: &[String]) -> String {
        StandIns::learned(&[text], names).put(text)
    }

    #[test]
    fn the_same_value_gets_the_same_stand_in_everywhere() {
        let text = r#"{"url":"https://lab1.example.com","ip":"10.1.2.3","again":"10.1.2.3","uuid":"4EDF27FF-08d1-49b5-b7f3-7e8edc4fd278","serialNumber":"J1AB23","body":"{\"serialNumber\":\"J1AB23\"}"} 4edf27ff-08d1-49b5-b7f3-7e8edc4fd278 rack-7 LAB1.example.com"#;
        let shared = put(text, &["rack-7".to_owned()]);
        for gone in ["lab1", "LAB1", "10.1.2.3", "4edf27ff", "4EDF27FF", "J1AB23", "rack-7"] {
            assert!(!shared.contains(gone), "{gone} in {shared}");
        }
        for twice in ["ip-1", "uuid-1", "serial-1", "host-1"] {
            assert_eq!(shared.matches(twice).count(), 2, "{twice}: {shared}");
        }
    }

    #[test]
    fn a_name_is_found_in_a_file_that_doesnt_show_that_it_is_one() {
        let (record, page) = (
            r#"{"hostname":"rack-7"}"#,
            "<td>&quot;hostname&quot;: &quot;Rack-7&quot;</td> fe80::1 2001:db8::17, \
            2001:db8:0:0:1:2:3:4",
        );
        let mut stand_ins = StandIns::learned(&[record, page], &[]);
        assert_eq!(stand_ins.put(record), r#"{"hostname":"host-1"}"#);
        assert_eq!(
            stand_ins.put(page),
            "<td>&quot;hostname&quot;: &quot;host-1&quot;</td> ipv6-1 ipv6-2, ipv6-3"
        );
    }

    #[test]
    fn a_value_at_the_start_of_a_line_is_found_in_json_too() {
        assert_eq!(
            put(r#"{"body":"hosts:\n10.1.2.3\track-7\nend"}"#, &["rack-7".to_owned()]),
            r#"{"body":"hosts:\nip-1\tname-1\nend"}"#
        );
    }

    #[test]
    fn the_style_and_the_script_of_a_page_stay_as_they_are() {
        let mut stand_ins = StandIns::learned(&[], &["filter".to_owned()]);
        assert_eq!(
            stand_ins
                .put_page("<p>filter<style>.filter</style>filter<script>filter()</script>filter"),
            "<p>name-1<style>.filter</style>name-1<script>filter()</script>name-1"
        );
    }

    #[test]
    fn versions_times_and_ids_are_left_alone() {
        let text = "version 4.1.0 at 2022-09-09T01:46:08Z of backup.transfer::copies-to-internal \
            and sftp-locks.get::refuses";
        assert_eq!(put(text, &[]), text);
    }
}
