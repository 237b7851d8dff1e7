//! How much of what the vendor documents, and of what public clients call, the contract covers, how
//! much of it a run exercised, and what to import next.
//!
//! Knows: the contract, and which requirements of an operation a run exercised. Must not know: how
//! a run was had, how anything is judged.

mod text;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::contract::{Contract, DocumentedOperation, Operation, route_key};

pub use text::{screen, table};

/// The name of the document that `json` gives.
pub const FORMAT: &str = "lxca-conform/coverage/1";

/// Operations documented × called × in the contract × exercised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// `FORMAT`.
    pub format: &'static str,
    /// Counts of operations.
    pub totals: Totals,
    /// The run that it is about, as the operator named it, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The clients that were looked at.
    pub clients: Vec<Client>,
    /// Every operation that is known: those in the contract first, then by the number of callers.
    pub operations: Vec<Row>,
    /// What isn't in the contract, the most called first.
    pub next: Vec<Import>,
}

/// Counts of operations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// All that are known.
    pub known: u64,
    /// A page of the vendor documents them.
    pub documented: u64,
    /// A public client calls them.
    pub called: u64,
    /// The contract has them.
    pub in_contract: u64,
    /// Of those that are documented, so many are in the contract.
    pub documented_in_contract: u64,
    /// Of those that are called, so many are in the contract.
    pub called_in_contract: u64,
    /// Data of the run reached a requirement of them; absent without a run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exercised: Option<u64>,
}

/// A client that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Client {
    /// Its name.
    pub id: String,
    /// Its version or commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it is published.
    pub url: String,
    /// How it is known what it calls.
    pub source: String,
    /// How many operations it calls.
    pub calls: u64,
    /// How many of them are in the contract.
    pub in_contract: u64,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id in the contract, or the one that it is to get.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Upper case.
    pub method: String,
    /// With placeholders.
    pub path: String,
    /// Whether a page documents it.
    pub documented: bool,
    /// The page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// How much of the page was at hand: `whole` or `part`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<&'static str>,
    /// First product version that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The clients that call it.
    pub called_by: Vec<String>,
    /// Whether the contract has it.
    pub in_contract: bool,
    /// How many requirements the contract has of it.
    pub requirements: u64,
    /// How many of them the run exercised; absent without a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exercised: Option<u64>,
}

/// An operation that the contract lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The id that it is to get.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Upper case.
    pub method: String,
    /// With placeholders.
    pub path: String,
    /// How many public clients call it.
    pub callers: u64,
    /// What to do once its page is saved.
    pub command: String,
}

/// What a report says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Counts of operations.
    #[serde(flatten)]
    pub totals: Totals,
    /// Operations of the contract of which nothing was exercised.
    pub not_exercised: Vec<String>,
    /// The first of what to import next.
    pub next: Vec<Import>,
}

/// So many of what to import next stand in a report, and on a screen.
pub const MOST_NEXT: usize = 10;

/// How many requirements of each operation a run exercised.
pub type Exercised = BTreeMap<String, u64>;

/// Holds what is documented and called against the contract, and against a run if there is one.
#[must_use]
pub fn coverage(contract: &Contract, run: Option<(&str, &Exercised)>) -> Coverage {
    let mut own: BTreeMap<String, &Operation> = contract
        .operations
        .values()
        .map(|operation| (route_key(&operation.method, &operation.path), operation))
        .collect();
    let exercised = run.map(|(_, exercised)| exercised);
    let mut registered: BTreeMap<&str, u64> = BTreeMap::new();
    for requirement in contract.requirements.values() {
        *registered.entry(requirement.operation()).or_default() += 1;
    }
    let row = |known, operation| row(contract, &registered, known, operation, exercised);
    let of_page = contract.documented.operations.iter().map(|known| {
        let operation = own.remove(&route_key(&known.method, &known.path));
        row(Some(known), operation)
    });
    let mut operations: Vec<Row> = of_page.collect();
    operations.extend(own.into_values().map(|operation| row(None, Some(operation))));
    operations.sort_by(|one, other| order(one).cmp(&order(other)));
    let count = |is: fn(&Row) -> bool| operations.iter().filter(|row| is(row)).count() as u64;
    let totals = Totals {
        known: operations.len() as u64,
        documented: count(|row| row.documented),
        called: count(|row| !row.called_by.is_empty()),
        in_contract: count(|row| row.in_contract),
        documented_in_contract: count(|row| row.documented && row.in_contract),
        called_in_contract: count(|row| !row.called_by.is_empty() && row.in_contract),
        exercised: run.map(|_| count(|row| row.exercised > Some(0))),
    };
    let clients = contract.documented.clients.iter().map(|client| {
        let calls = || operations.iter().filter(|row| row.called_by.contains(&client.id));
        Client {
            id: client.id.clone(),
            version: client.version.clone(),
            url: client.url.clone(),
            source: client.source.clone(),
            calls: calls().count() as u64,
            in_contract: calls().filter(|row| row.in_contract).count() as u64,
        }
    });
    Coverage {
        format: FORMAT,
        totals,
        run: run.map(|(name, _)| name.to_owned()),
        clients: clients.collect(),
        next: operations.iter().filter(|row| !row.in_contract).map(import).collect(),
        operations,
    }
}

/// Those in the contract by their ids, the others by the number of callers.
fn order(row: &Row) -> (bool, Reverse<usize>, &str, &str, &str) {
    let callers = if row.in_contract { 0 } else { row.called_by.len() };
    let name = row.name.as_deref().filter(|_| row.in_contract).unwrap_or_default();
    (!row.in_contract, Reverse(callers), name, &row.path, &row.method)
}

fn row(
    contract: &Contract,
    registered: &BTreeMap<&str, u64>,
    known: Option<&DocumentedOperation>,
    operation: Option<&Operation>,
    exercised: Option<&Exercised>,
) -> Row {
    let of_contract = operation.map(|operation| (&operation.method, &operation.path));
    let of_page = known.map(|known| (&known.method, &known.path));
    let (method, path) = of_contract.or(of_page).map_or_else(Default::default, |(method, path)| {
        (method.to_ascii_uppercase(), path.clone())
    });
    let id = operation.map(|operation| operation.id.clone());
    let requirements =
        id.as_ref().and_then(|id| registered.get(id.as_str())).copied().unwrap_or_default();
    // A document of the contract documents its operation, whatever the list of pages knows.
    let own_page = operation.and_then(|operation| {
        contract.documents.iter().find(|document| document.id == operation.document)?.url.clone()
    });
    let page = known.and_then(|known| known.page.clone()).or(own_page);
    let since = operation
        .and_then(|operation| operation.since.as_ref().map(ToString::to_string))
        .or_else(|| known.and_then(|known| known.since.clone()));
    let of_run = |exercised: &Exercised| {
        id.as_ref().and_then(|id| exercised.get(id)).copied().unwrap_or_default()
    };
    Row {
        method,
        path,
        documented: page.is_some(),
        page,
        seen: known.and_then(|known| known.seen).map(crate::contract::Seen::word),
        since,
        called_by: known.map(|known| known.called_by.clone()).unwrap_or_default(),
        in_contract: operation.is_some(),
        requirements,
        exercised: exercised.map(of_run),
        name: id.or_else(|| known.and_then(|known| known.name.clone())),
    }
}

/// What `import` calls a page that nobody has found.
const ANY_PAGE: &str = "PAGE";

fn import(row: &Row) -> Import {
    let page = row
        .page
        .as_deref()
        .and_then(|page| page.rsplit('/').next())
        .map(|name| if name.contains('.') { name.to_owned() } else { format!("{name}.html") });
    let folder = row.name.clone().unwrap_or_else(|| folder(&row.method, &row.path));
    Import {
        name: row.name.clone(),
        method: row.method.clone(),
        path: row.path.clone(),
        callers: row.called_by.len() as u64,
        command: format!(
            "lxca-conform import {} --format contract --out {folder}",
            page.as_deref().unwrap_or(ANY_PAGE)
        ),
    }
}

/// A name for the folder of an operation without an id.
fn folder(method: &str, path: &str) -> String {
    let words = path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase);
    std::iter::once(method.to_ascii_lowercase()).chain(words).collect::<Vec<_>>().join("-")
}

impl Coverage {
    /// What a report says of it; nothing where nobody wrote down what is documented.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        (!self.clients.is_empty() || self.operations.iter().any(|row| !row.in_contract)).then(
            || Summary {
                totals: self.totals,
                not_exercised: self.not_exercised().map(str::to_owned).collect(),
                next: self.next.iter().take(MOST_NEXT).cloned().collect(),
            },
        )
    }

    /// Operations of the contract of which the run exercised nothing.
    fn not_exercised(&self) -> impl Iterator<Item = &str> {
        self.operations
            .iter()
            .filter(|row| row.exercised == Some(0) && row.in_contract)
            .filter_map(|row| row.name.as_deref())
    }

    /// One JSON document.
    #[must_use]
    pub fn json(&self) -> String {
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }
}

/// How many requirements of each operation were exercised, from the ids of those that were.
pub fn exercised<'a>(requirements: impl Iterator<Item = (&'a str, &'a str)>) -> Exercised {
    let mut seen = BTreeSet::new();
    let mut found = Exercised::new();
    for (operation, id) in requirements {
        if seen.insert(id) {
            *found.entry(operation.to_owned()).or_default() += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::load;
    use crate::texts::FileSet;

    /// Two operations, one of which is documented, and what two clients call.
    pub(super) fn contract() -> Contract {
        let operation = |id: &str, path: &str| {
            format!(
                "id = \"{id}\"\nmethod = \"GET\"\npath = \"{path}\"\ntitle = \"t\"\ndocument = \
                \"d\"\n[[response]]\nstatus = 200\nname = \"one\"\ncontent = \
                \"unspecified\"\nrequirement = \"{id}/status/200\"\n[[requirement]]\nid = \
                \"{id}/status/200\"\nbasis = \"stated\"\nstatement = \"s\"\nplace = \"p\"\n"
            )
        };
        let files: FileSet = [
            (
                "sources.toml",
                "[[document]]\nid = \"d\"\ntitle = \"t\"\nproduct = \"p\"\nversion = \
                \"1\"\nread = \"2026-01-01\"\nrole = \"seed\"\n"
                    .to_owned(),
            ),
            ("errata.toml", "erratum = []\n".to_owned()),
            (
                "appliance.toml",
                "product = \"P\"\nrecognised-as = \"a P\"\n[identify]\npath = \"/id\"\nversion = \
                \"/version\"\n"
                    .to_owned(),
            ),
            ("gadgets/{id}/get.operation.toml", operation("gadgets.get", "/gadgets/{id}")),
            ("spare/get.operation.toml", operation("spare.list", "/spare")),
            (
                "documented.toml",
                "[[client]]\nid = \"a\"\nurl = \"u\"\nsource = \"s\"\n[[client]]\nid = \
                \"b\"\nurl = \"u\"\nsource = \"s\"\n[[operation]]\nmethod = \"GET\"\npath = \
                \"/gadgets/{name}\"\ncalled-by = [\"a\"]\n[[operation]]\nname = \
                \"parts.list\"\nmethod = \"GET\"\npath = \"/parts\"\npage = \
                \"https://vendor.example/parts_get\"\nseen = \"part\"\n[[operation]]\nmethod = \
                \"PUT\"\npath = \"/gadgets/{id}\"\ncalled-by = [\"a\", \"b\"]\n"
                    .to_owned(),
            ),
        ]
        .map(|(name, text)| (name.to_owned(), text))
        .into();
        load(&files).expect("a contract")
    }

    #[test]
    fn what_is_known_is_counted_once_however_its_placeholders_are_called() {
        let found = coverage(&contract(), None);
        assert_eq!(
            found.totals,
            Totals {
                known: 4,
                documented: 1,
                called: 2,
                in_contract: 2,
                documented_in_contract: 0,
                called_in_contract: 1,
                exercised: None,
            }
        );
        let paths: Vec<String> =
            found.operations.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
        assert_eq!(
            paths,
            ["GET /gadgets/{id}", "GET /spare", "PUT /gadgets/{id}", "GET /parts"],
            "those of the contract, then by the number of callers"
        );
        let calls: Vec<(u64, u64)> =
            found.clients.iter().map(|client| (client.calls, client.in_contract)).collect();
        assert_eq!(calls, [(2, 1), (1, 0)]);
    }

    #[test]
    fn what_to_import_next_is_what_most_clients_call() {
        let next = coverage(&contract(), None).next;
        assert_eq!(next.len(), 2);
        assert_eq!(
            next[0].command,
            "lxca-conform import PAGE --format contract --out put-gadgets-id"
        );
        assert_eq!(
            next[1].command,
            "lxca-conform import parts_get.html --format contract --out parts.list"
        );
    }

    #[test]
    fn a_run_exercises_an_operation_where_it_exercised_one_of_its_requirements() {
        let seen = exercised([("spare.list", "spare.list/status/200")].into_iter());
        let found = coverage(&contract(), Some(("here", &seen)));
        assert_eq!(found.totals.exercised, Some(1));
        let summary = found.summary().expect("something is documented");
        assert_eq!(summary.not_exercised, ["gadgets.get"]);
        let text = serde_json::to_string(&summary).expect("JSON");
        assert_eq!(serde_json::from_str::<Summary>(&text).expect("a summary"), summary);
    }
}
