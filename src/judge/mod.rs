//! From exchanges to findings, from findings to a verdict.
//!
//! Knows: contract, catalogue, exchanges. Pure: no I/O, no clock. Must not know: how an exchange
//! was had, or how a report looks.
//!
//! `CaseRun` is the one place where a case is judged. A live run feeds it exchanges as they come, a
//! judgement of a record feeds it the recorded ones, so both give the same verdict.

mod agreement;
mod answer;
mod case_run;
mod charset;
mod checks;
mod claims;
mod clock;
mod description;
mod duplicates;
mod effects;
mod gone;
mod inventory;
mod lifetimes;
mod looks;
mod members;
mod over_time;
mod reached;
mod reads;
mod recorded;
mod refusal;
mod relation;
mod rounds;
mod same;
mod semantics;
mod started;
mod statements;
mod status;
mod unchanged;
mod verdict;
mod versions;
mod watch;
mod withheld;
mod words;

pub use case_run::{CaseRun, Next};
pub use checks::{CHECKS, Check, check};
pub use claims::{claimed_of, claims, orphans};
pub use clock::settle;
pub use effects::{Ask, Effects, again};
pub use gone::{Gone, STILL_LISTED};
pub use inventory::left_overs;
pub use reached::Reached;
pub use recorded::{case_of, judge_recorded, legible, with_recorded};
pub use rounds::{CUT, NOT_BEGUN, Unstable, merge};
pub use started::Started;
pub use statements::{Statement, statements};
pub use verdict::{CaseRecord, Disposition, Finding, Verdict};
pub(crate) use withheld::note as withheld_note;
pub use words::{WORDS, Word, checks_page, words, words_table};
