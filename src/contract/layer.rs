//! A contract folder on top of another.
//!
//! Knows: which files belong to one operation, and that documents and errata are lists. A door to
//! `toml`. Must not know: what the files say, where they came from.

use std::collections::BTreeSet;

use crate::problem::Problem;
use crate::texts::{self, FileSet};

/// The files that all contracts have, with the key of their list.
const LISTS: &[(&str, &str)] = &[("sources.toml", "document"), ("errata.toml", "erratum")];

/// The file about the appliance as a whole.
pub const APPLIANCE: &str = "appliance.toml";

/// Whether a file of a contract folder is a part of the contract: cases, decisions and reviews may
/// stand beside it.
#[must_use]
pub fn is_contract_file(name: &str) -> bool {
    name == "sources.toml"
        || name == "errata.toml"
        || name == APPLIANCE
        || name.ends_with(".operation.toml")
        || texts::is(name, "json")
}

/// The operation files of a folder.
pub fn operation_files(files: &FileSet) -> impl Iterator<Item = &String> {
    files.keys().filter(|name| name.ends_with(".operation.toml"))
}

/// Whether a folder has every operation of the base, and so is a contract of its own.
#[must_use]
pub fn is_whole(base: &FileSet, added: &FileSet) -> bool {
    operation_files(base).all(|name| added.contains_key(name))
}

/// The base with what another folder adds. An operation that both have is a problem, unless
/// `replace` says that the added one counts.
pub fn layered(mut base: FileSet, added: &FileSet, replace: bool) -> Result<FileSet, Vec<Problem>> {
    let mut problems = Vec::new();
    if added.contains_key(APPLIANCE) && !replace {
        problems.push(
            Problem::new(
                APPLIANCE,
                "the folder describes an appliance, but the contract already \
                has one",
            )
            .fix("name its cases with --catalogue, so that the folder is used alone"),
        );
    }
    let both: BTreeSet<&String> =
        operation_files(added).filter(|name| base.contains_key(*name)).collect();
    for name in &both {
        if !replace {
            problems.push(
                Problem::new((*name).clone(), "the contract already has this operation")
                    .fix("add --replace to use this one"),
            );
        }
        let stem = name.trim_end_matches("operation.toml");
        base.retain(|other, _| !other.starts_with(stem));
    }
    for (name, text) in added.iter().filter(|(name, _)| is_contract_file(name)) {
        if let Some((_, key)) = LISTS.iter().find(|(list, _)| list == name) {
            let joined =
                base.get(name).map_or_else(|| Ok(text.clone()), |own| joined(own, text, key));
            match joined {
                Ok(joined) => {
                    base.insert(name.clone(), joined);
                }
                Err(problem) => problems.push(Problem { file: name.clone(), ..problem }),
            }
        } else if base.contains_key(name) && !replace {
            problems.push(Problem::new(name.clone(), "the contract already has this file"));
        } else {
            base.insert(name.clone(), text.clone());
        }
    }
    if problems.is_empty() { Ok(base) } else { Err(problems) }
}

/// Two files with one list each, as one.
fn joined(own: &str, added: &str, key: &str) -> Result<String, Problem> {
    let read = |text: &str| {
        toml::from_str::<toml::Table>(text).map_err(|error| Problem::from_toml("", text, &error))
    };
    let (mut own, mut added) = (read(own)?, read(added)?);
    if let Some(toml::Value::Array(more)) = added.remove(key) {
        let list = own.entry(key).or_insert_with(|| toml::Value::Array(Vec::new()));
        if let toml::Value::Array(list) = list {
            list.extend(more);
        }
    }
    if let Some(stranger) = added.keys().next() {
        return Err(Problem::new("", format!("unknown key `{stranger}`; `{key}` is the only one")));
    }
    toml::to_string(&own).map_err(|error| Problem::new("", format!("it can't be merged: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[(&str, &str)]) -> FileSet {
        names.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn an_operation_that_both_have_needs_a_word() {
        let base = files(&[
            ("a/get.operation.toml", "1"),
            ("a/get.200.json", "1"),
            ("errata.toml", "[[erratum]]\nid = \"1\""),
        ]);
        let more = files(&[("a/get.operation.toml", "2"), ("errata.toml", "erratum = []")]);
        assert!(layered(base.clone(), &more, false).is_err());
        let both = layered(base, &more, true).expect("a contract");
        assert_eq!(both["a/get.operation.toml"], "2");
        assert!(!both.contains_key("a/get.200.json"), "{both:?}");
        assert!(both["errata.toml"].contains("id = \"1\""));
    }
}
