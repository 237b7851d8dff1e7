//! Words that every room of the double shares: names, times, and paths into JSON.
//!
//! Knows nothing of the rest. Must not know HTTP.

pub(crate) mod clock;
pub(crate) mod members;
pub(crate) mod names;
