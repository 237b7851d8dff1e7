//! How long the target took, by operation.
//!
//! Knows: exchanges and the contract's paths. Judges nothing: time is information. Must not know:
//! how it is drawn.

use std::collections::BTreeMap;

use crate::contract::Contract;
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

/// The operation that a request line addresses: the one with the fewest place-holders, where
/// several match.
#[must_use]
pub fn operation_of<'a>(contract: &'a Contract, method: &str, target: &str) -> Option<&'a str> {
    let path = target.split('?').next().unwrap_or_default();
    let matching = contract
        .operations
        .values()
        .filter(|operation| operation.method == method && matches(&operation.path, path));
    matching
        .min_by_key(|operation| operation.path.matches('{').count())
        .map(|operation| operation.id.as_str())
}

fn matches(template: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found))
                if wanted == found || (wanted.starts_with('{') && !found.is_empty()) => {}
            _ => return false,
        }
    }
}

/// Microseconds as milliseconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "an f64 holds the microseconds of 285 years exactly"
)]
pub(super) fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_takes_one_whole_segment() {
        assert!(matches("/tasks/{job_list}", "/tasks/1,2"));
        assert!(!matches("/tasks/{job_list}", "/tasks"));
        assert!(!matches("/tasks/{job_list}", "/tasks/"));
        assert!(!matches("/tasks", "/tasks/1"));
    }
}
