//! A bare connection to the appliance, for whoever passes on what somebody else sends.
//!
//! Knows: address, proxy, time bound, whom to trust; the same verifiers as those of the client.
//! Sends nothing. Must not know: HTTP.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::Address;
use crate::exchange::{Fault, FaultKind, Moment};

use super::settings::{Limits, Proxy, TlsPolicy, TransportError};
use super::{tls, tunnel};

/// What bytes go through, encrypted or not.
pub trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// Connects to one appliance.
pub struct Dialer {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    limit: Duration,
    proxy: Option<Proxy>,
}

impl Dialer {
    /// A dialer for an address; connects to nothing yet.
    pub fn new(
        address: &Address,
        policy: &TlsPolicy,
        limits: &Limits,
        proxy: Option<Proxy>,
    ) -> Result<Self, TransportError> {
        let host = address.host().to_owned();
        let tls = if address.is_plain() {
            None
        } else {
            let config = match tls::config(policy)? {
                Some(config) => config,
                None => of_the_system()?,
            };
            let name = ServerName::try_from(host.clone()).map_err(|error| TransportError::Url {
                url: address.to_string(),
                why: error.to_string(),
            })?;
            Some((TlsConnector::from(Arc::new(config)), name))
        };
        Ok(Self { host, port: address.port(), tls, limit: limits.connect_timeout, proxy })
    }

    /// Connects, and shakes hands where there is TLS.
    pub async fn connect(&self) -> Result<Box<dyn Line>, Fault> {
        let seconds = self.limit.as_secs();
        let late = |what: &str| before(FaultKind::Timeout, format!("no {what} within {seconds} s"));
        let stream = tokio::time::timeout(self.limit, self.stream())
            .await
            .map_err(|_| late("connection"))?
            .map_err(|why| before(FaultKind::Connect, why))?;
        // Small requests go at once; where that can't be had, they go all the same.
        let _ = stream.set_nodelay(true);
        let Some((connector, name)) = &self.tls else { return Ok(Box::new(stream)) };
        let shaken = connector.connect(name.clone(), stream);
        let stream = tokio::time::timeout(self.limit, shaken)
            .await
            .map_err(|_| late("TLS handshake"))?
            .map_err(|error| before(kind_of(&error), error.to_string()))?;
        Ok(Box::new(stream))
    }

    async fn stream(&self) -> Result<TcpStream, String> {
        match &self.proxy {
            Some(proxy) => tunnel::through(proxy, &self.host, self.port)
                .await
                .map_err(|why| format!("through the proxy {}: {why}", proxy.url)),
            None => TcpStream::connect((self.host.as_str(), self.port))
                .await
                .map_err(|error| error.to_string()),
        }
    }
}

fn before(kind: FaultKind, message: String) -> Fault {
    Fault { kind, message, moment: Some(Moment::BeforeAnswer), handshake_ended: false }
}

/// A refusal of TLS comes as wrong data; what ends without a word was closed.
fn kind_of(error: &io::Error) -> FaultKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => FaultKind::Closed,
        _ => FaultKind::Tls,
    }
}

/// The roots of the system, as the client has them.
fn of_the_system() -> Result<ClientConfig, TransportError> {
    let wrong = |error: rustls::Error| TransportError::Client(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(wrong)?
        .with_platform_verifier()
        .map_err(wrong)?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
