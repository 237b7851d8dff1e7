//! later.
