//! Elements as a table of comma-separated values (RFC 4180).
//!
//! Knows members that are one value each; lists and objects have no column. Must not know which
//! elements these are.

use serde_json::Value;

use super::element::Element;

/// The elements as rows below a row of names; only members that are wanted.
pub(crate) fn table<'a>(
    elements: impl Iterator<Item = &'a Element> + Clone,
    wanted: &dyn Fn(&str) -> bool,
) -> String {
    let mut columns: Vec<&str> = Vec::new();
    for element in elements.clone() {
        for member in element.members().filter(|member| wanted(member.name)) {
            let one = !matches!(member.value(), Value::Array(_) | Value::Object(_));
            if one && !columns.contains(&member.name) {
                columns.push(member.name);
            }
        }
    }
    columns.sort_unstable();
    let mut out = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    out.push_str("\r\n");
    for element in elements {
        let row = columns.iter().map(|name| {
            element.text_at(&format!("/{name}")).map(|text| quoted(&text)).unwrap_or_default()
        });
        out.push_str(&row.collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_has_what_is_one_value_and_quotes_what_needs_it() {
        let elements = [
            json!({ "a": "x, \"y\"", "b": 1, "c": [1], "d": { "e": 1 } }),
            json!({ "a": "z", "f": true, "b": null }),
        ]
        .map(|value| Element::of(&value).unwrap());
        assert_eq!(
            table(elements.iter(), &|_| true),
            "a,b,f\r\n\"x, \"\"y\"\"\",1,\r\nz,,true\r\n"
        );
        assert_eq!(table(elements.iter(), &|name| name == "b"), "b\r\n1\r\n\r\n");
    }
}
