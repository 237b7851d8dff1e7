//! Several clients as one: what any of them needs.
//!
//! Knows: profiles. A change is tolerated only where each client that has the row tolerates it.
//! Must not know: files, contracts.

use super::words::{Change, JsonType, Known};
use super::{Client, Member, Operation, Profile};

/// One profile for all; an error where no answer could serve all of them.
pub fn merge(profiles: &[Profile], name: Option<&str>) -> Result<Profile, Vec<String>> {
    let mut problems = Vec::new();
    let mut operations: Vec<Operation> = Vec::new();
    for operation in profiles.iter().flat_map(|profile| &profile.operations) {
        let same = |known: &&mut Operation| {
            known.method == operation.method && known.path == operation.path
        };
        match operations.iter_mut().find(same) {
            Some(known) => add(known, operation, &mut problems),
            None => operations.push(operation.clone()),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut merged = Profile { client: client(profiles, name), operations };
    merged.sort();
    Ok(merged)
}

/// What all of them have, if it is the same.
fn common<T: PartialEq>(mut all: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = all.next()??;
    all.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

fn client(profiles: &[Profile], name: Option<&str>) -> Client {
    let clients = || profiles.iter().map(|profile| &profile.client);
    let mut names: Vec<String> = clients()
        .flat_map(
            |one| if one.merged.is_empty() { vec![one.name.clone()] } else { one.merged.clone() },
        )
        .collect();
    names.sort();
    names.dedup();
    Client {
        learned: clients().filter_map(|one| one.learned).max(),
        by: common(clients().map(|one| one.by.clone())),
        from: common(clients().map(|one| one.from)),
        source: common(clients().map(|one| one.source.clone())),
        version: common(clients().map(|one| one.version.clone())),
        runs: clients().map(|one| one.runs).try_fold(0, |sum: u64, runs| Some(sum + runs?)),
        compare: common(clients().map(|one| one.compare)),
        complete: clients().all(|one| one.complete),
        why: clients().find_map(|one| one.why),
        contract: common(clients().map(|one| one.contract.clone())),
        name: name.map_or_else(|| names.join("+"), str::to_owned),
        command: Vec::new(),
        merged: names,
    }
}

fn union<T: Clone + PartialEq>(known: &mut Vec<T>, more: &[T]) {
    for one in more {
        if !known.contains(one) {
            known.push(one.clone());
        }
    }
}

/// What none of two breaks on, and each tolerates.
fn tolerated(known: &[Change], more: &[Change], breaks: &[Change]) -> Vec<Change> {
    known
        .iter()
        .copied()
        .filter(|change| more.contains(change) && !breaks.contains(change))
        .collect()
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

fn notes(one: Option<&String>, other: Option<&String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}; {other}")),
        (one, other) => one.or(other).cloned(),
    }
}

/// An experiment counts more than what was only seen or written.
fn known_by(one: Known, other: Known) -> Known {
    one.min(other)
}

fn add(known: &mut Operation, more: &Operation, problems: &mut Vec<String>) {
    known.id = known.id.take().or_else(|| more.id.clone());
    known.calls = sum(known.calls, more.calls);
    known.members = known.members.max(more.members);
    known.grade = known.grade.min(more.grade);
    known.known = known_by(known.known, more.known);
    union(&mut known.query, &more.query);
    union(&mut known.headers, &more.headers);
    union(&mut known.body, &more.body);
    union(&mut known.status, &more.status);
    known.needs_status |= more.needs_status;
    known.needs_answer |= more.needs_answer;
    union(&mut known.breaks, &more.breaks);
    known.tolerates = tolerated(&known.tolerates, &more.tolerates, &known.breaks);
    known.note = notes(known.note.as_ref(), more.note.as_ref());
    for member in &more.needs {
        match known.needs.iter_mut().find(|one| one.path == member.path) {
            Some(one) => {
                if let Err(why) = add_member(one, member) {
                    problems.push(format!("{} {}: {why}", known.name(), member.path));
                }
            }
            None => known.needs.push(member.clone()),
        }
    }
}

fn add_member(known: &mut Member, more: &Member) -> Result<(), String> {
    known.kind = match (known.kind, more.kind) {
        (Some(one), Some(other)) if one.takes(other) => Some(other),
        (Some(one), Some(other)) if other.takes(one) => Some(one),
        (Some(one), Some(other)) => {
            return Err(format!(
                "one client needs the type {}, another one {}",
                one.word(),
                JsonType::word(other)
            ));
        }
        (one, other) => one.or(other),
    };
    known.grade = known.grade.min(more.grade);
    known.known = known_by(known.known, more.known);
    known.undocumented |= more.undocumented;
    known.needed |= more.needed;
    known.runs = sum(known.runs, more.runs);
    union(&mut known.values, &more.values);
    union(&mut known.breaks, &more.breaks);
    known.tolerates = tolerated(&known.tolerates, &more.tolerates, &known.breaks);
    known.note = notes(known.note.as_ref(), more.note.as_ref());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn profile(name: &str, member: &str) -> Profile {
        let text = format!(
            "profile = 1\n[client]\nname = \"{name}\"\nruns = 4\n[[operation]]\nmethod = \"GET\"\n\
            path = \"/nodes\"\nknown = \"experiment\"\n[[operation.member]]\npath = \"/a\"\n{member}"
        );
        read("p.toml", &text).unwrap()
    }

    #[test]
    fn what_one_needs_all_need_and_what_one_breaks_on_nobody_tolerates() {
        let one = profile("b", "needed = false\ntolerates = [\"gone\", \"extra\", \"null\"]\n");
        let other = profile(
            "a",
            "type = \"string\"\nvalues = [\"x\"]\nbreaks = [\"gone\", \"type\"]\n\
            tolerates = [\"extra\"]\n",
        );
        let merged = merge(&[one, other], None).unwrap();
        assert_eq!((merged.client.name.as_str(), merged.client.runs), ("a+b", Some(8)));
        assert_eq!(merged.client.merged, ["a", "b"]);
        let member = &merged.operations[0].needs[0];
        assert!(member.needed && member.kind == Some(JsonType::String));
        assert_eq!(member.breaks, [Change::Gone, Change::Type]);
        assert_eq!(member.tolerates, [Change::Extra]);
        let named = merge(&[merged.clone(), profile("c", "")], Some("all")).unwrap();
        assert_eq!(named.client.merged, ["a", "b", "c"]);
        assert_eq!(named.client.name, "all");
    }

    #[test]
    fn no_answer_can_have_two_types_at_one_place() {
        let (one, other) =
            (profile("a", "type = \"string\"\n"), profile("b", "type = \"array\"\n"));
        let problems = merge(&[one, other], None).unwrap_err();
        assert_eq!(
            problems,
            ["GET /nodes /a: one client needs the type string, another one array"]
        );
        let (one, other) =
            (profile("a", "type = \"number\"\n"), profile("b", "type = \"integer\"\n"));
        let merged = merge(&[one, other], None).unwrap();
        assert_eq!(merged.operations[0].needs[0].kind, Some(JsonType::Integer));
    }
}
