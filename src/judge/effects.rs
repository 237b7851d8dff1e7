//! What refused requests did all the same: jobs, rows and copies that appear after them, and right
//! requests that fail after them.
//!
//! Knows: the refusals of a run and the lists that were asked for between them, in the order of the
//! record. A state machine without I/O or clock: a live run and a judgement of a record feed it the
//! same. Must not know: how a refusal itself is judged.

mod accuse;
mod hunt;
mod listed;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::appliance::ListKind;
use crate::catalogue::{Auth, Case};
use crate::contract::Contract;
use crate::exchange::Exchange;
use crate::plan::{Facts, Watched, request};

use super::status::primary_requirement;
use super::verdict::{CaseRecord, Finding};

use hunt::{Hunt, What};
#[cfg(test)]
pub(super) use listed::Item;
pub(super) use listed::{Items, read, text};

/// So many searches without a result end the search for good: somebody else is at work on the
/// appliance.
const MOST_FRUITLESS: u32 = 4;
/// So many requests are sent again in all.
const MOST_AGAIN: u32 = 150;

/// What is to be sent next to find out who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'c> {
    /// This list, after a pause.
    Look(Watched<'c>, Duration),
    /// The refused request of this number.
    Again(usize),
}

/// One request that was refused.
#[derive(Debug)]
struct Refused<'a> {
    case: &'a Case,
    requirement: String,
    auth: Auth,
    status: u16,
    body: Option<String>,
}

/// One list, as it was when it was last asked for.
#[derive(Debug, Default)]
struct Watch {
    known: Option<Items>,
    /// Refusals since then.
    pending: Vec<usize>,
    /// Whether something else may have changed it since then.
    blurred: bool,
}

/// What was proved once, so that it need not be proved for each requirement anew.
type Class<'c> = (Watched<'c>, What, String, Auth, u16);

/// The refusals of a run, and what they did all the same.
#[derive(Debug)]
pub struct Effects<'a> {
    contract: &'a Contract,
    refused: Vec<Refused<'a>>,
    watches: BTreeMap<Watched<'a>, Watch>,
    hunt: Option<Hunt<'a>>,
    due: VecDeque<Hunt<'a>>,
    proved: Vec<Class<'a>>,
    charges: Vec<(String, Finding)>,
    notes: Vec<String>,
    fruitless: u32,
    again: u32,
    /// Whether a job was under way when the places were asked for last, or at a look since then.
    busy: bool,
}

impl<'a> Effects<'a> {
    /// Before the first look.
    #[must_use]
    pub fn new(contract: &'a Contract) -> Self {
        let watches =
            Watched::all(contract).into_iter().map(|listed| (listed, Watch::default())).collect();
        Self {
            contract,
            refused: Vec::new(),
            watches,
            hunt: None,
            due: VecDeque::new(),
            proved: Vec::new(),
            charges: Vec::new(),
            notes: Vec::new(),
            fruitless: 0,
            again: 0,
            busy: false,
        }
    }

    /// The answer to a case that must be refused.
    pub fn refused(&mut self, case: &'a Case, exchange: &Exchange) {
        let Some(status) = exchange
            .got
            .as_ref()
            .map(|got| got.status)
            .filter(|status| (400..500).contains(status))
        else {
            // Accepted, broken or unanswered: what it did is no secret deed.
            return self.blur();
        };
        let Some(step) = case.steps.first() else { return };
        let requirement = primary_requirement(self.contract, step);
        let place = self.refused.len();
        self.refused.push(Refused {
            case,
            requirement,
            auth: exchange.sent.auth,
            status,
            body: exchange.sent.body.clone(),
        });
        for watch in self.watches.values_mut() {
            watch.pending.push(place);
        }
    }

    /// Something else was sent, which may have changed the appliance.
    pub fn blur(&mut self) {
        for watch in self.watches.values_mut() {
            watch.blurred = true;
        }
    }

    /// A refused request was sent again.
    pub fn sent_again(&mut self, case: &str, exchange: &Exchange) {
        self.again += 1;
        let still = exchange.got.as_ref().is_some_and(|got| (400..500).contains(&got.status));
        let place = self.refused.iter().rposition(|refused| refused.case.id == case);
        if let (Some(hunt), Some(place)) = (&mut self.hunt, place) {
            hunt.sent(place, still);
        }
    }

    /// A refused request can't be sent again.
    pub fn not_sent_again(&mut self) {
        if let Some(hunt) = &mut self.hunt {
            hunt.unsent();
        }
    }

    /// A list, asked for after what was fed before.
    pub fn look(&mut self, listed: Watched<'a>, exchange: &Exchange) {
        let items = read(self.contract, listed, exchange);
        let quiet = self.is_quiet(listed, items.as_ref());
        if self.hunt.as_ref().is_some_and(|hunt| hunt.listed() == listed) {
            return self.look_of_the_hunt(listed, items);
        }
        let watch = self.watches.entry(listed).or_default();
        let pending = std::mem::take(&mut watch.pending);
        let blurred = std::mem::take(&mut watch.blurred);
        let Some(items) = items else {
            if watch.known.is_some() && !pending.is_empty() && !blurred {
                self.suspect(listed, What::Fails, pending, Vec::new());
            }
            return;
        };
        let Some(before) = watch.known.replace(items.clone()) else { return };
        if pending.is_empty() || blurred {
            return;
        }
        let new: Vec<String> =
            items.keys().filter(|id| !before.contains_key(*id)).cloned().collect();
        if listed.kind() == ListKind::Places {
            let gone = before.keys().filter(|id| !items.contains_key(*id)).cloned().collect();
            if quiet {
                self.places(listed, &pending, new, gone);
            }
        } else if !new.is_empty() {
            self.suspect(listed, What::Appears, pending, new);
        }
    }

    /// Whether this list was ever told: one that isn't shows nothing, and isn't worth a wait.
    #[must_use]
    pub fn is_told(&self, listed: Watched<'a>) -> bool {
        self.watches.get(&listed).is_some_and(|watch| watch.known.is_some())
    }

    /// Whether no job was under way that may be the one that changed what this list shows.
    fn is_quiet(&mut self, listed: Watched<'a>, items: Option<&Items>) -> bool {
        let busy = |items: &Items| items.values().any(|job| !job.ended);
        match listed.kind() {
            ListKind::Jobs => {
                self.busy |= items.is_none_or(busy);
                true
            }
            ListKind::Places => {
                let now = self
                    .watches
                    .iter()
                    .filter(|(listed, _)| listed.kind() == ListKind::Jobs)
                    .any(|(_, jobs)| jobs.known.as_ref().is_none_or(busy));
                !std::mem::replace(&mut self.busy, now) && !now
            }
            ListKind::Rows => true,
        }
    }

    /// What to send next, until it is known who did it; nothing when nobody is suspected.
    pub fn ask(&mut self) -> Option<Ask<'a>> {
        loop {
            if self.hunt.is_none() {
                self.hunt = Some(self.due.pop_front()?);
            }
            let spent = self.again >= MOST_AGAIN;
            match self.hunt.as_mut().and_then(|hunt| hunt.next(spent)) {
                Some(ask) => return Some(ask),
                None => self.conclude(),
            }
        }
    }

    /// The case of a refused request.
    #[must_use]
    pub fn case(&self, place: usize) -> Option<&'a Case> {
        self.refused.get(place).map(|refused| refused.case)
    }

    /// Puts what was found on the cases that it is about; gives back the ids of those.
    pub fn charge(mut self, cases: &mut [CaseRecord], strict: bool) -> (Vec<String>, Vec<String>) {
        // A record that breaks off leaves its search open.
        if self.hunt.is_some() {
            self.conclude();
        }
        let mut charged = Vec::new();
        for (id, finding) in std::mem::take(&mut self.charges) {
            // What wasn't judged in this record isn't charged with anything.
            if let Some(case) = cases.iter_mut().find(|case| case.id == id && case.requests > 0) {
                case.charge(self.contract, finding, strict);
                charged.push(id);
            }
        }
        (charged, self.notes)
    }

    fn look_of_the_hunt(&mut self, listed: Watched<'a>, items: Option<Items>) {
        let watch = self.watches.entry(listed).or_default();
        if let (Some(hunt), Some(before)) = (&mut self.hunt, &watch.known) {
            hunt.look(before, items.as_ref());
        }
        if let Some(items) = items {
            watch.known = Some(items);
        }
        // What was sent again may come to its end later, and then changes more.
        let places = |listed: &Watched<'_>| listed.kind() == ListKind::Places;
        for (_, watch) in self.watches.iter_mut().filter(|(listed, _)| places(listed)) {
            watch.blurred = true;
        }
    }

    /// One of these requests may have done it.
    fn suspect(
        &mut self,
        listed: Watched<'a>,
        what: What,
        mut pending: Vec<usize>,
        ids: Vec<String>,
    ) {
        // Each wrong password counts against the account, so that none is sent again.
        if pending.iter().any(|place| !self.refused[*place].auth.is_bad_login()) {
            pending.retain(|place| !self.refused[*place].auth.is_bad_login());
        }
        let hunt = Hunt::new(listed, what, pending, ids);
        let first = hunt.candidates().first().copied().unwrap_or_default();
        let Some(refused) = self.refused.get(first) else { return };
        let one_requirement = hunt
            .candidates()
            .iter()
            .all(|place| self.refused[*place].requirement == refused.requirement);
        if self.is_accused(&refused.requirement) && one_requirement && hunt.what() == What::Appears
        {
            return;
        }
        if self.proved.contains(&self.class(&hunt, first)) && one_requirement && self.fruitless == 0
        {
            // This appliance was seen to do it, again and again, with requests of this kind.
            return self.accuse(&hunt, first, "once");
        }
        if self.fruitless < MOST_FRUITLESS {
            self.due.push_back(hunt);
        }
    }
}

/// The request of a refused case, to be sent again.
#[must_use]
pub fn again(
    contract: &Contract,
    case: &Case,
    facts: &Facts,
) -> Option<(String, crate::exchange::Outgoing)> {
    let step = case.steps.first()?;
    if step.request.auth.is_bad_login() {
        return None;
    }
    let (mut outgoing, unknown) = request(contract, step, facts);
    outgoing.purpose = crate::exchange::Purpose::Again;
    unknown.is_empty().then(|| (step.name.clone(), outgoing))
}
