//! What a case saw over time of the rows that come and go: its looks at their list, and the rows
//! that it made and deleted.
//!
//! Knows: which operations list, make and delete them, by the `[lifetime]` of an operation file,
//! and when each exchange was had. Must not know: what follows from it.

use std::cell::OnceCell;

use serde_json::Value;

use crate::catalogue::{Auth, Step};
use crate::contract::Contract;
use crate::exchange::{Exchange, NoJson};
use crate::moment::{self, Moment, Nanos, SECOND};

use super::over_time::{Rules, rules};
use super::same::integer;

/// The most rows of a list that are kept; of a longer list, nothing is taken for absent.
const MOST_ROWS: usize = 10_000;

/// A body, read as JSON.
pub(super) type Parsed = Result<Value, NoJson>;

/// A stretch of our own time, from sending to the end of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ours {
    pub(super) from: Nanos,
    pub(super) until: Nanos,
}

/// One row in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) pointer: String,
    pub(super) id: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) created: Option<Moment>,
    pub(super) seconds: Option<i128>,
}

/// One answer that lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) step: String,
    pub(super) at: Ours,
    pub(super) rows: Vec<Row>,
    /// Whether one that isn't among the rows isn't in the list.
    pub(super) whole: bool,
}

impl Look {
    /// The row of an id, where the list names it once.
    pub(super) fn of(&self, id: &str) -> Option<&Row> {
        let mut rows = self.rows.iter().filter(|row| row.id.as_deref() == Some(id));
        rows.next().filter(|_| rows.next().is_none())
    }

    pub(super) fn names(&self, id: &str) -> bool {
        self.rows.iter().any(|row| row.id.as_deref() == Some(id))
    }
}

/// One that was requested and promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) at: Ours,
    pub(super) id: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) seconds: Option<i128>,
}

/// All that a case saw of the rows of a list, in the order of its requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Watch {
    pub(super) looks: Vec<Look>,
    pub(super) made: Vec<Made>,
    /// Which ids it asked to delete, and when.
    pub(super) deleted: Vec<(String, Ours)>,
    /// What the `Date` header of each answer said, to the second.
    pub(super) dates: Vec<(Ours, Nanos)>,
}

/// What a case saw, by the operation that lists it. Most cases see none or one of them, and a run
/// keeps them of every case until its end, so nothing is held in reserve.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Watches(Vec<(String, Watch)>);

impl Watches {
    pub(super) fn get(&self, list: &str) -> Option<&Watch> {
        self.0.iter().find(|(listed, _)| listed == list).map(|(_, watch)| watch)
    }

    /// Adds what was seen of a list.
    fn keep(&mut self, list: &str, seen: Watch) {
        if seen == Watch::default() {
            return;
        }
        if let Some((_, watch)) = self.0.iter_mut().find(|(listed, _)| listed == list) {
            watch.append(seen);
        } else {
            self.0.reserve_exact(1);
            self.0.push((list.to_owned(), seen));
        }
    }
}

#[cfg(test)]
impl From<(&str, Watch)> for Watches {
    fn from((list, watch): (&str, Watch)) -> Self {
        Self(vec![(list.to_owned(), watch)])
    }
}

/// Keeps what an exchange shows of each list whose rows come and go.
///
/// A body is read for it when it is first needed, and left in `parsed` for others.
pub(super) fn take(
    contract: &Contract,
    watches: &mut Watches,
    step: &Step,
    exchange: &Exchange,
    parsed: &OnceCell<Parsed>,
) {
    for rules in rules(contract) {
        let mut seen = Watch::default();
        seen.take(&rules, step, exchange, parsed);
        seen.note_deletion(&rules, step, exchange);
        watches.keep(&rules.list.id, seen);
    }
}

/// Adds what was seen next, with room for no more.
fn append<T>(all: &mut Vec<T>, next: Vec<T>) {
    all.reserve_exact(next.len());
    all.extend(next);
}

impl Watch {
    fn append(&mut self, next: Self) {
        append(&mut self.looks, next.looks);
        append(&mut self.made, next.made);
        append(&mut self.deleted, next.deleted);
        append(&mut self.dates, next.dates);
    }

    /// Notes what one exchange shows.
    fn take(
        &mut self,
        rules: &Rules<'_>,
        step: &Step,
        exchange: &Exchange,
        parsed: &OnceCell<Parsed>,
    ) {
        let from = moment::nanos(exchange.at);
        let at = Ours { from, until: from + Nanos::from(exchange.took_us) * 1000 };
        let Some(got) = &exchange.got else { return };
        let told = got.header("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        self.dates = told.map(|date| (at, moment::nanos(date.timestamp()))).into_iter().collect();
        if exchange.sent.auth != Auth::Default || !(200..300).contains(&got.status) {
            return;
        }
        if step.operation == rules.list.id && exchange.sent.method == rules.list.method {
            let (rows, whole) = match parsed.get_or_init(|| got.json()) {
                Ok(body) => listed(rules, body),
                Err(_) => (Vec::new(), got.status == 204 && got.body.bytes == 0),
            };
            if whole || !rows.is_empty() {
                self.looks = vec![Look { step: step.name.clone(), at, rows, whole }];
            }
        } else if step.operation == rules.lifetime.made_by
            && rules.maker.is_some_and(|maker| exchange.sent.method == maker.method)
        {
            let asked = exchange
                .sent
                .body
                .as_deref()
                .and_then(|body| serde_json::from_str::<Value>(body).ok())
                .unwrap_or_default();
            let answer = parsed.get_or_init(|| got.json()).as_ref().unwrap_or(&Value::Null);
            let id = rules.row.id.as_str();
            let id = answer
                .as_str()
                .or_else(|| answer.get(id).or_else(|| answer.get(0)?.get(id))?.as_str());
            let text = |member: &String| asked.get(member).and_then(Value::as_str);
            self.made = vec![Made {
                at,
                id: id.map(str::to_owned),
                kind: rules.row.kind.as_ref().and_then(text).map(str::to_owned),
                seconds: asked.get(&rules.lifetime.seconds).and_then(integer),
            }];
        }
    }

    /// Keeps that a row may be gone by our own doing, whatever the answer was.
    fn note_deletion(&mut self, rules: &Rules<'_>, step: &Step, exchange: &Exchange) {
        if step.operation == rules.lifetime.deleted_by
            && rules.remover.is_some_and(|remover| exchange.sent.method == remover.method)
        {
            let from = moment::nanos(exchange.at);
            let id = exchange
                .sent
                .target
                .split('?')
                .next()
                .and_then(|path| path.rsplit('/').next())
                .unwrap_or_default();
            self.deleted = vec![(
                id.to_owned(),
                Ours { from, until: from + Nanos::from(exchange.took_us) * 1000 },
            )];
        }
    }

    /// How much time passed between two exchanges by the clock that answers show: within a second
    /// of this either way. A clock that shows the same for both tells nothing.
    pub(super) fn passed(&self, first: Ours, second: Ours) -> Option<Nanos> {
        let date = |at: Ours| self.dates.iter().find(|(own, _)| *own == at).map(|(_, date)| *date);
        let passed = date(second)? - date(first)?;
        (passed != 0).then_some(passed)
    }

    /// Each row that the case made and that a list shows, with its id.
    ///
    /// It is the one that the reply names; else the only one of its kind that no earlier list
    /// has, or of those the only one with its seconds.
    pub(super) fn own(&self) -> Vec<(&Made, &str)> {
        let mut found: Vec<(&Made, &str)> = Vec::new();
        for made in &self.made {
            let after = self.looks.iter().filter(|look| look.at.from >= made.at.from);
            if let Some(id) =
                made.id.as_deref().filter(|id| after.clone().any(|look| look.names(id)))
            {
                found.push((made, id));
                continue;
            }
            let Some(first) = after.clone().next() else { continue };
            let before = |id: &str| {
                self.looks.iter().any(|look| look.at.from < made.at.from && look.names(id))
                    || found.iter().any(|(_, known)| *known == id)
            };
            let news: Vec<(&Row, &str)> = first
                .rows
                .iter()
                .filter(|row| row.kind == made.kind)
                .filter_map(|row| Some((row, row.id.as_deref()?)))
                .filter(|(_, id)| !before(id) && first.of(id).is_some())
                .collect();
            let exact: Vec<&str> = news
                .iter()
                .filter(|(row, _)| row.seconds == made.seconds)
                .map(|(_, id)| *id)
                .collect();
            match (news.as_slice(), exact.as_slice()) {
                ([(_, id)], _) | (_, [id]) => found.push((made, id)),
                _ => {}
            }
        }
        found
    }
}

/// The rows of a list, bare or in an envelope, and whether they are all that there are.
fn listed(rules: &Rules<'_>, body: &Value) -> (Vec<Row>, bool) {
    let lists: Vec<(String, &Vec<Value>)> = match body {
        Value::Array(list) => vec![(String::new(), list)],
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| {
                Some((format!("/{}", crate::pointer::escape(name)), value.as_array()?))
            })
            .collect(),
        _ => return (Vec::new(), false),
    };
    // In an envelope, what has no id is another list.
    let only = lists.len() == 1;
    let mut rows = Vec::new();
    let mut whole = !lists.is_empty();
    for (pointer, list) in lists {
        let is_meant = list.iter().any(|row| row.get(&rules.row.id).is_some());
        if !is_meant && !list.is_empty() {
            whole &= !only;
            if !only {
                continue;
            }
        }
        whole &= rows.len() + list.len() <= MOST_ROWS
            && list.iter().all(|row| row.get(&rules.row.id).is_some_and(Value::is_string));
        let room = MOST_ROWS.saturating_sub(rows.len());
        rows.extend(
            list.iter()
                .take(room)
                .enumerate()
                .map(|(index, row)| self::row(rules, format!("{pointer}/{index}"), row)),
        );
    }
    // Where an id stands twice, one of them is another row's.
    let mut ids: Vec<&str> = rows.iter().filter_map(|row: &Row| row.id.as_deref()).collect();
    ids.sort_unstable();
    whole &= ids.windows(2).all(|pair| pair[0] != pair[1]);
    rows.shrink_to_fit();
    (rows, whole)
}

fn row(rules: &Rules<'_>, pointer: String, row: &Value) -> Row {
    let text = |name: &String| row.get(name).and_then(Value::as_str);
    Row {
        pointer,
        id: text(&rules.row.id).map(str::to_owned),
        kind: rules.row.kind.as_ref().and_then(text).map(str::to_owned),
        created: text(&rules.lifetime.created).and_then(moment::read).map(|(_, moment)| moment),
        seconds: row.get(&rules.lifetime.seconds).and_then(integer),
    }
}

/// Seconds in nanoseconds, held where they are beyond any calendar.
pub(super) fn seconds(count: i128) -> Nanos {
    count.clamp(-1_000_000_000_000, 1_000_000_000_000) * SECOND
}
