//! What identifies a catalogue in records and reports.
//!
//! Knows: digests and levels. Must not know: cases.

use serde::{Deserialize, Serialize};

use super::{Catalogue, Exploration, Level};

/// The catalogue's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueId {
    /// SHA-256 over its files, and over the cases that were added to them.
    pub digest: String,
    /// How many of the generated cases are in it.
    #[serde(skip_serializing_if = "is_none", default)]
    pub generated: Level,
    /// The cases that were drawn at random, if there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exploration: Option<Exploration>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(level: &Level) -> bool {
    *level == Level::None
}

impl From<&Catalogue> for CatalogueId {
    fn from(catalogue: &Catalogue) -> Self {
        Self {
            digest: catalogue.digest.clone(),
            generated: catalogue.generated,
            exploration: catalogue.exploration,
        }
    }
}
