//! What happens in a run, for whoever shows it.
//!
//! Knows: the moments of a run. Must not know: terminals.

use std::time::Duration;

use crate::judge::{CaseRecord, Verdict};
use crate::pointer::pattern;

/// A moment of a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The appliance told who it is, or couldn't.
    Identified {
        /// In words.
        target: String,
    },
    /// The appliance isn't up yet, and is asked again.
    Awaiting {
        /// What was seen last, in words.
        seen: String,
        /// How long it will still be waited for.
        left: Duration,
    },
    /// So many cases will run.
    Started {
        /// Cases.
        cases: usize,
    },
    /// A case begins.
    CaseStarted {
        /// Full id.
        id: String,
    },
    /// A case waits for a job or an expiry.
    Waiting {
        /// Full id.
        id: String,
        /// Which step.
        step: String,
        /// Which question.
        attempt: u32,
    },
    /// A case is judged.
    CaseFinished {
        /// Full id.
        id: String,
        /// Its verdict.
        verdict: Verdict,
        /// Why, where it isn't `pass`: the same words for the same cause.
        why: Option<String>,
    },
}

impl Event {
    /// A case is judged.
    #[must_use]
    pub fn finished(case: &CaseRecord) -> Self {
        let worst = case.findings.iter().rev().max_by_key(|finding| finding.severity);
        let why = match case.verdict {
            Verdict::Fail => worst.map(|finding| {
                let place = if finding.pointer.is_empty() {
                    String::new()
                } else {
                    format!(" at {}", pattern(&finding.pointer))
                };
                format!(
                    "{}: expected {}, got {}{place}",
                    finding.requirement, finding.expected, finding.actual
                )
            }),
            Verdict::Pass => None,
            Verdict::Unresolved | Verdict::Unsupported | Verdict::Untested => case.reason.clone(),
        };
        Self::CaseFinished { id: case.id.clone(), verdict: case.verdict, why }
    }
}
