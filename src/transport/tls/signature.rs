//! Whether whoever answers has the key of the certificate that it shows.
//!
//! Knows: the signature of a handshake, and which kinds of keys the provider verifies. Must not
//! know: whom to trust, or what is sent.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error};

use crate::certificates::{Said, said};

/// The two ways in which handshakes are signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Tls12,
    Tls13,
}

/// What this build can't check of a key or a signature with it, if anything.
pub(super) fn lacking(
    cert: &CertificateDer<'_>,
    signed: Option<&DigitallySignedStruct>,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Option<String> {
    let key = said(cert).and_then(|said| said.lacking());
    let scheme = || {
        signed
            .map(|signed| signed.scheme)
            .filter(|scheme| !algorithms.supported_schemes().contains(scheme))
            .map(|scheme| format!("it signs the handshake with {scheme:?}"))
    };
    key.or_else(scheme)
}

/// Verifies the signature of a handshake. A kind of key that can't be verified is named, and never
/// called a wrong signature.
pub(super) fn verify(
    version: Version,
    message: &[u8],
    cert: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if let Some(what) = lacking(cert, Some(signed), algorithms) {
        return Err(Error::General(format!("this build can't check the certificate: {what}")));
    }
    // webpki reads version 3 alone. The key stands in every version in the same place, and a
    // signature with it is as good.
    if ParsedCertificate::try_from(cert).is_err()
        && let Some(said) = said(cert)
    {
        return by_key(version, message, &said, signed, algorithms);
    }
    match version {
        Version::Tls12 => verify_tls12_signature(message, cert, signed, algorithms),
        Version::Tls13 => verify_tls13_signature(message, cert, signed, algorithms),
    }
}

fn by_key(
    version: Version,
    message: &[u8],
    said: &Said,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    if version == Version::Tls13 {
        return verify_tls13_signature_with_raw_key(
            message,
            &SubjectPublicKeyInfoDer::from(said.key_info.as_slice()),
            signed,
            algorithms,
        );
    }
    let bad = Error::InvalidCertificate(CertificateError::BadSignature);
    let (_, tried) = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == signed.scheme)
        .ok_or_else(|| bad.clone())?;
    let fits =
        tried.iter().filter(|algorithm| *algorithm.public_key_alg_id() == *said.key_algorithm);
    let valid = fits
        .map(|algorithm| algorithm.verify_signature(&said.key_bits, message, signed.signature()))
        .any(|verified| verified.is_ok());
    if valid { Ok(HandshakeSignatureValid::assertion()) } else { Err(bad) }
}
