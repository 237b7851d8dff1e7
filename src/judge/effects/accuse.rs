//! Who is accused of an effect, and in which words.
//!
//! Knows: how a search ended, and the refused requests that it was about. Must not know: how a
//! search goes on.

use std::collections::BTreeMap;

use crate::contract::Severity;
use crate::judge::verdict::Finding;
use crate::plan::Watched;

use super::hunt::{Hunt, Outcome, What};
use super::listed::places_of;
use super::{Class, Effects, Refused};

impl<'a> Effects<'a> {
    pub(super) fn class(&self, hunt: &Hunt<'a>, place: usize) -> Class<'a> {
        let refused = &self.refused[place];
        (hunt.listed(), hunt.what(), refused.case.operation.clone(), refused.auth, refused.status)
    }

    pub(super) fn conclude(&mut self) {
        let Some(hunt) = self.hunt.take() else { return };
        match hunt.outcome() {
            Outcome::Found(place) if hunt.is_beside() => {
                self.accuse(&hunt, place, "both times that it was sent");
            }
            Outcome::Found(place) => {
                self.proved.push(self.class(&hunt, place));
                self.accuse(&hunt, place, "each of four times that it was sent");
                self.accomplices(&hunt, place);
            }
            Outcome::NotFound(_) if hunt.is_beside() => {}
            Outcome::NotFound(why) => {
                self.fruitless += 1;
                let Some(refused) =
                    hunt.candidates().first().and_then(|place| self.refused.get(*place))
                else {
                    return;
                };
                let requests = match hunt.candidates().len() {
                    1 => "a request that was refused".to_owned(),
                    several => format!("{several} requests that were refused"),
                };
                let actual = format!(
                    "{} after {requests}; {why}, so no request is accused",
                    hunt.seen_in_words()
                );
                self.charges.push((
                    refused.case.id.clone(),
                    Finding {
                        severity: Severity::Observation,
                        ..self.finding(&hunt, refused, actual)
                    },
                ));
            }
        }
    }

    /// More appeared than one request brings about: those of the group that stand for another
    /// requirement are searched too, each on its own.
    fn accomplices(&mut self, hunt: &Hunt<'a>, found: usize) {
        if !hunt.has_accomplices() {
            return;
        }
        let mut others: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for place in hunt.candidates() {
            let requirement = self.refused[*place].requirement.as_str();
            if requirement != self.refused[found].requirement && !self.is_accused(requirement) {
                others.entry(requirement).or_default().push(*place);
            }
        }
        let beside: Vec<Hunt<'a>> =
            others.into_values().map(|candidates| hunt.beside(candidates)).collect();
        self.due.extend(beside);
    }

    pub(super) fn is_accused(&self, requirement: &str) -> bool {
        self.charges.iter().any(|(_, finding)| {
            finding.requirement == requirement && finding.severity > Severity::Observation
        })
    }

    pub(super) fn accuse(&mut self, hunt: &Hunt<'a>, place: usize, how_often: &str) {
        let refused = &self.refused[place];
        let actual =
            format!("refused with {}, and yet {}, {how_often}", refused.status, hunt.deed());
        let finding = self.finding(hunt, refused, actual);
        if !hunt.ids().is_empty() {
            self.notes.push(format!(
                "{} was refused with {}, and yet there {}: {}.",
                refused.case.id,
                refused.status,
                hunt.appeared(),
                hunt.ids().join(", ")
            ));
        }
        self.charges.push((refused.case.id.clone(), finding));
    }

    fn finding(&self, hunt: &Hunt<'a>, refused: &Refused<'_>, actual: String) -> Finding {
        let listing = self
            .contract
            .operations
            .get(&hunt.listed().list.operation)
            .and_then(|operation| operation.rows(200).next());
        let (requirement, expected) = match (hunt.what(), listing) {
            (What::Fails, Some(row)) => (
                row.requirement.clone(),
                format!("an unchanged list of {}", hunt.listed().list.name),
            ),
            _ => (
                refused.requirement.clone(),
                "no effect, because the request was refused".to_owned(),
            ),
        };
        let step = refused.case.steps.first().map_or_else(String::new, |step| step.name.clone());
        Finding {
            check: "effect".to_owned(),
            severity: self.contract.severity(&requirement),
            requirement,
            pointer: String::new(),
            expected,
            actual,
            step,
            more: None,
            closed: false,
        }
    }

    /// Copies that appeared, and originals that went: what no search can bring about a second time.
    pub(super) fn places(
        &mut self,
        listed: Watched<'a>,
        pending: &[usize],
        new: Vec<String>,
        gone: Vec<String>,
    ) {
        if self.hunt.is_some() || !self.due.is_empty() {
            // A job appeared that may be the one that did it.
            return;
        }
        for (place, appeared) in new
            .into_iter()
            .map(|place| (place, true))
            .chain(gone.into_iter().map(|place| (place, false)))
        {
            let named = |number: &&usize| {
                self.refused[**number]
                    .body
                    .as_deref()
                    .is_some_and(|body| places_of(listed.list, body, &place, appeared))
            };
            let asked: Vec<usize> = pending.iter().filter(named).copied().collect();
            let Some(first) = asked.first().copied() else { continue };
            let refused = &self.refused[first];
            let alone =
                asked.iter().all(|number| self.refused[*number].requirement == refused.requirement);
            if self.is_accused(&refused.requirement) {
                continue;
            }
            let what = if appeared {
                format!("the {} that it asks for is there", listed.list.thing())
            } else {
                format!("the {} that it names is gone from there", listed.list.row)
            };
            let actual = format!("refused with {}, and yet {what}", refused.status);
            let hunt = Hunt::new(listed, What::Appears, asked, vec![place.clone()]);
            let mut finding = self.finding(&hunt, refused, actual);
            if !alone {
                // Which of them did it can't be told.
                finding.severity = Severity::Observation;
            }
            self.notes.push(format!(
                "{} was refused with {}, and yet {what}: {place}.",
                refused.case.id, refused.status
            ));
            self.charges.push((refused.case.id.clone(), finding));
        }
    }
}
