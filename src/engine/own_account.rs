//! How often the run's own account was refused in a row, and with which words.
//!
//! Knows: exchanges with the run's own credentials. Must not know: what a refusal means for a case.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::catalogue::Auth;
use crate::exchange::Exchange;
use crate::own_words::own_words;

/// So many refusals in a row end a run, before the account is locked.
const MOST_REFUSALS: u32 = 3;

#[derive(Default)]
pub(super) struct OwnAccount {
    refused_in_a_row: AtomicU32,
    /// What the appliance said to the last of them.
    words: Mutex<Option<String>>,
    /// Held while a request is under way.
    under_way: RwLock<()>,
}

/// The permission to send one request.
pub(super) enum Turn<'a> {
    /// Others are under way.
    Beside { _held: RwLockReadGuard<'a, ()> },
    /// No other is.
    Alone { _held: RwLockWriteGuard<'a, ()> },
}

impl OwnAccount {
    /// Takes note of an exchange.
    pub(super) fn heard(&self, exchange: &Exchange) {
        let Some(got) = exchange.got.as_ref().filter(|_| exchange.sent.auth == Auth::Default)
        else {
            return;
        };
        if got.status == 401 {
            self.refused_in_a_row.fetch_add(1, Ordering::Relaxed);
            *self.words.lock().unwrap_or_else(PoisonError::into_inner) = own_words(got);
        } else {
            self.refused_in_a_row.store(0, Ordering::Relaxed);
        }
    }

    /// Waits for the turn of a request. After a refusal only one is under way at a time: four that
    /// run side by side would be refused four times and more before the third refusal is heard.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let refused = || self.refused_in_a_row.load(Ordering::Relaxed) > 0;
        if !refused() {
            let held = self.under_way.read().await;
            if !refused() {
                return Turn::Beside { _held: held };
            }
        }
        Turn::Alone { _held: self.under_way.write().await }
    }

    /// Whether it was refused so often that the appliance may lock it.
    pub(super) fn is_near_its_lock(&self) -> bool {
        self.refused_in_a_row.load(Ordering::Relaxed) >= MOST_REFUSALS
    }

    /// Why nothing more is sent, if so.
    pub(super) fn halts(&self) -> Option<String> {
        let words = self
            .words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .map_or_else(String::new, |words| format!(": {words}"));
        self.is_near_its_lock().then(|| {
            format!(
                "the credentials of the run were refused {MOST_REFUSALS} times in a row, so the \
                    rest wasn't sent{words}"
            )
        })
    }
}
