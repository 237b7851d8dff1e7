//! What an operation takes, and the cases that nobody has to write.
//!
//! Knows: request tables, the examples beside them, and the case format. Must not know: answers,
//! beyond their statuses.

mod rows;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::import::draft::{Attribute, Draft, Known, RequestTable, Section};
use crate::import::words::is_placeholder;

use super::Order;
use super::cases::{cases, placeholders};
use super::operation::{Auth, Response, Written};
use super::register::{Basis, Requirement};
use super::schema::{kinds, typed};
use super::text::{kebab, quoted};

use rows::{Row, right, rows_of};
use text::{form, table_text};

/// What is written about requests.
pub(super) struct Requests {
    /// The part of the operation file.
    pub(super) text: String,
    /// Whether there is a body, and so a schema of it.
    pub(super) has_body: bool,
    /// The case file.
    pub(super) cases: Option<String>,
}

/// One table, ready to be written.
pub(super) struct Table {
    name: String,
    pub(super) query: bool,
    when: BTreeMap<String, Vec<Value>>,
    rows: Vec<Row>,
    /// A right request, if one can be made.
    pub(super) right: Option<BTreeMap<String, Value>>,
}

pub(super) fn tables(
    draft: &Draft,
    written: &mut Written,
    order: &Order<'_>,
    responses: &[Response],
    auth: Option<&Auth>,
) -> Requests {
    let refused = responses.iter().any(|row| row.status == 400);
    let mut made = Vec::new();
    if let Known::Is(rows) = &draft.query
        && !rows.is_empty()
    {
        let rows = rows_of(rows, "query", written, order, refused);
        let right = right(&rows, &[]);
        made.push(Table {
            name: "query".to_owned(),
            query: true,
            when: BTreeMap::new(),
            rows,
            right,
        });
    }
    let bodies = bodies(draft, written);
    if let Some(tables) = bodies {
        for (index, table) in tables.iter().enumerate() {
            let topic = if tables.len() > 1 {
                format!("request/{}", table.0)
            } else {
                "request".to_owned()
            };
            let rows = rows_of(&table.1.attributes, &topic, written, order, refused);
            let shown: Vec<Value> = draft
                .examples
                .iter()
                .filter(|example| {
                    example.section == Section::Request
                        && example.valid_json
                        && example.table == Some(index)
                })
                .filter_map(|example| serde_json::from_str(&example.text).ok())
                .collect();
            let right = right(&rows, &shown);
            made.push(Table {
                name: table.0.clone(),
                query: false,
                when: table.2.clone(),
                rows,
                right,
            });
        }
    }
    let placeholders = placeholders(&written.path);
    let sends = responses.iter().any(Response::succeeds) && placeholders.is_empty();
    // Every case is made from a right request. Without one, a table says nothing that could be
    // tried.
    for table in &made {
        if table.right.is_none() {
            let why = "no value of a required attribute is known: the page lists none, and its \
                examples show none";
            written.unsent.push((format!("table {}", table.name), why.to_owned()));
        }
    }
    if !placeholders.is_empty() && !made.is_empty() {
        let why = "the path needs a value that no page can know";
        written.unsent.push(("request tables".to_owned(), why.to_owned()));
    }
    let formed = |query: bool| {
        sends && made.iter().any(|table| table.query == query && table.right.is_some())
    };
    let (query_formed, has_body) = (formed(true), formed(false));
    let formed = query_formed || has_body;
    let (kept, dropped): (Vec<Table>, Vec<Table>) =
        made.into_iter().partition(|table| if table.query { query_formed } else { has_body });
    for id in dropped.iter().flat_map(|table| &table.rows).flat_map(|row| &row.rules) {
        written.register.exclude(&id.1, "no right request is known from which a wrong one is made");
    }
    let mut text = String::new();
    if let Some(auth) = auth.filter(|_| formed) {
        let _ = write!(
            text,
            "\n[credentials]\nmissing   = {}\nmalformed = {}\nstatus    = {:?}\nunreadable = [400, 401, 403]\n",
            quoted(&auth.requirement),
            quoted(&auth.requirement),
            auth.status
        );
    }
    if has_body {
        let mut one = |topic: &str, statement: &str| {
            written.register.add(
                Requirement {
                    id: format!("{}/request/{topic}", written.id),
                    basis: Basis::Inferred,
                    statement: statement.to_owned(),
                    place: "Request body".to_owned(),
                    erratum: None,
                    excluded: None,
                    one_sided: Some("it says what is refused".to_owned()),
                },
                order.decisions,
            )
        };
        let empty = one("body/empty", "A body without any attribute is refused.");
        let malformed = one("body/malformed", "A body that isn't JSON is refused.");
        let kind = one("body/kind", "A body that is no object is refused.");
        let _ = write!(
            text,
            "\n[body]\nschema    = {}\nempty     = {}\nmalformed = {}\nkind      = {}\n",
            quoted(&format!("{}.request.json", written.method.to_ascii_lowercase())),
            quoted(&empty),
            quoted(&malformed),
            quoted(&kind)
        );
    }
    for table in &kept {
        text.push_str(&table_text(table));
        if let Some(right) = &table.right {
            text.push_str(&form(table, right, written, responses).unwrap_or_default());
        }
    }
    let all: Vec<&Table> = kept.iter().chain(&dropped).collect();
    let (cases, reached) = cases(written, draft, &all, responses, auth, &placeholders);
    for row in responses {
        if !reached.contains(&row.requirement) {
            let why = if row.succeeds() {
                "no request is known that the appliance has to accept"
            } else {
                "no request is known that brings it about"
            };
            written.register.exclude(&row.requirement, why);
        }
    }
    if let Some(auth) = auth
        && !reached.contains(&auth.requirement)
        && !formed
    {
        written.register.exclude(&auth.requirement, "no request may be sent");
    }
    Requests { text, has_body, cases }
}

/// The tables of the body with their names and what tells which is meant; none where that can't be
/// told, or where the body isn't JSON.
#[expect(clippy::type_complexity, reason = "name, table, and what tells that it is meant")]
fn bodies<'d>(
    draft: &'d Draft,
    written: &mut Written,
) -> Option<Vec<(String, &'d RequestTable, BTreeMap<String, Vec<Value>>)>> {
    let tables: Vec<&RequestTable> =
        draft.request.known()?.iter().filter(|table| !table.attributes.is_empty()).collect();
    if tables.is_empty() {
        return None;
    }
    let file = tables
        .iter()
        .flat_map(|table| &table.attributes)
        .any(|row| row.kind.as_ref().is_some_and(|kind| kind.value == "File"));
    let parts = draft.examples.iter().any(|example| {
        example.section == Section::Request && example.text.contains("Content-Disposition")
    });
    if file || parts {
        let why = "the body isn't JSON, or not always, and a request table describes JSON only";
        written.unsent.push(("request body".to_owned(), why.to_owned()));
        return None;
    }
    let mut named = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let name = table
            .caption
            .as_ref()
            .map(|caption| kebab(&caption.value))
            .filter(|name| !named.contains(name) && name != "query")
            .unwrap_or_else(|| format!("table-{}", index + 1));
        named.push(name);
    }
    if let [only] = tables.as_slice() {
        return Some(vec![(named.remove(0), only, BTreeMap::new())]);
    }
    // An attribute of each table, required in each, and with other values in each.
    let first = tables.first()?;
    let deciding = first.attributes.iter().filter_map(Attribute::name).find(|name| {
        let mut seen: Vec<&str> = Vec::new();
        tables.iter().all(|table| {
            let row = table.attributes.iter().find(|row| row.name() == Some(name));
            let Some(Known::Is(values)) = row.map(|row| &row.values) else { return false };
            let fresh = values.iter().all(|value| {
                !is_placeholder(&value.value) && !seen.contains(&value.value.as_str())
            });
            seen.extend(values.iter().map(|value| value.value.as_str()));
            fresh && !values.is_empty()
        })
    });
    let Some(deciding) = deciding else {
        let why = "several tables describe it, and no attribute tells which of them is meant";
        written.unsent.push(("request body".to_owned(), why.to_owned()));
        return None;
    };
    Some(
        tables
            .iter()
            .zip(named)
            .map(|(table, name)| {
                let row = table.attributes.iter().find(|row| row.name() == Some(deciding));
                let values = row.and_then(|row| row.values.known()).map_or(&[][..], Vec::as_slice);
                let kinds = row.map(kinds).unwrap_or_default();
                let values = values.iter().map(|value| typed(&value.value, &kinds)).collect();
                (name, *table, [(deciding.to_owned(), values)].into())
            })
            .collect(),
    )
}
