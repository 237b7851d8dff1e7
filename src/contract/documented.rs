//! Which operations the vendor documents, and which public clients call them.
//!
//! Knows: `documented.toml`, whose rows may be of operations that no file of the contract
//! describes. Must not know: how anything is judged; nothing is judged by it.

use std::collections::BTreeSet;

use serde::Deserialize;
use strum::IntoStaticStr;

use crate::problem::Problem;

/// The file, at the top of a contract folder.
pub const DOCUMENTED: &str = "documented.toml";

/// Everything that the file says; empty where a folder has none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documented {
    /// Public clients.
    #[serde(default, rename = "client")]
    pub clients: Vec<Client>,
    /// Operations, each once.
    #[serde(default, rename = "operation")]
    pub operations: Vec<DocumentedOperation>,
}

/// A public client, and how it is known what it calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its name.
    pub id: String,
    /// Its version or commit, where one was told.
    pub version: Option<String>,
    /// Where it is published.
    pub url: String,
    /// What was read of it.
    pub source: String,
    /// The day it was read, where that was kept.
    pub read: Option<String>,
}

/// An operation that a page documents, or that a client calls.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DocumentedOperation {
    /// The id that the contract uses, or is to use.
    pub name: Option<String>,
    /// Upper case.
    pub method: String,
    /// With placeholders, under whatever names.
    pub path: String,
    /// The vendor's page, where one was found.
    pub page: Option<String>,
    /// How much of the page was at hand.
    pub seen: Option<Seen>,
    /// First product version that has it, where a page says so.
    pub since: Option<String>,
    /// Ids of the clients whose own code calls it.
    #[serde(default)]
    pub called_by: Vec<String>,
}

/// How much of a page was at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Seen {
    /// All of its tables.
    Whole,
    /// Its beginning.
    Part,
}

impl Seen {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What identifies an operation: its method, and its path without the names of placeholders, which
/// pages, clients and contracts choose as they like.
#[must_use]
pub fn route_key(method: &str, path: &str) -> String {
    let segments = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    format!("{} {}", method.to_ascii_uppercase(), segments.collect::<Vec<_>>().join("/"))
}

impl Documented {
    /// What is wrong with the file beyond its syntax.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |what: String| problems.push(Problem::new(DOCUMENTED, what));
        let mut clients = BTreeSet::new();
        for client in &self.clients {
            if !clients.insert(client.id.as_str()) {
                say(format!("the client `{}` is listed twice", client.id));
            }
        }
        let mut routes = BTreeSet::new();
        for operation in &self.operations {
            let DocumentedOperation { method, path, called_by, .. } = operation;
            if !routes.insert(route_key(method, path)) {
                say(format!("the operation {method} {path} is listed twice"));
            }
            if operation.page.is_some() != operation.seen.is_some() {
                say(format!("{method} {path} needs both `page` and `seen`, or neither"));
            }
            let mut callers = BTreeSet::new();
            for caller in called_by {
                if !clients.contains(caller.as_str()) {
                    say(format!("{method} {path} is called by the unknown client `{caller}`"));
                }
                if !callers.insert(caller) {
                    say(format!("{method} {path} names the client `{caller}` twice"));
                }
            }
            if operation.page.is_none() && called_by.is_empty() {
                say(format!("{method} {path} has neither a page nor a client that calls it"));
            }
            if let Some(Err(error)) = operation.since.as_deref().map(semver::Version::parse) {
                say(format!("`since` of {method} {path} isn't a version such as 4.1.0: {error}"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &str, called_by: &[&str]) -> DocumentedOperation {
        DocumentedOperation {
            name: None,
            method: "GET".to_owned(),
            path: path.to_owned(),
            page: None,
            seen: None,
            since: None,
            called_by: called_by.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn placeholders_are_told_apart_by_their_place_alone() {
        assert_eq!(route_key("get", "/a/{id}/b"), route_key("GET", "/a/{name}/b"));
        assert_ne!(route_key("GET", "/a/{id}"), route_key("PUT", "/a/{id}"));
        assert_ne!(route_key("GET", "/a/{id}"), route_key("GET", "/a/id"));
    }

    #[test]
    fn a_row_is_there_once_and_names_known_clients() {
        let client = Client {
            id: "one".to_owned(),
            version: None,
            url: String::new(),
            source: String::new(),
            read: None,
        };
        let file = Documented {
            clients: vec![client],
            operations: vec![
                operation("/a/{id}", &["one"]),
                operation("/a/{name}", &["one"]),
                operation("/b", &["two"]),
                operation("/c", &[]),
            ],
        };
        let told: Vec<String> =
            file.problems().iter().map(|problem| problem.what.clone()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("/a/{name} is listed twice"), "{told:?}");
        assert!(told[1].contains("unknown client `two`"), "{told:?}");
        assert!(told[2].contains("GET /c has neither"), "{told:?}");
    }
}
