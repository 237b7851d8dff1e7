//! A session that ends in mid-run: it is opened anew once, and no write is sent twice.
//!
//! Knows: a clock that is moved, and sessions that somebody else closes. Must not know: how the end
//! of one is seen.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use lxca_conform::builtin::DoubleTime;
use lxca_conform::catalogue::Effect;
use lxca_conform::conduct::Outcome;
use lxca_conform::double::Options;
use lxca_conform::engine::Pace;
use lxca_conform::event::Event;

use crate::support::wire::Recorder;

use super::{Asked, double, logins, quiet, runtime, sessions, throw_out};

#[test]
fn a_session_that_expires_in_mid_run_is_opened_anew_once_and_no_verdict_changes() {
    runtime().block_on(async {
        for concurrency in [1, 8] {
            let (double, pace) = double(Options::default()).await;
            let started = AtomicUsize::new(0);
            let observer = |event: Event| {
                if matches!(event, Event::CaseStarted { .. })
                    && started.fetch_add(1, Ordering::SeqCst) == 5
                {
                    double.clock().advance(Duration::from_mins(1441));
                }
            };
            // The longest run is shorter than a session's life, so its bound is out of the way.
            let outcome = long(Asked { concurrency, ..Asked::of(&double) }, &pace, &observer).await;
            assert_eq!(
                (outcome.report.summary.cases.fail, outcome.report.summary.cases.unresolved),
                (0, 0),
                "concurrency {concurrency}: {:?}",
                outcome.report.because
            );
            assert_eq!(logins(&double), 2, "concurrency {concurrency}");
            assert_eq!(sessions(&double), (0, 1), "concurrency {concurrency}");
            assert!(
                outcome
                    .report
                    .notes
                    .iter()
                    .any(|note| note.contains("expired and was opened again")),
                "{:?}",
                outcome.report.notes
            );
        }
    });
}

#[test]
fn a_session_that_somebody_else_closes_is_opened_anew_once_and_never_a_second_time() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        let started = AtomicUsize::new(0);
        let observer = |event: Event| {
            if matches!(event, Event::CaseStarted { .. })
                && [3, 7].contains(&started.fetch_add(1, Ordering::SeqCst))
            {
                throw_out(&double);
            }
        };
        let recorder = Recorder::before(double.url());
        let outcome =
            Asked { live: Some(&recorder), ..Asked::of(&double) }.run(&pace, &observer).await;
        assert_eq!(logins(&double), 2);
        assert_eq!(sessions(&double), (0, 1));
        assert_eq!(double.with_state(|state| state.failed_logins_ever("USERID")), 0);
        assert!(outcome.report.summary.cases.unresolved > 0, "{:?}", outcome.report.summary.cases);
        assert!(
            outcome.report.because.contains("refused") || outcome.report.ended_early.is_some(),
            "{}",
            outcome.report.because
        );
    });
}

#[test]
fn a_write_is_sent_once_when_the_session_expired_before_it() {
    runtime().block_on(async {
        let (double, pace) = double(Options::default()).await;
        // The session ends just before the write, as far as the run can see.
        let refused = AtomicBool::new(false);
        let recorder = Recorder::between(double.url(), move |seen| {
            let first = seen.line() == "POST /aicc/service/sftp/locks"
                && !refused.swap(true, Ordering::SeqCst);
            first.then(|| {
                b"HTTP/1.1 401 Unauthorized\r\ncontent-type: \
                application/json\r\ncontent-length: 2\r\n\r\n{}"
                    .to_vec()
            })
        });
        let outcome = Asked {
            live: Some(&recorder),
            allow: Effect::Write,
            filters: vec!["sftp-locks.create::creates-a-lock".to_owned()],
            ..Asked::of(&double)
        }
        .run(&pace, &quiet)
        .await;
        assert_eq!((outcome.report.summary.cases.pass, logins(&double)), (1, 2));
        // The first was refused for its session, the second made the lock, and that one was
        // deleted.
        assert_eq!(
            recorder.lines().iter().filter(|line| *line == "POST /aicc/service/sftp/locks").count(),
            2
        );
        assert_eq!(double.with_state(|state| state.served("POST", "/aicc/service/sftp/locks")), 1);
        // The run knows of the second session alone.
        assert_eq!(sessions(&double), (1, 2));
    });
}

/// A run whose time bounds are longer than a session's life.
async fn long(asked: Asked<'_>, time: &DoubleTime, observer: &(dyn Fn(Event) + Sync)) -> Outcome {
    asked.run(&Still { time: time.clone(), at: time.now() }, observer).await
}

/// Time that stands still for the run, whatever the double's clock does.
struct Still {
    time: DoubleTime,
    at: Timestamp,
}

impl Pace for Still {
    fn now(&self) -> Timestamp {
        self.at
    }

    fn pause<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.time.pause(duration)
    }
}
