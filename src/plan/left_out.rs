//! Why a case doesn't run: as a word, and as a sentence for people.
//!
//! Knows: what a plan decides by. Must not know: how it decides.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::Effect;
use crate::terms::Shard;
use crate::why::Why;

/// Why a case doesn't run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum LeftOut {
    /// No filter matches it.
    Filtered,
    /// It is another shard's.
    OtherShard {
        /// The shard that was asked for.
        shard: Shard,
    },
    /// Its effect is above the ceiling.
    EffectNotAllowed {
        /// The effect it has.
        effect: Effect,
    },
    /// A fact is missing.
    FactMissing {
        /// Which.
        fact: String,
    },
    /// It logs in with wrong credentials, which wasn't allowed.
    BadLogin,
    /// It judges the run's session, and the run opens none.
    NoSession,
    /// What should be almost a fact is the fact itself.
    NoMiss {
        /// The fact, and how it is spoilt.
        placeholder: String,
    },
    /// The appliance is too old.
    TooOld {
        /// First version that has it.
        since: String,
        /// The appliance's.
        version: String,
    },
    /// The appliance is too new.
    TooNew {
        /// First version that no longer has it.
        until: String,
        /// The appliance's.
        version: String,
    },
    /// It is about some versions only, and nobody knows which one the appliance has.
    VersionUnknown {
        /// The versions that it is about.
        versions: String,
    },
}

impl LeftOut {
    /// The same as one word.
    #[must_use]
    pub fn why(&self) -> Why {
        match self {
            Self::Filtered => Why::Filtered,
            Self::OtherShard { .. } => Why::OtherShard,
            Self::EffectNotAllowed { .. } => Why::EffectNotAllowed,
            Self::FactMissing { .. } => Why::FactMissing,
            Self::BadLogin => Why::BadLogin,
            Self::NoSession => Why::NoSession,
            Self::NoMiss { .. } => Why::NoMiss,
            Self::TooOld { .. } => Why::TooOld,
            Self::TooNew { .. } => Why::TooNew,
            Self::VersionUnknown { .. } => Why::VersionUnknown,
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filtered => write!(f, "no --filter matches it"),
            Self::OtherShard { shard } => {
                write!(f, "it belongs to another shard than {shard}")
            }
            Self::EffectNotAllowed { effect } => {
                write!(f, "needs --allow {}", effect.word())
            }
            Self::FactMissing { fact } => {
                write!(f, "the fact {fact} is missing; give it with --fact {fact}=VALUE")
            }
            Self::BadLogin => write!(
                f,
                "it logs in with wrong credentials, which counts against the account; needs \
                    --allow-bad-logins N"
            ),
            Self::NoSession => {
                write!(f, "it needs a session; needs --auth session")
            }
            Self::NoMiss { placeholder } => {
                write!(f, "{{{{{placeholder}}}}} is the same value as the fact itself")
            }
            Self::TooOld { since, version } => {
                write!(f, "needs version {since}, but the appliance has {version}")
            }
            Self::TooNew { until, version } => {
                write!(f, "it was gone with version {until}, the appliance has {version}")
            }
            Self::VersionUnknown { versions } => {
                write!(f, "it is about versions {versions}, and nothing tells the appliance's")
            }
        }
    }
}
