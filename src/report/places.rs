//! Where in the files of contract and catalogue a cause has its rule: for forms that point at files
//! and lines.
//!
//! Knows: the texts of those files. Must not know: which form points.

use std::collections::BTreeMap;

use crate::catalogue::Catalogue;
use crate::texts::FileSet;

use super::groups::Group;

/// A file and a line of it, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path with `/`, as the repository has it.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// Places by id.
#[derive(Debug, Default)]
pub struct Places {
    /// Where requirements are registered.
    requirements: BTreeMap<String, Place>,
    /// Where the schemas have a rule for them.
    rules: BTreeMap<String, Place>,
    cases: BTreeMap<String, Place>,
}

impl Places {
    /// Reads them from the texts. `schemas` and `cases` are the folders that the paths are relative
    /// to.
    #[must_use]
    pub fn read(contract: &FileSet, schemas: &str, catalogue: &Catalogue, cases: &str) -> Self {
        let mut places = Self::default();
        for (path, text) in contract {
            let (key, found) = if path.to_lowercase().ends_with(".json") {
                ("\"requirement\"", &mut places.rules)
            } else {
                ("id", &mut places.requirements)
            };
            for (index, line) in text.lines().enumerate() {
                let Some(rest) = line.trim_start().trim_start_matches(['{', ' ']).strip_prefix(key)
                else {
                    continue;
                };
                let id = rest
                    .trim_start()
                    .strip_prefix(['=', ':'])
                    .and_then(|rest| rest.trim_start().strip_prefix('"'))
                    .and_then(|rest| rest.split('"').next());
                if let Some(id) = id.filter(|id| id.contains('/')) {
                    found
                        .entry(id.to_owned())
                        .or_insert_with(|| Place { file: joined(schemas, path), line: index + 1 });
                }
            }
        }
        for case in &catalogue.cases {
            let place = if case.generated {
                // What it follows from is in the register: the statement that it tries.
                let tried = case
                    .steps
                    .iter()
                    .rev()
                    .find_map(|step| step.expect.requirement.as_ref())
                    .and_then(|id| places.requirements.get(id));
                tried.cloned().unwrap_or_else(|| Place {
                    file: joined(schemas, &case.file),
                    line: case.line.max(1),
                })
            } else {
                Place { file: joined(cases, &case.file), line: case.line.max(1) }
            };
            places.cases.insert(case.id.clone(), place);
        }
        places
    }

    /// Where the rule of a cause stands: in the schema where that found it, else in the case, else
    /// in the register.
    #[must_use]
    pub fn of(&self, group: &Group) -> Option<&Place> {
        let rule = self.rules.get(&group.requirement).filter(|_| group.check == "schema");
        let case = || group.cases.first().and_then(|id| self.case(id));
        rule.or_else(case).or_else(|| self.requirements.get(&group.requirement))
    }

    /// Where a case stands.
    #[must_use]
    pub fn case(&self, id: &str) -> Option<&Place> {
        self.cases.get(id)
    }

    /// Where a requirement is registered.
    #[must_use]
    pub fn requirement(&self, id: &str) -> Option<&Place> {
        self.requirements.get(id)
    }

    /// Where the schemas have a rule for a requirement.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Place> {
        self.rules.get(id)
    }
}

fn joined(folder: &str, path: &str) -> String {
    format!("{}/{path}", folder.replace('\\', "/").trim_end_matches('/'))
}
