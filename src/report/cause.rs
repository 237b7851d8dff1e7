//! Causes and exchanges as `report.html` shows them: what belongs to one cause, and which exchange
//! shows it best.
//!
//! Knows: groups, evidence and the hints of checks. Must not know: markup.

use std::collections::BTreeMap;

use crate::judge::{Verdict, check};
use crate::pointer::pattern;

use super::groups::Group;
use super::model::{Case, Evidence, Report, RequirementState};
use super::ticket::ticket;
use super::words::{
    answer_text, digest, marked_lines, one_line, request_text, rerun, severity_mark, short,
};

/// Characters of one value.
pub(super) const MOST_TEXT: usize = 1200;
/// The number of causes whose exchanges are open from the start.
const OPEN_EXCHANGES: usize = 5;

/// A list that ends early, with the number of those that are missing.
pub(super) struct Capped<T> {
    pub(super) rows: Vec<T>,
    pub(super) more: usize,
}

impl<T> Capped<T> {
    pub(super) fn new(all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut all = all.into_iter();
        let rows = all.by_ref().take(most).collect();
        Self { rows, more: all.count() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() + self.more
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Findings with one cause, and what belongs to them.
pub(super) struct Cause<'a> {
    pub(super) number: usize,
    pub(super) group: Group,
    pub(super) mark: &'static str,
    /// Absent when the finding names no requirement of the register.
    pub(super) known: Option<&'a RequirementState>,
    pub(super) about: &'static str,
    pub(super) hint: &'static str,
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) cases: Capped<String>,
    pub(super) again: String,
    pub(super) shown: Option<Shown>,
    pub(super) ticket: String,
}

/// One exchange as a reader sees it.
pub(super) struct Shown {
    pub(super) open: bool,
    pub(super) case: String,
    pub(super) step: String,
    pub(super) line: String,
    pub(super) request: String,
    pub(super) cut: bool,
    pub(super) lines: Vec<Line>,
    pub(super) sha256: Option<String>,
    pub(super) curl: String,
}

/// A line of an answer; `value` is what a mark is about.
pub(super) struct Line {
    pub(super) before: String,
    pub(super) value: String,
    pub(super) after: &'static str,
    pub(super) hit: bool,
}

/// Cases that couldn't be judged for one reason.
pub(super) struct Trouble<'a> {
    pub(super) reason: String,
    pub(super) cases: Capped<&'a Case>,
    pub(super) shown: Option<Shown>,
}

/// Draws causes in the order of the page, as long as there is room for their exchanges.
pub(super) struct Drawer<'a> {
    pub(super) report: &'a Report,
    pub(super) requirements: BTreeMap<&'a str, &'a RequirementState>,
    pub(super) cases: BTreeMap<&'a str, &'a Case>,
    pub(super) evidence: BTreeMap<&'a str, Vec<&'a Evidence>>,
    pub(super) list: usize,
    pub(super) exchanges: usize,
    pub(super) number: usize,
}

impl<'a> Drawer<'a> {
    pub(super) fn new(report: &'a Report, list: usize, exchanges: usize) -> Self {
        let mut evidence: BTreeMap<&str, Vec<&Evidence>> = BTreeMap::new();
        for one in &report.evidence {
            evidence.entry(&one.case).or_default().push(one);
        }
        Self {
            report,
            requirements: report
                .requirements
                .iter()
                .map(|known| (known.id.as_str(), known))
                .collect(),
            cases: report.cases.iter().map(|case| (case.id.as_str(), case)).collect(),
            evidence,
            list,
            exchanges,
            number: 0,
        }
    }

    pub(super) fn causes(&mut self, groups: Vec<Group>) -> Capped<Cause<'a>> {
        let all = groups.len();
        let rows: Vec<Cause<'a>> =
            groups.into_iter().take(self.list).map(|group| self.cause(group)).collect();
        Capped { more: all - rows.len(), rows }
    }

    fn cause(&mut self, group: Group) -> Cause<'a> {
        self.number += 1;
        let evidence = self.first_evidence(&group).filter(|_| self.exchanges > 0);
        let shown = evidence.map(|one| {
            self.exchanges -= 1;
            shown(one, &group.place, self.number <= OPEN_EXCHANGES)
        });
        let known = check(&group.check);
        let first_case = group.cases.first().map_or("", String::as_str);
        Cause {
            number: self.number,
            mark: severity_mark(group.severity),
            known: self.requirements.get(group.requirement.as_str()).copied(),
            about: known.map_or("", |check| check.about),
            hint: known.map_or("", |check| check.hint),
            expected: short(&group.expected, MOST_TEXT),
            actual: short(&group.actual_text(), MOST_TEXT),
            cases: Capped::new(group.cases.clone(), self.list),
            again: rerun(self.report, first_case),
            shown,
            ticket: ticket(self.report, &group, evidence),
            group,
        }
    }

    /// The exchange that shows a cause best: one whose body has a mark for it, else the first of
    /// its steps.
    fn first_evidence(&self, group: &Group) -> Option<&'a Evidence> {
        let mut first = None;
        for id in group.cases.iter().take(self.list) {
            let Some(case) = self.cases.get(id.as_str()) else { continue };
            for one in self.evidence.get(id.as_str()).into_iter().flatten() {
                if one
                    .marks
                    .iter()
                    .any(|mark| !group.place.is_empty() && pattern(&mark.pointer) == group.place)
                {
                    return Some(one);
                }
                if first.is_none()
                    && case.findings.iter().any(|finding| {
                        finding.requirement == group.requirement
                            && finding.check == group.check
                            && finding.step == one.step
                    })
                {
                    first = Some(*one);
                }
            }
            if first.is_some() && group.place.is_empty() {
                break;
            }
        }
        first
    }

    pub(super) fn unresolved(&mut self) -> Capped<Trouble<'a>> {
        let report = self.report;
        let mut found: Vec<(&str, Vec<&Case>)> = Vec::new();
        for case in report.cases.iter().filter(|case| case.verdict == Verdict::Unresolved) {
            let reason = case.reason.as_deref().unwrap_or("no reason recorded");
            match found.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push(case),
                None => found.push((reason, vec![case])),
            }
        }
        let all = found.len();
        let draw = |(reason, cases): (&str, Vec<&'a Case>)| {
            // The last exchange is the one that a case stopped at.
            let last = cases
                .first()
                .and_then(|case| self.evidence.get(case.id.as_str()))
                .and_then(|all| all.last())
                .filter(|_| self.exchanges > 0);
            let shown = last.map(|one| {
                self.exchanges -= 1;
                shown(one, "", false)
            });
            Trouble {
                reason: short(reason, MOST_TEXT),
                cases: Capped::new(cases, self.list),
                shown,
            }
        };
        let rows: Vec<Trouble<'a>> = found.into_iter().take(self.list).map(draw).collect();
        Capped { more: all - rows.len(), rows }
    }
}

fn shown(one: &Evidence, place: &str, open: bool) -> Shown {
    let hits = marked_lines(one, place);
    let lines = answer_text(one, true)
        .lines()
        .enumerate()
        .map(|(index, text)| line(text, hits.contains(&index)))
        .collect();
    Shown {
        open,
        case: one.case.clone(),
        step: one.step.clone(),
        line: format!("{} → {}", one_line(&one.request), one_line(&one.answer)),
        request: request_text(one),
        cut: one.body.as_ref().is_some_and(|body| body.contains('…')),
        lines,
        sha256: one.body_sha256.as_deref().map(digest),
        curl: short(&one.curl, 2 * MOST_TEXT),
    }
}

fn line(text: &str, hit: bool) -> Line {
    if !hit {
        return Line { before: String::new(), value: text.to_owned(), after: "", hit };
    }
    let indent = text.len() - text.trim_start().len();
    let name = text[indent..]
        .starts_with('"')
        .then(|| text.find("\": "))
        .flatten()
        .map_or(indent, |at| at + 3);
    let (value, after) =
        text[name..].strip_suffix(',').map_or((&text[name..], ""), |value| (value, ","));
    Line { before: text[..name].to_owned(), value: value.to_owned(), after, hit }
}
