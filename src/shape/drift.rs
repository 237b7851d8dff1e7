//! Differences between two shapes, as a consumer of the API meets them.
//!
//! Knows: shapes of the same steps of two runs. Must not know: whether a difference is documented;
//! the contract judges that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::pointer::escape;

use super::Shapes;
use super::node::Node;

/// What a consumer must do about a difference.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Class {
    /// What it relied on isn't so any more.
    Breaking,
    /// Something more, which it may leave alone.
    Additive,
}

impl Class {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What is different.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Kind {
    /// The operation answers with a status that it didn't have.
    StatusAppeared,
    /// The operation no longer answers with a status.
    StatusVanished,
    /// A member that wasn't there.
    MemberAppeared,
    /// A member that isn't there any more.
    MemberVanished,
    /// A type that wasn't met.
    Retyped,
    /// Texts of another form.
    FormatChanged,
    /// A word outside of the few that were seen.
    NewValue,
    /// A member that was always there is there sometimes.
    BecameOptional,
    /// A member that was there sometimes is always there.
    AlwaysThere,
    /// A value that differed is always the same.
    BecameConstant,
}

impl Kind {
    /// The class that it always has; a null that becomes something is the one exception.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::StatusAppeared
            | Self::MemberVanished
            | Self::Retyped
            | Self::FormatChanged
            | Self::BecameOptional => Class::Breaking,
            Self::StatusVanished
            | Self::MemberAppeared
            | Self::NewValue
            | Self::AlwaysThere
            | Self::BecameConstant => Class::Additive,
        }
    }

    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Operation.
    pub operation: String,
    /// Status.
    pub status: u16,
    /// The place in the body, with `*` for every index; empty for the whole.
    pub place: String,
    /// What is different.
    pub kind: Kind,
    /// What a consumer must do about it.
    pub class: Class,
    /// What was seen before.
    pub before: String,
    /// What is seen now.
    pub after: String,
    /// Whether the policy expects it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub allowed: bool,
}

impl Drift {
    /// `operation status place`, as a policy's globs name it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{} {} {}", self.operation, self.status, self.place).trim_end().to_owned()
    }
}

/// Every difference, by operation, status and place.
#[must_use]
pub fn drift(before: &Shapes, after: &Shapes) -> Vec<Drift> {
    let mut found = Vec::new();
    let operations = |shapes: &Shapes| {
        shapes.bodies.keys().map(|(operation, _)| operation.clone()).collect::<BTreeSet<_>>()
    };
    let both: BTreeSet<String> =
        operations(before).intersection(&operations(after)).cloned().collect();
    let keys: BTreeSet<&(String, u16)> = before
        .bodies
        .keys()
        .chain(after.bodies.keys())
        .filter(|(operation, _)| both.contains(operation))
        .collect();
    for key in keys {
        let mut at = At { operation: &key.0, status: key.1, found: &mut found };
        match (before.bodies.get(key), after.bodies.get(key)) {
            (Some(one), Some(other)) => at.compare(one, other, ""),
            (None, Some(other)) => at.say(Kind::StatusAppeared, "", "never", &times(other.seen)),
            (Some(one), None) => at.say(Kind::StatusVanished, "", &times(one.seen), "never"),
            (None, None) => {}
        }
    }
    found
}

struct At<'a> {
    operation: &'a str,
    status: u16,
    found: &'a mut Vec<Drift>,
}

impl At<'_> {
    fn say(&mut self, kind: Kind, place: &str, before: &str, after: &str) {
        self.push(kind, kind.class(), place, before, after);
    }

    fn push(&mut self, kind: Kind, class: Class, place: &str, before: &str, after: &str) {
        let (before, after) = (crate::contract::cut(before), crate::contract::cut(after));
        self.found.push(Drift {
            operation: self.operation.to_owned(),
            status: self.status,
            place: place.to_owned(),
            kind,
            class,
            before,
            after,
            allowed: false,
        });
    }

    fn compare(&mut self, before: &Node, after: &Node, place: &str) {
        let (was, is) = (before.kinds(), after.kinds());
        if !is.is_subset(&was) {
            let class =
                if was == BTreeSet::from(["null"]) { Class::Additive } else { Class::Breaking };
            self.push(Kind::Retyped, class, place, &list(&was), &list(&is));
        }
        self.texts(before, after, place);
        let names: BTreeSet<&String> = before.members.keys().chain(after.members.keys()).collect();
        // Without an object on both sides there is nothing to be missing from.
        if before.objects() > 0 && after.objects() > 0 {
            for name in names {
                let below = format!("{place}/{}", escape(name));
                match (before.members.get(name), after.members.get(name)) {
                    (None, Some(member)) => self.say(
                        Kind::MemberAppeared,
                        &below,
                        "absent",
                        &format!(
                            "{}, {}",
                            list(&member.kinds()),
                            share(member.seen, after.objects())
                        ),
                    ),
                    (Some(member), None) => self.say(
                        Kind::MemberVanished,
                        &below,
                        &format!(
                            "{}, {}",
                            list(&member.kinds()),
                            share(member.seen, before.objects())
                        ),
                        "absent",
                    ),
                    (Some(one), Some(other)) => {
                        match (one.seen == before.objects(), other.seen == after.objects()) {
                            (true, false) => self.say(
                                Kind::BecameOptional,
                                &below,
                                "always there",
                                &share(other.seen, after.objects()),
                            ),
                            (false, true) => self.say(
                                Kind::AlwaysThere,
                                &below,
                                &share(one.seen, before.objects()),
                                "always there",
                            ),
                            _ => {}
                        }
                        self.compare(one, other, &below);
                    }
                    (None, None) => {}
                }
            }
        }
        if let (Some(one), Some(other)) = (&before.items, &after.items) {
            self.compare(one, other, &format!("{place}/*"));
        }
    }

    fn texts(&mut self, before: &Node, after: &Node, place: &str) {
        let (was, is) = (before.formats(), after.formats());
        let particular = !was.is_empty() && !was.contains("text");
        if particular && !is.is_subset(&was) {
            self.say(Kind::FormatChanged, place, &list(&was), &list(&is));
        }
        if before.volatile || after.volatile {
            return;
        }
        if let (Some(known), Some(values)) = (before.closed(), after.values()) {
            let new: BTreeSet<&str> = values
                .keys()
                .map(String::as_str)
                .filter(|value| value.starts_with('"') && !known.contains(value))
                .collect();
            if !new.is_empty() {
                self.say(Kind::NewValue, place, &list(&known), &list(&new));
            }
        }
        if before.different() >= 3 && after.different() == 1 && after.seen >= 3 {
            let value =
                after.values().and_then(|values| values.keys().next()).map_or("", String::as_str);
            self.say(
                Kind::BecameConstant,
                place,
                &format!("{} values or more", before.different()),
                &format!("always {value}"),
            );
        }
    }
}

fn list(words: &BTreeSet<&str>) -> String {
    words.iter().copied().collect::<Vec<_>>().join(", ")
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn share(part: u64, whole: u64) -> String {
    if part == whole { "always there".to_owned() } else { format!("there in {part} of {whole}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shapes(bodies: &[Value]) -> Shapes {
        let mut shapes = Shapes::default();
        for body in bodies {
            shapes.bodies.entry(("locks.list".to_owned(), 200)).or_default().observe(
                body,
                "",
                &["/*/id".to_owned()],
            );
        }
        shapes
    }

    fn shown_values(before: &[Value], after: &[Value]) -> Vec<String> {
        drift(&shapes(before), &shapes(after))
            .iter()
            .map(|one| format!("{} {} {}", one.class.word(), one.kind.word(), one.place))
            .collect()
    }

    #[test]
    fn each_difference_has_its_class() {
        let row = |more: Value| json!([more]);
        assert_eq!(
            shown_values(&[row(json!({ "a": 1 }))], &[row(json!({ "a": 1, "b": 2 }))]),
            ["additive member-appeared /*/b"]
        );
        assert_eq!(
            shown_values(&[row(json!({ "a": 1, "b": 2 }))], &[row(json!({ "a": 1 }))]),
            ["breaking member-vanished /*/b"]
        );
        assert_eq!(
            shown_values(&[row(json!({ "a": 1 }))], &[row(json!({ "a": "1" }))]),
            ["breaking retyped /*/a"]
        );
        assert_eq!(
            shown_values(&[row(json!({ "a": null }))], &[row(json!({ "a": "x" }))]),
            ["additive retyped /*/a"]
        );
        assert_eq!(
            shown_values(
                &[row(json!({ "a": "2022-09-09T01:46:08Z" }))],
                &[row(json!({ "a": "2022-09-09 01:46:08" }))]
            ),
            ["breaking format-changed /*/a"]
        );
        assert_eq!(
            shown_values(&[json!([{ "a": 1 }, { "a": 1 }])], &[json!([{ "a": 1 }, {}])]),
            ["breaking became-optional /*/a"]
        );
        assert_eq!(
            shown_values(&[json!([{ "a": 1 }, {}])], &[json!([{ "a": 1 }, { "a": 1 }])]),
            ["additive always-there /*/a"]
        );
        let words = |words: &[&str]| {
            json!(words.iter().map(|word| json!({ "a": word })).collect::<Vec<_>>())
        };
        assert_eq!(
            shown_values(&[words(&["X", "Y", "X", "Y"])], &[words(&["X", "Z"])]),
            ["additive new-value /*/a"]
        );
        assert_eq!(
            shown_values(&[words(&["p q!", "r", "s t?"])], &[words(&["r", "r", "r"])]),
            ["additive became-constant /*/a"]
        );
        assert_eq!(
            shown_values(&[row(json!({ "a": 1 }))], &[json!({ "rows": [] })]),
            ["breaking retyped "]
        );
    }

    #[test]
    fn values_of_volatile_members_and_empty_lists_say_nothing() {
        let ids =
            |ids: &[&str]| json!(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
        assert!(
            shown_values(&[ids(&["a", "b", "a", "b"])], &[ids(&["c", "c", "c", "c"])]).is_empty()
        );
        assert!(shown_values(&[json!([{ "a": 1 }])], &[json!([])]).is_empty());
        assert!(shown_values(&[json!([])], &[json!([{ "a": 1 }])]).is_empty());
    }
}
