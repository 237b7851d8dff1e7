//! The versions of the product that a statement is about.
//!
//! Knows: versions. Must not know: what is said of them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

use crate::why::Beyond;

/// The annotation of a schema that says which values came, or went, with a version.
pub(super) const VERSIONS: &str = "x-versions";

/// From `since` on, and no longer with `until`; without both, every version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// The first version that has it.
    pub since: Option<semver::Version>,
    /// The first version that no longer has it.
    pub until: Option<semver::Version>,
}

impl Span {
    /// That of a value, as `x-versions` of a schema has it; nothing where it isn't written so.
    #[must_use]
    pub(super) fn of_value(value: &Value) -> Option<Self> {
        let members = value.as_object().filter(|members| {
            !members.is_empty() && members.keys().all(|key| key == "since" || key == "until")
        })?;
        let read = |name: &str| match members.get(name) {
            None => Some(None),
            Some(text) => semver::Version::parse(text.as_str()?).ok().map(Some),
        };
        Some(Self { since: read("since")?, until: read("until")? })
    }

    /// Whether it is about every version.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }

    /// Whether no version lies in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!((&self.since, &self.until), (Some(since), Some(until)) if since >= until)
    }

    /// Why it says nothing of an appliance of that version, if it doesn't.
    #[must_use]
    pub fn beyond(&self, version: Option<&semver::Version>) -> Option<Beyond> {
        if self.is_all() {
            return None;
        }
        let Some(version) = version else { return Some(Beyond::VersionUnknown) };
        if self.since.as_ref().is_some_and(|since| version < since) {
            Some(Beyond::TooOld)
        } else if self.until.as_ref().is_some_and(|until| version >= until) {
            Some(Beyond::TooNew)
        } else {
            None
        }
    }

    /// The same in words, for people.
    #[must_use]
    pub fn reason(&self, beyond: Beyond, version: Option<&semver::Version>) -> String {
        let told = version.map_or_else(String::new, |version| format!(", and this is {version}"));
        match (beyond, &self.since, &self.until) {
            (Beyond::TooOld, Some(since), _) => format!("it came with version {since}{told}"),
            (Beyond::TooNew, _, Some(until)) => format!("it was gone with version {until}{told}"),
            _ => format!("it is about versions {self}, and nothing tells the version"),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.since, &self.until) {
            (Some(since), Some(until)) => write!(f, "since {since}, until {until}"),
            (Some(since), None) => write!(f, "since {since}"),
            (None, Some(until)) => write!(f, "until {until}"),
            (None, None) => f.write_str("all"),
        }
    }
}

/// A version of a file, such as `4.1.0`.
pub(super) fn version<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<semver::Version>, D::Error> {
    let text = String::deserialize(deserializer)?;
    semver::Version::parse(&text).map(Some).map_err(|error| {
        D::Error::custom(format!("`{text}` isn't a version such as 4.1.0: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> semver::Version {
        semver::Version::parse(text).expect("a version")
    }

    #[test]
    fn a_span_begins_with_since_and_ends_before_until() {
        let span = Span { since: Some(at("2.0.0")), until: Some(at("3.0.0")) };
        assert_eq!(span.beyond(Some(&at("1.9.9"))), Some(Beyond::TooOld));
        assert_eq!(span.beyond(Some(&at("2.0.0"))), None);
        assert_eq!(span.beyond(Some(&at("2.9.0"))), None);
        assert_eq!(span.beyond(Some(&at("3.0.0"))), Some(Beyond::TooNew));
        assert_eq!(span.beyond(None), Some(Beyond::VersionUnknown));
        assert_eq!(Span::default().beyond(None), None);
        assert!(!span.is_empty());
        assert!(Span { since: Some(at("3.0.0")), until: Some(at("3.0.0")) }.is_empty());
    }

    #[test]
    fn the_reason_names_the_version_that_matters() {
        let span = Span { since: Some(at("2.2.0")), until: None };
        assert_eq!(
            span.reason(Beyond::TooOld, Some(&at("1.2.2"))),
            "it came with version 2.2.0, and this is 1.2.2"
        );
        assert_eq!(
            span.reason(Beyond::VersionUnknown, None),
            "it is about versions since 2.2.0, and nothing tells the version"
        );
    }
}
