//! Progress while a run goes on: a bar on a terminal, and plain lines elsewhere.
//!
//! Knows: events and `indicatif`. Must not know: what is judged.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Event;
use crate::judge::Verdict;

use super::err;

/// A line on stderr that moves, and a line for each cause of failure as it comes; without a
/// terminal only the latter.
pub(super) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    told: Mutex<Told>,
}

/// What was printed so far.
#[derive(Default)]
struct Told {
    causes: BTreeSet<String>,
    failed: u64,
}

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
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len}{prefix} {wide_msg}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, quiet, told: Mutex::default() }
    }

    pub(super) fn show(&self, event: Event) {
        match event {
            Event::Identified { target } => self.bar.set_message(target),
            Event::Started { cases } => self.bar.set_length(cases as u64),
            Event::CaseStarted { id } => self.bar.set_message(id),
            Event::Waiting { id, step, attempt } => {
                self.bar.set_message(format!("{id}: {step}, attempt {attempt}"));
            }
            Event::CaseFinished { id, verdict, why } => {
                if matches!(verdict, Verdict::Fail | Verdict::Unresolved) && !self.quiet {
                    self.tell(&id, verdict, why.as_deref().unwrap_or("no reason recorded"));
                }
                self.bar.inc(1);
            }
        }
    }

    /// One cause is one line, however many cases it fails.
    fn tell(&self, id: &str, verdict: Verdict, why: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.bar.finish_and_clear();
    }
}

/// One line that steers no terminal.
fn flat(text: &str) -> String {
    let mut line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_COLUMNS).collect();
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
