//! t
use super::Gate;
/// x
pub fn markdown(_: &Gate) -> String { String::new() }
