//! Progress of `depend`: a line that moves on a terminal; elsewhere a line for each finding, and
//! one now and then.
//!
//! Knows: what is found and `indicatif`. Must not know: how it is found.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::depend::Seen;
use crate::trial::News;

use super::err;

/// Where there is no terminal, a line says how far it is after so many runs.
const RUNS_PER_LINE: u64 = 50;

pub(super) struct Progress {
    bar: ProgressBar,
    quiet: bool,
    told: Mutex<u64>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:24}] {prefix} {wide_msg}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, quiet, told: Mutex::new(0) }
    }

    /// A line that stays.
    pub(super) fn line(&self, text: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() { err(&format!("{text}\n")) } else { self.bar.println(text) }
    }

    pub(super) fn news(&self, seen: &Seen, news: &News) {
        for (change, number) in &news.found {
            let element = &seen.elements[*number];
            let operation = &seen.operations[element.operation];
            let place = if element.path.is_empty() { "the answer" } else { &element.path };
            self.line(&format!(
                "  breaks when {}: {place} of {} {}",
                change.says(),
                operation.method,
                operation.path
            ));
        }
        let whole = news.made + news.to_come as u64;
        let how_far = format!("{} runs, about {} to come", news.made, news.to_come);
        self.bar.set_length(whole);
        self.bar.set_position(news.made);
        self.bar.set_prefix(format!("{how_far}, {}", rough(news.left)));
        self.bar.set_message(news.now.clone());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bar.is_hidden() && news.made >= *told + RUNS_PER_LINE {
            *told = news.made;
            self.line(&format!("{how_far}, {} left", rough(news.left)));
        }
    }

    pub(super) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

/// A length of time, as precise as it is known.
fn rough(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=90 => format!("{seconds} s"),
        91..=5400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}
