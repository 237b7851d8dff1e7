//! Sends one request and keeps what came back, redacted and bounded.
//!
//! Knows: HTTP. The only door to `reqwest`. Must not know: cases, contract, verdicts.

mod client;
mod guard;
mod session;
mod tls;

pub use client::{Credentials, Limits, Settings, TlsPolicy, Transport, TransportError, fingerprint};
pub use guard::Guard;
