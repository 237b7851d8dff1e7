//! A handshake with whoever answers, to tell a person who that is and why a run can't have it:
//! `fingerprint`, and the advice after a refusal.
//!
//! Knows: what certificate is shown, whether its owner shows it, and what this build lacks to check
//! it. Sends nothing beyond the handshake, and trusts nobody: what is found here never opens a
//! connection for a request. Must not know: requests, policies.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt as _;

use crate::address::Address;
use crate::certificates::{Said, said};
use crate::texts::hex;

use super::old;
use super::signature::{self, Version};

/// Who answers.
#[derive(Debug)]
pub(crate) struct Examined {
    /// The certificate that was shown, DER.
    certificate: Option<Vec<u8>>,
    peer: Peer,
}

#[derive(Debug)]
enum Peer {
    /// It has the key of its certificate.
    Owner,
    /// Whether it has can't be checked, for this reason.
    Unchecked(String),
    /// Its signature is wrong.
    Stranger,
    /// It has that key, and wants a certificate of its client.
    Demanding,
    /// It agrees on nothing that this build has.
    Old(String),
    /// It speaks something else.
    NoTls,
    /// None of these.
    Failed(String),
}

/// What `fingerprint` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// SHA-256 of the certificate, lower-case hexadecimal.
    pub sha256: String,
    /// What has to be known of it.
    pub note: Option<String>,
}

/// What this build has, for people.
const OURS: &str = "this build speaks TLS 1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20-Poly1305";
/// How long a server may take to miss a client certificate that it asked for.
const UNTIL_REFUSED: Duration = Duration::from_secs(2);
const KEYS: &str = "RSA with 2048 to 8192 bits, ECDSA on P-256 or P-384, or Ed25519";

impl Examined {
    /// The hash of the certificate, with what it is worth; or why there is none.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint, String> {
        let sha256 = self.certificate.as_ref().map(|certificate| hex(&Sha256::digest(certificate)));
        let unproved = "so nothing proves that the server has the key of this certificate";
        let note = match (&self.peer, &sha256) {
            (Peer::Owner | Peer::Demanding, Some(_)) => None,
            (Peer::Unchecked(what), Some(_)) => Some(format!(
                "this build can't check the certificate ({what}), {unproved}; a run can't trust \
                    it either"
            )),
            (Peer::Old(what), Some(_)) => Some(format!(
                "{what}, and {OURS}: the handshake was aborted, {unproved}; a run can't connect \
                    to it"
            )),
            (Peer::Stranger, _) => {
                return Err(
                    "the server doesn't have the key of its certificate: the signature of \
                    the handshake is wrong"
                        .to_owned(),
                );
            }
            (Peer::Old(what), None) => {
                return Err(format!("{what}, and {OURS}; the server sent no certificate"));
            }
            (Peer::NoTls, _) => return Err("the server doesn't speak TLS".to_owned()),
            (Peer::Failed(why), _) => return Err(why.clone()),
            (Peer::Owner | Peer::Demanding | Peer::Unchecked(_), None) => {
                return Err("the server sent no certificate".to_owned());
            }
        };
        Ok(Fingerprint { sha256: sha256.unwrap_or_default(), note })
    }

    /// What somebody can do whose run was refused: trust the certificate where that helps, and
    /// otherwise what it is that can't be had.
    pub(crate) fn advice(&self, base: &str) -> Option<String> {
        let said = self.certificate.as_deref().and_then(said);
        let neither = "pin-sha256, ca-file and insecure can't help";
        Some(match &self.peer {
            Peer::Owner => {
                let pin = format!(
                    "compare `lxca-conform fingerprint {base}` with the fingerprint that the \
                        appliance shows, then trust that certificate with pin-sha256"
                );
                match said.as_ref().and_then(only_a_pin) {
                    Some(why) => format!("{pin}; ca-file can't help, because {why}"),
                    None => format!("{pin}, or its authority with ca-file"),
                }
            }
            Peer::Demanding => format!(
                "the server demands a client certificate, which this program doesn't have; \
                    {neither}; allow logins with a password at that address"
            ),
            Peer::Unchecked(what) => format!(
                "this build can't check the certificate, because {what}; {neither}; give the \
                    appliance a certificate whose key is {KEYS}"
            ),
            Peer::Stranger => format!(
                "the server doesn't have the key of its certificate; {neither}: find out what is \
                    answering there before you continue"
            ),
            Peer::Old(what) => {
                format!(
                    "{what}, and {OURS}; {neither}; configure the appliance to offer one of \
                    those"
                )
            }
            Peer::NoTls => {
                "the server doesn't speak TLS; is it an http address, or another port?".to_owned()
            }
            Peer::Failed(_) => return None,
        })
    }
}

/// Why a certificate can't be checked against its authority or its name, if it can't.
fn only_a_pin(said: &Said) -> Option<String> {
    if said.version < 3 {
        Some(format!(
            "the certificate is X.509 version {}, which names no host that could be checked",
            said.version
        ))
    } else if !said.names_hosts {
        Some(
            "the certificate has no host name in subjectAltName, and common names are ignored"
                .to_owned(),
        )
    } else if !said.signature_verifiable {
        Some(format!(
            "the certificate is signed with {}, which this build can't check, unless the file \
                contains the certificate itself",
            said.signature
        ))
    } else {
        None
    }
}

/// Shakes hands with whoever answers.
pub(crate) async fn examine(address: &Address, limit: Duration) -> Examined {
    let nobody = |why: String| Examined { certificate: None, peer: Peer::Failed(why) };
    let (host, port) = (address.host().to_owned(), address.port());
    let name = match ServerName::try_from(host.clone()) {
        Ok(name) => name,
        Err(error) => return nobody(error.to_string()),
    };
    let examiner = Arc::new(Examiner {
        provider: Arc::new(rustls::crypto::ring::default_provider()),
        seen: Mutex::default(),
    });
    let config = match ClientConfig::builder_with_provider(Arc::clone(&examiner.provider))
        .with_safe_default_protocol_versions()
    {
        Ok(builder) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&examiner) as Arc<dyn ServerCertVerifier>)
            .with_client_cert_resolver(Arc::clone(&examiner) as Arc<dyn ResolvesClientCert>),
        Err(error) => return nobody(error.to_string()),
    };
    let attempt = async {
        let stream = tokio::net::TcpStream::connect((host.as_str(), port))
            .await
            .map_err(|error| (false, error))?;
        let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .map_err(|error| (true, error))?;
        // With TLS 1.3, whoever misses our certificate says so only now; others wait for a request.
        if examiner.was_asked() {
            let mut byte = [0];
            let refusal = tokio::time::timeout(UNTIL_REFUSED, stream.read(&mut byte)).await;
            refusal.unwrap_or(Ok(0)).map_err(|error| (true, error))?;
        }
        Ok(())
    };
    let failed = match tokio::time::timeout(limit, attempt).await {
        Ok(Ok(())) => None,
        Ok(Err((false, error))) => return nobody(error.to_string()),
        Ok(Err((true, error))) => Some(error.to_string()),
        Err(_) => return nobody(format!("no handshake within {} s", limit.as_secs())),
    };
    let seen = std::mem::take(&mut *examiner.seen.lock().unwrap_or_else(PoisonError::into_inner));
    let peer = match (failed, seen.flaw) {
        (None, _) => Peer::Owner,
        (Some(_), Some(Flaw::Lacking(what))) => Peer::Unchecked(what),
        (Some(_), Some(Flaw::Wrong)) => Peer::Stranger,
        (Some(_), None) if seen.asked => Peer::Demanding,
        // Some kinds of keys end the handshake before their signature is looked at.
        (Some(why), None) if seen.certificate.is_some() => {
            lacking(seen.certificate.as_deref()).map_or(Peer::Failed(why), Peer::Unchecked)
        }
        (Some(why), None) => return looked(&host, port, limit, why).await,
    };
    Examined { certificate: seen.certificate, peer }
}

/// What a server says that shakes no hands with us.
async fn looked(host: &str, port: u16, limit: Duration, why: String) -> Examined {
    let Ok(Ok(chosen)) = tokio::time::timeout(limit, old::look(host, port)).await else {
        return Examined { certificate: None, peer: Peer::Failed(why) };
    };
    let peer = if chosen.is_something_else {
        Peer::NoTls
    } else if let Some(what) = chosen.lacking() {
        Peer::Old(what)
    } else {
        lacking(chosen.certificate.as_deref()).map_or(Peer::Failed(why), Peer::Unchecked)
    };
    Examined { certificate: chosen.certificate, peer }
}

/// What of a certificate's key this build can't check.
fn lacking(certificate: Option<&[u8]>) -> Option<String> {
    said(certificate?)?.lacking()
}

#[derive(Default)]
struct Seen {
    certificate: Option<Vec<u8>>,
    flaw: Option<Flaw>,
    /// Whether it asked for a certificate of ours.
    asked: bool,
}

enum Flaw {
    Lacking(String),
    Wrong,
}

/// Accepts any handshake, and remembers what it saw.
struct Examiner {
    provider: Arc<CryptoProvider>,
    seen: Mutex<Seen>,
}

impl fmt::Debug for Examiner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an examiner")
    }
}

impl Examiner {
    fn was_asked(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).asked
    }

    fn verify(
        &self,
        version: Version,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = signature::verify(version, message, cert, signed, algorithms);
        if verified.is_err() {
            let flaw = signature::lacking(cert, Some(signed), algorithms)
                .map_or(Flaw::Wrong, Flaw::Lacking);
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).flaw = Some(flaw);
        }
        verified
    }
}

impl ResolvesClientCert for Examiner {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).asked = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl ServerCertVerifier for Examiner {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).certificate = Some(leaf.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(Version::Tls12, message, cert, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(Version::Tls13, message, cert, signed)
    }

    /// More than can be verified, so that a server with another kind of key shows its certificate
    /// instead of giving up.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let more = [
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED448,
            SignatureScheme::Unknown(0x0809),
            SignatureScheme::Unknown(0x080a),
            SignatureScheme::Unknown(0x080b),
            SignatureScheme::RSA_PKCS1_SHA1,
            SignatureScheme::ECDSA_SHA1_Legacy,
        ];
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        schemes.extend(more);
        schemes
    }
}
