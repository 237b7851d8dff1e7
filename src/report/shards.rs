//! The shards of a run or of a fleet: which are here, and what is said of those that aren't.
//!
//! Knows: the numbers of shards. Must not know: what is in one.

use std::collections::BTreeSet;

use crate::terms::Shard;

/// So many missing shards are named.
const MOST_NAMED: usize = 8;

/// The shards that are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shards {
    of: u32,
    here: BTreeSet<u32>,
}

impl Shards {
    /// These parts of one whole; nothing where there is none.
    #[must_use]
    pub fn among(parts: impl IntoIterator<Item = Shard>) -> Option<Self> {
        let mut parts = parts.into_iter().peekable();
        let of = parts.peek()?.of();
        Some(Self { of, here: parts.map(Shard::number).collect() })
    }

    /// How many the whole has.
    #[must_use]
    pub fn of(&self) -> u32 {
        self.of
    }

    /// Those that aren't here.
    #[must_use]
    pub fn missing(&self) -> Vec<u32> {
        (1..=self.of).filter(|number| !self.here.contains(number)).collect()
    }
}

/// Which shards are missing, in words; `of` is how many there should be, where that is to be said.
#[must_use]
pub fn missing_shards(missing: &[u32], of: Option<u32>) -> String {
    let named: Vec<String> = missing.iter().take(MOST_NAMED).map(u32::to_string).collect();
    let more = match missing.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let of = of.map_or_else(String::new, |of| format!(" of {of}"));
    let (shards, are) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
    format!("{shards} {}{more}{of} {are} missing", named.join(", "))
}
