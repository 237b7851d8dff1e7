//! What an operation takes, and the cases that nobody has to write.
//!
//! Knows: rows of request tables, the examples beside them, and the case format. Must not know:
//! answers, beyond their statuses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::import::draft::{Attribute, Draft, Known, Presence, RequestTable, Section};
use crate::import::evidence::Ground;
use crate::import::words::{fits_type, is_placeholder};

use super::Order;
use super::cases::{cases, placeholders};
use super::operation::{Auth, Response, Written, placed, shown};
use super::register::{Basis, Requirement};
use super::schema::{kinds, typed};
use super::text::{kebab, list, part, quoted, value};

/// What is written about requests.
pub(super) struct Requests {
    /// The part of the operation file.
    pub(super) text: String,
    /// Whether there is a body, and so a schema of it.
    pub(super) has_body: bool,
    /// The case file.
    pub(super) cases: Option<String>,
}

/// One row, ready to be written.
struct Row {
    name: String,
    presence: Presence,
    condition: Option<(String, Vec<String>)>,
    kinds: Vec<&'static str>,
    items: Option<&'static str>,
    values: Vec<Value>,
    rules: Vec<(&'static str, String)>,
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

fn rows_of(
    attributes: &[Attribute],
    topic: &str,
    written: &mut Written,
    order: &Order<'_>,
    refused: bool,
) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // Where nesting is lost, only the rows before the first that can have others are known to be
    // of the body itself.
    let flat = attributes.iter().any(|row| row.children == Known::Unknown);
    let end = if flat {
        attributes.iter().position(Attribute::may_have_rows).map_or(attributes.len(), |at| at + 1)
    } else {
        attributes.len()
    };
    for attribute in &attributes[..end] {
        let Some(name) = attribute.name() else { continue };
        if rows.iter().any(|row| row.name == name) {
            continue;
        }
        let kinds = if topic == "query" { Vec::new() } else { kinds(attribute) };
        let stated = attribute.presence.as_ref().map_or(Presence::Optional, |it| it.value);
        let condition = attribute
            .condition
            .as_ref()
            .filter(|_| stated == Presence::Conditional)
            .and_then(|condition| condition_of(&condition.value))
            .filter(|(other, _)| attributes.iter().any(|row| row.name() == Some(other)));
        // A condition that can't be read asks for nothing.
        let presence = match (stated, &condition) {
            (Presence::Conditional, None) => Presence::Optional,
            (other, _) => other,
        };
        if stated != presence {
            let words = attribute.condition.as_ref().map_or("", |it| it.value.as_str());
            let why = format!("it is taken as optional, as its condition can't be read: {words}");
            written.unsent.push((format!("request {name}"), why));
        }
        let listed = attribute.values.known().map_or(&[][..], Vec::as_slice);
        let kind = attribute.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let open =
            listed.iter().any(|it| it.value.contains(['{', '<']) || !fits_type(&it.value, kind));
        let counted = attribute.promised != Some(crate::import::Promise::One) || listed.len() == 1;
        let listed_values = listed
            .iter()
            .filter(|it| !it.value.contains(['{', '<']) && fits_type(&it.value, kind))
            .map(|it| it.value.as_str());
        // A value in the name cell is the one to send.
        let once = attributes.iter().filter(|row| row.name() == Some(name)).count() == 1;
        let constant = attribute.evidence.constant.as_deref().filter(|_| listed.is_empty() && once);
        let values: Vec<Value> =
            listed_values.chain(constant).map(|value| typed(value, &kinds)).collect();
        let mut rules = Vec::new();
        let mut rule = |word: &'static str, statement: String, basis: Basis| {
            let id = written.register.add(
                Requirement {
                    id: format!("{}/{topic}/{}/{word}", written.id, part(name)),
                    basis: basis.at_most(attribute.evidence.ground),
                    statement,
                    place: placed(&shown(attribute, section(topic), name), attribute.at, order),
                    erratum: None,
                    excluded: None,
                    one_sided: Some("it says what is refused".to_owned()),
                },
                order.decisions,
            );
            if written.register.asked(&id) {
                rules.push((word, id));
            }
        };
        if refused && presence == Presence::Required {
            rule("required", format!("A request without `{name}` is refused."), Basis::Stated);
        }
        if refused && presence == Presence::Conditional {
            let statement = format!("A request without `{name}` is refused where it is required.");
            rule("required", statement, Basis::Stated);
        }
        if refused && kinds.len() == 1 {
            rule("type", format!("A `{name}` of another type is refused."), Basis::Inferred);
        }
        let whole = attribute.evidence.ground == Ground::Stated && !attribute.evidence.cut;
        if refused && !open && counted && whole && values.len() > 1 {
            rule("values", format!("Another value of `{name}` is refused."), Basis::Inferred);
        }
        let items = (kinds == ["array"]).then(|| items(kind)).flatten();
        rows.push(Row {
            name: name.to_owned(),
            presence,
            condition,
            kinds,
            items,
            values: if items.is_some() || kind.starts_with("Array") { Vec::new() } else { values },
            rules,
        });
    }
    for row in &mut rows {
        if row.kinds == ["array"] {
            row.rules.retain(|(word, _)| *word != "values");
        }
    }
    rows
}

fn section(topic: &str) -> &'static str {
    if topic == "query" { "Query parameters" } else { "Request body" }
}

fn items(kind: &str) -> Option<&'static str> {
    let of = kind.strip_prefix("Array of ")?;
    Some(match of.trim_end_matches('s') {
        "string" => "string",
        "integer" | "long" => "integer",
        "object" => "object",
        "boolean" => "boolean",
        "double" | "number" | "float" => "number",
        _ => return None,
    })
}

/// `if action is “start”`, `when method is PUT or POST`, `if action=refresh`: the attribute and its
/// values.
fn condition_of(words: &str) -> Option<(String, Vec<String>)> {
    let rest = words.strip_prefix("if ").or_else(|| words.strip_prefix("when "))?;
    if rest.contains([',', ';']) || rest.contains(". ") {
        return None;
    }
    let (name, values) = ["is set to", "is", "="].iter().find_map(|verb| {
        if *verb == "=" {
            return rest.split_once('=');
        }
        rest.split_once(&format!(" {verb} "))
    })?;
    if name.contains(' ') || values.contains("not ") || values.contains("specified") {
        return None;
    }
    let values: Vec<String> = values
        .split(" or ")
        .map(|value| value.trim().trim_matches(['“', '”', '"', '\'', '.']).to_owned())
        .collect();
    let plain = values.iter().all(|value| !value.is_empty() && !value.contains(' '));
    plain.then(|| (name.trim().to_owned(), values))
}

/// A right request, from listed values and the examples of the page.
fn right(rows: &[Row], shown: &[Value]) -> Option<BTreeMap<String, Value>> {
    let mut right = BTreeMap::new();
    // Twice, as a condition may be about a row further down.
    for _ in 0..2 {
        for row in rows {
            let needed = match row.presence {
                Presence::Required => true,
                Presence::Optional => false,
                Presence::Conditional => row.condition.as_ref().is_some_and(|(name, values)| {
                    right.get(name).is_some_and(|value: &Value| {
                        values.iter().any(|it| value.as_str() == Some(it))
                    })
                }),
            };
            if !needed || right.contains_key(&row.name) {
                continue;
            }
            let listed = row.values.first().cloned();
            let shown = shown.iter().find_map(|example| example.get(&row.name)).cloned();
            let fits = |value: &Value| row.kinds.is_empty() || type_fits(value, &row.kinds);
            let value = listed.or(shown).filter(fits)?;
            right.insert(row.name.clone(), value);
        }
    }
    Some(right)
}

fn type_fits(value: &Value, kinds: &[&str]) -> bool {
    kinds.iter().any(|kind| match *kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    })
}

fn table_text(table: &Table) -> String {
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

fn form(
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
