//! The text of a request table and of its form.
//!
//! Knows: a table that is ready to be written, and the format of operation files. Must not know:
//! pages.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::import::contract::operation::{Response, Written};
use crate::import::contract::text::{list, quoted, value};
use crate::import::draft::Presence;

use super::Table;

pub(super) fn table_text(table: &Table) -> String {
    let mut text = format!("\n[[request]]\nname = {}\n", quoted(&table.name));
    if table.query {
        text.push_str("kind = \"query\"\n");
    }
    if !table.when.is_empty() {
        let when: Vec<String> = table
            .when
            .iter()
            .filter_map(|(name, values)| {
                Some(format!("{} = {}", quoted(name), value(&json!(values))?))
            })
            .collect();
        let _ = writeln!(text, "when = {{ {} }}", when.join(", "));
    }
    for row in &table.rows {
        let presence = match row.presence {
            Presence::Required => "required",
            Presence::Optional => "optional",
            Presence::Conditional => "required-if",
        };
        let _ = write!(
            text,
            "\n[[request.attribute]]\nname     = {}\npresence = {}\n",
            quoted(&row.name),
            quoted(presence)
        );
        if let (Presence::Conditional, Some((name, values))) = (row.presence, &row.condition) {
            let _ = writeln!(text, "if       = {{ {} = {} }}", quoted(name), list(values));
        }
        if let [kind] = row.kinds.as_slice() {
            let _ = writeln!(text, "type     = {}", quoted(kind));
            if let Some(items) = row.items {
                let _ = writeln!(text, "items    = {}", quoted(items));
            }
        }
        if let Some(values) = value(&json!(row.values)).filter(|_| !row.values.is_empty()) {
            let _ = writeln!(text, "values   = {values}");
        }
        if !row.rules.is_empty() {
            let rules: Vec<String> =
                row.rules.iter().map(|(word, id)| format!("{word} = {}", quoted(id))).collect();
            let _ = writeln!(text, "rules    = {{ {} }}", rules.join(", "));
        }
    }
    text
}

pub(super) fn form(
    table: &Table,
    right: &BTreeMap<String, Value>,
    written: &Written,
    responses: &[Response],
) -> Option<String> {
    let is: Option<Vec<String>> =
        right.iter().map(|(name, it)| Some(format!("{} = {}", quoted(name), value(it)?))).collect();
    let replies: Vec<String> =
        responses.iter().filter(|row| row.succeeds()).map(|row| row.name.clone()).collect();
    let effect = if written.method == "GET" { "read" } else { "destroy" };
    let mut text = format!(
        "\n[[request.form]]\nname    = {}\ntitle   = {}\nis      = {{ {} }}\nreplies = {}\n\
        effect  = {}\n",
        quoted(&table.name),
        quoted(&format!("a right request by the table {}", table.name)),
        is?.join(", "),
        list(&replies),
        quoted(effect)
    );
    if effect != "read" {
        let impact = format!("whatever {} {} does,", written.method, written.path);
        let _ =
            write!(text, "impact  = {}\nobserved-impact = {}\n", quoted(&impact), quoted(&impact));
    }
    Some(text)
}
