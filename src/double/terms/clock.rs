//! The double's time: real time, or time that passes faster, plus an offset that can be advanced;
//! or a fixed moment that can be advanced.
//!
//! The one place of the double that reads the system clock. Must not know the state or HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A clock that all its clones share.
#[derive(Debug, Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

/// What a clock says before it is advanced.
#[derive(Debug)]
enum Base {
    Real,
    /// It stands at this moment.
    Fixed(Timestamp),
    /// So many seconds pass in each second since this moment.
    Scaled {
        since: Timestamp,
        by: i32,
    },
}

#[derive(Debug)]
struct Inner {
    base: Base,
    offset: Mutex<SignedDuration>,
}

impl Clock {
    /// Real time.
    #[must_use]
    pub fn real() -> Self {
        Self::build(Base::Real)
    }

    /// A clock on which this many seconds pass in each second, from now on.
    #[must_use]
    pub fn scaled(by: u16) -> Self {
        Self::build(Base::Scaled { since: system_time(), by: i32::from(by) })
    }

    /// A clock that stands at `moment` until it is advanced.
    #[must_use]
    pub fn fixed(moment: Timestamp) -> Self {
        Self::build(Base::Fixed(moment))
    }

    fn build(base: Base) -> Self {
        Self { inner: Arc::new(Inner { base, offset: Mutex::new(SignedDuration::ZERO) }) }
    }

    /// A clock that says `moment` now, and then goes as time does.
    #[must_use]
    pub fn starting_at(moment: Timestamp) -> Self {
        let clock = Self::real();
        *clock.inner.offset.lock().unwrap_or_else(PoisonError::into_inner) =
            moment.duration_since(system_time());
        clock
    }

    /// What the clock says now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let base = match self.inner.base {
            Base::Real => system_time(),
            Base::Fixed(moment) => moment,
            Base::Scaled { since, by } => {
                later(since, system_time().duration_since(since).saturating_mul(by))
            }
        };
        let offset = *self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner);
        later(base, offset)
    }

    /// Moves this clock, and all its clones, forward.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut offset = self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }
}

/// The double's one door to the system clock.
fn system_time() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the double's one door to the clock")]
    Timestamp::now()
}

/// `moment` plus `by`, held at the end of the calendar.
pub(crate) fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

/// `moment` plus a number of seconds, held at the end of the calendar.
pub(crate) fn later_by_seconds(moment: Timestamp, seconds: i64) -> Timestamp {
    later(moment, SignedDuration::from_secs(seconds))
}

/// A moment as the vendor's examples write it: whole seconds, `Z`.
pub(crate) fn stamp(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment as the `Date` header wants it.
pub(crate) fn http_date(moment: Timestamp) -> String {
    // Years before 0, which it can't write, don't come from any clock.
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&moment)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_clock_advance_together() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        clock.clone().advance(Duration::from_secs(90));
        assert_eq!(clock.now(), Timestamp::from_second(90).unwrap());
    }

    #[test]
    fn on_a_scaled_clock_time_passes_that_much_faster() {
        let (before, clock) = (system_time(), Clock::scaled(1000));
        let (began, early) = (system_time(), clock.now());
        // The clock began between the two.
        let most = (began.duration_since(before) + SignedDuration::from_secs(1)) * 1000;
        assert!(early >= before && early.duration_since(before) <= most, "{early} {before}");
        while system_time().duration_since(began) < SignedDuration::from_millis(5) {
            std::hint::spin_loop();
        }
        let passed = clock.now().duration_since(early);
        assert!(passed >= SignedDuration::from_secs(4), "{passed:?}");
    }

    #[test]
    fn moments_are_written_as_the_examples_and_as_http_write_them() {
        let moment: Timestamp = "2022-09-09T01:46:08.75Z".parse().unwrap();
        assert_eq!(stamp(moment), "2022-09-09T01:46:08Z");
        assert_eq!(http_date(moment), "Fri, 09 Sep 2022 01:46:08 GMT");
    }

    #[test]
    fn the_end_of_the_calendar_is_not_passed() {
        let clock = Clock::real();
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
        assert_eq!(later_by_seconds(Timestamp::UNIX_EPOCH, i64::MAX), Timestamp::MAX);
    }
}
