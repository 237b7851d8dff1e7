//! The log of requests on stderr: one line each, written by a thread of its own.
//!
//! Knows: how a line looks. Must not know: what is answered. A terminal or a pipe that stands still
//! never holds up the double: then lines are left out, and the log says how many.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::double::{Event, Observer};

/// How many lines may wait to be written.
const MOST_WAITING: usize = 4096;
/// How long lines are gathered: to be woken for each one costs more than to answer a request.
const GATHERED: Duration = Duration::from_millis(20);
/// How many bytes are written at once.
const AT_ONCE: usize = 64 * 1024;
/// How long the last lines may take when the double ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// A log that is being written.
pub(super) struct Log {
    written: Receiver<()>,
}

impl Log {
    /// Starts a log, and gives what is to be told of each request.
    pub(super) fn start() -> (Self, Observer) {
        let (sender, lines) = sync_channel::<Event>(MOST_WAITING);
        let (done, written) = sync_channel(1);
        let lost = Arc::new(AtomicU64::new(0));
        let left_out = Arc::clone(&lost);
        std::thread::spawn(move || {
            write(&lines, &left_out);
            let _ = done.send(());
        });
        (Self { written }, Observer::new(move |event| offer(&sender, &lost, event)))
    }

    /// Waits until the last line is written, if that doesn't take long. The observer must be gone.
    pub(super) fn end(self) {
        let _ = self.written.recv_timeout(FAREWELL);
    }
}

fn offer(sender: &SyncSender<Event>, lost: &AtomicU64, event: Event) {
    if sender.try_send(event).is_err() {
        lost.fetch_add(1, Ordering::Relaxed);
    }
}

fn write(events: &Receiver<Event>, lost: &AtomicU64) {
    while let Ok(first) = events.recv() {
        std::thread::sleep(GATHERED);
        let mut text = line(&first);
        for event in events.try_iter() {
            text.push_str(&line(&event));
            if text.len() >= AT_ONCE {
                super::err(&text);
                text.clear();
            }
        }
        super::err(&text);
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            super::err(&format!(
                "({lost} more requests are not in this log, because it could not be written fast \
                enough)\n"
            ));
        }
    }
}

/// Time, method, path, status, user, milliseconds; and the scripts that acted.
fn line(event: &Event) -> String {
    let status = event.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let user = event.user.as_deref().unwrap_or("-");
    let scripts =
        event.scripts.iter().map(|script| format!(" [{script}]")).collect::<Vec<_>>().concat();
    let took = event.took.as_secs_f64() * 1000.0;
    format!(
        "{} {} {} {status} {user} {took:.1} ms{scripts}\n",
        event.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
        event.method,
        event.path
    )
}
