//! What a record tells about a case from outside of its steps.
//!
//! Knows: the exchange of the run that a case watches, and what of an exchange is not the
//! appliance's doing. Must not know: verdicts.

use crate::catalogue::{Auth, Case, Own, Step};
use crate::contract::{Contract, Severity};
use crate::exchange::{Exchange, FaultKind, Purpose};
use crate::judge::CaseRecord;
use crate::judge::watch::Watches;
use crate::plan::Facts;
use crate::why::Why;

use super::{CaseRun, Stop};

const NEVER_SENT: &str = "the run never sent the request that this case judges";

impl<'a> CaseRun<'a> {
    /// A case that sends nothing, by what the run itself sent.
    #[must_use]
    pub fn watching<'e>(
        contract: &'a Contract,
        case: &'a Case,
        facts: &Facts,
        strict: bool,
        sent: impl Iterator<Item = &'e Exchange>,
    ) -> CaseRecord {
        let mut run = Self::new(contract, case, facts, strict);
        let sent: Vec<&Exchange> = sent.filter(|exchange| exchange.case.is_empty()).collect();
        let judged = match case.watches() {
            Some(Own::AfterLogout) => run.after_logout(&sent),
            own => {
                let is_meant =
                    |one: &&Exchange| own.is_some_and(|own| own.purpose() == one.purpose);
                let found = sent.into_iter().find(is_meant);
                if found.is_none() {
                    run.stop(Why::RunEnded, NEVER_SENT);
                }
                found
            }
        };
        if let Some(exchange) = judged {
            run.feed(exchange);
        }
        // What the run itself sent is no case's look at anything.
        run.watch = Watches::default();
        let watched = judged.map(|exchange| (exchange.purpose, exchange.at));
        CaseRecord { watched, ..run.finish() }
    }

    /// What the closed session still got, which counts when it got it at the last attempt, and
    /// nobody gets it without a session. None: the case has ended.
    fn after_logout<'e>(&mut self, sent: &[&'e Exchange]) -> Option<&'e Exchange> {
        let (ended, others): (Vec<&Exchange>, Vec<&Exchange>) = sent
            .iter()
            .filter(|exchange| exchange.purpose == Purpose::AfterLogout)
            .partition(|exchange| exchange.sent.auth == Auth::EndedSession);
        let Some(last) = ended.last().copied() else {
            let closed = sent.iter().find(|exchange| exchange.purpose == Purpose::Logout);
            if closed.is_some_and(|exchange| !exchange.is_success()) {
                let reason = "the log-off wasn't accepted, so the session may still be open";
                self.stop = Some(Stop::Untested(reason.to_owned()));
            } else {
                self.stop(Why::RunEnded, NEVER_SENT);
            }
            return None;
        };
        if others.iter().any(|exchange| exchange.is_success()) {
            let target = &last.sent.target;
            let reason = format!("GET {target} is answered without any credentials too");
            self.stop = Some(Stop::Untested(reason));
            return None;
        }
        Some(last)
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
