//! The double on the wire: as a server, and in process.
//!
//! Knows sockets. Must not know operations.

pub(crate) mod event;
pub(crate) mod in_process;
pub(crate) mod raw;
pub(crate) mod server;
pub(crate) mod server_http;
pub(crate) mod tls;
