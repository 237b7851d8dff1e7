//! Keeps what passed: a row of the record and an entry of the HAR for each exchange, without
//! secrets, as soon as it is over. What was refused is in the record only.
//!
//! Knows: the record's writer, the keeper of recordings. The work is done on a thread of its own,
//! so that no other exchange waits for it. Must not know: sockets.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::appliance::Login;
use crate::exchange::{Fault, FaultKind};
use crate::record::Header;
use crate::recording::{Keeper, Seen};
use crate::report::{har_entry, har_frame};
use crate::store::{EndedEarly, Footer, GrowingFile, RecordWriter, Row, StoreError};

/// The HAR beside the record.
pub const HAR_FILE: &str = "exchanges.har";

/// Where exchanges are kept.
#[derive(Clone, Debug)]
pub struct Keep {
    inner: Arc<Mutex<Inner>>,
    failed: Arc<watch::Sender<bool>>,
}

#[derive(Debug)]
struct Inner {
    keeper: Keeper,
    /// None once it is closed.
    record: Option<RecordWriter>,
    har: GrowingFile,
    url: String,
    kept: Kept,
    error: Option<StoreError>,
}

/// What was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Exchanges.
    pub exchanges: u64,
    /// Those that the appliance answered.
    pub answered: u64,
    /// Those that the proxy didn't pass on.
    pub refused: u64,
}

impl Keep {
    /// A record and a HAR in a folder that is taken for them; of the body of an exchange, so many
    /// bytes are kept.
    pub fn new(
        folder: &std::path::Path,
        mut record: RecordWriter,
        header: Header,
        most: u64,
        login: Option<&Login>,
    ) -> Result<Self, StoreError> {
        let (open, close) = har_frame(&header.tool, &header.target);
        let har = GrowingFile::begin(&folder.join(HAR_FILE), &open, close)?;
        let url = header.target.url.clone();
        record.append(Row::Header(Box::new(header)))?;
        let inner = Inner {
            keeper: Keeper::new(most, login),
            record: Some(record.without_copies()),
            har,
            url,
            kept: Kept::default(),
            error: None,
        };
        Ok(Self { inner: Arc::new(Mutex::new(inner)), failed: Arc::new(watch::channel(false).0) })
    }

    /// Keeps an exchange; it is in the files when this is over.
    pub(super) async fn exchange(&self, seen: Seen) {
        let keep = self.clone();
        // A thread that panicked would be told of by the panic itself.
        let _ = tokio::task::spawn_blocking(move || {
            let mut inner = keep.locked();
            if let Err(error) = inner.exchange(seen) {
                inner.error.get_or_insert(error);
                let _ = keep.failed.send_replace(true);
            }
        })
        .await;
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ready when something couldn't be written.
    pub(super) async fn failed(&self) {
        let mut failed = self.failed.subscribe();
        let _ = failed.wait_for(|failed| *failed).await;
    }

    /// What was kept so far.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.locked().kept
    }

    /// Text without the secrets that are known by now.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.locked().keeper.text(text)
    }

    /// Adds a note to the record, without secrets.
    pub fn note(&self, text: &str) -> Result<(), StoreError> {
        let mut inner = self.locked();
        let text = inner.keeper.text(text);
        inner.record.as_mut().map_or(Ok(()), |record| record.append(Row::Note { text }))
    }

    /// Closes the record; an error where something couldn't be written, now or before.
    pub fn close(
        &self,
        at: jiff::Timestamp,
        early: Option<EndedEarly>,
    ) -> Result<Option<Footer>, StoreError> {
        let mut inner = self.locked();
        if let Some(error) = inner.error.take() {
            return Err(error);
        }
        let Some(record) = inner.record.take() else { return Ok(None) };
        record.close(at, early).map(|(_, footer)| Some(footer))
    }
}

impl Inner {
    fn exchange(&mut self, seen: Seen) -> Result<(), StoreError> {
        let exchange = self.keeper.keep(seen);
        let kept = &mut self.kept;
        kept.exchanges += 1;
        kept.answered += u64::from(exchange.got.is_some());
        let is_refused = |fault: &Fault| fault.kind == FaultKind::Refused;
        kept.refused += u64::from(exchange.fault.as_ref().is_some_and(is_refused));
        if let Some(record) = &mut self.record {
            record.append_exchange(&exchange)?;
        }
        // What was never sent is no exchange with the appliance, which a HAR can't say.
        if exchange.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::Refused) {
            return Ok(());
        }
        self.har.add(&har_entry(&exchange, &self.url))
    }
}
