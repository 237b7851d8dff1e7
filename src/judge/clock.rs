//! The rules on time that need the appliance's own clock, judged once a round has ended and the
//! clock is known from all of it.
//!
//! Knows: what each case saw of the rows that come and go, and the `Date` headers. Our own clock
//! only bounds a `Date` that it agrees with; by itself it judges nothing. Must not know: how a case
//! was asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{Contract, Severity};
use crate::moment::{Nanos, SECOND, shown};

use super::over_time::{Rules, rules};
use super::verdict::{CaseRecord, Finding};
use super::watch::{Look, Watch, Watches, seconds};

/// Clocks differ, and deletions take a moment.
const TOLERANCE: Nanos = 60 * SECOND;
/// A `Date` that is nearer to our clock than this is borne out by it.
const NEAR: Nanos = 600 * SECOND;
/// A clock that shows the same for longer than this stands still.
const STILL: Nanos = 5 * SECOND;
/// Two looks at one row tell whether its seconds count down, if so much time lies between them.
const APART: Nanos = 2 * SECOND;

/// How far a clock is ahead of ours: at least and at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ahead {
    least: Nanos,
    most: Nanos,
}

impl Ahead {
    fn with(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    fn is_near(self) -> bool {
        self.most > -NEAR && self.least < NEAR
    }

    fn agrees_with(self, other: Self) -> bool {
        self.least < other.most + TOLERANCE && other.least < self.most + TOLERANCE
    }
}

/// What is known of one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// It wasn't shown.
    Nothing,
    /// It shows the same, however much time passes.
    Still,
    /// It doesn't keep time.
    Unsteady,
    Runs(Ahead),
}

/// The clocks that judge: one for what lies in the future, one for what is over. `None`: not
/// judged, for the reason.
struct Clocks {
    future: Option<Ahead>,
    over: Option<Ahead>,
    why: String,
    /// What is odd about them.
    note: Option<String>,
}

/// Judges the rules on time for all cases of a round.
pub fn settle(contract: &Contract, strict: bool, cases: &mut [CaseRecord]) {
    for rules in rules(contract) {
        if let (Some(past), Some(expiry)) = (rules.past, rules.expiry) {
            settle_list(contract, strict, cases, &Over { rules, past, expiry });
        }
    }
    for case in cases {
        case.watch = Watches::default();
    }
}

/// The rules on one list, with both of those that need a clock.
struct Over<'a> {
    rules: Rules<'a>,
    past: &'a str,
    expiry: &'a str,
}

impl Over<'_> {
    fn watch<'a>(&self, case: &'a CaseRecord) -> Option<&'a Watch> {
        case.watch.get(&self.rules.list.id)
    }
}

fn settle_list(contract: &Contract, strict: bool, cases: &mut [CaseRecord], over: &Over<'_>) {
    let what = &over.rules.row.name;
    let clocks = clocks(cases, over);
    let countdown = countdown(cases, over);
    let nothing = Watch::default();
    for case in cases.iter_mut() {
        let looks = case.watch.get(&over.rules.list.id).unwrap_or(&nothing);
        let (findings, reached) = judge(contract, over, &clocks, countdown, looks);
        for (requirement, count) in reached {
            case.reached.add(contract, &requirement, count);
        }
        if looks.looks.iter().any(|look| !look.rows.is_empty()) {
            let unknown = format!("the clock of the appliance isn't known: {}", clocks.why);
            if clocks.future.is_none() && !case.reached.has(over.past) {
                case.missed.insert(over.past.to_owned(), unknown.clone());
            }
            let seconds = match countdown {
                Countdown::Yes => Some(format!(
                    "the seconds of a {what} count down, so its original lifetime isn't known"
                )),
                Countdown::Unknown => {
                    Some(format!("each {what} was seen only once, so its seconds may count down"))
                }
                Countdown::No => None,
            };
            if let Some(reason) = clocks
                .over
                .is_none()
                .then_some(unknown)
                .or(seconds)
                .filter(|_| !case.reached.has(over.expiry))
            {
                case.missed.insert(over.expiry.to_owned(), reason);
            }
        }
        case.accuse(findings, strict);
    }
    if let Some(note) = clocks.note {
        // One finding for the whole round, at a case that doesn't depend on the order in which they
        // came.
        let first = cases
            .iter_mut()
            .filter(|case| over.watch(case).is_some_and(|watch| !watch.looks.is_empty()))
            .min_by(|one, other| one.id.cmp(&other.id));
        if let Some(case) = first {
            let look = over.watch(case).and_then(|watch| watch.looks.first());
            let step = look.map_or_else(String::new, |look| look.step.clone());
            let finding = Finding {
                check: "semantics".to_owned(),
                requirement: over.past.to_owned(),
                severity: Severity::Observation,
                pointer: String::new(),
                expected: "a running clock".to_owned(),
                actual: note,
                step,
                more: None,
                closed: false,
            };
            case.accuse(vec![finding], strict);
        }
    }
}

fn clocks(cases: &[CaseRecord], over: &Over<'_>) -> Clocks {
    let what = &over.rules.row.name;
    let date = dates(cases, over);
    let made = made(cases, over);
    let both = |ahead: Ahead, note: Option<String>| Clocks {
        future: Some(ahead),
        over: Some(ahead),
        why: String::new(),
        note,
    };
    let neither = |why: &str, note: Option<String>| Clocks {
        future: None,
        over: None,
        why: why.to_owned(),
        note,
    };
    let odd_date = match date {
        Known::Still => Some("the `Date` header stands still".to_owned()),
        Known::Unsteady => Some("the `Date` header doesn't keep time".to_owned()),
        Known::Nothing | Known::Runs(_) => None,
    };
    match (date, made) {
        (_, Known::Still) => {
            let note = format!(
                "the creation times stand still: {what}s that were made one after the other have \
                    the same one"
            );
            neither(
                "the creation times stand still",
                Some(odd_date.map_or(note.clone(), |date| format!("{date}, and {note}"))),
            )
        }
        // Times of creation may be as coarse as a day; the header never is.
        (Known::Runs(date), Known::Runs(made)) if date.agrees_with(made) => {
            both(if made.most - made.least > TOLERANCE { date } else { date.with(made) }, None)
        }
        (Known::Runs(date), Known::Runs(made)) => {
            let note = format!(
                "the `Date` header is {}, and a {what} that was just made {}",
                ahead_text(date),
                ahead_text(made)
            );
            // Two clocks against one: then it is the time of creation that lies in the future.
            let future = if date.is_near() { date.with(OURS) } else { made };
            let accused = date.is_near() && made.least > date.most;
            Clocks {
                future: Some(if accused { future } else { made }),
                over: Some(made),
                why: String::new(),
                note: (!accused).then_some(note),
            }
        }
        (_, Known::Runs(made)) => both(made, odd_date),
        (Known::Runs(date), _) if date.is_near() => both(date.with(OURS), None),
        (Known::Runs(date), _) => neither(
            &format!(
                "its `Date` header is {}, and no {what} was made to confirm it",
                ahead_text(date)
            ),
            None,
        ),
        (Known::Nothing, _) => {
            let why = format!("it sends no `Date` header, and no {what} was made to infer it from");
            neither(&why, None)
        }
        _ => neither(odd_date.as_deref().unwrap_or_default(), odd_date.clone()),
    }
}

/// The distance of a clock, for people.
fn ahead_text(ahead: Ahead) -> String {
    let middle = i128::midpoint(ahead.least, ahead.most) / SECOND;
    let (much, unit) = match middle.abs() {
        seconds @ 0..120 => (seconds, "s"),
        seconds @ 120..7200 => (seconds / 60, "min"),
        seconds @ 7200..172_800 => (seconds / 3600, "h"),
        seconds => (seconds / 86_400, "days"),
    };
    format!("{much} {unit} {} ours", if middle < 0 { "behind" } else { "ahead of" })
}

const OURS: Ahead = Ahead { least: 0, most: 0 };

/// The clock of the `Date` header.
fn dates(cases: &[CaseRecord], over: &Over<'_>) -> Known {
    let all: Vec<_> =
        cases.iter().filter_map(|case| over.watch(case)).flat_map(|watch| &watch.dates).collect();
    let stretches: Vec<_> =
        all.iter().map(|(at, date)| (at.from, at.until, *date, *date + SECOND)).collect();
    clock(&stretches)
}

/// The clock that the rows are dated by, from those that were made in this round.
fn made(cases: &[CaseRecord], over: &Over<'_>) -> Known {
    let mut stretches = Vec::new();
    for watch in cases.iter().filter_map(|case| over.watch(case)) {
        for (made, id) in watch.own() {
            let row = watch
                .looks
                .iter()
                .filter(|look| look.at.from >= made.at.from)
                .find_map(|look| look.of(id));
            if let Some(created) =
                row.and_then(|row| row.created).filter(super::super::moment::Moment::is_zoned)
            {
                let (from, until) = created.span();
                stretches.push((made.at.from, made.at.until, from, until));
            }
        }
    }
    clock(&stretches)
}

/// What is known of a clock by what it showed, each with when that was by ours: from and until of
/// either.
fn clock(shown: &[(Nanos, Nanos, Nanos, Nanos)]) -> Known {
    let (Some(first), Some(last)) = (
        shown.iter().map(|(from, until, ..)| (*from, *until)).min(),
        shown.iter().map(|(from, until, ..)| (*from, *until)).max(),
    ) else {
        return Known::Nothing;
    };
    let width = shown.iter().map(|(.., from, until)| until - from).max().unwrap_or_default();
    let same = shown.iter().all(|(.., from, until)| {
        Some((*from, *until)) == shown.first().map(|(.., from, until)| (*from, *until))
    });
    if same && shown.len() > 1 && last.0 - first.1 > width + STILL {
        return Known::Still;
    }
    let each = || {
        shown.iter().map(|(from, until, says, to)| Ahead { least: says - until, most: to - from })
    };
    let Some(whole) = each().reduce(Ahead::with) else { return Known::Nothing };
    let (highest, lowest) = (
        each().map(|ahead| ahead.least).max().unwrap_or_default(),
        each().map(|ahead| ahead.most).min().unwrap_or_default(),
    );
    if highest - lowest > TOLERANCE { Known::Unsteady } else { Known::Runs(whole) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Countdown {
    Yes,
    No,
    Unknown,
}

/// Whether the seconds of a row are those that are left: told by rows that were seen twice.
fn countdown(cases: &[CaseRecord], over: &Over<'_>) -> Countdown {
    let mut seen: BTreeMap<&str, Vec<(&Look, i128)>> = BTreeMap::new();
    for look in cases.iter().filter_map(|case| over.watch(case)).flat_map(|watch| &watch.looks) {
        let ids: BTreeSet<&str> = look.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        for id in ids {
            if let Some(seconds) = look.of(id).and_then(|row| row.seconds) {
                seen.entry(id).or_default().push((look, seconds));
            }
        }
    }
    let mut found = Countdown::Unknown;
    for looks in seen.values_mut() {
        looks.sort_by_key(|(look, _)| look.at.from);
        let (Some((first, was)), Some((last, is))) = (looks.first(), looks.last()) else {
            continue;
        };
        if looks.iter().any(|(_, seconds)| seconds < was) {
            return Countdown::Yes;
        }
        if last.at.from - first.at.until >= APART - SECOND && is == was {
            found = Countdown::No;
        }
    }
    found
}

fn judge(
    contract: &Contract,
    over: &Over<'_>,
    clocks: &Clocks,
    countdown: Countdown,
    looks: &Watch,
) -> (Vec<Finding>, BTreeMap<String, u64>) {
    let what = &over.rules.row.name;
    let (mut findings, mut reached): (Vec<Finding>, BTreeMap<String, u64>) =
        (Vec::new(), BTreeMap::new());
    let mut note = |requirement: &str, look: &Look, found: Option<(String, String, String)>| {
        *reached.entry(requirement.to_owned()).or_default() += 1;
        if let Some((pointer, expected, actual)) = found {
            let severity = contract.severity(requirement);
            findings.push(Finding {
                check: "semantics".to_owned(),
                requirement: requirement.to_owned(),
                severity,
                pointer,
                expected,
                actual,
                step: look.step.clone(),
                more: None,
                closed: false,
            });
        }
    };
    for look in &looks.looks {
        for row in &look.rows {
            let Some(created) = row.created.filter(crate::moment::Moment::is_zoned) else {
                continue;
            };
            let (from, until) = created.span();
            if let Some(ahead) = clocks.future {
                let now = look.at.until + ahead.most;
                let wrong = from - now > TOLERANCE;
                let expected = || {
                    format!("a time no later than {}, by the clock of the appliance", shown(now))
                };
                note(
                    over.past,
                    look,
                    wrong.then(|| {
                        (
                            format!("{}/{}", row.pointer, over.rules.lifetime.created),
                            expected(),
                            created.to_string(),
                        )
                    }),
                );
            }
            let (Some(ahead), Countdown::No, Some(left)) =
                (clocks.over, countdown, row.seconds.filter(|seconds| *seconds >= 0))
            else {
                continue;
            };
            let (now, end) = (look.at.from + ahead.least, until + seconds(left));
            let wrong = now - end > TOLERANCE;
            let actual = || {
                format!(
                    "a {what} that expired at {}; the appliance's clock says {}",
                    shown(end),
                    shown(now)
                )
            };
            note(
                over.expiry,
                look,
                wrong.then(|| (row.pointer.clone(), format!("no expired {what}"), actual())),
            );
        }
    }
    (findings, reached)
}

#[cfg(test)]
mod tests;
