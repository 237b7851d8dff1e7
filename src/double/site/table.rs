//! The table of the read operations, `reads.toml`, and which path means which of them.
//!
//! Knows the form of the table. Must not know an element.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A read operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Read {
    pub(crate) name: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) older: Option<String>,
    pub(crate) collection: String,
    pub(crate) list: Option<String>,
    #[serde(default)]
    pub(crate) around: Map<String, Value>,
    #[serde(default)]
    pub(crate) one: One,
    #[serde(default)]
    pub(crate) whole: bool,
    pub(crate) key: Option<String>,
    #[serde(default)]
    pub(crate) also: Vec<String>,
    #[serde(default)]
    pub(crate) base: Vec<String>,
    #[serde(default)]
    pub(crate) filter: BTreeMap<String, Filter>,
    pub(crate) bucket: Option<Bucket>,
    #[serde(default)]
    pub(crate) csv: bool,
    #[serde(default)]
    pub(crate) changes: Vec<String>,
    #[serde(default)]
    pub(crate) known: Vec<String>,
    pub(crate) since: Option<(u32, u32)>,
}

impl PartialEq for Read {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Read {}

/// What a path with one key gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum One {
    /// The element.
    Bare,
    /// The list with that element.
    #[default]
    List,
    /// The element as the member that is otherwise the list.
    Member,
}

/// Which elements a query parameter leaves.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Filter {
    /// Those whose value at this pointer is the parameter's.
    Equal(String),
    /// By the parameter's value: those that have something at this pointer; with `!`, nothing.
    There(BTreeMap<String, String>),
}

/// An element that is shown only where a query parameter asks for it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Bucket {
    pub(crate) key: String,
    pub(crate) query: String,
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    read: Vec<Read>,
}

/// All of them, in the order of the file. The file is a part of the program, and a test reads it.
static READS: LazyLock<Vec<Read>> = LazyLock::new(|| {
    toml::from_str(include_str!("reads.toml"))
        .map_or_else(|_| Vec::new(), |table: Table| table.read)
});

/// All read operations.
pub(crate) fn reads() -> &'static [Read] {
    &READS
}

impl Read {
    /// The read operation of a path, and the keys in it. The operation that comes first counts.
    pub(crate) fn find(segments: &[&str]) -> Option<(&'static Self, Vec<String>)> {
        reads().iter().find_map(|read| {
            let keys = std::iter::once(&read.path)
                .chain(&read.older)
                .find_map(|path| keys(path, segments))?;
            Some((read, keys))
        })
    }
}

/// The keys in a path, if it is one of this template.
fn keys(template: &str, segments: &[&str]) -> Option<Vec<String>> {
    let mut rest = segments.iter();
    for part in template.split('/').skip(1) {
        let segment = rest.next()?;
        if part.starts_with('{') {
            let keys = segment.split(',').map(str::to_owned).collect();
            return rest.as_slice().is_empty().then_some(keys);
        }
        if *segment != part {
            return None;
        }
    }
    rest.as_slice().is_empty().then(Vec::new)
}

/// An operation of its own, for the tests.
#[cfg(test)]
pub(crate) fn read_of(text: &str) -> Read {
    toml::from_str(text).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_and_names_no_operation_twice() {
        let table: Table = toml::from_str(include_str!("reads.toml")).unwrap();
        let mut names: Vec<&str> = table.read.iter().map(|read| read.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.read.len());
        for read in reads() {
            let keyed = read.path.ends_with('}');
            let (_, verb) = read.name.rsplit_once('.').unwrap();
            assert_eq!(keyed, verb == "get", "{}", read.name);
            assert!(!keyed || read.key.is_some(), "{} has keys in its path only", read.name);
        }
    }

    #[test]
    fn a_path_means_the_operation_that_comes_first() {
        let found = |path: &str| {
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            Read::find(&segments).map(|(read, keys)| (read.name.as_str(), keys.join("+")))
        };
        assert_eq!(found("/nodes"), Some(("nodes.list", String::new())));
        assert_eq!(found("/nodes/A,b"), Some(("nodes.get", "A+b".to_owned())));
        assert_eq!(found("/node"), Some(("nodes.list", String::new())));
        assert_eq!(found("/node/a"), Some(("nodes.get", "a".to_owned())));
        assert_eq!(found("/cabinet/view"), Some(("cabinets.view", String::new())));
        assert_eq!(found("/cabinet/X"), Some(("cabinets.get", "X".to_owned())));
        for path in ["/nod", "/nodes/a/bmc", "/Nodes", "/", "/nodes/a/b/c"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
