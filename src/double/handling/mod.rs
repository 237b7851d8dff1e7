//! The way of a request: who asks, what is answered, and the passes over the answer.
//!
//! Knows the order of judgements. Must not know sockets.

pub(crate) mod carriage;
pub(crate) mod despite;
pub(crate) mod direction;
pub(crate) mod others;
pub(crate) mod places;
pub(crate) mod render;
pub(crate) mod router;
pub(crate) mod times;
pub(crate) mod vary;
pub(crate) mod vary_errors;
pub(crate) mod views;
pub(crate) mod wording;
