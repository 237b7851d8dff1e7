//! What is asked: the cases of `cases/`.
//!
//! Knows: case files and the contract they refer to. Must not know: the outside world, or what came back.

mod case;
mod file;
mod lint;

pub use case::{Assume, Auth, Capture, Case, Condition, Effect, Expect, Instead, Own, Poll, Read, RequestSpec, Step, StepKind, Where};
pub(crate) use file::duration;
pub use file::load;
pub use lint::{FACTS, SESSION, lint};

/// All cases, in the order of their files.
#[derive(Debug)]
pub struct Catalogue {
    /// The cases.
    pub cases: Vec<Case>,
    /// Identity of the files it was loaded from.
    pub digest: String,
}

impl Catalogue {
    /// A case by its full id or one of its aliases.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id == id || case.aliases.iter().any(|alias| alias == id))
    }
}
