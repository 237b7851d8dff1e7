//! Progress while a run goes on: on a terminal, and nowhere else.
//!
//! Knows: events and `indicatif`. Must not know: what is judged.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::event::Event;
use crate::judge::Verdict;

/// A line on stderr that moves.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    pub(super) fn show(&self, event: Event) {
        match event {
            Event::Identified { target } => self.bar.set_message(target),
            Event::Started { cases } => self.bar.set_length(cases as u64),
            Event::CaseStarted { id } => self.bar.set_message(id),
            Event::Waiting { id, step, attempt } => self.bar.set_message(format!("{id}: {step}, asked {attempt} times")),
            Event::CaseFinished { id, verdict } => {
                if matches!(verdict, Verdict::Fail | Verdict::Unresolved) {
                    self.bar.println(format!("{:<10} {id}", verdict.word()));
                }
                self.bar.inc(1);
            }
        }
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
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

    pub(super) fn count(&self, what: &str) {
        self.bar.set_message(what.to_owned());
        self.bar.inc(1);
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
