//! What the documents say: operations, requirements, errata, schemas.
//!
//! Knows: the files of `schemas/`. Must not know: cases, exchanges, verdicts, or the outside world.

mod coverage;
mod documented;
mod layer;
mod listed;
mod load;
mod operation;
mod places;
mod reading;
mod request;
mod request_schema;
mod requirement;
mod route;
mod schema;
mod semantic;
mod sites;
mod span;

pub use coverage::{Coverage, Foreign, Versions, survey, survey_at};
pub use documented::{Client, DOCUMENTED, Documented, DocumentedOperation, Seen, route_key};
pub use layer::{APPLIANCE, is_contract_file, is_whole, layered, operation_files};
pub use load::{Known as KnownContract, load, load_beside};
pub use operation::{Content, Operation, ResponseRow};
pub use places::Place;
pub use reading::{Listed, Reading, Reads, Words};
pub use request::{
    Attribute, Credentials, Except, Form, Guess, Methods, Open, Presence, RequestContract,
    RequestTable, Rules, TableKind, Type, request_requirements,
};
pub use request_schema::{derived as request_schema, difference as request_schema_difference};
pub use requirement::{Basis, Choice, Document, Erratum, Requirement, Severity};
pub use route::operation_of;
pub(crate) use schema::{MORE_PLACES, cut, shown};
pub use schema::{MOST_ALIKE, MOST_VALUES, Schemas, Violation};
pub use semantic::{Kind, Lifetime, RowShape, Semantic};
pub use sites::{Site, each_site};
pub use span::Span;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::appliance::Appliance;
use crate::terms::Effect;
use crate::weight::{Known, is_read};
use crate::why::Beyond;

/// The fact that there is a second account without privilege.
pub const UNPRIVILEGED: &str = "account.unprivileged";

/// The fact that stands for a placeholder of an imported path.
#[must_use]
pub fn page_fact(placeholder: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "_.@-$".contains(c) { c } else { '-' };
    format!("page.{}", placeholder.chars().map(plain).collect::<String>())
}

/// Everything that the documents say, loaded and cross-checked.
#[derive(Debug, Clone)]
pub struct Contract {
    /// What is known of the product as a whole.
    pub appliance: Appliance,
    /// The pages and recordings it was read from.
    pub documents: Vec<Document>,
    /// Where they are silent, wrong, or contradict themselves.
    pub errata: Vec<Erratum>,
    /// By id, for example `sftp-locks.list`.
    pub operations: BTreeMap<String, Operation>,
    /// By id, for example `sftp-locks.list/body/component`.
    pub requirements: BTreeMap<String, Requirement>,
    /// The versions that statements are about, of those that aren't about every version.
    pub spans: BTreeMap<String, Span>,
    /// The registers whose faults the self-test drafts where no row of a table has one: the first
    /// part of the ids of their requirements.
    pub drafted_faults: BTreeSet<String>,
    /// One compiled schema per documented body.
    pub schemas: Arc<Schemas>,
    /// What the vendor documents and clients call, within the contract or not.
    pub documented: Documented,
    /// Identity of the files it was loaded from.
    pub digest: String,
    /// The ids of the requirements, for whoever keeps many of them.
    ids: HashSet<Arc<str>>,
}

impl Contract {
    /// The id of a requirement, shared with everybody who keeps it.
    #[must_use]
    pub fn shared_id(&self, id: &str) -> Arc<str> {
        self.ids.get(id).map_or_else(|| id.into(), Arc::clone)
    }

    /// What is known of the methods and paths that change something, or may.
    #[must_use]
    pub fn known(&self) -> Vec<Known> {
        self.operations
            .values()
            .filter(|operation| {
                !is_read(&operation.method)
                    || operation.effect > Effect::Read
                    || !operation.query_when.is_empty()
            })
            .map(Operation::known)
            .collect()
    }

    /// The facts that a case may need, and an operator may give: those of the appliance file, and
    /// the second account, which any appliance can have.
    pub fn facts(&self) -> impl Iterator<Item = &str> {
        self.appliance.facts.iter().map(String::as_str).chain([UNPRIVILEGED])
    }

    /// The facts of pages that a target may have: what stands for the placeholders of paths, and
    /// the two words of whoever knows what an imported operation does.
    #[must_use]
    pub fn page_facts(&self) -> BTreeSet<String> {
        let placeholders =
            self.operations.values().flat_map(|one| one.path.split('/')).filter_map(|segment| {
                let name = segment.strip_prefix('{')?.strip_suffix('}')?;
                Some(page_fact(name))
            });
        let imported = self.documents.iter().any(|document| document.role == "imported");
        let words = ["page.send", "page.by-hand"].into_iter().filter(|_| imported);
        placeholders.chain(words.map(str::to_owned)).collect()
    }

    /// Whether an operator may give such a fact. What begins with `page.` is of an imported
    /// operation: the values of its placeholders, and the word of whoever knows what an accepted
    /// request does.
    #[must_use]
    pub fn is_fact(&self, name: &str) -> bool {
        self.facts().any(|known| known == name)
            || name.strip_prefix("page.").is_some_and(|rest| !rest.is_empty())
    }

    /// The requirement that a text of an error is one that people can read, where one is
    /// registered.
    #[must_use]
    pub fn text_of_errors(&self) -> Option<&str> {
        self.appliance.errors.words.as_deref().filter(|id| self.requirements.contains_key(*id))
    }

    /// Every semantic check, operation by operation.
    pub fn semantics(&self) -> impl Iterator<Item = &Semantic> {
        self.operations.values().flat_map(|operation| &operation.semantics)
    }

    /// The severity of breaking a requirement; an unregistered id (which `lint` refuses) counts as
    /// inferred.
    #[must_use]
    pub fn severity(&self, requirement: &str) -> Severity {
        self.requirements
            .get(requirement)
            .map_or(Severity::Deviation, |requirement| requirement.basis.severity())
    }

    /// Why a requirement says nothing of an appliance of that version, if it doesn't, as a word and
    /// in words.
    #[must_use]
    pub fn beyond(
        &self,
        requirement: &str,
        version: Option<&semver::Version>,
    ) -> Option<(Beyond, String)> {
        let span = self.spans.get(requirement)?;
        span.beyond(version).map(|beyond| (beyond, span.reason(beyond, version)))
    }

    /// The first of the ids that is registered.
    pub fn first_registered<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Option<&str> {
        ids.into_iter()
            .find_map(|id| self.requirements.get_key_value(id))
            .map(|(id, _)| id.as_str())
    }
}

/// The built-in contract, loaded once for all tests.
#[cfg(test)]
pub(crate) fn built_in() -> &'static Contract {
    static CONTRACT: std::sync::OnceLock<Contract> = std::sync::OnceLock::new();
    CONTRACT.get_or_init(|| {
        load(&crate::files::embedded_contract()).unwrap_or_else(|problems| panic!("{problems:?}"))
    })
}
