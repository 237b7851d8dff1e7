//! The settings of a transport: accounts, trust, limits; and what can be wrong with them.
//!
//! Knows: plain values. Must not know: how a request is sent.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::address::AddressError;
use crate::appliance::Appliance;
use crate::terms::Effect;
use crate::weight::Known;

/// A user and a password. No `Debug`: it holds a secret.
#[derive(Clone)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: SecretString,
}

/// How the peer's certificate is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TlsPolicy {
    /// The system's roots.
    #[default]
    System,
    /// A file of certificates.
    CaFile(PathBuf),
    /// The SHA-256 of the peer's certificate, lower-case hexadecimal.
    Pin(String),
    /// Anything at all.
    Insecure,
}

/// Through which proxy the target is reached. No `Debug`: it may hold a secret.
#[derive(Clone)]
pub struct Proxy {
    /// Its address, without credentials.
    pub url: String,
    /// What it asks for.
    pub credentials: Option<Credentials>,
}

/// Bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Cases at the same time; only reads run side by side.
    pub concurrency: usize,
    /// Ceiling on requests a second; 0 means none.
    pub requests_per_second: u32,
    /// To connect.
    pub connect_timeout: Duration,
    /// From sending to the end of the body.
    pub request_timeout: Duration,
    /// For one case with its clean-up.
    pub case_timeout: Duration,
    /// For the whole run.
    pub run_timeout: Duration,
    /// Ceiling on the budget of any poll.
    pub job_timeout: Duration,
    /// Bytes of a body that are read and kept.
    pub max_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 4,
            requests_per_second: 0,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_mins(1),
            case_timeout: Duration::from_mins(45),
            run_timeout: Duration::from_hours(2),
            job_timeout: Duration::from_mins(30),
            max_body: 16 * 1024 * 1024,
        }
    }
}

/// What a transport needs.
pub struct Settings {
    /// Scheme, host, port.
    pub base_url: String,
    /// How the certificate is trusted.
    pub tls: TlsPolicy,
    /// The way to the target; absent where it is reached directly.
    pub proxy: Option<Proxy>,
    /// The run's own account; absent for a target without one.
    pub account: Option<Credentials>,
    /// The second account.
    pub unprivileged: Option<Credentials>,
    /// Whether the run opens one session instead of sending its password with each request.
    pub session: bool,
    /// The ceiling.
    pub allow: Effect,
    /// What is known of methods and paths that change something.
    pub known: Vec<Known>,
    /// What is known of the product as a whole.
    pub appliance: Appliance,
    /// Bounds.
    pub limits: Limits,
}

/// What can go wrong before the first request.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The address is no address.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// The appliance file tells no login.
    #[error(
        "open a session: the appliance file has no [login]; log in with --auth basic, or with \
        method = \"basic\" in the target file"
    )]
    NoLogin,
    /// It is one that can't be used for this.
    #[error("read the address `{url}`: {why}; give one such as https://192.0.2.10")]
    Url {
        /// As given.
        url: String,
        /// Why.
        why: String,
    },
    /// The file of certificates can't be used.
    #[error("use the certificates in {path}: {why}")]
    CaFile {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The proxy can't be used.
    #[error("use the proxy {url}: {why}")]
    Proxy {
        /// As given.
        url: String,
        /// Why.
        why: String,
    },
    /// Nobody answers there.
    #[error("reach {url}: {why}")]
    Unreachable {
        /// As given.
        url: String,
        /// Why.
        why: String,
    },
    /// The client can't be made.
    #[error("make an HTTP client: {0}")]
    Client(String),
}
