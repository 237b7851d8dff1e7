//! Tests of `case`, in a file of their own for their length.
//!
//! Knows: `case`. Must not know: what uses it.

use std::time::Duration;

use super::Poll;

#[test]
fn a_poll_asks_sooner_at_first_and_never_beyond_its_budget() {
    for (every, budget, most, second) in [
        (1000, 90_000, 91, 1000),
        (2000, 600_000, 304, 500),
        (5000, 40_000, 13, 500),
        (5000, 2000, 3, 500),
        (200, 1000, 6, 200),
        (5000, 100, 1, 5000),
    ] {
        let (every, budget) = (Duration::from_millis(every), Duration::from_millis(budget));
        let poll = Poll {
            until: Vec::new(),
            failed: Vec::new(),
            wrong: Vec::new(),
            wrong_after: 0,
            every,
            budget,
        };
        assert_eq!(
            (poll.most(), poll.pause_before(2)),
            (most, Duration::from_millis(second)),
            "every {every:?} for {budget:?}"
        );
        let spent: Duration = (2..=poll.most()).map(|attempt| poll.pause_before(attempt)).sum();
        assert!(
            spent <= budget && spent + poll.pause_before(poll.most() + 1) > budget,
            "every {every:?} for {budget:?}: {spent:?}"
        );
    }
}
