//! Tests of `clock`, in a file of their own for their length.
//!
//! Knows: `clock`. Must not know: what uses it.

use super::*;

/// What a clock shows at each of these seconds of ours, if it is so many ahead; each exchange
/// takes a tenth of a second.
fn shows(at: &[i128], ahead: impl Fn(i128) -> i128) -> Known {
    let tenth = SECOND / 10;
    let stretches: Vec<_> = at
        .iter()
        .map(|at| {
            (
                at * SECOND,
                at * SECOND + tenth,
                (at + ahead(*at)) * SECOND,
                (at + ahead(*at) + 1) * SECOND,
            )
        })
        .collect();
    clock(&stretches)
}

#[test]
fn a_clock_is_known_by_how_far_it_is_ahead_as_long_as_that_stays() {
    let Known::Runs(ahead) = shows(&[0, 3, 40], |_| 7200) else { panic!("it runs") };
    assert!(
        ahead.least <= 7200 * SECOND
            && ahead.most >= 7200 * SECOND
            && ahead.most - ahead.least < 2 * SECOND,
        "{ahead:?}"
    );
    assert!(!ahead.is_near() && !ahead.agrees_with(OURS));
    assert_eq!(ahead_text(ahead), "2 h ahead of ours");
    assert_eq!(shows(&[], |_| 0), Known::Nothing);
    assert!(matches!(shows(&[5], |_| -9), Known::Runs(_)), "once is enough");
    assert!(matches!(shows(&[0, 40], |at| at), Known::Runs(_)), "a minute is no distance");
    assert_eq!(shows(&[0, 40, 80], |at| at), Known::Unsteady);
    assert_eq!(shows(&[0, 40], |at| -at), Known::Still);
    assert!(
        matches!(shows(&[0, 3], |at| -at), Known::Runs(_)),
        "three seconds are too short to tell"
    );
}

#[test]
fn a_coarse_time_bounds_a_clock_by_its_width() {
    // A day for each of two locks, made an hour apart: the day doesn't change, and that is no
    // wonder.
    let day = 86_400 * SECOND;
    let hour = 3600 * SECOND;
    let Known::Runs(ahead) =
        clock(&[(hour, hour + SECOND, 0, day), (2 * hour, 2 * hour + SECOND, 0, day)])
    else {
        panic!("it runs")
    };
    assert!(ahead.least < 0 && ahead.most > 0 && ahead.agrees_with(OURS), "{ahead:?}");
    assert_eq!(
        clock(&[(hour, hour + SECOND, 0, day), (3 * day, 3 * day + SECOND, 0, day)]),
        Known::Still
    );
}
