//! Sends one request and keeps what came back, redacted and bounded.
//!
//! Knows: HTTP. The only door to `reqwest`. Must not know: cases, contract, verdicts.

mod client;
mod connections;
mod fault;
mod guard;
mod pace;
mod session;
mod settings;
mod tls;

pub use client::Transport;
pub use guard::Guard;
pub use settings::{Credentials, Limits, Proxy, Settings, TlsPolicy, TransportError};
pub use tls::{Fingerprint, advice, fingerprint};
