//! A case: what to send, what to expect, how to clean up.
//!
//! Knows: the case format as `docs/case-format.md` describes it. Must not know: how a request is
//! sent.

mod expect;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exchange::Purpose;
pub use crate::terms::{Auth, Effect};

pub use expect::{Agrees, Expect, Holds, Instead, Read, Relation, Where};

/// One claim about an operation, with the requests that test it.
#[derive(Debug, Clone)]
pub struct Case {
    /// `operation::claim`.
    pub id: String,
    /// Ids it had before.
    pub aliases: Vec<String>,
    /// The operation it belongs to.
    pub operation: String,
    /// The claim as a sentence.
    pub title: String,
    /// The worst that can happen.
    pub effect: Effect,
    /// That, in words.
    pub impact: Option<String>,
    /// Facts of the target without which it can't run.
    pub needs: Vec<String>,
    /// First product version it applies to, if later than its operation's.
    pub since: Option<semver::Version>,
    /// First product version it no longer applies to.
    pub until: Option<semver::Version>,
    /// What is sent, in order.
    pub steps: Vec<Step>,
    /// What is sent afterwards to leave the appliance as it was.
    pub cleanup: Vec<Step>,
    /// Whether it was derived from a documented request table; else somebody wrote it.
    pub generated: bool,
    /// The file it stands in; the operation file that it is derived from when it is generated.
    pub file: String,
    /// The line its table starts at.
    pub line: usize,
}

impl Case {
    /// The request of the run itself that it judges, if it sends none.
    #[must_use]
    pub fn watches(&self) -> Option<Own> {
        self.steps.first().and_then(|step| step.request.own)
    }

    /// Whether it is one request that must be refused, with nothing to clean up.
    #[must_use]
    pub fn is_plain_refusal(&self) -> bool {
        let one =
            |only: &Step| only.poll.is_none() && only.assume.is_none() && only.capture.is_empty();
        self.expects_refusal()
            && self.cleanup.is_empty()
            && matches!(self.steps.as_slice(), [only] if one(only))
    }

    /// Whether it is one request whose answer no page tells, so that it claims nothing.
    #[must_use]
    pub fn is_observation(&self) -> bool {
        matches!(self.steps.as_slice(), [only] if only.expect.observe.is_some())
    }

    /// Whether it starts a job, or waits for one.
    #[must_use]
    pub fn follows_a_job(&self) -> bool {
        self.steps
            .iter()
            .filter_map(|step| step.poll.as_ref())
            .flat_map(|poll| &poll.until)
            .any(|condition| condition.reading.is_some() || !condition.at.is_empty())
    }

    /// Whether the claim is that something is refused.
    #[must_use]
    pub fn expects_refusal(&self) -> bool {
        self.steps.last().is_some_and(|step| {
            !step.expect.status.is_empty() && step.expect.status.iter().all(|status| *status >= 400)
        })
    }
}

/// Whether a step belongs to the claim or to the clean-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Part of the claim.
    Claim,
    /// Clean-up.
    Cleanup,
}

/// One request and what is expected of its answer. What few steps have is boxed: a run may hold
/// tens of thousands of them.
#[derive(Debug, Clone)]
pub struct Step {
    /// Unique in its case; `request` for a case of one step.
    pub name: String,
    /// Claim or clean-up.
    pub kind: StepKind,
    /// The operation it addresses.
    pub operation: String,
    /// What to send.
    pub request: RequestSpec,
    /// What to expect.
    pub expect: Expect,
    /// What to keep for later steps.
    pub capture: Vec<Capture>,
    /// How long to wait before it is sent for the first time.
    pub wait: std::time::Duration,
    /// Ask again until something holds.
    pub poll: Option<Box<Poll>>,
    /// For so long a reading that doesn't show what is expected is asked again: a list may be a
    /// moment behind what changed it.
    pub grace: Option<std::time::Duration>,
    /// What must be so before the case makes sense.
    pub assume: Option<Box<Assume>>,
    /// Clean-up only: done when that step was accepted.
    pub when: Option<String>,
    /// Clean-up only: not done when that step was accepted, which did the same.
    pub unless: Option<String>,
    /// Done only when the case's assumption was proved.
    pub proved: bool,
    /// Asked between the answers of the step of this name, which polls and stands right before it.
    pub during: Option<String>,
    /// Sent only when what it takes away was seen to appear.
    pub appeared: Option<Box<Appeared>>,
    /// Sent once for each value of this fact, which an earlier step has captured of several rows.
    pub each: Option<String>,
}

/// What stands between the values of several rows in one fact, as in a path that asks for several.
pub const BETWEEN: &str = ",";

/// Pause between two questions of a step that has a grace.
pub const GRACE_EVERY: std::time::Duration = std::time::Duration::from_secs(1);

impl Step {
    /// A step of the claim that sends one request and holds its answer against what is expected.
    #[must_use]
    pub fn plain(name: &str, operation: &str, request: RequestSpec, expect: Expect) -> Self {
        Self {
            name: name.to_owned(),
            kind: StepKind::Claim,
            operation: operation.to_owned(),
            request,
            expect,
            capture: Vec::new(),
            wait: std::time::Duration::ZERO,
            poll: None,
            grace: None,
            assume: None,
            when: None,
            unless: None,
            proved: false,
            during: None,
            appeared: None,
            each: None,
        }
    }

    /// How often a reading is asked at most because of its grace.
    #[must_use]
    pub fn most_by_grace(&self) -> u32 {
        let times =
            self.grace.map_or(0, |grace| grace.as_millis() / GRACE_EVERY.as_millis().max(1));
        u32::try_from(times).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// What must have been seen to appear before it may be taken away, in the very words in which it is
/// taken away. Absence alone proves nothing: a list may have another word for the place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeared {
    /// For example `backup.locations`.
    pub reading: String,
    /// Which row.
    pub key: String,
    /// The value that wasn't there before and is there after.
    pub place: String,
    /// The step that made it.
    pub by: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_default(auth: &Auth) -> bool {
    *auth == Auth::Default
}

/// A request that a run sends of its own accord. It holds secrets that no case can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Own {
    /// `POST /sessions`, before everything else.
    Login,
    /// `DELETE /sessions`, after everything else.
    Logout,
    /// What is asked in the session that was closed.
    AfterLogout,
}

impl Own {
    /// How such an exchange is marked in a record.
    #[must_use]
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Login => Purpose::Login,
            Self::Logout => Purpose::Logout,
            Self::AfterLogout => Purpose::AfterLogout,
        }
    }
}

/// A request, with `{{facts}}` still in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RequestSpec {
    /// Values for the placeholders of the operation's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub path: BTreeMap<String, String>,
    /// Query parameters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// Extra headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Who asks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub auth: Auth,
    /// Nothing is sent: a request that the run sends of its own accord is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
    /// Another method than the operation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A body that is valid JSON, as text: it reaches the wire byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// Any body, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Another content type than `application/json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// What must be so before the case makes sense.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assume {
    /// The statuses without which the case makes no sense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Pointers that must not exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// For example `backup.locations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// Which row.
    #[serde(default)]
    pub key: String,
    /// Values it must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub includes: Vec<String>,
    /// Values it must not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
    /// How many rows the list may have at most; it is known by the members `like`.
    #[serde(rename = "at-most", skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
    /// Members of its rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
}

impl Assume {
    /// The texts of it that may name facts.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.key).chain(&self.includes).chain(&self.excludes)
    }
}

/// What to keep from an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The name it gets.
    pub fact: String,
    /// The first of these pointers that exists and isn't empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pointers: Vec<String>,
    /// Of an address that stands there, the last part of its path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub end: bool,
    /// Or: the header whose address ends in it,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// or: the array to look in,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// further arrays that may have the row,
    #[serde(rename = "or-in", default, skip_serializing_if = "Vec::is_empty")]
    pub or_in: Vec<String>,
    /// the members of the wanted row,
    #[serde(rename = "where", default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Value>,
    /// of which a number may be that much less,
    #[serde(rename = "less-by", default)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub less_by: BTreeMap<String, u32>,
    /// which wasn't in the list before this step was accepted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// and the pointer below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<String>,
    /// Not of the one row alone, but of so many at most, with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<usize>,
    /// So many rows there must be at least; a list of fewer counts as empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<usize>,
    /// With `most`: not the first rows, but rows from all over the list. A pointer to what tells
    /// kinds of rows apart, of which each is to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<String>,
    /// An answer may lack it: then only the steps that need it are left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// Ask again until something holds.
#[derive(Debug, Clone)]
pub struct Poll {
    /// Any of these ends it well.
    pub until: Vec<Condition>,
    /// Any of these ends it as failed.
    pub failed: Vec<Condition>,
    /// Any of these breaks what the step is about.
    pub wrong: Vec<Condition>,
    /// So many answers must have come before, that none of the others held for.
    pub wrong_after: u32,
    /// Pause between two questions.
    pub every: std::time::Duration,
    /// How long in all.
    pub budget: std::time::Duration,
}

/// So often a poll with long pauses asks sooner, because a job may be short,
const SOONER: u32 = 6;
/// with these pauses: the first one, and the others.
const SOON: [std::time::Duration; 2] =
    [std::time::Duration::from_millis(500), std::time::Duration::from_secs(1)];

impl Poll {
    /// The pause before a question after the first, which is number 1.
    #[must_use]
    pub fn pause_before(&self, attempt: u32) -> std::time::Duration {
        match attempt {
            sooner if sooner > self.sooner() + 1 => self.every,
            2 => SOON[0],
            _ => SOON[1],
        }
    }

    /// How often is asked at most: the budget in steps of the pauses, so that a record can be
    /// judged again without a clock.
    #[must_use]
    pub fn most(&self) -> u32 {
        let sooner: std::time::Duration =
            (2..=self.sooner() + 1).map(|attempt| self.pause_before(attempt)).sum();
        let rest = self.budget.saturating_sub(sooner).as_millis() / self.every.as_millis().max(1);
        u32::try_from(rest).unwrap_or(u32::MAX).saturating_add(self.sooner() + 1)
    }

    /// How many of its questions come sooner than its pause says.
    fn sooner(&self) -> u32 {
        let Some(rest) = self.budget.checked_sub(SOON[0]).filter(|_| self.every > SOON[1]) else {
            return 0;
        };
        let more = rest.as_millis() / SOON[1].as_millis();
        u32::try_from(more).map_or(SOONER, |most| SOONER.min(most.saturating_add(1)))
    }
}

/// A condition on an answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The status is one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// The first of these pointers that exists
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<String>,
    /// has one of these values.
    #[serde(rename = "in", default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Or: the value that this reading has
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// for this row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// A list has no such row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Where>,
}

#[cfg(test)]
mod tests;
