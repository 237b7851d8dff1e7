//! The ceiling on how many requests leave in a second.
//!
//! Knows: time. Must not know: requests.

use std::time::{Duration, Instant};

/// Gives each request its slot.
pub(super) struct Pace {
    gap: Option<Duration>,
    next: tokio::sync::Mutex<Option<Instant>>,
}

impl Pace {
    /// 0 means no ceiling.
    pub(super) fn new(requests_per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1).checked_div(requests_per_second),
            next: tokio::sync::Mutex::new(None),
        }
    }

    /// Waits until the next request may leave.
    pub(super) async fn wait(&self) {
        let Some(gap) = self.gap else { return };
        let mut next = self.next.lock().await;
        let now = Instant::now();
        let slot = next.filter(|slot| *slot > now).unwrap_or(now);
        *next = Some(slot + gap);
        drop(next);
        tokio::time::sleep_until(slot.into()).await;
    }
}
