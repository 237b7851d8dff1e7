//! Forms that aren't the one that was asked for: what they are, and the one command that converts
//! them.
//!
//! Knows: the first bytes of each form. Must not know: what is done with a certificate or a key.

use std::path::Path;

use base64::Engine as _;

use crate::decode;

/// Why a file can't be used, without a word of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Nothing in it.
    Empty,
    /// It begins and doesn't end.
    Cut(&'static str),
    /// Between the marks there is something else than base64.
    Mangled(&'static str),
    /// PKCS #7, as DER or as PEM.
    Pkcs7 {
        /// Whether it is PEM.
        pem: bool,
    },
    /// PKCS #12.
    Pkcs12,
    /// A Java key store.
    KeyStore,
    /// `openssl x509 -trustout`.
    Trusted,
    /// A request for a certificate.
    Request,
    /// A list of revoked certificates.
    Revoked,
    /// A private key and nothing else.
    OnlyKey,
    /// A public key and nothing else.
    PublicKey,
    /// A certificate and no key.
    NoKey,
    /// A key with a passphrase.
    EncryptedKey,
    /// A key as OpenSSH keeps it.
    OpenSshKey,
    /// A kind of key that TLS has no use for here.
    OtherKey,
    /// A page for a browser.
    Page,
    /// Base64 of a certificate, a key or a PEM file, without the marks.
    Bare {
        /// Whether it is PEM that was encoded once more.
        pem: bool,
    },
    /// Something else.
    Unknown,
}

impl Form {
    /// The form of a file that has no PEM section.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let text = decode::text(bytes);
        let text = text.as_deref().map(str::trim);
        if bytes.is_empty() || text == Some("") {
            return Self::Empty;
        }
        if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed])
            || bytes.starts_with(&[0xce, 0xce, 0xce, 0xce])
        {
            return Self::KeyStore;
        }
        if let Some(form) = of_der(bytes) {
            return form;
        }
        let Some(text) = text else { return Self::Unknown };
        let start: String = text.chars().take(2_000).collect::<String>().to_lowercase();
        if start.starts_with('<') || start.contains("<html") {
            return Self::Page;
        }
        let clean: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        match base64::engine::general_purpose::STANDARD.decode(clean) {
            Ok(inner) if inner.starts_with(b"-----BEGIN ") => Self::Bare { pem: true },
            Ok(inner) if whole(&inner).is_some() => Self::Bare { pem: false },
            _ => Self::Unknown,
        }
    }

    /// The form of a file whose PEM sections are others than the ones that were looked for.
    pub(super) fn of_labels(labels: &[String]) -> Self {
        let has = |wanted: &str| labels.iter().any(|label| label == wanted);
        if has("TRUSTED CERTIFICATE") {
            Self::Trusted
        } else if has("PKCS7") || has("CMS") || has("PKCS #7 SIGNED DATA") {
            Self::Pkcs7 { pem: true }
        } else if has("CERTIFICATE REQUEST") || has("NEW CERTIFICATE REQUEST") {
            Self::Request
        } else if has("X509 CRL") {
            Self::Revoked
        } else if has("OPENSSH PRIVATE KEY") {
            Self::OpenSshKey
        } else if has("DSA PRIVATE KEY") || has("ANY PRIVATE KEY") {
            Self::OtherKey
        } else if labels.iter().any(|label| label.ends_with("PRIVATE KEY")) {
            Self::OnlyKey
        } else if labels.iter().any(|label| label.ends_with("PUBLIC KEY")) {
            Self::PublicKey
        } else {
            Self::Unknown
        }
    }

    /// What the file is, why it can't be used as one of certificates, and what to do.
    #[must_use]
    pub fn of_certificates(self, path: &Path) -> String {
        self.said(path, false)
    }

    /// What the file is, why it can't be used as one of a private key, and what to do.
    #[must_use]
    pub fn of_key(self, path: &Path) -> String {
        self.said(path, true)
    }

    fn said(self, path: &Path, key: bool) -> String {
        let wanted = if key { "a private key" } else { "certificates" };
        let file = quoted(path);
        let to = format!("{}.pem", path.display());
        let to = quoted(Path::new(&to));
        let convert = |command: String| format!("convert it with `{command}`");
        let (what, then) = match self {
            Self::Empty => {
                ("the file is empty".to_owned(), format!("name the file that contains {wanted}"))
            }
            Self::Cut(what) => (
                format!("{what} in it has no END line: the file is truncated"),
                "copy the whole file again".to_owned(),
            ),
            Self::Mangled(what) => (
                format!("{what} in it isn't valid base64: the file is damaged"),
                "copy the file again".to_owned(),
            ),
            Self::Pkcs7 { pem } => {
                let inform = if pem { "" } else { "-inform DER " };
                let what = format!("it is PKCS #7 ({})", if pem { "PEM" } else { "DER" });
                let then = if key {
                    "PKCS #7 can't contain a private key; name another file".to_owned()
                } else {
                    convert(format!("openssl pkcs7 {inform}-in {file} -print_certs -out {to}"))
                };
                (what, then)
            }
            Self::Pkcs12 => (
                "it is a PKCS #12 store".to_owned(),
                convert(format!(
                    "openssl pkcs12 \
                -in {file} {} -out {to}",
                    if key { "-nocerts -noenc" } else { "-nokeys" }
                )),
            ),
            Self::KeyStore => {
                let then = if key {
                    convert(format!(
                        "keytool -importkeystore -srckeystore {file} -destkeystore \
                        {file}.p12 -deststoretype PKCS12"
                    ))
                } else {
                    convert(format!("keytool -exportcert -rfc -keystore {file} -file {to}"))
                };
                ("it is a Java key store".to_owned(), then)
            }
            Self::Trusted => (
                "it is a TRUSTED CERTIFICATE, a format of OpenSSL's own".to_owned(),
                convert(format!("openssl x509 -in {file} -out {to}")),
            ),
            Self::Request => (
                "it is a certificate signing request, not a certificate".to_owned(),
                "name the certificate that was issued for it".to_owned(),
            ),
            Self::Revoked => (
                "it is a certificate revocation list".to_owned(),
                format!("name the file that contains {wanted}"),
            ),
            Self::OnlyKey => (
                "it contains a private key and no `-----BEGIN CERTIFICATE-----`".to_owned(),
                "name the file that contains the certificate, and keep the key private".to_owned(),
            ),
            Self::PublicKey => (
                "it contains only a public key".to_owned(),
                format!("name the file that contains {wanted}"),
            ),
            Self::NoKey => (
                "it contains no private key (`PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE \
                    KEY`)"
                    .to_owned(),
                "name the file that contains the key of the certificate".to_owned(),
            ),
            Self::EncryptedKey => (
                "its private key is encrypted, and no passphrase can be given".to_owned(),
                format!("decrypt it with `openssl pkey -in {file} -out {to}`"),
            ),
            Self::OpenSshKey => (
                "it is a private key in OpenSSH format".to_owned(),
                format!("convert a copy of it with `ssh-keygen -p -m PKCS8 -f {file}`"),
            ),
            Self::OtherKey => (
                "its private key is of a kind that TLS can't use".to_owned(),
                "give an RSA, ECDSA or Ed25519 key".to_owned(),
            ),
            Self::Page => (
                "it is an HTML page".to_owned(),
                "the download returned a login page or an error; download the file itself"
                    .to_owned(),
            ),
            Self::Bare { pem: true } => (
                "it is PEM, encoded as base64 a second time".to_owned(),
                convert(format!("base64 -d {file} > {to}")),
            ),
            Self::Bare { pem: false } if key => (
                "it is base64 without BEGIN and END lines".to_owned(),
                convert(format!("base64 -d {file} | openssl pkey -inform DER -out {to}")),
            ),
            Self::Bare { pem: false } => (
                "it is base64 without BEGIN and END lines".to_owned(),
                convert(format!("base64 -d {file} | openssl x509 -inform DER -out {to}")),
            ),
            Self::Unknown => (
                format!(
                    "it contains no {} as PEM or DER",
                    wanted.trim_start_matches("a ").trim_end_matches('s')
                ),
                format!("name the file that contains {wanted}"),
            ),
        };
        format!("{what}; {then}")
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:=,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The first element of DER: its tag, its content, and what follows.
pub(super) fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let (length, rest) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
        (length.iter().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
const PKCS7_SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// All ways to encrypt a key with a password: PKCS #5 and PKCS #12.
const PASSWORD_BASED: &[&[u8]] = &[
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01],
];

/// The content of one sequence that is the whole of `bytes`.
pub(super) fn whole(bytes: &[u8]) -> Option<&[u8]> {
    element(bytes)
        .filter(|(tag, _, rest)| *tag == SEQUENCE && rest.is_empty())
        .map(|(_, content, _)| content)
}

/// The bytes, if they are one certificate: a sequence of a sequence that begins with a version or a
/// serial, the algorithm, and a bit string.
pub(super) fn is_certificate(bytes: &[u8]) -> Option<&[u8]> {
    // Tools add a line end to binary files too.
    let bytes = bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n"))
        .filter(|cut| whole(cut).is_some())
        .unwrap_or(bytes);
    let (tag, signed, rest) = element(whole(bytes)?)?;
    let (algorithm, _, rest) = element(rest)?;
    let (signature, _, _) = element(rest)?;
    let (first, inner, after) = element(signed)?;
    // A request begins with its version too, and then its subject comes; a certificate has its
    // serial before that.
    let serial = if first == 0xa0 {
        element(inner).is_some() && element(after)?.0 == INTEGER
    } else {
        first == INTEGER && element(after)?.0 == SEQUENCE && element(element(after)?.1)?.0 == OID
    };
    (tag == SEQUENCE && algorithm == SEQUENCE && signature == 0x03 && serial).then_some(bytes)
}

/// The PEM label of a private key in DER.
pub(super) fn is_key(bytes: &[u8]) -> Option<&'static str> {
    let (first, _, rest) = element(whole(bytes)?)?;
    let (second, _, _) = element(rest)?;
    match (first, second) {
        (INTEGER, SEQUENCE) if of_der(bytes) != Some(Form::Pkcs12) => Some("PRIVATE KEY"),
        (INTEGER, INTEGER) => Some("RSA PRIVATE KEY"),
        (INTEGER, 0x04) => Some("EC PRIVATE KEY"),
        _ => None,
    }
}

fn of_der(bytes: &[u8]) -> Option<Form> {
    let Some(content) = whole(bytes) else {
        // A sequence in the long form whose end is missing.
        let long = bytes.len() > 64
            && bytes.first() == Some(&SEQUENCE)
            && matches!(bytes.get(1), Some(0x81..=0x83));
        return long.then_some(Form::Cut("a certificate or a key"));
    };
    let (first, inner, rest) = element(content)?;
    if first == OID && inner == PKCS7_SIGNED {
        return Some(Form::Pkcs7 { pem: false });
    }
    if first == INTEGER
        && inner == [3]
        && element(rest).is_some_and(|(tag, content, _)| {
            tag == SEQUENCE
                && element(content)
                    .is_some_and(|(tag, oid, _)| tag == OID && oid.starts_with(&PKCS7_SIGNED[..8]))
        })
    {
        return Some(Form::Pkcs12);
    }
    if first == INTEGER {
        return Some(Form::OnlyKey);
    }
    let (tag, oid, _) = element(inner)?;
    if first == SEQUENCE && tag == OID {
        return Some(if PASSWORD_BASED.iter().any(|known| oid.starts_with(known)) {
            Form::EncryptedKey
        } else {
            Form::PublicKey
        });
    }
    if first == SEQUENCE && tag == INTEGER && is_certificate(bytes).is_none() {
        return Some(Form::Request);
    }
    is_certificate(bytes).map(|_| Form::NoKey)
}

#[cfg(test)]
mod tests;
