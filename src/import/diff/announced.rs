//! What the pages announce, held against what runs show.
//!
//! Knows: changes of pages, and the drift of bodies. Must not know: how either was found.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::shape::Drift;

use super::Change;

/// What became of a change that a page announces, or of one that a run shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Standing {
    /// The page says it, and the runs show it.
    Announced,
    /// The runs show it, and no page says it.
    Unannounced,
    /// The page says it, and the runs don't show it.
    Absent,
}

impl Standing {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// A change with its standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// What became of it.
    pub standing: Standing,
    /// The rule, by the word of drift.
    pub rule: String,
    /// Method and path, or the operation's id where no page speaks of it.
    pub operation: String,
    /// The place: of the body where a run shows it, else of the page.
    pub place: String,
    /// In words.
    pub text: String,
}

/// Holds what the pages announce against what the runs show. `about` gives method and path of an
/// operation's id. Changes of requests can't be seen in answers and are left out.
#[must_use]
pub fn announced(
    changes: &[Change],
    drift: &[Drift],
    about: &dyn Fn(&str) -> Option<String>,
) -> Vec<Announcement> {
    let mut found = Vec::new();
    let mut seen = vec![false; changes.len()];
    for one in drift {
        let operation = about(&one.operation).unwrap_or_else(|| one.operation.clone());
        let hit = changes.iter().position(|change| matches(change, one, &operation));
        if let Some(index) = hit {
            seen[index] = true;
        }
        found.push(Announcement {
            standing: if hit.is_some() { Standing::Announced } else { Standing::Unannounced },
            rule: one.kind.word().to_owned(),
            operation,
            place: format!("{} {}", one.status, one.place).trim_end().to_owned(),
            text: before_after(&one.before, &one.after),
        });
    }
    for (change, _) in changes.iter().zip(seen).filter(|(_, seen)| !seen) {
        let in_answers =
            change.place.starts_with("response/") || change.place.starts_with("codes/");
        if in_answers {
            found.push(Announcement {
                standing: Standing::Absent,
                rule: change.rule.word().to_owned(),
                operation: change.operation.clone(),
                place: change.place.clone(),
                text: before_after(&change.before, &change.after),
            });
        }
    }
    found
}

fn before_after(before: &str, after: &str) -> String {
    let or_nothing =
        |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    format!("before: {}; after: {}", or_nothing(before), or_nothing(after))
}

/// Whether a change of the page is this one of a body.
fn matches(change: &Change, drift: &Drift, operation: &str) -> bool {
    if change.operation != operation || change.rule.word() != drift.kind.word() {
        return false;
    }
    if let Some(code) = change.place.strip_prefix("codes/") {
        return code == drift.status.to_string();
    }
    let Some(path) = change.place.strip_prefix("response/") else { return false };
    let names = drift.place.split('/').filter(|name| !name.is_empty() && *name != "*");
    names.eq(path.split('/'))
}
