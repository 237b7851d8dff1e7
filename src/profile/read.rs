//! Reads a profile: all problems at once, each with line and column.
//!
//! Knows: the keys of `profile.toml` and what each may hold. Must not know: contracts (whether a
//! name is one that the pages know is for `lint`), how a profile is learned.

use std::collections::BTreeSet;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::words::{Change, Compare, From, Grade, JsonType, Known, Level, Unfinished};
use super::{Client, FORMAT, Member, Operation, Profile};
use crate::hint::did_you_mean;
use crate::problem::Problem;
use crate::reader::{self, Reader, offset, whole_number};

const TOP: &[&str] = &["profile", "client", "operation"];
const CLIENT: &[&str] = &[
    "name", "command", "learned", "by", "from", "source", "version", "runs", "compare", "complete",
    "why", "contract", "merged",
];
const OPERATION: &[&str] = &[
    "id",
    "method",
    "path",
    "calls",
    "grade",
    "known",
    "query",
    "headers",
    "body",
    "status",
    "needs-status",
    "needs-answer",
    "tolerates",
    "breaks",
    "members",
    "note",
    "member",
];
const MEMBER: &[&str] = &[
    "path",
    "grade",
    "known",
    "undocumented",
    "needed",
    "type",
    "values",
    "breaks",
    "tolerates",
    "runs",
    "note",
];

/// Reads a profile; gives back either all of it or every problem.
pub fn read(file: &str, text: &str) -> Result<Profile, Vec<Problem>> {
    read_with_places(file, text).map(|(profile, _)| profile)
}

/// Where the rows of a profile stand in its text: per operation its own place, and those of its
/// members, in order.
pub(super) type Places = Vec<(usize, Vec<usize>)>;

/// Reads a profile, and tells where each of its rows stands.
pub(super) fn read_with_places(file: &str, text: &str) -> Result<(Profile, Places), Vec<Problem>> {
    reader::read(file, text, |reader, document| {
        let mut form = Form { reader };
        form.reader.keys(document, "", TOP);
        form.format(document);
        let client = form.client(document);
        let (operations, places) = form.operations(document);
        (Profile { client, operations }, places)
    })
}

/// A profile under way.
struct Form<'r, 't> {
    reader: &'r mut Reader<'t>,
}

/// A word list's words and the reader of one.
type Words<T> = (&'static [T], fn(T) -> &'static str);

impl Form<'_, '_> {
    fn format(&mut self, document: &DeTable<'_>) {
        let fix = format!("write `profile = {FORMAT}` at the top of the file");
        if self.reader.is_missing(document, 0, "profile", &fix) {
            return;
        }
        let found = document.get("profile").and_then(|value| whole_number(value.get_ref()));
        if found != Some(FORMAT) {
            self.reader.say_with(
                offset(document, "profile"),
                format!("`profile` is the version of the format, and only {FORMAT} is known"),
                "learn the profile again with this version, or use the version that wrote it",
            );
        }
    }

    fn client(&mut self, document: &DeTable<'_>) -> Client {
        let mut client = Client::named("");
        let fix = "name the client: [client] with name = \"nightly-inventory\"";
        if self.reader.is_missing(document, 0, "client", fix) {
            return client;
        }
        let at = offset(document, "client");
        let Some(table) = self.reader.section(document, "client", CLIENT) else { return client };
        client.name = self.reader.must(table, at, "name", fix).unwrap_or_default();
        client.command = self.texts(table, "command");
        client.by = self.reader.any_text(table, "by");
        client.source = self.reader.any_text(table, "source");
        client.version = self.reader.any_text(table, "version");
        client.contract = self.reader.any_text(table, "contract");
        client.merged = self.texts(table, "merged");
        client.runs = self.number(table, "runs");
        client.from = self.word(table, "from", (From::ALL, From::word));
        client.compare = self.word(table, "compare", (Compare::ALL, Compare::word));
        client.why = self.word(table, "why", (Unfinished::ALL, Unfinished::word));
        client.complete = self.reader.flag(table, "complete").unwrap_or(client.why.is_none());
        if client.complete && client.why.is_some() {
            self.reader.say_with(
                offset(table, "why"),
                "`why` says why a profile isn't complete, but `complete` is true",
                "remove `why`, or set complete = false",
            );
        }
        if let Some(text) = self.reader.any_text(table, "learned") {
            client.learned = text.parse().ok();
            if client.learned.is_none() {
                self.reader.say_with(
                    offset(table, "learned"),
                    "`learned` must be a time stamp",
                    "write it as \"2026-11-30T02:00:00Z\"",
                );
            }
        }
        client
    }

    fn operations(&mut self, document: &DeTable<'_>) -> (Vec<Operation>, Places) {
        let (mut list, mut places) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for row in self.rows(document, "operation", "[[operation]]") {
            let at = row.span().start;
            let DeValue::Table(table) = row.get_ref() else {
                self.reader.say_with(at, "an operation must be a table", "write [[operation]]");
                continue;
            };
            let Some((operation, members)) = self.operation(table, at) else { continue };
            if seen.insert((operation.method.clone(), operation.path.clone())) {
                places.push((at, members));
                list.push(operation);
            } else {
                self.reader.say_with(
                    at,
                    format!("{} {} is listed twice", operation.method, operation.path),
                    "put its members under one [[operation]]",
                );
            }
        }
        (list, places)
    }

    fn operation(&mut self, table: &DeTable<'_>, at: usize) -> Option<(Operation, Vec<usize>)> {
        self.reader.keys(table, "operation", OPERATION);
        let method = self.reader.must(table, at, "method", "for example method = \"GET\"");
        let path = self.reader.must(table, at, "path", "for example path = \"/nodes\"");
        let known = self.word(table, "known", (Known::ALL, Known::word));
        let mut one = Operation::at("", "", known.unwrap_or(Known::Person));
        one.id = self.reader.text(table, "id", "give its id, or leave `id` out");
        one.calls = self.number(table, "calls");
        one.members = self.number(table, "members");
        one.grade =
            self.word(table, "grade", (Grade::ALL, Grade::word)).unwrap_or(Grade::Mandatory);
        one.query = self.texts(table, "query");
        one.headers = self.texts(table, "headers");
        one.body = self.texts(table, "body");
        one.status = self.statuses(table);
        one.needs_status = self.reader.flag(table, "needs-status").unwrap_or(false);
        one.needs_answer = self.reader.flag(table, "needs-answer").unwrap_or(true);
        one.tolerates = self.changes(table, "tolerates", true);
        one.breaks = self.changes(table, "breaks", true);
        one.note = self.reader.any_text(table, "note");
        let members = self.members(table, &mut one);
        let (method, path) = (method?, path?);
        if !method.chars().all(|c| c.is_ascii_uppercase()) {
            self.reader.say_with(
                offset(table, "method"),
                "`method` must be in upper case",
                "for example GET",
            );
        }
        if !path.starts_with('/') || path.contains(['?', '#']) {
            self.reader.say_with(
                offset(table, "path"),
                "`path` must be a path, without host and query",
                "write it as \"/nodes\" or \"/nodes/{uuid}\"",
            );
        }
        Some((Operation { method, path, ..one }, members))
    }

    fn members(&mut self, table: &DeTable<'_>, operation: &mut Operation) -> Vec<usize> {
        let mut places = Vec::new();
        let mut seen = BTreeSet::new();
        for row in self.rows(table, "member", "[[operation.member]]") {
            let at = row.span().start;
            let DeValue::Table(table) = row.get_ref() else {
                self.reader.say_with(at, "a member must be a table", "write [[operation.member]]");
                continue;
            };
            let Some(member) = self.member(table, at) else { continue };
            if seen.insert(member.path.clone()) {
                places.push(at);
                operation.needs.push(member);
            } else {
                self.reader.say_with(
                    at,
                    format!("the member {} is listed twice", shown(&member.path)),
                    "put what is known of it into one row",
                );
            }
        }
        places
    }

    fn member(&mut self, table: &DeTable<'_>, at: usize) -> Option<Member> {
        self.reader.keys(table, "operation.member", MEMBER);
        let fix = "give a JSON pointer such as \"/nodeList/*/uuid\"";
        let missing = self.reader.is_missing(table, at, "path", fix);
        let path = self.reader.any_text(table, "path");
        let known = self.word(table, "known", (Known::ALL, Known::word));
        let mut one = Member::at("", known.unwrap_or(Known::Person));
        one.grade =
            self.word(table, "grade", (Grade::ALL, Grade::word)).unwrap_or(Grade::Mandatory);
        one.undocumented = self.reader.flag(table, "undocumented").unwrap_or(false);
        one.needed = self.reader.flag(table, "needed").unwrap_or(true);
        one.kind = self.word(table, "type", (JsonType::ALL, JsonType::word));
        one.values = self.values(table);
        one.breaks = self.changes(table, "breaks", false);
        one.tolerates = self.changes(table, "tolerates", false);
        one.runs = self.number(table, "runs");
        one.note = self.reader.any_text(table, "note");
        let path = path.filter(|_| !missing)?;
        if !path.is_empty() && !path.starts_with('/') {
            self.reader.say_with(
                offset(table, "path"),
                "`path` isn't a JSON pointer",
                "write it as \"/nodeList/*/uuid\"; `*` stands for every row, and an empty \
                    string for the whole answer",
            );
        }
        Some(Member { path, ..one })
    }

    /// The rows of a list of tables.
    fn rows<'d, 'i>(
        &mut self,
        table: &'d DeTable<'i>,
        key: &str,
        written: &str,
    ) -> &'d [Spanned<DeValue<'i>>] {
        match table.get(key).map(Spanned::get_ref) {
            Some(DeValue::Array(rows)) => rows.as_ref(),
            Some(_) => {
                let fix = format!("write it as {written}");
                let what = format!("`{key}` must be a list of tables");
                self.reader.say_with(offset(table, key), what, fix);
                &[]
            }
            None => &[],
        }
    }

    fn number(&mut self, table: &DeTable<'_>, key: &str) -> Option<u64> {
        let value = table.get(key)?;
        let number = whole_number(value.get_ref());
        if number.is_none() {
            self.reader.say(value.span().start, format!("`{key}` must be a whole number"));
        }
        number
    }

    /// The elements of a list, each with its place.
    fn list<T>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        what: &str,
        read: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Vec<(usize, T)> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let Some(rows) = value.get_ref().as_array() else {
            let what = format!("`{key}` must be a list of {what}");
            self.reader.say_with(value.span().start, what, "put it in brackets");
            return Vec::new();
        };
        let mut list = Vec::new();
        for row in rows {
            if let Some(one) = read(row.get_ref()) {
                list.push((row.span().start, one));
            } else {
                let what = format!("`{key}` must be a list of {what}");
                self.reader.say(row.span().start, what);
            }
        }
        list
    }

    fn texts(&mut self, table: &DeTable<'_>, key: &str) -> Vec<String> {
        let texts = self.list(table, key, "strings", |value| value.as_str().map(str::to_owned));
        texts.into_iter().map(|(_, text)| text).collect()
    }

    fn statuses(&mut self, table: &DeTable<'_>) -> Vec<u16> {
        let status = |value: &DeValue<'_>| {
            whole_number(value)
                .and_then(|number| u16::try_from(number).ok())
                .filter(|status| (100..600).contains(status))
        };
        self.list(table, "status", "statuses such as 200", status)
            .into_iter()
            .map(|(_, status)| status)
            .collect()
    }

    fn values(&mut self, table: &DeTable<'_>) -> Vec<Value> {
        let scalar = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(Value::from(text.to_string())),
            DeValue::Boolean(flag) => Some(Value::from(*flag)),
            DeValue::Integer(_) => value
                .as_integer()?
                .to_string()
                .replace('_', "")
                .parse::<i64>()
                .ok()
                .map(Value::from),
            DeValue::Float(_) => {
                let number = value.as_float()?.to_string().replace('_', "").parse::<f64>().ok()?;
                serde_json::Number::from_f64(number).map(Value::Number)
            }
            _ => None,
        };
        self.list(table, "values", "strings, numbers and booleans", scalar)
            .into_iter()
            .map(|(_, value)| value)
            .collect()
    }

    fn word<T: Copy>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        (all, word): Words<T>,
    ) -> Option<T> {
        let text = self.reader.any_text(table, key)?;
        let found = all.iter().copied().find(|one| word(*one) == text);
        if found.is_none() {
            let known: Vec<&str> = all.iter().map(|one| word(*one)).collect();
            self.no_word(offset(table, key), key, &text, &known);
        }
        found
    }

    /// Changes to a whole answer, or to a member of one, which no change of a whole answer is.
    fn changes(&mut self, table: &DeTable<'_>, key: &str, whole: bool) -> Vec<Change> {
        let words = self.list(table, key, "changes", |value| value.as_str().map(str::to_owned));
        let known: Vec<&str> = Change::ALL
            .iter()
            .filter(|change| whole || change.level() != Level::Answer)
            .map(|change| change.word())
            .collect();
        let mut changes = Vec::new();
        for (at, word) in words {
            match Change::read(&word).filter(|change| known.contains(&change.word())) {
                Some(change) if !changes.contains(&change) => changes.push(change),
                Some(_) => {}
                None => self.no_word(at, key, &word, &known),
            }
        }
        changes
    }

    fn no_word(&mut self, at: usize, key: &str, found: &str, known: &[&str]) {
        let near = did_you_mean(found, known.iter().copied());
        let what = format!("`{key}` has a word that isn't known{near}");
        self.reader.say_with(at, what, format!("known words are {}", known.join(", ")));
    }
}

/// A place of an answer, for people.
pub(super) fn shown(path: &str) -> &str {
    if path.is_empty() { "(the whole answer)" } else { path }
}
