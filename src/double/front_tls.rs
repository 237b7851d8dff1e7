//! A certificate for the double, signed by itself, as appliances have one.
//!
//! Knows: how to make it. Must not know: what is served behind it.

use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A certificate and the configuration of a server that shows it.
#[derive(Debug, Clone)]
pub struct OwnCertificate {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// For `serve`.
    pub config: Arc<ServerConfig>,
}

/// Makes a certificate for `localhost` and `127.0.0.1`.
pub fn own_certificate() -> Result<OwnCertificate, Box<dyn std::error::Error + Send + Sync>> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())?;
    let certificate = made.cert.der().clone();
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider())).with_safe_default_protocol_versions()?;
    let config = builder.with_no_client_auth().with_single_cert(vec![certificate.clone()], key)?;
    Ok(OwnCertificate { certificate: certificate.to_vec(), config: Arc::new(config) })
}
