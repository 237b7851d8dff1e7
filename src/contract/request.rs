//! What an operation takes: its documented request tables, each rule bound to a requirement.
//!
//! Knows: tables, their attributes and forms, and what a right request looks like. How an accepted
//! request is followed and taken back stands here as opaque data. Must not know: how cases are made
//! of it, or how a request is sent.

mod attribute;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::terms::Effect;

use super::Contract;
use super::operation::Operation;

pub use attribute::{Attribute, Guess, Presence, Rules, Type};

/// Everything that an operation file says about requests.
#[derive(Debug, Clone, Default)]
pub struct RequestContract {
    /// How missing or invalid credentials are answered.
    pub credentials: Option<Credentials>,
    /// Methods that no page documents for the path, and that may be asked.
    pub methods: Option<Methods>,
    /// The body as a whole.
    pub body: Option<BodyRules>,
    /// What the page leaves open.
    pub open: Open,
    /// The documented tables.
    pub tables: Vec<RequestTable>,
}

/// `[credentials]` of an operation file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The requirement that a request without any breaks when it is accepted.
    pub missing: String,
    /// The same for credentials that can't be read.
    pub malformed: String,
    /// The statuses of a refusal.
    pub status: Vec<u16>,
    /// Those of credentials that can't be read, where they are others.
    #[serde(default)]
    pub unreadable: Vec<u16>,
}

/// `[methods]` of an operation file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Methods {
    /// Methods that no page documents for this path, and that can do no more than `impact` when
    /// they are served.
    pub others: Vec<String>,
    /// The requirement that is broken when one is served.
    pub requirement: String,
    /// The statuses of a refusal.
    pub status: Vec<u16>,
    /// What may happen when one is served.
    pub impact: String,
    /// A JSON body without which such a method would do nothing, for an operation that takes none.
    /// A DELETE comes without.
    pub body: Option<String>,
}

/// `[body]` of an operation file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyRules {
    /// `$id` of the schema of the body, once loaded; a path in the file.
    pub schema: String,
    /// The requirement that refuses a body without any attribute.
    pub empty: String,
    /// The requirement that refuses a body that isn't JSON.
    pub malformed: String,
    /// The requirement that refuses JSON that is no object.
    pub kind: String,
}

/// `[open]` of an operation file: requirements at which it is kept what an appliance did where the
/// page says nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// Of query parameters that no page names.
    pub query: Option<String>,
    /// Of bodies: one where none is documented, and what no page says of one that is.
    pub body: Option<String>,
}

/// One documented table of request attributes or parameters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestTable {
    /// For example `copy-or-move`.
    pub name: String,
    /// Where its attributes go.
    #[serde(default)]
    pub kind: TableKind,
    /// The table is meant when each of these attributes has one of these values.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<Value>>,
    /// The rows.
    #[serde(default)]
    pub attribute: Vec<Attribute>,
    /// Combinations of documented values that aren't right requests.
    #[serde(default)]
    pub except: Vec<Except>,
    /// The kinds of right requests.
    #[serde(default)]
    pub form: Vec<Form>,
}

/// Where the attributes of a table go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableKind {
    /// Members of a JSON object.
    #[default]
    Body,
    /// Query parameters.
    Query,
    /// Placeholders of the path.
    Path,
}

/// A combination of documented values that isn't a right request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Except {
    /// Attributes and their values.
    pub values: BTreeMap<String, Value>,
    /// Why.
    pub reason: String,
}

/// A kind of right request: what refusals and observations are made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Form {
    /// First part of the ids of its cases.
    pub name: String,
    /// In words, such as `a copy`.
    pub title: String,
    /// The right request that is spoilt in one place. Attributes that it doesn't name aren't sent.
    #[serde(default)]
    pub is: BTreeMap<String, Value>,
    /// Attributes whose other documented values make right requests too.
    #[serde(default)]
    pub varies: Vec<String>,
    /// Names of the documented answers to a right request.
    pub replies: Vec<String>,
    /// The requirement that a right request which isn't accepted breaks; without it that of the
    /// first reply.
    pub accepted: Option<String>,
    /// The worst that an accepted request does.
    pub effect: Effect,
    /// The same in words; nothing for a read.
    #[serde(default)]
    pub impact: String,
    /// Values that take the place of those of `is` in what is only observed, so that being accepted
    /// does no harm.
    #[serde(default)]
    pub observed: BTreeMap<String, Value>,
    /// What an accepted observation does.
    #[serde(default)]
    pub observed_impact: String,
    /// Where an answer names the job that it started, as a JSON pointer.
    pub job: Option<String>,
    /// How an accepted request is followed: steps in the case format, with `{{request}}` and
    /// `{{value.NAME}}`.
    #[serde(default)]
    pub step: Vec<Value>,
    /// How it is taken back.
    #[serde(default)]
    pub cleanup: Vec<Value>,
}

impl RequestTable {
    /// The row of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// Whether a request with these values is one of this table.
    #[must_use]
    pub fn is_meant(&self, value: impl Fn(&str) -> Option<Value>) -> bool {
        self.when
            .iter()
            .all(|(name, values)| value(name).is_some_and(|value| values.contains(&value)))
    }

    /// Whether an attribute has to be there beside these values.
    #[must_use]
    pub fn requires(&self, attribute: &Attribute, values: &BTreeMap<String, Value>) -> bool {
        match attribute.presence {
            Presence::Required => true,
            Presence::Optional => false,
            Presence::RequiredIf => attribute
                .condition
                .iter()
                .all(|(name, wanted)| values.get(name).is_some_and(|value| wanted.contains(value))),
        }
    }
}

impl RequestContract {
    /// The tables of one kind.
    pub fn of_kind(&self, kind: TableKind) -> impl Iterator<Item = &RequestTable> {
        self.tables.iter().filter(move |table| table.kind == kind)
    }

    /// Every requirement that a rule about the request is bound to, besides those about its sender.
    #[must_use]
    pub fn requirements(&self) -> BTreeSet<String> {
        let mut found: BTreeSet<String> = self
            .tables
            .iter()
            .flat_map(|table| &table.attribute)
            .flat_map(|attribute| attribute.rules.ids())
            .cloned()
            .collect();
        found.extend(self.methods.iter().map(|rules| rules.requirement.clone()));
        found.extend(
            self.body
                .iter()
                .flat_map(|rules| [&rules.empty, &rules.malformed, &rules.kind])
                .cloned(),
        );
        found.extend(
            self.tables
                .iter()
                .flat_map(|table| &table.form)
                .filter_map(|form| form.accepted.clone()),
        );
        found
    }

    /// The requirements about the sender.
    pub fn of_sender(&self) -> impl Iterator<Item = &String> {
        self.credentials.iter().flat_map(|rules| [&rules.missing, &rules.malformed])
    }

    /// Requirements at which something is observed.
    pub fn observed(&self) -> impl Iterator<Item = &String> {
        self.open.query.iter().chain(&self.open.body)
    }
}

/// Every requirement of the contract that a rule about a request is bound to. Those about its
/// sender aren't among them: a wrong password is sent by no generated case, because an appliance
/// counts it.
#[must_use]
pub fn request_requirements(contract: &Contract) -> BTreeSet<String> {
    contract.operations.values().flat_map(|operation| operation.request.requirements()).collect()
}

/// What is wrong with the request tables of an operation, in itself. That the requirements are
/// registered is checked with the registers.
pub(super) fn problems(operation: &Operation) -> Vec<String> {
    let mut found = Vec::new();
    let (mut tables, mut forms) = (BTreeSet::new(), BTreeSet::new());
    let body_tables =
        operation.request.of_kind(TableKind::Body).any(|table| !table.attribute.is_empty());
    if body_tables != operation.request.body.is_some() {
        found.push(
            "a table of body attributes and `[body]` need each other: `[body]` names the schema, \
                and the requirements of the body as a whole"
                .to_owned(),
        );
    }
    for table in &operation.request.tables {
        let mut say = |what: String| found.push(format!("request table `{}`: {what}", table.name));
        if !tables.insert(&table.name) {
            say("another table has the same name".to_owned());
        }
        let mut names = BTreeSet::new();
        for attribute in &table.attribute {
            if !names.insert(attribute.name.as_str()) {
                say(format!("two rows are called `{}`", attribute.name));
            }
            if (attribute.presence == Presence::RequiredIf) == attribute.condition.is_empty() {
                say(format!("`{}`: `required-if` and `if` need each other", attribute.name));
            }
            if attribute.presence == Presence::Optional && attribute.rules.required.is_some() {
                say(format!("`{}` is optional, so no rule can require it", attribute.name));
            }
            if attribute.rules.kind.is_some() && attribute.kind.is_none() {
                say(format!("`{}` has a rule on its type, but no type", attribute.name));
            }
            for text in attribute
                .exact
                .iter()
                .filter(|text| !attribute.values.iter().any(|value| value.as_str() == Some(text)))
            {
                say(format!(
                    "`{}`: `exact` names {text}, which isn't one of its values",
                    attribute.name
                ));
            }
            if attribute.items.is_some() && attribute.kind != Some(Type::Array) {
                say(format!("`{}` has `items`, but isn't an array", attribute.name));
            }
            if table.kind == TableKind::Path
                && !operation.path.contains(&format!("{{{}}}", attribute.name))
            {
                say(format!("`{}` isn't a placeholder of {}", attribute.name, operation.path));
            }
        }
        let known = |name: &String| table.attribute(name).is_some();
        let used = table
            .when
            .keys()
            .chain(table.except.iter().flat_map(|except| except.values.keys()))
            .chain(table.attribute.iter().flat_map(|attribute| attribute.condition.keys()));
        for name in used
            .chain(
                table.form.iter().flat_map(|form| {
                    form.is.keys().chain(&form.varies).chain(form.observed.keys())
                }),
            )
            .filter(|name| !known(name))
        {
            say(format!("it has no row `{name}`"));
        }
        for form in &table.form {
            if !forms.insert(&form.name) {
                say(format!("another form is called `{}`", form.name));
            }
            if !table.is_meant(|name| form.is.get(name).cloned()) {
                say(format!("the form `{}` doesn't match the `when` of this table", form.name));
            }
            for attribute in table.attribute.iter().filter(|attribute| {
                table.requires(attribute, &form.is) && !form.is.contains_key(&attribute.name)
            }) {
                say(format!(
                    "the form `{}` lacks `{}`, which it requires",
                    form.name, attribute.name
                ));
            }
            for reply in form.replies.iter().filter(|reply| {
                !operation.responses.iter().any(|row| row.name == **reply && !row.error)
            }) {
                say(format!(
                    "the form `{}` names the reply `{reply}`, which isn't a success response of \
                        this operation",
                    form.name
                ));
            }
            if form.replies.is_empty() {
                say(format!("the form `{}` names no reply", form.name));
            }
            if form.effect > Effect::Read && form.impact.trim().is_empty() {
                say(format!("the form `{}` changes something, so it needs an `impact`", form.name));
            }
        }
    }
    found
}
