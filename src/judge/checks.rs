//! The table of checks: judging, the legend of reports and `docs/verdicts.md` name the same ones.
//!
//! Knows: names and meanings. Must not know: how each is done.

/// A kind of check.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The name in a finding.
    pub name: &'static str,
    /// What it looks at.
    pub about: &'static str,
}

/// Every check, in the order in which an answer is judged.
pub const CHECKS: &[Check] = &[
    Check { name: "status", about: "the status is the documented one for this request" },
    Check { name: "media-type", about: "a JSON body is labelled as JSON" },
    Check { name: "body", about: "a body is there, or isn't, as documented, and is JSON" },
    Check { name: "schema", about: "members are present and have their documented types and values" },
    Check { name: "semantics", about: "what a schema can't say: ids are unique, nothing expired is listed, an error is described" },
    Check { name: "members", about: "the case's own expectation of members and rows" },
    Check { name: "reading", about: "a value that is read by declared candidates, such as where a backup lies" },
    Check { name: "job", about: "an accepted job comes to a good end" },
    Check { name: "drift", about: "a member that no page names" },
    Check { name: "cleanup", about: "the case leaves the appliance as it was" },
];
