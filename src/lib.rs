//! Contract and conformance harness for the REST API of Lenovo XClarity Administrator.
//!
//! documents → `contract` → `catalogue` → `plan` → `exchange` → findings (`judge`) → record (`store`) → `report`.
//! The core is pure; `engine`, `transport`, `store`, `target` and `cli` are the shell around it. `double` imports nothing of the rest.

pub mod catalogue;
pub mod contract;
pub mod exchange;
pub mod files;
pub mod judge;
pub mod plan;
pub mod problem;
pub mod redact;
pub mod engine;
pub mod event;
pub mod store;
pub mod transport;
pub mod report;
pub mod builtin;
pub mod double;
pub mod target;
pub mod conduct;
pub mod cli;
