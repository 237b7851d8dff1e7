//! Targets of a fleet that are one appliance.
//!
//! Knows: the addresses of the targets, and what each run may do. Must not know: how a run is made.

use std::collections::BTreeMap;

use crate::address::Address;
use crate::catalogue::Effect;

use super::Run;

/// What is wrong with the targets, and what has to be said of them.
#[derive(Default)]
pub(super) struct Met {
    pub(super) problems: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Who would be asked by two runs at a time, of which one may change something: each would take
/// what the other does for the work of the appliance.
pub(super) fn met(runs: &[Run]) -> Met {
    let mut known: BTreeMap<String, &Run> = BTreeMap::new();
    let mut met = Met::default();
    for run in runs {
        let url = Address::parse(&run.target.url)
            .map_or_else(|_| run.target.url.clone(), |address| address.to_string());
        let Some(other) = known.insert(url, run) else { continue };
        if run.scope.allow.max(other.scope.allow) > Effect::Read {
            met.problems.push(format!(
                "use the targets {} and {} together: both are at {}, and a run that may change \
                    something must be the only one there; name one of them, or run them one after \
                    the other",
                other.target.name, run.target.name, run.target.url
            ));
        } else {
            met.notes.push(format!(
                "lxca-conform: the targets {} and {} are both at {}; each counts as an appliance\n",
                other.target.name, run.target.name, run.target.url
            ));
        }
    }
    met
}
