//! From reports to a history: one run per record, in the order of time, each of one appliance.
//!
//! Knows: what a report says of its run and its target. Must not know: files.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::record::TargetKind;
use crate::report::{Report, State};

use super::model::{Appliance, History, Requirement, Run};

/// Why a report can't be part of a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nobody knows when its run began.
    #[error("its `started` isn't a time")]
    Time,
}

/// Takes reports, in any order.
#[derive(Debug, Default)]
pub struct Builder {
    places: BTreeMap<String, usize>,
    /// What each requirement is about, as the newest run says it.
    about: Vec<(Timestamp, Requirement)>,
    runs: Vec<Run>,
}

impl Builder {
    /// Adds a report. `record` is the digest of the record that lies beside it, which a report of
    /// an older build doesn't say itself.
    pub fn add(&mut self, from: &str, report: Report, record: Option<String>) -> Result<(), Unfit> {
        let started: Timestamp = report.started.parse().map_err(|_| Unfit::Time)?;
        let mut states: Vec<Option<State>> = vec![None; self.about.len()];
        for known in report.requirements {
            let next = self.about.len();
            let at = *self.places.entry(known.id.clone()).or_insert(next);
            let said = Requirement {
                id: known.id,
                operation: known.operation,
                statement: known.statement,
            };
            match self.about.get_mut(at) {
                Some((when, about)) if *when < started => (*when, *about) = (started, said),
                Some(_) => {}
                None => self.about.push((started, said)),
            }
            if states.len() <= at {
                states.resize(at + 1, None);
            }
            states[at] = Some(known.status);
        }
        self.runs.push(Run {
            from: from.to_owned(),
            also: Vec::new(),
            record: report.record.or(record),
            name: report.target.name,
            url: report.target.url,
            uuid: report.target.uuid,
            version: report.target.version,
            kind: report.target.kind,
            claim: report.claim,
            conclusion: report.conclusion,
            started,
            finished: report.finished,
            contract: report.contract.digest,
            states,
        });
        Ok(())
    }

    /// Whether no report was taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// All of it, in the order of time.
    #[must_use]
    pub fn history(self) -> History {
        let Self { places, about, mut runs } = self;
        // In the order of the ids.
        let order: Vec<usize> = places.into_values().collect();
        let mut about: Vec<Option<Requirement>> =
            about.into_iter().map(|(_, about)| Some(about)).collect();
        let requirements = order.iter().filter_map(|at| about[*at].take()).collect();
        for run in &mut runs {
            run.states = order.iter().map(|at| run.states.get(*at).copied().flatten()).collect();
        }
        // Of several reports of one run, the one that was written at its end comes first.
        let replay = |run: &Run| run.kind == TargetKind::Replay;
        runs.sort_by(|one, other| {
            (one.started, replay(one), &one.from).cmp(&(other.started, replay(other), &other.from))
        });
        let runs = distinct(runs);
        let appliances = appliances(&runs);
        History { runs, requirements, appliances }
    }
}

/// Each run once.
fn distinct(runs: Vec<Run>) -> Vec<Run> {
    let mut kept: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs {
        // Runs of one record began at one time, and so they are neighbours.
        let known = kept
            .iter_mut()
            .rev()
            .take_while(|known| known.started == run.started)
            .find(|known| is_same(known, &run));
        match known {
            Some(known) => {
                known.also.push(run.from);
                known.record = known.record.take().or(run.record);
            }
            None => kept.push(run),
        }
    }
    kept
}

fn is_same(one: &Run, other: &Run) -> bool {
    match (&one.record, &other.record) {
        (Some(one), Some(other)) => one == other,
        _ => (&one.finished, &one.name, &one.url) == (&other.finished, &other.name, &other.url),
    }
}

/// An appliance is known by the uuid that it tells, and else by the name of the target. All doubles
/// tell one uuid, so that among them a name that somebody gave counts first.
fn appliances(runs: &[Run]) -> Vec<Appliance> {
    let uuid_of_name: BTreeMap<&str, &str> = runs
        .iter()
        .filter(|run| run.kind == TargetKind::Live)
        .filter_map(|run| Some((run.name.as_str(), run.uuid.as_deref()?)))
        .collect();
    let key = |run: &Run| -> (bool, String) {
        let uuid = match run.kind {
            TargetKind::Live => run.uuid.as_deref(),
            _ if is_address(run) => run.uuid.as_deref(),
            _ => None,
        };
        let uuid = uuid.or_else(|| uuid_of_name.get(run.name.as_str()).copied());
        match uuid {
            Some(uuid) => (true, uuid.to_lowercase()),
            None => (false, run.name.clone()),
        }
    };
    let mut found: BTreeMap<(bool, String), Appliance> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        let appliance = found.entry(key(run)).or_insert_with(|| Appliance {
            name: String::new(),
            uuid: None,
            runs: Vec::new(),
        });
        appliance.name.clone_from(&run.name);
        appliance.uuid = run.uuid.clone().or_else(|| appliance.uuid.take());
        appliance.runs.push(at);
    }
    let mut found: Vec<Appliance> = found.into_values().collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    // Two appliances of one name are told apart.
    let names: Vec<String> = found.iter().map(|appliance| appliance.name.clone()).collect();
    let twice: BTreeSet<&String> =
        names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    for appliance in &mut found {
        if let (true, Some(uuid)) = (twice.contains(&appliance.name), &appliance.uuid) {
            appliance.name = format!("{} ({uuid})", appliance.name);
        }
    }
    found
}

/// Whether the target was named by its address only.
fn is_address(run: &Run) -> bool {
    let address = run.url.split("://").last().unwrap_or_default();
    run.name == run.url
        || run.name == address
        || address.rsplit_once(':').is_some_and(|(host, _)| run.name == host)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{at, report};
    use super::*;

    #[test]
    fn runs_stand_in_the_order_of_time_and_two_reports_of_one_count_once() {
        let mut builder = Builder::default();
        let mut again = report("lab", "4.1.0", &[("a/x", State::Broken)]);
        (again.started, again.record) = (at(1), Some("sha256:1".to_owned()));
        again.target.kind = TargetKind::Replay;
        let mut first = again.clone();
        first.target.kind = TargetKind::Live;
        first.requirements[0].status = State::Held;
        let mut older = first.clone();
        (older.started, older.record) = (at(0), None);
        builder.add("again", again, None).unwrap();
        builder.add("first", first, None).unwrap();
        builder.add("older", older.clone(), Some("sha256:0".to_owned())).unwrap();
        builder.add("copy", older, None).unwrap();
        let history = builder.history();
        let runs: Vec<(&str, &[String])> =
            history.runs.iter().map(|run| (run.from.as_str(), run.also.as_slice())).collect();
        assert_eq!(
            runs,
            [("copy", ["older".to_owned()].as_slice()), ("first", &["again".to_owned()])]
        );
        assert_eq!(history.runs[0].record.as_deref(), Some("sha256:0"));
        assert_eq!(history.runs[1].states, [Some(State::Held)]);
    }

    #[test]
    fn different_records_of_one_moment_are_different_runs() {
        let mut builder = Builder::default();
        for digest in ["sha256:1", "sha256:2"] {
            let mut one = report("lab", "4.1.0", &[("a/x", State::Held)]);
            (one.started, one.record) = (at(1), Some(digest.to_owned()));
            builder.add(digest, one, None).unwrap();
        }
        assert_eq!(builder.history().runs.len(), 2);
    }

    #[test]
    fn an_appliance_is_its_uuid_and_a_double_the_name_that_it_was_given() {
        let of = |targets: &[(&str, Option<&str>, TargetKind, &str)]| {
            let mut builder = Builder::default();
            for (index, (name, uuid, kind, url)) in targets.iter().enumerate() {
                let mut one = report(name, "4.1.0", &[("a/x", State::Held)]);
                one.started = at(i64::try_from(index).unwrap());
                one.target.uuid = uuid.map(str::to_owned);
                one.target.kind = *kind;
                one.target.url = (*url).to_owned();
                builder.add(name, one, None).unwrap();
            }
            let history = builder.history();
            history.appliances.into_iter().map(|one| (one.name, one.runs)).collect::<Vec<_>>()
        };
        let url = "https://192.0.2.10";
        assert_eq!(
            of(&[
                ("old", Some("U"), TargetKind::Live, url),
                ("new", Some("u"), TargetKind::Live, url)
            ]),
            [("new".to_owned(), vec![0, 1])]
        );
        // A run that couldn't ask for the uuid is of the appliance of its name.
        assert_eq!(
            of(&[("lab", None, TargetKind::Live, url), ("lab", Some("u"), TargetKind::Live, url)]),
            [("lab".to_owned(), vec![0, 1])]
        );
        assert_eq!(
            of(&[
                ("a", Some("u"), TargetKind::Double, url),
                ("b", Some("u"), TargetKind::Double, url)
            ]),
            [("a".to_owned(), vec![0]), ("b".to_owned(), vec![1])]
        );
        assert_eq!(
            of(&[
                ("127.0.0.1:1", Some("u"), TargetKind::Double, "http://127.0.0.1:1"),
                ("127.0.0.1:2", Some("u"), TargetKind::Double, "http://127.0.0.1:2")
            ]),
            [("127.0.0.1:2".to_owned(), vec![0, 1])]
        );
    }

    #[test]
    fn a_report_without_a_time_is_refused() {
        let mut timeless = report("lab", "4.1.0", &[]);
        timeless.started = "yesterday".to_owned();
        assert_eq!(Builder::default().add("t", timeless, None), Err(Unfit::Time));
    }
}
