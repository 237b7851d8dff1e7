//! A right request in its parts, and how it is spelt with one thing changed.
//!
//! Knows: forms and tables. Must not know: which changes there are.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::catalogue::case::RequestSpec;
use crate::catalogue::encoded;
use crate::contract::{Form, Operation, RequestTable, TableKind};

use super::Change;

/// A form, its table, and what the other tables of the operation add to each request.
#[derive(Debug, Clone)]
pub(in crate::catalogue) struct Parts<'a> {
    pub(in crate::catalogue) table: &'a RequestTable,
    pub(in crate::catalogue) form: &'a Form,
    /// The first form of each kind of table that this one isn't of.
    beside: Vec<(&'a RequestTable, &'a Form)>,
}

/// The values of a request, in the order of the table.
pub(in crate::catalogue) type Values = Vec<(String, Change)>;

impl<'a> Parts<'a> {
    /// Every form of an operation. A table of the path only completes the others, where there are
    /// any.
    pub(in crate::catalogue) fn of(operation: &'a Operation) -> Vec<Self> {
        let tables = &operation.request.tables;
        let mut all = Vec::new();
        for table in tables {
            let others = tables.iter().filter(|other| other.kind != table.kind);
            let mut beside: Vec<(&RequestTable, &Form)> = Vec::new();
            for (other, form) in others.filter_map(|other| Some((other, other.form.first()?))) {
                if !beside.iter().any(|(seen, _)| seen.kind == other.kind) {
                    beside.push((other, form));
                }
            }
            if table.kind == TableKind::Path && !beside.is_empty() {
                continue;
            }
            all.extend(table.form.iter().map(|form| Self { table, form, beside: beside.clone() }));
        }
        all
    }

    /// The right request that is spoilt.
    pub(in crate::catalogue) fn values(&self) -> Values {
        self.with(&self.form.is)
    }

    /// The right request that does no harm when it is accepted.
    pub(in crate::catalogue) fn harmless(&self) -> Values {
        let mut values = self.form.is.clone();
        values.extend(self.form.observed.clone());
        self.with(&values)
    }

    pub(in crate::catalogue) fn with(&self, values: &BTreeMap<String, Value>) -> Values {
        self.table
            .attribute
            .iter()
            .filter_map(|attribute| {
                Some((attribute.name.clone(), Change::of(values.get(&attribute.name)?)))
            })
            .collect()
    }

    /// The request that has these values.
    pub(in crate::catalogue) fn request(&self, values: &Values) -> RequestSpec {
        let mut spec = RequestSpec::default();
        for (table, form) in &self.beside {
            let right: Values =
                form.is.iter().map(|(name, value)| (name.clone(), Change::of(value))).collect();
            put(table.kind, &right, &mut spec);
        }
        put(self.table.kind, values, &mut spec);
        spec
    }

    /// The same with another body.
    pub(in crate::catalogue) fn with_body(
        &self,
        body: Body,
        content_type: Option<&str>,
    ) -> RequestSpec {
        let mut spec = self.request(&Values::new());
        (spec.json, spec.raw) = match body {
            Body::None => (None, None),
            Body::Json(text) => (Some(text), None),
            Body::Raw(text) => (None, Some(text)),
        };
        spec.content_type = content_type.map(str::to_owned);
        spec
    }

    /// Whether the values are the members of a body.
    pub(in crate::catalogue) fn in_body(&self) -> bool {
        self.table.kind == TableKind::Body
    }
}

/// A body as text.
pub(in crate::catalogue) enum Body {
    None,
    Json(String),
    Raw(String),
}

fn put(kind: TableKind, values: &Values, spec: &mut RequestSpec) {
    for (name, change) in values {
        let text = match change {
            Change::Remove => continue,
            Change::Text(text) | Change::Json(text) => text,
        };
        match kind {
            TableKind::Query => drop(spec.query.insert(name.clone(), encoded(text))),
            TableKind::Path => drop(spec.path.insert(name.clone(), encoded(text))),
            TableKind::Body => {}
        }
    }
    if kind == TableKind::Body {
        spec.json = Some(object(values));
    }
}

/// The members as a JSON object, in their order, each as often as it is there.
pub(in crate::catalogue) fn object(values: &Values) -> String {
    let mut text = String::from("{");
    for (name, change) in values {
        let Some(value) = change.json() else { continue };
        let separator = if text.len() > 1 { "," } else { "" };
        let _ = write!(text, "{separator} {}: {value}", Value::from(name.as_str()));
    }
    text.push_str(if text.len() > 1 { " }" } else { "}" });
    text
}
