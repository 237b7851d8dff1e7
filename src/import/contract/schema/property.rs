//! The schema of one member: its type, its values, and what stands below it.
//!
//! Knows: one row of a table, and what examples and samples show of it. Must not know: the body
//! around it.

use serde_json::{Map, Value, json};

use crate::import::contract::register::Basis;
use crate::import::draft::{Attribute, DefectKind, Known};
use crate::import::evidence::Ground;
use crate::import::words::fits_type as words_fit;

use super::types::{fits, kinds, kinds_of, type_of, typed, words};
use super::{Maker, place_of, plain, pointer};

impl Maker<'_> {
    #[expect(clippy::too_many_arguments, reason = "a row and all that is known around it")]
    pub(super) fn property(
        &mut self,
        row: &Attribute,
        name: &str,
        topic: &str,
        prefix: &str,
        path: &str,
        shown: &[Value],
        twice: bool,
    ) -> Value {
        let place = format!("response{path}");
        let kinds = kinds(row);
        let mut types: Vec<&str> = kinds.iter().copied().filter(|_| !twice).collect();
        let seen: Vec<&str> = shown
            .iter()
            .map(type_of)
            .chain(row.evidence.types())
            .filter(|seen| !fits(seen, &types))
            .collect();
        let guessed = row.evidence.guessed;
        let mut basis = if guessed { Basis::Inferred } else { Basis::on(row.evidence.ground) };
        let mut erratum = None;
        if !seen.is_empty() && !types.is_empty() {
            types.extend(seen.iter().copied());
            types.sort_unstable();
            types.dedup();
            erratum = self.erratum(&[DefectKind::TypeConflict], &place);
            // Types that only samples show are no firmer than samples.
            let wider = match row.evidence.ground {
                Ground::Stated if row.evidence.json.is_empty() => Basis::Inferred,
                Ground::Stated => Basis::Example,
                ground => Basis::on(ground),
            };
            basis = if erratum.is_some() { Basis::Conflict } else { wider };
        } else if let Some(other) = self.conflicting(row, &place) {
            types.extend(other.1);
            types.sort_unstable();
            types.dedup();
            erratum = Some(other.0);
            basis = Basis::Conflict;
        }
        let mut property = Map::new();
        if !types.is_empty() {
            let statement = format!("`{name}` is {}.", words(&types));
            let id = self.add(topic, basis, statement, &place_of(row, path), row.at, erratum);
            if let Some(source) = self.register.source(&id) {
                property.insert("x-source".to_owned(), source);
                let kind = if let [one] = types.as_slice() { json!(one) } else { json!(types) };
                property.insert("type".to_owned(), kind);
                if basis == Basis::Stated {
                    // A list of them would be one value too many for any type but a list.
                    let other = if types.contains(&"string") { "17" } else { "\"text\"" };
                    self.faults.push((format!("set {} {other}", pointer(path)), id));
                }
            }
        }
        self.values(row, name, topic, path, shown, &types, &mut property);
        let children = row.rows();
        if !children.is_empty() && !twice {
            let inner: Vec<Value> = shown
                .iter()
                .flat_map(|value| match value {
                    Value::Array(elements) => elements.clone(),
                    other => vec![other.clone()],
                })
                .collect();
            // What stands below a member that may be absent is asked for only where that is there.
            let object = json!({ "type": "object" });
            let rows = self.rows(children, prefix, path, &inner, true);
            let list = types.contains(&"array") || types.is_empty();
            let single = types.contains(&"object") || types.is_empty();
            if list {
                property.insert("items".to_owned(), json!({ "if": object, "then": plain(&rows) }));
            }
            if single {
                property.insert("if".to_owned(), object);
                property.insert("then".to_owned(), plain(&rows));
            }
        }
        Value::Object(property)
    }

    #[expect(clippy::too_many_arguments, reason = "a row and all that is known around it")]
    fn values(
        &mut self,
        row: &Attribute,
        name: &str,
        topic: &str,
        path: &str,
        shown: &[Value],
        types: &[&str],
        property: &mut Map<String, Value>,
    ) {
        let Known::Is(listed) = &row.values else { return };
        // What was seen is no list of what there may be.
        if listed.is_empty() || row.evidence.ground != Ground::Stated {
            return;
        }
        let place = format!("response{path}");
        let statement = format!(
            "`{name}` is one of {}.",
            listed.iter().map(|value| value.value.as_str()).collect::<Vec<_>>().join(", ")
        );
        let kind = row.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let open = listed
            .iter()
            .any(|value| value.value.contains(['{', '<']) || !words_fit(&value.value, kind));
        let doubt = self.erratum(&[DefectKind::EnumCount, DefectKind::EnumType], &place);
        let unlisted = self.erratum(&[DefectKind::ExampleValue], &place);
        let (basis, erratum) = match (doubt, unlisted) {
            (Some(erratum), _) => (Basis::Inferred, Some(erratum)),
            (None, Some(erratum)) => (Basis::Conflict, Some(erratum)),
            (None, None) => (Basis::Stated, None),
        };
        let at = listed.first().map_or(row.at, |value| value.at);
        let id = self.add(
            &format!("{topic}/values"),
            basis,
            statement,
            &place_of(row, path),
            at,
            erratum,
        );
        if row.evidence.cut {
            self.register.exclude(&id, "the saved page breaks off in the list");
        }
        if open {
            self.register
                .exclude(&id, "the list has values that stand for others, or can't be right");
        }
        let Some(source) = self.register.source(&id) else { return };
        let mut values: Vec<Value> = Vec::new();
        for value in listed {
            values.push(typed(&value.value, types));
        }
        for seen in &row.evidence.observed {
            let value = typed(seen, types);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let flat = shown.iter().flat_map(|value| match value {
            Value::Array(elements) => elements.clone(),
            other => vec![other.clone()],
        });
        for value in flat.filter(|value| !value.is_object()) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let rule = json!({ "x-source": source, "enum": values });
        if types.contains(&"array") {
            property.insert("items".to_owned(), rule);
        } else {
            property.insert("allOf".to_owned(), json!([rule]));
            let other = "\"a value of no page\"";
            self.faults.push((format!("set {} {other}", pointer(path)), id));
        }
    }

    /// The erratum on a type that samples contradict, and the types that they have instead.
    fn conflicting(&self, row: &Attribute, place: &str) -> Option<(String, Vec<&'static str>)> {
        let words = row.evidence.conflict.as_deref()?.rsplit(' ').next()?;
        let erratum = self.erratum(&[DefectKind::TypeConflict], place)?;
        Some((erratum, kinds_of(words)))
    }
}
