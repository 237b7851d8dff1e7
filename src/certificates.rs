//! What a file of certificates or of a private key holds, in whichever form it came, and what a
//! certificate says of itself.
//!
//! Knows: PEM, however a shell or a CI variable mangled it, DER, and the stores that people take
//! for one of them; the one door to `x509-parser`. Must not know: files, TLS, whom to trust. A file
//! may hold a private key, so no message quotes any of it: it names the form, and the one command
//! that converts it.

mod form;
mod said;

pub use form::Form;
pub use said::{Said, said};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::decode;

/// The labels of certificates that are nothing but certificates.
const CERTIFICATES: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE"];
/// The labels of private keys that TLS can use as they are.
const KEYS: &[&str] = &["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// The certificates of a file, DER, in their order; whatever else lies between them is passed over.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Form> {
    if let Some(certificate) = form::is_certificate(bytes) {
        return Ok(vec![certificate.to_vec()]);
    }
    let Some(sections) = sections(bytes)? else { return Err(Form::of(bytes)) };
    let mut found = Vec::new();
    for section in sections.iter().filter(|section| CERTIFICATES.contains(&section.label.as_str()))
    {
        let der = section.der.as_deref().ok_or(Form::Mangled("a certificate"))?;
        found.push(form::is_certificate(der).ok_or(Form::Cut("a certificate"))?.to_vec());
    }
    if found.is_empty() { Err(Form::of_labels(&labels(&sections))) } else { Ok(found) }
}

/// The private key of a file: its label and its DER.
pub fn private_key(bytes: &[u8]) -> Result<(String, Vec<u8>), Form> {
    if let Some(label) = form::is_key(bytes) {
        return Ok((label.to_owned(), bytes.to_vec()));
    }
    let Some(sections) = sections(bytes)? else { return Err(Form::of(bytes)) };
    let Some(section) = sections.into_iter().find(|section| section.label.ends_with("PRIVATE KEY"))
    else {
        return Err(Form::NoKey);
    };
    if section.encrypted || section.label.starts_with("ENCRYPTED") {
        return Err(Form::EncryptedKey);
    }
    if !KEYS.contains(&section.label.as_str()) {
        return Err(Form::of_labels(&[section.label]));
    }
    let der = section.der.ok_or(Form::Mangled("the private key"))?;
    if form::whole(&der).is_none() {
        return Err(Form::Cut("the private key"));
    }
    Ok((section.label, der))
}

/// One section as PEM that any library reads.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines = body
        .as_bytes()
        .chunks(64)
        .map(|line| format!("{}\n", String::from_utf8_lossy(line)))
        .collect::<Vec<_>>()
        .concat();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// What stands between a `BEGIN` and its `END`.
struct Section {
    label: String,
    /// `None` where the body isn't base64.
    der: Option<Vec<u8>>,
    /// A key that says in its head that it needs a passphrase.
    encrypted: bool,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

fn labels(sections: &[Section]) -> Vec<String> {
    sections.iter().map(|section| section.label.clone()).collect()
}

/// The sections of a PEM text; `None` where it has none. Line ends may have been lost, doubled,
/// indented or written as `\n` on the way through a variable: between the marks only base64 counts,
/// and everything outside of them is a comment.
fn sections(bytes: &[u8]) -> Result<Option<Vec<Section>>, Form> {
    let Some(text) = decode::text(bytes) else { return Ok(None) };
    let text = text.replace("\\r", "").replace("\\n", "\n");
    let mut rest = text.as_str();
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (label, after) = after
            .split_once("-----")
            .filter(|(label, _)| is_label(label))
            .ok_or(Form::Cut("a section"))?;
        let what = if label.ends_with("PRIVATE KEY") { "the private key" } else { "a certificate" };
        let (body, after) = after
            .split_once(&format!("{END}{label}-----"))
            .filter(|(body, _)| !body.contains(BEGIN))
            .ok_or(Form::Cut(what))?;
        let clean: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let encrypted = body.contains("ENCRYPTED");
        found.push(Section {
            label: label.to_owned(),
            der: STANDARD.decode(clean).ok(),
            encrypted,
        });
        rest = after;
    }
    Ok((!found.is_empty()).then_some(found))
}

fn is_label(label: &str) -> bool {
    label.len() <= 40
        && label.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || " .#-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../tests/fixtures/tls/p-256.pem");
    const KEY: &str = include_str!("../tests/fixtures/tls/p-256.key");

    fn made() -> (Vec<u8>, String, String) {
        let der = STANDARD
            .decode(CERTIFICATE.lines().filter(|line| !line.starts_with('-')).collect::<String>())
            .unwrap();
        (der, CERTIFICATE.to_owned(), KEY.to_owned())
    }

    fn wide(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn a_certificate_is_read_in_every_form_in_which_nothing_of_it_is_lost() {
        let (der, pem, key) = made();
        let indented = format!("    {}", pem.replace('\n', "\n    "));
        for file in [
            der.clone(),
            pem.clone().into_bytes(),
            pem.replace('\n', "\r\n").into_bytes(),
            format!("\u{feff}{pem}").into_bytes(),
            wide(&pem),
            pem.replace('\n', "").into_bytes(),
            pem.replace('\n', " ").into_bytes(),
            pem.replace('\n', "\\n").into_bytes(),
            format!("\"{}\"", pem.replace('\n', "\\r\\n")).into_bytes(),
            indented.into_bytes(),
            format!("{key}{pem}").into_bytes(),
            format!("Certificate:\n    Data:\n{pem}some words\n").into_bytes(),
            format!("{key}{pem}").replace('\n', "").into_bytes(),
        ] {
            assert_eq!(
                certificates(&file).unwrap(),
                std::slice::from_ref(&der),
                "{}",
                String::from_utf8_lossy(&file)
            );
        }
        assert_eq!(certificates(format!("{pem}\nbetween\n{pem}").as_bytes()).unwrap().len(), 2);
    }

    #[test]
    fn a_key_is_read_in_every_form_in_which_nothing_of_it_is_lost() {
        let (_, certificate, pem) = made();
        let (label, der) = private_key(pem.as_bytes()).unwrap();
        assert_eq!(label, "PRIVATE KEY");
        for file in [
            der.clone(),
            wide(&pem),
            pem.replace('\n', "").into_bytes(),
            pem.replace('\n', "\\n").into_bytes(),
            format!("{certificate}{pem}").replace('\n', "").into_bytes(),
        ] {
            assert_eq!(private_key(&file).unwrap(), (label.clone(), der.clone()));
        }
        assert_eq!(private_key(super::pem(&label, &der).as_bytes()).unwrap().1, der);
        assert!(matches!(private_key(certificate.as_bytes()), Err(Form::NoKey)));
    }

    #[test]
    fn what_was_cut_or_mangled_is_said_to_be() {
        let (der, pem, key) = made();
        assert!(matches!(certificates(&pem.as_bytes()[..200]), Err(Form::Cut(_))));
        assert!(matches!(certificates(&der[..200]), Err(Form::Cut(_))));
        assert!(matches!(
            certificates(pem.replace("-----END", "*-----END").as_bytes()),
            Err(Form::Mangled(_))
        ));
        assert!(matches!(
            certificates(super::pem("CERTIFICATE", &der[..200]).as_bytes()),
            Err(Form::Cut(_))
        ));
        assert!(matches!(private_key(&key.as_bytes()[..100]), Err(Form::Cut(_))));
        assert!(matches!(
            private_key(key.replace("-----END", "*-----END").as_bytes()),
            Err(Form::Mangled(_))
        ));
    }
}
