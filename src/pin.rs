//! The SHA-256 of a certificate, as people copy it from other tools.
//!
//! Knows: the spellings, and the hashes that are taken for it. Must not know: certificates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The digits of a SHA-256.
const DIGITS: usize = 64;

/// A SHA-256 in hexadecimal, in lower case and without anything else; or what the text is instead.
pub fn sha_256(text: &str) -> Result<String, String> {
    let text = text.trim();
    let lower = text.to_lowercase();
    if lower.starts_with("sha256//") {
        return Err(format!(
            "it is the base64 hash of a public key, as in curl's --pinnedpubkey; {GIVE}"
        ));
    }
    let label = [
        "sha256 fingerprint=",
        "sha-256 fingerprint=",
        "sha256 fingerprint:",
        "sha-256 fingerprint:",
        "sha256=",
        "sha256:",
        "sha-256:",
        "fingerprint=",
    ];
    let labelled =
        label.iter().find(|label| lower.starts_with(*label)).map_or(0, |label| label.len());
    if labelled == 0
        && ["sha1", "sha-1", "md5", "sha512", "sha-512"]
            .iter()
            .any(|other| lower.starts_with(other))
    {
        return Err(format!("it is a hash other than SHA-256; {GIVE}"));
    }
    // The labels are ASCII, and so is what they match.
    let rest = text.get(labelled..).unwrap_or_default();
    let hash: String = rest
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-' | '\u{feff}'))
        .collect();
    let hexadecimal = !hash.is_empty() && hash.chars().all(|c| c.is_ascii_hexdigit());
    match hash.len() {
        DIGITS if hexadecimal => return Ok(hash.to_lowercase()),
        0 => return Err(format!("it is empty; {GIVE}")),
        _ => {}
    }
    if !hexadecimal && STANDARD.decode(rest.trim()).is_ok_and(|bytes| bytes.len() == DIGITS / 2) {
        return Err(format!("it is base64, of a certificate or a public key; {GIVE}"));
    }
    let what = match hash.chars().count() {
        32 if hexadecimal => "it is an MD5, 32 digits".to_owned(),
        40 if hexadecimal => "it is a SHA-1, 40 digits".to_owned(),
        128 if hexadecimal => "it is a SHA-512, 128 digits".to_owned(),
        count if hexadecimal => format!("it has {count} hexadecimal digits instead of {DIGITS}"),
        _ => "it contains characters other than hexadecimal digits".to_owned(),
    };
    Err(format!("{what}; {GIVE}"))
}

const GIVE: &str = "give the SHA-256 of the certificate itself: the 64 hexadecimal digits that \
    `lxca-conform fingerprint URL` or `openssl x509 -noout -fingerprint -sha256` prints";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_same_hash_is_the_same_pin() {
        let plain = "6870ab349564d8a0e64957cb53bb1b75213f34b2b53fe43dcbf245466bfdde61";
        let pairs = (0..32)
            .map(|byte| &plain[byte * 2..byte * 2 + 2])
            .collect::<Vec<_>>()
            .join(":")
            .to_uppercase();
        for text in [
            plain.to_owned(),
            plain.to_uppercase(),
            pairs.clone(),
            format!("sha256:{plain}"),
            format!("SHA256:{plain}"),
            format!("SHA256 Fingerprint={pairs}"),
            format!("sha256 Fingerprint={pairs}\n"),
            format!(" {plain} "),
            format!("{} {}", &plain[..32], &plain[32..]),
        ] {
            assert_eq!(sha_256(&text).as_deref(), Ok(plain), "{text}");
        }
    }

    #[test]
    fn another_hash_is_named_for_what_it_is() {
        let plain = "6870ab349564d8a0e64957cb53bb1b75213f34b2b53fe43dcbf245466bfdde61";
        for (text, says) in [
            ("sha256//r8udi/Mxd6pLO7y7hZyUMWq8YnFnIWXCqeHsTDRqy8w=".to_owned(), "public key"),
            ("r8udi/Mxd6pLO7y7hZyUMWq8YnFnIWXCqeHsTDRqy8w=".to_owned(), "base64"),
            (plain[1..].to_owned(), "63 hexadecimal digits"),
            (format!("{plain}0"), "65 hexadecimal digits"),
            (plain[..40].to_owned(), "SHA-1"),
            (format!("SHA1 Fingerprint={}", &plain[..40]), "other than SHA-256"),
            (plain[..32].to_owned(), "MD5"),
            (plain.replacen('a', "g", 1), "characters other than"),
            (String::new(), "empty"),
            ("sha256:".to_owned(), "empty"),
            ("ſha256:é".to_owned(), "characters other than"),
        ] {
            let error = sha_256(&text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
