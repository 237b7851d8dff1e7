//! The schema of an answer.
//!
//! Knows: rows of a table, and the rules that follow from them. Must not know: requests, cases.

mod property;
mod types;

use serde_json::{Map, Value, json};

use crate::import::draft::{At, Attribute, DefectKind, Draft, Known, Section};

use super::Order;
use super::errata::Erratum;
use super::register::{Basis, Register, Requirement};
use super::text::part;

pub(super) use types::{kinds, typed};

/// What the schema of an answer is made with.
pub(super) struct Maker<'a> {
    pub(super) operation: &'a str,
    pub(super) order: &'a Order<'a>,
    pub(super) errata: &'a [Erratum],
    pub(super) register: &'a mut Register,
    /// What an appliance may do wrong, as an edit, and the requirement that it breaks.
    pub(super) faults: Vec<(String, String)>,
}

/// What the rows of a level amount to.
#[derive(Default)]
struct Rows {
    presence: Vec<Value>,
    properties: Map<String, Value>,
}

impl Maker<'_> {
    /// The schema, by the requirement of the whole body.
    pub(super) fn schema(
        &mut self,
        id: &str,
        title: &str,
        rows: &[Attribute],
        draft: &Draft,
    ) -> Value {
        let shown: Vec<Value> = draft
            .examples
            .iter()
            .filter(|example| example.section == Section::Response && !example.in_cell)
            .filter_map(|example| serde_json::from_str(&example.text).ok())
            .collect();
        let told = shown
            .first()
            .filter(|value| value.is_array() || value.is_object())
            .map(|value| (value.is_array(), Basis::Example))
            .or_else(|| draft.outer.as_ref().map(|outer| (outer.list, Basis::on(outer.ground))));
        let (basis, types, statement) = match told {
            Some((true, basis)) => (basis, json!("array"), "The answer is a list of such objects."),
            Some((false, basis)) => (basis, json!("object"), "The answer is an object."),
            None => (
                Basis::Inferred,
                json!(["object", "array"]),
                "The answer is an object, or a list of such objects.",
            ),
        };
        let at = rows.first().map_or_else(At::default, |row| row.at);
        let erratum = self.erratum(&[DefectKind::OuterShape], "response");
        let body = self.add("body", basis, statement.to_owned(), "Response body", at, erratum);
        let envelope = draft.outer.as_ref().and_then(|outer| outer.envelope.as_deref());
        let flat = rows.iter().any(|row| row.children == Known::Unknown);
        let prefix = format!("{}/body", self.operation);
        let elements: Vec<Value> = shown
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(elements) => elements,
                other => vec![other],
            })
            .collect();
        let outermost = if flat {
            let end =
                rows.iter().position(Attribute::may_have_rows).map_or(rows.len(), |at| at + 1);
            self.unplaced(&rows[end..]);
            &rows[..end]
        } else {
            rows
        };
        let mut found = self.rows(outermost, &prefix, "", &elements, true);
        if draft.outer.as_ref().is_some_and(|outer| outer.by_key) {
            self.by_key(outermost, &mut found);
        }
        let mut row = json!({ "type": "object" });
        if let Some(source) = self.register.source(&body) {
            row["x-source"] = source;
        }
        let row = with_rows(row, found);
        let mut schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": id,
            "title": title,
        });
        if let (Some(source), Some(schema)) = (self.register.source(&body), schema.as_object_mut())
        {
            schema.insert("x-source".to_owned(), source);
            schema.insert("type".to_owned(), types.clone());
        }
        let reference = json!({ "$ref": "#/$defs/row" });
        if types == json!("array") {
            schema["items"] = reference;
        } else if let (Some(envelope), "object") = (envelope, types.as_str().unwrap_or_default()) {
            // Several come in an envelope, one alone comes bare.
            schema["if"] = json!({ "required": [envelope] });
            schema["then"] = json!({ "properties": { envelope: { "items": reference } } });
            schema["else"] = reference;
        } else if types == json!("object") {
            schema["allOf"] = json!([reference]);
        } else {
            schema["items"] = reference.clone();
            schema["if"] = json!({ "type": "object" });
            schema["then"] = reference;
        }
        schema["$defs"] = json!({ "row": row });
        schema
    }

    /// Takes back that the outermost members are there, where they depend on what was asked for.
    fn by_key(&mut self, rows: &[Attribute], found: &mut Rows) {
        found.presence.clear();
        for name in rows.iter().filter_map(Attribute::name) {
            let id = format!("{}/body/{}/presence", self.operation, part(name));
            self.register.exclude(&id, "which members come depends on what was asked for");
            self.faults.retain(|(_, requirement)| *requirement != id);
        }
    }

    /// Rows of which it can't be told where they stand are registered, and not asked for.
    fn unplaced(&mut self, rows: &[Attribute]) {
        for row in rows {
            let Some(name) = row.name() else { continue };
            let id = format!("body/unplaced/{}", part(name));
            let statement = format!("`{name}` stands somewhere in the answer.");
            let id = self.add(&id, Basis::Inferred, statement, &place_of(row, name), row.at, None);
            self.register.exclude(&id, "the saved page has lost how its rows are nested");
        }
    }

    fn rows(
        &mut self,
        rows: &[Attribute],
        prefix: &str,
        path: &str,
        shown: &[Value],
        certain: bool,
    ) -> Rows {
        let mut found = Rows::default();
        for (index, row) in rows.iter().enumerate() {
            let Some(name) = row.name() else {
                let id = format!("{}/row-{}", &prefix[self.operation.len() + 1..], index + 1);
                let statement = "A member whose name the saved page has lost is there.".to_owned();
                let erratum = self.erratum(&[DefectKind::RowNameLost], "response");
                let place = "Response body, a row without name";
                let id = self.add(&id, Basis::Inferred, statement, place, row.at, erratum);
                self.register.exclude(&id, "the saved page has lost the name");
                continue;
            };
            if found.properties.contains_key(name) {
                let id = format!("{}/{}", &prefix[self.operation.len() + 1..], part(name));
                let statement = format!("A second row describes `{name}`.");
                let erratum =
                    self.erratum(&[DefectKind::DuplicateName], &format!("response{path}/{name}"));
                let id = self.add(
                    &id,
                    Basis::Inferred,
                    statement,
                    &place_of(row, name),
                    row.at,
                    erratum,
                );
                self.register.exclude(&id, "the page has two rows of this name at one level");
                continue;
            }
            let twice = rows.iter().filter(|other| other.name() == Some(name)).count() > 1;
            let own: Vec<Value> =
                shown.iter().filter_map(|value| value.get(name)).cloned().collect();
            let path = format!("{path}/{name}");
            let prefix = format!("{prefix}/{}", part(name));
            let topic = prefix[self.operation.len() + 1..].to_owned();
            self.presence(row, name, &topic, &path, shown, certain, &mut found);
            let property = self.property(row, name, &topic, &prefix, &path, &own, twice);
            found.properties.insert(name.to_owned(), property);
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "a row and all that is known around it")]
    fn presence(
        &mut self,
        row: &Attribute,
        name: &str,
        topic: &str,
        path: &str,
        shown: &[Value],
        certain: bool,
        found: &mut Rows,
    ) {
        let statement = format!("`{name}` is there.");
        let objects: Vec<&Value> = shown.iter().filter(|value| value.is_object()).collect();
        let lacking = objects.iter().any(|value| value.get(name).is_none());
        // An example that lacks it is the page against itself.
        let evidence = &row.evidence;
        let certain = certain && !lacking && !evidence.unseen && evidence.lacking().is_none();
        let basis = if certain { Basis::Stated } else { Basis::Inferred };
        let basis = basis.at_most(evidence.ground);
        let place = place_of(row, path);
        let id = self.add(&format!("{topic}/presence"), basis, statement, &place, row.at, None);
        if row.absent.is_some() {
            self.register
                .exclude(&id, "the page says when it isn't there, and a schema can't tell");
        } else if lacking {
            self.register.exclude(&id, "an example of the page lacks it");
        } else if let Some((some, all)) = evidence.lacking() {
            self.register.exclude(&id, &format!("{some} of {all} samples have it"));
        }
        if let Some(source) = self.register.source(&id) {
            found.presence.push(json!({ "x-source": source, "required": [name] }));
            self.faults.push((format!("drop {}", pointer(path)), id));
        }
    }

    /// The erratum on this place, of one of these kinds.
    fn erratum(&self, kinds: &[DefectKind], place: &str) -> Option<String> {
        self.errata
            .iter()
            .find(|erratum| kinds.contains(&erratum.kind) && erratum.place == place)
            .map(|erratum| erratum.id.clone())
    }

    fn add(
        &mut self,
        topic: &str,
        basis: Basis,
        statement: String,
        place: &str,
        at: At,
        erratum: Option<String>,
    ) -> String {
        let requirement = Requirement {
            id: format!("{}/{topic}", self.operation),
            basis,
            statement,
            place: super::operation::placed(place, at, self.order),
            erratum,
            excluded: None,
            one_sided: None,
        };
        self.register.add(requirement, self.order.decisions)
    }
}

fn with_rows(mut schema: Value, rows: Rows) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        if !rows.presence.is_empty() {
            schema.insert("allOf".to_owned(), Value::Array(rows.presence));
        }
        schema.insert("properties".to_owned(), Value::Object(rows.properties));
    }
    schema
}

fn plain(rows: &Rows) -> Value {
    let rows = Rows { presence: rows.presence.clone(), properties: rows.properties.clone() };
    with_rows(json!({}), rows)
}

fn place_of(row: &Attribute, path: &str) -> String {
    super::operation::shown(row, "Response body", path.trim_start_matches('/'))
}

/// A JSON pointer to the member, whatever list it stands in.
fn pointer(path: &str) -> String {
    path.to_owned()
}
