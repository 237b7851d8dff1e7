//! Time as a run sees it.
//!
//! Knows: that there is a now, and that time can be let pass. Must not know: which clock it is.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;

/// Time as the run sees it: real for an appliance, simulated where the peer's clock is ours.
pub trait Pace: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Lets time pass.
    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}
