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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::exchange::Body;

    use super::*;

    fn got(header: &str, bytes: u64) -> Received {
        Received {
            status: 200,
            version: "HTTP/1.1".to_owned(),
            headers: vec![("location".to_owned(), header.to_owned())],
            body: Body { bytes, ..Body::default() },
            oddities: Vec::new(),
        }
    }

    #[test]
    fn a_file_is_no_json_and_not_empty_unless_a_header_names_it() {
        let json = json!({ "nodeList": [] });
        let actual = |body, got: &Received| missed(".csv", body, got).map(|(_, actual)| actual);
        assert_eq!(actual(None, &got("", 7)), None, "a file");
        assert_eq!(actual(Some(&json), &got("", 7)).unwrap(), "JSON");
        assert_eq!(actual(None, &got("", 0)).unwrap(), "an empty body");
        assert_eq!(actual(None, &got("/nodes/Nodes.CSV", 0)), None, "named in a header");
        assert_eq!(actual(None, &got("/nodes?formatType=csv", 0)).unwrap(), "an empty body");
    }
}
