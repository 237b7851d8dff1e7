//! Waits for an appliance that is starting, such as after the reboot of an upgrade.
//!
//! Knows: what an appliance that is only starting looks like from outside, and for how long it is
//! asked again. Must not know: cases, terminals.

use std::time::Duration;

use tokio::sync::watch;

use crate::event::Event;
use crate::exchange::{Exchange, FaultKind};
use crate::identify::{self, Probe};
use crate::pace::Pace;
use crate::record::EndedEarly;
use crate::target::Expected;
use crate::transport::Transport;
use crate::why::EndKind;

/// The pause after the first question; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(10);

/// The first questions of a run, and what there is to say of how long they took.
pub(super) struct Waited {
    pub(super) probe: Probe,
    pub(super) note: Option<String>,
}

/// Asks the target who it is, again and again while it is only starting, for as long as `patience`
/// lasts. A login that was accepted isn't repeated. The last question may be answered a little
/// later, for none is broken off.
pub(super) async fn probe(
    transport: &Transport,
    pace: &dyn Pace,
    expected: &Expected,
    patience: Duration,
    observer: &(dyn Fn(Event) + Sync),
    mut stop: Option<watch::Receiver<bool>>,
) -> Waited {
    let begun = pace.now();
    let mut pause = FIRST;
    let mut login: Option<Exchange> = None;
    let mut questions = 0_u32;
    loop {
        let probe = match &login {
            Some(login) => identify::ask(transport, pace, expected, Some(login.clone())).await,
            None => identify::probe(transport, pace, expected).await,
        };
        questions += 1;
        let passed = Duration::try_from(pace.now().duration_since(begun)).unwrap_or_default();
        let Some(seen) = starting(&probe).filter(|_| !patience.is_zero()) else {
            let note = (questions > 1).then(|| {
                format!(
                    "The appliance wasn't up at first: it was waited for {} and asked {questions} \
                        times; only the last answer is in the record.",
                    words(passed)
                )
            });
            return Waited { probe, note };
        };
        let left = patience.saturating_sub(passed);
        let stopped = stop.as_ref().is_some_and(|stop| *stop.borrow());
        if left.is_zero() || stopped {
            return Waited {
                probe: given_up(probe, transport, patience, &seen, stopped),
                note: None,
            };
        }
        observer(Event::Awaiting { seen, left });
        // Who it is was asked, so the login was accepted; a page in place of an answer accepts
        // none.
        if probe.exchange.is_some() {
            login = probe.login.filter(|login| looks_starting(login).is_none());
        }
        let rest = pace.pause(pause.min(left));
        match &mut stop {
            Some(stop) => {
                tokio::select! {
                    () = rest => {}
                    _ = stop.changed() => {}
                }
            }
            None => rest.await,
        }
        pause = (pause * 2).min(LONGEST);
    }
}

/// What was seen of an appliance that is only starting; none of one that is up, and of one that
/// won't be, such as one whose certificate or whose answer to the login is a refusal.
fn starting(probe: &Probe) -> Option<String> {
    [&probe.login, &probe.exchange].into_iter().flatten().find_map(looks_starting)
}

/// The same of one exchange.
fn looks_starting(exchange: &Exchange) -> Option<String> {
    let asked = format!("{} {}", exchange.sent.method, exchange.sent.target);
    if let Some(fault) = &exchange.fault {
        let passes = match fault.kind {
            FaultKind::Connect | FaultKind::Timeout | FaultKind::Closed => true,
            FaultKind::Tls => fault.handshake_ended,
            _ => false,
        };
        return passes
            .then(|| format!("no answer to {asked} ({}): {}", fault.kind.word(), fault.message));
    }
    let got = exchange.got.as_ref()?;
    let page = got.is_page();
    let waits = matches!(got.status, 502..=504);
    // Where credentials are refused, a page says so.
    let waits = waits || (page && !matches!(got.status, 401 | 403));
    let what = if page { " with a page (text/html)" } else { "" };
    waits.then(|| format!("{asked} answered {}{what}", got.status))
}

fn given_up(
    probe: Probe,
    transport: &Transport,
    patience: Duration,
    seen: &str,
    stopped: bool,
) -> Probe {
    let (kind, what) = if stopped {
        (EndKind::Interrupted, format!("interrupted while waiting for {}", transport.base()))
    } else {
        let what = format!("{} wasn't up within {} (--wait)", transport.base(), words(patience));
        (EndKind::Unreachable, what)
    };
    Probe { outcome: Err(EndedEarly { kind, what: format!("{what}; last seen: {seen}") }), ..probe }
}

/// A length of time, to the second where it is longer than one.
fn words(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        return format!("{} ms", time.as_millis());
    }
    let seconds = time.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
