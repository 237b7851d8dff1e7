//! Contract and conformance harness for the REST API of Lenovo `XClarity` Administrator.
//!
//! documents → `contract` → `catalogue` → `plan` → `exchange` → findings (`judge`) → record (`store`) → `report`.
//! The core is pure; `engine`, `transport`, `store`, `target` and `cli` are the shell around it. `double` imports nothing of the rest.

pub mod builtin;
pub mod catalogue;
pub mod cli;
pub mod conduct;
pub mod contract;
pub mod double;
pub mod engine;
pub mod event;
pub mod exchange;
pub mod files;
pub mod judge;
pub mod plan;
pub mod problem;
pub mod redact;
pub mod report;
pub mod store;
pub mod target;
pub mod transport;
