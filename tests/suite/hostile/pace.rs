//! How fast a run asks, and in which order it keeps what came.
//!
//! Knows: a server that counts and delays. Must not know: how cases run side by side.

use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::support::hostile_server::{Deed, Hostile, json};

use super::{Ran, run_with};

#[test]
fn no_more_requests_a_second_are_sent_than_allowed_also_side_by_side() {
    let server = Hostile::appliance(|_| Deed::Say(json("[]")));
    run_with(&server, &["{sftp-locks,nodes,fans,users,tasks}.*"], |target| {
        target.limits.requests_per_second = 10;
        target.limits.concurrency = 4;
    });
    let times: Vec<Instant> = server.asked().iter().map(|asked| asked.at).collect();
    assert!(times.len() >= 8, "{}", times.len());
    let (first, last) = (times[0], times[times.len() - 1]);
    let shortest = Duration::from_millis(100) * u32::try_from(times.len() - 1).expect("few");
    assert!(
        last - first + Duration::from_millis(400) >= shortest,
        "{} requests within {:?}",
        times.len(),
        last - first
    );
    for window in times.windows(11) {
        assert!(
            window[10] - window[0] >= Duration::from_millis(500),
            "eleven requests within {:?}",
            window[10] - window[0]
        );
    }
}

/// Of four requests that are under way together, the first is answered last.
#[test]
fn the_record_is_in_the_order_of_the_plan_however_the_answers_come() {
    let cases = |ran: &Ran| -> Vec<String> {
        let mut cases: Vec<String> =
            ran.record.exchanges().map(|exchange| exchange.case.clone()).collect();
        cases.dedup();
        cases
    };
    let right = || Deed::Say(json("[]"));
    let one_by_one = run_with(&Hostile::appliance(move |_| right()), &["*"], |target| {
        target.limits.concurrency = 1;
    });
    let come = Arc::new((Mutex::new(0), Condvar::new()));
    let server = Hostile::appliance(move |_| {
        let come = Arc::clone(&come);
        let number = {
            let mut count = come.0.lock().expect("a count");
            *count += 1;
            come.1.notify_all();
            *count
        };
        Deed::play(move |stream| {
            if number % 4 == 1 {
                let count = come.0.lock().expect("a count");
                let bound = Duration::from_millis(300);
                drop(come.1.wait_timeout_while(count, bound, |count| *count < number + 3));
            }
            stream.write_all(&json("[]"))
        })
    });
    let overtaken = run_with(&server, &["*"], |target| target.limits.concurrency = 4);
    let (planned, kept) = (cases(&one_by_one), cases(&overtaken));
    assert!(planned.len() > 20, "{planned:?}");
    assert_eq!(kept, planned);
    let judged = |ran: &Ran| -> Vec<String> {
        ran.report.cases.iter().map(|case| case.id.clone()).collect()
    };
    assert_eq!(judged(&overtaken), judged(&one_by_one));
}
