//! Policies: what each kind of change means for the answer.
//!
//! Knows: the built-in profiles and the policy file. Pure. Must not know: reports, records, exit
//! codes.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use toml::Spanned;
use toml::de::{DeString, DeValue};

use crate::hint::did_you_mean;
use crate::problem::{Problem, unknown_key};
use crate::reader::{self, Reader, whole_number};

use super::model::{ADDITIVE_DRIFT, BREAKING_DRIFT};

/// What a kind of change does to the answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// Nothing; it is listed.
    Ignore,
    /// It is listed among the reasons, and the answer stays.
    Warn,
    /// The answer is at best "can't tell".
    CantTell,
    /// The waiver file has to be put in order first.
    Waivers,
    /// The answer is no.
    Fail,
}

impl Action {
    /// The word used in files and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Ignore, Self::Warn, Self::CantTell, Self::Fail]
            .into_iter()
            .find(|action| action.word() == word)
    }
}

/// What a policy decides about, with what each built-in profile says: `regression`, `upgrade`,
/// `strict`.
const RULES: &[(&str, [Action; 3])] = &[
    ("regression", [Action::Fail, Action::Fail, Action::Fail]),
    ("regression-deviation", [Action::Warn, Action::Fail, Action::Fail]),
    ("newly-broken", [Action::Warn, Action::Fail, Action::Fail]),
    ("unjudged-before", [Action::Warn, Action::CantTell, Action::Fail]),
    ("new-case-failure", [Action::Warn, Action::Warn, Action::Fail]),
    ("still-failing", [Action::Warn, Action::Warn, Action::Fail]),
    ("no-longer-waived", [Action::Fail, Action::Fail, Action::Fail]),
    ("spread", [Action::CantTell, Action::CantTell, Action::Fail]),
    ("changed-evidence", [Action::Warn, Action::Warn, Action::Warn]),
    ("new-observation", [Action::Ignore, Action::Warn, Action::Warn]),
    ("changed-observation", [Action::Ignore, Action::Warn, Action::Warn]),
    ("changed-time", [Action::Warn, Action::CantTell, Action::CantTell]),
    ("unstable", [Action::CantTell, Action::CantTell, Action::Fail]),
    ("exercised-less", [Action::CantTell, Action::CantTell, Action::CantTell]),
    ("hidden-by-waiver", [Action::Warn, Action::Warn, Action::CantTell]),
    ("removed-case", [Action::Warn, Action::Warn, Action::CantTell]),
    (BREAKING_DRIFT, [Action::Warn, Action::Warn, Action::Fail]),
    (ADDITIVE_DRIFT, [Action::Ignore, Action::Warn, Action::Warn]),
    ("caveat", [Action::Warn, Action::Warn, Action::CantTell]),
];
/// The built-in profiles, with the days after which a baseline is old.
const PROFILES: &[(&str, Option<u32>)] =
    &[("regression", None), ("upgrade", Some(90)), ("strict", Some(30))];
/// The one that is taken when nobody names another.
pub const DEFAULT: &str = "upgrade";

/// One profile, ready to judge by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// The file that it comes from; absent for a built-in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// What each kind of change does.
    pub rules: BTreeMap<String, Action>,
    /// The fewest requirements that the candidate must exercise.
    pub minimum_exercised: u64,
    /// A baseline that is older gets a caveat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline_days: Option<u32>,
    /// Drift that is expected: globs on `operation status place`.
    pub allowed_drift: Vec<String>,
}

impl Policy {
    /// A built-in profile.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let at = PROFILES.iter().position(|(profile, _)| *profile == name)?;
        let rules = RULES.iter().map(|(rule, actions)| ((*rule).to_owned(), actions[at])).collect();
        Some(Self {
            name: name.to_owned(),
            file: None,
            rules,
            minimum_exercised: 1,
            baseline_days: PROFILES[at].1,
            allowed_drift: Vec::new(),
        })
    }

    /// What it says about a kind of change; what no rule speaks of is only listed.
    #[must_use]
    pub fn on(&self, rule: &str) -> Action {
        self.rules.get(rule).copied().unwrap_or(Action::Ignore)
    }

    /// The globs on drift, compiled; `load` has refused what isn't one.
    #[must_use]
    pub fn allowed(&self) -> GlobSet {
        let globs = self.allowed_drift.iter().filter_map(|glob| Glob::new(glob).ok());
        globs
            .fold(GlobSetBuilder::new(), |mut set, glob| {
                set.add(glob);
                set
            })
            .build()
            .unwrap_or_default()
    }
}

/// Names of the built-in profiles.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PROFILES.iter().map(|(name, _)| *name).collect()
}

/// Reads a policy file and picks a profile: the one that is asked for, else the one the file names,
/// else its only one.
pub fn load(file: &str, text: &str, wanted: Option<&str>) -> Result<Policy, Vec<Problem>> {
    let policy = reader::read(file, text, |reader, document| {
        let mut found: BTreeMap<String, Policy> = BTreeMap::new();
        let mut chosen = None;
        for (key, value) in document {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("profile", DeValue::String(name)) => {
                    chosen = Some((name.to_string(), value.span().start));
                }
                ("profiles", DeValue::Table(profiles)) => {
                    for (name, table) in profiles {
                        let read = profile(reader, name, table.get_ref());
                        found.insert(name.get_ref().to_string(), read);
                    }
                }
                (other, _) => reader.say_with(
                    key.span().start,
                    format!("{}, or one of the wrong type", unknown_key(other)),
                    "expected `profile` (a name) and [profiles.NAME] tables",
                ),
            }
        }
        let only = (found.len() == 1).then(|| found.keys().next().cloned()).flatten();
        let (name, at) = match (wanted, chosen) {
            (Some(wanted), _) => (wanted.to_owned(), 0),
            (None, Some(chosen)) => chosen,
            (None, None) => (only.unwrap_or_else(|| DEFAULT.to_owned()), 0),
        };
        let policy = found.remove(&name).or_else(|| Policy::built_in(&name));
        if policy.is_none() {
            let known: Vec<&str> = found.keys().map(String::as_str).chain(names()).collect();
            let near = did_you_mean(&name, known.iter().copied());
            reader.say_with(
                at,
                format!("no profile `{name}`{near}"),
                format!("known profiles are {}", known.join(", ")),
            );
        }
        policy
    })?;
    // Where there is none, that was a problem.
    policy.map(|policy| Policy { file: Some(file.to_owned()), ..policy }).ok_or_else(Vec::new)
}

/// What a profile has besides rules.
const SETTINGS: &[&str] = &["like", "minimum-exercised", "baseline-days", "allowed-drift"];

fn profile(reader: &mut Reader<'_>, key: &Spanned<DeString<'_>>, value: &DeValue<'_>) -> Policy {
    let (name, at) = (key.get_ref().as_ref(), key.span().start);
    let base = |base: &str| {
        Policy::built_in(base).map(|policy| Policy { name: name.to_owned(), ..policy })
    };
    let start = if PROFILES.iter().any(|(known, _)| *known == name) { name } else { DEFAULT };
    let mut policy = base(start).unwrap_or_else(|| Policy {
        name: name.to_owned(),
        file: None,
        rules: BTreeMap::new(),
        minimum_exercised: 1,
        baseline_days: None,
        allowed_drift: Vec::new(),
    });
    let DeValue::Table(table) = value else {
        reader.say_with(
            at,
            format!("the profile `{name}` must be a table"),
            format!("write it as [profiles.{name}]"),
        );
        return policy;
    };
    if let Some(like) = table.get("like") {
        match like.get_ref().as_str().and_then(base) {
            Some(read) => policy = read,
            None => reader.say_with(
                like.span().start,
                "`like` must name a built-in profile",
                format!("known profiles are {}", names().join(", ")),
            ),
        }
    }
    for (key, value) in table {
        let at = value.span().start;
        let number = |value: &DeValue<'_>| whole_number(value).and_then(|n| u32::try_from(n).ok());
        match key.get_ref().as_ref() {
            "like" => {}
            "minimum-exercised" => match number(value.get_ref()) {
                Some(number) => policy.minimum_exercised = u64::from(number),
                None => reader.say_with(
                    at,
                    "`minimum-exercised` must be a number of requirements",
                    "for example 100",
                ),
            },
            "baseline-days" => match number(value.get_ref()) {
                Some(number) => policy.baseline_days = Some(number),
                None => {
                    reader.say_with(
                        at,
                        "`baseline-days` must be a number of days",
                        "for example \
                        90",
                    );
                }
            },
            "allowed-drift" => {
                let globs: Option<Vec<String>> = value.get_ref().as_array().map(|list| {
                    list.iter()
                        .map(|one| one.get_ref().as_str().unwrap_or("[").to_owned())
                        .collect()
                });
                match globs {
                    Some(globs) if globs.iter().all(|glob| Glob::new(glob).is_ok()) => {
                        policy.allowed_drift = globs;
                    }
                    _ => reader.say_with(
                        at,
                        "`allowed-drift` must be a list of globs on `operation status place`",
                        "for example [\"backup.list 200 /backups/*/*\"]",
                    ),
                }
            }
            rule if RULES.iter().any(|(known, _)| *known == rule) => {
                match value.get_ref().as_str().and_then(Action::read) {
                    Some(action) => {
                        policy.rules.insert(rule.to_owned(), action);
                    }
                    None => reader.say_with(
                        at,
                        format!("`{rule}` must be an action"),
                        "expected fail, cant-tell, warn or ignore",
                    ),
                }
            }
            _ => {
                let accepted: Vec<&str> =
                    SETTINGS.iter().copied().chain(RULES.iter().map(|(rule, _)| *rule)).collect();
                reader.unknown(key, "", &accepted);
            }
        }
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_changes_a_built_in_profile_and_keeps_the_rest() {
        let text = "profile = \"nightly\"\n[profiles.nightly]\nlike = \
            \"regression\"\nstill-failing = \"fail\"\nminimum-exercised = 200\nallowed-drift = \
            [\"backup.list 200 *\"]\n";
        let policy = load("p.toml", text, None).unwrap();
        assert_eq!(
            (
                policy.name.as_str(),
                policy.on("still-failing"),
                policy.on("regression-deviation"),
                policy.minimum_exercised
            ),
            ("nightly", Action::Fail, Action::Warn, 200)
        );
        assert!(policy.allowed().is_match("backup.list 200 /backups/*/extra"));
        assert!(!policy.allowed().is_match("sftp-locks.list 200 /*/extra"));
        assert_eq!(
            load("p.toml", text, Some("strict")).unwrap().on("breaking-drift"),
            Action::Fail
        );
    }

    #[test]
    fn all_problems_of_a_policy_come_at_once() {
        let text = "[profiles.mine]\nlike = \"lax\"\nregression = \"maybe\"\nbaseline-days = \
            \"old\"\nallowed-drift = [\"[\"]\nwhat = 1\n";
        let all = load("p.toml", text, Some("other"))
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n");
        for part in [
            "p.toml:2:8: `like`",
            "p.toml:3:14: `regression` must be an action",
            "p.toml:4:17: `baseline-days`",
            "p.toml:5:17: `allowed-drift`",
            "p.toml:6:1: unknown key `what`",
            "no profile `other`",
        ] {
            assert!(all.contains(part), "{part} isn't in\n{all}");
        }
    }

    #[test]
    fn no_profile_lets_a_broken_stated_rule_pass_as_a_regression() {
        for name in names() {
            let policy = Policy::built_in(name).unwrap();
            assert_eq!(policy.on("regression"), Action::Fail, "{name}");
            assert_eq!(policy.on("exercised-less"), Action::CantTell, "{name}");
        }
    }
}
