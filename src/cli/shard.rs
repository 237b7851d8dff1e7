//! `--shard`: which part of a run this machine does.
//!
//! Knows: how CI systems and Kubernetes number their parts. Must not know: what is in a part.

use std::str::FromStr;

use crate::target::environment;
use crate::terms::{NoShard, Shard};

use super::Failure;

/// GitLab numbers the jobs of `parallel` from 1.
const GITLAB: (&str, &str) = ("CI_NODE_INDEX", "CI_NODE_TOTAL");
/// An Indexed Job of Kubernetes numbers its pods from 0, and tells no total.
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";

/// What `--shard` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardArg {
    /// This part.
    Given(Shard),
    /// The part that the environment names, of so many if it doesn't tell.
    Auto { of: Option<u32> },
}

impl FromStr for ShardArg {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        match text.strip_prefix("auto") {
            Some("") => Ok(Self::Auto { of: None }),
            Some(rest) if rest.starts_with('/') => {
                // The first part stands for all: there must be so many.
                let first: Shard = format!("1{rest}").parse()?;
                Ok(Self::Auto { of: Some(first.of()) })
            }
            _ => text.parse().map(Self::Given),
        }
    }
}

impl ShardArg {
    /// The part that is meant.
    pub(super) fn shard(&self) -> Result<Shard, Failure> {
        self.among(&environment)
    }

    fn among(self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Shard, Failure> {
        let of = match self {
            Self::Given(shard) => return Ok(shard),
            Self::Auto { of } => of,
        };
        let number = |name: &str| -> Result<Option<u32>, Failure> {
            let Some(text) = environment(name).filter(|text| !text.is_empty()) else {
                return Ok(None);
            };
            let number = text.parse().map_err(|_| {
                Failure::usage(format!("take the shard from {name}: its value is no number"))
            })?;
            Ok(Some(number))
        };
        // Who says of how many means the one that doesn't tell it.
        let (index, names) = match (number(GITLAB.0)?, number(KUBERNETES)?) {
            (_, Some(index)) if of.is_some() => (index.saturating_add(1), KUBERNETES),
            (Some(index), _) => (index, GITLAB.0),
            (None, Some(index)) => (index.saturating_add(1), KUBERNETES),
            (None, None) => {
                return Err(Failure::usage(format!(
                    "take the shard from the environment: neither {} nor {KUBERNETES} is set; name \
                        it, such as --shard 2/8",
                    GITLAB.0
                )));
            }
        };
        let total = match of {
            Some(of) => Some(of),
            None => number(GITLAB.1)?,
        };
        let Some(total) = total else {
            return Err(Failure::usage(format!(
                "take the shard from {names}: it doesn't tell of how many; say so, such as --shard \
                    auto/8"
            )));
        };
        Shard::new(index, total).ok_or_else(|| {
            Failure::usage(format!(
                "take the shard from {names}: there is no shard {index} of {total}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(argument: &str, set: &[(&str, &str)]) -> Result<String, String> {
        let argument: ShardArg = argument.parse().map_err(|error: NoShard| error.to_string())?;
        let environment = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        argument
            .among(&environment)
            .map(|shard| shard.to_string())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn a_shard_is_named_or_taken_from_the_environment() {
        let gitlab = [("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "5")];
        let kubernetes = [("JOB_COMPLETION_INDEX", "0")];
        assert_eq!(chosen("2/8", &gitlab).as_deref(), Ok("2/8"));
        assert_eq!(chosen("auto", &gitlab).as_deref(), Ok("3/5"));
        assert_eq!(chosen("auto/8", &kubernetes).as_deref(), Ok("1/8"));
        let both = [gitlab.as_slice(), &kubernetes].concat();
        assert_eq!(chosen("auto/8", &both).as_deref(), Ok("1/8"));
        assert_eq!(chosen("auto", &both).as_deref(), Ok("3/5"));
        for (argument, set, said) in [
            ("0/8", &gitlab[..0], "no shard"),
            ("9/8", &[], "no shard"),
            ("2", &[], "no shard"),
            ("auto/x", &[], "no shard"),
            ("automatic", &[], "no shard"),
            ("+2/8", &[], "no shard"),
            ("auto", &[], "is set"),
            ("auto", &kubernetes, "auto/8"),
            ("auto", &[("CI_NODE_INDEX", "x")], "no number"),
            ("auto/2", &gitlab, "no shard 3 of 2"),
        ] {
            let answer = chosen(argument, set);
            assert!(
                answer.as_ref().is_err_and(|error| error.contains(said)),
                "{argument} {answer:?}"
            );
        }
    }
}
