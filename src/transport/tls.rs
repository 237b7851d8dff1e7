//! Whom we believe to be the appliance: system roots, a file of certificates, one pinned
//! certificate, or anybody.
//!
//! Knows: rustls. A certificate that is exactly one of the trusted ones is accepted whatever it
//! says about itself, because appliances sign their own and often mark it as a CA, which webpki
//! refuses for a server; the handshake's signature is verified all the same. Must not know:
//! requests.

mod examine;
mod old;
mod signature;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use sha2::{Digest, Sha256};

use crate::address::Address;
use crate::certificates::{self, said};
use crate::files::{self, hex};

pub use examine::Fingerprint;
use examine::examine;
use signature::Version;

use super::settings::{Limits, TlsPolicy, TransportError};

/// The configuration for a policy; `None` leaves the choice of roots to the system.
pub(super) fn config(policy: &TlsPolicy) -> Result<Option<ClientConfig>, TransportError> {
    let trust = match policy {
        TlsPolicy::System => return Ok(None),
        TlsPolicy::Insecure => Trust::Anybody,
        TlsPolicy::Pin(pin) => Trust::Pinned(pin.clone()),
        TlsPolicy::CaFile(path) => from_file(path)?,
    };
    configured(trust).map(Some)
}

fn configured(trust: Trust) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier { trust, provider: Arc::clone(&provider) };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TransportError::Client(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn from_file(path: &Path) -> Result<Trust, TransportError> {
    let wrong = |why: String| TransportError::CaFile { path: path.to_path_buf(), why };
    let bytes = files::bytes(path)
        .map_err(|error| wrong(if path.is_dir() { a_folder(path) } else { error.to_string() }))?;
    let certificates =
        certificates::certificates(&bytes).map_err(|form| wrong(form.of_certificates(path)))?;
    let certificates: Vec<CertificateDer<'static>> =
        certificates.into_iter().map(CertificateDer::from).collect();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = if added == 0 {
        None
    } else {
        Some(
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|error| wrong(error.to_string()))?,
        )
    };
    Ok(Trust::File { certificates, chain })
}

/// Folders of certificates are what other tools take.
fn a_folder(path: &Path) -> String {
    format!(
        "it is a folder; expected a file; combine its certificates with `cat {}/*.pem > \
            authorities.pem`",
        path.display().to_string().trim_end_matches('/')
    )
}

enum Trust {
    Anybody,
    Pinned(String),
    File { certificates: Vec<CertificateDer<'static>>, chain: Option<Arc<WebPkiServerVerifier>> },
}

struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.trust {
            Trust::Anybody => "anybody",
            Trust::Pinned(_) => "a pinned certificate",
            Trust::File { .. } => "a file of certificates",
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = hex(&Sha256::digest(leaf.as_ref()));
        match &self.trust {
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pin) if *pin == fingerprint => Ok(ServerCertVerified::assertion()),
            Trust::Pinned(pin) => Err(Error::General(format!(
                "the certificate changed: its SHA-256 is {fingerprint}, pinned is {pin}"
            ))),
            Trust::File { certificates, chain } => {
                let same = certificates.iter().any(|trusted| trusted.as_ref() == leaf.as_ref());
                match chain
                    .as_ref()
                    .map(|chain| chain.verify_server_cert(leaf, intermediates, name, ocsp, now))
                {
                    Some(Ok(verified)) => Ok(verified),
                    // The appliance's own certificate: what it says about its use or its issuer
                    // doesn't matter, its time and its name do.
                    Some(Err(error)) if same && is_about_issue(&error) => named(leaf, name),
                    None if same => named(leaf, name),
                    Some(Err(error)) => Err(explained(error, leaf, &[intermediates, certificates])),
                    None => Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)),
                }
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signature::verify(
            Version::Tls12,
            message,
            cert,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        signature::verify(
            Version::Tls13,
            message,
            cert,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn named(leaf: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<ServerCertVerified, Error> {
    let parsed = ParsedCertificate::try_from(leaf).map_err(|error| match said(leaf) {
        Some(said) if said.version < 3 => Error::General(format!(
            "the certificate is X.509 version {}, which has no host name to check",
            said.version
        )),
        _ => error,
    })?;
    verify_server_name(&parsed, name)?;
    Ok(ServerCertVerified::assertion())
}

/// Whether an error is about who issued a certificate or what for, and not about its time or its
/// name. Its time is looked at before its issuer.
fn is_about_issue(error: &Error) -> bool {
    let Error::InvalidCertificate(error) = error else { return false };
    match error {
        CertificateError::UnknownIssuer
        | CertificateError::InvalidPurpose
        | CertificateError::InvalidPurposeContext { .. }
        | CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => true,
        CertificateError::Other(other) => ["CaUsedAsEndEntity", "UnsupportedCertVersion"]
            .iter()
            .any(|word| other.to_string().contains(word)),
        _ => false,
    }
}

/// A signature below an authority's that failed because this build can't check it is no wrong
/// signature.
fn explained(error: Error, leaf: &CertificateDer<'_>, others: &[&[CertificateDer<'_>]]) -> Error {
    let Error::InvalidCertificate(
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
    ) = error
    else {
        return error;
    };
    let signature = said(leaf)
        .filter(|said| !said.signature_verifiable)
        .map(|said| format!("the certificate is signed with {}", said.signature));
    let authority = || {
        others
            .iter()
            .copied()
            .flatten()
            .find_map(|certificate| said(certificate)?.lacking())
            .map(|what| format!("of an authority {what}"))
    };
    match signature.or_else(authority) {
        Some(what) => {
            Error::General(format!("this build can't check who signed the certificate: {what}"))
        }
        None => error,
    }
}

/// What somebody can do whose run was refused because of TLS, found by a handshake that sends
/// nothing.
pub async fn advice(base: &str, limits: &Limits) -> Option<String> {
    let address = Address::parse(base).ok().filter(|address| !address.is_plain())?;
    examine(&address, limits.connect_timeout).await.advice(base)
}

/// The SHA-256 of the certificate that a peer shows. Shakes hands and sends nothing.
pub async fn fingerprint(url: &str) -> Result<Fingerprint, TransportError> {
    let address = Address::parse(url)?;
    if address.is_plain() {
        return Err(TransportError::Url {
            url: url.to_owned(),
            why: "only an https address has a certificate".to_owned(),
        });
    }
    let examined = examine(&address, Limits::default().connect_timeout).await;
    examined.fingerprint().map_err(|why| TransportError::Unreachable { url: url.to_owned(), why })
}
