//! One exchange as a recording has it, before anything of it is judged or kept.
//!
//! Knows: what HAR and VCR have in common. It may hold secrets. Must not know: the forms
//! themselves.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// One exchange.
#[derive(Clone)]
pub(super) struct Entry {
    /// Upper case.
    pub(super) method: String,
    /// As it stands there.
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
    /// Where the recording knows it.
    pub(super) at: Option<jiff::Timestamp>,
    /// Where the recording knows it.
    pub(super) took_us: u64,
    /// Or why there is none.
    pub(super) answer: Result<Answer, String>,
}

/// An answer.
#[derive(Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) headers: Vec<(String, String)>,
    /// None where the recorder left it out.
    pub(super) body: Option<Vec<u8>>,
    /// How many bytes it had, where the recording says so.
    pub(super) size: Option<usize>,
}

impl Answer {
    /// The first header of that name, in whatever case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Base64 as recorders write it: of either alphabet, with and without padding, in lines.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    GeneralPurpose::new(&STANDARD, config).decode(plain).ok()
}

/// The status in a text that begins with it; 0 is none.
pub(super) fn status(text: &str) -> Option<u16> {
    let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|status| (100..=999).contains(status))
}

/// The method in upper case, if it is one.
pub(super) fn method(text: &str) -> Option<String> {
    // A symbol of Ruby has a colon before it.
    let method = text.trim().trim_start_matches(':').to_uppercase();
    (!method.is_empty() && method.len() <= 20 && method.bytes().all(|c| c.is_ascii_alphabetic()))
        .then_some(method)
}

/// A date as headers have it.
pub(super) fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text.trim())
        .ok()
}

/// What is said where a status is missing.
pub(super) const NO_STATUS: &str = "the recording has no status of the answer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_each_form() {
        for text in ["+/8AAQ==", "+/8AAQ", "-_8AAQ", "-_8A\r\n AQ==\n"] {
            assert_eq!(base64(text).as_deref(), Some(&[0xfb, 0xff, 0, 1][..]), "{text}");
        }
        assert_eq!(base64("%%%"), None);
    }

    #[test]
    fn a_status_is_read_whatever_stands_behind_it() {
        assert_eq!(status("200"), Some(200));
        assert_eq!(status("200 OK"), Some(200));
        assert_eq!(status("0"), None);
        assert_eq!(status("OK"), None);
        assert_eq!(method("get"), Some("GET".to_owned()));
        assert_eq!(method(":get"), Some("GET".to_owned()));
        assert_eq!(method("G E T"), None);
    }
}
