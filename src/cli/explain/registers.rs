//! Operations and registers: which requirements they have, as a list or as a tree.
//!
//! Knows: what is loaded. Must not know: single cases, appliances.

use std::fmt::Write as _;

use crate::cli::explain_tree::{Tree, shared};
use crate::contract::Operation;
use crate::report::FEW;

use super::{Story, in_short};

impl Story<'_> {
    pub(super) fn operation(&self, id: &str) -> Option<String> {
        let operation = self.contract.operations.get(id)?;
        let mut text = format!(
            "operation {id}: {} {}\n  {}\n  least effect {}\n",
            operation.method,
            operation.path,
            operation.title,
            operation.effect.word()
        );
        text.push_str(&self.page(id));
        if !operation.span().is_all() {
            let _ = writeln!(text, "  {}", operation.span());
        }
        for row in &operation.responses {
            let body = row.schema.as_deref().unwrap_or(match row.content {
                Some(crate::contract::Content::Empty) => "no body",
                _ => "body unspecified",
            });
            let _ = writeln!(text, "  {} {:<10} {body}", row.status, row.name);
        }
        text.push_str(&self.requirements(&operation.id));
        for (register, count) in shared(self.contract, operation) {
            if count > FEW {
                let _ = writeln!(
                    text,
                    "  its answers are also held against {count} requirements of {register}\n    \
                    lxca-conform explain {register}"
                );
            }
        }
        let cases = self.catalogue.cases.iter().filter(|case| case.operation == id).count();
        let _ =
            writeln!(text, "  {cases} cases\n  reproduce\n    lxca-conform run --filter '{id}::*'");
        Some(text)
    }

    /// The requirements of an operation or of a register: a tree where they are many.
    fn requirements(&self, register: &str) -> String {
        let tree = Tree::of(self.contract, self.catalogue, register);
        if tree.is_large() && !self.all {
            return tree.whole();
        }
        tree.listed("").unwrap_or_default().into_iter().map(in_short).collect()
    }

    /// A register that several operations share.
    pub(super) fn register(&self, id: &str) -> Option<String> {
        let shares = |operation: &&Operation| {
            shared(self.contract, operation).iter().any(|(register, _)| *register == id)
        };
        if self.contract.operations.contains_key(id)
            || !self.contract.requirements.values().any(|known| known.operation() == id)
        {
            return None;
        }
        let users: Vec<&str> = self
            .contract
            .operations
            .values()
            .filter(shares)
            .map(|operation| operation.id.as_str())
            .collect();
        Some(format!(
            "register {id}: what several operations share\n  used by {}\n{}",
            users.join(", "),
            self.requirements(id)
        ))
    }

    /// What is in a part of many requirements; of an operation, also by the path in its body.
    pub(super) fn part(&self, id: &str) -> Option<String> {
        let (register, path) = id.split_once('/')?;
        self.part_of(register, path).or_else(|| {
            let operation = self.contract.operations.get(register)?;
            let below = path.strip_prefix("body/")?;
            shared(self.contract, operation)
                .into_iter()
                .find_map(|(register, _)| self.part_of(register, below))
        })
    }

    fn part_of(&self, register: &str, path: &str) -> Option<String> {
        let tree = Tree::of(self.contract, self.catalogue, register);
        let part = tree.part(path)?;
        if self.all {
            return Some(tree.listed(path)?.into_iter().map(in_short).collect());
        }
        Some(part).filter(|_| tree.is_large())
    }
}
