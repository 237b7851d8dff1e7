//! What is asked: the cases of `cases/`.
//!
//! Knows: case files and the contract they refer to. Must not know: the outside world, or what came
//! back.

use std::collections::HashMap;

mod case;
mod explore;
mod file;
mod generate;
mod id;
mod lint;
mod lint_cleanup;
mod lint_requests;
mod near;
mod outgoing;
mod write;

pub use case::{
    Agrees, Appeared, Assume, Auth, BETWEEN, Capture, Case, Condition, Effect, Expect, GRACE_EVERY,
    Holds, Instead, Own, Poll, Read, Relation, RequestSpec, Step, StepKind, Where,
};
pub use explore::{Exploration, Smaller, is_drawn, smaller};
pub use file::{is_case_file, load};
pub use generate::{Level, Repeated, generate};
pub use id::CatalogueId;
pub use lint::{SESSION, flaws, is_consistent, lint};
pub(crate) use near::no_miss;
pub use outgoing::{Facts, request};
pub(crate) use outgoing::{encoded, fill};
pub use write::written;

/// All cases, in the order of their files.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The cases.
    pub cases: Vec<Case>,
    /// Identity of the files it was loaded from, and of the cases that were added.
    pub digest: String,
    /// How many of the generated cases are in it.
    pub generated: Level,
    /// The cases that were drawn at random, if there are any.
    pub exploration: Option<Exploration>,
}

impl Catalogue {
    /// The cases by their full ids and aliases, for whoever looks for more than a few.
    #[must_use]
    pub fn by_id(&self) -> HashMap<&str, &Case> {
        // What comes later replaces what came before, and the first in the order of files wins.
        let mut found = HashMap::with_capacity(self.cases.len());
        for case in self.cases.iter().rev() {
            found.extend(case.aliases.iter().map(|alias| (alias.as_str(), case)));
            found.insert(case.id.as_str(), case);
        }
        found
    }

    /// A case by its full id or one of its aliases.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id || case.aliases.iter().any(|alias| alias == id))
    }
}
