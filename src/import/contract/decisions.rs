//! What a person decided about an imported contract; it survives a second import.
//!
//! Knows: the file `decisions.toml`. A door to `toml`. Must not know: pages.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::problem::Problem;

use super::DECISIONS;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    decision: Vec<Decision>,
}

/// One decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Decision {
    /// The id of a requirement, of an erratum or of an operation.
    pub about: String,
    /// It isn't checked, for this reason.
    pub excluded: Option<String>,
    /// The least effect of a request of this operation: `read`, `write` or `destroy`.
    pub effect: Option<String>,
    /// A person has looked at it and agrees.
    #[serde(default)]
    pub accepted: bool,
}

/// The decisions on a folder.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    list: Vec<Decision>,
    /// Requirements that no case reaches.
    unreached: BTreeSet<String>,
}

impl Decisions {
    /// Reads the file.
    pub fn read(file: &str, text: &str) -> Result<Self, Problem> {
        let read: File =
            toml::from_str(text).map_err(|error| Problem::from_toml(file, text, &error))?;
        for decision in &read.decision {
            if let Some(effect) = &decision.effect
                && !["read", "write", "destroy"].contains(&effect.as_str())
            {
                return Err(Problem::new(
                    file,
                    format!("the effect of `{}` isn't one", decision.about),
                )
                .fix("write read, write or destroy"));
            }
        }
        Ok(Self { list: read.decision, unreached: BTreeSet::new() })
    }

    /// The same, and that nothing is asked of these requirements, as no case reaches them.
    pub(super) fn without(&self, unreached: Vec<String>) -> Self {
        Self { list: self.list.clone(), unreached: unreached.into_iter().collect() }
    }

    fn about(&self, id: &str) -> impl Iterator<Item = &Decision> {
        self.list.iter().filter(move |decision| decision.about == id)
    }

    pub(super) fn excluded(&self, id: &str) -> Option<&str> {
        self.about(id)
            .find_map(|decision| decision.excluded.as_deref())
            .or_else(|| self.unreached.contains(id).then_some("no request is known that tries it"))
    }

    pub(super) fn effect(&self, operation: &str) -> Option<&str> {
        self.about(operation).find_map(|decision| decision.effect.as_deref())
    }

    /// Whether a person has looked at it.
    pub(super) fn settled(&self, id: &str) -> bool {
        self.about(id).any(|decision| {
            decision.accepted || decision.excluded.is_some() || decision.effect.is_some()
        })
    }

    /// What the decisions are about.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|decision| decision.about.as_str())
    }
}

/// The file before anybody decided.
pub(super) fn template() -> &'static str {
    const { assert!(!DECISIONS.is_empty()) };
    "# What you decided about this contract. `import` reads this file and never writes over it.\n\
    #\n\
    # [[decision]]\n\
    # about    = \"cabinet.get/body/uuid/presence\"   # a requirement, an erratum or an operation\n\
    # accepted = true                               # looked at; it leaves the review\n\
    # excluded = \"why the rule isn't checked\"\n\
    # effect   = \"write\"                            # of an operation: read, write or destroy\n"
}
