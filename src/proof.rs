//! What the last self-test showed, as it is checked in, and whether it speaks of this build.
//!
//! Knows: identities. Must not know: how a self-test is run.

use serde::{Deserialize, Serialize};

/// What a self-test of this build showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Requirements that are checked.
    pub checks: u64,
    /// Of those, how many a fault of the double was shown to break.
    pub proved: u64,
    /// Faults that were played.
    pub faults: u64,
    /// Of those, how many were caught where they should be.
    pub caught: u64,
    /// Legitimate variants that were played.
    pub variants: u64,
    /// Of those, how many were wrongly accused.
    pub accused: u64,
}

/// Identity of the code that asks, judges and plays the double; see `build.rs`.
pub const CODE: &str = env!("LXCA_CONFORM_CODE");

const CHECKED_IN: &str = include_str!("self_test/score.json");

/// A score, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptProof {
    /// Identity of the code.
    pub code: String,
    /// Digest of the contract.
    pub contract: String,
    /// Digest of the catalogue.
    pub catalogue: String,
    /// The score.
    pub score: Proof,
}

/// The score that is checked in, if it was made with this code, contract and catalogue. Another one
/// proves nothing here.
#[must_use]
pub fn of(contract: &str, catalogue: &str) -> Option<Proof> {
    let kept: KeptProof = serde_json::from_str(CHECKED_IN).ok()?;
    (kept.code == CODE && kept.contract == contract && kept.catalogue == catalogue)
        .then_some(kept.score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_of_another_contract_proves_nothing() {
        let kept: KeptProof =
            serde_json::from_str(CHECKED_IN).expect("the checked-in score is readable");
        assert_eq!(of("sha256:other", &kept.catalogue), None);
        assert_eq!(of(&kept.contract, "sha256:other"), None);
        assert_eq!(of(&kept.contract, &kept.catalogue).is_some(), kept.code == CODE);
    }
}
