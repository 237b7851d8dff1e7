//! The order of a record's rows while cases run side by side: that of the plan, however the answers
//! come.
//!
//! Knows: which case a row is of, and how much waits. Must not know: what a row says, or where it
//! is kept.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::catalogue::Case;
use crate::record::Row;

/// No further case begins while the bodies of rows that wait for their turn are longer together.
const MOST_HELD: u64 = 8 * 1024 * 1024;

/// The rows of cases that run side by side. Those of the first unfinished case go on at once, those
/// of later ones wait until it has finished.
#[derive(Debug, Default)]
pub(super) struct Order {
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// The place of each case, by its id.
    places: BTreeMap<String, usize>,
    /// The first case that hasn't finished.
    first: usize,
    finished: Vec<bool>,
    held: BTreeMap<usize, Vec<Row>>,
    bytes: u64,
}

/// Whose row it is, where it is of a case.
fn case_of(row: &Row) -> Option<&str> {
    match row {
        Row::Exchange(exchange) => Some(&exchange.case),
        Row::LeftOut { case, .. }
        | Row::Intent { case, .. }
        | Row::Settled { case, .. }
        | Row::Stopped { case, .. } => Some(case),
        Row::Header(_)
        | Row::Identity(_)
        | Row::Facts { .. }
        | Row::Round { .. }
        | Row::Note { .. }
        | Row::Footer(_) => None,
    }
}

/// The bytes of the body that a row keeps, if it keeps one.
fn weight(row: &Row) -> u64 {
    match row {
        Row::Exchange(exchange) => exchange.got.as_ref().map_or(0, |got| got.body.bytes),
        _ => 0,
    }
}

impl Order {
    /// From here on these cases run side by side.
    pub(super) fn begin(&self, cases: &[&Case]) {
        let places = cases.iter().enumerate().map(|(place, case)| (case.id.clone(), place));
        *self.state() = State {
            places: places.collect(),
            finished: vec![false; cases.len()],
            ..State::default()
        };
    }

    /// Waits until a case may begin: the first unfinished one at once, and others while little
    /// waits for its turn.
    pub(super) async fn room(&self, place: usize) {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            {
                let state = self.state();
                if state.first == place || state.bytes <= MOST_HELD {
                    return;
                }
            }
            moved.await;
        }
    }

    /// Whether a row of this case has to wait for its turn.
    pub(super) fn must_wait(&self, case: &str) -> bool {
        let state = self.state();
        state.places.get(case).is_some_and(|place| *place > state.first)
    }

    /// The row, if it may be kept now; one of a case whose turn it isn't is held.
    pub(super) fn pass(&self, row: Row) -> Option<Row> {
        let mut state = self.state();
        let place = case_of(&row).and_then(|case| state.places.get(case)).copied();
        match place.filter(|place| *place > state.first) {
            Some(place) => {
                state.bytes += weight(&row);
                state.held.entry(place).or_default().push(row);
                None
            }
            None => Some(row),
        }
    }

    /// A case has finished: the rows whose turn it is now, in their order.
    pub(super) fn finish(&self, place: usize) -> Vec<Row> {
        let mut state = self.state();
        if let Some(finished) = state.finished.get_mut(place) {
            *finished = true;
        }
        let mut rows = Vec::new();
        while state.finished.get(state.first).copied().unwrap_or(false) {
            state.first += 1;
            let first = state.first;
            rows.append(&mut state.held.remove(&first).unwrap_or_default());
        }
        state.bytes -= rows.iter().map(weight).sum::<u64>();
        drop(state);
        self.moved.notify_waiters();
        rows
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
