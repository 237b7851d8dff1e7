//! What a record tells about a case from outside of its steps.
//!
//! Knows: the exchange of the run that a case watches, and what of an exchange is not the
//! appliance's doing. Must not know: verdicts.

use crate::catalogue::{Auth, Case, Step};
use crate::contract::{Contract, Severity};
use crate::exchange::{Exchange, FaultKind};
use crate::judge::CaseRecord;
use crate::judge::watch::Watches;
use crate::plan::Facts;
use crate::why::Why;

use super::CaseRun;

impl<'a> CaseRun<'a> {
    /// A case that sends nothing, by the exchange of the run that it is about.
    #[must_use]
    pub fn watching(
        contract: &'a Contract,
        case: &'a Case,
        facts: &Facts,
        strict: bool,
        exchange: Option<&Exchange>,
    ) -> CaseRecord {
        let mut run = Self::new(contract, case, facts, strict);
        match exchange {
            Some(exchange) => run.feed(exchange),
            None => run.stop(Why::RunEnded, "the run never sent the request that this case judges"),
        }
        // What the run itself sent is no case's look at anything.
        run.watch = Watches::default();
        run.finish()
    }

    /// Whether something above an observation was found by now.
    #[must_use]
    pub fn is_accused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity > Severity::Observation)
    }
}

/// Why a case can't be asked whose step logs in another way than the run: not every appliance takes
/// each of them.
pub(super) fn refused_login(step: &Step, status: u16) -> Option<String> {
    let way = match step.request.auth {
        Auth::Basic => "HTTP Basic",
        Auth::Session => "a session",
        _ => return None,
    };
    let refused =
        matches!(status, 401 | 403) && step.expect.status.iter().all(|expected| *expected < 300);
    refused.then(|| format!("step `{}` was refused with {way} ({status})", step.name))
}

/// Whether a request is carried in a way that HTTP/1.1 defines per connection, and that not every
/// proxy hands on. No page says that it must.
pub(super) fn may_be_dropped(step: &Step) -> bool {
    step.request.headers.keys().any(|name| {
        ["expect", "transfer-encoding"].iter().any(|known| name.eq_ignore_ascii_case(known))
    })
}

/// Whether a step got no answer because the session that it needs couldn't be opened.
pub(super) fn no_session(step: &Step, exchange: &Exchange) -> bool {
    step.request.auth == Auth::Session
        && exchange.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Session)
}
