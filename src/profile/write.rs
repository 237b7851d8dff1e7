//! Writes a profile: the same text for the same profile, in the order that a person would choose.
//!
//! Knows: the keys of `profile.toml` and their order. What is empty or unknown isn't written. Must
//! not know: files, how a profile is learned.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Change, Client, FORMAT, Member, Operation, Profile};

/// The text of a profile; operations, members and words come sorted.
#[must_use]
pub fn write(profile: &Profile) -> String {
    let mut profile = profile.clone();
    profile.sort();
    let mut text = Text(format!("profile = {FORMAT}\n\n"));
    text.client(&profile.client);
    for operation in &profile.operations {
        text.operation(operation);
    }
    text.0
}

struct Text(String);

impl Text {
    fn line(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.line(key, &quoted(value));
        }
    }

    fn number(&mut self, key: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.line(key, &value.to_string());
        }
    }

    fn list(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        if values.is_empty() {
            return;
        }
        let line = format!("[{}]", values.join(", "));
        if key.len() + line.len() <= 96 {
            self.line(key, &line);
        } else {
            self.line(key, &format!("[\n    {},\n]", values.join(",\n    ")));
        }
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        self.list(key, values.iter().map(|value| quoted(value)));
    }

    fn changes(&mut self, key: &str, changes: &[Change]) {
        self.list(key, changes.iter().map(|change| quoted(change.word())));
    }

    fn client(&mut self, client: &Client) {
        self.0.push_str("[client]\n");
        self.text("name", Some(&client.name));
        self.texts("merged", &client.merged);
        self.texts("command", &client.command);
        self.text("learned", client.learned.map(|at| at.to_string()).as_deref());
        self.text("by", client.by.as_deref());
        self.text("from", client.from.map(super::From::word));
        self.text("source", client.source.as_deref());
        self.text("version", client.version.as_deref());
        self.number("runs", client.runs);
        self.text("compare", client.compare.map(super::Compare::word));
        self.line("complete", if client.complete { "true" } else { "false" });
        self.text("why", client.why.map(super::Unfinished::word));
        self.text("contract", client.contract.as_deref());
    }

    fn operation(&mut self, operation: &Operation) {
        self.0.push_str("\n[[operation]]\n");
        self.text("id", operation.id.as_deref());
        self.text("method", Some(&operation.method));
        self.text("path", Some(&operation.path));
        self.number("calls", operation.calls);
        self.text("grade", Some(operation.grade.word()));
        self.text("known", Some(operation.known.word()));
        self.texts("query", &operation.query);
        self.texts("headers", &operation.headers);
        self.texts("body", &operation.body);
        self.list("status", operation.status.iter().map(ToString::to_string));
        self.line("needs-status", &operation.needs_status.to_string());
        self.line("needs-answer", &operation.needs_answer.to_string());
        self.changes("tolerates", &operation.tolerates);
        self.changes("breaks", &operation.breaks);
        self.number("members", operation.members);
        self.text("note", operation.note.as_deref());
        for member in &operation.needs {
            self.member(member);
        }
    }

    fn member(&mut self, member: &Member) {
        self.0.push_str("\n[[operation.member]]\n");
        self.text("path", Some(&member.path));
        self.text("grade", Some(member.grade.word()));
        self.text("known", Some(member.known.word()));
        if member.undocumented {
            self.line("undocumented", "true");
        }
        self.line("needed", &member.needed.to_string());
        self.text("type", member.kind.map(super::JsonType::word));
        self.list("values", member.values.iter().filter_map(scalar));
        self.changes("breaks", &member.breaks);
        self.changes("tolerates", &member.tolerates);
        self.number("runs", member.runs);
        self.text("note", member.note.as_deref());
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '\u{22}' | '\\' => out.extend(['\\', c]),
            '\n' => out.extend(['\\', 'n']),
            '\r' => out.extend(['\\', 'r']),
            '\t' => out.extend(['\\', 't']),
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    format!("\"{out}\"")
}

/// A text, number or boolean; TOML has no null, and only whole numbers of 64 bits with a sign.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(quoted(text)),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => number
            .as_i64()
            .map(|number| number.to_string())
            .or_else(|| number.as_f64().map(|number| format!("{number:?}"))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Compare, From, Grade, JsonType, Known, Unfinished, read};
    use super::*;
    use serde_json::json;

    /// A profile in which every key has a value.
    fn whole() -> Profile {
        let client = Client {
            command: ["./nightly.sh", "{url}", "a \"b\" \\ \n\u{7f}"].map(str::to_owned).to_vec(),
            learned: Some("2026-11-30T02:00:00Z".parse().unwrap()),
            by: Some("lxca-conform 0.1.0".to_owned()),
            from: Some(From::Double),
            source: Some("sha256:00".to_owned()),
            version: Some("4.1.0".to_owned()),
            runs: Some(143),
            compare: Some(Compare::ExitStatus),
            complete: false,
            why: Some(Unfinished::Budget),
            contract: Some("sha256:11".to_owned()),
            merged: vec!["one".to_owned(), "two".to_owned()],
            ..Client::named("nightly-inventory")
        };
        let member = Member {
            grade: Grade::Recommended,
            undocumented: true,
            needed: true,
            kind: Some(JsonType::String),
            values: vec![json!("Online"), json!(true), json!(3), json!(0.5), json!(-1)],
            breaks: vec![Change::Gone, Change::Null],
            tolerates: vec![Change::Extra],
            runs: Some(3),
            note: Some("said by Käthe".to_owned()),
            ..Member::at("/nodeList/*/a~1b", Known::Experiment)
        };
        let operation = Operation {
            id: Some("nodes.list".to_owned()),
            calls: Some(1),
            grade: Grade::IfImplemented,
            query: vec!["includeAttributes".to_owned()],
            headers: vec!["Accept".to_owned()],
            body: vec!["/uuid".to_owned()],
            status: vec![200, 204],
            needs_status: true,
            needs_answer: false,
            tolerates: vec![Change::Slower, Change::NoContent],
            breaks: vec![Change::Order],
            members: Some(312),
            note: Some("nightly".to_owned()),
            needs: vec![member, Member::at("", Known::Recording)],
            ..Operation::at("GET", "/nodes", Known::Recording)
        };
        let other = Operation::at("GET", "/aicc", Known::Person);
        Profile { client, operations: vec![operation, other] }
    }

    #[test]
    fn what_is_written_is_read_again_and_the_text_is_always_the_same() {
        let text = write(&whole());
        let mut sorted = whole();
        sorted.sort();
        assert_eq!(read("p.toml", &text).unwrap(), sorted);
        assert_eq!(write(&sorted), text);
        assert!(text.starts_with("profile = 1\n\n[client]\nname = \"nightly-inventory\"\n"));
        assert!(text.contains("values = [\"Online\", -1, 0.5, 3, true]"), "{text}");
    }

    #[test]
    fn every_problem_comes_with_its_place_and_the_nearest_name() {
        let text = "profile = 2\n[client]\nnmae = \"x\"\nfrom = \"duoble\"\nlearned = \"today\"\n\
            [[operation]]\nmethod = \"get\"\npath = \"nodes\"\nstatus = [99]\n\
            breaks = [\"refussed\"]\n[[operation.member]]\npath = \"uuid\"\nneeded = 1\n\
            breaks = [\"slower\"]\ntype = \"text\"\nvalues = [[]]\n[[operation.member]]\n";
        let said: Vec<String> =
            read("p.toml", text).unwrap_err().iter().map(ToString::to_string).collect();
        let said = said.join("\n");
        for part in [
            "p.toml:1:11: `profile` is the version of the format",
            "p.toml:3:1: unknown key `nmae` in [client]; did you mean `name`?",
            "`from` has a word that isn't known; did you mean `double`?",
            "p.toml:5:11: `learned` must be a time stamp",
            "p.toml:7:10: `method` must be in upper case",
            "p.toml:8:8: `path` must be a path",
            "p.toml:9:11: `status` must be a list of statuses",
            "p.toml:10:11: `breaks` has a word that isn't known; did you mean `refused`?",
            "p.toml:12:8: `path` isn't a JSON pointer",
            "p.toml:13:10: `needed` must be true or false",
            "p.toml:14:11: `breaks` has a word",
            "p.toml:15:8: `type` has a word",
            "p.toml:16:11: `values` must be a list",
            "p.toml:17:1: the key `path` is missing",
        ] {
            assert!(said.contains(part), "{part} isn't in\n{said}");
        }
        assert!(read("p.toml", "").unwrap_err().len() == 2);
        let twice = "profile = 1\n[client]\nname = \"x\"\n[[operation]]\nmethod = \"GET\"\n\
            path = \"/a\"\n[[operation]]\nmethod = \"GET\"\npath = \"/a\"\n";
        assert!(read("p.toml", twice).unwrap_err()[0].to_string().contains("listed twice"));
    }
}
