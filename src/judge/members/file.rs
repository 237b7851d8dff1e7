//! Whether an answer is a file, where one was asked for.
//!
//! Knows: that a header may name the file instead of an answer that holds it. Must not know: what is
//! in a file.

use serde_json::Value;

use crate::exchange::Received;

/// What was due and what came, where an answer neither is a file nor names one that ends so.
pub(super) fn missed(end: &str, body: Option<&Value>, got: &Received) -> Option<(String, String)> {
    let end = end.to_ascii_lowercase();
    if got.headers.iter().any(|(_, value)| value.to_ascii_lowercase().contains(&end)) {
        return None;
    }
    let actual = if got.body.bytes == 0 {
        "an empty body"
    } else if body.is_some() {
        "JSON"
    } else {
        return None;
    };
    Some((format!("a file {end}, or a header that names one"), actual.to_owned()))
}
