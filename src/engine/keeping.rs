//! What a run keeps of itself, row by row.
//!
//! Knows: rows, and that reads which go on beside each other are kept in the order of the plan. Must
//! not know: what a row means.

use std::sync::PoisonError;

use crate::catalogue::Case;
use crate::exchange::Exchange;
use crate::record::Row;
use crate::store::StoreError;
use crate::why::Why;

use super::Engine;

/// Takes the rows of a record.
pub trait Recorder: Send {
    /// Keeps one row.
    fn row(&mut self, row: Row) -> Result<(), StoreError>;

    /// Keeps one exchange.
    fn exchange(&mut self, exchange: &Exchange) -> Result<(), StoreError> {
        self.row(Row::Exchange(Box::new(exchange.clone())))
    }
}

impl Recorder for crate::store::RecordWriter {
    fn row(&mut self, row: Row) -> Result<(), StoreError> {
        self.append(row)
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), StoreError> {
        self.append_exchange(exchange)
    }
}

/// Keeps rows in memory.
#[derive(Debug, Default)]
pub struct MemoryRecord(pub Vec<Row>);

impl Recorder for MemoryRecord {
    fn row(&mut self, row: Row) -> Result<(), StoreError> {
        self.0.push(row);
        Ok(())
    }
}

impl Engine<'_> {
    /// Keeps why a case was stopped from outside.
    pub(super) fn stopped_case(&self, case: &Case, why: Why, reason: &str) {
        let (case, reason) = (case.id.clone(), reason.to_owned());
        self.record(Row::Stopped { case, reason, why: Some(why) });
    }

    pub(super) fn record(&self, row: Row) {
        if let Some(row) = self.order.pass(row) {
            self.keep(row);
        }
    }

    pub(super) fn keep(&self, row: Row) {
        let kept = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).row(row);
        self.remember_failure(kept);
    }

    pub(super) fn record_exchange(&self, exchange: &Exchange) {
        if self.order.must_wait(&exchange.case) {
            self.record(Row::Exchange(Box::new(exchange.clone())));
            return;
        }
        let kept = self.recorder.lock().unwrap_or_else(PoisonError::into_inner).exchange(exchange);
        self.remember_failure(kept);
    }

    pub(super) fn remember_failure(&self, kept: Result<(), StoreError>) {
        if let Err(error) = kept {
            self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// The first row that couldn't be kept, if any.
    pub fn check_record(&self) -> Result<(), StoreError> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}
