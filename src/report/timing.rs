//! How long the target took, by operation.
//!
//! Knows: exchanges and the contract's paths. Judges nothing: time is information. Must not know:
//! how it is drawn.

use std::collections::BTreeMap;

use crate::contract::{Contract, operation_of};
use crate::exchange::Exchange;

use super::model::Timing;

/// The times of every operation that answered, in the order of the ids.
#[must_use]
pub fn timings(contract: &Contract, exchanges: &[&Exchange]) -> Vec<Timing> {
    let mut by_operation: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for exchange in exchanges.iter().filter(|exchange| exchange.got.is_some()) {
        if let Some(operation) =
            operation_of(contract, &exchange.sent.method, &exchange.sent.target)
        {
            by_operation.entry(operation).or_default().push(exchange.took_us);
        }
    }
    let row = |(operation, mut times): (&str, Vec<u64>)| {
        times.sort_unstable();
        let rank =
            |percent: usize| milliseconds(times[(times.len() * percent).div_ceil(100).max(1) - 1]);
        Timing {
            operation: operation.to_owned(),
            samples: times.len() as u64,
            median_ms: rank(50),
            p95_ms: rank(95),
            max_ms: rank(100),
        }
    };
    by_operation.into_iter().map(row).collect()
}

/// Microseconds as milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "an f64 holds the microseconds of 285 years exactly"
)]
pub(super) fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
