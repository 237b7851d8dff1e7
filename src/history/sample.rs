//! A history for tests: three runs of one appliance, one of another.
//!
//! Knows: the model. Must not know: files.

use crate::report::sample::conformant;
use crate::report::{Report, RequirementState, State};

use super::collect::Builder;
use super::model::History;

/// The beginning of a run.
pub(super) fn at(hour: i64) -> String {
    format!("2026-01-01T{hour:02}:00:00.000Z")
}

/// A report of a live appliance with these states.
pub(super) fn report(name: &str, version: &str, states: &[(&str, State)]) -> Report {
    let mut report = conformant();
    let known = report.requirements[0].clone();
    name.clone_into(&mut report.target.name);
    report.target.version = Some(version.to_owned());
    report.target.uuid = Some(format!("uuid-of-{name}"));
    report.requirements = states
        .iter()
        .map(|(id, status)| RequirementState {
            id: (*id).to_owned(),
            statement: format!("What {id} says <b>boldly</b>"),
            status: *status,
            ..known.clone()
        })
        .collect();
    report
}

/// Ids and what became of them.
type States = &'static [(&'static str, State)];

/// Runs of `lab` and `stage`.
pub(super) fn history() -> History {
    use State::{Broken, Held, NotExercised};
    let mut builder = Builder::default();
    let runs: [(&str, &str, States); 4] = [
        ("lab", "4.1.0", &[("rows/id", Held), ("rows/time", Broken), ("one/uuid", Held)]),
        ("stage", "4.1.0", &[("rows/id", Held), ("rows/time", Held), ("one/uuid", Held)]),
        (
            "lab",
            "4.2.0",
            &[("rows/id", Broken), ("rows/time", Held), ("one/uuid", Held), ("rows/new", Held)],
        ),
        (
            "lab",
            "4.3.0",
            &[
                ("rows/id", Broken),
                ("rows/time", NotExercised),
                ("one/uuid", Held),
                ("rows/new", Held),
            ],
        ),
    ];
    // Not in the order of time.
    for (hour, (name, version, states)) in runs.iter().enumerate().rev() {
        let mut one = report(name, version, states);
        one.started = at(i64::try_from(hour).unwrap_or_default());
        let from = format!("reports/{name}-{version}");
        assert!(builder.add(&from, one, None).is_ok());
    }
    builder.history()
}
