//! Where the rows of a run go: into a file, or into memory where nobody wants files.
//!
//! Knows: both kinds of record. Must not know: what a row means.

use crate::engine::{MemoryRecord, Recorder};
use crate::exchange::Exchange;
use crate::store::{EndedEarly, Footer, Hold, RecordWriter, Row, StoreError};

pub(super) enum Keeper {
    File(Box<RecordWriter>),
    Memory(MemoryRecord),
}

impl Keeper {
    pub(super) fn hold(&self) -> Result<Option<Hold>, StoreError> {
        match self {
            Self::File(writer) => writer.hold().map(Some),
            Self::Memory(_) => Ok(None),
        }
    }

    pub(super) fn notes(&self) -> Vec<String> {
        match self {
            Self::File(writer) => writer.notes().to_vec(),
            Self::Memory(memory) => memory
                .0
                .iter()
                .filter_map(
                    |row| if let Row::Note { text } = row { Some(text.clone()) } else { None },
                )
                .collect(),
        }
    }

    /// Reads back what a report shows, where only outlines are kept.
    pub(super) fn recall(
        &mut self,
        which: impl FnOnce(&[&Exchange]) -> Vec<usize>,
    ) -> Result<(), StoreError> {
        match self {
            Self::File(writer) => {
                let which = which(&writer.outlines());
                writer.recall(&which)
            }
            Self::Memory(_) => Ok(()),
        }
    }

    pub(super) fn close(
        self,
        finished: jiff::Timestamp,
        ended_early: Option<EndedEarly>,
    ) -> Result<(Vec<Row>, Footer), StoreError> {
        match self {
            Self::File(writer) => writer.close(finished, ended_early),
            Self::Memory(memory) => {
                let footer = Footer {
                    finished,
                    rows: memory.0.len() as u64,
                    exchanges: memory.0.iter().filter(|row| matches!(row, Row::Exchange(_))).count()
                        as u64,
                    ended_early,
                    digest: String::new(),
                };
                Ok((memory.0, footer))
            }
        }
    }
}

impl Recorder for Keeper {
    fn row(&mut self, row: Row) -> Result<(), StoreError> {
        match self {
            Self::File(writer) => writer.row(row),
            Self::Memory(memory) => memory.row(row),
        }
    }

    fn exchange(&mut self, exchange: &Exchange) -> Result<(), StoreError> {
        match self {
            Self::File(writer) => writer.append_exchange(exchange),
            Self::Memory(memory) => memory.exchange(exchange),
        }
    }
}
