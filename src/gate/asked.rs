//! Which of the generated and random cases a run was made with, and which it wasn't asked for.
//!
//! Knows: what a run keeps of `--generated` and `--explore`. A case that nobody asked for is no
//! change of the suite. Must not know: verdicts, or what a change does to the answer.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, CatalogueId, Exploration, is_drawn};
use crate::contract::Contract;

/// The cases of today's catalogue that a run left out by its selection.
pub(super) struct Omitted {
    generated: BTreeSet<String>,
    level: String,
    drawn: bool,
}

impl Omitted {
    /// Those that a run left out; `run` is the catalogue that it was made with.
    pub(super) fn by(contract: &Contract, catalogue: &Catalogue, run: &CatalogueId) -> Self {
        let mut generated = BTreeSet::new();
        if run.generated < catalogue.generated {
            let had: BTreeSet<String> = Catalogue::only_generated(contract, run.generated)
                .cases
                .into_iter()
                .map(|case| case.id)
                .collect();
            let all = catalogue.cases.iter().filter(|case| case.generated && !is_drawn(&case.id));
            generated = all.map(|case| case.id.clone()).filter(|id| !had.contains(id)).collect();
        }
        Self {
            generated,
            level: run.generated.word().to_owned(),
            drawn: catalogue.exploration.is_some() && run.exploration != catalogue.exploration,
        }
    }

    /// Why the run wasn't asked for a case; nothing for one that it was asked for, or that its
    /// suite didn't have.
    pub(super) fn reason(&self, id: &str) -> Option<String> {
        if is_drawn(id) {
            return self.drawn.then(|| "the run had no such random requests".to_owned());
        }
        self.generated.contains(id).then(|| format!("the run had --generated {}", self.level))
    }
}

/// What differs in the selection of two runs, in words.
pub(super) fn differences(before: &CatalogueId, after: &CatalogueId) -> Vec<String> {
    let mut found = Vec::new();
    if before.generated != after.generated {
        found.push(format!(
            "the scope differs: --generated {} before, --generated {} now",
            before.generated.word(),
            after.generated.word()
        ));
    }
    if before.exploration != after.exploration {
        let both = before.exploration.is_some() && after.exploration.is_some();
        let apart = if both {
            "; random requests of different seeds or numbers aren't compared, so give both runs \
                the same --explore and --seed"
        } else {
            ""
        };
        found.push(format!(
            "the scope differs: {} before, {} now{apart}",
            told(before.exploration),
            told(after.exploration)
        ));
    }
    found
}

/// What is lost where both runs drew requests, which can't be compared one by one: the candidate
/// drew fewer.
pub(super) fn fewer_drawn(before: &CatalogueId, after: &CatalogueId) -> Option<String> {
    let (had, has) = (before.exploration?, after.exploration?);
    (has.count < had.count).then(|| {
        format!(
            "the candidate sent fewer random requests: --explore {} before, --explore {} now",
            had.count, has.count
        )
    })
}

fn told(exploration: Option<Exploration>) -> String {
    exploration.map_or_else(
        || "no --explore".to_owned(),
        |one| format!("--explore {} --seed {}", one.count, one.seed),
    )
}
