//! Which appliances and versions the exchanges of recordings were with.
//!
//! Knows: addresses, media types, and where the contract says that an appliance names itself. Must
//! not know: how a recording is written, verdicts.

use std::collections::{BTreeMap, BTreeSet};

use crate::appliance::Identify;
use crate::exchange::Exchange;
use crate::identity::identity_of;
use crate::record::{Identity, RecordedAppliance, Recording};

/// Which appliances and versions were met; who it is where that is one.
pub(super) fn appliances(
    way: &Identify,
    exchanges: &[(String, usize, Exchange)],
    recording: &mut Recording,
) -> Identity {
    let told = |exchange: &Exchange| {
        let got = exchange.got.as_ref()?;
        let identity = identity_of(way, exchange);
        let identity = (got.status < 300 && identity.unrecognised.is_none()).then_some(identity);
        let version = got
            .header("content-type")
            .and_then(version_in)
            .or_else(|| identity.as_ref().and_then(|identity| identity.version.clone()));
        Some((version, identity))
    };
    let known: Vec<_> = exchanges.iter().map(|(.., exchange)| told(exchange)).collect();
    // Two appliances may have one address: a file has it from one of them.
    let mut versions: BTreeMap<(&str, usize), BTreeSet<&str>> = BTreeMap::new();
    for ((address, file, _), told) in exchanges.iter().zip(&known) {
        if let Some((Some(version), _)) = told {
            versions.entry((address, *file)).or_default().insert(version);
        }
    }
    let mut counts: BTreeMap<(String, Option<String>), u64> = BTreeMap::new();
    for ((address, file, exchange), told) in exchanges.iter().zip(&known) {
        let own = told.as_ref().and_then(|(version, _)| version.clone());
        let only = || {
            let all = versions.get(&(address.as_str(), *file))?;
            all.first().filter(|_| all.len() == 1).map(|version| (*version).to_owned())
        };
        let version = own.or_else(only);
        if let Some(version) = &version {
            recording.versions.insert(exchange.step.clone(), version.clone());
        }
        *counts.entry((address.clone(), version)).or_default() += 1;
    }
    recording.appliances = counts
        .into_iter()
        .map(|((address, version), exchanges)| RecordedAppliance { address, version, exchanges })
        .collect();
    let versions: BTreeSet<&String> =
        recording.appliances.iter().filter_map(|one| one.version.as_ref()).collect();
    let version = versions.first().filter(|_| versions.len() == 1).map(|only| (*only).clone());
    let mut identities: Vec<&Identity> =
        known.iter().flatten().filter_map(|(_, identity)| identity.as_ref()).collect();
    identities.dedup();
    let mut identity = match identities.as_slice() {
        [only] => (*only).clone(),
        _ => Identity::default(),
    };
    identity.version = version;
    identity
}

/// The version in a media type such as `application/com.example.product-v2.2.0+json`.
fn version_in(content_type: &str) -> Option<String> {
    let essence = crate::exchange::media_type(content_type);
    let (_, after) = essence.split('+').next()?.rsplit_once("-v")?;
    let numbers =
        after.split('.').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    (numbers && after.contains('.')).then(|| after.to_owned())
}
