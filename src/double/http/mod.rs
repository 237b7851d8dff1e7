//! Requests and answers as plain values, and which paths there are.
//!
//! Knows the shape of HTTP. Must not know the state or any fault.

pub(crate) mod answer;
pub(crate) mod errors;
pub(crate) mod operations;
pub(crate) mod places;
pub(crate) mod request;
pub(crate) mod route;
