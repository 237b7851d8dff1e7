//! What the appliance file says of the operations of its contract.
//!
//! Knows: lists, facts and operations, as loaded. Must not know: what is sent.

use crate::appliance::{Appliance, Discover, ListKind};
use crate::problem::Problem;

use super::Loader;
use crate::contract::Operation;

const FILE: &str = "appliance.toml";

impl Loader {
    /// What the appliance file says, by itself and of the operations that it names.
    pub(super) fn check_appliance(&mut self, appliance: &Appliance) {
        for what in appliance.problems() {
            self.problem(FILE, what);
        }
        for discover in &appliance.discover {
            self.check_discover(discover);
        }
        let then = appliance.logout.as_ref().and_then(|logout| logout.then.as_ref());
        if let Some(operation) = then.and_then(|name| self.operations.get(name))
            && (operation.method != "GET" || operation.path.contains('{'))
        {
            let name = &operation.id;
            let what =
                format!("[logout] asks `{name}` then, which isn't a GET without placeholders");
            self.problem(FILE, what);
        }
        let mut found = self.check_lists(appliance);
        self.problems.append(&mut found);
    }

    fn check_discover(&mut self, discover: &Discover) {
        let name = &discover.operation;
        let what = match self.operations.get(name) {
            // One appliance file serves a part of a contract too, and pages that were imported,
            // which say nothing of rows.
            None => return,
            Some(operation) if is_bare(operation) => return,
            Some(operation) if operation.method != "GET" || operation.path.contains('{') => {
                format!("[[discover]] needs a GET without placeholders, and `{name}` isn't one")
            }
            Some(operation) if discover.first.is_some() && operation.row_shape.is_none() => {
                format!("[[discover]] takes the first row of `{name}`, which has no [row]")
            }
            Some(operation) => {
                let Some(places) = discover.places.as_ref().filter(|places| {
                    !operation.readings.iter().any(|known| known.name == places.reading)
                }) else {
                    return;
                };
                format!(
                    "[[discover]] names `{}`, which isn't a reading of `{name}`",
                    places.reading
                )
            }
        };
        self.problem(FILE, what);
    }

    /// Lists whose operation isn't in this contract are never asked for.
    fn check_lists(&self, appliance: &Appliance) -> Vec<Problem> {
        let mut found = Vec::new();
        for list in &appliance.list {
            let Some(operation) = self.operations.get(&list.operation) else { continue };
            if is_bare(operation) {
                continue;
            }
            let reads = |name: &String| operation.readings.iter().any(|known| known.name == *name);
            let lacks = match list.kind {
                ListKind::Rows if operation.row_shape.is_none() => "[row]".to_owned(),
                ListKind::Places if !list.reading.as_ref().is_some_and(reads) => {
                    format!("[[reading]] `{}`", list.reading.as_deref().unwrap_or_default())
                }
                _ if operation.method != "GET" || operation.path.contains('{') => {
                    "GET without placeholders".to_owned()
                }
                _ => continue,
            };
            found.push(Problem::new(
                FILE,
                format!("[[list]] `{}` names `{}`, which has no {lacks}", list.name, operation.id),
            ));
        }
        for operation in self.operations.values() {
            let known = |name: &&String| appliance.list.iter().any(|list| list.name == **name);
            let unknown = operation.shows_in.iter().flatten().find(|name| !known(name));
            found.extend(unknown.map(|name| {
                let what = format!("`shows_in` names `{name}`, which isn't a [[list]]");
                Problem::new(&operation.file, what)
            }));
        }
        found
    }
}

/// Whether an operation file says neither what a row is nor how one is read.
fn is_bare(operation: &Operation) -> bool {
    operation.row_shape.is_none() && operation.readings.is_empty()
}
