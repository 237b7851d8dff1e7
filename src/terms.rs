//! Words that every room shares: how far a request may go, who asks, what a version is, and which
//! characters nobody sees.
//!
//! Knows: the words. Must not know: any room that uses them.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// The worst that happens if the appliance wrongly accepts a request.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Effect {
    /// Nothing changes.
    #[default]
    Read,
    /// Adds what can be taken back: a lock, a copy.
    Write,
    /// Removes, moves or sends away.
    Destroy,
}

impl Effect {
    /// The word used in files, options and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// One part of a run that several machines share: which, and of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    number: u32,
    of: u32,
}

/// Parts of a run, at most.
const MOST_SHARDS: u32 = 10_000;

/// Why a text names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no shard; use I/N, such as 2/8, with I from 1 to N and N up to {MOST_SHARDS}")]
pub struct NoShard(String);

impl Shard {
    /// The part of this number, from 1.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<Self> {
        ((1..=of).contains(&number) && of <= MOST_SHARDS).then_some(Self { number, of })
    }

    /// Which part, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether the thing at this place, from 0, is in this part: every part gets the same number of
    /// things, give or take one, and of each kind where kinds stand together.
    #[must_use]
    pub fn takes(self, place: usize) -> bool {
        place % self.of as usize == (self.number - 1) as usize
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl std::str::FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let number = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u32>().ok())?
        };
        text.split_once('/')
            .and_then(|(which, of)| Self::new(number(which)?, number(of)?))
            .ok_or_else(|| NoShard(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for Shard {
    type Error = NoShard;

    fn try_from(text: String) -> Result<Self, NoShard> {
        text.parse()
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// The run's own account.
    #[default]
    Default,
    /// Nobody.
    None,
    /// The run's user name with a password that isn't its.
    WrongPassword,
    /// A user that doesn't exist.
    UnknownUser,
    /// The second account, without privilege.
    Unprivileged,
    /// The run's own account, by HTTP Basic.
    Basic,
    /// The run's own account, in a session. Where the run has none, one is opened for it, and
    /// closed when the run ends.
    Session,
    /// Nobody any more: what the run's own session showed, after it was closed. Only the run itself
    /// asks so.
    EndedSession,
}

impl Auth {
    /// Whether it is the run's own account, however it logs in.
    #[must_use]
    pub fn is_own(self) -> bool {
        matches!(self, Self::Default | Self::Basic | Self::Session)
    }

    /// Whether the appliance counts it as a failed login.
    #[must_use]
    pub fn is_bad_login(self) -> bool {
        matches!(self, Self::WrongPassword | Self::UnknownUser)
    }
}

/// A product version such as `4.1.0`, `v4.1` or `4.1.0-build`.
#[must_use]
pub fn version(text: &str) -> Option<semver::Version> {
    // A part of it may be withheld, as a secret of the run.
    if text.contains('[') {
        return None;
    }
    let mut numbers = text
        .trim()
        .trim_start_matches(['v', 'V'])
        .split(['.', '-', '_', ' '])
        .map_while(|part| part.parse::<u64>().ok());
    let major = numbers.next()?;
    Some(semver::Version::new(major, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
}

/// Whether a character steers a display, or is nothing, instead of being shown: control and format
/// characters, tags, and the code points that are no characters. XML forbids some of them.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{e0000}'..='\u{e0fff}'
        )
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_hidden_and_letters_and_emoji_are_not() {
        for c in [
            '\u{0}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{61c}',
            '\u{202e}',
            '\u{2066}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{10ffff}',
            '\u{fdd0}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
        ] {
            assert!(is_hidden(c), "U+{:04X}", u32::from(c));
        }
        for c in " aé漢ı‰\u{fffd}😀\u{fe0f}ﷰ".chars() {
            assert!(!is_hidden(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn product_versions_are_read_as_appliances_write_them() {
        assert_eq!(version("4.1.0"), Some(semver::Version::new(4, 1, 0)));
        assert_eq!(version("v4.2"), Some(semver::Version::new(4, 2, 0)));
        assert_eq!(version("unknown"), None);
        assert_eq!(version("4.[redacted].0"), None);
    }
}
