//! What a query finds: requirements on one appliance whose states, from run to run, answer it.
//!
//! Knows: runs, states and queries. Must not know: how an answer is drawn.

use super::model::{Change, Found, History, Section, Track};
use super::query::{Cell, Query};

impl History {
    /// The answer to a query; without one, everything.
    #[must_use]
    pub fn find(&self, query: Option<&Query>) -> Found<'_> {
        let sections = self.appliances.iter().filter_map(|appliance| {
            // A run that no step can speak of would only be in the way.
            let runs: Vec<usize> = appliance
                .runs
                .iter()
                .copied()
                .filter(|run| {
                    query.is_none_or(|query| {
                        query.steps.iter().any(|step| step.may_speak_of(&self.runs[*run]))
                    })
                })
                .collect();
            let newest = appliance.runs.last().copied();
            let mut tracks: Vec<Track> = (0..self.requirements.len())
                .filter_map(|requirement| self.track(requirement, &runs, newest, query))
                .collect();
            // What changed last comes first among its like; ids are in order already.
            tracks.sort_by_key(|track| {
                (track.change, std::cmp::Reverse(track.changed), track.requirement)
            });
            (!tracks.is_empty()).then_some(Section { appliance, runs, tracks })
        });
        Found {
            history: self,
            query: query.map(|query| query.text().to_owned()),
            sections: sections.collect(),
        }
    }

    fn track(
        &self,
        requirement: usize,
        runs: &[usize],
        newest: Option<usize>,
        query: Option<&Query>,
    ) -> Option<Track> {
        let states: Vec<_> = runs.iter().map(|run| self.runs[*run].states[requirement]).collect();
        if states.iter().all(Option::is_none) {
            return None;
        }
        let cell = |place: usize| Cell {
            requirement: &self.requirements[requirement].id,
            run: &self.runs[runs[place]],
            state: states[place],
            latest: newest == Some(runs[place]),
        };
        let matched = match query.map(|query| query.steps.as_slice()) {
            None => Vec::new(),
            Some([step]) => {
                // A run whose contract hasn't got the requirement says nothing of it.
                let holds = |place: &usize| states[*place].is_some() && step.holds(cell(*place));
                let matched: Vec<usize> = (0..runs.len()).filter(holds).collect();
                if matched.is_empty() {
                    return None;
                }
                matched
            }
            Some(steps) => {
                let mut next = 0;
                let mut matched = Vec::with_capacity(steps.len());
                for step in steps {
                    let place = (next..runs.len())
                        .find(|place| states[*place].is_some() && step.holds(cell(*place)))?;
                    matched.push(place);
                    next = place + 1;
                }
                matched
            }
        };
        let (change, changed) = Change::of(&states);
        Some(Track { requirement, states, change, changed, matched })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::history;
    use super::*;

    /// Appliance, requirement and the matched runs of each answer.
    fn asked(query: &str) -> Vec<(String, String, Vec<usize>)> {
        let history = history();
        let query = Query::parse(query).unwrap();
        let found = history.find(Some(&query));
        found
            .sections
            .iter()
            .flat_map(|section| {
                section.tracks.iter().map(|track| {
                    (
                        section.appliance.name.clone(),
                        history.requirements[track.requirement].id.clone(),
                        track.matched.iter().map(|place| section.runs[*place]).collect(),
                    )
                })
            })
            .collect()
    }

    fn one(appliance: &str, id: &str, runs: &[usize]) -> (String, String, Vec<usize>) {
        (appliance.to_owned(), id.to_owned(), runs.to_vec())
    }

    // The runs: lab 4.1.0 (0), stage 4.1.0 (1), lab 4.2.0 (2), lab 4.3.0 (3).

    #[test]
    fn a_sequence_holds_in_later_runs_of_one_appliance() {
        assert_eq!(asked("held then broken"), [one("lab", "rows/id", &[0, 2])]);
        assert_eq!(asked("broken then held"), [one("lab", "rows/time", &[0, 2])]);
        assert_eq!(asked("held then broken then held"), []);
        // In another appliance it was held before it was broken here.
        assert_eq!(asked("appliance stage and held then broken"), []);
        assert_eq!(
            asked("version 4.1 and held then version 4.2 and broken"),
            [one("lab", "rows/id", &[0, 2])]
        );
        assert_eq!(asked("version 4.3 and held then broken"), []);
    }

    #[test]
    fn terms_of_one_step_hold_in_one_run() {
        assert_eq!(
            asked("broken"),
            [one("lab", "rows/id", &[2, 3]), one("lab", "rows/time", &[0])]
        );
        assert_eq!(asked("broken and latest"), [one("lab", "rows/id", &[3])]);
        assert_eq!(asked("requirement *time and broken"), [one("lab", "rows/time", &[0])]);
        assert_eq!(asked("appliance stage broken"), []);
        assert_eq!(asked("appliance st* and requirement */id"), [one("stage", "rows/id", &[1])]);
        assert_eq!(asked("requirement nothing.*"), []);
        assert_eq!(asked("(version 4.1.0 or version 4.3.0) and broken").len(), 2);
    }

    #[test]
    fn runs_that_no_step_can_speak_of_are_left_out() {
        let history = history();
        let query = Query::parse("version <4.3").unwrap();
        let found = history.find(Some(&query));
        assert_eq!(found.sections[0].runs, [0, 2]);
        let query = Query::parse("broken").unwrap();
        assert_eq!(history.find(Some(&query)).sections[0].runs, [0, 2, 3]);
    }

    #[test]
    fn what_changed_comes_first() {
        let history = history();
        let found = history.find(None);
        let order: Vec<(&str, Change)> = found.sections[0]
            .tracks
            .iter()
            .map(|track| (history.requirements[track.requirement].id.as_str(), track.change))
            .collect();
        assert_eq!(
            order,
            [
                ("rows/id", Change::NewlyBroken),
                ("rows/time", Change::Fixed),
                ("rows/new", Change::Differs),
                ("one/uuid", Change::Same),
            ]
        );
    }
}
