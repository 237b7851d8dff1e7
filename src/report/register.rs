//! The register as people can read it: the requirements of an operation as a tree of what they are
//! about, folded where there are many, and how firm they are.
//!
//! Knows: ids of requirements, and the report. Must not know: how a form is drawn.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::Basis;

use super::model::{Report, RequirementState, State};
use super::words::short;

/// Up to so many requirements of an operation stand in one list.
pub const FEW: usize = 100;
/// The last part of the id of a requirement that something is there at all.
const PRESENCE: &str = "presence";
/// A part with fewer requirements than this stands among its neighbours.
const SMALL: usize = 6;

/// What ids with a common beginning are about.
#[derive(Debug, Default)]
pub struct Branch<'a> {
    /// The last step of its path.
    pub name: &'a str,
    /// The whole path, without the operation.
    pub path: String,
    /// The requirements about it itself: that it is there, and what it is.
    pub own: Vec<usize>,
    /// What is in it, in the order of the ids.
    pub below: Vec<Branch<'a>>,
}

impl<'a> Branch<'a> {
    /// The tree of some ids of one operation; requirements are named by their place in the list.
    pub fn grow(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut root = Self::default();
        for (index, id) in ids.into_iter().enumerate() {
            let mut here = &mut root;
            for step in id.split('/').skip(1).filter(|step| *step != PRESENCE) {
                let place = here.below.iter().position(|branch| branch.name == step);
                let place = place.unwrap_or_else(|| {
                    let path = if here.path.is_empty() {
                        step.to_owned()
                    } else {
                        format!("{}/{step}", here.path)
                    };
                    here.below.push(Branch { name: step, path, ..Branch::default() });
                    here.below.len() - 1
                });
                here = &mut here.below[place];
            }
            here.own.push(index);
        }
        root
    }

    /// The branch at a path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('/')
            .filter(|step| !step.is_empty() && *step != PRESENCE)
            .try_fold(self, |here, step| here.below.iter().find(|branch| branch.name == step))
    }

    /// Every requirement of it.
    #[must_use]
    pub fn all(&self) -> Vec<usize> {
        let mut all = self.own.clone();
        all.extend(self.below.iter().flat_map(Self::all));
        all
    }

    /// How many requirements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.own.len() + self.below.iter().map(Self::len).sum::<usize>()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many things below it have a requirement.
    #[must_use]
    pub fn members(&self) -> usize {
        self.below.iter().map(|branch| usize::from(!branch.own.is_empty()) + branch.members()).sum()
    }

    /// Down to where the requirements part: an envelope that holds nearly all of them is no level.
    #[must_use]
    pub fn trunk(&self) -> &Self {
        let most = self.below.iter().max_by_key(|branch| branch.len());
        match most.filter(|most| most.len() * 5 > self.len() * 4 && !most.below.is_empty()) {
            Some(most) => most.trunk(),
            None => self,
        }
    }
}

/// A part of the requirements of an operation.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// What it is about; nothing for the only part.
    pub(super) about: String,
    /// How many requirements it has.
    pub(super) count: usize,
    /// How many of each state.
    pub(super) tally: BTreeMap<&'static str, usize>,
    /// What is said of all lines that say why, where it is the same; then they don't say it.
    pub(super) reason: String,
    pub(super) lines: Vec<Line<'a>>,
}

impl Part<'_> {
    /// Says what is the same in all lines once.
    fn with_common_reason(mut self) -> Self {
        let reasons: BTreeSet<&str> = self
            .lines
            .iter()
            .map(|line| line.reason.as_str())
            .filter(|reason| !reason.is_empty())
            .collect();
        if let (1, Some(reason)) = (reasons.len(), reasons.first()) {
            (*reason).clone_into(&mut self.reason);
            self.lines.iter_mut().for_each(|line| line.reason.clear());
        }
        self
    }
}

/// A requirement, or two about one thing of which the same is to be said.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) known: &'a RequirementState,
    pub(super) mark: &'static str,
    pub(super) statement: String,
    pub(super) reason: String,
    /// The other one of two, so that links to it lead here.
    pub(super) beside: Option<&'a str>,
}

/// The requirements of one operation.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) operation: &'a str,
    /// How many of each state.
    pub(super) tally: BTreeMap<&'static str, usize>,
    /// How firm they are.
    pub(super) firm: String,
    pub(super) parts: Vec<Part<'a>>,
}

/// The register by operation, in the order in which the operations first come.
pub(super) fn register(report: &Report) -> Vec<Section<'_>> {
    by_operation(report)
        .into_iter()
        .map(|(operation, known)| Section {
            operation,
            tally: tally(&known),
            firm: Firm::of(&known).said(),
            parts: parts(&known),
        })
        .collect()
}

fn by_operation(report: &Report) -> Vec<(&str, Vec<&RequirementState>)> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: Vec<(&str, Vec<&RequirementState>)> = Vec::new();
    for known in &report.requirements {
        let place = *places.entry(&known.operation).or_insert_with(|| {
            found.push((&known.operation, Vec::new()));
            found.len() - 1
        });
        found[place].1.push(known);
    }
    found
}

fn tally(known: &[&RequirementState]) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for known in known {
        *tally.entry(known.status.word()).or_default() += 1;
    }
    tally
}

fn parts<'a>(known: &[&'a RequirementState]) -> Vec<Part<'a>> {
    if known.len() <= FEW {
        let lines = known.iter().map(|known| line(known, known.statement.clone())).collect();
        let (about, count) = (String::new(), known.len());
        return vec![Part { about, count, tally: tally(known), reason: String::new(), lines }];
    }
    let tree = Branch::grow(known.iter().map(|known| known.id.as_str()));
    let trunk = tree.trunk();
    let part = |about: String, branches: &[&Branch<'_>]| {
        let mut chosen: Vec<&'a RequirementState> = Vec::new();
        let mut lines = Vec::new();
        for branch in branches {
            merged(known, branch, &mut chosen, &mut lines);
        }
        let (count, tally, reason) = (chosen.len(), tally(&chosen), String::new());
        Part { about, count, tally, reason, lines }.with_common_reason()
    };
    let (large, small): (Vec<&Branch<'_>>, Vec<&Branch<'_>>) =
        trunk.below.iter().partition(|branch| branch.len() >= SMALL && !branch.below.is_empty());
    let around = around(&tree, trunk);
    let mut parts = vec![
        part("the answer as a whole".to_owned(), &around.iter().collect::<Vec<_>>()),
        part(few_parts(trunk), &small),
    ];
    parts.extend(large.into_iter().map(|branch| part(branch.path.clone(), &[branch])));
    parts.retain(|part| part.count > 0);
    parts
}

/// What the part of the small branches is called.
fn few_parts(trunk: &Branch<'_>) -> String {
    let within = if trunk.path.is_empty() { String::new() } else { format!("{}: ", trunk.path) };
    format!("{within}what has few parts")
}

/// What is on the way to the trunk or beside it.
fn around<'a>(tree: &Branch<'a>, trunk: &Branch<'a>) -> Vec<Branch<'a>> {
    let mut found = Vec::new();
    let mut here = tree;
    loop {
        found.push(alone(here));
        if here.path == trunk.path {
            return found;
        }
        let leads = |branch: &Branch<'_>| {
            trunk.path == branch.path || trunk.path.starts_with(&format!("{}/", branch.path))
        };
        let mut next = None;
        for branch in &here.below {
            if leads(branch) {
                next = Some(branch);
            } else {
                found.push(copied(branch));
            }
        }
        match next {
            Some(next) => here = next,
            None => return found,
        }
    }
}

fn alone<'a>(branch: &Branch<'a>) -> Branch<'a> {
    Branch {
        name: branch.name,
        path: branch.path.clone(),
        own: branch.own.clone(),
        below: Vec::new(),
    }
}

fn copied<'a>(branch: &Branch<'a>) -> Branch<'a> {
    Branch { below: branch.below.iter().map(copied).collect(), ..alone(branch) }
}

/// The lines of a branch; what is said of a thing in the same way stands in one.
fn merged<'a>(
    known: &[&'a RequirementState],
    branch: &Branch<'_>,
    chosen: &mut Vec<&'a RequirementState>,
    lines: &mut Vec<Line<'a>>,
) {
    let own: Vec<&'a RequirementState> =
        branch.own.iter().filter_map(|index| known.get(*index).copied()).collect();
    let same = |one: &RequirementState, other: &RequirementState| {
        (one.status, one.basis, &one.reason, &one.erratum)
            == (other.status, other.basis, &other.reason, &other.erratum)
            && one.status != State::Broken
    };
    match own.as_slice() {
        [one, other] if same(one, other) => {
            // That it is there comes first, whichever id comes first.
            let presence = |known: &RequirementState| known.id.ends_with(PRESENCE);
            let (there, what) = if presence(other) { (other, one) } else { (one, other) };
            let both = line(what, format!("{} {}", there.statement, what.statement));
            lines.push(Line { beside: Some(&there.id), ..both });
        }
        own => lines.extend(own.iter().map(|known| line(known, known.statement.clone()))),
    }
    chosen.extend(own);
    for below in &branch.below {
        merged(known, below, chosen, lines);
    }
}

fn line(known: &RequirementState, statement: String) -> Line<'_> {
    const MOST_TEXT: usize = 300;
    let mark = match known.status {
        State::Held => "✓",
        State::Broken => "✗",
        State::NotExercised => "○",
        State::Excluded => "–",
    };
    let reason = known.reason.as_deref().map_or_else(String::new, |why| short(why, MOST_TEXT));
    Line { known, mark, statement, reason, beside: None }
}

/// How firm some requirements are: how many of them what kind of source says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Firm {
    /// Stated by a page.
    pub stated: usize,
    /// Shown by an example only.
    pub example: usize,
    /// Said by a neighbouring page or a recorded client.
    pub neighbour: usize,
    /// Chosen by us, where the page leaves it open.
    pub inferred: usize,
    /// Such that the page contradicts itself.
    pub conflict: usize,
}

impl Firm {
    fn of(known: &[&RequirementState]) -> Self {
        Self::counted(
            known.iter().filter(|known| known.status != State::Excluded).map(|known| known.basis),
        )
    }

    /// Counts bases.
    pub fn counted(bases: impl Iterator<Item = Basis>) -> Self {
        let mut firm = Self::default();
        for basis in bases {
            *match basis {
                Basis::Stated => &mut firm.stated,
                Basis::Example => &mut firm.example,
                Basis::Neighbour => &mut firm.neighbour,
                Basis::Inferred => &mut firm.inferred,
                Basis::Conflict => &mut firm.conflict,
            } += 1;
        }
        firm
    }

    /// All of them.
    #[must_use]
    pub fn all(self) -> usize {
        self.stated + self.example + self.neighbour + self.inferred + self.conflict
    }

    /// The counts in words, such as `12 stated, 3 example`.
    #[must_use]
    pub fn said(self) -> String {
        let counts = [
            (Basis::Stated, self.stated),
            (Basis::Example, self.example),
            (Basis::Neighbour, self.neighbour),
            (Basis::Inferred, self.inferred),
            (Basis::Conflict, self.conflict),
        ];
        let said = counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(basis, count)| format!("{count} {}", basis.word()));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// The same for the whole register, in a line.
pub(super) fn firm_line(report: &Report) -> String {
    let firm = Firm::of(&report.requirements.iter().collect::<Vec<_>>());
    if firm.all() == 0 { "nothing is checked".to_owned() } else { firm.said() }
}

/// How firm the checked requirements of each operation are, and how many of them data reached.
pub(super) fn firmness(report: &Report) -> Vec<(&str, Firm, usize)> {
    let row = |(operation, known): (_, Vec<&RequirementState>)| {
        let exercised =
            |known: &&&RequirementState| matches!(known.status, State::Held | State::Broken);
        let reached = known.iter().filter(exercised).count();
        (operation, Firm::of(&known), reached)
    };
    let rows = by_operation(report).into_iter().map(row);
    rows.filter(|(_, firm, _)| firm.all() > 0).collect()
}

#[cfg(test)]
mod tests;
