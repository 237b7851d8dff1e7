//! stub to be replaced
use super::model::Report;
/// x
#[must_use] pub fn junit(_: &Report) -> String { String::new() }
