//! t
use super::Gate;
/// x
pub fn text(_: &Gate) -> String { String::new() }
