//! `explain OPERATION` where there are many requirements: a tree of what they are about.
//!
//! Knows: ids of requirements, and how firm each is. Must not know: how a requirement is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalogue::Catalogue;
use crate::contract::{Contract, Operation, Requirement};
use crate::judge::claims;
use crate::report::{Branch, FEW, Firm};

/// How many levels of the tree are shown.
const LEVELS: usize = 2;
/// Columns of a line.
const MOST_COLUMNS: usize = 96;

/// The requirements of an operation or a shared register, and which of them cases claim.
pub(super) struct Tree<'a> {
    register: &'a str,
    all: Vec<&'a Requirement>,
    claimed: BTreeSet<String>,
}

impl<'a> Tree<'a> {
    /// Those of an operation, or of a register that several share.
    pub(super) fn of(contract: &'a Contract, catalogue: &Catalogue, register: &'a str) -> Self {
        let all = contract.requirements.values().filter(|known| known.operation() == register);
        let claimed = catalogue.cases.iter().flat_map(|case| claims(contract, case)).collect();
        Self { register, all: all.collect(), claimed }
    }

    /// Whether there are so many that a list of them says nothing.
    pub(super) fn is_large(&self) -> bool {
        self.all.len() > FEW
    }

    fn grown(&self) -> Branch<'a> {
        Branch::grow(self.all.iter().map(|known| known.id.as_str()))
    }

    /// The tree from its root.
    pub(super) fn whole(&self) -> String {
        let tree = self.grown();
        let mut text = format!("  requirements: {}\n", self.counts(&tree));
        let trunk = tree.trunk();
        self.beside(&tree, trunk, &mut text);
        if !trunk.path.is_empty() {
            let _ = writeln!(text, "  {}  {}", trunk.path, self.counts(trunk));
        }
        self.below(trunk, 1, &mut text);
        let _ = writeln!(
            text,
            "  go deeper\n    lxca-conform explain {}\n  every requirement\n    lxca-conform \
            explain {} --all",
            self.example(trunk),
            self.register
        );
        text
    }

    /// What is in a part of it; nothing where the path leads nowhere, or to a leaf.
    pub(super) fn part(&self, path: &str) -> Option<String> {
        let tree = self.grown();
        let branch = tree.find(path).filter(|branch| !branch.below.is_empty())?;
        let mut text = String::new();
        let _ = writeln!(text, "  {}/{}  {}", self.register, branch.path, self.counts(branch));
        self.below(branch, 1, &mut text);
        Some(text)
    }

    /// Every requirement of a part, one after the other.
    pub(super) fn listed(&self, path: &str) -> Option<Vec<&'a Requirement>> {
        let tree = self.grown();
        let mut all = tree.find(path)?.all();
        all.sort_unstable();
        Some(all.into_iter().map(|index| self.all[index]).collect())
    }

    fn counts(&self, branch: &Branch<'_>) -> String {
        let known: Vec<&Requirement> =
            branch.all().into_iter().map(|index| self.all[index]).collect();
        let checked: Vec<&&Requirement> =
            known.iter().filter(|known| known.excluded.is_none()).collect();
        let claimed = checked.iter().filter(|known| self.claimed.contains(&known.id)).count();
        let mut said = Vec::new();
        if branch.members() > 0 {
            said.push(format!("{} members", branch.members()));
        }
        if !checked.is_empty() {
            let firm = Firm::counted(checked.iter().map(|known| known.basis)).said();
            said.push(firm);
            said.push(format!("{claimed} of {} claimed by cases", checked.len()));
        }
        if known.len() > checked.len() {
            said.push(format!("{} excluded", known.len() - checked.len()));
        }
        said.join("; ")
    }

    /// What stands beside the way to the trunk, such as the status.
    fn beside(&self, tree: &Branch<'_>, trunk: &Branch<'_>, text: &mut String) {
        let leads = |branch: &Branch<'_>| {
            trunk.path == branch.path || trunk.path.starts_with(&format!("{}/", branch.path))
        };
        let (way, aside): (Vec<&Branch<'_>>, Vec<&Branch<'_>>) =
            tree.below.iter().partition(|branch| leads(branch));
        if tree.path == trunk.path {
            return;
        }
        for branch in aside {
            let _ = writeln!(text, "  {}  {}", branch.path, self.counts(branch));
        }
        for branch in way {
            self.beside(branch, trunk, text);
        }
    }

    fn below(&self, branch: &Branch<'_>, level: usize, text: &mut String) {
        let indent = "  ".repeat(level + 1);
        let (leaves, parts): (Vec<&Branch<'_>>, Vec<&Branch<'_>>) =
            branch.below.iter().partition(|branch| branch.below.is_empty());
        let mut line = indent.clone();
        for leaf in &leaves {
            if line.len() > indent.len() && line.len() + leaf.name.len() > MOST_COLUMNS {
                let _ = writeln!(text, "{}", line.trim_end());
                line.clone_from(&indent);
            }
            let _ = write!(line, "{} ", leaf.name);
        }
        if line.len() > indent.len() {
            let _ = writeln!(text, "{}", line.trim_end());
        }
        for part in parts {
            let _ = writeln!(text, "{indent}{}  {}", part.name, self.counts(part));
            if level < LEVELS {
                self.below(part, level + 1, text);
            }
        }
    }

    /// A part that can be asked for.
    fn example(&self, trunk: &Branch<'_>) -> String {
        let largest = trunk.below.iter().max_by_key(|branch| branch.len());
        format!("{}/{}", self.register, largest.unwrap_or(trunk).path)
    }
}

/// The registers beside its own that the answers of an operation are held against, each with how
/// many requirements of it its schemas have.
pub(super) fn shared<'a>(contract: &'a Contract, operation: &Operation) -> Vec<(&'a str, usize)> {
    let schemas: BTreeSet<&str> =
        operation.responses.iter().filter_map(|row| row.schema.as_deref()).collect();
    let ids: BTreeSet<&str> = schemas
        .into_iter()
        .flat_map(|schema| contract.schemas.requirements(schema).map(String::as_str))
        .collect();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for id in ids {
        *found.entry(id.split('/').next().unwrap_or_default()).or_default() += 1;
    }
    found.remove(operation.id.as_str());
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::{catalogue, files};

    use super::*;

    #[test]
    fn the_tree_counts_what_is_in_it_and_names_what_is_not_shown() {
        let contract = crate::contract::built_in();
        let catalogue = catalogue::load(&files::embedded_catalogue()).unwrap();
        let tree = Tree::of(contract, &catalogue, "sftp-locks.list");
        let all = tree.listed("").unwrap();
        let checked = all.iter().filter(|known| known.excluded.is_none()).count();
        let text = tree.whole();
        assert!(text.contains(&format!(" of {checked} claimed by cases")), "{text}");
        assert!(text.contains("explain sftp-locks.list --all"), "{text}");
        let part = tree.part("body").unwrap();
        for member in ["component", "creationTimestamp", "expirationTimeOut"] {
            assert!(part.contains(member), "{part}");
        }
        assert!(tree.part("body/component/none").is_none());
        assert!(tree.listed("body").unwrap().len() < all.len());
    }

    #[test]
    fn the_registers_that_an_operation_shares_are_named() {
        let contract = crate::contract::built_in();
        let shared = shared(contract, &contract.operations["backup.delete"]);
        assert!(shared.iter().any(|(register, count)| *register == "error" && *count > 0));
        assert!(shared.iter().all(|(register, _)| *register != "backup.delete"));
    }
}
