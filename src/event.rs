//! What happens in a run, for whoever shows it.
//!
//! Knows: the moments of a run. Must not know: terminals.

use crate::judge::Verdict;

/// A moment of a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// The appliance told who it is, or couldn't.
    Identified {
        /// In words.
        target: String,
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
    },
}
