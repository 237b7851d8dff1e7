//! A report that can be shown to strangers: names, addresses, uuids and serials become the same
//! stand-in wherever they occur.
//!
//! Knows: what such values look like, and which members hold names. Pure text in, text out. Must
//! not know: secrets; those were taken out where they entered.

mod forms;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use regex::{Captures, RegexBuilder};

/// Stand-ins for the values of one run, the same in all its files.
#[derive(Debug, Default)]
pub struct StandIns {
    known: BTreeMap<String, String>,
    /// Names and serials that were learnt, in lower case: they are found wherever they stand.
    learnt: Vec<String>,
    /// UUIDs that stand somewhere as 32 digits. What is written in their place has 32 letters and
    /// digits too, so that a rule on the length of an id doesn't accuse a shared record.
    plain: BTreeSet<String>,
}

/// Names shorter than this would be found inside of other words.
const SHORTEST: usize = 3;
/// Shorter numbers are found everywhere.
const SHORTEST_NUMBER: usize = 5;
/// What isn't anybody's.
const COMMON: &[&str] = &["built-in double", "localhost"];
/// The name of this tool stays, also where an appliance is called by a part of it.
const OURS: &str = env!("CARGO_PKG_NAME");

impl StandIns {
    /// Learns the names in all `texts`. `names` are host names and target names that can't be
    /// recognised by their form.
    #[must_use]
    pub fn learned(texts: &[&str], names: &[String]) -> Self {
        let mut stand_ins = Self::default();
        for name in names {
            stand_ins.learn("name", name);
        }
        for text in texts {
            for found in forms::found(text).into_iter().filter(|found| found.kind == forms::UUID) {
                if !text[found.range.clone()].contains('-') {
                    stand_ins.plain.insert(found.key);
                }
            }
            for (kind, value) in names::told(text) {
                stand_ins.learn(kind, value);
            }
        }
        stand_ins.learnt.sort_by_key(|value| std::cmp::Reverse(value.len()));
        stand_ins
    }

    fn learn(&mut self, kind: &str, value: &str) {
        let value = value.trim().to_lowercase();
        let number = value.bytes().all(|byte| byte.is_ascii_digit());
        let shortest = if number { SHORTEST_NUMBER } else { SHORTEST };
        let by_form = forms::found(&value).iter().any(|found| found.range == (0..value.len()));
        if value.len() >= shortest
            && !COMMON.contains(&value.as_str())
            && value != OURS
            && !by_form
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
        let mut text = forms::parted(text);
        let learnt =
            self.learnt.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|");
        if !learnt.is_empty()
            && let Ok(pattern) = RegexBuilder::new(&format!(r"\b(?:{OURS}|{learnt})\b"))
                .case_insensitive(true)
                .build()
        {
            let whole = text.clone();
            text = pattern
                .replace_all(&whole, |found: &Captures<'_>| {
                    let at = found.get(0).map_or(0..0, |found| found.range());
                    if found[0].eq_ignore_ascii_case(OURS) || names::is_of_json(&whole, &at) {
                        found[0].to_owned()
                    } else {
                        self.stand_in("name", &found[0].to_lowercase())
                    }
                })
                .into_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut end = 0;
        for found in forms::found(&text) {
            out.push_str(&text[end..found.range.start]);
            out.push_str(&self.stand_in(found.kind, &found.key));
            end = found.range.end;
        }
        out.push_str(&text[end..]);
        forms::joined(&out)
    }

    fn stand_in(&mut self, kind: &str, key: &str) -> String {
        if let Some(stand_in) = self.known.get(key) {
            return stand_in.clone();
        }
        let number = self
            .known
            .values()
            .filter(|other| {
                other
                    .strip_prefix(kind)
                    .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphabetic()))
            })
            .count()
            + 1;
        let stand_in = if kind == forms::UUID && self.plain.contains(key) {
            format!("{kind}{number:0>28}")
        } else {
            format!("{kind}-{number}")
        };
        self.known.insert(key.to_owned(), stand_in.clone());
        stand_in
    }
}

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
    fn a_uuid_has_one_stand_in_in_all_its_forms_and_keeps_the_length_of_an_id() {
        let text = r#"{"uuid":"4EDF27FF08D149B5B7F37E8EDC4FD278","path":"/nodes/4edf27ff08d149b5b7f37e8edc4fd278/x","other":"4EDF27FF-08D1-49B5-B7F3-7E8EDC4FD278","in":"node_4EDF27FF08D149B5B7F37E8EDC4FD278","to":"a%2F4EDF27FF08D149B5B7F37E8EDC4FD278","s":"\u00264EDF27FF08D149B5B7F37E8EDC4FD278"}"#;
        let shared = put(text, &[]);
        let one = "uuid0000000000000000000000000001";
        assert_eq!(shared.matches(one).count(), 6, "{shared}");
        assert_eq!(one.len(), 32);
        // A digest of 64 digits, or of 40, is no uuid.
        for digest in ["4edf27ff08d149b5b7f37e8edc4fd278".repeat(2), "0123456789".repeat(4)] {
            assert_eq!(put(&digest, &[]), digest);
        }
    }

    #[test]
    fn hardware_addresses_are_found_in_each_form() {
        let text = r#"{"macAddress":"020000000012","hostMacAddresses":["02:00:5E:AA:00:58","02-00-5e-aa-00-58"],"addresses":"02005EAA0058,0200.5eaa.0058","query":"mac=02%3A00%3A5E%3AAA%3A00%3A58","wwn":"50:05:07:68:01:02:03:04","wwpn":"5005076801020304","said":"020000000012 went"}"#;
        let shared = put(text, &[]);
        assert_eq!(shared.matches("mac-1").count(), 2, "{shared}");
        assert_eq!(shared.matches("mac-2").count(), 5, "{shared}");
        assert_eq!(shared.matches("wwn-1").count(), 2, "{shared}");
        // Times and numbers are none.
        let text = "at 12:31:50:15:48 or 202211300930, 1234567890ab12, sha256:18707208b839";
        assert_eq!(put(text, &[]), text);
    }

    #[test]
    fn addresses_of_the_sixth_version_are_found_in_each_form() {
        for address in [
            "fe80::5eff:fe75:a6e2",
            "FE80::5EFF:FE75:A6E2",
            "2001:db8::",
            "2001:0db8:0000:0000:0001:0002:0003:0004",
            "64:ff9b::a01:203",
            "3ffe:1::2",
            "::ffff:10.1.2.3",
        ] {
            let text = format!("at {address}, [{address}]:443 and {address}/64; {address}.");
            let shared = put(&text, &[]);
            assert_eq!(shared, "at ipv6-1, [ipv6-1]:443 and ipv6-1/64; ipv6-1.", "{address}");
        }
        let text = "events.add::bad-request ::1 :: 10:20:30 x.add::1";
        assert_eq!(put(text, &[]), text);
    }

    #[test]
    fn serials_and_host_names_are_found_by_each_name_of_their_members() {
        let text = r#"{"systemSerialNumberText":"SN/77.4 B","failSNs":["Y1AB","Y2CD"],"serial_number":40071234,"dnsHostnames":["flex-1.example.com"],"serviceHostName":"svc-9","body":"{\n \"hostName\" : \"deep-3\"}","said":"SN/77.4 B Y1AB Y2CD 40071234 flex-1.example.com svc-9 deep-3"}"#;
        let shared = put(text, &[]);
        for gone in ["SN/77", "Y1AB", "Y2CD", "flex-1", "svc-9", "deep-3"] {
            assert!(!shared.contains(gone), "{gone} in {shared}");
        }
        assert!(shared.contains("serial_number\":40071234"), "a number stays one: {shared}");
        assert!(!shared.contains("40071234 "), "{shared}");
    }

    #[test]
    fn what_stands_for_nothing_and_the_words_of_a_file_are_left_alone() {
        let text = r#"{"format":"lxca-conform/record/1","target":{"state":"Unknown","time":123},"serialNumber":"Unknown","fruSerialNumber":"123","hostname":"target"}"#;
        let shared = put(text, &["lxca".to_owned()]);
        assert_eq!(shared, text.replace(r#":"target""#, r#":"host-1""#));
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
