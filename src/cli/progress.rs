//! Progress while a run goes on: a bar on a terminal, and plain lines elsewhere.
//!
//! Knows: events and `indicatif`. Must not know: what is judged.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Event;
use crate::judge::Verdict;

use super::err;

/// A line on stderr that moves, and a line for each cause of failure as it comes; without a
/// terminal a line every now and then takes the place of the former, so that nobody who reads a
/// log takes a long run for one that hangs.
pub(super) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    told: Arc<Mutex<Told>>,
    /// Ends the lines every now and then when it is dropped.
    beat: Mutex<Option<Sender<()>>>,
}

/// What was seen and printed so far.
#[derive(Default)]
struct Told {
    causes: BTreeSet<String>,
    failed: u64,
    cases: usize,
    done: usize,
    /// What is under way.
    now: String,
    /// What was last seen of an appliance that isn't up yet.
    awaited: String,
    /// For how long cases have been running, in beats.
    beats: u32,
}

/// How often a line is printed where there is no terminal.
const BEAT: Duration = Duration::from_secs(30);
/// The bar before it is known how many cases there are.
const BEFORE: &str = "{spinner} {wide_msg}";
const BAR: &str = "{spinner} [{bar:24}] {pos}/{len}{prefix}, {eta} left  {wide_msg}";

/// Causes that are printed as they come; the report has all of them.
const MOST_CAUSES: usize = 12;
/// Columns of a line.
const MOST_COLUMNS: usize = 160;

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        styled(&bar, BEFORE);
        bar.enable_steady_tick(Duration::from_millis(120));
        let told = Arc::new(Mutex::new(Told::default()));
        let beat = (!quiet && !std::io::stderr().is_terminal())
            .then(|| beating(BEAT, Arc::clone(&told), |line| err(&line)));
        Self { bar, quiet, told, beat: Mutex::new(beat) }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn show(&self, event: Event) {
        match event {
            Event::Identified { target } => self.bar.set_message(target),
            Event::Awaiting { seen, left } => self.awaiting(&seen, left),
            Event::Started { cases } => {
                self.told().cases = cases;
                self.bar.set_length(cases as u64);
                styled(&self.bar, BAR);
                self.bar.reset_eta();
            }
            Event::CaseStarted { id } => {
                self.told().now.clone_from(&id);
                self.bar.set_message(id);
            }
            Event::Waiting { id, step, attempt } => {
                let now = format!("{id}: {step}, attempt {attempt}");
                self.told().now.clone_from(&now);
                self.bar.set_message(now);
            }
            Event::CaseFinished { id, verdict, why } => {
                if matches!(verdict, Verdict::Fail | Verdict::Unresolved) && !self.quiet {
                    self.tell(&id, verdict, why.as_deref().unwrap_or("no reason recorded"));
                }
                self.told().done += 1;
                self.bar.inc(1);
            }
        }
    }

    /// An appliance that isn't up yet: on a terminal with the time that is left, elsewhere a line
    /// whenever something else is seen.
    fn awaiting(&self, seen: &str, left: Duration) {
        let seen = flat(seen);
        let left = HumanDuration(left);
        self.bar.set_message(format!("waiting up to {left} for the appliance: {seen}"));
        let mut told = self.told();
        if told.awaited != seen {
            if self.bar.is_hidden() && !self.quiet {
                err(&format!(
                    "lxca-conform: the appliance isn't up yet; waiting for up to {left}: {seen}\n"
                ));
            }
            told.awaited = seen;
        }
    }

    /// One cause is one line, however many cases it fails.
    fn tell(&self, id: &str, verdict: Verdict, why: &str) {
        let mut told = self.told();
        told.failed += 1;
        self.bar.set_prefix(format!(", {} not passed", told.failed));
        if !told.causes.insert(why.to_owned()) || told.causes.len() > MOST_CAUSES + 1 {
            return;
        }
        let line = if told.causes.len() > MOST_CAUSES {
            "more causes are in the report".to_owned()
        } else {
            flat(&format!("{:<10} {id}: {why}", verdict.word()))
        };
        if self.bar.is_hidden() { err(&format!("{line}\n")) } else { self.bar.println(line) }
    }

    pub(super) fn done(&self) {
        drop(self.beat.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.bar.finish_and_clear();
    }
}

fn styled(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

/// Prints a line every now and then until what it gives back is dropped.
fn beating(
    every: Duration,
    told: Arc<Mutex<Told>>,
    print: impl Fn(String) + Send + 'static,
) -> Sender<()> {
    let (stop, stopped) = mpsc::channel();
    thread::spawn(move || {
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            let line = told.beat(every);
            drop(told);
            if let Some(line) = line {
                print(line);
            }
        }
    });
    stop
}

impl Told {
    /// Where the run is, once cases are running.
    fn beat(&mut self, every: Duration) -> Option<String> {
        if self.cases == 0 {
            return None;
        }
        self.beats += 1;
        let passed = every * self.beats;
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} not passed"),
        };
        // As long for each of the others as for those that are done.
        let left = match (u32::try_from(self.done), u32::try_from(self.cases)) {
            (Ok(done), Ok(cases)) if done > 0 && cases > done => {
                format!(", about {} left", HumanDuration(passed * (cases - done) / done))
            }
            _ => String::new(),
        };
        let now = if self.now.is_empty() { String::new() } else { format!("; now {}", self.now) };
        Some(
            flat(&format!(
                "lxca-conform: {} of {} cases{failed}{left}{now}",
                self.done, self.cases
            )) + "\n",
        )
    }
}

/// One line that steers no terminal.
fn flat(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|c| if crate::terms::is_hidden(c) { ' ' } else { c })
        .take(MOST_COLUMNS)
        .collect();
    if text.chars().nth(MOST_COLUMNS).is_some() {
        line.push('…');
    }
    line
}

/// A line on stderr that counts.
pub(super) struct Counter {
    bar: ProgressBar,
}

impl Counter {
    pub(super) fn new(total: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    pub(super) fn hide(&self) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    pub(super) fn count(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.inc(1);
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_every_now_and_then_says_where_a_long_run_is() {
        let told =
            Told { cases: 40, done: 10, failed: 2, now: "a::b".to_owned(), ..Told::default() };
        let (lines, printed) = mpsc::channel();
        let told = Arc::new(Mutex::new(told));
        let beat = beating(Duration::from_millis(1), Arc::clone(&told), move |line| {
            let _ = lines.send(line);
        });
        let first = printed.recv_timeout(Duration::from_secs(30)).expect("a line");
        assert!(first.starts_with("lxca-conform: 10 of 40 cases, 2 not passed, about "), "{first}");
        assert!(first.ends_with(" left; now a::b\n"), "{first}");
        // Nothing holds the printer once it is told to end.
        drop(beat);
        while printed.recv_timeout(Duration::from_secs(30)).is_ok() {}
        assert_eq!(printed.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[test]
    fn time_left_is_as_long_for_each_case_as_before() {
        let minute = Duration::from_secs(30);
        let mut told = Told { cases: 30, done: 10, ..Told::default() };
        assert_eq!(
            told.beat(minute).expect("a line"),
            "lxca-conform: 10 of 30 cases, about 60 seconds left\n"
        );
        assert_eq!(Told::default().beat(minute), None);
    }
}
