//! Sends one request and keeps what came back, redacted and bounded.
//!
//! Knows: HTTP. The only door to `reqwest`. Must not know: cases, contract, verdicts.

mod client;
mod connections;
mod dial;
mod fault;
mod guard;
mod pace;
mod session;
mod settings;
mod tls;
mod tunnel;

pub use client::Transport;
pub use dial::{Dialer, Line};
pub use guard::{Guard, NotPassed};
pub use settings::{Credentials, Limits, Proxy, Settings, TlsPolicy, TransportError};
pub use tls::{Fingerprint, advice, fingerprint};
