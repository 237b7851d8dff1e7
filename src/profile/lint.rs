//! Whether a profile says what can be so: names that the contract knows, and rows that don't
//! contradict themselves.
//!
//! Knows: profiles with the places of their rows, the contract. Must not know: files, answers.

use crate::contract::{Contract, Operation as Documented, Place, operation_of, route_key};
use crate::hint::nearest;
use crate::problem::Problem;

use super::read::{read_with_places, shown};
use super::words::{Change, JsonType, Level};
use super::{Member, Operation, Profile};

/// Reads a profile and holds it against the contract; gives back either all of it, with what a
/// person should know, or every problem.
pub fn lint(
    file: &str,
    text: &str,
    contract: &Contract,
) -> Result<(Profile, Vec<String>), Vec<Problem>> {
    let (profile, places) = read_with_places(file, text)?;
    let mut lint = Lint { file, text, contract, problems: Vec::new() };
    if profile.operations.is_empty() {
        lint.say(
            0,
            "the profile has no [[operation]], so it says nothing of its client",
            "learn it with `lxca-conform depend`, or write what the client calls",
        );
    }
    for (operation, (at, members)) in profile.operations.iter().zip(&places) {
        let documented = lint.operation(operation, *at);
        for (member, at) in operation.needs.iter().zip(members) {
            if let Some(documented) = documented {
                lint.known(documented, member, *at);
            }
            lint.consistent(member, *at);
        }
    }
    if !lint.problems.is_empty() {
        lint.problems.sort_by_key(|problem| problem.at);
        return Err(lint.problems);
    }
    let notes = notes(file, &profile, contract);
    Ok((profile, notes))
}

/// What is no mistake, and weakens what the profile can tell.
fn notes(file: &str, profile: &Profile, contract: &Contract) -> Vec<String> {
    let mut notes = Vec::new();
    if !profile.client.complete {
        notes.push(format!(
            "{file}: the profile isn't complete: not every change was tried, and a gate can't \
                tell where one wasn't"
        ));
    }
    if profile.client.contract.as_ref().is_some_and(|digest| *digest != contract.digest) {
        notes.push(format!("{file}: the profile was learned with another contract than this one"));
    }
    for operation in profile.operations.iter().filter(|operation| operation.id.is_none()) {
        if let Some(id) = documented(contract, operation) {
            notes.push(format!(
                "{file}: the contract knows {} {} as {}",
                operation.method, operation.path, id.id
            ));
        } else {
            notes.push(format!(
                "{file}: the contract doesn't know {} {}, so that a gate can't tell of it; correct \
                    method and path, or add the operation with --contract DIR",
                operation.method, operation.path
            ));
        }
    }
    notes
}

/// The operation of the contract with the same method and path, whatever its placeholders are
/// called.
#[must_use]
pub fn documented<'a>(contract: &'a Contract, operation: &Operation) -> Option<&'a Documented> {
    if let Some(known) = operation.id.as_ref().and_then(|id| contract.operations.get(id)) {
        return Some(known);
    }
    let key = route_key(&operation.method, &operation.path);
    let same = |known: &&Documented| route_key(&known.method, &known.path) == key;
    contract.operations.values().find(same).or_else(|| {
        let id = operation_of(contract, &operation.method, &operation.path)?;
        contract.operations.get(id)
    })
}

impl Profile {
    /// Names each operation as the contract does, and marks each member that no page documents, so
    /// that a member that was seen is told from one that was mistyped. For whoever learns a
    /// profile.
    pub fn hold_against(&mut self, contract: &Contract) {
        for operation in &mut self.operations {
            let Some(known) = documented(contract, operation) else { continue };
            operation.id = Some(known.id.clone());
            for member in &mut operation.needs {
                member.undocumented =
                    matches!(contract.place(known, &member.path), Place::Unknown { .. });
            }
        }
        self.client.contract = Some(contract.digest.clone());
    }
}

struct Lint<'a> {
    file: &'a str,
    text: &'a str,
    contract: &'a Contract,
    problems: Vec<Problem>,
}

impl<'a> Lint<'a> {
    fn say(&mut self, at: usize, what: impl Into<String>, fix: impl Into<String>) {
        self.problems.push(Problem::new(self.file, what).at(self.text, at).fix(fix));
    }

    /// The operation of the contract that a call is of.
    fn operation(&mut self, operation: &Operation, at: usize) -> Option<&'a Documented> {
        let contract = self.contract;
        if let Some(id) = &operation.id {
            let Some(known) = contract.operations.get(id) else {
                let near = nearest(id, contract.operations.keys().map(String::as_str));
                let fix = near.first().map_or_else(
                    || {
                        "`lxca-conform coverage` lists them; leave `id` out for a call outside of \
                        the contract"
                            .to_owned()
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                self.say(at, format!("the contract has no operation `{id}`"), fix);
                return None;
            };
            if route_key(&known.method, &known.path)
                != route_key(&operation.method, &operation.path)
            {
                self.say(
                    at,
                    format!(
                        "`{id}` is {} {}, and not {} {}",
                        known.method, known.path, operation.method, operation.path
                    ),
                    "correct the id, or method and path",
                );
            }
        }
        self.answers(operation, at);
        documented(contract, operation)
    }

    /// Contradictions of what is said of whole answers.
    fn answers(&mut self, operation: &Operation, at: usize) {
        let name = operation.name();
        self.both(&name, &operation.breaks, &operation.tolerates, at);
        for (needs, key, change) in [
            (operation.needs_status, "needs-status", Change::Status),
            (operation.needs_answer, "needs-answer", Change::Refused),
        ] {
            let (broken, list) = if needs {
                (operation.tolerates.contains(&change), "tolerates")
            } else {
                (operation.breaks.contains(&change), "breaks")
            };
            if broken {
                self.say(
                    at,
                    format!("{name}: {key} = {needs} contradicts `{}` in {list}", change.word()),
                    "correct one of the two",
                );
            }
        }
    }

    fn both(&mut self, name: &str, breaks: &[Change], tolerates: &[Change], at: usize) {
        for change in breaks.iter().filter(|change| tolerates.contains(change)) {
            self.say(
                at,
                format!("{name}: `{}` is in breaks and in tolerates", change.word()),
                "leave it in one of them",
            );
        }
    }

    /// Whether the pages name the place.
    fn known(&mut self, documented: &Documented, member: &Member, at: usize) {
        if member.undocumented {
            return;
        }
        let Place::Unknown { below, members } = self.contract.place(documented, &member.path)
        else {
            return;
        };
        let rest = member.path.strip_prefix(&below).unwrap_or_default();
        let wrong = rest.split('/').nth(1).unwrap_or_default();
        let near = nearest(wrong, members.iter().map(String::as_str));
        let after = rest.get(wrong.len() + 1..).unwrap_or_default();
        let fix = match (near.first(), members.first()) {
            (Some(near), _) => format!("did you mean `{below}/{near}{after}`?"),
            (None, Some(only)) if members.len() == 1 => {
                format!("did you mean `{below}/{only}/{wrong}{after}`?")
            }
            _ => format!("no page names such a member of {}", shown(&below)),
        };
        self.say(
            at,
            format!("{} has no member `{}`", documented.id, member.path),
            format!("{fix} Write undocumented = true where the appliance sends it all the same"),
        );
    }

    /// Contradictions of what is said of one place.
    fn consistent(&mut self, member: &Member, at: usize) {
        let place = shown(&member.path).to_owned();
        self.both(&place, &member.breaks, &member.tolerates, at);
        let mut say = |what: &str, fix: &str| self.say(at, format!("{place}: {what}"), fix);
        if !member.needed && member.breaks.contains(&Change::Gone) {
            say("needed = false, and `gone` is in breaks", "set needed = true, or remove `gone`");
        }
        if member.needed && member.tolerates.contains(&Change::Gone) {
            say(
                "needed = true, and `gone` is in tolerates",
                "set needed = false, or remove `gone`",
            );
        }
        if member.kind.is_some() && member.tolerates.contains(&Change::Type) {
            say("it needs a type, and `type` is in tolerates", "remove `type` from one of them");
        }
        let any = [Change::UnknownValue, Change::OtherValue];
        if !member.values.is_empty() && any.iter().all(|one| member.tolerates.contains(one)) {
            say(
                "it relies on values, and any other value is in tolerates",
                "remove `values`, or `unknown-value` and `other-value`",
            );
        }
        let Some(kind) = member.kind else { return };
        if let Some(value) = member.values.iter().find(|value| !kind.takes(JsonType::of(value))) {
            let found = JsonType::of(value).word();
            say(
                &format!("it needs the type {}, and one of its values is a {found}", kind.word()),
                "write the values with the type that the appliance sends",
            );
        }
        let of_lists = member.breaks.iter().chain(&member.tolerates);
        if kind != JsonType::Array
            && let Some(change) = of_lists.into_iter().find(|one| one.level() == Level::List)
        {
            say(
                &format!(
                    "`{}` is a change of a list, and its type is {}",
                    change.word(),
                    kind.word()
                ),
                "write it in the row of the list",
            );
        }
    }
}
