//! What ends a run early, and how it waits.
//!
//! Knows: the limits of the run, what the operator wants, and how often nothing came back. Must not
//! know: cases.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::why::EndKind;

use super::Engine;

/// So many transport faults in a row end a run.
const MOST_FAULTS: u32 = 5;

/// Why nothing more is sent.
#[derive(Clone)]
pub(super) struct Halt {
    pub(super) kind: EndKind,
    pub(super) what: String,
}

impl Engine<'_> {
    /// Why nothing more is sent, if so.
    pub(super) fn halted(&self) -> Option<Halt> {
        if let Some(halt) = self.halt.get() {
            return Some(halt.clone());
        }
        let halt = self.halts_now()?;
        Some(self.halt.get_or_init(|| halt).clone())
    }

    fn halts_now(&self) -> Option<Halt> {
        if self.broken.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Some(Halt {
                kind: EndKind::Bound,
                what: "the record can no longer be written".to_owned(),
            });
        }
        if self.stop.as_ref().is_some_and(|stop| *stop.borrow()) {
            return Some(Halt {
                kind: EndKind::Interrupted,
                what: "the run was interrupted".to_owned(),
            });
        }
        let limit = self.transport.limits().run_timeout;
        if self.pace.now().duration_since(self.started).unsigned_abs() > limit {
            return Some(Halt {
                kind: EndKind::Bound,
                what: format!("the run exceeded its time limit of {} s", limit.as_secs()),
            });
        }
        if self.faults_in_a_row.load(Ordering::Relaxed) >= MOST_FAULTS {
            return Some(Halt {
                kind: EndKind::Bound,
                what: format!(
                    "{MOST_FAULTS} requests in a row got no answer, so the rest wasn't sent"
                ),
            });
        }
        self.own_account.halts().map(|what| Halt { kind: EndKind::Bound, what })
    }

    pub(super) async fn pause(&self, duration: Duration) {
        tokio::select! {
            () = self.pace.pause(duration) => {}
            () = self.stopped() => {}
        }
    }

    pub(super) async fn stopped(&self) {
        match self.stop.clone() {
            Some(mut stop) => {
                if stop.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            None => std::future::pending().await,
        }
    }
}
