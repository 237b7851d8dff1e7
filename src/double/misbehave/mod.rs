//! What can be wrong or different, by name: faults, variants, edits and scripts.
//!
//! Knows names, and edits of answers. Must not know the state.

pub(crate) mod edit;
pub(crate) mod edit_fault;
pub(crate) mod edit_text;
pub(crate) mod fault;
pub(crate) mod script;
pub(crate) mod script_text;
pub(crate) mod variant;
pub(crate) mod words;
