//! The story of a profile: what the client reads of what it is given, as text, Markdown, HTML and
//! JSON.
//!
//! Knows: a profile; the look of the HTML is in `templates/profile.html`. Must not know: files,
//! terminals.

use std::fmt::Write as _;

use askama::Template;
use serde_json::{Value, json};

use crate::report::{code, counted_as, one_line, text as plain, visible};

use super::words::{Change, Grade};
use super::{Member, Operation, Profile};

/// The headline: how much of what it is given the client reads.
#[must_use]
pub fn headline(profile: &Profile) -> String {
    let reads = needs(profile);
    let operations = counted_as(profile.operations.len() as u64, "operation", "operations");
    let members = match held(profile) {
        Some(all) => format!("{reads} of {all} members"),
        None => counted_as(reads, "member", "members"),
    };
    format!("Your automation reads {members} in {operations}.")
}

/// How many places of answers the client depends on.
fn needs(profile: &Profile) -> u64 {
    profile.operations.iter().map(needed).sum()
}

fn needed(operation: &Operation) -> u64 {
    operation.needs.iter().filter(|member| member.matters()).count() as u64
}

/// How many members its answers had, where that is known of each operation.
fn held(profile: &Profile) -> Option<u64> {
    let known = profile.operations.iter().map(|operation| operation.members);
    known.sum::<Option<u64>>().filter(|all| *all >= needs(profile))
}

/// How the profile came about.
fn origin(profile: &Profile) -> String {
    let client = &profile.client;
    let mut parts = Vec::new();
    if let Some(runs) = client.runs {
        parts.push(format!("learned in {}", counted_as(runs, "run", "runs")));
    }
    if let Some(from) = client.from {
        let version =
            client.version.as_ref().map_or_else(String::new, |version| format!(" ({version})"));
        parts.push(format!(
            "from {}{version}",
            match from {
                super::From::Double => "the double",
                super::From::State => "the double with a state of its own",
                super::From::Recording => "a recording",
            }
        ));
    }
    if let Some(at) = client.learned {
        parts.push(format!("on {}", at.strftime("%Y-%m-%d")));
    }
    if !client.merged.is_empty() {
        parts.push(format!("merged of {}", client.merged.join(", ")));
    }
    if !client.complete {
        parts.push(match client.why {
            Some(super::Unfinished::Budget) => "not complete: its budget was spent".to_owned(),
            Some(super::Unfinished::Flaky) => "not complete: the client is flaky".to_owned(),
            None => "not complete".to_owned(),
        });
    }
    parts.join(", ")
}

/// What breaks the client at a place, in few words.
fn relies(member: &Member) -> String {
    let mut parts = Vec::new();
    if member.needed {
        parts.push("present".to_owned());
    }
    if let Some(kind) = member.kind {
        parts.push(kind.word().to_owned());
    }
    if !member.values.is_empty() {
        let values: Vec<String> = member.values.iter().map(Value::to_string).collect();
        parts.push(values.join(" | "));
    }
    let told = [Change::Gone, Change::Type, Change::Renamed];
    let others = member.breaks.iter().filter(|change| !told.contains(change));
    let words: Vec<&str> = others.map(|change| change.word()).collect();
    if !words.is_empty() {
        parts.push(format!("breaks on {}", words.join(", ")));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
}

fn changes(list: &[Change]) -> String {
    list.iter().map(|change| change.word()).collect::<Vec<_>>().join(", ")
}

fn known(member: &Member) -> String {
    let runs = member
        .runs
        .map_or_else(String::new, |runs| format!(", {}", counted_as(runs, "run", "runs")));
    let grade = match member.grade {
        Grade::Mandatory => String::new(),
        other => format!(", {}", other.word()),
    };
    format!("{}{runs}{grade}", member.known.word())
}

fn place(member: &Member) -> &str {
    super::read::shown(&member.path)
}

/// What breaks the client as a whole answer changes.
fn whole(operation: &Operation) -> String {
    let mut words = Vec::new();
    if operation.needs_answer {
        words.push("refused");
    }
    if operation.needs_status {
        words.push("another status");
    }
    let told = [Change::Refused, Change::Status];
    words.extend(
        operation.breaks.iter().filter(|change| !told.contains(change)).map(|change| change.word()),
    );
    words.join(", ")
}

fn share(operation: &Operation) -> String {
    match operation.members.filter(|all| *all >= needed(operation)) {
        Some(all) => format!("reads {} of {all} members", needed(operation)),
        None => format!("reads {}", counted_as(needed(operation), "member", "members")),
    }
}

/// What it sends, in a line.
fn sends(operation: &Operation) -> String {
    let lists =
        [("query", &operation.query), ("headers", &operation.headers), ("body", &operation.body)];
    let parts = lists.iter().filter(|(_, list)| !list.is_empty());
    parts.map(|(what, list)| format!("{what} {}", list.join(", "))).collect::<Vec<_>>().join("; ")
}

/// For a terminal.
#[must_use]
pub fn text(profile: &Profile) -> String {
    let mut out = format!("{}\n{}\n", one_line(&profile.client.name), headline(profile));
    let origin = origin(profile);
    if !origin.is_empty() {
        let _ = writeln!(out, "{}", one_line(&origin));
    }
    for operation in &profile.operations {
        let id = operation.id.as_deref().map_or_else(String::new, one_line);
        let gap = if id.is_empty() { "" } else { "  " };
        let _ = writeln!(
            out,
            "\n{id}{gap}{} {}: {}",
            operation.method,
            one_line(&operation.path),
            share(operation)
        );
        for (what, words) in [
            ("breaks when", whole(operation)),
            ("sends", sends(operation)),
            ("tolerates", changes(&operation.tolerates)),
        ] {
            if !words.is_empty() {
                let _ = writeln!(out, "  {what}: {}", one_line(&words));
            }
        }
        let rows = rows(operation);
        let wide = rows.iter().map(|row| place(row).chars().count()).max().unwrap_or(0).min(48);
        for row in rows {
            let _ = writeln!(
                out,
                "  {:<wide$}  {}  [{}]{}",
                one_line(place(row)),
                one_line(&relies(row)),
                known(row),
                row.note.as_ref().map_or_else(String::new, |note| format!("  {}", one_line(note))),
            );
        }
    }
    out
}

/// For a page or the summary of a job.
#[must_use]
pub fn markdown(profile: &Profile) -> String {
    let mut out = format!("# {}\n\n**{}**\n", plain(&profile.client.name), headline(profile));
    let origin = origin(profile);
    if !origin.is_empty() {
        let _ = writeln!(out, "\n{}.", plain(&origin));
    }
    for operation in &profile.operations {
        let _ = writeln!(
            out,
            "\n## {}\n\n{}, {}.",
            plain(&operation.name()),
            code(&format!("{} {}", operation.method, operation.path)),
            share(operation)
        );
        for (what, words) in [("Breaks when", whole(operation)), ("Sends", sends(operation))] {
            if !words.is_empty() {
                let _ = writeln!(out, "{what}: {}.", plain(&words));
            }
        }
        let rows = rows(operation);
        if rows.is_empty() {
            continue;
        }
        out.push_str("\n| member | type | values | breaks on | tolerates | known by |\n|---|---|---|---|---|---|\n");
        for row in rows {
            let values: Vec<String> =
                row.values.iter().map(|value| code(&value.to_string())).collect();
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                code(place(row)),
                row.kind.map_or("", super::JsonType::word),
                values.join(", "),
                plain(&broken(row)),
                plain(&changes(&row.tolerates)),
                plain(&known(row)),
            );
        }
    }
    out
}

/// The changes that break the client at a place; that it is needed says that it must not be gone.
fn broken(member: &Member) -> String {
    let mut all = member.breaks.clone();
    if member.needed && !all.contains(&Change::Gone) {
        all.insert(0, Change::Gone);
    }
    changes(&all)
}

#[derive(Template)]
#[template(path = "profile.html")]
struct Page<'a> {
    profile: &'a Profile,
    headline: String,
    origin: String,
}

/// What it depends on, row by row.
fn rows(operation: &Operation) -> Vec<&Member> {
    operation.needs.iter().filter(|row| row.matters()).collect()
}

/// One file for a browser.
#[must_use]
pub fn html(profile: &Profile) -> String {
    let page = Page { profile, headline: headline(profile), origin: origin(profile) };
    match page.render() {
        Ok(page) => visible(page),
        Err(error) => format!(
            "<!doctype html><title>lxca-conform</title><p>The profile could not be rendered: \
                {error}."
        ),
    }
}

/// One JSON document: the profile, and what it adds up to.
#[must_use]
pub fn json(profile: &Profile) -> Value {
    json!({
        "format": "lxca-conform/profile-explained/1",
        "headline": headline(profile),
        "reads": needs(profile),
        "members": held(profile),
        "dependencies": profile.dependencies(),
        "profile": profile,
    })
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    const TEXT: &str = "profile = 1\n[client]\nname = \"night|ly\"\nlearned = \
        \"2026-11-30T02:00:00Z\"\nfrom = \"double\"\nruns = 12\n[[operation]]\nid = \
        \"nodes.list\"\nmethod = \"GET\"\npath = \"/nodes\"\nmembers = 312\nbreaks = [\"order\"]\n\
        [[operation.member]]\npath = \"/nodeList/*/status\"\nknown = \"experiment\"\ntype = \
        \"string\"\nvalues = [\"<b>On</b>\"]\nruns = 3\n[[operation.member]]\npath = \
        \"/nodeList/*/x\"\nneeded = false\ntolerates = [\"gone\"]\n";

    #[test]
    fn each_form_tells_how_much_the_client_reads_and_of_what() {
        let profile = read("p.toml", TEXT).unwrap();
        let headline = "Your automation reads 1 of 312 members in 1 operation.";
        let said = text(&profile);
        assert!(said.contains(headline) && said.contains("learned in 12 runs, from the double"));
        assert!(said.contains("present; string; \"<b>On</b>\""), "{said}");
        assert!(!said.contains("/nodeList/*/x"), "what it doesn't need is left out");
        let page = html(&profile);
        assert!(page.contains(headline) && page.contains("&#60;b&#62;On"), "{page}");
        let written = markdown(&profile);
        assert!(written.contains(headline) && written.contains("# night&#124;ly"), "{written}");
        let value = json(&profile);
        assert_eq!((&value["reads"], &value["members"]), (&1.into(), &312.into()));
        assert_eq!(value["profile"]["operation"][0]["member"][0]["type"], "string");
    }
}
