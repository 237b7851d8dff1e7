//! Three classes of consumers that nobody described: how each would fare.
//!
//! Knows: the differences of shape between two runs. Must not know: profiles, requirements.

use serde::{Deserialize, Serialize};

use crate::shape::{Class, Drift, Kind};

use super::{Effect, Fate};

/// How a class of consumers fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassAnswer {
    /// Its name: `tolerant-reader`, `typed-client` or `closed-enums`.
    pub class: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The answer.
    pub answer: Fate,
    /// What does something to it, the gravest first.
    pub effects: Vec<Effect>,
}

/// A class, what it is, and what a difference does to it.
type Row = (&'static str, &'static str, fn(&Drift) -> Fate);

const CLASSES: &[Row] = &[
    (
        "tolerant-reader",
        "reads the members that it needs by their names, and passes over all else",
        tolerant,
    ),
    (
        "typed-client",
        "is generated from what was there: each member has its type and its form, and those that \
            were always there have to be",
        typed,
    ),
    ("closed-enums", "is a typed client that refuses a word which it doesn't know", closed),
];

fn tolerant(drift: &Drift) -> Fate {
    match drift.kind {
        Kind::MemberVanished | Kind::Retyped if drift.class == Class::Breaking => Fate::Breaks,
        Kind::StatusAppeared | Kind::BecameOptional => Fate::AtRisk,
        _ => Fate::Safe,
    }
}

fn typed(drift: &Drift) -> Fate {
    match drift.kind {
        Kind::MemberVanished | Kind::Retyped | Kind::BecameOptional
            if drift.class == Class::Breaking =>
        {
            Fate::Breaks
        }
        Kind::FormatChanged if drift.class == Class::Breaking => Fate::Breaks,
        Kind::StatusAppeared => Fate::AtRisk,
        _ => Fate::Safe,
    }
}

fn closed(drift: &Drift) -> Fate {
    match drift.kind {
        Kind::NewValue => Fate::Breaks,
        _ => typed(drift),
    }
}

/// How each class fares; where nothing could be compared, nobody can tell.
#[must_use]
pub(in crate::gate) fn classes(drift: &[Drift], compared: bool) -> Vec<ClassAnswer> {
    CLASSES
        .iter()
        .map(|(class, about, of)| {
            let relevant = drift.iter().filter(|one| one.status < 300 && !one.allowed);
            let mut effects: Vec<Effect> = relevant
                .map(|one| Effect {
                    fate: of(one),
                    operation: one.operation.clone(),
                    place: one.place.clone(),
                    change: one.kind.word().to_owned(),
                    text: format!("{} → {}", one.before, one.after),
                })
                .filter(|effect| effect.fate > Fate::Safe)
                .collect();
            effects.sort_by(|one, other| other.fate.cmp(&one.fate).then_with(|| one.cmp(other)));
            let unknown = if compared { Fate::Safe } else { Fate::AtRisk };
            ClassAnswer {
                class: (*class).to_owned(),
                about: (*about).to_owned(),
                answer: effects.first().map_or(unknown, |effect| effect.fate),
                effects,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drift(kind: Kind) -> Drift {
        Drift {
            operation: "nodes.list".to_owned(),
            status: 200,
            place: "/nodeList/*/x".to_owned(),
            kind,
            class: kind.class(),
            before: String::new(),
            after: String::new(),
            allowed: false,
        }
    }

    #[test]
    fn one_change_is_three_answers() {
        let fates = |kind: Kind| -> Vec<&str> {
            classes(&[drift(kind)], true).iter().map(|one| one.answer.word()).collect()
        };
        assert_eq!(fates(Kind::MemberVanished), ["breaks", "breaks", "breaks"]);
        assert_eq!(fates(Kind::BecameOptional), ["at-risk", "breaks", "breaks"]);
        assert_eq!(fates(Kind::FormatChanged), ["safe", "breaks", "breaks"]);
        assert_eq!(fates(Kind::NewValue), ["safe", "safe", "breaks"]);
        assert_eq!(fates(Kind::MemberAppeared), ["safe", "safe", "safe"]);
        let unknown = classes(&[], false);
        assert!(unknown.iter().all(|one| one.answer == Fate::AtRisk));
    }
}
