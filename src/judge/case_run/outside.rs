//! What a record tells about a case from outside of its steps.
//!
//! Knows: the exchange of the run that a case watches, and whether a case is accused by now. Must not know: steps.

use crate::catalogue::Case;
use crate::contract::{Contract, Severity};
use crate::exchange::Exchange;
use crate::judge::CaseRecord;
use crate::judge::watch::Watch;
use crate::plan::Facts;

use super::CaseRun;

impl<'a> CaseRun<'a> {
    /// A case that sends nothing, by the exchange of the run that it is about.
    #[must_use]
    pub fn watching(contract: &'a Contract, case: &'a Case, facts: &Facts, strict: bool, exchange: Option<&Exchange>) -> CaseRecord {
        let mut run = Self::new(contract, case, facts, strict);
        match exchange {
            Some(exchange) => run.feed(exchange),
            None => run.stop("the run didn't come to the request that it is about"),
        }
        // What the run itself sent is no case's look at anything.
        run.watch = Watch::default();
        run.finish()
    }

    /// Whether something above an observation was found by now.
    #[must_use]
    pub fn is_accused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity > Severity::Observation)
    }
}
