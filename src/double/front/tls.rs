//! The certificate of the double: one signed by itself, as appliances have one, or one that is
//! given.
//!
//! Knows: how to make it and how to read it. Must not know: files, and what is served behind it.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

/// A certificate and the configuration of a server that shows it.
#[derive(Debug, Clone)]
pub struct OwnCertificate {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// For `serve`.
    pub config: Arc<ServerConfig>,
}

/// Why a certificate and a key can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate.
    #[error(
        "find a certificate: the file holds no `-----BEGIN CERTIFICATE-----`; it must be PEM, not \
        DER or PKCS #12"
    )]
    NoCertificate,
    /// A certificate can't be read.
    #[error("read the certificate: {0}")]
    Certificate(&'static str),
    /// There is no key.
    #[error(
        "find a private key: the file holds none in PEM (`PRIVATE KEY`, `EC PRIVATE KEY` or `RSA \
        PRIVATE KEY`)"
    )]
    NoKey,
    /// The key has a passphrase.
    #[error(
        "read the private key: it is encrypted; give one without a passphrase, such as `openssl \
        pkey -in KEY -out PLAIN` writes"
    )]
    EncryptedKey,
    /// The key can't be read.
    #[error("read the private key: {0}")]
    Key(&'static str),
    /// They don't go together, or TLS can't use them.
    #[error(
        "use the certificate with its key: {0}; the first certificate of the file must be the \
        server's own, and the key must belong to it"
    )]
    Unusable(rustls::Error),
    /// No certificate could be made.
    #[error("make a certificate: {0}")]
    Unmade(rcgen::Error),
}

/// Makes a certificate for `localhost`, `127.0.0.1` and `::1`.
pub fn own_certificate() -> Result<OwnCertificate, CertificateError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).map_err(CertificateError::Unmade)?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    shown(vec![made.cert.der().clone()], key)
}

/// Reads a certificate, with what leads from it to its authority if that is there, and its key:
/// both PEM.
pub fn given_certificate(
    certificates: &[u8],
    key: &[u8],
) -> Result<OwnCertificate, CertificateError> {
    let chain: Result<Vec<CertificateDer<'static>>, pem::Error> =
        CertificateDer::pem_slice_iter(certificates).collect();
    let chain = chain.map_err(|error| CertificateError::Certificate(flaw(&error)))?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    let text = String::from_utf8_lossy(key);
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::EncryptedKey);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
        if matches!(error, pem::Error::NoItemsFound) {
            CertificateError::NoKey
        } else {
            CertificateError::Key(flaw(&error))
        }
    })?;
    shown(chain, key)
}

/// What is wrong with a PEM text. The library's own words hold the line that they are about, and
/// that line may be a whole private key.
fn flaw(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has a BEGIN and no END",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN doesn't stand alone on its line",
        pem::Error::Base64Decode(_) => "what stands between BEGIN and END isn't base64",
        pem::Error::SectionTooLarge => "a section is too large",
        pem::Error::NoItemsFound => "there is none in it",
        _ => "it isn't PEM",
    }
}

fn shown(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<OwnCertificate, CertificateError> {
    let certificate = chain.first().map(|first| first.to_vec()).unwrap_or_default();
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::Unusable)?;
    let config = builder
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(CertificateError::Unusable)?;
    Ok(OwnCertificate { certificate, config: Arc::new(config) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["double.example".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_given_certificate_is_shown_with_its_key_and_refused_with_another_ones() {
        let ((certificate, key), (_, other)) = (made(), made());
        let given = given_certificate(certificate.as_bytes(), key.as_bytes()).unwrap();
        assert_eq!(
            CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap().to_vec(),
            given.certificate
        );
        assert!(matches!(
            given_certificate(certificate.as_bytes(), other.as_bytes()),
            Err(CertificateError::Unusable(_))
        ));
        let both = format!("{key}{certificate}");
        assert!(
            given_certificate(both.as_bytes(), both.as_bytes()).is_ok(),
            "one file may hold both"
        );
    }

    #[test]
    fn what_is_no_certificate_or_no_key_is_told_apart() {
        let (certificate, key) = made();
        let error = |certificate: &str, key: &str| {
            given_certificate(certificate.as_bytes(), key.as_bytes()).unwrap_err()
        };
        assert!(matches!(error("", &key), CertificateError::NoCertificate));
        assert!(matches!(error(&key, &key), CertificateError::NoCertificate));
        assert!(matches!(
            error("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n", &key),
            CertificateError::Certificate(_)
        ));
        assert!(matches!(error(&certificate, &certificate), CertificateError::NoKey));
        assert!(matches!(
            error(
                &certificate,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
            ),
            CertificateError::EncryptedKey
        ));
        assert!(matches!(
            error(&certificate, "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----\n"),
            CertificateError::Key(_)
        ));
    }

    #[test]
    fn the_own_certificate_is_another_one_each_time() {
        assert_ne!(own_certificate().unwrap().certificate, own_certificate().unwrap().certificate);
    }
}
