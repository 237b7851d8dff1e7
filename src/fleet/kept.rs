//! A fleet that was written before, as it is read to join it with others.
//!
//! Knows: fleet.json. Must not know: reports.

use serde::Deserialize;

use crate::problem::json_flaw;
use crate::terms::Shard;

use super::{FORMAT, Fate};

/// What a kept fleet says of itself, as far as it is joined with others.
#[derive(Debug, Clone, Deserialize)]
pub struct Kept {
    /// `FORMAT`.
    pub format: String,
    /// The digest of the contract.
    pub contract: String,
    /// The digest of the catalogue.
    pub catalogue: String,
    /// Which part of the whole.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// The appliances.
    pub appliances: Vec<KeptAppliance>,
}

/// An appliance of a kept fleet. What its report says is read from that.
#[derive(Debug, Clone, Deserialize)]
pub struct KeptAppliance {
    /// The name of the target.
    pub name: String,
    /// Its address.
    pub url: String,
    /// How its run ended.
    pub fate: Fate,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// Why.
    pub because: String,
    /// The folder of its reports; empty where it has none.
    pub folder: String,
}

/// What a fleet.json says, or why it can't be read.
pub fn read(text: &str) -> Result<Kept, String> {
    let kept: Kept = serde_json::from_str(text).map_err(|error| json_flaw(&error))?;
    if kept.format == FORMAT {
        Ok(kept)
    } else {
        Err(format!("it is of another format than {FORMAT}"))
    }
}
