//! What a certificate says of itself, as far as it decides whether this build can check it.
//!
//! Knows: versions, kinds of keys, and which of them the provider (ring) verifies. Must not know:
//! whom to trust.

use x509_parser::oid_registry::{OID_X509_EXT_SUBJECT_ALT_NAME, Oid};
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// 1, 2 or 3.
    pub version: u32,
    /// The kind of its key, for people.
    pub key: String,
    /// Whether signatures with such a key can be verified.
    pub verifiable: bool,
    /// How it is signed, for people.
    pub signature: String,
    /// Whether signatures of that kind can be verified.
    pub signature_verifiable: bool,
    /// Whether it names hosts where names are looked for: `subjectAltName`.
    pub names_hosts: bool,
    /// Its public key, `SubjectPublicKeyInfo` in DER.
    pub key_info: Vec<u8>,
    /// The content of the key's algorithm identifier, DER.
    pub key_algorithm: Vec<u8>,
    /// The key's own bits.
    pub key_bits: Vec<u8>,
}

impl Said {
    /// What this build can't check of it, if anything.
    #[must_use]
    pub fn lacking(&self) -> Option<String> {
        (!self.verifiable).then(|| format!("its key is {}", self.key))
    }

    /// In short, for people.
    #[must_use]
    pub fn described(&self) -> String {
        format!("X.509 version {}, {}, signed with {}", self.version, self.key, self.signature)
    }
}

/// Reads a certificate; `None` where it is none that can be read.
#[must_use]
pub fn said(der: &[u8]) -> Option<Said> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let key = certificate.public_key();
    let (word, verifiable) = kind(
        &key.algorithm.algorithm,
        key.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok()).as_ref(),
        key.parsed().ok().as_ref(),
    );
    let (signature, signature_verifiable) = signed(&certificate.signature_algorithm.algorithm);
    Some(Said {
        version: certificate.version().0 + 1,
        key: word,
        verifiable,
        signature,
        signature_verifiable,
        names_hosts: certificate
            .extensions()
            .iter()
            .any(|extension| extension.oid == OID_X509_EXT_SUBJECT_ALT_NAME),
        key_info: key.raw.to_vec(),
        key_algorithm: algorithm(key.raw).unwrap_or_default().to_vec(),
        key_bits: key.subject_public_key.data.to_vec(),
    })
}

/// The content of the algorithm identifier that a `SubjectPublicKeyInfo` begins with.
fn algorithm(key_info: &[u8]) -> Option<&[u8]> {
    let (_, algorithm, _) = super::form::element(super::form::whole(key_info)?)?;
    Some(algorithm)
}

fn kind(
    algorithm: &Oid<'_>,
    curve: Option<&Oid<'_>>,
    key: Option<&PublicKey<'_>>,
) -> (String, bool) {
    match algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.1" => match key {
            Some(PublicKey::RSA(rsa)) => {
                let bits = bits(rsa.modulus);
                (
                    format!(
                        "RSA with {bits} bits{}",
                        if (2048..=8192).contains(&bits) {
                            ""
                        } else {
                            ", outside the range 2048 to 8192"
                        }
                    ),
                    (2048..=8192).contains(&bits),
                )
            }
            _ => ("RSA that can't be read".to_owned(), false),
        },
        "1.2.840.113549.1.1.10" => ("RSA for PSS only (id-RSASSA-PSS)".to_owned(), false),
        "1.2.840.10045.2.1" => {
            let id = curve.map(Oid::to_id_string).unwrap_or_default();
            let (name, verifiable) = match id.as_str() {
                "1.2.840.10045.3.1.7" => ("P-256", true),
                "1.3.132.0.34" => ("P-384", true),
                "1.3.132.0.35" => ("P-521", false),
                "1.3.132.0.33" => ("P-224", false),
                "1.3.132.0.10" => ("secp256k1", false),
                id if id.starts_with("1.3.36.3.3.2.8.1.1.") => ("a Brainpool curve", false),
                _ => ("a custom curve", false),
            };
            (format!("ECDSA on {name}"), verifiable)
        }
        "1.3.101.112" => ("Ed25519".to_owned(), true),
        "1.3.101.113" => ("Ed448".to_owned(), false),
        "1.2.840.10040.4.1" => ("DSA".to_owned(), false),
        other => (format!("of the kind {other}"), false),
    }
}

fn signed(algorithm: &Oid<'_>) -> (String, bool) {
    let (name, verifiable) = match algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.4" => ("MD5 and RSA", false),
        "1.2.840.113549.1.1.5" => ("SHA-1 and RSA", false),
        "1.2.840.113549.1.1.10" => ("RSA-PSS", true),
        "1.2.840.113549.1.1.11" => ("SHA-256 and RSA", true),
        "1.2.840.113549.1.1.12" => ("SHA-384 and RSA", true),
        "1.2.840.113549.1.1.13" => ("SHA-512 and RSA", true),
        "1.2.840.113549.1.1.14" => ("SHA-224 and RSA", false),
        "1.2.840.10045.4.1" => ("SHA-1 and ECDSA", false),
        "1.2.840.10045.4.3.2" => ("SHA-256 and ECDSA", true),
        "1.2.840.10045.4.3.3" => ("SHA-384 and ECDSA", true),
        "1.2.840.10045.4.3.4" => ("SHA-512 and ECDSA", false),
        "1.3.101.112" => ("Ed25519", true),
        "1.3.101.113" => ("Ed448", false),
        other => return (format!("the algorithm {other}"), false),
    };
    (name.to_owned(), verifiable)
}

fn bits(modulus: &[u8]) -> usize {
    let start = modulus.iter().position(|byte| *byte != 0).unwrap_or(modulus.len());
    let number = &modulus[start..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_tells_its_version_its_key_and_its_signature() {
        let fixture = |pem: &str| {
            said(&crate::certificates::certificates(pem.as_bytes()).unwrap()[0]).unwrap()
        };
        let good = fixture(include_str!("../../tests/fixtures/tls/p-256.pem"));
        assert_eq!(
            good.described(),
            "X.509 version 3, ECDSA on P-256, signed with SHA-256 and ECDSA"
        );
        assert!(good.verifiable && good.signature_verifiable && good.names_hosts);
        assert_eq!(good.lacking(), None);
        assert!(good.key_info.ends_with(&good.key_bits));
        let old = fixture(include_str!("../../tests/fixtures/tls/version-1.pem"));
        assert_eq!(
            (old.version, old.key.as_str(), old.verifiable, old.names_hosts),
            (1, "RSA with 2048 bits", true, false)
        );
        for (pem, key) in [
            (include_str!("../../tests/fixtures/tls/p-521.pem"), "ECDSA on P-521"),
            (
                include_str!("../../tests/fixtures/tls/rsa-1024.pem"),
                "RSA with 1024 bits, outside the range 2048 to 8192",
            ),
            (
                include_str!("../../tests/fixtures/tls/rsa-pss.pem"),
                "RSA for PSS only (id-RSASSA-PSS)",
            ),
            (include_str!("../../tests/fixtures/tls/ed448.pem"), "Ed448"),
            (include_str!("../../tests/fixtures/tls/secp256k1.pem"), "ECDSA on secp256k1"),
        ] {
            assert_eq!(fixture(pem).lacking(), Some(format!("its key is {key}")));
        }
        assert_eq!(super::said(b"no certificate"), None);
    }

    #[test]
    fn the_bits_of_a_number_are_counted_without_leading_zeros() {
        assert_eq!((bits(&[0, 0x80, 0]), bits(&[0x01]), bits(&[0]), bits(&[])), (16, 1, 0, 0));
    }
}
