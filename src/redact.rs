//! Takes secrets out of everything that is kept, at the moment it enters.
//!
//! Knows: the secrets of the run and the forms in which a peer can send them back. Must not know:
//! files, verdicts.

mod forms;
mod members;
mod names;
mod places;
mod tokens;

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use regex::bytes::{Regex, RegexBuilder};
use secrecy::{ExposeSecret, SecretString};

pub(crate) use names::{is_secret_header, is_secret_member, is_secret_parameter};
pub(crate) use places::{decoded, is_address, split};

/// What stands where a secret stood.
pub const MARK: &str = "[redacted]";

/// Replaces secrets in texts.
#[derive(Default)]
pub struct Redactor {
    first: Set,
    /// What came in the middle of the run, such as the renewed id of a session: a few in each set,
    /// so that one more costs little even where there are thousands.
    renewed: Vec<Set>,
}

/// Secrets that are looked for together.
#[derive(Default)]
struct Set {
    /// Each secret and each base64 of it, longest first, so that the longer one wins where one
    /// begins another.
    secrets: Vec<Secret>,
    /// Finds letters and digits only as they are. Built when it is first needed, so that secrets
    /// can be added one after the other for little. `None` inside: it could not be built.
    plain: OnceLock<Option<Regex>>,
    /// Finds them spelt out too. That costs more, and is only asked of texts that spell something
    /// out.
    spelt_out: OnceLock<Option<Regex>>,
}

struct Secret {
    text: SecretString,
    base64: bool,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.sets().map(|set| set.secrets.len()).sum::<usize>())
    }
}

/// How a character begins that needn't be spelt out: a JSON escape, a percent, an HTML reference by
/// number.
const SPELT_OUT: &str = r"\\u00|%|&(?:amp;)?#";

/// A set of patterns larger than this is none that a run could have.
const MOST_BYTES: usize = 256 << 20;

/// How many secrets that came in the middle of the run are looked for together.
const MOST_TOGETHER: usize = 8;

impl Redactor {
    /// Adds a secret in every form that a server can echo: plain, percent, JSON- and HTML-escaped,
    /// in UTF-8 and Latin-1, character by character, and base64 of it. `user` gives base64 of
    /// `user:secret` as well.
    pub fn add(&mut self, user: Option<&str>, secret: &SecretString) {
        self.first.add(user, secret);
    }

    /// Adds a secret that came in the middle of the run; there may be one with each answer.
    pub fn add_renewed(&mut self, secret: &SecretString) {
        if self.sets().any(|set| set.knows(secret.expose_secret(), false)) {
            return;
        }
        if self.renewed.last().is_none_or(|set| set.secrets.len() >= MOST_TOGETHER) {
            self.renewed.push(Set::default());
        }
        if let Some(set) = self.renewed.last_mut() {
            set.add(None, secret);
        }
    }

    /// The newest first: an id that is renewed often begins with the one before it.
    fn sets(&self) -> impl Iterator<Item = &Set> {
        self.renewed.iter().rev().chain([&self.first])
    }

    /// The text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        String::from_utf8(self.bytes(text.as_bytes()))
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Bytes without secrets, whatever they are.
    #[must_use]
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let spelt_out = begins_spelt_out(bytes);
        let mut clean = Cow::Borrowed(bytes);
        for set in self.sets().filter(|set| !set.secrets.is_empty()) {
            // Only a set of patterns beyond any memory could fail to build; then texts are withheld
            // whole.
            let Some(search) = set.search(spelt_out) else { return MARK.as_bytes().to_vec() };
            if let Cow::Owned(cleaner) =
                search.replace_all(&clean, regex::bytes::NoExpand(MARK.as_bytes()))
            {
                clean = Cow::Owned(cleaner);
            }
        }
        clean.into_owned()
    }

    /// A header value without secrets; a header that is secret by name keeps its scheme or its
    /// cookie names only.
    #[must_use]
    pub fn header(&self, name: &str, value: &str) -> String {
        let lower = name.to_lowercase();
        match lower.as_str() {
            "authorization" | "proxy-authorization" => value.split_once(' ').map_or_else(
                || MARK.to_owned(),
                |(scheme, _)| format!("{} {MARK}", self.text(scheme)),
            ),
            "set-cookie" => {
                let (pair, rest) =
                    value.split_once(';').map_or((value, ""), |(pair, rest)| (pair, rest));
                let name = pair.split_once('=').map_or("", |(name, _)| name);
                let rest =
                    if rest.is_empty() { String::new() } else { format!(";{}", self.text(rest)) };
                format!("{}={MARK}{rest}", self.text(name))
            }
            _ if is_secret_header(&lower) => MARK.to_owned(),
            _ if is_address(&lower) => self.address(value),
            _ if places::is_challenge(&lower) => places::challenge(&self.text(value)),
            _ => self.text(value),
        }
    }

    /// A body without secrets: known values anywhere, and whatever has the name of a secret. JSON
    /// stays JSON.
    #[must_use]
    pub fn body(&self, text: &str) -> String {
        let clean = self.text(text);
        let text = if clean == text {
            clean
        } else {
            tokens::without(text, |token| self.text(token)).unwrap_or(clean)
        };
        let cuts = found(&text);
        if cuts.is_empty() { text } else { members::without(&text, &cuts) }
    }
}

/// The secrets that a body has by their names, as they were meant; without what stands beside them
/// in the same object.
pub(crate) fn secrets_in(text: &str) -> Vec<String> {
    found(text).iter().filter(|cut| cut.is_itself).map(|cut| cut.meant(text)).collect()
}

fn found(text: &str) -> Vec<members::Cut> {
    let cuts = forms::cuts(text);
    if cuts.is_empty() { members::cuts(text) } else { cuts }
}

/// Whether there may be such a character.
fn begins_spelt_out(bytes: &[u8]) -> bool {
    static SEARCH: OnceLock<Option<Regex>> = OnceLock::new();
    SEARCH
        .get_or_init(|| Regex::new(SPELT_OUT).ok())
        .as_ref()
        .is_none_or(|search| search.is_match(bytes))
}

impl Set {
    fn knows(&self, text: &str, base64: bool) -> bool {
        self.secrets
            .iter()
            .any(|known| known.base64 == base64 && known.text.expose_secret() == text)
    }

    fn add(&mut self, user: Option<&str>, secret: &SecretString) {
        let plain = secret.expose_secret();
        if plain.is_empty() {
            return;
        }
        let mut added = vec![(plain.to_owned(), false)];
        let latin: Option<Vec<u8>> =
            plain.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
        for bytes in [Some(plain.as_bytes().to_vec()), latin].into_iter().flatten() {
            added.push((STANDARD_NO_PAD.encode(&bytes), true));
            if let Some(user) = user {
                added
                    .push((STANDARD_NO_PAD.encode([user.as_bytes(), b":", &bytes].concat()), true));
            }
        }
        let before = self.secrets.len();
        for (text, base64) in added {
            if !self.knows(&text, base64) {
                self.secrets.push(Secret { text: SecretString::from(text), base64 });
            }
        }
        // What is known already needs no other search.
        if self.secrets.len() == before {
            return;
        }
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.text.expose_secret().len()));
        (self.plain, self.spelt_out) = (OnceLock::new(), OnceLock::new());
    }

    fn search(&self, spelt_out: bool) -> Option<&Regex> {
        let build = || {
            let all = self
                .secrets
                .iter()
                .map(|secret| pattern(secret.text.expose_secret(), secret.base64, spelt_out))
                .collect::<Vec<_>>()
                .join("|");
            RegexBuilder::new(&all).size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).build().ok()
        };
        let search = if spelt_out { &self.spelt_out } else { &self.plain };
        search.get_or_init(build).as_ref()
    }
}

/// A pattern that finds a text whichever of its characters are escaped, and however; letters and
/// digits only if `spelt_out`.
fn pattern(text: &str, base64: bool, spelt_out: bool) -> String {
    let mut pattern: String = text.chars().map(|c| forms(c, base64, spelt_out)).collect();
    if base64 {
        let _ = write!(pattern, "(?:{})*", forms('=', false, spelt_out));
    }
    pattern
}

/// Every form of one character.
fn forms(c: char, base64: bool, spelt_out: bool) -> String {
    if c.is_ascii_alphanumeric() && !spelt_out {
        return c.to_string();
    }
    let code = u32::from(c);
    let plain = regex::escape(&c.to_string());
    let mut forms = vec![match c {
        '\\' => r"\\+".to_owned(),
        '"' | '\'' | '/' if !base64 => format!(r"\\*{plain}"),
        '/' => r"\\*/|_".to_owned(),
        '+' if base64 => r"\+|-".to_owned(),
        ' ' => r" |\+".to_owned(),
        '\t' => r"\t|\\+t".to_owned(),
        _ => plain,
    }];
    let hex = |byte: u8| format!("%(?:25)*(?i:{byte:02x})");
    forms.push(c.to_string().bytes().map(hex).collect());
    let units = c
        .encode_utf16(&mut [0; 2])
        .iter()
        .map(|unit| format!(r"\\+u(?i:{unit:04x})"))
        .collect::<Vec<_>>();
    forms.push(units.concat());
    let name = match c {
        '&' => "amp",
        '<' => "lt",
        '>' => "gt",
        '"' => "quot",
        '\'' => "apos",
        // No letter or digit has a name.
        _ if c.is_ascii_alphanumeric() => "#",
        _ if c.is_ascii() => "[A-Za-z]{2,8}",
        _ => "[A-Za-z][A-Za-z0-9]{1,30}",
    };
    forms.push(format!("&(?:amp;)*(?:#0*{code}|#[xX]0*(?i:{code:x})|{name});"));
    if let (Ok(byte), false) = (u8::try_from(code), c.is_ascii()) {
        forms.push(format!(r"(?-u:\x{byte:02X})"));
        forms.push(hex(byte));
    }
    format!("(?:{})", forms.join("|"))
}

#[cfg(test)]
mod tests;
