//! The catalogue as data: what it asks, what it would send, and how it is refused when it is wrong.
//!
//! Knows: `cases/`, the contract, and the broken case files of the fixtures. Must not know: what
//! any appliance answers.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a test stops where something is not as it has to be"
)]

mod cases;
mod folders;
mod refusals;
