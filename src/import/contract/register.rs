//! The register of requirements of one operation, as it is written.
//!
//! Knows: ids, bases, statements and places. Must not know: what a requirement is about.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use strum::IntoStaticStr;

use crate::import::evidence::Ground;

use super::decisions::Decisions;
use super::text::quoted;

/// How firmly a page says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Basis {
    Stated,
    Example,
    Inferred,
    Conflict,
    Neighbour,
}

impl Basis {
    pub(super) fn word(self) -> &'static str {
        self.into()
    }

    /// The basis of what rests on this ground.
    pub(super) fn on(ground: Ground) -> Self {
        match ground {
            Ground::Stated => Self::Stated,
            Ground::Example => Self::Example,
            Ground::Neighbour => Self::Neighbour,
        }
    }

    /// The same where a page states it, else no firmer than the ground.
    pub(super) fn at_most(self, ground: Ground) -> Self {
        if self == Self::Conflict || ground == Ground::Stated { self } else { Self::on(ground) }
    }
}

/// One requirement.
#[derive(Debug, Clone)]
pub(super) struct Requirement {
    pub(super) id: String,
    pub(super) basis: Basis,
    pub(super) statement: String,
    pub(super) place: String,
    pub(super) erratum: Option<String>,
    pub(super) excluded: Option<String>,
    pub(super) one_sided: Option<String>,
}

impl Requirement {
    /// Whether it rests on samples or on a related page. An example of the page itself shows no
    /// more than the outer shape of the answer.
    pub(super) fn is_of_samples(&self) -> bool {
        let outer = self.id.split_once('/').is_some_and(|(_, topic)| topic == "body");
        self.basis == Basis::Neighbour || (self.basis == Basis::Example && !outer)
    }
}

/// The requirements in their order; each id once.
#[derive(Debug, Default)]
pub(super) struct Register {
    pub(super) list: Vec<Requirement>,
    ids: BTreeSet<String>,
}

impl Register {
    /// Registers a requirement, under an id of its own, with what a person decided on it; gives
    /// back the id.
    pub(super) fn add(&mut self, mut requirement: Requirement, decisions: &Decisions) -> String {
        let base = requirement.id.clone();
        let mut count = 2;
        while !self.ids.insert(requirement.id.clone()) {
            requirement.id = format!("{base}-{count}");
            count += 1;
        }
        if let Some(reason) = decisions.excluded(&requirement.id) {
            requirement.excluded = Some(reason.to_owned());
        }
        let id = requirement.id.clone();
        self.list.push(requirement);
        id
    }

    pub(super) fn get(&self, id: &str) -> Option<&Requirement> {
        self.list.iter().find(|requirement| requirement.id == id)
    }

    /// Whether rules may ask for it.
    pub(super) fn asked(&self, id: &str) -> bool {
        self.get(id).is_some_and(|requirement| requirement.excluded.is_none())
    }

    pub(super) fn exclude(&mut self, id: &str, reason: &str) {
        if let Some(found) = self.list.iter_mut().find(|requirement| requirement.id == id)
            && found.excluded.is_none()
        {
            found.excluded = Some(reason.to_owned());
        }
    }

    /// The source of a rule, as schemas repeat it; nothing where the rule mustn't be asked for.
    pub(super) fn source(&self, id: &str) -> Option<Value> {
        let found = self.get(id).filter(|requirement| requirement.excluded.is_none())?;
        let mut source = json!({
            "requirement": found.id, "basis": found.basis.word(), "place": found.place,
        });
        if let (Some(erratum), Some(source)) = (&found.erratum, source.as_object_mut()) {
            source.insert("erratum".to_owned(), json!(erratum));
        }
        Some(source)
    }

    pub(super) fn toml(&self) -> String {
        let mut text = String::new();
        for one in &self.list {
            let _ = write!(
                text,
                "\n[[requirement]]\nid        = {}\nbasis     = {}\nstatement = {}\nplace     = {}\n",
                quoted(&one.id),
                quoted(one.basis.word()),
                quoted(&one.statement),
                quoted(&one.place)
            );
            if let Some(erratum) = &one.erratum {
                let _ = writeln!(text, "erratum   = {}", quoted(erratum));
            }
            if let Some(excluded) = &one.excluded {
                let _ = writeln!(text, "excluded  = {}", quoted(excluded));
            }
            if let Some(reason) = &one.one_sided {
                let _ = writeln!(text, "one-sided = {}", quoted(reason));
            }
        }
        text
    }
}
