//! What a client newly depends on, and on what it no longer does.
//!
//! Knows: two profiles. Must not know: files, answers.

use serde::Serialize;

use super::Profile;
use super::words::{Change, Level};

/// The difference of two profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// What the client depends on now, and didn't.
    pub newly: Vec<Dependency>,
    /// What it depended on, and doesn't.
    pub no_longer: Vec<Dependency>,
}

/// One thing that a client depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dependency {
    /// Id of the operation, or method and path.
    pub operation: String,
    /// The place in the answer, with `*` for rows; empty for the whole of it.
    pub place: String,
    /// What it depends on there.
    pub what: String,
}

impl Profile {
    /// Each single thing that the client depends on.
    #[must_use]
    pub fn dependencies(&self) -> Vec<Dependency> {
        let mut all = Vec::new();
        for operation in &self.operations {
            let mut say = |place: &str, what: String| {
                all.push(Dependency { operation: operation.name(), place: place.to_owned(), what });
            };
            let in_words = [Change::Status, Change::Refused];
            if operation.needs_answer {
                say("", "an answer".to_owned());
            }
            if operation.needs_status {
                say("", "the status".to_owned());
            }
            for change in operation.breaks.iter().filter(|change| !in_words.contains(change)) {
                say("", format!("not `{}`", change.word()));
            }
            for member in &operation.needs {
                if member.needed {
                    say(&member.path, "the member".to_owned());
                }
                if let Some(kind) = member.kind {
                    say(&member.path, format!("the type {}", kind.word()));
                }
                for value in &member.values {
                    say(&member.path, format!("the value {value}"));
                }
                // What follows from a member, a type or a value that is needed isn't told twice.
                let told = |change: Change| match change {
                    Change::Gone | Change::Renamed => member.needed,
                    Change::Null | Change::Type => member.kind.is_some(),
                    Change::UnknownValue | Change::OtherValue => !member.values.is_empty(),
                    other => other.level() == Level::Answer,
                };
                for change in member.breaks.iter().filter(|change| !told(**change)) {
                    say(&member.path, format!("not `{}`", change.word()));
                }
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

/// Holds two profiles of a client against each other.
#[must_use]
pub fn diff(old: &Profile, new: &Profile) -> Difference {
    let (old, new) = (old.dependencies(), new.dependencies());
    let only = |these: &[Dependency], those: &[Dependency]| {
        these.iter().filter(|one| !those.contains(one)).cloned().collect()
    };
    Difference { newly: only(&new, &old), no_longer: only(&old, &new) }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn profile(members: &str) -> Profile {
        let text = format!(
            "profile = 1\n[client]\nname = \"a\"\n[[operation]]\nid = \"nodes.list\"\n\
            method = \"GET\"\npath = \"/nodes\"\n{members}"
        );
        read("p.toml", &text).unwrap()
    }

    #[test]
    fn only_what_is_depended_on_is_told_and_each_thing_once() {
        let old = profile(
            "[[operation.member]]\npath = \"/a\"\nbreaks = [\"gone\", \"renamed\"]\n\
            [[operation.member]]\npath = \"/b\"\nneeded = false\ntolerates = [\"gone\"]\n",
        );
        let new = profile(
            "breaks = [\"order\"]\n[[operation.member]]\npath = \"/a\"\nneeded = false\n\
            type = \"string\"\nvalues = [\"x\"]\nbreaks = [\"type\", \"other-value\"]\n",
        );
        let found = diff(&old, &new);
        let said = |list: &[Dependency]| -> Vec<String> {
            list.iter().map(|one| format!("{} {}", one.place, one.what)).collect()
        };
        assert_eq!(
            said(&found.newly),
            [" not `order`", "/a the type string", "/a the value \"x\""]
        );
        assert_eq!(said(&found.no_longer), ["/a the member"]);
        let same = diff(&new, &new);
        assert!(same.newly.is_empty() && same.no_longer.is_empty());
    }
}
